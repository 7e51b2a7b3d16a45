"""/broadcast: a service message to everybody. It is sent by `bot.broadcaster`."""

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
from bot.screens import broadcast as screens
from bot.screens import retract as retract_screens
from bot.screens.codes import Press, Verb
from storage import audit, broadcasts, proposals
from storage.broadcasts import Broadcast, State
from storage.database import Tx

_KIND: Final = "broadcast"
_CONFIRMED_WITHIN: Final = timedelta(minutes=10)


def router() -> Router:
    return operators_router(
        "broadcast",
        {"broadcast": broadcast},
        {Verb.BROADCAST: begun, Verb.CANCEL: cancelled},
    )


async def broadcast(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    speech, now = desk.speech(caller.lang), desk.now()
    text = (command.args or "").strip()
    if not text or len(text) > screens.MOST_TEXT:
        await say(bot, caller, screens.how(speech))
        return
    token = secrets.token_urlsafe(12)

    async def proposed(tx: Tx) -> int:
        expires = now + _CONFIRMED_WITHIN
        await proposals.propose(tx, token, _KIND, text, caller.id, now, expires=expires)
        return await broadcasts.audience(tx)

    audience = await desk.database.write(proposed)
    await say(bot, caller, screens.ask(speech, text, audience, token))


async def begun(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """The question becomes the message that shows the progress."""
    speech, now = desk.speech(caller.lang), desk.now()
    assert callback.message is not None  # the middleware let no other press through
    question = callback.message.message_id

    async def start(tx: Tx) -> Broadcast | State | None:
        found = await proposals.take(tx, press.argument, _KIND, caller.id, now)
        if found is None:
            return None
        number = await broadcasts.begin(tx, found.body, caller.id, now)
        if number is None:
            return State.RUNNING
        await broadcasts.show(tx, number, question)
        await audit.note(tx, now, caller.id, "broadcast", broadcast=number, why=found.body[:100])
        return await broadcasts.get(tx, number)

    made = await desk.database.write(start)
    if made is None:
        await alert(callback, retract_screens.too_late(speech).text)
    elif isinstance(made, Broadcast):
        await show(bot, callback, caller, screens.progress(speech, made))
        desk.wake()
    else:
        await show(bot, callback, caller, screens.another_runs(speech))


async def cancelled(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    speech, now = desk.speech(caller.lang), desk.now()
    number = number_in(press.argument) or 0

    async def cancel(tx: Tx) -> Broadcast | None:
        if await broadcasts.end(tx, number, State.CANCELLED):
            await audit.note(tx, now, caller.id, "broadcast_cancel", broadcast=number)
        return await broadcasts.get(tx, number)

    ended = await desk.database.write(cancel)
    if ended is None:
        await alert(callback, retract_screens.too_late(speech).text)
    else:
        await show(bot, callback, caller, screens.progress(speech, ended))
