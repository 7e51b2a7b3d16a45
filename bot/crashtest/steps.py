"""Where the service is killed. Pure."""

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Step(StrEnum):
    """A post's way from its channel to the chats. RECORD to CURSOR of a post are one write."""

    RECORD = "record"
    APPLY = "apply"
    PUBLISH = "publish"
    DISPATCH = "dispatch"
    CLAIM = "claim"
    WRITTEN = "request written"
    ACCEPTED = "accepted"
    ANSWER = "answer read"
    SETTLE = "settle"
    CURSOR = "cursor"
    RANDOM = "at random"


class Moment(StrEnum):
    """Of a step: about to be taken, taken in a write still open, its write committed."""

    BEFORE = "before"
    WITHIN = "within"
    COMMITTED = "committed"


WRITES: Final = frozenset(
    {
        Step.RECORD,
        Step.APPLY,
        Step.PUBLISH,
        Step.DISPATCH,
        Step.CLAIM,
        Step.SETTLE,
        Step.CURSOR,
    }
)
"""Steps that are statements of a write, with all three moments."""

_OF_A_POST: Final = frozenset({Step.RECORD, Step.CURSOR, Step.APPLY, Step.PUBLISH, Step.DISPATCH})
_LONGEST_LIFE: Final = 0.6  # seconds until a kill at random


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow:
    """Kill at the ``passing``-th time that a life comes by, counted from 1. ``after``: seconds
    from the start of the life, for a kill at random. ``edit``: wait for a request to edit."""

    step: Step
    moment: Moment = Moment.WITHIN
    passing: int = 1
    after: float = 0.0
    edit: bool = False


def blows(rng: random.Random) -> tuple[Blow, ...]:
    """One at each step, in any order."""
    steps = list(Step)
    rng.shuffle(steps)
    return tuple(_blow(step, rng) for step in steps)


def _blow(step: Step, rng: random.Random) -> Blow:
    return Blow(
        step=step,
        moment=rng.choice(list(Moment)) if step in WRITES else Moment.WITHIN,
        passing=rng.choice((1, 1, 1, 2) if step in _OF_A_POST else (1, 1, 2, 3, 4, 6)),
        after=rng.uniform(0.0, _LONGEST_LIFE),
        edit=rng.random() < 0.25,
    )
