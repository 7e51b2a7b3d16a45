"""What a step publishes: version, urgency, places touched, incidents."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ingest.compose import Closed, Opened, compose
from ingest.correlate import ageing
from ingest.correlate.step import Step
from ingest.correlate.table import URGENCY, Change, Transition
from storage.model import AreaCode, Hazard, Kind, Level, Urgency
from tests.unit.ingest.correlate.world import (
    BOROVSKY,
    KALUGA,
    REGION,
    RESCUERS,
    START,
    ZHUKOVSKY,
    World,
    all_clear,
    said,
    threat,
)


def _after(*changes: Change) -> Step:
    world = World()
    return Step(situation=replace(world.situation, episode=9), changes=changes)


def _urgency(*transitions: Transition) -> Urgency:
    made = compose(World().situation, _after(*(Change(transition=t) for t in transitions)), START)
    assert made is not None
    return made.alert.urgency


def test_nothing_changed_nothing_published() -> None:
    before = World().situation
    assert compose(before, Step(situation=before, changes=()), START) is None
    told = Change(transition=Transition.CLEAR_OF_NOTHING)
    assert compose(before, Step(situation=before, changes=(told,)), START) is None


def test_the_next_version_is_one_more_and_now() -> None:
    now = START + timedelta(minutes=3)
    made = compose(World().situation, _after(), now)
    assert made is not None
    assert (made.situation.version, made.situation.at) == (8, now)
    assert (made.alert.version, made.alert.published_at) == (8, now)
    assert made.alert.touched == (REGION,)


@pytest.mark.parametrize("transition", Transition)
def test_urgency_is_the_table_s(transition: Transition) -> None:
    assert _urgency(transition) is URGENCY[transition]


def test_the_most_urgent_change_decides() -> None:
    assert _urgency(Transition.CLEAR_PART, Transition.ONSET, Transition.STALE) is Urgency.URGENT
    assert _urgency(Transition.INSTRUCTION, Transition.EVENT) is Urgency.INFO
    assert _urgency() is Urgency.INFO


def test_touched_are_the_places_of_what_happened() -> None:
    world = World()
    world.say(threat(BOROVSKY), said(Kind.INSTRUCTION), said(Kind.RECAP), at=0)
    assert list(world.published[-1].alert.touched) == [BOROVSKY]
    world.say(threat(KALUGA), said(Kind.DAMAGE, ZHUKOVSKY), at=1)
    assert list(world.published[-1].alert.touched) == [KALUGA, ZHUKOVSKY]
    world.say(threat(), at=2)
    assert list(world.published[-1].alert.touched) == [REGION]


def test_a_split_alarm_touches_the_whole_region() -> None:
    world = World()
    world.say(threat(), at=0)
    world.say(all_clear(excluded=(BOROVSKY,)), at=30)
    assert REGION in world.published[-1].alert.touched


def test_a_clear_of_nothing_is_recorded_without_an_alert_for_anybody() -> None:
    world = World()
    world.say(all_clear(), at=0)
    (made,) = world.published
    assert made.alert.urgency is Urgency.NONE
    assert made.incidents == ()


def test_an_incident_opens_grows_and_closes() -> None:
    world = World()
    world.say(threat(BOROVSKY), at=0)
    assert last(world) == [_opened(0, Level.DECLARED, BOROVSKY)]
    world.say(threat(continues=True), at=5, by=RESCUERS)
    assert last(world) == [_opened(0, Level.DECLARED, REGION, BOROVSKY)]
    world.say(threat(continues=True), at=6, by=RESCUERS)
    assert not last(world)
    world.say(threat(BOROVSKY, level=Level.IMMINENT), at=7)
    assert last(world) == [_opened(0, Level.IMMINENT, REGION, BOROVSKY)]
    world.say(all_clear(), at=60, now=90)
    closed = Closed(hazard=Hazard.UAV, at=START + timedelta(minutes=60), ending="clear")
    assert last(world) == [closed]
    world.say(threat(BOROVSKY), at=91)
    assert last(world) == [_opened(91, Level.DECLARED, BOROVSKY)]


def test_an_incident_goes_stale_and_the_next_threat_opens_another() -> None:
    world = World()
    world.say(threat(BOROVSKY), threat(KALUGA, hazard=Hazard.MISSILE), at=0)
    at = 14 * 60
    now = START + timedelta(minutes=at)
    world.take(ageing.age(world.situation, now, lambda _: timedelta(hours=14)), at)
    assert last(world) == [
        Closed(hazard=Hazard.MISSILE, at=now, ending="stale"),
        Closed(hazard=Hazard.UAV, at=now, ending="stale"),
    ]
    # Already closed: an all-clear of what is stale closes no incident a second time.
    world.say(all_clear(hazard=Hazard.MISSILE), at=at + 5)
    assert not last(world)
    world.say(threat(BOROVSKY), at=at + 10)
    assert last(world) == [_opened(at + 10, Level.DECLARED, BOROVSKY)]


def last(world: World) -> list[Opened | Closed]:
    return list(world.published[-1].incidents)


def _opened(at: float, peak: Level, *places: AreaCode) -> Opened:
    return Opened(
        hazard=Hazard.UAV, at=START + timedelta(minutes=at), peak=peak, areas=tuple(places)
    )
