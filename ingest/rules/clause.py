"""A clause: the unit that one statement is read from, and the questions that rules ask it."""

from functools import lru_cache
from itertools import pairwise
from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.tables import forms
from ingest.text import Gap, Reading

PREDICATES: Final = (
    w.DANGER
    | w.CLEAR
    | w.CLEAR_AWAITED
    | w.CANCEL
    | w.LIFTED
    | w.STANDS
    | w.DOWN
    | w.BROKEN
    | w.DEAD
    | w.HURT
    | w.LIMITS
)
"""A piece between commas is a clause of its own only if it says one of these."""
_STATES: Final = w.DANGER | w.CLEAR | w.CANCEL | w.LIFTED | w.CLEAR_AWAITED
_TURNS: Final = forms("но однако а при хотя але однак проте")


@lru_cache(maxsize=256)
def _pairs(phrases: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The second words of two-word phrases by the first."""
    table: dict[str, tuple[str, ...]] = {}
    for each in phrases:
        left, _, right = each.partition(" ")
        table[left] = (*table.get(left, ()), right)
    return table


class Clause:
    """Words first…end-1 of a reading, with the union of their meanings."""

    __slots__ = ("_forms", "bits", "end", "first", "mask", "reading", "sentence")

    def __init__(
        self, reading: Reading, bits: list[int], first: int, end: int, sentence: int
    ) -> None:
        self.reading = reading
        self.bits = bits
        self.first = first
        self.end = end
        self.sentence = sentence
        self._forms: set[str] | None = None
        mask = 0
        for bit in bits[first:end]:
            mask |= bit
        self.mask = mask

    def has(self, *masks: int) -> bool:
        """Each of the masks is met by some word."""
        mask = self.mask
        return all(mask & each for each in masks)

    def words(self) -> list[str]:
        """Its words, folded."""
        return self.reading.words[self.first : self.end]

    def where(self, mask: int) -> int:
        """The first word with one of the bits, or -1."""
        for at in range(self.first, self.end):
            if self.bits[at] & mask:
                return at
        return -1

    def every(self, mask: int) -> list[int]:
        """All words with one of the bits."""
        return [at for at in range(self.first, self.end) if self.bits[at] & mask]

    def phrase(self, *forms: str) -> bool:
        """Two-word phrases («в случае»), folded; a trailing ``*`` on the second word is a stem."""
        known = _pairs(forms)
        if known.keys().isdisjoint(self.forms()):
            return False
        words = self.reading.words
        for at in range(self.first, self.end - 1):
            for right in known.get(words[at], ()):
                following = words[at + 1]
                if following == right or (right[-1] == "*" and following.startswith(right[:-1])):
                    return True
        return False

    def any_word(self, known: frozenset[str]) -> bool:
        """One of its words is among these."""
        return not known.isdisjoint(self.forms())

    def forms(self) -> set[str]:
        """Its words without order: rules ask for them many times."""
        if self._forms is None:
            self._forms = set(self.reading.words[self.first : self.end])
        return self._forms

    def asked(self) -> bool:
        """A question: the sign right behind its last word."""
        return self.reading.text[self.reading.ends[self.end - 1] :].lstrip('»" )')[:1] == "?"

    def between(self, at: int) -> str:
        """What is written between a word and the one before it."""
        reading = self.reading
        return reading.text[reading.ends[at - 1] : reading.starts[at]] if at else ""

    def before(self) -> str:
        """What is written between it and the word before it."""
        return self.between(self.first)

    def below_blank_line(self) -> bool:
        """It is a paragraph of its own."""
        return "\n\n" in self.before()

    def size(self) -> int:
        """How many words."""
        return self.end - self.first


def sentences(reading: Reading, bits: list[int]) -> list[Clause]:
    """Each sentence as one clause."""
    return [
        Clause(reading, bits, first, end, number)
        for number, (first, end) in enumerate(reading.sentences)
    ]


def clauses(sentence: Clause) -> list[Clause]:
    """A sentence cut where a comma, a dash, a bracket or «но» opens another statement."""
    if not sentence.mask & _STATES:
        return [sentence]
    reading, bits = sentence.reading, sentence.bits
    cuts = [sentence.first]
    for at in range(sentence.first + 1, sentence.end):
        if reading.gaps[at] >= Gap.COMMA or (
            reading.words[at] in _TURNS and reading.gaps[at] == Gap.SPACE
        ):
            cuts.append(at)
    if len(cuts) == 1:
        return [sentence]
    cuts = _without_inserts(sentence, cuts)
    cuts.append(sentence.end)
    found: list[Clause] = []
    for first, end in pairwise(cuts):
        piece = Clause(reading, bits, first, end, sentence.sentence)
        rest = bool(found) and _stands(piece) and bool(found[-1].mask & _ENDS)
        if found and not rest and not _apart(found[-1], piece):
            found[-1] = Clause(reading, bits, found[-1].first, end, sentence.sentence)
        else:
            found.append(piece)
    return found


_ENDS: Final = w.CLEAR | w.CANCEL | w.LIFTED
_FLIGHTS: Final = w.AIRPORT | w.LIMITS
_PARTICIPLE: Final = ("вший", "вшийся", "вшего", "вшая", "вшее", "вшие", "вших", "ющий", "ющего",
                      "ющие", "ющей", "нный", "нного", "нные", "нная", "мый", "мого")  # fmt: skip


def _apart(before: Clause, piece: Clause) -> bool:
    """Two statements, not a subject and its predicate with a list of places between them."""
    if piece.mask & w.AIRPORT and before.mask & _ENDS and not before.mask & _FLIGHTS:
        return bool(before.mask & (w.DANGER | w.REGIME))
    if not (_speaks(piece) and _speaks(before)):
        return False
    told = bool(before.mask & (_ENDS | w.CLEAR_AWAITED | w.STANDS)) or any(
        not before.reading.words[at].endswith(_LONG_FORMS) for at in before.every(w.DECLARE)
    )
    return told or bool(piece.mask & (w.DANGER | w.REGIME | w.CLEAR | w.CLEAR_AWAITED))


_LONG_FORMS: Final = ("нный", "нного", "нная", "нной", "нную", "нные", "нных", "ющий", "ющего",
                      "вший", "вшего")  # fmt: skip
"""«введённый накануне» only describes the regime."""


_WHICH: Final = forms("который которая которое які який яка що")


def _without_inserts(sentence: Clause, cuts: list[int]) -> list[int]:
    """«Режим, действовавший с полуночи, отменён»: an insert parts no statement."""
    words = sentence.reading.words
    kept: list[int] = []
    skip = False
    for at in cuts:
        if skip:
            skip = False
            if sentence.reading.gaps[at] == Gap.COMMA:
                continue
        if at != sentence.first and (words[at].endswith(_PARTICIPLE) or words[at] in _WHICH):
            skip = True
            continue
        kept.append(at)
    return kept


def _stands(piece: Clause) -> bool:
    """«…в Невинномысске он сохраняется», «остаётся в Дзержинске»: what is not ended."""
    return piece.size() > 1 and (bool(piece.mask & w.STANDS) or sounding(piece))


def sounding(piece: Clause) -> bool:
    """«сирены ещё звучат», «лунають сирени»."""
    return bool(piece.mask & w.SIREN) and any(
        word.startswith(("звуч", "луна", "гуд", "включен", "увімкн", "завыл"))
        for word in piece.words()
    )


def _speaks(piece: Clause) -> bool:
    return bool(piece.mask & _STATES) and (
        bool(piece.mask & (w.CLEAR | w.CLEAR_AWAITED | w.CANCEL | w.LIFTED | w.STANDS | w.DECLARE))
        or bool(piece.mask & w.DANGER and piece.mask & (w.UAV | w.MISSILE | w.AIR | w.SHELL))
    )
