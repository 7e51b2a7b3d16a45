"""/status: what is in force now. /help: what this is."""

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.handlers import reads
from bot.handlers.answers import say, show
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.operators import commands_for
from bot.handlers.presses import pressed
from bot.screens import following
from bot.screens.codes import Verb
from bot.screens.status import status as status_screen
from storage import channels
from storage.model import ChatKind


def router() -> Router:
    router = Router(name="status")
    router.message.register(status, Command("status"))
    router.message.register(guide, Command("help"))
    router.callback_query.register(refresh, pressed(Verb.STATUS))
    return router


async def status(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    seen = await desk.database.read(lambda tx: reads.glances(tx, desk.areas, caller.id))
    speech, buttons = desk.speech(caller.lang), caller.kind is ChatKind.PRIVATE
    await say(bot, caller, status_screen(speech, seen, caller.state, desk.now(), buttons=buttons))


async def refresh(callback: CallbackQuery, caller: Caller, desk: Desk, bot: Bot) -> None:
    seen = await desk.database.read(lambda tx: reads.glances(tx, desk.areas, caller.id))
    speech = desk.speech(caller.lang)
    await show(bot, callback, caller, status_screen(speech, seen, caller.state, desk.now()))


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
