"""/start, a typed name, and the buttons that lead to a place."""

from collections.abc import Sequence
from typing import Final

from aiogram import Bot, F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.handlers import places, reads, writes
from bot.handlers.answers import alert, say, show, show_below
from bot.handlers.caller import Caller, keeper_of
from bot.handlers.desk import Desk
from bot.handlers.introduce import may_change
from bot.handlers.presses import pressed
from bot.message import Message as Screen
from bot.screens import choosing, following, keeping
from bot.screens.codes import Press, Verb, area_of, linked
from bot.screens.sample import sample
from bot.screens.speech import Speech
from storage import chats, codec, keepers
from storage.areas.nearest import nearest
from storage.areas.search import search
from storage.areas.tree import Area, Areas, Tier
from storage.model import AreaCode, ChatKind, ChatState, Lang

_TYPED: Final = 80
"""Characters of a message that are looked up."""
_FOUND: Final = 6


def router() -> Router:
    router = Router(name="start")
    router.message.register(start, Command("start"), may_change)
    router.message.register(located, F.chat.type == ChatKind.PRIVATE, F.location)
    router.message.register(
        typed, F.chat.type == ChatKind.PRIVATE, F.text, ~F.text.startswith("/")
    )
    router.callback_query.register(language, pressed(Verb.LANGUAGE))
    router.callback_query.register(welcome, pressed(Verb.WELCOME))
    router.callback_query.register(locate, pressed(Verb.LOCATE))
    router.callback_query.register(country, pressed(Verb.COUNTRY))
    router.callback_query.register(region, pressed(Verb.REGION))
    router.callback_query.register(districts, pressed(Verb.DISTRICTS))
    router.callback_query.register(follow, pressed(Verb.FOLLOW))
    return router


async def start(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    now = desk.now()
    follows = await desk.database.write(
        lambda tx: writes.start(tx, caller, desk.areas, now, desk.neighbours)
    )
    if caller.state is not ChatState.ACTIVE:
        desk.wake()
    await _remember_keeper(message, caller, desk)
    speech = desk.speech(caller.lang)
    wanted = command.args or ""
    linked = linked_area(desk.areas, wanted)
    there = None if linked is None else elsewhere(desk, speech, linked.code)
    screen = there or _started(desk, speech, caller, wanted, follows)
    kept = await desk.database.read(lambda tx: keepers.channels_of(tx, caller.telegram))
    await say(bot, caller, keeping.with_channels(screen, kept))


async def _remember_keeper(message: Message, caller: Caller, desk: Desk) -> None:
    """Whoever sets a group up is told what befalls it."""
    if caller.kind is not ChatKind.PRIVATE and message.from_user is not None:
        keeper = keeper_of(caller.id, message.chat.title, message.from_user)
        if await desk.database.read(lambda tx: keepers.of(tx, caller.id)) != keeper:
            await desk.database.write(lambda tx: keepers.put(tx, keeper))


def elsewhere(desk: Desk, speech: Speech, place: AreaCode) -> Screen | None:
    """Where another bot serves the place's region: who does."""
    other = desk.elsewhere(desk.areas.region_of(place).code)
    return None if other is None else choosing.elsewhere(speech, place, other)


def _started(
    desk: Desk, speech: Speech, caller: Caller, wanted: str, follows: Sequence[AreaCode]
) -> Screen:
    if (linked := linked_area(speech.areas, wanted)) is not None:
        return choosing.offered(speech, linked.code)
    if wanted:
        return choosing.found(speech, wanted, named(speech.areas, wanted))
    if follows:
        resumed = following.resumed(speech)
        beyond = places.switch(desk, caller, follows)
        return following.places(
            speech, follows, first=resumed, neighbours=beyond, wishes=caller.wishes
        )
    return choosing.welcome(speech, caller.kind, follows)


def linked_area(areas: Areas, payload: str) -> Area | None:
    """Of ``t.me/<bot>?start=RU-KLU_borovsky``."""
    area = linked(areas, payload)
    return None if area is None or area.tier is Tier.COUNTRY else area


def named(areas: Areas, typed: str) -> list[AreaCode]:
    """Who types a town's name may mean all of its region: that comes second."""
    places = search(areas, typed[:_TYPED], limit=_FOUND)
    found = [area.code for area in places if area.tier is not Tier.COUNTRY]
    if found and (region := areas.region_of(found[0]).code) not in found:
        found.insert(1, region)
    return found


async def typed(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    text = message.text or ""
    speech = desk.speech(caller.lang)
    await say(bot, caller, choosing.found(speech, text, named(desk.areas, text)))


async def locate(callback: CallbackQuery, caller: Caller, desk: Desk, bot: Bot) -> None:
    """Telegram has no button under a message that shares a location: the one that does stands
    below the chat, and comes with a message of its own."""
    speech = desk.speech(caller.lang)
    if caller.kind is not ChatKind.PRIVATE:
        await alert(callback, following.out_of_date(speech))
        return
    await show_below(bot, callback, caller, choosing.locate(speech))


async def located(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    """The point itself is neither kept nor logged."""
    assert message.location is not None  # the filter
    around = nearest(desk.areas, message.location.latitude, message.location.longitude)
    speech = desk.speech(caller.lang)
    await say(bot, caller, choosing.located(speech, [area.code for area in around]))


async def language(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    try:
        lang, now = Lang(press.argument), desk.now()
    except ValueError:
        await alert(callback, following.out_of_date(desk.speech(caller.lang)))
        return
    await desk.database.write(lambda tx: writes.choose_language(tx, caller, lang, now))
    await _welcome(callback, caller, desk, bot, lang)


async def welcome(callback: CallbackQuery, caller: Caller, desk: Desk, bot: Bot) -> None:
    await _welcome(callback, caller, desk, bot, caller.lang)


async def _welcome(
    callback: CallbackQuery, caller: Caller, desk: Desk, bot: Bot, lang: Lang
) -> None:
    follows = await desk.database.read(lambda tx: chats.followed(tx, caller.id))
    await show(bot, callback, caller, choosing.welcome(desk.speech(lang), caller.kind, follows))


async def country(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    speech = desk.speech(caller.lang)
    chosen = area_of(desk.areas, press.argument)
    if chosen is None or chosen.tier is not Tier.COUNTRY:
        await alert(callback, following.out_of_date(speech))
        return
    await show(bot, callback, caller, choosing.regions(speech, chosen, press.page, caller.kind))


async def region(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    speech = desk.speech(caller.lang)
    chosen = area_of(desk.areas, press.argument)
    if chosen is None or chosen.tier is not Tier.REGION:
        await alert(callback, following.out_of_date(speech))
        return
    there = elsewhere(desk, speech, chosen.code)
    await show(bot, callback, caller, there or choosing.region(speech, chosen))


async def districts(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    speech = desk.speech(caller.lang)
    chosen = area_of(desk.areas, press.argument)
    if chosen is None or chosen.tier is not Tier.REGION:
        await alert(callback, following.out_of_date(speech))
        return
    if (there := elsewhere(desk, speech, chosen.code)) is not None:
        await show(bot, callback, caller, there)
        return
    follows = await desk.database.read(lambda tx: chats.followed(tx, caller.id, chosen.code))
    page = choosing.districts(speech, chosen, press.page, frozenset(follows), caller.kind)
    await show(bot, callback, caller, page)


async def follow(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    speech = desk.speech(caller.lang)
    chosen = area_of(desk.areas, press.argument)
    if chosen is None or chosen.tier is Tier.COUNTRY:
        await alert(callback, following.out_of_date(speech))
        return
    if (there := elsewhere(desk, speech, chosen.code)) is not None:
        await show(bot, callback, caller, there)
        return
    now = desk.now()
    shown = codec.dump(sample(desk.speech(caller.lang), chosen.code, now))
    outcome = await desk.database.write(
        lambda tx: writes.follow(tx, caller, chosen.code, desk.areas, now, desk.neighbours, shown)
    )
    if outcome is choosing.Following.IN_DANGER:
        desk.wake()
    region = desk.areas.region_of(chosen.code).code
    read = await desk.database.read(lambda tx: reads.channels_of(tx, desk.areas, region))
    is_read = any(channel.declares for channel in read)
    answer = choosing.followed(speech, chosen.code, outcome, is_read=is_read)
    await show(bot, callback, caller, answer)
