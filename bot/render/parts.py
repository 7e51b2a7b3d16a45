"""The blocks of a card: what is in force, what is over, the chronology, the sources. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from bot.events import LINES, wanted
from bot.pulls import hazards_of, is_silenced
from bot.render.headline import Phase
from bot.render.phrases import Voice, stated
from bot.render.rich import Line, Span, bold, clean, link, plain, shorten
from bot.texts import msg
from bot.view import Reach, Threat, View, newest, sources_of
from storage.model import (
    AreaCode,
    Clear,
    Event,
    Hazard,
    Kind,
    Level,
    Retraction,
    Source,
    Wishes,
    Wrong,
)
from storage.silences import Silence

QUOTE_LIMIT: Final = 200
TITLE_LIMIT: Final = 60
LATE: Final = timedelta(minutes=2)
_CHANNELS_NAMED: Final = 3


# --- danger in force ------------------------------------------------------------------------


def threat_lines(voice: Voice, threat: Threat, places: int) -> list[Line]:
    """A hazard with its level; where and since when; what is unsure about it."""
    head = f"{voice.hazard(threat.hazard)}: {voice.level(threat.level)}"
    lines = [bold(head[0].upper() + head[1:])]
    lines += [plain(line) for line in _where(voice, threat, places)]
    if threat.exempt and threat.region_wide and places:
        lines.append(plain(voice.say("except: {names}", names=voice.names(threat.exempt, places))))
    notes = []
    if not threat.onset_known:
        notes.append(voice.say("we do not know when it began"))
    if threat.unconfirmed:
        notes.append(voice.say("not confirmed"))
    if threat.bounds_unclear:
        notes.append(voice.say("its bounds are being clarified"))
    if notes:
        lines.append(plain("; ".join(notes)))
    if (late := _late(voice, threat)) is not None:
        lines.append(plain(late))
    if threat.stale:
        since = voice.lasting(voice.now - threat.confirmed_at)
        text = voice.say("no all-clear was published, the last message came {ago} ago", ago=since)
        lines.append(plain(text))
    return lines


def _where(voice: Voice, threat: Threat, places: int) -> list[str]:
    """One line for the places that share level, time and extent; all in one if short of room."""

    def alike(reach: Reach) -> tuple[bool, int, datetime, bool]:
        return reach.stale, -reach.level, reach.since, reach.region_wide

    lines: list[str] = []
    for (stale, level, since, wide), group in groupby(sorted(threat.reaches, key=alike), alike):
        if len(lines) >= max(places, 1):
            break
        areas = [reach.area for reach in group]
        text = voice.names(areas, places)
        if not threat.onset_known:
            text = voice.say("{where}: in force", where=text)
        else:
            lasts = voice.lasting(voice.now - since)
            text = voice.say(
                "{where}: since {time}, for {lasts}",
                where=text,
                time=voice.clock(since),
                lasts=lasts,
            )
        if -level != threat.level:
            text = f"{text} — {voice.level(Level(-level))}"
        if wide and voice.region not in areas:
            text = voice.say("{text} (declared for the whole region)", text=text)
        if stale and not threat.stale:
            text = voice.say("{text} (no all-clear was published)", text=text)
        lines.append(_capital(text))
    return lines


def _late(voice: Voice, threat: Threat) -> str | None:
    """«объявлено в 00:33, получено с опозданием 21 минуту»: of the first message of the danger."""
    source = next(iter(sources_of(threat)), None)
    if source is None or threat.stale or not threat.onset_known:
        return None
    delay = source.received_at - source.at
    if delay <= LATE:
        return None
    minutes = int(delay.total_seconds()) // 60
    time = voice.clock(source.at)
    if minutes < 120:
        return voice.words.count(
            "declared at {time}, received {n} minute late",
            "declared at {time}, received {n} minutes late",
            minutes,
            time=time,
        )
    return voice.words.count(
        "declared at {time}, received {n} hour late",
        "declared at {time}, received {n} hours late",
        minutes // 60,
        time=time,
    )


# --- what is over ---------------------------------------------------------------------------


def ended_lines(voice: Voice, clears: Iterable[Clear]) -> list[Line]:
    """Per hazard the last all-clear: from when to when, and for how long."""
    return [
        plain(
            voice.say(
                "{hazard}: was in force from {since} to {time}, {lasts}",
                hazard=_capital(voice.hazard(clear.hazard)),
                since=voice.clock(clear.since),
                time=voice.clock(clear.at),
                lasts=voice.lasting(clear.at - clear.since),
            )
        )
        for clear in last_clears(clears)
    ]


def taken_back_lines(voice: Voice, retractions: Iterable[Retraction], places: int) -> list[Line]:
    """What was never so, and whose fault that was: prepared words for each cause; what it was
    instead, where a person found out."""
    lines: list[Line] = []
    for each in retractions:
        words = voice.say(
            _WRONG[each.wrong],
            hazard=voice.hazard(each.hazard),
            names=voice.names(each.areas, max(places, 1)),
        )
        lines.append(plain(words))
        if each.truth in _REALLY:
            lines.append(plain(voice.say(_REALLY[each.truth])))
    return lines


_REALLY: Final[dict[Kind | None, str]] = {
    Kind.DRILL: msg("It was about a drill."),
    Kind.INTERCEPTION: msg("It told of what was shot down already."),
    Kind.DAMAGE: msg("It told of what had happened already."),
}
"""Never an all-clear: nobody gave one here."""


_WRONG: Final[dict[Wrong, str]] = {
    Wrong.MISREAD: msg(
        "Correction: we told you of a danger ({hazard}: {names}) because we misread a post. It"
        " did not say so."
    ),
    Wrong.SOURCE: msg(
        "Correction: the source takes back its message about a danger ({hazard}: {names})."
    ),
    Wrong.FAULT: msg(
        "Correction: our message about a danger ({hazard}: {names}) was a technical fault of ours."
    ),
}


def last_clears(clears: Iterable[Clear]) -> list[Clear]:
    """The newest of each hazard, in the order in which they came."""
    ordered = sorted(clears, key=lambda clear: clear.at)
    last = {clear.hazard: clear for clear in ordered}
    return [clear for clear in ordered if last[clear.hazard] is clear]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- sounds that operators turned off -------------------------------------------------------

_WHY: Final = 100


def silence_lines(voice: Voice, seen: View, silences: Iterable[Silence]) -> list[Line]:
    """Until when, and why, all that is in force for the chat comes without a sound; nothing where
    any of it sounds."""
    held = list(silences)
    if not seen.fresh or seen.neighbour or not is_silenced(seen, hazards_of(held)):
        return []
    hazards = {threat.hazard for threat in seen.fresh}
    return [
        plain(silenced(voice, each))
        for each in held
        if each.hazard is None or each.hazard in hazards
    ]


def silenced(voice: Voice, silence: Silence, *, named: bool = False) -> str:
    """``named``: with its hazard, where that does not stand above."""
    time, why = voice.clock(silence.until), shorten(clean(silence.why), _WHY)
    if named and silence.hazard is not None:
        return voice.say(
            "🔕 Sound turned off by an operator until {time} ({hazard}): {why}",
            time=time,
            hazard=voice.hazard(silence.hazard),
            why=why,
        )
    return voice.say("🔕 Sound turned off by an operator until {time}: {why}", time=time, why=why)


# --- what we know of our own knowledge ------------------------------------------------------


def knowledge_lines(voice: Voice, seen: View, *, back: bool) -> list[Line]:
    """Held all-clears and lost sources. ``back``: the sources can be read again just now."""
    lines: list[Line] = []
    for held in seen.held[:_CHANNELS_NAMED]:
        text = voice.say("A message about an all-clear is being checked")
        time = voice.clock(held.source.at)
        lines.append(
            (Span(text=f"{text}: "), link(f"{_title(held.source)}, {time}", held.source.link))
        )
    if seen.lost_since is not None:
        time = voice.clock(seen.lost_since)
        lines.append(plain(voice.say("The sources cannot be reached since {time}", time=time)))
    elif back:
        lines.append(plain(voice.say("The sources can be reached again")))
    return lines


# --- chronology -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    at: datetime
    line: Line


def chronology(
    voice: Voice, seen: View, wishes: Wishes, state: Phase, places: int
) -> list[Moment]:
    """What happened, as stated, oldest first. On the card of a danger every line stands; alone,
    only what the chat asked for."""
    shown = [
        event
        for event in seen.events
        if wanted(event.kind, wishes) or (event.kind in LINES and seen.threats)
    ]
    moments = [_event(voice, event, places) for event in shown]
    for fall in seen.falls:
        names = voice.names(fall.areas, max(places, 1))
        if fall.to is Level.DECLARED:
            text = voice.say(
                "imminent threat lifted, danger remains ({hazard}): {names}",
                hazard=voice.hazard(fall.hazard),
                names=names,
            )
        else:
            text = voice.say(
                "level lowered, danger remains ({hazard}): {names}",
                hazard=voice.hazard(fall.hazard),
                names=names,
            )
        moments.append(_moment(voice, fall.at, text, fall.source))
    final = set(last_clears(seen.clears)) if state in (Phase.CLEAR, Phase.PASSED) else set()
    for clear in seen.clears:
        if clear in final:
            continue  # said above, with its beginning
        text = voice.say(
            "all-clear ({hazard}): {names}",
            hazard=voice.hazard(clear.hazard),
            names=cleared(voice, clear, places),
        )
        moments.append(_moment(voice, clear.at, text, clear.source))
    if state is Phase.DRILL:
        moments = [_event(voice, event, places) for event in seen.drills]
    return sorted(moments, key=lambda moment: moment.at)


def beginnings(voice: Voice, seen: View, places: int) -> list[Moment]:
    """When each danger began, of those in force and of those that were ended."""
    begun: dict[tuple[datetime, Hazard], dict[AreaCode, None]] = {}
    for threat in seen.threats:
        for reach in threat.reaches if threat.onset_known else ():
            begun.setdefault((reach.since, threat.hazard), {})[reach.area] = None
    for clear in seen.clears:
        for area in clear.areas:
            begun.setdefault((clear.since, clear.hazard), {})[area] = None
    sources = {source.at: source for threat in seen.threats for source in sources_of(threat)}
    return [
        _moment(
            voice,
            since,
            voice.say(
                "danger ({hazard}): {names}",
                hazard=voice.hazard(hazard),
                names=voice.names(tuple(areas), max(places, 1)),
            ),
            sources.get(since),
        )
        for (since, hazard), areas in begun.items()
    ]


def cleared(voice: Voice, clear: Clear, places: int) -> str:
    """What an all-clear is of: «весь регион (кроме: Боровский район)»."""
    names = voice.names(clear.areas, max(places, 1))
    if not clear.excluded:
        return names
    but = voice.say("except: {names}", names=voice.names(clear.excluded, max(places, 1)))
    return f"{names} ({but})"


def _event(voice: Voice, event: Event, places: int) -> Moment:
    return _moment(voice, event.at, stated(voice, event, places), newest(event.sources))


def _moment(voice: Voice, at: datetime, text: str, source: Source | None) -> Moment:
    time = voice.clock(at)
    stamp = link(time, source.link) if source is not None else Span(text=time)
    return Moment(at=at, line=(stamp, Span(text=f" — {text}")))


# --- sources --------------------------------------------------------------------------------


def cited(seen: View, state: Phase) -> list[Source]:
    """The sources worth quoting, most important first, each post once."""
    found: list[Source | None] = []
    if state in (Phase.CLEAR, Phase.PASSED, Phase.REST):
        found += [clear.source for clear in sorted(seen.clears, key=lambda c: c.at, reverse=True)]
    for threat in seen.threats:
        found.append(newest(sources_of(threat)))
    harmful = [event for event in seen.events if event.kind in (Kind.CASUALTIES, Kind.EVACUATION)]
    events = seen.drills if state is Phase.DRILL else (*reversed(harmful), *reversed(seen.events))
    if state is not Phase.DANGER:
        found += [newest(event.sources) for event in events]
    unique = {(each.channel, each.message): each for each in reversed(found) if each is not None}
    order = list(dict.fromkeys((each.channel, each.message) for each in found if each is not None))
    return [unique[key] for key in order]


def quote_lines(voice: Voice, source: Source) -> list[Line]:
    """The official words and where they stand."""
    lines: list[Line] = []
    quote = shorten(clean(source.quote), QUOTE_LIMIT)
    if quote:
        lines.append((Span(text=f"«{quote}»", type="blockquote"),))
    lines.append(source_line(voice, source))
    return lines


def source_line(voice: Voice, source: Source) -> Line:
    where = link(f"{_title(source)}, {voice.clock(source.at)}", source.link)
    if source.deleted:
        return (where, Span(text=f" ({voice.say('post deleted by the source')})"))
    return (where,)


def _title(source: Source) -> str:
    return shorten(clean(source.title), TITLE_LIMIT) or str(source.channel)
