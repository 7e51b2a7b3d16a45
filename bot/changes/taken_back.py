"""What we told and was never so: a correction to those who were told, and to nobody else. Pure."""

from collections.abc import Iterator

from bot.changes.found import Between, Found
from bot.reasons import Reason
from bot.view import Threat, touches
from storage.model import Alarm, AreaCode, Hazard, Retraction


def taken_back(between: Between) -> Iterator[Found]:
    if fresh := heard_of(between):
        near = any(
            touches(area, between.districts, between.areas)
            for each in fresh
            for area in each.areas
        )
        yield Found(reason=Reason.CORRECTION, near=near, published=fresh[-1].at)


def heard_of(between: Between) -> tuple[Retraction, ...]:
    """New ones of danger that the chat was told of, or may have heard of."""
    return tuple(each for each in fresh_retractions(between) if _was_told(between, each))


def fresh_retractions(between: Between) -> tuple[Retraction, ...]:
    known = between.told.retractions if between.told else ()
    opened = between.card.opened_version
    return tuple(
        each for each in between.now.retractions if each not in known and each.version > opened
    )


def is_taken_back(
    fresh: tuple[Retraction, ...],
    hazard: Hazard,
    place: AreaCode,
    alarms: tuple[Alarm, ...],
    between: Between,
) -> bool:
    """Whether nothing that reached the place is left because all of it was taken back."""
    areas = between.areas
    named = [area for each in fresh if each.hazard is hazard for area in each.areas]
    if any(areas.contains(area, place) for area in named):
        return True
    return bool(alarms) and all(alarm.area in named for alarm in alarms)


def _was_told(between: Between, retraction: Retraction) -> bool:
    if between.told is None:
        return between.card.alarmed
    threat: Threat | None = between.told.threat(retraction.hazard)
    return threat is not None and any(alarm.area in retraction.areas for alarm in threat.alarms)
