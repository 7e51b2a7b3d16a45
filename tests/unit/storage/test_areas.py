"""The tree of places: the bundled data as it is, and what the tree answers about it."""

import sys
import time

import pytest

from storage.areas.letters import (
    russian_from_ukrainian,
    russian_in_latin,
    slug,
    ukrainian_from_russian,
    ukrainian_in_latin,
)
from storage.areas.nearest import nearest
from storage.areas.search import search
from storage.areas.tree import Area, Areas, Tier, UnknownAreaError, load, parent_code
from storage.model import AreaCode

AREAS = load()

ISO_RUSSIA = (
    "AD AL ALT AMU ARK AST BA BEL BRY BU CE CHE CHU CU DA IN IRK IVA KAM KB KC KDA KEM KGD KGN KHA"
    " KHM KIR KK KL KLU KO KOS KR KRS KYA LEN LIP MAG ME MO MOS MOW MUR NEN NGR NIZ NVS OMS ORE"
    " ORL PER PNZ PRI PSK ROS RYA SA SAK SAM SAR SE SMO SPE STA SVE TA TAM TOM TUL TVE TY TYU UD"
    " ULY VGG VLA VLG VOR YAN YAR YEV ZAB"
)
ISO_UKRAINE = "05 07 09 12 14 18 21 23 26 30 32 35 40 43 46 48 51 53 56 59 61 63 65 68 71 74 77"

KALUGA = (
    "Бабынинский Барятинский Боровский Дзержинский Думиничский Жиздринский Жуковский Износковский"
    " Калуга Кировский Козельский Куйбышевский Людиновский Малоярославецкий Медынский Мещовский"
    " Мосальский Обнинск Перемышльский Спас-Деменский Сухиничский Тарусский Ульяновский"
    " Ферзиковский Хвастовичский Юхновский"
)
BELGOROD = (
    "Алексеевский Белгород Белгородский Борисовский Валуйский Вейделевский Волоконовский"
    " Грайворонский Губкинский Ивнянский Корочанский Красненский Красногвардейский Краснояружский"
    " Новооскольский Прохоровский Ракитянский Ровеньский Старооскольский Чернянский Шебекинский"
    " Яковлевский"
)


def districts(country: str) -> list[Area]:
    return [a for a in AREAS if a.tier is Tier.DISTRICT and a.code.startswith(country)]


def test_regions_are_those_of_iso_3166_2() -> None:
    assert [a.code for a in AREAS.regions("RU")] == [f"RU-{c}" for c in ISO_RUSSIA.split()]
    assert [a.code for a in AREAS.regions("UA")] == [f"UA-{c}" for c in ISO_UKRAINE.split()]
    assert len(AREAS.regions()) == 83 + 27


def test_there_are_the_districts_of_the_sources() -> None:
    assert sum(a.unit != "город" for a in districts("RU")) >= 1850
    of_cities = [a for a in districts("UA") if a.parent in ("UA-30", "UA-40")]
    assert len(districts("UA")) - len(of_cities) == 136
    assert len(of_cities) == 10 + 4


@pytest.mark.parametrize(
    ("code", "names"), [("RU-KLU", KALUGA.split()), ("RU-BEL", BELGOROD.split())]
)
def test_a_region_is_complete(code: str, names: list[str]) -> None:
    own = [a for a in AREAS.children(code) if a.tier is Tier.DISTRICT]
    assert sorted(a.short_ru for a in own) == names


def test_every_area_stands_in_its_parent() -> None:
    for area in AREAS:
        assert area.parent == parent_code(area.code)
        if area.parent is None:
            assert area.tier is Tier.COUNTRY
        else:
            assert area in AREAS.children(area.parent)
            assert AREAS.contains(area.parent, area.code)
    assert len({a.code for a in AREAS}) == len(AREAS)


def test_every_town_has_a_region_and_every_region_a_time_zone() -> None:
    for area in AREAS:
        if area.tier is not Tier.COUNTRY:
            region = AREAS.region_of(area.code)
            assert region.tier is Tier.REGION
            assert region.timezone is not None
        assert (area.timezone is not None) == (area.tier is Tier.REGION)


def test_names_are_names() -> None:
    for area in AREAS:
        for name in (area.name_ru, area.name_uk, area.name_en, area.short_ru, area.short_uk):
            assert name == name.strip() != ""
            assert "  " not in name
        assert not set("іїєґ") & set(area.name_ru.lower()), area
        assert not set("ыэёъ") & set(area.name_uk.lower()), area
        assert not area.short_ru.isupper(), area
        assert area.short_ru not in area.aliases, area


def test_a_card_has_the_full_name_and_a_parser_the_head() -> None:
    borovsky = AREAS["RU-KLU/borovsky"]
    assert (borovsky.name_ru, borovsky.short_ru) == ("Боровский район", "Боровский")
    assert (borovsky.name_uk, borovsky.unit) == ("Боровський район", "район")
    chuhuiv = AREAS["UA-63/chuhuivskyi"]
    assert (chuhuiv.name_uk, chuhuiv.name_ru) == ("Чугуївський район", "Чугуевский район")
    assert AREAS["UA-63/kupianskyi"].name_ru == "Купянский район"
    kalevala = AREAS["RU-KR/kalevalsky"]
    assert (kalevala.name_ru, kalevala.short_ru) == (
        "Калевальский национальный район",
        "Калевальский",
    )
    assert AREAS["RU-KHM"].short_ru == "Ханты-Мансийский"
    assert AREAS.name("UA-63", "uk") == "Харківська область"
    assert AREAS.name("RU-KLU", "en") == "Kaluga Oblast"


def test_a_city_okrug_is_not_the_district_of_a_like_name() -> None:
    city, district = AREAS["RU-BEL/belgorod"], AREAS["RU-BEL/belgorodsky"]
    assert (city.tier, city.unit, city.name_ru) == (Tier.DISTRICT, "город", "Белгород")
    assert not AREAS.contains(district.code, city.code)
    assert not AREAS.contains(city.code, district.code)
    assert [a.code for a in AREAS if a.short_ru == "Калуга"] == ["RU-KLU/kaluga"]


def test_a_city_beside_its_district_is_marked() -> None:
    assert AREAS["RU-BEL/starooskolsky/stary-oskol"].apart
    assert AREAS["RU-KLU/lyudinovsky/lyudinovo"].apart
    assert not AREAS["RU-KLU/borovsky/borovsk"].apart
    assert not AREAS["UA-63/kharkivskyi/kharkiv"].apart


@pytest.mark.parametrize(
    ("outer", "inner", "holds"),
    [
        ("RU", "RU-KLU/borovsky/balabanovo", True),
        ("RU-KLU", "RU-KLU", True),
        ("RU-KLU/borovsky", "RU-KLU/borovsky/balabanovo", True),
        ("RU-KLU/borovsky", "RU-KLU", False),
        ("RU-AL", "RU-ALT", False),
        ("RU-MO", "RU-MOS", False),
        ("UA", "RU-KLU", False),
        ("RU-KLU/borovsky", "RU-KLU/borovsky-2", False),
        ("RU-SVE", "RU-SVE/~tree-of-last-year", True),
    ],
)
def test_contains(outer: str, inner: str, holds: bool) -> None:
    assert AREAS.contains(outer, inner) is holds


def test_path_leads_from_the_country_down() -> None:
    path = AREAS.path("RU-KLU/borovsky/balabanovo")
    assert [a.code for a in path] == [
        "RU",
        "RU-KLU",
        "RU-KLU/borovsky",
        "RU-KLU/borovsky/balabanovo",
    ]
    assert AREAS.region_of("RU-KLU/borovsky/balabanovo").code == "RU-KLU"
    assert AREAS.region_of("RU-KLU").code == "RU-KLU"


def test_an_unknown_code_is_named() -> None:
    assert AREAS.find("RU-KLU/atlantis") is None
    with pytest.raises(UnknownAreaError, match="RU-KLU/atlantis"):
        AREAS["RU-KLU/atlantis"]
    with pytest.raises(UnknownAreaError, match="lies in no region"):
        AREAS.region_of("RU")
    with pytest.raises(UnknownAreaError):
        AREAS.children("XX")


def test_a_tree_wants_parents_and_no_code_twice() -> None:
    with pytest.raises(UnknownAreaError):
        Areas([AREAS["RU-KLU/borovsky"]])
    with pytest.raises(ValueError, match="twice"):
        Areas([AREAS["RU"], AREAS["RU"]])


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("калушская", "RU-KLU"),
        ("Калужская область", "RU-KLU"),
        ("Калуга", "RU-KLU/kaluga"),
        ("kaluga oblast", "RU-KLU"),
        ("Ленобласть", "RU-LEN"),
        ("хмао", "RU-KHM"),
        ("крым", "UA-43"),
        ("Крим", "UA-43"),
        ("харків", "UA-63/kharkivskyi/kharkiv"),
        ("м. Харків", "UA-63/kharkivskyi/kharkiv"),
        ("Харьков", "UA-63/kharkivskyi/kharkiv"),
        ("chuhuiv", "UA-63/chuhuivskyi/chuhuiv"),
        ("Боровский район", "RU-KLU/borovsky"),
        ("obninsk", "RU-KLU/obninsk"),
        ("малоярославиц", "RU-KLU/maloyaroslavetsky/maloyaroslavets"),
        ("орёл", "RU-ORL/orel"),
        ("Белгород", "RU-BEL/belgorod"),
        ("калуге", "RU-KLU/kaluga"),
        ("Калужской области", "RU-KLU"),
        ("в Боровском районе", "RU-KLU/borovsky"),
        ("Borovskij rajon", "RU-KLU/borovsky"),
        ("Старом Осколе", "RU-BEL/starooskolsky/stary-oskol"),
        ("из Белгорода", "RU-BEL/belgorod"),
        ("у Києві", "UA-30"),
        ("Сумах", "UA-59/sumskyi/sumy"),
        ("Чугуївському районі", "UA-63/chuhuivskyi"),
        ("в Харькове", "UA-63/kharkivskyi/kharkiv"),
        ("Kharkivska oblast", "UA-63"),
        ("в Уфе", "RU-BA/ufa"),
        ("белгородский", "RU-BEL/belgorodsky"),
    ],
)
def test_search_finds_what_was_meant(typed: str, first: str) -> None:
    assert search(AREAS, typed)[0].code == first


def test_search_stays_within_an_area() -> None:
    assert search(AREAS, "киров", within="RU-KLU")[0].code == "RU-KLU/kirovsky/kirov"
    assert all(a.code.startswith("UA-63/") for a in search(AREAS, "слоб", within="UA-63"))
    assert search(AREAS, "калуга", within="UA") == ()


def test_search_of_nothing_finds_nothing() -> None:
    assert search(AREAS, " .,! ") == ()
    assert search(AREAS, "щщщщщщщщ") == ()
    assert len(search(AREAS, "красн", limit=3)) == 3


def test_search_prefers_regions_among_equals() -> None:
    assert search(AREAS, "Московская")[0].code == "RU-MOS"
    assert search(AREAS, "Севастополь")[0].code == AreaCode("UA-40")


@pytest.mark.parametrize(
    ("name", "latin"),
    [
        ("Боровский", "borovsky"),
        ("Малоярославецкий", "maloyaroslavetsky"),
        ("Спас-Деменский", "spas-demensky"),
        ("Гусь-Хрустальный", "gus-khrustalny"),
        ("имени Лазо", "imeni-lazo"),
    ],
)
def test_slug_of_a_russian_name(name: str, latin: str) -> None:
    assert slug(russian_in_latin(name)) == latin


@pytest.mark.parametrize(
    ("name", "latin"),
    [
        ("Чугуївський", "chuhuivskyi"),
        ("Куп'янський", "kupianskyi"),
        ("Згурівка", "zghurivka"),
        ("Єнакієве", "yenakiieve"),
        ("Їжівці", "yizhivtsi"),
    ],
)
def test_slug_of_a_ukrainian_name(name: str, latin: str) -> None:
    assert slug(ukrainian_in_latin(name)) == latin


def test_a_name_no_source_has_is_made_by_rule() -> None:
    assert ukrainian_from_russian("Малоярославецкий") == "Малоярославецький"
    assert ukrainian_from_russian("Износковский") == "Ізносковський"
    assert russian_from_ukrainian("Куп'янський") == "Купянский"
    assert russian_from_ukrainian("Голубівка") == "Голубовка"


def test_loading_takes_a_moment() -> None:
    started = time.perf_counter()
    count = len(load())
    took = f"{count} areas in {(time.perf_counter() - started) * 1000:.0f} ms\n"
    sys.stdout.write(took)
    assert count > 9000


@pytest.mark.parametrize(
    ("point", "places"),
    [
        ((55.18, 36.65), ["RU-KLU/borovsky", "RU-KLU/obninsk", "RU-KLU/zhukovsky"]),
        ((55.7558, 37.6173), ["RU-MOW"]),
        ((50.45, 30.52), ["UA-30"]),
        ((44.6, 33.5), ["UA-40"]),
        ((50.04, 22.0), ["UA-46/sambirskyi"]),
        ((0.0, 0.0), []),
        ((90.0, 180.0), []),
    ],
)
def test_the_nearest_known_places_of_a_point(
    point: tuple[float, float], places: list[str]
) -> None:
    found = [area.code for area in nearest(AREAS, *point)]
    assert found[: len(places)] == places and (places or not found)
