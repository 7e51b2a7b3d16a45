"""What screens show, read in one turn of the database."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.decide import decide
from bot.handlers.desk import READER_DEAF
from bot.outbox.judge import concerned
from bot.pulls import hazards_of
from bot.quiet import OneTier
from bot.screens import turned_off
from bot.screens.admin import Health
from bot.screens.chart import Known
from bot.screens.hearing import Hearing, is_heard
from bot.screens.panel import Panel
from bot.screens.speech import Speech
from bot.screens.status import Glance
from bot.screens.why import Why
from bot.view import View, newest, of_episode, sources_of, view, view_of
from storage import (
    attempts,
    audit,
    cards,
    channels,
    chats,
    incidents,
    posts,
    reviews,
    silences,
    situations,
)
from storage.areas.tree import Areas
from storage.database import Tx
from storage.incidents import Incident
from storage.model import (
    AreaCode,
    Card,
    CardId,
    Channel,
    ChatId,
    ChatState,
    Situation,
    Source,
    Wishes,
)
from storage.silences import Silence


async def channels_of(tx: Tx, areas: Areas, region: AreaCode) -> Sequence[Channel]:
    """The channels we read that speak for a region."""
    listed = await channels.listed(tx)
    return [channel for channel in listed if areas.contains(channel.area, region)]


async def glances(tx: Tx, areas: Areas, chat: ChatId, now: datetime) -> list[Glance]:
    """One of each region in which the chat follows anything."""
    follows = [code for code in await chats.followed(tx, chat) if code in areas]
    found = []
    for region in dict.fromkeys(areas.region_of(code).code for code in follows):
        inside = tuple(code for code in follows if areas.contains(region, code))
        situation = await situations.current(tx, region)
        found.append(
            Glance(
                region=region,
                seen=None if situation is None else view(situation, inside, areas),
                channels=await channels_of(tx, areas, region),
                silences=await silences.in_force(tx, now, region),
            )
        )
    return found


async def charted(
    tx: Tx, areas: Areas, chat: ChatId, state: ChatState, now: datetime, *, deaf: bool
) -> tuple[Known, tuple[AreaCode, ...]]:
    """What a map may show, and the regions in which the chat follows anything. A muted channel is
    not heard."""
    follows = [code for code in await chats.followed(tx, chat) if code in areas]
    heard = [each.area for each in await channels.listed(tx) if is_heard(each, now)]
    known = Known(
        situations={each.region: each for each in await situations.latest(tx)},
        heard=frozenset(
            region.code
            for region in areas.regions()
            if any(areas.contains(area, region.code) for area in heard)
        ),
        deaf=deaf,
        state=state,
    )
    return known, tuple(dict.fromkeys(areas.region_of(code).code for code in follows))


async def incidents_of(
    tx: Tx, areas: Areas, chat: ChatId, now: datetime, *, days: int
) -> list[Incident] | None:
    """Those that were in force in the chat's places within so many days, newest first. None: it
    follows nothing."""
    follows = await chats.followed(tx, chat)
    if not follows:
        return None
    since = now - timedelta(days=days)
    found: list[Incident] = []
    for region in dict.fromkeys(AreaCode(code.partition("/")[0]) for code in follows):
        found += [
            incident
            for incident in await incidents.of_region(tx, region, since)
            if any(
                areas.contains(code, place) or areas.contains(place, code)
                for code in follows
                for place in incident.areas
            )
        ]
    return sorted(found, key=lambda each: each.opened_at, reverse=True)


async def sources(
    tx: Tx, areas: Areas, chat: ChatId, now: datetime
) -> tuple[list[Channel], list[Silence], bool]:
    """The channels that speak for the chat's regions, and the silences there; all where it follows
    nothing. Whether they are its own."""
    follows = await chats.followed(tx, chat)
    listed = await channels.listed(tx)
    regions = {AreaCode(code.partition("/")[0]) for code in follows}
    own = [each for each in listed if any(areas.contains(each.area, code) for code in regions)]
    found = await silences.in_force(tx, now)
    if not follows:
        return list(listed), list(found), False
    return own, [each for each in found if each.region in regions], True


async def hearing(tx: Tx, silent_for: timedelta | None, now: datetime) -> Hearing:
    """``silent_for``: since the reader's last contact; None: it had none yet."""
    deaf = silent_for is None or silent_for >= READER_DEAF
    since = now - silent_for if deaf and silent_for is not None else None
    return Hearing(deaf=deaf, since=since, paused_since=await paused_since(tx))


async def notes(tx: Tx, speech: Speech, follows: Sequence[AreaCode], now: datetime) -> list[str]:
    """What operators turned off for a time in the regions of these places."""
    listed, found = await channels.listed(tx), await silences.in_force(tx, now)
    lines: list[str] = []
    for region in dict.fromkeys(AreaCode(code.partition("/")[0]) for code in follows):
        mine = [each for each in listed if speech.areas.contains(each.area, region)]
        voice = speech.voice(region, now)
        lines += [
            f"{speech.name(region)}: {each}" for each in turned_off.notes(voice, found, mine)
        ]
    return lines


async def why(
    tx: Tx, areas: Areas, chat: ChatId, card: CardId, now: datetime, one_tier: OneTier
) -> Why | None:
    """None: the chat has no such card."""
    found = await cards.get(tx, card)
    if found is None or found.chat != chat:
        return None
    whose, follows = (await chats.audience(tx, [chat]))[chat]
    current = await situations.current(tx, found.region)
    assert current is not None  # a card's region has a head: foreign key
    told = await _version(tx, found.region, found.told)
    return Why(
        card=found,
        chat=whose,
        head=current.version,
        decision=decide(
            card=found,
            chat=whose,
            follows=concerned(areas, follows, found),
            told=told,
            current=current if found.open or told is None else told,
            areas=areas,
            now=now,
            last_sound=(await cards.last_sounds(tx, [chat])).get(chat),
            one_tier=one_tier(found.region),
            silenced=hazards_of(await silences.in_force(tx, now, found.region)),
        ),
        attempts=await attempts.latest(tx, card, _ATTEMPTS),
    )


async def last_told(
    tx: Tx, areas: Areas, chat: ChatId, region: AreaCode
) -> tuple[Card, View, Wishes] | None:
    """The chat's newest card of a region that told it anything, with what it may know now."""
    told = (c for c in await cards.of_chat(tx, chat) if c.region == region and c.told is not None)
    card = next(told, None)
    audience = await chats.audience(tx, [chat])
    if card is None or chat not in audience:
        return None
    whose, follows = audience[chat]
    current = (
        await situations.current(tx, region)
        if card.open
        else await _version(tx, region, card.told)
    )
    mine = concerned(areas, follows, card)
    if current is None or not mine:
        return None
    return card, of_episode(view_of(card, current, mine, areas), card), whose.wishes


async def told(
    tx: Tx, areas: Areas, chat: ChatId, card: CardId
) -> tuple[Card, int, Source | None] | None:
    """What a card of the chat has told it: the version, and the post that says most of it. None:
    the chat has no such card, or was told nothing."""
    found = await cards.get(tx, card)
    if found is None or found.chat != chat or found.told is None:
        return None
    situation = await situations.version(tx, found.region, found.told)
    if situation is None:
        return found, found.told, None
    follows = concerned(areas, await chats.followed(tx, chat), found)
    seen = view_of(found, situation, follows, areas)
    sources = (
        *(source for threat in seen.threats for source in sources_of(threat)),
        *(clear.source for clear in seen.clears),
        *(source for event in seen.events for source in event.sources),
    )
    return found, found.told, newest(sources)


async def _version(tx: Tx, region: AreaCode, version: int | None) -> Situation | None:
    return None if version is None else await situations.version(tx, region, version)


_ATTEMPTS: Final = 10


async def health(tx: Tx, silent_for: timedelta | None) -> Health:
    return Health(
        silent_for=silent_for,
        behind=await cards.backlog(tx),
        failed=len(await posts.failed(tx)),
        paused_since=await paused_since(tx),
        troubled=[channel for channel in await channels.listed(tx) if channel.trouble],
        held=await reviews.count_waiting(tx),
    )


async def panel(tx: Tx, silent_for: timedelta | None, now: datetime) -> Panel:
    since = now - _PANEL_OF
    return Panel(
        health=await health(tx, silent_for),
        posts=await posts.tally(tx, since),
        sendings=await attempts.tally(tx, since),
        chats=await chats.tally(tx),
        channels=await channels.listed(tx),
        took=sorted(await attempts.took(tx, since)),
        silences=await silences.in_force(tx, now),
        incidents=await incidents.running(tx),
        owed=len(await audit.owed(tx, most_tries=1_000)),
    )


_PANEL_OF: Final = timedelta(hours=24)


async def paused_since(tx: Tx) -> datetime | None:
    row = await audit.switched(tx, audit.Switch.PAUSED)
    return row[1] if row is not None and await audit.paused(tx) else None
