"""DOMAIN §4's table: what each change is worth to a district's and to a region's follower; and
§5's: to those who asked to hear of a neighbouring region.

A neighbour gets one silent message for an episode, when danger begins. All else is an edit of it,
the all-clear too: who heard no sound of a danger elsewhere need not be called for its end, and a
second message would make two of one. Nothing is shown to those who were told nothing.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from bot.reasons import Reason
from storage.model import Urgency

URGENT_APART: Final = timedelta(minutes=2)
OTHERS_APART: Final = timedelta(minutes=10)


class Lever(StrEnum):
    SOUND = "sound"
    SILENT = "silent"
    EDIT = "edit"
    SKIP = "skip"
    WAIT = "wait"


class Act(StrEnum):
    """What a cell of the table says."""

    SOUND = "sound"
    SILENT = "silent"
    EDIT = "edit"
    DIGEST = "a sound at most once an hour, else an edit; a group may choose every district"
    WIDE = "a sound if region-wide or missiles, else as DIGEST"
    GRAVE = "a sound if anyone died or five were hurt, else an edit"
    PAUSE = "a sound if the last one was ten minutes ago, else an edit"
    HEARD = "a sound if the chat heard one within three hours and wishes it, else silent"
    SHOWN = "an edit of what the chat was told; nothing if it was told nothing"


class Pierce(StrEnum):
    """When a sound comes although the chat wishes fewer of them at that hour."""

    NEVER = "never"
    DIRE = "when it is dire, see Found"
    NEAR = "when it is dire or names a followed district"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """``district``: for those who follow the place meant; ``region``: for the region's followers;
    ``neighbour``: for those who asked to hear of regions next to theirs, never a sound.
    ``danger``: may speak of danger in force; never so for what de-escalates. ``free``: the sound
    budget does not touch it. ``insists``: audible for chats that chose important sounds only.
    ``quiet`` and ``snooze``: when its sound pierces quiet hours and a snooze."""

    district: Act
    region: Act
    urgency: Urgency
    danger: bool = False
    free: bool = False
    insists: bool = True
    apart: timedelta = OTHERS_APART
    neighbour: Act = Act.SHOWN
    quiet: Pierce = Pierce.NEVER
    snooze: Pierce = Pierce.NEVER


def _danger(
    district: Act,
    region: Act,
    neighbour: Act = Act.SHOWN,
    *,
    free: bool = False,
    insists: bool = True,
    snooze: Pierce = Pierce.DIRE,
) -> Row:
    return Row(
        district=district,
        region=region,
        neighbour=neighbour,
        urgency=Urgency.URGENT,
        danger=True,
        free=free,
        insists=insists,
        apart=URGENT_APART,
        quiet=Pierce.DIRE,
        snooze=snooze,
    )


def _both(act: Act, urgency: Urgency = Urgency.INFO, *, insists: bool = True) -> Row:
    return Row(district=act, region=act, urgency=urgency, insists=insists)


ROWS: Final[dict[Reason, Row]] = {
    Reason.ALL_CLEAR: Row(
        district=Act.HEARD,
        region=Act.HEARD,
        neighbour=Act.EDIT,
        urgency=Urgency.INFO,
        apart=URGENT_APART,
    ),
    Reason.NEIGHBOUR_REST: Row(
        district=Act.EDIT, region=Act.EDIT, neighbour=Act.EDIT, urgency=Urgency.INFO
    ),
    Reason.OPENED_AND_CLOSED: _both(Act.SILENT),
    Reason.FIRST_DANGER: _danger(
        Act.SOUND, Act.SOUND, Act.SILENT, free=True, snooze=Pierce.ALWAYS
    ),
    Reason.MISSILE: _danger(Act.SOUND, Act.SOUND, free=True, snooze=Pierce.ALWAYS),
    Reason.EVACUATION: _danger(Act.SOUND, Act.SOUND, free=True),
    Reason.FLOOD: _danger(Act.SOUND, Act.SOUND, snooze=Pierce.ALWAYS),
    Reason.RISE: _danger(Act.SOUND, Act.WIDE, snooze=Pierce.ALWAYS),
    Reason.NEW_HAZARD: _danger(Act.SOUND, Act.WIDE, snooze=Pierce.ALWAYS),
    Reason.WIDENED: _danger(Act.EDIT, Act.SOUND, snooze=Pierce.ALWAYS),
    Reason.PLACE_NAMED: _danger(Act.SOUND, Act.DIGEST, snooze=Pierce.NEAR),
    Reason.NAMED_AGAIN: _danger(Act.SOUND, Act.DIGEST, snooze=Pierce.NEAR),
    Reason.RENEWED: _danger(Act.PAUSE, Act.DIGEST, insists=False),
    Reason.STILL_IN_FORCE: _danger(Act.SOUND, Act.SOUND, free=True),
    Reason.HARM: Row(district=Act.SOUND, region=Act.GRAVE, urgency=Urgency.IMPORTANT),
    Reason.REPORT: _both(Act.SOUND, Urgency.IMPORTANT),
    Reason.CORRECTION: _both(Act.SOUND, Urgency.IMPORTANT, insists=False),
    Reason.LEVEL_FELL: _both(Act.SILENT),
    Reason.PART_CLEAR: Row(district=Act.SILENT, region=Act.EDIT, urgency=Urgency.INFO),
    Reason.DRILL: _both(Act.SILENT),
    Reason.VANISHED: _both(Act.EDIT),
    Reason.STALE: _both(Act.EDIT),
    Reason.HELD: _both(Act.EDIT),
    Reason.SOURCE_LOST: _both(Act.EDIT),
    Reason.SOURCE_BACK: _both(Act.EDIT),
    Reason.REPORT_OVER: _both(Act.EDIT),
    Reason.EVENT: _both(Act.EDIT),
    Reason.LINES: _both(Act.EDIT),
    Reason.DETAILS: _both(Act.EDIT),
}
"""In order of weight: of changes with the same lever the first is the reason."""

WEIGHT: Final = {reason: weight for weight, reason in enumerate(ROWS)}
