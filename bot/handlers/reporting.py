"""/report: an alert was wrong. Its post goes before the moderators, once; where there is none, the
operators are paged, once a version."""

from datetime import timedelta
from enum import StrEnum, auto
from typing import Final, assert_never

from aiogram import Bot, F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.handlers import reads
from bot.handlers.answers import alert, say, show
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.introduce import may_change
from bot.handlers.presses import pressed
from bot.render.rich import clean, shorten
from bot.roles import Role, those
from bot.screens import following
from bot.screens import reporting as screens
from bot.screens.codes import Press, Verb
from storage import audit, cards, channels, posts, reports, reviews
from storage.areas.tree import Areas
from storage.database import Tx
from storage.model import AreaCode, CardId, ChatKind, Claim, Kind, Lang, Source
from storage.reviews import State, Subject

_RECENT: Final = timedelta(days=7)
_MOST: Final = 8
_WORDS: Final = 500
_WORDS_FOLLOW: Final = timedelta(hours=1)
_JUDGED: Final = (Kind.THREAT, Kind.ALL_CLEAR)


def router() -> Router:
    router = Router(name="reporting")
    router.message.register(report, Command("report"), may_change)
    router.message.register(
        answered, F.chat.type == ChatKind.PRIVATE, F.reply_to_message, F.text, asked_for
    )
    router.callback_query.register(chosen, pressed(Verb.REPORT))
    return router


async def report(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """With words: they belong to the report just made, if there is one."""
    speech, since, words = desk.speech(caller.lang), desk.now() - _WORDS_FOLLOW, command.args or ""

    async def said(tx: Tx) -> int | None:
        number = await reports.newest(tx, caller.id, since)
        if number is not None:
            await _say(tx, number, words, desk)
        return number

    if words and (number := await desk.database.write(said)) is not None:
        desk.wake()
        await say(bot, caller, screens.thanks(speech, number))
        return
    found = await desk.database.read(lambda tx: cards.of_chat(tx, caller.id))
    since = desk.now() - _RECENT
    recent = [card for card in found if card.told is not None and card.opened_at >= since]
    await say(bot, caller, screens.choose(speech, recent[:_MOST], desk.now()))


async def chosen(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    speech, digits = desk.speech(caller.lang), press.argument
    assert callback.message is not None  # the middleware let no other press through
    asked_in = callback.message.message_id
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 18):
        await alert(callback, following.out_of_date(speech))
        return
    now, operators = desk.now(), desk.speech(Lang.RU)

    async def made(tx: Tx) -> tuple[int, Asked] | str:
        told = await reads.told(tx, desk.areas, caller.id, CardId(int(digits)))
        if told is None:
            return following.out_of_date(speech)
        card, version, source = told
        number = await reports.add(tx, card, version, source, asked_in=asked_in, at=now)
        if number is None:
            return screens.again(speech)
        asked = await _ask(tx, desk, card.region, source, number)
        if asked is Asked.NOBODY:
            text = screens.page(operators, number, card.region, version, source)
            for who in those(desk.admins, Role.OPERATOR):
                await audit.notify(tx, who, f"report:{card.region}/{version}", text, now)
        return number, asked

    answer = await desk.database.write(made)
    if isinstance(answer, str):
        await alert(callback, answer)
        return
    desk.wake()
    number, asked = answer
    match asked:
        case Asked.UPHELD | Asked.DISMISSED:
            shown = screens.settled(speech, number, upheld=asked is Asked.UPHELD)
        case Asked.MODERATORS | Asked.NOBODY:
            shown = screens.reported(speech, number)
        case _:
            assert_never(asked)
    await show(bot, callback, caller, shown)


async def asked_for(message: Message, caller: Caller, desk: Desk) -> bool | dict[str, int]:
    """Filter: an answer to the message that asks for words."""
    replied = message.reply_to_message
    if replied is None or (message.text or "").startswith("/"):
        return False
    id = replied.message_id
    number = await desk.database.read(lambda tx: reports.asked(tx, caller.id, id))
    return False if number is None else {"number": number}


async def answered(message: Message, number: int, caller: Caller, desk: Desk, bot: Bot) -> None:
    await desk.database.write(lambda tx: _say(tx, number, message.text or "", desk))
    desk.wake()
    await say(bot, caller, screens.thanks(desk.speech(caller.lang), number))


async def _say(tx: Tx, number: int, typed: str, desk: Desk) -> None:
    """The first words of a report go to the moderators; nothing of who reports."""
    words = shorten(clean(typed), _WORDS)
    await reports.say(tx, number, words)
    found = await reports.get(tx, number)
    text = f"{(found and found.link) or ''}\n«{words}»".strip()
    for who in those(desk.admins, Role.OPERATOR):
        await audit.notify(tx, who, f"words:{number}", text, desk.now())


class Asked(StrEnum):
    """NOBODY: there is no such post, or it says nothing that could be judged. UPHELD, DISMISSED:
    the moderators had judged it already."""

    MODERATORS = auto()
    NOBODY = auto()
    UPHELD = auto()
    DISMISSED = auto()


async def _ask(tx: Tx, desk: Desk, region: AreaCode, source: Source | None, number: int) -> Asked:
    """Put what the post says of the region before the moderators; a further report of it asks
    nothing anew, and is settled as the first one was."""
    stored = source and await posts.latest(tx, source.channel, source.message)
    channel = source and await channels.get(tx, source.channel)
    if source is None or not stored or not channel or stored.assessment is None:
        return Asked.NOBODY
    said = stored.assessment
    found = [
        (claim.kind is not Kind.THREAT, ordinal)
        for ordinal, claim in enumerate(said.claims)
        if claim.kind in _JUDGED and _is_of(desk.areas, claim, region, channel.area)
    ]
    if not found:
        return Asked.NOBODY
    ordinal = min(found)[1]
    known = await reviews.decided(tx, Subject.REPORT, region, source, ordinal)
    if known is not None and known.decided_by is not None:
        upheld = known.state is not State.CONFIRMED
        await reports.settle(tx, number, known.decided_by, desk.now(), upheld=upheld)
        return Asked.UPHELD if upheld else Asked.DISMISSED
    await reviews.ask(
        tx,
        Subject.REPORT,
        region,
        said.claims[ordinal],
        source,
        ordinal=ordinal,
        why=f"a resident's report: #{number}",
        at=desk.now(),
        post=stored.post,
        home=channel.area,
        said=said,
    )
    return Asked.MODERATORS


def _is_of(areas: Areas, claim: Claim, region: AreaCode, home: AreaCode) -> bool:
    places = claim.areas or (home,)
    return any(areas.contains(region, at) or areas.contains(at, region) for at in places)
