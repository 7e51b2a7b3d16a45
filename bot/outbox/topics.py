"""Forums: where the alerts of a topic that takes no messages go.

They go to the group's General, unless somebody is told the same there anyway: General itself, or
another closed topic, whose key is lower, so that of two one speaks.
"""

from collections.abc import Sequence

from bot.neighbours import Neighbours, around
from bot.outbox.judge import followed
from bot.outbox.work import Work
from storage import chats
from storage.areas.tree import Areas
from storage.database import Tx
from storage.model import AreaCode, Card, Chat, ChatState


async def covered(tx: Tx, work: Work, areas: Areas, neighbours: Neighbours) -> bool:
    """Whether another chat whose alerts come in General hears there what the topic would."""
    if work.chat.forum is None:
        return False
    others = [
        chat
        for chat in await chats.whole(tx, work.chat.forum)
        if chat.state is ChatState.ACTIVE and speaks_for(chat, work.chat)
    ]
    if not others:
        return False
    audience = await chats.audience(tx, [chat.id for chat in others])
    return any(
        covers(work.card, work.follows, *each, areas, neighbours) for each in audience.values()
    )


def speaks_for(other: Chat, topic: Chat) -> bool:
    return other.thread is None or (other.closed and other.id < topic.id)


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
