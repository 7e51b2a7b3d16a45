"""Danger and its end: the table, read from top to bottom; the first row that fits a clause wins.

A row without a kind silences the clause: «ждите отбоя» is no all-clear. All-clears need a positive
phrase; every way in which «отбой» is not one stands above those in which it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ingest.lexicon import words as w
from ingest.rules.asks import (
    aside,
    asked,
    because_in_force,
    cried,
    heeded,
    lone_alarm,
    negated,
    not_over,
    of_war,
    ongoing,
    sirens_on,
    told_of,
    under_attack,
    under_fire,
    urged,
)
from ingest.rules.clause import Clause
from ingest.rules.clears import (
    awaited,
    awaited_signal,
    called_false,
    ends_danger,
    ends_regime,
    false_or_drill,
    level_ended,
    level_raised,
    none_came,
    not_yet,
    raised,
    refused,
    revoked,
    to_come,
    with_flights,
)
from ingest.rules.foretold import may_come
from ingest.rules.interception import repelling
from storage.model import Hazard, Kind

HAZARD_WORDS: Final = w.UAV | w.NAVAL | w.MISSILE | w.AIR | w.SHELL


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """``needs``: the clause has a word of each; ``bars``: none of these; ``when``: asks more."""

    id: str
    kind: Kind | None
    needs: tuple[int, ...]
    bars: int = 0
    when: Callable[[Clause], bool] | None = None
    hazard: Hazard | None = None
    continues: bool = False
    renewed: bool = False
    upper_tier: bool = False
    complement: bool = False
    advisory: bool = False
    weak: bool = False

    def fits(self, clause: Clause) -> bool:
        """Whether the rule applies to the clause."""
        mask = clause.mask
        if mask & self.bars:
            return False
        for need in self.needs:
            if not mask & need:
                return False
        return self.when is None or self.when(clause)


STATUS: Final[tuple[Rule, ...]] = (
    # Drills and memos use every word of the real thing.
    Rule(id="drill.says-so", kind=None, needs=(w.DRILL | w.TEST, w.SIREN | w.DRILL)),
    Rule(
        id="threat.awaiting-clear",
        kind=Kind.THREAT,
        needs=(w.CLEAR_AWAITED, HAZARD_WORDS),
        when=awaited_signal,
        continues=True,
    ),
    Rule(id="memo.signal", kind=None, needs=(w.DANGER | w.CLEAR | w.CLEAR_AWAITED,), when=aside),
    Rule(
        id="clear.false",
        kind=None,
        needs=(w.CLEAR | w.CLEAR_AWAITED | w.CANCEL | w.LIFTED,),
        when=false_or_drill,
    ),
    Rule(id="threat.false", kind=None, needs=(w.DANGER | w.UAV,), when=called_false),
    Rule(id="status.urged", kind=None, needs=(w.DANGER | w.CLEAR_AWAITED,), when=urged),
    Rule(id="status.asked", kind=None, needs=(w.DANGER | w.CLEAR,), when=asked),
    # What is said of an all-clear that has not come.
    Rule(
        id="threat.no-clear-yet",
        kind=Kind.THREAT,
        needs=(
            w.CLEAR | w.CLEAR_AWAITED | w.CANCEL | w.LIFTED,
            HAZARD_WORDS | w.REGIME | w.DANGER,
        ),
        bars=w.LIMITS | w.AIRPORT | w.EXCEPT,
        when=none_came,
        continues=True,
    ),
    Rule(id="clear.awaited", kind=None, needs=(w.CLEAR | w.CLEAR_AWAITED,), when=awaited),
    Rule(
        id="clear.revoked",
        kind=Kind.THREAT,
        needs=(w.CLEAR, w.CANCEL),
        when=revoked,
        continues=True,
    ),
    Rule(
        id="attack.not-over",
        kind=Kind.THREAT,
        needs=(w.ATTACK | w.STRIKE, w.LIFTED, w.NOT),
        when=not_over,
        continues=True,
    ),
    Rule(id="clear.denied", kind=None, needs=(w.CLEAR | w.CANCEL | w.LIFTED,), when=negated),
    Rule(id="status.narrated", kind=None, needs=(w.DANGER | w.CLEAR,), when=told_of),
    Rule(
        id="clear.future",
        kind=None,
        needs=(w.CLEAR | w.CANCEL | w.LIFTED, w.FUTURE | w.FORECAST),
        bars=w.STANDS,
    ),
    Rule(id="clear.to-come", kind=None, needs=(w.CLEAR,), when=to_come),
    Rule(id="clear.not-yet", kind=None, needs=(w.DANGER | w.CLEAR | w.REGIME,), when=not_yet),
    Rule(id="clear.refused", kind=None, needs=(w.CANCEL | w.LIFTED,), bars=w.CLEAR, when=refused),
    Rule(
        id="threat.raised",
        kind=Kind.THREAT,
        needs=(w.CANCEL | w.LIFTED | w.CLEAR, w.DECLARE, w.IMMEDIATE),
        bars=w.NOT | w.FUTURE,
        when=raised,
    ),
    # All-clears: the upper tier only, all but a list, plain ones.
    Rule(
        id="clear.upper-tier",
        kind=Kind.ALL_CLEAR,
        needs=(w.CLEAR, w.IMMEDIATE, w.DANGER),
        upper_tier=True,
    ),
    Rule(
        id="clear.upper-tier-cancelled",
        kind=Kind.ALL_CLEAR,
        when=ends_danger,
        needs=(w.CANCEL | w.LIFTED, w.IMMEDIATE, w.DANGER),
        upper_tier=True,
    ),
    Rule(
        id="clear.upper-level",
        kind=Kind.ALL_CLEAR,
        needs=(w.CLEAR | w.CANCEL | w.LIFTED, w.IMMEDIATE),
        bars=w.LIMITS | w.NOT | w.FUTURE,
        when=level_ended,
        upper_tier=True,
    ),
    Rule(id="clear.except", kind=Kind.ALL_CLEAR, needs=(w.CLEAR, w.EXCEPT), complement=True),
    Rule(id="clear.said", kind=Kind.ALL_CLEAR, needs=(w.CLEAR,), bars=w.LIMITS),
    Rule(
        id="clear.cancelled",
        kind=Kind.ALL_CLEAR,
        needs=(w.CANCEL, w.DANGER | w.REGIME, HAZARD_WORDS | w.FLOOD),
        bars=w.LIMITS | w.AIRPORT,
        when=ends_danger,
    ),
    Rule(
        id="clear.lifted",
        kind=Kind.ALL_CLEAR,
        needs=(w.LIFTED, w.DANGER | w.REGIME, HAZARD_WORDS | w.FLOOD),
        bars=w.LIMITS | w.AIRPORT,
        when=ends_danger,
    ),
    Rule(
        id="clear.regime",
        kind=Kind.ALL_CLEAR,
        needs=(w.LIFTED | w.CANCEL, w.REGIME),
        bars=w.LIMITS | w.AIRPORT | w.FIRE,
        when=ends_regime,
    ),
    Rule(
        id="clear.with-flights",
        kind=Kind.ALL_CLEAR,
        needs=(w.LIFTED | w.CANCEL, w.DANGER, w.UAV | w.MISSILE),
        bars=w.NOT | w.FUTURE | w.FORECAST,
        when=with_flights,
    ),
    # Danger.
    Rule(
        id="threat.sirens-on",
        kind=Kind.THREAT,
        needs=(w.SIREN, w.DANGER, HAZARD_WORDS),
        bars=w.TEST | w.DRILL | w.STANDS | w.CANCEL | w.CLEAR,
        when=sirens_on,
    ),
    Rule(id="threat.denied", kind=None, needs=(w.DANGER | w.UAV,), when=negated),
    Rule(
        id="threat.renewed",
        kind=Kind.THREAT,
        needs=(w.DANGER, w.AGAIN, HAZARD_WORDS),
        renewed=True,
    ),
    Rule(
        id="attack.repelled-now",
        kind=Kind.THREAT,
        needs=(w.REPEL | w.ATTACK, w.ATTACK | w.STRIKE),
        when=repelling,
        continues=True,
    ),
    Rule(
        id="attack.goes-on",
        kind=Kind.THREAT,
        needs=(w.ATTACK | w.STRIKE, w.STANDS),
        bars=w.DOWN | w.BROKEN | w.DANGER,
        when=ongoing,
        continues=True,
    ),
    Rule(
        id="threat.stands",
        kind=Kind.THREAT,
        needs=(w.DANGER, w.STANDS, HAZARD_WORDS),
        continues=True,
    ),
    Rule(
        id="threat.mode",
        kind=Kind.THREAT,
        needs=(w.REGIME, w.DECLARE, w.ATTACK, w.UAV),
        bars=w.NOT | w.CANCEL | w.LIFTED,
    ),
    Rule(
        id="threat.attack-mode",
        kind=Kind.THREAT,
        needs=(w.REGIME, w.ATTACK, w.UAV | w.MISSILE),
        bars=w.NOT | w.CANCEL | w.LIFTED | w.CLEAR | w.FUTURE,
        when=cried,
    ),
    Rule(
        id="threat.heed",
        kind=Kind.THREAT,
        needs=(w.HEED, w.UAV | w.MISSILE),
        when=heeded,
        advisory=True,
    ),
    Rule(
        id="threat.in-force",
        kind=Kind.THREAT,
        needs=(w.DANGER, HAZARD_WORDS),
        bars=w.CANCEL | w.LIFTED,
        when=because_in_force,
        continues=True,
    ),
    Rule(
        id="threat.declared",
        kind=Kind.THREAT,
        needs=(w.DANGER, HAZARD_WORDS),
        when=of_war,
        bars=w.BROKEN | w.DOWN | w.DEAD | w.HURT | w.CANCEL | w.LIFTED,
    ),
    Rule(
        id="threat.possible",
        kind=Kind.THREAT,
        needs=(HAZARD_WORDS,),
        bars=w.DANGER
        | w.DOWN
        | w.BROKEN
        | w.DEAD
        | w.HURT
        | w.REPEL
        | w.DRILL
        | w.TEST
        | w.CIVIC
        | w.FRONT
        | w.CLEAR
        | w.CANCEL
        | w.LIFTED
        | w.LIMITS
        | w.AIRPORT,
        when=may_come,
        weak=True,
    ),
    Rule(
        id="attack.under",
        kind=Kind.THREAT,
        needs=(w.ATTACK | w.STRIKE, w.UAV | w.MISSILE | w.SHELL),
        bars=w.DOWN | w.BROKEN,
        when=under_attack,
    ),
    Rule(
        id="attack.under-fire",
        kind=Kind.THREAT,
        needs=(w.SHELL,),
        bars=w.DOWN
        | w.BROKEN
        | w.DEAD
        | w.HURT
        | w.PERSON
        | w.CIVIC
        | w.FRONT
        | w.NOT
        | w.MEMO
        | w.DRILL
        | w.TEST
        | w.PERIOD
        | w.TIME
        | w.AFTERMATH,
        when=under_fire,
    ),
    Rule(
        id="threat.level-raised",
        kind=Kind.THREAT,
        needs=(w.IMMEDIATE, w.DANGER | w.REGIME),
        bars=w.NOT | w.FUTURE | w.CANCEL | w.LIFTED | w.CLEAR | w.FIRE | w.FLOOD | HAZARD_WORDS,
        when=level_raised,
    ),
    Rule(
        id="threat.of-strikes",
        kind=Kind.THREAT,
        needs=(w.DANGER, w.STRIKE | w.ATTACK),
        bars=w.BROKEN | w.DOWN | w.DEAD | w.HURT | w.CANCEL | w.LIFTED | HAZARD_WORDS,
        when=of_war,
    ),
    Rule(
        id="attack.ongoing",
        kind=Kind.THREAT,
        needs=(w.ATTACK | w.STRIKE, HAZARD_WORDS),
        bars=w.DOWN | w.BROKEN | w.REPEL,
        when=ongoing,
    ),
    Rule(
        id="threat.alarm",
        kind=Kind.THREAT,
        needs=(w.ALARM,),
        bars=w.STANDS,
        when=lone_alarm,
        hazard=Hazard.AIR_RAID,
    ),
)


def first_fitting(clause: Clause) -> Rule | None:
    """The first row of the table that fits a clause."""
    mask = clause.mask
    for need, rule in _FIRST_NEEDS:
        if mask & need and rule.fits(clause):
            return rule
    return None


_FIRST_NEEDS: Final = tuple((rule.needs[0], rule) for rule in STATUS)
"""The hottest loop of all asks no rule whose first word the clause has not."""
