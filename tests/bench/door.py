"""A door in the sender's place that accepts everything, for benches of what comes before it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from bot.message import Message
from bot.outcome import Accepted, Open, Outcome


@dataclass(slots=True, kw_only=True)
class Accepting:
    """``on_request`` hears of each request's chat when it comes; it is answered after so many
    seconds."""

    on_request: Callable[[int], None]
    answers_after: float = 0.0
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    async def send(
        self,
        chat: int,
        message: Message,
        *,
        silent: bool,
        reply_to: int | None = None,
        thread: int | None = None,
        general: bool = True,
    ) -> Outcome:
        return await self._accept(chat, next(self.numbers))

    async def edit(self, chat: int, message_id: int, message: Message) -> Outcome:
        return await self._accept(chat, message_id)

    async def knock(self, chat: int, *, thread: int | None = None) -> Open:
        return Open()

    async def _accept(self, chat: int, number: int) -> Outcome:
        self.on_request(chat)
        if self.answers_after:
            await asyncio.sleep(self.answers_after)
        return Accepted(message_id=number)


async def page(key: str, text: str) -> None:
    print(f"page: {text}")
