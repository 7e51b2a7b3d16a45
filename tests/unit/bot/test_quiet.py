"""Quiet hours and snooze: what pierces them, what becomes silent, and that they end."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.decide import Decision, Lever, decide
from bot.quiet import heard_from, morning, quiet_until, zone_named, zone_of
from bot.reasons import Reason
from storage.model import (
    AreaCode,
    Card,
    Danger,
    Hazard,
    Kind,
    Level,
    Loudness,
    QuietHours,
    Situation,
    Wishes,
)
from tests.unit.bot.made import (
    AFTER_60,
    AREAS,
    BOROVSKY,
    KALUGA,
    REGION,
    START,
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
SNOOZED = Wishes(snoozed_until=START + minutes(90))
MORNING = datetime(2026, 5, 4, 4, tzinfo=UTC)  # 07:00 in Kaluga
DISTRICT, WHOLE = (BOROVSKY,), (REGION,)
LATER = START + minutes(30)


def ask(
    told: Situation | None,
    current: Situation,
    wishes: Wishes,
    follows: tuple[AreaCode, ...] = DISTRICT,
    *,
    of: Card | None = None,
    now: datetime = LATER,
    one_tier: bool = False,
) -> Decision:
    return decide(
        card=of or (told_card() if told else card()),
        chat=chat(wishes=wishes),
        follows=follows,
        told=told,
        current=current,
        areas=AREAS,
        now=now,
        one_tier=one_tier,
    )


def fresh(level: Level = Level.DECLARED, area: AreaCode = BOROVSKY, **more: object) -> Danger:
    said = START + minutes(29)
    return danger(alarm(area, level, said, sources=(source(said),)), **more)  # type: ignore[arg-type]


BASE = situation(danger(alarm()), version=1)
WIDE = situation(danger(alarm(REGION)), version=1)
OLD = danger(alarm())
RISEN = situation(danger(alarm(level=Level.IMMINENT, sources=(source(START + minutes(29)),))))
RENEWED = situation(danger(alarm(named_at=START + minutes(29))))
AGAIN = situation(
    fresh(), clears=(clear(BOROVSKY, at=START + minutes(20), whole=False),), version=3
)
HOME = "Обломки упали на частный жилой дом."
HARMED = replace(
    BASE,
    version=2,
    events=(event(Kind.DAMAGE, BOROVSKY, sources=(source(LATER, quote=HOME),)),),
)


@pytest.mark.parametrize(
    ("name", "told", "current", "follows", "quiet", "snoozed"),
    [
        ("first danger", None, situation(fresh()), DISTRICT, False, True),
        ("first danger, imminent", None, situation(fresh(Level.IMMINENT)), DISTRICT, True, True),
        (
            "imminent in one district of a followed region",
            None,
            situation(fresh(Level.IMMINENT)),
            WHOLE,
            False,
            True,
        ),
        (
            "imminent in the whole region",
            None,
            situation(fresh(Level.IMMINENT, REGION)),
            WHOLE,
            True,
            True,
        ),
        ("missiles", BASE, situation(OLD, fresh(hazard=Hazard.MISSILE)), DISTRICT, True, True),
        ("rise to imminent", BASE, RISEN, DISTRICT, True, True),
        ("new hazard", BASE, situation(OLD, fresh(hazard=Hazard.FIRE)), DISTRICT, False, True),
        ("flood", BASE, situation(OLD, fresh(hazard=Hazard.FLOOD)), DISTRICT, True, True),
        (
            "one more followed district",
            BASE,
            situation(danger(alarm(), *fresh(area=KALUGA).alarms)),
            (BOROVSKY, KALUGA),
            False,
            True,
        ),
        ("repeated attack", BASE, RENEWED, DISTRICT, False, False),
        ("homes hit", BASE, HARMED, DISTRICT, False, False),
        (
            "evacuation",
            BASE,
            replace(BASE, version=2, events=(event(Kind.EVACUATION, BOROVSKY, at=LATER),)),
            DISTRICT,
            True,
            True,
        ),
        (
            "evacuation in a district of a followed region",
            WIDE,
            replace(WIDE, version=2, events=(event(Kind.EVACUATION, BOROVSKY, at=LATER),)),
            WHOLE,
            False,
            False,
        ),
    ],
)
def test_what_pierces(
    name: str,
    told: Situation | None,
    current: Situation,
    follows: tuple[AreaCode, ...],
    quiet: bool,
    snoozed: bool,
) -> None:
    assert ask(told, current, Wishes(), follows).lever is Lever.SOUND, name
    for wishes, pierces, why in (
        (QUIET, quiet, Reason.QUIET_HOURS),
        (SNOOZED, snoozed, Reason.SNOOZED),
    ):
        found = ask(told, current, wishes, follows)
        assert found.lever is (Lever.SOUND if pierces else Lever.SILENT), name
        assert found.quieted is (None if pierces else why), name


def test_where_there_is_one_tier_its_alarm_pierces_for_those_who_follow_the_district() -> None:
    near, wide = situation(fresh()), situation(fresh(area=REGION))
    assert ask(None, near, QUIET, one_tier=True).lever is Lever.SOUND
    assert ask(None, wide, QUIET, one_tier=True).lever is Lever.SOUND
    assert ask(None, near, QUIET, WHOLE, one_tier=True).quieted is Reason.QUIET_HOURS
    assert ask(None, wide, QUIET, WHOLE, one_tier=True).quieted is Reason.QUIET_HOURS
    warned = situation(fresh(Level.ADVISORY))
    assert ask(None, warned, QUIET, one_tier=True).quieted is Reason.QUIET_HOURS


def test_loudness_is_each_regions_own() -> None:
    silent = Wishes(louder=((REGION, Loudness.SILENT),))
    assert ask(None, BASE, silent).quieted is Reason.LOUDNESS
    other = Wishes(loudness=Loudness.SILENT, louder=((REGION, Loudness.ALL),))
    assert ask(None, BASE, other).lever is Lever.SOUND


# --- the end of quiet hours -------------------------------------------------------------------


def test_danger_that_outlasts_quiet_hours_sounds_once() -> None:
    first = ask(None, BASE, QUIET)
    assert (first.lever, first.hushes, first.again) == (Lever.SILENT, True, MORNING)
    hushed = told_card(sounded=None, sounded_at=None, hushed=True)
    asleep = ask(BASE, BASE, QUIET, of=hushed, now=MORNING - minutes(1))
    assert (asleep.lever, asleep.again) == (Lever.SKIP, MORNING)
    awake = ask(BASE, BASE, QUIET, of=hushed, now=MORNING)
    assert (awake.lever, awake.reason, awake.again) == (Lever.SOUND, Reason.STILL_IN_FORCE, None)
    assert awake.danger
    heard = replace(hushed, hushed=False, sounded=1, sounded_at=MORNING)
    assert ask(BASE, BASE, QUIET, of=heard, now=MORNING).lever is Lever.SKIP


def test_what_is_over_or_was_heard_is_not_said_in_the_morning() -> None:
    hushed = told_card(sounded=None, sounded_at=None, hushed=True)
    over = situation(clears=(clear(BOROVSKY),))
    for now in (AFTER_60, MORNING):
        ended = ask(BASE, over, QUIET, of=hushed, now=now)
        assert (ended.lever, ended.reason) == (Lever.SILENT, Reason.ALL_CLEAR)
        assert ended.ends and ended.again is None
    risen = ask(BASE, RISEN, QUIET, of=hushed)
    assert (risen.lever, risen.again) == (Lever.SOUND, None)
    stale = situation(danger(alarm(stale_at=MORNING)))
    assert ask(BASE, stale, QUIET, of=hushed, now=MORNING).lever is Lever.EDIT
    silent = replace(QUIET, loudness=Loudness.SILENT)
    assert ask(BASE, BASE, silent, of=hushed, now=MORNING).lever is Lever.SKIP


def test_the_morning_sound_waits_for_a_snooze() -> None:
    hushed = told_card(sounded=None, sounded_at=None, hushed=True)
    until = MORNING + minutes(30)
    both = replace(QUIET, snoozed_until=until)
    assert ask(BASE, BASE, both, of=hushed).again == until
    waits = ask(BASE, BASE, both, of=hushed, now=MORNING)
    assert (waits.lever, waits.again) == (Lever.SKIP, until)
    assert ask(BASE, BASE, both, of=hushed, now=until).reason is Reason.STILL_IN_FORCE


# --- properties -------------------------------------------------------------------------------

ZONES = ("Europe/Moscow", "Europe/Kyiv", "Asia/Kamchatka", "America/New_York", "Asia/Kathmandu")
CLOCK = st.times().map(lambda t: t.replace(second=0, microsecond=0))
HOURS = st.builds(QuietHours, start=CLOCK, end=CLOCK, zone=st.sampled_from(ZONES))
MOMENTS = st.integers(1_577_836_800, 2_051_222_400).map(lambda s: datetime.fromtimestamp(s, UTC))
"""From 2020 to 2034."""
SOMETIMES = st.builds(
    Wishes,
    quiet=st.none() | HOURS,
    snoozed_until=st.none() | MOMENTS,
    loudness=st.just(Loudness.ALL),
)


@given(wishes=SOMETIMES, now=MOMENTS)
def test_they_always_end(wishes: Wishes, now: datetime) -> None:
    until = heard_from(wishes, now)
    assert until >= now
    assert quiet_until(wishes.quiet, until) is None
    assert wishes.snoozed_until is None or wishes.snoozed_until <= until
    if wishes.snoozed_until is None:
        assert until - now <= timedelta(hours=25)


@given(hours=HOURS, now=MOMENTS)
def test_quiet_hours_end_at_their_hour_by_the_wall(hours: QuietHours, now: datetime) -> None:
    until = quiet_until(hours, now)
    if until is not None:
        zone = ZoneInfo(hours.zone)
        wall = datetime.combine(until.astimezone(zone).date(), hours.end, zone)
        assert until == wall.astimezone(UTC)  # also where the clock jumps over the hour
        assert now < until


@given(wishes=SOMETIMES, now=MOMENTS, level=st.sampled_from(Level), whole=st.booleans())
def test_they_never_swallow_what_pierces(
    wishes: Wishes, now: datetime, level: Level, whole: bool
) -> None:
    place = REGION if whole else BOROVSKY
    said = alarm(place, level, now, sources=(source(now),))
    for hazard in Hazard:
        seen = Situation(region=REGION, version=1, at=now, dangers=(danger(said, hazard=hazard),))
        found = ask(None, seen, wishes, (place,), of=card(opened_at=now), now=now)
        if level is Level.IMMINENT or hazard is Hazard.MISSILE:
            assert found.lever is Lever.SOUND
        elif found.lever is not Lever.SOUND:
            assert found.lever is Lever.SILENT and found.again == heard_from(wishes, now)


@given(wishes=SOMETIMES, now=MOMENTS, told=st.booleans())
def test_an_all_clear_is_never_lost(wishes: Wishes, now: datetime, told: bool) -> None:
    began = now - minutes(40)
    before = Situation(region=REGION, version=1, at=began, dangers=(danger(alarm(at=began)),))
    over = Situation(
        region=REGION, version=2, at=now, clears=(clear(BOROVSKY, at=now, since=began),)
    )
    mine = told_card(opened_at=began, sounded_at=began) if told else card(opened_at=began)
    found = ask(before if told else None, over, wishes, of=mine, now=now)
    assert found.lever in (Lever.SOUND, Lever.SILENT) and found.ends
    assert found.again is None


# --- the clock --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        # Kyiv puts its clock on at 03:00 of 2026-03-29 and back at 04:00 of 2026-10-25.
        ((time(23), time(7)), "2026-03-28T22:00", "2026-03-29T04:00"),
        ((time(23), time(7)), "2026-10-24T21:00", "2026-10-25T05:00"),
        ((time(1), time(3, 30)), "2026-03-29T00:10", "2026-03-29T01:30"),
        ((time(13), time(14)), "2026-07-01T10:00", "2026-07-01T11:00"),
        ((time(13), time(14)), "2026-07-01T11:00", None),
        ((time(9), time(9)), "2026-07-01T06:30", None),
    ],
)
def test_nights_when_the_clock_is_changed(
    hours: tuple[time, time], now: str, until: str | None
) -> None:
    quiet = QuietHours(start=hours[0], end=hours[1], zone="Europe/Kyiv")
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    ends = None if until is None else datetime.fromisoformat(until).replace(tzinfo=UTC)
    assert quiet_until(quiet, at) == ends


def test_a_zone_that_this_machine_does_not_know_keeps_nobody_quiet() -> None:
    for name in ("Mars/Olympus", "", "../etc", "Europe"):
        assert zone_named(name) is None
        assert quiet_until(QuietHours(start=time(0), end=time(23), zone=name), LATER) is None


def test_morning_and_zone() -> None:
    assert morning(Wishes(), "Europe/Moscow", LATER) == MORNING
    late = replace(QUIET, quiet=replace(NIGHT, end=time(9)))
    assert morning(late, "Europe/Moscow", LATER) == MORNING + timedelta(hours=2)
    assert zone_of(Wishes(), (BOROVSKY,), AREAS) == "Europe/Moscow"
    assert (
        zone_of(replace(QUIET, quiet=replace(NIGHT, zone="Asia/Omsk")), (), AREAS) == "Asia/Omsk"
    )
