"""/map: what the picture shows, and the same in words below it. Pure.

White is «nothing in force that we know of», never an all-clear; what no channel that we hear could
have declared is not white but dotted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, assert_never

from bot.message import Message
from bot.pictures.sketch import Patch, Shade, Sketch
from bot.render.phrases import LEVELS, Voice
from bot.render.rich import Line, Span, bold, plain, utf16
from bot.screens.codes import BELOW, Verb, button
from bot.screens.hearing import HERE
from bot.screens.speech import Speech, screen
from bot.texts import msg
from bot.view import Reach, Threat, View, view
from storage.model import AreaCode, ChatState, Lang, Level, Situation

MOST_UNITS: Final = 1_024
"""UTF-16 units of a caption."""
_PLACES: Final = 3
_THREATS: Final = 3
_SPOTS: Final = 12

_OF_LEVEL: Final = {
    Level.ADVISORY: Shade.ADVISORY,
    Level.DECLARED: Shade.DECLARED,
    Level.IMMINENT: Shade.IMMINENT,
}
_GRAVITY: Final = {shade: n for n, shade in enumerate(Shade)}
_SIGNS: Final = {
    Shade.UNKNOWN: "🔘",
    Shade.CALM: "⬜",
    Shade.REPORTED: "🔵",
    Shade.STALE: "🟣",
    Shade.ADVISORY: "🟡",
    Shade.DECLARED: "🟠",
    Shade.IMMINENT: "🔴",
}
_MEANINGS: Final = {
    Shade.IMMINENT: LEVELS[Level.IMMINENT],
    Shade.DECLARED: LEVELS[Level.DECLARED],
    Shade.ADVISORY: LEVELS[Level.ADVISORY],
    Shade.STALE: msg("old danger, no all-clear published"),
    Shade.REPORTED: msg("consequences reported"),
    Shade.CALM: msg("nothing announced that we know of"),
    Shade.UNKNOWN: msg("not known: not heard by us"),
}
"""In the order of the legend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is held of the regions and the chat. ``heard``: regions for which a channel that may
    declare danger is read; ``deaf``: whether no channel can be read at this moment."""

    situations: Mapping[AreaCode, Situation]
    heard: frozenset[AreaCode]
    deaf: bool
    state: ChatState = ChatState.ACTIVE


def chart(
    speech: Speech,
    known: Known,
    followed: Sequence[AreaCode],
    shown: frozenset[str],
    now: datetime,
    *,
    buttons: bool = True,
) -> tuple[Sketch, Message]:
    """The picture for a chat that follows these regions, of the regions ``shown``, and its
    caption."""
    areas = speech.areas
    regions = [area.code for area in areas.regions() if area.code in shown]
    seen = {
        code: view(known.situations[code], (code,), areas)
        for code in regions
        if code in known.situations
    }
    patches = tuple(
        _patch(speech, code, seen.get(code), known, followed=code in followed)
        for code in sorted(regions)
    )
    home = next(iter(followed), HERE)
    voice = speech.voice(home, now)
    changed = max((known.situations[code].at for code in seen), default=None)
    present = {shade for each in patches for shade in (each.whole, each.part) if shade}
    sketch = Sketch(
        patches=patches,
        title=speech.say("Danger announced by channels"),
        foot=_foot(voice, changed),
        legend=tuple(
            (shade, speech.say(meaning))
            for shade, meaning in _MEANINGS.items()
            if shade in present or shade is Shade.CALM
        ),
        stripes=(
            speech.say("in parts of the region only") if any(p.part for p in patches) else None
        ),
    )
    caption = _caption(speech, patches, seen, known, voice)
    status = button(speech.say("What is active now"), Verb.STATUS, BELOW)
    return sketch, replace(caption, keyboard=((status,),) if buttons else ())


def _foot(voice: Voice, changed: datetime | None) -> str:
    """The time is that of the news, not of the drawing: the picture holds until the next."""
    warning = voice.say(
        "No colour is no all-clear. Not an official service: sirens and 112 first."
    )
    if changed is None:
        return warning
    local = changed.astimezone(voice.zone)
    hours = (local.utcoffset() or local - local).total_seconds() / 3600
    when = f"{local:%d.%m.%Y %H:%M} UTC{hours:+g}"
    return f"{voice.say('Last change: {time}.', time=when)} {warning}"


# --- the picture ------------------------------------------------------------------------------


def _patch(
    speech: Speech, code: AreaCode, seen: View | None, known: Known, *, followed: bool
) -> Patch:
    whole = Shade.UNKNOWN if known.deaf or code not in known.heard else Shade.CALM
    if seen is not None and seen.reported_since is not None:
        whole = Shade.REPORTED
    part: Shade | None = None
    spots: list[tuple[float, float]] = []
    reaches = [reach for threat in seen.threats for reach in threat.reaches] if seen else []
    for reach in reaches:
        if reach.region_wide:
            whole = max(whole, _shade(reach), key=_GRAVITY.__getitem__)
    within = [each for each in reaches if _GRAVITY[_shade(each)] > _GRAVITY[whole]]
    if within:
        part = max((_shade(each) for each in within), key=_GRAVITY.__getitem__)
        places = dict.fromkeys(each.area for each in within if _shade(each) is part)
        spots = [spot for place in places if (spot := _spot(speech, place)) is not None]
    return Patch(
        region=code,
        name=_short(speech, code),
        whole=whole,
        part=part,
        spots=tuple(spots[:_SPOTS]),
        followed=followed,
    )


def _shade(reach: Reach) -> Shade:
    return Shade.STALE if reach.stale else _OF_LEVEL[reach.level]


def _spot(speech: Speech, place: AreaCode) -> tuple[float, float] | None:
    area = speech.areas.find(place)
    if area is None or area.longitude is None or area.latitude is None:
        return None
    return area.longitude, area.latitude


def _short(speech: Speech, code: AreaCode) -> str:
    area = speech.areas[code]
    match speech.words.lang:
        case Lang.RU:
            return area.short_ru
        case Lang.UK:
            return area.short_uk
        case Lang.EN:
            return area.name_en.removesuffix(" Oblast").removeprefix("Republic of ")
        case _:
            assert_never(speech.words.lang)


# --- the words --------------------------------------------------------------------------------


def _caption(
    speech: Speech,
    patches: Sequence[Patch],
    seen: Mapping[AreaCode, View],
    known: Known,
    voice: Voice,
) -> Message:
    """Followed regions first, then the gravest; what there is no room for is counted."""
    head: list[Line] = [bold(speech.say("On the map, at {time}:", time=voice.clock(voice.now)))]
    if known.state is ChatState.STOPPED:
        head.insert(0, plain(speech.say("⏸ Alerts are stopped. /start resumes them.")))
    if known.deaf or any(each.lost_since is not None for each in seen.values()):
        head.append(plain(speech.say("⚠️ Sources cannot be read: the map may be out of date.")))
    told = [each for each in patches if each.followed or each.gravest not in _QUIET]
    told.sort(key=lambda each: (not each.followed, -_GRAVITY[each.gravest], each.name))
    tail = _tail(speech, patches, told)
    room = MOST_UNITS - _units([*head, *tail]) - _units([plain(_more(speech, len(told)))])
    body: list[Line] = []
    for patch in told:
        line = _line(speech, patch, seen.get(patch.region), voice.now)
        room -= _units([line])
        if room < 0:
            body.append(plain(_more(speech, len(told) - len(body))))
            break
        body.append(line)
    return screen([*head, *body, *tail])


_QUIET: Final = (Shade.CALM, Shade.UNKNOWN)


def _units(lines: Sequence[Line]) -> int:
    return sum(1 + sum(utf16(span.text) for span in line) for line in lines)


def _more(speech: Speech, n: int) -> str:
    return speech.say("… and {n} more", n=n)


def _tail(speech: Speech, patches: Sequence[Patch], told: Sequence[Patch]) -> list[Line]:
    """What is true of the regions that have no line of their own."""
    rest = {each.gravest for each in patches if each not in told}
    lines: list[Line] = []
    if Shade.CALM in rest:
        text = speech.say("White: nothing announced that we know of. This is no all-clear.")
        lines.append(plain(f"{_SIGNS[Shade.CALM]} {text}"))
    if Shade.UNKNOWN in rest:
        text = speech.say("Grey with dots: not known, no channel there is heard by us.")
        lines.append(plain(f"{_SIGNS[Shade.UNKNOWN]} {text}"))
    if any(each.part for each in patches):
        lines.append(plain(f"▨ {speech.say('Stripes: in parts of the region only.')}"))
    return lines


def _line(speech: Speech, patch: Patch, seen: View | None, now: datetime) -> Line:
    name = speech.name(patch.region)
    shown = bold(name) if patch.followed else plain(name)
    sign = Span(text=f"{_SIGNS[patch.gravest]} ")
    return (sign, *shown, Span(text=f": {_said(speech, patch, seen, now)}"))


def _said(speech: Speech, patch: Patch, seen: View | None, now: datetime) -> str:
    if seen is not None and seen.threats:
        voice = speech.voice(patch.region, now)
        threats = [_threat(voice, each) for each in seen.threats[:_THREATS]]
        if len(seen.threats) > _THREATS:
            threats.append(_more(speech, len(seen.threats) - _THREATS))
        return "; ".join(threats)
    match patch.whole:
        case Shade.REPORTED:
            return speech.say("consequences reported, no danger declared")
        case Shade.UNKNOWN:
            return speech.say("not known: no channel there is heard by us")
        case _:
            return speech.say("nothing announced that we know of; this is no all-clear")


def _threat(voice: Voice, threat: Threat) -> str:
    places = voice.names([reach.area for reach in threat.live], _PLACES)
    if threat.stale:
        hazard = voice.hazard(threat.hazard)
        return f"{hazard} — {places}, {voice.say('no all-clear was published')}"
    text = f"{voice.hazard(threat.hazard)}, {voice.level(threat.level)} — {places}"
    return f"{text} ({voice.say('not confirmed')})" if threat.unconfirmed else text
