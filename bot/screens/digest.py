"""The summary of a night, in the posts' own figures: never one of ours, never summed. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from bot.events import wanted
from bot.message import Message
from bot.render.phrases import Voice, stated
from bot.render.rich import Line, Span, bold, clean, compose, link, plain, shorten, utf16
from bot.screens.speech import Speech, screen
from storage.incidents import Incident
from storage.model import AreaCode, Channel, Claim, Event, Kind, Wishes

_FIGURES: Final = frozenset((Kind.INTERCEPTION, Kind.DAMAGE, Kind.CASUALTIES, Kind.RECAP))
_OF_A_SOURCE: Final = 3
_SOURCES: Final = 8
_DANGERS: Final = 6
_PLACES: Final = 3
_TITLE: Final = 60
_ROOM: Final = 3_300


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one post said in the night."""

    channel: Channel
    message: int
    at: datetime
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """``statements`` of all posts with figures, oldest first; ``incidents`` by region."""

    since: datetime
    statements: Sequence[Statement]
    incidents: dict[AreaCode, Sequence[Incident]]


def digest(
    speech: Speech, night: Night, follows: Sequence[AreaCode], wishes: Wishes, now: datetime
) -> Message | None:
    """None: there is nothing to say."""
    lines: list[Line] = []
    left, many = 0, False
    regions = list(dict.fromkeys(AreaCode(code.partition("/")[0]) for code in follows))
    for region in regions:
        own = [code for code in follows if speech.areas.contains(region, code)]
        voice = speech.voice(region, now)
        figures, sources = _figures(voice, night.statements, own, wishes)
        block = [*_dangers(voice, night, own), *figures]
        if block and utf16(compose([*lines, *block])[0]) >= _ROOM:
            left += 1
        elif block:
            lines += [(), bold(voice.name(region)), *block]
            many |= len(sources) > 1
    if not lines:
        return None
    if left:
        lines += [(), plain(speech.say("… and {n} more", n=left))]
    if many:
        text = speech.say("The sources' figures overlap: they are not to be added up.")
        lines += [(), plain(text)]
    first = speech.voice(regions[0], now)
    head = speech.say("Summary of the night, since {time}", time=first.clock(night.since))
    note = speech.say("This is a summary, no alert and no all-clear. What is in force: /status")
    return screen([bold(head), *lines, (), plain(note)])


def _dangers(voice: Voice, night: Night, own: Sequence[AreaCode]) -> list[Line]:
    found = [
        incident
        for incident in night.incidents.get(voice.region, ())
        if _concerns(voice, incident.areas, own)
    ]
    return [plain(_danger(voice, each)) for each in reversed(found[:_DANGERS])]


def _danger(voice: Voice, incident: Incident) -> str:
    hazard, since = voice.hazard(incident.hazard), voice.clock(incident.opened_at)
    if incident.closed_at is None:
        return voice.say("danger ({hazard}): since {since}, goes on", hazard=hazard, since=since)
    if incident.ending != "clear":
        return voice.say(
            "danger ({hazard}): since {since}, no all-clear was published",
            hazard=hazard,
            since=since,
        )
    until = voice.clock(incident.closed_at)
    return voice.say(
        "danger ({hazard}): from {since} to {until}", hazard=hazard, since=since, until=until
    )


def _figures(
    voice: Voice, statements: Iterable[Statement], own: Sequence[AreaCode], wishes: Wishes
) -> tuple[list[Line], set[int]]:
    """The totals that the sources gave, side by side, then what they said as the night went; and
    which sources these are."""
    said = [
        (statement, claim)
        for statement in statements
        for claim in _of_places(voice, statement.claims, own)
        if wanted(claim.kind, wishes)
    ]
    totals = [each for each in said if each[1].retrospective]
    moments = [each for each in said if not each[1].retrospective]
    lines: list[Line] = []
    if totals:
        lines += [plain(voice.say("Totals, as each source gave them:"))]
        lines += _by_source(voice, totals, last_post_alone=True)
    if moments:
        lines += [plain(voice.say("In the course of the night:"))]
        lines += _by_source(voice, moments, last_post_alone=False)
    return lines, {statement.channel.id for statement, _ in said}


def _by_source(
    voice: Voice, said: Sequence[tuple[Statement, Claim]], *, last_post_alone: bool
) -> list[Line]:
    """A line for each source, with the last figures that it gave itself."""
    ordered = sorted(said, key=lambda each: (each[0].channel.id, each[0].at))
    lines: list[Line] = []
    for _, group in groupby(ordered, key=lambda each: each[0].channel.id):
        found = list(group)
        if last_post_alone:  # a later total takes the place of an earlier one
            found = [each for each in found if each[0].message == found[-1][0].message]
        last = found[-_OF_A_SOURCE:]
        texts = [f"{voice.clock(each.at)} {_figure(voice, each, claim)}" for each, claim in last]
        newest = last[-1][0]
        title = shorten(clean(newest.channel.title), _TITLE) or str(newest.channel.id)
        where = link(title, newest.channel.link(newest.message))
        lines.append((Span(text="• "), where, Span(text=f": {'; '.join(texts)}")))
    if len(lines) > _SOURCES:
        more = voice.say("… and {n} more", n=len(lines) - _SOURCES)
        return [*lines[:_SOURCES], plain(more)]
    return lines


def _of_places(
    voice: Voice, claims: Iterable[Claim], own: Sequence[AreaCode]
) -> tuple[Claim, ...]:
    """The figures of a post that are about these places; those about others too only where it has
    none of the region alone."""
    found = [
        claim
        for claim in claims
        if claim.kind in _FIGURES
        and (claim.count is not None or claim.casualties is not None)
        and _concerns(voice, claim.areas, own)
    ]
    alone = [claim for claim in found if _lies_inside(voice, claim)]
    return tuple(alone or found)


def _concerns(voice: Voice, named: Iterable[AreaCode], own: Sequence[AreaCode]) -> bool:
    areas = voice.areas
    return any(
        areas.contains(place, code) or areas.contains(code, place)
        for place in named
        for code in own
    )


def _lies_inside(voice: Voice, claim: Claim) -> bool:
    return all(voice.areas.contains(voice.region, place) for place in claim.areas)


def _figure(voice: Voice, statement: Statement, claim: Claim) -> str:
    inside = _lies_inside(voice, claim)
    event = Event(
        key="",
        kind=claim.kind,
        hazard=claim.hazard,
        areas=claim.areas if inside else (),
        at=statement.at,
        count=claim.count,
        casualties=claim.casualties,
        preliminary=claim.preliminary,
        unnamed=claim.unnamed,
        sources=(),
    )
    text = stated(voice, event, _PLACES)
    if inside:
        return text
    names = ", ".join(voice.name(code) for code in claim.areas[:_PLACES])
    more = len(claim.areas) - _PLACES
    if more > 0:
        names = voice.say("{names} and {n} more", names=names, n=more)
    return f"{text} ({names})"
