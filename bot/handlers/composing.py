"""/compose: an alert, an all-clear, a drill or a service notice by hand. /backup."""

import secrets
from datetime import timedelta
from enum import Enum, auto
from functools import partial
from typing import Final, assert_never

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot import order as orders
from bot.decide import Decision, Lever
from bot.handlers.answers import alert, say, show
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.errands import Errand, Result
from bot.handlers.operators import operators_router
from bot.message import Message as Screen
from bot.order import Order, Sort, Wanting
from bot.reasons import Reason
from bot.render.card import card as render_card
from bot.roles import Role, those
from bot.screens import broadcast as broadcast_screens
from bot.screens import composing as screens
from bot.screens.codes import Press, Verb
from bot.screens.speech import LANGUAGES, Speech
from storage import audit, broadcasts, chats, proposals
from storage.broadcasts import Broadcast
from storage.database import Tx
from storage.model import Card, CardId, Chat, ChatId, ChatKind, Lang, Situation, Urgency
from storage.proposals import Proposal

CONFIRMED_WITHIN: Final = timedelta(minutes=10)
_KIND: Final = "compose"


def router() -> Router:
    return operators_router(
        "composing",
        {"compose": compose, "send": send, "second": second, "backup": backup},
        {Verb.WITHDRAW: withdrawn},
    )


async def compose(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """Shows what would be sent; sends nothing."""
    speech, now = desk.speech(caller.lang), desk.now()
    order = orders.read(command.args or "", desk.areas)
    if isinstance(order, Wanting):
        await say(bot, caller, screens.wanting(speech, order))
        return
    situation = None if order.sort is Sort.NOTICE else await desk.operations.preview(order)
    if order.sort is Sort.DRILL and situation is not None and situation.active:
        await say(bot, caller, screens.danger_there(speech))
        return
    shown = [(LANGUAGES[lang], _shown(desk, order, situation, lang)) for lang in Lang]
    token, body = secrets.token_urlsafe(12), orders.packed(order)
    expires = now + CONFIRMED_WITHIN

    async def proposed(tx: Tx) -> int | None:
        await proposals.propose(tx, token, _KIND, body, caller.id, now, expires=expires)
        return await broadcasts.audience(tx, order.areas) if order.sort is Sort.NOTICE else None

    audience = await desk.database.write(proposed)
    if order.needs_two(desk.areas) and not _others(caller, desk):
        await say(bot, caller, screens.alone(speech, order))
    else:
        two = order.needs_two(desk.areas)
        screen = screens.preview(speech, order, shown, token, audience=audience, two=two)
        await say(bot, caller, screen)


def _others(caller: Caller, desk: Desk) -> tuple[int, ...]:
    return tuple(who for who in those(desk.admins, Role.OPERATOR) if who != caller.id)


def _shown(desk: Desk, order: Order, situation: Situation | None, lang: Lang) -> Screen:
    """``situation``: None for a notice, which makes none."""
    if situation is None:
        return broadcast_screens.message(desk.speech(lang), order.text, order.areas)
    return _specimen(desk, order, situation, lang)


def _specimen(desk: Desk, order: Order, situation: Situation, lang: Lang) -> Screen:
    """The card of somebody who follows the first place and was told of nothing before."""
    now, place = desk.now(), order.areas[0]
    chat = Chat(id=ChatId(0), kind=ChatKind.PRIVATE, lang=lang, joined_at=now)
    version = situation.version
    drill, clear = order.sort is Sort.DRILL, order.sort is Sort.CLEAR
    card = Card(
        id=CardId(0),
        chat=chat.id,
        region=situation.region,
        opened_version=version,
        opened_at=situation.at,
        rank=0,
        seen=version,
        alarmed=not drill,
    )
    reason = Reason.DRILL if drill else Reason.ALL_CLEAR if clear else Reason.FIRST_DANGER
    decision = Decision(
        lever=Lever.SILENT, reason=reason, urgency=Urgency.INFO, ends=not situation.active
    )
    return render_card(
        card=card,
        chat=chat,
        follows=(place,),
        current=situation,
        areas=desk.areas,
        words=desk.texts[lang],
        now=now,
        decision=decision,
    )


async def send(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """The typed confirmation, word for word."""
    speech, now = desk.speech(caller.lang), desk.now()
    typed = " ".join((command.args or "").split())

    async def confirmed(tx: Tx) -> Proposal | None:
        mine = await proposals.latest(tx, _KIND, caller.id, now)
        if mine is None or orders.unpacked(mine.body).phrase != typed:
            return None
        order = orders.unpacked(mine.body)
        if order.needs_two(desk.areas) and _others(caller, desk):
            await proposals.back(tx, mine.token, now + CONFIRMED_WITHIN)
            await _ask_the_others(tx, caller, order, mine, desk)
        return mine

    proposal = await desk.database.write(confirmed)
    if proposal is None:
        await say(bot, caller, screens.another_phrase(speech))
        return
    order = orders.unpacked(proposal.body)
    if order.sort is Sort.NOTICE:
        await _spread(proposal, order, caller, desk, bot)
    elif not order.needs_two(desk.areas):
        await _carry_out(proposal, caller, desk, bot, second=False)
    elif not _others(caller, desk):
        await say(bot, caller, screens.alone(speech, order))
    else:
        desk.wake()
        await say(bot, caller, screens.asked(speech, proposal.token))


async def _ask_the_others(
    tx: Tx, caller: Caller, order: Order, proposal: Proposal, desk: Desk
) -> None:
    for other in _others(caller, desk):
        speech = await _speech_of(tx, other, desk)
        text = screens.question(speech, order, caller.id, proposal.token)
        await audit.notify(tx, other, f"compose:{proposal.token}", text, desk.now())


async def _speech_of(tx: Tx, who: int, desk: Desk) -> Speech:
    chat = await chats.get(tx, ChatId(who))
    return desk.speech(Lang.RU if chat is None else chat.lang)


async def _spread(proposal: Proposal, order: Order, caller: Caller, desk: Desk, bot: Bot) -> None:
    """A notice goes the way of broadcasts: behind every alert, silently, once to each chat."""
    speech, now = desk.speech(caller.lang), desk.now()

    async def begun(tx: Tx) -> Broadcast | Running | None:
        if await broadcasts.running(tx) is not None:
            return Running.ANOTHER
        if await proposals.take(tx, proposal.token, _KIND, caller.id, now) is None:
            return None
        number = await broadcasts.begin(tx, order.text, caller.id, now, order.areas)
        assert number is not None  # none is running
        areas = " ".join(order.areas)
        await audit.note(
            tx, now, caller.id, "compose", kind=order.sort, areas=areas, why=order.text
        )
        return await broadcasts.get(tx, number)

    made = await desk.database.write(begun)
    match made:
        case None:
            await say(bot, caller, screens.another_phrase(speech))
        case Running.ANOTHER:
            await say(bot, caller, broadcast_screens.another_runs(speech))
        case Broadcast():
            shown = await say(bot, caller, broadcast_screens.progress(speech, made))
            if shown is not None:
                await desk.database.write(lambda tx: broadcasts.show(tx, made.id, shown))
            desk.wake()
        case _:
            assert_never(made)


class Running(Enum):
    ANOTHER = auto()


async def withdrawn(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """By who wrote it; those who were asked to agree are told."""
    speech, now = desk.speech(caller.lang), desk.now()

    async def withdraw(tx: Tx) -> Proposal | None:
        mine = await proposals.withdraw(tx, press.argument, _KIND, caller.id, now)
        if mine is None:
            return None
        phrase = orders.unpacked(mine.body).phrase
        if mine.backed:
            await audit.note(tx, now, caller.id, "compose_withdrawn", what=phrase)
            for other in _others(caller, desk):
                text = screens.taken_back(await _speech_of(tx, other, desk), caller.id, phrase)
                await audit.notify(tx, other, f"withdrawn:{mine.token}", text, now)
        return mine

    gone = await desk.database.write(withdraw)
    if gone is None:
        await alert(callback, screens.not_yours(speech).text)
        return
    desk.wake()
    await show(bot, callback, caller, screens.withdrawn(speech, orders.unpacked(gone.body)))


async def second(
    message: Message, command: CommandObject, caller: Caller, desk: Desk, bot: Bot
) -> None:
    """Another operator agrees, once, in time."""
    token = (command.args or "").strip()
    proposal = await desk.database.read(lambda tx: proposals.get(tx, token))
    if proposal is None or proposal.kind != _KIND:
        await say(bot, caller, screens.not_yours(desk.speech(caller.lang)))
    else:
        await _carry_out(proposal, caller, desk, bot, second=True)


async def _carry_out(
    proposal: Proposal, caller: Caller, desk: Desk, bot: Bot, *, second: bool
) -> None:
    """``second``: the caller is the one who agrees. Confirmed and done in one write."""
    speech, now, order = desk.speech(caller.lang), desk.now(), orders.unpacked(proposal.body)

    async def redeem(tx: Tx) -> bool:
        token = proposal.token
        taken = await proposals.take(tx, token, _KIND, caller.id, now, second=second)
        return taken is not None

    if order.sort is Sort.DRILL:
        changed = await desk.operations.rehearse(order, caller.id, redeem)
    else:
        changed = await desk.operations.issue(
            order,
            caller.id,
            proposal.made_by if second else None,
            written_at=proposal.made_at,
            redeem=redeem,
        )
    desk.wake()
    if changed is None:
        await say(bot, caller, screens.not_yours(speech))
    else:
        await say(bot, caller, screens.sent(speech, order) if changed else screens.vain(speech))


async def backup(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    speech = desk.speech(caller.lang)

    async def made() -> Result:
        name = await desk.operations.backup()
        return Result(screen=screens.backed_up(speech, name), detail={"name": name})

    await desk.errands.begin(
        Errand(
            action="backup",
            who=caller.id,
            detail={},
            work=made,
            answer=partial(say, bot, caller),
            failed=screens.not_backed_up(speech),
        )
    )
    await say(bot, caller, screens.backing_up(speech))
