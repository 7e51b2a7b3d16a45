"""Posts that must stay silent though they use the words: adverts, front digests, ceremonies."""

from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.tables import forms
from ingest.rules.asks import practised
from ingest.rules.clause import Clause
from ingest.rules.draft import Draft
from storage.model import Kind, Silence

_ADVERT: Final = forms(
    """реклама промокод скидка резюме вакансии контракту казино розыгрыш контракт скидки
    скидку скидкой скидок знижка знижки знижку знижок знижкою"""
)
_FRONT: Final = ("специальной военной", "группировки войск", "группировок войск")
_SIGNED: Final = frozenset({Kind.THREAT, Kind.ALL_CLEAR, Kind.AIRSPACE_CLOSED, Kind.AIRSPACE_OPEN})
_REPORTED: Final = frozenset({Kind.INTERCEPTION, Kind.DAMAGE, Kind.CASUALTIES})
_WEIGHTY: Final = frozenset({Kind.CASUALTIES, Kind.EVACUATION, Kind.EVACUATION_OVER, Kind.OUTAGE})
_BARE: Final = 4
_NO_HEADING: Final = w.NOT | w.LIFTED | w.CANCEL | w.FUTURE
"""«Это не учения», «учения завершены» govern nothing."""
_HEADING: Final = 3
"""A post whose first sentences name an exercise is about it as a whole."""


def silence_of(
    sentences: list[Clause], drafts: list[Draft], whole: int
) -> tuple[Silence | None, list[Draft]]:
    """The reason to say nothing, or None and the claims that remain."""
    if not sentences:
        return Silence.EMPTY, []
    text = " ".join(sentences[0].reading.words)
    if any(phrase in text for phrase in _FRONT):
        return Silence.FRONT_DIGEST, []
    if whole & w.ADVERT and any(not _ADVERT.isdisjoint(each.words()) for each in sentences[:3]):
        return Silence.ADVERT, []
    drafts = _without_practised(drafts, sentences)
    kinds = {draft.kind for draft in drafts}
    if Kind.DRILL in kinds:
        told = min(draft.sentence for draft in drafts if draft.kind is Kind.DRILL)
        drafts = [
            draft
            for draft in drafts
            if draft.kind is Kind.DRILL
            or (draft.kind in _SIGNED and ("declared" in draft.rule or told > _HEADING))
            or (told > _HEADING and draft.sentence < told and draft.kind in _REPORTED)
        ]
        kinds = {draft.kind for draft in drafts}
    if whole & w.CIVIC and not kinds & _SIGNED and kinds:
        drafts = _not_ceremonial(drafts, sentences)
        if not drafts:
            return Silence.CEREMONY, []
    return None, drafts


def _not_ceremonial(drafts: list[Draft], sentences: list[Clause]) -> list[Draft]:
    """What is told in a sentence about a meeting, a show or a programme, or below such an opening,
    is its occasion and no news; a report that only ends with «окажем поддержку» stays."""
    civic = {sentence.sentence for sentence in sentences if sentence.mask & w.CIVIC}
    opening = 0 in civic
    several = _count(sentences, w.CIVIC) > 1
    kept: list[Draft] = []
    for draft in drafts:
        if draft.count or draft.kind in _WEIGHTY:
            occasion = opening and several
        elif draft.kind is Kind.INTERCEPTION:
            occasion = opening or several
        else:
            occasion = opening or draft.sentence in civic
        if not occasion or draft.kind is Kind.DRILL:
            kept.append(draft)
    return kept


def _without_practised(drafts: list[Draft], sentences: list[Clause]) -> list[Draft]:
    """Without what stands in a sentence about an exercise, or anywhere under a heading that is
    nothing but «УЧЕБНАЯ ТРЕВОГА». Danger that is *declared* besides an exercise is real."""
    if not any(sentence.mask & (w.DRILL | w.TEST | w.SIREN | w.DANGER) for sentence in sentences):
        return drafts
    exercises: set[int] = set()
    heading = len(sentences)
    for sentence in sentences:
        number = sentence.sentence
        short = sentence.size() <= _BARE and number < _HEADING
        if practised(sentence):
            exercises.add(number)
            heading = min(heading, number) if short else heading
        elif short and sentence.mask & w.DRILL and not sentence.mask & _NO_HEADING:
            heading = min(heading, number)
    return [
        draft
        for draft in drafts
        if draft.kind is Kind.DRILL
        or not (draft.sentence in exercises or draft.sentence >= heading)
    ]


def _count(sentences: list[Clause], mask: int) -> int:
    return sum(len(sentence.every(mask)) for sentence in sentences)


def why_nothing(sentences: list[Clause], whole: int) -> Silence:
    """The named reason when no rule spoke."""
    if whole & w.ADVERT and not whole & (w.UAV | w.MISSILE | w.DANGER):
        return Silence.ADVERT
    if whole & w.CIVIC:
        return Silence.CEREMONY
    if whole & w.FRONT:
        return Silence.FRONT_DIGEST
    if whole & w.FORECAST:
        return Silence.FORECAST
    if whole & w.NOT and whole & (w.DANGER | w.UAV):
        return Silence.DENIAL
    return Silence.NO_SIGNAL
