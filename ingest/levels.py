"""The table of regions (``levels.toml``): words of each tier, maximal age, sets, neighbours."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from typing import Any, Final

from storage.model import AreaCode, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiers:
    """Beginnings of the words that tell a region's tiers apart, folded."""

    imminent: tuple[str, ...]
    declared: tuple[str, ...]
    advisory: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSet:
    """A composite with a name of its own. ``pattern``: the beginnings of its words."""

    name: str
    pattern: tuple[str, ...]
    areas: tuple[AreaCode, ...]


_ROWS: Final = ("imminent", "declared", "advisory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Data per region. Whatever a region does not state, its country does, else the default."""

    rows: Mapping[str, Mapping[str, Any]]
    sets: tuple[NamedSet, ...]
    names: Mapping[str, tuple[AreaCode, ...]]
    airports: Mapping[str, AreaCode]
    _neighbours: Mapping[str, tuple[AreaCode, ...]]

    def _row(self, region: AreaCode, key: str) -> Any:
        for row in (region, region.partition("-")[0]):
            if key in self.rows.get(row, {}):
                return self.rows[row][key]
        return self.rows[""][key]

    def max_age(self, region: AreaCode) -> timedelta:
        """How long a danger stands without a word about it before it is stale."""
        return timedelta(hours=self._row(AreaCode(region.partition("/")[0]), "max_age_hours"))

    def tiers(self, region: AreaCode) -> Tiers:
        """The words of the region's tiers."""
        region = AreaCode(region.partition("/")[0])
        imminent, declared, advisory = (tuple(self._row(region, row)) for row in _ROWS)
        return Tiers(imminent=imminent, declared=declared, advisory=advisory)

    def level(self, region: AreaCode | None, words: list[str]) -> Level:
        """The highest tier whose word is among a clause's words; `declared` where none is."""
        tiers = self.tiers(region or AreaCode(""))
        if any(word.startswith(tiers.imminent) for word in words):
            return Level.IMMINENT
        if any(word.startswith(tiers.declared) for word in words):
            return Level.DECLARED
        if any(word.startswith(tiers.advisory) for word in words):
            return Level.ADVISORY
        return Level.DECLARED

    def neighbours(self, region: AreaCode) -> tuple[AreaCode, ...]:
        """The regions that share a border, as far as the table has them."""
        return self._neighbours.get(region.partition("/")[0], ())


def load_levels() -> Levels:
    """Read the bundled table."""
    table = tomllib.loads((resources.files("ingest") / "levels.toml").read_text("utf-8"))
    return parse_levels(table)


def parse_levels(table: Mapping[str, Any]) -> Levels:
    """A table already read; raises KeyError for one without defaults."""
    rows: dict[str, Mapping[str, Any]] = {"": table["default"]}
    rows.update(table.get("country", {}))
    rows.update(table.get("region", {}))
    return Levels(
        rows=rows,
        sets=tuple(
            NamedSet(
                name=each["name"],
                pattern=tuple(each["pattern"]),
                areas=tuple(AreaCode(code) for code in each["areas"]),
            )
            for each in table.get("set", ())
        ),
        names={
            name: tuple(AreaCode(code) for code in codes)
            for name, codes in table.get("names", {}).items()
        },
        airports={name: AreaCode(code) for name, code in table.get("airports", {}).items()},
        _neighbours={
            region: tuple(AreaCode(code) for code in codes)
            for region, codes in table.get("neighbours", {}).items()
        },
    )
