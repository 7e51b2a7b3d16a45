"""Transliteration and slugs: regular rules, letter by letter. Used by the build and the search."""

import re
from typing import Final

_COMMON: Final = {
    **dict(zip("абвдзклмнопрстуф", "abvdzklmnoprstuf", strict=True)),
    **{"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ь": ""},
}
_RUSSIAN: Final = {
    **_COMMON,
    **dict(zip("геийыэ", "geiyye", strict=True)),
    **{"ё": "yo", "ю": "yu", "я": "ya", "ъ": ""},
}
_UKRAINIAN: Final = {
    **_COMMON,
    **dict(zip("гґеиіїй", "hgeyiii", strict=True)),
    **{"є": "ie", "ю": "iu", "я": "ia"},
}
_UKRAINIAN_INITIAL: Final = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
_APOSTROPHES: Final = re.compile("['’ʼ`´]")


def russian_in_latin(text: str) -> str:
    """«Боровский» → ``borovsky``: lower case; the adjective's -ий and -ый are -y."""
    text = re.sub(r"[иы]й\b", "ы", text.lower())
    return "".join(_RUSSIAN.get(letter, letter) for letter in text)


def ukrainian_in_latin(text: str) -> str:
    """«Чугуївський» → ``chuhuivskyi``: lower case; the official table of 2010."""
    text = _APOSTROPHES.sub("", text.lower()).replace("зг", "зgh")
    latin = re.sub(r"\b[єїйюя]", lambda found: _UKRAINIAN_INITIAL[found[0]], text)
    return "".join(_UKRAINIAN.get(letter, letter) for letter in latin)


def slug(latin: str) -> str:
    """``Staryy Oskol`` → ``staryy-oskol``: letters and digits of ASCII, joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", _APOSTROPHES.sub("", latin.lower())).strip("-")


def capitalised(latin: str) -> str:
    """``spas-demensky`` → ``Spas-Demensky``."""
    return re.sub(r"(^|[\s-])([a-z])", lambda found: found[1] + found[2].upper(), latin)


_TO_UKRAINIAN: Final = (
    ("нньский", "нський"),
    ("ский", "ський"),
    ("цкий", "цький"),
    ("ской", "ський"),
    ("цкой", "цький"),
    ("ская", "ська"),
    ("цкая", "цька"),
    ("ское", "ське"),
    ("цкое", "цьке"),
    ("ые", "і"),
    ("ие", "і"),
    ("ая", "а"),
    ("яя", "я"),
    ("ое", "е"),
    ("ый", "ий"),
    ("ий", "ій"),
    ("ск", "ськ"),
    ("цк", "цьк"),
)
"""Endings of words; the longest that fits."""

_TO_RUSSIAN: Final = (
    ("ський", "ский"),
    ("цький", "цкий"),
    ("зький", "зкий"),
    ("ська", "ская"),
    ("цька", "цкая"),
    ("ське", "ское"),
    ("цьке", "цкое"),
    ("ий", "ый"),
    ("ївський", "евский"),
    ("івський", "овский"),
    ("инський", "инский"),
    ("ицький", "ицкий"),
    ("різький", "рожский"),
    ("ицька", "ицкая"),
    ("иця", "ица"),
    ("ця", "ца"),
    ("ець", "ец"),
    ("івка", "овка"),
    ("їв", "ев"),
    ("ів", "ов"),
    ("ськ", "ск"),
    ("цьк", "цк"),
)

_ROOTS: Final = (
    ("кам'ян", "камен"),
    ("миколаїв", "николаев"),
    ("дніпр", "днепр"),
    ("дністр", "днестр"),
    ("білгород", "белгород"),
    ("біло", "бело"),
    ("біла", "белая"),
    ("поділь", "подоль"),
    ("франків", "франков"),
    ("сіверс", "северс"),
    ("рівн", "ровн"),
    ("чернівец", "черновиц"),
    ("володимир", "владимир"),
    ("могилів", "могилев"),
    ("камінь", "камень"),
    ("надвірн", "надворн"),
    ("розділь", "раздель"),
    ("кропив", "кропів"),
    ("криво", "кріво"),
)
"""Of words that the letters alone would spell as nobody does in Russian; «і» stands for «и»."""


def ukrainian_from_russian(name: str) -> str:
    """By rule, for a name no source gives: «Боровский» → «Боровський»."""
    return _WORD.sub(lambda found: _like(found[0], _word_to_ukrainian(found[0].lower())), name)


def russian_from_ukrainian(name: str) -> str:
    """By rule, for a name no source gives: «Чугуївський» → «Чугуевский»."""
    return _WORD.sub(lambda found: _like(found[0], _word_to_russian(found[0].lower())), name)


_WORD: Final = re.compile(r"[а-яёіїєґ'’]+", re.IGNORECASE)


def _like(model: str, word: str) -> str:
    return word[:1].upper() + word[1:] if model[:1].isupper() else word


def _with_ending(word: str, endings: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    for old, new in sorted(endings, key=lambda pair: -len(pair[0])):
        if word.endswith(old) and len(word) > len(old):
            return word[: -len(old)], new
    return word, ""


def _word_to_ukrainian(word: str) -> str:
    stem, ending = _with_ending(word, _TO_UKRAINIAN)
    stem = re.sub(r"(?<![а-яё])е|(?<=[аеёиоуыэюяьъ])е", "є", stem)
    stem = re.sub(r"(?<=[аеёиоуыэюя])и", "ї", stem)
    stem = re.sub(r"(?<=[жчшщц])и", "И", stem)
    stem = re.sub(r"и(?=н+$|нс|ч$|чс|к$)", "И", stem)
    stem = stem.replace("и", "і").replace("И", "и")
    stem = stem.replace("ё", "йо" if stem[:1] == "ё" else "ьо")
    return stem.translate(str.maketrans("ыэъ", "ие'")) + ending


def _word_to_russian(word: str) -> str:
    word = word.replace("’", "'")
    for old, new in _ROOTS:
        word = word.replace(old, new)
    stem, ending = _with_ending(word.replace("'", ""), _TO_RUSSIAN)
    stem = stem.replace("йо", "ё").replace("ьо", "ё")
    stem = re.sub("(?<=[жчшщцгкх])и|и(?=н)", "і", stem).replace("и", "ы")
    return stem.translate(str.maketrans("іїєґ", "ииег")) + ending
