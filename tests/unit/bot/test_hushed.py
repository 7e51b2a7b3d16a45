"""What quiet hours and operators' silences take from a danger is given back when they end."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from bot.decide import Decision, Lever, decide
from bot.reasons import Reason
from storage.model import (
    AreaCode,
    Card,
    Hazard,
    Kind,
    Level,
    QuietHours,
    Situation,
    Wishes,
)
from tests.unit.bot.made import (
    AREAS,
    BOROVSKY,
    KALUGA,
    REGION,
    START,
    ZHUKOVSKY,
    alarm,
    card,
    chat,
    clear,
    danger,
    event,
    minutes,
    situation,
    source,
    told_card,
)

NIGHT = QuietHours(start=time(23), end=time(7), zone="Europe/Moscow")
QUIET = Wishes(quiet=NIGHT)
MORNING = datetime(2026, 5, 4, 4, tzinfo=UTC)  # 07:00 in Kaluga
LATER = START + minutes(21)
SAID = START + minutes(20)
DISTRICT, BOTH, WHOLE = (BOROVSKY,), (BOROVSKY, ZHUKOVSKY), (REGION,)
OLD = situation(danger(alarm()), version=1)
NEW = situation(danger(alarm(at=SAID)))
MISSILE = danger(alarm(at=SAID), hazard=Hazard.MISSILE)


def ask(
    told: Situation | None,
    current: Situation,
    follows: tuple[AreaCode, ...] = DISTRICT,
    *,
    of: Card | None = None,
    wishes: Wishes = QUIET,
    now: datetime = LATER,
    last_sound: datetime | None = None,
    silenced: dict[Hazard, datetime] | None = None,
) -> Decision:
    return decide(
        card=of or (told_card() if told else card()),
        chat=chat(wishes=wishes),
        follows=follows,
        told=told,
        current=current,
        areas=AREAS,
        now=now,
        last_sound=last_sound,
        silenced=silenced or {},
    )


# --- a silence ends, like quiet hours -----------------------------------------------------------


def test_danger_that_outlasts_a_silence_sounds_once() -> None:
    until = LATER + minutes(90)
    silenced = {Hazard.UAV: until}
    first = ask(None, NEW, wishes=Wishes(), silenced=silenced)
    assert (first.lever, first.quieted) == (Lever.SILENT, Reason.SILENCED)
    assert (first.hushes, first.again) == (True, until)
    hushed = told_card(sounded=None, sounded_at=None, hushed=True)
    before = ask(NEW, NEW, of=hushed, wishes=Wishes(), now=until - minutes(1), silenced=silenced)
    assert (before.lever, before.again) == (Lever.SKIP, until)
    after = ask(NEW, NEW, of=hushed, wishes=Wishes(), now=until)
    assert (after.lever, after.reason, after.again) == (Lever.SOUND, Reason.STILL_IN_FORCE, None)


def test_who_heard_the_danger_before_the_silence_is_not_called_after_it() -> None:
    renewed = situation(danger(alarm(named_at=SAID, sources=(source(SAID),))))
    decision = ask(OLD, renewed, wishes=Wishes(), silenced={Hazard.UAV: LATER + minutes(90)})
    assert (decision.lever, decision.quieted) == (Lever.SILENT, Reason.SILENCED)
    assert (decision.hushes, decision.again) == (False, None)


def test_the_morning_sound_waits_for_the_end_of_a_silence() -> None:
    hushed = told_card(sounded=None, sounded_at=None, hushed=True)
    until = MORNING + minutes(30)
    for now in (LATER, MORNING, until - minutes(1)):
        waits = ask(OLD, OLD, of=hushed, now=now, silenced={Hazard.UAV: until})
        assert (waits.lever, waits.again) == (Lever.SKIP, until), now
    assert ask(OLD, OLD, of=hushed, now=until).reason is Reason.STILL_IN_FORCE


def test_a_silence_that_ends_in_the_night_waits_for_the_morning() -> None:
    decision = ask(None, NEW, silenced={Hazard.UAV: LATER + minutes(60)})
    assert (decision.lever, decision.hushes, decision.again) == (Lever.SILENT, True, MORNING)


def test_two_silences_it_is_looked_again_when_the_first_of_those_that_matter_ends() -> None:
    two = situation(danger(alarm(at=SAID)), danger(alarm(at=SAID), hazard=Hazard.FIRE))
    first, second = LATER + minutes(30), LATER + minutes(60)
    ends = {Hazard.UAV: first, Hazard.FIRE: second, Hazard.SHELLING: LATER + minutes(5)}
    assert ask(None, two, wishes=Wishes(), silenced=ends).again == first


def test_a_silence_of_one_hazard_swallows_no_event_of_another() -> None:
    wave = event(Kind.DAMAGE, BOROVSKY, at=SAID, hazard=Hazard.FLOOD, sources=(source(SAID),))
    flooded = replace(OLD, version=2, events=(wave,))
    silenced = {Hazard.UAV: LATER + minutes(90)}
    decision = ask(OLD, flooded, wishes=Wishes(), silenced=silenced)
    assert (decision.lever, decision.reason) == (Lever.SOUND, Reason.FLOOD)


# --- what was heard before is another danger ----------------------------------------------------


@pytest.mark.parametrize(
    ("name", "told", "current", "follows"),
    [
        ("after a report that sounded", situation(version=1), NEW, DISTRICT),
        (
            "after a danger that grew stale",
            situation(danger(alarm(stale_at=START + minutes(10))), version=1),
            NEW,
            DISTRICT,
        ),
        (
            "another hazard",
            OLD,
            situation(danger(alarm()), danger(alarm(at=SAID), hazard=Hazard.FIRE)),
            DISTRICT,
        ),
        (
            "one more followed district",
            OLD,
            situation(danger(alarm(), alarm(ZHUKOVSKY, at=SAID))),
            BOTH,
        ),
    ],
)
def test_a_new_danger_is_hushed_though_something_else_had_sounded(
    name: str, told: Situation, current: Situation, follows: tuple[AreaCode, ...]
) -> None:
    decision = ask(told, current, follows)
    assert (decision.lever, decision.quieted) == (Lever.SILENT, Reason.QUIET_HOURS), name
    assert (decision.hushes, decision.again) == (True, MORNING), name


def test_more_districts_of_a_region_that_was_called_are_not_called_again_in_the_morning() -> None:
    more = situation(danger(alarm(), alarm(KALUGA, at=START + minutes(70))))
    decision = ask(OLD, more, WHOLE, now=START + minutes(71))
    assert (decision.lever, decision.quieted) == (Lever.SILENT, Reason.QUIET_HOURS)
    assert not decision.hushes and decision.again is None


def test_danger_learnt_late_in_quiet_hours_sounds_in_the_morning() -> None:
    decision = ask(None, OLD, now=START + minutes(70))
    assert (decision.lever, decision.quieted) == (Lever.SILENT, Reason.LATE)
    assert (decision.hushes, decision.again) == (True, MORNING)
    awake = ask(None, OLD, now=START + minutes(70), wishes=Wishes())
    assert (awake.lever, awake.hushes, awake.again) == (Lever.SILENT, False, None)


# --- what is dire is never too soon, and is heard however it comes ------------------------------


@pytest.mark.parametrize(
    ("level", "hazard"), [(Level.IMMINENT, Hazard.UAV), (Level.DECLARED, Hazard.MISSILE)]
)
def test_the_budget_never_touches_what_is_dire(level: Level, hazard: Hazard) -> None:
    """Named again after its all-clear, a minute after another sound."""
    told = situation(
        danger(alarm(ZHUKOVSKY, level), hazard=hazard),
        version=1,
        clears=(clear(BOROVSKY, hazard=hazard, at=START + minutes(5)),),
    )
    again = danger(alarm(ZHUKOVSKY, level), alarm(BOROVSKY, level, SAID), hazard=hazard)
    decision = ask(
        told, replace(told, version=2, dangers=(again,)), BOTH, last_sound=LATER - minutes(1)
    )
    assert (decision.lever, decision.reason) == (Lever.SOUND, Reason.NAMED_AGAIN)


def test_the_budget_never_touches_an_imminent_danger_of_the_whole_region() -> None:
    told = situation(danger(alarm(BOROVSKY, Level.IMMINENT)), version=1)
    wide = danger(
        alarm(BOROVSKY, Level.IMMINENT), alarm(REGION, Level.IMMINENT, START + minutes(20))
    )
    decision = ask(told, situation(wide), WHOLE, last_sound=LATER - minutes(1))
    assert (decision.lever, decision.reason) == (Lever.SOUND, Reason.WIDENED)


def test_missiles_declared_anew_after_they_grew_stale_begin_for_the_region() -> None:
    """While another danger goes on."""
    stale = danger(alarm(ZHUKOVSKY, stale_at=START + minutes(9)), hazard=Hazard.MISSILE)
    told = situation(danger(alarm(REGION)), stale, version=1)
    again = danger(*stale.alarms, *MISSILE.alarms, hazard=Hazard.MISSILE)
    decision = ask(told, situation(danger(alarm(REGION)), again), WHOLE)
    assert (decision.lever, decision.reason) == (Lever.SOUND, Reason.MISSILE)


def test_an_edit_that_calls_another_followed_district_away_is_an_evacuation() -> None:
    away = event(Kind.EVACUATION, BOROVSKY, at=START)
    more = replace(away, areas=(BOROVSKY, ZHUKOVSKY), sources=(source(SAID),))
    told = replace(OLD, events=(away,))
    for follows, lever in ((BOTH, Lever.SOUND), (DISTRICT, Lever.EDIT)):
        decision = ask(told, replace(told, version=2, events=(more,)), follows)
        assert decision.lever is lever
    ended = replace(told, events=(replace(away, ended_at=START + minutes(5)),))
    anew = ask(ended, replace(told, version=3))
    assert (anew.lever, anew.reason) == (Lever.SOUND, Reason.EVACUATION)
