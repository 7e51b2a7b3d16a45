"""Numbers in digits and in words, in every case, Russian and Ukrainian («тридцять одним»,
«двоих», «п'ятеро», «52 831», «4-х»)."""

import re
from functools import lru_cache
from typing import Final

_UNITS: Final[tuple[tuple[int, str], ...]] = (
    (
        1,
        """один одна одно одного одной одному одним одну одном одни одних одним одна одного одній
        однієї одною одним one""",
    ),
    (
        2,
        """два две двух двум двумя двое двоих двоим двоими дві двох двом двома двоє двоми оба обе
        обоих обеих обидва обидві двойн* two both""",
    ),
    (3, "три трех трем тремя трое троих троим троими трьох трьом трьома троє three"),
    (4, "четыре четырех четырем четырьмя четверо четверых чотири чотирьох чотирьом четверо four"),
    (5, "пять пяти пятью пятеро пятерых п'ять п'яти п'ятьох п'ятеро п'ятьом five"),
    (6, "шесть шести шестью шестеро шестерых шість шести шістьох шестеро шістьом шестьох six"),
    (7, "семь семи семью семеро семерых сім семи сімох семеро сьома seven"),
    (8, "восемь восьми восемью восьмью восьмеро восьмерых вісім восьми вісьмох восьмеро eight"),
    (9, "девять девяти девятью девятеро девятерых дев'ять дев'яти дев'ятьох дев'ятеро nine"),
    (10, "десять десяти десятью десятеро десятерых десяти десятьох десятеро ten"),
    (11, "одиннадцат* одинадцят* eleven"),
    (12, "двенадцат* дванадцят* twelve"),
    (13, "тринадцат* тринадцят*"),
    (14, "четырнадцат* чотирнадцят*"),
    (15, "пятнадцат* п'ятнадцят*"),
    (16, "шестнадцат* шістнадцят*"),
    (17, "семнадцат* сімнадцят*"),
    (18, "восемнадцат* вісімнадцят*"),
    (19, "девятнадцат* дев'ятнадцят*"),
    (20, "двадцать двадцати двадцатью двадцять двадцятьох twenty"),
    (30, "тридцать тридцати тридцатью тридцять тридцяти thirty"),
    (40, "сорок сорока forty"),
    (50, "пятьдесят пятидесяти пятьюдесятью п'ятдесят п'ятдесяти fifty"),
    (60, "шестьдесят шестидесяти шестьюдесятью шістдесят шістдесяти"),
    (70, "семьдесят семидесяти семьюдесятью сімдесят сімдесяти"),
    (80, "восемьдесят восьмидесяти восемьюдесятью вісімдесят вісімдесяти"),
    (90, "девяносто девяноста дев'яносто дев'яноста"),
    (100, "сто ста сотню"),
    (200, "двести двухсот двумстам двісті двохсот"),
    (300, "триста трехсот тремстам трьохсот"),
    (400, "четыреста четырехсот чотириста чотирьохсот"),
    (500, "пятьсот пятисот п'ятсот п'ятисот"),
    (600, "шестьсот шестисот шістсот шестисот"),
    (700, "семьсот семисот сімсот семисот"),
    (800, "восемьсот восьмисот вісімсот восьмисот"),
    (900, "девятьсот девятисот дев'ятсот дев'ятисот"),
    (1000, "тысяча тысячи тысяч тысячу тисяча тисячі тисяч"),
)


def _index() -> tuple[dict[str, int], tuple[tuple[str, int], ...]]:
    exact: dict[str, int] = {}
    stems: list[tuple[str, int]] = []
    for value, row in _UNITS:
        for form in row.split():
            if form.endswith("*"):
                stems.append((form[:-1], value))
            else:
                exact[form] = value
    return exact, tuple(stems)


_EXACT, _STEMS = _index()
_DIGITS: Final = re.compile(r"[0-9]+\Z")
_THOUSAND: Final = 1_000
_TENS: Final = frozenset(("десятка", "десятков", "десятки", "десятків"))
"""«два десятка», «более трех десятков»."""
_LARGEST: Final = 1_000_000


@lru_cache(maxsize=8_192)
def value(word: str) -> int | None:
    """What one word counts, or None. Digits with a sign inside («07.20», «1,2») count nothing."""
    if word[0].isdigit():
        return int(word) if len(word) <= len("100000") and _DIGITS.match(word) else None
    known = _EXACT.get(word)
    if known is not None:
        return known
    for stem, number in _STEMS:
        if word.startswith(stem):
            return number
    return None


def _room(total: int) -> int:
    """What a further word must be smaller than: «двадцать» takes units, «двести» tens."""
    zeros = len(str(total)) - len(str(total).rstrip("0"))
    return int(10**zeros)


def number_at(words: list[str], gaps: list[int], at: int, end: int) -> tuple[int, int] | None:
    """The number that begins at word ``at`` and the word after it: «тридцать один», «52 831»."""
    first = value(words[at])
    if first is None:
        return None
    total, at = first, at + 1
    digits = words[at - 1][0].isdigit()
    while at < end and gaps[at] == 0 and total < _LARGEST:
        word = words[at]
        following = value(word)
        if (following is None and word not in _TENS) or word[0].isdigit() != digits:
            break
        if word in _TENS and total < _THOUSAND // 100:
            total *= 10
        elif digits:
            if len(word) != 3 or len(words[at - 1]) > 3:
                break
            total = total * _THOUSAND + (following or 0)
        elif following == _THOUSAND:
            total *= _THOUSAND
        elif following is not None and 0 < following < _room(total):
            total += following
        else:
            break
        at += 1
    return total, at
