"""«Кроме …»: what is excepted from danger, from an all-clear, from the fall of a tier."""

from storage.model import AreaCode, Claim, Kind
from tests.unit.ingest.classified import classify

OBNINSK, BOROVSKY = AreaCode("RU-KLU/obninsk"), AreaCode("RU-KLU/borovsky")


def only(text: str, kind: Kind) -> Claim:
    (claim,) = (c for c in classify(text, "RU-KLU").claims if c.kind is kind)
    return claim


def test_danger_but_for_a_place_is_danger_for_the_rest() -> None:
    claim = only(
        "Опасность атаки БПЛА объявлена на территории области, кроме Обнинска.", Kind.THREAT
    )
    assert (claim.areas, claim.excluded) == (("RU-KLU",), (OBNINSK,))


def test_a_tier_falls_but_for_a_place() -> None:
    text = "Отмена непосредственной угрозы удара БПЛА по области, кроме Боровского района."
    claim = only(text, Kind.ALL_CLEAR)
    assert claim.upper_tier
    assert (claim.areas, claim.excluded) == (("RU-KLU",), (BOROVSKY,))


def test_an_unknown_exception_holds_the_all_clear() -> None:
    text = "Отбой опасности атаки БПЛА по области, кроме Боровского и Зюзюкинского районов."
    claim = only(text, Kind.ALL_CLEAR)
    assert claim.weak
    assert claim.areas == ()


def test_an_end_named_elsewhere_holds_the_short_one() -> None:
    text = "Отбой опасности атаки БПЛА! Опасность отменена в Обнинске и Боровском районе."
    assert only(text, Kind.ALL_CLEAR).weak


def test_a_plain_all_clear_is_not_held() -> None:
    claim = only("Отбой опасности атаки БПЛА на территории Калужской области.", Kind.ALL_CLEAR)
    assert not claim.weak
    assert not claim.partial
