"""Around the map: title, legend, foot; and the PNG of it all. Pure."""

from collections.abc import Sequence
from functools import cache, lru_cache
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from bot.pictures.atlas import WIDTH
from bot.pictures.signs import (
    BORDER,
    CAPTION,
    FAINT,
    INK,
    LAND,
    PAINT,
    PAPER,
    SEA,
    SIGN,
    Colour,
    lettering,
    swatch,
)
from bot.pictures.sketch import Shade, Sketch

_MARGIN: Final = 28
_HEAD: Final = 84
_ROW: Final = 56


def assembled(land: Image.Image, sketch: Sketch) -> Image.Image:
    """The title above, the legend and the foot below."""
    striped = next((p.part for p in sketch.patches if p.part is not None), None)
    legend = _legend(sketch.legend, sketch.stripes, striped or Shade.DECLARED)
    small = lettering(25, bold=False)
    foot = _wrapped(sketch.foot, small, WIDTH - 2 * _MARGIN)
    y = _HEAD + land.height + legend.height
    sheet = Image.new("RGB", (WIDTH, y + 34 * len(foot) + 22), PAPER)
    on = ImageDraw.Draw(sheet)
    on.text(
        (_MARGIN, _HEAD / 2),
        sketch.title,
        font=_fitting(sketch.title, WIDTH - 2 * _MARGIN),
        fill=INK,
        anchor="lm",
    )
    sheet.paste(land, (0, _HEAD))
    sheet.paste(legend, (0, _HEAD + land.height))
    for line in foot:
        on.text((_MARGIN, y + 20), line, font=small, fill=CAPTION, anchor="lm")
        y += 34
    return sheet


@lru_cache(maxsize=64)
def _legend(
    shades: tuple[tuple[Shade, str], ...], stripes: str | None, striped: Shade
) -> Image.Image:
    entries = [(swatch(shade, striped=False), text) for shade, text in shades]
    if stripes is not None:
        entries.append((swatch(striped, striped=True), stripes))
    font = lettering(28, bold=False)
    rows = _rows([75 + font.getlength(text) for _, text in entries])
    image = Image.new("RGB", (WIDTH, 16 + _ROW * len(rows)), PAPER)
    on = ImageDraw.Draw(image)
    for line, row in enumerate(rows):
        y = 16 + _ROW * line
        for column, n in enumerate(row):
            picture, text = entries[n]
            x = _MARGIN + column * (WIDTH - 2 * _MARGIN) // 2
            image.paste(picture, (x, y + (_ROW - picture.height) // 2))
            on.text((x + 75, y + _ROW / 2), text, font=font, fill=CAPTION, anchor="lm")
    return image


def _rows(widths: Sequence[float]) -> list[list[int]]:
    """Two to a row where both are no wider than half of it."""
    half = (WIDTH - 2 * _MARGIN) / 2 - 12
    rows: list[list[int]] = []
    for n, width in enumerate(widths):
        narrow = width <= half
        if narrow and rows and len(rows[-1]) == 1 and widths[rows[-1][0]] <= half:
            rows[-1].append(n)
        else:
            rows.append([n])
    return rows


def _fitting(text: str, width: float) -> ImageFont.FreeTypeFont:
    return next(
        (
            font
            for size in (38, 34, 30, 26)
            if (font := lettering(size, bold=True)).getlength(text) <= width
        ),
        lettering(22, bold=True),
    )


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


def encoded(sheet: Image.Image) -> bytes:
    file = BytesIO()
    flat = sheet.quantize(palette=_palette(), dither=Image.Dither.NONE)
    flat.save(file, "PNG", compress_level=2)
    return file.getvalue()


@cache
def _palette() -> Image.Image:
    """Our colours, and what the smoothing makes of each beside ink, paper and borders: encoding
    is six times as fast as in full colour, and a picture has half the bytes."""
    own = [*PAINT.values(), *SIGN.values(), SEA, LAND, BORDER, PAPER, FAINT, INK, CAPTION]
    made = dict.fromkeys(own)
    for rim, steps in ((PAPER, 4), (INK, 5), (BORDER, 3)):
        for colour in own:
            for n in range(1, steps):
                made[_between(colour, rim, n / steps)] = None
    image = Image.new("P", (1, 1))
    image.putpalette([part for colour in list(made)[:256] for part in colour])
    return image


def _between(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
