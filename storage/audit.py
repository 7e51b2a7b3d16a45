"""What operators did, notices to people, held all-clears and the service's switches."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage import codec
from storage.database import Row, Tx, moment, ms
from storage.model import AreaCode, ChannelId, Claim, Hazard, Source


async def note(tx: Tx, at: datetime, who: int, action: str, **detail: str | int | None) -> None:
    """Append to the audit trail."""
    await tx.all(
        "INSERT INTO audit (at, who, action, detail) VALUES (:at, :who, :action, :detail)",
        at=ms(at),
        who=who,
        action=action,
        detail=json.dumps(detail, ensure_ascii=False, sort_keys=True),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One line of the audit trail. ``detail``: a JSON object, with the reason as ``why``."""

    at: datetime
    who: int
    action: str
    detail: str


async def deeds(tx: Tx, skip: int, limit: int) -> Sequence[Deed]:
    """The latest first."""
    rows = await tx.all(
        "SELECT at, who, action, detail FROM audit ORDER BY id DESC LIMIT :limit OFFSET :skip",
        limit=limit,
        skip=skip,
    )
    return [
        Deed(at=moment(row["at"]), who=row["who"], action=row["action"], detail=row["detail"])
        for row in rows
    ]


async def count(tx: Tx) -> int:
    row = await tx.one("SELECT count(*) AS n FROM audit")
    return 0 if row is None else int(row["n"])


class Switch(StrEnum):
    PAUSED = "paused"
    READER_HEARD = "reader_heard"
    HEARTBEAT = "heartbeat"


async def switch(tx: Tx, name: Switch, value: str, at: datetime) -> None:
    await tx.all(
        """INSERT INTO switches (name, value, at) VALUES (:name, :value, :at)
           ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at""",
        name=name,
        value=value,
        at=ms(at),
    )


async def switched(tx: Tx, name: Switch) -> tuple[str, datetime] | None:
    """The value and when it was set."""
    row = await tx.one("SELECT value, at FROM switches WHERE name = :name", name=name)
    return None if row is None else (row["value"], moment(row["at"]))


async def paused(tx: Tx) -> bool:
    row = await switched(tx, Switch.PAUSED)
    return row is not None and row[0] == "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    id: int
    chat: int
    text: str
    tries: int


async def notify(tx: Tx, chat: int, key: str, text: str, at: datetime) -> bool:
    """Owe ``chat`` a message; the same key is owed once. Whether this call owed it."""
    row = await tx.one(
        """INSERT INTO notices (chat, key, text, made_at) VALUES (:chat, :key, :text, :at)
           ON CONFLICT (chat, key) DO NOTHING RETURNING id""",
        chat=chat,
        key=key,
        text=text,
        at=ms(at),
    )
    return row is not None


async def owed(tx: Tx, *, most_tries: int) -> Sequence[Notice]:
    rows = await tx.all(
        """SELECT id, chat, text, tries FROM notices
           WHERE sent_at IS NULL AND tries < :most ORDER BY id LIMIT 50""",
        most=most_tries,
    )
    return [Notice(**row) for row in map(dict, rows)]


async def notice_tried(tx: Tx, notice: int, at: datetime, *, sent: bool) -> None:
    await tx.all(
        """UPDATE notices SET tries = tries + 1,
               sent_at = CASE WHEN :sent = 1 THEN :at ELSE NULL END
           WHERE id = :id""",
        id=notice,
        at=ms(at),
        sent=sent,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldClear:
    """An all-clear that waits for a person, with the claim it would apply."""

    id: int
    region: AreaCode
    channel: ChannelId
    message: int
    claim: Claim
    source: Source
    why: str
    state: str


_HELD = "id, region, channel, message, claim, source, why, state"


async def hold(
    tx: Tx,
    region: AreaCode,
    claim: Claim,
    source: Source,
    *,
    ordinal: int,
    why: str,
    at: datetime,
) -> int | None:
    """Put an all-clear aside; its number. None: it is there already."""
    row = await tx.one(
        """INSERT INTO held (region, channel, message, ordinal, claim, source, why, held_at,
               state)
           VALUES (:region, :channel, :message, :ordinal, :claim, :source, :why, :at, 'held')
           ON CONFLICT DO NOTHING RETURNING id""",
        region=region,
        channel=source.channel,
        message=source.message,
        ordinal=ordinal,
        claim=codec.dump(claim),
        source=codec.dump(source),
        why=why,
        at=ms(at),
    )
    return None if row is None else int(row["id"])


async def held(tx: Tx, number: int) -> HeldClear | None:
    row = await tx.one(f"SELECT {_HELD} FROM held WHERE id = :id", id=number)
    return None if row is None else _held(row)


async def held_open(tx: Tx) -> Sequence[HeldClear]:
    rows = await tx.all(f"SELECT {_HELD} FROM held WHERE state = 'held' ORDER BY id DESC LIMIT 50")
    return [_held(row) for row in rows]


async def decide_held(tx: Tx, number: int, who: int, at: datetime, *, release: bool) -> bool:
    """Whether this call decided it: only the first decision counts."""
    row = await tx.one(
        """UPDATE held SET state = :state, decided_by = :who, decided_at = :at
           WHERE id = :id AND state = 'held' RETURNING id""",
        id=number,
        state="released" if release else "rejected",
        who=who,
        at=ms(at),
    )
    return row is not None


async def withdraw_held(
    tx: Tx, channel: ChannelId, message: int, still_said: Collection[Hazard], at: datetime
) -> Sequence[HeldClear]:
    """Whoever posted them took them back: a deletion, or an edit without any all-clear of the
    hazard. They are decided, by nobody of us."""
    rows = await tx.all(
        f"SELECT {_HELD} FROM held WHERE channel = :channel AND message = :message "
        "AND state = 'held'",
        channel=channel,
        message=message,
    )
    gone = [item for item in map(_held, rows) if item.claim.hazard not in still_said]
    await tx.many(
        "UPDATE held SET state = 'rejected', decided_at = :at WHERE id = :id",
        [{"id": item.id, "at": ms(at)} for item in gone],
    )
    return gone


def _held(row: Row) -> HeldClear:
    return HeldClear(
        id=row["id"],
        region=AreaCode(row["region"]),
        channel=ChannelId(row["channel"]),
        message=row["message"],
        claim=codec.load(Claim, row["claim"]),
        source=codec.load(Source, row["source"]),
        why=row["why"],
        state=row["state"],
    )
