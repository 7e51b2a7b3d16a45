"""The timed jobs: one table, and the scheduler that carries it out.

Every job is idempotent and takes its time from the clock, so that it may run twice, late or not
at all; nothing that an alert waits for is here.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from storage import (
    alerts,
    attempts,
    audit,
    cards,
    letters,
    pictures,
    posts,
    proposals,
    situations,
)
from storage.database import Database
from storage.model import AreaCode, CardId

_log = logging.getLogger(__name__)

_FIRST_RUN = timedelta(minutes=1)
_LETTERS_KEPT = timedelta(days=3)
_BACKUPS_APART = timedelta(hours=20)

Chore = Callable[[datetime], Awaitable[None]]
"""A job's work, given the domain time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    name: str
    every: timedelta
    doc: str


JOBS: tuple[Job, ...] = (
    Job(
        name="watch-reader",
        every=timedelta(seconds=15),
        doc="page and mark the cards when Telegram has not answered the reader for 3 min",
    ),
    Job(name="heartbeat", every=timedelta(seconds=30), doc="note that the service lives"),
    Job(
        name="expire",
        every=timedelta(minutes=1),
        doc="mark danger that nobody closed as stale, close reports after 6 h",
    ),
    Job(name="retry", every=timedelta(minutes=1), doc="apply posts that failed or were cut off"),
    Job(
        name="reconcile",
        every=timedelta(minutes=10),
        doc="read every channel again from its cursor, compare the newest posts",
    ),
    Job(
        name="digest",
        every=timedelta(minutes=5),
        doc="in the morning owe the summary of the night to the chats that asked for it",
    ),
    Job(name="members", every=timedelta(hours=6), doc="refresh how many people a group reaches"),
    Job(name="prune", every=timedelta(hours=24), doc="forget old posts, versions and cards"),
    Job(name="backup", every=timedelta(hours=24), doc="copy the database, keep the last few"),
)


def schedule(chores: dict[str, Chore], now: Callable[[], datetime]) -> AsyncIOScheduler:
    """A scheduler for all of `JOBS`, not yet started."""
    scheduler = AsyncIOScheduler(timezone=UTC)
    begun = datetime.now(UTC)
    for job in JOBS:
        scheduler.add_job(
            _guarded,
            IntervalTrigger(seconds=job.every.total_seconds(), timezone=UTC),
            # A program that is restarted every day must still have its daily jobs done.
            next_run_time=begun + min(job.every, _FIRST_RUN),
            args=(job, chores[job.name], now),
            id=job.name,
            # Late is better than never, once is enough, and never two at a time.
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
    return scheduler


async def _guarded(job: Job, chore: Chore, now: Callable[[], datetime]) -> None:
    try:
        await chore(now())
    except Exception:  # noqa: BLE001 - the one of this loop: the next turn tries again
        _log.exception("the job %s failed; it is tried again in %s", job.name, job.every)


# --- chores that need nothing but the database ------------------------------------------------


async def heartbeat(database: Database, now: datetime) -> None:
    await database.write(lambda tx: audit.switch(tx, audit.Switch.HEARTBEAT, "alive", now))


async def prune(database: Database, now: datetime, *, posts_days: int, cards_days: int) -> None:
    """Forget what is older than so many days, in short writes: an alert waits for one of them."""
    shown = now - timedelta(days=cards_days)
    for prune, before in (
        (proposals.prune, now - timedelta(days=1)),
        (posts.prune, now - timedelta(days=posts_days)),
        (attempts.prune, shown),
        (cards.prune, shown),
        (alerts.prune, shown),
        (pictures.prune, shown),
        (letters.prune, now - _LETTERS_KEPT),
    ):
        while await database.write(partial(prune, before=before)):
            pass
    await _prune_versions(database, shown)


async def _prune_versions(database: Database, before: datetime) -> None:
    """Of the situations, but for what is before any chat's eyes."""
    needed: set[tuple[AreaCode, int]] = set()
    last: CardId | None = CardId(0)
    while last is not None:
        versions, last = await database.read(partial(cards.versions, after=last))
        needed |= versions
    after: tuple[AreaCode, int] | None = None
    while page := await database.read(partial(situations.old, before=before, after=after)):
        after = page[-1]
        useless = [each for each in page if each not in needed]
        await database.write(partial(situations.forget, versions=useless))


async def backup(
    database: Database, now: datetime, *, folder: Path, keep: int, anyway: bool = False
) -> Path | None:
    """Copy the database to ``folder``; the newest ``keep`` copies stay. None, and nothing is
    done, while the newest copy is younger than 20 h (the service was restarted)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    present = sorted(folder.glob("nabat-*.db"))
    if not anyway and present and present[-1].name > _backup_name(now - _BACKUPS_APART):
        return None
    target = folder / _backup_name(now)
    await database.backup(target)
    for old in [*present, target][:-keep]:
        old.unlink()
    return target


def _backup_name(at: datetime) -> str:
    return f"nabat-{at:%Y%m%d-%H%M%S}.db"
