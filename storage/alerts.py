"""Published versions: one row each, and how far its region's chats have been given cards."""

import json
from collections.abc import Sequence
from datetime import datetime

from storage.chats import BEYOND
from storage.database import PAGE, Row, Tx, moment, ms
from storage.model import Alert, AreaCode, Urgency


async def publish(tx: Tx, alert: Alert) -> None:
    """A version that says nothing to anybody gives no chat a card: it is dispatched at once."""
    await tx.all(
        """INSERT INTO alerts (region, version, urgency, touched, published_at, dispatched)
           VALUES (:region, :version, :urgency, :touched, :at, :done)""",
        region=alert.region,
        version=alert.version,
        urgency=int(alert.urgency),
        touched=json.dumps(alert.touched),
        at=ms(alert.published_at),
        done=alert.urgency is Urgency.NONE,
    )


async def undispatched(tx: Tx) -> Sequence[Alert]:
    """Alerts whose chats do not all have their cards yet, most urgent first; those of which only
    neighbours are left come last."""
    rows = await tx.all(
        """SELECT region, version, urgency, touched, published_at FROM alerts
           WHERE dispatched = 0
           ORDER BY COALESCE(reached_rank, 0) >= :beyond, urgency, published_at LIMIT 100""",
        beyond=BEYOND,
    )
    return [_alert(row) for row in rows]


async def position(tx: Tx, alert: Alert) -> tuple[int, int, str] | None:
    """The last follow (rank, chat, area) that the alert's dispatch has gone through; None: it is
    finished."""
    row = await tx.one(
        """SELECT reached_rank, reached_chat, reached_area FROM alerts
           WHERE region = :region AND version = :version AND dispatched = 0""",
        region=alert.region,
        version=alert.version,
    )
    if row is None:
        return None
    if row["reached_rank"] is None:
        return (-1, -(2**63), "")
    return (row["reached_rank"], row["reached_chat"], row["reached_area"])


async def advance(tx: Tx, alert: Alert, reached: tuple[int, int, str] | None) -> None:
    """Move the position; None: everyone has been reached."""
    rank, chat, area = reached if reached is not None else (None, None, None)
    await tx.all(
        """UPDATE alerts SET reached_rank = :rank, reached_chat = :chat, reached_area = :area,
               dispatched = :done
           WHERE region = :region AND version = :version AND dispatched = 0""",
        region=alert.region,
        version=alert.version,
        rank=rank,
        chat=chat,
        area=area,
        done=reached is None,
    )


async def prune(tx: Tx, before: datetime) -> bool:
    """Forget a page of the old ones of which everybody has a card; whether there may be more."""
    rows = await tx.all(
        f"""DELETE FROM alerts WHERE (region, version) IN (
                SELECT region, version FROM alerts a
                WHERE dispatched = 1 AND published_at < :before
                  AND version < (SELECT h.version FROM heads h WHERE h.region = a.region)
                LIMIT {PAGE}) RETURNING version""",
        before=ms(before),
    )
    return len(rows) == PAGE


def _alert(row: Row) -> Alert:
    return Alert(
        region=AreaCode(row["region"]),
        version=row["version"],
        urgency=Urgency(row["urgency"]),
        touched=tuple(AreaCode(code) for code in json.loads(row["touched"])),
        published_at=moment(row["published_at"]),
    )
