"""The summary of a night for those who asked: owed as a letter at the chat's hour of the morning.

Once a day, by the letter's key; a chat of which there was nothing to say has an empty one.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from bot.message import Message
from bot.quiet import Morning, morning_now, zone_of
from bot.screens.digest import Night, Statement, digest
from bot.screens.speech import Speech
from bot.texts import Texts
from storage import channels, chats, codec, incidents, letters, posts
from storage.areas.tree import Areas
from storage.database import Database, Tx
from storage.model import AreaCode, ChatId, Lang, Wishes

KEY: Final = "digest:"
_AT_ONCE: Final = 200  # chats


async def owe_all(database: Database, areas: Areas, texts: Texts, now: datetime) -> None:
    nights: dict[datetime, Night] = {}
    after: ChatId | None = None
    while page := await database.read(
        partial(letters.readers, prefix=KEY, after=after, limit=_AT_ONCE)
    ):
        after = page[-1].chat
        due: defaultdict[Morning, list[tuple[ChatId, AreaCode]]] = defaultdict(list)
        for each in page:
            morning = morning_now(each.wishes, zone_of(each.wishes, (each.home,), areas), now)
            if morning is not None and _key(morning) != each.last:
                due[morning].append((each.chat, each.home))
        for morning, waiting in due.items():
            if morning.since not in nights:
                nights[morning.since] = await database.read(partial(_night, since=morning.since))
            night = nights[morning.since]
            await _owe(database, areas, texts, night, waiting, morning=morning, now=now)


def _key(morning: Morning) -> str:
    return f"{KEY}{morning.day:%Y-%m-%d}"


async def _owe(
    database: Database,
    areas: Areas,
    texts: Texts,
    night: Night,
    waiting: Sequence[tuple[ChatId, AreaCode]],
    *,
    morning: Morning,
    now: datetime,
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

    key, until = _key(morning), morning.until

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
