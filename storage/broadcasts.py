"""Service messages to every active chat (of a group with topics, to one of these), or to those
that follow certain places; one message at a time, each chat at most once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.chats import FIRST
from storage.database import Row, Tx, ms
from storage.model import AreaCode, ChatId


class State(StrEnum):
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """``total``: chats when it began. ``shown``: the message with its progress, in the private
    chat of ``made_by``. ``areas``: who follows one of these, a part of it, or what it lies in;
    empty: everybody."""

    id: int
    text: str
    made_by: int
    state: State
    total: int
    sent: int
    failed: int
    shown: int | None
    areas: tuple[AreaCode, ...] = ()


_COLUMNS = "id, text, made_by, state, total, sent, failed, shown, areas"


def _meant(areas: str) -> str:
    """SQL: whether a message with ``areas`` (a column or parameter) is for the chat ``c``."""
    return f"""c.state = 'active' AND ({areas} IS NULL AND {FIRST} OR EXISTS (
        SELECT 1 FROM follows f JOIN json_each({areas}) a ON f.area = a.value
            OR substr(f.area, 1, length(a.value) + 1) = a.value || '/'
            OR substr(a.value, 1, length(f.area) + 1) = f.area || '/'
        WHERE f.chat = c.id))"""


async def audience(tx: Tx, areas: Sequence[AreaCode] = ()) -> int:
    row = await tx.one(
        f"SELECT count(*) AS n FROM chats c WHERE {_meant(':areas')}", areas=_listed(areas)
    )
    return 0 if row is None else int(row["n"])


async def begin(
    tx: Tx, text: str, who: int, at: datetime, areas: Sequence[AreaCode] = ()
) -> int | None:
    """Its number; None while another one runs."""
    row = await tx.one(
        """INSERT INTO broadcasts (text, made_by, made_at, state, total, areas)
           SELECT :text, :who, :at, 'running', :total, :areas
           WHERE NOT EXISTS (SELECT 1 FROM broadcasts WHERE state = 'running')
           RETURNING id""",
        text=text,
        who=who,
        at=ms(at),
        total=await audience(tx, areas),
        areas=_listed(areas),
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
               WHERE (reached IS NULL OR c.id > reached) AND {_meant("broadcasts.areas")}
               ORDER BY c.id LIMIT 1)
           WHERE id = :id AND state = 'running' AND EXISTS (
               SELECT 1 FROM chats c
               WHERE (reached IS NULL OR c.id > reached) AND {_meant("broadcasts.areas")})
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
        areas=tuple(AreaCode(code) for code in json.loads(row["areas"] or "[]")),
    )


def _listed(areas: Sequence[AreaCode]) -> str | None:
    return json.dumps(areas) if areas else None
