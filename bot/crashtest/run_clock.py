"""One domain time for all processes of a run: the machine's monotonic clock, scaled."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SPEED = 600.0
"""So a card that waits ten seconds for its edit waits 17 ms."""
_START = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunClock:
    """``origin``: of the run, in seconds of `time.monotonic`, which all processes share."""

    origin: float

    def now(self) -> datetime:
        return _START + timedelta(seconds=self.monotonic())

    def seconds_until(self, at: datetime) -> float:
        return max(0.0, (at - self.now()).total_seconds() / SPEED)

    def monotonic(self) -> float:
        """Scaled too: at the real pace a chat would be told one thing a second."""
        return (time.monotonic() - self.origin) * SPEED
