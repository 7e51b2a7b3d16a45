"""Events are stated, the state of our knowledge changes, drills are held. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.changes.found import Between, Found
from bot.events import LINES, REPORTABLE, harmed, hits_dwelling, is_evacuation, wanted
from bot.reasons import Reason
from bot.view import View, names_followed, newest, touches
from storage.model import AreaCode, Event, Hazard, Wishes

GRAVE_INJURED: Final = 5


def events(between: Between) -> Iterator[Found]:
    told, now = between.told, between.now
    before = {event.key: event for event in told.events} if told else {}
    fresh: list[Event] = []
    for event in now.events:
        old = before.get(event.key)
        if event == old or not wanted(event.kind, between.wishes):
            continue
        if told is None and not between.is_news(newest(event.sources)):
            continue
        if old is None and event.withdrawn:
            continue
        fresh.append(event)
        yield from _event(between, event, old)
    if now.reported_since and not now.threats and not (told and told.reported_since):
        stated = [each for each in fresh if each.kind in REPORTABLE and not each.withdrawn]
        if stated:
            yield Found(reason=Reason.REPORT, published=_said_at(stated[-1]))


def _event(between: Between, event: Event, old: Event | None) -> Iterator[Found]:
    near = not event.unnamed and names_followed(between.now, event.areas, between.areas)
    region, areas = between.region, between.areas
    wide = not event.areas or any(areas.contains(area, region) for area in event.areas)
    grave, was_grave = _grave(event), old is not None and _grave(old)
    found = Found(
        reason=Reason.EVENT,
        near=near,
        grave=grave,
        published=_said_at(event),
        dire=near or wide or event.unnamed,
    )
    if event.kind in LINES:
        if old is not None or event.ended_at is None or between.told is not None:
            yield replace(found, reason=Reason.LINES)
        return
    if is_evacuation(event) and _calls_away(between, event, old):
        yield replace(found, reason=Reason.EVACUATION, first=True)
        return
    if event.hazard is Hazard.FLOOD and old is None and not event.withdrawn:
        # Water on its way to people, though nobody declared a danger of it.
        yield replace(found, reason=Reason.FLOOD)
        return
    loud = grave or (near and _harm(event))
    was_loud = old is not None and (was_grave or (near and _harm(old)))
    if old is not None and was_loud and _corrected(event, old):
        yield replace(found, reason=Reason.CORRECTION, published=event.corrected_at)
    elif loud and not was_loud:
        yield replace(found, reason=Reason.HARM)
    else:
        yield found


def _calls_away(between: Between, event: Event, old: Event | None) -> bool:
    """Whether people of a followed place are to leave who were not before."""
    if old is None or not is_evacuation(old):
        return True
    areas, region = between.areas, between.region

    def reaches(said: Event, place: AreaCode) -> bool:
        return any(touches(area, (place,), areas) for area in said.areas or (region,))

    was_wide = any(areas.contains(area, region) for area in old.areas or (region,))
    wide = any(areas.contains(area, region) for area in event.areas or (region,))
    return (wide and not was_wide) or any(
        reaches(event, place) and not reaches(old, place) for place in between.now.follows
    )


def _harm(event: Event) -> bool:
    return sum(harmed(event)) > 0 or hits_dwelling(event)


def _grave(event: Event) -> bool:
    dead, injured = harmed(event)
    return dead > 0 or injured >= GRAVE_INJURED


def _corrected(event: Event, old: Event) -> bool:
    return event.corrected_at != old.corrected_at or event.withdrawn != old.withdrawn


def _said_at(event: Event) -> datetime:
    source = newest(event.sources)
    return source.at if source else event.at


# --- the state of our knowledge, and drills -----------------------------------------------------


def state(between: Between) -> Iterator[Found]:
    told, now = between.told, between.now
    if told is None:
        if now.threats and not now.fresh:
            yield Found(reason=Reason.STALE)
        return
    if _stale(now) - _stale(told):
        yield Found(reason=Reason.STALE)
    if {held.id for held in now.held} - {held.id for held in told.held}:
        yield Found(reason=Reason.HELD)
    if now.lost_since and not told.lost_since:
        yield Found(reason=Reason.SOURCE_LOST)
    if told.lost_since and not now.lost_since:
        yield Found(reason=Reason.SOURCE_BACK)
    if told.reported_since and not (now.reported_since or now.threats):
        yield Found(reason=Reason.REPORT_OVER)
    if _wished(told, between.wishes) != _wished(now, between.wishes):
        yield Found(reason=Reason.DETAILS)


def _stale(seen: View) -> set[tuple[Hazard, AreaCode]]:
    return {
        (threat.hazard, reach.area)
        for threat in seen.threats
        for reach in threat.reaches
        if reach.stale
    }


def _wished(seen: View, wishes: Wishes) -> View:
    events = tuple(event for event in seen.events if wanted(event.kind, wishes))
    reported = seen.reported_since if any(e.kind in REPORTABLE for e in events) else None
    return replace(seen, events=events, drills=(), reported_since=reported)


def drills(between: Between) -> Iterator[Found]:
    told, now = between.told, between.now
    if not between.wishes.drills:
        return
    before = {event.key: event for event in told.drills} if told else {}
    for event in now.drills:
        old = before.get(event.key)
        if old == event or event.withdrawn:
            continue
        if told is None and not between.is_news(newest(event.sources)):
            continue
        if old is None or event.ended_at != old.ended_at:
            reason = Reason.DRILL_IN_DANGER if now.threats else Reason.DRILL
            yield Found(reason=reason, published=_said_at(event))
