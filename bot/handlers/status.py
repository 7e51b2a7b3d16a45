"""/status: what is in force now. /help: what this is."""

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.handlers import reads
from bot.handlers.answers import say, show, show_below
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.operators import commands_for
from bot.handlers.presses import pressed
from bot.message import Message as Screen
from bot.quiet import zone_of
from bot.screens import following, hours
from bot.screens.codes import BELOW, Press, Verb
from bot.screens.status import status as status_screen
from storage import channels, chats
from storage.model import ChatKind


def router() -> Router:
    router = Router(name="status")
    router.message.register(status, Command("status"))
    router.message.register(guide, Command("help"))
    router.callback_query.register(refresh, pressed(Verb.STATUS))
    return router


async def status(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    """In a group its members read it: buttons are its administrators'."""
    buttons = caller.kind is ChatKind.PRIVATE
    await say(bot, caller, await _status(desk, caller, buttons=buttons))


async def refresh(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    answer = await _status(desk, caller, buttons=True)
    if press.argument == BELOW:
        await show_below(bot, callback, caller, answer)
    else:
        await show(bot, callback, caller, answer)


async def _status(desk: Desk, caller: Caller, *, buttons: bool) -> Screen:
    now, silent_for = desk.now(), desk.operations.reader_silent_for()
    seen = await desk.database.read(lambda tx: reads.glances(tx, desk.areas, caller.id, now))
    return status_screen(
        desk.speech(caller.lang),
        seen,
        caller.state,
        now,
        buttons=buttons,
        quieter=await _quieter(desk, caller),
        hearing=await desk.database.read(lambda tx: reads.hearing(tx, silent_for, now)),
    )


async def _quieter(desk: Desk, caller: Caller) -> list[str]:
    wishes = caller.wishes
    home = await desk.database.read(lambda tx: chats.home(tx, caller.id))
    zone = zone_of(wishes, () if home is None else (home,), desk.areas)
    return hours.quieter(desk.speech(caller.lang), wishes, zone, desk.now())


async def guide(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    read = await desk.database.read(channels.listed)
    speech = desk.speech(caller.lang)
    answer = following.guide(
        speech,
        read,
        operates=commands_for(message, desk),
        bot_username=desk.bot_username if caller.kind is ChatKind.PRIVATE else None,
    )
    await say(bot, caller, answer)
