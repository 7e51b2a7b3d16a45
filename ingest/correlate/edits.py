"""Edits: what a revision says that the one before did not, and what it takes back. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from ingest.correlate import clears, threats
from ingest.correlate.alarms import alarm_at, covering
from ingest.correlate.table import Change, Transition
from storage.areas.tree import Areas
from storage.model import AreaCode, Certainty, Claim, Clear, Danger, Kind, Situation, Source


def news(claim: Claim, former: Sequence[Claim], region: AreaCode, areas: Areas) -> Claim | None:
    """What a claim says that the revision before did not; None: nothing."""
    same = [each for each in former if _signature(each) == _signature(claim)]
    same = [each for each in same if not _doubtful(each) or _doubtful(claim)]
    if claim.unresolved and any(each.unresolved != claim.unresolved for each in same):
        return claim
    fresh: list[AreaCode] = []
    for area in claim.areas or (region,):
        known = [e for e in same if any(areas.covers(a, area) for a in e.areas or (region,))]
        if not known:
            fresh.append(area)
            continue
        for code in known[0].excluded:
            if code in claim.excluded:
                continue
            if areas.contains(code, area):  # an exception that is one no more
                fresh.append(area)
            elif areas.contains(area, code):
                fresh.append(code)
    if not fresh:
        return None
    if set(fresh) == set(claim.areas or (region,)):
        return claim
    excluded = tuple(e for e in claim.excluded if any(areas.contains(a, e) for a in fresh))
    return replace(claim, areas=tuple(dict.fromkeys(fresh)), excluded=excluded)


def _signature(claim: Claim) -> tuple[object, ...]:
    return (
        claim.kind, claim.hazard, claim.level, claim.upper_tier, claim.continues, claim.renewed,
        claim.retrospective,
    )  # fmt: skip


def _doubtful(claim: Claim) -> bool:
    uncertain = claim.weak or claim.certainty in (Certainty.POSSIBLE, Certainty.UNKNOWN)
    return uncertain or claim.unnamed or claim.bounds_unclear


def take_back(
    situation: Situation, claims: Sequence[tuple[int, Claim]], source: Source, areas: Areas
) -> tuple[Situation, list[Change]]:
    """An edited all-clear that names fewer places, or one exception more, takes the rest back:
    what it had ended there goes on, unless another post ended it too. An edit without any
    all-clear takes nothing back: what its author meant, nobody knows."""
    changes: list[Change] = []
    region = situation.region
    for note in situation.clears:
        if (note.source.channel, note.source.message) != (source.channel, source.message):
            continue
        said = [
            claim
            for _, claim in claims
            if claim.kind is Kind.ALL_CLEAR
            and claim.hazard is note.hazard
            and not (claim.upper_tier or claim.retrospective or clears.doubt(claim, region))
        ]
        if not said:
            continue
        back = [
            area
            for area in _no_longer(note, said, region, areas)
            if not _in_danger(situation.danger(note.hazard), area, areas)
            and not _ended_elsewhere(situation, note, area)
        ]
        if not back:
            continue
        named = tuple(code for claim in said for code in claim.areas if code != region)
        goes_on = Claim(
            kind=Kind.THREAT,
            hazard=note.hazard,
            areas=tuple(back),
            excluded=named if region in back else (),
            continues=True,
        )
        situation, _ = threats.threaten(situation, goes_on, source, areas)
        left = replace(
            note,
            areas=tuple(code for code in note.areas if code not in back),
            named=named if region in back else tuple(c for c in note.named if c not in back),
            excluded=tuple(dict.fromkeys((*note.excluded, *(c for c in back if c != region)))),
            whole=False,
        )
        situation = replace(
            situation, clears=tuple(left if each is note else each for each in situation.clears)
        )
        changes.append(
            Change(transition=Transition.RETRACTED, hazard=note.hazard, areas=tuple(back))
        )
    return situation, changes


def _no_longer(
    note: Clear, said: Sequence[Claim], region: AreaCode, areas: Areas
) -> list[AreaCode]:
    """Of what an all-clear ended, the places that its words do not clear any more."""
    whole = any(region in (claim.areas or (region,)) for claim in said)
    lost: list[AreaCode] = []
    for area in note.areas:
        if area == region and whole:
            lost += [
                code
                for claim in said
                for code in claim.excluded
                if code not in note.excluded
                and not any(areas.covers(free, code) for free in note.exempt)
            ]
        elif not any(_clears(claim, area, region, areas) for claim in said):
            lost.append(area)
    return list(dict.fromkeys(lost))


def _clears(claim: Claim, area: AreaCode, region: AreaCode, areas: Areas) -> bool:
    names = claim.areas or (region,)
    return any(areas.covers(each, area) for each in names) and not any(
        areas.contains(each, area) for each in claim.excluded
    )


def _in_danger(danger: Danger | None, area: AreaCode, areas: Areas) -> bool:
    if danger is None:
        return False
    return alarm_at(danger, area) is not None or covering(danger, area, areas) is not None


def _ended_elsewhere(situation: Situation, note: Clear, area: AreaCode) -> bool:
    return any(
        other is not note
        and other.hazard is note.hazard
        and other.at >= note.at
        and (area in other.named or situation.region in other.named)
        and area not in other.excluded
        for other in situation.clears
    )
