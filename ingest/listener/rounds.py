"""Which channel is read when, and what is remembered of those that could not be."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence

from ingest.listener.link import Flooded, StaleHash, Troubled, Unreadable
from ingest.listener.reading import Found, Histories
from ingest.listener.schedule import Schedule
from ingest.listener.settings import Stats, Timing
from storage import channels
from storage.database import Database
from storage.model import AreaCode, Channel, ChannelId, Post

_log = logging.getLogger(__name__)


class Rounds:
    """What goes wrong with one channel is kept with that channel, and the others go on. What goes
    wrong with the link is raised."""

    def __init__(
        self,
        *,
        histories: Histories,
        database: Database,
        timing: Timing,
        monotonic: Callable[[], float],
        stats: Stats,
    ) -> None:
        self._histories = histories
        self._database = database
        self._timing = timing
        self._monotonic = monotonic
        self._stats = stats
        self._schedule = Schedule()
        # Where reading failed since: what lies above is owed, though a push may have moved the
        # cursor meanwhile.
        self._owed_from: dict[ChannelId, int | None] = {}

    def hurry(self, channel: ChannelId) -> None:
        self._schedule.hurry(channel)

    async def next(
        self, known: Sequence[Channel], in_danger: Collection[AreaCode]
    ) -> Found | None:
        """A light read of the channel whose turn it is."""
        self._owe_to_new(known)
        channel = self._schedule.next(known, in_danger, self._monotonic())
        return None if channel is None else await self._read(channel, thorough=False)

    async def every(self, which: Sequence[Channel]) -> Sequence[Post]:
        """A thorough read of all that may be read now, a few at a time; what was found in all,
        in order of time."""
        self._owe_to_new(which)
        turns = asyncio.Semaphore(self._timing.parallel)

        async def read(channel: Channel) -> Sequence[Post]:
            async with turns:
                if not self._schedule.is_free(channel.id, self._monotonic()):
                    self._owed_from.setdefault(channel.id, channel.cursor)
                    return ()
                found = await self._read(channel, thorough=True)
            if found is None:
                return ()
            self._stats.edits_found += len(found.posts) - found.fresh
            return found.posts

        reads = [asyncio.create_task(read(channel)) for channel in which]
        try:
            found = await asyncio.gather(*reads)
        finally:
            for task in reads:
                task.cancel()
        posts = [post for some in found for post in some]
        posts.sort(key=lambda post: (post.date, post.channel, post.message))
        return posts

    def _owe_to_new(self, known: Sequence[Channel]) -> None:
        """A push may give a new channel its cursor before its last hours were read."""
        for channel in known:
            if channel.cursor is None:
                self._owed_from.setdefault(channel.id, None)

    async def _read(self, channel: Channel, *, thorough: bool) -> Found | None:
        """None if it cannot be read now; the reason is stored as its trouble."""
        floor = self._owed_from.get(channel.id, channel.cursor)
        try:
            found = await self._histories.read(channel, floor, thorough=thorough)
        except Flooded as flood:
            self._stats.floods += 1
            self._schedule.flooded(channel.id, flood.seconds, self._monotonic())
            trouble = str(flood)
        except StaleHash as problem:
            if await self._renewed(channel):
                self._schedule.hurry(channel.id)
                return None
            self._schedule.hold(channel.id, self._timing.unreadable, self._monotonic())
            trouble = str(problem)
        except Unreadable as problem:
            self._schedule.hold(channel.id, self._timing.unreadable, self._monotonic())
            trouble = str(problem)
        except Troubled as problem:
            self._schedule.hold(channel.id, self._timing.troubled, self._monotonic())
            trouble = str(problem)
        else:
            self._schedule.was_read(channel.id, self._monotonic())
            self._owed_from.pop(channel.id, None)
            return found
        self._owed_from.setdefault(channel.id, channel.cursor)
        if trouble != channel.trouble:
            _log.warning("channel %s (@%s): %s", channel.id, channel.username, trouble)
            await self._database.write(lambda tx: channels.in_trouble(tx, channel.id, trouble))
        return None

    async def _renewed(self, channel: Channel) -> bool:
        try:
            return await self._histories.renew_hash(channel)
        except (Flooded, Unreadable, Troubled) as problem:
            _log.warning("channel %s was not found by its name: %s", channel.id, problem)
            return False
