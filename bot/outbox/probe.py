"""Quarantine: chats that may not be written to are tried again, so that none is lost for ever.

A probe is never a visible test. Where the chat is in danger it is the card of that danger, which
it would be owed anyway: the chat is on trial, and that message decides. Otherwise it is a knock,
``sendChatAction``: it asks for the right to write and is refused in the words in which a message
is, but leaves nothing to read and makes no sound; whoever looks at the chat then sees «typing…»
for seconds. ``getChat`` will not do: it succeeds for a person who has blocked the bot and for a
group in which it is muted. A knock that was answered too kindly costs one more suspension.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, assert_never

from bot.clock import Clock
from bot.dispatch import resume, show_danger
from bot.neighbours import Neighbours, nobody
from bot.outbox.breaker import Breaker
from bot.outbox.settle import Rest
from bot.outbox.work import Door, Page, crowd
from bot.outcome import (
    Accepted,
    Ambiguous,
    Dead,
    Gone,
    Later,
    Migrated,
    Open,
    Outcome,
    Refused,
    Rejected,
    Unchanged,
    Unreachable,
)
from bot.pace import Pace, Permit, Wait
from storage import cards, chats, situations
from storage.areas.tree import Areas
from storage.database import Database, Tx
from storage.model import EVERYTHING, AreaCode, Chat, ChatId, ChatState, Share, TelegramId

AFTER: Final = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
"""Since the suspension; then the chat is left alone until it speaks."""

_APART = 1.0  # seconds between two probes, whatever the pace allows
_LOOK_AGAIN = 600.0  # seconds until it is looked for chats again when there were none left

_log = logging.getLogger(__name__)


def due(now: datetime) -> tuple[datetime, ...]:
    """Since when a chat of 0, 1, 2 … probes must be suspended for its next to be due."""
    return tuple(now - after for after in AFTER)


def is_due(chat: Chat, now: datetime) -> bool:
    if chat.state is not ChatState.SUSPENDED or chat.suspended_at is None:
        return False
    return chat.probes < len(AFTER) and chat.suspended_at <= now - AFTER[chat.probes]


def probes_by(suspended_at: datetime, now: datetime) -> int:
    """How many count as made once one is made now: a late one stands for all before it."""
    return sum(suspended_at + after <= now for after in AFTER)


class Prober:
    """``probes``: the one under way, if any. ``wake``: a chat may be owed a card."""

    def __init__(
        self,
        *,
        database: Database,
        sender: Door,
        pace: Pace,
        areas: Areas,
        clock: Clock,
        monotonic: Callable[[], float],
        breaker: Breaker,
        rest: Rest,
        page: Page,
        wake: Callable[[], None],
        share: Share = EVERYTHING,
        neighbours: Neighbours = nobody,
    ) -> None:
        self._database = database
        self._sender = sender
        self._pace = pace
        self._areas = areas
        self._clock = clock
        self._monotonic = monotonic
        self._breaker = breaker
        self._rest = rest
        self._page = page
        self._wake = wake
        self._share = share
        self._neighbours = neighbours
        self._waiting: deque[ChatId] = deque()
        self._next = 0.0
        self.probes: set[asyncio.Task[None]] = set()

    def begin(self) -> None:
        """Let the next probe go, if it is time. For a lane that has nothing to send: a probe has
        no hurry. While refusals are Telegram's fault it would prove nothing."""
        now = self._monotonic()
        if self.probes or now < self._next or self._breaker.holds_any(now):
            return
        self._next = now + _APART
        probe = asyncio.create_task(self._probe())
        self.probes.add(probe)
        probe.add_done_callback(self.probes.discard)

    async def _probe(self) -> None:
        chat: ChatId | None = None
        try:
            if not self._waiting:
                since = due(self._clock.now())
                self._waiting.extend(
                    await self._database.read(lambda tx: chats.to_probe(tx, since, self._share))
                )
            if not self._waiting:
                self._next = self._monotonic() + _LOOK_AGAIN
                return
            chat = self._waiting.popleft()
            if not self._waiting:
                # Those that gave no clear answer are due still: not at once again.
                self._next = self._monotonic() + _LOOK_AGAIN
            await self._try(chat)
        except Exception:  # noqa: BLE001 - the one of this loop: the next chat has its turn
            _log.exception("chat %s could not be probed", chat)

    async def _try(self, id: ChatId) -> None:
        chat = await self._database.write(lambda tx: self._choose(tx, id, self._clock.now()))
        if chat is None:
            return
        permit = self._pace.take(self._monotonic(), chat.telegram, group=crowd(chat), edit=True)
        if isinstance(permit, Wait):
            self._waiting.append(id)
            self._next = max(permit.until, self._monotonic() + _APART)
            return
        outcome = await self._knock(chat, permit)
        await self._settle(chat, outcome)

    async def _choose(self, tx: Tx, id: ChatId, now: datetime) -> Chat | None:
        """The chat that is to be knocked at. None: nobody, any more, or it is in danger and on
        trial: the lane will send its card, in its turn."""
        chat = await chats.get(tx, id)
        if chat is None or chat.suspended_at is None or not is_due(chat, now):
            return None
        codes = await chats.followed(tx, id)
        regions = dict.fromkeys(AreaCode(code.partition("/")[0]) for code in codes)
        owed = [region for region in regions if await self._owes(tx, chat, region, now)]
        if not owed:
            return chat
        await chats.probed(tx, id, probes_by(chat.suspended_at, now), trial=True)
        _log.info("chat %s is on trial: danger in %s", id, ", ".join(owed))
        self._wake()
        return None

    async def _owes(self, tx: Tx, chat: Chat, region: AreaCode, now: datetime) -> bool:
        """Whether there is danger of which the chat has not been told all."""
        if not await show_danger(tx, chat, region, self._areas, now):
            return False
        card = await cards.live(tx, chat.id, region)
        return card is not None and card.seen < await situations.head(tx, region)

    async def _knock(self, chat: Chat, permit: Permit) -> Open | Outcome:
        try:
            return await self._sender.knock(chat.telegram, thread=chat.thread)
        finally:
            self._pace.answered(permit, self._monotonic())

    async def _settle(self, chat: Chat, outcome: Open | Outcome) -> None:
        match outcome:
            case Open():
                _log.info("chat %s takes messages again", chat.id)
                await self._database.write(lambda tx: self._revive(tx, chat.telegram))
                self._wake()
            case Unreachable(cause=cause):
                await self._count(chat, cause)
            case Accepted() | Unchanged() | Gone() | Rejected():
                _log.warning("chat %s: a knock was answered by %s", chat.id, outcome)
                await self._count(chat, None)
            case Migrated(to=to):
                await self._database.write(lambda tx: chats.migrate(tx, chat.telegram, to))
            case Later(seconds=seconds):
                self._pace.slow_down(self._monotonic(), seconds, chat.telegram)
            case Refused(why=why):
                self._rest.hold_back(why)
            case Ambiguous(why=why):
                _log.info("chat %s: a knock had no clear answer (%s)", chat.id, why)
            case Dead(why=why):
                # The lane ends at its next message; the operators need not wait for danger.
                await self._page(f"bot:{why}", f"The bot can no longer send: {why}")
            case _:
                assert_never(outcome)

    async def _revive(self, tx: Tx, telegram: TelegramId) -> None:
        for chat in await chats.revive(tx, telegram):
            await resume(tx, chat, self._areas, self._clock.now(), self._neighbours)

    async def _count(self, chat: Chat, why: str | None) -> None:
        assert chat.suspended_at is not None  # else it was not due
        probes = probes_by(chat.suspended_at, self._clock.now())
        await self._database.write(lambda tx: chats.probed(tx, chat.id, probes, why=why))
