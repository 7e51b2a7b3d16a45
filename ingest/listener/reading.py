"""Reading one channel: what is new, what was edited, what is gone, and what it is called now.

One page of history answers all four, so a poll and a catch-up are the same thing at different
depths. What is stored decides what is new: a post that was pushed late, or never, below the
cursor, is found as well.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telethon.tl import functions, types

from ingest.listener.convert import names_of, to_deletion, to_post
from ingest.listener.link import Link, Unreadable
from ingest.listener.settings import Stats, Timing
from storage import channels, posts
from storage.database import Database, Tx
from storage.model import Channel, ChannelId, Post

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """``posts``: to be delivered, oldest first; ``fresh``: how many of them are new messages."""

    posts: Sequence[Post]
    fresh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pages:
    messages: Mapping[int, Any]
    lowest: int
    """Every live message from this id on is in ``messages``."""
    chat: Any


class Histories:
    """Reads histories over an open link. Errors are the link's own."""

    def __init__(
        self,
        *,
        link: Link,
        database: Database,
        timing: Timing,
        now: Callable[[], datetime],
        stats: Stats,
    ) -> None:
        self._link = link
        self._database = database
        self._timing = timing
        self._now = now
        self._stats = stats

    async def read(self, channel: Channel, floor: int | None, *, thorough: bool) -> Found:
        """What happened since message ``floor`` and to the newest posts that are stored.

        ``floor`` is the cursor, or an older one if reading failed since. ``thorough`` asks by
        id also for stored posts that lie below the pages read. Marks the channel as read, and
        takes note of a new name.
        """
        deep = thorough or floor is None
        pages = await self._pages(
            channel, floor, self._timing.page if deep else self._timing.poll_page
        )
        known = await self._database.read(lambda tx: self._known(tx, channel.id))
        messages = dict(pages.messages)
        doubtful = [i for i in known if i not in messages and (thorough or i >= pages.lowest)]
        gone: list[int] = []
        if doubtful:
            again = await self._by_id(channel, doubtful)
            messages.update(again)
            gone = [i for i in doubtful if i not in again]
        received_at = self._now()
        found: list[Post] = []
        fresh = 0
        for number, message in sorted(messages.items()):
            post = self.converted(message, channel.id, received_at)
            if post is None:
                continue
            stored = known.get(number)
            if stored is None:
                if self._is_news(post, channel, floor, known):
                    found.append(post)
                    fresh += 1
            elif stored.digest != post.digest:
                found.append(post)
        found += [
            to_deletion(channel.id, number, date=known[number].date, received_at=received_at)
            for number in gone
        ]
        newest = max(pages.messages, default=None)
        await self._note(channel, pages.chat, newest, owes=bool(found))
        return Found(posts=found, fresh=fresh)

    def converted(self, message: Any, channel: ChannelId, received_at: datetime) -> Post | None:
        """None, logged and counted, for a message that cannot be turned into a post."""
        try:
            return to_post(message, channel, received_at)
        except Exception:  # noqa: BLE001 - the one of this loop: a message is set aside
            _log.exception("message %s/%s cannot be read", channel, getattr(message, "id", "?"))
            self._stats.unreadable += 1
            return None

    async def deletion(self, channel: ChannelId, message: int, received_at: datetime) -> Post:
        stored = await self._database.read(lambda tx: posts.latest(tx, channel, message))
        date = None if stored is None else stored.post.date
        return to_deletion(channel, message, date=date, received_at=received_at)

    async def renew_hash(self, channel: Channel) -> bool:
        """Look the channel up by its name, after a login with another account. False: there is
        no such name, or it belongs to another channel now."""
        if channel.username is None:
            return False
        answer = await self._link.ask(functions.contacts.ResolveUsernameRequest(channel.username))
        chat = next((one for one in answer.chats if one.id == channel.id), None)
        fresh_hash = getattr(chat, "access_hash", None)
        if fresh_hash is None or fresh_hash == channel.access_hash:
            return False

        async def write(tx: Tx) -> bool:
            present = await channels.get(tx, channel.id)
            if present is None or not present.enabled:
                return False
            await channels.add(
                tx,
                Channel(
                    id=present.id,
                    access_hash=fresh_hash,
                    username=present.username,
                    title=present.title,
                    area=present.area,
                    declares=present.declares,
                    added_at=present.added_at,
                ),
            )
            return True

        return await self._database.write(write)

    def _is_news(
        self, post: Post, channel: Channel, floor: int | None, known: Mapping[int, Post]
    ) -> bool:
        """Of a message that is not stored: it is after the floor, or in a hole between stored
        ones, and not old; without a floor, simply not old."""
        if floor is not None:
            if post.message > floor:
                return True
            if not known or (
                post.message < min(known) and not self._may_have_been_missed(post, channel, known)
            ):
                return False
        return post.date >= self._now() - self._timing.backfill

    def _may_have_been_missed(
        self, post: Post, channel: Channel, known: Mapping[int, Post]
    ) -> bool:
        """Of a message before all that we know of: a push may have moved a new channel's cursor
        over it, and we died before it was read. ``known`` is all that is stored, if it is less
        than is looked at."""
        if len(known) >= self._timing.reread:
            return False
        return channel.last_read_at is None or post.date >= channel.added_at

    async def _pages(self, channel: Channel, floor: int | None, size: int) -> _Pages:
        """From the newest message down to ``floor``; one page where there is no floor."""
        messages: dict[int, Any] = {}
        chat = None
        lowest = 0
        for _ in range(self._timing.most_pages):
            answer = await self._link.ask(
                functions.messages.GetHistoryRequest(
                    peer=types.InputPeerChannel(channel.id, channel.access_hash),
                    offset_id=lowest,
                    offset_date=None,
                    add_offset=0,
                    limit=size,
                    max_id=0,
                    min_id=0,
                    hash=0,
                )
            )
            chat = next((one for one in answer.chats if one.id == channel.id), chat)
            page = {one.id: one for one in answer.messages if _is_message(one)}
            messages.update(page)
            if not page or min(page) == 1:
                return _Pages(messages=messages, lowest=0, chat=chat)
            lowest = min(page)
            if floor is None or lowest <= floor + 1:
                return _Pages(messages=messages, lowest=lowest, chat=chat)
        _log.warning(
            "more posts of channel %s were missed than are read: those between %s and %s are lost",
            channel.id,
            floor,
            lowest,
        )
        return _Pages(messages=messages, lowest=lowest, chat=chat)

    async def _by_id(self, channel: Channel, numbers: Sequence[int]) -> dict[int, Any]:
        answer = await self._link.ask(
            functions.channels.GetMessagesRequest(
                channel=types.InputChannel(channel.id, channel.access_hash),
                id=[types.InputMessageID(number) for number in numbers],
            )
        )
        return {one.id: one for one in answer.messages if _is_message(one)}

    async def _known(self, tx: Tx, channel: ChannelId) -> dict[int, Post]:
        numbers = await posts.newest_ids(tx, channel, self._timing.reread)
        stored = [await posts.latest(tx, channel, number) for number in numbers]
        return {one.post.message: one.post for one in stored if one is not None}

    async def _note(self, channel: Channel, chat: Any, newest: int | None, *, owes: bool) -> None:
        """``owes``: there is something to deliver. Only when that is stored does a new channel
        count as read; where there is nothing, its cursor starts at ``newest``."""
        if isinstance(chat, types.ChannelForbidden):
            raise Unreadable("the channel is closed to this account")
        now = self._now()

        async def write(tx: Tx) -> None:
            if not owes or channel.last_read_at is not None:
                await channels.was_read(tx, channel.id, now)
            if not owes and newest is not None and channel.cursor is None:
                await channels.move_cursor(tx, channel.id, newest)
            if isinstance(chat, types.Channel) and not chat.min:
                if channel.joined is not (joined := not chat.left):
                    await channels.set_joined(tx, channel.id, joined=joined)
                username, title = names_of(chat)
                if (username, title) != (channel.username, channel.title):
                    _log.info(
                        "channel %s is now %r (@%s), was %r (@%s)",
                        channel.id,
                        title,
                        username,
                        channel.title,
                        channel.username,
                    )
                    await channels.rename(tx, channel.id, username=username, title=title)

        await self._database.write(write)


def _is_message(one: Any) -> bool:
    return isinstance(one, types.Message | types.MessageService)
