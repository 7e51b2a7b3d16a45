"""When a chat wishes fewer sounds: its quiet hours and its snooze. Pure.

And when its morning is. Hours are those of the wall clock, also over the nights when it is put on
or back; instants are compared in UTC.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from storage.areas.tree import Areas
from storage.model import AreaCode, QuietHours, Wishes

MORNING: Final = time(7)
DIGEST: Final = time(8)
"""When the summary of a night comes, unless the chat chose or its quiet hours say otherwise."""
DIGESTS: Final = tuple(time(hour) for hour in range(5, 13))
"""What it may choose."""
OneTier = Callable[[AreaCode], bool]
"""Whether a region knows no danger above its ordinary alarm (DOMAIN §1)."""
_DAY: Final = timedelta(days=1)
_USUAL_ZONE: Final = "Europe/Moscow"


def no_region(region: AreaCode) -> bool:
    """Where tiers do not matter."""
    return False


@lru_cache(maxsize=256)
def zone_named(name: str) -> ZoneInfo | None:
    """None: this machine knows no zone of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # no such zone, a folder, no name at all
        return None


def quiet_until(quiet: QuietHours | None, now: datetime) -> datetime | None:
    """When the quiet hours that hold now end (UTC). None: none hold, or their zone is unknown
    here; then sounds come."""
    zone = None if quiet is None else zone_named(quiet.zone)
    if quiet is None or zone is None or quiet.start == quiet.end:
        return None
    today = now.astimezone(zone).date()
    for day in (today - _DAY, today):
        start = datetime.combine(day, quiet.start, zone).astimezone(UTC)
        last = day if quiet.end > quiet.start else day + _DAY
        end = datetime.combine(last, quiet.end, zone).astimezone(UTC)
        if start <= now < end:
            return end
    return None


def snoozed_until(wishes: Wishes, now: datetime) -> datetime | None:
    until = wishes.snoozed_until
    return until if until is not None and until > now else None


def heard_from(wishes: Wishes, now: datetime) -> datetime:
    """The first moment from now on that is in no quiet hours and not snoozed."""
    at = now
    for _ in range(4):  # the snooze ends once, and quiet hours do not touch
        until = quiet_until(wishes.quiet, at) or snoozed_until(wishes, at)
        if until is None:
            break
        at = until
    return at


def zone_of(wishes: Wishes, follows: tuple[AreaCode, ...], areas: Areas) -> str:
    """The chat's time zone: its own, else that of the first region that it follows."""
    if wishes.quiet is not None:
        return wishes.quiet.zone
    for code in follows:
        area = areas.find(AreaCode(code.partition("/")[0]))
        if area is not None and area.timezone:
            return area.timezone
    return _USUAL_ZONE


def morning(wishes: Wishes, zone: str, now: datetime) -> datetime:
    """When the next morning begins: the end of the quiet hours, or seven o'clock."""
    at = MORNING if wishes.quiet is None else wishes.quiet.end
    place = zone_named(zone) or UTC
    today = now.astimezone(place).date()
    ways = (datetime.combine(today + n * _DAY, at, place).astimezone(UTC) for n in range(3))
    return next(each for each in ways if each > now)


def ends_in_the_morning(quiet: QuietHours | None) -> time | None:
    """When quiet hours end, if somebody may then read what the night was."""
    if quiet is None or quiet.start == quiet.end or not DIGESTS[0] <= quiet.end <= DIGESTS[-1]:
        return None
    return quiet.end


def digest_time(wishes: Wishes) -> time:
    """By the chat's own clock: as it chose, else the end of its quiet hours, else eight."""
    return wishes.digest_at or ends_in_the_morning(wishes.quiet) or DIGEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """When a chat's summary of the night from ``since`` may come. ``day``: by its own calendar."""

    day: date
    since: datetime
    until: datetime


_NIGHT_BEGINS: Final = time(20)
_DIGEST_FOR: Final = timedelta(hours=3)
"""Later it is nobody's morning any more: a program that was down lets it be."""


def morning_now(wishes: Wishes, zone: str, now: datetime) -> Morning | None:
    """None: it is not the hour of its summary."""
    place = zone_named(zone) or UTC
    today = now.astimezone(place).date()
    begun = datetime.combine(today, digest_time(wishes), place).astimezone(UTC)
    since = datetime.combine(today - _DAY, _NIGHT_BEGINS, place).astimezone(UTC)
    until = begun + _DIGEST_FOR
    return Morning(day=today, since=since, until=until) if begun <= now < until else None
