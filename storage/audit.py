"""What operators did, notices to people and the service's switches."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.database import Tx, moment, ms
from storage.model import TelegramId


async def note(tx: Tx, at: datetime, who: int, action: str, **detail: str | int | None) -> int:
    """Append to the audit trail; the line's number."""
    rows = await tx.all(
        """INSERT INTO audit (at, who, action, detail) VALUES (:at, :who, :action, :detail)
           RETURNING id""",
        at=ms(at),
        who=who,
        action=action,
        detail=json.dumps(detail, ensure_ascii=False, sort_keys=True),
    )
    return int(rows[0]["id"])


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
    """``bot``: the one that it is about, by Telegram's id, if any."""

    id: int
    chat: TelegramId
    text: str
    tries: int
    review: int | None = None
    bot: int | None = None


async def notify(
    tx: Tx,
    chat: int,
    key: str,
    text: str,
    at: datetime,
    review: int | None = None,
    *,
    bot: int | None = None,
) -> bool:
    """Owe ``chat`` a message; the same key is owed once. Whether this call owed it. ``review``:
    its card is to be sent, with the text only where it cannot. ``bot``: as in Notice."""
    row = await tx.one(
        """INSERT INTO notices (chat, key, text, made_at, review, bot)
           VALUES (:chat, :key, :text, :at, :review, :bot)
           ON CONFLICT (chat, key) DO NOTHING RETURNING id""",
        chat=chat,
        key=key,
        text=text,
        at=ms(at),
        review=review,
        bot=bot,
    )
    return row is not None


async def owed(tx: Tx, *, most_tries: int) -> Sequence[Notice]:
    rows = await tx.all(
        """SELECT id, chat, text, tries, review, bot FROM notices
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
