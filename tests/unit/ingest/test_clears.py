"""The worst error is a false all-clear: what is one, what is not, and how far one reaches."""

import pytest

from ingest.correlate.clears import doubt
from storage.model import AreaCode, Hazard, Kind
from tests.unit.ingest.classified import claims, kinds


@pytest.mark.parametrize(
    ("text", "home", "hazard", "areas"),
    [
        ("Отбой ракетной опасности!", "RU-KLU", Hazard.MISSILE, ("RU-KLU",)),
        ("Дан отбой опасности атаки БПЛА", "RU-KLU", Hazard.UAV, ("RU-KLU",)),
        ("Режим «Беспилотная опасность» отменён", "RU-SAM", Hazard.UAV, ("RU-SAM",)),
        ("Отменён режим «Ракетная опасность»", "RU-TA", Hazard.MISSILE, ("RU-TA",)),
        ("Угроза атаки БПЛА миновала", "RU-TUL", Hazard.UAV, ("RU-TUL",)),
        ("Угроза атаки БПЛА снята в Обнинске", "RU-KLU", Hazard.UAV, ("RU-KLU/obninsk",)),
        ("🟢 03:10 Відбій тривоги в Ізюмський район", None, Hazard.AIR_RAID, ("UA-63/iziumskyi",)),
        ("Угроза атаки БЭК: отбой!", "RU-KDA", Hazard.NAVAL_DRONE, ("RU-KDA",)),
    ],
)
def test_all_clear(text: str, home: str | None, hazard: Hazard, areas: tuple[str, ...]) -> None:
    found = [claim for claim in claims(text, home) if claim.kind is Kind.ALL_CLEAR]
    assert [(claim.hazard, claim.areas) for claim in found] == [(hazard, areas)]


@pytest.mark.parametrize(
    "text",
    [
        "Ждите отбоя",
        "Оставайтесь в укрытии до сигнала «Отбой»",
        "Сигнал «Отбой» подадут дополнительно",
        "Никакого отбоя ракетной опасности нет",
        "Отбой не объявлен",
        "Это не отбой ракетной опасности",
        "Отбоя тревоги пока не было",
        "Отбой пока рано объявлять",
        "Отбой ракетной опасности будет объявлен дополнительно",
        "Жители ждут отбой ракетной опасности",
        "После отбоя ракетной опасности движение откроют",
        "Сообщений об отбое ракетной опасности не было",
        "Вчера был объявлен отбой ракетной опасности",
        "Отбой учебной тревоги",
        "Учения! Отбой воздушной тревоги",
        "Отбой ложной тревоги",
        "Опасность атаки БПЛА не отменена",
        "Угроза атаки БПЛА не снята",
        "Опасность ещё не миновала, угроза атаки БПЛА остаётся",
        "Аэропорт: ограничения на приём и выпуск судов сняты",
        "Автобус № 7 снят с маршрута из-за угрозы атаки БПЛА",
        "Отменены занятия в школах из-за угрозы БПЛА",
        "Не ігноруйте тривогу до відбою",
        "Відбою тривоги не було",
        "После сигнала отбоя ракетной опасности звоните родным",
    ],
)
def test_no_all_clear(text: str) -> None:
    assert Kind.ALL_CLEAR not in kinds(text, "RU-KLU")


@pytest.mark.parametrize(
    "text",
    [
        "Отбой опасности БПЛА в соседнем районе",
        "Отбой ракетной опасности в соседней области",
        "Відбій загрози БпЛА в сусідніх громадах",
    ],
)
def test_where_the_neighbours_are_nobody_knows(text: str) -> None:
    found = claims(text, "RU-KLU")
    assert found
    assert all(doubt(claim, AreaCode("RU-KLU")) for claim in found)


@pytest.mark.parametrize(
    "text",
    [
        "Отбой!",
        "Отбой опасности атаки БПЛА в Хлуднёве",
        "Отбой опасности атаки БПЛА для посёлка Дальние Зори",
        "Хлуднёво\nОтбой опасности по БПЛА",
        "Отбой ракетной опасности на севере области",
        "Отбой ракетной опасности в приграничных районах",
        "❗️Отбой❗️ Ракетная опасность",
    ],
)
def test_doubtful_all_clear_is_held(text: str) -> None:
    found = [claim for claim in claims(text, "RU-KLU") if claim.kind is Kind.ALL_CLEAR]
    assert found
    assert all(claim.weak for claim in found)


def test_of_one_hazard_the_other_stands() -> None:
    clear, threat = claims("Отбой ракетной опасности, опасность атаки БПЛА сохраняется", "RU-VOR")
    assert (clear.kind, clear.hazard) == (Kind.ALL_CLEAR, Hazard.MISSILE)
    assert (threat.kind, threat.hazard, threat.continues) == (Kind.THREAT, Hazard.UAV, True)


def test_of_the_upper_tier_only() -> None:
    clear, threat = claims(
        "Отмена непосредственной опасности атаки БПЛА в Лискинском районе. Режим опасности атаки"
        " БПЛА сохраняется на всей территории региона!",
        "RU-VOR",
    )
    assert (clear.upper_tier, clear.partial) == (True, True)
    assert (threat.kind, threat.continues, threat.areas) == (Kind.THREAT, True, ("RU-VOR",))


def test_of_all_but_a_list() -> None:
    (clear,) = claims(
        "Отбой опасности атаки БПЛА по области, кроме Жиздринского и Тарусского районов", "RU-KLU"
    )
    assert clear.excluded == ("RU-KLU/zhizdrinsky", "RU-KLU/tarussky")
    assert (clear.areas, clear.partial) == (("RU-KLU",), True)


def test_while_the_alarm_goes_on_elsewhere() -> None:
    clear, threat = claims(
        "🟡 11:20 Відбій\nЗверніть увагу, тривога ще триває у:\n- Ізюмський район\n- Лозівський"
        " район\n#Харківська_область"
    )
    assert clear.areas == ("UA-63",)
    assert set(clear.excluded) == {"UA-63/iziumskyi", "UA-63/lozivskyi"} == set(threat.areas)
    assert clear.partial


def test_of_a_place_is_partial() -> None:
    (clear,) = claims("ОТБОЙ ОПАСНОСТИ АТАКИ БПЛА в г. Белгороде, Валуйском МО 07:15", "RU-BEL")
    assert clear.partial
    assert clear.areas == ("RU-BEL/belgorod", "RU-BEL/valuysky")
    assert clear.at is not None
    assert clear.at.hour == 4


THIRTEEN = (
    "Бабынинский, Барятинский, Боровский, Дзержинский, Думиничский, Жиздринский, Жуковский,"
    " Износковский, Козельский, Куйбышевский, Людиновский, Малоярославецкий, Медынский районы"
)


@pytest.mark.parametrize(
    "text",
    [
        THIRTEEN + "\nОтбой опасности БПЛА",
        "Отбой опасности БПЛА\n" + THIRTEEN,
        "Отбой опасности БПЛА: " + THIRTEEN,
    ],
)
def test_a_long_list_is_never_the_whole_region(text: str) -> None:
    (clear,) = claims(text, "RU-KLU")
    assert clear.partial
    assert len(clear.areas) == 13


def test_what_is_listed_after_goes_on_is_not_cleared_on_one_line_either() -> None:
    found = claims(
        "Відбій тривоги, тривога ще триває у: Ізюмський район, Лозівський район", "UA-63"
    )
    clears = [claim for claim in found if claim.kind is Kind.ALL_CLEAR]
    assert [(c.areas, c.partial) for c in clears] == [(("UA-63",), True)]
    assert set(clears[0].excluded) == {"UA-63/iziumskyi", "UA-63/lozivskyi"}


@pytest.mark.parametrize(
    "text",
    [
        "Отбой ракетной опасности отменён",
        "Отбой опасности БПЛА отменяется!",
        "Опасность атаки БПЛА в регионе не снята",
        "Отбой? Нет, ракетная опасность не снята.",
    ],
)
def test_an_all_clear_taken_back_is_danger(text: str) -> None:
    (claim,) = claims(text, "RU-KLU")
    assert (claim.kind, claim.continues) == (Kind.THREAT, True)


@pytest.mark.parametrize(
    "text",
    [
        "«Отбой опасности БПЛА», — пишут жители в чатах",
        "Отбой тревоги у врачей: грипп отступил",
        "По неподтверждённой информации, отбой ракетной опасности",
        "Коллеги из Брянска сообщают: отбой опасности БПЛА",
        "Отбой опасности БПЛА в аэропорту Калуга",
        "Отбой опасности БПЛА для аэропорта Калуга",
    ],
)
def test_words_that_no_all_clear_is_made_of_hold_it(text: str) -> None:
    assert all(claim.weak for claim in claims(text, "RU-KLU") if claim.kind is Kind.ALL_CLEAR)


def test_a_colour_is_no_village() -> None:
    (clear,) = claims("Красный уровень «Угроза атаки БПЛА» снят, действует жёлтый", "RU-LIP")
    assert (clear.areas, clear.upper_tier) == (("RU-LIP",), True)
