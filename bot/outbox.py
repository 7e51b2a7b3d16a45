"""Who is behind → decide → render → send → settle, best first, as fast as Telegram allows.

Nothing is queued here: a card is behind when its region has a newer version, so a crash at any
line is survived by looking again. Every attempt is committed before its request leaves.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, assert_never

from bot.clock import Clock
from bot.decide import Decision, Lever, Reason, decide
from bot.dispatch import SUBSCRIBED, dispatch
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

_BATCH = 200
_POLL = 1.0  # seconds: a lost wake costs one of these
_AT_ONCE = 0.02  # seconds that a round waits for cards to be given; then it sends meanwhile
_TICK = 0.05  # seconds: how late an edit that waits its turn may be
_RETRY = timedelta(seconds=5)
_OURS_TO_FIX = timedelta(minutes=10)
_LONGEST_RETRY = timedelta(seconds=60)
_DOUBTS = 2  # so many unanswered requests for one version count as told
_DOUBTS_IN_OUTAGE = 8  # while nobody is answered: they hardly arrived
_OUTAGE = 3  # so many cards without an answer, and none with one since
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
        self._giving: asyncio.Task[int] | None = None
        self._flying: dict[CardId, asyncio.Task[None]] = {}
        self._asides: set[asyncio.Task[None]] = set()
        self._former: dict[tuple[CardId, int], Chat] = {}  # messages that a new card replaced
        self._snapshots: dict[tuple[AreaCode, int], Situation] = {}
        self._unreached = 0
        self._pause_until = 0.0
        self._unclear: set[CardId] = set()  # whose request had no answer, since the last clear one
        self._held = 0  # cards whose own chat had to wait in the last round: the next looks past
        self._dead: Exception | None = None

    def wake(self) -> None:
        """Something was published, followed or resumed. A hint only."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled; then requests in flight are waited for. Raises DeadBotError."""
        now = self._clock.now()
        doubtful = await self._database.write(lambda tx: cards.in_doubt(tx, now))
        if doubtful:
            _log.warning("%d requests were in flight when nabat stopped: decided anew", doubtful)
        await self._database.read(self._recall_former)
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
            for task in (*self._asides, *giving):
                task.cancel()
            if flying := [*self._flying.values(), *self._asides, *giving]:
                await asyncio.wait(flying)

    async def _recall_former(self, tx: Tx) -> None:
        found = await cards.superseded(tx)
        audience = await chats.audience(tx, list({card.chat for card in found}))
        for card in found:
            if card.old_message_id is not None:
                self._former[card.id, card.old_message_id] = audience[card.chat][0]

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
        given = await self._give_cards()
        rest = self._pause_until - self._monotonic()
        if rest > 0:
            return min(rest, _POLL)
        if not given:
            self._woken.set()
        now, held = self._clock.now(), self._held
        behind = await self._database.read(lambda tx: self._behind(tx, now))
        if behind is None:
            return _POLL
        work = [w for card in behind if (w := await self._judge(card)) is not None]
        speaking = [w for w in work if _speaks(w)]
        await self._settle_unsaid([w for w in work if not _speaks(w)])
        self._held = 0
        pause = await self._begin(sorted(speaking, key=lambda w: w.order))
        pause = min(pause, await self._end_former())
        if len(behind) >= _BATCH + held and (len(speaking) < len(behind) or self._held > held):
            # Behind those that had nothing to say, or whose chats must wait, there may be more.
            return 0.0
        due = await self._database.read(lambda tx: cards.next_due(tx, now))
        if due is not None:
            pause = min(pause, max(_TICK, self._clock.seconds_until(due)))
        return pause

    async def _give_cards(self) -> bool:
        """See that chats newly in scope get their cards, best rank first; whether all have them.
        Where there are many, those that have one are told while the others are given theirs."""
        if self._giving is None:
            self._giving = asyncio.create_task(
                dispatch(self._database, self._areas, self._clock.now())
            )
        done, _ = await asyncio.wait((self._giving,), timeout=_AT_ONCE)
        if not done:
            return False
        giving, self._giving = self._giving, None
        giving.result()
        return True

    async def _behind(self, tx: Tx, now: datetime) -> list[_Behind] | None:
        """None while the operators have paused everything."""
        if await audit.paused(tx):
            return None
        found = [
            card
            for card in await cards.behind(tx, now, _BATCH + self._held + len(self._flying))
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
            mine = self._followed(follows, card.region)
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

    def _followed(self, follows: Sequence[AreaCode], region: AreaCode) -> tuple[AreaCode, ...]:
        """What a chat follows in a region; for a code that the tree has no more, all of it."""
        mine = (code for code in follows if self._areas.contains(region, code))
        return tuple(dict.fromkeys(code if code in self._areas else region for code in mine))

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
            audience = await chats.audience(tx, list({w.chat.id for w in work}))
            for w in work:
                if self._wishes_otherwise(w, audience.get(w.chat.id)):
                    self._woken.set()  # decided for somebody who has other wishes by now
                    continue
                version, decision = w.current.version, w.decision
                seen = max(w.card.seen, version)
                if w.decision.until is not None:
                    await cards.postpone(
                        tx, w.card.id, w.decision.until, decision.reason, seen=seen
                    )
                else:
                    await cards.skip(tx, w.card.id, seen, decision.reason, close=decision.ends)

        await self._database.write(write)

    def _wishes_otherwise(self, work: Work, now: tuple[Chat, tuple[AreaCode, ...]] | None) -> bool:
        """Whether the chat changed what it follows or its language since the decision."""
        if now is None:
            return False
        chat, follows = now
        followed = self._followed(follows, work.card.region)
        return followed != work.follows or chat.lang is not work.chat.lang

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
                if permit.why is not Hold.TOKEN_EDITS:
                    self._held += 1
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
            # Not even settling worked: nothing here can be trusted any more. The program ends
            # and is started again; a lane that stopped alone would be silent for ever.
            self._dead = bug if isinstance(bug, Exception) else RuntimeError(repr(bug))

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
        if isinstance(outcome, Accepted) and _replaces(work) and work.card.message_id is not None:
            # Not part of this card's flight: a waiting edit must not hold up its next sound.
            self._former[work.card.id, work.card.message_id] = work.chat

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

    async def _end_former(self) -> float:
        """Let former live cards say that the story goes on below, as far as there are permits;
        seconds until the next may be had."""
        pause = _POLL
        for (card, message), chat in list(self._former.items()):
            now = self._monotonic()
            permit = self._pace.take(now, chat.id, group=_crowd(chat), edit=True)
            if isinstance(permit, Wait):
                pause = min(pause, max(_TICK, permit.until - now))
                continue
            del self._former[card, message]
            # Not part of the card's flight: it must not hold up its next sound.
            aside = asyncio.create_task(self._say_continued(card, message, permit))
            self._asides.add(aside)
            aside.add_done_callback(self._asides.discard)
        return pause

    async def _say_continued(self, card_id: CardId, message: int, permit: Permit) -> None:
        try:
            read = await self._database.read(lambda tx: self._superseded(tx, card_id))
            if read is None:
                return
            card, chat, follows = read
            current = await self._snapshot(card.region, card.told)
            if current is None or not follows:
                return
            text = continued(
                card=card,
                chat=chat,
                follows=follows,
                current=current,
                areas=self._areas,
                words=self._texts[chat.lang],
                now=self._clock.now(),
            )
            outcome = await self._sender.edit(chat.id, message, text)
        except Exception:  # noqa: BLE001 - rendering one card failed
            _log.exception("the former message of card %s just stays", card_id)
            return
        finally:
            self._pace.answered(permit, self._monotonic())
        match outcome:
            case Later(seconds=seconds):
                self._pace.slow_down(self._monotonic(), seconds, chat.id)
                self._former[card_id, message] = chat
            case Refused(why=why):
                self._hold_back(why)
                self._former[card_id, message] = chat
            case _:
                await self._database.write(lambda tx: cards.continued(tx, card_id, message))

    async def _superseded(
        self, tx: Tx, card_id: CardId
    ) -> tuple[Card, Chat, tuple[AreaCode, ...]] | None:
        """The card as it is now, and whose it is."""
        card = await cards.get(tx, card_id)
        if card is None:
            return None
        chat, follows = (await chats.audience(tx, [card.chat]))[card.chat]
        return card, chat, self._followed(follows, card.region)

    # --- what became of it ------------------------------------------------------------------

    async def _settle(self, work: Work, attempt: int, outcome: Outcome) -> None:
        at = self._clock.now()
        card, chat = work.card, work.chat
        if not isinstance(outcome, Ambiguous | Refused):
            self._unclear.clear()
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
                self._hold_back(why)
                await self._end(attempt, "refused")
            case Ambiguous(why=why):
                _log.warning("card %s: no clear answer (%s)", card.id, why)
                self._unclear.add(card.id)
                if len(self._unclear) >= _OUTAGE:
                    self._hold_back(why)
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
                    present = await chats.get(tx, chat.id)
                    if present is not None and present.state is ChatState.ACTIVE:
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

        async def write(tx: Tx) -> None:
            await cards.accepted(tx, attempt, work.card, told, at)
            present = (await chats.audience(tx, [work.chat.id])).get(work.chat.id)
            if self._wishes_otherwise(work, present):
                await cards.redraw(tx, work.chat.id, work.card.region, at)

        await self._database.write(write)

    def _hold_back(self, why: str) -> None:
        """Nothing gets through: the lane rests, longer each time; many at once count once."""
        if self._monotonic() < self._pause_until:
            return
        pause = _PAUSES[min(self._unreached, len(_PAUSES) - 1)]
        self._unreached += 1
        self._pause_until = self._monotonic() + pause
        _log.warning("Telegram cannot be reached (%s): next try in %.1f s", why, pause)

    async def _doubt(self, work: Work, attempt: int) -> None:
        at = self._clock.now()

        most = _DOUBTS if len(self._unclear) < _OUTAGE else _DOUBTS_IN_OUTAGE

        async def write(tx: Tx) -> int:
            doubts = await cards.doubted(tx, attempt, at)
            if doubts < most:
                again = at + min(_RETRY * 2 ** (doubts - 1), _LONGEST_RETRY)
                await cards.postpone(
                    tx, work.card.id, again, "ambiguous", seen=work.current.version
                )
            return doubts

        if await self._database.write(write) >= most:
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
