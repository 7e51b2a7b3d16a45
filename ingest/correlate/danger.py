"""Threats and all-clears: the only claims that raise, lower, open or close danger. Pure."""

from collections.abc import Iterable
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
        level = _not_fallen(situation, claim, area, source)
        danger, transition = _raise(danger, area, replace(claim, level=level), source, situation)
        changes.append(_change(transition, claim.hazard, area))
    if not danger.alarms:
        return situation, changes
    return replace(situation, dangers=_with(situation.dangers, danger)), changes


def _raise(
    danger: Danger, area: AreaCode, claim: Claim, source: Source, situation: Situation
) -> tuple[Danger, Transition]:
    before = alarm = _alarm_at(danger, area)
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
    alarms = [a for a in danger.alarms if a.area != area]
    # A new word on the whole region speaks of the places too that were exempt before, unless
    # their all-clear is newer; a place named by itself is no longer exempt.
    exempt = danger.exempt
    if area == situation.region:
        kept = [
            code
            for code in exempt
            if claim.continues or _overtaken(situation, danger.hazard, code, source)
        ]
        if before is not None:
            # «…кроме» in a threat frees nobody: what held there before goes on as it was.
            alarms = _going_on(before, claim.excluded, alarms, exempt)
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


def _overtaken(situation: Situation, hazard: Hazard, area: AreaCode, source: Source) -> bool:
    """A later all-clear of this place is known already: the threat came too late to count."""
    return any(
        clear.hazard is hazard
        and _speaks_of(clear, area, situation.region)
        and _older(source, clear.source, clear.posted_at or clear.at)
        for clear in situation.clears
    )


def _speaks_of(clear: Clear, area: AreaCode, region: AreaCode) -> bool:
    if any(within(code, area) or within(area, code) for code in clear.excluded):
        return False
    named = clear.named or clear.areas
    return area in named or region in named


def _not_fallen(situation: Situation, claim: Claim, area: AreaCode, source: Source) -> Level:
    """The claim's level, or the lower one that a later post said this place has fallen to."""
    later = [
        fall.to
        for fall in situation.falls
        if fall.hazard is claim.hazard
        and area in fall.areas
        and _older(source, fall.source, fall.at)
    ]
    return min([claim.level, *later])


def _older(one: Source, other: Source, other_at: datetime) -> bool:
    """Within a channel the order of messages counts, else the date."""
    if one.channel == other.channel:
        return (one.message, one.at) < (other.message, other.at)
    return one.at < other_at


def within(outer: AreaCode, inner: AreaCode) -> bool:
    """Whether ``inner``, of one region with ``outer``, is it or lies in it."""
    return inner == outer or inner.startswith(f"{outer}/")


def _going_on(
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


def _alarm_at(danger: Danger, area: AreaCode) -> Alarm | None:
    return next((alarm for alarm in danger.alarms if alarm.area == area), None)


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
    region = situation.region
    if not released and (why := doubt(claim, region)):
        held = _change(Transition.HELD, claim.hazard, *claim.areas)
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
            changes.append(_change(Transition.CLEAR_OF_NEWER, claim.hazard, alarm.area))
        elif not released and (why := words.implausible(alarm)):
            holds.append(words.part((alarm.area,), why))
            changes.append(_change(Transition.HELD, claim.hazard, alarm.area))
        else:
            ended.append(alarm)
    base = _alarm_at(danger, region)
    freed: list[AreaCode] = []
    if base is not None and region not in named:
        # The region's alarm stays, but no longer holds for the places named.
        not_there = (*danger.exempt, *claim.excluded)
        covered = [c for c in named if not any(within(each, c) for each in not_there)]
        if covered and words.older_than(base):
            changes.append(_change(Transition.CLEAR_OF_NEWER, claim.hazard, *covered))
        elif (
            covered
            and not released
            and not words.same_post(base)
            and (why := words.implausible(base))
        ):
            holds.append(words.part(tuple(covered), why))
            changes.append(_change(Transition.HELD, claim.hazard, *covered))
        else:
            freed = covered
    left = [alarm for alarm in danger.alarms if alarm not in ended]
    for alarm in sorted(ended, key=lambda a: len(a.area), reverse=True):
        # «…тривога ще триває у: LIST»: what covered the list goes on there.
        left = _going_on(alarm, claim.excluded, left, danger.exempt)
    exempt = {*danger.exempt, *freed}
    if base is not None and base in ended:
        exempt.clear()
    elif base is not None:
        inner = [e for e in claim.excluded if any(within(code, e) for code in freed)]
        left = _going_on(base, inner, left, danger.exempt)
    over = sorted({alarm.area for alarm in ended} | set(freed))
    if not over and not changes:
        changes.append(_change(Transition.CLEAR_OF_NOTHING, claim.hazard))
    if not named or (not over and holds):
        return situation, changes, holds
    note = Clear(
        hazard=claim.hazard,
        areas=tuple(over),
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
        changes.append(_change(transition, claim.hazard, *over))
        danger = replace(
            danger,
            alarms=tuple(sorted(left, key=lambda a: a.area)),
            exempt=tuple(sorted(exempt)),
        )
    after = replace(
        situation,
        dangers=_with(situation.dangers, danger),
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
    base = _alarm_at(danger, region)
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
    if claim.weak or claim.certainty in _UNCERTAIN:
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
        return situation, [_change(Transition.CLEAR_OF_NOTHING, claim.hazard)], []
    alarms = [alarm for alarm in danger.alarms if alarm not in fallen]
    alarms += [
        replace(
            alarm,
            level=Level.DECLARED,
            confirmed_at=max(alarm.confirmed_at, source.at),
            sources=_sources(alarm.sources, source, front=False),
        )
        for alarm in fallen
    ]
    for alarm in fallen:
        # The upper tier goes on at the exceptions.
        alarms = _going_on(alarm, claim.excluded, alarms, danger.exempt)
    danger = replace(danger, alarms=tuple(sorted(alarms, key=lambda a: a.area)))
    areas = tuple(alarm.area for alarm in fallen)
    note = Fall(hazard=claim.hazard, areas=areas, to=Level.DECLARED, at=source.at, source=source)
    after = replace(
        situation,
        dangers=_with(situation.dangers, danger),
        falls=(*situation.falls, note),
    )
    return after, [Change(transition=Transition.FALL, hazard=claim.hazard, areas=areas)], []


def _sources(known: tuple[Source, ...], new: Source, *, front: bool) -> tuple[Source, ...]:
    """One entry a channel: its first word, unless a later one raised the danger or the first was
    deleted. At most 5."""
    others = tuple(s for s in known if s.channel != new.channel)
    if front or any(s.channel == new.channel and s.deleted for s in known):
        return (new, *others)[:5]
    return known if len(others) < len(known) else (*known, new)[:5]


def _with(dangers: Iterable[Danger], danger: Danger) -> tuple[Danger, ...]:
    others = [d for d in dangers if d.hazard is not danger.hazard]
    kept = [*others, danger] if danger.alarms else others
    return tuple(sorted(kept, key=lambda d: d.hazard))


def _change(transition: Transition, hazard: Hazard, *areas: AreaCode) -> Change:
    return Change(transition=transition, hazard=hazard, areas=areas)
