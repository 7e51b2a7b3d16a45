"""Which lever each change is worth to a chat, and what takes a sound away. Pure.

`bot.table` says it; here are lateness, loudness, quiet hours, snooze and the sound budget, and
what operators silenced.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from bot.changes.found import Between, Found
from bot.quiet import quiet_until, snoozed_until
from bot.reasons import Reason
from bot.table import ROWS, WEIGHT, Act, Lever, Pierce, Row
from storage.model import Card, Chat, Hazard, Level, Loudness, Wishes

DIGEST_EVERY: Final = timedelta(hours=1)
RENEWED_AFTER: Final = timedelta(minutes=10)
CLEAR_HEARD_WITHIN: Final = timedelta(hours=3)
LATE_AFTER: Final = timedelta(minutes=60)
LEVERS: Final = (Lever.SOUND, Lever.SILENT, Lever.EDIT, Lever.SKIP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """One change with the lever its row gives it, and why not a louder one."""

    found: Found
    reason: Reason
    row: Row
    lever: Lever
    quieted: Reason | None = None

    @property
    def order(self) -> tuple[int, int]:
        return LEVERS.index(self.lever), WEIGHT[self.found.reason]


def pull_of(found: Found, wishes: Wishes, between: Between, now: datetime) -> Pull:
    card, row = between.card, ROWS[found.reason]
    act = row.district if found.near else row.region
    if between.now.neighbour:
        act = row.neighbour
    heard = now - card.sounded_at if card.sounded_at else None
    lever, reason, quieted = Lever.EDIT, found.reason, None
    match act:
        case Act.SOUND:
            lever = Lever.SOUND
        case Act.SILENT:
            lever = Lever.SILENT
        case Act.EDIT:
            lever = Lever.EDIT
        case Act.WIDE | Act.DIGEST:
            if (act is Act.WIDE and found.wide) or wishes.every_district:
                lever = Lever.SOUND
            elif heard is None or heard >= DIGEST_EVERY:
                lever, reason = Lever.SOUND, Reason.DIGEST
        case Act.GRAVE:
            lever = Lever.SOUND if found.grave else Lever.EDIT
        case Act.PAUSE:
            lever = Lever.SOUND if heard is None or heard >= RENEWED_AFTER else Lever.EDIT
        case Act.HEARD:
            audible = wishes.clear_audible and heard is not None and heard <= CLEAR_HEARD_WITHIN
            lever = Lever.SOUND if audible else Lever.SILENT
            quieted = None if audible else Reason.NOT_SOUNDED
        case Act.SHOWN:
            lever = Lever.SKIP if between.told is None else Lever.EDIT
        case _:
            assert_never(act)
    return Pull(found=found, reason=reason, row=row, lever=lever, quieted=quieted)


def soften(pull: Pull, chat: Chat, card: Card, now: datetime, last_sound: datetime | None) -> Pull:
    """What lateness, loudness and the sound budget leave of a sound."""
    if pull.lever is not Lever.SOUND:
        return pull
    quieted = (
        Reason.LATE
        if _late(pull, now)
        else Reason.LOUDNESS
        if not _loud_enough(pull, chat.wishes.loudness_in(card.region))
        else Reason.QUIET_HOURS
        if quiet_until(chat.wishes.quiet, now) and not _pierces(pull, pull.row.quiet)
        else Reason.SNOOZED
        if snoozed_until(chat.wishes, now) and not _pierces(pull, pull.row.snooze)
        else Reason.TOO_SOON
        if _over_budget(pull, card, now, last_sound)
        else None
    )
    if quieted is None:
        return pull
    return Pull(
        found=pull.found,
        reason=pull.reason,
        row=pull.row,
        lever=Lever.SILENT,
        quieted=quieted,
    )


_ALWAYS_HEARD: Final = (Reason.MISSILE, Reason.EVACUATION, Reason.CORRECTION)


def hush(pull: Pull) -> Pull:
    if pull.lever is not Lever.SOUND or pull.reason in _ALWAYS_HEARD:
        return pull
    return replace(pull, lever=Lever.SILENT, quieted=Reason.SILENCED)


def silenced_until(between: Between, silenced: Mapping[Hazard, datetime]) -> datetime | None:
    """When to look whether sounds may come again; None: they may. Only where nothing on the card
    is of another hazard, of the highest level, or a missile."""
    threats, known = between.now.fresh, between.told.events if between.told else ()
    loud = any(t.hazard is Hazard.MISSILE or t.level is Level.IMMINENT for t in threats)
    said = {threat.hazard for threat in threats}
    if not threats:
        said = {clear.hazard for clear in between.now.clears}
    said |= {e.hazard for e in between.now.events if not threats or e not in known}
    if loud or not said or not said <= silenced.keys():
        return None
    return min(silenced[hazard] for hazard in said)


def _late(pull: Pull, now: datetime) -> bool:
    published = pull.found.published
    if published is None or pull.reason is Reason.ALL_CLEAR:
        return False
    return now - published > LATE_AFTER


def _loud_enough(pull: Pull, loudness: Loudness) -> bool:
    match loudness:
        case Loudness.ALL:
            return True
        case Loudness.IMPORTANT:
            return pull.row.insists and pull.reason is not Reason.DIGEST
        case Loudness.SILENT:
            return False
        case _:
            assert_never(loudness)


def _pierces(pull: Pull, pierce: Pierce) -> bool:
    match pierce:
        case Pierce.NEVER:
            return False
        case Pierce.DIRE:
            return pull.found.dire
        case Pierce.NEAR:
            return pull.found.dire or pull.found.near
        case Pierce.ALWAYS:
            return True
        case _:
            assert_never(pierce)


def _over_budget(pull: Pull, card: Card, now: datetime, last_sound: datetime | None) -> bool:
    row, found = pull.row, pull.found
    dire = row.danger and found.dire and pull.reason is not Reason.RENEWED
    if row.free or found.first or dire:
        return False
    heard = max((at for at in (card.sounded_at, last_sound) if at is not None), default=None)
    return heard is not None and now - heard < pull.row.apart
