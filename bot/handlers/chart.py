"""/map: a picture of what is in force around the chat's places."""

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.handlers import reads
from bot.handlers.answers import say, say_picture, toast
from bot.handlers.caller import Caller
from bot.handlers.desk import READER_DEAF, Desk
from bot.handlers.presses import pressed
from bot.outcome import Outcome, Pictured, Rejected, Unreachable
from bot.screens.chart import chart as chart_screen
from bot.screens.codes import Verb
from storage import pictures
from storage.model import ChatKind


def router() -> Router:
    router = Router(name="chart")
    router.message.register(chart, Command("map"))
    router.callback_query.register(under_status, pressed(Verb.MAP))
    return router


async def chart(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    await _draw(caller, desk, bot, buttons=caller.kind is ChatKind.PRIVATE)


async def under_status(callback: CallbackQuery, caller: Caller, desk: Desk, bot: Bot) -> None:
    """A message of its own: words are not edited into a picture."""
    await _draw(caller, desk, bot, buttons=True)
    await toast(callback, "")


async def _draw(caller: Caller, desk: Desk, bot: Bot, *, buttons: bool) -> None:
    """By the name that Telegram gave the picture, where it has it; else it is sent. Where no
    pictures may be sent the words alone go."""
    silent_for = desk.operations.reader_silent_for()
    deaf = silent_for is None or silent_for >= READER_DEAF
    known, followed = await desk.database.read(
        lambda tx: reads.charted(tx, desk.areas, caller.id, caller.state, desk.now(), deaf=deaf)
    )
    shown = await desk.gallery.in_view(followed)
    sketch, caption = chart_screen(
        desk.speech(caller.lang), known, followed, shown, desk.now(), buttons=buttons
    )
    key = sketch.key
    name = await desk.database.read(lambda tx: pictures.file_id(tx, key, bot.id))
    outcome: Pictured | Outcome = Rejected(why="not sent yet")
    if name is not None:
        outcome = await say_picture(bot, caller, name, caption)
    if isinstance(outcome, Rejected):
        outcome = await say_picture(bot, caller, await desk.gallery.picture(sketch), caption)
    match outcome:
        case Pictured(file_id=str(given)) if given != name:
            await desk.database.write(lambda tx: pictures.keep(tx, key, bot.id, given, desk.now()))
        case Rejected() | Unreachable():
            await say(bot, caller, caption)
        case _:
            pass
