"""A draft of what one sentence tells, with the period and the doubt that its words set."""

from typing import Final

from ingest.lexicon import words as w
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
    if walk.digest:
        return True
    if sentence.mask & w.PERIOD:
        text = " ".join(sentence.words())
        if "сегодня" not in text and any(phrase in text for phrase in _RETROSPECTIVE):
            return True
    return False
