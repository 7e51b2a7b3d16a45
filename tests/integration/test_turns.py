"""Answers to people: in their turn, given up where it would be too late, a 429 heeded."""

import contextlib
import time

from bot.outcome import Accepted, Later, Outcome
from bot.pace import Hold, Pace, Permit, Wait
from bot.turns import Turns

CHAT = 42


async def accepted() -> Outcome:
    return Accepted(message_id=1)


async def test_an_answer_waits_for_its_turn_in_the_chat() -> None:
    pace = Pace()
    turns = Turns(pace, time.monotonic)
    began = time.monotonic()
    assert await turns.carry_out(CHAT, accepted) == Accepted(message_id=1)
    assert await turns.carry_out(CHAT, accepted) == Accepted(message_id=1)
    assert time.monotonic() - began >= 1.0


async def test_an_answer_that_would_come_too_late_is_given_up() -> None:
    pace = Pace()
    pace.slow_down(time.monotonic(), 86_400.0, CHAT)
    outcome = await Turns(pace, time.monotonic).carry_out(CHAT, accepted)
    assert isinstance(outcome, Later)
    assert Hold.CHAT_FLOOD in outcome.why


async def test_a_429_holds_the_chat_back_and_the_permit_is_given_back() -> None:
    pace = Pace(per_second=1, reserve=0, bucket=False)
    turns = Turns(pace, time.monotonic)

    async def too_many() -> Outcome:
        return Later(seconds=60.0, why="429")

    async def broken() -> Outcome:
        raise RuntimeError("a bug")

    assert isinstance(await turns.carry_out(CHAT, too_many), Later)
    here = pace.take(time.monotonic(), CHAT, group=False, edit=False)
    assert isinstance(here, Wait)
    assert here.why is Hold.CHAT_FLOOD
    with contextlib.suppress(RuntimeError):
        await Turns(pace, time.monotonic).carry_out(7, broken)
    later = time.monotonic() + 2.5
    assert isinstance(pace.take(later, 8, group=False, edit=False), Permit)
