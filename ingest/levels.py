"""The table of regions (``levels.toml``): words of each tier, maximal age, sets, neighbours.

An operator's own file has the same shape and is laid over the bundled table, key by key.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from storage.areas.tree import Areas
from storage.model import AreaCode, Level


class LevelsError(Exception):
    """One line for the operator: the file, the key, what is wrong, what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """What says that a tier is meant, folded: the beginnings of single words, or of words that
    follow one another."""

    words: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiers:
    """What tells a region's tiers apart."""

    imminent: Tier
    declared: Tier
    advisory: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSet:
    """A composite with a name of its own. ``pattern``: the beginnings of its words."""

    name: str
    pattern: tuple[str, ...]
    areas: tuple[AreaCode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Data per region. Whatever a region does not state, its country does, else the default."""

    rows: Mapping[str, "_Row"]
    sets: tuple[NamedSet, ...]
    names: Mapping[str, tuple[AreaCode, ...]]
    airports: Mapping[str, AreaCode]
    _neighbours: Mapping[str, tuple[AreaCode, ...]]
    _tiers: dict[str, Tiers]

    def _stated(self, region: str, key: str) -> Any:
        for code in (region, region.partition("-")[0], ""):
            row = self.rows.get(code)
            if row is not None and (found := getattr(row, key)) is not None:
                return found
        raise KeyError(key)

    def max_age(self, region: AreaCode) -> timedelta:
        """How long a danger stands without a word about it before it is stale."""
        return timedelta(hours=self._stated(region.partition("/")[0], "max_age_hours"))

    def one_tier(self, region: AreaCode) -> bool:
        """Whether the region has no tier above its ordinary alarm, which pierces quiet hours
        then."""
        return bool(self._stated(region.partition("/")[0], "one_tier"))

    def tiers(self, region: AreaCode) -> Tiers:
        """The words of the region's tiers."""
        code = region.partition("/")[0]
        known = self._tiers.get(code)
        if known is None:
            imminent, declared, advisory = (
                _tier(self._stated(code, name)) for name in ("imminent", "declared", "advisory")
            )
            known = self._tiers[code] = Tiers(
                imminent=imminent, declared=declared, advisory=advisory
            )
        return known

    def level(self, region: AreaCode | None, words: Sequence[str]) -> Level:
        """The highest tier that a clause's words speak of; `declared` where none does."""
        tiers = self.tiers(region or AreaCode(""))
        if _spoken(tiers.imminent, words):
            return Level.IMMINENT
        if _spoken(tiers.declared, words):
            return Level.DECLARED
        if _spoken(tiers.advisory, words):
            return Level.ADVISORY
        return Level.DECLARED

    def neighbours(self, region: AreaCode) -> tuple[AreaCode, ...]:
        """The regions that share a border, as far as the table has them. A border has two sides:
        it is enough that one of them is in the table."""
        code = AreaCode(region.partition("/")[0])
        others = (other for other, row in self._neighbours.items() if code in row)
        found = dict.fromkeys((*self._neighbours.get(code, ()), *others))
        return tuple(AreaCode(other) for other in found)


def _spoken(tier: Tier, words: Sequence[str]) -> bool:
    if any(word.startswith(tier.words) for word in words):
        return True
    return any(
        all(words[at + place].startswith(stem) for place, stem in enumerate(row))
        for row in tier.phrases
        for at in range(len(words) - len(row) + 1)
    )


def _tier(rows: Iterable[str]) -> Tier:
    split = [tuple(_folded(row).split()) for row in rows]
    return Tier(
        words=tuple(row[0] for row in split if len(row) == 1),
        phrases=tuple(row for row in split if len(row) > 1),
    )


def _folded(text: str) -> str:
    return text.lower().replace("ё", "е")


def load_levels(own: Path | None = None, areas: Areas | None = None) -> Levels:
    """The bundled table; with ``own`` laid over it, which is checked against ``areas`` and raises
    LevelsError for the first thing that is wrong with it."""
    bundled = _Table(
        **tomllib.loads((resources.files("ingest") / "levels.toml").read_text("utf-8"))
    )
    return _levels(bundled if own is None else _over(bundled, _read(own, areas)))


# --- the file ---------------------------------------------------------------------------------


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _worded(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty: it would be found in every post")
    return text


_Stems = tuple[Annotated[str, AfterValidator(_worded)], ...]
_Codes = tuple[AreaCode, ...]


class _Row(_Strict):
    max_age_hours: float | None = Field(default=None, gt=0, le=7 * 24)
    one_tier: bool | None = None
    imminent: _Stems | None = None
    declared: _Stems | None = None
    advisory: _Stems | None = None


class _Set(_Strict):
    name: str
    pattern: _Stems = Field(min_length=1)
    areas: _Codes = Field(min_length=1)


class _Table(_Strict):
    default: _Row = _Row()
    country: dict[str, _Row] = {}
    region: dict[str, _Row] = {}
    set: tuple[_Set, ...] = ()
    names: dict[str, Annotated[_Codes, Field(min_length=1)]] = {}
    airports: dict[str, AreaCode] = {}
    neighbours: dict[str, _Codes] = {}

    def codes(self) -> Iterator[tuple[str, str]]:
        """Every code of an area, with the key it stands at."""
        yield from ((f"country.{code}", code) for code in self.country)
        yield from ((f"region.{code}", code) for code in self.region)
        yield from ((f"set «{each.name}»", code) for each in self.set for code in each.areas)
        yield from (
            (f"names.{name}", code) for name, found in self.names.items() for code in found
        )
        yield from ((f"airports.{name}", code) for name, code in self.airports.items())
        for code, others in self.neighbours.items():
            yield from ((f"neighbours.{code}", each) for each in (code, *others))


_EXPECTED: Final = "it takes the keys that ingest/levels.toml has"


def _read(path: Path, areas: Areas | None) -> _Table:
    try:
        table = _Table(**tomllib.loads(path.read_text("utf-8")))
    except OSError as problem:
        raise LevelsError(f"{path}: cannot be read ({problem.strerror})") from None
    except UnicodeDecodeError:
        raise LevelsError(f"{path}: is not UTF-8 text: save it in that encoding") from None
    except tomllib.TOMLDecodeError as problem:
        raise LevelsError(f"{path}: is not TOML: {problem}") from None
    except ValidationError as problem:
        first = problem.errors(include_url=False)[0]
        where = ".".join(str(each) for each in first["loc"])
        raise LevelsError(f"{path}: {where}: {first['msg']}; {_EXPECTED}") from None
    if areas is not None:
        for where, code in table.codes():
            if areas.find(code) is None:
                raise LevelsError(
                    f"{path}: {where}: there is no area {code!r}; `nabat areas` lists them"
                )
    return table


def _over(under: _Table, own: _Table) -> _Table:
    """The operator's word wins; what it does not say stays."""
    sets = {each.name: each for each in (*under.set, *own.set)}
    return _Table(
        default=_row_over(under.default, own.default),
        country=_rows_over(under.country, own.country),
        region=_rows_over(under.region, own.region),
        set=tuple(sets.values()),
        names={**under.names, **own.names},
        airports={**under.airports, **own.airports},
        neighbours={**under.neighbours, **own.neighbours},
    )


def _rows_over(under: Mapping[str, _Row], own: Mapping[str, _Row]) -> dict[str, _Row]:
    merged = dict(under)
    for code, row in own.items():
        merged[code] = _row_over(merged.get(code, _Row()), row)
    return merged


def _row_over(under: _Row, own: _Row) -> _Row:
    return under.model_copy(update=own.model_dump(exclude_none=True))


def _levels(table: _Table) -> Levels:
    return Levels(
        rows={"": table.default, **table.country, **table.region},
        sets=tuple(
            NamedSet(name=each.name, pattern=_all_folded(each.pattern), areas=each.areas)
            for each in table.set
        ),
        names=table.names,
        airports={_folded(name): code for name, code in table.airports.items()},
        _neighbours=table.neighbours,
        _tiers={},
    )


def _all_folded(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(_folded(word) for word in words)
