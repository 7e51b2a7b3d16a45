"""What of a region's situation concerns a chat."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import harmed, hits_dwelling, wanted
from bot.view import names_followed, of_episode, reach_of, view
from storage.model import AreaCode, Casualties, Hazard, Kind, Level, Situation, Wishes
from tests.unit.bot.made import (
    AREAS,
    BALABANOVO,
    BOROVSKY,
    KALUGA,
    KALUGA_DISTRICT,
    REGION,
    START,
    ZHUKOVSKY,
    alarm,
    card,
    clear,
    danger,
    event,
    minutes,
    situation,
    source,
)

PLACES = (REGION, BOROVSKY, BALABANOVO, ZHUKOVSKY, KALUGA, KALUGA_DISTRICT)


@pytest.mark.parametrize(
    ("alarmed", "followed", "concerned"),
    [
        (REGION, REGION, True),
        (REGION, BOROVSKY, True),
        (REGION, BALABANOVO, True),
        (BOROVSKY, REGION, True),
        (BOROVSKY, BOROVSKY, True),
        (BOROVSKY, BALABANOVO, True),
        (BALABANOVO, BOROVSKY, True),
        (BALABANOVO, REGION, True),
        (BOROVSKY, ZHUKOVSKY, False),
        (BALABANOVO, ZHUKOVSKY, False),
        (KALUGA, KALUGA_DISTRICT, False),
        (KALUGA_DISTRICT, KALUGA, False),
        (BOROVSKY, AreaCode("RU"), True),
    ],
)
def test_an_alarm_concerns_followers(
    alarmed: AreaCode, followed: AreaCode, concerned: bool
) -> None:
    seen = view(situation(danger(alarm(alarmed))), (followed,), AREAS)
    assert bool(seen.threats) is concerned


@pytest.mark.parametrize(
    ("exempt", "followed", "concerned"),
    [
        (BOROVSKY, BOROVSKY, False),
        (BOROVSKY, BALABANOVO, False),
        (BALABANOVO, BOROVSKY, True),
        (BALABANOVO, BALABANOVO, False),
        (KALUGA, KALUGA_DISTRICT, True),
        (BOROVSKY, REGION, True),
    ],
)
def test_an_exempt_place_is_not_in_the_regions_danger(
    exempt: AreaCode, followed: AreaCode, concerned: bool
) -> None:
    seen = view(situation(danger(alarm(REGION), exempt=(exempt,))), (followed,), AREAS)
    assert bool(seen.threats) is concerned


def test_an_exempt_place_is_in_danger_again_by_an_alarm_of_its_own() -> None:
    now = danger(alarm(REGION), alarm(BOROVSKY, at=START + minutes(9)), exempt=(BOROVSKY,))
    threat = view(situation(now), (BOROVSKY,), AREAS).threats[0]
    assert threat.since == START + minutes(9)
    assert not threat.region_wide


def test_level_and_since_are_those_of_the_chats_own_places() -> None:
    now = situation(
        danger(
            alarm(REGION),
            alarm(BOROVSKY, Level.IMMINENT, START + minutes(5)),
            alarm(ZHUKOVSKY, at=START + minutes(7)),
        )
    )
    assert view(now, (BOROVSKY,), AREAS).threats[0].level is Level.IMMINENT
    assert view(now, (ZHUKOVSKY,), AREAS).threats[0].level is Level.DECLARED
    assert view(now, (ZHUKOVSKY,), AREAS).threats[0].since == START
    whole = view(now, (REGION,), AREAS)
    assert whole.region_follower
    assert [reach.area for reach in whole.threats[0].reaches] == [REGION, BOROVSKY, ZHUKOVSKY]


def test_stale_danger_is_not_over_and_does_not_set_the_level() -> None:
    old = alarm(BOROVSKY, Level.IMMINENT, stale_at=START + minutes(900))
    only = view(situation(danger(old)), (BOROVSKY,), AREAS)
    assert only.threats and only.threats[0].stale and not only.fresh
    both = view(situation(danger(old, alarm(ZHUKOVSKY))), (BOROVSKY, ZHUKOVSKY), AREAS)
    assert not both.threats[0].stale
    assert both.threats[0].level is Level.DECLARED


def test_the_gravest_is_named_first() -> None:
    now = situation(
        danger(alarm(), hazard=Hazard.FLOOD),
        danger(alarm(), hazard=Hazard.UAV),
        danger(alarm(), hazard=Hazard.MISSILE),
        danger(alarm(level=Level.IMMINENT), hazard=Hazard.FIRE),
    )
    hazards = [threat.hazard for threat in view(now, (BOROVSKY,), AREAS).threats]
    assert hazards == [Hazard.FIRE, Hazard.MISSILE, Hazard.UAV, Hazard.FLOOD]


@pytest.mark.parametrize(
    ("areas", "unnamed", "seen"),
    [
        ((BOROVSKY,), False, True),
        ((ZHUKOVSKY,), False, False),
        ((ZHUKOVSKY,), True, True),
        ((), False, True),
        ((REGION,), False, True),
    ],
)
def test_events(areas: tuple[AreaCode, ...], unnamed: bool, seen: bool) -> None:
    now = situation(events=(event(Kind.DAMAGE, *areas, unnamed=unnamed),))
    assert bool(view(now, (BOROVSKY,), AREAS).events) is seen


def test_a_report_concerns_only_those_whom_its_events_concern() -> None:
    now = situation(events=(event(Kind.DAMAGE, BOROVSKY),), reported_since=START)
    assert view(now, (BOROVSKY,), AREAS).reported_since == START
    assert view(now, (ZHUKOVSKY,), AREAS).reported_since is None


def test_a_regionwide_story_does_not_name_a_followed_district() -> None:
    seen = view(situation(), (BOROVSKY,), AREAS)
    assert names_followed(seen, (BALABANOVO,), AREAS)
    assert not names_followed(seen, (REGION,), AREAS)
    assert not names_followed(view(situation(), (REGION,), AREAS), (BOROVSKY,), AREAS)


def test_a_clear_of_the_city_is_not_shown_to_its_district() -> None:
    now = situation(clears=(clear(KALUGA),))
    assert not view(now, (KALUGA_DISTRICT,), AREAS).clears
    assert view(now, (KALUGA,), AREAS).clears


def test_a_clear_says_nothing_to_places_freed_before() -> None:
    now = situation(clears=(replace(clear(REGION), exempt=(BOROVSKY,)),))
    assert not view(now, (BOROVSKY,), AREAS).clears
    assert view(now, (ZHUKOVSKY,), AREAS).clears
    assert view(now, (REGION,), AREAS).clears


def test_an_event_of_an_earlier_episode_is_no_report() -> None:
    earlier = event(Kind.DAMAGE, BOROVSKY, at=START - minutes(600))
    now = situation(events=(earlier,), reported_since=START)
    assert view(now, (BOROVSKY,), AREAS).reported_since is None


def test_a_card_shows_its_own_episode() -> None:
    old = START - minutes(300)
    before = event(Kind.DAMAGE, BOROVSKY, at=old, key="old")
    during = event(Kind.DAMAGE, BOROVSKY, key="new")
    outage = event(Kind.OUTAGE, BOROVSKY, at=old, key="outage")
    gone = clear(BOROVSKY, at=old, since=old - minutes(60), version=0)
    now = situation(danger(alarm()), events=(before, during, outage), clears=(gone,))
    seen = of_episode(view(now, (BOROVSKY,), AREAS), card())
    assert seen.events == (during, outage)
    assert not seen.clears
    late = of_episode(view(now, (BOROVSKY,), AREAS), card(opened_at=START + minutes(90)))
    assert late.events == seen.events
    over = situation(events=(before, during), clears=(gone, clear(BOROVSKY)))
    ended = of_episode(view(over, (BOROVSKY,), AREAS), card(opened_at=START + minutes(60)))
    assert (ended.events, ended.clears) == ((during,), (clear(BOROVSKY),))


@pytest.mark.parametrize(
    ("quote", "hit"),
    [
        ("Обломки упали на частный жилой дом.", True),
        ("Повреждены окна в многоквартирном доме.", True),
        ("Пошкоджено житловий будинок.", True),
        ("Загорелась трава у дороги.", False),
        ("Жилые дома не пострадали.", False),
    ],
)
def test_homes(quote: str, hit: bool) -> None:
    said = event(Kind.DAMAGE, BOROVSKY, sources=(source(quote=quote),))
    assert hits_dwelling(said) is hit
    assert not hits_dwelling(replace(said, withdrawn=True))


def test_harm_stated_as_none_is_no_harm() -> None:
    assert harmed(event(casualties=Casualties(dead=0))) == (0, 0)
    assert harmed(event(casualties=Casualties(dead=2, injured=5))) == (2, 5)


@pytest.mark.parametrize("kind", Kind)
def test_danger_and_evacuation_cannot_be_switched_off(kind: Kind) -> None:
    off = Wishes(interceptions=False, consequences=False)
    always = {Kind.THREAT, Kind.ALL_CLEAR, Kind.EVACUATION, Kind.EVACUATION_OVER}
    assert wanted(kind, off) is (kind in always)


@given(st.lists(st.sampled_from(PLACES), min_size=1), st.lists(st.sampled_from(PLACES)))
def test_following_more_never_shows_less(
    followed: list[AreaCode], alarmed: list[AreaCode]
) -> None:
    now: Situation = situation(danger(*map(alarm, dict.fromkeys(alarmed))))
    one = view(now, (followed[0],), AREAS)
    more = view(now, tuple(dict.fromkeys(followed)), AREAS)
    assert {a.area for t in one.threats for a in t.alarms} <= {
        a.area for t in more.threats for a in t.alarms
    }


@given(st.sampled_from(PLACES), st.sampled_from(PLACES), st.sampled_from(PLACES))
def test_a_district_follower_sees_what_reaches_the_district(
    followed: AreaCode, alarmed: AreaCode, exempt: AreaCode
) -> None:
    now = danger(alarm(alarmed), exempt=(exempt,))
    seen = view(situation(now), (followed,), AREAS)
    if not seen.region_follower:
        assert bool(seen.threats) is (reach_of(now, followed, REGION, AREAS) is not None)
