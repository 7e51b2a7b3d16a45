"""Who is newly in scope: gives the chats that follow what an alert touched their cards."""

import zlib
from datetime import datetime
from functools import partial

from storage import alerts, cards, chats
from storage.areas.tree import Areas
from storage.database import PAGE, Database, Tx
from storage.model import Alert, AreaCode, ChatId

_ROTATION = 1 << 16


def in_scope(area: AreaCode, touched: tuple[AreaCode, ...], areas: Areas) -> bool:
    """A claim on the region reaches followers of its parts, one on a part those of the whole."""
    return any(areas.contains(code, area) or areas.contains(area, code) for code in touched)


def card_rank(chat_rank: int, *, named: bool, chat: ChatId, version: int) -> int:
    """DOMAIN §6: chats that reach most people, then those whose place is named, then a rotation
    by episode, so that nobody is always last. Lower hears first; fixed when the card is made."""
    turn = zlib.crc32(f"{chat}/{version}".encode()) % _ROTATION
    return (chat_rank * 2 + (0 if named else 1)) * _ROTATION + turn


async def dispatch(database: Database, areas: Areas, now: datetime) -> int:
    """Work through what is published, in short writes of at most 1,000 follows; the number of
    alerts finished. Interrupted anywhere, it goes on behind the last committed write."""
    waiting = await database.read(alerts.undispatched)
    for alert in waiting:
        while not await database.write(partial(_slice, alert=alert, areas=areas, now=now)):
            pass
    return len(waiting)


async def _slice(tx: Tx, *, alert: Alert, areas: Areas, now: datetime) -> bool:
    """One page of followers; True when it was the last."""
    page = await chats.followers(tx, alert.region, await alerts.position(tx, alert))
    for follow in page:
        if in_scope(follow.area, alert.touched, areas):
            rank = card_rank(
                follow.rank,
                named=follow.area in alert.touched,
                chat=follow.chat,
                version=alert.version,
            )
            await cards.open_one(tx, follow.chat, alert.region, alert.version, now, rank)
    last = page[-1] if len(page) == PAGE else None
    await alerts.advance(tx, alert, None if last is None else (last.rank, last.chat, last.area))
    return last is None
