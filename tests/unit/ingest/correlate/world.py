"""A region, its channels and what they say: shared by the tests of correlation."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from ingest.compose import Publication, compose
from ingest.correlate import step
from ingest.correlate.clears import Hold
from ingest.correlate.step import Reading, Step
from ingest.correlate.table import Transition
from storage.areas.tree import Areas, load
from storage.model import (
    Alarm,
    AreaCode,
    Casualties,
    Channel,
    ChannelId,
    Claim,
    Clear,
    Event,
    Hazard,
    Kind,
    Level,
    Situation,
    Source,
)

REGION = AreaCode("RU-KLU")
BOROVSKY = AreaCode("RU-KLU/borovsky")
BALABANOVO = AreaCode("RU-KLU/borovsky/balabanovo")
ZHUKOVSKY = AreaCode("RU-KLU/zhukovsky")
LYUDINOVSKY = AreaCode("RU-KLU/lyudinovsky")
LYUDINOVO = AreaCode("RU-KLU/lyudinovsky/lyudinovo")
"""A town beside the district of its name (`Area.apart`)."""
KALUGA = AreaCode("RU-KLU/kaluga")
START = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


@cache
def areas() -> Areas:
    return load()


def channel(number: int, area: str = REGION, *, declares: bool = True) -> Channel:
    return Channel(
        id=ChannelId(number),
        access_hash=number,
        username=f"channel{number}",
        title=f"Channel {number}",
        area=AreaCode(area),
        declares=declares,
        added_at=START,
    )


GOVERNOR = channel(1)
RESCUERS = channel(2)
REPORTER = channel(3, declares=False)
NEIGHBOUR = channel(4, "RU-TUL")
MINISTRY = channel(5, "RU")


def threat(
    *places: AreaCode,
    hazard: Hazard = Hazard.UAV,
    level: Level = Level.DECLARED,
    excluded: tuple[AreaCode, ...] = (),
    continues: bool = False,
    renewed: bool = False,
) -> Claim:
    return Claim(
        kind=Kind.THREAT,
        hazard=hazard,
        level=level,
        areas=places or (REGION,),
        excluded=excluded,
        partial=bool(excluded) or bool(places and REGION not in places),
        continues=continues,
        renewed=renewed,
    )


def all_clear(
    *places: AreaCode,
    hazard: Hazard = Hazard.UAV,
    excluded: tuple[AreaCode, ...] = (),
    upper_tier: bool = False,
) -> Claim:
    return Claim(
        kind=Kind.ALL_CLEAR,
        hazard=hazard,
        areas=places or (REGION,),
        excluded=excluded,
        partial=bool(excluded) or upper_tier or bool(places and REGION not in places),
        upper_tier=upper_tier,
    )


def said(
    kind: Kind, *places: AreaCode, dead: int | None = None, injured: int | None = None
) -> Claim:
    harm = Casualties(dead=dead, injured=injured)
    return Claim(
        kind=kind,
        hazard=Hazard.UAV,
        areas=places or (REGION,),
        casualties=None if dead is None and injured is None else harm,
    )


@dataclass(slots=True)
class World:
    """One region as time goes by. Minutes count from `START`."""

    situation: Situation = field(
        default_factory=lambda: Situation(region=REGION, version=7, at=START)
    )
    published: list[Publication] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    _posts: dict[tuple[int, int], tuple[float, tuple[Claim, ...]]] = field(default_factory=dict)
    _next: int = 100

    def say(
        self,
        *claims: Claim,
        at: float,
        by: Channel = GOVERNOR,
        message: int | None = None,
        quote: str = "",
        now: float | None = None,
    ) -> Step:
        """A new post; with the ``message`` of a known one, its edit, made ``at``."""
        if message is None:
            message = self._next + 1
        self._next = max(self._next, message)
        posted, former = self._posts.get((by.id, message), (at, ()))
        self._posts[by.id, message] = (posted, claims)
        reading = Reading(
            channel=by,
            source=source(by, message, at, quote),
            posted_at=START + timedelta(minutes=posted),
            claims=tuple(enumerate(claims)),
            quotes=tuple(quote or f"{claim.kind}" for claim in claims),
            former=former,
        )
        time = START + timedelta(minutes=at if now is None else now)
        done = step.correlate(self.situation, reading, areas(), time)
        self.holds += [hold for _, hold in done.holds]
        self.take(done, at if now is None else now)
        return done

    def take(self, done: Step, at: float) -> Step:
        made = compose(self.situation, done, START + timedelta(minutes=at))
        if made is not None:
            self.published.append(made)
            self.situation = made.situation
        return done

    @property
    def last_message(self) -> int:
        return self._next

    def places(self, hazard: Hazard = Hazard.UAV) -> dict[AreaCode, Level]:
        return {a.area: a.level for d, a in self.situation.alarms() if d.hazard is hazard}

    def exempt(self, hazard: Hazard = Hazard.UAV) -> tuple[AreaCode, ...]:
        danger = self.situation.danger(hazard)
        return () if danger is None else danger.exempt

    def alarm(self, area: AreaCode, hazard: Hazard = Hazard.UAV) -> Alarm:
        return next(a for d, a in self.situation.alarms() if d.hazard is hazard and a.area == area)

    def event(self, kind: Kind) -> Event:
        return next(e for e in self.situation.events if e.kind is kind)

    @property
    def told_clears(self) -> list[Clear]:
        """All-clears that ended something."""
        return [clear for clear in self.situation.clears if clear.areas]


def source(by: Channel, message: int, at: float, quote: str = "") -> Source:
    time = START + timedelta(minutes=at)
    return Source(
        channel=by.id,
        message=message,
        title=by.title,
        link=by.link(message),
        quote=quote,
        at=time,
        received_at=time,
    )


def rows(done: Step) -> list[Transition]:
    return [change.transition for change in done.changes]


def weak(claim: Claim) -> Claim:
    return replace(claim, weak=True)
