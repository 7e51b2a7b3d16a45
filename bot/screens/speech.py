"""Words and names of places in one chat's language, and what every screen is built of. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar, assert_never

from bot.message import Button, Message
from bot.render.phrases import Voice
from bot.render.rich import Line, clean, compose, shorten
from bot.screens.codes import Verb, button
from bot.texts import Words
from storage.areas.tree import Areas, Tier
from storage.model import AreaCode, Lang

T = TypeVar("T")

LABEL: Final = 48
"""Most UTF-16 units on a button; Telegram's apps cut longer ones themselves."""
LANGUAGES: Final = {Lang.RU: "Русский", Lang.UK: "Українська", Lang.EN: "English"}

_ORDER: Final = str.maketrans(
    {"ё": "е", "ґ": "г\uffff", "є": "е\uffff", "і": "и\uffff", "ї": "и\uffff\uffff"}
)
"""Letters whose code points are out of the alphabets' order: each stands behind its neighbour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """In which language a screen is written, with the names of places in it."""

    words: Words
    areas: Areas

    def say(self, message: str, **values: object) -> str:
        return self.words.say(message, **values)

    def count(self, one: str, many: str, n: int, **values: object) -> str:
        return self.words.count(one, many, n, **values)

    def voice(self, region: AreaCode, now: datetime) -> Voice:
        return Voice(words=self.words, areas=self.areas, region=region, now=now)

    def name(self, code: AreaCode) -> str:
        """The full name alone; the code of a place that our tree no longer has."""
        area = self.areas.find(code)
        if area is None:
            return str(code)
        match self.words.lang:
            case Lang.RU:
                return area.name_ru
            case Lang.UK:
                return area.name_uk
            case Lang.EN:
                return area.name_en
            case _:
                assert_never(self.words.lang)

    def place(self, code: AreaCode) -> str:
        """The name with what it lies in: «Балабаново, Боровский район, Калужская область»."""
        if code not in self.areas:
            return str(code)
        path = [area for area in self.areas.path(code) if area.tier is not Tier.COUNTRY]
        return ", ".join(self.name(area.code) for area in reversed(path)) or self.name(code)

    def by_name(self, codes: Iterable[AreaCode]) -> list[AreaCode]:
        return sorted(codes, key=lambda code: self.name(code).casefold().translate(_ORDER))


def screen(lines: Iterable[Line], keyboard: Iterable[Sequence[Button]] = ()) -> Message:
    text, entities = compose(lines)
    rows = tuple(tuple(row) for row in keyboard if row)
    return Message(text=text, entities=entities, keyboard=rows)


def label(text: str) -> str:
    return shorten(clean(text), LABEL)


def columns(buttons: Sequence[Button], width: int) -> list[tuple[Button, ...]]:
    return [tuple(buttons[at : at + width]) for at in range(0, len(buttons), width)]


def pages(count: int, size: int) -> int:
    return max(1, -(-count // size))


def page_of(items: Sequence[T], number: int, size: int) -> tuple[Sequence[T], int]:
    """The page's items and its number, which is the last page's if there is none so high."""
    number = min(number, pages(len(items), size) - 1)
    return items[number * size : (number + 1) * size], number


def turning(verb: Verb, argument: str, number: int, total: int) -> list[Button]:
    """The row that turns pages, round and round; empty for one page."""
    if total == 1:
        return []
    before, after = (number - 1) % total, (number + 1) % total
    return [
        button(f"‹ {before + 1}", verb, argument, before),
        button(f"{number + 1} / {total}", verb, argument, number),
        button(f"{after + 1} ›", verb, argument, after),
    ]
