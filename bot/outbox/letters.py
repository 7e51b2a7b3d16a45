"""Letters leave when the lane has nothing else to send: no alert waits for one.

A letter counts as sent before its request leaves. Where it is certain that nothing was delivered
it is owed again; where nobody knows, it is not: nothing that may wait is said twice. A chat that
refuses one is not suspended for it: that is decided by its next alert, which has more to lose.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final, assert_never

from bot.clock import Clock
from bot.logs import whose
from bot.message import Message
from bot.outbox.settle import Rest
from bot.outbox.work import Door, Page, crowd
from bot.outcome import (
    Accepted,
    Ambiguous,
    Dead,
    Gone,
    Later,
    Migrated,
    Outcome,
    Refused,
    Rejected,
    Unchanged,
    Unreachable,
)
from bot.pace import Pace, Permit, Wait
from storage import chats, codec, letters
from storage.database import Database, Tx
from storage.letters import Letter
from storage.model import EVERYTHING, Chat, Share

_AT_ONCE: Final = 5
"""Then it is looked whether an alert has come meanwhile."""
_LOOK_AGAIN: Final = 1.0  # seconds

_log = logging.getLogger(__name__)


class Post:
    """``rounds``: the one under way, if any."""

    def __init__(
        self,
        *,
        database: Database,
        sender: Door,
        pace: Pace,
        clock: Clock,
        monotonic: Callable[[], float],
        rest: Rest,
        page: Page,
        wake: Callable[[], None],
        share: Share = EVERYTHING,
    ) -> None:
        self._database = database
        self._sender = sender
        self._pace = pace
        self._clock = clock
        self._monotonic = monotonic
        self._rest = rest
        self._page = page
        self._wake = wake
        self._share = share
        self._next = 0.0
        self.rounds: set[asyncio.Task[None]] = set()

    def begin(self) -> None:
        """Let the next few go. For a lane that has nothing to send."""
        if self.rounds or self._monotonic() < self._next:
            return
        self._next = self._monotonic() + _LOOK_AGAIN
        begun = asyncio.create_task(self._round())
        self.rounds.add(begun)
        begun.add_done_callback(self.rounds.discard)

    def hurry(self) -> None:
        """Somebody waits for one."""
        self._next = 0.0

    async def _round(self) -> None:
        try:
            now = self._clock.now()
            waiting = await self._database.read(
                lambda tx: letters.owed(tx, now, _AT_ONCE, self._share)
            )
            # Side by side: one at a time would be as slow as Telegram's answers.
            sent = await asyncio.gather(*(self._try(letter) for letter in waiting))
            if len(waiting) == _AT_ONCE and all(sent):
                self.hurry()
                self._wake()
        except Exception:  # noqa: BLE001 - the one of this loop: the next round tries again
            _log.exception("letters could not be looked for")

    async def _try(self, letter: Letter) -> bool:
        """Whether there may be a permit for another one."""
        try:
            return await self._leaves(letter)
        except Exception:  # noqa: BLE001 - one that cannot be sent is no other's fault
            _log.exception("a letter could not be sent")
            return False

    async def _leaves(self, letter: Letter) -> bool:
        chat = await self._database.read(lambda tx: chats.get(tx, letter.chat))
        if chat is None:
            return True
        # As an edit: a fifth of the token, and half of what a group hears, is not for these.
        permit = self._pace.take(self._monotonic(), chat.telegram, group=crowd(chat), edit=True)
        if isinstance(permit, Wait):
            return False
        now = self._clock.now()
        if not await self._database.write(lambda tx: letters.take(tx, letter.id, now)):
            self._pace.returned(permit)
            return True
        await self._settle(letter, chat, await self._send(letter, chat, permit))
        return True

    async def _send(self, letter: Letter, chat: Chat, permit: Permit) -> Outcome:
        try:
            message = codec.load(Message, letter.body)
            return await self._sender.send(
                chat.telegram, message, silent=letter.silent, thread=chat.thread
            )
        finally:
            self._pace.answered(permit, self._monotonic())

    async def _settle(self, letter: Letter, chat: Chat, outcome: Outcome) -> None:
        match outcome:
            case Accepted():
                self._rest.reached()
            case Later(seconds=seconds):
                self._pace.slow_down(self._monotonic(), seconds, chat.telegram)
                await self._database.write(lambda tx: letters.put_back(tx, letter.id))
            case Refused(why=why):
                self._rest.hold_back(why)
                await self._database.write(lambda tx: letters.put_back(tx, letter.id))
            case Migrated(to=to):

                async def move(tx: Tx) -> None:
                    await letters.put_back(tx, letter.id)
                    await chats.migrate(tx, chat.telegram, to)

                await self._database.write(move)
            case Ambiguous() | Unreachable() | Rejected() | Gone() | Unchanged():
                _log.warning("%s: a letter was not taken: %s", whose(chat.telegram), outcome)
            case Dead(why=why):
                # The lane ends at its next message; the operators need not wait for danger.
                self._rest.hold_back(why)
                await self._database.write(lambda tx: letters.put_back(tx, letter.id))
                await self._page(f"bot:{why}", f"The bot can no longer send: {why}")
            case _:
                assert_never(outcome)
