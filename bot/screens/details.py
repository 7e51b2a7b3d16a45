"""The whole story of an alert, on request: each thing stated, with its post. Pure."""

from typing import Final

from bot.message import Message
from bot.render.headline import Phase, phase
from bot.render.parts import beginnings, chronology, quote_lines, source_line, threat_lines
from bot.render.phrases import Voice
from bot.render.rich import Line, bold, compose, plain, shorten, utf16
from bot.screens.codes import Verb, button
from bot.screens.speech import Speech, screen
from bot.view import View, sources_of
from storage.model import Card, Source, Wishes

_ROOM: Final = 3_300
_MOST: Final = 60
_PLACES: Final = 12
_QUOTES: Final = 5
_POPUP: Final = 190


def details(speech: Speech, voice: Voice, card: Card, seen: View, wishes: Wishes) -> Message:
    """``seen``: of the card's own episode. The newest is kept where there is not room for all."""
    head: list[Line] = [bold(f"{speech.say('Details')} · {speech.name(card.region)}")]
    for threat in seen.threats:
        head += [(), *threat_lines(voice, threat, _PLACES)]
    lines = story(voice, card, seen, wishes)[-_MOST:]
    quotes = [line for source in _sources(seen)[:_QUOTES] for line in quote_lines(voice, source)]
    if not lines:
        lines = [plain(speech.say("Nothing more was stated."))]
    while len(lines) > 1 and _size([*head, (), *lines, (), *quotes]) > _ROOM:
        if quotes:
            quotes = []
        else:
            lines = lines[1:]
    body = [*head, (), *lines, *([(), *quotes] if quotes else ())]
    return screen(body, [[button(speech.say("Refresh"), Verb.MORE, card.region, 1)]])


def story(voice: Voice, card: Card, seen: View, wishes: Wishes) -> list[Line]:
    """What was stated, oldest first: beginnings, what happened, ends, and who said it again."""
    drill = phase(card, seen, ends=False, reason=None) is Phase.DRILL
    # Not as a card that is over: that one says its ends above, this one among the rest.
    moments = chronology(voice, seen, wishes, Phase.DRILL if drill else Phase.DANGER, _PLACES)
    moments += beginnings(voice, seen, _PLACES)
    found = [(moment.at, moment.line) for moment in moments]
    said = {moment.at for moment in moments}
    for source in _sources(seen):
        if source.at not in said:
            found.append((source.at, source_line(voice, source)))
    return [line for _, line in sorted(found, key=lambda each: each[0])]


def popup(speech: Speech, voice: Voice, card: Card, seen: View, wishes: Wishes) -> str:
    """The newest of it, for a window over a group: who asks there must not write to all."""
    lines = [compose([line])[0] for line in story(voice, card, seen, wishes)]
    shown: list[str] = []
    for line in reversed(lines):
        if utf16("\n".join([line, *shown])) > _POPUP:
            break
        shown.insert(0, line)
    if not shown and lines:
        return shorten(lines[-1], _POPUP)
    return "\n".join(shown) or speech.say("Nothing more was stated.")


def _sources(seen: View) -> list[Source]:
    """Of what is in force, each post once, newest first."""
    found = {each: None for threat in seen.threats for each in sources_of(threat)}
    return sorted(found, key=lambda source: source.at, reverse=True)


def _size(lines: list[Line]) -> int:
    return utf16(compose(lines)[0])
