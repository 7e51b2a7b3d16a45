"""The dictionary of place names: a word to the areas it may name.

Built once from the tree: stems to names, some ten thousand. A word is looked up by cutting its
ending off, at most five dictionary probes, and the answer is kept, since posts repeat themselves.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import Levenshtein

from ingest.levels import Levels
from ingest.places.forms import (
    ADJECTIVE,
    FEMININE,
    MASCULINE,
    NOUN,
    PLURAL,
    Endings,
    is_adjective,
    stems,
    whole_forms,
)
from storage.areas.tree import Area, Areas, Tier
from storage.model import AreaCode

_LONGEST_ENDING: Final = 3
_BUCKET: Final = 2
"""Letters that every form of a name begins with."""
_KNOWN_ABROAD: Final = 20_000
"""Inhabitants of a town that English posts name."""
_UNITS_OF_FEMININE: Final = frozenset({"область", "республика", "волость", "автономная область"})


class Name(NamedTuple):
    """One written name of one area (of several, for a named set); ``rest``: its further words."""

    codes: tuple[AreaCode, ...]
    tier: Tier
    region: str
    adjective: bool
    rest: tuple[tuple[tuple[str, Endings], ...], ...]
    population: int
    unit: str
    initial: str


class Sense(NamedTuple):
    """A name that a word may begin, and the gender and number that its ending allows."""

    name: Name
    form: int


def folded(name: str) -> str:
    """As `ingest.text.fold` does, for names."""
    return name.lower().replace("ё", "е").replace("’", "'").replace("ʼ", "'")


class Gazetteer:
    """All names of all areas, and the named sets of the table of regions."""

    __slots__ = (
        "_begin",
        "_districts",
        "_exact",
        "_stems",
        "_unread",
        "airports",
        "areas",
        "senses",
        "set_beginnings",
        "sets",
    )

    def __init__(self, areas: Areas, levels: Levels) -> None:
        self.areas = areas
        self.sets = levels.sets
        self.set_beginnings = tuple(each.pattern[0] for each in levels.sets)
        self.airports = levels.airports
        self._stems: dict[str, list[tuple[Name, Endings]]] = {}
        self._exact: dict[str, list[Name]] = {}
        self._districts: dict[str, dict[str, Name]] = {}
        self._begin: dict[str, list[Name]] = {}
        self._unread: dict[str, list[_Written]] = {}
        regions = {name for area in areas if area.tier is Tier.REGION for name in area.aliases}
        for area in areas:
            if area.tier is not Tier.COUNTRY:
                for name in _names(area):
                    self._note(_Written(name, (area.code,), area, area.tier))
                land = _land(area)
                if land is not None and land not in regions:
                    self._note(_Written(land, (area.code,), area, area.tier))
        for name, codes in levels.names.items():
            known = self.areas.find(codes[0])
            if known is not None:
                tier = Tier.DISTRICT if is_adjective(folded(name)) else known.tier
                self._note(_Written(name, codes, known, tier))
        self.senses = lru_cache(maxsize=65_536)(self._senses)

    def _note(self, written: "_Written") -> None:
        """Keep a name for when a word first begins like it: to decline all of them at the start
        would take longer than reading the tables."""
        bucket = folded(written.name[:_BUCKET])
        known = self._unread.get(bucket)
        if known is None:
            self._unread[bucket] = [written]
        else:
            known.append(written)

    def _learn(self, bucket: str) -> None:
        for written in self._unread.pop(bucket, ()):
            self._add(folded(written.name), written)

    def _add(self, name: str, written: "_Written") -> None:
        codes, area, tier = written.codes, written.area, written.tier
        if "-" in name and not is_adjective(name):
            self._add(name.replace("-", " "), written)
        first, *rest = name.replace("(", "").replace(")", "").replace("—", " ").split()
        adjective = is_adjective(first) and not rest
        if (
            tier is Tier.REGION
            and rest
            and rest[0] in ("область", "край", "республика", "oblast", "krai")
        ):
            adjective, rest = True, []
        further = tuple(tuple(stems(word)) for word in rest)
        region = codes[0].partition("/")[0]
        entry = Name(codes, tier, region, adjective, further, area.population, area.unit, first)
        if "-" in first:
            for form in whole_forms(first):
                self._exact.setdefault(form, []).append(entry)
        for stem, endings in stems(first):
            self._stems.setdefault(stem, []).append((entry, endings))

    def _senses(self, word: str) -> tuple[Sense, ...]:
        """The names that a folded word may begin."""
        self._learn(word[:_BUCKET])
        found = [Sense(name, NOUN) for name in self._exact.get(word, ())]
        for cut in range(min(_LONGEST_ENDING, len(word) - 2) + 1):
            split = len(word) - cut
            entries = self._stems.get(word[:split])
            if entries is None:
                continue
            ending = word[split:]
            for name, endings in entries:
                form = endings.get(ending)
                if form is not None:
                    found.append(Sense(name, form))
        return tuple(found)

    def beginning(self, word: str) -> list[Name]:
        """The names that have their first letters in common with a word."""
        bucket = word[:_BUCKET]
        self._learn(bucket)
        known = self._begin.get(bucket)
        if known is None:
            entries = (
                name
                for stem, found in self._stems.items()
                if stem.startswith(bucket)
                for name, _ in found
            )
            known = self._begin[bucket] = list({id(name): name for name in entries}.values())
        return known

    def matches(self, name: Name, words: list[str], at: int, end: int) -> int | None:
        """Whether the further words of a name stand at ``at``: the word after them, or None."""
        for further in name.rest:
            if at >= end:
                return None
            word = words[at]
            if not any(
                word.startswith(stem) and word[len(stem) :] in endings for stem, endings in further
            ):
                return None
            at += 1
        return at

    def nearly(self, word: str, region: str) -> Name | None:
        """The only district of the region whose adjective is one letter off."""
        districts = self._districts.get(region)
        if districts is None:
            districts = self._districts[region] = self._district_stems(region)
        for cut in (3, 2):
            if word[-cut:] in ADJECTIVE:
                stem = word[:-cut]
                close = [
                    name
                    for each, name in districts.items()
                    if Levenshtein.distance(each, stem, score_cutoff=1) <= 1
                ]
                return close[0] if len(close) == 1 else None
        return None

    def _district_stems(self, region: str) -> dict[str, Name]:
        """The districts of a region that are called by an adjective, by its stem."""
        found: dict[str, Name] = {}
        for area in self.areas.children(region):
            for written in dict.fromkeys(map(folded, _names(area))):
                for name, form in self.senses(written):
                    if (
                        form != NOUN
                        and name.adjective
                        and name.tier is Tier.DISTRICT
                        and name.codes == (area.code,)
                    ):
                        found.setdefault(stems(written)[0][0], name)
        return found


class _Written(NamedTuple):
    """A name as the tables spell it, not yet declined."""

    name: str
    codes: tuple[AreaCode, ...]
    area: Area
    tier: Tier


def _names(area: Area) -> Iterable[str]:
    """Every way to write the name of an area, without repeats."""
    written = [area.short_ru, *area.aliases]
    if area.tier is not Tier.TOWN or "uk" not in area.derived:
        written.append(area.short_uk)
    if area.tier is Tier.REGION:
        written += (area.name_ru, area.name_uk, area.name_en)
    elif area.tier is Tier.DISTRICT or area.population >= _KNOWN_ABROAD:
        written.append(area.name_en.removesuffix(" District"))
    if area.tier is not Tier.REGION:
        written += [name.partition("-на-")[0] for name in written if "-на-" in name]
    return [name for name in dict.fromkeys(written) if name]


def _land(area: Area) -> str | None:
    """«Ізмаїльщина»: the land of a raion, as people call it. Of a region's name one is in the
    tables («Сумщина»), and never means the raion."""
    if area.tier is not Tier.DISTRICT or not area.code.startswith("UA"):
        return None
    stem = area.short_uk.removesuffix("ський")
    return None if stem == area.short_uk else stem + "щина"


def adjective_like(word: str) -> bool:
    """A word that looks like the adjective of a district («Вейделевском»)."""
    return len(word) > 6 and any(
        word.endswith(ending) and word[: -len(ending)].endswith(("ск", "цк", "ськ", "цьк"))
        for ending in ("ий", "ого", "ому", "им", "ом", "их", "ими", "ие", "ім", "і")
    )


def one_region(names: Iterable[Name]) -> bool:
    """Whether all lie in one region."""
    return len({name.region for name in names}) == 1


__all__ = [
    "FEMININE",
    "MASCULINE",
    "NOUN",
    "PLURAL",
    "Gazetteer",
    "Name",
    "Sense",
    "adjective_like",
    "folded",
    "one_region",
]
