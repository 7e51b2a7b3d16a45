"""People harmed: the dead and the injured that a sentence states, as numbers."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.numbers import number_at, value
from ingest.lexicon.tables import forms
from ingest.rules.clause import Clause
from ingest.text import Gap

_AND: Final = forms("и та and")
_NONE: Final = forms("нет немає нема без обошлось не no отсутствуют")
_ASIDE: Final = ("в том числе", "среди", "из них", "серед", "зокрема", "з яких", "из которых")
_SINGULAR: Final = forms(
    """мужчина женщина мужчине женщине мужчину женщину мужчины житель жительница водитель
    сотрудник сотрудница девушка девушку юноша подросток ребенок мальчик девочка чоловік жінка
    дитина боец супруга супруги супруг супруге курянин пенсионерка пенсионер человек работник
    продавец механик чоловіка жінку мирный мирная"""
)
_SKIP_AFTER: Final = (
    "летн",
    "річн",
    "год",
    "рок",
    "час",
    "мин",
    "част",
    "дом",
    "авто",
    "район",
    "насел",
    "раз",
    "сентяб",
    "октяб",
    "август",
    "июл",
    "черг",
    "удар",
    "бпла",
    "беспил",
    "вересн",
    "квартир",
    "мкд",
    "тыс",
    "муниц",
    "округ",
    "машин",
)


@dataclass(frozen=True, slots=True)
class Harm:
    """What one sentence states; ``stated``: by a number, else by naming a person."""

    dead: int | None
    injured: int | None
    stated: bool


def harm(clause: Clause) -> Harm | None:
    """The dead and injured of a sentence, or None when it speaks of none."""
    if not clause.mask & (w.DEAD | w.HURT):
        return None
    none = _denied(clause)
    if none is not None:
        return none
    tally = _Tally()
    pieces = [
        piece
        for piece in _pieces(clause)
        if not _aside(piece) and not (piece.mask & w.PRELIMINARY and piece.size() <= 2)
    ]
    for index, piece in enumerate(pieces):
        number = _number(piece)
        kind = piece.mask & (w.DEAD | w.HURT)
        if not kind:
            following = pieces[index + 1] if index + 1 < len(pieces) else None
            named = number if number is not None else _persons(piece)
            if (
                following is not None
                and following.mask & (w.DEAD | w.HURT)
                and named
                and _number(following) is None
                and _persons(following) is None
            ):
                tally.add(following.mask & (w.DEAD | w.HURT), named, number is not None)
                continue
            if number is not None and tally.last:
                tally.add(tally.last, number, True)
            continue
        n = number if number is not None else _persons(piece)
        tally.last = kind
        if n is not None:
            tally.add(kind, n, number is not None)
    dead, injured, stated = tally.dead, tally.injured, tally.stated
    if dead is None and injured is None:
        return None
    return Harm(dead, injured, stated)


class _Tally:
    """What the pieces of one sentence add up to."""

    __slots__ = ("dead", "injured", "last", "stated")

    def __init__(self) -> None:
        self.dead: int | None = None
        self.injured: int | None = None
        self.last = 0
        self.stated = False

    def add(self, kind: int, n: int, stated: bool) -> None:
        """A number; people named one by one add nothing to a number already stated."""
        known = self.dead if kind & w.DEAD else self.injured
        if known is not None and self.stated and not stated:
            return
        total = max(known or 0, n) if stated else (known or 0) + n
        if kind & w.DEAD:
            self.dead = total
        else:
            self.injured = total
        self.stated = self.stated or stated


def _denied(clause: Clause) -> Harm | None:
    """«Пострадавших нет», «погибших и раненых нет», «no casualties»."""
    words = clause.reading.words
    for at in range(clause.first, clause.end):
        if words[at] not in _NONE:
            continue
        near = range(max(clause.first, at - 8), min(clause.end, at + 5))
        dead = any(clause.bits[each] & w.DEAD for each in near)
        hurt = [each for each in near if clause.bits[each] & w.HURT]
        if words[at] == "не" and not (
            at + 1 < clause.end and clause.bits[at + 1] & (w.HURT | w.DEAD)
        ):
            continue
        if hurt and any(words[each].startswith(("ранен", "поранен", "травм")) for each in hurt):
            return Harm(0 if dead else None, 0, True)
        if hurt:
            return Harm(0, 0, True)
        if dead:
            return Harm(0, None, True)
    return None


def _pieces(clause: Clause) -> list[Clause]:
    reading = clause.reading
    cuts = [clause.first]
    cuts += [
        at
        for at in range(clause.first + 1, clause.end)
        if reading.gaps[at] in (Gap.COMMA, Gap.DASH, Gap.COLON, Gap.PAREN)
        or (reading.words[at] in _AND and _counted_anew(clause, at))
    ]
    cuts.append(clause.end)
    return [
        Clause(reading, clause.bits, first, end, clause.sentence) for first, end in pairwise(cuts)
    ]


def _counted_anew(clause: Clause, at: int) -> bool:
    """«10 погибших и 100 раненых», «погибли двое и ранены пятеро»: two numbers, two kinds."""
    before = after = 0
    for bit in clause.bits[clause.first : at]:
        before |= bit
    for bit in clause.bits[at : clause.end]:
        after |= bit
    harmed = w.DEAD | w.HURT
    if not (before & harmed and after & harmed) or before & after & harmed:
        return False
    words, gaps = clause.reading.words, clause.reading.gaps
    return any(
        number_at(words, gaps, each, clause.end) is not None
        for each in range(at + 1, min(at + 4, clause.end))
    ) and any(value(word) is not None for word in words[clause.first : at])


def _aside(piece: Clause) -> bool:
    words = " ".join(piece.words()[:3])
    return words.startswith(_ASIDE)


def _number(piece: Clause) -> int | None:
    """The number of people in a piece: the first that counts no age, date or building."""
    reading = piece.reading
    at = piece.first
    while at < piece.end:
        parsed = number_at(reading.words, reading.gaps, at, piece.end)
        if parsed is None:
            at += 1
            continue
        n, end = parsed
        following = reading.words[end] if end < piece.end else ""
        hyphen = end < piece.end and reading.gaps[end] == Gap.HYPHEN
        between = reading.text[reading.ends[at - 1] : reading.starts[at]] if at else ""
        before = reading.words[at - 1] if at > piece.first else ""
        if not (
            hyphen
            or "№" in between
            or following.startswith(_SKIP_AFTER)
            or (reading.words[at][0].isdigit() and following.startswith("г"))
            or before in ("у", "одной", "в", "на")
            or reading.words[at] in ("одной", "одном", "одну", "одна", "одно")
        ):
            return n
        at = end
    return None


def _persons(piece: Clause) -> int | None:
    """Named one by one: «мужчина и женщина получили ранения» are two."""
    words = piece.words()
    named = sum(word in _SINGULAR for word in words)
    named -= sum(a in ("мирный", "мирная") and b in _SINGULAR for a, b in pairwise(words))
    return named or None
