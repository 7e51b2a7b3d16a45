"""The lane of one bot: rounds of looking, deciding and letting requests go."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from functools import partial

from bot.clock import Clock
from bot.decide import Lever
from bot.dispatch import dispatch
from bot.neighbours import Neighbours, nobody
from bot.outbox.former import Former
from bot.outbox.judge import Judge, Snapshots
from bot.outbox.letters import Post
from bot.outbox.probe import Prober
from bot.outbox.settle import Rest, Settling
from bot.outbox.text import Wording
from bot.outbox.topics import covered
from bot.outbox.work import Behind, Door, Page, Work, crowd, replaces, speaks
from bot.outcome import Accepted, Outcome, Rejected
from bot.pace import Hold, Pace, Permit, Wait
from bot.quiet import OneTier, no_region
from bot.texts import Texts
from storage import alerts, attempts, cards
from storage.areas.tree import Areas
from storage.attempts import Lever as Kept
from storage.database import Database, Tx
from storage.model import EVERYTHING, CardId, Share, Urgency

_BATCH = 60  # cards that a round looks at: twice what a second's permits can carry
_POLL = 1.0  # seconds: a lost wake costs one of these
_AT_ONCE = 0.02  # seconds that a round waits for cards to be given; then it sends meanwhile
_TICK = 0.05  # seconds: how late an edit that waits its turn may be
_WHOLE_LANE = (Hold.FLOOD, Hold.TOKEN, Hold.TOKEN_ALERTS)

_log = logging.getLogger(__name__)


class Outbox:
    """The lane of one bot. ``page`` tells the operators; ``on_decided`` hears every decision,
    ``on_told`` what Telegram accepted, with the monotonic time of its answer. ``share``: the
    regions whose chats the bot serves, where there are several bots; ``bot``: Telegram's id of it,
    where people are told what befell it."""

    def __init__(
        self,
        *,
        database: Database,
        sender: Door,
        pace: Pace,
        areas: Areas,
        texts: Texts,
        clock: Clock,
        monotonic: Callable[[], float],
        page: Page,
        on_decided: Callable[[Work], None] = lambda work: None,
        on_told: Callable[[Work, float], None] = lambda work, at: None,
        share: Share = EVERYTHING,
        neighbours: Neighbours = nobody,
        one_tier: OneTier = no_region,
        bot: int | None = None,
    ) -> None:
        self._database = database
        self._sender = sender
        self._pace = pace
        self._areas = areas
        self._wording = Wording(areas, texts)
        self._clock = clock
        self._monotonic = monotonic
        self._on_told = on_told
        self._share = share
        self._neighbours = neighbours
        self._woken = asyncio.Event()
        self._giving: asyncio.Task[int] | None = None
        self._flying: dict[CardId, asyncio.Task[None]] = {}
        self._held = 0  # cards whose own chat had to wait in the last round: the next looks past
        self._dead: Exception | None = None
        self._rest = Rest(monotonic)
        snapshots = Snapshots(database)
        self._judge = Judge(
            database=database,
            areas=areas,
            clock=clock,
            snapshots=snapshots,
            page=page,
            wake=self.wake,
            on_decided=on_decided,
            share=share,
            one_tier=one_tier,
        )
        self._settling = Settling(
            database=database,
            pace=pace,
            areas=areas,
            clock=clock,
            monotonic=monotonic,
            page=page,
            rest=self._rest,
            texts=texts,
            share=share,
            neighbours=neighbours,
            bot=bot,
        )
        self._prober = Prober(
            database=database,
            sender=sender,
            pace=pace,
            areas=areas,
            clock=clock,
            monotonic=monotonic,
            breaker=self._settling.breaker,
            rest=self._rest,
            page=page,
            wake=self.wake,
            share=share,
            neighbours=neighbours,
        )
        self._post = Post(
            database=database,
            sender=sender,
            pace=pace,
            clock=clock,
            monotonic=monotonic,
            rest=self._rest,
            page=page,
            wake=self.wake,
            share=share,
        )
        self._former = Former(
            database=database,
            sender=sender,
            pace=pace,
            areas=areas,
            texts=texts,
            clock=clock,
            monotonic=monotonic,
            snapshots=snapshots,
            rest=self._rest,
            share=share,
        )

    def wake(self) -> None:
        """Something was published, followed, resumed or written. A hint only."""
        self._post.hurry()
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled; then requests in flight are waited for. Raises DeadBotError."""
        now = self._clock.now()
        doubtful = await self._database.write(lambda tx: attempts.in_doubt(tx, now, self._share))
        if doubtful:
            _log.warning("%d requests were in flight when nabat stopped: decided anew", doubtful)
        await self._database.read(self._former.recall)
        try:
            while self._dead is None:
                self._woken.clear()
                pause = await self._round()
                # Not wait_for: a cancellation that comes with the wake would be lost in it.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._woken.wait()
            raise self._dead
        finally:
            giving = [] if self._giving is None else [self._giving]
            for task in (*self._former.edits, *self._prober.probes, *self._post.rounds, *giving):
                task.cancel()
            if flying := [
                *self._flying.values(),
                *self._former.edits,
                *self._prober.probes,
                *self._post.rounds,
                *giving,
            ]:
                await asyncio.wait(flying)

    async def drain(self) -> None:
        """Do all that can be done at this moment of domain time, then return (replay, tests)."""
        while True:
            self._woken.clear()
            pause = await self._round()
            while tasks := [
                *self._flying.values(),
                *self._former.edits,
                *self._prober.probes,
                *self._post.rounds,
            ]:
                await asyncio.wait(tasks)
            if pause > 0 and not self._woken.is_set():
                return

    # --- one round --------------------------------------------------------------------------

    async def _round(self) -> float:
        """Do all that can be done now; seconds until there may be more."""
        given = await self._give_cards()
        rest = self._rest.left
        if rest > 0:
            return min(rest, _POLL)
        if not given:
            self._woken.set()
        now, held = self._clock.now(), self._held

        async def look(tx: Tx) -> tuple[list[Behind] | None, bool]:
            found = await self._judge.behind(tx, now, _BATCH + held, self._flying)
            return found, bool(await alerts.undispatched(tx))

        behind, giving = await self._database.read(look)
        if behind is None:
            return _POLL
        work = await self._judge.judge_all(behind)
        speaking = [w for w in work if speaks(w)]
        await self._judge.settle_unsaid([w for w in work if not speaks(w)])
        called = [
            each
            for each in behind
            if each.card.urgency is not Urgency.NONE and each.card.via is None
        ]
        # There may be a sound that is not found yet: for a chat that is still to be given its
        # card, or behind the last that this round looked at. What makes none must not flood it
        # out, nor wait for ever where alerts come without end.
        unseen = giving or len(called) >= _BATCH + held
        able = sorted(speaking, key=lambda w: w.order)
        if unseen:
            sounds = [w for w in able if w.decision.lever is Lever.SOUND]
            able = able[: len(sounds) + 1]
        self._held = 0
        pause = await self._begin(able)
        left = [w for w in speaking if w.card.id not in self._flying]
        if await self._judge.demote(left):
            self._woken.set()
        if given and not self._flying and len(able) == self._held:
            # Nobody waits for a permit that they might take.
            self._post.begin()
            self._prober.begin()
        former = self._former.begin()
        if former is not None:
            pause = min(pause, max(_TICK, former))
        full = len(behind) >= _BATCH + held
        if full and (len(speaking) < len(behind) or self._held > held):
            # Behind those that had nothing to say, or whose chats must wait, there may be more.
            return 0.0
        due = await self._database.read(lambda tx: cards.next_due(tx, now, self._share))
        if due is not None:
            pause = min(pause, max(_TICK, self._clock.seconds_until(due)))
        return pause

    async def _give_cards(self) -> bool:
        """See that chats newly in scope get their cards, best rank first; whether all have them.
        Where there are many, those that have one are told while the others are given theirs."""
        if self._giving is None:
            self._giving = asyncio.create_task(
                dispatch(self._database, self._areas, self._clock.now(), self._neighbours)
            )
        done, _ = await asyncio.wait((self._giving,), timeout=_AT_ONCE)
        if not done:
            return False
        giving, self._giving = self._giving, None
        giving.result()
        return True

    # --- requests ---------------------------------------------------------------------------

    async def _begin(self, work: Sequence[Work]) -> float:
        """Take permits in order, commit the attempts together, let the requests go. Seconds
        until the next permit may be had."""
        pause = _POLL
        ready: list[tuple[Work, Permit]] = []
        for w in work:
            now = self._monotonic()
            permit = self._pace.take(now, w.chat.telegram, group=crowd(w.chat), edit=w.is_edit)
            if isinstance(permit, Wait):
                pause = min(pause, max(0.0, permit.until - now))
                if permit.why in _WHOLE_LANE:
                    break
                if permit.why is not Hold.TOKEN_EDITS:
                    self._held += 1
                continue
            ready.append((w, permit))
        if not ready:
            return pause
        at = self._clock.now()

        async def write(tx: Tx) -> list[int | None]:
            return [
                await attempts.begin(
                    tx,
                    w.card,
                    w.current.version,
                    Kept(w.decision.lever.value),
                    danger=w.decision.danger,
                    alarms=w.decision.alarmed,
                    at=at,
                )
                for w, _ in ready
            ]

        begun = await self._database.write(write)
        for (w, permit), attempt in zip(ready, begun, strict=True):
            if attempt is None:
                # The gate: what was decided is no longer the latest. Look again.
                self._pace.returned(permit)
                self._woken.set()
                continue
            task = asyncio.create_task(self._carry_out(w, permit, attempt))
            self._flying[w.card.id] = task
            task.add_done_callback(partial(self._landed, w.card.id))
        return pause

    def _landed(self, card: CardId, task: asyncio.Task[None]) -> None:
        self._flying.pop(card, None)
        self._woken.set()
        if not task.cancelled() and (bug := task.exception()) is not None:
            # The bot is dead, or not even settling worked: nothing here can be trusted any more.
            # The program ends and is started again; a lane that stopped alone would be silent
            # for ever.
            self._dead = bug if isinstance(bug, Exception) else RuntimeError(repr(bug))

    async def _carry_out(self, work: Work, permit: Permit, attempt: int) -> None:
        outcome: Outcome
        told_anyway = False
        try:
            told_anyway = await self._covered(work)
            outcome = await self._request(work, general=not told_anyway)
        except Exception as bug:  # noqa: BLE001 - rendering one card failed
            _log.exception("card %s could not be rendered", work.card.id)
            outcome = Rejected(why=repr(bug))
        finally:
            self._pace.answered(permit, self._monotonic())
        if isinstance(outcome, Accepted):
            self._on_told(work, self._monotonic())
        await self._settling.settle(work, attempt, outcome, covered=told_anyway)
        if isinstance(outcome, Accepted) and replaces(work) and work.card.message_id is not None:
            self._former.replaced(work.card.id, work.card.message_id, work.chat)

    async def _covered(self, work: Work) -> bool:
        if work.chat.forum is None or work.is_edit:
            return False
        now = self._clock.now()
        return await self._database.read(
            lambda tx: covered(tx, work, self._areas, self._neighbours, now)
        )

    async def _request(self, work: Work, *, general: bool) -> Outcome:
        card, chat = work.card, work.chat
        message = self._wording.message(work, self._clock.now())
        if work.decision.lever is Lever.EDIT:
            assert card.message_id is not None  # decide never edits what is not there
            return await self._sender.edit(chat.telegram, card.message_id, message)
        beside = not work.decision.anew and card.message_id is not None
        return await self._sender.send(
            chat.telegram,
            message,
            silent=work.decision.lever is Lever.SILENT,
            reply_to=card.message_id if beside else None,
            thread=chat.thread,
            general=general,
        )
