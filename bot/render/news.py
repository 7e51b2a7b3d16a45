"""The short new message of a private chat: what changed. It replies to the card. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bot.decide import Decision
from bot.events import wanted
from bot.message import Message
from bot.reasons import Reason
from bot.render.buttons import buttons
from bot.render.card import Room, fitting, framed, revision, short, tail
from bot.render.focus import focus_of
from bot.render.headline import Focus, Phase, headline, phase
from bot.render.parts import (
    cited,
    cleared,
    ended_lines,
    knowledge_lines,
    quote_lines,
    silence_lines,
    source_line,
    taken_back_lines,
    threat_lines,
)
from bot.render.phrases import Voice, stated
from bot.render.rich import Line, compose, plain
from bot.texts import Words
from bot.view import View, newest, of_episode, view
from storage.areas.tree import Areas
from storage.model import (
    AreaCode,
    Card,
    Chat,
    Clear,
    Event,
    Fall,
    Level,
    Situation,
    Source,
)
from storage.silences import Silence

_EVENTS: frozenset[Reason] = frozenset(
    (Reason.HARM, Reason.EVACUATION, Reason.CORRECTION, Reason.REPORT, Reason.EVENT, Reason.LINES)
)


def news(
    *,
    card: Card,
    chat: Chat,
    follows: tuple[AreaCode, ...],
    told: Situation | None,
    current: Situation,
    areas: Areas,
    decision: Decision,
    words: Words,
    now: datetime,
    silences: Sequence[Silence] = (),
) -> Message:
    """The first line says what changed, in which state the chat's places now are, and what to
    do. ``told`` is what the chat knew before this message."""
    seen = of_episode(view(current, follows, areas), card)
    before = view(told, follows, areas) if told is not None else None
    state = phase(card, seen, ends=decision.ends, reason=decision.reason)
    voice = Voice(words=words, areas=areas, region=current.region, now=now)
    focus = focus_of(before, seen, card.sounded_at, areas) if before else Focus()
    first = headline(voice, seen, state, decision.reason, focus)
    tag = revision(current)
    events = _new_events(before, seen, chat)
    clears = [clear for clear in seen.clears if before is None or clear not in before.clears]
    back = [r for r in seen.retractions if before is None or r not in before.retractions]
    falls = [fall for fall in seen.falls if before is None or fall not in before.falls]

    def lines(room: Room) -> list[Line]:
        places = max(min(room.places, 6), 1)
        shown = events[-min(room.moments, 5) :] if room.moments else []
        body: list[Line] = [()]
        if clears and seen.threats:
            body += [_part_clear(voice, seen, clears, places), ()]
        if state in (Phase.CLEAR, Phase.PASSED):
            body += ended_lines(voice, clears or seen.clears)
        body += taken_back_lines(voice, back, places)
        body += [_fallen(voice, fall, places) for fall in falls if seen.threats]
        for threat in seen.threats:
            body += threat_lines(voice, threat, room.places and places)
        body += silence_lines(voice, seen, silences)
        if shown:
            body.append(())
        body += [plain(stated(voice, event, places)) for event in shown]
        body += knowledge_lines(voice, seen, back=decision.reason is Reason.SOURCE_BACK)
        cause = _cause(seen, state, decision.reason, events, clears, falls)
        if cause is not None:
            quoted = quote_lines(voice, cause) if room.quotes else [source_line(voice, cause)]
            body += [(), *quoted]
        return [
            *framed(voice, first, state, sample=False),
            *body,
            *tail(voice, seen, state, tag, sample=False),
        ]

    text, entities = compose(fitting(lines))
    keyboard = buttons(
        voice, cited(seen, state), danger=state is Phase.DANGER, neighbour=seen.neighbour
    )
    return Message(
        text=text,
        entities=entities,
        plain=short(voice, first, state, tag, False),
        keyboard=keyboard,
    )


def _new_events(before: View | None, seen: View, chat: Chat) -> list[Event]:
    known = set(before.events) if before is not None else set()
    return [
        event for event in seen.events if event not in known and wanted(event.kind, chat.wishes)
    ]


def _part_clear(voice: Voice, seen: View, clears: list[Clear], places: int) -> Line:
    """«Отбой (БПЛА): Боровский район; остаётся: Калуга»"""
    ended = "; ".join(
        f"{voice.hazard(clear.hazard)} — {cleared(voice, clear, places)}" for clear in clears
    )
    left = "; ".join(
        f"{voice.hazard(threat.hazard)} — "
        f"{voice.names([reach.area for reach in threat.reaches], places)}"
        for threat in seen.threats
    )
    return plain(voice.say("All-clear: {ended}; still in danger: {left}", ended=ended, left=left))


def _fallen(voice: Voice, fall: Fall, places: int) -> Line:
    names, hazard = voice.names(fall.areas, places), voice.hazard(fall.hazard)
    if fall.to is Level.DECLARED:
        text = voice.say(
            "{names}: the imminent threat is lifted, the danger ({hazard}) remains",
            names=names,
            hazard=hazard,
        )
    else:
        text = voice.say(
            "{names}: the level is lowered, the danger ({hazard}) remains",
            names=names,
            hazard=hazard,
        )
    return plain(text)


def _cause(
    seen: View,
    state: Phase,
    reason: Reason,
    events: list[Event],
    clears: list[Clear],
    falls: list[Fall],
) -> Source | None:
    """The post that this message is about."""
    if seen.retractions and seen.retractions[-1].source is not None and not seen.threats:
        return seen.retractions[-1].source
    if reason in _EVENTS and events:
        return newest(events[-1].sources)
    if reason is Reason.LEVEL_FELL and falls:
        return falls[-1].source
    if reason in (Reason.PART_CLEAR, Reason.ALL_CLEAR, Reason.OPENED_AND_CLOSED) and clears:
        return clears[-1].source
    return next(iter(cited(seen, state)), None)
