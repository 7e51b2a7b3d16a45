"""A channel of the sandbox's Telegram: its posts and the numbered log of what happened to them.

State only, no network: every change returns the TL update that the real server would push, and
`difference` and `history` answer from the same log. Messages are replaced and never altered in
place, so an update that was handed out stays what it was.
"""

import bisect
import copy
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from telethon.tl import types

Media = Literal["photo", "document"]

# What updates.getChannelDifference hands out before it gives up; users, not bots.
DIFFERENCE_LIMIT: Final = 100
PAGE_LIMIT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A slice of a channel's history, newest first."""

    messages: list[Any]
    total: int
    offset: int
    """How many live posts are newer than the first one of the page."""


@dataclass(slots=True, kw_only=True, eq=False)
class SandboxChannel:
    """One broadcast channel. Changed through `MtprotoServer`, which also pushes the change."""

    id: int
    access_hash: int
    title: str
    username: str | None
    created: datetime
    joined: bool = False
    noforwards: bool = False
    pts: int = 1
    """Telegram's count of events in this channel; every update carries the value after it."""
    changed: datetime
    origins: dict[int, "SandboxChannel"] = field(default_factory=dict)
    """Channels whose posts were forwarded here: clients are told about them too."""
    _messages: dict[int, Any] = field(default_factory=dict)
    _ids: list[int] = field(default_factory=list)
    _last_id: int = 0
    _events: list[Any] = field(default_factory=list)

    # -- what it looks like from outside

    @property
    def top_message(self) -> Any | None:
        return self._messages[self._ids[-1]] if self._ids else None

    def peer(self) -> Any:
        return types.PeerChannel(self.id)

    def chats(self) -> list[Any]:
        """The `chats` of any answer about this channel: itself and where its forwards are from."""
        return [self.chat(), *(origin.chat() for origin in self.origins.values())]

    def chat(self) -> Any:
        return types.Channel(
            id=self.id,
            access_hash=self.access_hash,
            title=self.title,
            username=self.username,
            photo=types.ChatPhotoEmpty(),
            date=self.created,
            broadcast=True,
            left=not self.joined,
            noforwards=self.noforwards,
        )

    def dialog(self) -> Any:
        return types.Dialog(
            peer=self.peer(),
            top_message=self._ids[-1] if self._ids else 0,
            read_inbox_max_id=0,
            read_outbox_max_id=0,
            unread_count=len(self._ids),
            unread_mentions_count=0,
            unread_reactions_count=0,
            unread_poll_votes_count=0,
            notify_settings=types.PeerNotifySettings(),
            pts=self.pts,
        )

    # -- what happens in it; `now` is the server's time, `date` what the message shows

    def post(
        self,
        text: str,
        *,
        now: datetime,
        date: datetime,
        entities: Sequence[Any] = (),
        media: Media | None = None,
        grouped_id: int | None = None,
        forwarded_from: "SandboxChannel | str | None" = None,
        reply_to: int | None = None,
        service: bool = False,
    ) -> Any:
        self._last_id += 1
        reply = types.MessageReplyHeader(reply_to_msg_id=reply_to) if reply_to else None
        message: Any
        if service:
            message = types.MessageService(
                id=self._last_id,
                peer_id=self.peer(),
                date=date,
                post=True,
                reply_to=reply,
                action=types.MessageActionPinMessage(),
            )
        else:
            message = types.Message(
                id=self._last_id,
                peer_id=self.peer(),
                date=date,
                message=text,
                post=True,
                views=1,
                forwards=0,
                entities=list(entities) or None,
                media=_placeholder(media, date) if media else None,
                grouped_id=grouped_id,
                fwd_from=self._forward_header(forwarded_from, date),
                reply_to=reply,
                noforwards=self.noforwards,
            )
        self._messages[self._last_id] = message
        self._ids.append(self._last_id)
        return self._log(types.UpdateNewChannelMessage(message, self.pts + 1, 1), now)

    def edit(
        self, message_id: int, text: str, *, now: datetime, date: datetime, entities: Sequence[Any]
    ) -> Any:
        message = copy.copy(self._messages[message_id])
        message.message = text
        message.entities = list(entities) or None
        message.edit_date = date
        message.edit_hide = False
        return self._replace(message, now)

    def touch(self, message_id: int, *, now: datetime) -> Any:
        """Views, forwards and a reaction grow; the text does not change, the pts does."""
        message = copy.copy(self._messages[message_id])
        message.views = (message.views or 0) + 1
        message.forwards = (message.forwards or 0) + 1
        message.reactions = types.MessageReactions(
            results=[types.ReactionCount(types.ReactionEmoji("👍"), message.forwards)]
        )
        message.edit_date = now
        message.edit_hide = True
        return self._replace(message, now)

    def delete(self, message_ids: Sequence[int], *, now: datetime) -> Any:
        for message_id in message_ids:
            del self._messages[message_id]
            self._ids.remove(message_id)
        count = len(message_ids)
        return self._log(
            types.UpdateDeleteChannelMessages(self.id, list(message_ids), self.pts + count, count),
            now,
        )

    # -- what can be asked about it

    def by_ids(self, message_ids: Sequence[int]) -> list[Any]:
        """In the order asked; a post that is deleted or never was comes as `MessageEmpty`."""
        return [
            self._messages.get(message_id) or types.MessageEmpty(message_id, peer_id=None)
            for message_id in message_ids
        ]

    def history(
        self,
        *,
        offset_id: int = 0,
        offset_date: datetime | None = None,
        add_offset: int = 0,
        limit: int = PAGE_LIMIT,
        max_id: int = 0,
        min_id: int = 0,
    ) -> Page:
        """messages.getHistory: https://core.telegram.org/api/offsets.

        The page starts at the first post *older* than `offset_id`, moved by `add_offset`, which is
        negative for a client that walks towards newer posts.
        """
        total = len(self._ids)
        if offset_id:
            newer = total - bisect.bisect_left(self._ids, offset_id)
        elif offset_date is not None:
            newer = sum(self._messages[i].date >= offset_date for i in self._ids)
        else:
            newer = 0
        start = newer + add_offset
        stop = min(start + min(limit, PAGE_LIMIT), total)
        start = max(start, 0)
        # Positions count from the newest post, the list of ids from the oldest.
        page = self._ids[max(total - stop, 0) : max(total - start, 0)]
        return Page(
            messages=[
                self._messages[i]
                for i in reversed(page)
                if i > min_id and (not max_id or i < max_id)
            ],
            total=total,
            offset=start,
        )

    def difference(self, *, pts: int, limit: int) -> Any:
        """updates.getChannelDifference: what happened after `pts`, or that it was too much.

        Like the real server it gives posts as they are *now*, leaves out those already deleted,
        and sends edits and deletions of older posts as updates with their own pts.
        """
        if pts >= self.pts:
            return types.updates.ChannelDifferenceEmpty(pts=self.pts, final=True)
        if self.pts - pts > DIFFERENCE_LIMIT:
            top = self.top_message
            return types.updates.ChannelDifferenceTooLong(
                dialog=self.dialog(),
                messages=[] if top is None else [top],
                chats=self.chats(),
                users=[],
                final=True,
            )
        first = bisect.bisect_right(self._events, pts, key=lambda event: event.pts)
        events = self._events[first : first + max(limit, 1)]
        fresh = {
            event.message.id
            for event in events
            if isinstance(event, types.UpdateNewChannelMessage)
        }
        other: list[Any] = []
        for event in events:
            if isinstance(event, types.UpdateDeleteChannelMessages) or (
                event.message.id not in fresh and event.message.id in self._messages
            ):
                other.append(event)
        return types.updates.ChannelDifference(
            pts=events[-1].pts,
            new_messages=[self._messages[i] for i in sorted(fresh) if i in self._messages],
            other_updates=other,
            chats=self.chats(),
            users=[],
            final=events[-1].pts == self.pts,
        )

    # -- inside

    def _replace(self, message: Any, now: datetime) -> Any:
        self._messages[message.id] = message
        return self._log(types.UpdateEditChannelMessage(message, self.pts + 1, 1), now)

    def _log(self, update: Any, now: datetime) -> Any:
        self.pts = update.pts
        self.changed = now
        self._events.append(update)
        return update

    def _forward_header(self, origin: "SandboxChannel | str | None", date: datetime) -> Any:
        match origin:
            case None:
                return None
            case str():
                return types.MessageFwdHeader(date=date, from_name=origin)
            case SandboxChannel():
                self.origins[origin.id] = origin
                top = origin.top_message
                return types.MessageFwdHeader(
                    date=date,
                    from_id=origin.peer(),
                    channel_post=1 if top is None else top.id,
                )


def _placeholder(media: Media, date: datetime) -> Any:
    """A photo or a file that can be looked at and told apart by id, but not downloaded."""
    media_id = int.from_bytes(os.urandom(7), "big")
    if media == "photo":
        photo = types.Photo(
            id=media_id,
            access_hash=media_id,
            file_reference=b"",
            date=date,
            sizes=[types.PhotoSize(type="x", w=800, h=600, size=40_000)],
            dc_id=1,
        )
        return types.MessageMediaPhoto(photo=photo)
    document = types.Document(
        id=media_id,
        access_hash=media_id,
        file_reference=b"",
        date=date,
        mime_type="application/pdf",
        size=40_000,
        dc_id=1,
        attributes=[types.DocumentAttributeFilename("document.pdf")],
    )
    return types.MessageMediaDocument(document=document)
