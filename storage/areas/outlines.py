"""The outlines of regions and of the countries around them, for pictures; and how they are kept.

A line of ``outlines.tsv`` is a code, an anchor and the rings. A ring is its points, each as the
steps east and north from the one before in thousandths of a degree, in the encoding that is known
as «encoded polyline»: five bits a character, the lowest first, the sign in the lowest bit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Final

COLUMNS: Final = ("code", "anchor", "rings")
_HOLE: Final = "!"
"""In front of a ring that is a hole in the one before it. No ring begins so: its characters are
from «?» to «~»."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """``points``: longitude (eastwards, also beyond 180) and latitude in thousandths of a degree,
    WGS 84; the last is not the first again. ``hole``: belongs to the ring before it."""

    points: tuple[tuple[int, int], ...]
    hole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """``code``: of a region of ours, or ISO 3166's of another country (``XX``: of none).
    ``anchor``: a point well inside, for a name or a sign; in thousandths of a degree as well."""

    code: str
    anchor: tuple[int, int]
    rings: tuple[Ring, ...]


def load() -> tuple[Outline, ...]:
    """The bundled data, in code order, in some 50 ms."""
    text = (resources.files(__package__) / "outlines.tsv").read_text("utf-8")
    head, *lines = text.splitlines()
    if tuple(head.split("\t")) != COLUMNS:
        raise ValueError(f"outlines.tsv has other columns than {COLUMNS}: {head}")
    return tuple(decoded(line) for line in lines)


def encoded(outline: Outline) -> str:
    anchor = f"{outline.anchor[0]},{outline.anchor[1]}"
    return "\t".join((outline.code, anchor, *(_encoded(ring) for ring in outline.rings)))


def decoded(line: str) -> Outline:
    code, anchor, *rings = line.split("\t")
    east, north = anchor.split(",")
    return Outline(
        code=code,
        anchor=(int(east), int(north)),
        rings=tuple(
            Ring(points=tuple(_points(ring.removeprefix(_HOLE))), hole=ring.startswith(_HOLE))
            for ring in rings
        ),
    )


def _encoded(ring: Ring) -> str:
    text, x, y = [_HOLE if ring.hole else ""], 0, 0
    for east, north in ring.points:
        text += _step(east - x), _step(north - y)
        x, y = east, north
    return "".join(text)


def _step(value: int) -> str:
    rest = ~(value << 1) if value < 0 else value << 1
    text = ""
    while rest >= 0x20:
        text += chr((0x20 | (rest & 0x1F)) + 63)
        rest >>= 5
    return text + chr(rest + 63)


def _points(text: str) -> Iterator[tuple[int, int]]:
    steps = _steps(text)
    x = y = 0
    for east in steps:
        x, y = x + east, y + next(steps)
        yield x, y


def _steps(text: str) -> Iterator[int]:
    value = shift = 0
    for character in text:
        bits = ord(character) - 63
        value |= (bits & 0x1F) << shift
        if bits & 0x20:
            shift += 5
            continue
        yield ~(value >> 1) if value & 1 else value >> 1
        value = shift = 0
