"""One run: a story is played to a service that is killed at each step of a plan.

The world outlives the service: both servers and the chats are this process's, the service is
another's (`bot.crashtest.life`), which is told to die, or is killed from here.
"""

import asyncio
import random
import signal
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bot.crashtest.life import ADMIN, Order, database_of
from bot.crashtest.lives import Lives, Over
from bot.crashtest.plants import Plant
from bot.crashtest.proof import Evidence, Verdict, Wrong, prove
from bot.crashtest.run_clock import RunClock
from bot.crashtest.steps import Blow, Step, blows
from bot.crashtest.story import CHANNELS, RESIDENTS, Beat, Danger, Scene, region_of, story
from bot.sandbox.bot_api_answers import Hang, Where
from bot.sandbox.world import ScriptedChat, World
from storage import chats, journal
from storage.database import Database, Tx
from storage.model import Chat, ChatKind, Lang

_PLAUSIBLE: Final = timedelta(seconds=63)
"""An all-clear sooner after its alarm would be held for an admin (DOMAIN §1)."""
_FOREVER: Final = 3600.0
_LATENCY: Final = 0.025  # seconds, at most, until the Bot API answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run came to. ``seed`` plays the same story with the same plan of kills again."""

    seed: int
    kills: Counter[Step]
    verdict: Verdict
    seconds: float


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
                # All channels: of one that is not known yet, pushes come in no certain order.
                if all(said["quiet"].get(name, -1) >= self.posted[name] for name in CHANNELS):
                    return
            else:
                self._hears(said)

    async def end(self) -> None:
        """The last life ends too, by a kill that counts for nothing."""
        if self.lives.alive:
            self.stop_killer()
            self._killed = self._killed or Step.RANDOM
            self.lives.kill()
            await self._dies()
            self.kills[self._killed] -= 1
        self.kills = +self.kills

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
        self.stop_killer()
        if said["ended"] != -signal.SIGKILL or self._killed is None:
            raise Over(Wrong.ENDED, f"with {said['ended']}: {self.lives.last_words()}")
        self.kills[self._killed] += 1
        if self._planned is not None and self._killed is not self._planned.step:
            self.plan.append(self._planned)  # something else came first

    def stop_killer(self) -> None:
        """Nobody is to be killed from here any more."""
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
        except Over as over:
            run.stop_killer()
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
