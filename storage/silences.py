"""Sounds that operators turned into silent messages for a time. They end by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.database import Row, Tx, moment, ms
from storage.model import AreaCode, Hazard


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """``hazard`` None: of all."""

    id: int
    region: AreaCode
    hazard: Hazard | None
    made_by: int
    until: datetime
    why: str


_COLUMNS = "id, region, hazard, made_by, until, why"


async def put(
    tx: Tx,
    region: AreaCode,
    hazard: Hazard | None,
    who: int,
    why: str,
    *,
    at: datetime,
    until: datetime,
) -> int:
    rows = await tx.all(
        """INSERT INTO silences (region, hazard, made_by, made_at, until, why)
           VALUES (:region, :hazard, :who, :at, :until, :why) RETURNING id""",
        region=region,
        hazard=hazard,
        who=who,
        at=ms(at),
        until=ms(until),
        why=why,
    )
    return int(rows[0]["id"])


async def in_force(tx: Tx, at: datetime, region: AreaCode | None = None) -> Sequence[Silence]:
    rows = await tx.all(
        f"""SELECT {_COLUMNS} FROM silences
            WHERE until > :at AND (:region IS NULL OR region = :region) ORDER BY id LIMIT 100""",
        at=ms(at),
        region=region,
    )
    return [_silence(row) for row in rows]


async def end(tx: Tx, number: int, at: datetime) -> AreaCode | None:
    """Before its time; where it was in force, None: nowhere."""
    row = await tx.one(
        "UPDATE silences SET until = :at WHERE id = :id AND until > :at RETURNING region",
        id=number,
        at=ms(at),
    )
    return None if row is None else AreaCode(row["region"])


def _silence(row: Row) -> Silence:
    return Silence(
        id=row["id"],
        region=AreaCode(row["region"]),
        hazard=None if row["hazard"] is None else Hazard(row["hazard"]),
        made_by=row["made_by"],
        until=moment(row["until"]),
        why=row["why"],
    )
