"""The composition root: every part made once, in one straight function, and run together.

Only this module and the commands know both `ingest` and `bot`.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from functools import partial
from pathlib import Path

from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError

from bot import digest, jobs, texts
from bot.app import lanes
from bot.app.bots import Lanes, Speaker, shares
from bot.broadcaster import Broadcaster
from bot.clock import Clock
from bot.gallery import Gallery
from bot.handlers.desk import Desk
from bot.jobs import Chore
from bot.outbox.lane import Outbox
from bot.outbox.work import Work
from bot.pace import Pace
from bot.pager import Pager
from bot.roles import Role, those
from bot.sender import Sender
from bot.session import Session
from bot.settings import BotSection, Settings
from bot.turns import Turns
from ingest.by_hand import ByHand
from ingest.classify import Classifier
from ingest.correlate.step import correlate
from ingest.levels import LevelsError, load_levels
from ingest.listener.listener import Listener
from ingest.listener.settings import ReaderSettings, Timing
from ingest.pipeline import Correlate, Pipeline
from ingest.pipeline import Taken as Taken
from storage import channels, chats
from storage.areas.tree import Areas
from storage.database import Database
from storage.model import AreaCode, Share

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ears:
    """Who else wants to know: the demo, the replay, the tests, the bench."""

    taken: Callable[[Taken], None] = lambda taken: None
    decided: Callable[[Work], None] = lambda work: None
    told: Callable[[Work, float], None] = lambda work, at: None
    correlate: Correlate = correlate


@dataclass(frozen=True, slots=True, kw_only=True)
class Nabat:
    """A running whole. ``chores`` are the timed jobs, by the names in `bot.jobs.JOBS`; whoever
    has a running one drives them: the scheduler, or the demo in its own time."""

    database: Database
    pipeline: Pipeline
    listener: Listener
    bots: Lanes
    pager: Pager
    chores: dict[str, Chore]
    reread: Callable[[], Awaitable[None]]


class Order(StrEnum):
    """What the operating system may ask of the service: SIGTERM and SIGINT, SIGHUP."""

    STOP = auto()
    REREAD = auto()


@contextlib.asynccontextmanager
async def running(
    settings: Settings,
    *,
    areas: Areas,
    clock: Clock,
    monotonic: Callable[[], float] = time.monotonic,
    session: str | None = None,
    ears: Ears | None = None,
) -> AsyncIterator[Nabat]:
    """Everything up and working, until the block is left; then ended cleanly.

    ``session``: a Telethon StringSession in place of the session file. Raises StorageError where
    the database cannot be used and LevelsError where the own table of regions cannot; whatever
    else goes wrong inside ends the block with an ExceptionGroup.
    """
    ears = ears or Ears()
    words = texts.load()
    levels = load_levels(settings.parser.levels, areas)
    classifier = Classifier(areas, levels)

    def neighbours(region: AreaCode) -> tuple[AreaCode, ...]:
        return levels.neighbours(region)

    def one_tier(region: AreaCode) -> bool:
        return levels.one_tier(region)

    async with contextlib.AsyncExitStack() as stack:
        database = await stack.enter_async_context(await Database.open(settings.storage.path))
        speakers = [
            _speaker(section, share, settings.bot_api.base_url, monotonic, stack)
            for section, share in zip(settings.bots, shares(settings.bots, areas), strict=True)
        ]
        url = settings.admins.page_url
        usernames: dict[int, str] = {}
        pager = Pager(
            database=database,
            voices=speakers,
            usernames=usernames,
            admins=those(settings.admins.roles, Role.OPERATOR),
            page_url=None if url is None else url.get_secret_value(),
            areas=areas,
            texts=words,
            clock=clock,
            monotonic=monotonic,
        )
        outboxes = [
            Outbox(
                database=database,
                sender=speaker.sender,
                pace=speaker.pace,
                areas=areas,
                texts=words,
                clock=clock,
                monotonic=monotonic,
                page=pager.page,
                on_decided=ears.decided,
                on_told=ears.told,
                share=speaker.share,
                neighbours=neighbours,
                one_tier=one_tier,
                bot=speaker.bot.id,
            )
            for speaker in speakers
        ]
        bots = Lanes(speakers=speakers, outboxes=outboxes, usernames=usernames)

        broadcaster = Broadcaster(
            database=database,
            voices=speakers,
            areas=areas,
            texts=words,
            clock=clock,
            monotonic=monotonic,
        )

        def wake() -> None:
            bots.wake()
            pager.wake()
            broadcaster.wake()

        pipeline = Pipeline(
            database=database,
            classifier=classifier,
            areas=areas,
            max_age=levels.max_age,
            now=clock.now,
            wake=wake,
            page=pager.page,
            on_taken=ears.taken,
            correlate=ears.correlate,
        )

        async def reread() -> None:
            """Only a table without a mistake replaces the one in use."""
            nonlocal levels
            try:
                fresh = load_levels(settings.parser.levels, areas)
            except LevelsError as problem:
                text = f"{problem}. The table read before stays in use."
                await pager.page(f"levels:{clock.now():%Y-%m-%dT%H}:{problem}", text)
                return
            levels = fresh
            pipeline.use(Classifier(areas, fresh), fresh.max_age)
            _log.info("the table of regions was read again")

        danger: set[AreaCode] = set()
        listener = Listener(
            settings=_reader(settings, session),
            database=database,
            deliver=pipeline.take,
            now=clock.now,
            monotonic=monotonic,
            in_danger=lambda: danger,
        )
        watch = lanes.ReaderWatch(
            listener=listener,
            pipeline=pipeline,
            pager=pager,
            database=database,
            danger=danger,
            monotonic=monotonic,
        )

        async def back_up() -> str:
            path = await jobs.backup(
                database,
                clock.now(),
                folder=settings.storage.backup_folder,
                keep=settings.storage.backups_kept,
                anyway=True,
            )
            return "" if path is None else path.name

        operations = lanes.OperatorWishes(
            database=database,
            by_hand=ByHand(database=database, areas=areas, now=clock.now, wake=wake),
            listener=listener,
            areas=areas,
            silent_for=watch.silent_for,
            back_up=back_up,
        )
        chores: dict[str, Chore] = {
            "watch-reader": watch.look,
            "heartbeat": partial(jobs.heartbeat, database),
            "expire": partial(_expire, pipeline),
            "retry": partial(_retry, pipeline),
            "reconcile": partial(_reconcile, database, listener),
            "digest": partial(digest.owe_all, database, areas, words),
            "members": partial(_count_members, database, speakers),
            "prune": partial(
                jobs.prune,
                database,
                posts_days=settings.storage.keep_posts_days,
                cards_days=settings.storage.keep_cards_days,
            ),
            "backup": partial(
                _backup,
                database,
                folder=settings.storage.backup_folder,
                keep=settings.storage.backups_kept,
            ),
        }
        desk = partial(
            Desk,
            database=database,
            areas=areas,
            texts=words,
            now=clock.now,
            admins=settings.admins.roles,
            operations=operations,
            wake=wake,
            neighbours=neighbours,
            one_tier=one_tier,
            gallery=Gallery(),
        )
        await pipeline.retry()  # what a kill cut off between two posts
        async with asyncio.TaskGroup() as group:
            seeds = settings.channels
            tasks = [
                group.create_task(lane)
                for lane in (
                    lanes.read(listener, pager),
                    lanes.plant_seeds(seeds, database, listener, pager),
                    *(
                        lanes.deliver(speaker, outbox, pager)
                        for speaker, outbox in zip(speakers, outboxes, strict=True)
                    ),
                    pager.run(),
                    broadcaster.run(),
                    *(lanes.converse(speaker, bots, desk, words, pager) for speaker in speakers),
                )
            ]
            try:
                yield Nabat(
                    database=database,
                    pipeline=pipeline,
                    listener=listener,
                    bots=bots,
                    pager=pager,
                    chores=chores,
                    reread=reread,
                )
            finally:
                for task in tasks:
                    task.cancel()


async def run(
    settings: Settings, *, areas: Areas, clock: Clock, orders: asyncio.Queue[Order]
) -> None:
    """The background service: until it is ordered to stop."""
    async with running(settings, areas=areas, clock=clock) as nabat:
        scheduler = jobs.schedule(nabat.chores, clock.now)
        scheduler.start()
        _log.info("nabat is running")
        try:
            while await orders.get() is not Order.STOP:
                await nabat.reread()
        finally:
            scheduler.shutdown(wait=False)
    _log.info("nabat has ended cleanly")


def _reader(settings: Settings, session: str | None) -> ReaderSettings:
    return ReaderSettings(
        api_id=settings.reader.api_id,
        api_hash=settings.reader.api_hash.get_secret_value(),
        session=session or settings.reader.session,
        timing=Timing(poll=settings.reader.poll_interval),
    )


# --- chores that need more than the database --------------------------------------------------


async def _expire(pipeline: Pipeline, now: datetime) -> None:
    await pipeline.age()


async def _retry(pipeline: Pipeline, now: datetime) -> None:
    await pipeline.retry()


async def _reconcile(database: Database, listener: Listener, now: datetime) -> None:
    await listener.reconcile(await database.read(channels.listed))


async def _backup(database: Database, now: datetime, *, folder: Path, keep: int) -> None:
    await jobs.backup(database, now, folder=folder, keep=keep)


async def _count_members(database: Database, speakers: Sequence[Speaker], now: datetime) -> None:
    """Ask how many people each group reaches, one a second: this is no hurry. Of several bots the
    first that is there."""
    for chat in await database.read(chats.crowds):
        for speaker in speakers:
            try:
                members = await speaker.bot.get_chat_member_count(chat.telegram)
            except (TelegramAPIError, ClientDecodeError) as problem:
                _log.info("members of chat %s are not known: %s", chat.id, problem)
            else:
                await database.write(partial(chats.set_members, chat=chat, members=members))
                break
        await asyncio.sleep(1)


def _speaker(
    section: BotSection,
    share: Share,
    base_url: str,
    monotonic: Callable[[], float],
    stack: contextlib.AsyncExitStack,
) -> Speaker:
    pace = Pace()
    session = Session(base_url, turns=Turns(pace, monotonic))
    stack.push_async_callback(session.close)
    bot = Bot(section.token.get_secret_value(), session=session)
    return Speaker(bot=bot, pace=pace, sender=Sender(bot), share=share)
