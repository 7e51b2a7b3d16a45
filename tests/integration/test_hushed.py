"""Danger whose sound was taken away: it is looked at again, whatever happens in between."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.dispatch import show_danger
from bot.outcome import Ambiguous
from storage import cards, chats, silences
from storage.database import Tx
from storage.model import Hazard, Wishes
from tests.integration.lane import ANNA, BORIS, KALUGA, Lane, all_areas, opened


@pytest_asyncio.fixture
async def lane(tmp_path: Path) -> AsyncIterator[Lane]:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        yield lane


async def silence(lane: Lane, minutes: float, hazard: Hazard | None = Hazard.UAV) -> int:
    at = lane.clock.now()
    until = at + timedelta(minutes=minutes)
    return await lane.database.write(
        lambda tx: silences.put(tx, KALUGA, hazard, 1, "why", at=at, until=until)
    )


async def lift(lane: Lane, number: int) -> None:
    """As /unsilence does."""
    at = lane.clock.now()
    assert await lane.database.write(lambda tx: silences.end(tx, number, at)) == KALUGA
    while await lane.database.write(lambda tx: cards.rouse(tx, KALUGA, at)):
        pass


async def test_a_silence_that_is_lifted_while_the_message_is_under_way(lane: Lane) -> None:
    number = await silence(lane, 7 * 24 * 60)
    lane.door.meanwhile.append(lambda: lift(lane, number))
    await lane.alarm()
    await lane.passes(seconds=30)
    assert lane.heard(ANNA)[:2] == ["silent", "sound"]


async def test_a_silence_that_grows_is_waited_for(lane: Lane) -> None:
    await silence(lane, 30)
    await lane.alarm()
    await lane.passes(seconds=30)
    await silence(lane, 60, None)
    await lane.passes(minutes=31)
    assert lane.heard(ANNA) == ["silent"]
    await lane.passes(minutes=31)
    assert "sound" in lane.heard(ANNA)


@pytest.mark.parametrize("doubts", [1, 2])
async def test_a_silent_first_message_in_doubt_loses_no_sound(lane: Lane, doubts: int) -> None:
    await silence(lane, 30)
    lane.door.answers[ANNA].extend(Ambiguous(why="no answer") for _ in range(doubts))
    await lane.alarm()
    await lane.passes(minutes=1)
    assert set(lane.asked(ANNA)) == {"silent"}
    await lane.passes(minutes=31)
    assert lane.heard(ANNA)[-2:].count("sound") == 1


async def test_only_cards_that_lost_their_sound_are_roused(lane: Lane) -> None:
    await lane.alarm()
    await lane.passes(seconds=30)
    number = await silence(lane, 30)
    await lift(lane, number)
    assert await lane.is_settled()


async def test_wishes_changed_meanwhile_do_not_lose_it(lane: Lane) -> None:
    await silence(lane, 30)
    await lane.alarm()
    await lane.passes(seconds=30)
    later = lane.clock.now() + timedelta(hours=2)
    wishes = Wishes(snoozed_until=later)
    await lane.database.write(lambda tx: chats.set_wishes(tx, ANNA, wishes))
    await lane.passes(minutes=31)
    assert lane.heard(ANNA) == ["silent"]
    await lane.passes(minutes=120)
    assert lane.heard(ANNA).count("sound") == 1


@pytest.mark.parametrize(("hazard", "lever"), [(Hazard.MISSILE, "sound"), (Hazard.UAV, "silent")])
async def test_what_begins_before_a_follower_was_shown_the_danger_sounds(
    lane: Lane, hazard: Hazard, lever: str
) -> None:
    """Following during danger is answered silently, with what was in force then."""
    await lane.enrol(BORIS)
    uav = lane.danger(KALUGA)
    await lane.publish(KALUGA, uav)
    now = lane.clock.now()

    async def follow(tx: Tx) -> None:
        await chats.follow(tx, BORIS, KALUGA, KALUGA, now)
        boris = await chats.get(tx, BORIS)
        assert boris is not None
        assert await show_danger(tx, boris, KALUGA, all_areas(), now)

    await lane.database.write(follow)
    lane.clock.at += timedelta(seconds=1)
    more = (uav, lane.danger(KALUGA, hazard=hazard)) if hazard is not Hazard.UAV else (uav,)
    await lane.publish(KALUGA, *more)
    await lane.passes(seconds=30)
    assert lane.heard(BORIS)[0] == lever
