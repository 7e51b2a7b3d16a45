"""Where things lie in a picture: the projection, and what of the world is in view. Pure.

Web Mercator, as in the maps on every telephone: north is up wherever the view is.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from storage.areas.outlines import Outline

Point = tuple[float, float]

WIDTH: Final = 1080
_LOWEST, _HIGHEST = 560, 1180
_AROUND: Final = 0.30
"""Of the larger side of what is followed, shown on each side of it,"""
_MOST_AROUND: Final = 4.0
"""but no more than this, in degrees."""
_NARROWEST: Final = 8.5
"""Degrees of longitude: nothing smaller than this is shown alone."""
_SQUARE: Final = 0.75
"""Height by width of a view that is not wide, at least."""
_USUAL: Final = (22.0, 43.3, 57.0, 61.0)
"""West, south, east, north: Ukraine and European Russia."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What is in view: its north-western corner, projected, and pixels for a projected degree."""

    left: float
    top: float
    scale: float
    height: int

    def place(self, point: Point) -> Point:
        """In pixels, of a projected point."""
        return (point[0] - self.left) * self.scale, (self.top - point[1]) * self.scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """An outline, projected. ``rings``: with each, whether it is a hole. ``box``: west, south,
    east, north."""

    code: str
    anchor: Point
    rings: tuple[tuple[tuple[Point, ...], bool], ...]
    box: tuple[float, float, float, float]


def projected(longitude: float, latitude: float) -> Point:
    """Both in degrees of longitude at the equator."""
    north = math.asinh(math.tan(math.radians(latitude)))
    return longitude, math.degrees(north)


def forms(outlines: Iterable[Outline]) -> dict[str, Form]:
    return {outline.code: _form(outline) for outline in outlines}


def _form(outline: Outline) -> Form:
    rings = tuple(
        (tuple(projected(x / 1000, y / 1000) for x, y in ring.points), ring.hole)
        for ring in outline.rings
    )
    return Form(
        code=outline.code,
        anchor=projected(outline.anchor[0] / 1000, outline.anchor[1] / 1000),
        rings=rings,
        box=_box([points for points, _ in rings]),
    )


def _box(rings: Sequence[Sequence[Point]]) -> tuple[float, float, float, float]:
    xs = [x for ring in rings for x, _ in ring]
    ys = [y for ring in rings for _, y in ring]
    return min(xs), min(ys), max(xs), max(ys)


def frame(known: Mapping[str, Form], followed: Sequence[str]) -> Frame:
    """Around these regions with their neighbours; Ukraine and European Russia for none."""
    boxes = [known[code].box for code in followed if code in known]
    if not boxes:
        west, south = projected(_USUAL[0], _USUAL[1])
        east, north = projected(_USUAL[2], _USUAL[3])
        return _framed(west, south, east, north)
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    around = min(_AROUND * max(east - west, north - south), _MOST_AROUND)
    return _framed(west - around, south - around, east + around, north + around)


def _framed(west: float, south: float, east: float, north: float) -> Frame:
    """The box in the middle, as large as it fits."""
    wide = max(east - west, _NARROWEST)
    tall = max(north - south, _SQUARE * min(wide, 2 * _NARROWEST))
    height = min(max(round(WIDTH * tall / wide), _LOWEST), _HIGHEST)
    scale = min(WIDTH / wide, height / tall)
    return Frame(
        left=(west + east) / 2 - WIDTH / scale / 2,
        top=(south + north) / 2 + height / scale / 2,
        scale=scale,
        height=height,
    )
