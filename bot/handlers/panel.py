"""/admin: everything at a glance. /silence: what makes less noise for a time."""

from functools import partial

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.handlers import reads
from bot.handlers.answers import say, show
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.operators import operators_router
from bot.handlers.typed import number_in, region_named, timed
from bot.message import Message as Screen
from bot.screens import admin as admin_screens
from bot.screens import channels as channel_screens
from bot.screens import panel as screens
from bot.screens.codes import Verb
from storage import audit, cards, silences
from storage.areas.tree import Tier
from storage.database import Tx
from storage.model import AreaCode, Hazard


def router() -> Router:
    return operators_router(
        "panel",
        {
            "admin": panel,
            "silence": silence,
            "unsilence": unsilence,
        },
        {Verb.PANEL: refreshed},
    )


async def panel(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    await say(bot, caller, await _panel(caller, desk))


async def refreshed(callback: CallbackQuery, caller: Caller, desk: Desk, bot: Bot) -> None:
    await show(bot, callback, caller, await _panel(caller, desk))


async def _panel(caller: Caller, desk: Desk) -> Screen:
    silent_for, now = desk.operations.reader_silent_for(), desk.now()
    state = await desk.database.read(lambda tx: reads.panel(tx, silent_for, now))
    return screens.panel(desk.speech(caller.lang), state, now)


# --- silences -------------------------------------------------------------------------------


async def silence(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """«/silence RU-KLU uav 2h ложные срабатывания сирены»; alone it lists those in force."""
    speech, now = desk.speech(caller.lang), desk.now()
    if not (command.args or "").strip():
        found = await desk.database.read(lambda tx: silences.in_force(tx, now))
        await say(bot, caller, screens.silences(speech, found, now))
        return
    before, lasts, why = timed(command.args or "")
    place, _, named = before.rpartition(" ")
    area = region_named(desk.areas, place) if place else None
    if lasts is None or not why or (named != "all" and named not in list(Hazard)):
        await say(bot, caller, screens.how_to_silence(speech))
        return
    if area is None or area.tier is not Tier.REGION:
        await say(bot, caller, channel_screens.no_such_region(speech, place))
        return
    region, hazard = area.code, None if named == "all" else Hazard(named)

    async def put(tx: Tx) -> silences.Silence:
        number = await silences.put(tx, region, hazard, caller.id, why, at=now, until=now + lasts)
        await audit.note(
            tx, now, caller.id, "silence", silence=number, region=region, hazard=named, why=why
        )
        return silences.Silence(
            id=number,
            region=region,
            hazard=hazard,
            made_by=caller.id,
            until=now + lasts,
            why=why,
        )

    made = await desk.database.write(put)
    await say(bot, caller, screens.silenced(speech, made, now))


async def unsilence(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    speech, now = desk.speech(caller.lang), desk.now()
    if (number := number_in(command.args)) is None:
        await say(bot, caller, admin_screens.usage(speech, "/unsilence 12"))
        return

    async def ended(tx: Tx) -> AreaCode | None:
        region = await silences.end(tx, number, now)
        if region is not None:
            await audit.note(tx, now, caller.id, "unsilence", silence=number)
        return region

    region = await desk.database.write(ended)
    if region is not None:  # what it had taken the sound from sounds now
        rouse = partial(cards.rouse, region=region, at=now)
        while await desk.database.write(rouse):
            desk.wake()
        desk.wake()
    await say(bot, caller, screens.unsilenced(speech, number, done=region is not None))
