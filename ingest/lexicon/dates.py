"""Days that a text names («20 декабря», «у грудні», «в апреле») against the day it was posted."""

from collections.abc import Iterator
from datetime import date
from typing import Final

_MONTHS: Final[tuple[tuple[int, str], ...]] = (
    (1, "январь января январе січень січня січні january"),
    (2, "февраль февраля феврале лютий лютого лютому february"),
    (3, "март марта марте березень березня березні march"),
    (4, "апрель апреля апреле квітень квітня квітні april"),
    (5, "май мая мае травень травня травні"),
    (6, "июнь июня июне червень червня червні june"),
    (7, "июль июля июле липень липня липні july"),
    (8, "август августа августе серпень серпня серпні august"),
    (9, "сентябрь сентября сентябре вересень вересня вересні september"),
    (10, "октябрь октября октябре жовтень жовтня жовтні october"),
    (11, "ноябрь ноября ноябре листопад листопада листопаді november"),
    (12, "декабрь декабря декабре грудень грудня грудні december"),
)
MONTHS: Final = {form: month for month, row in _MONTHS for form in row.split()}
"""Folded forms of the months' names to their numbers."""
_IN: Final = frozenset(("в", "во", "у"))
_LONGEST_DAY: Final = 2
_YEAR: Final = 366


def days_before(words: list[str], posted: date) -> Iterator[int]:
    """How many days before ``posted`` each named day or month lies (a month: its last day)."""
    for at, word in enumerate(words):
        if not at or (month := MONTHS.get(word)) is None:
            continue
        before = words[at - 1]
        following = words[at + 1] if at + 1 < len(words) else ""
        year = int(following) if following.isdigit() and len(following) == 4 else None
        if before.isdigit() and len(before) <= _LONGEST_DAY:
            yield _ago(int(before), month, year, posted)
        elif before in _IN and (month != posted.month or year not in (None, posted.year)):
            yield _ago(28, month, year, posted)


def _ago(day: int, month: int, year: int | None, posted: date) -> int:
    """Without a year the nearest: a day that lies more than half a year ahead was last year's."""
    try:
        found = date(year or posted.year, month, day)
    except ValueError:
        return 0
    days = (posted - found).days
    if year is None and days < -_YEAR // 2:
        days += _YEAR
    return days
