"""Events, reports, corrections, drills, airports: they never open or end danger."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ingest.correlate import ageing, step
from ingest.correlate.table import ENDS, STORY, Transition
from storage.model import Casualties, Claim, Count, Hazard, Kind
from tests.unit.ingest.correlate.world import (
    BOROVSKY,
    GOVERNOR,
    KALUGA,
    NEIGHBOUR,
    REGION,
    REPORTER,
    RESCUERS,
    START,
    ZHUKOVSKY,
    World,
    all_clear,
    rows,
    said,
    threat,
    weak,
)

REPORTS = (Kind.INTERCEPTION, Kind.DAMAGE, Kind.CASUALTIES, Kind.EVACUATION)


def age(world: World, at: float) -> list[Transition]:
    now = START + timedelta(minutes=at)
    return rows(world.take(ageing.age(world.situation, now, lambda _: timedelta(hours=14)), at))


def reported(world: World) -> datetime | None:
    return world.situation.reported_since


def drones(n: int) -> Claim:
    return replace(said(Kind.INTERCEPTION, BOROVSKY), count=Count(n=n))


ROWS = {  # written out, as in test_danger
    Kind.INTERCEPTION: Transition.EVENT,
    Kind.DAMAGE: Transition.EVENT,
    Kind.CASUALTIES: Transition.HARM,
    Kind.EVACUATION: Transition.EVACUATION,
    Kind.OUTAGE: Transition.LINE,
    Kind.AIRSPACE_CLOSED: Transition.LINE,
}


def test_the_story_has_a_row_for_every_kind_that_happens() -> None:
    assert set(STORY) == set(ROWS)
    assert ENDS == {
        Kind.AIRSPACE_OPEN: Kind.AIRSPACE_CLOSED,
        Kind.RESTORED: Kind.OUTAGE,
        Kind.EVACUATION_OVER: Kind.EVACUATION,
    }


@pytest.mark.parametrize(("kind", "row"), ROWS.items())
def test_every_event_in_danger(kind: Kind, row: Transition) -> None:
    world = World()
    world.say(threat(), at=0)
    before = world.situation.dangers
    assert rows(world.say(said(kind, BOROVSKY), at=5)) == [row]
    assert world.situation.dangers == before
    assert world.situation.reported_since is None
    assert world.event(kind).areas == (BOROVSKY,)


@pytest.mark.parametrize("kind", REPORTS)
def test_a_report_opens_once_and_closes_after_six_hours(kind: Kind) -> None:
    world = World()
    assert rows(world.say(said(kind, BOROVSKY), at=0)) == [STORY[kind], Transition.REPORT]
    assert rows(world.say(said(kind, KALUGA), at=60)) == [STORY[kind]]
    assert age(world, 60 + 359) == []
    assert reported(world) == START
    assert age(world, 60 + 360) == [Transition.REPORT_OVER]
    assert reported(world) is None
    assert not world.situation.active and not world.situation.clears
    assert age(world, 60 + 361) == []


@pytest.mark.parametrize("kind", [Kind.OUTAGE, Kind.AIRSPACE_CLOSED])
def test_lines_open_no_report(kind: Kind) -> None:
    world = World()
    assert rows(world.say(said(kind), at=0)) == [Transition.LINE]
    assert world.situation.reported_since is None


@pytest.mark.parametrize(("over", "kind"), ENDS.items())
def test_what_is_closed_opens_again(over: Kind, kind: Kind) -> None:
    world = World()
    world.say(threat(), at=0)
    world.say(said(kind, BOROVSKY), at=1)
    world.say(said(kind, ZHUKOVSKY), at=2)
    assert rows(world.say(said(over, BOROVSKY), at=90)) == [Transition.EVENT_ENDED]
    ended = {e.areas: e.ended_at for e in world.situation.events if e.kind is kind}
    assert ended[(BOROVSKY,)] == START + timedelta(minutes=90)
    assert ended[(ZHUKOVSKY,)] is None
    assert rows(world.say(said(over, BOROVSKY), at=91)) == [Transition.NOTHING_TO_END]
    assert world.places()


def test_harm_is_harm_whatever_the_kind() -> None:
    world = World()
    world.say(threat(), at=0)
    assert rows(world.say(said(Kind.DAMAGE, BOROVSKY, injured=1), at=1)) == [Transition.HARM]
    quiet = said(Kind.DAMAGE, KALUGA, dead=0, injured=0)
    assert rows(world.say(quiet, at=2)) == [Transition.EVENT]


def test_recaps_and_memos_do_nothing() -> None:
    world = World()
    past = replace(said(Kind.INTERCEPTION, BOROVSKY), retrospective=True)
    assert rows(world.say(past, at=0)) == [Transition.RECAP]
    assert rows(world.say(said(Kind.RECAP), at=1)) == [Transition.RECAP]
    assert rows(world.say(said(Kind.INSTRUCTION), at=2)) == [Transition.INSTRUCTION]
    assert world.published == []


def test_drills_live_apart() -> None:
    world = World()
    drill = replace(said(Kind.DRILL), hazard=Hazard.AIR_RAID)
    assert rows(world.say(drill, at=0, message=101)) == [Transition.DRILL]
    assert not world.situation.active and world.situation.reported_since is None
    assert (world.situation.events, world.situation.episode) == ((), 0)
    assert rows(world.say(drill, at=1, message=101)) == [Transition.DUPLICATE]
    world.say(threat(), at=5)
    dangers = world.situation.dangers
    world.say(drill, at=6)
    assert world.situation.dangers == dangers
    assert len(world.situation.drills) == 2
    assert rows(world.say(drill, at=7, by=NEIGHBOUR)) == [Transition.FOREIGN]
    for at in range(20):
        world.say(drill, at=10 + at)
    assert len(world.situation.drills) == 10


# --- second sources, duplicates, reposts --------------------------------------------------------


def test_a_second_source_within_ninety_minutes_is_no_second_event() -> None:
    world = World()
    world.say(threat(), drones(5), at=0)
    done = world.say(drones(6), at=90, by=RESCUERS)
    assert rows(done) == [Transition.EVENT_SOURCE]
    (event,) = world.situation.events
    assert [s.channel for s in event.sources] == [GOVERNOR.id, RESCUERS.id]
    assert rows(world.say(drones(7), at=91, by=RESCUERS)) == [Transition.EVENT]


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        (said(Kind.INTERCEPTION, KALUGA), "another place"),
        (said(Kind.DAMAGE, BOROVSKY), "another kind"),
        (replace(said(Kind.INTERCEPTION, BOROVSKY), hazard=Hazard.MISSILE), "another hazard"),
        (said(Kind.INTERCEPTION, BOROVSKY, injured=1), "it tells of harm"),
    ],
)
def test_a_second_source_that_tells_more_is_an_event_of_its_own(claim: Claim, why: str) -> None:
    world = World()
    world.say(threat(), drones(5), at=0)
    world.say(claim, at=10, by=RESCUERS)
    assert len(world.situation.events) == 2, why


def test_a_second_source_with_graver_harm_is_not_swallowed() -> None:
    world = World()
    world.say(threat(), said(Kind.CASUALTIES, BOROVSKY, injured=1), at=0)
    done = world.say(said(Kind.CASUALTIES, BOROVSKY, dead=2, injured=3), at=30, by=RESCUERS)
    assert rows(done) == [Transition.HARM]
    same = said(Kind.CASUALTIES, BOROVSKY, dead=2, injured=3)
    assert rows(world.say(same, at=40)) == [Transition.EVENT_SOURCE]


def test_after_a_clear_a_second_source_tells_of_something_new() -> None:
    world = World()
    world.say(threat(), drones(5), at=0)
    world.say(all_clear(), at=30)
    assert rows(world.say(drones(5), at=40, by=RESCUERS)) == [
        Transition.EVENT, Transition.REPORT,
    ]  # fmt: skip


def test_the_same_words_of_the_same_channel_within_ten_minutes() -> None:
    words = "Сбиты 5 БПЛА над Боровским районом"
    world = World()
    world.say(threat(), at=0)
    world.say(drones(5), at=1, quote=words)
    assert rows(world.say(drones(5), at=11, quote=words + "!")) == [Transition.DUPLICATE]
    assert rows(world.say(drones(5), at=11.5, quote=words)) == [Transition.EVENT]
    assert rows(world.say(drones(5), at=12, quote="Ещё раз о ночи")) == [Transition.EVENT]
    assert rows(world.say(drones(6), at=12, quote=words)) == [Transition.EVENT]


def test_a_repost_takes_the_place_of_words_that_were_deleted() -> None:
    words = "Сбиты 5 БПЛА над Боровским районом"
    world = World()
    world.say(threat(), at=0)
    world.say(drones(5), at=1, quote=words, message=101)
    world.take(step.delete(world.situation, GOVERNOR.id, 101), 2)
    assert rows(world.say(drones(5), at=3, quote=words)) == [Transition.EVENT_SOURCE]
    (event,) = world.situation.events
    assert [(s.message, s.deleted) for s in event.sources] == [(world.last_message, False)]


# --- corrections --------------------------------------------------------------------------------


def test_an_edit_from_nobody_to_one_injured_is_a_correction() -> None:
    world = World()
    world.say(threat(), said(Kind.DAMAGE, BOROVSKY, dead=0, injured=0), at=0, message=101)
    edited = said(Kind.DAMAGE, BOROVSKY, dead=0, injured=1)
    assert Transition.CORRECTED in rows(world.say(threat(), edited, at=20, message=101))
    event = world.event(Kind.DAMAGE)
    assert event.was == Casualties(dead=0, injured=0)
    assert event.casualties == Casualties(dead=0, injured=1)
    assert event.at == START
    assert event.corrected_at == START + timedelta(minutes=20)
    assert rows(world.say(threat(), edited, at=30, message=101)) == [Transition.DUPLICATE] * 2
    assert world.event(Kind.DAMAGE) == event


def test_an_edit_that_states_harm_in_a_claim_of_its_own_is_a_correction() -> None:
    world = World()
    world.say(said(Kind.INTERCEPTION, BOROVSKY, dead=0, injured=0), at=0, message=101)
    done = world.say(
        said(Kind.INTERCEPTION, BOROVSKY, dead=0, injured=0),
        said(Kind.CASUALTIES, BOROVSKY, injured=1),
        at=20,
        message=101,
    )
    assert rows(done) == [Transition.CORRECTED]
    assert world.event(Kind.CASUALTIES).was == Casualties(dead=0, injured=0)


def test_words_taken_away_are_withdrawn_and_may_come_back() -> None:
    world = World()
    world.say(threat(), drones(5), said(Kind.DAMAGE, KALUGA), at=0, message=101)
    done = world.say(threat(), drones(5), at=5, message=101)
    assert rows(done) == [Transition.WITHDRAWN]
    assert world.event(Kind.DAMAGE).withdrawn
    assert not world.event(Kind.INTERCEPTION).withdrawn
    assert world.places() == {REGION: 2}
    world.say(threat(), drones(5), said(Kind.DAMAGE, KALUGA), at=6, message=101)
    assert not world.event(Kind.DAMAGE).withdrawn


def test_a_stated_correction_changes_the_event_once() -> None:
    world = World()
    world.say(threat(), said(Kind.CASUALTIES, BOROVSKY, dead=0, injured=2), at=0)
    fixed = said(Kind.CORRECTION, BOROVSKY, dead=1, injured=1)
    assert rows(world.say(fixed, at=60, message=160)) == [Transition.CORRECTED]
    event = world.event(Kind.CASUALTIES)
    assert event.was == Casualties(dead=0, injured=2)
    # Its post is edited, or it is said again: the correction is not told a second time.
    again = replace(fixed, evidence=((0, 9),))
    assert rows(world.say(again, at=70, message=160)) == [Transition.DUPLICATE]
    assert rows(world.say(fixed, at=71)) == [Transition.DUPLICATE]
    assert world.event(Kind.CASUALTIES) == event


def test_a_correction_of_nothing_known_is_told_as_harm() -> None:
    world = World()
    world.say(threat(), at=0)
    assert rows(world.say(said(Kind.CORRECTION, BOROVSKY, dead=1), at=5)) == [Transition.HARM]
    assert rows(world.say(said(Kind.CORRECTION, BOROVSKY), at=6)) == [Transition.NOTHING_TO_END]


def test_another_channel_s_event_is_not_corrected() -> None:
    world = World()
    world.say(threat(), said(Kind.CASUALTIES, BOROVSKY, injured=2), at=0)
    before = world.event(Kind.CASUALTIES)
    world.say(said(Kind.CORRECTION, BOROVSKY, dead=1), at=5, by=RESCUERS)
    assert world.situation.events[0] == before
    assert len(world.situation.events) == 2


def test_an_old_story_is_forgotten_when_the_next_episode_begins() -> None:
    world = World()
    world.say(threat(), drones(5), said(Kind.OUTAGE, KALUGA), at=0)
    world.say(all_clear(), at=30)
    world.say(said(Kind.RESTORED, KALUGA), at=40)
    world.say(threat(), at=25 * 60)
    assert world.situation.events == ()
    assert world.situation.episode == 2


# --- what is over, and what has begun again -----------------------------------------------------


def test_what_is_over_ends_nothing_that_began_later() -> None:
    world = World()
    world.say(said(Kind.EVACUATION, BOROVSKY), at=30)
    late = world.say(said(Kind.EVACUATION_OVER, BOROVSKY), at=10, now=31)
    assert rows(late) == [Transition.NOTHING_TO_END]
    assert world.event(Kind.EVACUATION).ended_at is None


def test_an_edit_that_says_again_that_it_is_over_ends_nothing_new() -> None:
    world = World()
    world.say(said(Kind.EVACUATION, BOROVSKY), at=0)
    world.say(said(Kind.EVACUATION_OVER, BOROVSKY), at=60, message=160)
    world.say(said(Kind.EVACUATION, BOROVSKY), at=75)
    again = world.say(said(Kind.EVACUATION_OVER, BOROVSKY), at=80, message=160)
    assert rows(again) == [Transition.DUPLICATE]
    assert [e.ended_at is None for e in world.situation.events] == [False, True]


def test_what_is_over_in_one_place_goes_on_in_the_other() -> None:
    world = World()
    world.say(said(Kind.EVACUATION, BOROVSKY, ZHUKOVSKY), at=0)
    assert rows(world.say(said(Kind.EVACUATION_OVER, BOROVSKY), at=60)) == [Transition.EVENT_ENDED]
    assert world.event(Kind.EVACUATION).areas == (ZHUKOVSKY,)
    assert world.event(Kind.EVACUATION).ended_at is None


def test_doubtful_words_and_channels_that_declare_nothing_end_no_evacuation() -> None:
    world = World()
    world.say(said(Kind.EVACUATION, BOROVSKY), at=0)
    over = said(Kind.EVACUATION_OVER, BOROVSKY)
    assert rows(world.say(weak(over), at=60)) == [Transition.NOTHING_TO_END]
    assert rows(world.say(over, at=61, by=REPORTER)) == [Transition.NOT_AUTHORISED]
    assert world.event(Kind.EVACUATION).ended_at is None


def test_what_ended_and_begins_again_is_a_new_event() -> None:
    world = World()
    world.say(said(Kind.EVACUATION, BOROVSKY), at=0)
    world.say(said(Kind.EVACUATION_OVER, BOROVSKY), at=60)
    anew = world.say(said(Kind.EVACUATION, BOROVSKY), at=75, by=RESCUERS)
    assert Transition.EVACUATION in rows(anew)


def test_a_second_post_of_a_second_source_tells_of_something_new() -> None:
    world = World()
    world.say(threat(), at=0)
    world.say(drones(5), at=1)
    assert rows(world.say(drones(6), at=2, by=RESCUERS)) == [Transition.EVENT_SOURCE]
    assert rows(world.say(drones(28), at=47, by=RESCUERS)) == [Transition.EVENT]


@pytest.mark.parametrize("aged", [False, True])
def test_a_report_opens_where_danger_is_elsewhere_or_stale(aged: bool) -> None:
    world = World()
    world.say(threat(BOROVSKY), at=0)
    if aged:
        age(world, 15 * 60)
    where = BOROVSKY if aged else KALUGA
    done = world.say(said(Kind.INTERCEPTION, where), at=15 * 60 if aged else 20)
    assert Transition.REPORT in rows(done)


def test_lines_keep_no_report_open() -> None:
    world = World()
    world.say(said(Kind.INTERCEPTION, BOROVSKY), at=0)
    world.say(said(Kind.OUTAGE, BOROVSKY), at=5 * 60)
    assert Transition.REPORT_OVER in age(world, 6 * 60 + 1)
