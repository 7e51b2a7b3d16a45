"""Service messages to every active chat, one at a time, each chat at most once; of a group with
topics, one of these."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.chats import FIRST
from storage.database import Row, Tx, ms
from storage.model import ChatId


class State(StrEnum):
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """``total``: chats when it began. ``shown``: the message with its progress, in the private
    chat of ``made_by``."""

    id: int
    text: str
    made_by: int
    state: State
    total: int
    sent: int
    failed: int
    shown: int | None


_COLUMNS = "id, text, made_by, state, total, sent, failed, shown"


async def audience(tx: Tx) -> int:
    row = await tx.one(f"SELECT count(*) AS n FROM chats c WHERE c.state = 'active' AND {FIRST}")
    return 0 if row is None else int(row["n"])


async def begin(tx: Tx, text: str, who: int, at: datetime) -> int | None:
    """Its number; None while another one runs."""
    row = await tx.one(
        f"""INSERT INTO broadcasts (text, made_by, made_at, state, total)
           SELECT :text, :who, :at, 'running',
               (SELECT count(*) FROM chats c WHERE c.state = 'active' AND {FIRST})
           WHERE NOT EXISTS (SELECT 1 FROM broadcasts WHERE state = 'running')
           RETURNING id""",
        text=text,
        who=who,
        at=ms(at),
    )
    return None if row is None else int(row["id"])


async def get(tx: Tx, number: int) -> Broadcast | None:
    row = await tx.one(f"SELECT {_COLUMNS} FROM broadcasts WHERE id = :id", id=number)
    return None if row is None else _broadcast(row)


async def running(tx: Tx) -> Broadcast | None:
    row = await tx.one(f"SELECT {_COLUMNS} FROM broadcasts WHERE state = 'running'")
    return None if row is None else _broadcast(row)


async def next_chat(tx: Tx, number: int) -> ChatId | None:
    """Move on to the next chat, for good; None: there is none, or it was cancelled. It may have
    been told once this is committed, so it is never asked for again."""
    row = await tx.one(
        f"""UPDATE broadcasts SET reached = (
               SELECT c.id FROM chats c
               WHERE c.state = 'active' AND (reached IS NULL OR c.id > reached) AND {FIRST}
               ORDER BY c.id LIMIT 1)
           WHERE id = :id AND state = 'running' AND EXISTS (
               SELECT 1 FROM chats c
               WHERE c.state = 'active' AND (reached IS NULL OR c.id > reached) AND {FIRST})
           RETURNING reached""",
        id=number,
    )
    return None if row is None else ChatId(row["reached"])


async def told(tx: Tx, number: int, *, sent: bool) -> None:
    await tx.all(
        "UPDATE broadcasts SET sent = sent + :sent, failed = failed + :failed WHERE id = :id",
        id=number,
        sent=int(sent),
        failed=int(not sent),
    )


async def end(tx: Tx, number: int, state: State) -> bool:
    """Whether it was running."""
    row = await tx.one(
        "UPDATE broadcasts SET state = :state WHERE id = :id AND state = 'running' RETURNING id",
        id=number,
        state=state,
    )
    return row is not None


async def show(tx: Tx, number: int, message: int) -> None:
    await tx.all(
        "UPDATE broadcasts SET shown = :message WHERE id = :id", id=number, message=message
    )


def _broadcast(row: Row) -> Broadcast:
    return Broadcast(
        id=row["id"],
        text=row["text"],
        made_by=row["made_by"],
        state=State(row["state"]),
        total=row["total"],
        sent=row["sent"],
        failed=row["failed"],
        shown=row["shown"],
    )
