"""All routers in their order, the time that one update may take, and the menu of commands."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiogram import Bot, Dispatcher
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    TelegramObject,
)

from bot.handlers import (
    admin,
    broadcast,
    card,
    channels,
    chart,
    composing,
    ending,
    errors,
    group,
    history,
    moderation,
    own,
    panel,
    places,
    reporting,
    retract,
    start,
    status,
    trail,
    wishes,
)
from bot.handlers.desk import Desk
from bot.handlers.introduce import introduce_author, introduce_presser
from bot.handlers.operators import refusals_router
from bot.screens.following import commands
from bot.screens.speech import Speech
from bot.texts import Texts
from storage.areas.tree import Areas
from storage.model import Lang

_FOR_MEMBERS = frozenset(("status", "map", "history", "stats", "sources", "privacy", "help"))


HANDLING_SECONDS: Final = 30.0
"""Then a handler is ended and its person is told so (`bot.handlers.errors`). What takes longer by
its nature is an errand (`bot.handlers.errands`)."""


def dispatcher(desk: Desk, *, seconds: float = HANDLING_SECONDS) -> Dispatcher:
    """A new one with routers of its own; any number may stand side by side, one to each bot."""
    root = Dispatcher(disable_fsm=True, desk=desk)

    async def in_time(
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:  # what aiogram passes through
        async with asyncio.timeout(seconds):
            return await handler(event, data)

    root.update.outer_middleware(in_time)
    root.message.outer_middleware(introduce_author)
    root.callback_query.outer_middleware(introduce_presser)
    root.include_routers(
        errors.errors_router(),
        admin.router(),
        channels.router(),
        moderation.router(),
        retract.router(),
        composing.router(),
        broadcast.router(),
        panel.router(),
        trail.router(),
        refusals_router(),
        group.router(),
        reporting.router(),
        start.router(),
        places.router(),
        wishes.router(),
        card.router(),
        status.router(),
        chart.router(),
        history.router(),
        own.router(),
        ending.router(),
        errors.unclaimed_router(),
    )
    return root


async def publish_commands(bot: Bot, texts: Texts) -> None:
    """The menus of private chats, of groups and of their administrators, in each language. English
    stands for all others. Raises aiogram's exceptions; a bot works without menus too."""
    for lang, words in texts.items():
        all_commands = [
            BotCommand(command=command, description=what)
            for command, what in commands(Speech(words=words, areas=Areas(())))
        ]
        few = [each for each in all_commands if each.command in _FOR_MEMBERS]
        code = None if lang is Lang.EN else lang.value
        await bot.set_my_commands(
            all_commands, scope=BotCommandScopeAllPrivateChats(), language_code=code
        )
        await bot.set_my_commands(
            all_commands, scope=BotCommandScopeAllChatAdministrators(), language_code=code
        )
        await bot.set_my_commands(few, scope=BotCommandScopeAllGroupChats(), language_code=code)
