"""What is in force now in the places of one chat: /status. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bot.message import Message
from bot.render.phrases import Voice
from bot.render.rich import Line, Span, bold, clean, link, plain, shorten, utf16
from bot.screens.choosing import unread
from bot.screens.codes import Verb, button
from bot.screens.hearing import GOES_ON, HERE, Hearing
from bot.screens.sources import last_post, name_of, not_heard
from bot.screens.speech import Speech, screen
from bot.screens.turned_off import silences
from bot.view import Threat, View, newest, sources_of
from storage.model import AreaCode, Channel, ChatState, Level
from storage.silences import Silence

_SIGNS: Final = {Level.ADVISORY: "🟡", Level.DECLARED: "🟠", Level.IMMINENT: "🔴"}
_ROOM: Final = 3_300
_PLACES: Final = 6
_CHANNELS: Final = 6
_TITLE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """One region of which the chat follows something. ``seen``: None where nothing was ever
    known. ``channels``: those read that speak for the region. ``silences``: in force there."""

    region: AreaCode
    seen: View | None
    channels: Sequence[Channel]
    silences: Sequence[Silence] = ()


def status(
    speech: Speech,
    glances: Sequence[Glance],
    state: ChatState,
    now: datetime,
    *,
    buttons: bool = True,
    quieter: Sequence[str] = (),
    hearing: Hearing = GOES_ON,
) -> Message:
    """Regions in danger before those without, as many as there is room for. ``quieter``: the
    chat's snooze and quiet hours. Nothing in it may be taken for an all-clear."""
    lines: list[Line] = []
    here = speech.voice(glances[0].region if glances else HERE, now)
    for held in (hearing.said(here), hearing.held_back(here)):
        if held is not None:
            lines += [bold(held), ()]
    if quieter:
        lines += [*(plain(line) for line in quieter), ()]
    if state is ChatState.STOPPED:
        lines += [plain(speech.say("⏸ Alerts are stopped. /start resumes them.")), ()]
    if not glances:
        lines.append(plain(speech.say("No places are followed here yet.")))
    room = _ROOM
    ordered = sorted(glances, key=lambda each: (_is_calm(each), speech.name(each.region)))
    for number, glance in enumerate(ordered):
        block = _region(speech, glance, hearing, now)
        room -= sum(utf16(span.text) for line in block for span in line) + len(block)
        if room < 0:
            lines.append(plain(speech.say("… and {n} more", n=len(ordered) - number)))
            break
        lines += [*block, ()]
    rows = [
        [button(speech.say("Refresh"), Verb.STATUS), button(speech.say("Map"), Verb.MAP)],
        [button(speech.say("My places"), Verb.PLACES)],
    ]
    while not lines[-1]:
        lines.pop()
    return screen(lines, rows if buttons else ())


def _is_calm(glance: Glance) -> bool:
    return glance.seen is None or not glance.seen.threats


def _region(speech: Speech, glance: Glance, hearing: Hearing, now: datetime) -> list[Line]:
    voice = speech.voice(glance.region, now)
    local = Span(text=f" · {voice.clock(now)}")
    lines: list[Line] = [(*bold(speech.name(glance.region)), local)]
    lines += [plain(said) for said in silences(voice, glance.silences)]
    seen = glance.seen
    if seen is not None:
        for threat in seen.threats:
            lines += _threat(voice, threat)
        if seen.reported_since is not None and not seen.threats:
            since = voice.clock(seen.reported_since)
            lines.append(
                plain(
                    speech.say(
                        "🔵 Consequences reported at {time}; no danger declared", time=since
                    )
                )
            )
        if seen.held:
            lines.append(plain(speech.say("A message about an all-clear is being checked.")))
        if seen.lost_since is not None:
            since = voice.clock(seen.lost_since)
            lines.append(
                plain(
                    speech.say(
                        "⚠️ The source cannot be read since {time}: this may be out of date.",
                        time=since,
                    )
                )
            )
    if not any(channel.declares for channel in glance.channels):
        lines.append(plain(unread(speech)))
    elif not hearing.reaches(glance.channels, now):
        lines.append(plain(_unheard(speech, calm=_is_calm(glance))))
    elif _is_calm(glance):
        text = speech.say("No danger has been announced that I know of. This is no all-clear.")
        lines.append(plain(text))
    return [*lines, *_heard(voice, glance.channels)]


def _unheard(speech: Speech, *, calm: bool) -> str:
    if calm:
        return speech.say(
            "Whether there is danger is not known: no channel that could declare it is heard now."
        )
    return speech.say(
        "⚠️ No channel of this region is heard now: this may be out of date, and an all-clear"
        " would not be heard."
    )


def _threat(voice: Voice, threat: Threat) -> list[Line]:
    places = voice.names([reach.area for reach in threat.live], _PLACES)
    since, lasting = voice.clock(threat.since), voice.lasting(voice.now - threat.since)
    if threat.stale:
        quiet = voice.lasting(voice.now - threat.confirmed_at)
        unended = voice.say("no all-clear was published")
        head = f"⚪ {voice.hazard(threat.hazard)}: {unended} — {places}"
        when = voice.say("the last message was {lasting} ago", lasting=quiet)
    else:
        level = voice.level(threat.level)
        head = f"{_SIGNS[threat.level]} {voice.hazard(threat.hazard)}: {level} — {places}"
        when = (
            voice.say("since {time}, for {lasting}", time=since, lasting=lasting)
            if threat.onset_known
            else voice.say(
                "since {time} at the latest, for {lasting}", time=since, lasting=lasting
            )
        )
    if threat.unconfirmed:
        when = f"{when} · {voice.say('not confirmed')}"
    lines: list[Line] = [plain(head), plain(f"   {when}")]
    if (source := newest(sources_of(threat))) is not None:
        ago = voice.lasting(voice.now - source.at)
        title = shorten(clean(source.title), _TITLE)
        lines.append(
            (
                Span(text=f"   {voice.say('source:')} "),
                link(title, source.link),
                Span(text=f", {voice.say('{lasting} ago', lasting=ago)}"),
            )
        )
    return lines


def _heard(voice: Voice, channels: Sequence[Channel]) -> list[Line]:
    """When each channel last posted, and whether it counts; first those that do not, last those
    of which nothing was heard for longest."""
    never = datetime.min.replace(tzinfo=UTC)
    ordered = sorted(channels, key=lambda each: each.last_post_at or never, reverse=True)
    ordered.sort(key=lambda each: not_heard(voice, each) is None)
    lines: list[Line] = [plain(voice.say("Last heard from the channels:"))] if ordered else []
    for channel in ordered[:_CHANNELS]:
        wrong = not_heard(voice, channel)
        more = "" if wrong is None else f"; {wrong}"
        said = Span(text=f": {last_post(voice, channel)}{more}")
        lines.append((Span(text="• "), name_of(channel), said))
    if len(ordered) > _CHANNELS:
        lines.append(plain(voice.say("… and {n} more", n=len(ordered) - _CHANNELS)))
    return lines
