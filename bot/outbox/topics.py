"""Forums: where the alerts of a topic that takes no messages go.

They go to the group's General, unless somebody is told the same there anyway: General itself, or
another closed topic, whose key is lower, so that of two one speaks.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.decide import Lever
from bot.neighbours import Neighbours, around
from bot.outbox.judge import followed
from bot.outbox.work import Work
from bot.quiet import heard_from
from storage import cards, chats
from storage.areas.tree import Areas
from storage.database import Tx
from storage.model import AreaCode, Card, Chat, ChatState, Loudness, Wishes


async def covered(tx: Tx, work: Work, areas: Areas, neighbours: Neighbours, now: datetime) -> bool:
    """Whether another chat whose alerts come in General hears there what the topic would, with a
    sound if the topic would: then two messages are better than none that is heard."""
    if work.chat.forum is None:
        return False
    others = [
        chat
        for chat in await chats.whole(tx, work.chat.forum)
        if chat.state is ChatState.ACTIVE
        and speaks_for(chat, work.chat)
        and (
            work.decision.lever is not Lever.SOUND
            or as_loud(chat.wishes, work.chat.wishes, work.card.region, now)
        )
    ]
    if not others:
        return False
    audience = await chats.audience(tx, [chat.id for chat in others])
    for other, follows in audience.values():
        if not covers(work.card, work.follows, other, follows, areas, neighbours):
            continue
        if work.decision.lever is not Lever.SOUND or not work.decision.danger:
            return True
        theirs = followed(areas, follows, work.card.region)
        if alike(work.follows, work.chat.wishes, theirs, other.wishes):
            return True
        if calls(await cards.live(tx, other.id, work.card.region), work.card):
            return True
    return False


def speaks_for(other: Chat, topic: Chat) -> bool:
    return other.thread is None or (other.closed and other.id < topic.id)


def as_loud(theirs: Wishes, mine: Wishes, region: AreaCode, now: datetime) -> bool:
    order = list(Loudness)  # the loudest first
    return (
        order.index(theirs.loudness_in(region)) <= order.index(mine.loudness_in(region))
        and (heard_from(theirs, now) <= now or heard_from(mine, now) > now)
        and (theirs.clear_audible or not mine.clear_audible)
    )


def alike(
    mine: Sequence[AreaCode], wishes: Wishes, theirs: Sequence[AreaCode], other: Wishes
) -> bool:
    """Whether danger that is a sound to the topic is one to the other, whatever it heard before:
    of one more district a follower of the region hears once an hour (DOMAIN §4)."""
    return set(mine) <= set(theirs) and (other.every_district or not wishes.every_district)


def calls(theirs: Card | None, mine: Card) -> bool:
    """Whether the other's card sounds of what the topic was not told: as its first danger, which
    is a sound to anybody, or since then."""
    known = mine.opened_version - 1 if mine.told is None else mine.told
    return theirs is None or theirs.sounded is None or theirs.sounded > known


def covers(
    card: Card,
    mine: Sequence[AreaCode],
    other: Chat,
    follows: Sequence[AreaCode],
    areas: Areas,
    neighbours: Neighbours,
) -> bool:
    """``mine``: what the topic hears of on this card; ``follows``: all that the other follows."""
    region = card.region
    theirs = followed(areas, follows, region)
    if card.via is not None:
        beyond = other.wishes.neighbours and region in around(follows, neighbours)
        return bool(theirs) or beyond
    return all(any(areas.contains(code, own) for code in theirs) for own in mine)
