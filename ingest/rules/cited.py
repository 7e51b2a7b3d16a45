"""A cry of danger that somebody only quotes."""

from bisect import bisect_right
from typing import Final

from ingest.lexicon import words as w
from ingest.rules.clause import Clause
from ingest.rules.walk import Walk
from storage.model import Kind


def cited(walk: Walk, clause: Clause) -> bool:
    """«Воздушная тревога!» — и четырнадцать команд бегут в окоп: a cry in quotation marks that the
    sentence goes on about; not «…», — сообщил губернатор, nor «…» объявлена, nor «…» — уходите
    в укрытие. Beside an exercise
    every such cry is part of it."""
    reading = clause.reading
    end = reading.sentences[clause.sentence][1]
    last = reading.ends[end - 1]
    back = max(0, last - _QUOTATION)
    back = max(back, reading.text.rfind("\n", back, last))
    if reading.text.rfind("«", back, last) <= reading.text.rfind("»", back, last):
        return False
    if any(draft.kind is Kind.DRILL for draft in walk.drafts):
        return True
    closed = reading.text.find("»", last, last + _QUOTATION)
    at = bisect_right(reading.starts, closed)
    if closed < 0 or at == len(reading.words) or _opens_anew(clause, at):
        return False
    if not set(reading.text[closed + 1 : reading.starts[at]]) <= _GOES_ON:
        return False
    return not any(
        reading.words[each].startswith(_SAID)
        or reading.words[each].endswith(_DO)
        or reading.words[each].startswith(_SHELTER)
        or clause.bits[each] & _OF_NOW
        for each in range(at, min(at + _REMARK, len(reading.words)))
    )


def _opens_anew(clause: Clause, at: int) -> bool:
    """A capital letter, where not all letters are."""
    raw = clause.reading.raw
    return clause.reading.capital(at) and not (raw[at].isupper() and raw[clause.end - 1].isupper())


_QUOTATION: Final = 400  # characters


_OF_NOW: Final = w.DECLARE | w.STANDS | w.CLEAR | w.CANCEL | w.LIFTED | w.HEED
_DO: Final = ("йте", "ите", "йтесь", "итесь", "ться", "тися", "іть", "іться")
_SHELTER: Final = ("укрыт", "укритт", "сховищ")
"""«…!» — уходите в укрытие: what to do now."""


_REMARK: Final = 4  # words


_GOES_ON: Final = frozenset(" —–-,")


_SAID: Final = ("сообщ", "заяв", "напис", "говор", "повідом", "отмет", "подчерк", "сказал",
                "добав", "уточн", "рассказ", "зазнач", "наголос", "переда", "оповещ",
             "оповіщ", "призва", "призыв", "заклика", "прос", "обратил", "зверн")  # fmt: skip
