"""What of a region's situation concerns one chat. Pure.

A district follower sees its own districts; a region follower sees every place of the region. A
city and the district of the same name are different areas, told apart by their codes alone.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from bot.events import LINES, REPORTABLE
from storage.areas.tree import Areas
from storage.model import (
    Alarm,
    AreaCode,
    Card,
    Clear,
    Danger,
    Event,
    Fall,
    Hazard,
    Held,
    Kind,
    Level,
    Retraction,
    Situation,
    Source,
)

RECENT: Final = timedelta(minutes=5)
"""A post that came this long before a card was opened may be the one that opened it."""

GRAVEST: Final = (
    Hazard.MISSILE,
    Hazard.AIR_RAID,
    Hazard.UAV,
    Hazard.NAVAL_DRONE,
    Hazard.SHELLING,
    Hazard.FLOOD,
    Hazard.FIRE,
    Hazard.OTHER,
    Hazard.UTILITY,
    Hazard.AIRSPACE,
)
"""The order in which hazards of one level are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Danger of one hazard at one place, as it holds for the chat.

    ``area``: the followed place it reaches; for a region follower the place the source named.
    ``since``: since when for this place. ``region_wide``: at this level, by an alarm on the whole
    region.
    """

    area: AreaCode
    level: Level
    since: datetime
    region_wide: bool
    stale: bool
    alarms: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Threat:
    """All that is in force of one hazard for the chat; ``reaches`` is never empty.

    ``level`` and ``since`` are those of what is not stale, while anything is not.
    """

    hazard: Hazard
    reaches: tuple[Reach, ...]
    alarms: tuple[Alarm, ...]
    exempt: tuple[AreaCode, ...]

    @property
    def stale(self) -> bool:
        return all(reach.stale for reach in self.reaches)

    @property
    def live(self) -> tuple[Reach, ...]:
        """What is not stale, or all when everything is."""
        return tuple(reach for reach in self.reaches if not reach.stale) or self.reaches

    @property
    def level(self) -> Level:
        return max(reach.level for reach in self.live)

    @property
    def since(self) -> datetime:
        return min(reach.since for reach in self.live)

    @property
    def region_wide(self) -> bool:
        return any(reach.region_wide for reach in self.live)

    @property
    def onset_known(self) -> bool:
        return all(alarm.onset_known for alarm in self.alarms)

    @property
    def unconfirmed(self) -> bool:
        return all(alarm.unconfirmed for alarm in self.alarms)

    @property
    def bounds_unclear(self) -> bool:
        return any(alarm.bounds_unclear for alarm in self.alarms)

    @property
    def confirmed_at(self) -> datetime:
        return max(alarm.confirmed_at for alarm in self.alarms)

    def reach(self, area: AreaCode) -> Reach | None:
        return next((reach for reach in self.reaches if reach.area == area), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A region's situation with everything left out that does not concern the chat.

    ``reported_since``: as in Situation, but None unless a stated event concerns the chat.
    Threats are in the order in which they are to be named: gravest first. ``neighbour``: see
    `beyond`; ``rest``: it has no threats left, but there is danger in parts of the region.
    """

    region: AreaCode
    follows: tuple[AreaCode, ...]
    region_follower: bool
    threats: tuple[Threat, ...]
    events: tuple[Event, ...]
    drills: tuple[Event, ...]
    clears: tuple[Clear, ...]
    falls: tuple[Fall, ...]
    held: tuple[Held, ...]
    reported_since: datetime | None
    lost_since: datetime | None
    neighbour: bool = False
    rest: bool = False
    retractions: tuple[Retraction, ...] = ()

    @property
    def fresh(self) -> tuple[Threat, ...]:
        """Danger in force that is not stale."""
        return tuple(threat for threat in self.threats if not threat.stale)

    def threat(self, hazard: Hazard) -> Threat | None:
        return next((threat for threat in self.threats if threat.hazard is hazard), None)


def view(situation: Situation, follows: tuple[AreaCode, ...], areas: Areas) -> View:
    """``follows`` all lie in the situation's region (or are it, or its country)."""
    region = situation.region
    whole = any(areas.contains(follow, region) for follow in follows)

    def concerns(named: tuple[AreaCode, ...]) -> bool:
        return not named or any(touches(area, follows, areas) for area in named)

    threats = [
        threat
        for danger in situation.dangers
        if (threat := _threat(danger, region, follows, whole, areas)) is not None
    ]
    threats.sort(key=lambda each: (each.stale, -each.level, GRAVEST.index(each.hazard)))
    events = tuple(e for e in situation.events if e.unnamed or concerns(e.areas))
    reported = any(_reports(event, situation.reported_since) for event in events)
    return View(
        region=region,
        follows=follows,
        region_follower=whole,
        threats=tuple(threats),
        events=events,
        drills=tuple(each for each in situation.drills if each.unnamed or concerns(each.areas)),
        clears=tuple(each for each in situation.clears if _frees(each, follows, areas)),
        falls=tuple(each for each in situation.falls if concerns(each.areas)),
        held=tuple(each for each in situation.held if concerns(each.areas)),
        retractions=tuple(each for each in situation.retractions if concerns(each.areas)),
        reported_since=situation.reported_since if reported else None,
        lost_since=situation.lost_since,
    )


def view_of(card: Card, situation: Situation, follows: tuple[AreaCode, ...], areas: Areas) -> View:
    """What its chat sees of the card's region: as one that follows there, or as a neighbour."""
    if card.via is not None:
        return beyond(situation, areas)
    return view(situation, follows, areas)


def beyond(situation: Situation, areas: Areas) -> View:
    """What a neighbouring region is told: danger to the whole region, and missiles wherever they
    are (DOMAIN §5). What happens, is reported or rehearsed there is none of its business."""
    region = situation.region

    def is_wide(hazard: Hazard, named: tuple[AreaCode, ...]) -> bool:
        return hazard is Hazard.MISSILE or any(areas.contains(area, region) for area in named)

    dangers = [
        replace(danger, alarms=alarms)
        for danger in situation.dangers
        if (alarms := tuple(a for a in danger.alarms if is_wide(danger.hazard, (a.area,))))
    ]
    wide = replace(
        situation,
        dangers=tuple(dangers),
        events=(),
        drills=(),
        clears=tuple(each for each in situation.clears if is_wide(each.hazard, each.areas)),
        falls=tuple(each for each in situation.falls if is_wide(each.hazard, each.areas)),
        held=tuple(each for each in situation.held if is_wide(each.hazard, each.areas)),
        retractions=tuple(
            each for each in situation.retractions if is_wide(each.hazard, each.areas)
        ),
        reported_since=None,
    )
    rest = bool(situation.dangers) and not dangers
    return replace(view(wide, (region,), areas), neighbour=True, rest=rest)


def _frees(clear: Clear, follows: tuple[AreaCode, ...], areas: Areas) -> bool:
    """Whether an all-clear says anything new of a followed place."""
    told = tuple(
        follow
        for follow in follows
        if not any(areas.covers(place, follow) for place in (*clear.exempt, *clear.excluded))
    )
    return any(touches(area, told, areas) for area in clear.areas)


def _reports(event: Event, since: datetime | None) -> bool:
    """Whether an event is part of the report that runs since then."""
    return (
        since is not None
        and event.kind in REPORTABLE
        and not event.withdrawn
        and any(source.at >= since for source in event.sources)
    )


def of_episode(seen: View, card: Card) -> View:
    """Without what belongs to earlier episodes of the chat: a situation remembers a day of them.

    A card's episode begins with the danger that is in force or that its all-clears ended, however
    late the card was opened.
    """
    opened = card.opened_at - RECENT
    begins = [threat.since for threat in seen.threats]
    begins += [clear.since for clear in seen.clears if clear.version >= card.opened_version]
    begin = min([opened, *begins])
    lasting = (Kind.EVACUATION, *LINES)
    return replace(
        seen,
        clears=tuple(clear for clear in seen.clears if clear.at >= begin),
        falls=tuple(fall for fall in seen.falls if fall.at >= begin),
        drills=tuple(drill for drill in seen.drills if drill.at >= begin),
        retractions=tuple(r for r in seen.retractions if r.version > card.opened_version),
        events=tuple(
            event
            for event in seen.events
            if event.at >= begin
            or (event.kind in lasting and event.ended_at is None)
            or any(source.received_at >= opened for source in event.sources)
        ),
    )


def touches(area: AreaCode, follows: tuple[AreaCode, ...], areas: Areas) -> bool:
    """Whether what is said of ``area`` concerns one of these followed places."""
    return any(areas.contains(area, each) or areas.contains(each, area) for each in follows)


def names_followed(seen: View, named: tuple[AreaCode, ...], areas: Areas) -> bool:
    """Whether a followed district or town itself is meant, not the region as a whole."""
    districts = tuple(each for each in seen.follows if not areas.contains(each, seen.region))
    places = (area for area in named if not areas.contains(area, seen.region))
    return any(touches(area, districts, areas) for area in places)


def reach_of(
    danger: Danger | Threat, follow: AreaCode, region: AreaCode, areas: Areas
) -> Reach | None:
    """How danger reaches one followed place: by its own alarms, or by the region's unless the
    place is exempt."""
    exempt = any(areas.covers(place, follow) for place in danger.exempt)
    alarms = tuple(
        alarm
        for alarm in danger.alarms
        if (
            not exempt
            if areas.contains(alarm.area, region)
            else touches(alarm.area, (follow,), areas)
        )
    )
    return _reach(follow, alarms, region, areas) if alarms else None


def _threat(
    danger: Danger,
    region: AreaCode,
    follows: tuple[AreaCode, ...],
    whole: bool,
    areas: Areas,
) -> Threat | None:
    if whole:
        reaches = [_reach(alarm.area, (alarm,), region, areas) for alarm in danger.alarms]
    else:
        found = [reach_of(danger, follow, region, areas) for follow in follows]
        reaches = [reach for reach in found if reach is not None]
    if not reaches:
        return None
    return Threat(
        hazard=danger.hazard,
        reaches=tuple(reaches),
        alarms=tuple(
            alarm for alarm in danger.alarms if any(alarm in each.alarms for each in reaches)
        ),
        exempt=tuple(each for each in danger.exempt if touches(each, follows, areas)),
    )


def _reach(area: AreaCode, alarms: tuple[Alarm, ...], region: AreaCode, areas: Areas) -> Reach:
    live = tuple(alarm for alarm in alarms if alarm.stale_at is None) or alarms
    level = max(alarm.level for alarm in live)
    return Reach(
        area=area,
        level=level,
        since=min(alarm.since for alarm in live),
        region_wide=any(
            areas.contains(alarm.area, region) for alarm in live if alarm.level is level
        ),
        stale=all(alarm.stale_at is not None for alarm in alarms),
        alarms=alarms,
    )


def newest(sources: tuple[Source, ...]) -> Source | None:
    return max(sources, key=lambda source: source.at, default=None)


def sources_of(threat: Threat) -> tuple[Source, ...]:
    """Each source of its alarms once, oldest first."""
    unique = dict.fromkeys(chain.from_iterable(alarm.sources for alarm in threat.alarms))
    return tuple(sorted(unique, key=lambda source: source.at))
