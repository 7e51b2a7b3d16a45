"""A service message gives way to all else, and nobody waits for those who cannot be told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio

from bot import texts
from bot.broadcaster import Broadcaster
from bot.outbox.work import Door
from bot.outcome import Later, Migrated, Refused
from bot.pace import Pace, Permit
from storage import broadcasts, chats
from storage.broadcasts import Broadcast, State
from storage.model import EVERYTHING, ChatId, ChatKind, Share, TelegramId
from tests.integration.lane import ANNA, BORIS, GROUP, KALUGA, Lane, all_areas, opened

OPERATOR, SHOWN = 900, 77


@dataclass(frozen=True, slots=True)
class Voice:
    pace: Pace
    sender: Door
    share: Share = EVERYTHING


@dataclass(frozen=True, slots=True)
class Scene:
    lane: Lane
    broadcaster: Broadcaster

    async def begin(self, text: str = "Плановые работы") -> int:
        now = self.lane.clock.now()
        number = await self.lane.database.write(
            lambda tx: broadcasts.begin(tx, text, OPERATOR, now)
        )
        assert number is not None
        await self.lane.database.write(lambda tx: broadcasts.show(tx, number, SHOWN))
        return number

    async def state(self, number: int) -> Broadcast:
        found = await self.lane.database.read(lambda tx: broadcasts.get(tx, number))
        assert found is not None
        return found

    async def cancel(self, number: int) -> None:
        await self.lane.database.write(lambda tx: broadcasts.end(tx, number, State.CANCELLED))

    async def until(self, true: Callable[[], Awaitable[bool]]) -> None:
        """Woken again and again, each time a second later."""
        async with asyncio.timeout(8):
            while not await true():
                await self.lane.passes(seconds=1)
                self.broadcaster.wake()
                await asyncio.sleep(0.01)

    async def ends(self, number: int) -> None:
        async def over() -> bool:
            return (await self.state(number)).state is not State.RUNNING

        await self.until(over)

    async def is_asked(self, chat: ChatId, times: int = 1) -> None:
        async def asked() -> bool:
            return len(self.lane.asked(chat)) >= times

        await self.until(asked)


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with opened(tmp_path) as lane:
        for chat in (ANNA, BORIS):
            await lane.enrol(chat, KALUGA)
        broadcaster = Broadcaster(
            database=lane.database,
            voices=[Voice(lane.pace, lane.door)],
            areas=all_areas(),
            texts=texts.load(),
            clock=lane.clock,
            monotonic=lane.clock.monotonic,
        )
        running = asyncio.create_task(broadcaster.run())
        yield Scene(lane, broadcaster)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def test_a_chat_that_is_told_to_wait_for_a_day_is_passed_over(scene: Scene) -> None:
    scene.lane.door.answers[ANNA].append(Later(seconds=86_400, why="429"))
    number = await scene.begin()
    await scene.ends(number)
    found = await scene.state(number)
    assert (found.state, found.sent, found.failed) == (State.DONE, 1, 1)
    assert scene.lane.heard(BORIS) == ["silent"]


async def test_it_is_cancelled_while_it_waits_for_a_chat(scene: Scene) -> None:
    scene.lane.door.answers[ANNA].extend(Refused(why="no network") for _ in range(1_000))
    first = await scene.begin()
    await scene.is_asked(ANNA, 2)
    await scene.cancel(first)
    scene.lane.door.answers[ANNA].clear()
    second = await scene.begin("Другое")
    await scene.ends(second)
    assert (await scene.state(second)).sent == 2
    told = [call for call in scene.lane.door.calls if call.accepted and call.lever == "silent"]
    assert all("Другое" in call.text for call in told)


async def test_an_outage_however_long_loses_nobody(scene: Scene) -> None:
    scene.lane.door.answers[ANNA].extend(Refused(why="no network") for _ in range(40))
    number = await scene.begin()
    await scene.ends(number)
    assert (await scene.state(number)).sent == 2
    assert scene.lane.heard(ANNA) == ["silent"]


async def test_an_alert_that_comes_while_it_waits_goes_first(scene: Scene) -> None:
    scene.lane.door.answers[ANNA].extend(Refused(why="no network") for _ in range(5))
    number = await scene.begin()
    await scene.is_asked(ANNA)
    scene.lane.door.answers[ANNA].clear()
    await scene.lane.alarm()
    await scene.ends(number)
    assert scene.lane.heard(ANNA) == scene.lane.heard(BORIS) == ["sound", "silent"]


async def test_the_progress_is_paced_like_everything_else(scene: Scene) -> None:
    lane, now = scene.lane, scene.lane.clock.monotonic()
    held = lane.pace.take(now, TelegramId(OPERATOR), group=False, edit=True)
    assert isinstance(held, Permit)  # something else is under way to the operator
    number = await scene.begin()
    await scene.ends(number)
    assert not lane.asked(ChatId(OPERATOR))
    lane.pace.answered(held, lane.clock.monotonic())
    await scene.is_asked(ChatId(OPERATOR))
    assert lane.asked(ChatId(OPERATOR)) == ["edit"]


async def test_a_group_that_has_moved_is_told_where_it_is_now(scene: Scene) -> None:
    lane, new = scene.lane, ChatId(-1_000_201)
    await lane.enrol(GROUP, KALUGA, kind=ChatKind.GROUP)
    lane.door.answers[GROUP].append(Migrated(to=TelegramId(new)))
    await scene.ends(await scene.begin())
    assert lane.heard(new) == ["silent"]
    assert await lane.database.read(lambda tx: chats.get(tx, GROUP)) is None
