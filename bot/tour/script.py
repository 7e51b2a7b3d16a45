"""What the tour's scenes are made of: who there is, what may happen, what a scene is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.demo import ADMIN
from bot.sandbox.world import Night, ScriptedChannel, ScriptedChat

ANNA: Final = ScriptedChat(id=810001, kind="private", name="Анна", follows=())
OLENA: Final = ScriptedChat(id=810002, kind="private", name="Олена", follows=())
YARD: Final = ScriptedChat(
    id=-1008100, kind="supergroup", name="Наш двор", follows=(), members=140
)
OPERATOR: Final = ScriptedChat(id=ADMIN, kind="private", name="Дежурный", follows=())
RIVER: Final = ScriptedChat(
    id=-1008200, kind="channel", name="Район за рекой", follows=(), members=900
)
"""Kept by ANNA, who sets it up in her private chat."""
UKRAINIAN: Final = frozenset((OLENA.id,))
"""Whose client speaks Ukrainian; all others speak Russian."""

KALUGA, TULA, BELGOROD, KHARKIV, MINISTRY = (
    "kaluga",
    "tula",
    "belgorod",
    "kharkiv",
    "ministry",
)
_START: Final = datetime(2026, 11, 21, 23, 40, tzinfo=ZoneInfo("Europe/Moscow"))

_READ: Final = (
    (KALUGA, "Губернатор (Калуга)", "RU-KLU"),
    (TULA, "Губернатор (Тула)", "RU-TUL"),
    (BELGOROD, "Оперштаб (Белгород)", "RU-BEL"),
    (KHARKIV, "ОВА (Харків)", "UA-63"),
    ("moskva", "Мэр (Москва)", "RU-MOW"),
    ("podmoskovye", "Губернатор (Подмосковье)", "RU-MOS"),
    ("smolensk", "Губернатор (Смоленск)", "RU-SMO"),
    ("oryol", "Губернатор (Орёл)", "RU-ORL"),
    ("kursk", "Губернатор (Курск)", "RU-KRS"),
    ("sumy", "ОВА (Суми)", "UA-59"),
    ("poltava", "ОВА (Полтава)", "UA-53"),
    ("dnipro", "ОВА (Дніпро)", "UA-12"),
    (MINISTRY, "Министерство (вся страна)", "RU"),
)
"""Username, title, region; none of them is anybody's."""

NIGHT: Final = Night(
    start=_START,
    end=_START + timedelta(days=1),
    channels=tuple(
        ScriptedChannel(
            username=f"{name}_tour", title=title, region=region, declares=region != "RU"
        )
        for name, title, region in _READ
    ),
    chats=(ANNA, OLENA, OPERATOR, YARD, RIVER),
    posts=(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """``chat``: another than the scene's."""

    text: str
    chat: ScriptedChat | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """A person's location."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Appoints:
    """The bot is made an administrator of a channel that the scene's person keeps."""

    channel: ScriptedChat


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """One of the timed jobs has its turn."""

    chore: str


Deed = Says | Shares | Appoints | Presses | Posts | Passes | Runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """``name``: of its file."""

    name: str
    title: str
    chat: ScriptedChat
    deeds: tuple[Deed, ...]


def minutes(n: int) -> Passes:
    return Passes(time=timedelta(minutes=n))
