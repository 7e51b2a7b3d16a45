"""Alarms and dangers as values: where they hold, from whom they are known. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from ingest.correlate.table import Change, Transition
from storage.areas.tree import Areas
from storage.model import Alarm, AreaCode, Certainty, Danger, Hazard, Source

UNCERTAIN = frozenset({Certainty.POSSIBLE, Certainty.UNKNOWN})


def alarm_at(danger: Danger, area: AreaCode) -> Alarm | None:
    return next((alarm for alarm in danger.alarms if alarm.area == area), None)


def covering(danger: Danger, area: AreaCode, areas: Areas) -> Alarm | None:
    """The live alarm of a wider place that holds here too, the narrowest of them."""
    exempt = any(areas.covers(each, area) for each in danger.exempt)
    wider = [
        alarm
        for alarm in danger.alarms
        if alarm.area != area
        and alarm.stale_at is None
        and areas.covers(alarm.area, area)
        and not (exempt and "/" not in alarm.area)
    ]
    return max(wider, key=lambda alarm: len(alarm.area), default=None)


def going_on(
    alarm: Alarm,
    codes: Iterable[AreaCode],
    present: Iterable[Alarm],
    exempt: Iterable[AreaCode],
    areas: Areas,
) -> list[Alarm]:
    """``present``, with the alarm as it goes on at some places inside it, where it held."""
    out = {each.area: each for each in present}
    free = tuple(exempt) if "/" not in alarm.area else ()
    for code in codes:
        if code == alarm.area or not areas.covers(alarm.area, code):
            continue
        if any(areas.covers(each, code) for each in free):
            continue
        own = out.get(code)
        if own is None:
            out[code] = replace(alarm, area=code)
        elif alarm.stale_at is None and (alarm.level > own.level or own.stale_at is not None):
            out[code] = replace(own, level=max(alarm.level, own.level), stale_at=None)
    return list(out.values())


def with_source(known: tuple[Source, ...], new: Source, *, front: bool) -> tuple[Source, ...]:
    """One entry a channel: its first word, unless a later one raised the danger or the first was
    deleted. At most 5."""
    others = tuple(s for s in known if s.channel != new.channel)
    if front or any(s.channel == new.channel and s.deleted for s in known):
        return (new, *others)[:5]
    return known if len(others) < len(known) else (*known, new)[:5]


def with_danger(dangers: Iterable[Danger], danger: Danger) -> tuple[Danger, ...]:
    others = [d for d in dangers if d.hazard is not danger.hazard]
    kept = [*others, danger] if danger.alarms else others
    return tuple(sorted(kept, key=lambda d: d.hazard))


def change(transition: Transition, hazard: Hazard, *areas: AreaCode) -> Change:
    return Change(transition=transition, hazard=hazard, areas=areas)
