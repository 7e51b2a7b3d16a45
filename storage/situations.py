"""Versions of what is known of each region: appended, never changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from storage import codec
from storage.database import PAGE, Tx, ms
from storage.model import AreaCode, Situation


async def current(tx: Tx, region: AreaCode) -> Situation | None:
    row = await tx.one(
        """SELECT s.snapshot FROM heads h
           JOIN situations s ON s.region = h.region AND s.version = h.version
           WHERE h.region = :region""",
        region=region,
    )
    return None if row is None else codec.load(Situation, row["snapshot"])


async def version(tx: Tx, region: AreaCode, number: int) -> Situation | None:
    row = await tx.one(
        "SELECT snapshot FROM situations WHERE region = :region AND version = :version",
        region=region,
        version=number,
    )
    return None if row is None else codec.load(Situation, row["snapshot"])


async def latest(tx: Tx) -> Sequence[Situation]:
    """The current version of every region that ever had one (at most some 110)."""
    rows = await tx.all(
        """SELECT s.snapshot FROM heads h
           JOIN situations s ON s.region = h.region AND s.version = h.version
           ORDER BY h.region"""
    )
    return [codec.load(Situation, row["snapshot"]) for row in rows]


async def append(tx: Tx, situation: Situation) -> None:
    """Store the next version. The primary key refuses a version that is already there."""
    await tx.all(
        """INSERT INTO situations (region, version, at, snapshot)
           VALUES (:region, :version, :at, :snapshot)""",
        region=situation.region,
        version=situation.version,
        at=ms(situation.at),
        snapshot=codec.dump(situation),
    )
    await tx.all(
        """INSERT INTO heads (region, version) VALUES (:region, :version)
           ON CONFLICT (region) DO UPDATE SET version = excluded.version""",
        region=situation.region,
        version=situation.version,
    )


async def head(tx: Tx, region: AreaCode) -> int:
    """The number of the current version; 0 where nothing was ever known."""
    row = await tx.one("SELECT version FROM heads WHERE region = :region", region=region)
    return 0 if row is None else int(row["version"])


async def old(
    tx: Tx, before: datetime, after: tuple[AreaCode, int] | None = None
) -> Sequence[tuple[AreaCode, int]]:
    """A page of versions that are neither current nor published by an alert."""
    rows = await tx.all(
        f"""SELECT s.region, s.version FROM situations s
            JOIN heads h ON h.region = s.region AND s.version < h.version
            WHERE (s.region, s.version) > (:region, :version) AND s.at < :before
              AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.region = s.region
                              AND a.version = s.version)
            ORDER BY s.region, s.version LIMIT {PAGE}""",
        region="" if after is None else after[0],
        version=0 if after is None else after[1],
        before=ms(before),
    )
    return [(AreaCode(row["region"]), row["version"]) for row in rows]


async def forget(tx: Tx, versions: Iterable[tuple[AreaCode, int]]) -> None:
    await tx.many(
        "DELETE FROM situations WHERE region = :region AND version = :version",
        [{"region": region, "version": version} for region, version in versions],
    )
