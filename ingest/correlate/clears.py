"""All-clears: the only claims that lower or close danger, and what of them is held. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from ingest.correlate.alarms import (
    UNCERTAIN,
    alarm_at,
    change,
    going_on,
    with_danger,
    with_source,
    within,
)
from ingest.correlate.table import IMPLAUSIBLE_CLEAR, Change, Transition
from storage.model import (
    Alarm,
    AreaCode,
    Claim,
    Clear,
    Danger,
    Fall,
    Hazard,
    Level,
    Situation,
    Source,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """An all-clear, or a part of one, that a person must release. ``claim`` is what would be
    applied then."""

    claim: Claim
    why: str


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
    region = situation.region
    if not released and (why := doubt(claim, region)):
        held = change(Transition.HELD, claim.hazard, *claim.areas)
        return situation, [held], [Hold(claim=claim, why=why)]
    danger = situation.danger(claim.hazard) or Danger(hazard=claim.hazard, alarms=())
    named = _named(claim, danger, region)
    words = _Words(claim=claim, named=named, source=source, posted_at=posted_at)
    if claim.upper_tier:
        return _fall(situation, danger, words)
    ended: list[Alarm] = []
    changes: list[Change] = []
    holds: list[Hold] = []
    for alarm in words.meant(danger, region):
        if words.older_than(alarm):
            # Declared or confirmed after these words were written, released or not.
            changes.append(change(Transition.CLEAR_OF_NEWER, claim.hazard, alarm.area))
        elif not released and (why := words.implausible(alarm)):
            holds.append(words.part((alarm.area,), why))
            changes.append(change(Transition.HELD, claim.hazard, alarm.area))
        else:
            ended.append(alarm)
    base = alarm_at(danger, region)
    freed: list[AreaCode] = []
    if base is not None and region not in named:
        # The region's alarm stays, but no longer holds for the places named.
        not_there = (*danger.exempt, *claim.excluded)
        covered = [c for c in named if not any(within(each, c) for each in not_there)]
        if covered and words.older_than(base):
            changes.append(change(Transition.CLEAR_OF_NEWER, claim.hazard, *covered))
        elif (
            covered
            and not released
            and not words.same_post(base)
            and (why := words.implausible(base))
        ):
            holds.append(words.part(tuple(covered), why))
            changes.append(change(Transition.HELD, claim.hazard, *covered))
        else:
            freed = covered
    left = [alarm for alarm in danger.alarms if alarm not in ended]
    for alarm in sorted(ended, key=lambda a: len(a.area), reverse=True):
        # «…тривога ще триває у: LIST»: what covered the list goes on there.
        left = going_on(alarm, claim.excluded, left, danger.exempt)
    exempt = {*danger.exempt, *freed}
    if base is not None and base in ended:
        exempt.clear()
    elif base is not None:
        inner = [e for e in claim.excluded if any(within(code, e) for code in freed)]
        left = going_on(base, inner, left, danger.exempt)
    over = sorted({alarm.area for alarm in ended} | set(freed))
    if not over and not changes:
        changes.append(change(Transition.CLEAR_OF_NOTHING, claim.hazard))
    if not named or (not over and holds):
        return situation, changes, holds
    note = Clear(
        hazard=claim.hazard,
        areas=tuple(over),
        version=situation.version + 1,
        exempt=danger.exempt,
        named=named,
        excluded=claim.excluded,
        whole=not left,
        since=min([a.since for a in ended] or [base.since if base else source.at]),
        at=source.at,
        posted_at=posted_at,
        source=source,
    )
    if over:
        transition = Transition.CLEAR_PART if left else Transition.CLEAR_WHOLE
        changes.append(change(transition, claim.hazard, *over))
        danger = replace(
            danger,
            alarms=tuple(sorted(left, key=lambda a: a.area)),
            exempt=tuple(sorted(exempt)),
        )
    after = replace(
        situation,
        dangers=with_danger(situation.dangers, danger),
        # Also of nothing active: a threat from before it may still come.
        clears=(*situation.clears, note),
    )
    return after, changes, holds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """An all-clear's words: what they name, and when they were written."""

    claim: Claim
    named: tuple[AreaCode, ...]
    source: Source
    posted_at: datetime

    def meant(self, danger: Danger, region: AreaCode) -> list[Alarm]:
        """The alarms that it names and does not except. A city is not its district."""
        return [
            alarm
            for alarm in danger.alarms
            if (region in self.named or alarm.area in self.named)
            and not any(within(code, alarm.area) for code in self.claim.excluded)
        ]

    def older_than(self, alarm: Alarm) -> bool:
        """The alarm was declared or confirmed after these words. Within a second the order of
        messages in the channel counts."""
        return alarm.confirmed_at > self.posted_at or any(
            known.channel == self.source.channel
            and known.message > self.source.message
            and known.at >= self.posted_at
            for known in alarm.sources
        )

    def implausible(self, alarm: Alarm) -> str | None:
        """Why it can hardly mean this alarm, or None."""
        if self.source.at - alarm.since < IMPLAUSIBLE_CLEAR:
            return "within a minute of the alarm there"
        stated = self.claim.at
        if stated is not None and stated + IMPLAUSIBLE_CLEAR < alarm.since:
            return "it states a time before the alarm there"
        return None

    def same_post(self, alarm: Alarm) -> bool:
        """The post itself is what the alarm is known from."""
        first = alarm.sources[0]
        here = (self.source.channel, self.source.message)
        return (first.channel, first.message) == here and alarm.since == self.source.at

    def part(self, areas: tuple[AreaCode, ...], why: str) -> Hold:
        """Hold it for these places only, its exceptions there with it."""
        excluded = tuple(
            code for code in self.claim.excluded if any(within(area, code) for area in areas)
        )
        whole = any("/" not in area for area in areas)
        partial = self.claim.partial if whole else True
        claim = replace(self.claim, areas=areas, excluded=excluded, partial=partial)
        return Hold(claim=claim, why=why)


def _named(claim: Claim, danger: Danger, region: AreaCode) -> tuple[AreaCode, ...]:
    """The places that an all-clear may close: never the region for a part of it, whoever
    released it. Empty: none that we know."""
    inner = tuple(code for code in claim.areas if code != region)
    if inner:
        return inner
    if _plain(claim):
        return (region,)
    # «В одном из районов»: only what was alarmed in such words.
    base = alarm_at(danger, region)
    vague = claim.unnamed or claim.bounds_unclear
    unclear = vague and not claim.unresolved and base is not None and base.bounds_unclear
    return (region,) if unclear and len(danger.alarms) == 1 else ()


def _plain(claim: Claim) -> bool:
    """Whether it speaks of the whole region where it names no place inside it."""
    somewhere = claim.partial and not claim.excluded and not claim.upper_tier
    return not (claim.unnamed or claim.bounds_unclear or claim.unresolved or somewhere)


def doubt(claim: Claim, region: AreaCode) -> str | None:
    """Why a person must look at this all-clear first, or None."""
    if claim.hazard is Hazard.OTHER:
        return "it does not say of which danger"
    if claim.weak or claim.certainty in UNCERTAIN:
        return "its wording is uncertain"
    if claim.unnamed or claim.bounds_unclear:
        return "it does not say exactly where"
    inner = any(code != region for code in claim.areas)
    if claim.unresolved and not inner:
        return f"unknown place: {', '.join(claim.unresolved)}"
    if inner and region in claim.areas:
        return "it names the region and places in it"
    if not inner and not _plain(claim):
        return "it speaks of a part, but not of which"
    return None


def unresolved_part(claim: Claim, region: AreaCode) -> Hold | None:
    """Of a list, only the place that no area answers to is held."""
    if not claim.unresolved or not claim.areas or doubt(claim, region):
        return None
    part = replace(claim, areas=(), partial=True)
    return Hold(claim=part, why=f"unknown place: {', '.join(claim.unresolved)}")


def _fall(
    situation: Situation, danger: Danger, words: _Words
) -> tuple[Situation, list[Change], list[Hold]]:
    claim, source = words.claim, words.source
    fallen = [
        alarm
        for alarm in words.meant(danger, situation.region)
        if alarm.level is Level.IMMINENT and not words.older_than(alarm)
    ]
    if not fallen:
        return situation, [change(Transition.CLEAR_OF_NOTHING, claim.hazard)], []
    alarms = [alarm for alarm in danger.alarms if alarm not in fallen]
    alarms += [
        replace(
            alarm,
            level=Level.DECLARED,
            confirmed_at=max(alarm.confirmed_at, source.at),
            sources=with_source(alarm.sources, source, front=False),
        )
        for alarm in fallen
    ]
    for alarm in fallen:
        # The upper tier goes on at the exceptions.
        alarms = going_on(alarm, claim.excluded, alarms, danger.exempt)
    danger = replace(danger, alarms=tuple(sorted(alarms, key=lambda a: a.area)))
    areas = tuple(alarm.area for alarm in fallen)
    note = Fall(hazard=claim.hazard, areas=areas, to=Level.DECLARED, at=source.at, source=source)
    after = replace(
        situation,
        dangers=with_danger(situation.dangers, danger),
        falls=(*situation.falls, note),
    )
    return after, [Change(transition=Transition.FALL, hazard=claim.hazard, areas=areas)], []
