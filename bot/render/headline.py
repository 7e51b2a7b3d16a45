"""The first line, which alone says state, hazard, place and action in 80 characters. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from bot.events import REPORTABLE, is_evacuation
from bot.reasons import Reason
from bot.render.phrases import ACTIONS, DEBRIS, INSTRUCTIONS, READY, Voice
from bot.render.rich import shorten, utf16
from bot.texts import msg
from bot.view import Threat, View, touches
from storage.areas.tree import Areas
from storage.model import AreaCode, Card, Hazard, Level

WIDTH: Final = 80
_SHORTEST_PLACE: Final = 8


class Phase(StrEnum):
    """The state of a card as the chat is to understand it."""

    DANGER = "danger"
    STALE = "stale"
    CLEAR = "clear"
    PASSED = "passed"
    REST = "rest"
    UNKNOWN = "unknown"
    EVACUATION = "evacuation"
    REPORT = "report"
    NOTICE = "notice"
    DRILL = "drill"
    TAKEN_BACK = "taken_back"


def phase(card: Card, seen: View, *, ends: bool, reason: Reason | None) -> Phase:
    """Without an all-clear nothing is ever shown as over: an alarmed card whose danger left our
    records is UNKNOWN until an all-clear ended it. REST: for a neighbour nothing is left, but
    there is danger in parts of the region."""
    if seen.fresh:
        return Phase.DANGER
    if seen.threats:
        return Phase.STALE
    over = ends or not card.open
    if reason is Reason.DRILL:
        return Phase.DRILL
    if reason is Reason.OPENED_AND_CLOSED or (over and not card.alarmed and _unheard(card, seen)):
        return Phase.REST if seen.rest else Phase.PASSED
    if over and card.alarmed and is_last_word(seen):
        return Phase.TAKEN_BACK
    if card.alarmed:
        if not (over and seen.clears):
            return Phase.UNKNOWN
        return Phase.REST if seen.rest else Phase.CLEAR
    if any(is_evacuation(event) for event in seen.events):
        return Phase.EVACUATION
    if any(event.kind in REPORTABLE for event in seen.events):
        return Phase.REPORT
    return Phase.DRILL if seen.drills and not seen.events else Phase.NOTICE


def is_last_word(seen: View) -> bool:
    """What was told last is taken back, and no all-clear came after."""
    last = max((each.version for each in seen.retractions), default=0)
    return last > max((each.version for each in seen.clears), default=-1) and last > 0


def _unheard(card: Card, seen: View) -> bool:
    """Closed without ever having told of danger, yet there was some in this episode."""
    return any(clear.version >= card.opened_version for clear in seen.clears)


_LEVEL_STATES: Final[dict[Level, tuple[str, str]]] = {
    Level.ADVISORY: ("🟡", msg("WARNING")),
    Level.DECLARED: ("🟠", msg("DANGER")),
    Level.IMMINENT: ("🔴", msg("ALARM")),
}

_STATES: Final[dict[Phase, tuple[str, str]]] = {
    Phase.STALE: ("⚪", msg("NO ALL-CLEAR")),
    Phase.CLEAR: ("✅", msg("ALL-CLEAR")),
    Phase.PASSED: ("✅", msg("WAS IN DANGER, NOW ALL-CLEAR")),
    Phase.REST: ("🔵", msg("DANGER IN PARTS OF THE REGION ONLY")),
    Phase.UNKNOWN: ("⚪", msg("STATE UNKNOWN")),
    Phase.EVACUATION: ("🔴", msg("EVACUATION")),
    Phase.REPORT: ("🔵", msg("REPORT")),
    Phase.NOTICE: ("🔵", msg("NOTICE")),
    Phase.DRILL: ("", msg("DRILL, NOT A REAL ALARM")),
    Phase.TAKEN_BACK: ("❗", msg("OUR MESSAGE IS TAKEN BACK")),
}

_CHANGES: Final[dict[Reason, str]] = {
    Reason.RISE: msg("level raised"),
    Reason.MISSILE: msg("new threat"),
    Reason.FLOOD: msg("new threat"),
    Reason.NEW_HAZARD: msg("new threat"),
    Reason.WIDENED: msg("now the whole region"),
    Reason.PLACE_NAMED: msg("one more place named"),
    Reason.NAMED_AGAIN: msg("named again"),
    Reason.RENEWED: msg("repeated threat"),
    Reason.EVACUATION: msg("evacuation"),
    Reason.HARM: msg("harm reported"),
    Reason.CORRECTION: msg("correction"),
    Reason.LEVEL_FELL: msg("level lowered"),
    Reason.PART_CLEAR: msg("part clear"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """What the first line is to name before the rest: hazards and places of the change."""

    hazards: tuple[Hazard, ...] = ()
    places: tuple[AreaCode, ...] = ()
    harmed: tuple[AreaCode, ...] = ()
    """Where people were harmed or homes hit, as far as it concerns the chat."""
    more: int = 0
    """Districts newly named since the last sound."""


def headline(voice: Voice, seen: View, state: Phase, reason: Reason | None, focus: Focus) -> str:
    """The one line; shortened to 80 UTF-16 units by naming fewer places, then fewer hazards."""
    sign, word, action = _state(voice, seen, state, reason, focus)
    opening = f"{sign} {word}".strip()
    hazards = _hazards(seen, state, focus)
    if reason is Reason.FLOOD:
        hazards = (Hazard.FLOOD,)
    places = _places(seen, state, focus, voice.areas)
    if reason is Reason.HARM and focus.harmed:
        places = focus.harmed
    where = what = ""
    for what in _fewer_hazards(voice, hazards):
        for where in _fewer_places(voice, places):
            line = _line(opening, what, where, action)
            if utf16(line) <= WIDTH:
                return line
    room = WIDTH - utf16(_line(opening, what, "…", action)) + 1
    if room < _SHORTEST_PLACE and reason is not None:
        return headline(voice, seen, state, None, focus)
    if room < _SHORTEST_PLACE and hazards:
        what = voice.hazard(hazards[0])
        room = WIDTH - utf16(_line(opening, what, "…", action)) + 1
    where = voice.name(places[0])
    return _line(opening, what, shorten(where, max(room, _SHORTEST_PLACE)), action)


def _line(opening: str, what: str, where: str, action: str) -> str:
    return f"{' · '.join(each for each in (opening, what, where) if each)}. {action}"


def _state(
    voice: Voice, seen: View, state: Phase, reason: Reason | None, focus: Focus
) -> tuple[str, str, str]:
    """Sign, words and action."""
    if state is Phase.DANGER:
        top = seen.fresh[0]
        level = max(threat.level for threat in seen.fresh)
        sign, source = _LEVEL_STATES[level]
        word = voice.say(source)
        if reason is Reason.DIGEST and focus.more:
            more = voice.words.count("{n} more district", "{n} more districts", focus.more)
            word = f"{word}, {more}"
        elif reason is Reason.STILL_IN_FORCE and all(each.onset_known for each in seen.fresh):
            since = voice.clock(min(threat.since for threat in seen.fresh))
            lasting = voice.say("in force since {time}", time=since)
            word = f"{word}, {lasting}"
        elif reason in _CHANGES and not (reason is Reason.WIDENED and _in_part(seen, focus)):
            word = f"{word}, {voice.say(_CHANGES[reason])}"
        if reason is Reason.EVACUATION:
            return sign, word, voice.say(INSTRUCTIONS)
        if reason is Reason.FLOOD:
            return sign, word, voice.say(ACTIONS[Hazard.FLOOD][0])
        if seen.neighbour:
            return sign, word, voice.say(READY)
        return sign, word, voice.say(_action(top, level))
    sign, source = _STATES[state]
    word = voice.say(source)
    if reason in (Reason.HARM, Reason.CORRECTION) and state is not Phase.TAKEN_BACK:
        word = f"{word}, {voice.say(_CHANGES[reason])}"
    return sign, word, voice.say(_calm_action(seen, state))


def _action(threat: Threat, level: Level) -> str:
    declared, imminent = ACTIONS[threat.hazard]
    match level:
        case Level.ADVISORY:
            return READY
        case Level.DECLARED:
            return declared
        case Level.IMMINENT:
            return imminent
        case _:
            assert_never(level)


def _calm_action(seen: View, state: Phase) -> str:
    match state:
        case Phase.CLEAR | Phase.PASSED | Phase.REPORT:
            hazards = {clear.hazard for clear in seen.clears} | {e.hazard for e in seen.events}
            return msg("Do not touch debris.") if hazards & DEBRIS else msg("Stay careful.")
        case Phase.TAKEN_BACK:
            return msg("This is no all-clear.")
        case Phase.STALE | Phase.REST | Phase.UNKNOWN | Phase.DANGER:
            return msg("Stay careful.")
        case Phase.EVACUATION:
            return INSTRUCTIONS
        case Phase.NOTICE:
            return msg("Nothing to do.")
        case Phase.DRILL:
            return msg("This is an exercise.")
        case _:
            assert_never(state)


def _hazards(seen: View, state: Phase, focus: Focus) -> tuple[Hazard, ...]:
    match state:
        case Phase.DANGER | Phase.STALE:
            found = [threat.hazard for threat in (seen.fresh or seen.threats)]
            if Hazard.FLOOD in focus.hazards:  # stated, though nobody declared a danger of it
                found.append(Hazard.FLOOD)
        case Phase.CLEAR | Phase.PASSED | Phase.UNKNOWN:
            found = [clear.hazard for clear in reversed(seen.clears)]
        case Phase.TAKEN_BACK:
            found = [each.hazard for each in reversed(seen.retractions)]
        case Phase.REST:
            return ()  # what was of the whole region is over; what goes on is not on this card
        case Phase.EVACUATION:
            found = [e.hazard for e in reversed(seen.events) if is_evacuation(e)]
        case Phase.REPORT:
            found = [e.hazard for e in reversed(seen.events) if e.kind in REPORTABLE]
        case Phase.NOTICE:
            found = [event.hazard for event in reversed(seen.events)]
        case Phase.DRILL:
            found = [event.hazard for event in reversed(seen.drills)]
        case _:
            assert_never(state)
    inside = set(found)
    return tuple(dict.fromkeys([*(each for each in focus.hazards if each in inside), *found]))


def _places(seen: View, state: Phase, focus: Focus, areas: Areas) -> tuple[AreaCode, ...]:
    """What to name: the followed places concerned, or for a region follower those stated."""
    match state:
        case Phase.DANGER | Phase.STALE:
            if seen.region_follower:
                return _foremost(seen, focus)
            threats = seen.fresh or seen.threats
            found = [reach.area for threat in threats for reach in threat.live]
        case Phase.CLEAR | Phase.PASSED:
            found = _cleared(seen, areas)
        case Phase.TAKEN_BACK:
            found = [area for each in reversed(seen.retractions) for area in each.areas]
        case Phase.REST:
            found = [seen.region]
        case Phase.UNKNOWN:
            found = [seen.region] if seen.region_follower else list(seen.follows)
        case Phase.EVACUATION:
            found = [a for e in reversed(seen.events) if is_evacuation(e) for a in e.areas]
        case Phase.REPORT:
            found = [
                area
                for event in reversed(seen.events)
                if event.kind in REPORTABLE
                for area in event.areas
            ]
        case Phase.NOTICE:
            found = [area for event in reversed(seen.events) for area in event.areas]
        case Phase.DRILL:
            found = [area for event in reversed(seen.drills) for area in event.areas]
        case _:
            assert_never(state)
    mine = [area for area in found if touches(area, seen.follows, areas)]
    return tuple(dict.fromkeys([*focus.places, *(mine or found)])) or (seen.region,)


def _foremost(seen: View, focus: Focus) -> tuple[AreaCode, ...]:
    """For a region follower: where the level that the line states holds, and nowhere else."""
    threats = seen.fresh or seen.threats
    level = max(threat.level for threat in threats)
    highest = [reach for threat in threats for reach in threat.live if reach.level is level]
    found = [reach.area for reach in highest]
    named = [place for place in focus.places if place in found]
    if any(reach.region_wide for reach in highest):
        return tuple([*named, seen.region][:1])
    return tuple(dict.fromkeys([*named, *found]))


def _in_part(seen: View, focus: Focus) -> bool:
    """The whole region is in danger, but the state that the line gives is that of some places."""
    return seen.region not in _foremost(seen, focus)


def _cleared(seen: View, areas: Areas) -> list[AreaCode]:
    """The followed places that an all-clear named; for a region follower what they named: the
    region only if one of them did, though nothing is left in force anywhere."""
    named = list(dict.fromkeys(area for clear in reversed(seen.clears) for area in clear.areas))
    if not seen.region_follower:
        return [each for each in seen.follows if _touched(each, named, areas)]
    whole = any(seen.region in (*clear.named, *clear.areas) for clear in seen.clears)
    return [seen.region] if whole else named


def _touched(place: AreaCode, named: list[AreaCode], areas: Areas) -> bool:
    return any(touches(area, (place,), areas) for area in named)


def _fewer_hazards(voice: Voice, hazards: tuple[Hazard, ...]) -> Iterator[str]:
    yield from _fewer(voice, [voice.hazard(each) for each in hazards], most=len(hazards))


def _fewer_places(voice: Voice, places: tuple[AreaCode, ...]) -> Iterator[str]:
    if any(voice.areas.contains(place, voice.region) for place in places[:1]):
        yield voice.name(voice.region)
    else:
        yield from _fewer(voice, [voice.name(place) for place in places], most=4)


def _fewer(voice: Voice, names: list[str], most: int) -> Iterator[str]:
    """All of them, if not too many, then ever fewer, saying how many more there are."""
    if len(names) <= most:
        yield ", ".join(names)
    for shown in range(min(len(names) - 1, 3), 0, -1):
        more = len(names) - shown
        yield voice.say("{names} and {n} more", names=", ".join(names[:shown]), n=more)
