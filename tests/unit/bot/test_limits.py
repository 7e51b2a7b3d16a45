"""How often people may ask, by the table."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.limits import LIMITS, Asked, Limit, Limits, Verdict, Whose

ADMITTED, USER, CHAT, ALL = Verdict.ADMITTED, Verdict.USER, Verdict.CHAT, Verdict.ALL
_FREE = Limit(at_once=1_000_000, a_second=0.0)


def limits(**tight: Limit) -> Limits:
    """Everything free but what is named: ``user=Limit(…)``."""
    named = {Whose(name): limit for name, limit in tight.items()}
    return Limits({(w, a): named.get(w, _FREE) for w, a in product(Whose, Asked)})


def test_every_limit_is_in_the_table() -> None:
    assert set(LIMITS) == set(product(Whose, Asked))


@pytest.mark.parametrize("asked", Asked)
@pytest.mark.parametrize(
    ("whose", "user", "chat", "verdict"),
    [
        (Whose.USER, 5, -7, USER),
        (Whose.USER, 5, None, USER),
        (Whose.PRIVATE, None, 5, CHAT),
        (Whose.GROUP, None, -7, CHAT),
        (Whose.ALL, 5, 5, ALL),
        (Whose.ALL, None, None, ALL),
    ],
)
def test_so_many_at_once_then_so_many_a_second(
    asked: Asked, whose: Whose, user: int | None, chat: int | None, verdict: Verdict
) -> None:
    books = limits(**{whose: Limit(at_once=3, a_second=0.5)})
    asks = [(t, books.admits(t, asked, user=user, chat=chat)) for t in (0, 0, 0, 0, 1, 2, 2, 100)]
    asks += [(100, books.admits(100, asked, user=user, chat=chat)) for _ in range(3)]
    assert [said for _, said in asks] == [
        ADMITTED, ADMITTED, ADMITTED, verdict,  # at once
        verdict, ADMITTED, verdict,  # one every two seconds
        ADMITTED, ADMITTED, ADMITTED, verdict,  # it fills up to three, no further
    ]  # fmt: skip


def test_commands_and_presses_are_counted_apart() -> None:
    books = limits(user=Limit(at_once=1, a_second=0))
    assert books.admits(0, Asked.COMMAND, user=5, chat=5) is ADMITTED
    assert books.admits(0, Asked.COMMAND, user=5, chat=5) is USER
    assert books.admits(0, Asked.PRESS, user=5, chat=5) is ADMITTED


def test_whoever_asks_too_much_takes_nothing_from_others() -> None:
    books = limits(user=Limit(at_once=2, a_second=0), all=Limit(at_once=4, a_second=0))
    said = [books.admits(0, Asked.COMMAND, user=5, chat=-7) for _ in range(1000)]
    assert said.count(ADMITTED) == 2
    assert [books.admits(0, Asked.COMMAND, user=u, chat=-7) for u in (6, 8, 9)] == [
        ADMITTED, ADMITTED, ALL,
    ]  # fmt: skip


def test_a_person_is_counted_in_all_chats_together() -> None:
    books = limits(user=Limit(at_once=2, a_second=0))
    said = [books.admits(0, Asked.PRESS, user=5, chat=chat) for chat in (-1, -2, -3)]
    assert said == [ADMITTED, ADMITTED, USER]


def test_a_crowd_takes_no_more_memory_than_was_set() -> None:
    books = Limits(most_known=100)
    for user in range(5_000):
        books.admits(user / 1000, Asked.COMMAND, user=user, chat=user)
    assert books.known == 100


@given(
    st.lists(
        st.tuples(
            st.floats(0, 5),
            st.sampled_from(Asked),
            st.integers(1, 4),
            st.sampled_from((-2, -1, 1, 2)),
        ),
        max_size=200,
    )
)
def test_no_window_holds_more_than_the_limit_of_all(
    asks: list[tuple[float, Asked, int, int]],
) -> None:
    books, now = Limits(), 0.0
    admitted: list[tuple[float, Asked]] = []
    for pause, asked, user, chat in asks:
        now += pause
        if books.admits(now, asked, user=user, chat=chat) is ADMITTED:
            admitted.append((now, asked))
    for asked in Asked:
        limit = LIMITS[Whose.ALL, asked]
        times = [at for at, each in admitted if each is asked]
        if times:
            most = limit.at_once + limit.a_second * (times[-1] - times[0])
            assert len(times) <= most + 1e-6


def test_a_flood_of_strangers_does_not_lock_operators_out() -> None:
    limits, refused = Limits(), 0
    for second in range(60):
        for n in range(20):
            who = 1_000 + second * 20 + n
            limits.admits(second + n / 20, Asked.COMMAND, user=who, chat=who)
        if second % 3 == 0:
            got = limits.admits(second + 0.999, Asked.COMMAND, user=1, chat=1, operator=True)
            refused += got is not Verdict.ADMITTED
    assert refused == 0
