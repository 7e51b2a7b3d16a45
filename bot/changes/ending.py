"""Danger ends, wholly or in part, or falls; never by absence. Pure."""

from collections.abc import Iterator

from bot.changes.found import Between, Found, new_clears
from bot.changes.taken_back import fresh_retractions, is_taken_back
from bot.reasons import Reason
from bot.view import Threat, View, reach_of
from storage.model import Alarm, AreaCode, Clear


def clears(between: Between) -> Iterator[Found]:
    told, now = between.told, between.now
    fresh = new_clears(between)
    published = max((clear.source.at for clear in fresh), default=None)
    if told is None or not told.threats:
        if fresh and not now.threats:
            # Told nothing and yet alarmed: its answer was lost, it may have heard the danger.
            doubtful = told is None and between.card.alarmed
            reason = Reason.ALL_CLEAR if doubtful else Reason.OPENED_AND_CLOSED
            yield Found(reason=reason, near=True, published=published)
        return
    ended, vanished, cleared = _ended(between, told, fresh)
    if vanished:
        yield Found(reason=Reason.VANISHED)
    elif cleared and not now.threats:
        told_of_it = between.card.alarmed
        reason = Reason.ALL_CLEAR if told_of_it else Reason.OPENED_AND_CLOSED
        yield Found(reason=reason, near=True, published=published)
        return
    if ended or (fresh and now.threats):
        yield Found(reason=Reason.PART_CLEAR, near=ended, published=published)


def _ended(between: Between, told: View, fresh: tuple[Clear, ...]) -> tuple[bool, bool, bool]:
    """Whether danger of a followed district ended by an all-clear that names it; whether anything
    ended without one and was not taken back, which is a bug and never a clear; and whether
    anything at all ended by an all-clear."""
    areas, region = between.areas, between.region
    back = fresh_retractions(between)
    ended = vanished = cleared = False
    for old in told.threats:
        new = between.now.threat(old.hazard)
        named = [area for clear in fresh if clear.hazard is old.hazard for area in clear.areas]

        def is_clear(
            place: AreaCode, alarms: tuple[Alarm, ...], named: list[AreaCode] = named
        ) -> bool:
            if any(areas.contains(area, place) for area in named):
                return True
            return all(any(areas.contains(area, alarm.area) for area in named) for alarm in alarms)

        for follow in between.districts:
            before = reach_of(old, follow, region, areas)
            if before is None or (new and reach_of(new, follow, region, areas)):
                continue
            clear = is_clear(follow, before.alarms)
            lost = not clear and not is_taken_back(
                back, old.hazard, follow, before.alarms, between
            )
            ended, vanished, cleared = ended or clear, vanished or lost, cleared or clear
        if not between.now.region_follower:
            continue
        for alarm in old.alarms:
            if new and _still_reached(new, alarm, between):
                continue
            clear = is_clear(alarm.area, (alarm,))
            lost = not clear and not is_taken_back(back, old.hazard, alarm.area, (alarm,), between)
            vanished, cleared = vanished or lost, cleared or clear
    return ended, vanished, cleared


def _still_reached(threat: Threat, alarm: Alarm, between: Between) -> bool:
    if between.areas.contains(alarm.area, between.region):
        return any(between.areas.contains(each.area, between.region) for each in threat.alarms)
    return reach_of(threat, alarm.area, between.region, between.areas) is not None


def falls(between: Between) -> Iterator[Found]:
    told, now, areas = between.told, between.now, between.areas
    if told is None:
        return
    fresh = [fall for fall in now.falls if fall not in told.falls]
    for fall in fresh:
        old, new = told.threat(fall.hazard), now.threat(fall.hazard)
        if old is None or new is None:
            continue
        lower = now.region_follower and new.level < old.level
        for follow in between.districts:
            before = reach_of(old, follow, between.region, areas)
            after = reach_of(new, follow, between.region, areas)
            lower = lower or bool(before and after and after.level < before.level)
        if lower:
            yield Found(reason=Reason.LEVEL_FELL, near=True, published=fall.source.at)
