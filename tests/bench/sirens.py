"""Real sirens as load: the busiest hour of a file, as posts of a channel that names every raion.

Known are two kinds of CSV, gzipped or not: ``oblast, raion, …, started_at, finished_at``, and
``data, …, alertDate`` with places in ``data`` and no end. A place that is no raion of ours, or
none at all, is dealt to one by hash; an oblast is all its raions, as sirens are sounded today.
What has no end is over ten minutes after it was last named.
"""

import csv
import gzip
import io
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.areas.letters import slug, ukrainian_in_latin
from storage.areas.tree import Areas, Tier
from storage.model import AreaCode

HOUR = timedelta(hours=1)
_ENDLESS = timedelta(minutes=10)
_COUNTRY = "UA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Siren:
    """At one raion, or a city that is a region of its own."""

    area: AreaCode
    begins: datetime
    ends: datetime
    renewed: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the channel posts. ``after``: since the hour began."""

    after: timedelta
    area: AreaCode
    danger: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """``rows``: of the file that begin or end in it. ``before`` and ``active``: where danger is
    when it begins and when it ends, by the file's own arithmetic."""

    begins: datetime
    rows: int
    before: frozenset[AreaCode]
    said: tuple[Said, ...]
    active: frozenset[AreaCode]


def raions(areas: Areas) -> tuple[AreaCode, ...]:
    """And the regions that have none."""
    found: list[AreaCode] = []
    for region in areas.regions(_COUNTRY):
        parts = [a.code for a in areas.children(region.code) if a.tier is Tier.DISTRICT]
        found += parts or [region.code]
    return tuple(found)


def dealt(name: str, places: Sequence[AreaCode]) -> AreaCode:
    return places[zlib.crc32(name.encode()) % len(places)]


def busiest_hour(file: Path, areas: Areas) -> Hour:
    """Of the clock, by how much begins and ends in it."""
    rows = _rows(file)
    times = [at for row in rows for at in _times(row)]
    begins, count = Counter(at.replace(minute=0, second=0) for at in times).most_common(1)[0]
    near = [row for row in rows if any(abs(at - begins) < 24 * HOUR for at in _times(row))]
    places = raions(areas)
    sirens: defaultdict[AreaCode, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in near:
        first, *rest = _times(row)
        for area in _where(row, areas, places):
            sirens[area].append((first, rest[0] if rest else first + _ENDLESS))
    said: list[Said] = []
    before: set[AreaCode] = set()
    active: set[AreaCode] = set()
    for area, stretches in sirens.items():
        for siren in _joined(area, stretches):
            said += _of(siren, begins)
            if siren.begins < begins <= siren.ends:
                before.add(area)
            if siren.begins < begins + HOUR <= siren.ends:
                active.add(area)
    said.sort(key=lambda each: (each.after, each.area))
    return Hour(
        begins=begins,
        rows=count,
        before=frozenset(before),
        said=tuple(said),
        active=frozenset(active),
    )


def _of(siren: Siren, begins: datetime) -> Iterator[Said]:
    """In the hour; what was sounded before it is known already."""
    if siren.ends < begins or siren.begins >= begins + HOUR:
        return
    for at in (siren.begins, *siren.renewed):
        if begins <= at < begins + HOUR:
            yield Said(after=at - begins, area=siren.area, danger=True)
    if siren.ends < begins + HOUR:
        yield Said(after=siren.ends - begins, area=siren.area, danger=False)


def _joined(area: AreaCode, stretches: list[tuple[datetime, datetime]]) -> Iterator[Siren]:
    """Those that overlap are one, in which the later ones only say it again."""
    renewed: list[datetime] = []
    begins = ends = None
    for first, last in sorted(stretches):
        if begins is None or ends is None or first > ends:
            if begins is not None and ends is not None:
                yield Siren(area=area, begins=begins, ends=ends, renewed=tuple(renewed))
            begins, ends, renewed = first, last, []
        else:
            ends = max(ends, last)
            if not renewed or renewed[-1] != first:
                renewed.append(first)
    if begins is not None and ends is not None:
        yield Siren(area=area, begins=begins, ends=ends, renewed=tuple(renewed))


def _rows(file: Path) -> list[dict[str, str]]:
    content = file.read_bytes()
    if file.suffix == ".gz":
        content = gzip.decompress(content)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def _times(row: dict[str, str]) -> list[datetime]:
    """When it begins and, if the file says so, when it ends; a local time is taken as UTC."""
    if "started_at" in row:
        found = [row["started_at"], row["finished_at"]]
        return [datetime.fromisoformat(at).astimezone(UTC) for at in found if at]
    day, time = row["date"], row["time"]
    return [datetime.strptime(f"{day} {time}", "%d.%m.%Y %H:%M:%S").replace(tzinfo=UTC)]


def _where(row: dict[str, str], areas: Areas, places: Sequence[AreaCode]) -> list[AreaCode]:
    if "data" in row:
        return [dealt(name.strip(), places) for name in row["data"].split(",")]
    oblast, raion = row["oblast"], row["raion"]
    begin = slug(oblast.removesuffix(" oblast").removesuffix(" City"))
    names = {r.code: slug(ukrainian_in_latin(r.name_uk)) for r in areas.regions(_COUNTRY)}
    region = next((code for code, name in names.items() if name.startswith(begin)), None)
    if region is None:
        return [dealt(oblast, places)]
    if not raion:
        return [place for place in places if areas.contains(region, place)]
    code = f"{region}/{slug(raion.removesuffix(' raion'))}"
    return [AreaCode(code) if code in places else dealt(code, places)]
