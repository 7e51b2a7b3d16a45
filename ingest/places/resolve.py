"""Mentions to areas: the post's own region, the regions it names, then the whole country.

A name shared by several places is refused rather than guessed.
"""

from typing import Final

from ingest.lexicon.tables import forms
from ingest.places.choice import (
    district_of,
    outweighing,
    passing_by,
    without_city_districts,
)
from ingest.places.gazetteer import Gazetteer, Name
from ingest.places.heads import Head
from ingest.places.mentions import Mention, find
from ingest.text import Reading
from storage.areas.tree import Tier
from storage.model import AreaCode

_UNDER: Final = forms("под під")
_BY: Final = ("ом", "ем", "ой", "ей", "ью", "ою", "єм", "ями", "ами")
_KNOWN_EVERYWHERE: Final = 20_000
"""Inhabitants of a town that may be meant without its region being named."""

_OF_COMMUNITY: Final = (
    "ської", "ській", "ську", "ська", "цької", "цькій", "цьку", "цька", "зької", "зькій", "зьку",
    "зька", "ской", "скую", "ская",
)  # fmt: skip
_ALIKE: Final = 4
"""Letters that a hromada must share with its town."""


def _bones(name: str) -> str:
    """Without vowels: Лубни of «Лубенська»."""
    return "".join(letter for letter in name if letter not in "аеиоуіїєяюьй")


def _shared(base: str, name: str) -> int:
    """How many letters two names have in common from the start; і, о and е change into another."""
    n = 0
    for one, other in zip(base, name, strict=False):
        if one != other and not {one, other} <= {"і", "о", "е", "є"}:
            break
        n += 1
    return n


class Places:
    """The resolved mentions of one post, by sentence."""

    __slots__ = ("_by_sentence", "home", "mentions")

    def __init__(self, mentions: list[Mention], home: AreaCode | None) -> None:
        self.mentions = mentions
        self.home = home
        self._by_sentence: dict[int, list[Mention]] = {}
        for mention in mentions:
            self._by_sentence.setdefault(mention.sentence, []).append(mention)

    def of(self, sentence: int) -> list[Mention]:
        """Those of a sentence."""
        return self._by_sentence.get(sentence, [])


def places(reading: Reading, gazetteer: Gazetteer, home: AreaCode | None) -> Places:
    """Find and resolve all mentions of a text. ``home``: a region, a country or None."""
    mentions = find(reading, gazetteer)
    if not mentions:
        return Places([], home)
    country = None
    if home is not None and "-" not in home:
        country, home = home, None
    resolver = _Resolver(gazetteer, home, country)
    for mention in mentions:
        resolver.region(mention)
    named = [each for each in mentions if each.codes and "/" not in each.codes[0]]
    resolver.around(reading, mentions)
    together: dict[int, list[Mention]] = {}
    for mention in mentions:
        together.setdefault(mention.sentence, []).append(mention)
    resolver.told(named)
    for district in (True, False):
        for mention in mentions:
            if not (mention.codes or mention.generic or mention.unresolved) and (
                (mention.head is Head.DISTRICT) is district
            ):
                resolver.place(mention, named, together[mention.sentence])
    resolver.generic(mentions)
    kept = [
        each for each in mentions if (each.codes or each.unresolved) and not passing_by(each, home)
    ]
    return Places(without_city_districts(reading, kept), home)


class _Resolver:
    __slots__ = ("_told", "_told_in", "country", "gazetteer", "home")

    def __init__(
        self, gazetteer: Gazetteer, home: AreaCode | None, country: AreaCode | None
    ) -> None:
        self.gazetteer = gazetteer
        self.home = home
        self.country = country
        self._told: set[str] = set()
        self._told_in: dict[int, list[Mention]] = {}

    def told(self, named: list[Mention]) -> None:
        """The regions that the post names, as a whole and sentence by sentence."""
        for each in named:
            self._told_in.setdefault(each.sentence, []).append(each)
            if not each.origin:
                self._told |= {str(code) for code in each.codes}

    def region(self, mention: Mention) -> None:
        """Names of whole regions, which the others are judged by."""
        regions = [name for name in mention.names if name.tier is Tier.REGION]
        if not regions or mention.codes:
            return
        if mention.head is Head.REGION:
            fitting = regions
        else:
            others = [name for name in mention.names if name.tier is not Tier.REGION]
            fitting = [name for name in regions if not name.adjective or name.rest]
            if mention.head is Head.DISTRICT:
                fitting = [name for name in regions if "округ" in name.unit] or fitting
            nearer = mention.head is not None or any(self._at_home(name) for name in others)
            if others and nearer and any(name.unit != "город" for name in fitting):
                fitting = []
        codes = {name.codes for name in fitting}
        if len(codes) == 1:
            mention.codes = fitting[0].codes

    def _at_home(self, name: Name) -> bool:
        return name.region == self.home

    def generic(self, mentions: list[Mention]) -> None:
        """«в регионе», «та області»: the channel's region, else that of the place before."""
        last: str | None = self.home
        for mention in mentions:
            if mention.generic:
                if last is not None:
                    code = self.home or last
                    if code == "UA-30" and not self.home:
                        code = "UA-32"
                    mention.codes = (AreaCode(code),)
            elif mention.codes:
                last = mention.codes[0].partition("/")[0]

    def around(self, reading: Reading, mentions: list[Mention]) -> None:
        """«под Воронежем» is around the town, not in it: no place of ours."""
        for mention in mentions:
            if (
                self.home is not None
                and mention.first > 0
                and reading.words[mention.first - 1] in _UNDER
                and mention.word.endswith(_BY)
                and not mention.adjective
            ):
                mention.names = []

    def place(self, mention: Mention, named: list[Mention], beside: list[Mention]) -> None:
        """A district or a town. ``beside``: the names of its sentence."""
        names = self._of_unit(mention)
        if not names:
            if self._nearly(mention, named):
                return
            mention.unresolved = mention.head is Head.DISTRICT
            return
        for regions in self._contexts(mention):
            fitting = [name for name in names if name.region in regions]
            if fitting:
                fitting = self._of_district(mention, fitting, beside)
                if not fitting:
                    return
                chosen = self._one(fitting)
                if chosen is not None:
                    mention.codes = district_of(mention, chosen)
                else:
                    mention.unresolved = True
                return
        if self._nearly(mention, named):
            return
        self._anywhere(mention, names, told=bool(named))

    def _of_unit(self, mention: Mention) -> list[Name]:
        names = [name for name in mention.names if name.tier is not Tier.REGION]
        head = mention.head
        if head is Head.DISTRICT:
            districts = [name for name in names if name.tier is Tier.DISTRICT]
            if mention.word.isascii():
                return districts or [name for name in names if name.tier is Tier.TOWN]
            if mention.adjective:
                towns = [name for name in names if name.tier is Tier.TOWN and "-" in name.initial]
                return [name for name in districts if name.adjective] or towns
            return districts or [name for name in names if not name.adjective]
        if head is Head.TOWN or head is Head.AIRPORT:
            return [name for name in names if name.tier is Tier.TOWN or name.unit == "город"]
        if head is Head.VILLAGE:
            return [name for name in names if name.tier is Tier.TOWN]
        if head is Head.COMMUNITY:
            return self._community(mention)
        if head is Head.REGION:
            return []
        if mention.adjective:
            return [name for name in names if name.adjective]
        return [name for name in names if not name.adjective or name.rest]

    def _community(self, mention: Mention) -> list[Name]:
        """A hromada is called after its town: «Марганецька ТГ» after Марганець, «Білопільська»
        after Білопілля. Of the names that begin like it those that share most letters."""
        word = mention.word
        ending = next((each for each in _OF_COMMUNITY if word.endswith(each)), None)
        if ending is None:
            return []
        base = word[: -len(ending)]
        best = 0
        found: list[Name] = []
        for name in self.gazetteer.beginning(base):
            if name.tier is not Tier.TOWN:
                continue
            shared = _shared(base, name.initial)
            if shared < max(_ALIKE, len(base) - 2) or len(name.initial) > len(base) + 4:
                continue
            if shared > best:
                best, found = shared, []
            if shared == best:
                found.append(name)
        return found or [
            name
            for name in self.gazetteer.beginning(base)
            if name.tier is Tier.TOWN and _bones(name.initial) == _bones(base)
        ]

    def _contexts(self, mention: Mention) -> list[set[str]]:
        """Sets of regions to look in, best first."""
        here = self._told_in.get(mention.sentence, [])
        sentence = {
            code.partition("/")[0] for each in here if not each.origin for code in each.codes
        }
        after = [each.codes[0] for each in here if 0 <= each.first - mention.end <= 1]
        contexts: list[set[str]] = []
        if after:
            contexts.append({after[0]})
        if sentence:
            contexts.append(sentence)
        if self.home is not None:
            contexts.append({self.home})
        if self._told:
            contexts.append(self._told)
        return contexts

    def _one(self, names: list[Name]) -> Name | None:
        """The one that is meant: a city before its namesakes, else the only one."""
        codes = {name.codes for name in names}
        if len(codes) == 1:
            return names[0]
        for tier in (Tier.DISTRICT, Tier.TOWN):
            fitting = {name.codes: name for name in names if name.tier is tier}
            if len(fitting) == 1:
                return next(iter(fitting.values()))
            if fitting:
                return outweighing(list(fitting.values()))
        return None

    def _of_district(
        self, mention: Mention, names: list[Name], beside: list[Mention]
    ) -> list[Name]:
        """Towns of the districts that the sentence names before those elsewhere. A village is
        never looked for outside: «В Волоконовском округе … село Борисовка»."""
        inside = tuple(
            code + "/"
            for each in beside
            if each.head is Head.DISTRICT
            for code in each.codes
            if "/" in code
        )
        if not inside or mention.head is Head.DISTRICT:
            return names
        fitting = [name for name in names if name.codes[0].startswith(inside)]
        if fitting:
            return fitting
        if mention.head is Head.VILLAGE:
            return []
        return names

    def _anywhere(self, mention: Mention, names: list[Name], *, told: bool) -> None:
        """Neither the region nor the post says where: only a name that nothing rivals."""
        if mention.head is Head.VILLAGE:
            mention.unresolved = self.home is not None
            return
        if self.country is not None:
            names = [name for name in names if name.region.startswith(self.country)] or names
        districts = [name for name in names if name.tier is Tier.DISTRICT and name.adjective]
        if mention.head is Head.DISTRICT and mention.adjective:
            if self.home is not None and self.home.startswith("RU"):
                # 104 names are shared: a district of another region is told with its region.
                mention.unresolved = True
            elif len({name.codes for name in districts}) == 1:
                mention.codes = districts[0].codes
            else:
                mention.unresolved = True
            return
        if mention.adjective and mention.head is None:
            return
        best = outweighing(names)
        if best is None:
            mention.unresolved = mention.head is not None
            return
        if self.home is not None and (best.population < _KNOWN_EVERYWHERE or mention.adjective):
            # Not in this region, and nobody says in which: an all-clear that names it is held.
            mention.unresolved = mention.head is not None or not mention.shouted
            return
        if best.population < _KNOWN_EVERYWHERE and (
            told
            or self.home is not None
            or not (mention.head is not None or mention.near or self.country)
        ):
            return
        mention.codes = district_of(mention, best)

    def _nearly(self, mention: Mention, named: list[Mention]) -> bool:
        """One letter off inside the region, no rival."""
        if not mention.adjective or mention.head not in (Head.DISTRICT, None):
            return False
        regions = [self.home] if self.home else sorted({each.codes[0] for each in named})
        if len(regions) != 1 or (mention.head is None):
            return False
        name = self.gazetteer.nearly(mention.word, str(regions[0]))
        if name is None:
            return False
        mention.codes = name.codes
        return True
