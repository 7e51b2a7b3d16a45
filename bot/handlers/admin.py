"""The operators' commands. To everybody else they do not exist: no filter lets them in, so they
are answered as any unknown command is."""

from functools import partial
from typing import Final

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from bot.handlers import reads
from bot.handlers.answers import say
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.errands import Errand, Result
from bot.handlers.operators import operators_router
from bot.screens import admin as screens
from bot.screens import why as why_screens
from storage import audit, cards, channels
from storage.areas.search import search
from storage.areas.tree import Area, Areas, Tier
from storage.audit import Switch
from storage.database import Tx
from storage.model import CardId, Channel, ChatId


def router() -> Router:
    return operators_router(
        "admin",
        {
            "channels": listed,
            "channel_add": add,
            "channel_remove": remove,
            "pause": pause,
            "resume": resume,
            "health": health,
            "why": why,
        },
    )


async def listed(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    read = await desk.database.read(channels.listed)
    await say(bot, caller, screens.channels(desk.speech(caller.lang), read, desk.now()))


async def add(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    speech = desk.speech(caller.lang)
    name, _, place = (command.args or "").strip().partition(" ")
    name, place = name.removeprefix("@"), place.strip()
    if not name or not place:
        await say(bot, caller, screens.usage(speech, "/channel_add @name RU-KLU"))
        return
    area = region_named(desk.areas, place)
    if area is None:
        await say(bot, caller, screens.no_such_region(speech, place))
        return
    code = area.code

    async def added() -> Result:
        channel = await desk.operations.add_channel(name, code)
        return Result(
            screen=screens.channel_added(speech, channel), detail={"channel": channel.id}
        )

    await desk.errands.begin(
        Errand(
            action="channel_add",
            who=caller.id,
            detail={"name": name, "area": code},
            work=added,
            answer=partial(say, bot, caller),
            failed=screens.channel_not_added(speech, name),
        )
    )
    await say(bot, caller, screens.channel_sought(speech, name))


def region_named(areas: Areas, typed: str) -> Area | None:
    """A region or country by its code, or the region of that name."""
    area = areas.find(typed.upper())
    if area is not None:
        return area
    tiers = (Tier.REGION, Tier.COUNTRY)
    return next((each for each in search(areas, typed) if each.tier in tiers), None)


async def remove(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    speech = desk.speech(caller.lang)
    name, _, reason = (command.args or "").strip().removeprefix("@").partition(" ")
    now = desk.now()
    if not name:
        await say(bot, caller, screens.usage(speech, "/channel_remove @name"))
        return

    async def removed(tx: Tx) -> Channel | None:
        channel = await channels.named(tx, name)
        if channel is None or not channel.enabled:
            return None
        await channels.disable(tx, channel.id)
        await audit.note(
            tx,
            now,
            caller.id,
            "channel_remove",
            channel=channel.id,
            name=name,
            why=reason.strip() or None,
        )
        return channel

    gone = await desk.database.write(removed)
    if gone is None:
        await say(bot, caller, screens.no_such_channel(speech, f"@{name}"))
    else:
        await say(bot, caller, screens.channel_removed(speech, f"@{gone.username}"))


async def pause(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    await _switch(desk, caller, "1", command)
    await say(bot, caller, screens.paused(desk.speech(caller.lang)))


async def resume(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    await _switch(desk, caller, "0", command)
    desk.wake()
    await say(bot, caller, screens.unpaused(desk.speech(caller.lang)))


async def _switch(desk: Desk, caller: Caller, value: str, command: CommandObject) -> None:
    """What follows the command is the reason."""
    now, reason = desk.now(), (command.args or "").strip() or None

    async def switched(tx: Tx) -> None:
        if await audit.paused(tx) != (value == "1"):
            await audit.switch(tx, Switch.PAUSED, value, now)
        await audit.note(tx, now, caller.id, command.command, why=reason)

    await desk.database.write(switched)


async def health(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    silent_for = desk.operations.reader_silent_for()
    state = await desk.database.read(lambda tx: reads.health(tx, silent_for))
    await say(bot, caller, screens.health(desk.speech(caller.lang), state, desk.now()))


async def why(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """«/why 42»: its cards. «/why 42 2147»: what it was told there, and what it would be now."""
    speech = desk.speech(caller.lang)
    typed = [_integer(each) for each in (command.args or "").split()]
    chat = ChatId(typed[0] or 0) if typed else ChatId(0)
    if not chat or len(typed) > 2 or None in typed:
        await say(bot, caller, screens.usage(speech, "/why 42 2147"))
    elif len(typed) == 1:
        found = await desk.database.read(lambda tx: cards.of_chat(tx, chat))
        await say(bot, caller, why_screens.cards_of(speech, chat, found[:_CARDS]))
    else:
        card, now = CardId(typed[1] or 0), desk.now()
        read = await desk.database.read(
            lambda tx: reads.why(tx, desk.areas, chat, card, now, desk.one_tier)
        )
        no_such = why_screens.no_such_card(speech, chat, card)
        await say(bot, caller, no_such if read is None else why_screens.why(speech, read, now))


_CARDS: Final = 20


def _integer(text: str) -> int | None:
    """As SQLite can hold it; a group's id is negative."""
    digits = text.removeprefix("#").removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 18):
        return None
    return -int(digits) if text.startswith("-") else int(digits)
