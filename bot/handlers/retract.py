"""/retract: a danger that never was is taken back, in prepared words."""

import secrets
from datetime import timedelta
from typing import Final

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.handlers.answers import alert, say, show
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.operators import operators_router
from bot.handlers.typed import number_in
from bot.screens import retract as screens
from bot.screens.codes import Press, Verb
from storage import cards, incidents, proposals
from storage.database import Tx
from storage.incidents import Incident

CONFIRMED_WITHIN: Final = timedelta(minutes=10)
_KIND: Final = "retract"
_SINCE: Final = timedelta(days=7)
"""How long an incident may be over."""


def router() -> Router:
    return operators_router("retract", {"retract": retract}, {Verb.RETRACT: retracted})


async def retract(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """Asks which and why; nothing is done before a button is pressed."""
    speech, now = desk.speech(caller.lang), desk.now()
    if (number := number_in(command.args)) is None:
        running = await desk.database.read(incidents.running)
        ended = await desk.database.read(lambda tx: incidents.ended(tx, now - _SINCE))
        await say(bot, caller, screens.choose(speech, running, ended, now))
        return
    token = secrets.token_urlsafe(12)

    async def proposed(tx: Tx) -> tuple[Incident, int] | None:
        incident = await incidents.get(tx, number)
        if incident is None or incident.retracted_at is not None:
            return None
        if incident.closed_at is not None and incident.closed_at < now - _SINCE:
            return None
        expires = now + CONFIRMED_WITHIN
        await proposals.propose(tx, token, _KIND, str(number), caller.id, now, expires=expires)
        return incident, await cards.alarmed(tx, incident)

    found = await desk.database.write(proposed)
    if found is None:
        await say(bot, caller, screens.not_running(speech, number))
    else:
        await say(bot, caller, screens.ask(speech, *found, token, now))


async def retracted(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    speech, now = desk.speech(caller.lang), desk.now()
    wrong = screens.CAUSES[min(press.page, len(screens.CAUSES) - 1)]
    token = press.argument
    proposal = await desk.database.read(lambda tx: proposals.get(tx, token))
    if proposal is None or proposal.kind != _KIND:
        await alert(callback, screens.too_late(speech).text)
        return
    taken = False

    async def redeem(tx: Tx) -> bool:
        nonlocal taken
        taken = await proposals.take(tx, token, _KIND, caller.id, now) is not None
        return taken

    number = int(proposal.body)
    why_not = await desk.operations.retract(number, caller.id, wrong, redeem)
    desk.wake()
    if why_not is None:
        await show(bot, callback, caller, screens.done(speech, number))
    elif taken:
        await show(bot, callback, caller, screens.not_running(speech, number))
    else:
        await alert(callback, screens.too_late(speech).text)
