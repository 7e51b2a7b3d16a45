"""Alarms and dangers as values: where they hold, from whom they are known. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from ingest.correlate.table import Change, Transition
from storage.model import Alarm, AreaCode, Certainty, Danger, Hazard, Source

UNCERTAIN = frozenset({Certainty.POSSIBLE, Certainty.UNKNOWN})


def within(outer: AreaCode, inner: AreaCode) -> bool:
    """Whether ``inner``, of one region with ``outer``, is it or lies in it."""
    return inner == outer or inner.startswith(f"{outer}/")


def alarm_at(danger: Danger, area: AreaCode) -> Alarm | None:
    return next((alarm for alarm in danger.alarms if alarm.area == area), None)


def going_on(
    alarm: Alarm,
    codes: Iterable[AreaCode],
    present: Iterable[Alarm],
    exempt: Iterable[AreaCode],
) -> list[Alarm]:
    """``present``, with the alarm as it goes on at some places inside it, where it held."""
    out = {each.area: each for each in present}
    free = tuple(exempt) if "/" not in alarm.area else ()
    for code in codes:
        if code == alarm.area or not within(alarm.area, code):
            continue
        if any(within(each, code) for each in free):
            continue
        own = out.get(code)
        if own is None:
            out[code] = replace(alarm, area=code)
        elif alarm.level > own.level and alarm.stale_at is None:
            out[code] = replace(own, level=alarm.level, stale_at=None)
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
