"""The bot's own standing in chats: let in, put out, blocked, moved to another id."""

import logging
from dataclasses import replace
from datetime import datetime

from aiogram import Bot, F, Router
from aiogram.enums import ChatMemberStatus
from aiogram.exceptions import TelegramAPIError
from aiogram.types import (
    ChatMemberAdministrator,
    ChatMemberRestricted,
    ChatMemberUpdated,
    Message,
    ResultChatMemberUnion,
)

from bot import fates
from bot.dispatch import resume
from bot.handlers.answers import say
from bot.handlers.caller import Caller, caller_of, keeper_of
from bot.handlers.desk import Desk
from bot.outcome import Cause
from bot.screens import choosing
from storage import chats, keepers
from storage.database import Tx
from storage.model import Chat, ChatKind, ChatState, TelegramId

_OUTSIDE = (ChatMemberStatus.LEFT, ChatMemberStatus.KICKED)
_log = logging.getLogger(__name__)


def router() -> Router:
    router = Router(name="group")
    router.my_chat_member.register(stands)
    router.message.register(topic_closed, F.forum_topic_closed)
    router.message.register(topic_reopened, F.forum_topic_reopened)
    router.message.register(moved_to, F.migrate_to_chat_id)
    router.message.register(moved_from, F.migrate_from_chat_id)
    return router


async def stands(event: ChatMemberUpdated, desk: Desk, bot: Bot) -> None:
    """A chat that told us to stop stays so, whatever befalls the bot there."""
    id = TelegramId(event.chat.id)
    barred = _barred(event)
    is_new = event.chat.type != ChatKind.PRIVATE and _is_outside(event.old_chat_member)
    if barred is not None and not (is_new and barred is Cause.NO_RIGHTS):
        _log.info("chat %s: %s", id, barred)
        await desk.database.write(lambda tx: _bar(tx, desk, bot, id, barred))
        desk.wake()
        return
    caller = await caller_of(desk, event.chat, None, event.from_user.language_code)
    if caller.kind is ChatKind.PRIVATE or not is_new:
        return
    keeper = keeper_of(caller.id, event.chat.title, event.from_user)
    now, members = desk.now(), await _count(bot, id)

    async def joined(tx: Tx) -> None:
        await join(tx, caller, members, now)
        if not event.from_user.is_bot:
            await keepers.put(tx, keeper)
        if barred is not None:
            await _bar(tx, desk, bot, id, barred)

    await desk.database.write(joined)
    if barred is not None:
        desk.wake()
    elif caller.kind is not ChatKind.CHANNEL:
        greeting = choosing.welcome(desk.speech(caller.lang), caller.kind, ())
        await say(bot, caller, greeting, silent=True)
    elif await desk.rights.is_administrator(bot, id, keeper.who, now):
        # Where its readers do not see it. Whoever never wrote to the bot finds it at /start.
        greeting = choosing.welcome(desk.speech(caller.lang), caller.kind, ())
        await say(bot, replace(caller, keeper=keeper), greeting)


async def _bar(tx: Tx, desk: Desk, bot: Bot, id: TelegramId, cause: Cause) -> None:
    now, fate = desk.now(), fates.fate_of(cause)
    ended = await chats.suspend(tx, id, cause, now, desk.share)
    await fates.tell(tx, desk.texts, id, fate, now, chats=ended, bot=bot.id)


def _barred(event: ChatMemberUpdated) -> Cause | None:
    """Why the bot may not write there from now on, if it may not."""
    member = event.new_chat_member
    if _is_outside(member):
        return Cause.BLOCKED if event.chat.type == ChatKind.PRIVATE else Cause.KICKED
    muted = isinstance(member, ChatMemberRestricted) and not member.can_send_messages
    if event.chat.type == ChatKind.CHANNEL:
        muted = not (isinstance(member, ChatMemberAdministrator) and member.can_post_messages)
    return Cause.NO_RIGHTS if muted else None


def _is_outside(member: ResultChatMemberUnion) -> bool:
    return member.status in _OUTSIDE or (
        isinstance(member, ChatMemberRestricted) and not member.is_member
    )


async def join(tx: Tx, caller: Caller, members: int, now: datetime) -> None:
    chat = caller.known or Chat(id=caller.id, kind=caller.kind, lang=caller.lang, joined_at=now)
    if caller.known is None:
        await chats.put(tx, replace(chat, members=members))
    await chats.set_members(tx, chat, members)


async def _count(bot: Bot, chat: TelegramId) -> int:
    try:
        return await bot.get_chat_member_count(chat)
    except TelegramAPIError as problem:
        _log.warning("chat %s: members not counted: %s", chat, type(problem).__name__)
        return 1


async def moved_to(message: Message, desk: Desk, bot: Bot) -> None:
    if (new := message.migrate_to_chat_id) is not None:
        await _move(desk, bot, TelegramId(message.chat.id), TelegramId(new))


async def moved_from(message: Message, desk: Desk, bot: Bot) -> None:
    """The same news, told in the new chat: whichever comes first."""
    if (old := message.migrate_from_chat_id) is not None:
        await _move(desk, bot, TelegramId(old), TelegramId(message.chat.id))


async def _move(desk: Desk, bot: Bot, old: TelegramId, new: TelegramId) -> None:
    now, fate = desk.now(), fates.Fate.MOVED

    async def moved(tx: Tx) -> None:
        before = [chat.id for chat in await chats.whole(tx, old)]
        await fates.tell(tx, desk.texts, old, fate, now, chats=before, bot=bot.id)
        await chats.migrate(tx, old, new)
        held = {chat.id: chat for chat in await chats.whole(tx, new)}
        for chat in await chats.revive(tx, new):
            if held[chat.id].state is ChatState.SUSPENDED:
                # One that was active is owed its alerts anyway, with their sounds.
                await resume(tx, chat, desk.areas, now, desk.neighbours)

    await desk.database.write(moved)
    desk.wake()


async def topic_closed(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    """One where alerts come; until it is open again they come in the general one."""
    await _topic(caller, desk, bot, closed=True)


async def topic_reopened(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    await _topic(caller, desk, bot, closed=False)


async def _topic(caller: Caller, desk: Desk, bot: Bot, *, closed: bool) -> None:
    topic = caller.known
    if topic is None or topic.forum is None:
        return
    group, fate = topic.forum, fates.Fate.TOPIC_CLOSED

    async def write(tx: Tx) -> None:
        await chats.close(tx, topic.id, closed=closed)
        if closed and topic.state is ChatState.ACTIVE:
            await fates.tell(
                tx,
                desk.texts,
                group,
                fate,
                desk.now(),
                chats=[topic.id],
                bot=bot.id,
                thread=topic.thread,
            )

    await desk.database.write(write)
    desk.wake()
