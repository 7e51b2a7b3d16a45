"""`nabat demo`: the real program on a Telegram of our own, through one scripted night.

Domain time is scaled; pace, time-outs and latency are real. Nothing in the program knows.
"""

import asyncio
import contextlib
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from bot.app.root import Ears, Nabat, Taken, running
from bot.clock import ScaledClock
from bot.decide import Lever
from bot.jobs import JOBS
from bot.outbox.work import Work
from bot.sandbox.bot_api_model import SandboxMessage
from bot.sandbox.world import API_HASH, TOKEN, Night, ScriptedChat, ScriptedPost, World
from bot.settings import (
    AdminSection,
    BotApiSection,
    BotSection,
    ChannelSection,
    ReaderSection,
    Settings,
    StorageSection,
)
from storage import cards, channels, chats, incidents
from storage.areas.tree import Areas
from storage.database import Tx
from storage.model import AreaCode, Chat, ChatId, ChatKind, Lang

LASTS = 12.0
"""Real seconds that the night takes."""
ADMIN = 700001
_READY = 10.0  # seconds until everything must be connected
_QUIET = 5.0  # seconds that the last messages may take after the night
_TICK = 0.02
MOSCOW = ZoneInfo("Europe/Moscow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a chat saw: ``lever`` as Telegram did it."""

    at: datetime
    chat: ScriptedChat
    lever: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A scripted post, and what was heard until the next one."""

    at: datetime
    channel: str
    post: ScriptedPost
    heard: tuple[Heard, ...] = ()


@dataclass(slots=True, kw_only=True)
class Report:
    """The closing figures. ``latencies``: seconds from a post to each chat that it told with a
    new message; ``silences``: why nothing was said, posts and chats counted apart."""

    posts: int = 0
    claims: Counter[str] = field(default_factory=Counter)
    incidents: int = 0
    levers: Counter[str] = field(default_factory=Counter)
    silent_posts: Counter[str] = field(default_factory=Counter)
    silent_chats: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    left: int = 0
    seconds: float = 0.0

    def percentile(self, n: int) -> float:
        """In milliseconds; 0 where nothing was told."""
        if len(self.latencies) < 2:
            return 1000 * sum(self.latencies)
        return 1000 * statistics.quantiles(self.latencies, n=100, method="inclusive")[n - 1]


class Show(Protocol):
    """Where the demo prints (`bot.show`)."""

    def said(self, said: Said) -> None: ...

    def cards(self, shown: list[tuple[ScriptedChat, list[SandboxMessage]]]) -> None: ...

    def report(self, report: Report) -> None: ...


async def demo(night: Night, areas: Areas, show: Show, *, lasts: float = LASTS) -> Report:
    """Run ``night`` in about ``lasts`` seconds."""
    begun = time.monotonic()
    clock = ScaledClock(night.start, (night.end - night.start).total_seconds() / lasts)
    stage = _Stage(night, show, clock)
    ears = Ears(taken=stage.taken, decided=stage.decided, told=stage.told)
    with tempfile.TemporaryDirectory(prefix="nabat-demo-") as folder:
        async with World(now=clock.now, strict=True) as world:
            for channel in night.channels:
                world.add_channel(channel.username, channel.title)
            world.bot_api.add_private_chat(ADMIN, name="Дежурный")
            for chat in night.chats:
                world.add_chat(chat)
            world.bot_api.on_change(stage.changed)
            settings = settings_of(night, world, Path(folder))
            session = world.telegram.session_string()
            async with running(
                settings, areas=areas, clock=clock, session=session, ears=ears
            ) as nabat:
                await nabat.database.write(lambda tx: _follow(tx, night, areas))
                async with asyncio.timeout(_READY):
                    await _until(nabat, partial(_all_read, of=len(night.channels)))
                clock.begin()
                await stage.play(world, nabat)
                stage.report.incidents = await nabat.database.read(
                    lambda tx: incidents.total(tx, night.start)
                )
                stage.report.left = await nabat.database.read(cards.backlog)
            show.cards([(chat, world.bot_api.messages(chat.id)) for chat in night.chats])
    stage.report.seconds = time.monotonic() - begun
    show.report(stage.report)
    return stage.report


class _Stage:
    """Lets the night happen and writes down what was said and heard."""

    def __init__(self, night: Night, show: Show, clock: ScaledClock) -> None:
        self.report = Report()
        self._night = night
        self._show = show
        self._clock = clock
        self._titles = {channel.username: channel.title for channel in night.channels}
        self._chats = {chat.id: chat for chat in night.chats}
        self._said: Said | None = None
        self._heard: list[Heard] = []
        self._posted: dict[tuple[int, int], float] = {}
        self._published: dict[tuple[AreaCode, int], float] = {}
        self._seen: set[tuple[int, str]] = set()

    async def play(self, world: World, nabat: Nabat) -> None:
        chores = asyncio.create_task(_keep_time(nabat, self._clock))
        try:
            for post in self._night.posts:
                await asyncio.sleep(self._clock.seconds_until(post.at))
                self._flush()
                channel = self._titles[post.channel]
                self._said = Said(at=post.at, channel=channel, post=post)
                at = time.monotonic()
                self._posted[world.play(post)] = at
            await asyncio.sleep(self._clock.seconds_until(self._night.end))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_QUIET):
                    await _until(nabat, _all_told)
        finally:
            chores.cancel()
        self._flush()

    def taken(self, taken: Taken) -> None:
        self.report.posts += 1
        post = self._posted.get((taken.post.channel, taken.post.message), time.monotonic())
        for version in taken.published:
            self._published[version] = post
        if taken.assessment is not None:
            for claim in taken.assessment.claims:
                self.report.claims[claim.kind] += 1
        if not taken.published:
            changes = [str(change.transition) for _, change in taken.changes]
            self.report.silent_posts[", ".join(changes) or str(taken.reason)] += 1

    def decided(self, work: Work) -> None:
        if work.decision.lever is Lever.SKIP:
            key = (work.card.id, f"{work.current.version}{work.decision.reason}")
            if key not in self._seen:
                self._seen.add(key)
                self.report.silent_chats[work.decision.reason.sentence] += 1

    def told(self, work: Work, at: float) -> None:
        self.report.levers[work.decision.lever] += 1
        posted = self._published.get((work.current.region, work.current.version))
        if posted is not None and work.decision.lever is not Lever.EDIT:
            self.report.latencies.append(at - posted)

    def changed(self, message: SandboxMessage) -> None:
        chat = self._chats.get(message.chat_id)
        if chat is None or message.deleted:
            return
        lever = "edit" if message.edits else "silent" if message.silent else "sound"
        self._heard.append(Heard(at=self._clock.now(), chat=chat, lever=lever, text=message.text))

    def _flush(self) -> None:
        if self._said is not None:
            said = self._said
            self._show.said(
                Said(at=said.at, channel=said.channel, post=said.post, heard=tuple(self._heard))
            )
        self._heard.clear()


async def _until(nabat: Nabat, true: Callable[[Tx], Awaitable[bool]]) -> None:
    """Look again and again: the program under show has no bell for the demo to hear."""
    while not await nabat.database.read(true):  # noqa: ASYNC110
        await asyncio.sleep(_TICK)


async def _all_read(tx: Tx, *, of: int) -> bool:
    return len(await channels.listed(tx)) >= of


async def _all_told(tx: Tx) -> bool:
    return not await cards.backlog(tx) and await cards.next_due(tx) is None


async def _keep_time(nabat: Nabat, clock: ScaledClock) -> None:
    """The timed jobs, in the night's own time; what falls due together runs once."""
    due = {job.name: clock.now() + job.every for job in JOBS}
    while True:
        now = clock.now()
        for job in JOBS:
            if due[job.name] <= now:
                due[job.name] = now + job.every
                await nabat.chores[job.name](now)
        await asyncio.sleep(_TICK)


async def _follow(tx: Tx, night: Night, areas: Areas) -> None:
    for chat in night.chats:
        kind = ChatKind(chat.kind)
        await chats.put(
            tx,
            Chat(
                id=ChatId(chat.id),
                kind=kind,
                lang=Lang.RU,
                members=chat.members,
                joined_at=night.start - timedelta(days=1),
            ),
        )
        for code in chat.follows:
            area = areas[code]
            region = areas.region_of(code)
            await chats.follow(tx, ChatId(chat.id), region.code, area.code, night.start)


def settings_of(night: Night, world: World, folder: Path) -> Settings:
    return Settings(
        reader=ReaderSection(
            api_id=1,
            api_hash=SecretStr(API_HASH),
            session=folder / "reader.session",
            poll_interval=1.0,
        ),
        bots=(BotSection(token=SecretStr(TOKEN)),),
        bot_api=BotApiSection(base_url=world.bot_api.url),
        storage=StorageSection(path=folder / "nabat.db", backup_folder=folder / "backups"),
        admins=AdminSection(ids=(ADMIN,)),
        channels=tuple(
            ChannelSection(
                username=channel.username,
                region=AreaCode(channel.region),
                declares=channel.declares,
            )
            for channel in night.channels
        ),
    )
