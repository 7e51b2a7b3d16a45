"""What operators are about to do: each is confirmed once, in time, by somebody who may."""

from dataclasses import dataclass
from datetime import datetime

from storage.database import Row, Tx, moment, ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """``token`` is the one-time secret of its button. ``backed``: whoever made it has confirmed
    it, a second person has to."""

    token: str
    kind: str
    body: str
    made_by: int
    made_at: datetime
    backed: bool


async def propose(
    tx: Tx, token: str, kind: str, body: str, who: int, at: datetime, *, expires: datetime
) -> None:
    await tx.all(
        """INSERT INTO proposals (token, kind, body, made_by, made_at, expires_at)
           VALUES (:token, :kind, :body, :who, :at, :expires)""",
        token=token,
        kind=kind,
        body=body,
        who=who,
        at=ms(at),
        expires=ms(expires),
    )


async def get(tx: Tx, token: str) -> Proposal | None:
    """Whether or not it can still be confirmed."""
    row = await tx.one(
        """SELECT token, kind, body, made_by, made_at, backed FROM proposals
           WHERE token = :token""",
        token=token,
    )
    return None if row is None else _proposal(row)


async def latest(tx: Tx, kind: str, who: int, at: datetime) -> Proposal | None:
    """The last one of this person's that can still be confirmed by them."""
    row = await tx.one(
        """SELECT token, kind, body, made_by, made_at, backed FROM proposals
           WHERE kind = :kind AND made_by = :who AND expires_at > :at AND taken_by IS NULL
             AND backed = 0
           ORDER BY rowid DESC LIMIT 1""",
        kind=kind,
        who=who,
        at=ms(at),
    )
    return None if row is None else _proposal(row)


async def back(tx: Tx, token: str, expires: datetime) -> None:
    """Whoever made it confirms it; until then a second person has time."""
    await tx.all(
        "UPDATE proposals SET backed = 1, expires_at = :expires WHERE token = :token",
        token=token,
        expires=ms(expires),
    )


async def take(
    tx: Tx, token: str, kind: str, who: int, at: datetime, *, second: bool = False
) -> Proposal | None:
    """Confirm it, for good, in the write that carries it out. None: there is none, it was taken,
    it is too late, or not this person's to take. ``second``: by another than who made and backed
    it."""
    row = await tx.one(
        """UPDATE proposals SET taken_by = :who
           WHERE token = :token AND kind = :kind AND taken_by IS NULL AND expires_at > :at
             AND backed = :second AND (made_by <> :who) = :second
           RETURNING token, kind, body, made_by, made_at, backed""",
        token=token,
        kind=kind,
        who=who,
        at=ms(at),
        second=second,
    )
    return None if row is None else _proposal(row)


async def prune(tx: Tx, before: datetime) -> bool:
    """All of these few; whether there may be more."""
    await tx.all("DELETE FROM proposals WHERE expires_at < :before", before=ms(before))
    return False


def _proposal(row: Row) -> Proposal:
    return Proposal(
        token=row["token"],
        kind=row["kind"],
        body=row["body"],
        made_by=row["made_by"],
        made_at=moment(row["made_at"]),
        backed=bool(row["backed"]),
    )
