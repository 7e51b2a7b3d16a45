"""When a suspended chat is tried again: the schedule."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.outbox.probe import AFTER, due, is_due, probes_by
from storage.model import Chat, ChatId, ChatKind, ChatState, Lang

THEN = datetime(2026, 5, 3, 21, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ALMOST = timedelta(milliseconds=-1)


def suspended(probes: int, state: ChatState = ChatState.SUSPENDED) -> Chat:
    return Chat(
        id=ChatId(1),
        kind=ChatKind.PRIVATE,
        lang=Lang.RU,
        state=state,
        joined_at=THEN - DAY,
        suspended_at=THEN,
        probes=probes,
    )


@pytest.mark.parametrize(
    ("probes", "later", "is_now"),
    [
        (0, DAY + ALMOST, False),
        (0, DAY, True),
        (0, 100 * DAY, True),
        (1, 7 * DAY + ALMOST, False),
        (1, 7 * DAY, True),
        (2, 30 * DAY + ALMOST, False),
        (2, 30 * DAY, True),
        (3, 1000 * DAY, False),  # left until it speaks
    ],
)
def test_after_1_7_and_30_days(probes: int, later: timedelta, is_now: bool) -> None:
    assert is_due(suspended(probes), THEN + later) is is_now


def test_only_a_suspended_chat_is_probed() -> None:
    assert not is_due(suspended(0, ChatState.STOPPED), THEN + DAY)
    assert not is_due(suspended(1, ChatState.ACTIVE), THEN + 30 * DAY)


@pytest.mark.parametrize(("days", "made"), [(1, 1), (6, 1), (7, 2), (29, 2), (30, 3), (400, 3)])
def test_a_late_probe_stands_for_all_before_it(days: int, made: int) -> None:
    assert probes_by(THEN, THEN + days * DAY) == made


@given(st.lists(st.timedeltas(timedelta(0), timedelta(days=60)), max_size=50))
def test_however_often_it_is_looked_there_are_at_most_three(pauses: list[timedelta]) -> None:
    """And what the storage finds by `due` is what `is_due` says."""
    chat, now, probes = suspended(0), THEN, list[datetime]()
    for pause in pauses:
        now += pause
        since = due(now)
        found = chat.probes < len(since) and since[chat.probes] >= THEN
        assert found is is_due(chat, now)
        if found:
            probes.append(now)
            chat = suspended(probes_by(THEN, now))
            assert not is_due(chat, now)
    assert len(probes) <= len(AFTER)
    assert all(at >= THEN + after for at, after in zip(probes, AFTER, strict=False))
