"""What an operator writes by hand: an alert, an all-clear, a drill or a service notice. Pure.

``/compose alert``, then a line of places, a line with the hazard, and the text in the lines below;
a notice has no hazard.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from storage.areas.search import search
from storage.areas.tree import Areas, Tier
from storage.model import AreaCode, Claim, Hazard, Kind

MOST_TEXT: Final = 600
MOST_PLACES: Final = 12


class Sort(StrEnum):
    ALERT = "alert"
    CLEAR = "clear"
    DRILL = "drill"
    NOTICE = "notice"


class Wanting(StrEnum):
    """Why what was typed is no order."""

    SORT = "sort"
    PLACES = "places"
    HAZARD = "hazard"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """``areas``: regions, or places of theirs. ``hazard``: None for a notice alone."""

    sort: Sort
    areas: tuple[AreaCode, ...]
    hazard: Hazard | None
    text: str

    @property
    def phrase(self) -> str:
        """What has to be typed to send it: its sort, hazard and every place, by code."""
        return " ".join((self.sort, *([self.hazard] if self.hazard else ()), *self.areas))

    def regions(self, areas: Areas) -> tuple[AreaCode, ...]:
        return tuple(dict.fromkeys(areas.region_of(code).code for code in self.areas))

    def needs_two(self, areas: Areas) -> bool:
        """A second person has to agree. A drill reaches nobody who did not ask for it, a notice
        wakes nobody."""
        match self.sort:
            case Sort.CLEAR:
                return True
            case Sort.ALERT:
                return len(self.regions(areas)) > 1
            case Sort.DRILL | Sort.NOTICE:
                return False
            case _:
                assert_never(self.sort)

    def claim(self) -> Claim:
        """Of all but a notice, which claims nothing."""
        assert self.hazard is not None
        kinds = {Sort.ALERT: Kind.THREAT, Sort.CLEAR: Kind.ALL_CLEAR, Sort.DRILL: Kind.DRILL}
        return Claim(
            kind=kinds[self.sort],
            hazard=self.hazard,
            areas=self.areas,
            partial=any("/" in code for code in self.areas),
            rule="manual",
        )


def read(typed: str, areas: Areas) -> Order | Wanting:
    """What stands behind ``/compose``."""
    lines = [line.strip() for line in typed.strip().split("\n")]
    sort, places = (*lines, "", "")[:2]
    below = [*lines[2:], ""]
    if sort not in list(Sort):
        return Wanting.SORT
    names = [name.strip() for name in places.split(";") if name.strip()]
    codes = [exact_place(areas, name) for name in names[:MOST_PLACES]]
    found = tuple(dict.fromkeys(code for code in codes if code is not None))
    if not found or len(found) != len(names):
        return Wanting.PLACES
    hazard = None if sort == Sort.NOTICE else below.pop(0)
    if hazard is not None and hazard not in list(Hazard):
        return Wanting.HAZARD
    said = "\n".join(below).strip()
    if not said or len(said) > MOST_TEXT:
        return Wanting.TEXT
    return Order(
        sort=Sort(sort), areas=found, hazard=None if hazard is None else Hazard(hazard), text=said
    )


def packed(order: Order) -> str:
    return json.dumps(
        {
            "sort": order.sort,
            "areas": order.areas,
            "hazard": order.hazard,
            "text": order.text,
        },
        ensure_ascii=False,
    )


def unpacked(body: str) -> Order:
    found = json.loads(body)
    return Order(
        sort=Sort(found["sort"]),
        areas=tuple(AreaCode(code) for code in found["areas"]),
        hazard=None if found["hazard"] is None else Hazard(found["hazard"]),
        text=found["text"],
    )


def exact_place(areas: Areas, name: str, within: AreaCode | None = None) -> AreaCode | None:
    """By code, or by a name that only one place has, there: a guess is not good enough where
    danger ends or begins by what was typed."""
    known = areas.find(AreaCode(name))
    same = (
        [known]
        if known is not None
        else [
            each
            for each in search(areas, name)
            if name.casefold() in (each.name_ru.casefold(), each.name_uk.casefold())
        ]
    )
    found = [
        each.code
        for each in same
        if each.tier is not Tier.COUNTRY and (within is None or areas.contains(within, each.code))
    ]
    return found[0] if len(found) == 1 else None
