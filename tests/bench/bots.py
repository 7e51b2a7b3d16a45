"""Four bots against one: `python -m tests.bench.bots [chats]`.

One database file and one process, as in the program; each bot has a lane, a pace and a share of
the regions of its own. Danger is declared in all of them at once. Beyond the lanes a Telegram
that counts for each token, as strictly as `tests.bench.pace` has it: every request takes its way
there and back, and what is too much blocks its token. Printed: seconds from the publishing to
the last chat, with one bot and with four, and the 429s.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import uvloop
from rich.console import Console
from rich.table import Table

from bot import texts
from bot.clock import SystemClock
from bot.message import Message
from bot.outbox.lane import Outbox
from bot.outcome import Accepted, Later, Open, Outcome
from bot.pace import Pace
from storage import alerts, situations
from storage.areas.tree import load as load_areas
from storage.database import Database, Tx
from storage.model import (
    EVERYTHING,
    Alarm,
    Alert,
    AreaCode,
    ChannelId,
    Danger,
    Hazard,
    Level,
    Share,
    Situation,
    Source,
    Urgency,
)
from tests.bench.door import page
from tests.bench.pace import BLOCK, CHATS, LATENCY, Bucket, Window
from tests.e2e.stage import Follower, enrol

_REGIONS = tuple(map(AreaCode, ("RU-KLU", "RU-BEL", "RU-TUL", "RU-ORL")))
_JITTER = 0.005  # seconds that each way may be longer or shorter
_PATIENCE = 600.0  # seconds


@dataclass(slots=True, kw_only=True)
class Strict:
    """Telegram, for one token. ``told`` and ``all_told`` are the crowd's, whoever tells it."""

    counts: Bucket | Window
    random: Random
    told: set[int]
    size: int
    all_told: asyncio.Event
    blocked_until: float = 0.0
    refused: int = 0

    async def send(
        self,
        chat: int,
        message: Message,
        *,
        silent: bool,
        reply_to: int | None = None,
        thread: int | None = None,
        general: bool = True,
    ) -> Outcome:
        await asyncio.sleep(LATENCY / 2 + self.random.uniform(-_JITTER, _JITTER))
        now = time.monotonic()
        if now < self.blocked_until or not self.counts.takes(now):
            self.refused += 1
            self.blocked_until = max(self.blocked_until, now + BLOCK)
        wait = self.blocked_until - now
        await asyncio.sleep(LATENCY / 2 + self.random.uniform(-_JITTER, _JITTER))
        if wait > 0:
            return Later(seconds=wait, why="429")
        self.told.add(chat)
        if len(self.told) == self.size:
            self.all_told.set()
        return Accepted(message_id=1)

    async def edit(self, chat: int, message_id: int, message: Message) -> Outcome:
        return Accepted(message_id=message_id)

    async def knock(self, chat: int, *, thread: int | None = None) -> Open:
        return Open()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    seconds: float
    refused: int


async def _declare(tx: Tx, region: AreaCode, clock: SystemClock) -> None:
    now = clock.now()
    source = Source(
        channel=ChannelId(1),
        message=1,
        title="Губернатор",
        link="https://t.me/x/1",
        quote="Объявлена ракетная опасность.",
        at=now,
        received_at=now,
    )
    alarm = Alarm(
        area=region,
        level=Level.IMMINENT,
        since=now,
        named_at=now,
        confirmed_at=now,
        sources=(source,),
    )
    danger = Danger(hazard=Hazard.MISSILE, alarms=(alarm,))
    situation = Situation(region=region, version=1, at=now, episode=1, dangers=(danger,))
    await situations.append(tx, situation)
    await alerts.publish(
        tx,
        Alert(
            region=region, version=1, urgency=Urgency.URGENT, touched=(region,), published_at=now
        ),
    )


async def tell(
    file: Path,
    shares: Sequence[Share],
    counts: type[Bucket] | type[Window],
    pace: Callable[[], Pace],
    size: int,
) -> Told:
    clock, random, told, all_told = SystemClock(), Random(7), set[int](), asyncio.Event()
    people = [Follower(id=n, follows=(_REGIONS[n % len(_REGIONS)],)) for n in range(1, size + 1)]
    async with await Database.open(file) as database:
        await database.write(lambda tx: enrol(tx, people, clock.now()))
        doors = [
            Strict(counts=counts(), random=random, told=told, size=size, all_told=all_told)
            for _ in shares
        ]
        outboxes = [
            Outbox(
                database=database,
                sender=door,
                pace=pace(),
                areas=load_areas(),
                texts=texts.load(),
                clock=clock,
                monotonic=time.monotonic,
                page=page,
                share=share,
            )
            for door, share in zip(doors, shares, strict=True)
        ]
        lanes = [asyncio.create_task(outbox.run()) for outbox in outboxes]

        async def declare(tx: Tx) -> None:
            for region in _REGIONS:
                await _declare(tx, region, clock)

        await database.write(declare)
        published = time.monotonic()
        for outbox in outboxes:
            outbox.wake()
        async with asyncio.timeout(_PATIENCE):
            await all_told.wait()
        seconds = time.monotonic() - published
        for lane in lanes:
            lane.cancel()
        await asyncio.wait(lanes)
    return Told(seconds=seconds, refused=sum(door.refused for door in doors))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("chats", type=int, nargs="?", default=CHATS)
    given = options.parse_args()
    each = [Share(only=frozenset({region})) for region in _REGIONS]
    cases: tuple[tuple[type[Bucket] | type[Window], str, Callable[[], Pace]], ...] = (
        (Bucket, "catch-up bucket", Pace),
        (Window, "permit clock", lambda: Pace(bucket=False)),
    )
    table = Table(
        f"{given.chats:,} chats", "paced by", "one bot", "four bots", "ratio", "429s", "goal"
    )
    for counts, paced_by, pace in cases:
        found = []
        for shares in ([EVERYTHING], each):
            with tempfile.TemporaryDirectory(prefix="nabat-bench-") as folder:
                file = Path(folder) / "nabat.db"
                found.append(uvloop.run(tell(file, shares, counts, pace, given.chats)))
        one, four = found
        table.add_row(
            f"Telegram counts by {counts.name}",
            paced_by,
            f"{one.seconds:.1f} s",
            f"{four.seconds:.1f} s",
            f"{one.seconds / four.seconds:.2f}",
            f"{one.refused} / {four.refused}",
            "≥3.95",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
