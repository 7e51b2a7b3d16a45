"""The colours of the shades, what tells them apart without colour (signs, patterns), and the
letters. Pure."""

from functools import cache
from importlib import resources
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from bot.pictures.atlas import Point
from bot.pictures.sketch import Shade

Colour = tuple[int, int, int]

SEA: Final[Colour] = (214, 228, 238)
LAND: Final[Colour] = (236, 238, 236)
BORDER: Final[Colour] = (146, 156, 164)
PAPER: Final[Colour] = (255, 255, 255)
FAINT: Final[Colour] = (112, 122, 130)
INK: Final[Colour] = (24, 38, 52)
CAPTION: Final[Colour] = (44, 56, 68)
DOTS: Final[Colour] = (108, 118, 126)
_WHITE: Final[Colour] = (255, 255, 255)
PAINT: Final[dict[Shade, Colour]] = {
    Shade.UNKNOWN: (217, 219, 220),
    Shade.CALM: _WHITE,
    Shade.REPORTED: (158, 200, 240),
    Shade.STALE: (188, 180, 204),
    Shade.ADVISORY: (255, 222, 89),
    Shade.DECLARED: (255, 159, 64),
    Shade.IMMINENT: (226, 58, 52),
}
SIGN: Final[dict[Shade, Colour]] = {
    Shade.REPORTED: (31, 98, 165),
    Shade.STALE: (96, 84, 122),
    Shade.ADVISORY: (255, 236, 150),
    Shade.DECLARED: (255, 196, 130),
    Shade.IMMINENT: (176, 18, 18),
}
_FINE: Final = 4
_SIDE: Final = 50


@cache
def lettering(size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    """PT Sans: Cyrillic with the Ukrainian letters, and Latin."""
    name = "PTSans-Bold.ttf" if bold else "PTSans-Regular.ttf"
    data = (resources.files("bot.pictures") / "fonts" / name).read_bytes()
    return ImageFont.truetype(BytesIO(data), size)


@cache
def badge(shade: Shade) -> Image.Image:
    """RGBA, of a shade in `SIGN`: a square with «i», a ring with «?», a lozenge with «!»,
    a triangle with «!», an octagon with «!!». Told apart by form alone."""
    side = _SIDE * _FINE
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    on = ImageDraw.Draw(image)
    fill, rim = SIGN[shade], INK
    letter = INK if shade in (Shade.ADVISORY, Shade.DECLARED) else _WHITE
    width = 3 * _FINE
    low, high, middle = 0.08 * side, 0.92 * side, 0.5 * side
    match shade:
        case Shade.REPORTED:
            on.rounded_rectangle(
                (low, low, high, high), radius=side // 8, fill=fill, outline=_WHITE, width=width
            )
            _letters(on, middle, middle, side, "i", letter)
        case Shade.STALE:
            on.ellipse((low, low, high, high), fill=fill, outline=_WHITE, width=width)
            _letters(on, middle, middle, side, "?", letter)
        case Shade.ADVISORY:
            points = [(middle, low), (high, middle), (middle, high), (low, middle)]
            _polygon(on, points, fill, rim, width)
            _letters(on, middle, middle, side * 0.86, "!", letter)
        case Shade.DECLARED:
            points = [(middle, 0.06 * side), (0.97 * side, 0.9 * side), (0.03 * side, 0.9 * side)]
            _polygon(on, points, fill, rim, width)
            _letters(on, middle, 0.6 * side, side * 0.86, "!", letter)
        case Shade.IMMINENT:
            near, far = 0.31 * side, 0.69 * side
            points = [(near, low), (far, low), (high, near), (high, far)]
            points += [(far, high), (near, high), (low, far), (low, near)]
            _polygon(on, points, fill, _WHITE, width)
            _letters(on, middle, middle, side, "!!", letter)
        case Shade.CALM | Shade.UNKNOWN:
            pass
    return image.reduce(_FINE)


def _polygon(
    on: ImageDraw.ImageDraw, points: list[Point], fill: Colour, rim: Colour, width: int
) -> None:
    on.polygon(points, fill=fill)
    on.line([*points, points[0], points[1]], fill=rim, width=width, joint="curve")


def _letters(
    on: ImageDraw.ImageDraw, x: float, y: float, side: float, text: str, fill: Colour
) -> None:
    font = lettering(round(side * 0.62), bold=True)
    on.text((x, y), text, font=font, fill=fill, anchor="mm")


def spot(on: ImageDraw.ImageDraw, at: Point, fill: Colour) -> None:
    x, y = at
    on.ellipse((x - 8, y - 8, x + 8, y + 8), fill=_WHITE)
    on.ellipse((x - 6, y - 6, x + 6, y + 6), fill=fill, outline=INK, width=2)


def stripes(size: tuple[int, int], corner: Point) -> Image.Image:
    """L: where the stripes are. They run on from one region to the next."""
    return _cut(_stripes_tile(), 24, size, corner)


def dots(size: tuple[int, int], corner: Point) -> Image.Image:
    return _cut(_dots_tile(), 18, size, corner)


def _cut(tile: Image.Image, period: int, size: tuple[int, int], corner: Point) -> Image.Image:
    left, top = int(corner[0]) % period, int(corner[1]) % period
    return tile.crop((left, top, left + size[0], top + size[1]))


@cache
def _stripes_tile() -> Image.Image:
    period = 24 * _FINE
    cell = Image.new("L", (period, period), 0)
    on = ImageDraw.Draw(cell)
    for shift in (-period, 0, period):
        on.line([(shift - 8, period + 8), (shift + period + 8, -8)], fill=255, width=36)
    return _tiled(cell.reduce(_FINE))


@cache
def _dots_tile() -> Image.Image:
    period = 18 * _FINE
    cell = Image.new("L", (period, period), 0)
    ImageDraw.Draw(cell).ellipse((4, 4, 20, 20), fill=255)
    return _tiled(cell.reduce(_FINE))


def _tiled(cell: Image.Image) -> Image.Image:
    side = 1300
    sheet = Image.new("L", (side, side))
    for x in range(0, side, cell.width):
        for y in range(0, side, cell.height):
            sheet.paste(cell, (x, y))
    return sheet


def swatch(shade: Shade, *, striped: bool) -> Image.Image:
    """A piece of the legend: the paint with the sign on it."""
    size = (62, 44)
    image = Image.new("RGB", size, PAINT[Shade.CALM if striped else shade])
    if striped:
        image.paste(PAINT[shade], (0, 0), stripes(size, (0, 0)))
    elif shade is Shade.UNKNOWN:
        image.paste(DOTS, (0, 0), dots(size, (0, 0)))
    elif shade is not Shade.CALM:
        sign = badge(shade).resize((38, 38))
        image.paste(sign, (12, 3), sign)
    ImageDraw.Draw(image).rectangle((0, 0, 61, 43), outline=BORDER, width=2)
    return image
