"""How a place's name is declined: a stem and the endings that may follow it.

Tables of endings, not a grammar: they accept a few forms too many and miss no common one.
Russian and Ukrainian share the tables; folded letters (е for ё).
"""

from typing import Final

MASCULINE: Final = 1
FEMININE: Final = 2
PLURAL: Final = 4
NOUN: Final = 8

_MASCULINE = "ий ый ой ого его ому ему им ым ом ем ім їм ій е ое"
_FEMININE = "ая яя ой ей ую юю ою а ої ій у ьої"
_PLURAL = "ие ые их ых им ым ими ыми і"


def _table(*rows: tuple[int, str]) -> dict[str, int]:
    table: dict[str, int] = {}
    for gender, endings in rows:
        for ending in endings.split():
            table[ending] = table.get(ending, 0) | gender
    return table


Endings = dict[str, int]
ADJECTIVE: Final = _table((MASCULINE, _MASCULINE), (FEMININE, _FEMININE), (PLURAL, _PLURAL))


def _noun(endings: str, *, bare: bool = True) -> Endings:
    table = dict.fromkeys(endings.split(), NOUN)
    if bare:
        table[""] = NOUN
    return table


_CONSONANT = _noun("а у ом ем е і ові ою")
_OBLIQUE = _noun("а у ом ем е і ю я ю", bare=False)
_FEMALE = _noun("а я ы и е у ю ой ей ою ею єю і ї ям ях", bare=False)
_FEMALE_SOFT = _noun("і е", bare=False)
_SOFT = _noun("ь я ю ем е и ью і і ею єм ї", bare=False)
_NEUTER = _noun("о а у ом е і ові", bare=False)
_NEUTER_E = _noun("е я ю ем ого ому им ім ої є я і")
_NEUTER_ADJECTIVE = _noun("е ого ому им ім ом", bare=False)
_OF_NOUN: Final = ("ле", "ще", "ре", "'е", "че", "же")
"""«Гуляйполе», «Городище»; the rest decline as adjectives: «Нове», and «нові» is no form of it."""
_MANY = _noun("и ы і ї ам ами ах ям ями ях ов ев ей ів ем")
_MANY_GENITIVE = _noun("")
_NY = {**ADJECTIVE}

_SOFTENED: Final = {"к": "ц", "г": "з", "х": "с", "ґ": "з"}
_VOWELS: Final = frozenset("аеиоуыэюяіїє")


def stems(word: str) -> list[tuple[str, Endings]]:
    """The stems of one nominative word, each with the endings that it takes."""
    if len(word) < 3:
        return [(word, _MANY_GENITIVE)]
    two = word[-2:]
    if two in ("ий", "ый", "ой") or word[-3:] in ("ская", "цкая"):
        return [(word[:-2], ADJECTIVE)]
    if two in ("ая", "яя", "ое", "ее", "ые", "ие"):
        return [(word[:-2], ADJECTIVE)]
    last, stem = word[-1], word[:-1]
    if last in "ая":
        found = [(stem, _FEMALE)]
        if stem[-1] in _SOFTENED:
            found.append((stem[:-1] + _SOFTENED[stem[-1]], _FEMALE_SOFT))
        if word.endswith(("ська", "цька", "зька")):
            found.append((stem, ADJECTIVE))
        return found
    if last == "ь":
        found = [(stem, _SOFT)]
        if word.endswith("ець"):
            found.append((word[:-3] + "ц", _OBLIQUE))
        if word.endswith("іль"):
            found.append((word[:-3] + "ол", _OBLIQUE))
        if word.endswith("ень"):
            found.append((word[:-3] + "н", _OBLIQUE))
        return found
    if last == "о":
        return [(stem, _NEUTER)]
    if last == "е":
        return [(stem, _NEUTER_E if word.endswith(_OF_NOUN) else _NEUTER_ADJECTIVE)]
    if last in "иыії":
        found = [(stem, _MANY)]
        if word.endswith(("ки", "ці")):
            found += [(word[:-2] + "ок", _MANY_GENITIVE), (word[:-2] + "ек", _MANY_GENITIVE)]
        if word.endswith("лы"):
            found.append((stem, _MANY_GENITIVE))
        return found
    if last == "й":
        return [(stem, _noun("й я ю ем е єм ї", bare=False))]
    return [(word, _CONSONANT), *_fleeting(word)]


def _fleeting(word: str) -> list[tuple[str, Endings]]:
    """Oblique stems of names that lose or change a vowel: Елец – Ельца, Орёл – Орла, Харків –
    Харкова, Кривий Ріг – Кривого Рогу."""
    if word.endswith("лец"):
        return [(word[:-2] + "ьц", _OBLIQUE)]
    if word.endswith("ец"):
        return [(word[:-2] + "ц", _OBLIQUE)]
    if word.endswith(("ел", "ол")) and len(word) < 6:
        return [(word[:-2] + "л", _OBLIQUE)]
    if word.endswith("ок") and len(word) > 4:
        return [(word[:-2] + "к", _OBLIQUE)]
    if word.endswith("їв"):
        return [(word[:-2] + "єв", _OBLIQUE)]
    if word.endswith("ів"):
        return [
            (word[:-2] + "ов", _OBLIQUE),
            (word[:-2] + "ев", _OBLIQUE),
            (word[:-2] + "єв", _OBLIQUE),
        ]
    if word.endswith("їв"):
        return [(word[:-2] + "єв", _OBLIQUE)]
    if word.endswith("іг"):
        return [(word[:-2] + "ог", _OBLIQUE)]
    return []


def is_adjective(word: str) -> bool:
    """The nominative form of an adjective (-ский, -ая): such names need a head noun nearby."""
    return word.endswith(("ий", "ый", "ой", "ая", "яя", "ое", "ее", "ська", "цька"))


def whole_forms(word: str) -> list[str]:
    """Forms of a hyphened name whose first part declines («Ростове-на-Дону»); else nothing."""
    first, *rest = word.split("-")
    if not rest or first[-1:] in _VOWELS or first[-1:] in "ьй":
        return []
    if rest[0] in ("на", "над"):
        return ["-".join([first + ending, *rest]) for ending in ("", "а", "у", "ом", "е", "і")]
    if is_adjective(rest[-1]) and len(rest) == 1:
        stem = rest[-1][:-2]
        return [
            f"{first}{noun}-{stem}{ending}"
            for noun, ending in (
                ("", rest[-1][-2:]),
                ("а", "ого"),
                ("у", "ому"),
                ("ом", "им"),
                ("е", "ом"),
            )
        ]
    return []
