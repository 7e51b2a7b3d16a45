"""Readers' reports that an alert was wrong, until a moderator settles them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.database import Row, Tx, moment, ms
from storage.model import AreaCode, Card, CardId, ChannelId, ChatId, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """``version``: of the region's situation that the card had told. ``channel``, ``message`` and
    ``link``: the post that it was told from, if there was one."""

    id: int
    chat: ChatId
    card: CardId
    region: AreaCode
    version: int
    channel: ChannelId | None
    message: int | None
    link: str | None
    words: str | None
    made_at: datetime


_COLUMNS = "id, chat, card, region, version, channel, message, link, words, made_at"


async def add(
    tx: Tx,
    card: Card,
    version: int,
    source: Source | None,
    *,
    asked_in: int,
    at: datetime,
) -> int | None:
    """Of what the card told; the report's number. None: its chat has reported that version
    already. ``asked_in``: the message that an answer with words answers."""
    row = await tx.one(
        """INSERT INTO reports (chat, card, region, version, channel, message, link, asked_in,
               made_at, state)
           VALUES (:chat, :card, :region, :version, :channel, :message, :link, :asked_in, :at,
               'pending')
           ON CONFLICT (chat, card, version) DO NOTHING RETURNING id""",
        chat=card.chat,
        card=card.id,
        region=card.region,
        version=version,
        channel=None if source is None else source.channel,
        message=None if source is None else source.message,
        link=None if source is None else source.link,
        asked_in=asked_in,
        at=ms(at),
    )
    return None if row is None else int(row["id"])


async def asked(tx: Tx, chat: ChatId, message: int) -> int | None:
    """The pending report whose words are asked for in that message."""
    row = await tx.one(
        """SELECT id FROM reports WHERE chat = :chat AND asked_in = :message
             AND state = 'pending' ORDER BY id DESC LIMIT 1""",
        chat=chat,
        message=message,
    )
    return None if row is None else int(row["id"])


async def newest(tx: Tx, chat: ChatId, since: datetime) -> int | None:
    """The chat's last pending report since then."""
    row = await tx.one(
        """SELECT id FROM reports WHERE chat = :chat AND made_at >= :since
             AND state = 'pending' ORDER BY id DESC LIMIT 1""",
        chat=chat,
        since=ms(since),
    )
    return None if row is None else int(row["id"])


async def say(tx: Tx, number: int, words: str) -> None:
    """What its reader says was wrong; the last words count."""
    await tx.all("UPDATE reports SET words = :words WHERE id = :id", id=number, words=words)


async def get(tx: Tx, number: int) -> Report | None:
    row = await tx.one(f"SELECT {_COLUMNS} FROM reports WHERE id = :id", id=number)
    return None if row is None else _report(row)


async def pending(tx: Tx) -> Sequence[Report]:
    """Oldest first."""
    rows = await tx.all(
        f"SELECT {_COLUMNS} FROM reports WHERE state = 'pending' ORDER BY id LIMIT 50"
    )
    return [_report(row) for row in rows]


async def settle(tx: Tx, number: int, who: int, at: datetime, *, upheld: bool) -> bool:
    """Whether this call settled it: only the first decision counts."""
    row = await tx.one(
        """UPDATE reports SET state = :state, settled_by = :who, settled_at = :at
           WHERE id = :id AND state = 'pending' RETURNING id""",
        id=number,
        state="upheld" if upheld else "dismissed",
        who=who,
        at=ms(at),
    )
    return row is not None


async def settle_all(
    tx: Tx, region: AreaCode, source: Source, who: int, at: datetime, *, upheld: bool
) -> None:
    """Every pending report of what this post said of the region."""
    await tx.all(
        """UPDATE reports SET state = :state, settled_by = :who, settled_at = :at
           WHERE region = :region AND channel = :channel AND message = :message
             AND state = 'pending'""",
        region=region,
        channel=source.channel,
        message=source.message,
        state="upheld" if upheld else "dismissed",
        who=who,
        at=ms(at),
    )


def _report(row: Row) -> Report:
    return Report(
        id=row["id"],
        chat=ChatId(row["chat"]),
        card=CardId(row["card"]),
        region=AreaCode(row["region"]),
        version=row["version"],
        channel=None if row["channel"] is None else ChannelId(row["channel"]),
        message=row["message"],
        link=row["link"],
        words=row["words"],
        made_at=moment(row["made_at"]),
    )
