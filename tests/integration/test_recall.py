"""A correction of what is over is owed to whoever can get one; nothing stops because of it."""

import asyncio
from pathlib import Path

from bot import texts
from bot.recall import Recaller
from storage import incidents, recalls
from storage.areas.tree import load
from storage.database import Tx
from storage.model import Hazard, Level, Wrong
from tests.integration.lane import ANNA, BORIS, KALUGA, START, Lane, opened
from tests.integration.stored import column


async def test_a_card_that_cannot_be_corrected_is_no_other_s_fault(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        danger = lane.danger(KALUGA)
        await lane.publish(KALUGA, danger)
        await lane.passes(minutes=1)
        await lane.enrol(BORIS, KALUGA)
        await lane.publish(KALUGA, danger, lane.danger(KALUGA, hazard=Hazard.MISSILE))
        await lane.passes(minutes=1)
        await lane.all_clear()
        await lane.passes(minutes=1)
        now = lane.clock.now()

        async def over(tx: Tx) -> None:
            await incidents.opened(tx, KALUGA, Hazard.UAV, START, Level.DECLARED, [KALUGA])
            await incidents.closed(tx, KALUGA, Hazard.UAV, now, "clear")
            await tx.all("UPDATE situations SET snapshot = '{}' WHERE version = 1")
            assert await recalls.begin(tx, 1, Wrong.MISREAD, now)

        await lane.database.write(over)
        await _recalled(lane)
        assert await column(lane.database, "SELECT chat FROM letters") == [BORIS]


async def _recalled(lane: Lane) -> None:
    recaller = Recaller(
        database=lane.database,
        areas=load(),
        texts=texts.load(),
        now=lane.clock.now,
        wake=lambda: None,
    )
    running = asyncio.create_task(recaller.run())
    while await lane.database.read(recalls.running) is not None and not running.done():
        pass  # the read itself lets it go on
    assert not running.done(), running.exception()
    running.cancel()
