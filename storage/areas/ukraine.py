"""Raions and settlements of Ukraine, from KATOTTG and GeoNames' cities. Pure.

KATOTTG says which raion a settlement lies in; GeoNames says where it is and how many live there.
They are joined by oblast and Ukrainian name. The districts of Kyiv and Sevastopol, which are
regions, stand as raions do; those of other cities are not kept. Every city of KATOTTG is kept;
of settlements and villages those that GeoNames knows with 1,000 inhabitants.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from storage.areas.letters import ukrainian_in_latin
from storage.areas.match import (
    District,
    SourceRegion,
    Town,
    folded,
    latin_key,
    surrounding,
    ukrainian_names,
)
from storage.areas.sources import City, Unit

_CATEGORIES: Final = {"M": "город", "X": "посёлок", "C": "село"}
MAJOR: Final = 10_000
"""A place of so many inhabitants is the city, not the villages of the same name."""


def ukraine(
    regions: Sequence[SourceRegion], units: Iterable[Unit], cities: Iterable[City]
) -> Iterator[District]:
    """All raions with their towns. Left out: quarters of cities, and places whose settlement is
    not certain enough."""
    raions: dict[str, dict[str, str]] = defaultdict(dict)
    settlements: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        oblast = unit.levels[0][:4]
        if unit.category == "P" or (unit.category == "B" and len(unit.levels) == 2):
            raions[oblast][unit.levels[1]] = unit.name
        elif unit.category in _CATEGORIES:
            settlements[oblast].append(unit)
    found: dict[str, list[City]] = defaultdict(list)
    for city in sorted(cities, key=lambda each: (-each.population, each.id)):
        found[city.admin1].append(city)
    for region in regions:
        oblast = region.katottg or ""
        yield from _region(region, raions[oblast], settlements[oblast], found[region.geonames])


def _region(
    region: SourceRegion,
    raions: dict[str, str],
    settlements: Sequence[Unit],
    cities: Sequence[City],
) -> Iterator[District]:
    by_name: dict[str, list[Unit]] = defaultdict(list)
    by_sound: dict[str, list[Unit]] = defaultdict(list)
    for unit in settlements:
        by_name[folded(unit.name)].append(unit)
        by_sound[latin_key(ukrainian_in_latin(unit.name))].append(unit)
    inside: dict[str, list[Town]] = {code: [] for code in raions}
    beyond: list[Town] = []
    taken: set[str] = set()

    def place(unit: Unit, city: City | None) -> None:
        if unit.levels[-1] in taken:
            return
        taken.add(unit.levels[-1])
        town = Town(name=unit.name, unit=_CATEGORIES[unit.category], city=city)
        inside.get(_raion_of(unit), beyond).append(town)

    several = []
    for city in cities:
        named = [
            unit for name in ukrainian_names(city.names) for unit in by_name.get(folded(name), ())
        ]
        sounding = by_sound.get(latin_key(city.name), [])
        # GeoNames lists old and foreign names too; its own one is the present one.
        both = [unit for unit in named if unit in sounding]
        choice = _by_rank(both or named or sounding, city)
        if len(choice) == 1:
            place(choice[0], city)
        elif choice:
            several.append((city, choice))
    around = {code: tuple(towns) for code, towns in inside.items()}
    for city, candidates in several:
        of_raion = defaultdict(list)
        for unit in candidates:
            of_raion[_raion_of(unit)].append(unit)
        chosen = surrounding(city, [(code, around.get(code, ())) for code in sorted(of_raion)])
        if chosen is not None:
            place(of_raion[chosen][0], city)
    for unit in settlements:
        if unit.category == "M":
            place(unit, None)
    for code, name in sorted(raions.items()):
        yield District(region=region.code, name=name, unit="район", towns=tuple(inside[code]))
    if beyond:
        yield District(region=region.code, name="", unit="", towns=tuple(beyond))


def _raion_of(unit: Unit) -> str:
    return unit.levels[1] if len(unit.levels) > 2 else ""


def _by_rank(candidates: Sequence[Unit], city: City) -> list[Unit]:
    """Those a place of such size can be: a city before villages. One of each code."""
    unique = list({unit.levels[-1]: unit for unit in candidates}.values())
    if city.population >= MAJOR:
        for category in _CATEGORIES:
            ranked = [unit for unit in unique if unit.category == category]
            if ranked:
                return ranked
    return unique
