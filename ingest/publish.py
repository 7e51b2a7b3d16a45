"""A region's next version, with its alert and the incidents that it opens and closes."""

from datetime import datetime

from ingest.compose import Closed, Opened, compose
from ingest.correlate.step import Step
from storage import alerts, incidents, situations
from storage.database import Tx
from storage.model import AreaCode, Situation


async def current(tx: Tx, region: AreaCode, now: datetime) -> Situation:
    """An empty one where nothing was ever published."""
    return await situations.current(tx, region) or Situation(region=region, at=now)


async def publish(tx: Tx, before: Situation, done: Step, now: datetime) -> int | None:
    """The number of the version published; None where nothing changed."""
    publication = compose(before, done, now)
    if publication is None:
        return None
    await situations.append(tx, publication.situation)
    await alerts.publish(tx, publication.alert)
    for incident in publication.incidents:
        match incident:
            case Opened():
                await incidents.opened(
                    tx, before.region, incident.hazard, incident.at, incident.peak, incident.areas
                )
            case Closed():
                await incidents.closed(
                    tx, before.region, incident.hazard, incident.at, incident.ending
                )
    return publication.situation.version
