"""What reading a post has found so far: the state that the sentences share."""

from dataclasses import dataclass, field

from ingest.levels import Levels
from ingest.places.mentions import Mention
from ingest.places.resolve import Places
from ingest.rules.clause import Clause
from ingest.rules.draft import Draft
from storage.model import AreaCode, Hazard


@dataclass(slots=True, kw_only=True)
class Walk:
    """Mutable, and of one post only. ``whole``: the meanings of all its words together."""

    sentences: list[Clause]
    places: Places
    levels: Levels
    home: AreaCode | None
    whole: int
    drafts: list[Draft] = field(default_factory=list)
    pending: list[Mention] = field(default_factory=list)
    """Places on lines of their own that wait for what is said of them."""
    hazards: list[Hazard] = field(default_factory=list)
    """Of the last statement about danger: what the next one leaves out."""
    last_places: list[Mention] = field(default_factory=list)
    list_open: bool = False
    """A ministry's heading was read: lines with a number and a place may follow."""
    unplaced: int = -2
    """The last sentence that names places and tells nothing, but is no mere list of them."""
    digest: bool = False
    fired: list[str] = field(default_factory=list)
    """Ids of the rules that spoke or silenced, in order."""
    totals: int = 0
    """The largest number shot down that was stated without a place."""


def usable(mentions: list[Mention]) -> list[Mention]:
    """Places of danger: no launch areas."""
    return [each for each in mentions if not each.origin]


def unnamed(clause: Clause) -> bool:
    """«в одном из районов», «в двух муниципалитетах»: where, is not said."""
    return clause.phrase(
        "одном из",
        "одном муниципалитете",
        "одному з",
        "одном районе",
        "нескольких районах",
        "нескольких муниципалит*",
        "ряде районов",
    )
