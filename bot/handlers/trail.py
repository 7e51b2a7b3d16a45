"""/admins: who may do what. /audit: who did what, when and why."""

from aiogram import Bot, Router
from aiogram.types import CallbackQuery, Message

from bot.handlers.answers import say, show
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.operators import operators_router
from bot.message import Message as Screen
from bot.screens import trail as screens
from bot.screens.codes import Press, Verb
from bot.screens.speech import pages
from storage import audit
from storage.database import Tx


def router() -> Router:
    return operators_router("trail", {"admins": admins, "audit": trail}, {Verb.AUDIT: turned})


async def admins(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    await say(bot, caller, screens.admins(desk.speech(caller.lang), desk.admins))


async def trail(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    await say(bot, caller, await _page(desk, caller, 0))


async def turned(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    await show(bot, callback, caller, await _page(desk, caller, press.page))


async def _page(desk: Desk, caller: Caller, number: int) -> Screen:
    size = screens.PER_PAGE

    async def read(tx: Tx) -> tuple[list[audit.Deed], int, int]:
        count = await audit.count(tx)
        shown = min(number, pages(count, size) - 1)
        return list(await audit.deeds(tx, shown * size, size)), shown, count

    return screens.audit(desk.speech(caller.lang), *await desk.database.read(read))
