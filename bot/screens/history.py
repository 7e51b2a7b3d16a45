"""What was: /history, the last days of a chat's places, and /stats, how much of it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.message import Message
from bot.render.phrases import Voice
from bot.render.rich import Line, bold, plain
from bot.screens.codes import Verb, button
from bot.screens.speech import Speech, page_of, pages, screen, turning
from storage.incidents import Incident

DAYS: Final = 7
PAGE: Final = 6
SPANS: Final = (timedelta(days=7), timedelta(days=30))
_PLACES: Final = 4


def history(
    speech: Speech, incidents: Sequence[Incident], page: int, now: datetime, *, buttons: bool
) -> Message:
    """One page, newest first."""
    lines: list[Line] = [bold(speech.say("The last 7 days of your places")), ()]
    if not incidents:
        lines.append(plain(speech.say("No danger was declared there.")))
    shown, page = page_of(incidents, page, PAGE)
    for incident in shown:
        lines += [*_incident(speech, incident, now), ()]
    if incidents:
        lines.append(plain(_whole_region(speech)))
    rows = [
        turning(Verb.HISTORY, "", page, pages(len(incidents), PAGE)),
        [button(speech.say("What is active now"), Verb.STATUS)],
    ]
    return screen(lines, rows if buttons else ())


def _incident(speech: Speech, incident: Incident, now: datetime) -> list[Line]:
    voice = speech.voice(incident.region, now)
    hazard, since = voice.hazard(incident.hazard), voice.clock(incident.opened_at)
    return [
        bold(f"{since} · {hazard} · {voice.name(incident.region)}"),
        plain(f"{_ending(speech, voice, incident)} · {voice.names(incident.areas, _PLACES)}"),
    ]


def _ending(speech: Speech, voice: Voice, incident: Incident) -> str:
    if incident.retracted_at is not None:
        return speech.say("taken back: it was a mistake")
    if incident.closed_at is None:
        lasts = voice.lasting(voice.now - incident.opened_at)
        return speech.say("goes on, for {lasts}", lasts=lasts)
    if incident.ending != "clear":
        return speech.say("no all-clear was published")
    time = voice.clock(incident.closed_at)
    lasts = voice.lasting(incident.closed_at - incident.opened_at)
    return speech.say("all-clear at {time}, after {lasts}", time=time, lasts=lasts)


def _whole_region(speech: Speech) -> str:
    return speech.say("The times are those of the whole region; yours may be shorter.")


# --- how much -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """``alerts`` began within the time; ``lasted``: with dangers at once counted once.
    ``unended``: those without an all-clear, whose end nobody knows: in neither time."""

    alerts: int
    lasted: timedelta
    longest: timedelta
    unended: int


def tally(incidents: Iterable[Incident], since: datetime, now: datetime) -> Tally:
    real = [each for each in incidents if each.retracted_at is None]
    begun = sorted(real, key=lambda each: each.opened_at)
    ended = [each for each in begun if each.ending != "stale"]
    lasted, longest, reached = timedelta(), timedelta(), since
    for each in ended:
        end = each.closed_at or now
        lasted += max(end - max(each.opened_at, reached), timedelta())
        reached = max(reached, end)
        if end > since:
            longest = max(longest, end - each.opened_at)
    return Tally(
        alerts=sum(each.opened_at >= since for each in begun),
        lasted=lasted,
        longest=longest,
        unended=sum(each.ending == "stale" and (each.closed_at or now) > since for each in begun),
    )


def stats(speech: Speech, incidents: Sequence[Incident], now: datetime) -> Message:
    """``incidents``: those that were in force within the longest of the spans."""
    lines: list[Line] = []
    for span in SPANS:
        found = tally(incidents, now - span, now)
        voice = speech.voice(incidents[0].region, now) if incidents else None
        lines.append(bold(speech.say("The last {n} days in your places", n=span.days)))
        lines.append(plain(speech.say("Alerts: {n}", n=found.alerts)))
        if voice is not None:
            lasted, longest = voice.lasting(found.lasted), voice.lasting(found.longest)
            lines.append(plain(speech.say("Under alert: {lasted}", lasted=lasted)))
            lines.append(plain(speech.say("The longest: {longest}", longest=longest)))
        if found.unended:
            text = speech.say("Without an all-clear, not in the hours: {n}", n=found.unended)
            lines.append(plain(text))
        lines.append(())
    lines.append(plain(_whole_region(speech)))
    return screen(lines)
