"""What a moderator decides: doubtful danger, held all-clears, reports."""

import asyncio
import re
from dataclasses import replace
from typing import Final

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.handlers.answers import alert, say, show
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.operators import operators_router
from bot.handlers.typed import number_in
from bot.message import Message as Screen
from bot.order import exact_place
from bot.screens import admin as admin_screens
from bot.screens import review as screens
from bot.screens.codes import Press, Verb
from bot.screens.speech import pages
from storage import reviews
from storage.areas.search import search
from storage.areas.tree import Areas
from storage.database import Tx
from storage.model import AreaCode, Claim, Hazard, Kind, Level
from storage.reviews import Review, State, Subject

_MOST_PLACES: Final = 100


def router() -> Router:
    return operators_router(
        "moderation",
        {
            "held": held,
            "confirm": confirm,
            "release": release,
            "reject": reject,
            "fix": fix,
        },
        {
            Verb.REVIEW: opened,
            Verb.CONFIRM: press_verdict,
            Verb.RELEASE: press_verdict,
            Verb.REJECT: press_verdict,
            Verb.HELD: turned,
            Verb.KINDS: how_to_fix,
            Verb.FIX_KIND: fix_kind,
            Verb.FIX_PLACES: how_to_fix,
        },
    )


async def held(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """All that waits; with a number, its card."""
    speech, number = desk.speech(caller.lang), number_in(command.args)
    if number is None:
        await say(bot, caller, await _waiting(desk, caller, 0))
        return
    review = await desk.database.read(lambda tx: reviews.get(tx, number))
    if review is None:
        await say(bot, caller, screens.not_waiting(speech, number))
    else:
        await say(bot, caller, screens.card(speech, review, desk.now()))


async def turned(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    await show(bot, callback, caller, await _waiting(desk, caller, press.page))


async def _waiting(desk: Desk, caller: Caller, number: int) -> Screen:
    size = screens.PER_PAGE

    async def read(tx: Tx) -> tuple[list[Review], int, int]:
        count = await reviews.count_waiting(tx)
        shown = min(number, pages(count, size) - 1)
        return list(await reviews.waiting(tx, shown * size, size)), shown, count

    found, shown, count = await desk.database.read(read)
    return screens.waiting(desk.speech(caller.lang), found, shown, count, desk.now())


async def confirm(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    await _say_verdict(command, State.CONFIRMED, caller, desk, bot)


async def release(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    await _say_verdict(command, State.RELEASED, caller, desk, bot)


async def reject(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    await _say_verdict(command, State.REJECTED, caller, desk, bot)


async def _say_verdict(
    command: CommandObject, verdict: State, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """«/reject 12 why»"""
    speech = desk.speech(caller.lang)
    typed, _, why = (command.args or "").strip().partition(" ")
    if (number := number_in(typed)) is None:
        await say(bot, caller, admin_screens.usage(speech, f"/{command.command} 12"))
        return
    if await _is_own(number, verdict, caller, desk):
        await say(bot, caller, screens.found_yourself(speech))
        return
    why_not = await desk.operations.decide(number, caller.id, verdict, why=why.strip() or None)
    await _answer(number, why_not is None, caller, desk, bot)


async def _is_own(number: int | None, verdict: State, caller: Caller, desk: Desk) -> bool:
    review = await _review(number, desk)
    return review is not None and reviews.is_own(review, caller.id, verdict)


async def fix(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """«/fix 12 Боровский район, Обнинск»: names of the region's places, or codes."""
    speech = desk.speech(caller.lang)
    typed, _, listed = (command.args or "").strip().partition(" ")
    names = [name.strip() for name in re.split(r"[,;\n]", listed) if name.strip()]
    if (number := number_in(typed)) is None or not names:
        await say(bot, caller, admin_screens.usage(speech, "/fix 12 Боровский район, Обнинск"))
        return
    if len(names) > _MOST_PLACES:
        await say(bot, caller, screens.too_many(speech, len(names), _MOST_PLACES))
        return
    review = await _review(number, desk)
    if review is None or review.state is not State.OPEN:
        await say(bot, caller, screens.not_waiting(speech, number))
        return
    if reviews.is_own(review, caller.id, State.CORRECTED):
        await say(bot, caller, screens.found_yourself(speech))
        return
    # What ends danger is not guessed.
    place = exact_place if review.kind is Subject.CLEAR else place_in
    found = {}
    for name in names:
        found[name] = place(desk.areas, name, review.region)
        await asyncio.sleep(0)  # an alert waits for one name, not for all
    codes = tuple(dict.fromkeys(code for code in found.values() if code is not None))
    if unknown := [name for name, code in found.items() if code is None]:
        await say(bot, caller, screens.no_such_places(speech, unknown))
        return
    truth = with_places(review.claim, codes)
    if reviews.widens(review, truth):
        await say(bot, caller, screens.too_wide(speech))
        return
    why_not = await desk.operations.decide(number, caller.id, State.CORRECTED, truth=truth)
    await _answer(number, why_not is None, caller, desk, bot)


async def _answer(number: int, done: bool, caller: Caller, desk: Desk, bot: Bot) -> None:
    """The card as it stands now, with who decided."""
    speech = desk.speech(caller.lang)
    review = await desk.database.read(lambda tx: reviews.get(tx, number))
    if review is None or not done:
        await say(bot, caller, screens.not_waiting(speech, number))
        return
    desk.wake()
    await say(bot, caller, screens.card(speech, review, desk.now()))


# --- buttons --------------------------------------------------------------------------------

_VERDICT_OF = {
    Verb.CONFIRM: State.CONFIRMED,
    Verb.RELEASE: State.RELEASED,
    Verb.REJECT: State.REJECTED,
}


async def opened(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    await _show(callback, number_in(press.argument), caller, desk, bot)


async def press_verdict(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """A second press, or a second moderator's, changes nothing: they see who decided."""
    number, verdict = number_in(press.argument), _VERDICT_OF[press.verb]
    if await _is_own(number, verdict, caller, desk):
        await alert(callback, screens.found_yourself(desk.speech(caller.lang)).text)
        return
    if number is not None:
        await desk.operations.decide(number, caller.id, verdict)
        desk.wake()
    await _show(callback, number, caller, desk, bot)


async def how_to_fix(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """What kind it may be, as buttons; how to write the places."""
    speech, number = desk.speech(caller.lang), number_in(press.argument)
    review = await _review(number, desk)
    if review is None or review.state is not State.OPEN:
        await _show(callback, number, caller, desk, bot)
    elif press.verb is Verb.KINDS:
        await show(bot, callback, caller, screens.kinds(speech, review, desk.now()))
    else:
        await alert(callback, screens.how_to_fix_places(speech, review))


async def fix_kind(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """«12.fire»: danger of another hazard. «12.drill»: something else altogether."""
    typed, _, what = press.argument.partition(".")
    number = number_in(typed)
    review = await _review(number, desk)
    truth = None if review is None else as_kind(review.claim, what)
    if review is not None and truth is not None:
        if reviews.is_own(review, caller.id, State.CORRECTED):
            await alert(callback, screens.found_yourself(desk.speech(caller.lang)).text)
            return
        await desk.operations.decide(review.id, caller.id, State.CORRECTED, truth=truth)
        desk.wake()
    await _show(callback, number, caller, desk, bot)


async def _show(
    callback: CallbackQuery, number: int | None, caller: Caller, desk: Desk, bot: Bot
) -> None:
    speech = desk.speech(caller.lang)
    review = await _review(number, desk)
    if review is None:
        await alert(callback, screens.not_waiting(speech, number or 0).text)
    else:
        await show(bot, callback, caller, screens.card(speech, review, desk.now()))


async def _review(number: int | None, desk: Desk) -> Review | None:
    if number is None:
        return None
    return await desk.database.read(lambda tx: reviews.get(tx, number))


# --- what was typed -------------------------------------------------------------------------


def place_in(areas: Areas, typed: str, region: AreaCode) -> AreaCode | None:
    """A place of the region by its code or name, or the region itself."""
    area = areas.find(AreaCode(typed))
    found = [area] if area is not None else search(areas, typed)
    return next((each.code for each in found if areas.contains(region, each.code)), None)


def as_kind(claim: Claim, what: str) -> Claim | None:
    """The same claim of another hazard, or of another kind; None: it may not be corrected so."""
    if what in list(Hazard):
        return replace(claim, hazard=Hazard(what))
    if what in list(Kind) and Kind(what) in reviews.TRUTHS[claim.kind]:
        return replace(claim, kind=Kind(what), level=Level.DECLARED, continues=False)
    return None


def with_places(claim: Claim, codes: tuple[AreaCode, ...]) -> Claim:
    """The claim of these places and of no others."""
    return replace(
        claim,
        areas=codes,
        excluded=(),
        partial=any("/" in code for code in codes),
        unnamed=False,
        bounds_unclear=False,
        unresolved=(),
        unplaced=False,
    )
