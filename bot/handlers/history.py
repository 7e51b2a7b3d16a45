"""/history, /stats and /sources: what was, how much of it, and who said so."""

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.handlers import reads
from bot.handlers.answers import say, show
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.presses import pressed
from bot.screens import history as screens
from bot.screens.codes import Press, Verb
from bot.screens.own import nothing_followed
from bot.screens.sources import sources as sources_screen
from storage.model import ChatKind


def router() -> Router:
    router = Router(name="history")
    router.message.register(history, Command("history"))
    router.message.register(stats, Command("stats"))
    router.message.register(sources, Command("sources"))
    router.callback_query.register(turn, pressed(Verb.HISTORY))
    return router


async def history(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    """In a group its members read the first page: buttons are its administrators'."""
    speech, now = desk.speech(caller.lang), desk.now()
    found = await desk.database.read(
        lambda tx: reads.incidents_of(tx, desk.areas, caller.id, now, days=screens.DAYS)
    )
    if found is None:
        await say(bot, caller, nothing_followed(speech))
        return
    buttons = caller.kind is ChatKind.PRIVATE
    await say(bot, caller, screens.history(speech, found, 0, now, buttons=buttons))


async def turn(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    speech, now = desk.speech(caller.lang), desk.now()
    found = await desk.database.read(
        lambda tx: reads.incidents_of(tx, desk.areas, caller.id, now, days=screens.DAYS)
    )
    page = screens.history(speech, found or (), press.page, now, buttons=True)
    await show(bot, callback, caller, page)


async def stats(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    speech, now, days = desk.speech(caller.lang), desk.now(), max(screens.SPANS).days
    found = await desk.database.read(
        lambda tx: reads.incidents_of(tx, desk.areas, caller.id, now, days=days)
    )
    if found is None:
        await say(bot, caller, nothing_followed(speech))
    else:
        await say(bot, caller, screens.stats(speech, found, now))


async def sources(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    now, silent_for = desk.now(), desk.operations.reader_silent_for()
    read, silences, own = await desk.database.read(
        lambda tx: reads.sources(tx, desk.areas, caller.id, now)
    )
    hearing = await desk.database.read(lambda tx: reads.hearing(tx, silent_for, now))
    answer = sources_screen(
        desk.speech(caller.lang), read, now, own=own, silences=silences, hearing=hearing
    )
    await say(bot, caller, answer)
