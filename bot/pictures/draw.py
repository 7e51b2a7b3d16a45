"""Drawing: a sketch becomes a PNG. Pure but for what is kept to draw the next one faster.

A colour is never the only signal: each shade has a sign of its own form, what holds in a part is
striped, and what is not known is dotted.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from PIL import Image, ImageChops, ImageDraw

from bot.pictures.atlas import WIDTH, Form, Frame, Point, forms, frame, projected
from bot.pictures.sheet import assembled, encoded
from bot.pictures.signs import (
    BORDER,
    DOTS,
    FAINT,
    INK,
    LAND,
    PAINT,
    PAPER,
    SEA,
    badge,
    dots,
    lettering,
    spot,
    stripes,
)
from bot.pictures.sketch import Patch, Shade, Sketch
from storage.areas.outlines import Outline

_FINE: Final = 2
"""Pixels drawn for each one shown, either way: it smooths the edges."""
_BASES: Final = 8
_QUIET: Final = (Shade.UNKNOWN, Shade.CALM)
_GRAVITY: Final = {shade: n for n, shade in enumerate(Shade)}

_Rect = tuple[float, float, float, float]


class Artist:
    """Draws one picture at a time. The land of the views last drawn is kept."""

    def __init__(self, outlines: Iterable[Outline]) -> None:
        self._forms: Mapping[str, Form] = forms(outlines)
        self._bases: OrderedDict[tuple[Frame, frozenset[str]], _Base] = OrderedDict()

    def draw(self, sketch: Sketch) -> bytes:
        """PNG."""
        followed = [patch.region for patch in sketch.patches if patch.followed]
        view = frame(self._forms, followed)
        ours = [patch for patch in sketch.patches if patch.region in self._forms]
        base = self._base(view, frozenset(patch.region for patch in ours))
        land = base.land.copy()
        for patch in ours:
            if patch.region in base.masks:
                _paint(land, base, patch)
        land.paste(BORDER, (0, 0), base.borders)
        _write_on(land, base, view, ours)
        return encoded(assembled(land, sketch))

    def in_view(self, followed: Sequence[str]) -> frozenset[str]:
        """The codes of what a picture for these regions shows."""
        view = frame(self._forms, followed)
        return frozenset(code for code, form in self._forms.items() if _is_seen(form, view))

    def _base(self, view: Frame, ours: frozenset[str]) -> "_Base":
        known = self._bases.pop((view, ours), None)
        base = known or _Base(self._forms, view, ours)
        self._bases[view, ours] = base
        if len(self._bases) > _BASES:
            self._bases.popitem(last=False)
        return base


class _Base:
    """What does not change with the situation. ``masks``: where each region in view is, with the
    corner of its box."""

    def __init__(self, known: Mapping[str, Form], view: Frame, ours: frozenset[str]) -> None:
        size = (WIDTH * _FINE, view.height * _FINE)
        land = Image.new("RGB", size, SEA)
        borders = Image.new("L", size, 0)
        on_land, on_borders = ImageDraw.Draw(land), ImageDraw.Draw(borders)
        self.masks: dict[str, tuple[Image.Image, tuple[int, int]]] = {}
        self.anchors: dict[str, Point] = {}
        self.edges: dict[str, list[list[Point]]] = {}
        seen = [form for form in known.values() if _is_seen(form, view)]
        for form in sorted(seen, key=lambda each: each.code in ours):
            rings = [
                ([_fine(view.place(point)) for point in points], hole)
                for points, hole in form.rings
            ]
            if form.code in ours:
                self.masks[form.code] = _mask(rings, size)
                self.anchors[form.code] = view.place(form.anchor)
                self.edges[form.code] = [ring for ring, _ in rings]
            for ring, hole in rings:
                if form.code not in ours:
                    on_land.polygon(ring, fill=SEA if hole else LAND)
                on_borders.line([*ring, ring[0], ring[1]], fill=255, width=3, joint="curve")
        self.land = land.reduce(_FINE)
        for mask, corner in self.masks.values():
            self.land.paste(PAINT[Shade.CALM], corner, mask)
        self.borders = borders.reduce(_FINE)


def _fine(point: Point) -> Point:
    return point[0] * _FINE, point[1] * _FINE


def _is_seen(form: Form, view: Frame) -> bool:
    west, south, east, north = form.box
    left, bottom = view.place((west, south))
    right, top = view.place((east, north))
    return right > 0 and left < WIDTH and bottom > 0 and top < view.height


def _mask(
    rings: Sequence[tuple[Sequence[Point], bool]], size: tuple[int, int]
) -> tuple[Image.Image, tuple[int, int]]:
    xs = [x for ring, _ in rings for x, _ in ring]
    ys = [y for ring, _ in rings for _, y in ring]
    left, top = _even(max(min(xs), 0)), _even(max(min(ys), 0))
    right, bottom = min(max(xs) + 2, size[0]), min(max(ys) + 2, size[1])
    width, height = max(int(right) - left, 2), max(int(bottom) - top, 2)
    mask = Image.new("L", (width, height), 0)
    on = ImageDraw.Draw(mask)
    for ring, hole in rings:
        on.polygon([(x - left, y - top) for x, y in ring], fill=0 if hole else 255)
    return mask.reduce(_FINE), (left // _FINE, top // _FINE)


def _even(value: float) -> int:
    return int(value) // _FINE * _FINE


def _paint(land: Image.Image, base: _Base, patch: Patch) -> None:
    mask, corner = base.masks[patch.region]
    if patch.whole is not Shade.CALM:  # the land is painted so already
        land.paste(PAINT[patch.whole], corner, mask)
    if patch.whole is Shade.UNKNOWN:
        land.paste(DOTS, corner, ImageChops.multiply(mask, dots(mask.size, corner)))
    if patch.part is not None:
        striped = ImageChops.multiply(mask, stripes(mask.size, corner))
        land.paste(PAINT[patch.part], corner, striped)


# --- names and signs --------------------------------------------------------------------------


def _write_on(land: Image.Image, base: _Base, view: Frame, ours: Sequence[Patch]) -> None:
    on = ImageDraw.Draw(land)
    for patch in ours:
        if patch.followed and patch.region in base.edges:
            for ring in base.edges[patch.region]:
                line = [(x / _FINE, y / _FINE) for x, y in ring]
                on.line([*line, line[0], line[1]], fill=INK, width=5, joint="curve")
    taken: list[_Rect] = []
    for patch in ours:
        for place in patch.spots:
            x, y = view.place(projected(*place))
            if 0 < x < WIDTH and 0 < y < view.height:
                spot(on, (x, y), PAINT[patch.gravest])
                taken.append(_around(x, y, 8, 8))
    by_weight = sorted(
        (patch for patch in ours if patch.region in base.anchors),
        key=lambda each: (not each.followed, -_GRAVITY[each.gravest], each.region),
    )
    for patch in by_weight:
        _label(land, base.anchors[patch.region], patch, taken, view)


def _label(
    land: Image.Image,
    at: Point,
    patch: Patch,
    taken: list[_Rect],
    view: Frame,
) -> None:
    """The sign and the name below it; the name alone gives way where there is no room."""
    x, y = at
    if not (30 < x < WIDTH - 30 and 30 < y < view.height - 30):
        return
    quiet = patch.gravest in _QUIET
    loud = patch.followed or not quiet
    size = 30 if patch.followed else 25 if loud else 21
    half = lettering(size, bold=loud).getlength(patch.name) / 2
    tries = [(x, y)]
    if not quiet:
        y = next(
            (y + dy for dy in (0, -34, 34) if not _meets(_around(x, y + dy, 24, 24), taken)), y
        )
        _put(land, badge(patch.gravest), (x, y))
        taken.append(_around(x, y, 24, 24))
        apart = 25 + size / 2
        tries = [(x, y + apart), (x, y - apart), (x + 30 + half, y), (x - 30 - half, y)]
    elif patch.followed:
        tries += [(x, y + 30), (x, y - 30)]
    for x_name, y_name in tries:
        x_name = min(max(x_name, half + 8), WIDTH - half - 8)
        box = _around(x_name, y_name, half, size / 2)
        if not _meets(box, taken):
            break
    else:
        if not patch.followed:
            return
    taken.append(_around(x_name, y_name, half + 7, size / 2))
    _put(land, _lettered(patch.name, size, bold=loud), (x_name, y_name))


def _around(x: float, y: float, half: float, tall: float) -> _Rect:
    return x - half, y - tall, x + half, y + tall


def _put(land: Image.Image, picture: Image.Image, middle: Point) -> None:
    x, y = round(middle[0] - picture.width / 2), round(middle[1] - picture.height / 2)
    land.paste(picture, (x, y), picture)


@lru_cache(maxsize=1024)
def _lettered(text: str, size: int, *, bold: bool) -> Image.Image:
    """RGBA, with a rim of paper that keeps it legible on any paint."""
    font = lettering(size, bold=bold)
    image = Image.new("RGBA", (round(font.getlength(text)) + 10, size + 18), (*PAPER, 0))
    ImageDraw.Draw(image).text(
        (image.width / 2, image.height / 2),
        text,
        font=font,
        fill=INK if bold else FAINT,
        anchor="mm",
        stroke_width=3,
        stroke_fill=PAPER,
    )
    return image


def _meets(box: _Rect, taken: Sequence[_Rect]) -> bool:
    return any(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
        for other in taken
    )
