"""What operators decide about posts, and what they write themselves: one write each, with its row
of the audit trail."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from ingest.compose import compose
from ingest.correlate import manual, moderate, step
from ingest.correlate.step import Step
from ingest.correlate.table import URGENCY
from ingest.publish import current, publish
from storage import audit, incidents, posts, recalls, reports, reviews
from storage.areas.tree import Areas
from storage.database import Database, Tx
from storage.model import AreaCode, Claim, Held, Kind, Situation, Source, Urgency, Wrong
from storage.reviews import Review, State, Subject

_ACTIONS: Final = {
    State.CONFIRMED: "confirm",
    State.CORRECTED: "correct",
    State.RELEASED: "release",
    State.REJECTED: "reject",
}
"""A moderator's verdicts in the words of the audit trail."""


Redeem = Callable[[Tx], Awaitable[bool]]
"""Uses up, in the write that does what was confirmed, what confirms it; False: it is not there."""


class ByHand:
    """``wake`` is called after a commit (a hint only)."""

    def __init__(
        self,
        *,
        database: Database,
        areas: Areas,
        now: Callable[[], datetime],
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._areas = areas
        self._now = now
        self._wake = wake

    async def decide(
        self,
        number: int,
        who: int,
        verdict: State,
        *,
        truth: Claim | None = None,
        why: str | None = None,
    ) -> AreaCode | None:
        """Carry out what a moderator decided; its region, or None if it was not waiting, or the
        verdict is none that may be given."""
        now = self._now()

        async def write(tx: Tx) -> AreaCode | None:
            item = await reviews.get(tx, number)
            if item is None or verdict not in reviews.VERDICTS[item.kind]:
                return None
            if truth is not None and truth.kind not in reviews.TRUTHS[item.claim.kind]:
                return None
            if truth is not None and reviews.widens(item, truth):
                return None
            if reviews.is_own(item, who, verdict):
                return None
            if not await reviews.decide(tx, number, who, now, verdict, truth):
                return None
            before = await current(tx, item.region, now)
            if item.kind is Subject.CLEAR:
                done = await self._clear(tx, before, item, verdict, truth)
            else:
                done = self._judged(before, item, verdict, truth, now)
                done = await self._found_clear(tx, done, item, truth, who, now)
            await publish(tx, before, done, now)
            if item.kind is Subject.REPORT:
                upheld = verdict is not State.CONFIRMED
                await reports.settle_all(tx, item.region, item.source, who, now, upheld=upheld)
            await audit.note(
                tx, now, who, _ACTIONS[verdict], held=number, region=item.region, why=why
            )
            return item.region

        region = await self._database.write(write)
        self._wake()
        return region

    async def _clear(
        self, tx: Tx, before: Situation, item: Review, verdict: State, truth: Claim | None
    ) -> Step:
        if verdict is State.REJECTED:
            return Step(situation=step.unhold(before, item.id), changes=())
        post = await posts.latest(tx, item.channel, item.message)
        return step.release(
            before,
            truth or item.claim,
            item.source,
            self._areas,
            held_id=item.id,
            posted_at=item.source.at if post is None else post.post.date,
        )

    def _judged(
        self, before: Situation, item: Review, verdict: State, truth: Claim | None, now: datetime
    ) -> Step:
        """Danger that was told: right, wrong, or something else. Of a reported all-clear only the
        label is kept: danger is declared by a post or by /compose, never by a rejection."""
        if item.claim.kind is not Kind.THREAT:
            return Step(situation=before, changes=())
        if verdict is State.CONFIRMED:
            return moderate.confirm(before, item.claim, item.source)
        note = moderate.retraction(replace(before, at=now), item.source, Wrong.MISREAD)
        if truth is None:
            return moderate.take_back(before, item.claim, item.source, note)
        note = replace(note, truth=truth.kind)
        if truth.kind is Kind.THREAT:
            return moderate.correct(before, item.claim, truth, item.source, note, self._areas)
        # The correction says what it was: nothing more is told of it, least of all an all-clear.
        return moderate.take_back(before, item.claim, item.source, note)

    async def _found_clear(
        self, tx: Tx, done: Step, item: Review, truth: Claim | None, who: int, now: datetime
    ) -> Step:
        """What was told as danger says that another one is over: that waits, as any all-clear in
        doubt, for another moderator."""
        after = done.situation
        if item.claim.kind is not Kind.THREAT or truth is None:
            return done
        if truth.kind is not Kind.ALL_CLEAR or after.danger(truth.hazard) is None:
            return done
        said = item.said
        if said is not None:
            claims = (*said.claims[: item.ordinal], truth, *said.claims[item.ordinal + 1 :])
            said = replace(said, claims=claims)
        number = await reviews.ask(
            tx,
            Subject.CLEAR,
            item.region,
            truth,
            item.source,
            ordinal=item.ordinal,
            why="a moderator found it in what was told as danger",
            at=now,
            post=item.post,
            home=item.home,
            said=said,
            found_by=who,
        )
        if number is None:
            return done
        held = Held(
            id=number,
            hazard=truth.hazard,
            areas=truth.areas,
            why="found by a moderator",
            source=item.source,
        )
        return replace(done, situation=step.hold(after, held))

    async def retract(
        self, number: int, who: int, wrong: Wrong, redeem: Redeem
    ) -> AreaCode | None:
        """Take back a whole incident; its region. None: it is taken back already, or this was not
        confirmed. One that is over changes nothing that is: who saw it is told (`bot.recall`)."""
        now = self._now()

        async def write(tx: Tx) -> AreaCode | None:
            if not await redeem(tx):
                return None
            incident = await incidents.get(tx, number)
            if incident is None:
                return None
            if incident.closed_at is None:
                before = await current(tx, incident.region, now)
                note = moderate.retraction(replace(before, at=now), None, wrong)
                done = moderate.take_back_all(before, incident.hazard, note)
                await publish(tx, before, done, now)
            elif not await recalls.begin(tx, number, wrong, now):
                return None
            await audit.note(
                tx, now, who, "retract", incident=number, region=incident.region, why=wrong
            )
            return incident.region

        region = await self._database.write(write)
        self._wake()
        return region

    # --- what an operator writes ------------------------------------------------------------

    async def preview(self, claim: Claim, text: str) -> Situation:
        """What the first region's situation would be; nothing is written."""
        region, part = next(iter(self._by_region(claim)))
        now = self._now()

        before = await self._database.read(lambda tx: current(tx, region, now))
        said = manual.source(text, 0, now)
        begun = step.new_episode(before, (part,), now)
        if claim.kind is Kind.DRILL:
            done = manual.rehearse(begun, part, said)
        else:
            done = manual.issue(begun, part, said, self._areas)
        published = compose(before, done, now)
        return before if published is None else published.situation

    async def issue(
        self,
        claim: Claim,
        text: str,
        who: int,
        second: int | None,
        *,
        written_at: datetime,
        redeem: Redeem,
    ) -> int | None:
        """An alert, or an all-clear, which ends no danger declared since it was written.
        ``second``: of the two who agreed. How many regions it changed; None: not confirmed."""
        at = written_at if claim.kind is Kind.ALL_CLEAR else self._now()
        return await self._by_hand(
            claim,
            text,
            who,
            second,
            lambda s, c, said: manual.issue(s, c, said, self._areas),
            said_at=at,
            redeem=redeem,
        )

    async def rehearse(self, claim: Claim, text: str, who: int, redeem: Redeem) -> int | None:
        """A drill: from here no situation can get a danger or lose one."""
        return await self._by_hand(
            claim, text, who, None, manual.rehearse, said_at=self._now(), redeem=redeem
        )

    async def _by_hand(
        self,
        claim: Claim,
        text: str,
        who: int,
        second: int | None,
        change: Callable[[Situation, Claim, Source], Step],
        *,
        said_at: datetime,
        redeem: Redeem,
    ) -> int | None:
        now = self._now()

        async def write(tx: Tx) -> int | None:
            if not await redeem(tx):
                return None
            changed = 0
            number = await audit.note(
                tx,
                now,
                who,
                "compose",
                kind=claim.kind,
                hazard=claim.hazard,
                areas=" ".join(claim.areas),
                second=second,
                why=text,
            )
            for region, part in self._by_region(claim):
                before = await current(tx, region, now)
                begun = step.new_episode(before, (part,), now)
                done = change(begun, part, manual.source(text, number, said_at))
                await publish(tx, before, done, now)
                changed += any(URGENCY[c.transition] is not Urgency.NONE for c in done.changes)
            return changed

        changed = await self._database.write(write)
        self._wake()
        return changed

    def _by_region(self, claim: Claim) -> list[tuple[AreaCode, Claim]]:
        regions = dict.fromkeys(self._areas.region_of(code).code for code in claim.areas)
        return [
            (
                region,
                replace(
                    claim,
                    areas=tuple(c for c in claim.areas if self._areas.contains(region, c)),
                ),
            )
            for region in regions
        ]
