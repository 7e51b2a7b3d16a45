"""Answers to people take their turn beside the alerts of the same token."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from bot.outcome import Later, Outcome
from bot.pace import Pace, Permit, Wait
from storage.model import TelegramId

T = TypeVar("T")

_PATIENCE: Final = 15.0
"""Seconds after which an answer is given up: the person will have asked again."""


class Turns:
    """Of one token. ``monotonic``: seconds, those of the pace."""

    def __init__(self, pace: Pace, monotonic: Callable[[], float]) -> None:
        self._pace = pace
        self._monotonic = monotonic

    async def carry_out(
        self, chat: TelegramId, request: Callable[[], Awaitable[T | Outcome]]
    ) -> T | Outcome:
        """One request to this chat, when its turn comes. Nothing is held while it waits."""
        until = self._monotonic() + _PATIENCE
        while isinstance(permit := self._take(chat), Wait):
            if permit.until > until:
                seconds = permit.until - self._monotonic()
                return Later(seconds=seconds, why=f"waits for {permit.why}")
            await asyncio.sleep(permit.until - self._monotonic())
        try:
            outcome = await request()
        finally:
            self._pace.answered(permit, self._monotonic())
        if isinstance(outcome, Later):
            self._pace.slow_down(self._monotonic(), outcome.seconds, chat)
        return outcome

    def _take(self, chat: TelegramId) -> Permit | Wait:
        return self._pace.take(self._monotonic(), chat, group=chat < 0, edit=False, command=True)
