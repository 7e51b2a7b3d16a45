"""Districts, city okrugs and towns of Russia, from GeoNames' postal file and its cities. Pure.

The postal file says which district a place lies in, by name; GeoNames' cities say where a town is
and how many live there. They are joined by region and name. A place that the postal file lists
outside all districts is, in this order:

1. the capital, or a city that no district bears the name of: an okrug of its own;
2. a city with a district of its name: a town of that district, marked ``apart``;
3. a smaller place: a town of the okrug or district of the city whose postcodes it follows.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from storage.areas.letters import russian_in_latin
from storage.areas.match import (
    District,
    SourceRegion,
    Town,
    bears_name,
    distance_km,
    folded,
    latin_key,
    nearest_spelling,
    russian_names,
    surrounding,
)
from storage.areas.sources import City, PostOffice

OKRUG_POPULATION: Final = 11_000
"""A place outside all districts with so many inhabitants is an okrug, …"""
OKRUG_OFFICES: Final = 3
"""… if it has so many post offices, …"""
SUBURB_KM: Final = 20.0
"""… or lies farther than this from the city whose postcodes it follows, …"""
NEAR_OKRUG_POPULATION: Final = 25_000
"""… or has so many inhabitants."""
QUARTER_KM: Final = 15.0
"""A place the postal file does not have, so near to Moscow's or Saint Petersburg's centre, is a
quarter of that city, whatever region GeoNames gives it."""
QUARTER_OF: Final = 10
"""Nor is a place an okrug so near to the city whose postcodes it follows, if that is so many times
as populous."""
DEPENDENT_KM: Final = 40.0
"""A smaller place so near to the city whose postcodes it follows belongs to it."""

TOWN: Final = "населённый пункт"
"""The sources do not say of what kind a town is."""
CITY: Final = "город"


@dataclass(slots=True)
class _Postal:
    """The postal file of one region. ``places``: folded name → how many offices by district as
    written; None is "in no district". ``outside``: the places in no district, by postcode."""

    places: dict[str, Counter[str | None]] = field(default_factory=lambda: defaultdict(Counter))
    written: dict[str, str] = field(default_factory=dict)
    latin: dict[str, str] = field(default_factory=dict)
    outside: list[str] = field(default_factory=list)


def russia(
    regions: Sequence[SourceRegion], offices: Iterable[PostOffice], cities: Iterable[City]
) -> Iterator[District]:
    """All districts and okrugs with their towns. Left out: quarters of a region that is itself a
    city or beside one, places with no Russian name, and second records of one place."""
    postal = _by_region(regions, offices)
    found: dict[str, list[City]] = defaultdict(list)
    for city in sorted(cities, key=lambda each: (-each.population, each.id)):
        found[city.admin1].append(city)
    centres = [found[region.geonames][0] for region in regions if region.is_city]
    for region in regions:
        yield from _region(region, postal[region.code], found[region.geonames], centres)


_OFFICE_NUMBER: Final = re.compile(r"(\s+(Почтамт|Уч\. ?Тары|\d+))+$")


def _by_region(
    regions: Sequence[SourceRegion], offices: Iterable[PostOffice]
) -> dict[str, _Postal]:
    by_name: dict[str | None, str] = {r.postal: r.code for r in regions if r.postal}
    by_postcode = {digits: region.code for region in regions for digits in region.postcodes}
    postal: dict[str, _Postal] = defaultdict(_Postal)
    for office in offices:
        code = by_postcode.get(office.postcode[:3]) or by_name.get(office.region)
        if code is None:
            continue
        of_region = postal[code]
        place = _OFFICE_NUMBER.sub("", office.place)
        name = folded(place)
        of_region.places[name][office.district] += 1
        of_region.written.setdefault(name, place)
        of_region.latin.setdefault(latin_key(russian_in_latin(place)), name)
        if office.district is None and name not in of_region.outside:
            of_region.outside.append(name)
    return postal


def _region(
    region: SourceRegion, postal: _Postal, cities: Sequence[City], centres: Sequence[City]
) -> Iterator[District]:
    names = {
        written: district_name(written)
        for written in sorted({d for c in postal.places.values() for d in c if d is not None})
    }
    inside: dict[str, list[Town]] = {written: [] for written in names}
    beyond: list[Town] = []
    matched, unmatched = _match(region, postal, cities)
    beyond += [
        town
        for town in unmatched
        if town.city and all(distance_km(town.city, each) > QUARTER_KM for each in centres)
    ]
    outside = _outside(postal, matched)
    several = []
    for place, town in matched:
        districts = [each for each in postal.places[place] if each is not None]
        if outside.get(place) is town:
            continue
        if len(districts) == 1:
            inside[districts[0]].append(town)
        elif districts:
            several.append((town, districts))
    for town, districts in several:
        bearing = [each for each in districts if bears_name(names[each][0], town.name)]
        around = surrounding(town.city, [(d, inside[d]) for d in districts]) if town.city else None
        chosen = bearing[0] if len(bearing) == 1 else around
        (inside[chosen] if chosen else beyond).append(town)
    okrugs = _settle(region, postal, outside, names, inside, beyond)
    for written, (name, unit) in names.items():
        yield District(region=region.code, name=name, unit=unit, towns=tuple(inside[written]))
    yield from okrugs
    if beyond:
        yield District(region=region.code, name="", unit="", towns=tuple(beyond))


def _match(
    region: SourceRegion, postal: _Postal, cities: Sequence[City]
) -> tuple[list[tuple[str, Town]], list[Town]]:
    """Towns with their folded place in the postal file, most populous first; and those that the
    file does not have."""
    matched: list[tuple[str, Town]] = []
    unmatched = []
    used: Counter[str] = Counter()
    for city in cities:
        russian = russian_names(city.names)
        known = [name for name in russian if folded(name) in postal.places]
        by_sound = postal.latin.get(latin_key(city.name))
        name = nearest_spelling(known, city.name)
        if name is None and by_sound is not None:
            name = postal.written[by_sound]
        if name is not None:
            place = folded(name)
            used[place] += 1
            is_region = region.is_city and place == folded(region.capital or "")
            if used[place] <= len(postal.places[place]) and not is_region:
                matched.append((place, Town(name=name, unit=TOWN, city=city)))
        elif (spelling := nearest_spelling(russian, city.name)) is not None:
            unmatched.append(Town(name=spelling, unit=TOWN, city=city))
    return matched, unmatched


def _outside(postal: _Postal, matched: Sequence[tuple[str, Town]]) -> dict[str, Town]:
    """The town meant by each place in no district: the most populous of its name, unless that is
    a village elsewhere, where the place in no district has one office only."""
    found: dict[str, Town] = {}
    for place, town in matched:
        offices = postal.places[place]
        if offices[None] > 1 or (offices[None] == 1 and len(offices) == 1):
            found.setdefault(place, town)
    return found


def _settle(
    region: SourceRegion,
    postal: _Postal,
    outside: Mapping[str, Town],
    names: Mapping[str, tuple[str, str]],
    inside: Mapping[str, list[Town]],
    beyond: list[Town],
) -> list[District]:
    """Give the places in no district their okrug or district; see the module's docstring."""
    okrugs: dict[str, tuple[Town, list[Town]]] = {}
    anchor: City | None = None
    among = beyond
    for place in postal.outside:
        town = outside.get(place)
        if town is None or town.city is None:
            continue
        offices = postal.places[place][None]
        gap = distance_km(town.city, anchor) if anchor else None
        bearing = [written for written, (name, _) in names.items() if bears_name(name, town.name)]
        is_capital = place == folded(region.capital or "")
        is_near = gap is not None and gap <= SUBURB_KM and offices < OKRUG_OFFICES
        least = NEAR_OKRUG_POPULATION if is_near else OKRUG_POPULATION
        is_major = town.city.population >= least and not (
            anchor is not None
            and gap is not None
            and gap <= QUARTER_KM
            and anchor.population >= QUARTER_OF * town.city.population
        )
        if bearing and not is_capital and (is_major or offices > 1 or len(bearing) == 1):
            among, anchor = inside[bearing[0]], town.city
            among.append(Town(name=town.name, unit=CITY, city=town.city, apart=True))
        elif is_capital or is_major:
            okrugs[place] = (town, [])
            among, anchor = okrugs[place][1], town.city
        elif gap is not None and gap <= DEPENDENT_KM:
            among.append(town)
        else:
            beyond.append(town)
    return [
        District(region=region.code, name=town.name, unit=CITY, towns=tuple(towns), city=town.city)
        for town, towns in okrugs.values()
    ]


_UNITS: Final = (
    (" НАЦИОНАЛЬНЫЙ РАЙОН", "национальный район"),
    (" НАЦИОНАЛЬНАЯ ВОЛОСТЬ", "национальная волость"),
    (" РАЙОН", "район"),
)


def district_name(written: str) -> tuple[str, str]:
    """Its head and unit: «СПАС-ДЕМЕНСКИЙ РАЙОН» → («Спас-Деменский», «район»)."""
    for ending, unit in _UNITS:
        if written.endswith(ending):
            first, *rest = written.removesuffix(ending).split(" ")
            if first == "ИМ.":
                return " ".join(["имени", *(word.title() for word in rest)]), unit
            return " ".join([first.title(), *(word.lower() for word in rest)]), unit
    return written.title(), "район"
