"""How a process kills itself at a step: the few functions that are the steps are wrapped, in
this process only, and the product knows nothing of it."""

import asyncio
import functools
import os
import random
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from bot.crashtest.plants import substitute
from bot.crashtest.steps import Blow, Moment, Step
from bot.outbox.lane import Outbox
from bot.outbox.work import Work
from bot.outcome import Lost, Reply
from bot.session import CAP, Session
from storage import alerts, attempts, cards, channels, posts, situations
from storage.database import Database, Tx

T = TypeVar("T")

_STEPS = (
    (posts, "record", Step.RECORD),
    (channels, "move_cursor", Step.CURSOR),
    (situations, "append", Step.APPLY),
    (alerts, "publish", Step.PUBLISH),
    (cards, "open_all", Step.DISPATCH),
    (attempts, "begin", Step.CLAIM),
    (attempts, "accepted", Step.SETTLE),
)
_TELLING = frozenset({"sendMessage", "editMessageText"})
_LATE = 0.35  # of all writes
_DAWDLES = 0.5  # of all rounds of the outbox with something to tell
_LONGEST = 0.04  # seconds
_LATEST = 0.025  # seconds


class Fuse:
    """``blow``: where it burns through, None for never. ``say`` is told a moment before."""

    def __init__(self, blow: Blow | None, say: Callable[[Step], None]) -> None:
        self._blow = blow
        self._say = say
        self._passed = 0
        self._written: list[Step] = []

    def passes(self, step: Step, moment: Moment) -> None:
        blow = self._blow
        if blow is None or step is not blow.step or moment is not blow.moment:
            return
        self._passed += 1
        if self._passed == blow.passing:
            self._say(step)
            os.kill(os.getpid(), signal.SIGKILL)

    def takes(self, step: Step) -> None:
        """It was taken in the write that is open."""
        self.passes(step, Moment.WITHIN)
        self._written.append(step)

    def opens(self) -> None:
        self._written = []

    @property
    def written(self) -> tuple[Step, ...]:
        """The steps of the write that is open."""
        return tuple(self._written)


def insert(fuse: Fuse, rng: random.Random) -> None:
    """``rng`` makes writes late, and what was decided to be told above all, as on a machine that
    has other things to do: what may come between a decision and its write then does."""
    for module, name, step in _STEPS:
        substitute(module, name, _watched(fuse, step, getattr(module, name)))
    _watch_commits(fuse, rng)
    _watch_answers(fuse)
    _dawdle(rng)


def _watched(
    fuse: Fuse, step: Step, function: Callable[..., Awaitable[T]]
) -> Callable[..., Awaitable[T]]:
    @functools.wraps(function)
    async def passing(*args: Any, **kwargs: Any) -> T:
        fuse.passes(step, Moment.BEFORE)
        result = await function(*args, **kwargs)
        fuse.takes(step)
        return result

    return passing


def _watch_commits(fuse: Fuse, rng: random.Random) -> None:
    write = Database.write

    async def passing(self: Database, work: Callable[[Tx], Awaitable[T]]) -> T:
        if rng.random() < _LATE:
            await asyncio.sleep(rng.uniform(0, _LATEST))
        taken: tuple[Step, ...] = ()

        async def watched(tx: Tx) -> T:
            nonlocal taken
            fuse.opens()
            result = await work(tx)
            taken = fuse.written
            return result

        result = await write(self, watched)
        for step in taken:
            fuse.passes(step, Moment.COMMITTED)
        return result

    substitute(Database, "write", passing)


def _watch_answers(fuse: Fuse) -> None:
    exchange = Session.exchange

    async def passing(
        self: Session,
        token: str,
        method: str,
        fields: Mapping[str, object],
        *,
        seconds: float | None = None,
        cap: int = CAP,
    ) -> Reply | Lost:
        answer = await exchange(self, token, method, fields, seconds=seconds, cap=cap)
        if method in _TELLING:
            fuse.passes(Step.ANSWER, Moment.WITHIN)
        return answer

    substitute(Session, "exchange", passing)


def _dawdle(rng: random.Random) -> None:
    begin = Outbox._begin

    async def slow(self: Outbox, work: Sequence[Work]) -> float:
        if work and rng.random() < _DAWDLES:
            await asyncio.sleep(rng.uniform(0, _LONGEST))
        return await begin(self, work)

    substitute(Outbox, "_begin", slow)
