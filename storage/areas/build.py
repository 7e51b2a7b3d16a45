"""``python -m storage.areas.build``: make ``districts.tsv`` and ``towns.tsv`` from the sources.

Needs the packages of the extra ``areas`` (see `storage.areas.sources` and NOTICE); not needed at
run time. Prints what each region has and lacks; ``--gaps`` prints it and writes nothing. Run
twice, it writes the same bytes.

Columns of the printed table: districts and city okrugs of the sources; towns; of these, those
whose district no source gives; GeoNames' places left out (quarters, second records, places whose
settlement is not certain); districts without a known town; names in the other language that a
rule has made. What the sources lack altogether cannot be counted from them: a region with no
districts at all shows as 0.
"""

import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.areas import sources
from storage.areas.letters import (
    capitalised,
    russian_in_latin,
    slug,
    ukrainian_from_russian,
    ukrainian_in_latin,
)
from storage.areas.match import District, SourceRegion, Town
from storage.areas.names import Names, names_of_russian, names_of_ukrainian, raion_in_russian
from storage.areas.russia import russia
from storage.areas.tree import COLUMNS, REGION_COLUMNS
from storage.areas.ukraine import ukraine

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a table; see ``tree.COLUMNS``."""

    code: str
    unit: str
    names: Names
    en: str
    apart: bool
    latitude: float | None
    longitude: float | None
    population: int

    def line(self) -> str:
        marks = [*self.names.derived, *(["apart"] if self.apart else [])]
        return "\t".join(
            (
                self.code,
                self.unit,
                self.names.ru,
                self.names.uk,
                self.en,
                "|".join(self.names.aliases),
                " ".join(marks),
                "" if self.latitude is None else f"{self.latitude:.4f}",
                "" if self.longitude is None else f"{self.longitude:.4f}",
                str(self.population),
            )
        )


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code: 2 for an unknown argument."""
    if set(arguments) - {"--gaps"}:
        print(__doc__, file=sys.stderr)
        return 2
    regions = source_regions((FOLDER / "regions.toml").read_text("utf-8"))
    cities = sources.cities()
    russian = [region for region in regions if region.code.startswith("RU")]
    ukrainian = [region for region in regions if region.code.startswith("UA")]
    found = [
        *russia(russian, sources.post_offices(), [c for c in cities if c.country == "RU"]),
        *ukraine(ukrainian, sources.units(), [c for c in cities if c.country == "UA"]),
    ]
    districts, towns = rows(found)
    if "--gaps" not in arguments:
        lines = measures(regions, cities, [*districts, *towns])
        write(FOLDER / "regions.tsv", REGION_COLUMNS, lines)
        write(FOLDER / "districts.tsv", COLUMNS, [row.line() for row in districts])
        write(FOLDER / "towns.tsv", COLUMNS, [row.line() for row in towns])
    print("\n".join(gaps(regions, cities, districts, towns)))
    return 0


def source_regions(text: str) -> list[SourceRegion]:
    """From ``regions.toml``."""
    return [
        SourceRegion(
            code=region["code"],
            is_city=region["unit"] == "город",
            geonames=region["geonames"],
            capital=region.get("capital"),
            postal=region.get("postal"),
            postcodes=tuple(region.get("postcodes", ())),
            katottg=region.get("katottg"),
        )
        for region in tomllib.loads(text)["region"]
    ]


def rows(found: Iterable[District]) -> tuple[list[Row], list[Row]]:
    """The lines of both tables, by code."""
    districts: list[Row] = []
    towns: list[Row] = []
    taken: set[str] = set()
    for district in found:
        in_russia = district.region.startswith("RU")
        named = [(town, _names(in_russia, town.name, town.city)) for town in district.towns]
        prefix = f"{district.region}/~"
        if district.name:
            code = _code(f"{district.region}/", in_russia, district.name, taken)
            prefix = f"{code}/"
            districts.append(_district_row(code, district, [names for _, names in named]))
        for town, names in sorted(named, key=lambda each: _by_size(each[0])):
            code = _code(prefix, in_russia, town.name, taken)
            towns.append(_town_row(code, town, names))
    return sorted(districts, key=_code_of), sorted(towns, key=_code_of)


def _code_of(row: Row) -> str:
    return row.code


def _by_size(town: Town) -> tuple[int, str, int]:
    return (-town.city.population, town.name, town.city.id) if town.city else (0, town.name, 0)


def _names(in_russia: bool, name: str, city: sources.City | None) -> Names:
    written = city.names if city else ()
    return names_of_russian(name, written) if in_russia else names_of_ukrainian(name, written)


def _latin(in_russia: bool, name: str) -> str:
    return russian_in_latin(name) if in_russia else ukrainian_in_latin(name)


def _code(prefix: str, in_russia: bool, name: str, taken: set[str]) -> str:
    """A second place of one name gets ``-2``: the less populous one, of two towns."""
    first = prefix + slug(_latin(in_russia, name))
    code, number = first, 1
    while code in taken:
        number += 1
        code = f"{first}-{number}"
    taken.add(code)
    return code


def _district_row(code: str, district: District, towns: Sequence[Names]) -> Row:
    known = sorted((town for town in district.towns if town.city), key=_by_size)
    centre = district.city or (known[0].city if known else None)
    in_russia = district.region.startswith("RU")
    if district.city is not None:
        names = _names(in_russia, district.name, district.city)
    elif in_russia:
        names = Names(ru=district.name, uk=ukrainian_from_russian(district.name), derived=("uk",))
    else:
        russian = raion_in_russian(district.name, towns)
        names = Names(ru=russian, uk=district.name, derived=("ru",))
    inhabitants = sum(town.city.population for town in known if town.city)
    return Row(
        code=code,
        unit=district.unit,
        names=names,
        en=district.city.name if district.city else capitalised(code.partition("/")[2]),
        apart=False,
        latitude=centre.latitude if centre else None,
        longitude=centre.longitude if centre else None,
        population=inhabitants + (district.city.population if district.city else 0),
    )


def _town_row(code: str, town: Town, names: Names) -> Row:
    return Row(
        code=code,
        unit=town.unit,
        names=names,
        en=town.city.name if town.city else capitalised(code.rpartition("/")[2]),
        apart=town.apart,
        latitude=town.city.latitude if town.city else None,
        longitude=town.city.longitude if town.city else None,
        population=town.city.population if town.city else 0,
    )


def measures(
    regions: Sequence[SourceRegion], cities: Sequence[sources.City], below: Sequence[Row]
) -> list[str]:
    """The lines of ``regions.tsv``: where the most populous town is, and the sum over the towns;
    of a region that is a city, its own."""
    lines = []
    for region in regions:
        prefix = f"{region.code}/"
        places = [
            (row.population, row.latitude, row.longitude)
            for row in below
            if row.code.startswith(prefix)
            and row.latitude is not None
            # A district's row sums up its towns; an okrug's is its own only if it has none.
            and (row.code.count("/") > 1 or "/~" in row.code or row.unit == "город")
        ]
        own = [
            (city.population, city.latitude, city.longitude)
            for city in cities
            if region.is_city and (city.country, city.admin1) == (region.code[:2], region.geonames)
        ]
        population, latitude, longitude = max(own or places)
        total = population if own else sum(each for each, *_ in places)
        lines.append(f"{region.code}\t{latitude:.4f}\t{longitude:.4f}\t{total}")
    return sorted(lines)


def write(path: Path, columns: Sequence[str], lines: Iterable[str]) -> None:
    """With the header; every line ends in a newline."""
    text = "".join(f"{line}\n" for line in ("\t".join(columns), *lines))
    path.write_text(text, "utf-8", newline="\n")


def gaps(
    regions: Sequence[SourceRegion],
    cities: Iterable[sources.City],
    districts: Sequence[Row],
    towns: Sequence[Row],
) -> list[str]:
    """The printed table: what each region has, and what is missing or made by rule."""
    places = Counter((city.country, city.admin1) for city in cities)
    head = "region", "districts", "okrugs", "towns", "no district", "left out", "empty", "by rule"
    table: list[tuple[str, ...]] = [head]
    for region in regions:
        own = [row for row in districts if row.code.startswith(f"{region.code}/")]
        within = [row for row in towns if row.code.startswith(f"{region.code}/")]
        okrugs = sum(row.unit == "город" for row in own)
        known = sum(row.latitude is not None for row in within) + okrugs
        numbers = (
            len(own) - okrugs,
            okrugs,
            len(within),
            sum("/~" in row.code for row in within),
            places[region.code[:2], region.geonames] - known,
            sum(row.latitude is None for row in own),
            sum(bool(row.names.derived) for row in (*own, *within)),
        )
        table.append((region.code, *map(str, numbers)))
    totals = [str(sum(int(line[i]) for line in table[1:])) for i in range(1, len(head))]
    table.append(("all", *totals))
    widths = [max(len(line[i]) for line in table) for i in range(len(head))]
    return [
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in table
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
