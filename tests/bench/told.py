"""What chats were told in a raid: how soon, and whether it is right in the end."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.pace import PER_SECOND
from bot.view import view
from storage import cards, situations
from storage.areas.tree import Areas
from storage.database import Database, Tx
from storage.model import AreaCode, ChatId, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """By an accepted request; ``asked``: when it came to the door, monotonic seconds."""

    chat: ChatId
    version: int
    asked: float


async def waited(
    database: Database,
    areas: Areas,
    followed: Mapping[ChatId, AreaCode],
    published: Mapping[tuple[AreaCode, int], float],
    told: Sequence[Told],
) -> tuple[list[float], list[float], int]:
    """Of each urgent version, until the first request that tells of it or of a later one, and
    the floor of that; how many were never told to anybody though somebody follows what they
    touch."""
    heard: defaultdict[ChatId, list[Told]] = defaultdict(list)
    for each in told:
        heard[each.chat].append(each)
    found, floor, unsaid, free = [], [], 0, 0.0
    for (region, version), at in published.items():
        touched = await database.read(
            lambda tx, r=region, v=version: _urgent(tx, r, v)  # type: ignore[misc]
        )
        concerned = [
            chat
            for chat, area in followed.items()
            if any(areas.contains(t, area) or areas.contains(area, t) for t in touched)
        ]
        times = [
            each.asked
            for chat in concerned
            for each in heard[chat]
            if each.version >= version and each.asked >= at
        ]
        if times:
            found.append(min(times) - at)
            floor.append(max(at, free) - at)
            free = max(at, free) + 1 / PER_SECOND
        elif concerned:
            unsaid += 1
    return found, floor, unsaid


async def _urgent(tx: Tx, region: AreaCode, version: int) -> Sequence[AreaCode]:
    """What the version touched; nothing if it was not urgent."""
    rows = await tx.all(
        """SELECT value AS area FROM alerts, json_each(touched)
           WHERE region = :region AND version = :version AND urgency = :urgent""",
        region=region,
        version=version,
        urgent=int(Urgency.URGENT),
    )
    return [AreaCode(row["area"]) for row in rows]


async def wrong(
    database: Database,
    areas: Areas,
    followed: Mapping[ChatId, AreaCode],
    active: frozenset[AreaCode],
) -> tuple[ChatId, ...]:
    """Chats whose newest card does not show danger exactly where it is."""
    wrong = []
    for chat, follow in followed.items():
        so = {area for area in active if areas.contains(follow, area)}
        if await database.read(lambda tx, c=chat, f=follow: _shown(tx, c, f, areas)) != so:  # type: ignore[misc]
            wrong.append(chat)
    return tuple(wrong)


async def _shown(tx: Tx, chat: ChatId, follow: AreaCode, areas: Areas) -> set[AreaCode]:
    """Where the chat's live message says that danger is in force."""
    newest = next(iter(await cards.of_chat(tx, chat)), None)
    if newest is None or newest.shown is None or not newest.open:
        return set()
    situation = await situations.version(tx, newest.region, newest.shown)
    assert situation is not None
    threats = view(situation, (follow,), areas).threats
    return {reach.area for threat in threats for reach in threat.reaches}


async def misread(
    database: Database, areas: Areas, active: frozenset[AreaCode]
) -> tuple[AreaCode, ...]:
    now = {s.region: s for s in await database.read(situations.latest)}
    return tuple(
        region.code
        for region in areas.regions("UA")
        if {a for a in active if areas.contains(region.code, a)}
        != {alarm.area for _, alarm in (now[region.code].alarms() if region.code in now else ())}
    )
