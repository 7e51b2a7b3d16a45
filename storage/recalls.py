"""Incidents that were taken back when they were over: each chat that saw one is owed a correction,
once. Who saw what is read from the attempts."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage import incidents
from storage.database import Row, Tx, moment, ms
from storage.incidents import Incident
from storage.model import CardId, Wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """``first``, ``last``: versions of the region's situation from the incident's beginning to its
    end. ``reached``: of all cards up to this one it is settled who gets a correction."""

    incident: Incident
    wrong: Wrong
    at: datetime
    reached: CardId
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The versions within a recall's that a card has shown, and whether one of them sounded."""

    card: CardId
    versions: tuple[int, ...]
    sounded: bool


async def begin(tx: Tx, incident: int, wrong: Wrong, at: datetime) -> bool:
    """Whether this call took it back."""
    row = await tx.one(
        """UPDATE incidents SET retracted_at = :at
           WHERE id = :id AND closed_at IS NOT NULL AND retracted_at IS NULL RETURNING id""",
        id=incident,
        at=ms(at),
    )
    if row is None:
        return False
    await tx.all(
        "INSERT INTO recalls (incident, wrong, at) VALUES (:incident, :wrong, :at)",
        incident=incident,
        wrong=wrong,
        at=ms(at),
    )
    return True


async def running(tx: Tx) -> Recall | None:
    """The oldest that is not done."""
    row = await tx.one(
        """SELECT incident, wrong, at, reached FROM recalls WHERE done = 0
           ORDER BY at, incident LIMIT 1"""
    )
    incident = None if row is None else await incidents.get(tx, row["incident"])
    if row is None or incident is None:
        return None
    first, last = await span(tx, incident)
    return Recall(
        incident=incident,
        wrong=Wrong(row["wrong"]),
        at=moment(row["at"]),
        reached=CardId(row["reached"]),
        first=first,
        last=last,
    )


async def span(tx: Tx, incident: Incident) -> tuple[int, int]:
    """Versions of its region's situation while it was in force, the one that ended it included;
    (1, 0) where none is kept."""
    row = await tx.one(
        """SELECT min(version) AS first, coalesce(
               (SELECT min(version) FROM situations WHERE region = :region AND at >= :closed),
               max(version)) AS last
           FROM situations WHERE region = :region AND at >= :opened""",
        region=incident.region,
        opened=ms(incident.opened_at),
        closed=ms(incident.closed_at or incident.opened_at),
    )
    if row is None or row["first"] is None:
        return 1, 0
    return int(row["first"]), int(row["last"])


async def seen(tx: Tx, recall: Recall, limit: int) -> Sequence[Seen]:
    """The next cards that showed any of its versions, or may have."""
    rows = await tx.all(
        """SELECT a.card, json_group_array(DISTINCT a.version) AS versions,
               max(a.lever = 'sound') AS sounded
           FROM cards c JOIN attempts a ON a.card = c.id
           WHERE c.region = :region AND c.id > :reached
             AND a.version >= :first AND a.version <= :last
             AND a.outcome IN ('accepted', 'ambiguous')
           GROUP BY a.card ORDER BY a.card LIMIT :limit""",
        region=recall.incident.region,
        reached=recall.reached,
        first=recall.first,
        last=recall.last,
        limit=limit,
    )
    return [_seen(row) for row in rows]


async def reach(tx: Tx, incident: int, card: CardId | None) -> None:
    """None: that were all."""
    await tx.all(
        """UPDATE recalls SET reached = coalesce(:card, reached), done = (:card IS NULL)
           WHERE incident = :incident""",
        incident=incident,
        card=card,
    )


def _seen(row: Row) -> Seen:
    return Seen(
        card=CardId(row["card"]),
        versions=tuple(json.loads(row["versions"])),
        sounded=bool(row["sounded"]),
    )
