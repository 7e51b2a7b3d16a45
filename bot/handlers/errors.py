"""What no other handler took, and what went wrong in one."""

import logging
from typing import Final

from aiogram import Bot, F, Router
from aiogram.enums import ContentType
from aiogram.types import CallbackQuery, ErrorEvent, Message

from bot.handlers.answers import alert, say
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.refusals import command_of, is_for
from bot.screens import following
from bot.screens.choosing import lang_of
from bot.sender import Sender
from storage.model import ChatKind, TelegramId

_SAID: Final = frozenset(
    (
        ContentType.TEXT,
        ContentType.PHOTO,
        ContentType.VIDEO,
        ContentType.VIDEO_NOTE,
        ContentType.VOICE,
        ContentType.AUDIO,
        ContentType.DOCUMENT,
        ContentType.LOCATION,
        ContentType.STICKER,
    )
)
"""What people mean for us; a pinned message and the like is no question."""
_log = logging.getLogger(__name__)


def errors_router() -> Router:
    router = Router(name="errors")
    router.errors.register(failed)
    return router


def unclaimed_router() -> Router:
    """Goes in last."""
    router = Router(name="unclaimed")
    router.message.register(unknown, F.content_type.in_(_SAID))
    router.callback_query.register(out_of_date)
    return router


async def unknown(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    """In groups silence, unless this bot is named: most commands there are for others."""
    speech, command = desk.speech(caller.lang), command_of(message)
    if caller.kind is ChatKind.PRIVATE:
        await say(bot, caller, following.unknown(speech))
    elif command is not None and is_for(command, desk.bot_username):
        await say(bot, caller, following.not_here(speech))


async def out_of_date(callback: CallbackQuery, caller: Caller, desk: Desk) -> None:
    await alert(callback, following.out_of_date(desk.speech(caller.lang)))


async def failed(event: ErrorEvent, desk: Desk, bot: Bot) -> None:
    """The language is the client's: what is held of the chat may be what cannot be read."""
    update = event.update
    _log.error("update %s failed", update.update_id, exc_info=event.exception)
    if update.callback_query is not None:
        callback = update.callback_query
        speech = desk.speech(lang_of(callback.from_user.language_code))
        await alert(callback, following.failed(speech).text)
    elif update.message is not None and update.message.chat.type == ChatKind.PRIVATE:
        author = update.message.from_user
        speech = desk.speech(lang_of(author.language_code if author else None))
        chat = TelegramId(update.message.chat.id)
        await Sender(bot).send(chat, following.failed(speech), silent=False)
