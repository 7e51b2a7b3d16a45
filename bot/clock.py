"""Domain time: what «now» means for posts, alerts and jobs. Pacing, time-outs and latency use
the monotonic clock and are never scaled."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime: ...

    def seconds_until(self, at: datetime) -> float:
        """Real seconds until then, 0 if it is past."""
        ...


class SystemClock:
    """The world's own."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def seconds_until(self, at: datetime) -> float:
        return max(0.0, (at - self.now()).total_seconds())


class ScaledClock:
    """Stands at ``start`` until `begin`, then runs ``speed`` times as fast as real time."""

    def __init__(
        self, start: datetime, speed: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._start = start
        self._speed = speed
        self._monotonic = monotonic
        self._begun: float | None = None

    def begin(self) -> None:
        self._begun = self._monotonic()

    def now(self) -> datetime:
        if self._begun is None:
            return self._start
        passed = (self._monotonic() - self._begun) * self._speed
        return self._start + timedelta(seconds=passed)

    def seconds_until(self, at: datetime) -> float:
        return max(0.0, (at - self.now()).total_seconds() / self._speed)
