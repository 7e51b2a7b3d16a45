"""The words for hazards, levels, places, times and events. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from bot.render.rich import clean, shorten
from bot.texts import Words, msg
from storage.areas.tree import Area, Areas
from storage.model import (
    AreaCode,
    Casualties,
    Count,
    Event,
    Hazard,
    Kind,
    Lang,
    Level,
    Measure,
    Qualifier,
)

NAME_LIMIT: Final = 60


HAZARDS: Final[dict[Hazard, str]] = {
    Hazard.UAV: msg("drones"),
    Hazard.NAVAL_DRONE: msg("naval drones"),
    Hazard.MISSILE: msg("missiles"),
    Hazard.AIR_RAID: msg("air attack"),
    Hazard.SHELLING: msg("shelling"),
    Hazard.FLOOD: msg("flood"),
    Hazard.FIRE: msg("fire"),
    Hazard.UTILITY: msg("public utilities"),
    Hazard.AIRSPACE: msg("airspace"),
    Hazard.OTHER: msg("emergency"),
}

LEVELS: Final[dict[Level, str]] = {
    Level.ADVISORY: msg("warning"),
    Level.DECLARED: msg("danger declared"),
    Level.IMMINENT: msg("imminent threat"),
}

_SHELTER: Final = msg("Take cover!")
_WINDOWS: Final = msg("Keep away from windows.")
_SHORE: Final = msg("Leave the shore.")
_READY_TO_GO: Final = msg("Be ready to leave.")
INSTRUCTIONS: Final = msg("Follow instructions.")
READY: Final = msg("Be ready.")

ACTIONS: Final[dict[Hazard, tuple[str, str]]] = {
    Hazard.UAV: (_WINDOWS, _SHELTER),
    Hazard.NAVAL_DRONE: (_SHORE, _SHORE),
    Hazard.MISSILE: (_SHELTER, _SHELTER),
    Hazard.AIR_RAID: (_SHELTER, _SHELTER),
    Hazard.SHELLING: (_SHELTER, _SHELTER),
    Hazard.FLOOD: (_READY_TO_GO, msg("Move to high ground!")),
    Hazard.FIRE: (_READY_TO_GO, msg("Get away from the fire!")),
    Hazard.UTILITY: (INSTRUCTIONS, INSTRUCTIONS),
    Hazard.AIRSPACE: (INSTRUCTIONS, INSTRUCTIONS),
    Hazard.OTHER: (INSTRUCTIONS, INSTRUCTIONS),
}
"""For the first line: what to do while the danger is declared, and when it is imminent."""

_INDOORS: Final = msg(
    "What to do: go to a shelter, a cellar or a room without windows. Do not go near debris,"
    " call 112."
)
_FOLLOW: Final = msg("What to do: follow the instructions of the emergency services, call 112.")

ADVICE: Final[dict[Hazard, str]] = {
    Hazard.UAV: _INDOORS,
    Hazard.NAVAL_DRONE: msg(
        "What to do: keep away from the shore and from windows facing the sea."
    ),
    Hazard.MISSILE: msg(
        "What to do: go to a shelter or a cellar at once. No time: sit on the floor behind two"
        " walls, away from windows."
    ),
    Hazard.AIR_RAID: _INDOORS,
    Hazard.SHELLING: msg(
        "What to do: go to a shelter or a cellar. Outdoors: lie down in any hollow and cover your"
        " head."
    ),
    Hazard.FLOOD: msg(
        "What to do: switch off power and gas, take documents and medicines, move to high ground."
    ),
    Hazard.FIRE: msg("What to do: move away across the wind, close windows and doors, call 112."),
    Hazard.UTILITY: _FOLLOW,
    Hazard.AIRSPACE: _FOLLOW,
    Hazard.OTHER: _FOLLOW,
}

DEBRIS: Final = frozenset(
    (Hazard.UAV, Hazard.NAVAL_DRONE, Hazard.MISSILE, Hazard.AIR_RAID, Hazard.SHELLING)
)
"""After these, dangerous remains may lie about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """In which language, of which region and at what time a message is written."""

    words: Words
    areas: Areas
    region: AreaCode
    now: datetime

    @property
    def zone(self) -> tzinfo:
        area = self.areas.find(self.region)
        return ZoneInfo(area.timezone) if area and area.timezone else UTC

    def say(self, message: str, **values: object) -> str:
        return self.words.say(message, **values)

    def hazard(self, hazard: Hazard) -> str:
        return self.words.say(HAZARDS[hazard])

    def level(self, level: Level) -> str:
        return self.words.say(LEVELS[level])

    def name(self, code: AreaCode) -> str:
        """Its full name; the code itself for a place that our tree no longer has."""
        area = self.areas.find(code)
        name = self._own_name(area) if area else str(code)
        return shorten(clean(name), NAME_LIMIT)

    def _own_name(self, area: Area) -> str:
        match self.words.lang:
            case Lang.RU:
                return area.name_ru
            case Lang.UK:
                return area.name_uk
            case Lang.EN:
                return area.name_en
            case _:
                assert_never(self.words.lang)

    def names(self, codes: Iterable[AreaCode], limit: int) -> str:
        """The first ``limit`` names, and how many more; the whole region for its own code."""
        unique = list(dict.fromkeys(codes))
        if any(self.areas.contains(code, self.region) for code in unique):
            return self.say("the whole region")
        shown = ", ".join(self.name(code) for code in unique[:limit])
        more = len(unique) - limit
        if more <= 0:
            return shown
        if not shown:
            return self.words.count("{n} district", "{n} districts", len(unique))
        return self.say("{names} and {n} more", names=shown, n=more)

    def clock(self, at: datetime) -> str:
        """HH:MM of the region, with the date if it is not today there."""
        local, today = at.astimezone(self.zone), self.now.astimezone(self.zone)
        return f"{local:%H:%M}" if local.date() == today.date() else f"{local:%d.%m %H:%M}"

    def lasting(self, period: timedelta) -> str:
        """«47 мин», «2 ч 5 мин»; never negative."""
        minutes = max(int(period.total_seconds()) // 60, 0)
        hours, rest = divmod(minutes, 60)
        if not hours:
            return self.say("{n} min", n=rest)
        if not rest or hours >= 10:
            return self.say("{n} h", n=hours)
        return self.say("{h} h {m} min", h=hours, m=rest)


# --- events ---------------------------------------------------------------------------------

_KINDS: Final[dict[Kind, str]] = {
    Kind.INTERCEPTION: msg("shot down: {hazard}"),
    Kind.DAMAGE: msg("damage"),
    Kind.CASUALTIES: msg("people harmed"),
    Kind.EVACUATION: msg("evacuation"),
    Kind.EVACUATION_OVER: msg("the evacuation is over"),
    Kind.OUTAGE: msg("outage"),
    Kind.RESTORED: msg("supply restored"),
    Kind.AIRSPACE_CLOSED: msg("airport or airspace closed"),
    Kind.AIRSPACE_OPEN: msg("airport or airspace open again"),
    Kind.DRILL: msg("drill"),
    Kind.CORRECTION: msg("correction"),
    Kind.INSTRUCTION: msg("instruction"),
    Kind.RECAP: msg("summary"),
    Kind.THREAT: msg("message about a danger"),
    Kind.ALL_CLEAR: msg("message about an all-clear"),
}
_ENDED: Final[dict[Kind, str]] = {
    Kind.EVACUATION: msg("the evacuation is over"),
    Kind.OUTAGE: msg("supply restored"),
    Kind.AIRSPACE_CLOSED: msg("airport or airspace open again"),
    Kind.DRILL: msg("the drill is over"),
}


def stated(voice: Voice, event: Event, places: int) -> str:
    """One event as its source stated it: what, how many, who was harmed, where, how sure."""
    parts = [_what(voice, event)]
    if event.casualties is not None:
        harm = _harm(voice, event.casualties, event.was)
        parts = harm if event.kind is Kind.CASUALTIES and harm else parts + harm
    where = ""
    if event.unnamed:
        where = voice.say("in one of the districts")
    elif event.areas and not any(voice.areas.contains(a, voice.region) for a in event.areas):
        where = voice.names(event.areas, max(places, 1))
    text = f"{where}: {', '.join(parts)}" if where else ", ".join(parts)
    marks = []
    if event.preliminary:
        marks.append(voice.say("preliminary"))
    if event.unconfirmed:
        marks.append(voice.say("not confirmed"))
    if event.withdrawn:
        marks.append(voice.say("the source took this back"))
    elif event.sources and all(source.deleted for source in event.sources):
        marks.append(voice.say("post deleted by the source"))
    return f"{text} ({', '.join(marks)})" if marks else text


def _what(voice: Voice, event: Event) -> str:
    if event.ended_at is not None and event.kind in _ENDED:
        return voice.say(_ENDED[event.kind])
    hazard = voice.hazard(event.hazard)
    if event.count is None:
        return voice.say(_KINDS[event.kind], hazard=hazard)
    amount = _amount(voice, event.count)
    match event.count.measure:
        case Measure.DESTROYED:
            return voice.say("shot down: {hazard} — {amount}", hazard=hazard, amount=amount)
        case Measure.DETECTED:
            return voice.say("detected: {hazard} — {amount}", hazard=hazard, amount=amount)
        case Measure.ATTACKED:
            return voice.say(
                "took part in the attack: {hazard} — {amount}", hazard=hazard, amount=amount
            )
        case _:
            assert_never(event.count.measure)


def _amount(voice: Voice, count: Count) -> str:
    match count.qualifier:
        case Qualifier.EXACT:
            return str(count.n)
        case Qualifier.AT_LEAST:
            return voice.say("at least {n}", n=count.n)
        case Qualifier.APPROX:
            return voice.say("about {n}", n=count.n)
        case Qualifier.INCREMENT:
            return voice.say("{n} more", n=count.n)
        case Qualifier.TOTAL:
            return voice.say("{n} in all", n=count.n)
        case _:
            assert_never(count.qualifier)


def _harm(voice: Voice, casualties: Casualties, was: Casualties | None) -> list[str]:
    parts = []
    if casualties.dead is not None:
        before = was.dead if was else None
        if before is not None and before != casualties.dead:
            parts.append(voice.say("killed: it was {was}, now {n}", was=before, n=casualties.dead))
        elif casualties.dead:
            parts.append(voice.say("killed: {n}", n=casualties.dead))
        else:
            parts.append(voice.say("nobody was killed"))
    if casualties.injured is not None:
        before = was.injured if was else None
        if before is not None and before != casualties.injured:
            parts.append(
                voice.say("injured: it was {was}, now {n}", was=before, n=casualties.injured)
            )
        elif casualties.injured:
            parts.append(voice.say("injured: {n}", n=casualties.injured))
        else:
            parts.append(voice.say("nobody was injured"))
    if casualties.children:
        parts.append(voice.say("children among them: {n}", n=casualties.children))
    return parts
