"""How long an alert waits while strangers flood the bot: `python -m tests.bench.flood [a second]`.

The whole program and both Telegrams of our own in one process, so the flood's own making and the
answering at Telegram's end are paid for by the same processor: worse than life. Measured: from
the post in a channel until the first request of its alert came in at the Bot API. Rounds with and
without a flood take turns.
"""

import argparse
import asyncio
import contextlib
import itertools
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.sandbox.bot_api import BotApiServer
from bot.sandbox.world import TOKEN
from tests.e2e.stage import ANNA, DANGER, GOVERNOR, Stage, play

STRANGERS = 800_000
_TICK = 0.02  # seconds
_SAID = ("/status", "/start", "/pause", "/help", "Калуга")


@contextlib.asynccontextmanager
async def flooded(bot_api: BotApiServer, a_second: int, *, crowd: int) -> AsyncIterator[None]:
    """So many commands a second, of so many strangers in turn, until the block is left."""
    for n in range(crowd):
        bot_api.add_private_chat(STRANGERS + n, name="Прохожий")
    turns, texts = itertools.cycle(range(crowd)), itertools.cycle(_SAID)

    async def pour() -> None:
        begun, poured = time.monotonic(), 0
        while True:
            due = (time.monotonic() - begun) * a_second
            while poured < due:
                bot_api.say(STRANGERS + next(turns), next(texts), to=TOKEN)
                poured += 1
            await asyncio.sleep(_TICK)

    pouring = asyncio.create_task(pour())
    try:
        yield
    finally:
        pouring.cancel()
        await asyncio.wait([pouring])


async def alerted(stage: Stage) -> float:
    """Seconds from the post of a danger until its first request."""
    bot_api = stage.world.bot_api
    known = len(stage.calls(ANNA))
    begun = bot_api.clock()
    stage.world.telegram.post(stage.channel(GOVERNOR), DANGER)
    await bot_api.wait_for(lambda: len(stage.calls(ANNA)) > known, within=30)
    return stage.calls(ANNA)[known].received_at - begun


async def measure(a_second: int, rounds: int) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {"quiet": [], "flood": []}
    for _, way in itertools.product(range(rounds), taken):
        with tempfile.TemporaryDirectory() as folder:
            async with contextlib.AsyncExitStack() as stack:
                stage = await stack.enter_async_context(play(Path(folder)))
                if way == "flood":
                    flood = flooded(stage.world.bot_api, a_second, crowd=1_000)
                    await stack.enter_async_context(flood)
                    await asyncio.sleep(2)
                taken[way].append(await alerted(stage))
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("a_second", nargs="?", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    taken = asyncio.run(measure(arguments.a_second, arguments.rounds))
    table = Table("", "median", "worst", title="from the post to the alert's first request, ms")
    for way, times in taken.items():
        name = "quiet" if way == "quiet" else f"{arguments.a_second} commands a second"
        table.add_row(name, f"{statistics.median(times) * 1e3:.0f}", f"{max(times) * 1e3:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
