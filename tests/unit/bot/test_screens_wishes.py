"""What is chosen in /settings, /snooze and /places: the screens, and what may be typed."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.quiet import zone_named
from bot.screens import hours, wishes
from bot.screens.codes import Verb, pack, parse
from bot.screens.following import places
from bot.screens.hours import Mistake
from bot.screens.speech import Speech
from bot.texts import load as load_texts
from storage.areas.tree import load as load_areas
from storage.model import AreaCode, ChatKind, Lang, Loudness, QuietHours, Wishes
from tests.unit.bot.test_screens import fits

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AREAS = load_areas()
KALUGA, BOROVSKY = AreaCode("RU-KLU"), AreaCode("RU-KLU/borovsky")
SAMARA = AreaCode("RU-SAM")
NIGHT = QuietHours(start=time(23), end=time(7), zone="Europe/Moscow")
EVERY = [
    Wishes(),
    Wishes(quiet=NIGHT, snoozed_until=NOW + timedelta(hours=30)),
    Wishes(quiet=replace(NIGHT, start=time(6), zone="America/Argentina/ComodRivadavia")),
]


def speech(lang: Lang = Lang.RU) -> Speech:
    return Speech(words=load_texts()[lang], areas=AREAS)


def labels(message: object) -> list[str]:
    return [each.text for row in message.keyboard for each in row]  # type: ignore[attr-defined]


@pytest.mark.parametrize("lang", list(Lang))
@pytest.mark.parametrize("wish", EVERY)
def test_every_screen_fits(lang: Lang, wish: Wishes) -> None:
    for kind in ChatKind:
        fits(wishes.settings(speech(lang), wish, kind, "Europe/Samara", NOW))
    fits(hours.quiet_hours(speech(lang), wish, "Asia/Novokuznetsk", NOW))
    fits(hours.zones(speech(lang), wish, NOW))
    fits(hours.snooze(speech(lang), wish, "Asia/Kamchatka", NOW))
    for mistake in Mistake:
        fits(hours.mistaken(speech(lang), "\u202e" + "ы" * 4000, mistake))


def test_switches_are_ticked_and_say_what_they_are_to_become() -> None:
    shown = wishes.settings(speech(), Wishes(), ChatKind.PRIVATE, "Europe/Moscow", NOW)
    assert "Тихие часы: выключены" in shown.text
    texts = labels(shown)
    assert "✓ Последствия" in texts and "Учения" in texts and "Утренняя сводка" in texts
    assert "Звук на каждый район" not in texts
    assert pack(Verb.SWITCH, "drills.on") in str(shown.keyboard)
    group = wishes.settings(speech(), Wishes(), ChatKind.SUPERGROUP, "Europe/Moscow", NOW)
    assert "Звук на каждый район" in labels(group)


@pytest.mark.parametrize("argument", ["", "drills", "drills.yes", "loudness.on", "lang.de", "."])
def test_a_switch_that_there_is_not(argument: str) -> None:
    assert wishes.chosen(argument) is None


def test_every_switch_is_a_wish() -> None:
    for choice in wishes.Choice:
        for on in (False, True):
            assert getattr(wishes.switched(Wishes(), choice, on=on), choice) is on


# --- quiet hours --------------------------------------------------------------------------------


def test_the_zone_is_guessed_and_confirmed_by_the_tap() -> None:
    shown = hours.quiet_hours(speech(), Wishes(), "Europe/Samara", NOW)
    assert "Включить: 23:00–07:00, Самара" in labels(shown)
    on = hours.quiet_hours(speech(), Wishes(quiet=NIGHT), "Europe/Moscow", NOW)
    assert "23:00–07:00, Москва" in on.text and "Там сейчас 15:00." in on.text


def test_cities_are_named_in_each_language() -> None:
    assert hours.city(Lang.RU, "Europe/Kyiv") == "Киев"
    assert hours.city(Lang.UK, "Europe/Kyiv") == "Київ"
    assert hours.city(Lang.EN, "Asia/Yekaterinburg") == "Yekaterinburg"


def test_zones_stand_from_west_to_east() -> None:
    texts = [text for text in labels(hours.zones(speech(), Wishes(), NOW)) if ":" in text]
    assert texts[0].startswith(("Калининград", "Киев")) and texts[0].endswith("14:00")
    assert texts[-1].endswith("00:00")


@given(start=st.times(), end=st.times())
def test_buttons_keep_the_hours_apart(start: time, end: time) -> None:
    start, end = (each.replace(second=0, microsecond=0) for each in (start, end))
    if start == end:
        return
    quiet = QuietHours(start=start, end=end, zone="Europe/Moscow")
    shown = hours.quiet_hours(speech(), Wishes(quiet=quiet), "Europe/Moscow", NOW)
    presses = [parse(each.data or "") for row in shown.keyboard for each in row]
    found = [
        hours.unpacked(press.argument)
        for press in presses
        if press is not None and press.verb is Verb.QUIET and press.argument != hours.OFF
    ]
    assert len(found) == 6 and all(found) and found.count(quiet) >= 2


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("23:00-7:00", NIGHT),
        ("23-7", NIGHT),
        (" 23.00 — 07.00 ", NIGHT),
        (
            "22:30-6:15 Самара",
            QuietHours(start=time(22, 30), end=time(6, 15), zone="Europe/Samara"),
        ),
        ("24-8 europe/kyiv", QuietHours(start=time(0), end=time(8), zone="Europe/Kyiv")),
        ("0-8 КИЇВ", QuietHours(start=time(0), end=time(8), zone="Europe/Kyiv")),
        ("Asia/Omsk", Mistake.HOURS),
        ("off", None),
        ("выкл", None),
        ("25-7", Mistake.HOURS),
        ("23:75-7", Mistake.HOURS),
        ("7-7", Mistake.HOURS),
        ("в полночь", Mistake.ZONE),
        ("23-7 Нарния", Mistake.ZONE),
        ("23-7 " + "ы" * 5000, Mistake.ZONE),
        ("-", Mistake.HOURS),
        ("²³-7", Mistake.HOURS),
    ],
)
def test_what_is_typed(typed: str, expected: QuietHours | Mistake | None) -> None:
    known = hours.known_zones(speech())
    assert hours.typed(typed, Wishes(), "Europe/Moscow", known) == expected


def test_a_zone_alone_changes_that_of_the_hours_that_are() -> None:
    found = hours.typed("омск", Wishes(quiet=NIGHT), NIGHT.zone, hours.known_zones(speech()))
    assert found == replace(NIGHT, zone="Asia/Omsk")


@given(argument=st.text())
def test_an_old_or_forged_button_is_never_taken_for_hours(argument: str) -> None:
    found = hours.unpacked(argument)
    assert found is None or zone_named(found.zone) is not None


@pytest.mark.parametrize(
    "argument", ["2300-2300 Europe/Moscow", "2500-0700 Europe/Moscow", "2300-0700 Nowhere"]
)
def test_hours_that_there_are_not(argument: str) -> None:
    assert hours.unpacked(argument) is None


# --- snooze and loudness ------------------------------------------------------------------------


def test_a_snooze_says_its_end() -> None:
    calm = hours.snooze(speech(), Wishes(), "Europe/Moscow", NOW)
    assert labels(calm)[:3] == ["30 мин", "2 ч", "До утра, 07:00"]
    assert "Вернуть звук" not in labels(calm)
    wish = Wishes(snoozed_until=NOW + timedelta(hours=2))
    assert "🔕 Тише до 17:00" in hours.snooze(speech(), wish, "Europe/Moscow", NOW).text
    later = NOW + timedelta(hours=2)
    assert hours.snoozing(speech(), wish, "Europe/Moscow", later) is None


@pytest.mark.parametrize("argument", ["", "-1", "1e3", "9999", "завтра", "²"])
def test_a_snooze_that_there_is_not(argument: str) -> None:
    assert hours.until_of(argument, Wishes(), "Europe/Moscow", NOW) is Mistake.HOURS


@given(minutes=st.integers(0, 999))
def test_a_snooze_that_was_asked_for_always_ends(minutes: int) -> None:
    until = hours.until_of(str(minutes), Wishes(), "Europe/Moscow", NOW)
    assert isinstance(until, datetime) and NOW < until <= NOW + timedelta(hours=12)


def test_places_say_how_loud_they_are_and_a_tap_takes_the_next() -> None:
    wish = Wishes(louder=((KALUGA, Loudness.IMPORTANT),))
    shown = places(speech(), (KALUGA, BOROVSKY, SAMARA), wishes=wish)
    assert "• Калужская область — важное" in shown.text
    assert "• Самарская область — всё" in shown.text
    assert "🔉 Калужская область: важное" in labels(shown)
    found = [
        wishes.louder(press.argument)
        for row in shown.keyboard
        for each in row
        if (press := parse(each.data or "")) and press.verb is Verb.LOUDNESS
    ]
    assert found == [(KALUGA, Loudness.SILENT), (SAMARA, Loudness.IMPORTANT)]
    assert wishes.louder("loud RU-KLU") is None and wishes.louder("all") is None
