"""«Подробнее» under an alert. The alert itself stays what it is: its edits are the outbox's."""

from aiogram import Bot, Router
from aiogram.types import CallbackQuery

from bot.handlers import reads
from bot.handlers.answers import alert, say, show, toast
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.presses import pressed
from bot.screens import details, following
from bot.screens.codes import Press, Verb, area_of
from storage.model import ChatKind


def router() -> Router:
    router = Router(name="card")
    router.callback_query.register(more, pressed(Verb.MORE))
    return router


async def more(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """In private a message of its own, which its own button refreshes; elsewhere, where anybody
    may ask, a window that the presser alone sees."""
    speech, area, now = desk.speech(caller.lang), area_of(desk.areas, press.argument), desk.now()
    told = None
    if area is not None:
        told = await desk.database.read(
            lambda tx: reads.last_told(tx, desk.areas, caller.id, area.code)
        )
    if told is None:
        await alert(callback, following.out_of_date(speech))
        return
    card, seen, wishes = told
    voice = speech.voice(card.region, now)
    if caller.kind is not ChatKind.PRIVATE:
        await alert(callback, details.popup(speech, voice, card, seen, wishes))
        return
    answer = details.details(speech, voice, card, seen, wishes)
    if press.page:
        await show(bot, callback, caller, answer)
    else:
        await toast(callback, "")
        await say(bot, caller, answer, silent=True)
