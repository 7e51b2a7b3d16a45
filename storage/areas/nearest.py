"""The known places around a point that somebody shares. Pure: the point goes no further."""

import math
from typing import Final

from storage.areas.tree import Area, Areas, Tier

FAR_KM: Final = 75.0
"""Farther than this from every known place, a point is in no region of ours."""
_CITY: Final = "город"
_KM_OF_A_DEGREE: Final = 111.2
_SPHERE_KM: Final = 12_742.0


def nearest(
    areas: Areas, latitude: float, longitude: float, *, limit: int = 3
) -> tuple[Area, ...]:
    """What can be followed around there, the nearest first, each once: the districts in which the
    nearest towns lie, or towns that lie in none. Empty: everything known is far."""
    around = []
    for area in areas:
        if area.latitude is None or area.longitude is None:
            continue
        if area.tier is Tier.REGION and area.unit != _CITY:
            continue  # its point is its greatest town's, which is here too
        if abs(area.latitude - latitude) * _KM_OF_A_DEGREE > FAR_KM:
            continue
        distance = _distance_km(area.latitude, area.longitude, latitude, longitude)
        if distance <= FAR_KM:
            # At a district's point stands its greatest town, which says more.
            around.append((distance, -area.code.count("/"), area.code))
    found = dict.fromkeys(_followable(areas, areas[code]).code for *_, code in sorted(around))
    return tuple(areas[code] for code in found)[:limit]


def _followable(areas: Areas, area: Area) -> Area:
    """A town's district, if words on the district are words on the town. A city that is a region
    is followed whole."""
    region = areas.region_of(area.code)
    if region.unit == _CITY:
        return region
    if area.tier is not Tier.TOWN or area.apart or area.parent is None:
        return area
    parent = areas[area.parent]
    return parent if parent.tier is Tier.DISTRICT else area


def _distance_km(latitude: float, longitude: float, to: float, along: float) -> float:
    """Over the sphere."""
    a, b = math.radians(latitude), math.radians(to)
    across = math.radians(along - longitude)
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(across / 2) ** 2
    return _SPHERE_KM * math.asin(math.sqrt(h))
