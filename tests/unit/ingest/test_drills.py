"""Exercises use every word of the real thing; real danger beside one must still be told."""

import pytest

from storage.model import Kind
from tests.unit.ingest.classified import classify


def kinds_of(text: str) -> set[Kind]:
    return {claim.kind for claim in classify(text, "RU-KLU").claims}


@pytest.mark.parametrize(
    "text",
    [
        "УЧЕБНАЯ ТРЕВОГА. Внимание! Ракетная опасность в Калужской области.",
        "Учебная тревога! Опасность атаки БПЛА на территории Калужской области. В укрытие!",
        "В Калужской области воздушная тревога, ракетная опасность: это учения.",
        "Отбой учебной тревоги на территории Калужской области.",
        "Сьогодні в Калузі навчальна тривога, просимо зберігати спокій.",
    ],
)
def test_an_exercise_makes_no_danger(text: str) -> None:
    assert kinds_of(text) == {Kind.DRILL}


@pytest.mark.parametrize(
    "text",
    [
        "Внимание! Это не учебная тревога. В Калужской области объявлена ракетная опасность.",
        "В школах прошли учебные эвакуации. В Калужской области объявлена опасность атаки БПЛА.",
        "Днём в школе прошла плановая учебная тревога для детей и учителей. Сейчас на территории "
        "Калужской области объявлена опасность атаки БПЛА.",
    ],
)
def test_real_danger_beside_an_exercise_is_told(text: str) -> None:
    assert Kind.THREAT in kinds_of(text)
