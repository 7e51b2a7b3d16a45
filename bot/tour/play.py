"""Playing the scenes: the real program on a Telegram of our own, with a clock that stands until
a scene moves it."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, assert_never

from bot.app.root import Ears, Nabat, Taken, running
from bot.demo import settings_of
from bot.sandbox.bot_api_model import SandboxMessage
from bot.sandbox.world import TOKEN, Night, ScriptedChat, World
from bot.tour.script import (
    ANNA,
    UKRAINIAN,
    Appoints,
    Deed,
    Passes,
    Posts,
    Presses,
    Runs,
    Says,
    Scene,
    Shares,
)
from storage import alerts, audit, cards, channels, letters, posts
from storage.areas.tree import Areas
from storage.database import Tx

_PATIENCE: Final = 20.0
"""Real seconds that one deed may take."""
_LOOK: Final = 0.02
_BOT: Final = int(TOKEN.partition(":")[0])
_POLL: Final = 0.1
_CALM: Final = 0.06
"""Real seconds without a change after which a deed's answers are all there."""


class TourError(Exception):
    """The program did not do what the table of scenes expects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a scene showed: the messages as they are at its end, and their pictures by name."""

    scene: Scene
    at: datetime
    messages: tuple[SandboxMessage, ...]
    photos: dict[str, bytes]


class _Clock:
    """Moved by hand; the monotonic one runs as well."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._skipped = 0.0

    def now(self) -> datetime:
        return self._now

    def seconds_until(self, at: datetime) -> float:
        return max(0.0, (at - self._now).total_seconds())

    def monotonic(self) -> float:
        return time.monotonic() + self._skipped

    def skip(self, by: timedelta) -> None:
        self._now += by
        self._skipped += by.total_seconds()

    def hurry(self) -> None:
        """Only what paces sending."""
        self._skipped += 0.25


async def tour(
    night: Night, scenes: Sequence[Scene], areas: Areas, on_seen: Callable[[Seen], None]
) -> None:
    """Raises TourError."""
    clock = _Clock(night.start.astimezone(UTC))
    with tempfile.TemporaryDirectory(prefix="nabat-tour-") as folder:
        async with World(now=clock.now) as world:
            for channel in night.channels:
                world.add_channel(channel.username, channel.title)
            for chat in night.chats:
                _enter(world, chat)
            stage = _Stage(world, clock)
            settings = settings_of(night, world, Path(folder))
            reader = settings.reader.model_copy(update={"poll_interval": _POLL})
            async with running(
                settings.model_copy(update={"reader": reader}),
                areas=areas,
                clock=clock,
                monotonic=clock.monotonic,
                session=world.telegram.session_string(),
                ears=Ears(taken=stage.taken),
            ) as nabat:
                stage.nabat = nabat
                await stage.begins(len(night.channels))
                for scene in scenes:
                    on_seen(await stage.plays(scene))


def _enter(world: World, chat: ScriptedChat) -> None:
    bot_api = world.bot_api
    if chat.kind == "private":
        language = "uk" if chat.id in UKRAINIAN else "ru"
        bot_api.add_private_chat(chat.id, name=chat.name, language=language)
    elif chat.kind == "channel":
        bot_api.add_channel(chat.id, title=chat.name, members=chat.members, admins=[ANNA.id])
    else:
        bot_api.add_group(chat.id, title=chat.name, members=chat.members, admins=[ANNA.id])


@dataclass(slots=True)
class _Stage:
    world: World
    clock: _Clock
    nabat: Nabat | None = None
    _posted: int = 0
    _taken: int = 0
    _changed: dict[tuple[int, int], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world.bot_api.on_change(self._note)

    def taken(self, taken: Taken) -> None:
        self._taken += 1

    def _note(self, message: SandboxMessage) -> None:
        self._changed[message.chat_id, message.message_id] = time.monotonic()

    async def begins(self, sources: int) -> None:
        async def read(tx: Tx) -> bool:
            known = await channels.listed(tx)
            return len(known) == sources and all(channel.last_read_at for channel in known)

        await self._until(read)
        await self.world.bot_api.wait_for(lambda: self.world.bot_api.is_polling(TOKEN))

    async def plays(self, scene: Scene) -> Seen:
        self._changed.clear()
        for deed in scene.deeds:
            try:
                await self._does(deed, scene.chat.id)
            except TimeoutError:
                raise TourError(f"scene {scene.name}: nothing came of {deed}") from None
        shown = tuple(
            message
            for message in self.world.bot_api.messages(scene.chat.id)
            if (scene.chat.id, message.message_id) in self._changed
        )
        names = {message.photo for message in shown if message.photo is not None}
        photos = {name: self.world.bot_api.photos[name] for name in sorted(names)}
        return Seen(scene=scene, at=self.clock.now(), messages=shown, photos=photos)

    async def _does(self, deed: Deed, chat: int) -> None:
        bot_api = self.world.bot_api
        match deed:
            case Says(text=text, chat=other):
                where = chat if other is None else other.id
                bot_api.say(where, text, to=TOKEN)
                await self._answered(where)
            case Shares(latitude=latitude, longitude=longitude):
                here = {"location": {"latitude": latitude, "longitude": longitude}}
                bot_api.say(chat, "📍", to=TOKEN, extra=here | {"text": None, "entities": None})
                await self._answered(chat)
            case Appoints(channel=channel):
                bot_api.leave(channel.id)
                bot_api.chats[channel.id].admins.append(_BOT)
                bot_api.invite(channel.id)
                await self._answered(chat)
            case Runs(chore=chore):
                assert self.nabat is not None
                await self.nabat.chores[chore](self.clock.now())
            case Presses(words=words):
                message, data = self._button(chat, words)
                bot_api.press(chat, message, data, user_id=chat if chat > 0 else ANNA.id)
                await self._answered(chat)
            case Posts(channel=name, text=text):
                self._posted += 1
                self.world.telegram.post(self.world.channels[f"{name}_tour"], text)
            case Passes(time=passed):
                self.clock.skip(passed)
                await self._is_heard_again()
            case _:
                assert_never(deed)
        await self._until(self._nobody_is_owed)

    def _button(self, chat: int, words: str) -> tuple[int, str]:
        for message in reversed(self.world.bot_api.messages(chat)):
            for row in (message.reply_markup or {}).get("inline_keyboard", ()):
                for button in row:
                    if words in button["text"] and "callback_data" in button:
                        return message.message_id, button["callback_data"]
        raise TourError(f"there is no button «{words}»")

    async def _answered(self, chat: int) -> None:
        """The bot has said or changed something there, and nothing more comes."""
        calls, bot = len(self.world.bot_api.log), self.world.bot_api.bots[TOKEN]
        async with asyncio.timeout(_PATIENCE):
            while not any(call.chat_id == chat for call in self.world.bot_api.log[calls:]):
                await self._looks_again()
            while bot.queue or not self.world.bot_api.is_polling(TOKEN):
                await self._looks_again()
            while time.monotonic() - max(self._changed.values()) < _CALM:
                await self._looks_again()

    async def _is_heard_again(self) -> None:
        """For the reader, who keeps the monotonic time, the leap was a silence."""
        assert self.nabat is not None
        since = self.clock.monotonic()
        async with asyncio.timeout(_PATIENCE):
            while self.nabat.listener.last_contact < since:  # noqa: ASYNC110 - it has no bell
                await asyncio.sleep(_LOOK)

    async def _until(self, true: Callable[[Tx], Awaitable[bool]]) -> None:
        assert self.nabat is not None
        async with asyncio.timeout(_PATIENCE):
            while not await self.nabat.database.read(true):
                await self._looks_again()

    async def _looks_again(self) -> None:
        """The program has no bell for its last word; what it waits for is the pace of sending."""
        await asyncio.sleep(_LOOK)
        if self.nabat is not None:
            self.clock.hurry()
            self.nabat.bots.wake()
            self.nabat.pager.wake()

    async def _nobody_is_owed(self, tx: Tx) -> bool:
        if self._taken < self._posted or await posts.unsettled(tx, most_tries=1):
            return False
        if await alerts.undispatched(tx) or await cards.backlog(tx):
            return False
        if await letters.owed(tx, self.clock.now(), 1) or await audit.owed(tx, most_tries=20):
            return False
        due = await cards.next_due(tx)
        return due is None or due > self.clock.now()
