"""Incidents: stretches of danger of one hazard in one region, for history and statistics."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.database import Row, Tx, maybe_moment, moment, ms
from storage.model import AreaCode, Hazard, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    id: int
    region: AreaCode
    hazard: Hazard
    opened_at: datetime
    closed_at: datetime | None
    ending: str | None
    peak: Level
    areas: tuple[AreaCode, ...]
    retracted_at: datetime | None = None


_COLUMNS = "id, region, hazard, opened_at, closed_at, ending, peak, areas, retracted_at"


async def opened(
    tx: Tx,
    region: AreaCode,
    hazard: Hazard,
    at: datetime,
    peak: Level,
    areas: Sequence[AreaCode],
) -> None:
    """Open the incident, or widen the open one: the partial unique index decides which."""
    row = await tx.one(
        """INSERT INTO incidents (region, hazard, opened_at, peak, areas)
           VALUES (:region, :hazard, :at, :peak, :areas)
           ON CONFLICT (region, hazard) WHERE closed_at IS NULL
           DO UPDATE SET peak = CASE WHEN excluded.peak > peak THEN excluded.peak ELSE peak END
           RETURNING id, areas""",
        region=region,
        hazard=hazard,
        at=ms(at),
        peak=int(peak),
        areas=json.dumps(sorted(areas)),
    )
    if row is not None and not set(areas) <= (known := set(json.loads(row["areas"]))):
        await tx.all(
            "UPDATE incidents SET areas = :areas WHERE id = :id",
            id=row["id"],
            areas=json.dumps(sorted(known | set(areas))),
        )


async def closed(tx: Tx, region: AreaCode, hazard: Hazard, at: datetime, ending: str) -> None:
    """Close the open incident, if any. ``ending``: ``clear``, ``stale``, or ``retracted``: it
    never was, and nobody gave an all-clear."""
    await tx.all(
        """UPDATE incidents SET closed_at = :at,
               ending = CASE WHEN :ending = 'retracted' THEN 'stale' ELSE :ending END,
               retracted_at = CASE WHEN :ending = 'retracted' THEN :at END
           WHERE region = :region AND hazard = :hazard AND closed_at IS NULL""",
        region=region,
        hazard=hazard,
        at=ms(at),
        ending=ending,
    )


async def of_region(tx: Tx, region: AreaCode, since: datetime) -> Sequence[Incident]:
    rows = await tx.all(
        f"""SELECT {_COLUMNS} FROM incidents
           WHERE region = :region AND (closed_at IS NULL OR closed_at >= :since)
           ORDER BY opened_at DESC LIMIT 1000""",
        region=region,
        since=ms(since),
    )
    return [_incident(row) for row in rows]


async def recent(tx: Tx, since: datetime) -> Sequence[Incident]:
    """Those of all regions that were in force since then and not taken back, newest first."""
    rows = await tx.all(
        f"""SELECT {_COLUMNS} FROM incidents
           WHERE (closed_at IS NULL OR closed_at >= :since) AND retracted_at IS NULL
           ORDER BY opened_at DESC, id DESC LIMIT 1000""",
        since=ms(since),
    )
    return [_incident(row) for row in rows]


async def total(tx: Tx, since: datetime) -> int:
    row = await tx.one(
        "SELECT count(*) AS n FROM incidents WHERE opened_at >= :since", since=ms(since)
    )
    return 0 if row is None else int(row["n"])


async def get(tx: Tx, number: int) -> Incident | None:
    row = await tx.one(f"SELECT {_COLUMNS} FROM incidents WHERE id = :id", id=number)
    return None if row is None else _incident(row)


async def running(tx: Tx) -> Sequence[Incident]:
    """Of all regions, the latest first."""
    rows = await tx.all(
        f"SELECT {_COLUMNS} FROM incidents WHERE closed_at IS NULL ORDER BY id DESC LIMIT 50"
    )
    return [_incident(row) for row in rows]


async def ended(tx: Tx, since: datetime) -> Sequence[Incident]:
    """Of all regions, ended since then and not taken back; the latest first."""
    rows = await tx.all(
        f"""SELECT {_COLUMNS} FROM incidents
            WHERE closed_at >= :since AND retracted_at IS NULL
            ORDER BY closed_at DESC, id DESC LIMIT 50""",
        since=ms(since),
    )
    return [_incident(row) for row in rows]


def _incident(row: Row) -> Incident:
    return Incident(
        id=row["id"],
        region=AreaCode(row["region"]),
        hazard=Hazard(row["hazard"]),
        opened_at=moment(row["opened_at"]),
        closed_at=maybe_moment(row["closed_at"]),
        ending=row["ending"],
        peak=Level(row["peak"]),
        areas=tuple(AreaCode(code) for code in json.loads(row["areas"])),
        retracted_at=maybe_moment(row["retracted_at"]),
    )
