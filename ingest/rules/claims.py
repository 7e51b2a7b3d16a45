"""Drafts to claims: whose places they are, what is partial, what is held."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingest.lexicon import words as w
from ingest.places.mentions import Mention
from ingest.places.resolve import Places
from ingest.rules.clause import Clause
from ingest.rules.draft import Draft
from storage.areas.tree import Areas
from storage.model import AreaCode, Claim, Hazard, Kind, Post

_HALF_DAY: Final = timedelta(hours=12)
_AND: Final = frozenset({"и", "та", "й", "and"})
_WEAK_EVENTS: Final = ("damage.struck", "damage.hit", "damage.shelled")


def claims_of(
    drafts: list[Draft],
    sentences: list[Clause],
    found: Places,
    home: AreaCode | None,
    post: Post,
    areas: Areas,
) -> tuple[Claim, ...]:
    """The claims of a post, in its order, each with areas and flags settled."""
    drafts = _without_weaker(drafts)
    _complement(drafts, found)
    claims: list[Claim] = []
    seen: dict[tuple[object, ...], int] = {}
    for draft in drafts:
        claim = _claim(draft, found, home, post, areas, drafts, sentences)
        if claim is None:
            continue
        key = (
            claim.kind,
            claim.hazard,
            claim.count,
            claim.casualties,
            claim.upper_tier,
            claim.continues,
            claim.level if claim.kind is Kind.THREAT else None,
            claim.excluded,
            claim.retrospective,
        )
        at = seen.get(key)
        if at is not None and claim.count is None and claim.casualties is None:
            claims[at] = _joined(claims[at], claim)
            continue
        if claim.kind is Kind.INTERCEPTION and claim.count is None:
            same = next(
                (
                    place
                    for place, each in enumerate(claims)
                    if each.kind is claim.kind and each.hazard is claim.hazard and not each.count
                ),
                None,
            )
            if same is not None:
                claims[same] = replace(
                    _joined(claims[same], claim),
                    casualties=claims[same].casualties or claim.casualties,
                )
                continue
        seen[key] = len(claims)
        claims.append(claim)
    if _ended_elsewhere(drafts, sentences, found):
        claims = [_held_if_whole(claim) for claim in claims]
    return tuple(_without_repeats(claims))


def _ended_elsewhere(drafts: list[Draft], sentences: list[Clause], found: Places) -> bool:
    """«Отбой опасности! Опасность отменена в Обнинске»: a sentence that no rule took speaks of
    an end in some places, so the short one before it may not mean the whole region."""
    taken = {draft.sentence for draft in drafts}
    ends = {
        each.sentence
        for each in sentences
        if each.mask & (w.CANCEL | w.LIFTED | w.CLEAR) and each.sentence not in taken
    }
    return any(
        mention.sentence in ends and any("/" in code for code in mention.codes)
        for mention in found.mentions
    )


def _held_if_whole(claim: Claim) -> Claim:
    whole = claim.kind is Kind.ALL_CLEAR and not claim.partial
    return replace(claim, weak=True) if whole else claim


def _without_weaker(drafts: list[Draft]) -> list[Draft]:
    """A bare strike is damage only where the post tells of nothing heavier."""
    kinds = {draft.kind for draft in drafts if draft.rule not in _WEAK_EVENTS}
    heavier = kinds & {Kind.INTERCEPTION, Kind.CASUALTIES}
    clears = {
        draft.sentence
        for draft in drafts
        if draft.kind is Kind.ALL_CLEAR and draft.hazard is not Hazard.OTHER
    }
    kept: list[Draft] = []
    for draft in drafts:
        if (
            draft.kind is Kind.ALL_CLEAR
            and draft.hazard is Hazard.OTHER
            and not draft.unknown
            and clears & {draft.sentence, draft.sentence + 1}
        ):
            continue  # «Отбой: режим беспилотной опасности отменён» says it once
        if draft.rule in ("damage.struck", "damage.hit") and heavier:
            continue
        kept.append(draft)
    return kept


def _complement(drafts: list[Draft], found: Places) -> None:
    """«Відбій … тривога ще триває у: LIST» clears all but the list."""
    for clear in drafts:
        if clear.kind is not Kind.ALL_CLEAR or clear.upper_tier:
            continue
        if clear.complement:
            continue
        if any("/" in code for each in clear.mentions for code in each.codes):
            continue
        for threat in drafts:
            if (
                threat.kind is Kind.THREAT
                and threat.continues
                and threat.hazard is clear.hazard
                and (threat.sentence != clear.sentence or not clear.mentions)
            ):
                listed = [each for each in threat.mentions if each.codes and "/" in each.codes[0]]
                if listed:
                    clear.excluded += listed
                    clear.complement = True


def _codes(mentions: list[Mention]) -> list[AreaCode]:
    codes: dict[AreaCode, None] = {}
    for mention in mentions:
        for code in mention.codes:
            codes[code] = None
    return list(codes)


def _deepest(codes: list[AreaCode]) -> list[AreaCode]:
    """Without the regions whose places are named."""
    inner = {code.partition("/")[0] for code in codes if "/" in code}
    return [code for code in codes if "/" in code or code not in inner]


def _around(excluded: list[Mention], found: Places) -> list[AreaCode]:
    """The one region that a list of exceptions lies in."""
    inner = {code.partition("/")[0] for code in _codes(excluded) if "/" in code}
    whole = {code for code in _codes(excluded) if "/" not in code}
    named = [code for code in _codes(found.mentions) if "/" not in code and code not in whole]
    regions = list(dict.fromkeys(named)) or [AreaCode(code) for code in sorted(inner)]
    return regions if len(regions) == 1 else []


def _claim(
    draft: Draft,
    found: Places,
    home: AreaCode | None,
    post: Post,
    areas: Areas,
    drafts: list[Draft],
    sentences: list[Clause],
) -> Claim | None:
    codes = _codes(draft.mentions)
    words = sentences[0].reading.words if sentences else []
    generic = any(
        each.generic
        and each.codes
        and any(
            other.codes
            and other.codes[0].startswith(each.codes[0] + "/")
            and other.end <= each.first <= other.end + 2
            and not _AND.isdisjoint(words[other.end : each.first])
            for other in draft.mentions
        )
        for each in draft.mentions
    )
    if generic:
        regions = {each.codes[0] for each in draft.mentions if each.generic and each.codes}
        codes = [
            code for code in codes if code.partition("/")[0] not in regions or "/" not in code
        ]
    codes = _deepest(codes)
    weak = draft.weak
    unresolved = tuple(
        dict.fromkeys(
            [
                each.word
                for each in (*draft.mentions, *draft.excluded)
                if each.unresolved and not each.codes
            ]
            + draft.unknown
        )
    )
    clear = draft.kind is Kind.ALL_CLEAR
    unplaced = not codes
    vague = draft.vague and not any("/" in code for code in codes)
    weak = weak or (clear and vague)
    nowhere = clear and draft.unnamed and not any("/" in code for code in codes)
    if nowhere or (clear and unresolved and not any("/" in code for code in codes)):
        # It may speak of one place only: it is held, and ends nothing by itself.
        codes, weak = [], True
    elif not codes:
        if home is not None:
            codes = [home]
        elif draft.complement:
            codes = _around(draft.excluded, found)
        elif not any(
            other.kind is draft.kind and other.mentions and other is not draft for other in drafts
        ):
            inherited = _deepest(_codes([each for each in found.mentions if not each.origin]))
            if inherited and (draft.kind is not Kind.ALL_CLEAR or len(inherited) == 1):
                codes = inherited
                weak = weak or draft.kind is Kind.ALL_CLEAR
    excluded = tuple(code for code in _codes(draft.excluded) if code not in codes)
    partial = (
        bool(excluded)
        or draft.complement
        or draft.upper_tier
        or any("/" in code for code in codes)
        or bool(unresolved)
        or nowhere
        or (clear and vague)
    )
    if excluded and codes:
        regions_of = {code.partition("/")[0] for code in codes}
        codes = [code for code in codes if code in regions_of] or list(codes)
    return Claim(
        kind=draft.kind,
        hazard=draft.hazard,
        level=draft.level,
        areas=tuple(codes),
        excluded=excluded,
        partial=partial,
        upper_tier=draft.upper_tier,
        unresolved=unresolved,
        bounds_unclear=vague
        or (bool(unresolved) and not clear and not any("/" in code for code in codes)),
        unnamed=draft.unnamed and not any("/" in code for code in codes),
        unplaced=unplaced and bool(codes),
        continues=draft.continues,
        renewed=draft.renewed,
        retrospective=draft.retrospective,
        preliminary=draft.preliminary,
        certainty=draft.certainty,
        weak=weak,
        count=draft.count,
        casualties=draft.casualties,
        at=_at(draft.clock, codes, post, areas),
        evidence=tuple(draft.spans),
        rule=draft.rule,
    )


def _at(clock: str | None, codes: list[AreaCode], post: Post, areas: Areas) -> datetime | None:
    """«07:42» in the region's time, on the day that is nearest to the post's date."""
    if clock is None or not codes:
        return None
    hour, _, minute = clock.partition(":")
    if not (hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60):
        return None
    region = areas.find(codes[0].partition("/")[0])
    if region is None or region.timezone is None:
        return None
    try:
        zone = ZoneInfo(region.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return None
    local = post.date.astimezone(zone)
    stated = local.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    if stated - local > _HALF_DAY:
        stated -= timedelta(days=1)
    elif local - stated > _HALF_DAY:
        stated += timedelta(days=1)
    return stated.astimezone(UTC)


def _joined(first: Claim, second: Claim) -> Claim:
    """Two statements of one thing about different places."""
    areas = tuple(dict.fromkeys((*first.areas, *second.areas)))
    partial = first.partial and second.partial
    if first.kind not in (Kind.THREAT, Kind.ALL_CLEAR):
        areas = tuple(_deepest(list(areas)))
        partial = partial or any("/" in code for code in areas)
    return Claim(
        kind=first.kind,
        hazard=first.hazard,
        level=first.level,
        areas=areas,
        excluded=first.excluded,
        partial=partial,
        upper_tier=first.upper_tier,
        unresolved=(*first.unresolved, *second.unresolved),
        unplaced=first.unplaced and second.unplaced,
        continues=first.continues,
        renewed=first.renewed or second.renewed,
        retrospective=first.retrospective,
        preliminary=first.preliminary or second.preliminary,
        certainty=first.certainty,
        weak=first.weak or second.weak,
        count=first.count,
        casualties=first.casualties,
        at=first.at or second.at,
        evidence=(*first.evidence, *second.evidence),
        rule=first.rule,
    )


def _without_repeats(claims: list[Claim]) -> list[Claim]:
    """A threat that continues is not told again beside the same threat declared."""
    declared = {
        (claim.hazard, claim.areas)
        for claim in claims
        if claim.kind is Kind.THREAT and not claim.continues
    }
    return [
        claim
        for claim in claims
        if not (
            claim.kind is Kind.THREAT
            and claim.continues
            and (claim.hazard, claim.areas) in declared
        )
    ]


__all__ = ["Hazard", "claims_of"]
