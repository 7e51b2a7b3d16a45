"""How close to Telegram's limit the pacer runs: ``python -m tests.bench.pace [chats]``.

One token, every chat once, in virtual time: the real `bot.pace.Pace` against a Telegram that
counts by a bucket (30 at once, then 30 a second) or by a sliding window (30 in any second), and
that blocks the token for 5 s where it is overdrawn. Prints the time to the last chat beside the
best that anybody could do, and the 429s. Nothing is measured but the rules: it prints the same on
every machine.
"""

import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random
from typing import Final

from bot.pace import Pace, Permit
from storage.model import TelegramId

CHATS: Final = 3_000
LIMIT: Final = 30
BLOCK: Final = 5.0  # seconds
LATENCY: Final = 0.05  # seconds there and back
_LOOK_AGAIN: Final = 0.005  # seconds that a round may come late


class Bucket:
    """Telegram counting by a bucket."""

    name = "bucket"

    def __init__(self) -> None:
        self.level, self.at = float(LIMIT), 0.0

    def takes(self, now: float) -> bool:
        self.level = min(LIMIT, self.level + (now - self.at) * LIMIT)
        self.at = now
        if self.level < 1:
            return False
        self.level -= 1
        return True

    @staticmethod
    def best(chats: int) -> float:
        return max(0, chats - LIMIT) / LIMIT + LATENCY


class Window:
    """Telegram counting by a sliding second."""

    name = "sliding window"

    def __init__(self) -> None:
        self.taken: deque[float] = deque()

    def takes(self, now: float) -> bool:
        while self.taken and self.taken[0] <= now - 1:
            self.taken.popleft()
        if len(self.taken) >= LIMIT:
            return False
        self.taken.append(now)
        return True

    @staticmethod
    def best(chats: int) -> float:
        return (chats - 1) // LIMIT + LATENCY


@dataclass(slots=True)
class Run:
    """What became of it; times in seconds from the first request."""

    accepted: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    resumed: float | None = None  # of the first message after the forced refusal's time was over


def run(
    telegram: Bucket | Window,
    pace: Pace,
    chats: int,
    jitter: float,
    *,
    force_at: int | None = None,
) -> Run:
    """``jitter``: seconds that each way may be longer or shorter. ``force_at``: the request that
    is refused though there was room; the token is blocked then."""
    random = Random(7)
    todo = deque(range(chats))
    events: list[tuple[float, int, str, int, Permit | float]] = []
    serial = asked = 0
    now = blocked_until = 0.0
    done = Run()

    def at(moment: float, what: str, chat: int, more: Permit | float) -> None:
        nonlocal serial
        serial += 1
        heappush(events, (moment, serial, what, chat, more))

    permits: dict[int, Permit] = {}
    wake = 0.0
    while len(done.accepted) < chats:
        if todo and wake <= now:
            got = pace.take(now, TelegramId(todo[0]), group=False, edit=False)
            if isinstance(got, Permit):
                chat = todo.popleft()
                permits[chat] = got
                way = LATENCY / 2
                at(now + way + random.uniform(-jitter, jitter), "arrives", chat, 0.0)
                continue
            wake = got.until + random.uniform(0, _LOOK_AGAIN)
        if not events or (todo and wake <= events[0][0]):
            now = max(now, wake)
            continue
        now, _, what, chat, seconds = heappop(events)
        if what == "arrives":
            asked += 1
            forced = asked == force_at
            if forced or now < blocked_until or not telegram.takes(now):
                blocked_until = max(blocked_until, now + BLOCK if now >= blocked_until else 0.0)
                at(now + LATENCY / 2, "refused", chat, blocked_until - now)
            else:
                at(now + LATENCY / 2, "accepted", chat, 0.0)
            continue
        pace.answered(permits.pop(chat), now)
        if what == "accepted":
            done.accepted.append(now)
            if done.refused and done.resumed is None and now > done.refused[0] + BLOCK:
                done.resumed = now - LATENCY - (done.refused[0] + BLOCK)
        else:
            assert isinstance(seconds, float)
            done.refused.append(now)
            pace.slow_down(now, seconds, TelegramId(chat))
            todo.appendleft(chat)
        wake = now
    return done


def main() -> None:
    chats = int(sys.argv[1]) if len(sys.argv) > 1 else CHATS
    cases: tuple[tuple[type[Bucket] | type[Window], str, Callable[[], Pace], float], ...] = (
        (Bucket, "catch-up bucket", Pace, 0.005),
        (Bucket, "catch-up bucket", Pace, 0.02),
        (Window, "permit clock", lambda: Pace(bucket=False), 0.005),
        (Window, "permit clock", lambda: Pace(bucket=False), 0.02),
        (Bucket, "permit clock", lambda: Pace(bucket=False), 0.005),
        (Window, "catch-up bucket", Pace, 0.005),
    )
    print(f"{chats:,} chats, {LATENCY * 1000:.0f} ms there and back")
    print("Telegram counts by   paced by           jitter   last chat ÷ best   429s")
    for telegram, paced_by, pace, jitter in cases:
        done = run(telegram(), pace(), chats, jitter)
        ratio = done.accepted[-1] / telegram.best(chats)
        print(
            f"{telegram.name:<20} {paced_by:<18} {jitter * 1000:3.0f} ms"
            f"   {ratio:16.3f} {len(done.refused):6}"
        )
    for telegram in (Bucket, Window):
        done = run(telegram(), Pace(), chats, 0.005, force_at=300)
        first = done.refused[0] + BLOCK
        later = [moment for moment in done.refused if moment > first]
        rate = sum(first <= moment < first + 30 for moment in done.accepted) / 30
        print(
            f"one forced 429, {telegram.name}: first message {done.resumed or 0:.2f} s after its "
            f"time, {rate / LIMIT:.0%} of the rate within 30 s, further 429s {len(later)}"
        )


if __name__ == "__main__":
    main()
