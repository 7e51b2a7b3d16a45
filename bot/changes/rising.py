"""Danger begins, rises, spreads. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bot.changes.found import Between, Found, new_clears, was_cleared
from bot.reasons import Reason
from bot.view import Threat, reach_of
from storage.model import Alarm, AreaCode, Hazard, Level, Loudness


def dangers(between: Between) -> Iterator[Found]:
    now = between.now
    if not now.fresh:
        return
    if _begins(between):
        yield Found(
            reason=Reason.FIRST_DANGER,
            near=not now.region_follower,
            wide=any(threat.region_wide for threat in now.fresh),
            first=True,
            published=max(_published(alarm) for each in now.fresh for alarm in each.alarms),
            dire=any(_dire_anywhere(between, threat) for threat in now.fresh),
        )
        return
    told = between.told
    if told is None:
        return
    for threat in now.fresh:
        old = told.threat(threat.hazard)
        for follow in between.districts:
            yield from _at_district(between, threat, old, follow)
        if now.region_follower:
            yield from _in_region(between, threat, old)


def unheard(between: Between) -> Iterator[Found]:
    """Quiet hours are over, the danger is not, and the chat never heard a sound of it."""
    card, now = between.card, between.now
    if not card.hushed or not between.heard or not now.fresh or now.neighbour:
        return
    if between.wishes.loudness_in(between.region) is not Loudness.SILENT:
        yield Found(reason=Reason.STILL_IN_FORCE, near=not now.region_follower, first=True)


def _begins(between: Between) -> bool:
    """Whether nothing was in force for the chat before: not told, over meanwhile, or stale and
    then declared anew."""
    told, now = between.told, between.now
    if told is None or not told.threats:
        return True
    if not told.fresh:
        before = max(alarm.named_at for each in told.threats for alarm in each.alarms)
        return any(a.named_at > before for each in now.fresh for a in each.alarms)
    ends = [clear.at for clear in new_clears(between)]
    return bool(ends) and min(threat.since for threat in now.threats) >= max(ends)


def _at_district(
    between: Between, threat: Threat, old_threat: Threat | None, follow: AreaCode
) -> Iterator[Found]:
    region, areas = between.region, between.areas
    new = reach_of(threat, follow, region, areas)
    old = reach_of(old_threat, follow, region, areas) if old_threat else None
    if new is None or new.stale:
        return
    base = Found(
        reason=Reason.DETAILS,
        near=True,
        wide=new.region_wide or threat.hazard is Hazard.MISSILE,
        published=max(map(_published, new.alarms)),
        dire=_dire(between, threat.hazard, new.level, near=True),
    )
    if old is None:
        again = was_cleared(between, threat.hazard, follow)
        reason = (
            _beginning(threat)
            if old_threat is None
            else Reason.NAMED_AGAIN
            if again
            else Reason.PLACE_NAMED
        )
        yield replace(base, reason=reason, first=not again)
    elif new.level > old.level:
        yield replace(base, reason=Reason.RISE, first=new.level is Level.IMMINENT)
    else:
        for alarm in new.alarms:
            naming = _naming(alarm, old.alarms)
            if naming is Reason.PLACE_NAMED and areas.contains(alarm.area, region):
                continue  # already in danger under its own name
            if naming is not None:
                yield replace(base, reason=naming, published=_published(alarm))


def _in_region(between: Between, threat: Threat, old: Threat | None) -> Iterator[Found]:
    missile = threat.hazard is Hazard.MISSILE
    if old is None or _is_anew(threat, old):
        again = was_cleared(between, threat.hazard, between.region)
        yield Found(
            reason=_beginning(threat),
            wide=threat.region_wide or missile,
            first=not again,
            published=max(map(_published, threat.alarms)),
            dire=_dire_in_region(between, threat),
        )
        return
    for alarm in threat.alarms:
        if alarm.stale_at is not None:
            continue
        wide = between.areas.contains(alarm.area, between.region)
        prior = _same_place(alarm, old.alarms)
        base = Found(
            reason=Reason.DETAILS,
            wide=wide or missile,
            published=_published(alarm),
            dire=(wide or missile) and _dire(between, threat.hazard, alarm.level, near=False),
        )
        naming = _naming(alarm, old.alarms)
        if prior is not None and alarm.level > prior.level:
            rise = alarm.level is Level.IMMINENT
            yield replace(base, reason=Reason.RISE, first=rise and base.wide)
        elif wide and naming in (Reason.PLACE_NAMED, Reason.NAMED_AGAIN):
            imminent = alarm.level is Level.IMMINENT and old.level < Level.IMMINENT
            yield replace(base, reason=Reason.WIDENED, first=imminent)
        elif naming is not None:
            yield replace(base, reason=naming)


def _dire_anywhere(between: Between, threat: Threat) -> bool:
    reaches = (
        reach_of(threat, follow, between.region, between.areas) for follow in between.districts
    )
    return any(
        _dire(between, threat.hazard, reach.level, near=True)
        for reach in reaches
        if reach is not None and not reach.stale
    ) or (between.now.region_follower and _dire_in_region(between, threat))


def _dire_in_region(between: Between, threat: Threat) -> bool:
    """For those who follow the region: what is of the whole of it, and missiles."""
    return any(
        _dire(between, threat.hazard, alarm.level, near=False)
        for alarm in threat.alarms
        if alarm.stale_at is None
        and (threat.hazard is Hazard.MISSILE or between.areas.contains(alarm.area, between.region))
    )


def _dire(between: Between, hazard: Hazard, level: Level, *, near: bool) -> bool:
    if level is Level.IMMINENT or hazard is Hazard.MISSILE:
        return True
    flood_or_alarm = hazard is Hazard.FLOOD or (near and between.one_tier)
    return flood_or_alarm and level >= Level.DECLARED


def _beginning(threat: Threat) -> Reason:
    if threat.hazard is Hazard.MISSILE:
        return Reason.MISSILE
    if threat.hazard is Hazard.FLOOD and threat.level >= Level.DECLARED:
        return Reason.FLOOD
    return Reason.NEW_HAZARD


def _is_anew(threat: Threat, old: Threat) -> bool:
    """Declared after all of it had grown stale: that was another incident (DOMAIN §3)."""
    before = max(alarm.named_at for alarm in old.alarms)
    return old.stale and any(a.stale_at is None and a.named_at > before for a in threat.alarms)


def _naming(alarm: Alarm, before: tuple[Alarm, ...]) -> Reason | None:
    """How a threat named this place since, or None."""
    if alarm.stale_at is not None:
        return None
    prior = _same_place(alarm, before)
    if prior is None:
        # «…тривога ще триває у: LIST» splits the region's alarm: the same words, named before.
        split = any((a.sources, a.named_at) == (alarm.sources, alarm.named_at) for a in before)
        return None if split else Reason.PLACE_NAMED
    if alarm.named_at <= prior.named_at:
        return None
    if alarm.since > prior.since or prior.stale_at is not None:
        return Reason.NAMED_AGAIN
    return Reason.RENEWED


def _same_place(alarm: Alarm, among: tuple[Alarm, ...]) -> Alarm | None:
    return next((each for each in among if each.area == alarm.area), None)


def _published(alarm: Alarm) -> datetime:
    return max((source.at for source in alarm.sources), default=alarm.named_at)
