"""What of two views a new message speaks about first. Pure."""

from datetime import datetime

from bot.events import harmed, hits_dwelling
from bot.render.headline import Focus
from bot.view import View, touches
from storage.areas.tree import Areas
from storage.model import AreaCode, Hazard


def focus_of(told: View, seen: View, sounded_at: datetime | None, areas: Areas) -> Focus:
    """Hazards and places that were named or rose since; where harm was done; and how many places
    were named since the last sound, for the digest."""
    hazards: list[Hazard] = []
    places: list[AreaCode] = []
    more: set[AreaCode] = set()
    for threat in seen.fresh:
        old = told.threat(threat.hazard)
        known = {alarm.area: alarm for alarm in old.alarms} if old else {}
        new = {
            alarm.area
            for alarm in threat.alarms
            if (before := known.get(alarm.area)) is None
            or alarm.named_at > before.named_at
            or alarm.level > before.level
        }
        if new:
            hazards.append(threat.hazard)
        places += [
            reach.area for reach in threat.live if any(alarm.area in new for alarm in reach.alarms)
        ]
        more |= {
            alarm.area
            for alarm in threat.alarms
            if sounded_at is None or alarm.named_at > sounded_at
        }
    known_events = {event.key for event in told.events}
    harmful = [
        event
        for event in seen.events
        if event not in told.events and (any(harmed(event)) or hits_dwelling(event))
    ]
    harm = [
        area for event in harmful for area in event.areas if touches(area, seen.follows, areas)
    ]
    hazards += [event.hazard for event in harmful]
    for event in seen.events:
        if event.hazard is Hazard.FLOOD and event.key not in known_events and not event.withdrawn:
            hazards.insert(0, Hazard.FLOOD)
            places = [*event.areas, *places]
    more.discard(seen.region)
    return Focus(
        hazards=tuple(hazards),
        places=tuple(dict.fromkeys(places)),
        harmed=tuple(dict.fromkeys(harm)),
        more=len(more),
    )
