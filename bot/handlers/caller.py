"""Who speaks, and from which chat."""

from dataclasses import dataclass

from aiogram.types import Chat as TelegramChat

from bot.dispatch import resume
from bot.handlers.desk import Desk
from bot.screens.choosing import lang_of
from storage import chats
from storage.database import Tx
from storage.model import Chat, ChatId, ChatKind, ChatState, Lang, Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """``known``: what is held of the chat, if anything. ``thread``: the forum topic in which to
    answer. ``language``: the speaker's client's (IETF), for chats of which nothing is held."""

    id: ChatId
    kind: ChatKind
    known: Chat | None
    thread: int | None
    language: str | None

    @property
    def lang(self) -> Lang:
        return self.known.lang if self.known else lang_of(self.language)

    @property
    def wishes(self) -> Wishes:
        return self.known.wishes if self.known else Wishes()

    @property
    def state(self) -> ChatState:
        return self.known.state if self.known else ChatState.ACTIVE


async def caller_of(
    desk: Desk, chat: TelegramChat, thread: int | None, language: str | None
) -> Caller:
    """A chat that we had given up writing to and that speaks to us is taken up again."""
    id = ChatId(chat.id)
    known = await desk.database.read(lambda tx: chats.get(tx, id))
    if known is not None and (known.state is ChatState.SUSPENDED or known.on_trial):

        async def revived(tx: Tx) -> Chat | None:
            await chats.revive(tx, id)
            chat = await chats.get(tx, id)
            if chat is not None:
                await resume(tx, chat, desk.areas, desk.now(), desk.neighbours)
            return chat

        known = await desk.database.write(revived)
        desk.wake()
    return Caller(id=id, kind=ChatKind(chat.type), known=known, thread=thread, language=language)
