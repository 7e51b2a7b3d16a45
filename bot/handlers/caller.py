"""Who speaks, and from which chat."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiogram.types import Chat as TelegramChat
from aiogram.types import User

from bot.dispatch import resume
from bot.handlers.desk import Desk
from bot.screens.choosing import lang_of
from storage import chats, keepers
from storage.database import Tx
from storage.model import Chat, ChatId, ChatKind, ChatState, Keeper, Lang, TelegramId, Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """``known``: what is held of the chat, if anything. ``thread``: the forum topic in which to
    answer. ``language``: the speaker's client's (IETF), for chats of which nothing is held.
    ``keeper``: who sets it up from their private chat, and is answered there. ``forum``: of a
    topic, its group; ``like``: what is held of that or of another topic of it."""

    id: ChatId
    kind: ChatKind
    known: Chat | None
    thread: int | None
    language: str | None
    keeper: Keeper | None = None
    forum: TelegramId | None = None
    like: Chat | None = None

    @property
    def telegram(self) -> TelegramId:
        return TelegramId(self.id) if self.forum is None else self.forum

    @property
    def answered_in(self) -> TelegramId:
        return self.telegram if self.keeper is None else self.keeper.who

    @property
    def lang(self) -> Lang:
        held = self.known or self.like
        return held.lang if held else lang_of(self.language)

    @property
    def wishes(self) -> Wishes:
        return self.known.wishes if self.known else Wishes()

    @property
    def state(self) -> ChatState:
        return self.known.state if self.known else ChatState.ACTIVE


async def caller_of(
    desk: Desk, chat: TelegramChat, thread: int | None, language: str | None
) -> Caller:
    """A chat that we had given up writing to and that speaks to us is taken up again, with all its
    topics. Only a group has topics that are chats of their own."""
    telegram, kind = TelegramId(chat.id), ChatKind(chat.type)
    held = await desk.database.read(lambda tx: chats.whole(tx, telegram))
    if any(each.state is ChatState.SUSPENDED or each.on_trial for each in held):

        async def revived(tx: Tx) -> Sequence[Chat]:
            for each in await chats.revive(tx, telegram):
                await resume(tx, each, desk.areas, desk.now(), desk.neighbours)
            return await chats.whole(tx, telegram)

        held = await desk.database.write(revived)
        desk.wake()
    topic = thread if kind is ChatKind.SUPERGROUP else None
    known = next((each for each in held if each.thread == topic), None)
    return Caller(
        id=chats.key_of(telegram, topic) if known is None else known.id,
        kind=kind,
        known=known,
        thread=thread,
        language=language,
        forum=None if topic is None else telegram,
        like=held[0] if held else None,
    )


async def kept_by(desk: Desk, chat: ChatId, person: User) -> Caller | None:
    """A channel or group that this person sets up from their private chat; None: nothing is held
    of it. Whether they have the right is another question."""
    known = await desk.database.read(lambda tx: chats.get(tx, chat))
    if known is None:
        return None
    held = await desk.database.read(lambda tx: keepers.of(tx, chat))
    keeper = keeper_of(chat, None if held is None else held.title, person)
    return Caller(
        id=chat,
        kind=known.kind,
        known=known,
        thread=None,
        language=person.language_code,
        keeper=keeper,
    )


def keeper_of(chat: ChatId, title: str | None, person: User) -> Keeper:
    return Keeper(
        chat=chat,
        who=TelegramId(person.id),
        lang=lang_of(person.language_code),
        title=title or str(chat),
    )
