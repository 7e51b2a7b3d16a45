"""Text of posts: made safe at the door, folded for matching, cut into words and sentences.

Folding keeps one character for one, so an offset in the folded text is an offset in the post;
only a text with invisible or combining characters needs a map back, and `Reading.spans` has it.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import accumulate
from typing import Final

from ingest.lexicon.tables import forms

MAX_LENGTH: Final = 8_192
"""Characters of one post that are kept; Telegram's own maximum is 4,096 UTF-16 units."""
MAX_MARKS: Final = 2
"""Combining marks that may follow one letter; more is "zalgo"."""

_UNSAFE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\u180e]"
)
_MARKS = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{2})"
    r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
_NEEDS_MAP = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u0130\u0300-\u036f\u061c\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2069\ufeff\ud800-\udfff]"
)
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff]"
)


def sanitise(text: str) -> str:
    """What every post goes through once: nothing that can break a database row, a log line or the
    direction of a message survives. Line ends become ``\\n``, a tab a space."""
    text = text[: MAX_LENGTH * 2].replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n")
    return _MARKS.sub(r"\1", _UNSAFE.sub("", text))[:MAX_LENGTH]


class Gap(IntEnum):
    """What stands between a word and the word before it, weakest first."""

    SPACE = 0
    HASHTAG = 1
    HYPHEN = 2
    SLASH = 3
    ARROW = 4
    COMMA = 5
    PAREN = 6
    DASH = 7
    COLON = 8
    SEMICOLON = 9
    STOP = 10
    SIGN = 11
    LINE = 12


@dataclass(frozen=True, slots=True)
class Reading:
    """A text cut into words. The tuples run in parallel, one entry for a word.

    ``gaps[i]`` stands before word i. ``capital[i]``: the word began with a capital letter.
    ``sentences``: (first, end) of words, end exclusive. ``tagged``: the words of hashtags.
    """

    text: str
    words: list[str]
    starts: list[int]
    ends: list[int]
    gaps: list[int]
    raw: list[str]
    sentences: list[tuple[int, int]]
    origin: list[int] | None
    tagged: list[int]

    def span(self, first: int, end: int) -> tuple[int, int]:
        """Where words first…end-1 stand in the post itself."""
        start, stop = self.starts[first], self.ends[end - 1]
        if self.origin is None:
            return start, stop
        return self.origin[start], self.origin[stop - 1] + 1

    def capital(self, index: int) -> bool:
        """The word begins with a capital letter."""
        return not self.raw[index][0].islower()


_WORD = re.compile(r"([0-9]+(?:[.:,][0-9]+)*|[^\W\d_]+(?:['\-][^\W\d_]+)*)")
_MIXED = re.compile(r"[a-z][а-яіїєґ'\-]|[а-яіїєґ'\-][a-z]")
_MIXED_WORD = re.compile(r"[a-zа-яіїєґ]*(?:[a-z][а-яіїєґ]|[а-яіїєґ][a-z])[a-zа-яіїєґ]*")
_LOOKALIKE = str.maketrans("acekmhopctxybi", "асекмнорстхуві")
_LATIN = re.compile("[a-z]")
_SIGN = re.compile(r"[^\w\s.,:;!?«»\"'“”„‘’()\[\]{}<>\-–—−/\\|+*~=&%$@#№…→➡➔➜⇒↗↘↖↙⬅⬆⬇►✈️‐‑]")
_ARROW = re.compile("[→➡➔➜⇒↗↘↖↙⬅⬆⬇►]")

_ABBREVIATED: Final = forms(
    """г м н п с д ул пр просп обл р-н р-не р-на р-ну р-ні р ім им ст тыс тис млн млрд пос пгт
    смт т тел см стр кв рис напр ок о"""
)
"""Words after which a full stop ends no sentence unless the next word opens a new line."""
_OPENERS: Final = forms(
    """в на над под у из от при после вследствие также для ещё еще второй по следите будьте
    единый телефон мой подписаться мы силами опасность отбой режим жители повреждено
    повреждены мужчина женщина пострадавшие погиб пострадал пострадали"""
)
"""Words that, capitalised in the middle of a line, show that a line break was lost."""


_ABBREVIATIONS: Final = forms("бпла бла бэк пво рсчс мчс мск мо го")
"""A line may have ended in one of these: «по БПЛА На территории …»."""


def _lookalike(match: re.Match[str]) -> str:
    word = match.group()
    cyrillic = word.translate(_LOOKALIKE)
    return cyrillic if _LATIN.search(cyrillic) is None else word


def fold(text: str) -> str:
    """Lower case, е for ё, one apostrophe, Cyrillic for the Latin letters that look like it inside
    Cyrillic words. Keeps the length."""
    low = text.lower().replace("ё", "е").replace("’", "'").replace("ʼ", "'").replace("`", "'")
    low = low.replace("‑", "-").replace("‐", "-")
    if _MIXED.search(low):
        low = _MIXED_WORD.sub(_lookalike, low)
    return low


def _unmarked(text: str) -> tuple[str, list[int]]:
    """The text composed and without invisible characters, and where each character stood."""
    letters: list[str] = []
    origin: list[int] = []
    for at, letter in enumerate(text):
        if _INVISIBLE.match(letter):
            continue
        if unicodedata.combining(letter) and letters:
            composed = unicodedata.normalize("NFC", letters[-1] + letter)
            if len(composed) == 1:
                letters[-1] = composed
            continue
        letters.append("i" if letter == "\u0130" else letter)
        origin.append(at)
    return "".join(letters), origin


@lru_cache(maxsize=4_096)
def _gap(between: str) -> int:
    """The strongest sign in what stands between two words; few such strings recur often."""
    if "\n" in between:
        # A line that ends in a comma was only wrapped: the list goes on.
        return Gap.COMMA if between.strip() == "," and between.count("\n") == 1 else Gap.LINE
    if _SIGN.search(between):
        return Gap.SIGN
    if any(sign in between for sign in ".!?…"):
        return Gap.STOP
    for signs, gap in (
        (";", Gap.SEMICOLON),
        (":", Gap.COLON),
        ("–—−", Gap.DASH),
        ("()[]", Gap.PAREN),
        (",", Gap.COMMA),
        ("→➡➔➜⇒↗↘↖↙⬅⬆⬇►", Gap.ARROW),
        ("/\\|", Gap.SLASH),
    ):
        if any(sign in between for sign in signs):
            return gap
    if "-" in between:
        return Gap.DASH if between != "-" else Gap.HYPHEN
    if between.endswith("#"):
        return Gap.SIGN
    return Gap.HASHTAG if between == "_" else Gap.SPACE


_SPACE: Final = int(Gap.SPACE)
_HASHTAG: Final = int(Gap.HASHTAG)
_SEMICOLON: Final = int(Gap.SEMICOLON)
_STOP: Final = int(Gap.STOP)
_LINE: Final = int(Gap.LINE)


def read(text: str) -> Reading:
    """Cut a text into words and sentences. Never raises."""
    origin: list[int] | None = None
    if _NEEDS_MAP.search(text):
        text, origin = _unmarked(text)
    low = fold(text)
    if len(low) != len(text):  # a letter whose lower case is longer: rare scripts
        text = "".join(letter if len(letter.lower()) == 1 else "?" for letter in text)
        low = fold(text)
    pieces = _WORD.split(low)  # what stands between, a word, what stands between, …
    edges = list(accumulate(map(len, pieces)))
    words, starts, ends = pieces[1::2], edges[:-1:2], edges[1::2]
    raw = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    gaps = [_SPACE] * len(words)
    sentences: list[tuple[int, int]] = []
    tagged: list[int] = []
    first = named = 0
    for count, (between, word) in enumerate(zip(pieces[::2], words, strict=False)):
        opener = word in _OPENERS
        if between == " " and not opener:
            continue
        gap = _SPACE if between == " " else _gap(between)
        if count and words[count - 1].startswith(_SIGNALS) and (name := _NAME.search(between)):
            named = _end_of_name(low, ends[count - 1] + name.start())
        if gap >= _SEMICOLON and count:
            if gap == _STOP and (
                starts[count] < named or _runs_on(words[count - 1], between, raw[count])
            ):
                gap = _SPACE
            else:
                sentences.append((first, count))
                first = count
        if between[-1:] == "#" or (gap == _HASHTAG and tagged[-1:] == [count - 1]):
            tagged.append(count)
        if (
            opener
            and gap == _SPACE
            and count - first > 2
            and raw[count][0].isupper()
            and between.strip() in ("", "»")
            and _broken_off(words[count - 1], raw[count - 1], raw[count])
        ):
            gap = _LINE
            sentences.append((first, count))
            first = count
        gaps[count] = gap
    if first < len(words):
        sentences.append((first, len(words)))
    return Reading(low, words, starts, ends, gaps, raw, sentences, origin, tagged)


_SIGNALS: Final = ("сигнал", "режим", "отбо", "відб")
_NAME: Final = re.compile('[«"“„]')
_NAMED: Final = re.compile('«[^«»\n]{1,60}»|"[^"\n]{1,60}"|[“„][^“”„\n]{1,60}[“”]')


def _end_of_name(text: str, start: int) -> int:
    """«Отбой сигнала „Внимание всем! Угроза атаки БПЛА“ в …»: the name of a signal ends no
    sentence. ``start``: of its quotation mark; 0 if it is not closed soon."""
    name = _NAMED.match(text, start)
    return name.end() if name else 0


def _broken_off(previous: str, before: str, written: str) -> bool:
    """A line break was lost between the two: «…в укрытии По данным…»."""
    return before[-1].islower() or (previous in _ABBREVIATIONS and written[1:2].islower())


def _runs_on(previous: str, between: str, written: str) -> bool:
    """A full stop after an abbreviation («г. Белгороде», «обл. снята») that ends nothing."""
    if not between.startswith(".") or "!" in between or "?" in between or ".." in between:
        return False
    if previous in _ABBREVIATED:
        return len(previous) < 3 or written[0].islower() or previous in ("р-н", "р-ні", "р-не")
    return not between.strip(".") and len(previous) == 1 and len(written) == 1
