"""Posts become facts: classify, then store, correlate and publish in one write (ARCHITECTURE).
What operators decide and write themselves comes by way of `ingest.by_hand`.

What fails while a post is applied leaves the post stored, marked with the reason, and is tried
again; it never blocks the next one.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from ingest.correlate import ageing, step
from ingest.correlate.step import Reading, Step
from ingest.correlate.table import Change
from ingest.muting import Judged, Muted, as_heard
from ingest.publish import current, publish
from ingest.quote import quote, source_of
from ingest.scope import by_region
from storage import channels, mutes, posts, reviews, situations
from storage.areas.tree import Areas
from storage.database import Database, Tx
from storage.model import (
    AreaCode,
    Assessment,
    Channel,
    Hazard,
    Held,
    Kind,
    Post,
    Silence,
    Situation,
)
from storage.reviews import Subject

MOST_TRIES = 3
"""How often a post that fails is tried before only the admin can help."""

_log = logging.getLogger(__name__)

Correlate = Callable[[Situation, Reading, Areas, datetime], Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one revision of a post; for the demo, the replay and the log.
    ``published``: the versions that it made, by region."""

    post: Post
    revision: int
    state: posts.State
    reason: str | None
    assessment: Assessment | None
    changes: tuple[tuple[AreaCode, Change], ...] = ()
    published: tuple[tuple[AreaCode, int], ...] = ()


class Reads(Protocol):
    """`ingest.classify.Classifier`."""

    def classify(self, post: Post, home: AreaCode | None) -> Assessment: ...


@dataclass(slots=True)
class _Effects:
    """What applying one post did, region by region."""

    changes: list[tuple[AreaCode, Change]] = field(default_factory=list)
    published: list[tuple[AreaCode, int]] = field(default_factory=list)

    def add(self, region: AreaCode, done: Step, version: int | None) -> None:
        self.changes += [(region, change) for change in done.changes]
        if version is not None:
            self.published.append((region, version))


class Pipeline:
    """The only writer of posts; of situations, incidents and alerts but for `ingest.by_hand`.

    ``on_taken`` hears of every new revision after its commit; ``wake`` is called after a commit
    that published something (a hint only); ``page`` when a post could not be applied.
    """

    def __init__(
        self,
        *,
        database: Database,
        classifier: Reads,
        areas: Areas,
        max_age: Callable[[AreaCode], timedelta],
        now: Callable[[], datetime],
        wake: Callable[[], None],
        page: Callable[[str, str], Awaitable[None]],
        on_taken: Callable[[Taken], None] = lambda taken: None,
        correlate: Correlate = step.correlate,
    ) -> None:
        self._database = database
        self._classifier = classifier
        self._areas = areas
        self._max_age = max_age
        self._now = now
        self._wake = wake
        self._page = page
        self._on_taken = on_taken
        self._correlate = correlate

    def use(self, classifier: Reads, max_age: Callable[[AreaCode], timedelta]) -> None:
        """Read with another table of regions from the next post on. What was told before stays:
        a changed table clears nothing."""
        self._classifier, self._max_age = classifier, max_age

    async def take(self, arrived: Sequence[Post]) -> Sequence[Taken]:
        """Store and apply posts in the order given, all in one write, so that followers are
        told of the result and not of every step of a late batch."""
        known = {c.id: c for c in await self._database.read(channels.listed)}
        muted = await self._database.read(mutes.of_all)
        judged = [
            (post, known[post.channel], self._judge(post, known[post.channel]))
            for post in arrived
            if post.channel in known
        ]

        async def write(tx: Tx) -> list[Taken]:
            return [
                taken
                for post, channel, assessment in judged
                if (taken := await self._record(tx, post, channel, assessment, muted)) is not None
            ]

        return await self._after(await self._database.write(write))

    async def retry(self) -> Sequence[Taken]:
        """Apply what is stored and was not applied: interrupted, or failed before."""
        known = {c.id: c for c in await self._database.read(channels.listed)}
        waiting = await self._database.read(lambda tx: posts.unsettled(tx, most_tries=MOST_TRIES))
        if not waiting:
            return ()
        muted = await self._database.read(mutes.of_all)

        async def write(tx: Tx) -> list[Taken]:
            out = []
            for stored in waiting:
                if (channel := known.get(stored.post.channel)) is not None:
                    post, revision = stored.post, stored.revision
                    read = as_heard(
                        self._judge(post, channel), post, revision, muted.get(channel.id, ())
                    )
                    out.append(await self._apply(tx, post, revision, channel, read))
            return out

        return await self._after(await self._database.write(write))

    async def age(self) -> None:
        """Mark danger that nobody confirmed as stale; close old reports."""
        await self._touch_all(lambda s, now: ageing.age(s, now, self._max_age))

    async def lose(self, since: datetime) -> None:
        """The reader is deaf since then: say so on the cards that show danger, once."""
        await self._touch_all(lambda s, now: ageing.lose(s, since))

    async def regain(self) -> None:
        await self._touch_all(lambda s, now: ageing.regain(s))

    # --- one post ---------------------------------------------------------------------------

    def _judge(self, post: Post, channel: Channel) -> Judged:
        """What the post says, by its own channel. A classifier that fails must not hold up the
        posts behind this one: its exception is the answer, and sets the post aside."""
        if post.deleted:
            return None
        if post.service:
            return Assessment(silence=Silence.SERVICE_MESSAGE)
        if post.forwarded:
            return Assessment(silence=Silence.FORWARDED)
        if not post.text.strip():
            return Assessment(silence=Silence.EMPTY)
        try:
            return self._classifier.classify(post, channel.area)
        except Exception as bug:  # noqa: BLE001 - raised again where the post is set aside
            return bug

    async def _record(
        self, tx: Tx, post: Post, channel: Channel, judged: Judged, muted: Muted
    ) -> Taken | None:
        revision = await posts.record(tx, post)
        if not post.deleted:
            await channels.move_cursor(tx, channel.id, post.message)
            await channels.heard(tx, channel.id, post.date)
        if revision is None:
            return None
        heard = as_heard(judged, post, revision, muted.get(channel.id, ()))
        return await self._apply(tx, post, revision, channel, heard)

    async def _apply(
        self, tx: Tx, post: Post, revision: int, channel: Channel, judged: Judged
    ) -> Taken:
        effects = _Effects()
        reason: str | None = None
        assessment = None if isinstance(judged, Exception) else judged
        try:
            if isinstance(judged, Exception):
                raise judged
            async with tx.savepoint("post"):
                if assessment is None:
                    effects = await self._delete(tx, post)
                elif assessment.silence is not Silence.MUTED:  # an edit takes nothing away either
                    effects = await self._correlate_all(tx, post, revision, channel, assessment)
        except Exception as bug:  # noqa: BLE001 - the one of this loop: a post is set aside
            _log.exception("post %s/%s was stored but not applied", channel.id, post.message)
            state, reason = posts.State.FAILED, f"{type(bug).__name__}: {bug}"
        else:
            state = posts.State.APPLIED
            if assessment is not None and assessment.silence is not None and not effects.changes:
                state, reason = posts.State.SILENT, assessment.silence
            elif assessment is not None and not effects.changes:
                state, reason = posts.State.SILENT, "no_place"
        await posts.settle(tx, post, revision, state, reason=reason, assessment=assessment)
        return Taken(
            post=post,
            revision=revision,
            state=state,
            reason=reason,
            assessment=assessment,
            changes=tuple(effects.changes),
            published=tuple(effects.published),
        )

    async def _correlate_all(
        self, tx: Tx, post: Post, revision: int, channel: Channel, assessment: Assessment
    ) -> _Effects:
        former = await posts.before(tx, post, revision)
        before = former.assessment.claims if former and former.assessment else ()
        mine = by_region(assessment.claims, channel.area, self._areas)
        old = by_region(before, channel.area, self._areas)
        effects = _Effects()
        for region in [*mine, *(code for code in old if code not in mine)]:
            claims = mine.get(region, [])
            source = source_of(post, revision, channel)
            reading = Reading(
                channel=channel,
                source=source,
                posted_at=post.date,
                claims=tuple(claims),
                quotes=tuple(quote(post.text, claim.evidence) for _, claim in claims),
                former=tuple(claim for _, claim in old.get(region, [])),
            )
            situation = await current(tx, region, self._now())
            done = self._correlate(situation, reading, self._areas, self._now())
            done = await self._hold(tx, done, reading, post, assessment)
            await self._ask(tx, done, reading, post, assessment)
            effects.add(region, done, await publish(tx, situation, done, self._now()))
        if former is not None:
            ends = [c.hazard for c in assessment.claims if c.kind is Kind.ALL_CLEAR]
            await self._withdraw_held(tx, post, ends)
        return effects

    async def _withdraw_held(self, tx: Tx, post: Post, still_said: list[Hazard]) -> None:
        """An all-clear that its own channel took back waits for nobody."""
        gone = await reviews.withdraw_clears(
            tx, post.channel, post.message, still_said, self._now()
        )
        for item in gone:
            before = await current(tx, item.region, self._now())
            done = Step(situation=step.unhold(before, item.id), changes=())
            await publish(tx, before, done, self._now())

    async def _hold(
        self, tx: Tx, done: Step, reading: Reading, post: Post, said: Assessment
    ) -> Step:
        situation = done.situation
        for ordinal, hold in done.holds:
            number = await reviews.ask(
                tx,
                Subject.CLEAR,
                situation.region,
                hold.claim,
                reading.source,
                ordinal=ordinal,
                why=hold.why,
                at=self._now(),
                post=post,
                home=reading.channel.area,
                said=said,
            )
            if number is not None and situation.active:
                item = Held(
                    id=number,
                    hazard=hold.claim.hazard,
                    areas=hold.claim.areas,
                    why=hold.why,
                    source=reading.source,
                )
                situation = step.hold(situation, item)
        return replace(done, situation=situation)

    async def _ask(
        self, tx: Tx, done: Step, reading: Reading, post: Post, said: Assessment
    ) -> None:
        """Danger in doubt is told like any other, and shown to the moderators besides."""
        for ordinal, claim in done.doubts:
            await reviews.ask(
                tx,
                Subject.DANGER,
                done.situation.region,
                claim,
                reading.source,
                ordinal=ordinal,
                why="weak words" if claim.weak else f"certainty {claim.certainty}",
                at=self._now(),
                post=post,
                home=reading.channel.area,
                said=said,
            )

    async def _delete(self, tx: Tx, post: Post) -> _Effects:
        effects = _Effects()
        for situation in await situations.latest(tx):
            done = step.delete(situation, post.channel, post.message)
            effects.add(situation.region, done, await publish(tx, situation, done, self._now()))
        await self._withdraw_held(tx, post, [])
        return effects

    # --- one region -------------------------------------------------------------------------

    async def _touch_all(self, change: Callable[[Situation, datetime], Step]) -> None:
        now = self._now()

        async def write(tx: Tx) -> bool:
            published = False
            for situation in await situations.latest(tx):
                done = change(situation, now)
                version = await publish(tx, situation, done, self._now())
                published = published or version is not None
            return published

        if await self._database.write(write):
            self._wake()

    async def _after(self, taken: Sequence[Taken]) -> Sequence[Taken]:
        if any(t.changes for t in taken):
            self._wake()
        for t in taken:
            self._on_taken(t)
            if t.state is posts.State.FAILED:
                key = f"post:{t.post.channel}/{t.post.message}/{t.revision}"
                await self._page(
                    key,
                    f"Post {t.post.channel}/{t.post.message} is stored but could not be "
                    f"applied: {t.reason}. It is tried again; nothing else is held up.",
                )
        return taken
