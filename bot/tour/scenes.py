"""The tour as a table: in which chat, what is said, pressed and posted, scene by scene.

A scene shows what was written or changed in its chat while it lasted. The scenes are one story:
each begins where the one before ended. To add a screen, add a row.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.sandbox.world import Night, ScriptedChannel, ScriptedChat

ANNA: Final = ScriptedChat(id=810001, kind="private", name="Анна", follows=())
OLENA: Final = ScriptedChat(id=810002, kind="private", name="Олена", follows=())
YARD: Final = ScriptedChat(
    id=-1008100, kind="supergroup", name="Наш двор", follows=(), members=140
)
UKRAINIAN: Final = frozenset((OLENA.id,))
"""Whose client speaks Ukrainian; all others speak Russian."""

_KALUGA, _TULA, _BELGOROD, _KHARKIV = "kaluga", "tula", "belgorod", "kharkiv"
_START: Final = datetime(2026, 11, 21, 23, 40, tzinfo=ZoneInfo("Europe/Moscow"))

_READ: Final = (
    (_KALUGA, "Губернатор (Калуга)", "RU-KLU"),
    (_TULA, "Губернатор (Тула)", "RU-TUL"),
    (_BELGOROD, "Оперштаб (Белгород)", "RU-BEL"),
    (_KHARKIV, "ОВА (Харків)", "UA-63"),
    ("moskva", "Мэр (Москва)", "RU-MOW"),
    ("podmoskovye", "Губернатор (Подмосковье)", "RU-MOS"),
    ("smolensk", "Губернатор (Смоленск)", "RU-SMO"),
    ("oryol", "Губернатор (Орёл)", "RU-ORL"),
    ("kursk", "Губернатор (Курск)", "RU-KRS"),
    ("sumy", "ОВА (Суми)", "UA-59"),
    ("poltava", "ОВА (Полтава)", "UA-53"),
    ("dnipro", "ОВА (Дніпро)", "UA-12"),
)
"""Username, title, region; none of them is anybody's."""

NIGHT: Final = Night(
    start=_START,
    end=_START + timedelta(days=1),
    channels=tuple(
        ScriptedChannel(username=f"{name}_tour", title=title, region=region, declares=True)
        for name, title, region in _READ
    ),
    chats=(ANNA, OLENA, YARD),
    posts=(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Presses:
    """The newest button whose words hold these."""

    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Posts:
    """``channel``: its name in the table."""

    channel: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passes:
    """Time goes by, and what falls due is done."""

    time: timedelta


Deed = Says | Presses | Posts | Passes


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """``name``: of its file."""

    name: str
    title: str
    chat: ScriptedChat
    deeds: tuple[Deed, ...]


def _minutes(n: int) -> Passes:
    return Passes(time=timedelta(minutes=n))


SCENES: Final = (
    Scene(
        name="start",
        title="/start: язык и место",
        chat=ANNA,
        deeds=(Says(text="/start"),),
    ),
    Scene(
        name="choose",
        title="Место по названию, хоть и с опечаткой",
        chat=ANNA,
        deeds=(Says(text="боровскй"), Presses(words="Боровский")),
    ),
    Scene(
        name="places",
        title="/places: за чем следит чат",
        chat=ANNA,
        deeds=(Says(text="/places"),),
    ),
    Scene(
        name="danger",
        title="Опасность объявлена: звук и карточка",
        chat=ANNA,
        deeds=(
            Posts(
                channel=_KALUGA,
                text="Внимание! Опасность атаки БПЛА в Боровском и Жуковском округах.",
            ),
        ),
    ),
    Scene(
        name="live",
        title="Карточка живёт: новости меняют её без звука",
        chat=ANNA,
        deeds=(
            _minutes(25),
            Posts(
                channel=_KALUGA,
                text="Над Боровским округом сбиты 2 беспилотника. По предварительной информации, "
                "пострадавших нет.",
            ),
            _minutes(1),
        ),
    ),
    Scene(
        name="status",
        title="/status: что действует сейчас",
        chat=ANNA,
        deeds=(
            Posts(
                channel=_TULA,
                text="На территории Тульской области объявлена опасность атаки БПЛА.",
            ),
            Posts(
                channel=_BELGOROD,
                text="РАКЕТНАЯ ОПАСНОСТЬ на территории Белгородской области!",
            ),
            Says(text="/status"),
        ),
    ),
    Scene(
        name="map",
        title="/map: то же картой, вместе с соседями",
        chat=ANNA,
        deeds=(Says(text="/map"),),
    ),
    Scene(
        name="clear",
        title="Отбой: только его официальными словами",
        chat=ANNA,
        deeds=(
            _minutes(70),
            Posts(
                channel=_KALUGA,
                text="Отбой опасности атаки БПЛА на территории Калужской области.",
            ),
        ),
    ),
    Scene(
        name="quiet",
        title="/status в тихий час: «не объявлено» — не отбой",
        chat=ANNA,
        deeds=(_minutes(30), Says(text="/status")),
    ),
    Scene(
        name="history",
        title="/history и /stats: последние дни своих мест",
        chat=ANNA,
        deeds=(Says(text="/history"), Says(text="/stats")),
    ),
    Scene(
        name="ukrainian",
        title="Українською, з іншого боку кордону",
        chat=OLENA,
        deeds=(
            Says(text="/start"),
            Says(text="Харківська область"),
            Presses(words="Харківська область"),
            Posts(
                channel=_KHARKIV,
                text="Оголошено повітряну тривогу в Харківській області!",
            ),
        ),
    ),
    Scene(
        name="ukrainian-map",
        title="/map українською",
        chat=OLENA,
        deeds=(Says(text="/map"),),
    ),
    Scene(
        name="group",
        title="Группа: места выбирают администраторы",
        chat=YARD,
        deeds=(Says(text="/start"), Presses(words="Россия")),
    ),
    Scene(
        name="help",
        title="/help: что это и что читает",
        chat=ANNA,
        deeds=(Says(text="/help"),),
    ),
    Scene(
        name="stop",
        title="/stop: только по желанию самого чата",
        chat=ANNA,
        deeds=(Says(text="/stop"),),
    ),
)
