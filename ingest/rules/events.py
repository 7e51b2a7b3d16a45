"""What else a sentence reports: damage, evacuation, outages, airports, floods, drills."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from ingest.lexicon import words as w
from ingest.rules.asks import practised
from ingest.rules.clause import Clause
from ingest.rules.happenings import (
    broken,
    burnt,
    counted,
    exercise,
    explosions,
    fell,
    hit,
    home_hit,
    moved_people,
    ordered,
    sheltered,
    struck,
    went_home,
)
from ingest.rules.supplies import (
    can_fly,
    cannot_fly,
    internet,
    lights_out,
    reopened,
    shut,
    without,
)
from storage.model import Hazard, Kind

ATTACKED: Final = w.UAV | w.MISSILE | w.SHELL | w.ATTACK | w.DEBRIS | w.STRIKE

_DISASTER: Final = (
    ATTACKED | w.FLOOD | w.FIRE | w.BROKEN | w.BLAST | w.DAM | w.SIREN | w.DANGER | w.SHELTER
)
"""What a post speaks of where people leave their homes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A row: the sentence has a word of each of ``needs`` and none of ``bars``; ``context``: the
    post as a whole speaks of one of these (an attack, water)."""

    id: str
    kind: Kind
    hazard: Hazard
    needs: tuple[int, ...]
    bars: int = 0
    context: int = 0
    when: Callable[[Clause], bool] | None = None


EVENTS: Final[tuple[Event, ...]] = (
    Event(
        id="drill.exercise", kind=Kind.DRILL, hazard=Hazard.OTHER, needs=(w.DRILL,), when=exercise
    ),
    Event(
        id="drill.signal",
        kind=Kind.DRILL,
        hazard=Hazard.OTHER,
        needs=(w.TEST | w.DRILL, w.DANGER | w.SIREN | w.EVACUATE | w.DRILL),
        when=practised,
    ),
    Event(
        id="drill.sirens",
        kind=Kind.DRILL,
        hazard=Hazard.OTHER,
        needs=(w.TEST, w.SIREN),
        when=exercise,
    ),
    Event(
        id="airspace.open",
        kind=Kind.AIRSPACE_OPEN,
        hazard=Hazard.AIRSPACE,
        needs=(w.AIRPORT | w.LIMITS, w.LIMITS | w.LIFTED),
        context=w.AIRPORT,
        when=can_fly,
    ),
    Event(
        id="airspace.closed",
        kind=Kind.AIRSPACE_CLOSED,
        hazard=Hazard.AIRSPACE,
        needs=(w.LIMITS,),
        context=w.AIRPORT,
        bars=w.CIVIC,
        when=cannot_fly,
    ),
    Event(
        id="airspace.reopened",
        kind=Kind.AIRSPACE_OPEN,
        hazard=Hazard.AIRSPACE,
        needs=(w.AIRPORT,),
        bars=w.LIMITS | w.FUTURE,
        when=reopened,
    ),
    Event(
        id="airspace.shut",
        kind=Kind.AIRSPACE_CLOSED,
        hazard=Hazard.AIRSPACE,
        needs=(w.AIRPORT,),
        bars=w.LIMITS | w.FUTURE,
        when=shut,
    ),
    Event(
        id="evacuation.over",
        kind=Kind.EVACUATION_OVER,
        hazard=Hazard.UAV,
        needs=(w.RETURN,),
        context=w.EVACUATE | w.SHELTER,
        when=went_home,
    ),
    Event(
        id="evacuation.people",
        kind=Kind.EVACUATION,
        hazard=Hazard.UAV,
        needs=(w.EVACUATE,),
        bars=w.DRILL | w.RETURN | w.AIRPORT | w.AFTERMATH,
        context=_DISASTER,
        when=moved_people,
    ),
    Event(
        id="evacuation.ordered",
        kind=Kind.EVACUATION,
        hazard=Hazard.OTHER,
        needs=(w.EVACUATE,),
        bars=w.DRILL | w.RETURN | w.AIRPORT | w.AFTERMATH | _DISASTER & ~w.SHELTER,
        when=ordered,
    ),
    Event(
        id="evacuation.shelter",
        kind=Kind.EVACUATION,
        hazard=Hazard.UAV,
        needs=(w.SHELTER,),
        bars=w.DRILL | w.RETURN | w.AFTERMATH | w.EVACUATE,
        context=_DISASTER,
        when=sheltered,
    ),
    Event(
        id="utility.restored",
        kind=Kind.RESTORED,
        hazard=Hazard.UTILITY,
        needs=(w.POWER, w.RESTORE),
    ),
    Event(
        id="utility.cancelled",
        kind=Kind.RESTORED,
        hazard=Hazard.UTILITY,
        needs=(w.POWER, w.CUT, w.CANCEL),
        bars=w.NOT | w.FUTURE | w.FORECAST,
    ),
    Event(
        id="utility.out",
        kind=Kind.OUTAGE,
        hazard=Hazard.UTILITY,
        needs=(w.POWER, w.CUT),
        when=lights_out,
    ),
    Event(
        id="utility.limited",
        kind=Kind.OUTAGE,
        hazard=Hazard.UTILITY,
        needs=(w.POWER, w.LIMITS),
        bars=w.CUT | w.AIRPORT,
        when=internet,
    ),
    Event(
        id="utility.without",
        kind=Kind.OUTAGE,
        hazard=Hazard.UTILITY,
        needs=(w.POWER | w.SUPPLY,),
        bars=w.CUT,
        when=without,
    ),
    Event(
        id="damage.broken",
        kind=Kind.DAMAGE,
        hazard=Hazard.UAV,
        needs=(w.BROKEN,),
        bars=w.DRILL,
        context=ATTACKED,
        when=broken,
    ),
    Event(
        id="damage.fire",
        kind=Kind.DAMAGE,
        hazard=Hazard.UAV,
        needs=(w.FIRE,),
        bars=w.DRILL | w.DANGER | w.CIVIC,
        context=ATTACKED,
        when=hit,
    ),
    Event(
        id="damage.burnt",
        kind=Kind.DAMAGE,
        hazard=Hazard.UAV,
        needs=(w.DOWN, w.BUILDING),
        bars=w.DRILL | w.FRONT,
        context=ATTACKED,
        when=burnt,
    ),
    Event(
        id="damage.explosions",
        kind=Kind.DAMAGE,
        hazard=Hazard.OTHER,
        needs=(w.BLAST,),
        bars=w.NOT | w.DRILL | w.TEST | w.CIVIC | w.FRONT | w.DOWN,
        when=explosions,
    ),
    Event(
        id="damage.home-hit",
        kind=Kind.DAMAGE,
        hazard=Hazard.UAV,
        needs=(w.HIT,),
        bars=w.DRILL | w.FORECAST,
        context=ATTACKED,
        when=home_hit,
    ),
    Event(
        id="damage.hit",
        kind=Kind.DAMAGE,
        hazard=Hazard.UAV,
        needs=(w.HIT, w.UAV | w.MISSILE | w.DEBRIS | w.ATTACK),
        bars=w.DRILL | w.FORECAST,
        when=fell,
    ),
    Event(
        id="damage.shelled",
        kind=Kind.DAMAGE,
        hazard=Hazard.SHELLING,
        needs=(w.SHELL, w.STRIKE),
        bars=w.DANGER | w.DRILL | w.POWER | w.FORECAST,
        when=hit,
    ),
    Event(
        id="recap.strikes",
        kind=Kind.RECAP,
        hazard=Hazard.UAV,
        needs=(w.STRIKE, w.UAV | w.MISSILE),
        bars=w.DANGER | w.DRILL | w.REPEL | w.DOWN | w.BUILDING | w.BROKEN,
        when=counted,
    ),
    Event(
        id="damage.struck",
        kind=Kind.DAMAGE,
        hazard=Hazard.UAV,
        needs=(w.STRIKE, w.UAV | w.MISSILE),
        bars=w.DANGER | w.DRILL | w.REPEL | w.DOWN | w.FORECAST,
        when=struck,
    ),
)


def fitting(clause: Clause, whole: int) -> Iterator[Event]:
    """The rows that apply, in order."""
    mask = clause.mask
    for first, event in _FIRST_NEEDS:
        if not mask & first or mask & event.bars:
            continue
        if event.context and not whole & event.context:
            continue
        if all(mask & need for need in event.needs) and (event.when is None or event.when(clause)):
            yield event


_FIRST_NEEDS: Final = tuple((event.needs[0], event) for event in EVENTS)


def damage_hazard(clause: Clause, whole: int) -> Hazard:
    """By what the damage was done, as far as the sentence says, else the post."""
    for mask in (clause.mask, whole):
        if mask & w.UAV or mask & w.DEBRIS:
            return Hazard.UAV
        if mask & w.MISSILE:
            return Hazard.MISSILE
        if mask & w.SHELL:
            return Hazard.SHELLING
    if whole & w.FLOOD:
        return Hazard.FLOOD
    return Hazard.FIRE if whole & w.FIRE else Hazard.OTHER
