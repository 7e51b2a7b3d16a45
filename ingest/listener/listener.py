"""The reader of channels: connects for ever, catches up, listens, polls, watches the link.

What arrives is handed to ``deliver``, one call at a time. Posts missed during an outage come
first, sorted, in one call; what was pushed meanwhile waits for them. Nothing here moves a cursor
past a post that was not stored.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Any, NoReturn

from telethon.tl import types

from ingest.listener.link import Flooded, Link, LinkLost, Troubled, Unreadable
from ingest.listener.reading import Histories
from ingest.listener.resolving import offline, resolve
from ingest.listener.rounds import Rounds
from ingest.listener.settings import ReaderSettings, Stats
from ingest.listener.tasks import first_end
from storage import channels
from storage.database import Database
from storage.model import AreaCode, Channel, ChannelId, Post

_CHUNK = 500
"""Most posts in one call of ``deliver``."""

_log = logging.getLogger(__name__)


class Listener:
    """``deliver`` stores posts and moves the cursor in one write; it may be given a post again
    (the digest tells). What it raises is logged and ends `run`: the cursor has not moved, so the
    next start brings the same posts. ``monotonic`` is in real seconds. ``on_contact`` is called
    after each answer of Telegram's. Channels of areas ``in_danger`` are polled more often.
    """

    def __init__(
        self,
        *,
        settings: ReaderSettings,
        database: Database,
        deliver: Callable[[Sequence[Post]], Awaitable[object]],
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        on_contact: Callable[[], None] = lambda: None,
        in_danger: Callable[[], Collection[AreaCode]] = lambda: (),
    ) -> None:
        self.stats = Stats()
        self.last_contact = monotonic()
        """Monotonic time of Telegram's last answer; of the start, if there was none yet."""
        self.pushed_at: dict[ChannelId, datetime] = {}
        """When a channel's last push came, since the start."""
        self._timing = settings.timing
        self._database = database
        self._deliver = deliver
        self._now = now
        self._monotonic = monotonic
        self._on_contact = on_contact
        self._in_danger = in_danger
        self._link = Link(settings=settings, heard=self._heard, contact=self._contact)
        self._histories = Histories(
            link=self._link,
            database=database,
            timing=settings.timing,
            now=now,
            stats=self.stats,
        )
        self._rounds = Rounds(
            histories=self._histories,
            database=database,
            timing=settings.timing,
            monotonic=monotonic,
            stats=self.stats,
        )
        self._updates: asyncio.Queue[tuple[Any, datetime]] = asyncio.Queue()
        self._hand = asyncio.Lock()
        self._linked = asyncio.Event()
        self._caught_up = asyncio.Event()
        self._channels: dict[ChannelId, Channel] = {}
        self._highest: dict[ChannelId, int] = {}

    async def run(self) -> None:
        """Until cancelled. Raises ReaderFatal when a person has to act, or what ``deliver``
        raised; an outage of any length raises nothing."""
        try:
            await first_end(self._listen(), self._stay_connected())
        finally:
            self._linked.clear()
            await self._link.close()

    async def resolve(self, username: str, area: AreaCode, declares: bool) -> Channel:
        """Find a channel by its name or address and join it; the caller stores it. Waits a little
        for the connection. Raises ChannelError with a reason for people."""
        try:
            async with asyncio.timeout(self._timing.connect):
                await self._linked.wait()
        except TimeoutError:
            raise offline() from None
        return await resolve(self._link, username, area, declares, self._now)

    async def reconcile(self, which: Sequence[Channel]) -> None:
        """Compare the newest stored posts of these channels with what Telegram shows, by id, and
        read what was missed; all of it is delivered before this returns. Nothing happens while
        there is no connection: the next one begins with the same."""
        if not self._linked.is_set():
            return
        await self._refresh()  # pushes of a new one are heard from here on, not from the next poll
        try:
            await self._read_all(which)
        except LinkLost as problem:
            _log.info("channels were not reconciled: %s", problem)

    # --- the connection ---------------------------------------------------------------------

    async def _stay_connected(self) -> NoReturn:
        pause = self._timing.first_retry
        while True:
            # Pushes of the new connection wait until what was missed before them is delivered.
            self._caught_up.clear()
            at_least = 0.0
            try:
                await self._link.open()
                self._linked.set()
                await first_end(self._link.lost(), self._read_and_watch())
            except (LinkLost, Troubled, Unreadable, Flooded) as problem:
                self.stats.link_losses += 1
                _log.warning("no link to Telegram: %s", problem)
                if isinstance(problem, Flooded):
                    at_least = float(problem.seconds)
            self._linked.clear()
            if self._caught_up.is_set():
                pause = self._timing.first_retry
            await self._link.close()
            await asyncio.sleep(max(pause, at_least))
            pause = min(pause * 2, self._timing.longest_retry)

    async def _read_and_watch(self) -> None:
        self.stats.caught_up += await self._read_all(await self._refresh())
        self.stats.connected += 1
        self._caught_up.set()
        await first_end(self._poll(), self._watch())

    async def _poll(self) -> NoReturn:
        while True:
            await asyncio.sleep(self._timing.poll)
            found = await self._rounds.next(await self._refresh(), self._in_danger())
            if found is not None and found.posts:
                self.stats.found_by_poll += found.fresh
                self.stats.edits_found += len(found.posts) - found.fresh
                await self._hand_over(found.posts)

    async def _watch(self) -> NoReturn:
        """A half-open link looks alive to TCP for minutes: only an answer proves it."""
        while True:
            silent = self._monotonic() - self.last_contact
            if silent >= self._timing.ping:
                await self._link.ping()
            else:
                await asyncio.sleep(self._timing.ping - silent)

    def _contact(self) -> None:
        self.last_contact = self._monotonic()
        self._on_contact()

    async def _refresh(self) -> Sequence[Channel]:
        known = await self._database.read(channels.listed)
        self._channels = {channel.id: channel for channel in known}
        return known

    async def _read_all(self, which: Sequence[Channel]) -> int:
        found = await self._rounds.every(which)
        if found:
            await self._hand_over(found)
        return len(found)

    # --- pushes -----------------------------------------------------------------------------

    def _heard(self, update: Any) -> None:
        # Telethon's own cursor has moved already: this may only enqueue.
        self._updates.put_nowait((update, self._now()))

    async def _listen(self) -> NoReturn:
        while True:
            update, received_at = await self._updates.get()
            await self._caught_up.wait()
            for post in await self._posts_of(update, received_at):
                if post.message > self._highest.get(post.channel, 0) and not post.deleted:
                    self.stats.found_by_push += 1
                self.pushed_at[post.channel] = received_at
                await self._hand_over([post])

    async def _posts_of(self, update: Any, received_at: datetime) -> Sequence[Post]:
        match update:
            case types.UpdateNewChannelMessage() | types.UpdateEditChannelMessage():
                peer = update.message.peer_id
                channel = self._channels.get(getattr(peer, "channel_id", ChannelId(0)))
                if channel is None:
                    return ()
                post = self._histories.converted(update.message, channel.id, received_at)
                return () if post is None else (post,)
            case types.UpdateDeleteChannelMessages():
                channel = self._channels.get(ChannelId(update.channel_id))
                if channel is None:
                    return ()
                return [
                    await self._histories.deletion(channel.id, number, received_at)
                    for number in update.messages
                ]
            case types.UpdateChannel():
                # Renamed, closed, or opened again: a read tells.
                self._rounds.hurry(ChannelId(update.channel_id))
                return ()
            case _:
                return ()

    # --- delivery ---------------------------------------------------------------------------

    async def _hand_over(self, posts: Sequence[Post]) -> None:
        async with self._hand:
            for first in range(0, len(posts), _CHUNK):
                await self._deliver_logged(posts[first : first + _CHUNK])
        for post in posts:
            if not post.deleted:
                highest = self._highest.get(post.channel, 0)
                self._highest[post.channel] = max(highest, post.message)

    async def _deliver_logged(self, posts: Sequence[Post]) -> None:
        try:
            await self._deliver(posts)
        except Exception:
            keys = ", ".join(f"{post.channel}/{post.message}" for post in posts[:10])
            _log.exception("%d posts could not be delivered: %s", len(posts), keys)
            raise
