"""What became of a request, and how long the lane rests where nothing gets through."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import assert_never

from bot import fates
from bot.clock import Clock
from bot.decide import Lever
from bot.dispatch import resume
from bot.neighbours import Neighbours, nobody
from bot.outbox.breaker import AGAIN, WINDOW, Breaker, Verdict
from bot.outbox.judge import OURS_TO_FIX, sounds_otherwise, wishes_otherwise
from bot.outbox.work import DeadBotError, Page, Work
from bot.outcome import (
    Accepted,
    Ambiguous,
    Cause,
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
from bot.pace import Pace
from bot.texts import Texts
from storage import attempts, cards, chats
from storage.areas.tree import Areas
from storage.attempts import Lever as Kept
from storage.attempts import Told
from storage.database import Database, Tx
from storage.model import EVERYTHING, CardId, Chat, Share

_OTHER_BOT = timedelta(days=1)
"""Until a card is tried again in a chat that shut this bot out and follows another's regions."""
_RETRY = timedelta(seconds=5)
_LONGEST_RETRY = timedelta(seconds=60)
_DOUBTS = 2  # so many unanswered requests for one version count as told
_DOUBTS_IN_OUTAGE = 8  # while nobody is answered: they hardly arrived
_OUTAGE = 3  # so many cards without an answer, and none with one since
_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)  # seconds, while Telegram cannot be reached

_log = logging.getLogger(__name__)


class Rest:
    """The lane's rest, while Telegram cannot be reached or answers nobody."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._until = 0.0
        self._unreached = 0
        self._unclear: set[CardId] = set()  # whose request had no answer, since the last clear one

    @property
    def left(self) -> float:
        """Seconds; not above 0 where the lane need not rest."""
        return self._until - self._monotonic()

    @property
    def most_doubts(self) -> int:
        return _DOUBTS if len(self._unclear) < _OUTAGE else _DOUBTS_IN_OUTAGE

    def reached(self) -> None:
        """A request was carried out: the next rest is a short one again."""
        self._unreached = 0

    def answered(self) -> None:
        self._unclear.clear()

    def unclear(self, card: CardId, why: str) -> None:
        """Nobody knows what became of a request for this card."""
        self._unclear.add(card)
        if len(self._unclear) >= _OUTAGE:
            self.hold_back(why)

    def hold_back(self, why: str) -> None:
        """Nothing gets through: the lane rests, longer each time; many at once count once."""
        if self._monotonic() < self._until:
            return
        pause = _PAUSES[min(self._unreached, len(_PAUSES) - 1)]
        self._unreached += 1
        self._until = self._monotonic() + pause
        _log.warning("Telegram cannot be reached (%s): next try in %.1f s", why, pause)


class Settling:
    """``breaker``: what it made of the answers so far. ``bot``: Telegram's id of the own one."""

    def __init__(
        self,
        *,
        database: Database,
        pace: Pace,
        areas: Areas,
        clock: Clock,
        monotonic: Callable[[], float],
        page: Page,
        rest: Rest,
        texts: Texts,
        share: Share = EVERYTHING,
        neighbours: Neighbours = nobody,
        bot: int | None = None,
    ) -> None:
        self._bot = bot
        self._database = database
        self._pace = pace
        self._areas = areas
        self._clock = clock
        self._monotonic = monotonic
        self._page = page
        self._rest = rest
        self._texts = texts
        self._share = share
        self._neighbours = neighbours
        self.breaker = Breaker()

    async def settle(
        self, work: Work, attempt: int, outcome: Outcome, *, covered: bool = False
    ) -> None:
        """Raises DeadBotError, the attempt ended like any other. ``covered``: see
        `bot.outbox.topics`."""
        at = self._clock.now()
        card, chat = work.card, work.chat
        if not isinstance(outcome, Ambiguous | Refused):
            self._rest.answered()
        if isinstance(outcome, Accepted | Unchanged | Gone | Rejected):
            self.breaker.answered(self._monotonic(), chat.telegram)
        match outcome:
            case Accepted(message_id=message_id):
                self._rest.reached()
                await self._accept(work, attempt, message_id, without=outcome.without)
                if Part.FORM in outcome.without:
                    await self._page(
                        f"form:{card.region}/{work.current.version}",
                        f"Telegram refused the form of a card of {card.region}; its plain text "
                        "was sent instead. See the log for why.",
                    )
            case Unchanged():
                self._rest.reached()
                await self._accept(work, attempt, card.message_id)
            case Later(seconds=seconds):
                self._pace.slow_down(self._monotonic(), seconds, chat.telegram)
                await self._end(attempt, "later")
            case Refused(why=why):
                self._rest.hold_back(why)
                await self._end(attempt, "refused")
            case Ambiguous(why=why):
                _log.warning("card %s: no clear answer (%s)", card.id, why)
                self._rest.unclear(card.id, why)
                await self._doubt(work, attempt)
            case Migrated(to=to):

                async def move(tx: Tx) -> None:
                    await attempts.end(tx, attempt, "migrated", at)
                    await chats.migrate(tx, chat.telegram, to)

                await self._database.write(move)
            case Unreachable(cause=Cause.TOPIC_GONE) if chat.forum is not None:

                async def fold(tx: Tx) -> None:
                    await attempts.end(tx, attempt, "topic gone", at)
                    await self._topic(tx, chat, Part.TOPIC)

                await self._database.write(fold)
            case Unreachable(cause=Cause.TOPIC_CLOSED) if covered:
                # Told where it would be told again: what is to come goes on from there.
                at_once = partial(attempts.end, attempt=attempt, outcome="told in General", at=at)
                await self._database.write(at_once)
                await self._accept(work, attempt, None, proven=False, without=(Part.THREAD,))
            case Unreachable(cause=Cause.TOPIC_CLOSED) if work.is_edit and chat.forum is not None:

                async def leave(tx: Tx) -> None:
                    await attempts.end(tx, attempt, "topic closed", at)
                    await cards.lost(tx, card.id)
                    await self._topic(tx, chat, Part.THREAD)

                await self._database.write(leave)
            case Unreachable(cause=cause):
                await self._shut_out(work, attempt, cause)
            case Gone():

                async def lose(tx: Tx) -> None:
                    await attempts.end(tx, attempt, "gone", at)
                    await cards.lost(tx, card.id)

                await self._database.write(lose)
            case Rejected(why=why):
                until = at + OURS_TO_FIX

                async def set_aside(tx: Tx) -> None:
                    await attempts.end(tx, attempt, "rejected", at)
                    await cards.postpone(tx, card.id, until, "rejected", seen=work.current.version)

                await self._database.write(set_aside)
                await self._page(
                    f"rejected:{card.region}/{work.current.version}",
                    f"Telegram takes a card of {card.region} in no form: {why}",
                )
            case Dead(why=why):
                await self._end(attempt, "dead")
                raise DeadBotError(why)
            case _:
                assert_never(outcome)

    async def _accept(
        self,
        work: Work,
        attempt: int,
        message_id: int | None,
        *,
        proven: bool = True,
        without: Sequence[Part] = (),
    ) -> None:
        """``proven``: Telegram said so; then a chat on trial has stood it. ``without``: as in
        Accepted."""
        decision, at = work.decision, self._clock.now()
        shows = decision.lever is Lever.EDIT or decision.anew or work.card.message_id is None
        is_shown = shows or work.card.shown == work.current.version
        told = Told(
            version=work.current.version,
            lever=Kept(decision.lever.value),
            message_id=message_id,
            shows=shows,
            ends=decision.ends,
            reason=str(decision.quieted or decision.reason),
            due_at=decision.again if is_shown else at,
            hushes=decision.hushes,
        )

        async def write(tx: Tx) -> None:
            await attempts.accepted(tx, attempt, work.card, told, at)
            if proven and work.chat.on_trial:
                for chat in await chats.revive(tx, work.chat.telegram):
                    if chat.id != work.chat.id:
                        await resume(tx, chat, self._areas, at, self._neighbours)
            present = (await chats.audience(tx, [work.chat.id])).get(work.chat.id)
            if wishes_otherwise(self._areas, work, present):
                await cards.redraw(tx, work.chat.id, work.card.region, at)
            elif await sounds_otherwise(tx, work, at):
                await cards.reconsider(tx, work.chat.id, at)
            refused = {Part.THREAD, Part.TOPIC}.intersection(without)
            for part in refused:
                await self._topic(tx, work.chat, part)
            if work.chat.closed and proven and not refused and not work.is_edit:
                await chats.close(tx, work.chat.id, closed=False)

        await self._database.write(write)

    async def _topic(self, tx: Tx, chat: Chat, part: Part) -> None:
        """The chat's topic would not take a message."""
        if chat.forum is None:
            return
        gone = part is Part.TOPIC
        await fates.tell(
            tx,
            self._texts,
            chat.forum,
            fates.Fate.TOPIC_GONE if gone else fates.Fate.TOPIC_CLOSED,
            self._clock.now(),
            chats=[chat.id],
            bot=self._bot,
            thread=chat.thread,
        )
        if gone:
            await chats.fold(tx, chat)
        else:
            await chats.close(tx, chat.id, closed=True)

    async def _shut_out(self, work: Work, attempt: int, cause: Cause) -> None:
        """Suspend the chat, or, while so many fail alike that it is Telegram's fault, try it again
        later and give back those for whom that was seen too late."""
        at, chat, now = self._clock.now(), work.chat, self._monotonic()
        id = chat.telegram
        only = chat.id if cause in (Cause.TOPIC_CLOSED, Cause.TOPIC_GONE) else None
        if not work.chat.on_trial:
            verdict = self.breaker.failed(now, id, cause)
        else:  # known to fail: it says nothing of the others
            verdict = Verdict.HOLD if self.breaker.holds(now, cause) else Verdict.SUSPEND

        async def write(tx: Tx) -> int:
            await attempts.end(tx, attempt, f"unreachable:{cause}", at)
            again = at + timedelta(seconds=AGAIN)
            if verdict is Verdict.SUSPEND:
                ended = await chats.suspend(tx, id, cause, at, self._share, only=only)
                if chat.id in ended:
                    fate = fates.fate_of(cause)
                    await fates.tell(tx, self._texts, id, fate, at, chats=ended, bot=self._bot)
                    return 0
                again = at + _OTHER_BOT
            await cards.postpone(
                tx, work.card.id, again, f"held:{cause}", seen=work.current.version
            )
            if verdict is not Verdict.TRIPPED:
                return 0
            wronged = await chats.refused_since(
                tx, cause, at - timedelta(seconds=WINDOW), self._share
            )
            revived = [
                each
                for group in {one.telegram: one for one in wronged}
                for each in await chats.revive(tx, group)
            ]
            for each in revived:
                await resume(tx, each, self._areas, at, self._neighbours)
            return len(revived)

        revived = await self._database.write(write)
        if verdict is Verdict.TRIPPED:
            await self._page(
                f"unreachable:{cause}/{at:%Y-%m-%dT%H:%M}",
                f"Too many chats refuse us alike ({cause}): that is Telegram's fault, not theirs. "
                f"Nobody is suspended for it now; {revived} who were are active again, and all "
                "are tried again every few minutes. Look whether the bot's rights were changed.",
            )

    async def _doubt(self, work: Work, attempt: int) -> None:
        at, most = self._clock.now(), self._rest.most_doubts

        async def write(tx: Tx) -> int:
            doubts = await attempts.doubted(tx, attempt, at)
            if doubts < most:
                again = at + min(_RETRY * 2 ** (doubts - 1), _LONGEST_RETRY)
                await cards.postpone(
                    tx, work.card.id, again, "ambiguous", seen=work.current.version
                )
            return doubts

        if await self._database.write(write) >= most:
            # A duplicate beats a miss, endless duplicates do not.
            await self._accept(work, attempt, work.card.message_id, proven=False)

    async def _end(self, attempt: int, outcome: str) -> None:
        at = self._clock.now()
        await self._database.write(lambda tx: attempts.end(tx, attempt, outcome, at))
