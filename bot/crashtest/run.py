"""One run: a story is played to a service that is killed at each step of a plan.

The world outlives the service: both servers and the chats are this process's, the service is
another's (`bot.crashtest.life`), which is told to die, or is killed from here.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bot.crashtest.life import ADMIN, Order, database_of
from bot.crashtest.plants import Plant
from bot.crashtest.proof import Evidence, Fault, Verdict, Wrong, prove
from bot.crashtest.run_clock import RunClock
from bot.crashtest.steps import Blow, Step, blows
from bot.crashtest.story import CHANNELS, RESIDENTS, Beat, Danger, Scene, region_of, story
from bot.sandbox.bot_api_answers import Hang, Where
from bot.sandbox.world import ScriptedChat, World
from storage import chats, journal
from storage.database import Database, Tx
from storage.model import Chat, ChatKind, Lang

_PATIENCE: Final = 20.0  # seconds until a life must have come to rest or died
_IMPORTS: Final = 90.0  # seconds until the process that lives are forked from must be ready
_PLAUSIBLE: Final = timedelta(seconds=63)
"""An all-clear sooner after its alarm would be held for an admin (DOMAIN §1)."""
_FOREVER: Final = 3600.0
_LATENCY: Final = 0.025  # seconds, at most, until the Bot API answers


class LivesError(Exception):
    """There is no process to fork the service from, or none any more."""


class _Over(Exception):
    """The run cannot go on."""

    def __init__(self, wrong: Wrong, words: str) -> None:
        super().__init__(words)
        self.fault = Fault(wrong=wrong, words=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run came to. ``seed`` plays the same story with the same plan of kills again."""

    seed: int
    kills: Counter[Step]
    verdict: Verdict
    seconds: float


class Lives:
    """The process that the service is forked from; one life at a time."""

    def __init__(self, process: asyncio.subprocess.Process, errors: Path) -> None:
        self._process = process
        self._errors = errors
        self._pid: int | None = None

    @classmethod
    @contextlib.asynccontextmanager
    async def ready(cls, errors: Path) -> AsyncIterator["Lives"]:
        """``errors``: a file for the logs and tracebacks of all lives. Raises LivesError."""
        with errors.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot.crashtest.life",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=file,
            )
        assert process.stdin is not None
        lives = cls(process, errors)
        try:
            await lives._expect_ready()
            yield lives
        finally:
            # The life that goes on ends with its standard input, and then the process.
            process.stdin.close()
            await process.wait()

    @property
    def alive(self) -> bool:
        return self._pid is not None

    async def begin(self, order: Order) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(order.line())
        self._pid = (await self.next())["pid"]

    def kill(self) -> None:
        """Its end is heard of by `next`: until then its number is nobody else's."""
        if self._pid is not None:
            os.kill(self._pid, signal.SIGKILL)

    async def next(self, within: float = _PATIENCE) -> dict[str, Any]:
        """What the process says next. Raises _Over if it says nothing for so many seconds."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(within):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise _Over(Wrong.STUCK, f"nothing was heard for {within:.0f} s") from None
        if not line:
            raise _Over(Wrong.ENDED, f"and all lives with it: {self.last_words()}")
        said: dict[str, Any] = json.loads(line)
        if "ended" in said:
            self._pid = None
        return said

    async def rest(self) -> None:
        """End what lives, whatever it still has to say. Raises LivesError."""
        self.kill()
        try:
            while self.alive:
                await self.next()
        except _Over as over:
            raise LivesError(over.fault.words) from over

    async def _expect_ready(self) -> None:
        try:
            await self.next(_IMPORTS)
        except _Over as over:
            raise LivesError(over.fault.words) from over

    def last_words(self) -> str:
        lines = self._errors.read_text("utf-8", "replace").splitlines()
        return " / ".join(line.strip() for line in lines[-3:])


@dataclass(slots=True, kw_only=True, eq=False)
class _Run:
    world: World
    folder: Path
    session: str
    clock: RunClock
    lives: Lives
    rng: random.Random
    plan: deque[Blow]
    plant: Plant | None
    kills: Counter[Step] = field(default_factory=Counter)
    posted: Counter[str] = field(default_factory=Counter)
    _begun: dict[Danger, datetime] = field(default_factory=dict)
    _planned: Blow | None = None
    _killed: Step | None = None  # the step at which the present life was killed, if it was
    _killer: asyncio.Task[None] | None = None

    async def play(self, scene: Scene) -> None:
        """Returns when everybody has been told."""
        if scene.away and self.lives.alive:
            self._kill(Step.RANDOM)
            await self._dies()
        for beat in scene.beats:
            await self._post(beat)
        while True:
            if not self.lives.alive:
                await self._revive()
            said = await self.lives.next()
            if "quiet" in said:
                if all(said["quiet"].get(name, 0) >= n for name, n in self.posted.items()):
                    return
            else:
                self._hears(said)

    async def end(self) -> None:
        """The last life ends too, by a kill that counts for nothing."""
        if self.lives.alive:
            self._stop_killer()
            self._killed = self._killed or Step.RANDOM
            self.lives.kill()
            await self._dies()
            self.kills[self._killed] -= 1
        self.kills = +self.kills

    def give_up(self) -> None:
        self._stop_killer()

    # --- posts --------------------------------------------------------------------------------

    async def _post(self, beat: Beat) -> None:
        await asyncio.sleep(beat.pause)
        if beat.ends is not None:
            hazard = beat.ends[0]
            begun = [at for (kind, _), at in self._begun.items() if kind is hazard]
            if begun:
                await asyncio.sleep(self.clock.seconds_until(max(begun) + _PLAUSIBLE))
        if beat.begins is not None:
            self._begun[beat.begins] = self.clock.now()
        self.world.telegram.post(self.world.channels[beat.channel], beat.text)
        self.posted[beat.channel] += 1

    # --- lives --------------------------------------------------------------------------------

    async def _revive(self) -> None:
        self._planned = self.plan.popleft() if self.plan else None
        self._killed = None
        await self.lives.begin(
            Order(
                folder=str(self.folder),
                bot_api=self.world.bot_api.url,
                session=self.session,
                origin=self.clock.origin,
                seed=str(self.rng.random()),
                blow=self._planned,
                plant=self.plant,
            )
        )
        if self._planned is not None:
            self._killer = asyncio.create_task(self._lie_in_wait(self._planned))

    async def _lie_in_wait(self, blow: Blow) -> None:
        """For the steps at which the service is killed from here."""
        match blow.step:
            case Step.RANDOM:
                await asyncio.sleep(blow.after)
            case Step.WRITTEN | Step.ACCEPTED:
                await self._request(blow)
            case _:
                return
        self._kill(blow.step)

    async def _request(self, blow: Blow) -> None:
        """Returns when a request has been written, and has been carried out or has not; its
        answer will never come."""
        bot_api = self.world.bot_api
        method = "editMessageText" if blow.edit else "sendMessage"
        before = bot_api.calls[method] + blow.passing - 1
        await bot_api.wait_for(lambda: bot_api.calls[method] >= before, within=_FOREVER)
        where: Where = "before" if blow.step is Step.WRITTEN else "after"
        fault = bot_api.inject(Hang(), method=method, where=where)
        await bot_api.wait_for(lambda: fault.left == 0, within=_FOREVER)

    def _kill(self, step: Step) -> None:
        if self.lives.alive and self._killed is None:
            self._killed = step
            self.lives.kill()

    async def _dies(self) -> None:
        while self.lives.alive:
            self._hears(await self.lives.next())

    def _hears(self, said: dict[str, Any]) -> None:
        if "at" in said:
            self._killed = Step(said["at"])
        if "ended" not in said:
            return
        self._stop_killer()
        if said["ended"] != -signal.SIGKILL or self._killed is None:
            raise _Over(Wrong.ENDED, f"with {said['ended']}: {self.lives.last_words()}")
        self.kills[self._killed] += 1
        if self._planned is not None and self._killed is not self._planned.step:
            self.plan.append(self._planned)  # something else came first

    def _stop_killer(self) -> None:
        if self._killer is not None:
            self._killer.cancel()
            self._killer = None
        self.world.bot_api.heal()


async def play(seed: int, *, lives: Lives, folder: Path, plant: Plant | None = None) -> Outcome:
    """``folder``: for the database, not there yet. Raises LivesError."""
    begun = time.monotonic()
    rng = random.Random(seed)
    script = story(rng)
    clock = RunClock(origin=begun)
    async with World(now=clock.now, latency=lambda: rng.uniform(0, _LATENCY)) as world:
        for name in CHANNELS:
            world.add_channel(name, f"Канал {name}")
        world.bot_api.add_private_chat(ADMIN, name="Дежурный")
        for resident in RESIDENTS:
            kind = "private" if resident.kind is ChatKind.PRIVATE else "supergroup"
            world.add_chat(
                ScriptedChat(id=resident.id, kind=kind, name="Житель", follows=resident.follows)
            )
        async with await Database.open(database_of(folder)) as database:
            await database.write(lambda tx: _settle_in(tx, clock.now()))
        run = _Run(
            world=world,
            folder=folder,
            session=world.telegram.session_string(),
            clock=clock,
            lives=lives,
            rng=rng,
            plan=deque(blows(rng)),
            plant=plant,
        )
        try:
            for scene in script.scenes:
                await run.play(scene)
            await run.end()
        except _Over as over:
            run.give_up()
            await lives.rest()
            verdict = Verdict(faults=(over.fault,), in_flight=0, duplicates=0)
        else:
            async with await Database.open(database_of(folder)) as database:
                verdict = prove(
                    Evidence(
                        story=script,
                        log=tuple(world.bot_api.log),
                        posted=run.posted,
                        claims=await database.read(journal.claims),
                        tellings=await database.read(journal.tellings),
                        read=await database.read(journal.read),
                        versions=await database.read(journal.versions),
                        sound=await database.read(journal.is_sound),
                    )
                )
    return Outcome(seed=seed, kills=run.kills, verdict=verdict, seconds=time.monotonic() - begun)


async def _settle_in(tx: Tx, now: datetime) -> None:
    """Everybody chose their places yesterday."""
    await journal.install(tx)
    joined = now - timedelta(days=1)
    for resident in RESIDENTS:
        await chats.put(
            tx, Chat(id=resident.id, kind=resident.kind, lang=Lang.RU, joined_at=joined)
        )
        for code in resident.follows:
            await chats.follow(tx, resident.id, region_of(code), code, joined)
