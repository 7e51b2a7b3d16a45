"""From a channel's post to the first chat, on loopback: `python -m tests.bench.latency`.

Beside it the floor of the same run: Telethon hears the push, aiohttp posts to the same Bot API,
nothing between. Both servers, the program and the floor's client share one process and its loop.
Printed, not asserted: a machine that others use too says nothing about the program.
"""

import argparse
import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import uvloop
from rich.console import Console
from rich.table import Table
from telethon import TelegramClient
from telethon.events.raw import Raw
from telethon.sessions.string import StringSession
from telethon.tl import functions, types

from bot.sandbox.world import API_HASH, TOKEN, World
from storage import chats
from storage.database import Tx
from storage.model import ChatId
from tests.e2e.stage import (
    BOROVSKY_DANGER,
    DANGER,
    DANGER_TOO,
    GOVERNOR,
    KALUGA,
    MCHS,
    REPEATED,
    Follower,
    Stage,
    add_chat,
    enrol,
    staged,
)

_FIRST = 730_000
_SAID = ((DANGER, GOVERNOR), (REPEATED, GOVERNOR), (DANGER_TOO, MCHS), (BOROVSKY_DANGER, GOVERNOR))
_CROWDS = (1_000, 20_000)
_WARMING_UP = 20

Millis = list[float]


async def floor(world: World, posts: int) -> Millis:
    """Push received -> a raw POST."""
    chat = Follower(id=_FIRST - 1, follows=())
    add_chat(world, chat)
    for channel in world.channels.values():
        channel.joined = True
    client: Any = TelegramClient(StringSession(world.telegram.session_string()), 1, API_HASH)
    await client.connect()
    await client(functions.updates.GetStateRequest())
    url = f"{world.bot_api.url}/bot{TOKEN}/sendMessage"
    async with aiohttp.ClientSession() as session:

        async def heard(update: Any) -> None:
            body = {"chat_id": chat.id, "text": update.message.message}
            async with session.post(url, json=body) as answer:
                await answer.read()

        client.add_event_handler(heard, Raw(types=types.UpdateNewChannelMessage))
        try:
            return [
                await _timed(world, chat.id, partial(_post, world, *_said(n)))
                for n in range(posts)
            ]
        finally:
            await client.disconnect()


async def whole(stage: Stage, posts: int) -> Millis:
    """Each post is about danger in force, and the one chat that follows is a new one."""
    found: Millis = []
    for number in range(posts):
        person = Follower(id=_FIRST + number, follows=(KALUGA,))
        await _audience(stage, (person,))
        found.append(
            await _timed(stage.world, person.id, partial(_post, stage.world, *_said(number)))
        )
        await _over(stage)
    return found


async def crowded(stage: Stage, posts: int, size: int) -> Millis:
    """To the first of so many chats that hear the same."""
    base = 10 * _FIRST + size * 1_000
    found: Millis = []
    for number in range(posts):
        people = [
            Follower(id=base + number * size + each, follows=(KALUGA,)) for each in range(size)
        ]
        await _audience(stage, people)
        found.append(await _timed(stage.world, None, partial(_post, stage.world, *_said(number))))
        await stage.nabat.database.write(_forget_all)
        await _over(stage)
    return found


async def _timed(world: World, chat: int | None, act: Callable[[], None]) -> float:
    """From the post until the Bot API has the request, in milliseconds."""
    seen = len(world.bot_api.log)
    begun = time.monotonic()
    act()
    await world.bot_api.wait_for(lambda: len(world.bot_api.log) > seen, within=60)
    call = world.bot_api.log[seen]
    assert chat in (None, call.chat_id)
    return 1_000 * (call.received_at - begun)


def _said(number: int) -> tuple[str, str]:
    return _SAID[number % len(_SAID)]


def _post(world: World, text: str, channel: str) -> None:
    world.telegram.post(world.channels[channel], text)


async def _audience(stage: Stage, people: Sequence[Follower]) -> None:
    """These and nobody else follow anything."""
    for person in people:
        add_chat(stage.world, person)
    await stage.nabat.database.write(_forget_all)
    await stage.nabat.database.write(lambda tx: enrol(tx, people))


async def _forget_all(tx: Tx) -> None:
    for row in await tx.all("SELECT id FROM chats"):
        await chats.forget(tx, ChatId(row["id"]))


async def _over(stage: Stage) -> None:
    """Everything is settled, and the limits of sending have passed."""
    await stage.settles()
    stage.clock.skip(timedelta(minutes=2))


@contextlib.asynccontextmanager
async def _folder() -> AsyncIterator[Path]:
    with tempfile.TemporaryDirectory(prefix="nabat-bench-") as folder:
        yield Path(folder)


async def measure(posts: int) -> dict[str, Millis]:
    found: dict[str, Millis] = {}
    async with _folder() as folder, staged(folder, people=()) as stage:
        await floor(stage.world, _WARMING_UP)
        found["floor: push -> POST"] = await floor(stage.world, posts)
    async with _folder() as folder, staged(folder, people=()) as stage, stage.playing():
        await whole(stage, _WARMING_UP)
        found["whole: 1 follower"] = await whole(stage, posts)
        for size in _CROWDS:
            found[f"whole: first of {size:,}"] = await crowded(stage, 5, size)
    return found


def show(found: dict[str, Millis]) -> None:
    table = Table("post to first chat, ms", "n", "p50", "p90", "p99", "max")
    for name, millis in found.items():
        cuts = statistics.quantiles(millis, n=100, method="inclusive")
        figures = (cuts[49], cuts[89], cuts[98], max(millis))
        table.add_row(name, str(len(millis)), *(f"{figure:.1f}" for figure in figures))
    Console().print(table)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--posts", type=int, default=200)
    options.add_argument("--uvloop", action="store_true")
    given = options.parse_args()
    run: Callable[[Awaitable[Any]], Any] = uvloop.run if given.uvloop else asyncio.run  # type: ignore[assignment]
    show(run(measure(given.posts)))


if __name__ == "__main__":
    main()
