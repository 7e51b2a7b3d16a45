"""Finding an area by what a person types: any case, ё or е, typing errors, Latin letters, Russian
or Ukrainian. For people choosing a place in the bot; posts are read by `ingest.places`."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

from storage.areas.letters import russian_in_latin, ukrainian_in_latin
from storage.areas.tree import Area, Areas, Tier

LEAST_SCORE: Final = 76.0
"""Of 100: «калушская» is 89 like «калужская», «борвск» 92 like «боровск»."""
_CANDIDATES: Final = 60
_UNIT_WORDS: Final = re.compile(
    r"\b(область|обл|край|республика|республіка|район|рн|р-н|округ|го|мо|мр|город|місто|м|г|с"
    r"|громада|oblast|krai|region|district|raion|city)\b\.?"
)
_TIERS: Final = (Tier.REGION, Tier.DISTRICT, Tier.TOWN, Tier.COUNTRY)


def search(
    areas: Areas, typed: str, *, within: str | None = None, limit: int = 8
) -> tuple[Area, ...]:
    """The best first: exact names before those that begin so before misspelt ones; among equals
    regions before districts before towns, populous before small. ``within``: only areas inside
    this one. Raises UnknownAreaError for an unknown ``within``."""
    wanted = _key(typed)
    if not wanted:
        return ()
    if within is not None:
        within = areas[within].code
    spellings, owners = _index(areas)
    ranks: dict[str, tuple[int, int]] = {}
    for place, (grade, misfit) in _matches(wanted, spellings):
        for code in owners[place]:
            if within is None or (code != within and areas.contains(within, code)):
                ranks[code] = min(ranks.get(code, (9, 0)), (grade, misfit))
    found = sorted(
        (areas[code] for code in ranks),
        key=lambda area: (
            *ranks[area.code],
            _TIERS.index(area.tier),
            -area.population,
            area.code,
        ),
    )
    return tuple(found[:limit])


def _matches(wanted: str, spellings: tuple[str, ...]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Positions in ``spellings`` with a grade (0 exact, 1 begins so, 2 alike) and a misfit."""
    for place, spelling in enumerate(spellings):
        if spelling == wanted:
            yield place, (0, 0)
        elif len(wanted) > 2 and spelling.startswith(wanted):
            yield place, (1, 0)
    alike = process.extract(
        wanted, spellings, scorer=fuzz.ratio, score_cutoff=LEAST_SCORE, limit=_CANDIDATES
    )
    for _, score, place in alike:
        yield place, (2, round(100 - score))


@lru_cache(maxsize=2)
def _index(areas: Areas) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Each distinct spelling once, with the codes of the areas it may mean."""
    by_spelling: dict[str, list[str]] = {}
    for area in areas:
        for key in dict.fromkeys(_keys(area)):
            by_spelling.setdefault(key, []).append(area.code)
    return tuple(by_spelling), tuple(tuple(codes) for codes in by_spelling.values())


def _keys(area: Area) -> Iterator[str]:
    for name in (area.short_ru, area.name_ru):
        yield _key(name)
        yield _key(russian_in_latin(name))
    for name in (area.short_uk, area.name_uk):
        yield _key(name)
        yield _key(ukrainian_in_latin(name))
    yield _key(area.name_en)
    for name in area.aliases:
        yield _key(name)


def _key(text: str) -> str:
    """Lower case, without unit words, punctuation and what people confuse."""
    bare = re.sub(r"['’ʼ`´]", "", text.casefold()).replace("ё", "е")
    named = _UNIT_WORDS.sub(" ", bare)
    words = re.findall(r"\w+", named) or re.findall(r"\w+", bare)
    return " ".join(words)
