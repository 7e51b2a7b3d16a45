"""How fast one bot may speak: per token, per chat, per group. Pure; ``now`` is monotonic seconds.

Telegram counts a message somewhere between our asking and its answer. So a permit is given back
one period after its *answer*: whatever the delays on the way, no sliding window at Telegram's end
sees more than the limit.
"""

import math
from collections import OrderedDict, deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PER_SECOND: Final = 30
RESERVE: Final = 2
"""Permits of a token that only answers to commands may take."""
_EDITS_SHARE: Final = 0.8  # of a token's permits
_PER_GROUP: Final = 20
_ASIDE_PER_GROUP: Final = 10  # edits and answers to commands: the other half is for alerts
_MINUTE: Final = 60.0
# A permit that nobody answers (a bug of the caller) comes back after so many seconds.
_FORGOTTEN: Final = 60.0
# A flood of the whole token: so many different chats complained within so many seconds.
_FLOOD_CHATS: Final = 3
_FLOOD_WITHIN: Final = 5.0
# Then we try again, whatever was named: chats that are told «a day» say nothing of the others.
_LONGEST_FLOOD: Final = 60.0
_MAX_PAUSES: Final = 10_000


class Hold(StrEnum):
    """What a message waits for. TOKEN and FLOOD hold every chat, TOKEN_ALERTS all but answers
    to commands, TOKEN_EDITS every edit; the others this chat alone."""

    FLOOD = "flood"
    TOKEN = "token"
    TOKEN_ALERTS = "token_alerts"
    TOKEN_EDITS = "token_edits"
    CHAT_FLOOD = "chat_flood"
    CHAT = "chat"
    GROUP = "group"
    GROUP_ASIDE = "group_aside"


class _Window:
    """At most ``capacity`` permits from their taking until ``seconds`` after their answer."""

    __slots__ = ("capacity", "cooling", "hold", "in_flight", "seconds")

    def __init__(self, hold: Hold, capacity: int, seconds: float) -> None:
        self.hold = hold
        self.capacity = capacity
        self.seconds = seconds
        self.in_flight = 0
        self.cooling: deque[float] = deque()  # when each comes back, in order

    def free_at(self, now: float) -> float:
        """``now`` if one more fits, else the earliest time that it may; those in flight come
        back no sooner than if they were answered now."""
        self._cool(now)
        if self.in_flight + len(self.cooling) < self.capacity:
            return now
        return self.cooling[0] if self.cooling else now + self.seconds

    def answered(self, now: float) -> None:
        self.in_flight -= 1
        self.cooling.append(now + self.seconds)

    def is_idle(self, now: float) -> bool:
        self._cool(now)
        return not self.in_flight and not self.cooling

    def _cool(self, now: float) -> None:
        while self.cooling and self.cooling[0] <= now:
            self.cooling.popleft()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Permit:
    """To make one call now. Give it back by ``Pace.answered``, also when the call failed."""

    chat: int
    taken_at: float
    windows: tuple[_Window, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Not before ``until``; then ask again, an answer still owed may move it further."""

    until: float
    why: Hold


class Pace:
    """The books of one token. ``now`` must never go back from one call to the next."""

    def __init__(self, *, per_second: int = PER_SECOND, reserve: int = RESERVE) -> None:
        alerts = max(1, per_second - reserve)
        edits = max(1, min(alerts, int(per_second * _EDITS_SHARE)))
        self._token = _Window(Hold.TOKEN, per_second, 1.0)
        self._alerts = _Window(Hold.TOKEN_ALERTS, alerts, 1.0)
        self._edits = _Window(Hold.TOKEN_EDITS, edits, 1.0)
        self._chats: OrderedDict[int, tuple[_Window, ...]] = OrderedDict()  # last taken last
        self._in_flight: dict[Permit, None] = {}  # in order of taking
        self._pauses: dict[int, float] = {}
        self._complaints: deque[tuple[float, int, float]] = deque(maxlen=100)
        self._flood_until = -math.inf

    def take(
        self, now: float, chat: int, *, group: bool, edit: bool, command: bool = False
    ) -> Permit | Wait:
        """``group``: a group or channel, which has a limit a minute. ``command``: an answer to
        somebody's command or button; edits among them are not counted as edits of a token."""
        self._recall(now)
        of_chat = self._chats.get(chat) or _windows(group=group)
        aside = edit or command
        windows = [self._token, *(of_chat if aside else of_chat[:2])]
        if not command:
            windows.append(self._alerts)
            if edit:
                windows.append(self._edits)
        until, why = now, Hold.TOKEN
        for window in windows:
            if (free_at := window.free_at(now)) > until:
                until, why = free_at, window.hold
        if (paused := self._pauses.get(chat, now)) > until:
            until, why = paused, Hold.CHAT_FLOOD
        if self._flood_until > until:
            until, why = self._flood_until, Hold.FLOOD
        if until > now:
            return Wait(until=until, why=why)
        for window in windows:
            window.in_flight += 1
        self._chats[chat] = of_chat
        self._chats.move_to_end(chat)
        permit = Permit(chat=chat, taken_at=now, windows=tuple(windows))
        self._in_flight[permit] = None
        return permit

    def answered(self, permit: Permit, now: float) -> None:
        """The call is over: accepted, refused or given up. A second time changes nothing."""
        if permit in self._in_flight:
            del self._in_flight[permit]
            for window in permit.windows:
                window.answered(now)

    def slow_down(self, now: float, seconds: float, chat: int) -> None:
        """A 429 for this chat: it pauses. Several chats at once: the token pauses, for the
        shortest time that was named, at most a minute."""
        self._pauses[chat] = max(self._pauses.get(chat, now), now + seconds)
        if len(self._pauses) > _MAX_PAUSES:
            self._pauses = {c: until for c, until in self._pauses.items() if until > now}
            if len(self._pauses) > _MAX_PAUSES:
                del self._pauses[min(self._pauses, key=self._pauses.__getitem__)]
        self._complaints.append((now, chat, seconds))
        while self._complaints[0][0] < now - _FLOOD_WITHIN:
            self._complaints.popleft()
        if len({complainer for _, complainer, _ in self._complaints}) >= _FLOOD_CHATS:
            shortest = min(named for _, _, named in self._complaints)
            self._flood_until = max(self._flood_until, now + min(shortest, _LONGEST_FLOOD))

    @property
    def remembered(self) -> int:
        """Chats in the books: those written to within the last minute or so, or in flight."""
        return len(self._chats)

    def _recall(self, now: float) -> None:
        """Takes back permits never answered, drops a few chats that have nothing to count."""
        while self._in_flight:
            oldest = next(iter(self._in_flight))
            if oldest.taken_at + _FORGOTTEN > now:
                break
            self.answered(oldest, now)
        for _ in range(2):
            if not self._chats:
                break
            chat, windows = next(iter(self._chats.items()))
            if not all(window.is_idle(now) for window in windows):
                break
            del self._chats[chat]
            if self._pauses.get(chat, now) <= now:
                self._pauses.pop(chat, None)


def _windows(*, group: bool) -> tuple[_Window, ...]:
    """Of one chat: the last one counts what is no new alert."""
    chat = _Window(Hold.CHAT, 1, 1.0)
    if not group:
        return (chat,)
    in_all = _Window(Hold.GROUP, _PER_GROUP, _MINUTE)
    return chat, in_all, _Window(Hold.GROUP_ASIDE, _ASIDE_PER_GROUP, _MINUTE)
