"""What stands around a written name and says that it is no place of danger, or only where from."""

from typing import Final

from ingest.lexicon.tables import forms
from ingest.lexicon.words import (
    AIR,
    ATTACK,
    COURSE,
    LAUNCH,
    MISSILE,
    STRIKE,
    UAV,
    meaning,
)
from ingest.places.gazetteer import Gazetteer, Name
from ingest.places.heads import FROM, HEADS, facility, given_name, patient
from ingest.text import Gap, Reading
from storage.areas.tree import Tier

INTO: Final = forms("в во на у")
_SIDES: Final = forms("территории території боку стороны сторону тот the")
_ADJECTIVES: Final = 4
_ADJECTIVE: Final = ("ой", "ый", "ий", "ая", "яя", "ую", "юю", "ого", "его", "ому", "ему", "ом",
                     "ем", "ым", "им", "ых", "их", "ої", "ій", "у")  # fmt: skip
_NAMED: Final = forms(
    """снт днт жк тц трц дк кафе парк парке отель отеле гостиница гостинице санаторий санатории
    лагерь лагере завод заводе пансионат магазин магазине рынок рынке кинотеатр ансамбль колхоз"""
)
"""What has a name in quotation marks: СНТ «Сосновый бор» is no town."""
_FLIGHT: Final = UAV | MISSILE | LAUNCH | COURSE | ATTACK | AIR | STRIKE
_ROADS: Final = ("улиц", "дорог", "трасс", "автодорог", "вулиц")
"""«дороги в Уссурийске» are in the town, «больница в Белгороде» is where the hurt are."""


def comes_from(reading: Reading, first: int, at: int, end: int) -> bool:
    """«со стороны Брянской области»: a launch area, where something flies; not «весть из
    Руднянского округа». ``first``, ``end``: of the sentence."""
    for back in range(at - 1, max(first, at - 4) - 1, -1):
        word = reading.words[back]
        if word in FROM and not village(reading, back):
            return _flown(reading, first, end)
        if word not in HEADS and word not in _SIDES:
            return False
    return False


def village(reading: Reading, at: int) -> bool:
    """«с.» is «село», where «с» is "from"; «д.» before a name is «деревня»."""
    return reading.words[at] in ("с", "д") and reading.text.startswith(".", reading.ends[at])


def _flown(reading: Reading, first: int, end: int) -> bool:
    return any(meaning(word) & _FLIGHT for word in reading.words[first:end])


def bad_neighbour(
    reading: Reading, sentence: tuple[int, int], name: tuple[int, int], *, adjective: bool
) -> bool:
    """A hospital, a street, a surname: not a place of danger. Pairs are (first, end) of words."""
    words, gaps = reading.words, reading.gaps
    at, end = name
    if adjective and _of_facility(reading, end, sentence[1]):
        return True
    if at == sentence[0]:
        return False
    before = words[at - 1]
    if before in _NAMED and "«" in reading.text[reading.ends[at - 1] : reading.starts[at]]:
        return True
    if given_name(before) and gaps[at] == Gap.SPACE and before not in HEADS:
        return True
    for back in range(at - 1, max(sentence[0], at - 4) - 1, -1):
        if patient(words[back]):
            return not (before in INTO and words[back].startswith(_ROADS))
        if gaps[back] >= Gap.COMMA:
            break
    return False


def _of_facility(reading: Reading, end: int, last: int) -> bool:
    """«Клинцовскую центральную городскую больницу»: adjectives, then what they all describe."""
    for at in range(end, min(end + _ADJECTIVES, last)):
        word = reading.words[at]
        if reading.gaps[at] > Gap.HYPHEN:
            return False
        if facility(word):
            return True
        if not word.endswith(_ADJECTIVE) or word in HEADS:
            return False
    return False


def disagrees(name: Name, word: str) -> bool:
    """«Красный уровень» is not the village Красное."""
    if not name.adjective or name.tier is not Tier.TOWN:
        return False
    neuter = name.initial.endswith(("ое", "ее"))
    if word.endswith(("ий", "ый", "ой")):
        return neuter
    return word.endswith(("ое", "ее")) and not neuter


def longer_name(
    reading: Reading, gazetteer: Gazetteer, names: list[Name], end: int, last: int
) -> bool:
    """«Красный Пахарь» is not Красное: the capitalised word behind belongs to the name."""
    if end >= last or reading.gaps[end] != Gap.SPACE:
        return False
    word, raw = reading.words[end], reading.raw[end]
    return (
        all(name.tier is Tier.TOWN for name in names)
        and raw[0].isupper()
        and not raw.isupper()
        and word not in HEADS
        and not gazetteer.senses(word)
        and not meaning(word)
    )
