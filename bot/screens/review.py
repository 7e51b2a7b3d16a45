"""What waits for a moderator: one card for doubtful danger, held all-clears and reports. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, assert_never

from bot.message import Button, Message
from bot.render.rich import Line, Span, bold, clean, link, plain, shorten
from bot.screens.codes import Verb, button
from bot.screens.speech import Speech, columns, label, pages, screen, turning
from bot.texts import msg
from storage.model import Hazard, Kind
from storage.reviews import TRUTHS, VERDICTS, Review, State, Subject

_POST: Final = 1_500
"""Characters of a post that are shown: its evidence is rarely further down."""
_QUOTE: Final = 120
_PLACES: Final = 12
PER_PAGE: Final = 10


def card(speech: Speech, review: Review, now: datetime) -> Message:
    """With its buttons while nobody has decided."""
    voice = speech.voice(review.region, now)
    claim = review.truth or review.claim
    kind = "" if claim.kind is review.claim.kind else f"{_truth(speech, claim.kind)} · "
    names = ", ".join(speech.name(code) for code in claim.areas[:_PLACES])
    lines: list[Line] = [
        bold(f"#{review.id} · {_subject(speech, review.kind)}"),
        plain(
            f"{speech.name(review.region)}: {kind}{voice.hazard(claim.hazard)} · {names or '—'}"
        ),
        plain(speech.say("Why it is asked: {why}", why=_why(speech, review.why))),
    ]
    if claim.unresolved:
        listed = clean(", ".join(claim.unresolved))
        lines.append(plain(speech.say("Not understood: {names}", names=shorten(listed, _QUOTE))))
    lines += [(), *_post(review), (_source(review),), ()]
    if review.state is not State.OPEN:
        return screen([*lines, bold(_decided(speech, review))])
    return screen([*lines, plain(_commands(review))], _buttons(speech, review))


def kinds(speech: Speech, review: Review, now: datetime) -> Message:
    """Which danger it is of, or what else it is: a button for each."""
    voice = speech.voice(review.region, now)
    number = str(review.id)
    hazards = [
        button(label(voice.hazard(hazard)), Verb.FIX_KIND, f"{number}.{hazard}")
        for hazard in Hazard
        if hazard is not review.claim.hazard
    ]
    others = [
        button(label(_truth(speech, kind)), Verb.FIX_KIND, f"{number}.{kind}")
        for kind in TRUTHS[review.claim.kind]
        if kind is not review.claim.kind
    ]
    nothing = button(speech.say("Nothing of the kind"), Verb.REJECT, number)
    back = button(speech.say("« Back"), Verb.REVIEW, number)
    shown = card(speech, review, now)
    return Message(
        text=shown.text,
        entities=shown.entities,
        keyboard=(*columns(hazards, 2), *columns(others, 2), (nothing,), (back,)),
    )


WHYS: Final = frozenset(
    (
        msg("a moderator found it in what was told as danger"),
        msg("a resident's report"),
        msg("certainty possible"),
        msg("certainty unknown"),
        msg("it does not say exactly where"),
        msg("it does not say of which danger"),
        msg("it is more than a day old"),
        msg("it names the region and places in it"),
        msg("it speaks of a part, but not of which"),
        msg("it states a time before the alarm there"),
        msg("its post is older than the last word on the danger there"),
        msg("its wording is uncertain"),
        msg("the channel does not speak for this region"),
        msg("unknown place"),
        msg("weak words"),
        msg("within a minute of the alarm there"),
    )
)
"""Why somebody is asked, in the words of `ingest`: what stands before a colon."""


def _why(speech: Speech, why: str) -> str:
    head, colon, rest = why.partition(": ")
    return clean(f"{speech.say(head) if head in WHYS else head}{colon}{rest}")


def _truth(speech: Speech, kind: Kind) -> str:
    """Of what was told as danger."""
    match kind:
        case Kind.DRILL:
            return speech.say("A drill")
        case Kind.INTERCEPTION:
            return speech.say("Shot down already")
        case Kind.DAMAGE:
            return speech.say("It has happened already")
        case Kind.ALL_CLEAR:
            return speech.say("An all-clear")
        case _:
            raise ValueError(f"nothing is corrected to {kind}")


def how_to_fix_places(speech: Speech, review: Review) -> str:
    return speech.say(
        "Send the right places of this region: /fix {number} place, place", number=review.id
    )


def waiting(
    speech: Speech, reviews: Sequence[Review], number: int, count: int, now: datetime
) -> Message:
    """One page, the most urgent first; ``count``: how many there are on all pages."""
    if not reviews:
        return screen([plain(speech.say("Nothing waits for a decision."))])
    lines: list[Line] = [bold(speech.say("Waits for a decision: {n}", n=count))]
    for each in reviews:
        voice = speech.voice(each.region, now)
        names = ", ".join(speech.name(code) for code in each.claim.areas[:3])
        lines += [
            plain(f"/held {each.id} · {_subject(speech, each.kind)}"),
            plain(f"{speech.name(each.region)}: {voice.hazard(each.claim.hazard)} · {names}"),
            plain(f"“{shorten(clean(each.source.quote), _QUOTE)}”"),
            plain(_commands(each)),
        ]
    return screen(lines, [turning(Verb.HELD, "", number, pages(count, PER_PAGE))])


def not_waiting(speech: Speech, number: int) -> Message:
    return screen([plain(speech.say("#{number} does not wait for this.", number=number))])


def no_such_places(speech: Speech, names: Sequence[str]) -> Message:
    listed = shorten(clean(", ".join(names)), _QUOTE)
    text = speech.say(
        "Not in this region, or not an exact name: {names}. Nothing was changed.", names=listed
    )
    return screen([plain(text)])


def too_many(speech: Speech, given: int, most: int) -> Message:
    text = speech.say(
        "That is {given} places; up to {most} at a time. Nothing was changed: name their region,"
        " or leave some out.",
        given=given,
        most=most,
    )
    return screen([plain(text)])


def found_yourself(speech: Speech) -> Message:
    text = speech.say(
        "You found this all-clear yourself: another moderator has to release it. You may reject"
        " it."
    )
    return screen([plain(text)])


def too_wide(speech: Speech) -> Message:
    text = speech.say(
        "The post does not clear the whole region. Name the places, or /compose an all-clear: that"
        " takes two of you."
    )
    return screen([plain(text)])


def _subject(speech: Speech, kind: Subject) -> str:
    match kind:
        case Subject.DANGER:
            return speech.say("doubtful danger, told already")
        case Subject.CLEAR:
            return speech.say("all-clear, held")
        case Subject.REPORT:
            return speech.say("a resident's report")
        case _:
            assert_never(kind)


def _decided(speech: Speech, review: Review) -> str:
    match review.state:
        case State.CONFIRMED:
            what = speech.say("confirmed")
        case State.CORRECTED:
            what = speech.say("corrected")
        case State.RELEASED:
            what = speech.say("released")
        case State.REJECTED:
            what = speech.say("rejected")
        case State.WITHDRAWN:
            what = speech.say("withdrawn by its channel")
        case State.OPEN:
            what = ""
        case _:
            assert_never(review.state)
    return what if review.decided_by is None else f"{what} · {review.decided_by}"


def _commands(review: Review) -> str:
    yes = "confirm" if State.CONFIRMED in VERDICTS[review.kind] else "release"
    return f"/{yes} {review.id}   /reject {review.id}   /fix {review.id} …"


def _buttons(speech: Speech, review: Review) -> list[list[Button]]:
    number = str(review.id)
    yes = (
        button(speech.say("Confirm"), Verb.CONFIRM, number)
        if State.CONFIRMED in VERDICTS[review.kind]
        else button(speech.say("Release"), Verb.RELEASE, number)
    )
    return [
        [yes, button(speech.say("Reject"), Verb.REJECT, number)],
        [
            button(speech.say("Fix the kind"), Verb.KINDS, number),
            button(speech.say("Fix the places"), Verb.FIX_PLACES, number),
        ],
    ]


def _source(review: Review) -> Span:
    title = shorten(clean(review.source.title), 60)
    return link(f"{title}, {review.source.at:%d.%m %H:%M} UTC", review.source.link)


def _post(review: Review) -> list[Line]:
    """The post's words, with those that decided in bold."""
    if review.post is None:
        return [plain(f"“{shorten(clean(review.source.quote), _POST)}”")]
    text, lines, start = review.post.text[:_POST], [], 0
    for words in text.split("\n"):
        lines.append(_marked(words, start, review.claim.evidence))
        start += len(words) + 1
    return lines


def _marked(words: str, start: int, evidence: Sequence[tuple[int, int]]) -> Line:
    spans: list[Span] = []
    at = 0
    for begin, end in sorted(evidence):
        first, last = max(begin - start, at), min(end - start, len(words))
        if first >= last:
            continue
        spans += [_span(words[at:first], None), _span(words[first:last], "bold")]
        at = last
    return tuple(span for span in (*spans, _span(words[at:], None)) if span.text)


def _span(text: str, kind: str | None) -> Span:
    """Cleaned, the blanks around it kept."""
    before = " " if text[:1].isspace() else ""
    after = " " if text.strip() and text[-1:].isspace() else ""
    return Span(text=f"{before}{clean(text)}{after}", type=kind)
