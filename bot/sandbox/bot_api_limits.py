"""Telegram's limits on sending, as sliding windows. Pure: the time is an argument.

The numbers are those of Telegram's FAQ for bots; the real ones are unpublished.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    count: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    per_token: Rate = Rate(count=30, seconds=1.0)
    per_token_paid: Rate = Rate(count=1_000, seconds=1.0)
    per_chat: Rate = Rate(count=1, seconds=1.0)
    per_group: Rate = Rate(count=20, seconds=60.0)
    # A sender that paces by exactly these rates must not be refused for the jitter of the wire.
    slack: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class TooMany:
    retry_after: int  # whole seconds, at least 1


class Windows:
    """Remembers what was admitted; what is refused does not count."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._admitted: dict[tuple[str, object, Rate], deque[float]] = {}

    def admit(
        self, *, token: str, chat_id: int, group: bool, paid: bool, now: float
    ) -> Admitted | TooMany:
        """`now` is of a monotonic clock, in seconds."""
        limits = self._limits
        per_token = limits.per_token_paid if paid else limits.per_token
        windows: list[tuple[Rate, deque[float]]] = [
            (rate, self._admitted.setdefault((token, scope, rate), deque(maxlen=rate.count)))
            for scope, rate in (
                (None, per_token),
                (chat_id, limits.per_chat),
                *(((chat_id, limits.per_group),) if group else ()),
            )
        ]
        wait = max(_wait(rate, window, now, limits.slack) for rate, window in windows)
        if wait > 0:
            return TooMany(retry_after=max(1, math.ceil(wait)))
        for _, window in windows:
            window.append(now)
        return Admitted()


def _wait(rate: Rate, window: Sequence[float], now: float, slack: float) -> float:
    if len(window) < rate.count:
        return 0.0
    return window[0] + rate.seconds - slack - now
