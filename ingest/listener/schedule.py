"""Pure: which channel is read next. Times are monotonic seconds."""

import math
from collections.abc import Collection, Sequence

from storage.model import AreaCode, Channel, ChannelId

_WEIGHT_IN_DANGER = 3.0
"""A channel of a region in danger is read so much more often than the others."""


class Schedule:
    """Round robin over the channels that may be read now.

    A flood wait holds its channel alone; a second channel that is told to wait before any read
    succeeded shows that Telegram means the account, and then all are held.
    """

    def __init__(self) -> None:
        self._read_at: dict[ChannelId, float] = {}
        self._held_until: dict[ChannelId, float] = {}
        self._all_held_until = -math.inf
        self._flooded: set[ChannelId] = set()

    def next(
        self, channels: Sequence[Channel], in_danger: Collection[AreaCode], now: float
    ) -> Channel | None:
        """The one that waited longest, or None if all are held."""

        def waited(channel: Channel) -> float:
            weight = _WEIGHT_IN_DANGER if channel.area in in_danger else 1.0
            return (now - self._read_at.get(channel.id, -math.inf)) * weight

        free = [channel for channel in channels if self.is_free(channel.id, now)]
        return max(free, key=waited, default=None)

    def is_free(self, channel: ChannelId, now: float) -> bool:
        return now >= max(self._held_until.get(channel, -math.inf), self._all_held_until)

    def was_read(self, channel: ChannelId, now: float) -> None:
        self._read_at[channel] = now
        self._held_until.pop(channel, None)
        self._flooded.clear()

    def hold(self, channel: ChannelId, seconds: float, now: float) -> None:
        self._read_at[channel] = now
        self._held_until[channel] = now + seconds

    def flooded(self, channel: ChannelId, seconds: float, now: float) -> None:
        self.hold(channel, seconds, now)
        self._flooded.add(channel)
        if len(self._flooded) > 1:
            self._all_held_until = max(self._all_held_until, now + seconds)

    def hurry(self, channel: ChannelId) -> None:
        """Something happened to it: read it next, unless it is held."""
        self._read_at.pop(channel, None)
