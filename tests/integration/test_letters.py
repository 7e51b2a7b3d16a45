"""Letters leave behind every alert, each at most once, and a chat is not given up for one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from bot.message import Message
from bot.outcome import Ambiguous, Cause, Dead, Later, Outcome, Refused, Unreachable
from storage import chats, codec, letters
from storage.model import AreaCode, ChatId, ChatState, Share, Wishes
from tests.integration.lane import ANNA, BELGOROD, BORIS, KALUGA, Lane, opened

LETTER = codec.dump(Message(text="Итог ночи"))


@pytest_asyncio.fixture
async def lane(tmp_path: Path) -> AsyncIterator[Lane]:
    async with opened(tmp_path) as lane:
        for chat in (ANNA, BORIS):
            await lane.enrol(chat, KALUGA)
        yield lane


async def owe(lane: Lane, chat: ChatId, key: str = "digest:2026-05-04") -> bool:
    at = lane.clock.now()
    until = at + timedelta(hours=3)
    return await lane.database.write(
        lambda tx: letters.owe(tx, chat, key, LETTER, region=KALUGA, at=at, until=until)
    )


async def test_one_key_is_owed_and_sent_once(lane: Lane) -> None:
    assert await owe(lane, ANNA)
    assert not await owe(lane, ANNA)
    await lane.passes(seconds=5)
    assert not await owe(lane, ANNA)
    await lane.passes(seconds=5)
    assert lane.asked(ANNA) == ["silent"]


async def test_those_who_asked_for_the_summary_are_walked_once(lane: Lane) -> None:
    """Whoever asked and follows anything, with the summary that they had last."""
    asked = [ChatId(n) for n in range(301, 312)]
    for chat in asked:
        await lane.enrol(chat, KALUGA if chat % 2 else BELGOROD, wishes=Wishes(digest=True))
    await lane.enrol(ChatId(350), wishes=Wishes(digest=True))  # follows nothing
    await owe(lane, ChatId(305))
    found: list[letters.Reader] = []
    after: ChatId | None = None
    while page := await lane.database.read(
        partial(letters.readers, prefix="digest:", after=after, limit=4)
    ):
        found += page
        after = page[-1].chat
    assert [each.chat for each in found] == asked
    assert {each.home for each in found if each.chat % 2} == {KALUGA}
    assert [each.chat for each in found if each.last == "digest:2026-05-04"] == [305]


async def test_an_alert_goes_first(lane: Lane) -> None:
    for key in "abcdef":
        await owe(lane, BORIS, key)
    await owe(lane, ANNA)
    await lane.alarm()
    await lane.passes(seconds=20)
    assert [call.lever for call in lane.door.calls[:2]] == ["sound", "sound"]
    assert lane.heard(ANNA) == ["sound", "silent"]


@pytest.mark.parametrize(
    ("outcome", "asked"),
    [
        (Later(seconds=3, why="429"), 2),
        (Refused(why="no connection"), 2),
        (Dead(why="401"), 2),
        (Ambiguous(why="no answer"), 1),
        (Unreachable(cause=Cause.BLOCKED), 1),
    ],
)
async def test_what_may_have_been_said_is_not_said_again(
    lane: Lane, outcome: Outcome, asked: int
) -> None:
    lane.door.answers[ANNA].append(outcome)
    await owe(lane, ANNA)
    await lane.passes(seconds=30)
    assert len(lane.asked(ANNA)) == asked
    chat = await lane.database.read(lambda tx: chats.get(tx, ANNA))
    assert chat is not None and chat.state is ChatState.ACTIVE


async def test_a_letter_that_is_too_late_is_not_sent(lane: Lane) -> None:
    await owe(lane, ANNA)
    lane.clock.at += timedelta(hours=3)
    await lane.passes(seconds=5)
    assert lane.asked(ANNA) == []


async def test_what_runs_out_soonest_goes_first(lane: Lane) -> None:
    at = lane.clock.now()
    for chat, hours in ((ANNA, 3), (BORIS, 1)):
        until = at + timedelta(hours=hours)
        await lane.database.write(
            lambda tx, to=chat, end=until: letters.owe(  # type: ignore[misc]
                tx, to, "k", LETTER, region=KALUGA, at=at, until=end
            )
        )
    await lane.passes(seconds=5)
    assert [call.chat for call in lane.door.calls] == [BORIS, ANNA]


async def test_another_bots_letters_are_left_to_it(tmp_path: Path) -> None:
    async with opened(tmp_path, share=Share(others=frozenset((AreaCode(KALUGA),)))) as lane:
        await lane.enrol(ANNA, KALUGA)
        await owe(lane, ANNA)
        await lane.passes(seconds=5)
        assert lane.asked(ANNA) == []


async def test_a_letter_cut_off_by_a_kill_is_not_sent_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await owe(lane, ANNA)
        at = lane.clock.now()
        (letter,) = await lane.database.read(lambda tx: letters.owed(tx, at, 5))
        assert await lane.database.write(lambda tx: letters.take(tx, letter.id, at))
    async with opened(tmp_path) as lane:
        await lane.passes(seconds=5)
        assert lane.asked(ANNA) == []


async def test_they_do_not_wait_for_one_anothers_answers(lane: Lane) -> None:
    """A correction to thousands leaves at the pace of the token."""
    other = asyncio.Event()

    async def other_is_asked() -> None:
        async with asyncio.timeout(5):
            await other.wait()

    async def asked() -> None:
        other.set()

    lane.door.meanwhile += (other_is_asked, asked)
    await owe(lane, ANNA)
    await owe(lane, BORIS)
    await lane.passes(seconds=5)
    assert lane.asked(ANNA) == lane.asked(BORIS) == ["silent"]
