"""«A channel posts», «a chat hears»: both servers of our own Telegram, and a scripted night."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from types import TracebackType
from typing import Any, Self

from bot.sandbox.bot_api import BotApiServer
from bot.sandbox.channels import SandboxChannel
from bot.sandbox.mtproto import MtprotoServer

TOKEN = "424242:" + "A" * 35
"""Of the sandbox's bot; valid nowhere else."""
API_HASH = "0" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedChannel:
    username: str
    title: str
    region: str
    declares: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedChat:
    """``kind``: private or supergroup."""

    id: int
    kind: str
    name: str
    follows: tuple[str, ...]
    members: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedPost:
    """A post, or an edit of the one whose ``id`` is ``edit``."""

    at: datetime
    channel: str
    text: str
    id: str | None = None
    edit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """A script: who there is, and what is posted when, in order of time."""

    start: datetime
    end: datetime
    channels: tuple[ScriptedChannel, ...]
    chats: tuple[ScriptedChat, ...]
    posts: tuple[ScriptedPost, ...]


def bundled_night() -> Night:
    """``night.toml`` beside this module."""
    text = (resources.files("bot.sandbox") / "night.toml").read_text("utf-8")
    table: dict[str, Any] = tomllib.loads(text)
    return Night(
        start=table["start"],
        end=table["end"],
        channels=tuple(ScriptedChannel(**row) for row in table["channels"]),
        chats=tuple(
            ScriptedChat(**{**row, "follows": tuple(row["follows"])}) for row in table["chats"]
        ),
        posts=tuple(
            sorted((ScriptedPost(**row) for row in table["posts"]), key=lambda post: post.at)
        ),
    )


class World:
    """Both servers, with one bot. ``now`` dates the posts of channels. ``latency``: seconds
    until the Bot API answers."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        strict: bool = False,
        latency: Callable[[], float] | None = None,
    ) -> None:
        self.telegram = MtprotoServer(clock=now)
        self.bot_api = BotApiServer(wall=now, strict=strict, latency=latency)
        self.channels: dict[str, SandboxChannel] = {}
        self._posted: dict[str, tuple[str, int]] = {}

    async def __aenter__(self) -> Self:
        await self.telegram.start()
        await self.bot_api.start()
        self.bot_api.add_bot(TOKEN, "nabat_demo_bot")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.bot_api.close()
        await self.telegram.close()

    def add_channel(self, username: str, title: str) -> SandboxChannel:
        channel = self.telegram.add_channel(username=username, title=title)
        self.channels[username] = channel
        return channel

    def add_chat(self, chat: ScriptedChat) -> None:
        if chat.kind == "private":
            self.bot_api.add_private_chat(chat.id, name=chat.name)
        else:
            self.bot_api.add_group(chat.id, title=chat.name, members=chat.members)

    def play(self, post: ScriptedPost) -> tuple[int, int]:
        """Let it happen; the numeric id of its channel and the id of its message."""
        if post.edit is not None:
            username, number = self._posted[post.edit]
            channel = self.channels[username]
            self.telegram.edit(channel, number, post.text)
            return channel.id, number
        channel = self.channels[post.channel]
        number = self.telegram.post(channel, post.text)
        if post.id is not None:
            self._posted[post.id] = (post.channel, number)
        return channel.id, number
