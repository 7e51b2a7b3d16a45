"""What a picture shows, as values: a sketch is all that its bytes depend on. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2s
from typing import Final

from storage.model import AreaCode

STYLE: Final = 1
"""Goes up when the drawing changes: what Telegram holds of older ones is then not used again."""


class Shade(StrEnum):
    """What a region is painted in; each has a colour and a sign or pattern of its own."""

    UNKNOWN = "unknown"
    CALM = "calm"
    REPORTED = "reported"
    STALE = "stale"
    ADVISORY = "advisory"
    DECLARED = "declared"
    IMMINENT = "imminent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One region. ``whole``: what holds for all of it; ``part``: what is graver in places of it,
    painted as stripes. ``spots``: these places, longitude and latitude in degrees."""

    region: AreaCode
    name: str
    whole: Shade
    part: Shade | None = None
    spots: tuple[tuple[float, float], ...] = ()
    followed: bool = False

    @property
    def gravest(self) -> Shade:
        return self.whole if self.part is None else self.part


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """``patches``: every region, in code order. ``title`` and ``foot`` stand above and below;
    ``legend`` names the shades, ``stripes`` what stripes mean."""

    patches: tuple[Patch, ...]
    title: str
    foot: str
    legend: tuple[tuple[Shade, str], ...]
    stripes: str | None = None

    @property
    def key(self) -> str:
        """The same for the same picture, in every run of this program."""
        return blake2s(f"{STYLE}{self!r}".encode(), digest_size=16).hexdigest()
