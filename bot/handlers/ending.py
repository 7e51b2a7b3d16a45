"""/stop and /forget: no more alerts, and nothing held."""

from typing import assert_never

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.handlers.answers import alert, say, show
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.introduce import may_change
from bot.handlers.presses import pressed
from bot.screens import following
from bot.screens.codes import Press, Verb
from storage import chats, nonces
from storage.database import Tx
from storage.model import ChatState
from storage.nonces import Redemption


def router() -> Router:
    router = Router(name="ending")
    router.message.register(stop, Command("stop"), may_change)
    router.message.register(ask, Command("forget"), may_change)
    router.callback_query.register(forget, pressed(Verb.FORGET))
    router.callback_query.register(keep, pressed(Verb.KEEP))
    return router


async def stop(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    await desk.database.write(
        lambda tx: chats.set_state(tx, caller.id, ChatState.STOPPED, "by command")
    )
    await say(bot, caller, following.stopped(desk.speech(caller.lang)))


async def ask(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    who, now = asker(message), desk.now()
    nonce = await desk.database.write(
        lambda tx: nonces.issue(tx, caller.id, who, Verb.FORGET, now)
    )
    await say(bot, caller, following.forgetting(desk.speech(caller.lang), nonce))


def asker(message: Message) -> int:
    assert message.from_user is not None  # nobody else may change anything
    return message.from_user.id


async def forget(
    callback: CallbackQuery, press: Press, caller: Caller, desk: Desk, bot: Bot
) -> None:
    who, now, speech = callback.from_user.id, desk.now(), desk.speech(caller.lang)

    async def forgotten(tx: Tx) -> Redemption:
        redeemed = await nonces.redeem(tx, press.argument, caller.id, who, Verb.FORGET, now)
        if redeemed is Redemption.VALID:
            await chats.forget(tx, caller.id)
        return redeemed

    match await desk.database.write(forgotten):
        case Redemption.VALID:
            await show(bot, callback, caller, following.forgotten(speech))
        case Redemption.NOT_YOURS:
            await alert(callback, following.not_yours(speech))
        case Redemption.UNKNOWN | Redemption.EXPIRED | Redemption.OTHER_ACTION:
            await alert(callback, following.asked_too_long_ago(speech))
        case never:
            assert_never(never)


async def keep(callback: CallbackQuery, caller: Caller, desk: Desk, bot: Bot) -> None:
    await show(bot, callback, caller, following.kept(desk.speech(caller.lang)))
