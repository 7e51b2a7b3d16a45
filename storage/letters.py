"""Messages that are no alerts and may wait: a specimen, a test, the summary of a night."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage import shares
from storage.database import PAGE, Tx, ms
from storage.model import EVERYTHING, AreaCode, ChatId, Share

SAMPLE = "sample"
"""The key of a specimen of an alert: it is not sent while a real one is before the chat's eyes."""
_CALM = f"""(l.key <> '{SAMPLE}'
    OR NOT EXISTS (SELECT 1 FROM cards c WHERE c.chat = l.chat AND c.open = 1))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """``body``: a message as its writer put it down."""

    id: int
    chat: ChatId
    body: str
    silent: bool


async def owe(
    tx: Tx,
    chat: ChatId,
    key: str,
    body: str,
    *,
    region: AreaCode,
    at: datetime,
    until: datetime,
    silent: bool = True,
) -> bool:
    """Owe an active chat a letter, that the bot of ``region`` sends before ``until`` or nobody.
    The same key is owed once: whether this call owed it. An empty body says that there was
    nothing to say."""
    row = await tx.one(
        """INSERT INTO letters (chat, key, region, body, silent, made_at, until, sent_at)
           SELECT id, :key, :region, :body, :silent, :at, :until,
               CASE WHEN :body = '' THEN :at END
           FROM chats WHERE id = :chat AND state = 'active'
           ON CONFLICT (chat, key) DO NOTHING RETURNING id""",
        chat=chat,
        key=key,
        region=region,
        body=body,
        silent=silent,
        at=ms(at),
        until=ms(until),
    )
    return row is not None


async def owed(tx: Tx, now: datetime, limit: int, share: Share = EVERYTHING) -> Sequence[Letter]:
    """Those that may be sent now, first those whose time runs out soonest."""
    mine, codes = shares.own(share, "l.region")
    rows = await tx.all(
        f"""SELECT l.id, l.chat, l.body, l.silent FROM letters l
            JOIN chats t ON t.id = l.chat AND t.state = 'active'
            WHERE l.sent_at IS NULL AND l.until > :now AND {_CALM} {mine}
            ORDER BY l.until, l.id LIMIT :limit""",
        now=ms(now),
        limit=limit,
        **codes,
    )
    return [
        Letter(
            id=row["id"], chat=ChatId(row["chat"]), body=row["body"], silent=bool(row["silent"])
        )
        for row in rows
    ]


async def take(tx: Tx, letter: int, at: datetime) -> bool:
    """It is about to be sent, and counts as sent from now on; whether it still may be."""
    row = await tx.one(
        f"""UPDATE letters AS l SET sent_at = :at
            WHERE l.id = :id AND l.sent_at IS NULL AND l.until > :at AND {_CALM} RETURNING id""",
        id=letter,
        at=ms(at),
    )
    return row is not None


async def put_back(tx: Tx, letter: int) -> None:
    """It certainly was not delivered: it is owed again."""
    await tx.all("UPDATE letters SET sent_at = NULL WHERE id = :id", id=letter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """``waiting``: chats with the first region that they follow. ``last``: the chat after which
    the next page begins, None behind the last page."""

    waiting: Sequence[tuple[ChatId, AreaCode]]
    last: ChatId | None


async def without(
    tx: Tx, key: str, regions: Collection[AreaCode], limit: int, after: ChatId | None = None
) -> Page:
    """Of the next so many active chats that asked for the summary of a night those that have no
    letter of this key, and whose first followed region is one of these."""
    rows = await tx.all(
        """SELECT c.id, (SELECT f.region FROM follows f WHERE f.chat = c.id
                         ORDER BY f.since, f.area LIMIT 1) AS home,
               EXISTS (SELECT 1 FROM letters l WHERE l.chat = c.id AND l.key = :key) AS has
           FROM chats c
           WHERE c.state = 'active' AND json_extract(c.wishes, '$.digest') = 1 AND c.id > :after
           ORDER BY c.id LIMIT :limit""",
        key=key,
        limit=limit,
        after=-(2**63) if after is None else after,
    )
    waiting = [
        (ChatId(row["id"]), AreaCode(row["home"]))
        for row in rows
        if row["home"] in regions and not row["has"]
    ]
    return Page(waiting=waiting, last=ChatId(rows[-1]["id"]) if len(rows) == limit else None)


async def prune(tx: Tx, before: datetime) -> bool:
    """Forget a page of those made before then; whether there may be more."""
    rows = await tx.all(
        f"""DELETE FROM letters WHERE id IN (
                SELECT id FROM letters WHERE made_at < :before LIMIT {PAGE}) RETURNING id""",
        before=ms(before),
    )
    return len(rows) == PAGE
