"""A claim while its post is still being read."""

from dataclasses import dataclass, field

from ingest.places.mentions import Mention
from storage.model import Casualties, Certainty, Count, Hazard, Kind, Level


@dataclass(slots=True, kw_only=True)
class Draft:
    """Mutable until the whole post is read; then a `storage.model.Claim`."""

    kind: Kind
    hazard: Hazard
    rule: str
    sentence: int
    spans: list[tuple[int, int]] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    excluded: list[Mention] = field(default_factory=list)
    level: Level = Level.DECLARED
    open: bool = False
    """No place was named yet: a list of places on the following lines is meant for it."""
    complement: bool = False
    upper_tier: bool = False
    continues: bool = False
    renewed: bool = False
    retrospective: bool = False
    preliminary: bool = False
    certainty: Certainty = Certainty.OBSERVED
    weak: bool = False
    whole: bool = False
    """Said of all the region, though places are named."""
    unknown: list[str] = field(default_factory=list)
    """Words that may name a place which no area answers to."""
    vague: bool = False
    """Of a composite without known bounds: «приграничье», «близлежащие районы»."""
    unnamed: bool = False
    clock: str | None = None
    count: Count | None = None
    casualties: Casualties | None = None
