"""How fast one bot may speak: per token, per chat, per group. Pure; ``now`` is monotonic seconds.

Nobody outside Telegram knows how it counts. Two clocks are safe, each against one way:

* the bucket: so many at once, then so many a second, and what a late round has missed is caught
  up. It loses nothing to the way there and back, and holds under any delays while Telegram counts
  likewise. It is in use until the first 429;
* the permit clock: a permit is given back one period after its *answer*. Whatever the delays on
  the way, no sliding window at Telegram's end sees more than the limit. It costs one latency a
  second, is in use from the first 429 on, and always for what a chat or a group may hear.
"""

import math
from collections import OrderedDict, deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from storage.model import TelegramId

PER_SECOND: Final = 30
RESERVE: Final = 2
"""Answers to commands that alerts leave room for within a second, while such answers wait; with
nobody waiting alerts have all. Beyond these, answers leave half of the token to alerts, and all
of it while alerts wait."""
_SLACK: Final = 2
"""What the bucket lacks of Telegram's: two messages may be so many periods of a message closer
together at Telegram's end than at ours."""
_PROMISED: Final = 2.0  # seconds that a permit is kept for an answer that had to wait
_PRESSED: Final = 2.0  # seconds that alerts are taken for waiting, after one had to
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

    def free_at(self, now: float, keep: int = 0) -> float:
        """``now`` if one more fits and leaves ``keep``, else the earliest time that it may; those
        in flight come back no sooner than if they were answered now."""
        self._cool(now)
        over = self.in_flight + len(self.cooling) + keep - self.capacity
        if over < 0:
            return now
        return self.cooling[over] if over < len(self.cooling) else now + self.seconds

    def take(self) -> None:
        self.in_flight += 1

    def answered(self, now: float) -> None:
        self.returned()
        self.cooling.append(now + self.seconds)

    def returned(self) -> None:
        self.in_flight -= 1

    def is_idle(self, now: float) -> bool:
        self._cool(now)
        return not self.in_flight and not self.cooling

    def _cool(self, now: float) -> None:
        while self.cooling and self.cooling[0] <= now:
            self.cooling.popleft()


class _Bucket:
    """At most ``capacity`` at once, and ``rate`` a second, at Telegram's end.

    When a call is counted there, on the way between its taking and its answer, nobody knows. At
    best the bucket there is full then, so what is in flight is never filled up again here: in any
    stretch of time no more arrive than were in flight when it began and were taken in it.
    """

    __slots__ = ("at", "capacity", "hold", "in_flight", "level", "rate")

    def __init__(self, hold: Hold, capacity: int, rate: int) -> None:
        self.hold = hold
        self.capacity = capacity
        self.rate = rate
        self.in_flight = 0
        self.level = float(capacity)
        self.at = -math.inf

    def free_at(self, now: float, keep: int = 0) -> float:
        """``now`` if one more fits and leaves ``keep``, else the earliest time that it may; no
        sooner than if those in flight were answered now."""
        self._fill(now)
        short = 1 + keep - self.level
        return now if short <= _ROUNDING else now + short / self.rate

    def take(self) -> None:
        self.level -= 1
        self.in_flight += 1

    def answered(self, now: float) -> None:
        self._fill(now)
        self.in_flight -= 1

    def returned(self) -> None:
        self.level += 1
        self.in_flight -= 1

    def _fill(self, now: float) -> None:
        if self.at < now:
            full = self.capacity - self.in_flight
            self.level = max(self.level, min(full, self.level + (now - self.at) * self.rate))
            self.at = now


_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Permit:
    """To make one call now. Give it back by ``Pace.answered``, also when the call failed, or by
    ``Pace.returned`` if none was made."""

    chat: TelegramId
    taken_at: float
    windows: tuple[_Window, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Not before ``until``; then ask again, an answer still owed may move it further."""

    until: float
    why: Hold


class Pace:
    """The books of one token. ``now`` must never go back from one call to the next."""

    def __init__(
        self, *, per_second: int = PER_SECOND, reserve: int = RESERVE, bucket: bool = True
    ) -> None:
        """``bucket``: begin with the bucket; else with the permit clock."""
        edits = max(1, int(per_second * _EDITS_SHARE))
        self._clock = _Window(Hold.TOKEN, per_second, 1.0)
        burst = max(1, per_second - _SLACK)
        self._bucket = _Bucket(Hold.TOKEN, burst, per_second) if bucket else None
        self._edits = _Window(Hold.TOKEN_EDITS, edits, 1.0)
        self._answers = _Window(Hold.TOKEN, min(reserve, per_second - 1), 1.0)
        self._half = per_second // 2
        self._pressed_until = -math.inf
        self._promises: deque[float] = deque()  # when each lapses: at most the reserve
        self._chats: OrderedDict[TelegramId, tuple[_Window, ...]] = (
            OrderedDict()
        )  # last taken last
        self._in_flight: dict[Permit, None] = {}  # in order of taking
        self._pauses: dict[TelegramId, float] = {}
        self._complaints: deque[tuple[float, TelegramId, float]] = deque(maxlen=100)
        self._flood_until = -math.inf

    def take(
        self, now: float, chat: TelegramId, *, group: bool, edit: bool, command: bool = False
    ) -> Permit | Wait:
        """``group``: a group or channel, which has a limit a minute. ``command``: an answer to
        somebody's command or button; edits among them are not counted as edits of a token."""
        self._recall(now)
        of_chat = self._chats.get(chat) or _windows(group=group)
        windows = [*(of_chat if edit or command else of_chat[:2])]
        if edit and not command:
            windows.append(self._edits)
        until, why = self._token_free_at(now, command=command)
        held_by_token = until > now
        for window in windows:
            if (free_at := window.free_at(now)) > until:
                until, why = free_at, window.hold
        if (paused := self._pauses.get(chat, now)) > until:
            until, why = paused, Hold.CHAT_FLOOD
        if self._flood_until > until:
            until, why = self._flood_until, Hold.FLOOD
        if until > now:
            if held_by_token:
                self._remember_wait(now, command=command)
            return Wait(until=until, why=why)
        if command:
            windows.append(self._answers)
            if self._promises:
                self._promises.popleft()
        if self._bucket is not None:
            self._bucket.take()
        windows.append(self._clock)  # also under the bucket: it may have to take over
        for window in windows:
            window.take()
        self._chats[chat] = of_chat
        self._chats.move_to_end(chat)
        permit = Permit(chat=chat, taken_at=now, windows=tuple(windows))
        self._in_flight[permit] = None
        return permit

    def _token_free_at(self, now: float, *, command: bool) -> tuple[float, Hold]:
        while self._promises and self._promises[0] <= now:
            self._promises.popleft()
        token = self._clock if self._bucket is None else self._bucket
        if command:
            free_at = max(token.free_at(now), self._answers.free_at(now))
            if now >= self._pressed_until:
                free_at = min(free_at, token.free_at(now, self._half))
            return free_at, Hold.TOKEN
        free_at = token.free_at(now, len(self._promises))
        promised = free_at > now >= token.free_at(now)
        return free_at, Hold.TOKEN_ALERTS if promised else Hold.TOKEN

    def _remember_wait(self, now: float, *, command: bool) -> None:
        if not command:
            self._pressed_until = now + _PRESSED
        elif len(self._promises) < self._answers.capacity and self._answers.free_at(now) <= now:
            self._promises.append(now + _PROMISED)

    def answered(self, permit: Permit, now: float) -> None:
        """The call is over: accepted, refused or given up. A second time changes nothing."""
        if permit in self._in_flight:
            del self._in_flight[permit]
            for window in permit.windows:
                window.answered(now)
            if self._bucket is not None:
                self._bucket.answered(now)

    def returned(self, permit: Permit) -> None:
        """No call was made: it is as if the permit had not been taken."""
        if permit in self._in_flight:
            del self._in_flight[permit]
            for window in permit.windows:
                window.returned()
            if self._bucket is not None:
                self._bucket.returned()

    def slow_down(self, now: float, seconds: float, chat: TelegramId) -> None:
        """A 429 for this chat: it pauses. Several chats at once: the token pauses, for the
        shortest time that was named, at most a minute. The bucket is left for good."""
        self._bucket = None
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
