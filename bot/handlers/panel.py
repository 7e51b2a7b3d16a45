"""/admin: everything at a glance. /silence, /channel_mute: what makes less noise for a time."""

import re
from datetime import timedelta
from functools import partial
from typing import Final

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message, MessageOriginChannel

from bot.handlers import reads
from bot.handlers.admin import region_named
from bot.handlers.answers import say, show
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.moderation import number_in
from bot.handlers.operators import forwards, operators_router
from bot.message import Message as Screen
from bot.screens import admin as admin_screens
from bot.screens import panel as screens
from bot.screens.codes import Verb
from storage import audit, cards, channels, silences
from storage.areas.tree import Tier
from storage.database import Tx
from storage.model import AreaCode, Channel, Hazard

_UNITS: Final = {"m": 1, "м": 1, "h": 60, "ч": 60, "г": 60, "d": 1440, "д": 1440}
_DURATION: Final = re.compile(rf"(\d{{1,4}})([{''.join(_UNITS)}])")
_LONGEST: Final = timedelta(days=7)


def router() -> Router:
    router = operators_router(
        "panel",
        {
            "admin": panel,
            "silence": silence,
            "unsilence": unsilence,
            "channel_mute": mute,
            "channel_unmute": unmute,
        },
        {Verb.PANEL: refreshed},
    )
    router.message.register(forwarded, forwards)
    return router


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
    """«/silence RU-KLU uav 2h ложные срабатывания сирены»"""
    speech, now = desk.speech(caller.lang), desk.now()
    before, lasts, why = timed(command.args or "")
    place, _, named = before.rpartition(" ")
    area = region_named(desk.areas, place) if place else None
    if lasts is None or not why or (named != "all" and named not in list(Hazard)):
        await say(bot, caller, screens.how_to_silence(speech))
        return
    if area is None or area.tier is not Tier.REGION:
        await say(bot, caller, admin_screens.no_such_region(speech, place))
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


# --- channels -------------------------------------------------------------------------------


async def mute(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """«/channel_mute @name 2h канал взломан»"""
    speech, now = desk.speech(caller.lang), desk.now()
    name, lasts, why = timed(command.args or "")
    if lasts is None or not why or not name:
        await say(bot, caller, admin_screens.usage(speech, "/channel_mute @name 2h …"))
        return

    async def muted(tx: Tx) -> Channel | None:
        channel = await channels.named(tx, name)
        if channel is None or not channel.enabled:
            return None
        await channels.mute(tx, channel.id, now + lasts, why)
        await audit.note(
            tx, now, caller.id, "channel_mute", channel=channel.id, name=name, why=why
        )
        return await channels.get(tx, channel.id)

    channel = await desk.database.write(muted)
    if channel is None:
        await say(bot, caller, admin_screens.no_such_channel(speech, name))
    else:
        await say(bot, caller, screens.muted(speech, channel, now))


async def unmute(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    speech, now = desk.speech(caller.lang), desk.now()
    name = (command.args or "").strip()

    async def unmuted(tx: Tx) -> Channel | None:
        channel = await channels.named(tx, name)
        if channel is None or channel.muted_until is None:
            return None
        await channels.mute(tx, channel.id, None, None)
        await audit.note(tx, now, caller.id, "channel_unmute", channel=channel.id, name=name)
        return channel

    if await desk.database.write(unmuted) is None:
        await say(bot, caller, admin_screens.no_such_channel(speech, name or "—"))
    else:
        await say(bot, caller, screens.unmuted(speech, name))


async def forwarded(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    """A channel's post, forwarded by an operator: how to read that channel. Changes nothing."""
    origin = message.forward_origin
    assert isinstance(origin, MessageOriginChannel)  # the filter's
    known = await desk.database.read(lambda tx: channels.named(tx, origin.chat.username or ""))
    read = known if known is not None and known.enabled else None
    await say(bot, caller, screens.forwarded(desk.speech(caller.lang), origin.chat.username, read))


# --- what was typed -------------------------------------------------------------------------


def timed(typed: str) -> tuple[str, timedelta | None, str]:
    """What stands before the first duration («2h», «30m», «1d»), the duration, and the rest.
    None: there is none, or it is not between a minute and a week."""
    words = typed.split()
    for at, word in enumerate(words):
        if found := _DURATION.fullmatch(word.lower()):
            lasts = timedelta(minutes=int(found[1]) * _UNITS[found[2]])
            fits = timedelta() < lasts <= _LONGEST
            before, after = " ".join(words[:at]), " ".join(words[at + 1 :])
            return before, lasts if fits else None, after
    return typed.strip(), None, ""
