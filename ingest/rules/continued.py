"""Words of danger that are no statement of their own: they say more of the one before them."""

from typing import Final

from ingest.lexicon import words as w
from ingest.rules.clause import Clause
from ingest.rules.doubt import doubt
from ingest.rules.hazard import because, hazards_of
from ingest.rules.status import HAZARD_WORDS, Rule
from ingest.rules.walk import Walk, usable
from storage.model import Hazard, Kind


def same_statement(walk: Walk, rule: Rule, clause: Clause) -> bool:
    """«Загроза балістики минула — відбій», «Отбой „красного“ уровня — „Угроза атаки БПЛА“ — в
    Ельце»: the second half of an all-clear, no statement of its own."""
    last = walk.drafts[-1] if walk.drafts else None
    if last is None or last.kind is not Kind.ALL_CLEAR or last.sentence != clause.sentence:
        return False
    if rule.kind is Kind.ALL_CLEAR and not clause.mask & HAZARD_WORDS:
        return True
    named = walk.sentences[clause.sentence]
    own = clause.mask & (w.DECLARE | w.STANDS | w.AGAIN)
    if rule.id != "threat.declared" or own:
        return False
    first = Clause(named.reading, named.bits, named.first, clause.first, clause.sentence)
    if first.mask & HAZARD_WORDS:
        return False
    last.hazard = (hazards_of(walk, clause, Kind.THREAT) or [last.hazard])[0]
    last.spans.append(clause.reading.span(clause.first, clause.end))
    last.mentions += [
        each
        for each in usable(walk.places.of(clause.sentence))
        if clause.first <= each.first < clause.end and each not in last.mentions
    ]
    last.open = not last.mentions
    doubt(walk, last, named)
    return True


_BARE: Final = 2


def explains(walk: Walk, clause: Clause) -> bool:
    """«Воздушная тревога. Сигнал подан в связи с ракетной опасностью»: of what it warns."""
    last = walk.drafts[-1] if walk.drafts else None
    if (
        last is None
        or last.kind is not Kind.THREAT
        or last.hazard is not Hazard.AIR_RAID
        or last.sentence + 1 != clause.sentence
        or not clause.words()[0].startswith(("сигнал", "тревог", "сирен"))
        or not because(clause)
    ):
        return False
    for bit, hazard in ((w.MISSILE, Hazard.MISSILE), (w.UAV, Hazard.UAV)):
        if clause.mask & bit:
            last.hazard = hazard
            last.spans.append(clause.reading.span(clause.first, clause.end))
            return True
    return False


def names_what_ended(walk: Walk, rule: Rule, clause: Clause) -> bool:
    """«Отбой! Ракетная опасность»: two cries, of which the second says what has ended. The
    all-clear takes its hazard and stays held."""
    last = walk.drafts[-1] if walk.drafts else None
    if (
        last is None
        or last.kind is not Kind.ALL_CLEAR
        or walk.sentences[last.sentence].mask & HAZARD_WORDS
        or last.sentence + 1 != clause.sentence
        or walk.sentences[last.sentence].size() > _BARE
        or clause.below_blank_line()
        or rule.id != "threat.declared"
        or clause.mask & w.DECLARE
        or clause.size() > 4
    ):
        return False
    last.hazard = (hazards_of(walk, clause, Kind.THREAT) or [Hazard.OTHER])[0]
    last.spans.append(clause.reading.span(clause.first, clause.end))
    return True
