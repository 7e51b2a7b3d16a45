"""The nouns of the sandbox's Telegram: bots, chats, messages, calls; and their JSON."""

import asyncio
import enum
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, assert_never

from bot.sandbox.bot_api_answers import (
    Json,
    JsonObject,
    blocked,
    deactivated,
    kicked,
    migrated,
    no_rights,
    not_a_member,
    not_started,
)
from bot.sandbox.bot_api_validate import words

ChatKind = Literal["private", "group", "supergroup", "channel"]


class Standing(enum.Enum):
    """How the bots stand in a chat; one for all bots, the sandbox rarely has two."""

    MEMBER = enum.auto()
    MUTED = enum.auto()
    NOT_STARTED = enum.auto()
    BLOCKED = enum.auto()
    DEACTIVATED = enum.auto()
    KICKED = enum.auto()
    LEFT = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    user_id: int
    name: str
    username: str | None = None
    language: str | None = None
    is_bot: bool = False

    def json(self) -> JsonObject:
        person: JsonObject = {
            "id": self.user_id,
            "is_bot": self.is_bot,
            "first_name": self.name,
        }
        if self.username is not None:
            person["username"] = self.username
        if self.language is not None:
            person["language_code"] = self.language
        return person


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call by a bot that changed what a chat shows, as accepted."""

    method: str
    token: str
    chat_id: int
    message_id: int
    text: str | None  # None: deleted
    entities: Sequence[Mapping[str, object]]
    silent: bool  # makes no sound: a silent message, any edit, any deletion
    reply_markup: Mapping[str, object] | None
    thread_id: int | None
    reply_to: int | None
    received_at: float  # of the server's monotonic clock, when the request came in
    version: int  # of the message: 1 when sent, one more by each edit


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxMessage:
    """A message as the chat shows it now."""

    chat_id: int
    message_id: int
    author: Person | None  # None: posted by a channel
    text: str
    entities: tuple[JsonObject, ...]
    reply_markup: JsonObject | None
    silent: bool  # of the original; an edit never sounds
    thread_id: int | None
    reply_to: int | None
    sent_at: datetime
    edited_at: datetime | None
    edits: int
    history: tuple[str, ...]  # texts, oldest first, the present one last
    deleted: bool = False
    photo: str | None = None  # Telegram's name for the picture, whose caption the text then is
    document: bytes | None = None  # its caption is the text


@dataclass(slots=True, kw_only=True)
class Chat:
    chat_id: int
    kind: ChatKind
    title: str
    username: str | None = None
    forum: bool = False
    members: int = 2
    admins: list[int] = field(default_factory=list)  # the first one created the chat
    standing: Standing = Standing.MEMBER
    migrated_to: int | None = None
    open_topics: dict[int, bool] = field(default_factory=dict)
    general_open: bool = True
    messages: dict[int, SandboxMessage] = field(default_factory=dict)
    last_id: int = 0
    seen: set[int] = field(default_factory=set)  # people who wrote or pressed here

    def json(self) -> JsonObject:
        chat: JsonObject = {"id": self.chat_id, "type": self.kind}
        chat["first_name" if self.kind == "private" else "title"] = self.title
        if self.username is not None:
            chat["username"] = self.username
        if self.forum:
            chat["is_forum"] = True
        return chat

    def barrier(self) -> Json | None:
        """Why a bot cannot reach the chat at all, in Telegram's words."""
        if self.migrated_to is not None:
            return migrated(self.migrated_to)
        match self.standing:
            case Standing.MEMBER | Standing.MUTED:
                return None
            case Standing.NOT_STARTED:
                return not_started()
            case Standing.BLOCKED:
                return blocked()
            case Standing.DEACTIVATED:
                return deactivated()
            case Standing.KICKED:
                return kicked(self.kind)
            case Standing.LEFT:
                return not_a_member(self.kind)
        assert_never(self.standing)

    def send_barrier(self) -> Json | None:
        """The same for a new message or an edit, which a muted bot may not make either."""
        if (barrier := self.barrier()) is None and self.standing is Standing.MUTED:
            return no_rights()
        return barrier

    def message_json(self, message: SandboxMessage, *, quoted: bool = False) -> JsonObject:
        shown: JsonObject = {
            "message_id": message.message_id,
            "chat": self.json(),
            "date": int(message.sent_at.timestamp()),
        }
        words, entities = "text", "entities"
        if message.photo is not None or message.document is not None:
            words, entities = "caption", "caption_entities"
        if message.photo is not None:
            small = {"file_id": f"{message.photo}s", "file_unique_id": "s", "width": 90}
            large = {"file_id": message.photo, "file_unique_id": "l", "width": 1080}
            shown["photo"] = [size | {"height": size["width"]} for size in (small, large)]
        if message.document is not None:
            name = f"document-{message.message_id}"
            shown["document"] = {"file_id": name, "file_unique_id": name}
        if message.text:
            shown[words] = message.text
        if message.author is None:
            shown["sender_chat"] = self.json()
        else:
            shown["from"] = message.author.json()
        if message.entities:
            shown[entities] = list(message.entities)
        if message.edited_at is not None:
            shown["edit_date"] = int(message.edited_at.timestamp())
        if message.reply_markup is not None and "inline_keyboard" in message.reply_markup:
            shown["reply_markup"] = message.reply_markup
        if message.thread_id is not None:
            shown["message_thread_id"] = message.thread_id
            shown["is_topic_message"] = True
        if not quoted and message.reply_to is not None:
            original = self.messages.get(message.reply_to)
            if original is not None:
                shown["reply_to_message"] = self.message_json(original, quoted=True)
        return shown


# The kinds of update that Telegram knows; None of `allowed` means these but the last few.
DEFAULT_UPDATES = words(
    "message edited_message channel_post edited_channel_post business_connection "
    "business_message edited_business_message deleted_business_messages inline_query "
    "chosen_inline_result callback_query shipping_query pre_checkout_query "
    "purchased_paid_media poll poll_answer my_chat_member chat_join_request chat_boost "
    "removed_chat_boost"
)
_ON_REQUEST_UPDATES = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(slots=True, kw_only=True)
class Bot:
    token: str
    person: Person
    allowed: frozenset[str] = DEFAULT_UPDATES
    queue: deque[JsonObject] = field(default_factory=deque)
    commands: dict[tuple[str, str], tuple[JsonObject, ...]] = field(default_factory=dict)
    # Of the getUpdates that waits: True wakes it, False tells it that another one came.
    poller: asyncio.Future[bool] | None = None

    def wants(self, update: Mapping[str, object]) -> bool:
        """Kinds unknown to Telegram pass always, so that a test can send what may come one day."""
        known = (DEFAULT_UPDATES | _ON_REQUEST_UPDATES) & update.keys()
        return not known or bool(known & self.allowed)

    def waiting(self, offset: int, limit: int) -> list[JsonObject]:
        """The updates from `offset` on; those before it are confirmed and forgotten.

        A negative offset counts from the end, and forgets all before.
        """
        if offset < 0:
            while len(self.queue) > -offset:
                self.queue.popleft()
        else:
            while self.queue and int(self.queue[0]["update_id"]) < offset:
                self.queue.popleft()
        return [update for update, _ in zip(self.queue, range(limit), strict=False)]
