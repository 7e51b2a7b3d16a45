"""One timer for all: each ends in its own time, and no other cancellation is lost."""

import asyncio

import pytest

from bot.deadlines import Deadlines

SOON = 0.05  # seconds


async def forever() -> None:
    await asyncio.Event().wait()


async def test_each_ends_in_its_own_time() -> None:
    deadlines = Deadlines()
    loop = asyncio.get_running_loop()
    ended: list[float] = []

    async def hang(seconds: float) -> None:
        begun = loop.time()
        with pytest.raises(TimeoutError), deadlines.within(seconds):
            await forever()
        assert seconds <= loop.time() - begun + 0.001  # a timer's grain
        ended.append(seconds)

    order = [3 * SOON, SOON, 5 * SOON, SOON * 2]
    await asyncio.gather(*map(hang, order))
    await hang(SOON)
    assert ended == [*sorted(order), SOON]


async def test_what_is_in_time_leaves_nothing_behind() -> None:
    deadlines = Deadlines()
    with deadlines.within(SOON):
        pass
    with pytest.raises(KeyError), deadlines.within(SOON):
        raise KeyError
    await asyncio.wait({asyncio.create_task(forever())}, timeout=2 * SOON)


async def test_an_inner_limit_ends_the_inner_body_alone() -> None:
    deadlines = Deadlines()
    with deadlines.within(60):
        with pytest.raises(TimeoutError), deadlines.within(SOON):
            await forever()
        await asyncio.wait({asyncio.create_task(forever())}, timeout=SOON)


async def test_a_cancellation_is_no_timeout() -> None:
    deadlines = Deadlines()

    async def bounded() -> None:
        with deadlines.within(60):
            await forever()

    task = asyncio.create_task(bounded())
    await asyncio.wait({task}, timeout=SOON)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancellation_that_comes_with_the_end_is_none_either() -> None:
    deadlines = Deadlines()

    async def bounded() -> None:
        task = asyncio.current_task()
        assert task is not None
        with deadlines.within(0):
            try:
                await forever()
            finally:
                task.cancel()  # as anyone may, before the body has gone

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(bounded())


async def test_a_task_that_was_cancelled_before_has_its_limit_too() -> None:
    """Whoever is cancelled may still have something to send."""
    deadlines = Deadlines()

    async def bounded() -> None:
        try:
            await forever()
        finally:
            with pytest.raises(TimeoutError), deadlines.within(SOON):
                await forever()

    task = asyncio.create_task(bounded())
    await asyncio.wait({task}, timeout=SOON)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
