"""Danger that an official says may come now: «Возможна атака БПЛА», «не исключён пуск ракет».

It is told at once and marked as unconfirmed. A forecast of months, a reason («из-за возможных
атак») and an analyst's opinion are no warning.
"""

from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.tables import forms
from ingest.places.mentions import Mention
from ingest.rules.asks import NOT, memo
from ingest.rules.clause import Clause
from ingest.rules.plain import strange
from ingest.text import Gap

_MAY: Final = forms(
    """возможен возможна возможны возможно вероятен вероятна вероятны вероятно ожидается ожидаются
    можлива можливий можливі можливо ймовірна ймовірний ймовірні ймовірно очікується очікуються
    риск вероятность ризик ймовірність могут может можуть може possible likely"""
)
_RULED_OUT: Final = ("исключ", "виключ")
_LATER: Final = (
    "месяц", "місяц", "недел", "тижн", "год", "рок", "зим", "осен", "осін", "весн", "летом",
    "дни", "дней", "дня", "днів", "завтра", "будущ", "майбутн", "скоро", "новог", "праздн", "свят",
)  # fmt: skip
_REASONED: Final = forms(
    "из-за через если якщо после після коли когда при чтобы щоб хотя хоча ли чи памятка"
)
_COMING: Final = w.ATTACK | w.STRIKE | w.LAUNCH | w.SPOTTED
_USED: Final = ("применени", "застосуванн", "прилет", "приліт", "появлени")
_APART: Final = 4


def may_come(clause: Clause) -> bool:
    """The attack, launch or sighting itself is what may come, and soon."""
    if clause.asked() or memo(clause) or clause.mask & w.MEMO or clause.any_word(_REASONED):
        return False
    if any(word.startswith(_LATER) for word in clause.words()):
        return False
    return bool(_coming(clause))


def warns(clause: Clause, mentions: list[Mention]) -> bool:
    """Hardly a word that a warning is not made of; an opinion has more."""
    words, gaps = clause.reading.words, clause.reading.gaps
    for at in _coming(clause):
        end = at + 1
        while end < min(at + _WINDOW, clause.end) and gaps[end] is not Gap.COMMA:
            end += 1
        others = strange(clause, mentions, clause.first, end)
        if sum(not _warning(words[each]) for each in others) <= _ASIDES:
            return True
    return False


_WINDOW: Final = 7
_ASIDES: Final = 2


_OF_WARNINGS: Final = ("ближайш", "найближч", "повторн", "предварит", "поперед", *_RULED_OUT)


def _warning(word: str) -> bool:
    return word in _MAY or word in NOT or word.startswith(_OF_WARNINGS)


def _coming(clause: Clause) -> list[int]:
    """Where the words stand for what may come."""
    words = clause.reading.words
    return [
        at
        for at in range(clause.first, clause.end)
        if clause.bits[at] & _COMING or words[at].startswith(_USED)
        if any(
            _says_may(clause, near)
            for near in range(max(clause.first, at - _APART), min(clause.end, at + _APART))
        )
    ]


def _says_may(clause: Clause, at: int) -> bool:
    """«не исключена»; not «не ожидается»."""
    word = clause.reading.words[at]
    denied = at > clause.first and clause.reading.words[at - 1] in NOT
    return not denied if word in _MAY else denied and word.startswith(_RULED_OUT)
