"""Floods: water that came, or may come."""

from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.tables import forms
from ingest.places.mentions import Mention
from ingest.rules.clause import Clause
from ingest.rules.told import draft_of
from ingest.rules.walk import Walk
from storage.model import Certainty, Hazard, Kind

_DRY: Final = forms("нет немає отсутствует отсутствуют")


_DAMS: Final = forms("dam dams dam's")


def water(walk: Walk, sentence: Clause, named: list[Mention]) -> None:
    """Floods: a threat where water is expected, damage where it came."""
    if not _rises(sentence) or any(
        draft.sentence == sentence.sentence
        and draft.hazard is Hazard.FLOOD
        and draft.kind is not Kind.EVACUATION
        for draft in walk.drafts
    ):
        return
    if sentence.mask & (w.CIVIC | w.QUIET | w.RETURN | w.LIFTED | w.CANCEL | w.CLEAR):
        return
    words = sentence.words()
    if sentence.phrase("не прогнозируется", "не ожидается", "не прогнозується"):
        return
    if not _DRY.isdisjoint(words) or any(word.startswith(_PREPARED) for word in words):
        return
    known = [each for each in walk.drafts if each.hazard is Hazard.FLOOD]
    if known and any(word in _DAMS for word in sentence.words()):
        return
    flee = bool(sentence.mask & w.DAM) and any(each.any_word(_FLEE) for each in walk.sentences)
    expected = flee or sentence.mask & (w.FORECAST | w.DANGER | w.FUTURE)
    if expected and not named and known:
        named = known[-1].mentions
    kind = Kind.THREAT if expected else Kind.DAMAGE
    draft = draft_of(
        walk, kind, Hazard.FLOOD, "flood.expected" if expected else "flood.came", sentence, named
    )
    if expected:
        draft.certainty = Certainty.POSSIBLE
    elif sentence.mask & (w.PRELIMINARY | w.STRIKE | w.ATTACK) or any(
        word.startswith("assault") for word in words
    ):
        draft.certainty, draft.preliminary = Certainty.POSSIBLE, True


_FLEE: Final = forms(
    """покиньте эвакуируйтесь залиште залишити евакуюйтесь евакуюйтеся уходите уезжайте тікайте"""
)
"""A dam that gave way, and people told to leave: the water is still to come."""


_BREACH: Final = (
    "прор", "перелив", "размы", "розми", "разруш", "поврежд", "удар", "атак", "обстрел", "трес",
    "подрыв", "підрив", "зруйн", "руйнув",
    "threat", "attack", "assault", "flood", "compromis", "struck", "damage", "сброс",
)  # fmt: skip


_PREPARED: Final = (
    "подготов", "підготов", "снегозапас", "страхов", "проверен", "обследован",
    "осмотрен", "противопаводк", "миновал", "минул",
)  # fmt: skip


_RISING: Final = (
    "плюс",
    "выше",
    "прибав",
    "подня",
    "вышл",
    "вышел",
    "зашл",
    "превыш",
    "поднял",
    "вийшл",
    "пик",
)


_OF_WATER: Final = forms("вода воды воде рек река реки реке уровень уровня берегов берега см")


def _rises(sentence: Clause) -> bool:
    """Water comes or may come: a flood by name, a dam that gives way, a river above its mark."""
    if sentence.mask & w.FLOOD:
        return True
    if not sentence.mask & (w.DAM | w.SUPPLY):
        return False
    words = sentence.words()
    if sentence.mask & w.DAM:
        return any(word.startswith(_BREACH) for word in words)
    return (
        any(word.startswith(_RISING) for word in words)
        and len(_OF_WATER.intersection(words)) > 0
        and "см" in words
    ) or sentence.phrase("из берегов", "в воде", "большая вода")
