"""A draft of what one sentence tells, with the period and the doubt that its words set."""

from itertools import pairwise
from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.tables import forms
from ingest.places.mentions import Mention
from ingest.rules.clause import Clause
from ingest.rules.draft import Draft
from ingest.rules.walk import Walk, unnamed
from storage.model import Hazard, Kind

_RETROSPECTIVE: Final = (
    "за сутки",
    "прошедшие сутки",
    "минувшие сутки",
    "прошедшей ночью",
    "минувшей ночью",
    "прошедшую ночь",
    "минувшую ночь",
    "прошедшей ночи",
    "минувшей ночи",
    "течение ночи",
    "течение дня",
    "ночь на",
    "ночь с",
    "ніч на",
    "за ночь",
    "за ніч",
    "за добу",
    "упродовж доби",
    "протягом доби",
    "минулої доби",
    "период с",
    "период",
    "минулої ночі",
    "минувшие",
    "прошедшие",
    "вчера",
    "минулого тижня",
    "прошлой недели",
    "прошлую неделю",
)


def draft_of(
    walk: Walk, kind: Kind, hazard: Hazard, rule: str, sentence: Clause, mentions: list[Mention]
) -> Draft:
    reading = sentence.reading
    draft = Draft(
        kind=kind,
        hazard=hazard,
        rule=rule,
        sentence=sentence.sentence,
        spans=[reading.span(sentence.first, sentence.end)],
        mentions=mentions,
        retrospective=past(walk, sentence),
        preliminary=bool(sentence.mask & w.PRELIMINARY),
        unnamed=unnamed(sentence),
    )
    walk.drafts.append(draft)
    return draft


def past(walk: Walk, sentence: Clause) -> bool:
    """The period that a sentence speaks of is over; a heading's holds for the whole post."""
    return walk.digest or _period(sentence)


def _period(sentence: Clause) -> bool:
    """«За сутки», «в ночь на …», «с 22.00 до 7.00»; not «сегодня ночью»."""
    if sentence.mask & w.PERIOD:
        text = " ".join(sentence.words())
        if "сегодня" not in text and any(phrase in text for phrase in _RETROSPECTIVE):
            return True
    return _between_hours(sentence)


def _between_hours(sentence: Clause) -> bool:
    words = sentence.words()
    for at, word in enumerate(words[:-3]):
        if word in ("с", "з") and _hour(words[at + 1]):
            further = pairwise(words[at + 2 : at + 2 + _REACH])
            if any(to in ("до", "по") and _hour(end) for to, end in further):
                return True
    return False


_REACH: Final = 7  # words


def _hour(word: str) -> bool:
    """«22:00», «7.00»."""
    hour, _, minute = word.replace(".", ":").partition(":")
    on_clock = len(minute) == _MINUTE and minute.isdigit() and hour.isdigit()
    return on_clock and int(hour) <= _MIDNIGHT


_MINUTE: Final = 2  # digits
_MIDNIGHT: Final = 24


def period_of(walk: Walk) -> None:
    """A sentence that names a period and no place is the heading of all that was shot down: the
    lines below it, and the number above it, are of that period too."""
    headings = [
        sentence
        for sentence in walk.sentences
        if sentence.mask & _OF_PERIOD and _period(sentence) and not _placed(walk, sentence)
    ]
    if not headings:
        return
    for draft in walk.drafts:
        told = walk.sentences[draft.sentence]
        if (draft.kind is Kind.INTERCEPTION and not told.any_word(_JUST_NOW)) or (
            draft.kind is Kind.DAMAGE and not any(each.codes for each in draft.mentions)
        ):
            draft.retrospective = True


_OF_PERIOD: Final = w.DOWN | w.ATTACK | w.STRIKE | w.REPEL
_JUST_NOW: Final = forms("сегодня сейчас сьогодні зараз щойно только")


def _placed(walk: Walk, sentence: Clause) -> bool:
    return any(each.codes and not each.generic for each in walk.places.of(sentence.sentence))
