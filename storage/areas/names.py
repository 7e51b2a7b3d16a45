"""Which of GeoNames' many names of a place is its Russian and which its Ukrainian one. Pure.

GeoNames' alternate names come without their language here, so a name is chosen by its letters and
by its nearness to what a rule would make of the name that is known.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from storage.areas.letters import russian_from_ukrainian, ukrainian_from_russian
from storage.areas.match import edits, folded, russian_names, ukrainian_names

MOST_ALIASES: Final = 4
OTHER_NAME: Final = 4
"""Names of a Ukrainian town so many letters apart are two names, not two spellings of one: the
other is the one before a renaming («Красноград»)."""
UKRAINIAN_TOLERANCE: Final = 0.25
RUSSIAN_TOLERANCE: Final = 0.3
"""The part of a name's length that its form in the other language may differ by."""
_UKRAINIAN_ONLY: Final = re.compile(r"[іїєґ]|[сц]ьк")
_NOT_RUSSIAN: Final = re.compile(r"э|[сцз]ьк|[нр]ьск|ець$|[жшчщ]ы|ця", re.IGNORECASE)
"""In names of Ukraine: signs of a Ukrainian, Belarusian or Polish spelling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """``derived``: the languages whose name a rule has made."""

    ru: str
    uk: str
    aliases: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()


_ON_A_RIVER: Final = re.compile(r"(?<=\w) (на|над|під|под) (?=[А-ЯІЇЄҐ])")


def hyphened(name: str) -> str:
    """«Ростов-на-Дону»: the sources write some without the hyphens that posts have."""
    return _ON_A_RIVER.sub(r"-\1-", name)


def names_of_russian(ru: str, names: Sequence[str]) -> Names:
    """Of a place in Russia, whose Russian name is known."""
    ru = hyphened(ru)
    rule = ukrainian_from_russian(ru)
    most = max(2, round(UKRAINIAN_TOLERANCE * len(rule)))
    ranked = sorted((edits(folded(n), folded(rule)), n) for n in ukrainian_names(names))
    near = [name for far, name in ranked if far <= most]
    own = [name for name in near if _UKRAINIAN_ONLY.search(name)]
    uk = next(iter((*own, *near)), None)
    uk = hyphened(uk) if uk else None
    return Names(
        ru=ru,
        uk=uk or rule,
        aliases=_others(own, (ru, uk or rule)),
        derived=() if uk else ("uk",),
    )


def names_of_ukrainian(uk: str, names: Sequence[str]) -> Names:
    """Of a place in Ukraine, whose Ukrainian name is known."""
    most = max(1.5, RUSSIAN_TOLERANCE * len(uk))
    ranked = sorted((departure(uk, name), name) for name in russian_names(names))
    near = [name for far, name in ranked if far <= most and not _NOT_RUSSIAN.search(name)]
    ru = near[0] if near else None
    chosen = (ru or russian_from_ukrainian(uk), uk)
    others = [
        name
        for name in (*ukrainian_names(names), *russian_names(names))
        if len(name.split()) <= len(uk.split())
        and (
            _UKRAINIAN_ONLY.search(name)
            or all(edits(folded(name), folded(each)) >= OTHER_NAME for each in chosen)
        )
    ]
    return Names(
        ru=chosen[0],
        uk=uk,
        aliases=_others([*near[1:2], *others], chosen),
        derived=() if ru else ("ru",),
    )


def _others(names: Iterable[str], chosen: tuple[str, str]) -> tuple[str, ...]:
    """At most four of the names, none twice and none of the chosen."""
    known = {folded(name) for name in chosen}
    found = []
    for name in names:
        if folded(name) not in known:
            known.add(folded(name))
            found.append(name)
    return tuple(sorted(found[:MOST_ALIASES]))


_REPLACED: Final = {
    **dict.fromkeys(("іо", "іе", "ії", "єе", "ґг", "їе", "йи"), 0.0),
    "иы": -0.02,
    **dict.fromkeys(("іы", "їи", "яе", "ое", "єя"), 0.2),
    **dict.fromkeys(("іи", "'ь", "'ъ"), 0.3),
    "ио": 0.4,
    "оа": 0.6,
}
"""What a letter of a Ukrainian name usually becomes in the Russian one, and how readily."""
_ENDINGS: Final = {
    "иы": 0.0,
    "ии": 0.15,
    "кг": -0.02,
    "ео": 0.0,
    "ее": 0.1,
    "яа": 0.1,
    "іи": 0.0,
    "іы": 0.0,
}
"""The same, of a name's last letter …"""
_BEGINNINGS: Final = {"оа": -0.03}
"""… and of its first one («Охтирка», «Ахтырка»)."""


def departure(uk: str, ru: str) -> float:
    """How far a Russian name is from a Ukrainian one: edits, of which the regular ones («Харків»,
    «Харьков») cost little or, where only Russian has them, less than nothing."""
    left, right = folded(uk).replace("’", "'"), folded(ru)
    row = [0.0]
    for j in range(len(right)):
        row.append(row[-1] + _inserted(right, j))
    for i, old in enumerate(left):
        previous, row[0] = row[0], row[0] + _deleted(left, i)
        for j, new in enumerate(right):
            cost = _REPLACED.get(old + new, 0.0 if old == new else 1.0)
            if i == j == 0:
                cost = _BEGINNINGS.get(old + new, cost)
            is_end = i + 1 == len(left) and j + 1 == len(right)
            if is_end and not (old + new == "ии" and left[i - 1 : i] in tuple("гкхжшчщ")):
                cost = _ENDINGS.get(old + new, cost)
            previous, row[j + 1] = (
                row[j + 1],
                min(
                    previous + cost,
                    row[j + 1] + _deleted(left, i),
                    row[j] + _inserted(right, j),
                ),
            )
    return row[-1]


def _deleted(left: str, i: int) -> float:
    if left[i] == "'":
        return 0.0
    if left[i] == "ь":
        return 0.0 if left[i - 1 : i] in ("с", "ц", "з") else 0.5
    if left[i] == "о" and i + 1 == len(left):
        return 0.2
    return 0.1 if left[i] == left[i - 1 : i] else 0.9


def _inserted(right: str, j: int) -> float:
    if right[j] == "ь":
        return -0.05 if right[j - 1 : j] not in tuple("бпвмф") else 0.3
    if right[j] == "с" == right[j - 1 : j]:
        return -0.05
    is_adjective = right[j:] == "я" or right[j : j + 2] == "я " or right[j:] == "ое"
    return -0.05 if is_adjective else 0.9


_ADJECTIVE: Final = re.compile(r"[сцз]ький$")


def raion_in_russian(uk: str, towns: Iterable[Names]) -> str:
    """«Чугуївський» → «Чугуевский», after its town «Чугуїв», «Чугуев» where there is one of that
    name, else by rule."""
    stem = _ADJECTIVE.sub("", uk)
    for town in towns:
        if uk == f"{town.uk}ий" and town.ru.endswith(("ск", "цк")):
            return f"{town.ru}ий"
        for bare, russian in _bare(town, has_ts=uk.endswith("цький")):
            merged = {bare, bare[:-1]} if bare[-1] in "схшжзгкцтч" else {bare}
            if _hushed(stem) in {_hushed(each) for each in merged} and len(stem) > 2:
                return _adjective(russian, has_ts=uk.endswith("цький"))
    return russian_from_ukrainian(uk)


def _bare(town: Names, *, has_ts: bool) -> Iterator[tuple[str, str]]:
    """What the adjective's ending is put to, with the Russian town's counterpart: «Чугуїв»,
    «Оде(са)», «Охтир(ка)»."""
    if town.uk.endswith(("ка", "ки")) and not has_ts:
        yield re.sub(r"к[аи]$", "", town.uk), re.sub(r"к[аи]$", "", town.ru)
    whole = re.sub(r"[аеиоуыіяєїюйь]{1,2}$", "", town.uk.replace("жж", "ж"))
    yield whole, town.ru


def _hushed(stem: str) -> str:
    """Without the change of vowel in «Золотоноша», «Золотоніський»."""
    return re.sub("[іоеє]", "о", stem.lower().removesuffix("ь"))


def _adjective(town: str, *, has_ts: bool) -> str:
    """Of a Russian town: «Одесса» → «Одесский», «Ковель» → «Ковельский», «Прилуки» →
    «Прилуцкий»."""
    stem = re.sub(r"ия$", "ий", town)
    stem = re.sub(r"(?<!л)ь$|ье$|ая$|[аеиоуыэюя]$", "", stem)
    if has_ts and stem[-1] in "кчц":
        return f"{stem[:-1]}цкий"
    if stem.endswith("л"):
        return f"{stem}ьский"
    return f"{stem}кий" if stem.endswith("сс") else f"{stem}ский"
