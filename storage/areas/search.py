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
_OTHER_CASE: Final = 12
"""The misfit of a name in another case, which may be far from it in letters: «Сумах», «Суми»."""
_CANDIDATES: Final = 60
_UNIT_WORDS: Final = re.compile(
    r"\b(област[ьіи]|областью|обл|кра[йяюїе]|краем|краєм|республик\w{1,2}|республік\w{1,2}"
    r"|район|район[аеіуи]|районом|районі|рн|р-н|округ|округ[аеіу]|округом|го|мо|мр"
    r"|город|город[ае]|місто|міста|місті|м|г|с|громад[аи]|громаді"
    r"|oblast|oblast’|krai|kray|region|district|raion|rajon|rayon|city)\b\.?"
)
_OF_TIER: Final = (
    (re.compile(r"район|\bр-?н\b|district|ra[ijy]on", re.IGNORECASE), Tier.DISTRICT),
    (re.compile(r"\bобл|\bкра[йяюїе]|респ|oblast|kra[iy]\b", re.IGNORECASE), Tier.REGION),
)
_BEFORE: Final = re.compile(r"^(?:в|во|на|под|из|с|у|і|із|з|до|під|in|near)\s+(?=\w)")
"""Little words before a name: «в Харькове», «у Києві»."""
_CASE: Final = re.compile(
    r"(?:[оеє]го|[оеє]му|[иіы]ми|[аяіьу]х|[ая]ми|[оеєаяиіы]й|[оеєаяії][мює]|[оеєаяу]ю|[аяоеу][яе]"
    r"|[аеєиіїоуыэюяйь])$"
)
"""How a name ends in its cases, of nouns and adjectives, in either language."""
_TIERS: Final = (Tier.REGION, Tier.DISTRICT, Tier.TOWN, Tier.COUNTRY)


def search(
    areas: Areas, typed: str, *, within: str | None = None, limit: int = 8
) -> tuple[Area, ...]:
    """The best first: exact names before those that begin so before those in another case
    («Калуге», «у Києві») or misspelt. Among these what is of the named kind («районе»), then
    regions before districts before towns, populous before small. ``within``: only areas inside
    this one. Raises UnknownAreaError for an unknown ``within``."""
    wanted = _key(typed)
    if not wanted:
        return ()
    if within is not None:
        within = areas[within].code
    wanted_tier = _tier_of(typed)
    spellings, stems, owners = _index(areas)
    ranks: dict[str, tuple[int, int]] = {}
    for place, (grade, misfit) in _matches(wanted, spellings, stems):
        for code in owners[place]:
            if within is None or (code != within and areas.contains(within, code)):
                ranks[code] = min(ranks.get(code, (9, 0)), (grade, misfit))
    found = sorted(
        (areas[code] for code in ranks),
        key=lambda area: (
            ranks[area.code][0],
            wanted_tier not in (None, area.tier),
            ranks[area.code][1],
            _TIERS.index(area.tier),
            -area.population,
            area.code,
        ),
    )
    return tuple(found[:limit])


def _tier_of(typed: str) -> Tier | None:
    """What kind of place its unit's word speaks of."""
    return next((tier for words, tier in _OF_TIER if words.search(typed)), None)


def _matches(
    wanted: str, spellings: tuple[str, ...], stems: tuple[str, ...]
) -> Iterator[tuple[int, tuple[int, int]]]:
    """Positions in ``spellings`` with a grade (0 exact, 1 begins so, 2 alike) and a misfit."""
    stem = _stem(wanted)
    for place, spelling in enumerate(spellings):
        if spelling == wanted:
            yield place, (0, 0)
        elif len(wanted) > 2 and spelling.startswith(wanted):
            yield place, (1, 0)
        elif stems[place] == stem:
            yield place, (2, _OTHER_CASE)
    alike = process.extract(
        wanted, spellings, scorer=fuzz.ratio, score_cutoff=LEAST_SCORE, limit=_CANDIDATES
    )
    for _, score, place in alike:
        yield place, (2, round(100 - score))


@lru_cache(maxsize=2)
def _index(
    areas: Areas,
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Each distinct spelling once, with its stem and the codes of the areas it may mean."""
    by_spelling: dict[str, list[str]] = {}
    for area in areas:
        for key in dict.fromkeys(_keys(area)):
            by_spelling.setdefault(key, []).append(area.code)
    owners = tuple(tuple(codes) for codes in by_spelling.values())
    return tuple(by_spelling), tuple(_stem(each) for each in by_spelling), owners


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
    bare = re.sub(r"['’ʼ`´]", "", text.casefold().strip()).replace("ё", "е")
    bare = _BEFORE.sub("", bare)
    named = _UNIT_WORDS.sub(" ", bare)
    words = re.findall(r"\w+", named) or re.findall(r"\w+", bare)
    return " ".join(words)


def _stem(key: str) -> str:
    """What the cases of a name have in common: «калужской», «калужская»; «києві», «київ». Nothing
    of a word is taken off but its ending, and not that of a short one."""
    words = []
    for word in key.replace("ськ", "ск").replace("цьк", "цк").split():
        bare = _CASE.sub("", word)
        kept = bare if len(bare) > 1 else word
        words.append(re.sub("[іїеєо]", "о", kept))
    return " ".join(words)
