"""/channels, /channel and what adds, removes and mutes one."""

import re
from functools import partial
from typing import Final

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message, MessageOriginChannel

from bot.handlers.answers import alert, say, show
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.errands import Errand, Result
from bot.handlers.operators import forwards, operators_router
from bot.handlers.typed import region_named, timed
from bot.message import Message as Screen
from bot.screens import admin as admin_screens
from bot.screens import channels as screens
from bot.screens import following
from bot.screens.codes import Press, Verb
from storage import audit, channels, mutes
from storage.areas.tree import Tier
from storage.database import Tx
from storage.model import AreaCode, Channel

_NAME: Final = re.compile(
    r"(?:https?://)?(?:t\.me/(?:s/)?|@)?([A-Za-z][A-Za-z0-9_]{0,31})(?:/.*)?"
)
_AUTHORITY: Final = {screens.DECLARES: True, screens.REPORTS: False}


def router() -> Router:
    router = operators_router(
        "channels",
        {
            "channels": listed,
            "channel": page,
            "channel_add": add,
            "channel_remove": remove,
            "channel_mute": mute,
            "channel_unmute": unmute,
        },
        {Verb.CHANNEL: refreshed, Verb.CHANNEL_AREA: choose, Verb.CHANNEL_ADD: chosen},
    )
    router.message.register(forwarded, forwards)
    return router


def name_in(typed: str) -> str | None:
    """``@name``, a bare name or its address; None: it cannot be one of a public channel."""
    found = _NAME.fullmatch(typed.strip())
    return found[1] if found else None


# --- looking ----------------------------------------------------------------------------------


async def listed(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    read = await desk.database.read(channels.listed)
    await say(bot, caller, screens.listed(desk.speech(caller.lang), read, desk.now()))


async def page(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    await say(bot, caller, await _page(desk, caller, (command.args or "").strip()))


async def refreshed(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    await show(bot, callback, caller, await _page(desk, caller, press.argument))


async def _page(desk: Desk, caller: Caller, typed: str) -> Screen:
    speech, name = desk.speech(caller.lang), name_in(typed)
    if name is None:
        return admin_screens.usage(speech, "/channel @name")
    found = await desk.database.read(lambda tx: channels.named(tx, name))
    if found is None:
        return screens.unknown(speech, screens.at(name))
    return screens.page(speech, found, desk.operations.pushed_at(found.id), desk.now())


# --- adding -----------------------------------------------------------------------------------


async def add(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """«/channel_add @name»; what is not said is asked: the region, and what it may declare."""
    speech = desk.speech(caller.lang)
    typed, _, place = (command.args or "").strip().partition(" ")
    place = place.strip()
    if (name := name_in(typed)) is None:
        await say(bot, caller, screens.how_to_add(speech))
    elif not place:
        await say(bot, caller, screens.whose(speech, name))
    elif (area := region_named(desk.areas, place)) is None:
        await say(bot, caller, screens.no_such_region(speech, place))
    elif area.tier is Tier.COUNTRY:
        await _add(name, area.code, desk, caller, bot, declares=False)
        await say(bot, caller, screens.sought(speech, name))
    else:
        region = desk.areas.region_of(area.code).code
        await say(bot, caller, screens.authority(speech, name, region))


async def forwarded(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    """A channel's post, forwarded by an operator: the same questions. It changes nothing."""
    origin = message.forward_origin
    assert isinstance(origin, MessageOriginChannel)  # the filter's
    name = name_in(origin.chat.username or "")
    known = await desk.database.read(lambda tx: channels.named(tx, name or ""))
    read = known if known is not None and known.enabled else None
    await say(bot, caller, screens.forwarded(desk.speech(caller.lang), name, read))


async def choose(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """``name``, or ``name.country`` with a page of its regions."""
    speech = desk.speech(caller.lang)
    typed, _, code = press.argument.partition(".")
    name, country = name_in(typed), desk.areas.find(code)
    if name is None:
        await alert(callback, following.out_of_date(speech))
    elif country is None or country.tier is not Tier.COUNTRY:
        await show(bot, callback, caller, screens.whose(speech, name))
    else:
        await show(bot, callback, caller, screens.regions(speech, name, country, press.page))


async def chosen(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """``name.area``, and for a region what it may declare."""
    speech = desk.speech(caller.lang)
    typed, _, rest = press.argument.partition(".")
    code, _, may = rest.partition(".")
    name, area = name_in(typed), desk.areas.find(code)
    if name is None or area is None or area.tier not in (Tier.COUNTRY, Tier.REGION):
        await alert(callback, following.out_of_date(speech))
        return
    declares = False if area.tier is Tier.COUNTRY else _AUTHORITY.get(may)
    if declares is None:
        await show(bot, callback, caller, screens.authority(speech, name, area.code))
        return
    await _add(name, area.code, desk, caller, bot, declares=declares)
    await show(bot, callback, caller, screens.sought(speech, name))


async def _add(
    name: str, area: AreaCode, desk: Desk, caller: Caller, bot: Bot, *, declares: bool
) -> None:
    speech = desk.speech(caller.lang)

    async def added() -> Result:
        channel = await desk.operations.add_channel(name, area, declares=declares)
        pushed_at = desk.operations.pushed_at(channel.id)
        return Result(
            screen=screens.added(speech, channel, pushed_at, desk.now()),
            detail={"channel": channel.id, "joined": str(channel.joined)},
        )

    await desk.errands.begin(
        Errand(
            action="channel_add",
            who=caller.id,
            detail={"name": name, "area": area, "declares": str(declares)},
            work=added,
            answer=partial(say, bot, caller),
            failed=screens.not_added(speech, name),
        )
    )


# --- removing and muting ----------------------------------------------------------------------


async def remove(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """«/channel_remove @name why»"""
    speech, now = desk.speech(caller.lang), desk.now()
    typed, _, reason = (command.args or "").strip().partition(" ")
    if (name := name_in(typed)) is None:
        await say(bot, caller, admin_screens.usage(speech, "/channel_remove @name"))
        return

    async def removed(tx: Tx) -> Channel | None:
        channel = await channels.named(tx, name)
        if channel is None or not channel.enabled:
            return None
        await channels.disable(tx, channel.id)
        why = reason.strip() or None
        await audit.note(
            tx, now, caller.id, "channel_remove", channel=channel.id, name=name, why=why
        )
        return channel

    gone = await desk.database.write(removed)
    if gone is None:
        await say(bot, caller, screens.unknown(speech, screens.at(name)))
    else:
        await say(bot, caller, screens.removed(speech, screens.handle(gone)))


async def mute(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """«/channel_mute @name 2h канал взломан»"""
    speech, now = desk.speech(caller.lang), desk.now()
    typed, lasts, why = timed(command.args or "")
    name = name_in(typed)
    if lasts is None or not why or name is None:
        await say(bot, caller, admin_screens.usage(speech, "/channel_mute @name 2h …"))
        return

    async def muted(tx: Tx) -> Channel | None:
        channel = await channels.named(tx, name)
        if channel is None or not channel.enabled:
            return None
        until = now + lasts
        await mutes.begin(tx, channel.id, caller.id, why, at=now, until=until)
        await audit.note(
            tx, now, caller.id, "channel_mute", channel=channel.id, name=name, why=why
        )
        return await channels.get(tx, channel.id)

    channel = await desk.database.write(muted)
    if channel is None:
        await say(bot, caller, screens.unknown(speech, screens.at(name)))
    else:
        await say(bot, caller, screens.muted(speech, channel))


async def unmute(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    speech, now = desk.speech(caller.lang), desk.now()
    if (name := name_in(command.args or "")) is None:
        await say(bot, caller, admin_screens.usage(speech, "/channel_unmute @name"))
        return

    async def unmuted(tx: Tx) -> Channel | None:
        channel = await channels.named(tx, name)
        if channel is None or not await mutes.end(tx, channel.id, now):
            return None
        await audit.note(tx, now, caller.id, "channel_unmute", channel=channel.id, name=name)
        return channel

    ended = await desk.database.write(unmuted)
    if ended is None:
        await say(bot, caller, screens.not_muted(speech, name))
    else:
        await say(bot, caller, screens.unmuted(speech, screens.handle(ended)))
