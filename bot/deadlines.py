"""A time limit for each of many calls, kept by one timer.

`asyncio.timeout` and aiohttp's own ``total`` set a timer for each, nearly always in vain; that was
a fifteenth of what a message costs.
"""

import asyncio
import math
from types import TracebackType


class Deadlines:
    """Of one event loop. The timer stands at the earliest end that was known when it was set;
    whoever ends in time leaves it alone."""

    def __init__(self) -> None:
        self._open: set[_Limit] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._set_to = math.inf  # in the loop's time, as all ends are

    def within(self, seconds: float) -> "_Limit":
        """A context whose body is cancelled after so many seconds, and that raises TimeoutError
        then. A cancellation by anyone else leaves it as it is, as in `asyncio.timeout`."""
        return _Limit(self, asyncio.get_running_loop().time() + seconds)

    def enter(self, limit: "_Limit") -> None:
        self._open.add(limit)
        if limit.end < self._set_to:
            self._set_timer()

    def leave(self, limit: "_Limit") -> bool:
        """Whether it was in time."""
        if limit in self._open:
            self._open.remove(limit)
            return True
        return False

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._open:
            self._set_to = min(limit.end for limit in self._open)
            self._timer = asyncio.get_running_loop().call_at(self._set_to, self._end_those_due)
        else:
            self._set_to, self._timer = math.inf, None

    def _end_those_due(self) -> None:
        now = asyncio.get_running_loop().time()
        for limit in [limit for limit in self._open if limit.end <= now]:
            self._open.remove(limit)
            limit.task.cancel()
        self._set_timer()


class _Limit:
    __slots__ = ("_asked", "_deadlines", "end", "task")

    def __init__(self, deadlines: Deadlines, end: float) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.task = task
        self.end = end
        self._deadlines = deadlines
        self._asked = task.cancelling()  # by others, so far

    def __enter__(self) -> None:
        self._deadlines.enter(self)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._deadlines.leave(self):
            return
        if self.task.uncancel() <= self._asked and kind is asyncio.CancelledError:
            raise TimeoutError from error
