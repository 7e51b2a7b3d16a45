"""What operators type: a row's number, a region, a duration. Pure."""

import re
from datetime import timedelta
from typing import Final

from storage.areas.search import search
from storage.areas.tree import Area, Areas, Tier

_UNITS: Final = {"m": 1, "м": 1, "h": 60, "ч": 60, "г": 60, "d": 1440, "д": 1440}
_DURATION: Final = re.compile(rf"(\d{{1,4}})([{''.join(_UNITS)}])")
_LONGEST: Final = timedelta(days=7)


def number_in(typed: str | None) -> int | None:
    """A row's number, as SQLite can hold it."""
    digits = (typed or "").strip().removeprefix("#")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 18):
        return None
    return int(digits)


def region_named(areas: Areas, typed: str) -> Area | None:
    """A region or country by its code, or the region of that name."""
    area = areas.find(typed.upper())
    if area is not None:
        return area
    tiers = (Tier.REGION, Tier.COUNTRY)
    return next((each for each in search(areas, typed) if each.tier in tiers), None)


def timed(typed: str) -> tuple[str, timedelta | None, str]:
    """What stands before the first duration («2h», «30m», «1d»), the duration, and the rest.
    None: there is none, or it is not between a minute and a week."""
    words = typed.split()
    for at, word in enumerate(words):
        if found := _DURATION.fullmatch(word.lower()):
            lasts = timedelta(minutes=int(found[1]) * _UNITS[found[2]])
            fits = timedelta() < lasts <= _LONGEST
            before, after = " ".join(words[:at]), " ".join(words[at + 1 :])
            return before, lasts if fits else None, after
    return typed.strip(), None, ""
