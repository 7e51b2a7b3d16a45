"""One post's claims applied to one region: the order of things, and who may say what. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ingest.correlate import clears, edits, story, threats
from ingest.correlate.alarms import UNCERTAIN
from ingest.correlate.clears import Hold
from ingest.correlate.table import ENDS, MEMORY, STORY, Change, Transition
from storage.areas.tree import Areas
from storage.model import (
    AreaCode,
    Casualties,
    Channel,
    Claim,
    Event,
    Held,
    Kind,
    Situation,
    Source,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A revision of a post as one region sees it.

    ``claims``: those about this region, each with its number in the assessment. ``former``:
    claims of the revision that this one replaces. ``source.quote`` is the post's first words;
    ``quotes`` holds the words of each claim.
    """

    channel: Channel
    source: Source
    posted_at: datetime
    claims: tuple[tuple[int, Claim], ...]
    quotes: tuple[str, ...]
    former: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a reading did. ``holds``: all-clears for a person, with the claim's number;
    ``doubts``: danger that is told, and that a person should look at."""

    situation: Situation
    changes: tuple[Change, ...]
    holds: tuple[tuple[int, Hold], ...] = ()
    doubts: tuple[tuple[int, Claim], ...] = ()


def correlate(situation: Situation, reading: Reading, areas: Areas, now: datetime) -> Step:
    """Apply a reading. The version is not counted up here: `ingest.compose` does, once, if
    anything is different."""
    changes: list[Change] = []
    holds: list[tuple[int, Hold]] = []
    doubts: list[tuple[int, Claim]] = []
    begun = new_episode(situation, [claim for _, claim in reading.claims], now)
    after = begun
    harm = _casualties(reading.former)
    keys: set[str] = set()
    for (ordinal, claim), quote in zip(reading.claims, reading.quotes, strict=True):
        source = replace(reading.source, quote=quote)
        key = _key(reading, claim, keys)
        keys.add(key)
        if claim.kind in _NO_KEY:
            fresh = edits.news(claim, reading.former, situation.region, areas)
            if fresh is None:
                # An edit that says it again says nothing new: what came between must stand.
                changes.append(Change(transition=Transition.DUPLICATE, hazard=claim.hazard))
                continue
            claim = fresh
        if _past(claim):
            changes.append(Change(transition=Transition.RECAP, hazard=claim.hazard))
        elif refusal := _refusal(claim, reading.channel, situation.region, areas):
            if refusal is Transition.HELD:
                why = "the channel does not speak for this region"
                holds.append((ordinal, Hold(claim=claim, why=why)))
            changes.append(Change(transition=refusal, hazard=claim.hazard))
        elif _forgotten(claim, source, now):
            if claim.kind is Kind.ALL_CLEAR:
                holds.append((ordinal, Hold(claim=claim, why="it is more than a day old")))
                changes.append(Change(transition=Transition.HELD, hazard=claim.hazard))
            else:
                changes.append(Change(transition=Transition.RECAP, hazard=claim.hazard))
        elif claim.kind is Kind.THREAT:
            after, done = threats.threaten(after, claim, source, areas)
            changes += done
            if _is_in_doubt(after, claim, done):
                doubts.append((ordinal, claim))
        elif claim.kind is Kind.ALL_CLEAR:
            claim = _sparing(claim, reading.claims, areas)
            after, done, held = clears.clear(
                after, claim, source, areas, posted_at=reading.posted_at
            )
            changes += done
            holds += [(ordinal, hold) for hold in held]
            if part := clears.unresolved_part(claim, situation.region):
                holds.append((ordinal, part))
        else:
            telling = story.Telling(claim=claim, key=key, source=source)
            corrects = harm if _rewrites(claim, harm) else None
            after, done = _tell(after, telling, areas, corrects, reading.posted_at)
            changes += done
    if reading.former:
        after, done = edits.take_back(after, reading.claims, reading.source, areas)
        changes += done
        gone = _keys_of(reading) - keys
        after, done = story.withdraw(after, frozenset(gone))
        changes += done
    happened = [c for c in changes if c.transition is not Transition.DUPLICATE]
    after = situation if after == begun else _remembering(after, now)
    return Step(
        situation=after,
        changes=tuple(happened or changes),
        holds=tuple(holds),
        doubts=tuple(doubts),
    )


def release(
    situation: Situation,
    claim: Claim,
    source: Source,
    areas: Areas,
    *,
    held_id: int,
    posted_at: datetime,
) -> Step:
    """A person let a held all-clear through. ``posted_at``: when its message first appeared."""
    after, changes, _ = clears.clear(
        situation, claim, source, areas, posted_at=posted_at, released=True
    )
    return Step(situation=unhold(after, held_id), changes=tuple(changes))


def hold(situation: Situation, held: Held) -> Situation:
    """Show on the cards that an all-clear is being checked."""
    return replace(situation, held=(*situation.held, held)[-10:])


def unhold(situation: Situation, held_id: int) -> Situation:
    return replace(situation, held=tuple(h for h in situation.held if h.id != held_id))


def delete(situation: Situation, channel: int, message: int) -> Step:
    """The source removed a post: its facts stay, marked."""

    def mark(sources: tuple[Source, ...]) -> tuple[Source, ...]:
        return tuple(
            replace(s, deleted=True) if (s.channel, s.message) == (channel, message) else s
            for s in sources
        )

    def marked(events: tuple[Event, ...]) -> tuple[Event, ...]:
        return tuple(replace(e, sources=mark(e.sources)) for e in events)

    after = replace(
        situation,
        dangers=tuple(
            replace(d, alarms=tuple(replace(a, sources=mark(a.sources)) for a in d.alarms))
            for d in situation.dangers
        ),
        clears=tuple(replace(c, source=mark((c.source,))[0]) for c in situation.clears),
        falls=tuple(replace(f, source=mark((f.source,))[0]) for f in situation.falls),
        held=tuple(replace(h, source=mark((h.source,))[0]) for h in situation.held),
        events=marked(situation.events),
        drills=marked(situation.drills),
    )
    if after == situation:
        return Step(situation=situation, changes=())
    return Step(
        situation=after,
        changes=(Change(transition=Transition.DELETED, areas=(situation.region,)),),
    )


def _tell(
    situation: Situation,
    telling: story.Telling,
    areas: Areas,
    corrects: Casualties | None,
    posted_at: datetime,
) -> tuple[Situation, list[Change]]:
    claim = telling.claim
    if claim.kind is Kind.DRILL:
        return story.drill(situation, telling)
    if claim.kind is Kind.INSTRUCTION:
        return situation, [Change(transition=Transition.INSTRUCTION, hazard=claim.hazard)]
    if claim.kind in ENDS:
        return story.finish(situation, claim, telling.source, areas, posted_at)
    return story.tell(situation, telling, areas, corrects=corrects)


def _is_in_doubt(situation: Situation, claim: Claim, changes: Sequence[Change]) -> bool:
    """The claim itself is not sure, and nobody else has said it of some place."""
    danger = situation.danger(claim.hazard)
    told = {area for each in changes for area in each.areas}
    return (
        (claim.weak or claim.certainty in UNCERTAIN)
        and danger is not None
        and any(alarm.unconfirmed and alarm.area in told for alarm in danger.alarms)
    )


def _refusal(claim: Claim, channel: Channel, region: AreaCode, areas: Areas) -> Transition | None:
    """Rule 4: only a channel authorised for the region can declare or clear there, or call people
    back to their homes."""
    home = areas.contains(channel.area, region)
    if claim.kind in _AUTHORISED and not (home and channel.declares):
        foreign_clear = claim.kind is Kind.ALL_CLEAR and channel.declares
        return Transition.HELD if foreign_clear else Transition.NOT_AUTHORISED
    return None if home else Transition.FOREIGN


def new_episode(situation: Situation, claims: Sequence[Claim], now: datetime) -> Situation:
    """Where nothing is going on, the next thing that matters begins a new episode."""
    running = (
        situation.active
        or situation.reported_since is not None
        or any(e.kind in ENDS.values() and e.ended_at is None for e in situation.events)
    )
    starts = any(
        claim.kind is Kind.THREAT or claim.kind in STORY
        for claim in claims
        if not claim.retrospective
    )
    if running or not starts:
        return situation
    old = now - MEMORY
    return replace(
        situation,
        episode=situation.episode + 1,
        # An edit or a second source may still speak of the episode that just ended.
        events=tuple(e for e in situation.events if not story.outlived(e, old)),
        drills=tuple(d for d in situation.drills if d.at >= old),
        # What was held then could only have ended what is over.
        held=(),
    )


def _remembering(situation: Situation, now: datetime) -> Situation:
    """Without the all-clears that every chat was told of long ago, however long the episode."""
    old = now - MEMORY
    return replace(
        situation,
        clears=tuple(c for c in situation.clears if c.at >= old),
        falls=tuple(f for f in situation.falls if f.at >= old),
        retractions=tuple(r for r in situation.retractions if r.at >= old),
    )


_AUTHORISED: Final = (Kind.THREAT, Kind.ALL_CLEAR, Kind.EVACUATION_OVER)
_NO_KEY: Final = (Kind.THREAT, Kind.ALL_CLEAR, *ENDS)
"""Claims that make no event of their own, by whose key an edit would be known."""
_APART: Final = (Kind.DRILL, Kind.INSTRUCTION)


def _past(claim: Claim) -> bool:
    """It speaks of what is over: it opens and ends nothing."""
    return claim.kind not in _APART and (claim.kind is Kind.RECAP or claim.retrospective)


def _forgotten(claim: Claim, source: Source, now: datetime) -> bool:
    """It was said so long ago that nobody remembers what came after."""
    return claim.kind not in _APART and now - source.at >= MEMORY


def _sparing(claim: Claim, others: Sequence[tuple[int, Claim]], areas: Areas) -> Claim:
    """«Отбой. В Боровском районе опасность сохраняется»: not there, whichever comes first."""
    spared = [
        area
        for _, other in others
        if other.kind is Kind.THREAT and other.hazard is claim.hazard and not other.retrospective
        for area in other.areas
        if area not in claim.areas and any(areas.covers(each, area) for each in claim.areas)
    ]
    return replace(claim, excluded=tuple(dict.fromkeys((*claim.excluded, *spared))))


def _key(reading: Reading, claim: Claim, taken: set[str]) -> str:
    """Channel, message, kind and ordinal of the claim among those of its kind."""
    stem = f"{reading.source.channel}/{reading.source.message}/{claim.kind}"
    ordinal = sum(1 for key in taken if key.rpartition("/")[0] == stem)
    return f"{stem}/{ordinal}"


def _keys_of(reading: Reading) -> set[str]:
    taken: set[str] = set()
    for claim in reading.former:
        taken.add(_key(reading, claim, taken))
    return taken


def _casualties(claims: Sequence[Claim]) -> Casualties | None:
    return next((c.casualties for c in claims if c.casualties is not None), None)


def _rewrites(claim: Claim, former: Casualties | None) -> bool:
    """The edit states other casualties than the post did, in a claim of its own."""
    return (
        claim.kind is Kind.CASUALTIES
        and former is not None
        and claim.casualties is not None
        and claim.casualties != former
    )
