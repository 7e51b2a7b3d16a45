"""The table of regions."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.classify import Classifier
from ingest.levels import Levels, LevelsError, load_levels
from storage.model import AreaCode, Level
from tests.unit.ingest.classified import areas, claims, post


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


def own(folder: Path, text: str) -> Levels:
    file = folder / "levels.toml"
    file.write_text(text, "utf-8")
    return load_levels(file, areas())


def test_an_operators_table_is_laid_over_the_bundled_one_key_by_key(tmp_path: Path) -> None:
    levels = own(
        tmp_path,
        """
        [region.RU-VOR]
        max_age_hours = 6
        [region.RU-KLU]
        imminent = ["красная угроза"]
        [names]
        "Наукоград" = ["RU-KLU/obninsk"]
        """,
    )
    voronezh, kaluga = AreaCode("RU-VOR"), AreaCode("RU-KLU")
    assert levels.max_age(voronezh) == timedelta(hours=6)
    assert levels.tiers(voronezh) == load_levels().tiers(voronezh)
    assert levels.level(kaluga, ["объявлена", "красная", "угроза"]) is Level.IMMINENT
    assert levels.level(kaluga, ["угроза", "красная"]) is Level.DECLARED
    assert levels.neighbours(kaluga) == load_levels().neighbours(kaluga)
    read = Classifier(areas(), levels).classify(post("Опасность атаки БПЛА в Наукограде"), kaluga)
    assert [claim.areas for claim in read.claims] == [("RU-KLU/obninsk",)]


def test_a_border_has_two_sides() -> None:
    levels = load_levels()
    codes = [region.code for region in areas().regions()]
    for code in codes:
        assert code not in levels.neighbours(code)
        assert len(set(levels.neighbours(code))) == len(levels.neighbours(code))
        assert all(code in levels.neighbours(other) for other in levels.neighbours(code))
    assert AreaCode("RU-BEL") in levels.neighbours(AreaCode("UA-09/luhansky"))
    assert not levels.neighbours(AreaCode("RU-MAG"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[region.RU-VOR]\nmax_age_hours = -1", "region.RU-VOR.max_age_hours"),
        ("[region.RU-VOR]\nmax_age = 3", "region.RU-VOR.max_age"),
        ('[region.RU-VOR]\nimminent = [" "]', "must not be empty"),
        ('[region.RU-VVV]\nimminent = ["x"]', "there is no area 'RU-VVV'"),
        ('[names]\n"Град" = ["RU-KLU/nowhere"]', "names.Град"),
        ('[names]\n"Град" = []', "names.Град"),
        ("[region", "is not TOML"),
        ("words = 1", "it takes the keys"),
    ],
)
def test_a_mistake_in_an_operators_table_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(LevelsError, match=re.escape(said)):
        own(tmp_path, text)


def test_an_operators_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LevelsError, match="cannot be read"):
        load_levels(tmp_path / "none.toml", areas())
