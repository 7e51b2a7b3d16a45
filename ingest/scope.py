"""Which regions a post's claims are about. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from storage.areas.tree import Areas, Tier
from storage.model import AreaCode, Claim


def by_region(
    claims: Iterable[Claim], home: AreaCode, areas: Areas
) -> dict[AreaCode, list[tuple[int, Claim]]]:
    """Claims split by region, each with its number in the assessment. ``home``: the area of the
    channel.

    A claim without a place is about the channel's region; about a whole country, about
    each of its regions. A claim that names no place in a country's channel is about none. A
    number that several regions share is nobody's: «над Брянской и Курской областями — 11».
    """
    out: dict[AreaCode, list[tuple[int, Claim]]] = {}
    shared: list[tuple[AreaCode, int, Claim]] = []
    for ordinal, claim in enumerate(claims):
        places = _places(claim, home, areas)
        for region, named in places.items():
            own = tuple(code for code in claim.excluded if areas.contains(region, code))
            part = replace(claim, areas=named, excluded=own)
            if claim.count is not None and len(places) > 1:
                shared.append((region, ordinal, part))
            else:
                out.setdefault(region, []).append((ordinal, part))
    for region, ordinal, part in shared:
        mine = out.setdefault(region, [])
        if not any(other.kind is part.kind and other.count is not None for _, other in mine):
            mine.append((ordinal, replace(part, count=None)))
    return {region: sorted(mine, key=lambda each: each[0]) for region, mine in out.items()}


def _places(claim: Claim, home: AreaCode, areas: Areas) -> dict[AreaCode, tuple[AreaCode, ...]]:
    if not claim.areas:
        if areas[home].tier is not Tier.REGION:
            return {}
        # An all-clear of places that nobody could resolve stays without any.
        return {home: ()}
    out: dict[AreaCode, tuple[AreaCode, ...]] = {}
    for code in claim.areas:
        if areas[code].tier is Tier.COUNTRY:
            for region in areas.regions(code):
                out.setdefault(region.code, (region.code,))
        else:
            region_code = areas.region_of(code).code
            out[region_code] = (*out.get(region_code, ()), code)
    return out
