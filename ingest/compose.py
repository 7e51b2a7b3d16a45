"""What a step of correlation publishes: the next version, its alert, its incidents. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from ingest.correlate.step import Step
from ingest.correlate.table import URGENCY
from storage.model import Alert, AreaCode, Danger, Hazard, Level, Situation, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An incident begins, or grows (the storage knows which)."""

    hazard: Hazard
    at: datetime
    peak: Level
    areas: tuple[AreaCode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    hazard: Hazard
    at: datetime
    ending: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    situation: Situation
    alert: Alert
    incidents: tuple[Opened | Closed, ...]


def compose(before: Situation, step: Step, now: datetime) -> Publication | None:
    """The next version of ``before``; None where the step changed nothing."""
    if step.situation == before:
        return None
    after = replace(step.situation, version=before.version + 1, at=now)
    # What did nothing touches nobody; what gives no reason is about the whole region.
    told = [c for c in step.changes if URGENCY[c.transition] is not Urgency.NONE]
    touched = sorted({area for c in told for area in c.areas} or {after.region})
    if any(not change.areas for change in told):
        touched = sorted({*touched, after.region})
    silent = Urgency.NONE if step.changes and not step.holds else Urgency.INFO
    urgency = min((URGENCY[c.transition] for c in told), default=silent)
    return Publication(
        situation=after,
        alert=Alert(
            region=after.region,
            version=after.version,
            urgency=urgency,
            touched=tuple(touched),
            published_at=now,
        ),
        incidents=tuple(_incidents(before, after, now)),
    )


def _incidents(before: Situation, after: Situation, now: datetime) -> list[Opened | Closed]:
    out: list[Opened | Closed] = []
    hazards = {d.hazard for d in before.dangers} | {d.hazard for d in after.dangers}
    for hazard in sorted(hazards):
        old, new = _live(before.danger(hazard)), after.danger(hazard)
        live = _live(new)
        if old and new is None:
            back = [r for r in after.retractions if r.hazard is hazard]
            if back and back[-1].version == after.version:
                out.append(Closed(hazard=hazard, at=now, ending="retracted"))
                continue
            at = [c.at for c in after.clears if c.hazard is hazard and c.areas]
            out.append(Closed(hazard=hazard, at=min([now, *at[-1:]]), ending="clear"))
        elif old and not live:
            out.append(Closed(hazard=hazard, at=now, ending="stale"))
        if new is not None and live and live != old:
            alarms = [a for a in new.alarms if a.stale_at is None]
            out.append(
                Opened(
                    hazard=hazard,
                    at=min(a.since for a in alarms),
                    peak=max(a.level for a in alarms),
                    areas=tuple(a.area for a in alarms),
                )
            )
    return out


def _live(danger: Danger | None) -> dict[AreaCode, tuple[datetime, Level]]:
    """Alarms of a hazard that are not stale: since when and how high."""
    if danger is None:
        return {}
    return {a.area: (a.since, a.level) for a in danger.alarms if a.stale_at is None}
