"""The program is killed at the worst moments: nobody is left out, hardly anybody hears twice."""

import asyncio
import contextlib
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.clock import SystemClock
from bot.sandbox.bot_api_answers import Hang
from bot.sandbox.world import World
from storage.database import Database
from tests.e2e.stage import ADMIN, BOROVSKY, DANGER, KALUGA, Follower, add_chat, enrol

PEOPLE = tuple(
    Follower(id=720000 + n, follows=(KALUGA if n % 2 else BOROVSKY,)) for n in range(40)
)
EVERYBODY = {person.id for person in PEOPLE}
SOURCE = "kaluga_gov"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    world: World
    folder: Path
    session: str

    @contextlib.asynccontextmanager
    async def program(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """Running and connected; killed at the end of the block."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.e2e.program",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdin is not None
        assert process.stdout is not None
        said = {
            "folder": str(self.folder),
            "bot_api": self.world.bot_api.url,
            "session": self.session,
            "admin": ADMIN,
            "channels": {SOURCE: KALUGA},
        }
        process.stdin.write(json.dumps(said).encode() + b"\n")
        try:
            async with asyncio.timeout(20):
                assert await process.stdout.readline() == b"ready\n"
            yield process
        finally:
            await kill(process)

    def post(self, text: str) -> None:
        self.world.telegram.post(self.world.channels[SOURCE], text)

    def heard(self, sign: str) -> Counter[int]:
        """How many new messages that begin so each chat got."""
        return Counter(
            call.chat_id
            for call in self.world.bot_api.log
            if call.version == 1 and (call.text or "").startswith(sign)
        )

    async def everybody_hears(self, sign: str) -> None:
        await self.world.bot_api.wait_for(lambda: self.heard(sign).keys() >= EVERYBODY, within=20)

    async def in_flight(self) -> set[int]:
        """Whom a request had been begun for, and not ended, when the program died."""
        async with await Database.open(self.folder / "nabat.db") as database:
            rows = await database.read(
                lambda tx: tx.all(
                    """SELECT c.chat FROM attempts a JOIN cards c ON c.id = a.card
                       WHERE a.ended_at IS NULL"""
                )
            )
        return {row["chat"] for row in rows}


async def kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


@contextlib.asynccontextmanager
async def scene(folder: Path, people: Sequence[Follower] = PEOPLE) -> AsyncIterator[Scene]:
    clock = SystemClock()
    async with World(now=clock.now) as world:
        world.add_channel(SOURCE, "Губернатор")
        world.bot_api.add_private_chat(ADMIN, name="Дежурный")
        for person in people:
            add_chat(world, person)
        async with await Database.open(folder / "nabat.db") as database:
            await database.write(lambda tx: enrol(tx, people, clock.now()))
        yield Scene(world=world, folder=folder, session=world.telegram.session_string())


async def test_killed_in_the_midst_of_delivery(tmp_path: Path) -> None:
    async with scene(tmp_path) as it:
        bot_api = it.world.bot_api
        async with it.program() as process:
            # One is accepted and its answer never comes; one never gets through.
            bot_api.inject(Hang(), method="sendMessage", chat_id=PEOPLE[0].id, where="after")
            bot_api.inject(Hang(), method="sendMessage", chat_id=PEOPLE[1].id)
            it.post(DANGER)
            await bot_api.wait_for(lambda: len(bot_api.log) >= 15)
            await kill(process)
        bot_api.heal()
        doubtful = await it.in_flight()
        assert len(it.heard("🟠")) < len(PEOPLE), "it was killed before it had told all"
        assert {PEOPLE[0].id, PEOPLE[1].id} & doubtful
        async with it.program():
            await it.everybody_hears("🟠")
            it.post("Ракетная опасность на территории Калужской области!")
            await it.everybody_hears("🟠 ОПАСНОСТЬ, новая угроза")
        heard = it.heard("🟠 ОПАСНОСТЬ · БПЛА")
        assert set(heard) == EVERYBODY
        assert {chat for chat, times in heard.items() if times > 1} <= doubtful
        assert max(heard.values()) <= 2


async def test_killed_between_post_and_delivery(tmp_path: Path) -> None:
    async with scene(tmp_path) as it:
        bot_api = it.world.bot_api
        async with it.program() as process:
            bot_api.inject(Hang(), method="sendMessage", times=None)
            it.post(DANGER)
            await bot_api.wait_for(lambda: bot_api.calls["sendMessage"] >= 5)
            await kill(process)
        assert bot_api.log == []
        bot_api.heal()
        it.post("Сегодня в Обнинске открыли обновлённый каток.")
        async with it.program():
            await it.everybody_hears("🟠")
        assert it.heard("🟠") == dict.fromkeys(EVERYBODY, 1)
