"""From the commit of a post to the request, and from a crash to service again:
`python -m tests.bench.committed [posts]`.

The first is taken inside one process: the pipeline's commit, then the lane's call of its door,
on a real file. Beside it the floor of the same run: plain sqlite3 commits twice to the same disk,
for cards are given and an attempt is begun before a request may leave. The second kills the real
program in the midst of telling a crowd and starts it anew, again and again: from the start of its
process to its first request. Its floor: a Python that imports the program and ends.
"""

import argparse
import asyncio
import contextlib
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from bot import texts
from bot.outbox.lane import Outbox
from bot.pace import Pace
from ingest.classify import Classifier
from ingest.levels import load_levels
from ingest.pipeline import Pipeline, Taken
from storage import alerts, channels, chats
from storage.database import Database, Tx
from storage.model import AreaCode, Channel, ChannelId, ChatId, Post
from tests.bench.door import Accepting, page
from tests.e2e.stage import (
    BOROVSKY_DANGER,
    CLEAR,
    DANGER,
    KALUGA,
    REPEATED,
    START,
    Follower,
    HeldClock,
    all_areas,
    enrol,
)
from tests.e2e.test_stories_crash import SOURCE, kill, scene

_FEED = ChannelId(1)
_FIRST = 740_000
_SAID = (DANGER, REPEATED, BOROVSKY_DANGER)
_WARMING_UP = 20
_CROWD, _KILLS, _IN_THE_MIDST = 5_000, 6, 20

Millis = list[float]


@dataclass(slots=True)
class Log:
    """When the lane let each request go."""

    calls: list[float] = field(default_factory=list)
    called: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, chat: int) -> None:
        self.calls.append(time.perf_counter())
        self.called.set()


@dataclass(slots=True, kw_only=True)
class Program:
    """Pipeline and lane on one file, without either Telegram. ``committed``: of the last post."""

    database: Database
    pipeline: Pipeline
    outbox: Outbox
    log: Log
    clock: HeldClock
    committed: list[float]
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    async def takes(self, text: str) -> None:
        now = self.clock.now()
        number = next(self.numbers)
        post = Post(
            channel=_FEED, message=number, text=text, date=now, received_at=now, digest=f"{number}"
        )
        await self.pipeline.take([post])

    async def first_of(self, people: list[Follower], text: str) -> float:
        """Seconds from the commit of a post to the first request to one of these, who are new."""
        await self.database.write(_forget_all)
        await self.database.write(lambda tx: enrol(tx, people))
        self.log.calls.clear()
        self.log.called.clear()
        await self.takes(text)
        await self.log.called.wait()
        waited = self.log.calls[0] - self.committed[-1]
        await self.database.write(_forget_all)
        await self.takes(CLEAR)
        while await self.database.read(alerts.undispatched):  # noqa: ASYNC110 - has no bell
            await asyncio.sleep(0.001)
        self.clock.skip(timedelta(minutes=20))
        return waited


@contextlib.asynccontextmanager
async def program(file: Path) -> AsyncIterator[Program]:
    clock, log, levels = HeldClock(), Log(), load_levels(None, all_areas())
    committed: list[float] = []

    def took(taken: Taken) -> None:
        committed.append(time.perf_counter())

    async with await Database.open(file) as database:
        await database.write(
            lambda tx: channels.add(
                tx,
                Channel(
                    id=_FEED,
                    access_hash=1,
                    username="kaluga_gov",
                    title="Губернатор",
                    area=KALUGA,
                    added_at=START,
                ),
            )
        )
        outbox = Outbox(
            database=database,
            sender=Accepting(on_request=log.note),
            pace=Pace(),
            areas=all_areas(),
            texts=texts.load(),
            clock=clock,
            monotonic=clock.monotonic,
            page=page,
        )
        pipeline = Pipeline(
            database=database,
            classifier=Classifier(all_areas(), levels),
            areas=all_areas(),
            max_age=levels.max_age,
            now=clock.now,
            wake=outbox.wake,
            page=page,
            on_taken=took,
        )
        lane = asyncio.create_task(outbox.run())
        try:
            yield Program(
                database=database,
                pipeline=pipeline,
                outbox=outbox,
                log=log,
                clock=clock,
                committed=committed,
            )
        finally:
            lane.cancel()
            await asyncio.wait([lane])


async def _forget_all(tx: Tx) -> None:
    for row in await tx.all("SELECT id FROM chats"):
        await chats.forget(tx, ChatId(row["id"]))


async def leaves(folder: Path, posts: int, size: int) -> Millis:
    found: Millis = []
    async with program(folder / f"nabat-{size}.db") as it:
        for number in range(_WARMING_UP + posts):
            base = _FIRST + number * size
            people = [Follower(id=base + each, follows=(KALUGA,)) for each in range(size)]
            found.append(1_000 * await it.first_of(people, _SAID[number % len(_SAID)]))
    return found[_WARMING_UP:]


def two_commits(file: Path, posts: int) -> Millis:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA synchronous = 2")
    connection.execute("CREATE TABLE rows (n INTEGER PRIMARY KEY, text TEXT)")
    found: Millis = []
    for _ in range(posts):
        begun = time.perf_counter()
        for _ in range(2):
            connection.execute("INSERT INTO rows (text) VALUES (?)", (DANGER,))
        found.append(1_000 * (time.perf_counter() - begun))
        time.sleep(0.01)
    connection.close()
    return found


async def imports(times: int) -> list[float]:
    """Seconds that a Python takes to import the program and end."""
    found = []
    for _ in range(times):
        begun = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "import tests.e2e.program", cwd=Path(__file__).parents[2]
        )
        await process.wait()
        found.append(time.monotonic() - begun)
    return found


async def restarts(folder: Path) -> tuple[list[float], list[int]]:
    """Seconds from the start of each process to its first request; how many were in doubt."""
    people = [Follower(id=_FIRST + n, follows=(AreaCode(KALUGA),)) for n in range(_CROWD)]
    found: list[float] = []
    doubts: list[int] = []
    async with scene(folder, people) as it:
        for number in range(_KILLS + 1):
            heard = len(it.world.bot_api.log)
            begun = time.monotonic()
            async with it.program() as process:
                if number == 0:
                    it.post(DANGER)
                await it.world.bot_api.wait_for(
                    lambda n=heard: len(it.world.bot_api.log) >= n + _IN_THE_MIDST,  # type: ignore[misc]
                    within=30,
                )
                await kill(process)
            if number:
                found.append(it.world.bot_api.log[heard].received_at - begun)
            doubts.append(len(await it.in_flight()))
    assert SOURCE in it.world.channels
    return found, doubts[:-1]


def show(found: dict[str, Millis], again: dict[str, list[float]], doubts: list[int]) -> None:
    table = Table("ms", "n", "p50", "p90", "p99", "max", "goal")
    for name, millis in found.items():
        cuts = statistics.quantiles(millis, n=100, method="inclusive")
        figures = (cuts[49], cuts[89], cuts[98], max(millis))
        goal = "≤3 / ≤8" if name.endswith(" 1") else ""
        table.add_row(name, str(len(millis)), *(f"{f:.1f}" for f in figures), goal)
    Console().print(table)
    table = Table("seconds", "n", "median", "max", "goal")
    for name, seconds in again.items():
        goal = "≤5" if name.startswith("crash") else ""
        middle, most = statistics.median(seconds), max(seconds)
        table.add_row(name, str(len(seconds)), f"{middle:.2f}", f"{most:.2f}", goal)
    Console().print(table)
    print(f"requests in doubt at each start: {', '.join(map(str, doubts))}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("posts", type=int, nargs="?", default=300)
    given = options.parse_args()
    run: Callable[[Awaitable[Millis]], Millis] = uvloop.run  # type: ignore[assignment]
    found: dict[str, Millis] = {}
    with tempfile.TemporaryDirectory(prefix="nabat-bench-") as name:
        folder = Path(name)
        found["floor: sqlite3 commits twice"] = two_commits(folder / "floor.db", given.posts)
        for size, posts in ((1, given.posts), (1_000, 20)):
            found[f"committed -> leaves, first of {size:,}"] = run(leaves(folder, posts, size))
        floor = asyncio.run(imports(5))
        again, doubts = asyncio.run(restarts(folder))
    show(found, {"floor: imports alone": floor, "crash -> first request": again}, doubts)


if __name__ == "__main__":
    main()
