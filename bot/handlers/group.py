"""The bot's own standing in chats: let in, put out, blocked, moved to another id."""

import logging
from dataclasses import replace
from datetime import datetime

from aiogram import Bot, F, Router
from aiogram.enums import ChatMemberStatus
from aiogram.exceptions import TelegramAPIError
from aiogram.types import ChatMemberRestricted, ChatMemberUpdated, Message, ResultChatMemberUnion

from bot.dispatch import resume
from bot.handlers.answers import say
from bot.handlers.caller import Caller, caller_of
from bot.handlers.desk import Desk
from bot.outcome import Cause
from bot.screens import choosing
from storage import chats
from storage.database import Tx
from storage.model import Chat, ChatId, ChatKind, ChatState

_OUTSIDE = (ChatMemberStatus.LEFT, ChatMemberStatus.KICKED)
_log = logging.getLogger(__name__)


def router() -> Router:
    router = Router(name="group")
    router.my_chat_member.register(stands)
    router.message.register(moved_to, F.migrate_to_chat_id)
    router.message.register(moved_from, F.migrate_from_chat_id)
    return router


async def stands(event: ChatMemberUpdated, desk: Desk, bot: Bot) -> None:
    """A chat that told us to stop stays so, whatever befalls the bot there."""
    id = ChatId(event.chat.id)
    if (cause := _barred(event)) is not None:
        _log.info("chat %s: %s", id, cause)
        await desk.database.write(lambda tx: chats.suspend(tx, id, cause, desk.now(), desk.share))
        return
    caller = await caller_of(desk, event.chat, None, event.from_user.language_code)
    if caller.kind is ChatKind.PRIVATE:
        return
    if not _is_outside(event.old_chat_member):
        return
    now, members = desk.now(), await _count(bot, id)
    await desk.database.write(lambda tx: join(tx, caller, members, now))
    greeting = choosing.welcome(desk.speech(caller.lang), caller.kind, ())
    await say(bot, caller, greeting, silent=True)


def _barred(event: ChatMemberUpdated) -> Cause | None:
    """Why the bot may not write there from now on, if it may not."""
    member = event.new_chat_member
    if _is_outside(member):
        return Cause.BLOCKED if event.chat.type == ChatKind.PRIVATE else Cause.KICKED
    muted = isinstance(member, ChatMemberRestricted) and not member.can_send_messages
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


async def _count(bot: Bot, chat: ChatId) -> int:
    try:
        return await bot.get_chat_member_count(chat)
    except TelegramAPIError as problem:
        _log.warning("chat %s: members not counted: %s", chat, type(problem).__name__)
        return 1


async def moved_to(message: Message, desk: Desk) -> None:
    if message.migrate_to_chat_id is not None:
        await _move(desk, message.chat.id, message.migrate_to_chat_id)


async def moved_from(message: Message, desk: Desk) -> None:
    """The same news, told in the new chat: whichever comes first."""
    if message.migrate_from_chat_id is not None:
        await _move(desk, message.migrate_from_chat_id, message.chat.id)


async def _move(desk: Desk, old: int, new: int) -> None:
    async def moved(tx: Tx) -> None:
        await chats.migrate(tx, ChatId(old), ChatId(new))
        chat = await chats.get(tx, ChatId(new))
        if chat is not None and chat.state is ChatState.SUSPENDED:
            # One that was active is owed its alerts anyway, with their sounds.
            await chats.revive(tx, chat.id)
            active = replace(chat, state=ChatState.ACTIVE)
            await resume(tx, active, desk.areas, desk.now(), desk.neighbours)

    await desk.database.write(moved)
