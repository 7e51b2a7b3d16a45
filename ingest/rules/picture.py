"""What is in the air now, as air forces and monitors write it: asked when STATUS has no row."""

from typing import Final

from ingest.lexicon import words as w
from ingest.rules.asks import brief, no_targets
from ingest.rules.status import Rule
from storage.model import Kind

_TARGETS: Final = w.UAV | w.MISSILE
_OTHER_NEWS: Final = (
    w.DOWN
    | w.BROKEN
    | w.DEAD
    | w.HURT
    | w.SIREN
    | w.CIVIC
    | w.ADVERT
    | w.NOT
    | w.FORECAST
    | w.FRONT
    | w.DRILL
    | w.REPEL
    | w.MEMO
    | w.EVACUATE
    | w.LIMITS
)
PICTURE: Final[tuple[Rule, ...]] = (
    # What is in the air now, as air forces and monitors write it: asked when no row above fits.
    Rule(id="picture.nothing", kind=None, needs=(_TARGETS,), when=no_targets),
    Rule(
        id="picture.launch",
        kind=Kind.THREAT,
        needs=(w.LAUNCH, w.MISSILE),
        when=brief,
        bars=_OTHER_NEWS & ~w.FRONT,
    ),
    Rule(
        id="picture.spotted",
        kind=Kind.THREAT,
        needs=(w.SPOTTED, w.UAV),
        when=brief,
        bars=_OTHER_NEWS | w.DEBRIS | w.HIT,
    ),
    Rule(
        id="picture.course",
        kind=Kind.THREAT,
        needs=(_TARGETS, w.COURSE),
        when=brief,
        bars=_OTHER_NEWS | w.HIT | w.STRIKE,
    ),
)
TOWARDS: Final = Rule(
    id="picture.towards",
    kind=Kind.THREAT,
    needs=(_TARGETS,),
    when=brief,
    bars=_OTHER_NEWS | w.HIT | w.STRIKE | w.DEBRIS | w.SPOTTED | w.DEFENCE,
)
"""«КАБи на Харківщину»: a target and a place, nothing else; the caller sees to the place."""
