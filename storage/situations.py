"""Versions of what is known of each region: appended, never changed."""

from collections.abc import Sequence
from datetime import datetime

from storage import codec
from storage.database import Tx, ms
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


async def prune(tx: Tx, before: datetime) -> None:
    """Forget old versions that are neither current nor before any chat's eyes."""
    await tx.all(
        """DELETE FROM alerts WHERE dispatched = 1 AND published_at < :before
           AND version < (SELECT h.version FROM heads h WHERE h.region = alerts.region)""",
        before=ms(before),
    )
    await tx.all(
        """DELETE FROM situations WHERE at < :before
           AND version < (SELECT h.version FROM heads h WHERE h.region = situations.region)
           AND NOT EXISTS (SELECT 1 FROM cards c WHERE c.region = situations.region
                           AND situations.version IN (c.told, c.shown, c.opened_version))
           AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.region = situations.region
                           AND a.version = situations.version)""",
        before=ms(before),
    )
