"""The transitions of a region's situation (DOMAIN §3), as tables. Pure.

Every claim that reaches a situation makes at least one :class:`Change`, whose ``transition`` is
the row it took: also when nothing happened, so that support can read why.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum, auto
from typing import Final

from storage.model import AreaCode, Hazard, Kind, Urgency


class Transition(StrEnum):
    # danger
    ONSET = auto()
    ONSET_UNKNOWN = auto()
    ESCALATION = auto()
    RENEWED = auto()
    RESUMED = auto()
    RETRACTED = auto()
    TAKEN_BACK = auto()
    CONFIRMED = auto()
    SOURCE_ADDED = auto()
    STALE = auto()
    # all-clear
    FALL = auto()
    CLEAR_PART = auto()
    CLEAR_WHOLE = auto()
    CLEAR_OF_NOTHING = auto()
    CLEAR_OF_NEWER = auto()
    HELD = auto()
    # the story
    REPORT = auto()
    REPORT_OVER = auto()
    EVENT = auto()
    HARM = auto()
    EVACUATION = auto()
    LINE = auto()
    EVENT_ENDED = auto()
    EVENT_SOURCE = auto()
    CORRECTED = auto()
    WITHDRAWN = auto()
    DELETED = auto()
    DRILL = auto()
    SOURCES_LOST = auto()
    SOURCES_BACK = auto()
    # nothing happened
    DUPLICATE = auto()
    RECAP = auto()
    INSTRUCTION = auto()
    OVERTAKEN = auto()
    NOTHING_TO_END = auto()
    NOT_AUTHORISED = auto()
    FOREIGN = auto()


URGENCY: Final[dict[Transition, Urgency]] = {
    Transition.ONSET: Urgency.URGENT,
    Transition.ONSET_UNKNOWN: Urgency.URGENT,
    Transition.ESCALATION: Urgency.URGENT,
    Transition.RENEWED: Urgency.URGENT,
    Transition.RESUMED: Urgency.URGENT,
    Transition.RETRACTED: Urgency.URGENT,
    Transition.EVACUATION: Urgency.URGENT,
    Transition.TAKEN_BACK: Urgency.IMPORTANT,
    Transition.CLEAR_WHOLE: Urgency.IMPORTANT,
    Transition.CLEAR_PART: Urgency.IMPORTANT,
    Transition.FALL: Urgency.IMPORTANT,
    Transition.REPORT: Urgency.IMPORTANT,
    Transition.HARM: Urgency.IMPORTANT,
    Transition.CORRECTED: Urgency.IMPORTANT,
    Transition.CONFIRMED: Urgency.INFO,
    Transition.SOURCE_ADDED: Urgency.INFO,
    Transition.STALE: Urgency.INFO,
    Transition.HELD: Urgency.INFO,
    Transition.REPORT_OVER: Urgency.INFO,
    Transition.EVENT: Urgency.INFO,
    Transition.LINE: Urgency.INFO,
    Transition.EVENT_ENDED: Urgency.INFO,
    Transition.EVENT_SOURCE: Urgency.INFO,
    Transition.WITHDRAWN: Urgency.INFO,
    Transition.DELETED: Urgency.INFO,
    Transition.DRILL: Urgency.INFO,
    Transition.SOURCES_LOST: Urgency.INFO,
    Transition.SOURCES_BACK: Urgency.INFO,
    Transition.CLEAR_OF_NOTHING: Urgency.NONE,
    Transition.CLEAR_OF_NEWER: Urgency.NONE,
    Transition.DUPLICATE: Urgency.NONE,
    Transition.RECAP: Urgency.NONE,
    Transition.INSTRUCTION: Urgency.NONE,
    Transition.OVERTAKEN: Urgency.NONE,
    Transition.NOTHING_TO_END: Urgency.NONE,
    Transition.NOT_AUTHORISED: Urgency.NONE,
    Transition.FOREIGN: Urgency.NONE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One transition, and the places it touched."""

    transition: Transition
    hazard: Hazard | None = None
    areas: tuple[AreaCode, ...] = ()
    why: str | None = None


class Before(StrEnum):
    """What an area's alarm of a hazard was when a threat came."""

    IDLE = auto()
    LOWER = auto()
    AS_HIGH = auto()
    STALE = auto()


class Says(StrEnum):
    """How a threat speaks of the danger."""

    DECLARED = auto()
    RENEWED = auto()
    CONTINUES = auto()


THREAT: Final[dict[tuple[Before, Says], Transition]] = {
    (Before.IDLE, Says.DECLARED): Transition.ONSET,
    (Before.IDLE, Says.RENEWED): Transition.ONSET,
    (Before.IDLE, Says.CONTINUES): Transition.ONSET_UNKNOWN,
    (Before.LOWER, Says.DECLARED): Transition.ESCALATION,
    (Before.LOWER, Says.RENEWED): Transition.ESCALATION,
    (Before.LOWER, Says.CONTINUES): Transition.ESCALATION,
    (Before.AS_HIGH, Says.DECLARED): Transition.CONFIRMED,
    (Before.AS_HIGH, Says.RENEWED): Transition.RENEWED,
    (Before.AS_HIGH, Says.CONTINUES): Transition.CONFIRMED,
    (Before.STALE, Says.DECLARED): Transition.ONSET,
    (Before.STALE, Says.RENEWED): Transition.ONSET,
    (Before.STALE, Says.CONTINUES): Transition.RESUMED,
}

STORY: Final[dict[Kind, Transition]] = {
    Kind.INTERCEPTION: Transition.EVENT,
    Kind.DAMAGE: Transition.EVENT,
    Kind.CASUALTIES: Transition.HARM,
    Kind.EVACUATION: Transition.EVACUATION,
    Kind.OUTAGE: Transition.LINE,
    Kind.AIRSPACE_CLOSED: Transition.LINE,
}
"""What an event of each kind does to a story that is open."""

REPORTS: Final = frozenset({Kind.INTERCEPTION, Kind.DAMAGE, Kind.CASUALTIES, Kind.EVACUATION})
"""Events that open a report where no danger was declared."""

ENDS: Final[dict[Kind, Kind]] = {
    Kind.AIRSPACE_OPEN: Kind.AIRSPACE_CLOSED,
    Kind.RESTORED: Kind.OUTAGE,
    Kind.EVACUATION_OVER: Kind.EVACUATION,
}

SECOND_SOURCE: Final = timedelta(minutes=90)
DUPLICATE_WITHIN: Final = timedelta(minutes=10)
REPORT_AGE: Final = timedelta(hours=6)
IMPLAUSIBLE_CLEAR: Final = timedelta(seconds=60)
MEMORY: Final = timedelta(hours=24)
"""How long the clears, falls, drills and ended events of former episodes are kept, for chats
that have not been reached yet."""
