"""/compose: an alert, an all-clear or a drill by hand. /backup."""

import secrets
from datetime import timedelta
from typing import Final

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from bot import order as orders
from bot.decide import Decision, Lever
from bot.handlers.answers import say
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.operators import operators_router
from bot.message import Message as Screen
from bot.order import Order, Sort, Wanting
from bot.reasons import Reason
from bot.render.card import card as render_card
from bot.roles import Role, those
from bot.screens import composing as screens
from bot.screens.speech import LANGUAGES
from storage import audit, chats, proposals
from storage.database import Tx
from storage.model import Card, CardId, Chat, ChatId, ChatKind, Lang, Situation, Urgency
from storage.proposals import Proposal

CONFIRMED_WITHIN: Final = timedelta(minutes=10)
_KIND: Final = "compose"


def router() -> Router:
    return operators_router(
        "composing", {"compose": compose, "send": send, "second": second, "backup": backup}
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
    situation = await desk.operations.preview(order)
    if order.sort is Sort.DRILL and situation.active:
        await say(bot, caller, screens.danger_there(speech))
        return
    token, body = secrets.token_urlsafe(12), orders.packed(order)
    expires = now + CONFIRMED_WITHIN
    await desk.database.write(
        lambda tx: proposals.propose(tx, token, _KIND, body, caller.id, now, expires=expires)
    )
    shown = [(LANGUAGES[lang], _specimen(desk, order, situation, lang)) for lang in Lang]
    two = order.needs_two(desk.areas)
    await say(bot, caller, screens.preview(speech, order, shown, two=two))


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
        opened_version=0,
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
        if order.needs_two(desk.areas):
            await proposals.back(tx, mine.token, now + CONFIRMED_WITHIN)
            await _ask_the_others(tx, caller.id, order, mine, desk)
        return mine

    proposal = await desk.database.write(confirmed)
    if proposal is None:
        await say(bot, caller, screens.another_phrase(speech))
    elif orders.unpacked(proposal.body).needs_two(desk.areas):
        desk.wake()
        await say(bot, caller, screens.asked(speech))
    else:
        await _carry_out(proposal, caller, desk, bot, second=False)


async def _ask_the_others(tx: Tx, who: int, order: Order, proposal: Proposal, desk: Desk) -> None:
    for other in those(desk.admins, Role.OPERATOR):
        if other != who:
            chat = await chats.get(tx, ChatId(other))
            speech = desk.speech(Lang.RU if chat is None else chat.lang)
            text = screens.question(speech, order, who, proposal.token)
            await audit.notify(tx, other, f"compose:{proposal.token}", text, desk.now())


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
    now = desk.now()
    name = await desk.operations.backup()
    await desk.database.write(lambda tx: audit.note(tx, now, caller.id, "backup", name=name))
    await say(bot, caller, screens.backed_up(desk.speech(caller.lang), name))
