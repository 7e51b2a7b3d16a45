"""Who is newly in scope: gives the chats that follow what an alert touched their cards, and after
them those that asked to hear of a neighbouring region.

The walk is one: followers by rank, then neighbours by theirs, which is greater (`chats.BEYOND`),
so one position says how far it is.
"""

import zlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from bot.neighbours import Neighbours, around, nobody
from bot.view import beyond, view
from storage import alerts, cards, chats, situations
from storage.areas.tree import Areas
from storage.cards import Opening
from storage.chats import Follow, Scope
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
    return (chat_rank * 2 + (0 if named else 1)) * _TURNS + turn


def openings(
    page: Sequence[Follow], alert: Alert, scope: Scope, areas: Areas
) -> Sequence[Opening]:
    """For the chats of a page that the alert concerns.

    Those who are alike (reach, named) have turns from 0 up to as many as there are of them, spread
    evenly over each page: of many alerts at once the first chats of each hear before the second
    of any, and no place is silent while another is told in full. Who is first is drawn by lot for
    each alert, so that nobody is always last.
    """
    alike: defaultdict[tuple[int, bool], list[ChatId]] = defaultdict(list)
    concerned = [follow for follow in page if in_scope(follow.area, alert.touched, areas)]
    named = {follow.chat for follow in concerned if follow.area in alert.touched}
    for chat, reach in {follow.chat: follow.rank for follow in concerned}.items():
        alike[reach, chat in named].append(chat)
    found = []
    for (reach, is_named), group in alike.items():
        shift = _lot(page[0].chat, alert.version)  # pages begin each at another turn
        step = max(1.0, (scope.named if is_named else scope.everybody) / len(group))
        group.sort(key=lambda chat: _lot(alert.version, chat))
        for place, chat in enumerate(group):
            turn = int((place + shift) * step)
            found.append(
                Opening(
                    chat=chat,
                    region=alert.region,
                    version=alert.version,
                    urgency=alert.urgency,
                    rank=card_rank(reach, named=is_named, turn=min(turn, _TURNS - 1)),
                )
            )
    return found


def _lot(one: int, other: int) -> float:
    """From 0 to below 1, the same for the same two numbers."""
    return zlib.crc32(f"{one}/{other}".encode()) / (1 << 32)


async def dispatch(
    database: Database, areas: Areas, now: datetime, neighbours: Neighbours = nobody
) -> int:
    """Work through what is published, in short writes of at most 1,000 follows, each for what is
    then most urgent; the number of alerts finished. Interrupted anywhere, it goes on behind the
    last committed write."""
    finished = 0
    scopes: dict[tuple[AreaCode, int], Scope] = {}
    while waiting := await database.read(alerts.undispatched):
        alert = waiting[0]
        key = alert.region, alert.version
        if key not in scopes:
            count = partial(chats.scope, region=alert.region, named=alert.touched, limit=_TURNS)
            scopes[key] = await database.read(count)
        work = partial(
            _slice,
            alert=alert,
            scope=scopes[key],
            areas=areas,
            now=now,
            neighbours=neighbours,
        )
        if await database.write(work):
            finished += 1
    return finished


async def _slice(
    tx: Tx,
    *,
    alert: Alert,
    scope: Scope,
    areas: Areas,
    now: datetime,
    neighbours: Neighbours = nobody,
) -> bool:
    """One page of followers, or of neighbours; True when it was the last, or another lane has come
    to the end since ``alert`` was read."""
    reached = await alerts.position(tx, alert)
    if reached is None:
        return True
    borders = neighbours(alert.region)
    if reached[0] >= chats.BEYOND:
        return await _slice_beyond(tx, alert, borders, reached, areas, now)
    page = await chats.followers(tx, alert.region, reached)
    await cards.open_all(tx, openings(page, alert, scope, areas), now)
    last = page[-1] if len(page) == PAGE else None
    if last is None and await _concerns_neighbours(tx, alert, borders, areas):
        await alerts.advance(tx, alert, chats.BEFORE_NEIGHBOURS)
        return False
    await alerts.advance(tx, alert, None if last is None else (last.rank, last.chat, last.area))
    return last is None


async def _concerns_neighbours(
    tx: Tx, alert: Alert, borders: tuple[AreaCode, ...], areas: Areas
) -> bool:
    """Whether anybody asked, and there is now what neighbours are told of. What is over meanwhile
    is not told to those who never heard of it; what comes later has its own alert."""
    if not await chats.neighbours(tx, alert.region, borders, limit=1):
        return False
    situation = await situations.current(tx, alert.region)
    return situation is not None and bool(beyond(situation, areas).fresh)


async def _slice_beyond(
    tx: Tx,
    alert: Alert,
    borders: tuple[AreaCode, ...],
    reached: tuple[int, int, str],
    areas: Areas,
    now: datetime,
) -> bool:
    """One page of neighbours, who are called for information."""
    if not await _concerns_neighbours(tx, alert, borders, areas):
        await alerts.advance(tx, alert, None)
        return True
    page = await chats.neighbours(tx, alert.region, borders, reached)
    called = [
        Opening(
            chat=follow.chat,
            region=alert.region,
            version=alert.version,
            urgency=Urgency.INFO,
            rank=card_rank(
                follow.rank, named=False, turn=int(_lot(alert.version, follow.chat) * _TURNS)
            ),
            via=follow.via,
        )
        for follow in page
    ]
    await cards.open_all(tx, called, now)
    last = page[-1] if len(page) == PAGE else None
    await alerts.advance(tx, alert, None if last is None else (last.rank, last.chat, last.area))
    return last is None


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


async def resume(
    tx: Tx, chat: Chat, areas: Areas, now: datetime, neighbours: Neighbours = nobody
) -> None:
    """A chat that had stopped, or could not be written to, hears of alerts again."""
    codes = await chats.followed(tx, chat.id)
    for region in dict.fromkeys(AreaCode(code.partition("/")[0]) for code in codes):
        await show_danger(tx, chat, region, areas, now)
    await show_neighbours(tx, chat, areas, now, neighbours)


async def show_neighbours(
    tx: Tx, chat: Chat, areas: Areas, now: datetime, neighbours: Neighbours
) -> None:
    """Owe the chat, if it asked, a card of each neighbouring region where there is now what
    neighbours are told of, unless it has one."""
    if not chat.wishes.neighbours:
        return
    owed = []
    for region, via in around(await chats.followed(tx, chat.id), neighbours).items():
        situation = await situations.current(tx, region)
        if situation is None or not beyond(situation, areas).fresh:
            continue
        owed.append(
            Opening(
                chat=chat.id,
                region=region,
                version=situation.version,
                urgency=Urgency.INFO,
                rank=card_rank(
                    chats.rank(chat.kind, chat.members) + chats.BEYOND, named=False, turn=0
                ),
                reason=SUBSCRIBED,
                via=via,
            )
        )
    await cards.open_all(tx, owed, now)


async def release_neighbours(tx: Tx, chat: Chat, neighbours: Neighbours) -> None:
    """The chat follows less, or asks no more to hear of neighbours: live cards of regions that are
    none any more end as they are, those by way of what it followed go on by way of another."""
    follows = await chats.followed(tx, chat.id)
    left = around(follows, neighbours) if chat.wishes.neighbours else {}
    regions = {code.partition("/")[0] for code in follows}
    for card in await cards.of_neighbours(tx, chat.id):
        if card.region not in left:
            await cards.close(tx, chat.id, card.region)
        elif card.via not in regions:
            await cards.lead_by(tx, card.id, left[card.region])


async def adopt(tx: Tx, chat: Chat, region: AreaCode, areas: Areas, now: datetime) -> None:
    """The chat comes to follow something in a region of which it had heard as a neighbour: the
    card becomes an ordinary one, or ends as it is where nothing is in force for it."""
    situation = await situations.current(tx, region)
    followed = await chats.followed(tx, chat.id, region)
    follows = tuple(code for code in followed if code in areas)
    if situation is None or not view(situation, follows, areas).threats:
        for card in await cards.of_neighbours(tx, chat.id):
            if card.region == region:
                await cards.close(tx, chat.id, region)
        return
    rank = chats.rank(chat.kind, chat.members)
    rank = card_rank(rank, named=True, turn=0)
    await cards.adopt(tx, chat.id, region, rank, SUBSCRIBED, now)
