"""The summary of a night for those who asked: owed as a letter at eight in the morning.

Once a day, by the letter's key; a chat of which there was nothing to say has an empty one.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from bot.message import Message
from bot.screens.digest import Night, Statement, digest
from bot.screens.speech import Speech
from bot.texts import Texts
from storage import channels, chats, codec, incidents, letters, posts
from storage.areas.tree import Areas
from storage.database import Database, Tx
from storage.model import AreaCode, ChatId, Lang, Wishes

HOUR: Final = 8
_LATEST: Final = 11
"""From this hour on it is nobody's morning any more: a service that was down lets it be."""
_NIGHT: Final = timedelta(hours=12)
_AT_ONCE: Final = 200  # chats


async def owe_all(database: Database, areas: Areas, texts: Texts, now: datetime) -> None:
    for zone, regions in _zones(areas).items():
        local = now.astimezone(ZoneInfo(zone))
        if not HOUR <= local.hour < _LATEST:
            continue
        begun = local.replace(hour=HOUR, minute=0, second=0, microsecond=0).astimezone(UTC)
        until = local.replace(hour=_LATEST, minute=0, second=0, microsecond=0).astimezone(UTC)
        key = f"digest:{local:%Y-%m-%d}"
        due = partial(letters.without, key=key, regions=frozenset(regions), limit=_AT_ONCE)
        night: Night | None = None
        page = await database.read(due)
        while True:
            if page.waiting and night is None:
                night = await database.read(partial(_night, since=begun - _NIGHT))
            if page.waiting and night is not None:
                waiting = page.waiting
                await _owe(database, areas, texts, night, waiting, key=key, now=now, until=until)
            if page.last is None:
                break
            page = await database.read(partial(due, after=page.last))


async def _owe(
    database: Database,
    areas: Areas,
    texts: Texts,
    night: Night,
    waiting: Sequence[tuple[ChatId, AreaCode]],
    *,
    key: str,
    now: datetime,
    until: datetime,
) -> None:
    audience = await database.read(lambda tx: chats.audience(tx, [chat for chat, _ in waiting]))
    known: dict[tuple[Lang, Wishes, tuple[AreaCode, ...]], Message | None] = {}
    bodies: dict[ChatId, str] = {}
    for id, (chat, follows) in audience.items():
        variant = chat.lang, chat.wishes, follows
        if variant not in known:
            await asyncio.sleep(0)  # an alert does not wait for all of them
            speech = Speech(words=texts[chat.lang], areas=areas)
            known[variant] = digest(speech, night, follows, chat.wishes, now)
        message = known[variant]
        bodies[id] = "" if message is None else codec.dump(message)

    async def write(tx: Tx) -> None:
        for id, region in waiting:
            body = bodies.get(id, "")
            await letters.owe(tx, id, key, body, region=region, at=now, until=until)

    await database.write(write)


async def _night(tx: Tx, since: datetime) -> Night:
    known = {channel.id: channel for channel in await channels.listed(tx)}
    statements = [
        Statement(
            channel=known[stored.post.channel],
            message=stored.post.message,
            at=stored.post.date,
            claims=stored.assessment.claims,
        )
        for stored in await posts.with_figures(tx, since)
        if stored.assessment is not None and stored.post.channel in known
    ]
    by_region = defaultdict(list)
    for incident in await incidents.recent(tx, since):
        by_region[incident.region].append(incident)
    return Night(since=since, statements=statements, incidents=dict(by_region))


def _zones(areas: Areas) -> dict[str, list[AreaCode]]:
    found: defaultdict[str, list[AreaCode]] = defaultdict(list)
    for region in areas.regions():
        found[region.timezone or "UTC"].append(region.code)
    return dict(found)
