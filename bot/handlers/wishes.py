"""/settings and /snooze: what a chat chooses, each press one write, shown in place."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.handlers import writes
from bot.handlers.answers import alert, say, show, toast
from bot.handlers.caller import Caller, keeper_of
from bot.handlers.desk import Desk
from bot.handlers.introduce import may_change
from bot.handlers.presses import pressed
from bot.message import Message as Screen
from bot.quiet import zone_of
from bot.render.buttons import FROM_CARD
from bot.screens import following, hours, mornings
from bot.screens import wishes as screens
from bot.screens.codes import Press, Verb
from bot.screens.hours import Mistake
from storage import chats
from storage.model import ChatKind, Lang, QuietHours, Wishes

_FROM_CARD_FOR: Final = timedelta(hours=1)


def router() -> Router:
    router = Router(name="wishes")
    router.message.register(settings, Command("settings"), may_change)
    router.message.register(snooze, Command("snooze"), may_change)
    router.callback_query.register(show_settings, pressed(Verb.SETTINGS))
    router.callback_query.register(switch, pressed(Verb.SWITCH))
    router.callback_query.register(quiet, pressed(Verb.QUIET))
    router.callback_query.register(zones, pressed(Verb.ZONE))
    router.callback_query.register(digest, pressed(Verb.DIGEST))
    router.callback_query.register(snoozed, pressed(Verb.SNOOZE))
    return router


async def settings(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """«/settings 23:00-7:00 Самара» sets the quiet hours at once."""
    speech, wishes, zone = desk.speech(caller.lang), caller.wishes, await _zone(desk, caller)
    asked = (command.args or "").strip()
    if not asked:
        await say(bot, caller, _settings(desk, caller, wishes, zone))
        return
    wanted = hours.typed(asked, wishes, zone, hours.known_zones(speech))
    if isinstance(wanted, Mistake):
        await say(bot, caller, hours.mistaken(speech, asked, wanted))
        return
    wishes = await _choose_hours(desk, caller, wanted)
    await say(bot, caller, hours.quiet_hours(speech, wishes, zone, desk.now()))


async def show_settings(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """From a channel's alert in the presser's private chat: its readers see alerts only."""
    answer = _settings(desk, caller, caller.wishes, await _zone(desk, caller))
    if press.argument == FROM_CARD:
        if caller.kind is ChatKind.CHANNEL and callback.message is not None:
            title = callback.message.chat.title
            caller = replace(caller, keeper=keeper_of(caller.id, title, callback.from_user))
        await toast(callback, "")
        await say(bot, caller, answer, silent=True)
    else:
        await show(bot, callback, caller, answer)


async def switch(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    chosen, now = screens.chosen(press.argument), desk.now()
    if chosen is None:
        await alert(callback, following.out_of_date(desk.speech(caller.lang)))
        return
    if isinstance(chosen, Lang):
        await desk.database.write(
            lambda tx: writes.choose_language(tx, caller, chosen, now, redraw=True)
        )
        wishes, lang = caller.wishes, chosen
    else:
        name, on = chosen
        wishes = await desk.database.write(
            lambda tx: writes.choose(
                tx,
                caller,
                lambda held: screens.switched(held, name, on=on),
                now,
                redraw=name in screens.ON_CARDS,
            )
        )
        lang = caller.lang
    desk.wake()
    zone = await _zone(desk, caller)
    await show(bot, callback, caller, _settings(desk, caller, wishes, zone, lang))


async def quiet(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    speech, wishes = desk.speech(caller.lang), caller.wishes
    if press.argument:
        wanted = None if press.argument == hours.OFF else hours.unpacked(press.argument)
        if wanted is None and press.argument != hours.OFF:
            await alert(callback, following.out_of_date(speech))
            return
        wishes = await _choose_hours(desk, caller, wanted)
    zone = await _zone(desk, caller)
    await show(bot, callback, caller, hours.quiet_hours(speech, wishes, zone, desk.now()))


async def _choose_hours(desk: Desk, caller: Caller, wanted: QuietHours | None) -> Wishes:
    now = desk.now()
    wishes = await desk.database.write(
        lambda tx: writes.choose(
            tx, caller, lambda held: replace(held, quiet=wanted), now, redraw=False
        )
    )
    desk.wake()
    return wishes


async def zones(callback: CallbackQuery, caller: Caller, desk: Desk, bot: Bot) -> None:
    answer = hours.zones(desk.speech(caller.lang), caller.wishes, desk.now())
    await show(bot, callback, caller, answer)


async def digest(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """When the summary of the night comes; choosing an hour asks for it too."""
    speech, wishes, now = desk.speech(caller.lang), caller.wishes, desk.now()
    if press.argument:
        wanted = mornings.asked(press.argument)
        if wanted is None:
            await alert(callback, following.out_of_date(speech))
            return
        change = wanted.change
        wishes = await desk.database.write(
            lambda tx: writes.choose(tx, caller, change, now, redraw=False)
        )
    zone = await _zone(desk, caller)
    await show(bot, callback, caller, mornings.digest_hour(speech, wishes, zone))


async def snooze(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """«/snooze 45»: so many minutes."""
    wishes, zone, now = caller.wishes, await _zone(desk, caller), desk.now()
    speech, first = desk.speech(caller.lang), None
    if command.args:
        until = hours.until_of(command.args, wishes, zone, now)
        if isinstance(until, Mistake):
            first = hours.no_such_time(speech, command.args)
        else:
            wishes = await _snooze(desk, caller, until)
    await say(bot, caller, hours.snooze(speech, wishes, zone, now, first=first))


async def snoozed(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    wishes, zone, now = caller.wishes, await _zone(desk, caller), desk.now()
    speech = desk.speech(caller.lang)
    if press.argument == FROM_CARD:
        until = max(now + _FROM_CARD_FOR, wishes.snoozed_until or now)
        wishes = await _snooze(desk, caller, until)
        await toast(callback, hours.snoozing(speech, wishes, zone, now) or "")
        return
    if press.argument:
        asked = hours.until_of(press.argument, wishes, zone, now)
        if isinstance(asked, Mistake):
            await alert(callback, following.out_of_date(speech))
            return
        wishes = await _snooze(desk, caller, asked)
    await show(bot, callback, caller, hours.snooze(speech, wishes, zone, now))


async def _snooze(desk: Desk, caller: Caller, until: datetime | None) -> Wishes:
    now = desk.now()
    wishes = await desk.database.write(
        lambda tx: writes.choose(
            tx, caller, lambda held: replace(held, snoozed_until=until), now, redraw=False
        )
    )
    desk.wake()
    return wishes


def _settings(
    desk: Desk, caller: Caller, wishes: Wishes, zone: str, lang: Lang | None = None
) -> Screen:
    speech = desk.speech(lang or caller.lang)
    return screens.settings(speech, wishes, caller.kind, zone, desk.now())


async def _zone(desk: Desk, caller: Caller) -> str:
    home = await desk.database.read(lambda tx: chats.home(tx, caller.id))
    return zone_of(caller.wishes, () if home is None else (home,), desk.areas)
