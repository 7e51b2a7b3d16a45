"""Which of several places a name means, and which mentions are no place of danger after all."""

from typing import Final

from ingest.places.gazetteer import Name
from ingest.places.heads import Head
from ingest.places.mentions import Mention
from ingest.text import Reading
from storage.areas.tree import Tier
from storage.model import AreaCode

_OUTWEIGHS: Final = 8
"""How many times larger a town must be to be meant by a name that it shares."""


def passing_by(mention: Mention, home: AreaCode | None) -> bool:
    """«летевших на Москву», said by another region's channel: not where they were."""
    return (
        home is not None
        and mention.towards
        and bool(mention.codes)
        and mention.codes[0].partition("/")[0] != home
    )


def without_city_districts(reading: Reading, mentions: list[Mention]) -> list[Mention]:
    """«Кировский район Донецка» is a part of the town: only the town is kept."""
    kept: list[Mention] = []
    for mention in mentions:
        previous = kept[-1] if kept else None
        if (
            previous is not None
            and previous.head is Head.DISTRICT
            and previous.adjective
            and mention.first == previous.end
            and reading.gaps[mention.first] == 0
            and mention.head is None
            and not mention.adjective
            and mention.names
            and mention.names[0].tier is not Tier.REGION
        ):
            kept.pop()
        kept.append(mention)
    return kept


def district_of(mention: Mention, name: Name) -> tuple[AreaCode, ...]:
    """English calls a district after its town: «the Maloyaroslavets district»."""
    code = name.codes[0]
    if (
        mention.head is Head.DISTRICT
        and mention.word.isascii()
        and name.tier is Tier.TOWN
        and "~" not in code
    ):
        return (AreaCode(code.rpartition("/")[0]),)
    return name.codes


def _capital(name: Name) -> bool:
    """A town in the district that is called after it: Россошь of the Россошанский."""
    *_, district, town = ("", *name.codes[0].split("/"))
    return len(town) > 4 and district.startswith(town[:5])


def outweighing(names: list[Name]) -> Name | None:
    """The only place, or the one that is many times larger than every other."""
    distinct = {name.codes: name for name in names}
    ranked = sorted(distinct.values(), key=lambda name: name.population, reverse=True)
    if not ranked:
        return None
    capitals = [name for name in ranked if _capital(name)]
    if len(capitals) == 1 and len({name.region for name in ranked}) == 1:
        return capitals[0]
    if len(ranked) > 1 and ranked[0].population < _OUTWEIGHS * max(ranked[1].population, 1):
        return None
    return ranked[0]
