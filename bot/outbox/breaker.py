"""Whose fault it is that chats refuse us: their own, or Telegram's. Pure; ``now`` is monotonic
seconds.

On 2023-10-31 bots with full rights were told «not enough rights» for hours (PITFALLS): whoever
believed that would have been silent to everybody. So when too many of those tried fail alike, no
more are suspended for it, and they are tried again.
"""

import math
from collections import Counter, OrderedDict
from enum import StrEnum
from typing import Final

from bot.outcome import Cause
from storage.model import TelegramId

WINDOW: Final = 600.0  # seconds
AGAIN: Final = WINDOW / 2
"""Seconds until a chat is tried again meanwhile: while it still fails, the window knows of it."""
LONGEST: Final = 86_400.0
"""Seconds after which Telegram is believed. What is left are chats that really shut us out, for
which others were mistaken."""

_THEIRS: Final = (
    # so many chats failed alike, and more than this share of those tried
    (20, 0.02),
    (5, 0.5),  # a bot of few chats: half of them at once is no chance
)


class Verdict(StrEnum):
    """What to do about a chat that failed."""

    SUSPEND = "suspend"
    TRIPPED = "tripped"  # Telegram's fault as from now: take back what was done within WINDOW
    HOLD = "hold"  # Telegram's fault still: not suspended, tried again after AGAIN


def is_telegrams(tried: int, alike: int) -> bool:
    return any(alike >= least and alike > share * tried for least, share in _THEIRS)


class Breaker:
    """What became of the last message to each chat tried within the window. A chat that is
    suspended already does not belong here: that it fails says nothing new.

    Nothing of it outlives the program: after a restart the first to fail are suspended, and
    active again when it trips.
    """

    def __init__(self) -> None:
        self._last: OrderedDict[TelegramId, tuple[float, Cause | None]] = (
            OrderedDict()
        )  # oldest first
        self._alike: Counter[Cause] = Counter()
        self._since: dict[Cause, float] = {}  # when it became Telegram's fault

    def answered(self, now: float, chat: TelegramId) -> None:
        """The chat took a message, or it was the message that was refused."""
        self._note(now, chat, None)
        self._forget(now)

    def failed(self, now: float, chat: TelegramId, cause: Cause) -> Verdict:
        self._note(now, chat, cause)
        if cause not in self._since:
            if not is_telegrams(len(self._last), self._alike[cause]):
                return Verdict.SUSPEND
            self._since[cause] = now
            return Verdict.TRIPPED
        return Verdict.HOLD if self.holds(now, cause) else Verdict.SUSPEND

    def holds(self, now: float, cause: Cause) -> bool:
        """Once tripped, until no chat fails alike any more, at most for LONGEST."""
        self._forget(now)
        return now - self._since.get(cause, -math.inf) < LONGEST

    def holds_any(self, now: float) -> bool:
        return any(self.holds(now, cause) for cause in tuple(self._since))

    def _note(self, now: float, chat: TelegramId, cause: Cause | None) -> None:
        self._forget(now)
        self._drop(chat)
        self._last[chat] = now, cause
        if cause is not None:
            self._alike[cause] += 1

    def _forget(self, now: float) -> None:
        while self._last:
            chat, (at, _) = next(iter(self._last.items()))
            if at > now - WINDOW:
                break
            self._drop(chat)
        for cause in tuple(self._since):
            if not self._alike[cause]:
                del self._since[cause]

    def _drop(self, chat: TelegramId) -> None:
        _, cause = self._last.pop(chat, (0.0, None))
        if cause is not None:
            self._alike[cause] -= 1
