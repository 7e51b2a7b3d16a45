"""A cry of danger that somebody only quotes."""

from bisect import bisect_right
from typing import Final

from ingest.lexicon import words as w
from ingest.rules.clause import Clause
from ingest.rules.walk import Walk
from storage.model import Kind


def cited(walk: Walk, clause: Clause) -> bool:
    """«Воздушная тревога!» — и четырнадцать команд бегут в окоп: a cry in quotation marks that the
    sentence goes on about; not «…», — сообщил губернатор, nor «…» объявлена. Beside an exercise
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
    if closed < 0 or at == len(reading.words) or reading.capital(at):
        return False
    if not set(reading.text[closed + 1 : reading.starts[at]]) <= _GOES_ON:
        return False
    return not any(
        reading.words[each].startswith(_SAID)
        or clause.bits[each] & (w.DECLARE | w.STANDS | w.CLEAR | w.CANCEL | w.LIFTED)
        for each in range(at, min(at + _REMARK, len(reading.words)))
    )


_QUOTATION: Final = 400  # characters


_REMARK: Final = 4  # words


_GOES_ON: Final = frozenset(" —–-,")


_SAID: Final = ("сообщ", "заяв", "напис", "говор", "повідом", "отмет", "подчерк", "сказал",
                "добав", "уточн", "рассказ", "зазнач", "наголос")  # fmt: skip
