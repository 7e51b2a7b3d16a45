"""What it costs that nothing is lost: `python -m tests.bench.durable [seconds]`.

At a token's pace every request is an attempt that is committed before it leaves and an outcome
that is committed with its answer, in SQLite with FULL, in groups as the lane makes them. Beside
it the floor of the same run: plain sqlite3 with the same pragmas does the same statements in the
same groups at the same pace. Printed is the share of one core that each takes, all its threads;
what waking up so often takes on this machine, with nothing to do, stands beside it.
"""

import argparse
import asyncio
import math
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from bot.pace import PER_SECOND
from storage import alerts, attempts, cards, chats, situations
from storage.attempts import Lever, Told
from storage.cards import Opening
from storage.database import Database, Row, Tx, Value
from storage.model import (
    Alert,
    AreaCode,
    Card,
    Chat,
    ChatId,
    ChatKind,
    Lang,
    Situation,
    Urgency,
)

_REGION = AreaCode("RU-KLU")
_START = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)
_GROUPS = (1, 28)
"""Requests that get their permits together: one by one in the long run, all after a pause."""

Statement = tuple[str, Mapping[str, Value]]
Commit = Sequence[Statement]


class _Noted(Tx):
    """Passes on to the real one, and notes the statements."""

    def __init__(self, tx: Tx, commit: list[Statement]) -> None:
        self._tx = tx
        self._commit = commit

    async def all(self, sql: str, **values: Value) -> Sequence[Row]:
        self._commit.append((sql, values))
        return await self._tx.all(sql, **values)

    async def many(self, sql: str, rows: Iterable[Mapping[str, Value]]) -> None:
        each = list(rows)
        self._commit += [(sql, values) for values in each]
        await self._tx.many(sql, each)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """``core``: of one core. ``slowest``: seconds of the longest commit, waiting for the disk."""

    core: float
    commits: float
    slowest: float


async def _crowd(database: Database, size: int) -> Sequence[Card]:
    """So many chats with a card that has not been told anything."""

    async def write(tx: Tx) -> None:
        await situations.append(tx, Situation(region=_REGION, version=1, at=_START))
        await alerts.publish(
            tx,
            Alert(
                region=_REGION,
                version=1,
                urgency=Urgency.URGENT,
                touched=(_REGION,),
                published_at=_START,
            ),
        )
        for number in range(1, size + 1):
            chat = Chat(id=ChatId(number), kind=ChatKind.PRIVATE, lang=Lang.RU, joined_at=_START)
            await chats.put(tx, chat)
            await chats.follow(tx, chat.id, _REGION, _REGION, _START)
        openings = [
            Opening(chat=ChatId(n), region=_REGION, version=1, urgency=Urgency.URGENT, rank=n)
            for n in range(1, size + 1)
        ]
        await cards.open_all(tx, openings, _START)

    await database.write(write)
    return await database.read(lambda tx: cards.behind(tx, _START, size))


async def _begin(tx: Tx, group: Sequence[Card]) -> list[int | None]:
    """As `bot.outbox.lane` does for all that have a permit."""
    return [
        await attempts.begin(tx, card, 1, Lever.SOUND, danger=True, alarms=True, at=_START)
        for card in group
    ]


async def _accept(tx: Tx, card: Card, attempt: int) -> None:
    """As `bot.outbox.settle` does for each answer."""
    told = Told(
        version=1, lever=Lever.SOUND, message_id=attempt, shows=True, ends=False, reason="danger"
    )
    await attempts.accepted(tx, attempt, card, told, _START + timedelta(seconds=1))
    await chats.audience(tx, [card.chat])


async def ours(
    database: Database, crowd: Sequence[Card], group: int
) -> tuple[Share, list[Commit]]:
    """At the pace, and the statements of each commit."""
    done: list[Commit] = []

    async def committed(work: Callable[[Tx], Awaitable[object]]) -> object:
        commit: list[Statement] = []
        result = await database.write(lambda tx: work(_Noted(tx, commit)))
        done.append(commit)
        return result

    begun, busy, slowest = time.perf_counter(), time.process_time(), 0.0
    for first in range(0, len(crowd), group):
        await asyncio.sleep(max(0.0, begun + first / PER_SECOND - time.perf_counter()))
        at = time.perf_counter()
        together = crowd[first : first + group]
        numbers = await committed(partial(_begin, group=together))
        slowest = max(slowest, time.perf_counter() - at)
        assert isinstance(numbers, list)
        for place, (card, number) in enumerate(zip(together, numbers, strict=True)):
            assert number is not None
            # The answers are as far apart as the requests are in the long run.
            due = begun + (first + place) / PER_SECOND + 0.05
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await committed(partial(_accept, card=card, attempt=number))
    took = time.perf_counter() - begun
    core = (time.process_time() - busy) / took
    return Share(core=core, commits=len(done) / took, slowest=slowest), done


def plain(file: Path, commits: Sequence[Commit], seconds: float) -> Share:
    """The same statements, spread evenly over the same time."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA synchronous = 2")
    connection.execute("PRAGMA foreign_keys = 1")
    begun, busy, slowest = time.perf_counter(), time.process_time(), 0.0
    for number, commit in enumerate(commits):
        due = begun + number * seconds / len(commits)
        time.sleep(max(0.0, due - time.perf_counter()))
        at = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        for sql, values in commit:
            connection.execute(sql, values).fetchall()
        connection.execute("COMMIT")
        slowest = max(slowest, time.perf_counter() - at)
    took = time.perf_counter() - begun
    core = (time.process_time() - busy) / took
    connection.close()
    return Share(core=core, commits=len(commits) / took, slowest=slowest)


async def waking(seconds: float, commits: int) -> Share:
    """The loop wakes as often and does nothing."""
    begun, busy = time.perf_counter(), time.process_time()
    for number in range(commits):
        due = begun + number * seconds / commits
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
    took = time.perf_counter() - begun
    return Share(core=(time.process_time() - busy) / took, commits=0, slowest=0)


async def measure(seconds: int, group: int) -> dict[str, Share]:
    size = math.ceil(seconds * PER_SECOND / group) * group
    with tempfile.TemporaryDirectory(prefix="nabat-bench-") as name:
        file, copy = Path(name) / "nabat.db", Path(name) / "copy.db"
        async with await Database.open(file) as database:
            crowd = await _crowd(database, size)
            await database.backup(copy)
            mine, commits = await ours(database, crowd, group)
        return {
            "waking up alone": await waking(size / PER_SECOND, len(commits)),
            "floor: sqlite3": plain(copy, commits, size / PER_SECOND),
            "ours": mine,
        }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("seconds", type=int, nargs="?", default=20)
    given = options.parse_args()
    table = Table(f"{PER_SECOND} requests/s", "of a core", "commits/s", "slowest", "goal")
    for group in _GROUPS:
        for name, share in uvloop.run(measure(given.seconds, group)).items():
            table.add_row(
                f"{name}, begun by {group}",
                f"{share.core:.2%}",
                f"{share.commits:.0f}",
                f"{1000 * share.slowest:.1f} ms",
                "≤2 %" if name == "ours" else "",
            )
    Console().print(table)


if __name__ == "__main__":
    main()
