"""Events: what happened and was stated. They never raise or end danger. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from rapidfuzz import fuzz

from ingest.correlate.table import (
    DUPLICATE_WITHIN,
    ENDS,
    REPORTS,
    SECOND_SOURCE,
    STORY,
    Change,
    Transition,
)
from storage.areas.tree import Areas
from storage.model import (
    AreaCode,
    Casualties,
    Certainty,
    Claim,
    Event,
    Kind,
    Situation,
    Source,
)

_ALIKE = 90.0
"""rapidfuzz ratio (0–100) from which two quotes are the same words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A claim about something that happened, with its key and the words it stands in."""

    claim: Claim
    key: str
    source: Source


def tell(
    situation: Situation, telling: Telling, areas: Areas, *, corrects: Casualties | None = None
) -> tuple[Situation, list[Change]]:
    """Add the event, or a source to one that is known, or correct it.

    ``corrects``: what an earlier revision of the post said of casualties.
    """
    claim, source = telling.claim, telling.source
    same = next((e for e in situation.events if e.key == telling.key), None)
    if same is not None:
        return _revise(situation, same, telling)
    if claim.kind is Kind.CORRECTION:
        return _correct(situation, telling, areas)
    if twin := _twin(situation, telling, areas):
        if (known := _said_by(twin, source)) is not None and not known.deleted:
            return situation, [_change(Transition.DUPLICATE, twin)]
        # A repost after a deletion takes the place of the words that were removed.
        sources = tuple(s for s in twin.sources if s.channel != source.channel)
        joined = replace(twin, sources=(*sources, source)[:5])
        return _put(situation, joined), [_change(Transition.EVENT_SOURCE, joined)]
    event = replace(
        event_of(telling, situation.region),
        was=corrects,
        corrected_at=None if corrects is None else source.at,
    )
    change = _change(_transition(situation, event), event)
    opened = (
        replace(situation, reported_since=source.at)
        if event.kind in REPORTS
        and situation.reported_since is None
        and not _in_danger(situation, event, areas)
        else situation
    )
    changes = [change]
    if opened is not situation:
        changes.append(_change(Transition.REPORT, event))
    return _put(opened, event), changes


def event_of(telling: Telling, region: AreaCode) -> Event:
    claim = telling.claim
    return Event(
        key=telling.key,
        kind=claim.kind,
        hazard=claim.hazard,
        areas=claim.areas or (region,),
        at=telling.source.at,
        count=claim.count,
        casualties=claim.casualties,
        preliminary=claim.preliminary,
        unconfirmed=claim.weak or claim.certainty in (Certainty.POSSIBLE, Certainty.UNKNOWN),
        unnamed=claim.unnamed or claim.bounds_unclear,
        sources=(telling.source,),
    )


def finish(
    situation: Situation, claim: Claim, source: Source, areas: Areas, posted_at: datetime
) -> tuple[Situation, list[Change]]:
    """«Снова принимает рейсы», «восстановлено», «вернулись домой»: what began before these words
    ends where they say. ``posted_at``: when they first appeared."""
    kind = ENDS[claim.kind]
    named = claim.areas or (situation.region,)
    changes: list[Change] = []
    for event in situation.events:
        if event.kind is not kind or event.ended_at is not None or event.at > posted_at:
            continue
        over = tuple(a for a in event.areas if any(areas.covers(each, a) for each in named))
        if kind is not Kind.EVACUATION and event.areas == (situation.region,):
            over = event.areas  # one airport, one network: no place was named when it closed
        if not over or claim.weak:
            continue
        sources = (*event.sources, source)[:5]
        left = tuple(area for area in event.areas if area not in over)
        after = replace(event, sources=sources, areas=left or event.areas)
        situation = _put(situation, after if left else replace(after, ended_at=source.at))
        changes.append(Change(transition=Transition.EVENT_ENDED, hazard=event.hazard, areas=over))
    nothing = Change(transition=Transition.NOTHING_TO_END, hazard=claim.hazard)
    return situation, changes or [nothing]


def withdraw(situation: Situation, keys: frozenset[str]) -> tuple[Situation, list[Change]]:
    """An edit took the words away: a correction, never a clear."""
    gone = [e for e in situation.events if e.key in keys and not e.withdrawn]
    for event in gone:
        situation = _put(situation, replace(event, withdrawn=True))
    return situation, [_change(Transition.WITHDRAWN, event) for event in gone]


def drill(situation: Situation, telling: Telling) -> tuple[Situation, list[Change]]:
    """Drills live apart: this touches nothing but ``drills``."""
    if any(event.key == telling.key for event in situation.drills):
        return situation, [Change(transition=Transition.DUPLICATE)]
    event = event_of(telling, situation.region)
    after = replace(situation, drills=(*situation.drills, event)[-10:])
    return after, [_change(Transition.DRILL, event)]


def _in_danger(situation: Situation, event: Event, areas: Areas) -> bool:
    """Danger that is not stale is known where the event was, so that it is part of its story."""
    live = [alarm.area for _, alarm in situation.alarms() if alarm.stale_at is None]
    return _meet(tuple(live), event.areas, areas)


def harmed(casualties: Casualties | None) -> bool:
    return casualties is not None and bool(casualties.dead or casualties.injured)


def _transition(situation: Situation, event: Event) -> Transition:
    if event.corrected_at is not None:
        return Transition.CORRECTED
    return Transition.HARM if harmed(event.casualties) else STORY[event.kind]


def _revise(
    situation: Situation, known: Event, telling: Telling
) -> tuple[Situation, list[Change]]:
    fresh, first = event_of(telling, situation.region), known.sources[0]
    corrected = known.casualties != fresh.casualties and known.casualties is not None
    event = replace(
        fresh,
        at=known.at,
        was=known.casualties if corrected else known.was,
        corrected_at=telling.source.at if corrected else known.corrected_at,
        ended_at=known.ended_at,
        # The words are the edited ones; when it was said stays.
        sources=(replace(telling.source, at=first.at), *known.sources[1:]),
    )
    # That it arrived again is no news.
    heard = replace(first, received_at=telling.source.received_at)
    if event == replace(known, sources=(heard, *known.sources[1:])):
        return situation, [_change(Transition.DUPLICATE, known)]
    worse = harmed(event.casualties) and not harmed(known.casualties)
    plain = Transition.HARM if worse else Transition.EVENT
    return _put(situation, event), [_change(Transition.CORRECTED if corrected else plain, event)]


def _correct(
    situation: Situation, telling: Telling, areas: Areas
) -> tuple[Situation, list[Change]]:
    """«Уточнение…», «скончался в больнице»: the latest event there that states casualties."""
    claim, source = telling.claim, telling.source
    if claim.casualties is None:
        return situation, [Change(transition=Transition.NOTHING_TO_END, hazard=claim.hazard)]
    named = claim.areas or (situation.region,)
    candidates = [
        event
        for event in situation.events
        if event.casualties is not None
        and not event.withdrawn
        and event.sources[0].channel == source.channel
        and _meet(event.areas, named, areas)
    ]
    if not candidates:
        told = replace(telling, claim=replace(claim, kind=Kind.CASUALTIES))
        return tell(situation, told, areas)
    known = max(candidates, key=lambda event: event.at)
    if known.casualties == claim.casualties:
        # Said again, or its post edited: nothing to correct a second time.
        return situation, [_change(Transition.DUPLICATE, known)]
    event = replace(
        known,
        casualties=claim.casualties,
        was=known.casualties,
        corrected_at=source.at,
        sources=(source, *known.sources)[:5],
    )
    return _put(situation, event), [_change(Transition.CORRECTED, event)]


def _twin(situation: Situation, telling: Telling, areas: Areas) -> Event | None:
    """The event that this telling speaks of too: by another channel within 90 min, or by the
    same channel in the same words within 10 min."""
    claim, source = telling.claim, telling.source
    named = claim.areas or (situation.region,)
    for event in reversed(situation.events):
        if event.kind is not claim.kind or event.hazard is not claim.hazard:
            continue
        if event.withdrawn or event.ended_at is not None:
            continue
        if any(s.channel == source.channel and s.message == source.message
               for s in event.sources):  # fmt: skip
            continue
        age = abs(source.at - event.at)
        if (known := _said_by(event, source)) is not None:
            same = (event.areas, event.count, event.casualties) == (
                named,
                claim.count,
                claim.casualties,
            )
            again = abs(source.at - known.at) <= DUPLICATE_WITHIN
            if same and again and _alike(known.quote, source.quote):
                return event
        elif (
            age <= SECOND_SOURCE
            and _meet(event.areas, named, areas)
            and (not harmed(claim.casualties) or claim.casualties == event.casualties)
            and not any(clear.at > event.at for clear in situation.clears)
        ):
            return event
    return None


def _said_by(event: Event, source: Source) -> Source | None:
    """What the channel said of it before."""
    return next((each for each in event.sources if each.channel == source.channel), None)


def _alike(one: str, other: str) -> bool:
    return fuzz.ratio(one, other) >= _ALIKE


def _meet(one: tuple[AreaCode, ...], other: tuple[AreaCode, ...], areas: Areas) -> bool:
    return any(areas.contains(a, b) or areas.contains(b, a) for a in one for b in other)


def _put(situation: Situation, event: Event) -> Situation:
    if any(known.key == event.key for known in situation.events):
        events = tuple(event if e.key == event.key else e for e in situation.events)
    else:
        events = (*situation.events, event)[-60:]
    return replace(situation, events=events)


def _change(transition: Transition, event: Event) -> Change:
    return Change(transition=transition, hazard=event.hazard, areas=event.areas)


def outlived(event: Event, before: datetime) -> bool:
    """Nothing more is to be said of it."""
    return event.at < before and (event.ended_at is not None or event.kind not in ENDS.values())
