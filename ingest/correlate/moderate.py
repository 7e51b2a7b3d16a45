"""What a person decides about what was told already. Pure.

Taking back is no all-clear: it says that we were wrong, and leaves whatever another post says.
"""

from dataclasses import replace

from ingest.correlate import threats
from ingest.correlate.alarms import change, with_danger
from ingest.correlate.step import Step
from ingest.correlate.table import Change, Transition
from storage.areas.tree import Areas
from storage.model import (
    Alarm,
    AreaCode,
    Certainty,
    Claim,
    Hazard,
    Retraction,
    Situation,
    Source,
    Wrong,
)


def confirm(situation: Situation, claim: Claim, source: Source) -> Step:
    """The doubt goes; nothing else changes."""
    danger = situation.danger(claim.hazard)
    sure = [
        alarm.area
        for alarm in (danger.alarms if danger else ())
        if alarm.unconfirmed and _rests_on(alarm, source) and _is_meant(claim, alarm, situation)
    ]
    if danger is None or not sure:
        return Step(situation=situation, changes=())
    alarms = tuple(
        replace(alarm, unconfirmed=False) if alarm.area in sure else alarm
        for alarm in danger.alarms
    )
    dangers = with_danger(situation.dangers, replace(danger, alarms=alarms))
    return Step(
        situation=replace(situation, dangers=dangers),
        changes=(change(Transition.CONFIRMED, claim.hazard, *sure),),
    )


def take_back(situation: Situation, claim: Claim, source: Source, retraction: Retraction) -> Step:
    """What rests on this post alone was never so. ``retraction`` says why; its areas are found
    here."""
    danger = situation.danger(claim.hazard)
    if danger is None:
        return Step(situation=situation, changes=())
    left: list[Alarm] = []
    gone: list[AreaCode] = []
    for alarm in danger.alarms:
        others = tuple(each for each in alarm.sources if not _is(each, source))
        if len(others) == len(alarm.sources) or not _is_meant(claim, alarm, situation):
            left.append(alarm)
        elif others:
            left.append(replace(alarm, sources=others))
        elif alarm.confirmed_at > source.at:
            left.append(alarm)  # the same channel said it again, and is listed once
        else:
            gone.append(alarm.area)
    dangers = with_danger(situation.dangers, replace(danger, alarms=tuple(left)))
    return _told(situation, replace(situation, dangers=dangers), claim.hazard, gone, retraction)


def take_back_all(situation: Situation, hazard: Hazard, retraction: Retraction) -> Step:
    """The whole danger was never so, whoever said it."""
    danger = situation.danger(hazard)
    if danger is None:
        return Step(situation=situation, changes=())
    gone = [alarm.area for alarm in danger.alarms]
    dangers = with_danger(situation.dangers, replace(danger, alarms=(), exempt=()))
    return _told(situation, replace(situation, dangers=dangers), hazard, gone, retraction)


def correct(
    situation: Situation,
    claim: Claim,
    truth: Claim,
    source: Source,
    retraction: Retraction,
    areas: Areas,
) -> Step:
    """The post says something else: that is told as any threat, what was wrong is taken back
    where it does not hold any more. What is over is over: an old post raises nothing."""
    danger = situation.danger(claim.hazard)
    alarms = danger.alarms if danger else ()
    if not any(_rests_on(a, source) and _is_meant(claim, a, situation) for a in alarms):
        return Step(situation=situation, changes=())
    sure = replace(truth, weak=False, certainty=Certainty.OBSERVED, bounds_unclear=False)
    back = take_back(situation, claim, source, retraction)
    after, changes = threats.threaten(back.situation, sure, source, areas)
    danger = after.danger(claim.hazard)
    kept = {alarm.area for alarm in danger.alarms} if danger else set()
    retractions = tuple(
        replace(each, areas=tuple(area for area in each.areas if area not in kept))
        if each.version == situation.version + 1
        else each
        for each in after.retractions
    )
    after = replace(after, retractions=tuple(each for each in retractions if each.areas))
    return Step(situation=after, changes=(*back.changes, *changes))


def retraction(situation: Situation, source: Source | None, wrong: Wrong) -> Retraction:
    """An empty one, for what is about to be taken back."""
    return Retraction(
        hazard=Hazard.OTHER,
        areas=(),
        version=situation.version + 1,
        at=situation.at,
        wrong=wrong,
        source=source,
    )


def _told(
    before: Situation,
    after: Situation,
    hazard: Hazard,
    gone: list[AreaCode],
    retraction: Retraction,
) -> Step:
    if not gone:
        changes: tuple[Change, ...] = ()
        if after != before:  # one source less
            changes = (change(Transition.DELETED, hazard),)
        return Step(situation=after, changes=changes)
    note = replace(retraction, hazard=hazard, areas=tuple(gone))
    return Step(
        situation=replace(after, retractions=(*before.retractions, note)),
        changes=(change(Transition.TAKEN_BACK, hazard, *gone),),
    )


def _is_meant(claim: Claim, alarm: Alarm, situation: Situation) -> bool:
    """Of a post with several claims: whether the alarm is of this one."""
    if claim.continues and claim.unplaced:
        return True
    return alarm.area in (claim.areas or (situation.region,))


def _rests_on(alarm: Alarm, source: Source) -> bool:
    return any(_is(each, source) for each in alarm.sources)


def _is(one: Source, other: Source) -> bool:
    return (one.channel, one.message) == (other.channel, other.message)
