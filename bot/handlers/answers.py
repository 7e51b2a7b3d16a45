"""Answering a person: through the sender, which never raises, and callback answers."""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError
from aiogram.types import BufferedInputFile, CallbackQuery

from bot.handlers.caller import Caller
from bot.message import Message as Screen
from bot.outcome import Accepted, Ambiguous, Gone, Outcome, Pictured, Unchanged
from bot.screens import keeping
from bot.sender import Sender
from bot.session import Session
from storage.model import TelegramId

T = TypeVar("T")

_MOST_ANSWER = 200
"""Characters of a callback's answer."""
_log = logging.getLogger(__name__)


async def say(bot: Bot, caller: Caller, screen: Screen, *, silent: bool = False) -> None:
    """Once: a reply that may have been lost is not repeated, the person will ask again."""
    chat, worded = caller.answered_in, _worded(caller, screen)
    outcome = await _in_turn(
        bot, chat, lambda: Sender(bot).send(chat, worded, silent=silent, thread=caller.thread)
    )
    _note(chat, outcome)


async def say_picture(
    bot: Bot, caller: Caller, photo: bytes | str, caption: Screen
) -> Pictured | Outcome:
    """Once as well, silently; what became of it."""
    chat, worded = caller.answered_in, _worded(caller, caption)
    outcome = await _in_turn(
        bot,
        chat,
        lambda: Sender(bot).send_photo(chat, photo, worded, silent=True, thread=caller.thread),
    )
    if not isinstance(outcome, Pictured):
        _note(chat, outcome)
    return outcome


async def show(
    bot: Bot, callback: CallbackQuery, caller: Caller, screen: Screen, toast: str = ""
) -> None:
    """In the place of the message whose button was pressed; anew where that is gone."""
    assert callback.message is not None  # the middleware let no other press through
    message_id = callback.message.message_id
    chat, worded = caller.answered_in, _worded(caller, screen)
    outcome = await _in_turn(bot, chat, lambda: Sender(bot).edit(chat, message_id, worded))
    if isinstance(outcome, Gone):
        await say(bot, caller, screen)
    else:
        _note(chat, outcome)
    await _answer(callback, toast, alert=False)


async def show_below(bot: Bot, callback: CallbackQuery, caller: Caller, screen: Screen) -> None:
    """In a message of its own: what an edit cannot bring."""
    await say(bot, caller, screen)
    await _answer(callback, "", alert=False)


async def hand_over(bot: Bot, caller: Caller, name: str, content: bytes, caption: str) -> None:
    """A document. Once, as everything that is said."""

    async def request() -> Outcome:
        try:
            sent = await bot.send_document(
                caller.answered_in,
                BufferedInputFile(content, name),
                caption=caption,
                message_thread_id=caller.thread,
            )
        except (TelegramAPIError, ClientDecodeError) as problem:
            return Ambiguous(why=type(problem).__name__)
        return Accepted(message_id=sent.message_id)

    _note(caller.answered_in, await _in_turn(bot, caller.answered_in, request))


def _worded(caller: Caller, screen: Screen) -> Screen:
    return screen if caller.keeper is None else keeping.of(caller.keeper, screen)


async def _in_turn(
    bot: Bot, chat: TelegramId, request: Callable[[], Awaitable[T | Outcome]]
) -> T | Outcome:
    turns = bot.session.turns if isinstance(bot.session, Session) else None
    return await (request() if turns is None else turns.carry_out(chat, request))


async def toast(callback: CallbackQuery, text: str) -> None:
    """Over the chat, for a moment."""
    await _answer(callback, text, alert=False)


async def alert(callback: CallbackQuery, text: str) -> None:
    """In a window of the presser's own, that must be closed."""
    await _answer(callback, text, alert=True)


async def _answer(callback: CallbackQuery, text: str, *, alert: bool) -> None:
    try:
        await callback.answer(text[:_MOST_ANSWER], show_alert=alert)
    except TelegramAPIError as problem:
        # Too late for it, mostly: what was asked for is carried out all the same.
        _log.info("callback not answered: %s", type(problem).__name__)


def _note(chat: int, outcome: Outcome) -> None:
    if not isinstance(outcome, Accepted | Unchanged):
        _log.warning("chat %s was not answered: %s", chat, outcome)
