"""Whose fault a refusal is: the table, and its properties against a count by hand."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.outbox.breaker import AGAIN, LONGEST, WINDOW, Breaker, Verdict, is_telegrams
from bot.outcome import Cause
from storage.model import TelegramId as Id

RIGHTS, BLOCKED = Cause.NO_RIGHTS, Cause.BLOCKED


@pytest.mark.parametrize(
    ("tried", "alike", "theirs"),
    [
        (1, 1, False),
        (4, 4, False),
        (5, 5, True),
        (9, 5, True),
        (10, 5, False),  # not more than half
        (20, 10, False),
        (20, 11, True),
        (40, 20, True),
        (1000, 19, False),
        (999, 20, True),
        (1000, 20, False),  # not more than 2 %
        (1001, 20, False),
        (18_000, 360, False),
        (18_000, 361, True),
        (50, 1, False),  # 2 %, but one chat
        (0, 0, False),
    ],
)
def test_the_table(tried: int, alike: int, theirs: bool) -> None:
    assert is_telegrams(tried, alike) is theirs


def test_one_chat_that_fails_again_and_again_is_one_chat() -> None:
    breaker = Breaker()
    assert {breaker.failed(float(n), Id(1), RIGHTS) for n in range(100)} == {Verdict.SUSPEND}


def test_chats_that_fail_differently_do_not_add_up() -> None:
    breaker = Breaker()
    verdicts = [breaker.failed(0.0, Id(n), cause) for n, cause in enumerate([RIGHTS, BLOCKED] * 4)]
    assert set(verdicts) == {Verdict.SUSPEND}


def test_it_lasts_until_the_last_of_them_is_well() -> None:
    breaker = Breaker()
    verdicts = [breaker.failed(0.0, Id(chat), RIGHTS) for chat in range(6)]
    assert verdicts == [*[Verdict.SUSPEND] * 4, Verdict.TRIPPED, Verdict.HOLD]
    for chat in range(5):
        breaker.answered(AGAIN, Id(chat))
    assert breaker.failed(AGAIN, Id(5), RIGHTS) is Verdict.HOLD
    assert breaker.failed(AGAIN, Id(6), BLOCKED) is Verdict.SUSPEND
    breaker.answered(AGAIN + 1, Id(5))
    assert not breaker.holds_any(AGAIN + 1)
    assert breaker.failed(AGAIN + 2, Id(5), RIGHTS) is Verdict.SUSPEND


def test_it_ends_when_nobody_was_tried_for_the_window() -> None:
    breaker = Breaker()
    for chat in range(6):
        breaker.failed(0.0, Id(chat), RIGHTS)
    assert breaker.holds(WINDOW - 1, RIGHTS)
    assert not breaker.holds(WINDOW, RIGHTS)


def test_after_a_day_telegram_is_believed() -> None:
    breaker, now = Breaker(), 0.0
    for chat in range(6):
        breaker.failed(now, Id(chat), RIGHTS)
    while (now := now + AGAIN) < LONGEST:
        assert {breaker.failed(now, Id(chat), RIGHTS) for chat in range(6)} == {Verdict.HOLD}
    verdicts = {breaker.failed(now, Id(chat), RIGHTS) for chat in range(6)}
    assert verdicts == {Verdict.SUSPEND}
    assert not breaker.holds_any(now)


# --- any course of things


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    after: float
    chat: int
    cause: Cause | None


tries = st.lists(
    st.builds(
        Try,
        after=st.sampled_from([0.0, 0.5, 30.0, 299.0, 599.5, 600.0, 5_000.0]),
        chat=st.integers(0, 60),
        cause=st.sampled_from([None, RIGHTS, RIGHTS, RIGHTS, BLOCKED]),
    ),
    max_size=200,
)


@given(tries)
def test_nobody_is_suspended_for_what_is_telegrams(course: Sequence[Try]) -> None:
    breaker, now = Breaker(), 0.0
    past: dict[int, tuple[float, Cause | None]] = {}
    since: dict[Cause, float] = {}

    def alike(cause: Cause) -> int:
        return sum(at > now - WINDOW and why is cause for at, why in past.values())

    for each in course:
        now += each.after
        since = {cause: at for cause, at in since.items() if alike(cause)}
        past[each.chat] = now, each.cause
        tried = sum(at > now - WINDOW for at, _ in past.values())
        if each.cause is None:
            breaker.answered(now, Id(each.chat))
            since = {cause: at for cause, at in since.items() if alike(cause)}
        else:
            verdict = breaker.failed(now, Id(each.chat), each.cause)
            if each.cause in since:
                held = now - since[each.cause] < LONGEST
                assert verdict is (Verdict.HOLD if held else Verdict.SUSPEND)
            elif is_telegrams(tried, alike(each.cause)):
                assert verdict is Verdict.TRIPPED
                since[each.cause] = now
            else:
                assert verdict is Verdict.SUSPEND
        for cause in Cause:
            holds = bool(alike(cause)) and now - since.get(cause, -LONGEST) < LONGEST
            assert breaker.holds(now, cause) is holds
