"""/map: a picture of what is in force around the chat's places."""

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import Message

from bot.handlers import reads
from bot.handlers.answers import say, say_picture
from bot.handlers.caller import Caller
from bot.handlers.desk import READER_DEAF, Desk
from bot.outcome import Outcome, Pictured, Rejected, Unreachable
from bot.screens.chart import chart as chart_screen
from storage import pictures


def router() -> Router:
    router = Router(name="chart")
    router.message.register(chart, Command("map"))
    return router


async def chart(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    """By the name that Telegram gave the picture, where it has it; else it is sent. Where no
    pictures may be sent the words alone go."""
    silent_for = desk.operations.reader_silent_for()
    deaf = silent_for is None or silent_for >= READER_DEAF
    known, followed = await desk.database.read(
        lambda tx: reads.charted(tx, desk.areas, caller.id, caller.state, desk.now(), deaf=deaf)
    )
    shown = await desk.gallery.in_view(followed)
    sketch, caption = chart_screen(desk.speech(caller.lang), known, followed, shown, desk.now())
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
