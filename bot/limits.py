"""How often people may ask: per person, per chat and of one bot in all. Pure; ``now`` is monotonic
seconds.

Token buckets: so many at once, then so many a second. What is refused costs nothing but the look:
it is neither parsed nor answered, and takes no permit of those who are below their own limits.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Asked(StrEnum):
    """A command, or what is typed in private; a press of a button."""

    COMMAND = "command"
    PRESS = "press"


class Whose(StrEnum):
    USER = "user"
    PRIVATE = "private"
    GROUP = "group"
    ALL = "all"


class Verdict(StrEnum):
    """ADMITTED, or whose limit is used up."""

    ADMITTED = "admitted"
    USER = "user"
    CHAT = "chat"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """``at_once``, then ``a_second``."""

    at_once: int
    a_second: float


LIMITS: Final[Mapping[tuple[Whose, Asked], Limit]] = {
    # Somebody who ticks the districts of a whole region presses quickly.
    (Whose.USER, Asked.COMMAND): Limit(at_once=20, a_second=0.5),
    (Whose.USER, Asked.PRESS): Limit(at_once=40, a_second=1.0),
    (Whose.PRIVATE, Asked.COMMAND): Limit(at_once=20, a_second=0.5),
    (Whose.PRIVATE, Asked.PRESS): Limit(at_once=40, a_second=1.0),
    # Of the 20 messages a minute that Telegram lets into a group, alerts need theirs.
    (Whose.GROUP, Asked.COMMAND): Limit(at_once=6, a_second=0.15),
    (Whose.GROUP, Asked.PRESS): Limit(at_once=20, a_second=0.5),
    # As many as may be answered beside alerts: half of a token's 30 messages a second.
    (Whose.ALL, Asked.COMMAND): Limit(at_once=30, a_second=10.0),
    (Whose.ALL, Asked.PRESS): Limit(at_once=30, a_second=10.0),
}
MOST_KNOWN: Final = 10_000
"""People and chats with a bucket of their own. The one that asked longest ago is forgotten first;
whoever makes many accounts for that still meets the limit of all."""


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float


class Limits:
    """The books of one bot. ``now`` must never go back from one call to the next."""

    def __init__(
        self,
        table: Mapping[tuple[Whose, Asked], Limit] = LIMITS,
        *,
        most_known: int = MOST_KNOWN,
    ) -> None:
        self._table = table
        self._most_known = most_known
        self._all: dict[Asked, _Bucket] = {}
        self._known: OrderedDict[tuple[Whose, Asked, int], _Bucket] = OrderedDict()

    def admits(
        self,
        now: float,
        asked: Asked,
        *,
        user: int | None,
        chat: int | None,
        operator: bool = False,
    ) -> Verdict:
        """Whether one more may be answered. Only what is admitted counts, against all three;
        so nobody uses up what is everybody's by asking beyond their own. ``operator``: what
        strangers use up is not theirs, for they may have to stop what the strangers came for."""
        place = Whose.PRIVATE if (chat or 0) > 0 else Whose.GROUP
        asks = [(Verdict.USER, Whose.USER, user), (Verdict.CHAT, place, chat)]
        buckets = []
        for verdict, whose, id in asks:
            if id is None:
                continue
            bucket = self._bucket(now, whose, asked, id)
            if bucket.level < 1:
                return verdict
            buckets.append(bucket)
        if operator:
            for bucket in buckets:
                bucket.level -= 1
            return Verdict.ADMITTED
        everybody = self._all.setdefault(asked, self._full(now, Whose.ALL, asked))
        self._refill(everybody, now, self._table[Whose.ALL, asked])
        if everybody.level < 1:
            return Verdict.ALL
        for bucket in (*buckets, everybody):
            bucket.level -= 1
        return Verdict.ADMITTED

    @property
    def known(self) -> int:
        return len(self._known)

    def _bucket(self, now: float, whose: Whose, asked: Asked, id: int) -> _Bucket:
        key = (whose, asked, id)
        bucket = self._known.get(key)
        if bucket is None:
            if len(self._known) >= self._most_known:
                self._known.popitem(last=False)
            bucket = self._known[key] = self._full(now, whose, asked)
        self._known.move_to_end(key)
        self._refill(bucket, now, self._table[whose, asked])
        return bucket

    def _full(self, now: float, whose: Whose, asked: Asked) -> _Bucket:
        return _Bucket(level=float(self._table[whose, asked].at_once), at=now)

    @staticmethod
    def _refill(bucket: _Bucket, now: float, limit: Limit) -> None:
        gained = (now - bucket.at) * limit.a_second
        bucket.level = min(float(limit.at_once), bucket.level + gained)
        bucket.at = now
