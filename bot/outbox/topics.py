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
from storage import chats
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
    return any(
        covers(work.card, work.follows, *each, areas, neighbours) for each in audience.values()
    )


def speaks_for(other: Chat, topic: Chat) -> bool:
    return other.thread is None or (other.closed and other.id < topic.id)


def as_loud(theirs: Wishes, mine: Wishes, region: AreaCode, now: datetime) -> bool:
    order = list(Loudness)  # the loudest first
    return (
        order.index(theirs.loudness_in(region)) <= order.index(mine.loudness_in(region))
        and (heard_from(theirs, now) <= now or heard_from(mine, now) > now)
        and (theirs.clear_audible or not mine.clear_audible)
    )


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
