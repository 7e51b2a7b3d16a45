"""What befalls a group or channel, told in private to whoever set it up: owed in the database,
sent by the pager."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from bot.outcome import Cause
from bot.screens.keeping import title
from bot.texts import Texts, Words
from storage import audit, keepers
from storage.database import Tx
from storage.model import ChatId, Keeper, TelegramId


class Fate(StrEnum):
    REMOVED = "removed"
    MUTED = "muted"
    MOVED = "moved"
    TOPIC_CLOSED = "topic_closed"
    TOPIC_GONE = "topic_gone"
    SHUT = "shut"
    LOST = "lost"


def fate_of(cause: Cause) -> Fate:
    match cause:
        case Cause.KICKED | Cause.BLOCKED:
            return Fate.REMOVED
        case Cause.NO_RIGHTS:
            return Fate.MUTED
        case Cause.TOPIC_CLOSED:
            return Fate.SHUT
        case Cause.TOPIC_GONE:
            return Fate.TOPIC_GONE
        case Cause.DEACTIVATED | Cause.NOT_FOUND:
            return Fate.LOST
        case _:
            assert_never(cause)


async def tell(
    tx: Tx,
    texts: Texts,
    group: TelegramId,
    fate: Fate,
    at: datetime,
    *,
    chats: Iterable[ChatId],
    bot: int | None,
    thread: int | None = None,
) -> None:
    """Whoever set any of these chats up, a group and its topics; each person once a day for each
    fate, once for each topic: whether we saw it ourselves, Telegram said so or both. Before a
    move, for its new id is another chat's. ``bot``: the one whom it befell, by Telegram's id."""
    for keeper in await keepers.of_any(tx, chats):
        when = f"{at:%Y-%m-%d}" if thread is None else str(thread)
        text = said(texts[keeper.lang], keeper, fate)
        await audit.notify(tx, keeper.who, f"kept:{group}:{fate}:{when}", text, at, bot=bot)


def said(words: Words, keeper: Keeper, fate: Fate) -> str:
    named = title(keeper)
    match fate:
        case Fate.REMOVED:
            return words.say(
                "“{title}”: I am not there any more, so no alerts come there. Its places are kept"
                " in case I am added again.",
                title=named,
            )
        case Fate.MUTED:
            return words.say(
                "“{title}”: I may not write there, so no alerts come there. Please give me the"
                " right to send messages; its places are kept.",
                title=named,
            )
        case Fate.MOVED:
            return words.say(
                "“{title}” has become a supergroup. Its places moved along, alerts go on.",
                title=named,
            )
        case Fate.TOPIC_CLOSED:
            return words.say(
                "“{title}”: a topic with alerts is closed. Until it is open again they come in the"
                " general one. To have them elsewhere, send /start in another topic.",
                title=named,
            )
        case Fate.TOPIC_GONE:
            return words.say(
                "“{title}”: a topic with alerts is gone. They come in the general one; its places"
                " stand there, at /places. To have them elsewhere, send /start in another topic.",
                title=named,
            )
        case Fate.SHUT:
            return words.say(
                "“{title}”: the topic for alerts is closed, so none come there. Please open it, or"
                " give me the right to manage topics; its places are kept.",
                title=named,
            )
        case Fate.LOST:
            return words.say(
                "“{title}” cannot be found any more, so no alerts come there.", title=named
            )
        case _:
            assert_never(fate)
