"""The table of regions."""

from datetime import timedelta

import pytest

from ingest.levels import load_levels
from storage.model import AreaCode, Level
from tests.unit.ingest.classified import areas, claims


def test_every_code_is_an_area() -> None:
    levels = load_levels()
    codes: list[str] = [code for each in levels.sets for code in each.areas]
    codes += [code for named in levels.names.values() for code in named]
    codes += [*levels.airports.values()]
    codes += [code for code in levels.rows if "-" in code]
    for region in areas().regions():
        codes += levels.neighbours(region.code)
    assert not [code for code in codes if areas().find(code) is None]


def test_what_a_region_does_not_state_is_the_default() -> None:
    levels = load_levels()
    assert levels.max_age(AreaCode("RU-KLU")) == timedelta(hours=14)
    assert levels.max_age(AreaCode("RU-BEL/belgorod")) == timedelta(hours=12)


@pytest.mark.parametrize(
    ("text", "home", "level"),
    [
        ("Объявлена опасность атаки БПЛА", "RU-VOR", Level.DECLARED),
        (
            "Каменский район — тревога в связи с угрозой непосредственного удара БПЛА",
            "RU-VOR",
            Level.IMMINENT,
        ),
        ("Внимание по БПЛА", "RU-SAM", Level.ADVISORY),
        ("Повітряна тривога в Ізюмський район", None, Level.IMMINENT),
    ],
)
def test_level(text: str, home: str | None, level: Level) -> None:
    assert [claim.level for claim in claims(text, home)] == [level]
