"""What a crash test looks at afterwards: a diary that the database itself keeps, statement by
statement in the order of commits, and the tables it is compared with.

The diary is two triggers and their tables in a database that was made for the test; no other
database has them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from storage.database import Tx
from storage.model import AreaCode, ChannelId, ChatId


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An attempt, with what was so when it was begun. ``head``: the region's version then.
    ``rivals``: other attempts of its card without an end then. ``outcome``: as it is now."""

    attempt: int
    card: int
    chat: ChatId
    region: AreaCode
    version: int
    lever: str
    alarms: bool
    open: bool
    head: int
    rivals: int
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A card was taken for told of a version. ``carried``: an ended attempt for that version of
    that card stands for it."""

    card: int
    chat: ChatId
    version: int
    carried: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A channel, and how it was read. ``posts``: ids of stored messages; ``unsettled``: those of
    them that were not applied."""

    channel: ChannelId
    username: str
    cursor: int | None
    posts: tuple[int, ...]
    unsettled: tuple[int, ...]


_DIARY = (
    """CREATE TABLE claims (attempt INTEGER PRIMARY KEY, open INTEGER NOT NULL,
           head INTEGER NOT NULL, rivals INTEGER NOT NULL) STRICT""",
    """CREATE TRIGGER claimed AFTER INSERT ON attempts BEGIN
           INSERT INTO claims (attempt, open, head, rivals)
           SELECT new.id, c.open, h.version,
               (SELECT count(*) FROM attempts a
                WHERE a.card = new.card AND a.ended_at IS NULL AND a.id <> new.id)
           FROM cards c JOIN heads h ON h.region = c.region WHERE c.id = new.card;
       END""",
    """CREATE TABLE tellings (id INTEGER PRIMARY KEY, card INTEGER NOT NULL,
           chat INTEGER NOT NULL, version INTEGER NOT NULL, carried INTEGER NOT NULL) STRICT""",
    """CREATE TRIGGER told AFTER UPDATE OF told ON cards
       WHEN new.told IS NOT NULL AND new.told IS NOT old.told BEGIN
           INSERT INTO tellings (card, chat, version, carried)
           SELECT new.id, new.chat, new.told,
               EXISTS (SELECT 1 FROM attempts a WHERE a.card = new.id AND a.version = new.told
                       AND a.outcome IN ('accepted', 'ambiguous'));
       END""",
)


async def install(tx: Tx) -> None:
    for statement in _DIARY:
        await tx.all(statement)


async def claims(tx: Tx) -> Sequence[Claim]:
    rows = await tx.all(
        """SELECT a.id, a.card, c.chat, c.region, a.version, a.lever, a.alarms, n.open, n.head,
               n.rivals, a.outcome
           FROM attempts a JOIN cards c ON c.id = a.card JOIN claims n ON n.attempt = a.id
           ORDER BY a.id"""
    )
    return [
        Claim(
            attempt=row["id"],
            card=row["card"],
            chat=ChatId(row["chat"]),
            region=AreaCode(row["region"]),
            version=row["version"],
            lever=row["lever"],
            alarms=bool(row["alarms"]),
            open=bool(row["open"]),
            head=row["head"],
            rivals=row["rivals"],
            outcome=row["outcome"],
        )
        for row in rows
    ]


async def tellings(tx: Tx) -> Sequence[Telling]:
    rows = await tx.all("SELECT card, chat, version, carried FROM tellings ORDER BY id")
    return [
        Telling(
            card=row["card"],
            chat=ChatId(row["chat"]),
            version=row["version"],
            carried=bool(row["carried"]),
        )
        for row in rows
    ]


async def read(tx: Tx) -> Sequence[Read]:
    found = await tx.all("SELECT id, username, cursor FROM channels ORDER BY id")
    stored = await tx.all("SELECT channel, message, state FROM posts ORDER BY channel, message")
    return [
        Read(
            channel=ChannelId(row["id"]),
            username=row["username"] or "",
            cursor=row["cursor"],
            posts=tuple(each["message"] for each in stored if each["channel"] == row["id"]),
            unsettled=tuple(
                each["message"]
                for each in stored
                if each["channel"] == row["id"] and each["state"] in ("recorded", "failed")
            ),
        )
        for row in found
    ]


async def versions(tx: Tx) -> dict[AreaCode, int]:
    """How many versions each region has; also whether they are numbered without a gap."""
    rows = await tx.all(
        """SELECT region, count(*) AS n, max(version) AS last FROM situations GROUP BY region"""
    )
    return {
        AreaCode(row["region"]): row["last"] if row["n"] == row["last"] else -1 for row in rows
    }


async def is_sound(tx: Tx) -> bool:
    """SQLite's own opinion of the file."""
    faults = await tx.all("PRAGMA foreign_key_check")
    verdict = await tx.one("PRAGMA integrity_check")
    return not faults and verdict is not None and verdict["integrity_check"] == "ok"
