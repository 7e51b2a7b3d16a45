"""The tree of places: country, region (ISO 3166-2), district, town; read from the bundled data.

Codes say where a place lies: ``RU`` > ``RU-KLU`` > ``RU-KLU/borovsky`` >
``RU-KLU/borovsky/balabanovo``. A city that is its own okrug is one area of the district tier
(``RU-KLU/kaluga``). A town whose district the sources do not give hangs on its region, and its
slug begins with a tilde (``RU-SVE/~bilimbay``).
"""

import enum
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final, Literal, assert_never

from storage.model import AreaCode

Language = Literal["ru", "uk", "en"]

COLUMNS: Final = (
    "code",
    "unit",
    "ru",
    "uk",
    "en",
    "aliases",
    "marks",
    "latitude",
    "longitude",
    "population",
)
"""Of ``districts.tsv`` and ``towns.tsv``. ``ru`` and ``uk`` are the head alone («Боровский»);
``aliases`` are joined by ``|``; ``marks`` are words: a language (``ru``, ``uk``) whose name no
source has and a rule made, and ``apart``."""
REGION_COLUMNS: Final = ("code", "latitude", "longitude", "population")
"""Of ``regions.tsv``, which the build writes beside the hand-written ``regions.toml``."""


class Tier(enum.StrEnum):
    """How deep in the tree an area stands."""

    COUNTRY = "country"
    REGION = "region"
    DISTRICT = "district"
    TOWN = "town"


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One place. ``latitude`` and ``longitude`` are degrees (WGS 84) of the town, or of the most
    populous town of a larger area; ``population`` is GeoNames' for a town and the sum over the
    known towns for the rest, so it ranks places and counts nobody; 0 is "not known"."""

    code: AreaCode
    tier: Tier
    parent: AreaCode | None
    name_ru: str
    """In full, as on a card: «Калужская область», «Боровский район», «Калуга»."""
    name_uk: str
    name_en: str
    short_ru: str
    """The head alone, without the unit's word: «Калужская», «Боровский», «Калуга»."""
    short_uk: str
    unit: str
    """In Russian: страна, область, край, республика, округ, район, волость, город, посёлок…"""
    aliases: tuple[str, ...]
    """Other written forms, nominative, in either language."""
    latitude: float | None
    longitude: float | None
    population: int
    timezone: str | None
    """IANA name, of regions only."""
    apart: bool = False
    """Of a town: the sources list it beside the district of its name, not inside. A post about
    the district may not mean it, so a clear of the district alone must not clear the town."""
    derived: tuple[str, ...] = ()
    """The languages (``ru``, ``uk``) whose name was made by rule; posts may spell it otherwise."""


class UnknownAreaError(LookupError):
    """No area has this code, or the area has no region."""

    def __init__(self, code: str, why: str = "no area has this code") -> None:
        super().__init__(
            f"{code!r}: {why}; codes look like RU-KLU, RU-KLU/borovsky, RU-KLU/borovsky/balabanovo"
            " and are listed in storage/areas/regions.toml, districts.tsv and towns.tsv"
        )
        self.code = code


def parent_code(code: str) -> AreaCode | None:
    """What a code lies in, from its spelling: None for a country."""
    outer, slash, _ = code.rpartition("/")
    if slash:
        return AreaCode(outer)
    country, dash, _ = code.partition("-")
    return AreaCode(country) if dash else None


class Areas:
    """All areas, in code order. Codes are plain strings here: they come from users and rows."""

    __slots__ = ("_by_code", "_children")

    def __init__(self, areas: Iterable[Area]) -> None:
        """Raises ValueError for a code given twice and UnknownAreaError for a missing parent."""
        self._by_code: dict[str, Area] = {}
        self._children: dict[str, list[Area]] = {}
        count = 0
        for area in sorted(areas, key=lambda each: each.code):
            count += 1
            self._by_code[area.code] = area
            if area.parent is not None:
                self._children.setdefault(area.parent, []).append(area)
        if count != len(self._by_code):
            raise ValueError("an area's code is given twice")
        for parent in self._children:
            if parent not in self._by_code:
                raise UnknownAreaError(parent)

    def __len__(self) -> int:
        return len(self._by_code)

    def __iter__(self) -> Iterator[Area]:
        return iter(self._by_code.values())

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __getitem__(self, code: str) -> Area:
        try:
            return self._by_code[code]
        except KeyError:
            raise UnknownAreaError(code) from None

    def find(self, code: str) -> Area | None:
        """The area of a code that may be of an older tree or mistyped."""
        return self._by_code.get(code)

    def regions(self, country: str | None = None) -> tuple[Area, ...]:
        """In code order, of one country (``RU``, ``UA``) or of both."""
        countries = [country] if country is not None else [c.code for c in self if not c.parent]
        return tuple(region for each in countries for region in self.children(each))

    def children(self, code: str) -> tuple[Area, ...]:
        """One tier down and, of a region, its towns without a district; in code order."""
        return tuple(self._children.get(self[code].code, ()))

    def region_of(self, code: str) -> Area:
        """The region a code lies in, or is. Raises UnknownAreaError for a country as well."""
        area = self[code]
        if area.tier is Tier.COUNTRY:
            raise UnknownAreaError(code, "a country lies in no region")
        return self[area.code.partition("/")[0]]

    def path(self, code: str) -> tuple[Area, ...]:
        """From the country down to the area itself."""
        area = self[code]
        upwards = [area]
        while area.parent is not None:
            area = self[area.parent]
            upwards.append(area)
        return tuple(reversed(upwards))

    def contains(self, outer: str, inner: str) -> bool:
        """Whether ``inner`` is ``outer`` or lies in it. Decided by the codes' spelling alone, so
        it holds for codes of an older tree too. A city okrug lies in no district."""
        joint = "/" if "-" in outer else "-"
        return inner == outer or inner.startswith(outer + joint)

    def covers(self, place: str, inside: str) -> bool:
        """Whether words on ``place`` are words on ``inside`` too: it lies there, and is no town
        that stands apart from the district of its name; that is in its region as any other."""
        if not self.contains(place, inside):
            return False
        area = self.find(inside)
        return inside == place or "/" not in place or area is None or not area.apart

    def name(self, code: str, lang: Language) -> str:
        """The full name, as on a card."""
        area = self[code]
        match lang:
            case "ru":
                return area.name_ru
            case "uk":
                return area.name_uk
            case "en":
                return area.name_en
            case _:
                assert_never(lang)


_UNITS: Final = {
    "район": ("{} район", "{} район", "{} District"),
    "национальный район": ("{} национальный район", "{} національний район", "{} District"),
    "национальная волость": ("{} национальная волость", "{} національна волость", "{} Volost"),
}
"""The written unit of a district: full name in ru, uk, en. Other units stand without a word."""


def load() -> Areas:
    """Read the bundled data: some 10,000 areas, in about 50 ms."""
    folder = resources.files(__package__)
    regions = tomllib.loads((folder / "regions.toml").read_text("utf-8"))
    return Areas(
        [
            *_countries(regions["country"]),
            *_regions(regions["region"], (folder / "regions.tsv").read_text("utf-8")),
            *_rows((folder / "districts.tsv").read_text("utf-8"), Tier.DISTRICT),
            *_rows((folder / "towns.tsv").read_text("utf-8"), Tier.TOWN),
        ]
    )


def _countries(tables: Iterable[Mapping[str, Any]]) -> Iterator[Area]:
    for table in tables:
        yield Area(
            code=AreaCode(table["code"]),
            tier=Tier.COUNTRY,
            parent=None,
            name_ru=table["ru"],
            name_uk=table["uk"],
            name_en=table["en"],
            short_ru=table["ru"],
            short_uk=table["uk"],
            unit="страна",
            aliases=tuple(table["aliases"]),
            latitude=None,
            longitude=None,
            population=0,
            timezone=None,
        )


def _regions(tables: Iterable[Mapping[str, Any]], measures: str) -> Iterator[Area]:
    head, *lines = measures.splitlines()
    if tuple(head.split("\t")) != REGION_COLUMNS:
        raise ValueError(f"regions.tsv has other columns than {REGION_COLUMNS}: {head}")
    measured = {code: rest for code, *rest in (line.split("\t") for line in lines)}
    for table in tables:
        latitude, longitude, population = measured[table["code"]]
        yield Area(
            code=AreaCode(table["code"]),
            tier=Tier.REGION,
            parent=AreaCode(table["code"][:2]),
            name_ru=table["ru"],
            name_uk=table["uk"],
            name_en=table["en"],
            short_ru=table["short_ru"],
            short_uk=table["short_uk"],
            unit=table["unit"],
            aliases=tuple(table["aliases"]),
            latitude=float(latitude),
            longitude=float(longitude),
            population=int(population),
            timezone=table["timezone"],
        )


def _rows(table: str, tier: Tier) -> list[Area]:
    head, *lines = table.splitlines()
    if tuple(head.split("\t")) != COLUMNS:
        raise ValueError(f"the table of areas has other columns than {COLUMNS}: {head}")
    areas = []
    for line in lines:
        code, unit, ru, uk, en, aliases, marks, *measures = line.split("\t")
        latitude, longitude, population = measures
        full_ru, full_uk, full_en = ru, uk, en
        if unit in _UNITS:
            full_ru, full_uk, full_en = (
                form.format(name) for form, name in zip(_UNITS[unit], (ru, uk, en), strict=True)
            )
        areas.append(
            Area(
                code=AreaCode(code),
                tier=tier,
                parent=AreaCode(code.rpartition("/")[0]),
                name_ru=full_ru,
                name_uk=full_uk,
                name_en=full_en,
                short_ru=ru,
                short_uk=uk,
                unit=unit,
                aliases=tuple(aliases.split("|")) if aliases else (),
                latitude=float(latitude) if latitude else None,
                longitude=float(longitude) if longitude else None,
                population=int(population),
                timezone=None,
                apart="apart" in marks,
                derived=tuple(m for m in marks.split() if m != "apart") if marks else (),
            )
        )
    return areas
