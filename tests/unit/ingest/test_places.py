"""Names as officials write them, and names that are no places of danger."""

import tomllib
from importlib import resources
from typing import Final

import pytest

from storage.model import Kind
from tests.unit.ingest.classified import claims, places

ALARM = "Опасность атаки БПЛА"


@pytest.mark.parametrize(
    ("text", "home", "named"),
    [
        (f"{ALARM} в Боровском районе", "RU-KLU", {"borovsky"}),
        (f"{ALARM} в Боровском р-не", "RU-KLU", {"borovsky"}),
        (f"{ALARM} в Боровском МО и Тарусском м.о.", "RU-KLU", {"borovsky", "tarussky"}),
        (
            f"{ALARM} на территории Думиничского, Медынского и Юхновского округов",
            "RU-KLU",
            {"duminichsky", "medynsky", "yukhnovsky"},
        ),
        (f"{ALARM}: районы Бабынинский, Козельский", "RU-KLU", {"babyninsky", "kozelsky"}),
        (
            "Уничтожены 2 БПЛА над территориями Жуковского района, Тарусского и Спас-Деменского"
            " муниципальных округов, а также на окраине Обнинска",
            "RU-KLU",
            {"zhukovsky", "tarussky", "spas-demensky", "obninsk"},
        ),
        (
            "Медынский район\nЮхновский район\nОпасность по БПЛА",
            "RU-KLU",
            {"medynsky", "yukhnovsky"},
        ),
        (f"{ALARM} в г. Белгороде", "RU-BEL", {"belgorod"}),
        (f"{ALARM} в Белгородском МО", "RU-BEL", {"belgorodsky"}),
        (f"{ALARM} в Губкинском ГО", "RU-BEL", {"gubkinsky"}),
        (f"{ALARM} в Прохаровском округе", "RU-BEL", {"prokhorovsky"}),
        ("Повітряна тривога\n#Лозівський_район", None, {"lozivskyi"}),
        ("Повітряна тривога в Ізюмський район", None, {"iziumskyi"}),
        ("БпЛА курсом на Лозову (Харківщина)", None, {"lozivskyi/lozova"}),
        (
            "Тривога по БПЛА: Воронежская агломерация",
            "RU-VOR",
            {"voronezh", "novousmansky", "ramonsky", "semiluksky"},
        ),
    ],
)
def test_named(text: str, home: str | None, named: set[str]) -> None:
    assert places(text, home) == named


@pytest.mark.parametrize(
    ("text", "home"),
    [
        ("Двое раненых доставлены в Грайворонскую ЦРБ", "RU-BEL"),
        ("Пострадал мирный житель, его везут в больницу №2 г. Белгорода", "RU-BEL"),
        ("Уничтожены 3 БПЛА, летевших на Москву", "RU-KLU"),
        (f"{ALARM}. Губернатор Виталий Королев", "RU-TVE"),
        (f"{ALARM}. Закрыт участок Московского проспекта", "RU-YAR"),
        (f"{ALARM}. Объезд по ул. Калуга", "RU-KLU"),
    ],
)
def test_no_places_of_danger(text: str, home: str) -> None:
    assert places(text, home) == set()


def test_shared_name_is_refused_without_a_region() -> None:
    (claim,) = claims(f"{ALARM} в Октябрьском районе")
    assert claim.areas == ()
    assert claim.unresolved == ("октябрьском",)


def test_region_named_beside_it_decides() -> None:
    (claim,) = claims(f"{ALARM}. Ульяновский район Калужской области")
    assert claim.areas == ("RU-KLU/ulyanovsky",)


def test_breakdown_by_region_keeps_the_order() -> None:
    found = claims(
        "Над Белгородской, Брянской и Курской областями уничтожены беспилотники: 9, 4 и 2", "RU"
    )
    assert [(claim.areas, claim.count.n if claim.count else None) for claim in found] == [
        (("RU-BEL",), 9),
        (("RU-BRY",), 4),
        (("RU-KRS",), 2),
    ]


def test_each_of_a_list() -> None:
    found = claims(
        "Ночью сбиты 9 беспилотников:\n▫️ 5 – над территорией Тульской области,\n▫️ по 2 – над"
        " территориями Орловской и Липецкой областей",
        "RU",
    )
    assert {(claim.areas[0], claim.count.n) for claim in found if claim.count} == {
        ("RU-TUL", 9),
        ("RU-TUL", 5),
        ("RU-ORL", 2),
        ("RU-LIP", 2),
    }
    assert {claim.kind for claim in found} == {Kind.INTERCEPTION}


CITIES: Final = ("RU-MOW", "RU-SPE")
"""Regions that are their own capital."""


def test_every_capital_of_a_russian_region_is_found() -> None:
    table = tomllib.loads((resources.files("storage.areas") / "regions.toml").read_text("utf-8"))
    capitals = {
        row["code"]: row["capital"]
        for row in table["region"]
        if "capital" in row and row["code"] not in CITIES
    }
    assert len(capitals) > 70
    for region, capital in capitals.items():
        assert len(places(f"{ALARM}: {capital}", region)) == 1, capital
