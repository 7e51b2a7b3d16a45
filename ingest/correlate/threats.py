"""Threats: the only claims that open or raise danger. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from ingest.correlate.alarms import (
    UNCERTAIN,
    alarm_at,
    change,
    covering,
    going_on,
    with_danger,
    with_source,
)
from ingest.correlate.table import THREAT, Before, Change, Says, Transition
from storage.areas.tree import Areas
from storage.model import Alarm, AreaCode, Claim, Clear, Danger, Hazard, Level, Situation, Source


def threaten(
    situation: Situation, claim: Claim, source: Source, areas: Areas
) -> tuple[Situation, list[Change]]:
    """Raise what the claim names. Never lowers or removes anything."""
    changes: list[Change] = []
    danger = situation.danger(claim.hazard) or Danger(hazard=claim.hazard, alarms=())
    if claim.unresolved and not claim.areas:
        # An unknown composite in a threat means the whole region.
        claim = replace(claim, bounds_unclear=True)
    for area in _where(danger, claim, situation.region):
        if _overtaken(situation, claim.hazard, area, source, areas):
            changes.append(change(Transition.OVERTAKEN, claim.hazard, area))
            continue
        level = _not_fallen(situation, claim, area, source)
        known = covering(danger, area, areas) if claim.continues else None
        if known is not None and known.level >= level and alarm_at(danger, area) is None:
            area = known.area  # «в Боровском районе сохраняется»: as in all the region
        word = _Word(claim=replace(claim, level=level), source=source, areas=areas)
        danger, transition = _raise(danger, area, word, situation)
        changes.append(change(transition, claim.hazard, area))
    if not danger.alarms:
        return situation, changes
    return replace(situation, dangers=with_danger(situation.dangers, danger)), changes


def _where(danger: Danger, claim: Claim, region: AreaCode) -> tuple[AreaCode, ...]:
    """«Сохраняется» without a place goes on where danger is open, if it is anywhere: of what is
    not stale, while anything is not."""
    if not (claim.continues and claim.unplaced) or not danger.alarms:
        return claim.areas or (region,)
    live = [alarm.area for alarm in danger.alarms if alarm.stale_at is None]
    return tuple(live or [alarm.area for alarm in danger.alarms])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    """A threat as one channel says it."""

    claim: Claim
    source: Source
    areas: Areas


def _raise(
    danger: Danger, area: AreaCode, word: _Word, situation: Situation
) -> tuple[Danger, Transition]:
    claim, source, areas = word.claim, word.source, word.areas
    before = alarm = alarm_at(danger, area)
    transition = THREAT[_before(alarm, claim.level), _says(claim)]
    unconfirmed = claim.weak or claim.certainty in UNCERTAIN
    if alarm is None or transition is Transition.ONSET:
        alarm = Alarm(
            area=area,
            level=claim.level,
            since=source.at,
            named_at=source.at,
            confirmed_at=source.at,
            onset_known=not claim.continues,
            unconfirmed=unconfirmed,
            bounds_unclear=claim.bounds_unclear or claim.unnamed,
            sources=(source,),
        )
    else:
        named = transition in (Transition.ESCALATION, Transition.RENEWED, Transition.RESUMED)
        known = any(s.channel == source.channel for s in alarm.sources)
        if transition is Transition.CONFIRMED and not known:
            transition = Transition.SOURCE_ADDED
        alarm = replace(
            alarm,
            level=max(alarm.level, claim.level),
            named_at=max(alarm.named_at, source.at) if named else alarm.named_at,
            confirmed_at=max(alarm.confirmed_at, source.at),
            unconfirmed=alarm.unconfirmed and unconfirmed,
            stale_at=None,
            sources=with_source(alarm.sources, source, front=named),
        )
    alarms = [a for a in danger.alarms if a.area != area]
    # A new word on the whole region speaks of the places too that were exempt before, unless
    # their all-clear is newer; a place named by itself is no longer exempt.
    exempt = danger.exempt
    if area == situation.region:
        kept = [
            code
            for code in exempt
            if claim.continues or _overtaken(situation, danger.hazard, code, source, areas)
        ]
        if before is None:
            kept += _freed_since(situation, danger.hazard, source, areas)
        if before is not None:
            # «…кроме» in a threat frees nobody: what held there before goes on as it was.
            alarms = going_on(before, claim.excluded, alarms, exempt, areas)
        exempt = (*kept, *claim.excluded)
    return (
        replace(
            danger,
            alarms=tuple(sorted((*alarms, alarm), key=lambda a: a.area)),
            exempt=tuple(sorted({code for code in exempt if code != area})),
        ),
        transition,
    )


def _before(alarm: Alarm | None, level: Level) -> Before:
    if alarm is None:
        return Before.IDLE
    if alarm.stale_at is not None:
        return Before.STALE
    return Before.LOWER if alarm.level < level else Before.AS_HIGH


def _says(claim: Claim) -> Says:
    if claim.renewed:
        return Says.RENEWED
    return Says.CONTINUES if claim.continues else Says.DECLARED


def _freed_since(
    situation: Situation, hazard: Hazard, source: Source, areas: Areas
) -> list[AreaCode]:
    """The places that a later all-clear, known already, freed by name."""
    return [
        code
        for clear in situation.clears
        if clear.hazard is hazard and _older(source, clear.source, clear.posted_at or clear.at)
        for code in clear.named
        if code != situation.region
        and not any(areas.contains(each, code) for each in clear.excluded)
    ]


def _overtaken(
    situation: Situation, hazard: Hazard, area: AreaCode, source: Source, areas: Areas
) -> bool:
    """A later all-clear of this place is known already: the threat came too late to count."""
    return any(
        clear.hazard is hazard
        and _speaks_of(clear, area, situation.region, areas)
        and _older(source, clear.source, clear.posted_at or clear.at)
        for clear in situation.clears
    )


def _speaks_of(clear: Clear, area: AreaCode, region: AreaCode, areas: Areas) -> bool:
    if any(areas.contains(code, area) or areas.contains(area, code) for code in clear.excluded):
        return False
    named = clear.named or clear.areas
    return area in named or region in named


def _not_fallen(situation: Situation, claim: Claim, area: AreaCode, source: Source) -> Level:
    """The claim's level, or the lower one that a later post said this place has fallen to."""
    later = [
        fall.to
        for fall in situation.falls
        if fall.hazard is claim.hazard
        and (area in fall.areas or situation.region in fall.areas)
        and _older(source, fall.source, fall.at)
    ]
    return min([claim.level, *later])


def _older(one: Source, other: Source, other_at: datetime) -> bool:
    """Within a channel the order of messages counts, else the date."""
    if one.channel == other.channel:
        return (one.message, one.at) < (other.message, other.at)
    return one.at < other_at
