"""How many were shot down, and where: the numbers of one sentence, in order."""

from dataclasses import dataclass
from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.numbers import number_at
from ingest.lexicon.tables import forms
from ingest.rules.clause import Clause
from ingest.text import Gap
from storage.model import Qualifier

_MONTHS: Final = (
    "январ",
    "феврал",
    "март",
    "апрел",
    "мая",
    "май",
    "июн",
    "июл",
    "август",
    "сентябр",
    "октябр",
    "ноябр",
    "декабр",
    "січ",
    "лют",
    "берез",
    "квіт",
    "трав",
    "черв",
    "лип",
    "серп",
    "верес",
    "жовт",
    "листопад",
    "груд",
)
_NOT_COUNTED: Final = (
    *_MONTHS,
    "мск",
    "летн",
    "річн",
    "год",
    "рок",
    "час",
    "годин",
    "минут",
    "хвил",
    "км",
    "процент",
    "част",
    "рубл",
    "грн",
    "тыс",
    "боеприпас",
    "влучан",
    "попадан",
    "обстрел",
    "раз",
    "взрывн",
    "район",
    "муниципалит",
    "округ",
    "городск",
    "локаци",
    "област",
    "регион",
    "кв",
    "метр",
    "человек",
    "люд",
    "жител",
    "дом",
    "автомоб",
    "населен",
    "насел",
    "утра",
    "вечер",
    "ранку",
    "балл",
    "машин",
    "черг",
)
"""A number before one of these counts no targets (a date, an age, districts, shells)."""
_NOT_COUNTED_WORDS: Final = forms("т г р м кв тыс ч")
_OPEN_BEFORE: Final = forms("№ в с до от з о номер телефон тел коду")
_MORE: Final = forms("еще ще додатково")
_AT_LEAST: Final = forms("более больше свыше минимум понад більше щонайменше")
_ABOUT: Final = forms("около порядка близько примерно приблизно")
_TOTAL: Final = forms("всего усього загалом итого")


@dataclass(frozen=True, slots=True)
class Number:
    """A number of targets; ``each``: «по два … над X и Y»; ``at``…``end``: its words."""

    n: int
    at: int
    end: int
    each: bool
    qualifier: Qualifier


def numbers(clause: Clause) -> list[Number]:
    """The numbers of a sentence that can count targets, in order."""
    reading = clause.reading
    words, gaps = reading.words, reading.gaps
    found: list[Number] = []
    at = clause.first
    while at < clause.end:
        parsed = number_at(words, gaps, at, clause.end)
        if parsed is None:
            at += 1
            continue
        n, end = parsed
        if _counts(clause, at, end):
            before = words[at - 1] if at > clause.first else ""
            second = words[at - 2] if at - 1 > clause.first else ""
            found.append(Number(n, at, end, before == "по", _qualifier(clause, before, second)))
        at = end
    return found


def _counts(clause: Clause, at: int, end: int) -> bool:
    reading = clause.reading
    words, gaps = reading.words, reading.gaps
    following = words[end] if end < clause.end else ""
    if gaps[at] == Gap.HYPHEN or (end < clause.end and gaps[end] == Gap.HYPHEN):
        return False
    if (
        following
        and gaps[end] <= Gap.SLASH
        and (following in _NOT_COUNTED_WORDS or following.startswith(_NOT_COUNTED))
    ):
        return False
    before = words[at - 1] if at > clause.first else ""
    between = reading.text[reading.ends[at - 1] : reading.starts[at]] if at else ""
    if "№" in between or "#" in between or "+" in between:
        return False
    digits = words[at][0].isdigit()
    if digits and before in _OPEN_BEFORE and not _beside(clause, end, w.UAV | w.MISSILE):
        return False
    return gaps[at] >= Gap.COMMA or before not in ("тип", "типа", "типу", "части", "часть")


def _qualifier(clause: Clause, before: str, second: str) -> Qualifier:
    if before in _MORE:
        return Qualifier.INCREMENT
    if before in _AT_LEAST or (second in ("не", "щонайменше") and before in ("менее", "менше")):
        return Qualifier.AT_LEAST
    if before in _ABOUT:
        return Qualifier.APPROX
    if clause.any_word(_TOTAL):
        return Qualifier.TOTAL
    return Qualifier.EXACT


def beside(clause: Clause, number: Number, mask: int) -> bool:
    """Whether the number counts a word with these bits: it follows within a few adjectives."""
    return _beside(clause, number.end, mask)


def _beside(clause: Clause, end: int, mask: int) -> bool:
    gaps = clause.reading.gaps
    for at in range(end, min(end + 6, clause.end)):
        if gaps[at] >= Gap.COMMA and at > end:
            return False
        if clause.bits[at] & mask:
            return True
    return False
