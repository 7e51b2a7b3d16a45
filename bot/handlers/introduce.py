"""Middlewares and a filter: who speaks is worked out once, before any handler, and what nobody may
do is stopped here."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiogram import Bot
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.handlers.answers import alert
from bot.handlers.caller import Caller, caller_of
from bot.handlers.desk import Desk
from bot.screens import following
from bot.screens.choosing import lang_of
from bot.screens.codes import Verb, parse
from storage.model import ChatKind

FOR_ALL: Final = frozenset((Verb.MORE,))
"""What the members of a group may press too: it answers them alone and changes nothing."""

_Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


async def introduce_author(
    handler: _Handler, event: TelegramObject, data: dict[str, Any]
) -> Any:  # what aiogram passes through
    """Middleware of messages: adds ``caller``. What members say to each other goes no further."""
    assert isinstance(event, Message)
    is_private = event.chat.type == ChatKind.PRIVATE
    is_moving = event.migrate_to_chat_id or event.migrate_from_chat_id
    if not (is_private or is_moving or (event.text or "").startswith("/")):
        return None
    language = event.from_user.language_code if event.from_user else None
    thread = event.message_thread_id if event.is_topic_message else None
    data["caller"] = await caller_of(data["desk"], event.chat, thread, language)
    return await handler(event, data)


async def introduce_presser(
    handler: _Handler, event: TelegramObject, data: dict[str, Any]
) -> Any:  # what aiogram passes through
    """Middleware of button presses: adds ``caller`` and ``press``, after checking that this
    person may press buttons in this chat: ``callback_data`` is as forgeable as any text."""
    assert isinstance(event, CallbackQuery)
    desk: Desk = data["desk"]
    bot: Bot = data["bot"]
    press = parse(event.data or "")
    if event.message is None or press is None:
        stranger = desk.speech(lang_of(event.from_user.language_code))
        await alert(event, following.out_of_date(stranger))
        return None
    thread = None
    if isinstance(event.message, Message) and event.message.is_topic_message:
        thread = event.message.message_thread_id
    chat = event.message.chat
    caller = await caller_of(desk, chat, thread, event.from_user.language_code)
    if caller.kind is ChatKind.PRIVATE:
        allowed = event.from_user.id == caller.id
    elif press.verb in FOR_ALL:
        allowed = True
    else:
        allowed = await desk.rights.is_administrator(
            bot, caller.id, event.from_user.id, desk.now()
        )
    if not allowed:
        await alert(event, following.only_administrators(desk.speech(caller.lang)))
        return None
    data |= {"caller": caller, "press": press}
    return await handler(event, data)


async def may_change(message: Message, caller: Caller, desk: Desk, bot: Bot) -> bool:
    """Filter: whether the author may change what the chat follows."""
    if caller.kind is ChatKind.PRIVATE:
        return message.from_user is not None and message.from_user.id == caller.id
    if message.sender_chat is not None:  # the chat itself: an administrator who is anonymous
        return message.sender_chat.id == caller.id
    if message.from_user is None:
        return False
    return await desk.rights.is_administrator(bot, caller.id, message.from_user.id, desk.now())
