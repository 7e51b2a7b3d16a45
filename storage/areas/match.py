"""Joining places of several sources by name and by nearness. Pure; used by the build only."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from storage.areas.letters import russian_in_latin
from storage.areas.sources import City


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRegion:
    """How the sources name a region; ``postcodes`` are first digits that outweigh ``postal``."""

    code: str
    is_city: bool
    geonames: str
    capital: str | None = None
    postal: str | None = None
    postcodes: tuple[str, ...] = ()
    katottg: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """``city`` is None for a town that GeoNames does not have. ``apart``: see ``tree.Area``."""

    name: str
    unit: str
    city: City | None
    apart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """With no name: the towns of a region whose district is not known. An okrug has its
    ``city`` and is not among its towns. Names are in the country's own language."""

    region: str
    name: str
    unit: str
    towns: tuple[Town, ...]
    city: City | None = None


def folded(name: str) -> str:
    """What two spellings of one name have in common: «Орёл», «Усть-Кут»."""
    return re.sub(r"[\s-]+", " ", name.casefold().replace("ё", "е")).strip()


def latin_key(latin: str) -> str:
    """What two romanisations of one name have in common."""
    text = latin.lower().replace("ë", "e")
    for written, common in (("yy", "y"), ("iy", "y"), ("ye", "e"), ("yo", "e")):
        text = text.replace(written, common)
    return re.sub(r"[^a-z]", "", text)


_RUSSIAN_NAME: Final = re.compile(r"(?!Город )[А-ЯЁ][А-Яа-яЁё .-]+")
_UKRAINIAN_NAME: Final = re.compile(r"[А-ЩЬЮЯЄІЇҐ][А-ЩЬЮЯЄІЇҐа-щьюяєіїґ '’-]+")


def russian_names(names: Iterable[str]) -> tuple[str, ...]:
    """Those written in letters of the Russian alphabet only; other languages' may be among
    them."""
    written = (name.title() if name.isupper() else name for name in names)
    return tuple(name for name in written if _RUSSIAN_NAME.fullmatch(name))


def ukrainian_names(names: Iterable[str]) -> tuple[str, ...]:
    """Those written in letters of the Ukrainian alphabet only, with one form of apostrophe."""
    return tuple(name.replace("’", "'") for name in names if _UKRAINIAN_NAME.fullmatch(name))


def edits(one: str, other: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        previous, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            previous, row[j] = (
                row[j],
                min(row[j] + 1, row[j - 1] + 1, previous + (left != right)),
            )
    return row[-1]


def nearest_spelling(names: Sequence[str], latin: str) -> str | None:
    """Of Russian names the one that GeoNames' own romanisation was made from. Of equally near
    ones that with more letters: the soft sign («Казань») is what other alphabets lack."""
    key = latin_key(latin)
    return min(
        names,
        key=lambda name: (edits(latin_key(russian_in_latin(name)), key), -len(name), name),
        default=None,
    )


def distance_km(one: City, other: City) -> float:
    """Over the sphere."""
    a, b = math.radians(one.latitude), math.radians(other.latitude)
    across = math.radians(other.longitude - one.longitude)
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(across / 2) ** 2
    return 12742 * math.asin(math.sqrt(h))


CLEARLY_NEARER: Final = 0.6
"""Of two districts with a place of the same name, one is meant when its next town is nearer than
this part of the distance to the other's."""


def surrounding(city: City, districts: Iterable[tuple[str, Sequence[Town]]]) -> str | None:
    """The key of the district whose towns lie around the city, by the mean distance to the three
    nearest; None when two are about as near."""
    distances = []
    for key, towns in districts:
        near = sorted(distance_km(city, town.city) for town in towns if town.city)[:3]
        if near:
            distances.append((sum(near) / len(near), key))
    distances.sort()
    if len(distances) > 1 and distances[0][0] > CLEARLY_NEARER * distances[1][0]:
        return None
    return distances[0][1] if distances else None


_ADJECTIVE: Final = re.compile(r"(ый|ий|ой|ая|яя|ое|ее|ые|ие)$")
_DISTRICT_ENDING: Final = re.compile(r"(ский|цкий|ской|цкой|ый|ий|ой)$")
_LINKS: Final = frozenset(
    ("", "ов", "ев", "ин", "ьин", "н", "ен", "ан", "ян", "ун", "ь", "й", "ч", "ц", "к", "е")
)
_SOFTENED: Final = {"г": "ж", "к": "ч", "х": "ш", "ц": "ч"}


def bears_name(district: str, town: str) -> bool:
    """Whether a district is named after a town, in Russian: «Старооскольский» after «Старый
    Оскол», «Валуйский» after «Валуйки», «Славянский» after «Славянск-на-Кубани»."""
    name = folded(district).replace(" ", "")
    bases = {_DISTRICT_ENDING.sub("", name), name.removesuffix("кий")}
    *heads, last = folded(town).split(" ")
    if heads and (heads[-1] == "на" or _ADJECTIVE.search(last)):
        main = folded(town).removesuffix(last).removesuffix(" на ").strip()
        if bears_name(district, main):
            return True
    if heads:
        head = "".join(heads)
        stem = _ADJECTIVE.sub("", head)
        joined = {f"{stem}о", f"{stem}е", re.sub(r"ьн$|ск$", "", stem) + "о", head}
        bases = {base.removeprefix(each) for base in bases for each in joined if base != each}
        bases = {base for base in bases if not name.startswith(base)}
    return any(
        base.startswith(stem) and base[len(stem) :] in _LINKS
        for base in bases
        for stem in _noun_stems(last)
        if len(stem) > 1
    )


def _noun_stems(noun: str) -> set[str]:
    bare = {noun, re.sub(r"(ск|цк|ки|ка|ко|ец|ок)$", "", noun)}
    bare |= {re.sub(r"[аеиоуыэюяйь]$", "", each) for each in bare}
    bare |= {re.sub(r"[аеиоуыэюяйь]{2}$", "", noun)}
    bare |= {each.removesuffix("ск").removesuffix("цк").removesuffix("с") for each in bare}
    softened = {each[:-1] + _SOFTENED[each[-1]] for each in bare if each and each[-1] in _SOFTENED}
    fleeting = {f"{each[:-1].removesuffix('ь')}е{each[-1]}" for each in bare if len(each) > 2}
    return bare | softened | fleeting
