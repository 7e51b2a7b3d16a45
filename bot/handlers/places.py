"""/places: what is followed, taking places in and out of it, and the regions next to them."""

from collections.abc import Sequence
from dataclasses import replace

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.handlers import reads, writes
from bot.handlers.answers import alert, say, show
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.introduce import may_change
from bot.handlers.presses import pressed
from bot.message import Message as Screen
from bot.neighbours import around
from bot.screens import choosing, following
from bot.screens import wishes as screens
from bot.screens.codes import Press, Switch, Verb, area_of
from bot.screens.sample import sample
from storage import chats, codec
from storage.areas.tree import Area, Tier
from storage.model import AreaCode, ChatState, Wishes


def router() -> Router:
    router = Router(name="places")
    router.message.register(places, Command("places"), may_change)
    router.callback_query.register(turn, pressed(Verb.PLACES))
    router.callback_query.register(unfollow, pressed(Verb.UNFOLLOW))
    router.callback_query.register(neighbours, pressed(Verb.NEIGHBOURS))
    router.callback_query.register(louder, pressed(Verb.LOUDNESS))
    router.callback_query.register(tick, pressed(Verb.TICK))
    router.callback_query.register(untick, pressed(Verb.UNTICK))
    return router


async def places(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    follows = await desk.database.read(lambda tx: chats.followed(tx, caller.id))
    await say(bot, caller, await listed(desk, caller, follows))


async def turn(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    follows = await desk.database.read(lambda tx: chats.followed(tx, caller.id))
    await show(bot, callback, caller, await listed(desk, caller, follows, page=press.page))


async def listed(
    desk: Desk,
    caller: Caller,
    follows: Sequence[AreaCode],
    *,
    page: int = 0,
    wishes: Wishes | None = None,
    wished: bool | None = None,
    resumed: bool = False,
) -> Screen:
    """``wishes``, ``wished`` (of neighbours): if they were chosen just now. ``resumed``: the chat
    has just asked for its alerts again."""
    speech, now = desk.speech(caller.lang), desk.now()
    return following.places(
        speech,
        follows,
        ChatState.ACTIVE if resumed else caller.state,
        page,
        first=following.resumed(speech) if resumed else None,
        neighbours=switch(desk, caller, follows, wished),
        wishes=caller.wishes if wishes is None else wishes,
        notes=await desk.database.read(lambda tx: reads.notes(tx, speech, follows, now)),
    )


def switch(
    desk: Desk, caller: Caller, follows: Sequence[AreaCode], wished: bool | None = None
) -> bool | None:
    """Whether the chat hears of neighbouring regions (``wished``, if that was chosen just now);
    None where it does not and there are none to be had."""
    if wished is None:
        wished = caller.known is not None and caller.known.wishes.neighbours
    return wished if wished or around(follows, desk.neighbours) else None


async def neighbours(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    speech, now = desk.speech(caller.lang), desk.now()
    if press.argument not in tuple(Switch):
        await alert(callback, following.out_of_date(speech))
        return
    wish = press.argument == Switch.ON
    follows = await desk.database.write(
        lambda tx: writes.choose_neighbours(
            tx, caller, desk.areas, now, desk.neighbours, wish=wish
        )
    )
    desk.wake()
    answer = await listed(desk, caller, follows, wished=wish and caller.known is not None)
    said = following.neighbours_chosen(speech, wish=wish)
    await show(bot, callback, caller, answer, said)


async def louder(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    speech, now, wanted = desk.speech(caller.lang), desk.now(), screens.louder(press.argument)
    follows = await desk.database.read(lambda tx: chats.followed(tx, caller.id))
    if wanted is None or not any(code.partition("/")[0] == wanted[0] for code in follows):
        await alert(callback, following.out_of_date(speech))
        return
    region, loudness = wanted

    def changed(held: Wishes) -> Wishes:
        return replace(held, louder=tuple({**dict(held.louder), region: loudness}.items()))

    wishes = await desk.database.write(
        lambda tx: writes.choose(tx, caller, changed, now, redraw=False)
    )
    desk.wake()
    await show(bot, callback, caller, await listed(desk, caller, follows, wishes=wishes))


async def unfollow(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """Also of a code that the tree no longer has, so that nobody is stuck with it."""
    area = area_of(desk.areas, press.argument)
    code = AreaCode(press.argument) if area is None else area.code
    now = desk.now()
    follows = await desk.database.write(
        lambda tx: writes.unfollow(tx, caller, code, now, desk.neighbours)
    )
    desk.wake()
    removed = following.removed(desk.speech(caller.lang), code)
    await show(bot, callback, caller, await listed(desk, caller, follows), removed)


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
    shown = codec.dump(sample(desk.speech(caller.lang), area.code, now))
    outcome = await desk.database.write(
        lambda tx: writes.follow(tx, caller, area.code, desk.areas, now, desk.neighbours, shown)
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
    await desk.database.write(
        lambda tx: writes.unfollow(tx, caller, area.code, now, desk.neighbours)
    )
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
