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
)
from ingest.correlate.table import IMPLAUSIBLE_CLEAR, Change, Transition
from storage.areas.tree import Areas
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
    areas: Areas,
    *,
    posted_at: datetime,
    released: bool = False,
) -> tuple[Situation, list[Change], list[Hold]]:
    """Close what the claim names: places ∩ hazard ∩ tier, nothing else.

    ``posted_at``: when the message first appeared (``source.at`` of an edit is later).
    ``released``: a person looked at it, as it was last edited; doubt no longer holds it back,
    newer danger does.
    """
    region = situation.region
    if not released and (why := doubt(claim, region)):
        held = change(Transition.HELD, claim.hazard, *claim.areas)
        return situation, [held], [Hold(claim=claim, why=why)]
    claim = _with_towns(claim, areas)
    danger = situation.danger(claim.hazard) or Danger(hazard=claim.hazard, alarms=())
    named = _named(claim, danger, region)
    if released:
        posted_at = max(posted_at, source.at)
    words = _Words(claim=claim, named=named, source=source, posted_at=posted_at, areas=areas)
    if claim.upper_tier:
        return _fall(situation, danger, words, released=released)
    ended: list[Alarm] = []
    changes: list[Change] = []
    holds: list[Hold] = []
    for alarm in words.meant(danger, region):
        if not released and (why := words.doubt_of(alarm)):
            holds.append(words.part((alarm.area,), why))
            changes.append(change(Transition.HELD, claim.hazard, alarm.area))
        elif words.older_than(alarm):
            # Declared or confirmed after these words were written, released or not.
            changes.append(change(Transition.CLEAR_OF_NEWER, claim.hazard, alarm.area))
        else:
            ended.append(alarm)
    base = alarm_at(danger, region)
    freed: list[AreaCode] = []
    if base is not None and region not in named:
        # The region's alarm stays, but no longer holds for the places named.
        covered = [
            code
            for code in named
            if not any(areas.covers(each, code) for each in danger.exempt)
            and not any(areas.contains(each, code) for each in claim.excluded)
        ]
        if (
            covered
            and not released
            and not words.same_post(base)
            and (why := words.doubt_of(base))
        ):
            holds.append(words.part(tuple(covered), why))
            changes.append(change(Transition.HELD, claim.hazard, *covered))
        elif covered and words.older_than(base):
            changes.append(change(Transition.CLEAR_OF_NEWER, claim.hazard, *covered))
        else:
            freed = covered
    left = [alarm for alarm in danger.alarms if alarm not in ended]
    for alarm in sorted(ended, key=lambda a: len(a.area), reverse=True):
        # «…тривога ще триває у: LIST»: what covered the list goes on there.
        left = going_on(alarm, claim.excluded, left, danger.exempt, areas)
    exempt = {*danger.exempt, *freed}
    if base is not None and base in ended:
        exempt.clear()
    elif base is not None:
        inner = [e for e in claim.excluded if any(areas.covers(code, e) for code in freed)]
        left = going_on(base, inner, left, danger.exempt, areas)
    over = sorted({alarm.area for alarm in ended} | set(freed))
    if not over and not changes:
        changes.append(change(Transition.CLEAR_OF_NOTHING, claim.hazard))
    if not named or (not over and holds):
        return situation, changes, holds
    waiting = {code for hold in holds for code in hold.claim.areas}
    note = Clear(
        hazard=claim.hazard,
        areas=tuple(over),
        version=situation.version + 1,
        exempt=danger.exempt,
        named=tuple(code for code in named if code not in waiting),
        excluded=tuple(dict.fromkeys((*claim.excluded, *sorted(waiting - {region})))),
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
    areas: Areas

    def meant(self, danger: Danger, region: AreaCode) -> list[Alarm]:
        """The alarms that it names and does not except. A city is not its district."""
        return [
            alarm
            for alarm in danger.alarms
            if (region in self.named or alarm.area in self.named)
            and not any(self.areas.contains(code, alarm.area) for code in self.claim.excluded)
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

    def doubt_of(self, alarm: Alarm) -> str | None:
        """Why it can hardly mean this alarm, or None."""
        if self.older_than(alarm):
            edited = self.posted_at < alarm.confirmed_at < self.source.at
            return "its post is older than the last word on the danger there" if edited else None
        if self.source.at - max(alarm.since, alarm.named_at) < IMPLAUSIBLE_CLEAR:
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
            code
            for code in self.claim.excluded
            if any(self.areas.contains(area, code) for area in areas)
        )
        whole = any("/" not in area for area in areas)
        partial = self.claim.partial if whole else True
        claim = replace(self.claim, areas=areas, excluded=excluded, partial=partial)
        return Hold(claim=claim, why=why)


def _with_towns(claim: Claim, areas: Areas) -> Claim:
    """An exception of a district is one of the town apart from it too, unless that is named: who
    lives there must not take it for an all-clear."""
    towns = [
        town.code
        for code in claim.excluded
        for town in areas.children(code)
        if town.apart and town.code not in claim.areas
    ]
    return replace(claim, excluded=tuple(dict.fromkeys((*claim.excluded, *towns))))


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
    situation: Situation, danger: Danger, words: _Words, *, released: bool
) -> tuple[Situation, list[Change], list[Hold]]:
    claim, source = words.claim, words.source
    fallen: list[Alarm] = []
    changes: list[Change] = []
    holds: list[Hold] = []
    for alarm in words.meant(danger, situation.region):
        if alarm.level is not Level.IMMINENT:
            continue
        if not released and (why := words.doubt_of(alarm)):
            holds.append(words.part((alarm.area,), why))
            changes.append(change(Transition.HELD, claim.hazard, alarm.area))
        elif not words.older_than(alarm):
            fallen.append(alarm)
    if not fallen:
        return situation, changes or [change(Transition.CLEAR_OF_NOTHING, claim.hazard)], holds
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
        alarms = going_on(alarm, claim.excluded, alarms, danger.exempt, words.areas)
    danger = replace(danger, alarms=tuple(sorted(alarms, key=lambda a: a.area)))
    places = tuple(alarm.area for alarm in fallen)
    note = Fall(hazard=claim.hazard, areas=places, to=Level.DECLARED, at=source.at, source=source)
    after = replace(
        situation,
        dangers=with_danger(situation.dangers, danger),
        falls=(*situation.falls, note),
    )
    return after, [change(Transition.FALL, claim.hazard, *places), *changes], holds
