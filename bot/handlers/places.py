"""/places: what is followed, and taking places in and out of it."""

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.handlers import writes
from bot.handlers.answers import alert, say, show
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.introduce import may_change
from bot.handlers.presses import pressed
from bot.screens import choosing, following
from bot.screens.codes import Press, Verb, area_of
from storage import chats
from storage.areas.tree import Area, Tier
from storage.model import AreaCode


def router() -> Router:
    router = Router(name="places")
    router.message.register(places, Command("places"))
    router.callback_query.register(turn, pressed(Verb.PLACES))
    router.callback_query.register(unfollow, pressed(Verb.UNFOLLOW))
    router.callback_query.register(tick, pressed(Verb.TICK))
    router.callback_query.register(untick, pressed(Verb.UNTICK))
    return router


async def places(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    follows = await desk.database.read(lambda tx: chats.followed(tx, caller.id))
    allowed = await may_change(message, caller, desk, bot)
    speech = desk.speech(caller.lang)
    answer = following.places(speech, follows, caller.state, can_change=allowed)
    await say(bot, caller, answer)


async def turn(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    follows = await desk.database.read(lambda tx: chats.followed(tx, caller.id))
    speech = desk.speech(caller.lang)
    await show(bot, callback, caller, following.places(speech, follows, caller.state, press.page))


async def unfollow(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """Also of a code that the tree no longer has, so that nobody is stuck with it."""
    area = area_of(desk.areas, press.argument)
    code = AreaCode(press.argument) if area is None else area.code
    now = desk.now()
    follows = await desk.database.write(lambda tx: writes.unfollow(tx, caller, code, now))
    desk.wake()
    speech = desk.speech(caller.lang)
    answer = following.places(speech, follows, caller.state)
    await show(bot, callback, caller, answer, following.removed(speech, code))


async def tick(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    area = area_of(desk.areas, press.argument)
    if (
        area is None
        or area.tier is not Tier.DISTRICT
        or desk.elsewhere(desk.areas.region_of(area.code).code) is not None
    ):
        await alert(callback, following.out_of_date(desk.speech(caller.lang)))
        return
    now = desk.now()
    outcome = await desk.database.write(
        lambda tx: writes.follow(tx, caller, area.code, desk.areas, now)
    )
    if outcome is choosing.Following.IN_DANGER:
        desk.wake()
    speech = desk.speech(caller.lang)
    said = choosing.toast(speech, speech.name(area.code), outcome)
    await _list(callback, area, caller, desk, bot, said)


async def untick(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    area = area_of(desk.areas, press.argument)
    if area is None or area.tier is not Tier.DISTRICT:
        await alert(callback, following.out_of_date(desk.speech(caller.lang)))
        return
    now = desk.now()
    await desk.database.write(lambda tx: writes.unfollow(tx, caller, area.code, now))
    desk.wake()
    said = following.removed(desk.speech(caller.lang), area.code)
    await _list(callback, area, caller, desk, bot, said)


async def _list(
    callback: CallbackQuery, district: Area, caller: Caller, desk: Desk, bot: Bot, said: str
) -> None:
    """The page of districts on which the button stood."""
    region = desk.areas.region_of(district.code)
    follows = await desk.database.read(lambda tx: chats.followed(tx, caller.id, region.code))
    speech = desk.speech(caller.lang)
    page = choosing.page_with(speech, region, district.code)
    answer = choosing.districts(speech, region, page, frozenset(follows), caller.kind)
    await show(bot, callback, caller, answer, said)
