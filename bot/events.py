"""What stated events are to a chat: wished for or not, harmful or not. Pure."""

import re
from typing import Final, assert_never

from storage.model import Event, Kind, Wishes

REPORTABLE: Final = frozenset(
    (Kind.INTERCEPTION, Kind.DAMAGE, Kind.CASUALTIES, Kind.EVACUATION, Kind.EVACUATION_OVER)
)
"""Consequences: stated without a declared danger they open a report."""

LINES: Final = frozenset((Kind.OUTAGE, Kind.RESTORED, Kind.AIRSPACE_CLOSED, Kind.AIRSPACE_OPEN))
"""Lines on an open card; alone, cards for those who asked for them."""


def wanted(kind: Kind, wishes: Wishes) -> bool:
    """Whether news of this kind, alone, is worth a message or an edit to the chat."""
    match kind:
        case Kind.INTERCEPTION:
            return wishes.interceptions
        case Kind.DAMAGE | Kind.CASUALTIES:
            return wishes.consequences
        case Kind.OUTAGE | Kind.RESTORED:
            return wishes.utilities
        case Kind.AIRSPACE_CLOSED | Kind.AIRSPACE_OPEN:
            return wishes.airports
        case Kind.DRILL:
            return wishes.drills
        case Kind.THREAT | Kind.ALL_CLEAR | Kind.EVACUATION | Kind.EVACUATION_OVER:
            return True
        case Kind.CORRECTION | Kind.INSTRUCTION | Kind.RECAP:
            return wishes.consequences
        case _:
            assert_never(kind)


def is_evacuation(event: Event) -> bool:
    """Whether people are to leave now."""
    return event.kind is Kind.EVACUATION and event.ended_at is None and not event.withdrawn


_DWELLING = re.compile(
    r"жил(?:ой|ого|ому|ые|ых|ым)\s+(?:дом|здани|строени|сектор)|многоквартирн|квартир|домовладени"
    r"|частн\w+\s+(?:дом|жил)|житлов\w+|приватн\w+\s+будин|багатоквартирн|багатоповерх",
    re.IGNORECASE,
)
_UNHARMED = re.compile(
    r"(?:не|без)\s+(?:пострада|повреж|пошкодж|постражд)|(?:повреждений|разрушений|пошкоджень)\s+не",
    re.IGNORECASE,
)


def hits_dwelling(event: Event) -> bool:
    """Whether the source's own words say that people's homes were hit."""
    if event.kind is not Kind.DAMAGE or event.withdrawn:
        return False
    return any(
        _DWELLING.search(source.quote) and not _UNHARMED.search(source.quote)
        for source in event.sources
    )


def harmed(event: Event) -> tuple[int, int]:
    """People (dead, injured) by this event, not stated as 0."""
    if event.withdrawn or event.casualties is None:
        return 0, 0
    return event.casualties.dead or 0, event.casualties.injured or 0
