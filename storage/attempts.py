"""Attempts to change what a chat sees, and what their answers make of its card.

An attempt is committed before its request leaves and ended by its answer; what has no end after
a crash is in doubt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from storage import cards, shares
from storage.database import PAGE, Tx, maybe_ms, moment, ms
from storage.model import EVERYTHING, Attempt, Card, CardId, Share


class Lever(StrEnum):
    """What Telegram can be asked for: a new audible message, a new silent one, an edit."""

    SOUND = "sound"
    SILENT = "silent"
    EDIT = "edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an accepted request changed before the chat's eyes. ``hushes``: quiet hours took the
    sound from a danger."""

    version: int
    lever: Lever
    message_id: int | None
    shows: bool
    ends: bool
    reason: str
    due_at: datetime | None = None
    hushes: bool = False


async def latest(tx: Tx, card: CardId, limit: int) -> Sequence[Attempt]:
    """Of one card, newest first."""
    rows = await tx.all(
        """SELECT version, lever, begun_at, outcome FROM attempts WHERE card = :card
           ORDER BY id DESC LIMIT :limit""",
        card=card,
        limit=limit,
    )
    return [
        Attempt(
            version=row["version"],
            lever=row["lever"],
            begun_at=moment(row["begun_at"]),
            outcome=row["outcome"],
        )
        for row in rows
    ]


async def begin(
    tx: Tx,
    card: Card,
    version: int,
    lever: Lever,
    *,
    danger: bool,
    alarms: bool,
    at: datetime,
) -> int | None:
    """Commit to one request; its attempt's number.

    ``danger``: it speaks of danger in force. ``alarms``: once it is accepted, or in doubt, the
    chat counts as told of danger. The gate: None if the region has a newer version than was
    decided on, if the card was decided on again, or has a request under way.
    """
    row = await tx.one(
        """INSERT INTO attempts (card, version, lever, danger, alarms, begun_at)
           SELECT c.id, :version, :lever, :danger, :alarms, :at
           FROM cards c JOIN heads h ON h.region = c.region
           JOIN chats t ON t.id = c.chat AND t.state = 'active'
           WHERE c.id = :card AND (c.open = 0 OR h.version = :version) AND c.seen = :seen
             AND NOT EXISTS (SELECT 1 FROM attempts a
                             WHERE a.card = c.id AND a.ended_at IS NULL)
           RETURNING id""",
        card=card.id,
        version=version,
        seen=card.seen,
        lever=lever,
        danger=danger,
        alarms=alarms,
        at=ms(at),
    )
    return None if row is None else int(row["id"])


async def accepted(tx: Tx, attempt: int, card: Card, told: Told, at: datetime) -> None:
    """End the attempt with success. ``told.shows``: the message is the live card; otherwise it
    is a short one beside it and the card is to be edited. ``told.ends`` closes it, unless the
    region changed while the request was under way: that alert found the card open, which then
    goes on as that of a chat that is in no danger."""
    await end(tx, attempt, "accepted", at, told.message_id)
    fresh = told.lever is not Lever.EDIT
    replaced = fresh and told.shows and card.message_id is not None
    await tx.all(
        f"""UPDATE cards SET seen = :version, told = :version, reason = :reason, due_at = :due_at,
               {cards.answered()},
               shown = CASE WHEN :shows = 1 THEN :version ELSE shown END,
               message_id = CASE WHEN :shows = 1 AND :fresh = 1 THEN :message_id
                                 ELSE message_id END,
               old_message_id = CASE WHEN :replaced = 1 THEN message_id ELSE old_message_id END,
               edited_at = CASE WHEN :shows = 1 THEN :at ELSE edited_at END,
               sounded = CASE WHEN :sound = 1 THEN :version ELSE sounded END,
               sounded_at = CASE WHEN :sound = 1 THEN :at ELSE sounded_at END,
               hushed = CASE WHEN :sound = 1 OR :ends = 1 THEN 0
                             WHEN :hushes = 1 THEN 1 ELSE hushed END,
               alarmed = CASE WHEN :ends = 1 AND open = 1 AND EXISTS (
                                      SELECT 1 FROM heads h
                                      WHERE h.region = cards.region AND h.version > :version)
                              THEN 0
                              WHEN (SELECT a.alarms FROM attempts a WHERE a.id = :attempt) = 1
                              THEN 1 ELSE alarmed END,
               open = CASE WHEN :ends = 1 AND NOT EXISTS (
                                   SELECT 1 FROM heads h
                                   WHERE h.region = cards.region AND h.version > :version)
                           THEN 0 ELSE open END
           WHERE id = :id""",
        id=card.id,
        attempt=attempt,
        version=told.version,
        reason=told.reason,
        due_at=maybe_ms(told.due_at),
        shows=told.shows,
        fresh=fresh,
        replaced=replaced,
        sound=told.lever is Lever.SOUND,
        hushes=told.hushes,
        message_id=told.message_id,
        ends=told.ends,
        at=ms(at),
    )


async def end(
    tx: Tx, attempt: int, outcome: str, at: datetime, message_id: int | None = None
) -> None:
    await tx.all(
        """UPDATE attempts SET ended_at = :at, outcome = :outcome, message_id = :message_id
           WHERE id = :id AND ended_at IS NULL""",
        id=attempt,
        at=ms(at),
        outcome=outcome,
        message_id=message_id,
    )


async def doubted(tx: Tx, attempt: int, at: datetime) -> int:
    """Nobody knows whether the request was carried out: the chat counts as told of its danger,
    and the card is decided anew. How often that happened to this version of the card."""
    await end(tx, attempt, "ambiguous", at)
    await tx.all(
        """UPDATE cards SET alarmed = 1
           WHERE id = (SELECT card FROM attempts WHERE id = :id AND alarms = 1)""",
        id=attempt,
    )
    row = await tx.one(
        """SELECT count(*) AS n FROM attempts a JOIN attempts mine ON mine.id = :id
           WHERE a.card = mine.card AND a.version = mine.version AND a.lever = mine.lever
             AND a.outcome = 'ambiguous'""",
        id=attempt,
    )
    return 0 if row is None else int(row["n"])


async def in_doubt(tx: Tx, at: datetime, share: Share = EVERYTHING) -> int:
    """End what a crash left open; their cards are still behind and will be decided anew."""
    mine, codes = shares.own(share, "COALESCE(c.via, c.region)")
    rows = await tx.all(
        f"""UPDATE attempts SET ended_at = :at, outcome = 'in_doubt'
            WHERE ended_at IS NULL AND card IN (SELECT c.id FROM cards c WHERE 1 = 1 {mine})
            RETURNING card, alarms""",
        at=ms(at),
        **codes,
    )
    doubtful = [{"id": row["card"]} for row in rows if row["alarms"]]
    await tx.many("UPDATE cards SET alarmed = 1 WHERE id = :id", doubtful)
    return len(rows)


async def took(tx: Tx, since: datetime) -> Sequence[timedelta]:
    """Of the last thousand sounds: from the published alert to Telegram's answer."""
    rows = await tx.all(
        f"""SELECT a.ended_at - l.published_at AS took
            FROM (SELECT * FROM attempts ORDER BY id DESC LIMIT {PAGE}) a
            JOIN cards c ON c.id = a.card
            JOIN alerts l ON l.region = c.region AND l.version = a.version
            WHERE a.lever = 'sound' AND a.outcome = 'accepted' AND a.ended_at >= :since""",
        since=ms(since),
    )
    return [timedelta(milliseconds=row["took"]) for row in rows]


async def tally(tx: Tx, since: datetime) -> dict[str, int]:
    """Accepted requests since then by lever, and the others by outcome."""
    rows = await tx.all(
        """SELECT CASE WHEN outcome = 'accepted' THEN lever ELSE outcome END AS what,
               count(*) AS n
           FROM attempts WHERE ended_at >= :since
           GROUP BY CASE WHEN outcome = 'accepted' THEN lever ELSE outcome END""",
        since=ms(since),
    )
    return {row["what"]: row["n"] for row in rows}


async def prune(tx: Tx, before: datetime) -> bool:
    """Forget a page of those ended before then; whether there may be more."""
    rows = await tx.all(
        f"""DELETE FROM attempts WHERE id IN (
                SELECT id FROM attempts WHERE ended_at < :before LIMIT {PAGE}) RETURNING id""",
        before=ms(before),
    )
    return len(rows) == PAGE
