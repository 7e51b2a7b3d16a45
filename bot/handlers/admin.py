"""The operators' commands. To everybody else they do not exist: no filter lets them in, so they
are answered as any unknown command is."""

from typing import Final

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from bot.handlers import reads
from bot.handlers.answers import say
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.operators import operators_router
from bot.screens import admin as screens
from bot.screens import why as why_screens
from storage import audit, cards
from storage.audit import Switch
from storage.database import Tx
from storage.model import CardId, ChatId


def router() -> Router:
    return operators_router(
        "admin",
        {
            "pause": pause,
            "resume": resume,
            "health": health,
            "why": why,
        },
    )


async def pause(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    await _switch(desk, caller, "1", command)
    await say(bot, caller, screens.paused(desk.speech(caller.lang)))


async def resume(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    await _switch(desk, caller, "0", command)
    desk.wake()
    await say(bot, caller, screens.unpaused(desk.speech(caller.lang)))


async def _switch(desk: Desk, caller: Caller, value: str, command: CommandObject) -> None:
    """What follows the command is the reason."""
    now, reason = desk.now(), (command.args or "").strip() or None

    async def switched(tx: Tx) -> None:
        if await audit.paused(tx) != (value == "1"):
            await audit.switch(tx, Switch.PAUSED, value, now)
        await audit.note(tx, now, caller.id, command.command, why=reason)

    await desk.database.write(switched)


async def health(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    silent_for = desk.operations.reader_silent_for()
    state = await desk.database.read(lambda tx: reads.health(tx, silent_for))
    await say(bot, caller, screens.health(desk.speech(caller.lang), state, desk.now()))


async def why(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """«/why 42»: its cards. «/why 42 2147»: what it was told there, and what it would be now."""
    speech = desk.speech(caller.lang)
    typed = [_integer(each) for each in (command.args or "").split()]
    chat = ChatId(typed[0] or 0) if typed else ChatId(0)
    if not chat or len(typed) > 2 or None in typed:
        await say(bot, caller, screens.usage(speech, "/why 42 2147"))
    elif len(typed) == 1:
        found = await desk.database.read(lambda tx: cards.of_chat(tx, chat))
        await say(bot, caller, why_screens.cards_of(speech, chat, found[:_CARDS]))
    else:
        card, now = CardId(typed[1] or 0), desk.now()
        read = await desk.database.read(
            lambda tx: reads.why(tx, desk.areas, chat, card, now, desk.one_tier)
        )
        no_such = why_screens.no_such_card(speech, chat, card)
        await say(bot, caller, no_such if read is None else why_screens.why(speech, read, now))


_CARDS: Final = 20


def _integer(text: str) -> int | None:
    """As SQLite can hold it; a group's id is negative."""
    digits = text.removeprefix("#").removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 18):
        return None
    return -int(digits) if text.startswith("-") else int(digits)
