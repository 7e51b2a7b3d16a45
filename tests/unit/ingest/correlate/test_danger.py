"""Threats and all-clears, row by row of the transition tables."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ingest.correlate import ageing, step
from ingest.correlate.table import THREAT, URGENCY, Before, Says, Transition
from storage.areas.tree import Tier
from storage.model import AreaCode, Certainty, Channel, Claim, Hazard, Held, Kind, Level, Source
from tests.unit.ingest.correlate.world import (
    BALABANOVO,
    BOROVSKY,
    GOVERNOR,
    KALUGA,
    LYUDINOVO,
    LYUDINOVSKY,
    MINISTRY,
    NEIGHBOUR,
    REGION,
    REPORTER,
    RESCUERS,
    START,
    ZHUKOVSKY,
    World,
    all_clear,
    areas,
    rows,
    said,
    source,
    threat,
    weak,
)

D, I = Level.DECLARED, Level.IMMINENT  # noqa: E741 - the two tiers of most regions


def stale(world: World, at: float) -> None:
    world.take(
        ageing.age(world.situation, START + timedelta(minutes=at), lambda _: timedelta(hours=14)),
        at,
    )


def release(world: World, claim: Claim, said_by: Source) -> step.Step:
    return step.release(world.situation, claim, said_by, areas(), held_id=1, posted_at=said_by.at)


# --- threats ----------------------------------------------------------------------------------


def test_the_tables_have_a_row_for_everything() -> None:
    assert set(THREAT) == {(before, says) for before in Before for says in Says}
    assert set(URGENCY) == set(Transition)


ROWS = {  # written out: what the table says must not be read off the table
    (Before.IDLE, Says.DECLARED): Transition.ONSET,
    (Before.IDLE, Says.RENEWED): Transition.ONSET,
    (Before.IDLE, Says.CONTINUES): Transition.ONSET_UNKNOWN,
    (Before.LOWER, Says.DECLARED): Transition.ESCALATION,
    (Before.LOWER, Says.RENEWED): Transition.ESCALATION,
    (Before.LOWER, Says.CONTINUES): Transition.ESCALATION,
    (Before.AS_HIGH, Says.DECLARED): Transition.CONFIRMED,
    (Before.AS_HIGH, Says.RENEWED): Transition.RENEWED,
    (Before.AS_HIGH, Says.CONTINUES): Transition.CONFIRMED,
    (Before.STALE, Says.DECLARED): Transition.ONSET,
    (Before.STALE, Says.RENEWED): Transition.ONSET,
    (Before.STALE, Says.CONTINUES): Transition.RESUMED,
}


@pytest.mark.parametrize("before", Before)
@pytest.mark.parametrize("says", Says)
def test_every_row_of_the_threat_table(before: Before, says: Says) -> None:
    world = World()
    if before is not Before.IDLE:
        world.say(threat(BOROVSKY, level=D), at=0, message=1)
    if before is Before.STALE:
        stale(world, 14 * 60)
    at = 15 * 60
    done = world.say(
        threat(
            BOROVSKY,
            level=I if before is Before.LOWER else D,
            continues=says is Says.CONTINUES,
            renewed=says is Says.RENEWED,
        ),
        at=at,
    )
    row = ROWS[before, says]
    assert rows(done) == [row]
    alarm = world.alarm(BOROVSKY)
    late = START + timedelta(minutes=at)
    fresh = row in (Transition.ONSET, Transition.ONSET_UNKNOWN)
    named = row not in (Transition.CONFIRMED,)
    assert alarm.level is (I if before is Before.LOWER else D)
    assert alarm.since == (late if fresh else START)
    assert alarm.named_at == (late if named else START)
    assert alarm.confirmed_at == late
    assert alarm.stale_at is None
    assert alarm.onset_known is (row is not Transition.ONSET_UNKNOWN)


def test_a_lower_word_never_lowers() -> None:
    world = World()
    world.say(threat(BOROVSKY, level=I), at=0)
    assert rows(world.say(threat(BOROVSKY, level=D), at=5)) == [Transition.CONFIRMED]
    assert world.places() == {BOROVSKY: I}


def test_a_second_source_is_added_once() -> None:
    world = World()
    world.say(threat(), at=0)
    assert rows(world.say(threat(), at=20, by=RESCUERS)) == [Transition.SOURCE_ADDED]
    assert rows(world.say(threat(), at=30, by=RESCUERS)) == [Transition.CONFIRMED]
    assert [s.channel for s in world.alarm(REGION).sources] == [GOVERNOR.id, RESCUERS.id]


def test_an_unknown_composite_in_a_threat_is_the_whole_region() -> None:
    world = World()
    claim = replace(threat(), areas=(), unresolved=("приграничье",))
    world.say(claim, at=0)
    assert world.places() == {REGION: D}
    assert world.alarm(REGION).bounds_unclear


@pytest.mark.parametrize("doubtful", [Certainty.POSSIBLE, Certainty.UNKNOWN, None])
def test_uncertain_danger_is_told_marked(doubtful: Certainty | None) -> None:
    claim = weak(threat()) if doubtful is None else replace(threat(), certainty=doubtful)
    world = World()
    assert rows(world.say(claim, at=0)) == [Transition.ONSET]
    assert world.alarm(REGION).unconfirmed
    world.say(threat(), at=1, by=RESCUERS)
    assert not world.alarm(REGION).unconfirmed


def test_exceptions_of_a_threat_are_exempt() -> None:
    world = World()
    world.say(threat(excluded=(BOROVSKY,)), at=0)
    assert (world.places(), world.exempt()) == ({REGION: D}, (BOROVSKY,))
    world.say(threat(BOROVSKY), at=5)
    assert (world.places(), world.exempt()) == ({REGION: D, BOROVSKY: D}, ())


@pytest.mark.parametrize("aged", [False, True])
def test_exceptions_of_a_threat_free_nobody_who_was_in_danger(aged: bool) -> None:
    world = World()
    world.say(threat(level=I), at=0)
    if aged:
        stale(world, 14 * 60)
    world.say(threat(excluded=(BOROVSKY,)), at=15 * 60, by=RESCUERS)
    assert world.places()[BOROVSKY] is I
    assert world.alarm(BOROVSKY).since == START
    assert (world.alarm(BOROVSKY).stale_at is not None) is aged
    assert not world.told_clears


def test_exceptions_of_a_threat_keep_a_higher_level() -> None:
    world = World()
    world.say(threat(BOROVSKY), threat(level=I), at=0)
    world.say(threat(excluded=(BOROVSKY,)), at=5, by=RESCUERS)
    assert world.places()[BOROVSKY] is I


# --- all-clears close what they name ----------------------------------------------------------


def test_a_full_clear_ends_every_place_of_its_hazard() -> None:
    world = World()
    world.say(threat(), threat(BOROVSKY), threat(hazard=Hazard.MISSILE, level=I), at=0)
    assert rows(world.say(all_clear(), at=60)) == [Transition.CLEAR_WHOLE]
    assert world.places() == {}
    assert world.places(Hazard.MISSILE) == {REGION: I}
    (clear,) = world.told_clears
    assert (clear.areas, clear.whole, clear.since) == ((REGION, BOROVSKY), True, START)


@pytest.mark.parametrize("hazard", [h for h in Hazard if h is not Hazard.OTHER])
def test_a_clear_ends_its_own_hazard_alone(hazard: Hazard) -> None:
    world = World()
    for each in Hazard:
        world.say(threat(hazard=each), threat(BOROVSKY, hazard=each), at=0)
    world.say(all_clear(BOROVSKY, hazard=hazard), at=60)
    world.say(all_clear(hazard=hazard), at=61)
    assert {d.hazard for d in world.situation.dangers} == set(Hazard) - {hazard}
    assert all(len(d.alarms) == 2 and not d.exempt for d in world.situation.dangers)


def test_a_partial_clear_leaves_the_rest() -> None:
    world = World()
    world.say(threat(BOROVSKY, ZHUKOVSKY), at=0)
    assert rows(world.say(all_clear(BOROVSKY), at=30)) == [Transition.CLEAR_PART]
    assert world.places() == {ZHUKOVSKY: D}
    assert rows(world.say(all_clear(ZHUKOVSKY), at=40)) == [Transition.CLEAR_WHOLE]
    assert world.places() == {}


def test_a_place_named_under_a_region_wide_alarm_is_exempt() -> None:
    world = World()
    world.say(threat(), at=0)
    world.say(all_clear(BOROVSKY), at=30)
    assert (world.places(), world.exempt()) == ({REGION: D}, (BOROVSKY,))
    assert rows(world.say(all_clear(BOROVSKY), at=35)) == [Transition.CLEAR_OF_NOTHING]
    assert rows(world.say(all_clear(BALABANOVO), at=36)) == [Transition.CLEAR_OF_NOTHING]
    # «сохраняется» speaks of where it holds; a new word of all the region.
    world.say(threat(continues=True), at=40)
    assert world.exempt() == (BOROVSKY,)
    world.say(threat(), at=50)
    assert world.exempt() == ()


def test_a_city_and_the_district_of_its_name_are_two_places() -> None:
    assert areas()[LYUDINOVO].apart and areas()[LYUDINOVO].tier is Tier.TOWN
    world = World()
    world.say(threat(LYUDINOVSKY, LYUDINOVO), at=0)
    world.say(all_clear(LYUDINOVSKY), at=30)
    assert world.places() == {LYUDINOVO: D}
    world = World()
    world.say(threat(LYUDINOVSKY, LYUDINOVO), at=0)
    world.say(all_clear(LYUDINOVO), at=30)
    assert world.places() == {LYUDINOVSKY: D}


@pytest.mark.parametrize("town", [each.code for each in areas() if each.apart][::40])
def test_a_clear_of_the_district_leaves_every_town_apart(town: AreaCode) -> None:
    region, district = AreaCode(town.partition("/")[0]), areas()[town].parent
    assert district is not None
    world = World()
    world.situation = replace(world.situation, region=region)
    home = replace(GOVERNOR, area=region)
    world.say(threat(town, district), at=0, by=home)
    world.say(all_clear(district), at=30, by=home)
    assert world.places() == {town: D}


def test_the_complement_of_a_list_is_clear() -> None:
    world = World()
    world.say(threat(level=I), threat(ZHUKOVSKY), at=0)
    done = world.say(all_clear(excluded=(BOROVSKY, KALUGA)), at=60)
    assert rows(done) == [Transition.CLEAR_PART]
    assert world.places() == {BOROVSKY: I, KALUGA: I}
    assert world.alarm(BOROVSKY).since == START
    assert world.told_clears[0].areas == (REGION, ZHUKOVSKY)


def test_the_complement_of_all_that_is_active_clears_nothing() -> None:
    world = World()
    world.say(threat(BOROVSKY), at=0)
    assert rows(world.say(all_clear(excluded=(BOROVSKY,)), at=60)) == [Transition.CLEAR_OF_NOTHING]
    assert world.places() == {BOROVSKY: D}


def test_an_exception_holds_for_the_places_inside_it() -> None:
    world = World()
    world.say(threat(BALABANOVO), at=0)
    world.say(all_clear(excluded=(BOROVSKY,)), at=60)
    assert world.places() == {BALABANOVO: D}


def test_an_exception_inside_what_ends_goes_on() -> None:
    world = World()
    world.say(threat(BOROVSKY, level=I), at=0)
    world.say(all_clear(BOROVSKY, excluded=(BALABANOVO,)), at=60)
    assert world.places() == {BALABANOVO: I}


def test_an_exception_inside_a_freed_district_goes_on() -> None:
    world = World()
    world.say(threat(), at=0)
    world.say(all_clear(BOROVSKY, excluded=(BALABANOVO,)), at=60)
    assert (world.places(), world.exempt()) == ({REGION: D, BALABANOVO: D}, (BOROVSKY,))


def test_an_exception_keeps_the_level_that_covered_it() -> None:
    world = World()
    world.say(threat(BOROVSKY), threat(level=I), at=0)
    world.say(all_clear(excluded=(BOROVSKY,)), at=60)
    assert world.places() == {BOROVSKY: I}


def test_a_clear_of_nothing_active_publishes_nothing_to_anybody() -> None:
    world = World()
    world.say(threat(hazard=Hazard.MISSILE), at=0)
    assert rows(world.say(all_clear(), at=5)) == [Transition.CLEAR_OF_NOTHING]
    assert world.places(Hazard.MISSILE) == {REGION: D}
    assert not world.told_clears


# --- the upper tier ---------------------------------------------------------------------------


def test_the_upper_tier_falls_and_closes_nothing() -> None:
    world = World()
    world.say(threat(BOROVSKY, ZHUKOVSKY, level=I), at=0)
    done = world.say(all_clear(BOROVSKY, upper_tier=True), at=20)
    assert rows(done) == [Transition.FALL]
    assert world.places() == {BOROVSKY: D, ZHUKOVSKY: I}
    assert not world.situation.clears
    (fall,) = world.situation.falls
    assert (fall.areas, fall.to) == ((BOROVSKY,), D)


def test_the_upper_tier_of_the_region_stays_at_the_exceptions() -> None:
    world = World()
    world.say(threat(level=I), at=0)
    world.say(all_clear(upper_tier=True, excluded=(BOROVSKY,)), at=20)
    assert world.places() == {REGION: D, BOROVSKY: I}


def test_no_fall_below_the_lower_tier() -> None:
    world = World()
    world.say(threat(), at=0)
    assert rows(world.say(all_clear(upper_tier=True), at=20)) == [Transition.CLEAR_OF_NOTHING]
    assert world.places() == {REGION: D}


def test_a_fall_is_not_overtaken_by_an_older_alarm() -> None:
    world = World()
    world.say(threat(level=I), at=0)
    world.say(all_clear(upper_tier=True), at=20, message=150)
    world.say(threat(level=I), at=10, message=140, now=21)
    assert world.places() == {REGION: D}
    world.say(threat(level=I), at=25, message=160)
    assert world.places() == {REGION: I}


# --- what is held ------------------------------------------------------------------------------

DOUBTFUL = {
    "weak": weak(all_clear()),
    "possible": replace(all_clear(), certainty=Certainty.POSSIBLE),
    "unknown": replace(all_clear(), certainty=Certainty.UNKNOWN),
    "of what": all_clear(hazard=Hazard.OTHER),
    "somewhere": replace(all_clear(), unnamed=True),
    "somewhere, no place": replace(all_clear(), areas=(), unnamed=True),
    "unclear bounds": replace(all_clear(), bounds_unclear=True),
    "unknown place": replace(all_clear(), areas=(), unresolved=("Зюзино",)),
    "unknown exception": replace(all_clear(), unresolved=("Зюзино",)),
    "lost exception": replace(all_clear(), partial=True),
    "region and part": all_clear(REGION, BOROVSKY),
}


@pytest.mark.parametrize("claim", DOUBTFUL.values(), ids=DOUBTFUL.keys())
def test_an_uncertain_clear_is_held(claim: Claim) -> None:
    world = World()
    world.say(threat(), threat(BOROVSKY), at=0)
    before = world.situation.dangers
    assert rows(world.say(claim, at=60)) == [Transition.HELD]
    assert world.situation.dangers == before
    assert [hold.claim for hold in world.holds] == [claim]


@pytest.mark.parametrize(
    "name",
    ["somewhere", "somewhere, no place", "unclear bounds", "unknown place", "unknown exception",
     "lost exception"],
)  # fmt: skip
def test_a_clear_for_a_part_never_clears_the_whole_even_released(name: str) -> None:
    world = World()
    world.say(threat(), threat(BOROVSKY), at=0)
    before = world.situation.dangers
    done = release(world, DOUBTFUL[name], source(GOVERNOR, 300, 60))
    assert done.situation.dangers == before


def test_a_released_clear_that_names_region_and_places_ends_the_places() -> None:
    world = World()
    world.say(threat(BOROVSKY, ZHUKOVSKY), at=0)
    done = release(world, DOUBTFUL["region and part"], source(GOVERNOR, 300, 60))
    assert [a.area for _, a in done.situation.alarms()] == [ZHUKOVSKY]


def test_a_released_clear_in_vague_words_ends_what_was_alarmed_in_such_words() -> None:
    world = World()
    world.say(replace(threat(), bounds_unclear=True), at=0)
    done = release(world, DOUBTFUL["unclear bounds"], source(GOVERNOR, 300, 60))
    assert done.situation.dangers == ()


def test_of_a_list_only_the_unresolved_place_is_held() -> None:
    world = World()
    world.say(threat(BOROVSKY, ZHUKOVSKY), at=0)
    claim = replace(all_clear(BOROVSKY), unresolved=("Зюзино",))
    assert rows(world.say(claim, at=60)) == [Transition.CLEAR_PART]
    assert world.places() == {ZHUKOVSKY: D}
    (hold,) = world.holds
    assert (hold.claim.areas, hold.claim.unresolved) == ((), ("Зюзино",))
    done = release(world, hold.claim, source(GOVERNOR, 300, 60))
    assert done.situation.dangers == world.situation.dangers


def test_a_clear_within_a_minute_of_the_alarm_there_is_held_there() -> None:
    world = World()
    world.say(threat(ZHUKOVSKY), at=0)
    world.say(threat(BOROVSKY), at=30)
    done = world.say(all_clear(BOROVSKY, ZHUKOVSKY), at=30.5)
    assert sorted(rows(done)) == [Transition.CLEAR_PART, Transition.HELD]
    assert world.places() == {BOROVSKY: D}
    assert [hold.claim.areas for hold in world.holds] == [(BOROVSKY,)]
    assert rows(world.say(all_clear(BOROVSKY), at=31)) == [Transition.CLEAR_WHOLE]


def test_a_clear_of_a_district_within_a_minute_of_the_region_alarm_is_held() -> None:
    world = World()
    world.say(threat(), at=0)
    assert rows(world.say(all_clear(BOROVSKY), at=0.5)) == [Transition.HELD]
    assert world.exempt() == ()
    done = release(world, world.holds[0].claim, source(GOVERNOR, 300, 0.5))
    (danger,) = done.situation.dangers
    assert danger.exempt == (BOROVSKY,)


def test_one_post_may_say_where_it_goes_on_and_where_it_is_over() -> None:
    world = World()
    world.say(threat(continues=True), all_clear(BOROVSKY), at=0)
    assert (world.places(), world.exempt(), world.holds) == ({REGION: D}, (BOROVSKY,), [])


def test_a_held_clear_keeps_its_exceptions() -> None:
    world = World()
    world.say(threat(), at=0)
    world.say(all_clear(excluded=(BOROVSKY,)), at=0.5)
    assert world.places() == {REGION: D}
    (hold,) = world.holds
    done = release(world, hold.claim, source(GOVERNOR, 300, 0.5))
    assert [a.area for _, a in done.situation.alarms()] == [BOROVSKY]


def test_a_clear_that_states_a_time_before_the_alarm_is_held() -> None:
    world = World()
    world.say(threat(), at=0)
    told = replace(all_clear(), at=START - timedelta(hours=2))
    assert rows(world.say(told, at=60)) == [Transition.HELD]
    assert world.places() == {REGION: D}
    told = replace(all_clear(), at=START + timedelta(minutes=58))
    assert rows(world.say(told, at=61)) == [Transition.CLEAR_WHOLE]


def test_newer_danger_survives_the_release() -> None:
    world = World()
    world.say(threat(BOROVSKY, ZHUKOVSKY), at=0)
    world.say(weak(all_clear()), at=10, message=300)
    world.say(threat(BOROVSKY), at=20, message=310)
    done = release(world, world.holds[0].claim, source(GOVERNOR, 300, 10))
    assert [a.area for _, a in done.situation.alarms()] == [BOROVSKY]


# --- who may speak ------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [NEIGHBOUR, REPORTER])
def test_a_channel_that_may_not_declare_raises_nothing(by: Channel) -> None:
    world = World()
    assert rows(world.say(threat(), at=0, by=by)) == [Transition.NOT_AUTHORISED]
    assert not world.situation.active and not world.published


def test_a_clear_for_a_foreign_region_is_held_and_of_a_reporter_refused() -> None:
    world = World()
    world.say(threat(), at=0)
    assert rows(world.say(all_clear(), at=60, by=NEIGHBOUR)) == [Transition.HELD]
    assert rows(world.say(all_clear(), at=61, by=REPORTER)) == [Transition.NOT_AUTHORISED]
    assert world.places() == {REGION: D}
    assert len(world.holds) == 1


def test_a_channel_of_the_country_speaks_for_its_regions() -> None:
    world = World()
    assert rows(world.say(threat(), at=0, by=MINISTRY)) == [Transition.ONSET]


def test_a_foreign_channel_tells_no_story() -> None:
    world = World()
    done = world.say(said(Kind.INTERCEPTION), at=0, by=NEIGHBOUR)
    assert (rows(done), world.published) == ([Transition.FOREIGN], [])


# --- late, edited, deleted ----------------------------------------------------------------------


def test_a_clear_older_than_the_alarm_ends_nothing() -> None:
    world = World()
    world.say(threat(), at=30, message=200)
    done = world.say(all_clear(), at=10, message=150, now=31)
    assert rows(done) == [Transition.CLEAR_OF_NEWER]
    assert world.places() == {REGION: D}


def test_a_clear_older_than_the_latest_confirmation_ends_nothing() -> None:
    world = World()
    world.say(threat(), at=0)
    world.say(threat(continues=True), at=30, by=RESCUERS)
    for claim in (all_clear(), all_clear(BOROVSKY)):
        done = world.say(claim, at=20, now=31)
        assert rows(done) == [Transition.CLEAR_OF_NEWER]
        assert (world.places(), world.exempt()) == ({REGION: D}, ())


def test_within_one_second_the_order_of_messages_counts() -> None:
    world = World()
    world.say(threat(BOROVSKY, renewed=True), at=0, message=10)
    world.say(threat(BOROVSKY, renewed=True), at=30, message=21)
    assert rows(world.say(all_clear(), at=30, message=20)) == [Transition.CLEAR_OF_NEWER]
    assert rows(world.say(all_clear(), at=30, message=22)) == [Transition.HELD]


@pytest.mark.parametrize("place", [REGION, BOROVSKY, ZHUKOVSKY])
@pytest.mark.parametrize("active", [True, False])
def test_a_late_threat_is_overtaken_by_a_clear(place: AreaCode, active: bool) -> None:
    """Also of a place that was not active then, and by a clear of nothing active at all."""
    world = World()
    if active:
        world.say(threat(BOROVSKY), at=0, message=101)
    world.say(all_clear(), at=60, message=160)
    assert rows(world.say(threat(place), at=40, message=140, now=61)) == [Transition.OVERTAKEN]
    assert rows(world.say(threat(place), at=40, by=RESCUERS, now=61)) == [Transition.OVERTAKEN]
    assert world.places() == {}
    assert rows(world.say(threat(place), at=62, message=162)) == [Transition.ONSET]


def test_a_late_threat_is_not_overtaken_where_the_clear_did_not_reach() -> None:
    world = World()
    world.say(threat(), at=0)
    world.say(all_clear(excluded=(BOROVSKY,)), at=60, message=160)
    world.say(all_clear(KALUGA), at=61, message=161)
    for message, place in ((140, BOROVSKY), (141, BALABANOVO)):
        world.say(threat(place, level=I), at=40, message=message, now=62)
        assert world.places()[place] is I
    world.say(threat(hazard=Hazard.MISSILE), at=40, message=142, now=62)
    assert world.places(Hazard.MISSILE) == {REGION: D}


def test_a_held_clear_overtakes_nothing() -> None:
    world = World()
    world.say(weak(all_clear()), at=60, message=160)
    assert rows(world.say(threat(), at=40, message=140, now=61)) == [Transition.ONSET]


def test_a_late_word_on_the_region_leaves_a_place_that_was_freed_since() -> None:
    world = World()
    world.say(threat(), at=0, message=101)
    world.say(all_clear(BOROVSKY), at=30, message=130)
    world.say(threat(), at=20, message=120, now=31)
    assert world.exempt() == (BOROVSKY,)


def test_an_edit_that_says_it_again_says_nothing() -> None:
    world = World()
    world.say(threat(BOROVSKY), at=0, message=101)
    world.say(all_clear(BOROVSKY), at=30, by=RESCUERS)
    assert rows(world.say(threat(BOROVSKY), at=40, message=101)) == [Transition.DUPLICATE]
    assert world.places() == {}


def test_an_edit_adds_only_the_places_that_it_newly_names() -> None:
    """An old post that grows a list must not resurrect what another source ended meanwhile."""
    world = World()
    world.say(threat(BOROVSKY), at=0, message=101)
    world.say(all_clear(BOROVSKY), at=30, by=RESCUERS)
    done = world.say(threat(BOROVSKY, ZHUKOVSKY), at=40, message=101)
    assert rows(done) == [Transition.ONSET]
    assert world.places() == {ZHUKOVSKY: D}


def test_an_edit_from_the_region_to_a_part_of_it_adds_nothing() -> None:
    world = World()
    world.say(threat(), at=0, message=101)
    world.say(all_clear(), at=30, by=RESCUERS)
    assert rows(world.say(threat(BOROVSKY), at=40, message=101)) == [Transition.DUPLICATE]
    assert world.places() == {}


def test_an_edit_that_drops_an_exception_adds_it() -> None:
    world = World()
    world.say(threat(excluded=(BOROVSKY,)), at=0, message=101)
    world.say(threat(), at=5, message=101)
    assert world.places() == {REGION: D, BOROVSKY: D}
    world = World()
    world.say(threat(), at=0)
    world.say(all_clear(excluded=(BOROVSKY,)), at=30, message=130)
    world.say(all_clear(), at=35, message=130)
    assert world.places() == {}


def test_an_edit_of_an_old_clear_ends_nothing_newer() -> None:
    world = World()
    world.say(threat(BOROVSKY), at=0)
    world.say(all_clear(BOROVSKY), at=30, message=130)
    world.say(threat(BOROVSKY, ZHUKOVSKY), at=40)
    done = world.say(all_clear(BOROVSKY, ZHUKOVSKY), at=60, message=130)
    assert rows(done) == [Transition.HELD]
    assert world.places() == {BOROVSKY: D, ZHUKOVSKY: D}


def test_an_edit_that_raises_the_level_counts() -> None:
    world = World()
    world.say(threat(BOROVSKY), at=0, message=101)
    assert rows(world.say(threat(BOROVSKY, level=I), at=2, message=101)) == [Transition.ESCALATION]


def test_an_edit_that_becomes_certain_counts() -> None:
    world = World()
    world.say(weak(threat()), at=0, message=101)
    world.say(threat(), at=2, message=101)
    assert not world.alarm(REGION).unconfirmed
    world.say(weak(all_clear()), at=30, message=130)
    assert rows(world.say(all_clear(), at=31, message=130)) == [Transition.CLEAR_WHOLE]


def test_words_taken_away_clear_nothing() -> None:
    world = World()
    world.say(threat(BOROVSKY, ZHUKOVSKY), at=0, message=101)
    world.say(threat(BOROVSKY), at=5, message=101)
    world.say(at=6, message=101)
    assert world.places() == {BOROVSKY: D, ZHUKOVSKY: D}


def test_a_deletion_marks_and_clears_nothing() -> None:
    world = World()
    world.say(threat(), said(Kind.INTERCEPTION), at=0, message=101)
    done = world.take(step.delete(world.situation, GOVERNOR.id, 101), 5)
    assert rows(done) == [Transition.DELETED]
    assert world.places() == {REGION: D}
    assert world.alarm(REGION).sources[0].deleted
    assert world.event(Kind.INTERCEPTION).sources[0].deleted
    assert rows(step.delete(world.situation, GOVERNOR.id, 101)) == []
    assert rows(step.delete(world.situation, GOVERNOR.id, 999)) == []


def test_a_repost_after_a_deletion_is_the_link_from_then_on() -> None:
    world = World()
    world.say(threat(), at=0, message=101)
    world.take(step.delete(world.situation, GOVERNOR.id, 101), 5)
    assert rows(world.say(threat(), at=6, message=102)) == [Transition.CONFIRMED]
    assert [(s.message, s.deleted) for s in world.alarm(REGION).sources] == [(102, False)]


def test_words_about_the_past_open_and_end_nothing() -> None:
    world = World()
    past = replace(threat(), retrospective=True)
    assert rows(world.say(past, at=0)) == [Transition.RECAP]
    world.say(threat(BOROVSKY), at=10)
    assert rows(world.say(replace(all_clear(), retrospective=True), at=60)) == [Transition.RECAP]
    assert world.places() == {BOROVSKY: D}


def test_a_post_of_the_day_before_opens_nothing() -> None:
    world = World()
    day = 24 * 60
    for claim in (threat(), said(Kind.INTERCEPTION), said(Kind.EVACUATION)):
        assert rows(world.say(claim, at=0, now=day)) == [Transition.RECAP]
    assert world.published == []
    assert rows(world.say(threat(), at=12 * 60 + 1, now=day)) == [Transition.ONSET]


# --- stale and back, memory ---------------------------------------------------------------------


def test_an_old_alarm_is_stale_never_over() -> None:
    world = World()
    world.say(threat(BOROVSKY), at=0)
    world.say(threat(ZHUKOVSKY), at=60)
    stale(world, 14 * 60 - 1)
    assert all(a.stale_at is None for _, a in world.situation.alarms())
    stale(world, 14 * 60)
    assert [a.area for _, a in world.situation.alarms() if a.stale_at] == [BOROVSKY]
    stale(world, 15 * 60)
    assert [a.area for _, a in world.situation.alarms() if a.stale_at] == [BOROVSKY, ZHUKOVSKY]
    count = len(world.published)
    stale(world, 16 * 60)
    assert len(world.published) == count
    assert world.situation.active


def test_stale_danger_still_needs_and_takes_an_all_clear() -> None:
    world = World()
    world.say(threat(), at=0)
    stale(world, 14 * 60)
    assert rows(world.say(all_clear(), at=15 * 60)) == [Transition.CLEAR_WHOLE]
    assert world.places() == {}


def test_clears_of_a_long_episode_are_forgotten_after_a_day() -> None:
    world = World()
    world.say(threat(hazard=Hazard.AIR_RAID), at=0)
    for day in range(5):
        world.say(threat(BOROVSKY), at=day * 1440 + 10)
        world.say(all_clear(BOROVSKY), at=day * 1440 + 30)
    assert len(world.situation.clears) == 2  # the last day's


def test_a_new_episode_shows_no_held_clear_of_the_old_one() -> None:
    world = World()
    world.say(threat(), at=0)
    world.say(weak(all_clear()), at=10)
    held = Held(id=1, hazard=Hazard.UAV, areas=(REGION,), why="", source=source(GOVERNOR, 1, 10))
    world.situation = step.hold(world.situation, held)
    world.say(all_clear(), at=20)
    assert step.unhold(world.situation, 2).held == (held,)
    assert step.unhold(world.situation, 1).held == ()
    episode = world.situation.episode
    world.say(threat(), at=60)
    assert (world.situation.held, world.situation.episode) == ((), episode + 1)


def test_sources_are_lost_once_and_back_once() -> None:
    world = World()
    assert rows(ageing.lose(world.situation, START)) == []
    world.say(threat(), at=0)
    assert rows(world.take(ageing.lose(world.situation, START), 5)) == [Transition.SOURCES_LOST]
    assert rows(ageing.lose(world.situation, START)) == []
    assert world.places() == {REGION: D}
    assert rows(world.take(ageing.regain(world.situation), 9)) == [Transition.SOURCES_BACK]
    assert rows(ageing.regain(world.situation)) == []
    assert world.places() == {REGION: D}


# --- a town apart from the district of its name -------------------------------------------------


def test_a_town_apart_goes_on_where_its_district_was_freed() -> None:
    world = World()
    world.say(threat(), at=0)
    world.say(all_clear(LYUDINOVSKY), at=30)
    done = world.say(all_clear(excluded=(LYUDINOVO,)), at=60)
    assert rows(done) == [Transition.CLEAR_PART]
    assert world.places() == {LYUDINOVO: D}


def test_a_town_apart_goes_on_where_its_district_was_never_in_danger() -> None:
    world = World()
    world.say(threat(excluded=(LYUDINOVSKY,)), at=0)
    world.say(all_clear(excluded=(LYUDINOVO,)), at=60)
    assert world.places() == {LYUDINOVO: D}


def test_a_town_apart_is_freed_beside_its_district() -> None:
    world = World()
    world.say(threat(), at=0)
    world.say(all_clear(LYUDINOVSKY), at=30)
    assert rows(world.say(all_clear(LYUDINOVO), at=40)) == [Transition.CLEAR_PART]
    assert world.exempt() == (LYUDINOVSKY, LYUDINOVO)


def test_an_edit_that_names_the_town_apart_adds_it() -> None:
    world = World()
    world.say(threat(LYUDINOVSKY), at=0, message=101)
    world.say(threat(LYUDINOVSKY, LYUDINOVO), at=5, message=101)
    assert world.places() == {LYUDINOVSKY: D, LYUDINOVO: D}


# --- «сохраняется» ------------------------------------------------------------------------------


def unplaced(claim: Claim) -> Claim:
    """The post names no place: its areas are the channel's own."""
    return replace(claim, unplaced=True)


def test_danger_that_goes_on_somewhere_is_not_that_of_the_whole_region() -> None:
    """«…сохраняется» without a place speaks of what is open."""
    world = World()
    world.say(threat(BOROVSKY), at=0)
    assert rows(world.say(unplaced(threat(continues=True)), at=40)) == [Transition.CONFIRMED]
    assert world.places() == {BOROVSKY: D}
    assert world.alarm(BOROVSKY).confirmed_at == START + timedelta(minutes=40)
    stale(world, 15 * 60)
    at = 15 * 60 + 5
    assert rows(world.say(unplaced(threat(continues=True)), at=at)) == [Transition.RESUMED]
    assert world.alarm(BOROVSKY).stale_at is None


def test_danger_that_goes_on_with_nothing_open_is_opened() -> None:
    world = World()
    assert rows(world.say(unplaced(threat(continues=True)), at=0)) == [Transition.ONSET_UNKNOWN]
    world = World()
    world.say(threat(BOROVSKY), at=0)
    assert rows(world.say(threat(continues=True), at=5)) == [Transition.ONSET_UNKNOWN]
    assert set(world.places()) == {REGION, BOROVSKY}


def test_danger_of_the_region_that_goes_on_in_a_district_is_confirmed() -> None:
    world = World()
    world.say(threat(), at=0)
    assert rows(world.say(threat(BOROVSKY, continues=True), at=40)) == [Transition.CONFIRMED]
    assert world.places() == {REGION: D}
    assert world.alarm(REGION).confirmed_at == START + timedelta(minutes=40)
    higher = threat(BOROVSKY, level=I, continues=True)
    assert rows(world.say(higher, at=41)) == [Transition.ONSET_UNKNOWN]
    world.say(all_clear(ZHUKOVSKY), at=50)
    freed = threat(ZHUKOVSKY, continues=True)
    assert rows(world.say(freed, at=60)) == [Transition.ONSET_UNKNOWN]


# --- corrections of all-clears ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (all_clear(), all_clear(excluded=(BOROVSKY,))),
        (all_clear(BOROVSKY, ZHUKOVSKY), all_clear(ZHUKOVSKY)),
    ],
)
def test_an_all_clear_that_takes_a_place_back_puts_it_in_danger_again(
    first: Claim, then: Claim
) -> None:
    world = World()
    world.say(threat(BOROVSKY, ZHUKOVSKY), at=0)
    world.say(first, at=30, message=130)
    assert world.places() == {}
    assert rows(world.say(then, at=33, message=130)) == [Transition.RETRACTED]
    assert world.places() == {BOROVSKY: D}
    assert not world.alarm(BOROVSKY).onset_known


def test_an_all_clear_takes_back_nothing_that_it_did_not_end() -> None:
    world = World()
    world.say(threat(ZHUKOVSKY), at=0)
    world.say(all_clear(), at=30, message=130)
    done = world.say(all_clear(excluded=(BOROVSKY,)), at=33, message=130)
    assert rows(done) == [Transition.DUPLICATE]
    assert world.places() == {}


def test_an_alarm_edited_into_an_all_clear_is_held_where_it_was_confirmed_since() -> None:
    world = World()
    world.say(threat(BOROVSKY), at=0, message=101)
    world.say(threat(BOROVSKY, continues=True), at=30, by=RESCUERS)
    done = world.say(all_clear(BOROVSKY), at=60, message=101)
    assert Transition.HELD in rows(done)
    assert world.places() == {BOROVSKY: D}
    assert [hold.claim.areas for hold in world.holds] == [(BOROVSKY,)]


def test_a_deleted_all_clear_is_marked() -> None:
    world = World()
    world.say(threat(level=I), at=0)
    world.say(all_clear(upper_tier=True), at=20, message=120)
    world.say(all_clear(BOROVSKY), at=30, message=130)
    for message in (120, 130):
        done = world.take(step.delete(world.situation, GOVERNOR.id, message), 40)
        assert rows(done) == [Transition.DELETED]
    assert world.told_clears[0].source.deleted
    assert world.situation.falls[0].source.deleted


# --- order, and what is held --------------------------------------------------------------------


def test_one_post_that_goes_on_somewhere_clears_the_rest() -> None:
    world = World()
    world.say(threat(BOROVSKY, ZHUKOVSKY), at=0)
    world.say(threat(BOROVSKY, continues=True), all_clear(), at=60)
    assert world.places() == {BOROVSKY: D}


def test_a_foreign_word_about_the_past_is_a_recap() -> None:
    world = World()
    world.say(threat(), at=0)
    past = replace(all_clear(), retrospective=True)
    assert rows(world.say(past, at=30, by=NEIGHBOUR)) == [Transition.RECAP]
    assert not world.holds


def test_a_clear_within_a_minute_of_the_escalation_is_held() -> None:
    world = World()
    world.say(threat(BOROVSKY), at=0)
    world.say(threat(BOROVSKY, level=I), at=30)
    for claim in (all_clear(BOROVSKY), all_clear(BOROVSKY, upper_tier=True)):
        assert rows(world.say(claim, at=30.2)) == [Transition.HELD]
    assert world.places() == {BOROVSKY: I}


def test_a_part_that_is_held_overtakes_nothing() -> None:
    world = World()
    world.say(threat(BOROVSKY), at=0)
    world.say(threat(ZHUKOVSKY), at=30)
    world.say(all_clear(BOROVSKY, ZHUKOVSKY), at=30.5)
    assert world.places() == {ZHUKOVSKY: D}
    world.say(threat(ZHUKOVSKY, level=I), at=30.3, by=RESCUERS, now=31)
    assert world.places() == {ZHUKOVSKY: I}


def test_a_clear_that_came_before_its_threat_frees_its_place() -> None:
    world = World()
    world.say(all_clear(BOROVSKY), at=30, message=130)
    world.say(threat(), at=20, message=120, now=31)
    assert (world.places(), world.exempt()) == ({REGION: D}, (BOROVSKY,))


def test_a_late_alarm_of_a_district_is_not_above_what_its_region_fell_to() -> None:
    world = World()
    world.say(threat(level=I), at=0, message=100)
    world.say(all_clear(upper_tier=True), at=30, message=130)
    world.say(threat(BOROVSKY, level=I), at=20, message=120, now=31)
    assert world.places() == {REGION: D, BOROVSKY: D}


def test_an_all_clear_that_came_a_day_late_is_held() -> None:
    world = World()
    world.say(threat(), at=0)
    done = world.say(all_clear(), at=60, now=26 * 60)
    assert rows(done) == [Transition.HELD]
    assert world.places() == {REGION: D}


def test_an_exception_that_was_stale_goes_on() -> None:
    world = World()
    world.say(threat(BOROVSKY), at=0)
    stale(world, 14 * 60)
    world.say(threat(), at=15 * 60)
    world.say(all_clear(excluded=(BOROVSKY,)), at=16 * 60)
    assert world.alarm(BOROVSKY).stale_at is None


def test_an_edit_that_keeps_its_exception_frees_nobody_in_it() -> None:
    world = World()
    world.say(threat(), at=0)
    doubtful = all_clear(REGION, BALABANOVO, excluded=(BOROVSKY,))
    world.say(doubtful, at=30, message=130)
    assert rows(world.say(doubtful, threat(KALUGA), at=35, message=130))[0] is Transition.ONSET
    assert world.exempt() == ()
