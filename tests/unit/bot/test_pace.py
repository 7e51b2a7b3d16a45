"""The limits hold under any delays on the way, and nothing waits without need."""

from dataclasses import dataclass
from heapq import heappop, heappush
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pace import Hold, Pace, Permit, Wait
from storage.model import TelegramId as Id

PRIVATE = (1, 2, 3, 4, 5, 6)
GROUP = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """After ``delay`` seconds somebody wants to write; the answer would take ``latency``, and the
    call arrive when so much of that (``reach``) has passed."""

    delay: float
    chat: int
    edit: bool
    command: bool
    latency: float
    reach: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    ask: Ask
    at: float

    @property
    def arrived(self) -> float:
        return self.at + self.ask.reach * self.ask.latency

    @property
    def answered(self) -> float:
        return self.at + self.ask.latency


def asked(random: Random) -> list[Ask]:
    """A rush or a calm, over all chats or mostly the group. Binary fractions: sums are exact."""
    delays = random.choice(((0.0, 0.0, 0.0, 0.125), (0.0, 0.5, 1.0, 1.0)))
    chats = random.choice(((*PRIVATE, GROUP), (1, GROUP, GROUP, GROUP)))
    latencies = random.choice(((0.0, 0.125, 0.25), (0.0, 0.5, 3.0)))
    edits, commands = random.random(), random.choice((0.0, 0.3))
    return [
        Ask(
            delay=random.choice(delays),
            chat=random.choice(chats),
            edit=random.random() < edits,
            command=random.random() < commands,
            latency=random.choice(latencies),
            reach=random.choice((0.0, 0.5, 1.0)),
        )
        for _ in range(200)
    ]


def most_within(moments: list[float], seconds: float) -> int:
    """The most moments that any half-open window of so many seconds holds."""
    moments = sorted(moments)
    return max(
        (sum(start <= m < start + seconds for m in moments) for start in moments), default=0
    )


def has_room(made: list[Made], ask: Ask, now: float, per_second: int, *, pressed: bool) -> bool:
    """The rules, said once more and plainly, without a reserve. ``pressed``: an alert had to wait
    for the token within the last two seconds."""

    def taken(seconds: float, of: list[Made]) -> int:
        return sum(now < call.answered + seconds for call in of)

    here = [call for call in made if call.ask.chat == ask.chat]
    aside = [call for call in here if call.ask.edit or call.ask.command]
    alerts = [call for call in made if not call.ask.command]
    edits = [call for call in alerts if call.ask.edit]
    kept = per_second // 2 if ask.command else 0
    room = taken(1, made) + kept < per_second and taken(1, here) < 1
    room = room and not (ask.command and pressed)
    if ask.chat == GROUP:
        room = room and taken(60, here) < 20
        room = room and (taken(60, aside) < 10 or not (ask.edit or ask.command))
    return room and (ask.command or not ask.edit or taken(1, edits) < int(per_second * 0.8))


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 1_000_000), per_second=st.sampled_from((3, 6)))
def test_grants_exactly_what_the_limits_leave(seed: int, per_second: int) -> None:
    pace = Pace(per_second=per_second, reserve=0, bucket=False)
    now = 1000.0
    pressed_until = now
    made: list[Made] = []
    unanswered: list[tuple[float, int, Permit]] = []
    for ask in asked(Random(seed)):
        now += ask.delay
        while unanswered and unanswered[0][0] <= now:
            moment, _, permit = heappop(unanswered)
            pace.answered(permit, moment)
        group = ask.chat == GROUP
        got = pace.take(now, Id(ask.chat), group=group, edit=ask.edit, command=ask.command)
        pressed = now < pressed_until
        assert isinstance(got, Permit) == has_room(made, ask, now, per_second, pressed=pressed)
        full = sum(now < call.answered + 1 for call in made) >= per_second
        if full and not ask.command:
            pressed_until = now + 2
        if isinstance(got, Permit):
            made.append(Made(ask=ask, at=now))
            heappush(unanswered, (now + ask.latency, len(made), got))
        else:
            assert got.until > now
    assert most_within([call.arrived for call in made], 1.0) <= per_second
    for chat in (*PRIVATE, GROUP):
        arrived = [call.arrived for call in made if call.ask.chat == chat]
        assert most_within(arrived, 1.0) <= 1
        assert chat in PRIVATE or most_within(arrived, 60.0) <= 20


def spoken(
    pace: Pace, now: float, chat: int, *, group: bool = False, edit: bool = False
) -> Permit:
    """Taken and answered at once."""
    permit = pace.take(now, Id(chat), group=group, edit=edit)
    assert isinstance(permit, Permit)
    pace.answered(permit, now)
    return permit


def held(pace: Pace, now: float, chat: int, *, group: bool = False, edit: bool = False) -> Wait:
    wait = pace.take(now, Id(chat), group=group, edit=edit)
    assert isinstance(wait, Wait)
    return wait


@given(answers=st.lists(st.floats(0, 3), min_size=30, max_size=30))
def test_until_is_when_the_next_permit_comes_back(answers: list[float]) -> None:
    pace = Pace(bucket=False)
    permits = [pace.take(0.0, Id(chat), group=False, edit=False) for chat in range(30)]
    for permit, answered in zip(permits, sorted(answers), strict=True):
        assert isinstance(permit, Permit)
        pace.answered(permit, answered)
    wait = held(pace, max(answers), 99) if min(answers) + 1 > max(answers) else None
    if wait is not None:
        assert wait == Wait(until=min(answers) + 1, why=Hold.TOKEN)
        assert isinstance(pace.take(wait.until, Id(99), group=False, edit=False), Permit)


def test_until_is_a_period_away_while_no_answer_has_come() -> None:
    pace = Pace()
    assert isinstance(pace.take(0.0, Id(1), group=False, edit=False), Permit)
    assert held(pace, 0.7, 1) == Wait(until=1.7, why=Hold.CHAT)


@pytest.mark.parametrize(("bucket", "sent"), [(False, 300), (True, 28 + 10 * 30)])
def test_alerts_have_the_whole_rate(bucket: bool, sent: int) -> None:
    """With instant answers, second after second."""
    pace = Pace(bucket=bucket)
    now, made = 0.0, 0
    while now < 10:
        got = pace.take(now, Id(made), group=False, edit=False)
        if isinstance(got, Permit):
            pace.answered(got, now)
            made += 1
        else:
            now = got.until
    assert abs(made - sent) <= 1


@settings(deadline=None)
@given(waits=st.lists(st.sampled_from((0.0, 0.0, 0.01, 0.04, 0.5, 2.0)), max_size=300))
def test_the_bucket_is_never_overdrawn_and_never_waits_without_need(waits: list[float]) -> None:
    pace, now, made, level = Pace(per_second=10), 0.0, 0, 8.0
    for wait in waits:
        now, level = now + wait, min(8.0, level + wait * 10)
        got = pace.take(now, Id(made), group=False, edit=False)
        assert isinstance(got, Permit) == (level > 1 - 1e-6) or abs(level - 1) < 1e-6
        if isinstance(got, Permit):
            pace.answered(got, now)
            level, made = level - 1, made + 1
        else:
            assert got.until - now <= (1 - level) / 10 + 1e-6


@settings(deadline=None)
@given(seed=st.integers(min_value=0))
def test_the_bucket_is_not_overdrawn_whatever_the_delays(seed: int) -> None:
    """Calls are kept in the database first, overtake each other and are counted on the way."""
    random = Random(seed)
    pace, now, made = Pace(per_second=10), 0.0, 0
    arrivals: list[float] = []
    answers: list[tuple[float, int, Permit]] = []
    for _ in range(200):
        now += random.choice((0.0, 0.0, 0.05, 0.3, 2.0))
        while answers and answers[0][0] <= now:
            at, _, permit = heappop(answers)
            pace.answered(permit, at)
        got = pace.take(now, Id(made), group=False, edit=False)
        if isinstance(got, Permit):
            made += 1
            late = random.choice((0.0, 0.05, 0.5, 1.5))
            arrivals.append(now + late * random.random())
            heappush(answers, (now + late, made, got))
    level, at = 8.0, 0.0
    for arrived in sorted(arrivals):
        level, at = min(8.0, level + (arrived - at) * 10) - 1, arrived
        assert level > -1e-6


def test_the_first_429_ends_the_bucket_for_good() -> None:
    pace = Pace()
    for chat in range(28):
        assert isinstance(pace.take(0.0, Id(chat), group=False, edit=False), Permit)
    pace.slow_down(0.1, 5.0, Id(1))
    for chat in (50, 51):
        spoken(pace, 0.1, chat)
    # The clock has counted all along: nothing comes back before it is answered.
    assert held(pace, 0.2, 52).why is Hold.TOKEN


@pytest.mark.parametrize("bucket", [False, True])
def test_an_answer_that_waits_has_the_next_permit(bucket: bool) -> None:
    pace = Pace(per_second=4, reserve=2, bucket=bucket)
    chat = 0
    while isinstance(got := pace.take(0.0, Id(chat), group=False, edit=False), Permit):
        pace.answered(got, 0.0)
        chat += 1
    wait = pace.take(0.0, Id(90), group=False, edit=False, command=True)
    assert isinstance(wait, Wait)
    while isinstance(got := pace.take(wait.until, Id(chat), group=False, edit=False), Permit):
        chat += 1
    assert got.why is Hold.TOKEN_ALERTS
    command = pace.take(wait.until, Id(90), group=False, edit=False, command=True)
    assert isinstance(command, Permit)


@pytest.mark.parametrize("bucket", [False, True])
def test_a_flood_of_commands_leaves_alerts_nearly_all(bucket: bool) -> None:
    pace = Pace(bucket=bucket)
    now, alerts, answers = 0.0, 0, 0
    while now < 10:
        for turn in range(3):
            command = turn != 1
            chat = 1_000_000 + answers if command else alerts
            got = pace.take(now, Id(chat), group=False, edit=False, command=command)
            if isinstance(got, Permit):
                pace.answered(got, now)
                answers, alerts = answers + command, alerts + (not command)
        now += 0.005
    assert alerts >= 10 * 28 - 15
    assert answers >= 15


def test_answers_alone_leave_half_of_the_token() -> None:
    pace = Pace(bucket=False)
    chat = 0
    while isinstance(
        got := pace.take(0.0, Id(chat), group=False, edit=False, command=True), Permit
    ):
        pace.answered(got, 0.0)
        chat += 1
    assert chat == 15
    for alert in range(100, 115):
        spoken(pace, 0.0, alert)


def test_edits_leave_a_fifth_to_messages() -> None:
    pace = Pace()
    for chat in range(24):
        spoken(pace, 0.0, chat, edit=True)
    assert held(pace, 0.0, 50, edit=True) == Wait(until=1.0, why=Hold.TOKEN_EDITS)
    for chat in range(50, 54):
        spoken(pace, 0.0, chat)


def test_a_group_hears_twenty_a_minute_of_which_ten_are_edits() -> None:
    pace = Pace()
    for second in range(0, 20, 2):
        spoken(pace, float(second), -1, group=True, edit=True)
    assert held(pace, 20.0, -1, group=True, edit=True).why is Hold.GROUP_ASIDE
    command = pace.take(20.0, Id(-1), group=True, edit=False, command=True)
    assert isinstance(command, Wait)  # a flood of commands in a group cannot silence its alerts
    for second in range(20, 40, 2):
        spoken(pace, float(second), -1, group=True)
    assert held(pace, 40.0, -1, group=True) == Wait(until=60.0, why=Hold.GROUP)
    spoken(pace, 60.0, -1, group=True)


def test_flood_of_one_chat_is_its_own() -> None:
    pace = Pace()
    pace.slow_down(0.0, 86_400.0, Id(1))
    assert held(pace, 5.0, 1) == Wait(until=86_400.0, why=Hold.CHAT_FLOOD)
    for moment in range(10):  # the same chat again and again is still one chat
        pace.slow_down(float(moment), 3.0, Id(1))
    spoken(pace, 10.0, 2)
    assert held(pace, 10.0, 1).until == 86_400.0


def test_flood_of_several_chats_stops_all_for_the_shortest_time_named() -> None:
    pace = Pace()
    for chat, seconds in ((1, 86_400.0), (2, 7.0), (3, 30.0)):
        pace.slow_down(float(chat), seconds, Id(chat))
    assert held(pace, 4.0, 99) == Wait(until=10.0, why=Hold.FLOOD)
    spoken(pace, 10.0, 99)


def test_complaints_far_apart_are_no_flood() -> None:
    pace = Pace()
    for chat in range(5):
        pace.slow_down(chat * 4.0, 100.0, Id(chat))
    spoken(pace, 20.0, 99)


def test_answering_twice_frees_once() -> None:
    pace = Pace(per_second=2, reserve=0, bucket=False)
    first = spoken(pace, 0.0, 1)
    pace.answered(first, 0.1)
    spoken(pace, 0.2, 2)
    assert held(pace, 0.3, 3).until == 1.0


@pytest.mark.parametrize("bucket", [True, False])
@pytest.mark.parametrize("group", [True, False])
def test_a_permit_of_which_no_use_was_made_costs_nothing(*, bucket: bool, group: bool) -> None:
    pace = Pace(per_second=3, reserve=0, bucket=bucket)
    unused: Permit | Wait | None = None
    for _ in range(100):
        unused = pace.take(0.0, Id(1), group=group, edit=True)
        assert isinstance(unused, Permit)
        pace.returned(unused)
        pace.returned(unused)
    assert isinstance(unused, Permit)
    one = 1 if bucket else 3  # the bucket's capacity, or the clock's
    for chat in range(one):
        spoken(pace, 0.0, chat)
    assert held(pace, 0.0, 99).why is Hold.TOKEN
    pace.returned(unused)
    assert held(pace, 0.0, 98).why is Hold.TOKEN


def test_a_permit_never_answered_comes_back_after_a_minute() -> None:
    pace = Pace(per_second=1, reserve=0, bucket=False)
    assert isinstance(pace.take(0.0, Id(1), group=False, edit=False), Permit)
    assert isinstance(pace.take(59.0, Id(2), group=False, edit=False), Wait)
    assert held(pace, 60.0, 2).until == 61.0
    spoken(pace, 61.0, 2)


@pytest.mark.parametrize("group", [False, True])
def test_memory_is_bounded(group: bool) -> None:
    pace = Pace()
    for chat in range(20_000):
        now = chat / 20
        spoken(pace, now, chat, group=group)
        pace.slow_down(now, 0.5, Id(chat % 2))
    assert pace.remembered < (1_300 if group else 50)


def test_refused_chats_are_not_remembered() -> None:
    pace = Pace(per_second=1, reserve=0, bucket=False)
    spoken(pace, 0.0, -1)
    for chat in range(1_000):
        held(pace, 0.5, chat)
    assert pace.remembered == 1


def test_many_chats_told_a_day_do_not_silence_the_token_for_a_day() -> None:
    pace = Pace()
    for chat in (1, 2, 3, 4):
        pace.slow_down(100.0, 86_400.0, Id(chat))
    held = pace.take(101.0, Id(5), group=False, edit=False)
    assert isinstance(held, Wait)
    assert held.until <= 160.0
    assert isinstance(pace.take(161.0, Id(5), group=False, edit=False), Permit)
