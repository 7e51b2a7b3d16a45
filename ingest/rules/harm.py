"""People harmed: the dead and the injured that a sentence states, as numbers.

A sentence is cut into pieces; each may have a predicate (killed, hurt, in hospital) and people (a
number, or persons named one by one). People wait for the predicate that follows, or belong to the
one before. Parts of a number («из них двое детей») and people who are no victims (rescuers,
tenants, passengers who are whole) add nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.numbers import number_at, value
from ingest.lexicon.people import CHILDREN, COLLECTIVE, ONE, plural
from ingest.lexicon.tables import forms
from ingest.rules.clause import Clause
from ingest.text import Gap

_AND: Final = forms("и та й and")
_NO: Final = forms("нет немає нема без обошлось обошлася обійшлося минулося не no отсутствуют")
_NOBODY: Final = forms("никто ніхто никого нікого")
_ASIDE: Final = (
    "в том числе", "в т ч", "среди них", "среди пострадавших", "из них", "серед них", "серед",
    "найстарш", "старшому", "старшему", "наймолодш",
    "среди", "зокрема", "з яких", "из которых", "у тому числі", "з них", "including",
)  # fmt: skip
_OF_THEM: Final = ("из них", "з них", "из которых", "з яких", "из пострадавших")
_SOUGHT: Final = ("поиск", "пошук", "ищут", "шукаю", "пропавш", "зникл", "спасен", "спасли",
                  "спасл", "врятован", "врятув", "вывез", "эвакуир", "евакуй",
                  "визвол")  # fmt: skip
_AGE: Final = ("лет", "річн", "год", "рок", "летн", "рік", "years", "месяц", "місяц", "г.р",
               "недел")  # fmt: skip
_ADJECTIVE: Final = ("ых", "их", "ые", "ие", "ой", "ий", "ый", "ая", "яя", "ого", "его", "ими",
                     "ним", "ных", "ними", "і", "ій", "ого", "ими", "ою")  # fmt: skip
_WELL: Final = ("цел", "невредим", "живы", "живі", "здоров", "неушкоджен")
_RUMOURED: Final = ("якобы", "будто", "нібито", "начебто")
_GREW: Final = forms(
    "выросло увеличилось возросло зросла зросло збільшилась збільшилася збільшилося достигло"
)
_REACH: Final = 3  # words between a number and the noun that it counts
_PERCENT: Final = "%"


@dataclass(frozen=True, slots=True)
class Harm:
    """What one sentence states; ``stated``: by a number, else by naming a person. ``care``: only
    that so many are treated, which counts where the post tells of an attack."""

    dead: int | None
    injured: int | None
    stated: bool
    care: bool = False
    children: int | None = None


@dataclass(slots=True)
class _People:
    """Of one piece: how many, whether a number said so, how many of them are children."""

    n: int
    stated: bool
    children: int
    listed: bool


def harm(clause: Clause) -> Harm | None:
    """The dead and injured of a sentence of a post about an attack or a disaster («трое в
    больнице» are its victims), or None when it speaks of none."""
    mask = clause.mask
    lives = clause.phrase(*_LIVES) or _lost(clause)
    if not mask & (w.DEAD | w.HURT | w.CARE) and not (lives or _unharmed(clause)):
        return None
    none = _denied(clause)
    if none is not None:
        return none
    if clause.any_word(frozenset(_RUMOURED)):
        return None
    tally = _Tally()
    waiting: _People | None = None
    last = 0
    opened = False  # a list of people goes on after a predicate without any («жители: мужчина …»)
    aside = False
    pieces = list(_pieces(clause))
    for number, piece in enumerate(pieces):
        kind = _predicate(piece)
        if _aside(piece) or (aside and not kind & (w.DEAD | w.HURT)):
            aside = True
            part = _people(piece)
            tally.children += part.children if part else 0
            continue
        aside = False
        people = _people(piece) or _alone(piece)
        if kind:
            if people is None and waiting is not None:
                people = waiting
            waiting = None
            last, opened = kind, people is None
            if people is not None:
                tally.add(kind, people)
                opened = people.listed or not people.stated
            continue
        if people is None:
            continue
        following = pieces[number + 1] if number + 1 < len(pieces) else None
        if following is not None and _predicate(following) and not _people(following):
            waiting = waiting or people
            continue
        gap = piece.reading.gaps[piece.first]
        if last and gap in (Gap.COLON, Gap.DASH) and tally.knows(last):
            tally.add(last | w.CARE, people)
        elif last and (people.stated or (opened and (people.listed or gap == Gap.COLON))):
            tally.add(last, people)
        elif waiting is None:
            waiting = people
    return tally.harm()


_LIVES: Final = (
    "забрали життя", "забрала життя", "забрал жизнь", "забрала жизнь", "унесла жизни",
    "унесли жизни", "забрали жизни", "забрав життя", "обірвалося життя", "оборвалась жизнь",
)  # fmt: skip


class _Tally:
    """What the pieces of one sentence add up to."""

    __slots__ = ("care", "children", "dead", "injured", "stated")

    def __init__(self) -> None:
        self.dead: int | None = None
        self.injured: int | None = None
        self.stated = False
        self.care = True
        self.children = 0

    def knows(self, kind: int) -> bool:
        """Whether the number of such people was told."""
        return (self.dead if kind & w.DEAD else self.injured) is not None

    def add(self, kind: int, people: _People) -> None:
        """People named one by one add nothing to a number already stated; those under treatment
        and the details of a number (``kind`` with CARE) are among those hurt."""
        known = self.dead if kind & w.DEAD else self.injured
        if known is not None and self.stated and not people.stated:
            return
        among = kind & w.CARE and known is not None
        n = max(known or 0, people.n) if among else (known or 0) + people.n
        if kind & w.DEAD:
            self.dead = n
        else:
            self.injured = n
        self.stated = self.stated or people.stated
        self.care = self.care and bool(kind & w.CARE)
        self.children += people.children

    def harm(self) -> Harm | None:
        if self.dead is None and self.injured is None:
            return None
        return Harm(self.dead, self.injured, self.stated, self.care, self.children or None)


# --- nobody -------------------------------------------------------------------------------------


def _denied(clause: Clause) -> Harm | None:
    """«Пострадавших нет», «погибших и раненых нет», «никто не обращался», «все живы»."""
    words = clause.reading.words
    for at in range(clause.first, clause.end):
        if words[at] not in _NO:
            continue
        near = _around(clause, at)
        dead = any(clause.bits[each] & w.DEAD for each in near)
        hurt = [each for each in near if clause.bits[each] & w.HURT]
        if words[at] == "не" and not (
            at + 1 < clause.end and clause.bits[at + 1] & (w.HURT | w.DEAD)
        ):
            continue
        if (
            words[at] == "без"
            and not any(each in range(at + 1, at + 4) for each in hurt)
            and not (dead and clause.bits[min(at + 1, clause.end - 1)] & w.DEAD)
        ):
            continue
        if hurt and all(words[each].startswith(("ранен", "поранен", "травм")) for each in hurt):
            return Harm(0 if dead else None, 0, True)
        if hurt:
            return Harm(0, 0, True)
        if dead:
            return Harm(0, None, True)
    return Harm(0, 0, True) if _unharmed(clause) else None


def _around(clause: Clause, at: int) -> range:
    """The words that a negation governs: up to the next comma behind it."""
    gaps = clause.reading.gaps
    end = min(clause.end, at + 5)
    for each in range(at + 1, end):
        if gaps[each] in (Gap.COMMA, Gap.DASH) and not _next_is_harm(clause, each):
            end = each
            break
    first = max(clause.first, at - 8)
    for each in range(at, first, -1):
        behind = range(max(first, each - 5), each)
        if gaps[each] in (Gap.COMMA, Gap.COLON) and not any(
            clause.bits[back] & (w.HURT | w.DEAD) for back in behind
        ):
            first = each
            break
    return range(first, end)


def _next_is_harm(clause: Clause, at: int) -> bool:
    return any(
        clause.bits[each] & (w.HURT | w.DEAD) for each in range(at, min(at + 3, clause.end))
    )


_WHO: Final = _NOBODY | forms("все всі люди жители жильцы мешканці людей")


def _unharmed(clause: Clause) -> bool:
    """«Никто не обращался», «все живы», «люди целы», «людей не зацепило»."""
    if not clause.any_word(_WHO):
        return False
    words = clause.words()
    for at, word in enumerate(words):
        after = words[at + 1 : at + 5]
        if word in _NOBODY and any(
            each.startswith(("обраща", "зверта", "пострад", "постражд", "ранен", "погиб"))
            for each in after
        ):
            return True
        if word in ("все", "всі", "люди", "жители", "жильцы", "мешканці") and any(
            each.startswith(_WELL) for each in after[:3]
        ):
            return True
        if (
            word in ("людей", "никого")
            and "не" in after[:1]
            and any(each.startswith(("зацепи", "задел", "пострад")) for each in after[1:2])
        ):
            return True
    return False


# --- pieces -------------------------------------------------------------------------------------


def _pieces(clause: Clause) -> Iterator[Clause]:
    reading = clause.reading
    cuts = [clause.first]
    cuts += [
        at
        for at in range(clause.first + 1, clause.end)
        if reading.gaps[at] in (Gap.COMMA, Gap.DASH, Gap.COLON, Gap.PAREN)
        or (reading.words[at] in _AND and _anew(clause, at))
        or (reading.words[at] == "а" and reading.gaps[at] == Gap.SPACE)
        or (reading.words[at] in ("из", "з") and _of_them(clause, at))
    ]
    cuts.append(clause.end)
    for first, end in pairwise(cuts):
        yield Clause(reading, clause.bits, first, end, clause.sentence)


def _of_them(clause: Clause, at: int) -> bool:
    words = clause.reading.words
    if clause.reading.gaps[at - 1] >= Gap.COMMA:
        return False  # «двое из них дети» is one piece
    return at + 1 < clause.end and words[at + 1] in ("них", "которых", "яких")


def _anew(clause: Clause, at: int) -> bool:
    """«10 погибших и 100 раненых», «погибли двое и ранены пятеро»: one kind on each side."""
    before = after = 0
    for bit in clause.bits[max(clause.first, at - 6) : at]:
        before |= bit
    for bit in clause.bits[at : min(clause.end, at + 6)]:
        after |= bit
    harmed = w.DEAD | w.HURT
    return bool(before & harmed and after & harmed) and not before & after & harmed


def _aside(piece: Clause) -> bool:
    words = piece.words()
    text = " ".join(words[:4])
    if text.startswith((*_ASIDE, "а не ")):
        return True
    if any(word.startswith(_SOUGHT) for word in words) and not _lost(piece):
        return True
    return any(text.startswith(word + " " + of) for word in words[:1] for of in _OF_THEM) or (
        len(words) > 2
        and words[1] in ("из", "з")
        and words[2] in ("них", "которых", "яких", "пострадавших", "постраждалих")
    )


def _predicate(piece: Clause) -> int:
    """DEAD, HURT, or HURT for people under treatment."""
    kind = piece.mask & (w.DEAD | w.HURT)
    if kind & w.DEAD and kind & w.HURT:
        dead, hurt = piece.where(w.DEAD), piece.where(w.HURT)
        # «пострадавший умер», «от полученных травм скончался»: who died was hurt before.
        words = piece.reading.words
        of_it = not _OF.isdisjoint(words[max(piece.first, hurt - 2) : hurt])
        if words[hurt].startswith(("пострадавш", "постражд", "ранен")) or dead < hurt or of_it:
            kind = w.DEAD
        else:
            kind = w.HURT
    if not kind and (piece.phrase(*_LIVES) or _lost(piece)):
        return w.DEAD
    if kind:
        return kind
    return w.HURT | w.CARE if piece.mask & w.CARE else 0


_OF: Final = forms("от від")


_ONE_DIED: Final = forms("""погиб погибла скончался скончалась умер умерла загинув загинула помер
                         померла ранен ранена поранений поранена поранено травмирован травмирована
                         травмований травмована""")  # fmt: skip
"""A verb in the singular, whoever it was."""


def _alone(piece: Clause) -> _People | None:
    return _People(1, False, 0, False) if piece.any_word(_ONE_DIED) else None


_BODY: Final = forms("тело тела тіло тіла тел")
_SAVE: Final = forms("спасти врятувати")
_FAILED: Final = forms("удалось вдалося вдалось")


def _lost(piece: Clause) -> bool:
    """«извлекли тело женщины», «спасти не удалось»."""
    words = piece.words()
    return (piece.any_word(_SAVE) and piece.any_word(_FAILED) and ("не" in words)) or (
        piece.any_word(_BODY)
        and any(
            word.startswith(("извлек", "обнаруж", "найден", "дістал", "знайш", "вилуч", "деблок"))
            for word in words
        )
    )


def _people(piece: Clause) -> _People | None:
    """A number of people, and the persons named beside it."""
    reading = piece.reading
    words, gaps = reading.words, reading.gaps
    total, stated, listed, children = 0, False, False, 0
    at = piece.first
    counted: set[int] = set()
    while at < piece.end:
        parsed = number_at(words, gaps, at, piece.end)
        if parsed is None:
            at += 1
            continue
        n, end = parsed
        noun = _counted(piece, at, end)
        if noun is not None:
            total += n
            stated = True
            children += n if noun < piece.end and words[noun].startswith(CHILDREN) else 0
            counted.update(range(at, noun + 1))
        at = end
    ones = [
        each
        for each in range(piece.first, piece.end)
        if words[each] in ONE and each not in counted and not _modified(piece, each)
    ]
    if not ones and not stated and piece.mask & w.DEAD:
        pronouns = ("он", "она", "він", "вона")
        ones = [each for each in range(piece.first, piece.end) if words[each] in pronouns][:1]
    if stated and not any(_joined(piece, each) for each in ones):
        ones = []  # the one whom the number stands for is named again
    total += len(ones)
    children += sum(words[each].startswith(CHILDREN) for each in ones)
    listed = any(words[each] in _AND for each in range(piece.first, piece.end))
    return _People(total, stated, children, listed) if total else None


def _joined(piece: Clause, at: int) -> bool:
    """«мужчина и две женщины»: an «и» on one side."""
    words = piece.reading.words
    return words[at - 1] in _AND or (at + 1 < piece.end and words[at + 1] in _AND)


def _modified(piece: Clause, at: int) -> bool:
    """«мирный житель», «сотрудница предприятия» are one; «мужчина-водитель» too."""
    reading = piece.reading
    return at > piece.first and (
        reading.gaps[at] == Gap.HYPHEN
        or (reading.words[at - 1] in ONE and reading.gaps[at] == Gap.SPACE)
    )


def _counted(piece: Clause, at: int, end: int) -> int | None:
    """The word that a number of people counts (or ``end`` where it counts none but stands by the
    predicate); None: the number is an age, a date, a house."""
    reading = piece.reading
    words, gaps = reading.words, reading.gaps
    word = words[at]
    if end < piece.end and gaps[end] == Gap.HYPHEN:
        return None
    if at and "№" in reading.text[reading.ends[at - 1] : reading.starts[at]]:
        return None
    if reading.text[reading.ends[end - 1] : reading.ends[end - 1] + 2].strip()[:1] == _PERCENT:
        return None
    for each in range(end, min(end + _REACH, piece.end)):
        following = words[each]
        if following.startswith(_AGE) or (each == end and following in ("г", "ч", "м")):
            return None
        if following in ONE or plural(following) or piece.bits[each] & (w.HURT | w.DEAD):
            return each
        if following in ("их", "его", "ее"):
            continue
        if not following.endswith(_ADJECTIVE) and following not in ("еще", "ще"):
            break
    if at > piece.first and words[at - 1] == "до" and piece.any_word(_GREW):
        return end
    if word in ("одной", "одном", "одну", "одна", "одно", "один") and end < piece.end:
        return None
    following = words[end] if end < piece.end else ""
    before = words[at - 1] if at > piece.first else ""
    if word in COLLECTIVE and before not in ("на", "в", "у"):
        return end
    bare = (
        not following
        or following in ("и", "в", "с", "со", "та", "з", "із", "у")
        or following.startswith(
            ("діста", "зазна", "получ", "отрим", "наход", "остал", "остают", "достав")
        )
        or bool(piece.bits[end] & (w.HURT | w.DEAD | w.CARE))
    )
    alone = all(
        at <= each < end or words[each] in ("еще", "ще", "и", "та")
        for each in range(piece.first, piece.end)
    )
    if alone:
        return end
    if not bare or value(word) is None:
        return None
    near = range(max(piece.first, at - 4), min(end + 4, piece.end))
    return end if any(piece.bits[each] & (w.HURT | w.DEAD | w.CARE) for each in near) else None
