"""Words around a name that say what sort of place it is, or that it is no place of danger."""

from enum import IntEnum
from functools import lru_cache
from typing import Final

from ingest.lexicon.tables import forms


class Head(IntEnum):
    """What sort of unit a head noun names."""

    REGION = 1
    DISTRICT = 2
    TOWN = 3
    VILLAGE = 4
    COMMUNITY = 5
    AIRPORT = 6


_HEADS: Final[tuple[tuple[Head, str], ...]] = (
    (
        Head.REGION,
        """область области областью областей областям областями областях обл край края краю крае
        краем республика республики республике республику республикой області областю oblast
        region regions oblasts krai republic""",
    ),
    (
        Head.DISTRICT,
        """район района району районом районе районы районов районам районами районах райони
        районів районі р-н р-на р-ну р-не р-ном р-ні р-ны р-нов округ округа округу округом
        округе округов округам округами округах мо го мр образовани образование образования
        образований district districts""",
    ),
    (
        Head.TOWN,
        """город города городу городом городе городов городам городах г місто міста місті містом м
        city town""",
    ),
    (
        Head.VILLAGE,
        """село села
        селе селу сел селам селах поселок поселка поселке поселку поселки поселкам
        поселков хутор хутора хуторе хутору хуторам деревня деревни деревне пгт смт слобода
        слободе слободы станица станицы станице н.п нп п селі
        селища селище пос хуторами village""",
    ),
    (Head.COMMUNITY, "громада громади громаді громаду громад тг отг"),
    (
        Head.AIRPORT,
        "аэропорт аэропорта аэропорту аэропорте аэропорты аэропортах аэропортов аеропорт",
    ),
)
HEADS: Final = {word: head for head, row in _HEADS for word in row.split()}

UNIT_WORDS: Final = (
    "муниципальн",
    "городск",
    "сельск",
    "територіальн",
    "территориальн",
    "автономн",
    "міськ",
    "сільськ",
    "селищн",
    "municipal",
    "urban",
)
"""Beginnings of adjectives that may stand between a name and its head noun."""

LINKS: Final = forms(
    """и та й і а также так же в во на над у по с г м го or and in the окраине окраинах
        территории территориях территорией территориями территорію небо небом области східніше"""
)
"""Words that do not end a list of names."""

_FACILITIES: Final = (
    "црб",
    "больниц",
    "госпитал",
    "лікарн",
    "ова",
    "ода",
    "администраци",
    "адміністраці",
    "правительств",
    "театр",
    "университет",
    "проспект",
    "улиц",
    "бульвар",
    "шоссе",
    "переулк",
    "площад",
    "вулиц",
    "аэс",
    "грэс",
    "тэц",
    "аес",
    "режим",
    "енерго",
    "обленерго",
    "мост",
    "рынок",
    "направлени",
    "напрямк",
    "нпз",
    "епархи",
    "рад",
    "полигон",
    "поликлиник",
    "водохранилищ",
    "электростанци",
    "обсе",
    "море",
    "морю",
    "моря",
    "морей",
    "морем",
    "клиническ",
    "уровен",
    "рівен",
    "сигнал",
    "код",
    "крест",
    "хрест",
)
"""After an adjective («Грайворонскую ЦРБ», «Московского проспекта»): it names no district."""
_PATIENT: Final = (
    "больниц",
    "госпитал",
    "лікарн",
    "клиник",
    "ул",
    "улиц",
    "проспект",
    "вул",
    "им",
    "имени",
    "берег",
    "берега",
    "берегу",
    "река",
    "реки",
    "реке",
    "рек",
    "русле",
    "трасс",
    "дорога",
    "дороге",
    "дороги",
    "дорогу",
    "автодорог",
    "пер",
    "бульвар",
    "шоссе",
    "площад",
    "црб",
    "полигон",
    "цркб",
    "окб",
)
"""Before a name, within a few words: a hospital or a street, not a place of danger."""
_STREETS_OF: Final = frozenset({"улиц", "улицах", "вулиць", "вулицях", "дорогах"})
"""«пяти улиц Орска» are in the town."""
_PATIENT_STEMS: Final = ("улиц", *(each for each in _PATIENT if len(each) > 4))
FROM: Final = forms("з із зі из с со від от from")
"""Prepositions of origin."""
ORIGIN: Final = forms("напрямків направлений районов аэродромов")
"""After them comes a list of launch areas to the end of the sentence."""
NEAR: Final = forms(
    """південь північ схід захід юг север восток запад на в во над у по під под біля возле
        около через повз мимо до півдні півночі сході заході північніше південніше східніше
        західніше севернее южнее восточнее западнее курсом курс напрямку направлении центр
        центрі"""
)
GIVEN_NAMES: Final = (
    "александр",
    "алексе",
    "андре",
    "анна",
    "анне",
    "антон",
    "артем",
    "богдан",
    "валентин",
    "валер",
    "василий",
    "вениамин",
    "виктор",
    "витали",
    "владимир",
    "владислав",
    "вячеслав",
    "геннади",
    "георги",
    "глеб",
    "григори",
    "денис",
    "дмитри",
    "евгени",
    "игор",
    "иван ",
    "илья",
    "кирилл",
    "константин",
    "максим",
    "михаил",
    "никола",
    "олег",
    "ольга",
    "павел",
    "роман",
    "руслан",
    "серге",
    "станислав",
    "татьян",
    "юри",
    "ярослав",
    "віталі",
    "андрі",
    "олександр",
    "олексі",
    "сергі",
    "ігор",
    "володимир",
    "дмитр",
    "михайл",
    "юрі",
    "євген",
    "губернатор",
    "мэр",
    "мер",
    "генерал",
    "президент",
    "премьер",
    "сенатор",
    "министр",
    "депутат",
    "глав",
    "vladislav",
    "кардинал",
    "имен",
    "спикер",
)
"""Beginnings of the words before a surname («Виталий Королев»)."""


@lru_cache(maxsize=4_096)
def facility(word: str) -> bool:
    """Names a building, an office, a road."""
    return word.startswith(_FACILITIES)


@lru_cache(maxsize=4_096)
def patient(word: str) -> bool:
    """Opens the name of a hospital or a street."""
    return word in _PATIENT or (word.startswith(_PATIENT_STEMS) and word not in _STREETS_OF)


@lru_cache(maxsize=4_096)
def given_name(word: str) -> bool:
    """Comes before a surname."""
    return word.startswith(GIVEN_NAMES) and not word.startswith(
        ("ярославск", "николаевск", "владимирск", "главн")
    )
