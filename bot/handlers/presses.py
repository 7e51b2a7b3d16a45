"""The filter that gives a press to the handler of its verb."""

from aiogram.filters import Filter
from aiogram.types import CallbackQuery

from bot.screens.codes import Press, Verb


class Pressed(Filter):
    def __init__(self, verb: Verb) -> None:
        self.verb = verb

    async def __call__(self, callback: CallbackQuery, press: Press) -> bool:
        return press.verb is self.verb


pressed = Pressed
