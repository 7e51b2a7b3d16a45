"""Who is newly in scope: gives the chats that follow what an alert touched their cards."""

import zlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from bot.view import view
from storage import alerts, cards, chats, situations
from storage.alerts import Reached
from storage.areas.tree import Areas
from storage.cards import Opening
from storage.chats import Follow
from storage.database import PAGE, Database, Tx
from storage.model import Alert, AreaCode, Chat, ChatId, Urgency

SUBSCRIBED = "subscribed"
"""Reason of a card that a chat got by following during danger: shown at once, silently."""

_TURNS = 1 << 16


def in_scope(area: AreaCode, touched: tuple[AreaCode, ...], areas: Areas) -> bool:
    """A claim on the region reaches followers of its parts, one on a part those of the whole."""
    return any(areas.contains(code, area) or areas.contains(area, code) for code in touched)


def card_rank(chat_rank: int, *, named: bool, turn: int) -> int:
    """DOMAIN §6: chats that reach most people, then those whose place is named, then in turn.
    Lower hears first."""
    return (chat_rank * 2 + (0 if named else 1)) * _TURNS + min(turn, _TURNS - 1)


def openings(page: Sequence[Follow], alert: Alert, given: int, areas: Areas) -> Sequence[Opening]:
    """For the chats of this page that the alert concerns, ``given`` having been before them.

    The turns of those who are alike (reach, named) count up from 0 for each alert, so that of
    many alerts at once the first chats of each hear before the second of any: no place is silent
    while another is told in full. Who is first is drawn by lot for each alert, so that nobody is
    always last; a later page's are spread over all the turns until then.
    """
    alike: defaultdict[tuple[int, bool], list[ChatId]] = defaultdict(list)
    concerned = [follow for follow in page if in_scope(follow.area, alert.touched, areas)]
    named = {follow.chat for follow in concerned if follow.area in alert.touched}
    for chat, reach in {follow.chat: follow.rank for follow in concerned}.items():
        alike[reach, chat in named].append(chat)
    found = []
    for (reach, is_named), group in alike.items():
        group.sort(key=lambda chat: zlib.crc32(f"{chat}/{alert.version}".encode()))
        for place, chat in enumerate(group):
            turn = place * (given + len(group)) // len(group)
            found.append(
                Opening(
                    chat=chat,
                    region=alert.region,
                    version=alert.version,
                    urgency=alert.urgency,
                    rank=card_rank(reach, named=is_named, turn=turn),
                )
            )
    return found


async def dispatch(database: Database, areas: Areas, now: datetime) -> int:
    """Work through what is published, in short writes of at most 1,000 follows, each for what is
    then most urgent; the number of alerts finished. Interrupted anywhere, it goes on behind the
    last committed write."""
    finished = 0
    while waiting := await database.read(alerts.undispatched):
        if await database.write(partial(_slice, alert=waiting[0], areas=areas, now=now)):
            finished += 1
    return finished


async def _slice(tx: Tx, *, alert: Alert, areas: Areas, now: datetime) -> bool:
    """One page of followers; True when it was the last, or another lane has come to the end
    since ``alert`` was read."""
    reached = await alerts.position(tx, alert)
    if reached is None:
        return True
    page = await chats.followers(tx, alert.region, reached.follow)
    concerned = openings(page, alert, reached.given, areas)
    await cards.open_all(tx, concerned, now)
    if len(page) < PAGE:
        await alerts.advance(tx, alert, None)
        return True
    last = page[-1]
    at = Reached(follow=(last.rank, last.chat, last.area), given=reached.given + len(concerned))
    await alerts.advance(tx, alert, at)
    return False


async def show_danger(tx: Tx, chat: Chat, region: AreaCode, areas: Areas, now: datetime) -> bool:
    """Owe the chat a card of the danger that is in force where it follows anything in a region,
    unless it has one; whether there is danger. For whoever was passed over by `dispatch`."""
    situation = await situations.current(tx, region)
    followed = await chats.followed(tx, chat.id, region)
    follows = tuple(code for code in followed if code in areas)
    if situation is None or not view(situation, follows, areas).threats:
        return False
    opening = Opening(
        chat=chat.id,
        region=region,
        version=situation.version,
        urgency=Urgency.IMPORTANT,
        rank=card_rank(chats.rank(chat.kind, chat.members), named=True, turn=0),
        reason=SUBSCRIBED,
    )
    await cards.open_all(tx, [opening], now)
    return True


async def resume(tx: Tx, chat: Chat, areas: Areas, now: datetime) -> None:
    """A chat that had stopped, or could not be written to, hears of alerts again."""
    codes = await chats.followed(tx, chat.id)
    for region in dict.fromkeys(AreaCode(code.partition("/")[0]) for code in codes):
        await show_danger(tx, chat, region, areas, now)
