"""The filter that gives a press to the handler of its verb."""

from collections.abc import Awaitable, Callable

from aiogram.types import CallbackQuery

from bot.screens.codes import Press, Verb


def pressed(verb: Verb) -> Callable[[CallbackQuery, Press], Awaitable[bool]]:
    async def is_pressed(callback: CallbackQuery, press: Press) -> bool:
        return press.verb is verb

    return is_pressed
