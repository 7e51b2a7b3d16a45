"""Quiet hours, time zones and the snooze: how they are chosen, by buttons or typed. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, assert_never
from zoneinfo import available_timezones

from babel.dates import get_timezone_location

from bot.message import Button, Message
from bot.quiet import morning, quiet_until, snoozed_until, zone_named
from bot.render.rich import Line, bold, clean, plain, shorten
from bot.screens.codes import Verb, button
from bot.screens.speech import Speech, columns, label, screen
from storage.model import Lang, QuietHours, Wishes

USUAL: Final = (time(23), time(7))
HOUR: Final = timedelta(hours=1)
OFF: Final = "off"
_KYIV: Final = {Lang.RU: "Киев", Lang.UK: "Київ", Lang.EN: "Kyiv"}
"""CLDR still has it under its former name."""
_HOURS: Final = re.compile(
    r"(\d{1,2})(?:[:.](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d{2}))?(?:\s+(.*))?", re.DOTALL
)
_OFF: Final = frozenset(("off", "выкл", "вимк"))
_TYPED: Final = 64


# --- quiet hours --------------------------------------------------------------------------------


def quiet_hours(speech: Speech, wishes: Wishes, zone: str, now: datetime) -> Message:
    """``zone``: the one that is offered while there are no hours yet."""
    quiet = wishes.quiet
    lines: list[Line] = [bold(speech.say("Quiet hours")), (), plain(_rule(speech)), ()]
    if quiet is None:
        offered = QuietHours(start=USUAL[0], end=USUAL[1], zone=zone)
        text = speech.say("Turn on: {hours}", hours=said(speech, offered))
        rows = [
            [button(label(text), Verb.QUIET, packed(offered))],
            [button(speech.say("Another time zone"), Verb.ZONE)],
        ]
        lines.append(plain(speech.say("They are off.")))
    else:
        lines.append(plain(said(speech, quiet)))
        clock = f"{now.astimezone(zone_named(quiet.zone) or UTC):%H:%M}"
        lines.append(plain(speech.say("It is {time} there now.", time=clock)))
        rows = [
            _later_or_earlier(speech, quiet, begins=True),
            _later_or_earlier(speech, quiet, begins=False),
            [button(label(city(speech.words.lang, quiet.zone)), Verb.ZONE)],
            [button(speech.say("Turn off"), Verb.QUIET, OFF)],
        ]
    example = f"/settings 22:30-7:00 {city(speech.words.lang, zone)}"
    lines += [(), plain(speech.say("Or type: {example}", example=example))]
    return screen(lines, [*rows, [button(speech.say("« Settings"), Verb.SETTINGS)]])


def _rule(speech: Speech) -> str:
    return speech.say(
        "In these hours only the gravest sounds: an imminent threat, missiles, an evacuation, a"
        " flood. All else, the all-clear too, comes without a sound. If a danger outlasts them, it"
        " sounds once when they end."
    )


def said(speech: Speech, quiet: QuietHours) -> str:
    """«23:00–07:00, Москва»"""
    return f"{quiet.start:%H:%M}–{quiet.end:%H:%M}, {city(speech.words.lang, quiet.zone)}"


def _later_or_earlier(speech: Speech, quiet: QuietHours, *, begins: bool) -> list[Button]:
    """An hour to either side, never so that nothing is left."""

    def moved(by: timedelta) -> QuietHours:
        start, end = quiet.start, quiet.end
        while True:
            start, end = (_moved(start, by), end) if begins else (start, _moved(end, by))
            if start != end:
                return QuietHours(start=start, end=end, zone=quiet.zone)

    def said(hours: QuietHours) -> str:
        if begins:
            return speech.say("from {time}", time=f"{hours.start:%H:%M}")
        return speech.say("till {time}", time=f"{hours.end:%H:%M}")

    earlier, later = moved(-HOUR), moved(HOUR)
    return [
        button(said(earlier), Verb.QUIET, packed(earlier)),
        button(f"✓ {said(quiet)}", Verb.QUIET, packed(quiet)),
        button(said(later), Verb.QUIET, packed(later)),
    ]


def _moved(at: time, by: timedelta) -> time:
    return (datetime.combine(datetime(2000, 1, 2, tzinfo=UTC), at) + by).time()


def packed(quiet: QuietHours) -> str:
    """For a button; the zone goes with it, so that an old one means what it said."""
    return f"{quiet.start:%H%M}-{quiet.end:%H%M} {quiet.zone}"


def unpacked(argument: str) -> QuietHours | None:
    found = re.fullmatch(r"(\d\d)(\d\d)-(\d\d)(\d\d) (\S+)", argument)
    if found is None:
        return None
    start, end = _time(found[1], found[2]), _time(found[3], found[4])
    if start is None or end is None or start == end or zone_named(found[5]) is None:
        return None
    return QuietHours(start=start, end=end, zone=found[5])


class Mistake(StrEnum):
    """Why typed hours cannot be taken."""

    HOURS = "hours"
    ZONE = "zone"


def typed(
    text: str, wishes: Wishes, zone: str, known: Iterable[str]
) -> QuietHours | Mistake | None:
    """«22:30-7:00 Самара»; None: none any more. ``zone``: the chat's, if none is typed;
    ``known``: zones that may be named by their cities in any language."""
    text = text.strip()
    if text.casefold() in _OFF:
        return None
    found = _HOURS.fullmatch(text)
    if found is None:
        other = _zone(text, known)
        if wishes.quiet is None or other is None:
            letters = any(each.isalpha() for each in text) and not text[0].isdigit()
            return Mistake.ZONE if letters and other is None else Mistake.HOURS
        return QuietHours(start=wishes.quiet.start, end=wishes.quiet.end, zone=other)
    start, end = _time(found[1], found[2] or "0"), _time(found[3], found[4] or "0")
    if start is None or end is None or start == end:
        return Mistake.HOURS
    place = _zone(found[5], known) if found[5] else zone
    return Mistake.ZONE if place is None else QuietHours(start=start, end=end, zone=place)


def _time(hour: str, minute: str) -> time | None:
    """24:00 is midnight."""
    if int(hour) > 24 or int(minute) > 59:
        return None
    return time(int(hour) % 24, int(minute))


def _zone(typed: str, known: Iterable[str]) -> str | None:
    wanted = typed.strip().casefold()
    cities = {city(lang, name).casefold(): name for name in known for lang in Lang}
    return cities.get(wanted) or _all_zones().get(wanted)


@lru_cache(maxsize=1)
def _all_zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def mistaken(speech: Speech, typed: str, mistake: Mistake) -> Message:
    """One line, and the next step."""
    hours = _HOURS.fullmatch(typed.strip())
    if mistake is Mistake.ZONE and hours is not None and hours[5]:
        typed = hours[5]
    what = shorten(clean(typed), _TYPED)
    match mistake:
        case Mistake.HOURS:
            text = speech.say(
                "I do not understand “{typed}”. Write hours like this: /settings 23:00-7:00",
                typed=what,
            )
        case Mistake.ZONE:
            text = speech.say("I know no time zone “{typed}”. Choose one here:", typed=what)
        case _:
            assert_never(mistake)
    button_ = (
        button(speech.say("Time zones"), Verb.ZONE)
        if mistake is Mistake.ZONE
        else button(speech.say("Quiet hours"), Verb.QUIET)
    )
    return screen([plain(text)], [[button_]])


# --- time zones ---------------------------------------------------------------------------------


def zones(speech: Speech, wishes: Wishes, now: datetime) -> Message:
    """Those of all regions, by the hour that it is there."""
    quiet = wishes.quiet
    hours = QuietHours(start=USUAL[0], end=USUAL[1], zone="") if quiet is None else quiet
    span = f"{hours.start:%H:%M}–{hours.end:%H:%M}"
    buttons = []
    for name in in_order(known_zones(speech), now):
        tick = "✓ " if quiet is not None and quiet.zone == name else ""
        clock = f"{now.astimezone(zone_named(name) or UTC):%H:%M}"
        text = f"{tick}{city(speech.words.lang, name)} {clock}"
        chosen = QuietHours(start=hours.start, end=hours.end, zone=name)
        buttons.append(button(label(text), Verb.QUIET, packed(chosen)))
    lines = [
        bold(speech.say("Quiet hours")),
        plain(speech.say("{hours}: by the clock of which city?", hours=span)),
    ]
    if quiet is not None:
        now_by = city(speech.words.lang, quiet.zone)
        lines.append(plain(speech.say("Chosen: {names}", names=now_by)))
    return screen(
        lines,
        [*columns(buttons, 2), [button(speech.say("« Back"), Verb.QUIET)]],
    )


def known_zones(speech: Speech) -> Sequence[str]:
    """Of the regions that we know."""
    return sorted({area.timezone for area in speech.areas if area.timezone})


def in_order(names: Sequence[str], now: datetime) -> list[str]:
    def key(name: str) -> tuple[timedelta, str]:
        return now.astimezone(zone_named(name) or UTC).utcoffset() or timedelta(), name

    return sorted(names, key=key)


@lru_cache(maxsize=512)
def city(lang: Lang, zone: str) -> str:
    """By which people know a zone; its own name for one that is of no city."""
    if zone in ("Europe/Kyiv", "Europe/Kiev"):
        return _KYIV[lang]
    if zone_named(zone) is None:
        return zone
    return str(get_timezone_location(zone, locale=lang.value, return_city=True))


# --- snooze -------------------------------------------------------------------------------------


def snooze(
    speech: Speech, wishes: Wishes, zone: str, now: datetime, *, first: str | None = None
) -> Message:
    """``first``: a line above the rest."""
    rule = speech.say(
        "For a while only a new danger, a rise or another of your places sounds, and always"
        " missiles, an imminent threat, an evacuation and a flood. All else comes without a sound."
        " It ends by itself."
    )
    lines: list[Line] = [plain(first), ()] if first else []
    lines += [bold(speech.say("Fewer sounds for a while")), (), plain(rule)]
    if (state := snoozing(speech, wishes, zone, now)) is not None:
        lines += [(), plain(state)]
    dawn = f"{morning(wishes, zone, now).astimezone(zone_named(zone) or UTC):%H:%M}"
    rows = [
        [
            button(speech.say("{n} min", n=30), Verb.SNOOZE, "30"),
            button(speech.say("{n} h", n=2), Verb.SNOOZE, "120"),
        ],
        [button(speech.say("Till morning, {time}", time=dawn), Verb.SNOOZE, "morning")],
    ]
    if state is not None:
        rows.append([button(speech.say("End it now"), Verb.SNOOZE, OFF)])
    return screen(lines, [*rows, [button(speech.say("« Settings"), Verb.SETTINGS)]])


def no_such_time(speech: Speech, typed: str) -> str:
    what = shorten(clean(typed), _TYPED)
    return speech.say("I do not understand “{typed}”. Choose, or write minutes.", typed=what)


def snoozing(speech: Speech, wishes: Wishes, zone: str, now: datetime) -> str | None:
    """«🔕 Тише до 13:00», while it is so."""
    until = snoozed_until(wishes, now)
    if until is None:
        return None
    return speech.say("🔕 Fewer sounds until {time}", time=_clock(until, zone, now))


def quieter(speech: Speech, wishes: Wishes, zone: str, now: datetime) -> list[str]:
    """Why sounds are missing at this hour, and how long they will be; the hours that are to
    come."""
    found = []
    if (state := snoozing(speech, wishes, zone, now)) is not None:
        found.append(state)
    if (until := quiet_until(wishes.quiet, now)) is not None:
        time = _clock(until, zone, now)
        found.append(speech.say("🌙 Quiet hours until {time}", time=time))
    elif wishes.quiet is not None:
        found.append(speech.say("Quiet hours: {hours}", hours=said(speech, wishes.quiet)))
    return found


def _clock(at: datetime, zone: str, now: datetime) -> str:
    place = zone_named(zone) or UTC
    local, today = at.astimezone(place), now.astimezone(place)
    return f"{local:%H:%M}" if local.date() == today.date() else f"{local:%d.%m %H:%M}"


def until_of(argument: str, wishes: Wishes, zone: str, now: datetime) -> datetime | Mistake | None:
    """When a snooze that was asked for ends; None: it ends now."""
    match argument.strip().casefold():
        case "off" | "выкл" | "вимк":
            return None
        case "morning":
            return morning(wishes, zone, now)
        case minutes if minutes.isascii() and minutes.isdecimal() and len(minutes) <= 3:
            return now + timedelta(minutes=min(max(int(minutes), 1), _MOST_MINUTES))
        case _:
            return Mistake.HOURS


_MOST_MINUTES: Final = 720
