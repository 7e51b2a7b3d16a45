"""What time alone does to a situation: it makes danger stale, never over. Pure."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ingest.correlate.step import Step
from ingest.correlate.table import REPORT_AGE, REPORTS, Change, Transition
from storage.model import AreaCode, Situation


def age(situation: Situation, now: datetime, max_age: Callable[[AreaCode], timedelta]) -> Step:
    """Mark alarms that nobody confirmed for ``max_age`` as stale; close an old report."""
    limit = max_age(situation.region)
    changes: list[Change] = []
    dangers = []
    for danger in situation.dangers:
        old = [
            alarm
            for alarm in danger.alarms
            if alarm.stale_at is None and now - alarm.confirmed_at >= limit
        ]
        if old:
            areas = tuple(alarm.area for alarm in old)
            changes.append(Change(transition=Transition.STALE, hazard=danger.hazard, areas=areas))
        dangers.append(
            replace(
                danger,
                alarms=tuple(
                    replace(alarm, stale_at=now) if alarm in old else alarm
                    for alarm in danger.alarms
                ),
            )
        )
    after = replace(situation, dangers=tuple(dangers)) if changes else situation
    reports = (event.at for event in situation.events if event.kind in REPORTS)
    newest = max(reports, default=situation.reported_since)
    if situation.reported_since is not None and newest is not None and now - newest >= REPORT_AGE:
        after = replace(after, reported_since=None)
        changes.append(Change(transition=Transition.REPORT_OVER, areas=(situation.region,)))
    return Step(situation=after, changes=tuple(changes))


def lose(situation: Situation, since: datetime) -> Step:
    """We cannot hear the sources; said once, on cards that show danger."""
    if situation.lost_since is not None or not situation.active:
        return Step(situation=situation, changes=())
    change = Change(transition=Transition.SOURCES_LOST, areas=(situation.region,))
    return Step(situation=replace(situation, lost_since=since), changes=(change,))


def regain(situation: Situation) -> Step:
    if situation.lost_since is None:
        return Step(situation=situation, changes=())
    change = Change(transition=Transition.SOURCES_BACK, areas=(situation.region,))
    return Step(situation=replace(situation, lost_since=None), changes=(change,))
