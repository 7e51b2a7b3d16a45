"""Real raids at ten times their speed: `python -m tests.bench.raids FOLDER`.

For each file in the folder (see `tests.bench.sirens`) its busiest hour: posts go through the
pipeline, chats that are dealt by hash over raions and regions are told by one lane at its pace,
and a door accepts each request after a while, as Telegram would. Domain time runs ten times as
fast as real time, the limits of sending in real time.

Whom an earlier siren concerns was told of it before the hour begins, at no pace.

Printed: how long after its commit each change that is newly urgent was first told to anybody
whom it concerns, and whether in the end every chat was shown what the file says of its places.
The floors beside it: one request for each urgent change, in turn at a token's pace and nothing
else to do; and the time that so many requests take at that pace.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from bot import texts
from bot.clock import ScaledClock
from bot.outbox.lane import Outbox
from bot.outbox.work import Work
from bot.pace import PER_SECOND, Pace
from ingest.classify import Classifier
from ingest.levels import load_levels
from ingest.pipeline import Pipeline, Taken
from storage import alerts, cards, channels, chats
from storage.areas.tree import Areas, Tier
from storage.areas.tree import load as load_areas
from storage.database import Database, Tx
from storage.model import (
    AreaCode,
    Channel,
    ChannelId,
    Chat,
    ChatId,
    ChatKind,
    Lang,
    Post,
)
from tests.bench.door import Accepting, page
from tests.bench.sirens import HOUR, Hour, Said, busiest_hour, dealt, raions
from tests.bench.told import Told, misread, waited, wrong

SPEED = 10.0
_CHATS = 10_000
_ANSWER = 0.05  # seconds
_NO_PACE = 1_000_000
_PATIENCE = 1_200.0  # seconds for what is still owed after the hour


@dataclass(slots=True)
class Log:
    """``asked`` is when the latest request to each chat came, ``requests`` how many."""

    asked: dict[int, float] = field(default_factory=dict)
    requests: int = 0

    def note(self, chat: int) -> None:
        self.asked[chat] = time.monotonic()
        self.requests += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """``waited``: seconds, of each urgent change that anybody was told of; ``floor``: of the same
    if nothing but one request for each had to be sent. ``late``: of a post,
    from when it was due until its commit. ``wrong``: chats that are not shown what is so;
    ``misread``: regions that the pipeline sees otherwise than the file."""

    waited: tuple[float, ...]
    floor: tuple[float, ...]
    unsaid: int
    late: float
    requests: int
    took: float
    wrong: tuple[ChatId, ...]
    misread: tuple[AreaCode, ...]


def _followed(areas: Areas, size: int) -> dict[ChatId, AreaCode]:
    places = (*raions(areas), *(region.code for region in areas.regions("UA")))
    unique = tuple(dict.fromkeys(places))
    return {ChatId(n): dealt(f"chat {n}", unique) for n in range(1, size + 1)}


def _feeds(areas: Areas) -> dict[AreaCode, ChannelId]:
    """A channel for each region: Kyiv and other regions have districts of one name."""
    regions = areas.regions("UA")
    return {region.code: ChannelId(n) for n, region in enumerate(regions, start=1001)}


async def _enrol(
    tx: Tx,
    followed: dict[ChatId, AreaCode],
    feeds: dict[AreaCode, ChannelId],
    clock: ScaledClock,
) -> None:
    joined = clock.now() - timedelta(days=30)
    for region, feed in feeds.items():
        await channels.add(
            tx,
            Channel(
                id=feed,
                access_hash=1,
                username=f"sirens{feed}",
                title="Повітряна тривога",
                area=region,
                added_at=joined,
            ),
        )
    for chat, area in followed.items():
        await chats.put(tx, Chat(id=chat, kind=ChatKind.PRIVATE, lang=Lang.UK, joined_at=joined))
        await chats.follow(tx, chat, AreaCode(area.partition("/")[0]), area, joined)


def _post(number: int, said: Said, feed: ChannelId, areas: Areas, clock: ScaledClock) -> Post:
    now, area = clock.now(), areas[said.area]
    words = "🔴 Повітряна тривога" if said.danger else "🟢 Відбій тривоги"
    where = f"місто {area.name_uk}" if area.tier is not Tier.DISTRICT else area.name_uk
    text = f"{words} в {where}.\nСлідкуйте за подальшими повідомленнями."
    return Post(
        channel=feed, message=number, text=text, date=now, received_at=now, digest=f"{number}"
    )


async def measure(hour: Hour, areas: Areas, file: Path, size: int) -> Found:
    clock = ScaledClock(hour.begins, SPEED)
    log, followed, feeds = Log(), _followed(areas, size), _feeds(areas)
    door = Accepting(on_request=log.note)
    told: list[Told] = []
    published: dict[tuple[AreaCode, int], float] = {}

    def took(taken: Taken) -> None:
        now = time.monotonic()
        published.update(dict.fromkeys(taken.published, now))

    def accepted(work: Work, at: float) -> None:
        chat = work.chat.id
        told.append(Told(chat=chat, version=work.current.version, asked=log.asked[chat]))

    levels = load_levels(None, areas)
    async with await Database.open(file) as database:
        await database.write(lambda tx: _enrol(tx, followed, feeds, clock))

        def lane_at(pace: Pace) -> Outbox:
            return Outbox(
                database=database,
                sender=door,
                pace=pace,
                areas=areas,
                texts=texts.load(),
                clock=clock,
                monotonic=time.monotonic,
                page=page,
                on_told=accepted,
            )

        outbox = lane_at(Pace())
        pipeline = Pipeline(
            database=database,
            classifier=Classifier(areas, levels),
            areas=areas,
            max_age=levels.max_age,
            now=clock.now,
            wake=outbox.wake,
            page=page,
            on_taken=took,
        )
        numbers = count(1)
        for area in sorted(hour.before):
            said = Said(after=timedelta(), area=area, danger=True)
            feed = feeds[areas.region_of(area).code]
            await pipeline.take([_post(next(numbers), said, feed, areas, clock)])
        await lane_at(Pace(per_second=_NO_PACE)).drain()
        log.requests, door.answers_after = 0, _ANSWER
        told.clear()
        published.clear()
        lane = asyncio.create_task(outbox.run())
        clock.begin()
        begun = time.monotonic()
        late = 0.0
        for said in hour.said:
            due = begun + said.after.total_seconds() / SPEED
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            feed = feeds[areas.region_of(said.area).code]
            await pipeline.take([_post(next(numbers), said, feed, areas, clock)])
            late = max(late, time.monotonic() - due)
        await asyncio.sleep(max(0.0, begun + HOUR.total_seconds() / SPEED - time.monotonic()))
        await _settled(database, lane)
        ended = time.monotonic()
        lane.cancel()
        await asyncio.wait([lane])
        took_each, floor, unsaid = await waited(database, areas, followed, published, told)
        return Found(
            waited=tuple(took_each),
            floor=tuple(floor),
            unsaid=unsaid,
            late=late,
            requests=log.requests,
            took=ended - begun,
            wrong=await wrong(database, areas, followed, hour.active),
            misread=await misread(database, areas, hour.active),
        )


async def _settled(database: Database, lane: asyncio.Task[None]) -> None:
    """Nobody is owed anything, now or later."""
    async with asyncio.timeout(_PATIENCE):
        while await database.read(_owed):
            if lane.done():
                await lane
            await asyncio.sleep(0.5)


async def _owed(tx: Tx) -> bool:
    if await alerts.undispatched(tx) or await cards.backlog(tx):
        return True
    return await cards.next_due(tx) is not None


def show(name: str, hour: Hour, found: Found, size: int) -> None:
    table = Table(f"{name}\n{hour.begins:%Y-%m-%d %H}:00, ×{SPEED:.0f}", "measured", "goal")
    each = sorted(found.waited)
    cuts = statistics.quantiles(each, n=100, method="inclusive")
    least = statistics.quantiles(found.floor, n=100, method="inclusive")
    table.add_row("posts, on time but for", f"{len(hour.said):,}, {found.late:.2f} s")
    table.add_row("urgent changes told", f"{len(each):,}")
    table.add_row("... never told to anybody", f"{found.unsaid:,}", "0")
    for label, figure, goal in (
        ("published -> first request, p50", cuts[49], ""),
        ("... p90", cuts[89], ""),
        ("... p99", cuts[98], "≤2 s"),
        ("... slowest", each[-1], ""),
    ):
        table.add_row(label, f"{figure:.2f} s", goal)
    table.add_row("floor: one request each, p99", f"{least[98]:.2f} s")
    right = 1 - len(found.wrong) / size
    table.add_row("cards right in the end", f"{right:.2%} of {size:,}", "100 %")
    table.add_row("regions read otherwise", ", ".join(found.misread) or "none", "none")
    table.add_row("requests, in", f"{found.requests:,}, {found.took:.0f} s")
    table.add_row("floor: so many at the pace", f"{found.requests / PER_SECOND:.0f} s")
    Console().print(table)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--chats", type=int, default=_CHATS)
    options.add_argument("--only", default="", help="files whose names hold this")
    given = options.parse_args()
    areas = load_areas()
    for file in sorted(given.folder.glob("*.csv*")):
        if given.only not in file.name:
            continue
        hour = busiest_hour(file, areas)
        with tempfile.TemporaryDirectory(prefix="nabat-bench-") as folder:
            database = Path(folder) / "nabat.db"
            found = uvloop.run(measure(hour, areas, database, given.chats))
        show(file.name, hour, found, given.chats)


if __name__ == "__main__":
    main()
