"""Published versions: one row each, and how far its region's chats have been given cards."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from storage.chats import BEYOND
from storage.database import Row, Tx, moment, ms
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """How far an alert's dispatch has come. ``follow``: the last one it has gone through (rank,
    chat, area); ``given``: how many chats in its scope there were until then."""

    follow: tuple[int, int, str] = (-1, -(2**63), "")
    given: int = 0


async def position(tx: Tx, alert: Alert) -> Reached | None:
    """None: the dispatch is finished."""
    row = await tx.one(
        """SELECT reached_rank, reached_chat, reached_area, given FROM alerts
           WHERE region = :region AND version = :version AND dispatched = 0""",
        region=alert.region,
        version=alert.version,
    )
    if row is None:
        return None
    if row["reached_rank"] is None:
        return Reached()
    return Reached(
        follow=(row["reached_rank"], row["reached_chat"], row["reached_area"]), given=row["given"]
    )


async def advance(tx: Tx, alert: Alert, reached: Reached | None) -> None:
    """Move the position; None: everyone has been reached."""
    rank, chat, area = reached.follow if reached is not None else (None, None, None)
    await tx.all(
        """UPDATE alerts SET reached_rank = :rank, reached_chat = :chat, reached_area = :area,
               given = :given, dispatched = :done
           WHERE region = :region AND version = :version AND dispatched = 0""",
        region=alert.region,
        version=alert.version,
        rank=rank,
        chat=chat,
        area=area,
        given=reached.given if reached is not None else 0,
        done=reached is None,
    )


def _alert(row: Row) -> Alert:
    return Alert(
        region=AreaCode(row["region"]),
        version=row["version"],
        urgency=Urgency(row["urgency"]),
        touched=tuple(AreaCode(code) for code in json.loads(row["touched"])),
        published_at=moment(row["published_at"]),
    )
