"""The live card: a region's situation as one chat sees it. Pure; under 3,500 UTF-16 units."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.decide import Decision, Lever
from bot.message import Message
from bot.reasons import Reason
from bot.render.buttons import buttons
from bot.render.focus import focus_of
from bot.render.headline import Focus, Phase, headline, phase
from bot.render.parts import (
    chronology,
    cited,
    ended_lines,
    knowledge_lines,
    quote_lines,
    silence_lines,
    source_line,
    taken_back_lines,
    threat_lines,
)
from bot.render.phrases import ADVICE, Voice
from bot.render.rich import Line, bold, compose, plain, utf16
from bot.texts import Words
from bot.view import View, of_episode, view_of
from storage.areas.tree import Areas
from storage.model import AreaCode, Card, Chat, Situation
from storage.silences import Silence

LIMIT: Final = 3500
_MOMENTS: Final = 30
_QUOTES: Final = 3
_PLACES: Final = (12, 6, 3, 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much of what may be cut is shown."""

    moments: int
    quotes: int
    places: int


def card(
    *,
    card: Card,
    chat: Chat,
    follows: tuple[AreaCode, ...],
    current: Situation,
    areas: Areas,
    words: Words,
    now: datetime,
    decision: Decision | None = None,
    told: Situation | None = None,
    silences: Sequence[Silence] = (),
    sample: bool = False,
) -> Message:
    """The card in its current state. With the ``decision`` and what was ``told`` before, a new
    message (groups, channels) says in its first line what changed. ``silences``: those in force in
    the region. ``sample``: a specimen that nobody can take for an alert. For a closed card
    ``current`` is the snapshot it was told."""
    seen = of_episode(view_of(card, current, follows, areas), card)
    ends = decision is not None and decision.ends
    reason = decision.reason if decision is not None else None
    state = phase(card, seen, ends=ends, reason=reason)
    voice = Voice(words=words, areas=areas, region=current.region, now=now)
    fresh = decision is not None and decision.lever in (Lever.SOUND, Lever.SILENT)
    focus = Focus()
    if told is not None and fresh:
        focus = focus_of(view_of(card, told, follows, areas), seen, card.sounded_at, areas)
    first = headline(voice, seen, state, reason if fresh else None, focus)
    tag = revision(current)
    back = reason is Reason.SOURCE_BACK

    def lines(room: Room) -> list[Line]:
        return [
            *framed(voice, first, state, sample=sample, neighbour=seen.neighbour),
            *_body(voice, seen, chat, state, room, silences, back=back),
            *tail(voice, seen, state, tag, sample=sample),
        ]

    text, entities = compose(fitting(lines))
    keyboard = buttons(
        voice,
        cited(seen, state),
        danger=state in (Phase.DANGER, Phase.STALE),
        neighbour=seen.neighbour,
    )
    return Message(
        text=text,
        entities=entities,
        plain=short(voice, first, state, tag, sample),
        keyboard=() if sample else keyboard,
    )


def continued(
    *,
    card: Card,
    chat: Chat,
    follows: tuple[AreaCode, ...],
    current: Situation,
    areas: Areas,
    words: Words,
    now: datetime,
    ends: bool = False,
) -> Message:
    """The former live card of a group: its first line, and that the story goes on below.
    ``ends``: of the decision that sent the new card, unless the card is closed already."""
    seen = of_episode(view_of(card, current, follows, areas), card)
    voice = Voice(words=words, areas=areas, region=current.region, now=now)
    state = phase(card, seen, ends=ends, reason=None)
    first = headline(voice, seen, state, None, Focus())
    below = voice.say("This message is no longer updated, continued below")
    lines = (bold(first), plain(voice.name(current.region)), (), plain(below))
    text, entities = compose(lines)
    return Message(text=text, entities=entities, plain=text)


def revision(current: Situation) -> str:
    """The region's episode and version: the same for every chat that reads the same words."""
    return f"#{current.episode}·{current.version}"


def fitting(lines: Callable[[Room], list[Line]]) -> list[Line]:
    """Cut the chronology oldest first, then quotes, then long lists of places."""
    for room in _rooms():
        found = lines(room)
        if utf16(compose(found)[0]) <= LIMIT:
            return found
    return lines(Room(moments=0, quotes=0, places=0))


def _rooms() -> list[Room]:
    most = _PLACES[0]
    rooms = [Room(moments=each, quotes=_QUOTES, places=most) for each in range(_MOMENTS, -1, -1)]
    rooms += [Room(moments=0, quotes=each, places=most) for each in range(_QUOTES - 1, -1, -1)]
    return rooms + [Room(moments=0, quotes=0, places=each) for each in _PLACES[1:]]


def framed(
    voice: Voice, first: str, state: Phase, *, sample: bool, neighbour: bool = False
) -> list[Line]:
    """The first line and the region; a specimen says first that it is one."""
    region = voice.name(voice.region)
    if neighbour:
        region = voice.say("{region}, a neighbouring region", region=region)
    lines = [bold(first), plain(region)]
    return [bold(voice.say("SPECIMEN, NOT AN ALERT")), *lines] if sample else lines


def tail(voice: Voice, seen: View, state: Phase, tag: str, *, sample: bool) -> list[Line]:
    """What to do, the revision, and for drills and specimens once more that they are that."""
    lines: list[Line] = [()]
    if seen.neighbour and state in (Phase.DANGER, Phase.STALE):
        text = voice.say("This message makes no sound and changes every 15 minutes at most.")
        lines.append(plain(text))
    elif state is Phase.DANGER:
        lines.append(plain(voice.say(ADVICE[seen.fresh[0].hazard])))
    lines.append(plain(tag))
    if state is Phase.DRILL:
        lines.append(bold(voice.say("DRILL, NOT A REAL ALARM")))
    if sample:
        lines.append(bold(voice.say("SPECIMEN, NOT AN ALERT")))
    return lines


def short(voice: Voice, first: str, state: Phase, tag: str, sample: bool) -> str:
    """Without formatting or anybody's words but ours."""
    lines = [*framed(voice, first, state, sample=sample), plain(tag)]
    if state is Phase.DRILL:
        lines.append(plain(voice.say("DRILL, NOT A REAL ALARM")))
    if sample:
        lines.append(plain(voice.say("SPECIMEN, NOT AN ALERT")))
    return compose(lines)[0]


def _body(
    voice: Voice,
    seen: View,
    chat: Chat,
    state: Phase,
    room: Room,
    silences: Sequence[Silence],
    *,
    back: bool,
) -> list[Line]:
    lines: list[Line] = []
    for threat in seen.threats:
        lines += [(), *threat_lines(voice, threat, room.places)]
    if silenced := silence_lines(voice, seen, silences):
        lines += [(), *silenced]
    if state in (Phase.CLEAR, Phase.PASSED):
        lines += [(), *ended_lines(voice, seen.clears)]
    if seen.retractions:
        lines += [(), *taken_back_lines(voice, seen.retractions, room.places)]
    if state is Phase.REST:
        text = voice.say(
            "Parts of the region are still in danger; see its channels. This message is no longer"
            " updated."
        )
        lines += [(), plain(text)]
    if state is Phase.UNKNOWN:
        text = voice.say("We have no all-clear for this danger. Follow the official channels.")
        lines += [(), plain(text)]
    if state is Phase.REPORT:
        lines += [(), plain(voice.say("The channel has not declared a danger."))]
    if knowledge := knowledge_lines(voice, seen, back=back):
        lines += [(), *knowledge]
    moments = chronology(voice, seen, chat.wishes, state, room.places)
    if moments and room.moments:
        lines += [(), plain(voice.say("As stated by the sources:"))]
        if len(moments) > room.moments:
            lines.append(plain(voice.say("(earlier messages are not shown)")))
        lines += [moment.line for moment in moments[-room.moments :]]
    sources = cited(seen, state)
    for source in sources[: room.quotes]:
        lines += [(), *quote_lines(voice, source)]
    if sources and not room.quotes:
        lines += [(), source_line(voice, sources[0])]
    return lines
