"""Who operates the bot: numeric ids of the configuration, in their private chats. What each may
do stands in `bot.roles`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message, MessageOriginChannel

from bot.handlers.answers import alert, say
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.presses import pressed
from bot.roles import LEAST, LEAST_TO_PRESS
from bot.screens import trail as screens
from bot.screens.codes import Press, Verb
from storage.model import ChatKind

ANONYMOUS_ADMIN: Final = 1_087_968_824
TELEGRAM: Final = 777_000

Handler = Callable[..., Awaitable[Any]]


def is_operator(message: Message, desk: Desk) -> bool:
    """Filter, of commands as well: not for what was forwarded, edited or sent by a chat."""
    return message.forward_origin is None and _speaks_for_himself(message, desk)


def forwards(message: Message, desk: Desk) -> bool:
    """Filter: an operator shows us a post of some channel. Nothing may be done on its word."""
    from_channel = isinstance(message.forward_origin, MessageOriginChannel)
    return from_channel and _speaks_for_himself(message, desk)


def _speaks_for_himself(message: Message, desk: Desk) -> bool:
    author = message.from_user
    return (
        author is not None
        and author.id in desk.admins
        and author.id not in (ANONYMOUS_ADMIN, TELEGRAM)
        and not author.is_bot
        and message.chat.type == ChatKind.PRIVATE
        and message.chat.id == author.id
        and message.sender_chat is None
        and message.via_bot is None
        and message.edit_date is None
    )


def operators_router(
    name: str, commands: Mapping[str, Handler], presses: Mapping[Verb, Handler] | None = None
) -> Router:
    """Each command and button for those alone whose role suffices."""
    router = Router(name=name)
    for command, handler in commands.items():
        router.message.register(handler, is_operator, Command(command), _may)
    for verb, handler in (presses or {}).items():
        router.callback_query.register(handler, pressed(verb), _may_press)
    return router


def refusals_router() -> Router:
    """Goes in behind all the operators' routers: to one of them, whose role does not suffice."""
    router = Router(name="refusals")
    router.message.filter(is_operator)
    router.message.register(not_yours, Command(*LEAST))
    for verb in LEAST_TO_PRESS:
        router.callback_query.register(not_yours_to_press, pressed(verb), _is_one_of_us)
    return router


def commands_for(message: Message, desk: Desk) -> tuple[str, ...]:
    """What the author may say; nothing for a stranger."""
    if not is_operator(message, desk):
        return ()
    assert message.from_user is not None  # an operator has a name
    role = desk.admins[message.from_user.id]
    return tuple(command for command, least in sorted(LEAST.items()) if role >= least)


async def not_yours(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    await say(bot, caller, screens.not_yours(desk.speech(caller.lang), desk.admins[caller.id]))


async def not_yours_to_press(callback: CallbackQuery, caller: Caller, desk: Desk) -> None:
    refusal = screens.not_yours(desk.speech(caller.lang), desk.admins[caller.id])
    await alert(callback, refusal.text)


def _may(message: Message, command: CommandObject, desk: Desk) -> bool:
    assert message.from_user is not None  # the router's filter let nobody else through
    return desk.admins[message.from_user.id] >= LEAST[command.command]


def _is_one_of_us(callback: CallbackQuery, caller: Caller, desk: Desk) -> bool:
    """That the presser is the chat's own person was looked at by the middleware."""
    return caller.kind is ChatKind.PRIVATE and caller.id in desk.admins


def _may_press(callback: CallbackQuery, press: Press, caller: Caller, desk: Desk) -> bool:
    mine = _is_one_of_us(callback, caller, desk)
    return mine and desk.admins[caller.id] >= LEAST_TO_PRESS[press.verb]
