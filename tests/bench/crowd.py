"""A crowd that follows one region is told: `python -m tests.bench.crowd [followers]`.

A real database file, the lane and its pace; beyond them a door that writes down when a request
came and accepts it after a while, as Telegram would. While the crowd is told of a report, danger
is declared in another region with few followers: how long until the first of them is told. At last
all cards fall due at once, as when a city's quiet hours end: how long a look at them takes.

The crowd is enrolled by a process of its own, so that memory is what telling it takes: resident,
above that of the program when it stood idle. Beside it the floor: plain sqlite3 steps through the
region's followers once, which nobody has to do before the first request.
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import resource
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from bot import texts
from bot.clock import SystemClock
from bot.outbox.lane import Outbox
from bot.pace import PER_SECOND, Pace
from storage import alerts, cards, chats, codec, situations
from storage.areas.tree import load as load_areas
from storage.database import Database, Tx, ms
from storage.model import (
    Alarm,
    Alert,
    AreaCode,
    ChannelId,
    ChatKind,
    Danger,
    Event,
    Hazard,
    Kind,
    Level,
    Situation,
    Source,
    Urgency,
    Wishes,
)
from tests.bench.door import Accepting, page

_CROWDED, _OTHER = AreaCode("RU-KLU"), AreaCode("RU-BEL")
_FEW = 300
_ANSWER = 0.05  # seconds
_LOOK = 0.02  # seconds between two looks at the memory
_PAGE = resource.getpagesize()
_PATIENCE = 900.0


@dataclass(slots=True)
class Log:
    """``came``: the first request to each chat, in monotonic seconds."""

    came: dict[int, float] = field(default_factory=dict)
    first: asyncio.Event = field(default_factory=asyncio.Event)
    other: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, chat: int) -> None:
        self.came.setdefault(chat, time.monotonic())
        (self.other if _is_other(chat) else self.first).set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Seconds, bytes; ``rate``: requests a second while the crowd alone was being told."""

    first: float
    overtakes: float
    memory: int
    rate: float
    told_all_cards: float
    look: float


def _is_other(chat: int) -> bool:
    return chat <= _FEW


def enrol(file: str, followers: int) -> None:
    """Runs in a process of its own."""

    async def work() -> None:
        joined = datetime.now(UTC) - timedelta(days=30)
        wishes = codec.dump(Wishes())
        rank = chats.rank(ChatKind.PRIVATE, 1)
        everybody = range(1, _FEW + followers + 1)

        async def write(tx: Tx) -> None:
            await tx.many(
                """INSERT INTO chats (id, kind, lang, members, rank, state, wishes, joined_at)
                   VALUES (:id, 'private', :lang, 1, :rank, 'active', :wishes, :at)""",
                (
                    {
                        "id": n,
                        "lang": ("ru", "uk", "en")[n % 3],
                        "rank": rank,
                        "wishes": wishes,
                        "at": ms(joined),
                    }
                    for n in everybody
                ),
            )
            await tx.many(
                """INSERT INTO follows (chat, area, region, since, rank)
                   VALUES (:chat, :area, :area, :at, :rank)""",
                (
                    {
                        "chat": n,
                        "area": _OTHER if _is_other(n) else _CROWDED,
                        "at": ms(joined),
                        "rank": rank,
                    }
                    for n in everybody
                ),
            )

        async with await Database.open(Path(file)) as database:
            await database.write(write)

    asyncio.run(work())


def _source(now: datetime) -> Source:
    return Source(
        channel=ChannelId(1),
        message=1,
        title="Губернатор",
        link="https://t.me/x/1",
        quote="Силами ПВО уничтожены семь БПЛА. Опасность атаки БПЛА сохраняется.",
        at=now,
        received_at=now,
    )


def _report(now: datetime) -> Situation:
    """Something was shot down though nobody had declared danger: important, not urgent."""
    event = Event(
        key="1/1/0",
        kind=Kind.INTERCEPTION,
        hazard=Hazard.UAV,
        areas=(_CROWDED,),
        at=now,
        sources=(_source(now),),
    )
    return Situation(
        region=_CROWDED, version=1, at=now, episode=1, events=(event,), reported_since=now
    )


def _danger(now: datetime) -> Situation:
    alarm = Alarm(
        area=_OTHER,
        level=Level.IMMINENT,
        since=now,
        named_at=now,
        confirmed_at=now,
        sources=(_source(now),),
    )
    danger = Danger(hazard=Hazard.MISSILE, alarms=(alarm,))
    return Situation(region=_OTHER, version=1, at=now, episode=1, dangers=(danger,))


async def _publish(tx: Tx, situation: Situation, urgency: Urgency) -> None:
    await situations.append(tx, situation)
    await alerts.publish(
        tx,
        Alert(
            region=situation.region,
            version=situation.version,
            urgency=urgency,
            touched=(situation.region,),
            published_at=situation.at,
        ),
    )


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


@contextlib.asynccontextmanager
async def _watched() -> AsyncIterator[list[int]]:
    """The most memory so far, always the last item."""
    most = [_resident()]

    async def look() -> None:
        while True:
            most.append(max(most.pop(), _resident()))
            await asyncio.sleep(_LOOK)

    looking = asyncio.create_task(look())
    try:
        yield most
    finally:
        looking.cancel()
        most.append(max(most.pop(), _resident()))


async def measure(file: Path, lasts: float) -> Found:
    """``lasts``: seconds that the crowd is told before the danger elsewhere."""
    clock, log = SystemClock(), Log()
    door = Accepting(on_request=log.note, answers_after=_ANSWER)
    async with await Database.open(file) as database:
        outbox = Outbox(
            database=database,
            sender=door,
            pace=Pace(),
            areas=load_areas(),
            texts=texts.load(),
            clock=clock,
            monotonic=time.monotonic,
            page=page,
        )
        lane = asyncio.create_task(outbox.run())
        await asyncio.sleep(1)
        idle = _resident()
        async with _watched() as most:
            begun = time.monotonic()
            await database.write(lambda tx: _publish(tx, _report(clock.now()), Urgency.IMPORTANT))
            published = time.monotonic()
            outbox.wake()
            async with asyncio.timeout(_PATIENCE):
                await log.first.wait()
            first = min(log.came.values()) - published
            await asyncio.sleep(max(0.0, lasts - (time.monotonic() - begun)))
            told, since = len(log.came), min(log.came.values())
            rate = told / (time.monotonic() - since)
            await database.write(lambda tx: _publish(tx, _danger(clock.now()), Urgency.URGENT))
            published = time.monotonic()
            outbox.wake()
            async with asyncio.timeout(_PATIENCE):
                await log.other.wait()
            overtakes = min(at for n, at in log.came.items() if _is_other(n)) - published
            async with asyncio.timeout(_PATIENCE):
                while await database.read(alerts.undispatched):  # noqa: ASYNC110 - has no bell
                    await asyncio.sleep(_LOOK)
            all_cards = time.monotonic() - begun
        lane.cancel()
        await asyncio.wait([lane])
        look = await _look_at_all(database, clock.now())
    return Found(
        first=first,
        overtakes=overtakes,
        memory=most[-1] - idle,
        rate=rate,
        told_all_cards=all_cards,
        look=look,
    )


async def _look_at_all(database: Database, now: datetime) -> float:
    """Seconds, the longest of a few looks."""
    due = "UPDATE cards SET due_at = :now, seen = 1, urgency = 3"
    await database.write(lambda tx: tx.all(due, now=ms(now)))
    took = []
    for _ in range(5):
        begun = time.monotonic()
        await database.read(lambda tx: cards.behind(tx, now, 2 * PER_SECOND))
        await database.read(lambda tx: cards.next_due(tx, now))
        took.append(time.monotonic() - begun)
    return max(took)


def _steps(file: Path) -> Iterator[int]:
    connection = sqlite3.connect(file)
    with contextlib.closing(connection):
        sql = "SELECT chat FROM follows WHERE region = ? ORDER BY chat"
        for (chat,) in connection.execute(sql, (_CROWDED,)):
            yield chat


def show(found: Found, floor: float, followers: int) -> None:
    table = Table(f"{followers:,} followers of one region", "measured", "goal")
    table.add_row("published -> first request", f"{1000 * found.first:,.0f} ms", "≤1,000 ms")
    table.add_row(
        "a more urgent change -> its first request",
        f"{1000 * found.overtakes:,.0f} ms",
        "≤2,000 ms",
    )
    table.add_row("memory above idle, at most", f"{found.memory / 1e6:,.0f} MB", "≤60 MB")
    table.add_row("requests a second meanwhile", f"{found.rate:.1f}", f"{PER_SECOND - 2}")
    table.add_row("all have their cards after", f"{found.told_all_cards:,.1f} s", "")
    table.add_row("a look while all are due at once", f"{1000 * found.look:,.1f} ms", "≤20 ms")
    table.add_row("floor: sqlite3 steps through them", f"{1000 * floor:,.0f} ms", "")
    Console().print(table)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("followers", type=int, nargs="?", default=100_000)
    options.add_argument("--lasts", type=float, default=10.0)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="nabat-bench-") as folder:
        file = Path(folder) / "nabat.db"
        enrolling = multiprocessing.get_context("spawn").Process(
            target=enrol, args=(str(file), given.followers)
        )
        enrolling.start()
        enrolling.join()
        begun = time.perf_counter()
        assert sum(1 for _ in _steps(file)) == given.followers
        floor = time.perf_counter() - begun
        show(uvloop.run(measure(file, given.lasts)), floor, given.followers)


if __name__ == "__main__":
    main()
