"""/stop and /forget: no more alerts, and nothing held."""

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.handlers.answers import say, show
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.introduce import may_change
from bot.handlers.presses import pressed
from bot.screens import following
from bot.screens.codes import Verb
from storage import chats
from storage.model import ChatState


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
    await say(bot, caller, following.forgetting(desk.speech(caller.lang)))


async def forget(callback: CallbackQuery, caller: Caller, desk: Desk, bot: Bot) -> None:
    await desk.database.write(lambda tx: chats.forget(tx, caller.id))
    await show(bot, callback, caller, following.forgotten(desk.speech(caller.lang)))


async def keep(callback: CallbackQuery, caller: Caller, desk: Desk, bot: Bot) -> None:
    await show(bot, callback, caller, following.kept(desk.speech(caller.lang)))
