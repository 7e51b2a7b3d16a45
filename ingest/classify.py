"""What a post claims: pure, deterministic, total. ``Post`` → ``Assessment``."""

from typing import Final

from ingest.levels import Levels
from ingest.lexicon import words as w
from ingest.lexicon.words import meanings
from ingest.places.gazetteer import Gazetteer
from ingest.places.resolve import places
from ingest.rules.claims import claims_of
from ingest.rules.clause import sentences
from ingest.rules.reader import read_drafts
from ingest.rules.silence import silence_of, why_nothing
from ingest.rules.walk import Walk
from ingest.text import read
from storage.areas.tree import Areas, Language, Tier
from storage.model import (
    AreaCode,
    Assessment,
    Claim,
    Kind,
    Lang,
    Level,
    Post,
    Silence,
    Urgency,
)

SIGNALS: Final = (
    w.UAV
    | w.NAVAL
    | w.MISSILE
    | w.SHELL
    | w.FLOOD
    | w.DAM
    | w.BODY
    | w.SUPPLY
    | w.SHELTER
    | w.FIRE
    | w.DANGER
    | w.CLEAR
    | w.CLEAR_AWAITED
    | w.DOWN
    | w.REPEL
    | w.DEAD
    | w.HURT
    | w.EVACUATE
    | w.LIMITS
    | w.AIRPORT
    | w.DRILL
    | w.TEST
    | w.POWER
    | w.ATTACK
    | w.BROKEN
    | w.HEED
    | w.BLAST
    | w.COVER
    | w.SIREN
    | w.DEFENCE
)
"""A post without any of these says nothing to us and is not read further."""


_TELEGRAM: Final = 2013
"""No post is older than Telegram; one of 1970 has no date."""


class Classifier:
    """Reads posts. Holds the gazetteer, which is built here once; keeps nothing of a post."""

    __slots__ = ("areas", "gazetteer", "levels")

    def __init__(self, areas: Areas, levels: Levels) -> None:
        self.areas = areas
        self.levels = levels
        self.gazetteer = Gazetteer(areas, levels)

    def classify(self, post: Post, home: AreaCode | None) -> Assessment:
        """``home``: what the channel speaks for, a region or a country, or None. Never raises."""
        if post.service:
            return Assessment(silence=Silence.SERVICE_MESSAGE)
        if post.deleted or not post.text.strip():
            return Assessment(silence=Silence.EMPTY)
        if post.forwarded:
            return Assessment(silence=Silence.FORWARDED)
        reading = read(post.text)
        bits = meanings(reading.words)
        for at in reading.tagged:
            bits[at] = 0  # a hashtag claims nothing; its place may be that of the post
        whole = 0
        for bit in bits:
            whole |= bit
        if not whole & SIGNALS:
            return Assessment(silence=Silence.NO_DANGER_WORDS)
        clauses = sentences(reading, bits)
        found = places(reading, self.gazetteer, home)
        region = home if home is not None and "-" in home else None
        drafts = read_drafts(
            Walk(
                sentences=clauses,
                places=found,
                levels=self.levels,
                home=home,
                whole=whole,
                posted=post.date.date() if post.date.year >= _TELEGRAM else None,
            )
        )
        silence, drafts = silence_of(clauses, drafts, whole)
        if silence is not None:
            return Assessment(silence=silence)
        claims = claims_of(drafts, clauses, found, region, post, self.areas)
        if not claims:
            return Assessment(silence=why_nothing(clauses, whole))
        return Assessment(claims=claims)


_URGENT: Final = frozenset({Kind.EVACUATION})
_IMPORTANT: Final = frozenset({Kind.INTERCEPTION, Kind.DAMAGE, Kind.CASUALTIES, Kind.ALL_CLEAR})


def urgency(assessment: Assessment) -> Urgency:
    """What a follower of the region would get from this post alone: sound now, sound, silent,
    nothing."""
    return min((_urgency(claim) for claim in assessment.claims), default=Urgency.NONE)


def _urgency(claim: Claim) -> Urgency:
    if claim.retrospective:
        return Urgency.INFO
    match claim.kind:
        case Kind.THREAT if claim.continues or claim.level is Level.ADVISORY:
            return Urgency.INFO
        case Kind.THREAT | Kind.EVACUATION:
            return Urgency.URGENT
        case Kind.ALL_CLEAR if claim.upper_tier or claim.weak:
            return Urgency.INFO
        case Kind.ALL_CLEAR | Kind.INTERCEPTION | Kind.CASUALTIES | Kind.DAMAGE:
            return Urgency.IMPORTANT
        case _:
            return Urgency.INFO


def language(text: str) -> Lang | None:
    """Russian, Ukrainian or English by the letters that only one has; None where none is."""
    low = text.lower()
    uk = any(letter in low for letter in "іїєґ")
    ru = any(letter in low for letter in "ыэъё")
    if uk != ru:
        return Lang.UK if uk else Lang.RU
    if uk or any("а" <= letter <= "я" for letter in low):
        return None
    return Lang.EN if any("a" <= letter <= "z" for letter in low) else None


def to_json(
    post_id: str, assessment: Assessment, areas: Areas, lang: Lang | None = None
) -> dict[str, object]:
    """The shape that `nabat classify --jsonl` prints. ``lang``: that of the names; None: each
    area's own country's."""
    return {
        "id": post_id,
        "claims": [_claim(claim, areas, lang) for claim in assessment.claims],
        "tier": urgency(assessment).name.lower(),
        "reason": assessment.silence.value if assessment.silence is not None else None,
    }


def _claim(claim: Claim, areas: Areas, lang: Lang | None) -> dict[str, object]:
    count, harmed = claim.count, claim.casualties
    return {
        "kind": claim.kind.value,
        "hazard": claim.hazard.value,
        "level": claim.level.word,
        "continues": claim.continues,
        "partial": claim.partial,
        "retrospective": claim.retrospective,
        "preliminary": claim.preliminary,
        "certainty": claim.certainty.value,
        "areas": _named(claim.areas, areas, lang, regions=True),
        "excluded": _named(claim.excluded, areas, lang, regions=False),
        "count": None
        if count is None
        else {"n": count.n, "qualifier": count.qualifier.value, "measure": count.measure.value},
        "casualties": None
        if harmed is None
        else {"dead": harmed.dead, "injured": harmed.injured, "children": harmed.children},
        "evidence": [list(span) for span in claim.evidence],
        "rule": claim.rule,
    }


def _named(
    codes: tuple[AreaCode, ...], areas: Areas, lang: Lang | None, *, regions: bool
) -> list[dict[str, str]]:
    """Codes with names; with ``regions`` each region stands before its first place."""
    listed: dict[str, str] = {}
    for code in codes:
        area = areas.find(code)
        if area is None:
            continue
        if regions and area.tier is not Tier.COUNTRY:
            region = areas.region_of(code)
            listed.setdefault(region.code, areas.name(region.code, _language(region.code, lang)))
        listed[code] = areas.name(code, _language(code, lang))
    return [{"code": code, "name": name} for code, name in listed.items()]


def _language(code: str, lang: Lang | None) -> Language:
    match lang:
        case None:
            return "uk" if code.startswith("UA") else "ru"
        case Lang.RU:
            return "ru"
        case Lang.UK:
            return "uk"
        case Lang.EN:
            return "en"
