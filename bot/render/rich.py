"""Text with entities, measured in UTF-16 units as Telegram does. Pure."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.message import Entity

LINK_PREFIX: Final = "https://t.me/"
_BIDI: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_MARKS_IN_A_ROW: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of one line; ``type`` is the Bot API's entity type, or None for plain text."""

    text: str
    type: str | None = None
    url: str | None = None


Line = tuple[Span, ...]


def plain(text: str) -> Line:
    return (Span(text=text),)


def bold(text: str) -> Line:
    return (Span(text=text, type="bold"),)


def link(text: str, url: str) -> Span:
    """Links lead to Telegram posts only; anything else stays text."""
    if not url.startswith(LINK_PREFIX) or clean(url) != url or " " in url:
        return Span(text=text)
    return Span(text=text, type="text_link", url=url)


def compose(lines: Iterable[Line]) -> tuple[str, tuple[Entity, ...]]:
    """Lines joined by line feeds; an empty line is an empty tuple."""
    text: list[str] = []
    entities: list[Entity] = []
    offset = 0
    for number, line in enumerate(lines):
        if number:
            text.append("\n")
            offset += 1
        for span in line:
            length = utf16(span.text)
            if span.type is not None and length:
                entities.append(Entity(type=span.type, offset=offset, length=length, url=span.url))
            text.append(span.text)
            offset += length
    return "".join(text), tuple(entities)


def utf16(text: str) -> int:
    """Its length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@lru_cache(maxsize=512)  # the same titles, places and quotes stand in card after card
def clean(text: str) -> str:
    """On one line, without control, bidi and surrogate characters or towers of marks."""
    kept: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if category == "Cs" or char in _BIDI or marks > _MARKS_IN_A_ROW:
            continue
        kept.append(" " if category in ("Cc", "Zl", "Zp") else char)
    return " ".join("".join(kept).split())


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` UTF-16 units, cut at a word where one ends near, with an ellipsis."""
    if utf16(text) <= limit:
        return text
    kept: list[str] = []
    left = limit - 1
    for char in text:
        left -= utf16(char)
        if left < 0:
            break
        kept.append(char)
    cut = "".join(kept)
    word = cut.rpartition(" ")[0]
    return (word if len(word) > len(cut) * 2 // 3 else cut).rstrip(" ,;:—·") + "…"
