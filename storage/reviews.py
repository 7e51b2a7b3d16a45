"""What waits for a person to look at it, and what became of it: the labels of the parser."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from storage import codec
from storage.database import PAGE, Row, Tx, maybe_moment, ms
from storage.model import AreaCode, Assessment, ChannelId, Claim, Hazard, Kind, Post, Source


class Subject(StrEnum):
    """DANGER was told at once, with its doubt; a CLEAR waits untold; a REPORT is a resident's,
    about something that was told."""

    DANGER = "danger"
    CLEAR = "clear"
    REPORT = "report"


class State(StrEnum):
    """WITHDRAWN: its own channel took the words back, nobody has to decide any more."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    RELEASED = "released"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


VERDICTS: Final[dict[Subject, tuple[State, ...]]] = {
    Subject.DANGER: (State.CONFIRMED, State.CORRECTED, State.REJECTED),
    Subject.CLEAR: (State.RELEASED, State.CORRECTED, State.REJECTED),
    Subject.REPORT: (State.CONFIRMED, State.CORRECTED, State.REJECTED),
}
"""What a person may decide. Of a report: whether what was told is right."""

TRUTHS: Final[dict[Kind, tuple[Kind, ...]]] = {
    Kind.THREAT: (Kind.THREAT, Kind.DRILL, Kind.INTERCEPTION, Kind.DAMAGE, Kind.ALL_CLEAR),
    Kind.ALL_CLEAR: (Kind.ALL_CLEAR,),
}
"""As what a person may correct it: what was taken for danger may have been a drill, something
already over, or an all-clear. What is none of these is rejected; what was taken for an all-clear
becomes no danger by a correction: `/compose` declares one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """``claim``: what was told or would be. ``post``, ``home`` (its channel's area) and ``said``
    (all that was read in it): None for what came before they were kept. ``truth``: the claim as
    corrected. ``found_by``: the moderator who found this all-clear in what was told as danger."""

    id: int
    kind: Subject
    region: AreaCode
    channel: ChannelId
    message: int
    ordinal: int
    claim: Claim
    source: Source
    why: str
    post: Post | None = None
    home: AreaCode | None = None
    said: Assessment | None = None
    state: State = State.OPEN
    truth: Claim | None = None
    decided_by: int | None = None
    decided_at: datetime | None = None
    found_by: int | None = None


_COLUMNS = """id, kind, region, channel, message, ordinal, claim, source, why, post, home, said,
    state, truth, decided_by, decided_at, found_by"""
_URGENCY = "CASE kind WHEN 'danger' THEN 0 WHEN 'clear' THEN 1 ELSE 2 END"
"""Danger was told already, and an all-clear keeps people in shelters: reports come last."""


def widens(review: Review, truth: Claim) -> bool:
    """Whether an all-clear would be for the whole region though it did not say so: nobody does
    that alone. A manual one (`/compose`) needs two."""
    return (
        review.kind is Subject.CLEAR
        and review.region in truth.areas
        and review.region not in review.claim.areas
    )


def is_own(review: Review, who: int, verdict: State) -> bool:
    """Whether somebody would let the all-clear through that they found themselves: that takes
    two, as one written by hand does."""
    return review.found_by == who and verdict in (State.RELEASED, State.CORRECTED)


async def ask(
    tx: Tx,
    kind: Subject,
    region: AreaCode,
    claim: Claim,
    source: Source,
    *,
    ordinal: int,
    why: str,
    at: datetime,
    post: Post | None = None,
    home: AreaCode | None = None,
    said: Assessment | None = None,
    found_by: int | None = None,
) -> int | None:
    """Put before the moderators; its number. None: it is there already."""
    row = await tx.one(
        """INSERT INTO reviews (kind, region, channel, message, ordinal, claim, source, why, post,
               home, said, asked_at, state, found_by)
           VALUES (:kind, :region, :channel, :message, :ordinal, :claim, :source, :why, :post,
               :home, :said, :at, 'open', :found_by)
           ON CONFLICT DO NOTHING RETURNING id""",
        kind=kind,
        region=region,
        channel=source.channel,
        message=source.message,
        ordinal=ordinal,
        claim=codec.dump(claim),
        source=codec.dump(source),
        why=why,
        post=None if post is None else codec.dump(post),
        home=home,
        said=None if said is None else codec.dump(said),
        at=ms(at),
        found_by=found_by,
    )
    return None if row is None else int(row["id"])


async def get(tx: Tx, number: int) -> Review | None:
    row = await tx.one(f"SELECT {_COLUMNS} FROM reviews WHERE id = :id", id=number)
    return None if row is None else _review(row)


async def waiting(tx: Tx, skip: int = 0, limit: int = 50) -> Sequence[Review]:
    """The most urgent first, and of the same urgency who waits longest."""
    rows = await tx.all(
        f"""SELECT {_COLUMNS} FROM reviews WHERE state = 'open'
            ORDER BY {_URGENCY}, id LIMIT :limit OFFSET :skip""",
        limit=limit,
        skip=skip,
    )
    return [_review(row) for row in rows]


async def count_waiting(tx: Tx) -> int:
    row = await tx.one("SELECT count(*) AS n FROM reviews WHERE state = 'open'")
    return 0 if row is None else int(row["n"])


async def unannounced(tx: Tx, who: int, limit: int = 50) -> Sequence[int]:
    """Numbers of those that wait and of which this person was owed no notice yet."""
    rows = await tx.all(
        f"""SELECT id FROM reviews r WHERE state = 'open'
              AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.review = r.id AND n.chat = :who)
            ORDER BY {_URGENCY}, id LIMIT :limit""",
        who=who,
        limit=limit,
    )
    return [int(row["id"]) for row in rows]


async def decided(
    tx: Tx, kind: Subject, region: AreaCode, source: Source, ordinal: int
) -> Review | None:
    """What was decided last of this claim of a post; None: nothing, or it waits again."""
    row = await tx.one(
        f"""SELECT {_COLUMNS} FROM reviews
            WHERE kind = :kind AND region = :region AND channel = :channel
              AND message = :message AND ordinal = :ordinal
            ORDER BY id DESC LIMIT 1""",
        kind=kind,
        region=region,
        channel=source.channel,
        message=source.message,
        ordinal=ordinal,
    )
    return None if row is None or row["state"] == State.OPEN else _review(row)


async def decide(
    tx: Tx, number: int, who: int, at: datetime, verdict: State, truth: Claim | None = None
) -> bool:
    """Whether this call decided it: only the first decision counts."""
    row = await tx.one(
        """UPDATE reviews SET state = :state, truth = :truth, decided_by = :who, decided_at = :at
           WHERE id = :id AND state = 'open' RETURNING id""",
        id=number,
        state=verdict,
        truth=None if truth is None else codec.dump(truth),
        who=who,
        at=ms(at),
    )
    return row is not None


async def withdraw_clears(
    tx: Tx, channel: ChannelId, message: int, still_said: Collection[Hazard], at: datetime
) -> Sequence[Review]:
    """Whoever posted them took them back: a deletion, or an edit without any all-clear of the
    hazard."""
    rows = await tx.all(
        f"SELECT {_COLUMNS} FROM reviews WHERE channel = :channel AND message = :message "
        "AND kind = 'clear' AND state = 'open'",
        channel=channel,
        message=message,
    )
    gone = [each for each in map(_review, rows) if each.claim.hazard not in still_said]
    await tx.many(
        "UPDATE reviews SET state = 'withdrawn', decided_at = :at WHERE id = :id",
        [{"id": each.id, "at": ms(at)} for each in gone],
    )
    return gone


async def labels(tx: Tx, after: int) -> Sequence[Review]:
    """A page of what people decided of posts that are kept, in order, behind this number."""
    rows = await tx.all(
        f"""SELECT {_COLUMNS} FROM reviews
            WHERE id > :after AND post IS NOT NULL AND said IS NOT NULL
              AND state IN ('confirmed', 'corrected', 'released', 'rejected')
            ORDER BY id LIMIT {PAGE}""",
        after=after,
    )
    return [_review(row) for row in rows]


def _review(row: Row) -> Review:
    return Review(
        id=row["id"],
        kind=Subject(row["kind"]),
        region=AreaCode(row["region"]),
        channel=ChannelId(row["channel"]),
        message=row["message"],
        ordinal=row["ordinal"],
        claim=codec.load(Claim, row["claim"]),
        source=codec.load(Source, row["source"]),
        why=row["why"],
        post=None if row["post"] is None else codec.load(Post, row["post"]),
        home=None if row["home"] is None else AreaCode(row["home"]),
        said=None if row["said"] is None else codec.load(Assessment, row["said"]),
        state=State(row["state"]),
        truth=None if row["truth"] is None else codec.load(Claim, row["truth"]),
        decided_by=row["decided_by"],
        decided_at=maybe_moment(row["decided_at"]),
        found_by=row["found_by"],
    )
