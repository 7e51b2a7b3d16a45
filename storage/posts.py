"""Posts as they arrived: one row a revision, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage import codec
from storage.database import PAGE, Row, Tx, maybe_moment, maybe_ms, moment, ms
from storage.model import Assessment, ChannelId, Post


class State(StrEnum):
    RECORDED = "recorded"
    APPLIED = "applied"
    SILENT = "silent"
    DUPLICATE = "duplicate"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A revision in the database. Revisions of a message count from 1."""

    post: Post
    revision: int
    state: State
    reason: str | None
    assessment: Assessment | None


_COLUMNS = """channel, message, revision, text, digest, posted_at, edited_at, received_at,
    forwarded, grouped, media, service, deleted, state, reason, assessment"""


async def record(tx: Tx, post: Post) -> int | None:
    """Store ``post`` as the next revision of its message; the revision's number.

    None, and nothing is changed: the newest revision already has this digest (the same post
    came twice, or only its counters moved), or is newer than this one. A deletion of a message
    that we never had is stored too: the post itself may still come late and must stay deleted.
    """
    if await _is_known(tx, post):
        return None
    await tx.all(
        "UPDATE posts SET latest = 0 WHERE channel = :channel AND message = :message",
        channel=post.channel,
        message=post.message,
    )
    rows = await tx.all(
        """INSERT INTO posts (channel, message, revision, latest, text, digest, posted_at,
               edited_at, received_at, forwarded, grouped, media, service, deleted, state)
           SELECT :channel, :message, COALESCE(MAX(revision), 0) + 1, 1, :text, :digest,
               :posted_at, :edited_at, :received_at, :forwarded, :grouped, :media, :service,
               :deleted, 'recorded'
           FROM posts WHERE channel = :channel AND message = :message
           RETURNING revision""",
        channel=post.channel,
        message=post.message,
        text=post.text,
        digest=post.digest,
        posted_at=ms(post.date),
        edited_at=maybe_ms(post.edited_at),
        received_at=ms(post.received_at),
        forwarded=post.forwarded,
        grouped=post.grouped,
        media=post.media,
        service=post.service,
        deleted=post.deleted,
    )
    return int(rows[0]["revision"])


async def _is_known(tx: Tx, post: Post) -> bool:
    row = await tx.one(
        """SELECT digest, edited_at, deleted FROM posts
           WHERE channel = :channel AND message = :message AND latest = 1""",
        channel=post.channel,
        message=post.message,
    )
    if row is None:
        return False
    if row["deleted"]:
        return True
    if post.deleted:
        return False
    newer = (row["edited_at"] or 0) > (maybe_ms(post.edited_at) or 0)
    return row["digest"] == post.digest or newer


async def settle(
    tx: Tx,
    post: Post,
    revision: int,
    state: State,
    *,
    reason: str | None = None,
    assessment: Assessment | None = None,
) -> None:
    """Say what became of a revision."""
    await tx.all(
        """UPDATE posts SET state = :state, reason = :reason, assessment = :assessment,
               tries = tries + 1
           WHERE channel = :channel AND message = :message AND revision = :revision""",
        channel=post.channel,
        message=post.message,
        revision=revision,
        state=state,
        reason=reason,
        assessment=None if assessment is None else codec.dump(assessment),
    )


async def latest(tx: Tx, channel: ChannelId, message: int) -> Stored | None:
    row = await tx.one(
        f"""SELECT {_COLUMNS} FROM posts
            WHERE channel = :channel AND message = :message AND latest = 1""",
        channel=channel,
        message=message,
    )
    return None if row is None else _stored(row)


async def before(tx: Tx, post: Post, revision: int) -> Stored | None:
    """The last revision of the same message before ``revision`` that was applied: what only
    failed was never said."""
    row = await tx.one(
        f"""SELECT {_COLUMNS} FROM posts WHERE channel = :channel AND message = :message
            AND revision < :revision AND state IN ('applied', 'silent')
            ORDER BY revision DESC LIMIT 1""",
        channel=post.channel,
        message=post.message,
        revision=revision,
    )
    return None if row is None else _stored(row)


async def recent(tx: Tx, channel: ChannelId, since: datetime, until: int) -> Sequence[Stored]:
    """Applied posts of a channel published since then, message id below ``until``."""
    rows = await tx.all(
        f"""SELECT {_COLUMNS} FROM posts
            WHERE channel = :channel AND message < :until AND posted_at >= :since
              AND latest = 1 AND state = 'applied'
            ORDER BY message DESC LIMIT 20""",
        channel=channel,
        until=until,
        since=ms(since),
    )
    return [_stored(row) for row in rows]


async def newest_ids(tx: Tx, channel: ChannelId, limit: int) -> Sequence[int]:
    """Message ids worth reading again for edits and deletions, newest first."""
    rows = await tx.all(
        """SELECT message FROM posts WHERE channel = :channel AND latest = 1 AND deleted = 0
           ORDER BY message DESC LIMIT :limit""",
        channel=channel,
        limit=limit,
    )
    return [int(row["message"]) for row in rows]


async def unsettled(tx: Tx, *, most_tries: int) -> Sequence[Stored]:
    """Stored but not applied: interrupted, or failed less than ``most_tries`` times."""
    rows = await tx.all(
        f"""SELECT {_COLUMNS} FROM posts
            WHERE state IN ('recorded', 'failed') AND latest = 1 AND tries < :most
            ORDER BY posted_at, message LIMIT {PAGE}""",
        most=most_tries,
    )
    return [_stored(row) for row in rows]


async def failed(tx: Tx) -> Sequence[Stored]:
    """Posts that no rule could take: for the admin to see."""
    rows = await tx.all(
        f"""SELECT {_COLUMNS} FROM posts WHERE state = 'failed' AND latest = 1
            ORDER BY received_at DESC LIMIT 50"""
    )
    return [_stored(row) for row in rows]


async def with_figures(tx: Tx, since: datetime) -> Sequence[Stored]:
    """Posts published since then that count something or somebody, oldest first; of very many the
    newest."""
    rows = await tx.all(
        f"""SELECT {_COLUMNS} FROM posts
            WHERE received_at >= :since AND posted_at >= :since AND latest = 1 AND deleted = 0
              AND state IN ('applied', 'silent')
              AND (instr(assessment, '"count":{{') OR instr(assessment, '"casualties":{{'))
            ORDER BY posted_at DESC, channel, message DESC LIMIT {PAGE}""",
        since=ms(since),
    )
    return [_stored(row) for row in reversed(rows)]


async def prune(tx: Tx, before: datetime) -> bool:
    """Forget a page of the posts received before then; those not yet applied stay. Whether there
    may be more."""
    rows = await tx.all(
        f"""DELETE FROM posts WHERE (channel, message, revision) IN (
                SELECT channel, message, revision FROM posts
                WHERE received_at < :before AND state NOT IN ('recorded', 'failed')
                LIMIT {PAGE}) RETURNING message""",
        before=ms(before),
    )
    return len(rows) == PAGE


async def tally(tx: Tx, since: datetime) -> dict[str, int]:
    """Revisions received since then, by what became of them."""
    rows = await tx.all(
        "SELECT state, count(*) AS n FROM posts WHERE received_at >= :since GROUP BY state",
        since=ms(since),
    )
    return {row["state"]: row["n"] for row in rows}


def _stored(row: Row) -> Stored:
    return Stored(
        post=Post(
            channel=ChannelId(row["channel"]),
            message=row["message"],
            text=row["text"],
            date=moment(row["posted_at"]),
            edited_at=maybe_moment(row["edited_at"]),
            received_at=moment(row["received_at"]),
            digest=row["digest"],
            forwarded=bool(row["forwarded"]),
            grouped=row["grouped"],
            media=row["media"],
            service=bool(row["service"]),
            deleted=bool(row["deleted"]),
        ),
        revision=row["revision"],
        state=State(row["state"]),
        reason=row["reason"],
        assessment=(
            None if row["assessment"] is None else codec.load(Assessment, row["assessment"])
        ),
    )
