"""Threats and all-clears: the only claims that raise, lower, open or close danger. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ingest.correlate.table import (
    IMPLAUSIBLE_CLEAR,
    THREAT,
    Before,
    Change,
    Says,
    Transition,
)
from storage.model import (
    Alarm,
    AreaCode,
    Certainty,
    Claim,
    Clear,
    Danger,
    Fall,
    Hazard,
    Level,
    Situation,
    Source,
)

_UNCERTAIN = frozenset({Certainty.POSSIBLE, Certainty.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """An all-clear, or a part of one, that a person must release. ``claim`` is what would be
    applied then."""

    claim: Claim
    why: str


# --- threats --------------------------------------------------------------------------------


def threaten(situation: Situation, claim: Claim, source: Source) -> tuple[Situation, list[Change]]:
    """Raise what the claim names. Never lowers or removes anything."""
    changes: list[Change] = []
    danger = situation.danger(claim.hazard) or Danger(hazard=claim.hazard, alarms=())
    if claim.unresolved and not claim.areas:
        # An unknown composite in a threat means the whole region.
        claim = replace(claim, bounds_unclear=True)
    for area in claim.areas or (situation.region,):
        if _overtaken(situation, claim.hazard, area, source):
            changes.append(_change(Transition.OVERTAKEN, claim.hazard, area))
            continue
        danger, transition = _raise(danger, area, claim, source, situation.region)
        changes.append(_change(transition, claim.hazard, area))
    if not danger.alarms:
        return situation, changes
    return replace(situation, dangers=_with(situation.dangers, danger)), changes


def _raise(
    danger: Danger, area: AreaCode, claim: Claim, source: Source, region: AreaCode
) -> tuple[Danger, Transition]:
    alarm = next((alarm for alarm in danger.alarms if alarm.area == area), None)
    transition = THREAT[_before(alarm, claim.level), _says(claim)]
    unconfirmed = claim.weak or claim.certainty in _UNCERTAIN
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
            sources=_sources(alarm.sources, source, front=named),
        )
    alarms = tuple(a for a in danger.alarms if a.area != area)
    # A new word on the whole region speaks of the places too that were exempt before; a place
    # named by itself is no longer exempt.
    exempt = danger.exempt
    if area == region:
        exempt = (*(exempt if claim.continues else ()), *claim.excluded)
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


def _overtaken(situation: Situation, hazard: Hazard, area: AreaCode, source: Source) -> bool:
    """A later all-clear of this place is known already: the threat came too late to count."""
    return any(
        clear.hazard is hazard
        and (area in clear.areas or (situation.region in clear.areas and clear.whole))
        and _older(source, clear.source)
        for clear in situation.clears
    )


def _older(one: Source, other: Source) -> bool:
    """Within a channel the order of messages counts, else the date."""
    if one.channel == other.channel:
        return (one.message, one.at) < (other.message, other.at)
    return one.at < other.at


# --- all-clears -----------------------------------------------------------------------------


def clear(
    situation: Situation,
    claim: Claim,
    source: Source,
    *,
    posted_at: datetime,
    released: bool = False,
) -> tuple[Situation, list[Change], list[Hold]]:
    """Close what the claim names: places ∩ hazard ∩ tier, nothing else.

    ``posted_at``: when the message first appeared (``source.at`` of an edit is later).
    ``released``: a person looked at it; doubt no longer holds it back, newer danger does.
    """
    if not released and (why := doubt(claim)):
        return situation, [_change(Transition.HELD, claim.hazard)], [Hold(claim=claim, why=why)]
    danger = situation.danger(claim.hazard)
    if danger is None or (claim.unresolved and not claim.areas):
        # Released or not: places that we do not know are nothing that we could clear.
        return situation, [_change(Transition.CLEAR_OF_NOTHING, claim.hazard)], []
    named = claim.areas or (situation.region,)
    wide = situation.region in named
    candidates = [
        alarm
        for alarm in danger.alarms
        if (wide or alarm.area in named) and alarm.area not in claim.excluded
    ]
    if claim.upper_tier:
        return _fall(situation, danger, candidates, claim, source, posted_at)

    ended: list[Alarm] = []
    changes: list[Change] = []
    holds: list[Hold] = []
    for alarm in candidates:
        if alarm.confirmed_at > posted_at:
            # Declared or confirmed after these words were written, released or not.
            changes.append(_change(Transition.CLEAR_OF_NEWER, claim.hazard, alarm.area))
        elif not released and source.at - alarm.since < IMPLAUSIBLE_CLEAR:
            part = replace(claim, areas=(alarm.area,), excluded=(), partial=True)
            holds.append(Hold(claim=part, why="within a minute of the alarm there"))
            changes.append(_change(Transition.HELD, claim.hazard, alarm.area))
        else:
            ended.append(alarm)
    base = next((a for a in danger.alarms if a.area == situation.region), None)
    exempt = set(danger.exempt)
    freed: list[AreaCode] = []
    if base is not None and not wide and base.confirmed_at <= posted_at:
        # The region's alarm stays, but no longer holds for the places named.
        freed = [code for code in named if code not in exempt]
        exempt.update(freed)
    if not ended and not freed:
        if not changes:
            changes.append(_change(Transition.CLEAR_OF_NOTHING, claim.hazard))
        return situation, changes, holds
    left = [alarm for alarm in danger.alarms if alarm not in ended]
    if base is not None and base in ended:
        # «…тривога ще триває у: LIST»: what the region's alarm covered goes on there.
        present = {alarm.area for alarm in left}
        left += [
            replace(base, area=code)
            for code in claim.excluded
            if code not in present and code not in exempt
        ]
        exempt.clear()
    rest = replace(
        danger,
        alarms=tuple(sorted(left, key=lambda a: a.area)),
        exempt=tuple(sorted(exempt)),
    )
    over = sorted({alarm.area for alarm in ended} | set(freed))
    note = Clear(
        hazard=claim.hazard,
        areas=tuple(over),
        exempt=danger.exempt,
        whole=not left,
        since=min([a.since for a in ended] or [base.since if base else source.at]),
        at=source.at,
        source=source,
    )
    changes.append(
        Change(
            transition=Transition.CLEAR_PART if left else Transition.CLEAR_WHOLE,
            hazard=claim.hazard,
            areas=tuple(over),
        )
    )
    after = replace(
        situation,
        dangers=_with(situation.dangers, rest),
        clears=(*situation.clears, note),
    )
    return after, changes, holds


def doubt(claim: Claim) -> str | None:
    """Why a person must look at this all-clear first, or None."""
    if claim.hazard is Hazard.OTHER:
        return "it does not say of which danger"
    if claim.weak or claim.certainty in _UNCERTAIN:
        return "its wording is uncertain"
    if claim.unnamed or claim.bounds_unclear:
        return "it does not say exactly where"
    if claim.unresolved and not claim.areas:
        return f"unknown place: {', '.join(claim.unresolved)}"
    return None


def unresolved_part(claim: Claim) -> Hold | None:
    """Of a list, only the place that no area answers to is held."""
    if not claim.unresolved or not claim.areas:
        return None
    part = replace(claim, areas=(), partial=True)
    return Hold(claim=part, why=f"unknown place: {', '.join(claim.unresolved)}")


def _fall(
    situation: Situation,
    danger: Danger,
    candidates: Sequence[Alarm],
    claim: Claim,
    source: Source,
    posted_at: datetime,
) -> tuple[Situation, list[Change], list[Hold]]:
    fallen = [
        alarm
        for alarm in candidates
        if alarm.level is Level.IMMINENT and alarm.confirmed_at <= posted_at
    ]
    if not fallen:
        return situation, [_change(Transition.CLEAR_OF_NOTHING, claim.hazard)], []
    alarms = tuple(
        replace(
            alarm,
            level=Level.DECLARED,
            confirmed_at=max(alarm.confirmed_at, source.at),
            sources=_sources(alarm.sources, source, front=False),
        )
        if alarm in fallen
        else alarm
        for alarm in danger.alarms
    )
    areas = tuple(alarm.area for alarm in fallen)
    note = Fall(hazard=claim.hazard, areas=areas, to=Level.DECLARED, at=source.at, source=source)
    after = replace(
        situation,
        dangers=_with(situation.dangers, replace(danger, alarms=alarms)),
        falls=(*situation.falls, note),
    )
    return after, [Change(transition=Transition.FALL, hazard=claim.hazard, areas=areas)], []


def _sources(known: tuple[Source, ...], new: Source, *, front: bool) -> tuple[Source, ...]:
    """One entry a channel: its first word, unless a later one raised the danger. At most 5."""
    others = tuple(s for s in known if s.channel != new.channel)
    if front:
        return (new, *others)[:5]
    return known if len(others) < len(known) else (*known, new)[:5]


def _with(dangers: Iterable[Danger], danger: Danger) -> tuple[Danger, ...]:
    others = [d for d in dangers if d.hazard is not danger.hazard]
    kept = [*others, danger] if danger.alarms else others
    return tuple(sorted(kept, key=lambda d: d.hazard))


def _change(transition: Transition, hazard: Hazard, *areas: AreaCode) -> Change:
    return Change(transition=transition, hazard=hazard, areas=areas)
