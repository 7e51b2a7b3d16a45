"""When a chat wishes fewer sounds: its quiet hours and its snooze. Pure.

Hours are those of the wall clock, also over the nights when it is put on or back; instants are
compared in UTC.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from storage.areas.tree import Areas
from storage.model import AreaCode, QuietHours, Wishes

MORNING: Final = time(7)
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
