"""The writes behind the screens: each is one function for one transaction."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.dispatch import adopt, release_neighbours, resume, show_danger, show_neighbours
from bot.handlers.caller import Caller
from bot.neighbours import Neighbours
from bot.screens.choosing import Following
from bot.view import view
from storage import cards, chats, letters, situations
from storage.areas.tree import Areas
from storage.database import Tx
from storage.model import AreaCode, Chat, ChatKind, ChatState, Lang, Wishes

MOST_PLACES: Final = 50
_SAMPLE_LASTS: Final = timedelta(hours=1)


async def enter(
    tx: Tx, caller: Caller, areas: Areas, now: datetime, neighbours: Neighbours
) -> Chat:
    """Take the chat up, active: a stopped one resumes, and is owed what is in force."""
    held = await chats.get(tx, caller.id) or _new(caller, now)
    chat = replace(held, kind=caller.kind, state=ChatState.ACTIVE, why=None)
    await chats.put(tx, chat)
    if held.state is not ChatState.ACTIVE:
        await resume(tx, chat, areas, now, neighbours)
    return chat


async def choose_language(
    tx: Tx, caller: Caller, lang: Lang, now: datetime, *, redraw: bool = False
) -> None:
    """A stopped chat stays so. ``redraw``: its live cards too are to speak that language."""
    held = await chats.get(tx, caller.id) or _new(caller, now)
    await chats.put(tx, replace(held, lang=lang))
    if redraw:
        await cards.redraw(tx, caller.id, None, now)


async def choose(
    tx: Tx, caller: Caller, change: Callable[[Wishes], Wishes], now: datetime, *, redraw: bool
) -> Wishes:
    """Change the chat's wishes; what they are then. ``redraw``: its cards read otherwise by them.
    A stopped chat stays so."""
    held = await chats.get(tx, caller.id)
    if held is None:
        held = _new(caller, now)
        await chats.put(tx, held)
    wishes = change(held.wishes)
    if wishes == held.wishes:
        return wishes
    await chats.set_wishes(tx, caller.id, wishes)
    if redraw:
        await cards.redraw(tx, caller.id, None, now)
    else:
        await cards.reconsider(tx, caller.id, now)
    return wishes


def _new(caller: Caller, now: datetime) -> Chat:
    return Chat(
        id=caller.id,
        kind=caller.kind,
        lang=caller.lang,
        members=1 if caller.like is None else caller.like.members,
        forum=caller.forum,
        thread=None if caller.forum is None else caller.thread,
        joined_at=now,
    )


async def start(
    tx: Tx, caller: Caller, areas: Areas, now: datetime, neighbours: Neighbours
) -> tuple[AreaCode, ...]:
    """What the chat follows, whose alerts go on from now. Of one that is unknown nothing is kept
    until it chooses."""
    if caller.known is not None:
        await enter(tx, caller, areas, now, neighbours)
    return await chats.followed(tx, caller.id)


async def follow(
    tx: Tx,
    caller: Caller,
    area: AreaCode,
    areas: Areas,
    now: datetime,
    neighbours: Neighbours,
    sample: str = "",
) -> Following:
    """Follow a place. During danger there the chat is owed the card at once, without a sound; one
    that it has already is drawn anew. So with neighbours, if it asked to hear of them. For its
    first place a private chat is owed the ``sample`` of an alert, unless there is a real one."""
    everywhere = await chats.followed(tx, caller.id)
    if area not in everywhere and len(everywhere) >= MOST_PLACES:
        return Following.TOO_MANY
    chat = await enter(tx, caller, areas, now, neighbours)
    if area in everywhere:
        return Following.ALREADY
    region = areas.region_of(area).code
    await chats.follow(tx, caller.id, region, area, now)
    await adopt(tx, chat, region, areas, now)
    await show_neighbours(tx, chat, areas, now, neighbours)
    situation = await situations.current(tx, region)
    if situation is None or not view(situation, (area,), areas).threats:
        if sample and not everywhere and chat.kind is ChatKind.PRIVATE:
            await letters.owe(
                tx,
                caller.id,
                letters.SAMPLE,
                sample,
                region=region,
                at=now,
                until=now + _SAMPLE_LASTS,
            )
        return Following.ADDED
    await show_danger(tx, chat, region, areas, now)
    await cards.redraw(tx, caller.id, region, now)
    return Following.IN_DANGER


async def unfollow(
    tx: Tx, caller: Caller, area: AreaCode, now: datetime, neighbours: Neighbours
) -> tuple[AreaCode, ...]:
    """Stop following a place; what is still followed. A live card of its region is drawn anew,
    or ends as it is when nothing there is followed any more. If that region is a neighbour of what
    is left, its next alert gives the chat a card as such."""
    region = AreaCode(area.partition("/")[0])
    await chats.unfollow(tx, caller.id, area)
    if await chats.followed(tx, caller.id, region):
        await cards.redraw(tx, caller.id, region, now)
    else:
        await cards.close(tx, caller.id, region)
        await chats.forget_loudness(tx, caller.id, region)
    if caller.known is not None:
        await release_neighbours(tx, caller.known, neighbours)
    return await chats.followed(tx, caller.id)


async def choose_neighbours(
    tx: Tx, caller: Caller, areas: Areas, now: datetime, neighbours: Neighbours, *, wish: bool
) -> tuple[AreaCode, ...]:
    """Whether the chat hears of neighbouring regions; what it follows. What is in force in them is
    owed at once; a card of one that it wishes no more ends as it is. A stopped chat stays so."""
    await chats.choose_neighbours(tx, caller.id, wish=wish)
    chat = await chats.get(tx, caller.id)
    if chat is not None and wish:
        await show_neighbours(tx, chat, areas, now, neighbours)
    elif chat is not None:
        await release_neighbours(tx, chat, neighbours)
    return await chats.followed(tx, caller.id)
