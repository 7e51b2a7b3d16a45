"""Middlewares and a filter: who speaks is worked out once, before any handler, and what nobody may
do is stopped here."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

from aiogram import Bot
from aiogram.types import (
    CallbackQuery,
    MaybeInaccessibleMessageUnion,
    Message,
    TelegramObject,
)

from bot.handlers.answers import alert, say
from bot.handlers.caller import Caller, caller_of, kept_by
from bot.handlers.desk import Desk
from bot.handlers.refusals import EXPLAINED, Why, command_of, is_for, press_refused, refused
from bot.screens import following
from bot.screens.choosing import lang_of
from bot.screens.codes import Press, Verb, parse
from storage import cards, chats
from storage.model import ChatId, ChatKind, ChatState, TelegramId

FOR_ALL: Final = frozenset((Verb.MORE,))
"""What the members of a group may press too: it answers them alone and changes nothing."""

_Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


async def introduce_author(
    handler: _Handler, event: TelegramObject, data: dict[str, Any]
) -> Any:  # what aiogram passes through
    """Middleware of messages: adds ``caller``. What members say to each other goes no further, nor
    do commands that nobody can be held to."""
    assert isinstance(event, Message)
    desk: Desk = data["desk"]
    bot: Bot = data["bot"]
    is_private = event.chat.type == ChatKind.PRIVATE
    is_news = event.migrate_to_chat_id or event.migrate_from_chat_id or _of_a_topic(event)
    command = command_of(event)
    if not (is_private or is_news or command is not None):
        return None
    why = None if is_news else refused(event)
    if why is not None and why not in EXPLAINED:
        return None
    language = event.from_user.language_code if event.from_user else None
    thread = event.message_thread_id if event.is_topic_message else None
    if why is not None and command is not None:
        if is_private or is_for(command, desk.bot_username) or _is_ours(desk, why, command):
            caller = await caller_of(desk, event.chat, thread, language)
            speech = desk.speech(caller.lang)
            explained = following.anonymous if why is Why.ANONYMOUS else following.not_taken
            await say(bot, caller, explained(speech))
        return None
    about = await _about_another(event, desk, bot) if command is None else None
    data["caller"] = about or await caller_of(desk, event.chat, thread, language)
    return await handler(event, data)


def _of_a_topic(event: Message) -> bool:
    return bool(event.forum_topic_closed or event.forum_topic_reopened)


def _is_ours(desk: Desk, why: Why, command: str) -> bool:
    """An administrator's, who would wait for an answer; another bot may have the command too."""
    ours = (name for name, _ in following.commands(desk.speech(lang_of(None))))
    return why is Why.ANONYMOUS and command in ours


async def _about_another(message: Message, desk: Desk, bot: Bot) -> Caller | None:
    """A name in answer to a screen of a channel's set-up, by somebody who may change it."""
    screen, person = message.reply_to_message, message.from_user
    if screen is None or screen.reply_markup is None or person is None:
        return None
    datas = [each.callback_data for row in screen.reply_markup.inline_keyboard for each in row]
    presses = [parse(data) for data in datas if data]
    about = {None if press is None else press.chat for press in presses}
    # All of its buttons are about that chat; at /start one alone leads there.
    chat = about.pop() if len(about) == 1 else None
    if chat is None:
        return None
    there, now = TelegramId(chat), desk.now()
    if not await desk.rights.is_administrator(bot, there, person.id, now):
        return None
    return await kept_by(desk, ChatId(chat), person)


async def introduce_presser(
    handler: _Handler, event: TelegramObject, data: dict[str, Any]
) -> Any:  # what aiogram passes through
    """Middleware of button presses: adds ``caller`` and ``press``, after checking that this
    person may press buttons in this chat: ``callback_data`` is as forgeable as any text."""
    assert isinstance(event, CallbackQuery)
    desk: Desk = data["desk"]
    bot: Bot = data["bot"]
    press = parse(event.data or "")
    stranger = desk.speech(lang_of(event.from_user.language_code))
    if event.message is None or press is None or _nobody_knows_where(event.message):
        await alert(event, following.out_of_date(stranger))
        return None
    if press_refused(event, event.message, press.chat) is not None:
        await alert(event, following.only_administrators(stranger))
        return None
    caller = await _presser(event, press, desk)
    is_free = caller is not None and caller.keeper is None and press.verb in FOR_ALL
    if caller is None or not (is_free or await _may_press(event, caller, desk, bot)):
        # About another chat the words are the same whether we know it or not.
        is_here = caller is not None and caller.keeper is None
        speech = desk.speech(caller.lang) if caller and is_here else stranger
        await alert(event, following.only_administrators(speech))
        return None
    if caller.keeper is not None and caller.state is ChatState.SUSPENDED:
        await alert(event, following.not_in_there(stranger))
        return None
    data |= {"caller": caller, "press": press}
    return await handler(event, data)


def _nobody_knows_where(message: MaybeInaccessibleMessageUnion) -> bool:
    """Of an old message Telegram does not say in which topic it stands."""
    return not isinstance(message, Message) and bool(message.chat.is_forum)


async def _presser(event: CallbackQuery, press: Press, desk: Desk) -> Caller | None:
    """None: the button is about a chat of which nothing is held. Under a topic's alert that had to
    go to General it is about the topic."""
    assert event.message is not None
    chat, thread = event.message.chat, None
    if press.chat is not None:
        return await kept_by(desk, ChatId(press.chat), event.from_user)
    if isinstance(event.message, Message) and event.message.is_topic_message:
        thread = event.message.message_thread_id
    caller = await caller_of(desk, chat, thread, event.from_user.language_code)
    if caller.kind is not ChatKind.SUPERGROUP or thread is not None:
        return caller
    message = event.message.message_id
    topic = await desk.database.read(lambda tx: cards.topic_of(tx, caller.telegram, message))
    if topic is None:
        return caller
    known = await desk.database.read(lambda tx: chats.get(tx, topic))
    return replace(caller, id=topic, known=known, forum=caller.telegram)


async def _may_press(event: CallbackQuery, caller: Caller, desk: Desk, bot: Bot) -> bool:
    if caller.kind is ChatKind.PRIVATE:
        return True  # its own person: anybody else was refused before
    return await desk.rights.is_administrator(bot, caller.telegram, event.from_user.id, desk.now())


async def may_change(message: Message, caller: Caller, desk: Desk, bot: Bot) -> bool:
    """Filter: whether the author may see and change what the chat follows. Those who write as the
    chat were turned away before."""
    if message.from_user is None:
        return False
    if caller.kind is ChatKind.PRIVATE:
        return message.from_user.id == caller.telegram
    person = message.from_user.id
    return await desk.rights.is_administrator(bot, caller.telegram, person, desk.now())
