"""One change for one chat, and the two views it is found between. Pure."""

from dataclasses import dataclass
from datetime import datetime

from bot.reasons import Reason
from bot.view import RECENT, View, touches
from storage.areas.tree import Areas
from storage.model import AreaCode, Card, Clear, Hazard, Source, Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One change. ``near``: it is about a followed district (else: about the region at large).
    ``wide``: about the whole region, or missiles. ``first``: the first sound for a (followed
    area, hazard), or a rise to imminent. ``published``: when the source said it, None if it is
    not something that a source says. ``dire``: in a followed district, or region-wide for those
    who follow the region, and imminent, of missiles, a flood, an evacuation, or the alarm of a
    region that has no tier above it for those who follow the district."""

    reason: Reason
    near: bool = False
    wide: bool = False
    grave: bool = False
    first: bool = False
    published: datetime | None = None
    dire: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """Two views of one chat. ``told`` None: it was told nothing on this card yet. ``one_tier``:
    the region has no tier above its alarm. ``heard``: the chat wishes sounds at this hour."""

    card: Card
    wishes: Wishes
    told: View | None
    now: View
    areas: Areas
    one_tier: bool = False
    heard: bool = True

    @property
    def region(self) -> AreaCode:
        return self.now.region

    @property
    def districts(self) -> tuple[AreaCode, ...]:
        follows = self.now.follows
        return tuple(each for each in follows if not self.areas.contains(each, self.region))

    def is_news(self, source: Source | None) -> bool:
        """For a chat that was told nothing: whether this belongs to the card's own episode and
        not to an earlier one, whose card is closed."""
        return source is not None and source.received_at >= self.card.opened_at - RECENT


def new_clears(between: Between) -> tuple[Clear, ...]:
    """All-clears that concern the chat and that it was not told of."""
    opened = between.card.opened_version
    if between.told is None:
        return tuple(each for each in between.now.clears if each.version >= opened)
    known = {_clear_key(clear) for clear in between.told.clears}
    return tuple(each for each in between.now.clears if _clear_key(each) not in known)


def _clear_key(clear: Clear) -> tuple[Hazard, tuple[AreaCode, ...], int, int, datetime]:
    source = clear.source
    return clear.hazard, clear.areas, source.channel, source.message, clear.at


def was_cleared(between: Between, hazard: Hazard, place: AreaCode) -> bool:
    told = between.told.clears if between.told else ()
    clears = (*told, *between.now.clears)
    return any(
        clear.hazard is hazard
        and clear.version >= between.card.opened_version
        and any(touches(area, (place,), between.areas) for area in clear.areas)
        for clear in clears
    )
