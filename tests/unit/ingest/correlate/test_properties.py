"""Whatever is posted, edited, deleted, released or grows old: no danger ends but by an all-clear
that names it."""

import os
from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ingest.compose import compose
from ingest.correlate import ageing, step
from ingest.correlate.clears import Hold
from ingest.correlate.step import Reading, Step
from storage.model import (
    AreaCode,
    Casualties,
    Certainty,
    Channel,
    Claim,
    Hazard,
    Held,
    Kind,
    Level,
    Situation,
    Source,
)
from tests.unit.ingest.correlate.world import (
    BALABANOVO,
    BOROVSKY,
    GOVERNOR,
    KALUGA,
    LYUDINOVO,
    LYUDINOVSKY,
    NEIGHBOUR,
    REGION,
    REPORTER,
    RESCUERS,
    START,
    ZHUKOVSKY,
    areas,
    source,
)

EXAMPLES = int(os.environ.get("NABAT_EXAMPLES", "0"))
"""So many, and other ones each time, where asked for."""
PLACES = (BOROVSKY, BALABANOVO, ZHUKOVSKY, LYUDINOVSKY, LYUDINOVO, KALUGA)
HAZARDS = (Hazard.UAV, Hazard.MISSILE, Hazard.OTHER)
DANGER = (Kind.THREAT, Kind.ALL_CLEAR)
CHANNELS = (GOVERNOR, RESCUERS, REPORTER, NEIGHBOUR)

_flag = st.sampled_from((False, False, False, True))
_named = st.one_of(
    st.just((REGION,)),
    st.just(()),
    st.lists(st.sampled_from((REGION, *PLACES)), min_size=1, max_size=3, unique=True).map(tuple),
)
_claims = st.builds(
    Claim,
    kind=st.sampled_from((*DANGER, *DANGER, *DANGER, *Kind)),
    hazard=st.sampled_from((Hazard.UAV, *HAZARDS)),
    level=st.sampled_from(Level),
    areas=_named,
    excluded=st.lists(st.sampled_from(PLACES), max_size=2, unique=True).map(tuple),
    partial=_flag,
    upper_tier=_flag,
    unnamed=_flag,
    bounds_unclear=_flag,
    unresolved=st.sampled_from(((), (), (), ("Зюзино",))),
    continues=_flag,
    renewed=_flag,
    retrospective=_flag,
    certainty=st.sampled_from((*[Certainty.OBSERVED] * 3, *Certainty)),
    weak=_flag,
    casualties=st.sampled_from((None, Casualties(dead=0, injured=0), Casualties(injured=2))),
)
_posts = st.lists(_claims, min_size=1, max_size=3).map(tuple)


@dataclass(frozen=True, slots=True)
class Post:
    by: Channel
    message: int
    posted: float
    claims: tuple[Claim, ...]


class Story(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.situation = Situation(region=REGION, version=0, at=START)
        self.now = 0.0
        self.count = 0
        self.posts: list[Post] = []
        self.held: list[tuple[Hold, Source]] = []

    @initialize(hazard=st.sampled_from(HAZARDS), level=st.sampled_from(Level))
    def danger(self, hazard: Hazard, level: Level) -> None:
        claim = Claim(kind=Kind.THREAT, hazard=hazard, level=level, areas=(REGION,))
        self.post(GOVERNOR, (claim,), 0, 0)

    # --- what happens -------------------------------------------------------------------------

    @rule(
        by=st.sampled_from((GOVERNOR, GOVERNOR, *CHANNELS)),
        claims=_posts,
        passes=st.sampled_from((0, 0.5, 1, 5, 40)),
        late=st.sampled_from((0, 0, 0, 2, 30)),
    )
    def post(self, by: Channel, claims: tuple[Claim, ...], passes: float, late: float) -> None:
        self.now += passes
        self.count += 1
        posted = max(0.0, self.now - late)
        made = Post(by, int(posted * 10) * 1000 + self.count, posted, claims)
        self.posts.append(made)
        before = self.situation
        self.read(made, posted, ())
        if late or by not in (GOVERNOR, RESCUERS):
            return
        for claim in claims:
            if claim.kind is Kind.THREAT and not claim.retrospective:
                wanted = claim.areas or (REGION,)
                ends = [c for c in claims if c.kind is Kind.ALL_CLEAR]
                if not ends:
                    for place in wanted:
                        assert cover(self.situation, claim.hazard, place)[0] >= claim.level, (
                            "an alert is lost",
                            before,
                        )

    @precondition(lambda self: self.posts)
    @rule(data=st.data(), claims=_posts, passes=st.sampled_from((0, 1, 60)))
    def edit(self, data: st.DataObject, claims: tuple[Claim, ...], passes: float) -> None:
        self.now += passes
        old = data.draw(st.sampled_from(self.posts))
        keep = data.draw(st.integers(0, len(old.claims)))
        claims = (*old.claims[:keep], *claims)
        made = replace(old, claims=claims)
        self.posts[self.posts.index(old)] = made
        self.read(made, self.now, old.claims)

    @precondition(lambda self: self.posts)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        post = data.draw(st.sampled_from(self.posts))
        self.only_marks(step.delete(self.situation, post.by.id, post.message))

    @rule(passes=st.sampled_from((60, 900)))
    def grow_old(self, passes: float) -> None:
        self.now += passes
        time = START + timedelta(minutes=self.now)
        self.only_marks(ageing.age(self.situation, time, lambda _: timedelta(hours=14)))

    @rule()
    def lose_and_regain(self) -> None:
        self.only_marks(ageing.lose(self.situation, START))
        self.only_marks(ageing.regain(self.situation))

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        item = data.draw(st.sampled_from(self.held))
        self.held.remove(item)
        hold, said_by = item
        before = self.situation
        done = step.release(before, hold.claim, said_by, areas(), held_id=1, posted_at=said_by.at)
        self.judge(before, done.situation, (hold.claim,), authorised=True, released=True)
        survivors = {
            (d.hazard, a.area): a for d, a in before.alarms() if a.confirmed_at > said_by.at
        }
        after = {(d.hazard, a.area): a for d, a in done.situation.alarms()}
        assert all(after.get(key) == alarm for key, alarm in survivors.items())
        self.take(done)

    # --- what must hold -----------------------------------------------------------------------

    def read(self, post: Post, at: float, former: tuple[Claim, ...]) -> None:
        reading = Reading(
            channel=post.by,
            source=source(post.by, post.message, at),
            posted_at=START + timedelta(minutes=post.posted),
            claims=tuple(enumerate(post.claims)),
            quotes=tuple(f"{post.message}" for _ in post.claims),
            former=former,
        )
        now = START + timedelta(minutes=self.now)
        before = self.situation
        done = step.correlate(before, reading, areas(), now)
        assert done == step.correlate(before, reading, areas(), now)
        assert len(done.changes) >= 1
        authorised = post.by in (GOVERNOR, RESCUERS)
        self.judge(before, done.situation, post.claims, authorised=authorised, released=False)
        self.held += [(hold, reading.source) for _, hold in done.holds]
        self.take(done)

    def judge(
        self,
        before: Situation,
        after: Situation,
        claims: tuple[Claim, ...],
        *,
        authorised: bool,
        released: bool,
    ) -> None:
        mine = [c for c in claims if c.kind in DANGER]
        if not authorised or not mine:
            assert after.dangers == before.dangers
        for hazard in HAZARDS:
            for place in (REGION, *PLACES):
                was, now = cover(before, hazard, place), cover(after, hazard, place)
                ends = any(_ends(c, hazard, place, released=released) for c in mine)
                lowers = any(
                    _names(c, hazard, place, released=released) and c.upper_tier for c in mine
                )
                if was[1] and not now[1]:
                    assert ends, (hazard, place, "is over and nobody said so")
                if now[0] < was[0]:
                    assert ends or lowers, (hazard, place, "fell and nobody said so")

    def only_marks(self, done: Step) -> None:
        def places(situation: Situation) -> list[tuple[Hazard, AreaCode, Level]]:
            return [(d.hazard, a.area, a.level) for d, a in situation.alarms()]

        assert places(done.situation) == places(self.situation)
        assert [d.exempt for d in done.situation.dangers] == [
            d.exempt for d in self.situation.dangers
        ]
        self.take(done)

    def take(self, done: Step) -> None:
        before, now = self.situation, START + timedelta(minutes=self.now)
        if done.holds and done.situation.active:
            hold = done.holds[0][1]
            item = Held(
                id=self.count, hazard=hold.claim.hazard, areas=(), why="", source=self.any_source()
            )
            done = replace(done, situation=step.hold(done.situation, item))
        made = compose(before, done, now)
        if made is None:
            assert done.situation == before
            return
        assert made.situation.version == made.alert.version == before.version + 1
        assert made.alert.touched
        self.situation = made.situation

    def any_source(self) -> Source:
        return source(GOVERNOR, 1, 0)

    @invariant()
    def well_formed(self) -> None:
        for danger in self.situation.dangers:
            assert danger.alarms
            places = [alarm.area for alarm in danger.alarms]
            assert places == sorted(set(places))
            assert REGION in places or not danger.exempt or set(danger.exempt).isdisjoint(places)
            assert all(alarm.sources for alarm in danger.alarms)
            assert all(alarm.since <= alarm.confirmed_at for alarm in danger.alarms)
        hazards = [danger.hazard for danger in self.situation.dangers]
        assert hazards == sorted(set(hazards))


def cover(situation: Situation, hazard: Hazard, place: AreaCode) -> tuple[int, bool]:
    """The highest level in force at a place (0: none), and whether it is in danger at all."""
    danger = situation.danger(hazard)
    if danger is None:
        return 0, False
    free = any(_inside(code, place) for code in danger.exempt)
    reaching = [
        alarm
        for alarm in danger.alarms
        if (alarm.area == REGION and not free)
        or (alarm.area != REGION and _inside(alarm.area, place))
    ]
    live = [int(alarm.level) for alarm in reaching if alarm.stale_at is None]
    return max(live, default=0), bool(reaching)


def _names(claim: Claim, hazard: Hazard, place: AreaCode, *, released: bool) -> bool:
    """An all-clear of this hazard that speaks of this place, in words that may end anything."""
    if claim.kind is not Kind.ALL_CLEAR or claim.hazard is not hazard or claim.retrospective:
        return False
    if not released and (
        hazard is Hazard.OTHER
        or claim.weak
        or claim.unnamed
        or claim.bounds_unclear
        or claim.certainty in (Certainty.POSSIBLE, Certainty.UNKNOWN)
    ):
        return False
    if any(areas().contains(code, place) for code in claim.excluded):
        return False
    inner = [code for code in claim.areas if code != REGION]
    if inner:
        return any(_inside(code, place) for code in inner)
    if claim.unresolved:
        return False
    return released or not claim.partial or bool(claim.excluded) or claim.upper_tier


def _ends(claim: Claim, hazard: Hazard, place: AreaCode, *, released: bool) -> bool:
    return _names(claim, hazard, place, released=released) and not claim.upper_tier


def _inside(outer: AreaCode, inner: AreaCode) -> bool:
    """A town apart from the district of its name is not in it."""
    apart = areas()[inner].apart and "/" in outer and outer != inner
    return areas().contains(outer, inner) and not apart


def test_no_danger_ends_but_by_an_all_clear_that_names_it() -> None:
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=EXAMPLES or 300,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=not EXAMPLES,
        ),
    )
