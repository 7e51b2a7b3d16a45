"""Who is behind → decide → render → send → settle, best first, as fast as Telegram allows.

Nothing is queued here: a card is behind when its region has a newer version, so a crash at any
line is survived by looking again. Every attempt is committed before its request leaves.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, assert_never

from bot.clock import Clock
from bot.decide import Decision, Lever, Reason, decide
from bot.dispatch import dispatch
from bot.message import Message
from bot.outcome import (
    Accepted,
    Ambiguous,
    Dead,
    Gone,
    Later,
    Migrated,
    Outcome,
    Part,
    Refused,
    Rejected,
    Unchanged,
    Unreachable,
)
from bot.pace import Hold, Pace, Permit, Wait
from bot.render.card import card as whole_card
from bot.render.card import continued
from bot.render.news import news
from bot.texts import Texts
from storage import audit, cards, chats, situations
from storage.areas.tree import Areas
from storage.cards import Lever as Kept
from storage.cards import Told
from storage.database import Database, Tx
from storage.model import (
    AreaCode,
    Card,
    CardId,
    Chat,
    ChatId,
    ChatKind,
    ChatState,
    Situation,
    Urgency,
)

SUBSCRIBED = "subscribed"
"""Reason of a card that a chat got by following during danger: shown at once, silently."""

_BATCH = 200
_POLL = 1.0  # seconds: a lost wake costs one of these
_TICK = 0.05  # seconds: how late an edit that waits its turn may be
_RETRY = timedelta(seconds=5)
_OURS_TO_FIX = timedelta(minutes=10)
_DOUBTS = 2  # so many unanswered requests for one version count as told
_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)  # seconds, while Telegram cannot be reached
_WHOLE_LANE = (Hold.FLOOD, Hold.TOKEN, Hold.TOKEN_ALERTS)

_log = logging.getLogger(__name__)


class DeadBotError(Exception):
    """The token is revoked, or another poller uses it: this lane can do nothing more."""


class Door(Protocol):
    """The way out: `bot.sender.Sender`, or a replay that only writes down."""

    async def send(
        self,
        chat: int,
        message: Message,
        *,
        silent: bool,
        reply_to: int | None = None,
        thread: int | None = None,
    ) -> Outcome: ...

    async def edit(self, chat: int, message_id: int, message: Message) -> Outcome: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Behind:
    """A card that may have to be told something, and what is needed to decide."""

    card: Card
    chat: Chat
    follows: tuple[AreaCode, ...]
    current: Situation
    last_sound: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One card with all that its decision was made of."""

    card: Card
    chat: Chat
    follows: tuple[AreaCode, ...]
    told: Situation | None
    current: Situation
    decision: Decision

    @property
    def order(self) -> tuple[int, Urgency, int]:
        """Sounds before silent messages before edits; then urgency, then the card's rank."""
        levers = (Lever.SOUND, Lever.SILENT, Lever.EDIT, Lever.SKIP, Lever.WAIT)
        return levers.index(self.decision.lever), self.decision.urgency, self.card.rank


class Outbox:
    """The lane of one bot. ``page`` tells the operators; ``on_decided`` hears every decision,
    ``on_told`` what Telegram accepted, with the monotonic time of its answer."""

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
        page: Callable[[str, str], Awaitable[None]],
        on_decided: Callable[[Work], None] = lambda work: None,
        on_told: Callable[[Work, float], None] = lambda work, at: None,
    ) -> None:
        self._database = database
        self._sender = sender
        self._pace = pace
        self._areas = areas
        self._texts = texts
        self._clock = clock
        self._monotonic = monotonic
        self._page = page
        self._on_decided = on_decided
        self._on_told = on_told
        self._woken = asyncio.Event()
        self._flying: dict[CardId, asyncio.Task[None]] = {}
        self._asides: set[asyncio.Task[None]] = set()
        self._snapshots: dict[tuple[AreaCode, int], Situation] = {}
        self._unreached = 0
        self._pause_until = 0.0
        self._dead: DeadBotError | None = None

    def wake(self) -> None:
        """Something was published, followed or resumed. A hint only."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled; then requests in flight are waited for. Raises DeadBotError."""
        now = self._clock.now()
        doubtful = await self._database.write(lambda tx: cards.in_doubt(tx, now))
        if doubtful:
            _log.warning("%d requests were in flight when nabat stopped: decided anew", doubtful)
        try:
            while self._dead is None:
                self._woken.clear()
                pause = await self._round()
                try:
                    await asyncio.wait_for(self._woken.wait(), pause)
                except TimeoutError:
                    continue
            raise self._dead
        finally:
            for aside in self._asides:
                aside.cancel()
            if flying := [*self._flying.values(), *self._asides]:
                await asyncio.wait(flying)

    async def drain(self) -> None:
        """Do all that can be done at this moment of domain time, then return (replay, tests)."""
        while True:
            self._woken.clear()
            await self._round()
            while self._flying or self._asides:
                await asyncio.wait([*self._flying.values(), *self._asides])
            if not self._woken.is_set():
                return

    # --- one round --------------------------------------------------------------------------

    async def _round(self) -> float:
        """Do all that can be done now; seconds until there may be more."""
        await dispatch(self._database, self._areas, self._clock.now())
        rest = self._pause_until - self._monotonic()
        if rest > 0:
            return min(rest, _POLL)
        if await self._database.read(audit.paused):
            return _POLL
        behind = await self._database.read(self._behind)
        work = [w for card in behind if (w := await self._judge(card)) is not None]
        await self._settle_unsaid([w for w in work if not _speaks(w)])
        pause = await self._begin(sorted(filter(_speaks, work), key=lambda w: w.order))
        if len(behind) >= _BATCH and pause > 0 and not self._flying:
            return 0.0
        due = await self._database.read(cards.next_due)
        if due is not None:
            pause = min(pause, max(_TICK, self._clock.seconds_until(due)))
        return pause

    async def _behind(self, tx: Tx) -> list[_Behind]:
        found = [
            card
            for card in await cards.behind(tx, self._clock.now(), _BATCH + len(self._flying))
            if card.id not in self._flying
        ]
        if not found:
            return []
        ids = list({card.chat for card in found})
        audience = await chats.audience(tx, ids)
        sounds = await cards.last_sounds(tx, ids)
        heads: dict[AreaCode, Situation] = {}
        out = []
        for card in found:
            if card.region not in heads:
                current = await situations.current(tx, card.region)
                assert current is not None  # a card's region has a head: foreign key
                heads[card.region] = current
            chat, follows = audience[card.chat]
            mine = tuple(
                code for code in follows if self._areas.region_of(code).code == card.region
            )
            out.append(
                _Behind(
                    card=card,
                    chat=chat,
                    follows=mine,
                    current=heads[card.region],
                    last_sound=sounds.get(card.chat),
                )
            )
        return out

    async def _judge(self, behind: _Behind) -> Work | None:
        card, chat, current = behind.card, behind.chat, behind.current
        try:
            told = await self._snapshot(card.region, card.told)
            if not card.open and told is not None:
                current = told
            decision = decide(
                card=card,
                chat=chat,
                follows=behind.follows,
                told=told,
                current=current,
                areas=self._areas,
                now=self._clock.now(),
                last_sound=behind.last_sound,
            )
        except Exception as bug:  # noqa: BLE001 - the one of this loop: a card is set aside
            await self._set_aside(card, bug)
            return None
        if card.told is None and card.reason == SUBSCRIBED and decision.lever is Lever.SOUND:
            decision = Decision(
                lever=Lever.SILENT,
                reason=decision.reason,
                urgency=Urgency.IMPORTANT,
                alarmed=decision.alarmed,
                danger=decision.danger,
                anew=True,
            )
        work = Work(
            card=card,
            chat=chat,
            follows=behind.follows,
            told=told,
            current=current,
            decision=decision,
        )
        self._on_decided(work)
        return work

    async def _snapshot(self, region: AreaCode, version: int | None) -> Situation | None:
        if version is None:
            return None
        key = (region, version)
        if key not in self._snapshots:
            found = await self._database.read(lambda tx: situations.version(tx, region, version))
            if found is None:
                return None
            if len(self._snapshots) >= 500:
                self._snapshots.clear()
            self._snapshots[key] = found
        return self._snapshots[key]

    async def _set_aside(self, card: Card, bug: Exception) -> None:
        _log.exception("card %s of %s could not be decided", card.id, card.region)
        until = self._clock.now() + _OURS_TO_FIX
        reason = f"failed: {type(bug).__name__}"

        async def write(tx: Tx) -> None:
            head = await situations.head(tx, card.region)
            await cards.postpone(tx, card.id, until, reason, seen=head)

        await self._database.write(write)
        await self._page(f"card:{card.id}", f"A card of {card.region} cannot be made: {bug!r}")

    async def _settle_unsaid(self, work: Sequence[Work]) -> None:
        """Skips and waits, in one write."""
        if not work:
            return

        async def write(tx: Tx) -> None:
            for w in work:
                version, decision = w.current.version, w.decision
                seen = max(w.card.seen, version)
                if w.decision.until is not None:
                    await cards.postpone(
                        tx, w.card.id, w.decision.until, decision.reason, seen=seen
                    )
                else:
                    await cards.skip(tx, w.card.id, seen, decision.reason, close=decision.ends)

        await self._database.write(write)

    # --- requests ---------------------------------------------------------------------------

    async def _begin(self, work: Sequence[Work]) -> float:
        """Take permits in order, commit the attempts together, let the requests go. Seconds
        until the next permit may be had."""
        pause = _POLL
        ready: list[tuple[Work, Permit]] = []
        for w in work:
            now = self._monotonic()
            permit = self._pace.take(
                now, w.chat.id, group=_crowd(w.chat), edit=w.decision.lever is Lever.EDIT
            )
            if isinstance(permit, Wait):
                pause = min(pause, max(0.0, permit.until - now))
                if permit.why in _WHOLE_LANE:
                    break
                continue
            ready.append((w, permit))
        if not ready:
            return pause
        at = self._clock.now()

        async def write(tx: Tx) -> list[int | None]:
            return [
                await cards.begin(
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

        attempts = await self._database.write(write)
        for (w, permit), attempt in zip(ready, attempts, strict=True):
            if attempt is None:
                # The gate: what was decided is no longer the latest. Look again.
                self._pace.answered(permit, self._monotonic())
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
            # Not even settling worked: nothing here can be trusted any more.
            self._dead = DeadBotError(f"delivery failed: {bug!r}")
            self._dead.__cause__ = bug

    async def _carry_out(self, work: Work, permit: Permit, attempt: int) -> None:
        outcome: Outcome
        try:
            outcome = await self._request(work)
        except Exception as bug:  # noqa: BLE001 - rendering one card failed
            _log.exception("card %s could not be rendered", work.card.id)
            outcome = Rejected(why=repr(bug))
        finally:
            self._pace.answered(permit, self._monotonic())
        if isinstance(outcome, Accepted):
            self._on_told(work, self._monotonic())
        await self._settle(work, attempt, outcome)
        if isinstance(outcome, Accepted) and _replaces(work):
            # Not part of this card's flight: a waiting edit must not hold up its next sound.
            aside = asyncio.create_task(self._say_continued(work))
            self._asides.add(aside)
            aside.add_done_callback(self._asides.discard)

    async def _request(self, work: Work) -> Outcome:
        card, chat = work.card, work.chat
        if work.decision.lever is Lever.EDIT:
            assert card.message_id is not None  # decide never edits what is not there
            return await self._sender.edit(chat.id, card.message_id, self._message(work))
        beside = not work.decision.anew and card.message_id is not None
        return await self._sender.send(
            chat.id,
            self._message(work),
            silent=work.decision.lever is Lever.SILENT,
            reply_to=card.message_id if beside else None,
            thread=chat.thread,
        )

    def _message(self, work: Work) -> Message:
        words, now = self._texts[work.chat.lang], self._clock.now()
        if work.decision.lever is Lever.EDIT or work.decision.anew:
            return whole_card(
                card=work.card,
                chat=work.chat,
                follows=work.follows,
                current=work.current,
                areas=self._areas,
                words=words,
                now=now,
                decision=work.decision,
                told=work.told,
            )
        return news(
            card=work.card,
            chat=work.chat,
            follows=work.follows,
            told=work.told,
            current=work.current,
            areas=self._areas,
            decision=work.decision,
            words=words,
            now=now,
        )

    async def _say_continued(self, work: Work) -> None:
        """In a group the former live card ends «continued below»; if that fails it just stays."""
        old = work.card.message_id
        if old is None:
            return
        now = self._monotonic()
        permit = self._pace.take(now, work.chat.id, group=_crowd(work.chat), edit=True)
        while isinstance(permit, Wait):
            if permit.until - now > 120:
                return
            await asyncio.sleep(max(0.0, permit.until - self._monotonic()))
            permit = self._pace.take(
                self._monotonic(), work.chat.id, group=_crowd(work.chat), edit=True
            )
        message = continued(
            card=work.card,
            chat=work.chat,
            follows=work.follows,
            current=work.told or work.current,
            areas=self._areas,
            words=self._texts[work.chat.lang],
            now=self._clock.now(),
        )
        try:
            await self._sender.edit(work.chat.id, old, message)
        finally:
            self._pace.answered(permit, self._monotonic())
        await self._database.write(lambda tx: cards.continued(tx, work.card.id))

    # --- what became of it ------------------------------------------------------------------

    async def _settle(self, work: Work, attempt: int, outcome: Outcome) -> None:
        at = self._clock.now()
        card, chat = work.card, work.chat
        match outcome:
            case Accepted(message_id=message_id):
                self._unreached = 0
                await self._accept(work, attempt, message_id)
                if Part.FORM in outcome.without:
                    await self._page(
                        f"form:{card.region}/{work.current.version}",
                        f"Telegram refused the form of a card of {card.region}; its plain text "
                        "was sent instead. See the log for why.",
                    )
            case Unchanged():
                self._unreached = 0
                await self._accept(work, attempt, card.message_id)
            case Later(seconds=seconds):
                self._pace.slow_down(self._monotonic(), seconds, chat.id)
                await self._end(attempt, "later")
            case Refused(why=why):
                pause = _PAUSES[min(self._unreached, len(_PAUSES) - 1)]
                self._unreached += 1
                self._pause_until = self._monotonic() + pause
                _log.warning("Telegram cannot be reached (%s): next try in %.1f s", why, pause)
                await self._end(attempt, "refused")
            case Ambiguous(why=why):
                _log.warning("card %s: no clear answer (%s)", card.id, why)
                await self._doubt(work, attempt)
            case Migrated(to=to):
                new = ChatId(to)

                async def move(tx: Tx) -> None:
                    await cards.end(tx, attempt, "migrated", at)
                    await chats.migrate(tx, chat.id, new)

                await self._database.write(move)
            case Unreachable(cause=cause):

                async def suspend(tx: Tx) -> None:
                    await cards.end(tx, attempt, f"unreachable:{cause}", at)
                    await chats.set_state(tx, chat.id, ChatState.SUSPENDED, cause)

                await self._database.write(suspend)
            case Gone():

                async def lose(tx: Tx) -> None:
                    await cards.end(tx, attempt, "gone", at)
                    await cards.lost(tx, card.id)

                await self._database.write(lose)
            case Rejected(why=why):
                until = at + _OURS_TO_FIX

                async def set_aside(tx: Tx) -> None:
                    await cards.end(tx, attempt, "rejected", at)
                    await cards.postpone(tx, card.id, until, "rejected", seen=work.current.version)

                await self._database.write(set_aside)
                await self._page(
                    f"rejected:{card.region}/{work.current.version}",
                    f"Telegram takes a card of {card.region} in no form: {why}",
                )
            case Dead(why=why):
                await self._end(attempt, "dead")
                self._dead = DeadBotError(why)
            case _:
                assert_never(outcome)

    async def _accept(self, work: Work, attempt: int, message_id: int | None) -> None:
        decision, at = work.decision, self._clock.now()
        shows = decision.lever is Lever.EDIT or decision.anew or work.card.message_id is None
        told = Told(
            version=work.current.version,
            lever=Kept(decision.lever.value),
            message_id=message_id,
            shows=shows,
            ends=decision.ends,
            reason=str(decision.quieted or decision.reason),
            due_at=None if shows else at,
        )
        await self._database.write(lambda tx: cards.accepted(tx, attempt, work.card, told, at))

    async def _doubt(self, work: Work, attempt: int) -> None:
        at = self._clock.now()

        async def write(tx: Tx) -> int:
            doubts = await cards.doubted(tx, attempt, at)
            if doubts < _DOUBTS:
                await cards.postpone(
                    tx, work.card.id, at + _RETRY, "ambiguous", seen=work.current.version
                )
            return doubts

        if await self._database.write(write) >= _DOUBTS:
            # A duplicate beats a miss, endless duplicates do not.
            await self._accept(work, attempt, work.card.message_id)

    async def _end(self, attempt: int, outcome: str) -> None:
        at = self._clock.now()
        await self._database.write(lambda tx: cards.end(tx, attempt, outcome, at))


def _speaks(work: Work) -> bool:
    match work.decision.lever:
        case Lever.SOUND | Lever.SILENT | Lever.EDIT:
            return True
        case Lever.SKIP | Lever.WAIT:
            return False
        case _:
            assert_never(work.decision.lever)


def _replaces(work: Work) -> bool:
    """A new live card took the place of one that is still before the chat's eyes."""
    return (
        work.decision.lever is not Lever.EDIT
        and work.decision.anew
        and work.card.message_id is not None
        and work.decision.reason is not Reason.CARD_LOST
    )


def _crowd(chat: Chat) -> bool:
    return chat.kind is not ChatKind.PRIVATE
