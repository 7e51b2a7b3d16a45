"""A post's claims as each region sees them."""

from ingest.scope import by_region
from storage.model import AreaCode, Claim, Count, Hazard, Kind, Measure, Qualifier
from tests.unit.ingest.classified import areas

RUSSIA = AreaCode("RU")
BRYANSK, KURSK, KALUGA = AreaCode("RU-BRY"), AreaCode("RU-KRS"), AreaCode("RU-KLU")


def shot(n: int, *where: AreaCode) -> Claim:
    count = Count(n=n, qualifier=Qualifier.EXACT, measure=Measure.DESTROYED)
    return Claim(kind=Kind.INTERCEPTION, hazard=Hazard.UAV, areas=where, count=count)


def numbers(*claims: Claim) -> dict[AreaCode, list[int | None]]:
    return {
        region: [claim.count.n if claim.count else None for _, claim in found]
        for region, found in by_region(claims, RUSSIA, areas()).items()
    }


def test_a_number_for_several_regions_is_none_of_theirs() -> None:
    assert numbers(shot(11, BRYANSK, KURSK)) == {BRYANSK: [None], KURSK: [None]}
    assert numbers(shot(11, BRYANSK)) == {BRYANSK: [11]}


def test_a_total_is_left_out_where_the_region_has_its_own_number() -> None:
    total, first, second = shot(6, BRYANSK, KURSK, KALUGA), shot(4, BRYANSK), shot(2, KURSK)
    assert numbers(total, first, second) == {BRYANSK: [4], KURSK: [2], KALUGA: [None]}


def test_a_number_keeps_its_place_in_the_assessment() -> None:
    found = by_region((shot(6, BRYANSK, KURSK), shot(4, BRYANSK)), RUSSIA, areas())
    assert [ordinal for ordinal, _ in found[BRYANSK]] == [1]
