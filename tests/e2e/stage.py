"""The whole program on a Telegram of our own, with a clock that stands until a story moves it.

A story says what channels post and what people do, `settles` waits until nobody is owed anything,
and then the story looks at what each chat heard.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from pydantic import SecretStr

from bot.app.root import Ears, Nabat, Taken, running
from bot.outbox.work import Work
from bot.sandbox.bot_api_answers import JsonObject
from bot.sandbox.bot_api_model import Call, SandboxMessage
from bot.sandbox.channels import SandboxChannel
from bot.sandbox.world import API_HASH, TOKEN, ScriptedChat, World
from bot.settings import (
    AdminSection,
    BotApiSection,
    BotSection,
    ChannelSection,
    ReaderSection,
    Settings,
    StorageSection,
)
from ingest.correlate.step import correlate
from ingest.pipeline import Correlate
from storage import alerts, audit, cards, channels, chats, letters, posts
from storage.areas.tree import Areas
from storage.areas.tree import load as load_areas
from storage.database import Tx
from storage.model import AreaCode, Chat, ChatId, ChatKind, Lang, Wishes

START = datetime(2026, 3, 1, 21, 0, tzinfo=UTC)  # midnight in Moscow
ADMIN = 900001
ANNA, BORIS, VERA, GROUP = 700101, 700102, 700103, -1007001
KALUGA, BOROVSKY, ZHUKOVSKY, BELGOROD = (
    AreaCode("RU-KLU"),
    AreaCode("RU-KLU/borovsky"),
    AreaCode("RU-KLU/zhukovsky"),
    AreaCode("RU-BEL"),
)
KURSK = AreaCode("RU-KRS")
GOVERNOR, MCHS, NEIGHBOUR, AIRPORTS = "kaluga_gov", "kaluga_mchs", "belgorod_gov", "airports"
KURSK_GOV = "kursk_gov"

DANGER = "Внимание! На территории Калужской области объявлена опасность атаки БПЛА."
DANGER_TOO = "На территории Калужской области объявлена опасность атаки БПЛА! Будьте внимательны."
BOROVSKY_DANGER = "Опасность атаки БПЛА в Боровском муниципальном округе."
REPEATED = "Объявлена угроза повторной атаки БПЛА на территории Калужской области."
CLEAR = "Отбой опасности атаки БПЛА на территории Калужской области."
NEWS = "Сегодня в Обнинске открыли обновлённый каток."

_PATIENCE = 10.0  # seconds until something that is awaited must have happened
_LOOK_AGAIN = 0.02  # seconds: the program has no bell for its last write


@cache
def all_areas() -> Areas:
    return load_areas()


class HeldClock:
    """Domain time and monotonic time, both moved on by hand; the latter runs as well."""

    def __init__(self, start: datetime = START) -> None:
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

    def skip_limits(self, seconds: float) -> None:
        """Only the monotonic time, by which sending is paced."""
        self._skipped += seconds


_USUAL = Wishes()
_READING = 3.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """``follows``: codes of areas."""

    id: int
    follows: tuple[AreaCode, ...]
    kind: ChatKind = ChatKind.PRIVATE
    wishes: Wishes = _USUAL


PEOPLE = (
    Follower(id=ANNA, follows=(KALUGA,)),
    Follower(id=BORIS, follows=(BOROVSKY,)),
    Follower(id=VERA, follows=(BELGOROD,)),
)
USUAL = {GOVERNOR: KALUGA, MCHS: KALUGA, NEIGHBOUR: BELGOROD, AIRPORTS: AreaCode("RU")}
SOURCES = {**USUAL, KURSK_GOV: KURSK}


@dataclass(slots=True, kw_only=True, eq=False)
class Stage:
    """Both Telegrams, the settings, and the program while `playing`."""

    world: World
    clock: HeldClock
    settings: Settings
    session: str
    correlate: Correlate = correlate
    taken: list[Taken] = field(default_factory=list)
    told: list[Work] = field(default_factory=list)
    _nabat: Nabat | None = None
    _bell: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def nabat(self) -> Nabat:
        assert self._nabat is not None, "the program is not running"
        return self._nabat

    # -- the program

    @contextlib.asynccontextmanager
    async def playing(self, *, sources: Sequence[str] = tuple(USUAL)) -> AsyncIterator[None]:
        """Start the program, connected to all its ``sources``; end it with the block."""
        ears = Ears(
            taken=self._took, decided=self._rang, told=self._told, correlate=self.correlate
        )
        seeds = tuple(ChannelSection(username=name, region=SOURCES[name]) for name in sources)
        async with running(
            self.settings.model_copy(update={"channels": seeds}),
            areas=all_areas(),
            clock=self.clock,
            monotonic=self.clock.monotonic,
            session=self.session,
            ears=ears,
        ) as nabat:
            self._nabat = nabat
            try:
                await self.becomes(lambda tx: _are_read(tx, len(sources)))
                await self.world.bot_api.wait_for(lambda: self.world.bot_api.is_polling(TOKEN))
                yield
            finally:
                self._nabat = None

    async def settles(self) -> None:
        """Every post is applied, every chat is told what it is to be told now, however long the
        limits of sending hold it up."""
        await self.becomes(self._nobody_is_owed, idle=self._limits_pass)

    def _limits_pass(self) -> None:
        self.clock.skip_limits(0.25)
        self.nabat.bots.wake()
        self.nabat.pager.wake()

    async def becomes(
        self, true: Callable[[Tx], Awaitable[bool]], idle: Callable[[], None] = lambda: None
    ) -> None:
        """Look at the database after whatever happens, until it is so."""
        async with asyncio.timeout(_PATIENCE):
            while not await self.nabat.database.read(true):
                self._bell.clear()
                try:
                    async with asyncio.timeout(_LOOK_AGAIN):
                        await self._bell.wait()
                except TimeoutError:
                    idle()

    async def reads(self, count: int) -> None:
        """So many revisions of posts have been taken since the start of the story."""
        async with asyncio.timeout(_PATIENCE):
            while len(self.taken) < count:
                self._bell.clear()
                await self._bell.wait()

    async def _nobody_is_owed(self, tx: Tx) -> bool:
        if await alerts.undispatched(tx) or await cards.backlog(tx):
            return False
        if await posts.unsettled(tx, most_tries=1) or await audit.owed(tx, most_tries=20):
            return False
        if await letters.owed(tx, self.clock.now(), 1):
            return False
        if await tx.one("SELECT id FROM attempts WHERE ended_at IS NULL"):
            return False
        due = await cards.next_due(tx)
        return due is None or due > self.clock.now()

    def _took(self, taken: Taken) -> None:
        self.taken.append(taken)
        self._bell.set()

    def _rang(self, work: Work) -> None:
        self._bell.set()

    def _told(self, work: Work, at: float) -> None:
        self.told.append(work)
        self._bell.set()

    # -- what happens

    async def posts(self, text: str, channel: str = GOVERNOR) -> int:
        """A channel posts, and everybody has heard what there was to hear."""
        seen = len(self.taken)
        number = self.world.telegram.post(self.channel(channel), text)
        await self.reads(seen + 1)
        await self.settles()
        return number

    async def edits(self, number: int, text: str, channel: str = GOVERNOR) -> None:
        seen = len(self.taken)
        self.world.telegram.edit(self.channel(channel), number, text)
        await self.reads(seen + 1)
        await self.settles()

    async def passes(self, **time: float) -> None:
        """Time goes by, and the program does what falls due meanwhile."""
        self.clock.skip(timedelta(**time))
        self.nabat.bots.wake()
        self.nabat.pager.wake()
        await self.settles()

    async def runs(self, chore: str) -> None:
        """One of the timed jobs has its turn."""
        await self.nabat.chores[chore](self.clock.now())
        await self.settles()

    async def says(
        self,
        text: str,
        chat: int = ADMIN,
        *,
        reply_to: int | None = None,
        extra: JsonObject | None = None,
    ) -> None:
        """Somebody writes to the bot and is answered."""
        await self._is_answered(
            lambda: self.world.bot_api.say(chat, text, to=TOKEN, reply_to=reply_to, extra=extra)
        )

    async def presses(self, label: str, chat: int) -> None:
        """The button under the chat's newest message whose words begin so."""
        bot_api = self.world.bot_api
        message = bot_api.messages(chat)[-1]
        found = next(data for text, data in _buttons(message) if label in text)
        await self._is_answered(
            lambda: bot_api.press(chat, message.message_id, found, user_id=chat)
        )

    async def comes(self, words: str, chat: int = ADMIN) -> None:
        """Of its own, a while after it was asked for; sending is not held up by its limits."""
        async with asyncio.timeout(_PATIENCE):
            while not (self.messages(chat) and words in self.shows(chat)):
                self.clock.skip_limits(0.25)
                await asyncio.sleep(_LOOK_AGAIN)

    async def _is_answered(self, ask: Callable[[], object]) -> None:
        """A person takes a few seconds to read, in which what a chat may be sent is free again."""
        self.clock.skip_limits(_READING)
        ask()
        bot_api = self.world.bot_api
        queue = bot_api.bots[TOKEN].queue
        await bot_api.wait_for(lambda: not queue and bot_api.is_polling(TOKEN))

    # -- what is seen

    def channel(self, name: str) -> SandboxChannel:
        return self.world.channels[name]

    def calls(self, chat: int) -> list[Call]:
        """What Telegram accepted for this chat, in order."""
        return [call for call in self.world.bot_api.log if call.chat_id == chat]

    def heard(self, chat: int) -> list[str]:
        """``sound``, ``silent`` or ``edit``, in order."""
        return [_lever(call) for call in self.calls(chat)]

    def sounds(self, chat: int) -> int:
        return self.heard(chat).count("sound")

    def shows(self, chat: int) -> str:
        """The newest message as it is now."""
        return self.messages(chat)[-1].text

    def messages(self, chat: int) -> list[SandboxMessage]:
        return self.world.bot_api.messages(chat)

    def labels(self, chat: int) -> list[str]:
        """The buttons under the newest message."""
        return [text for text, _ in _buttons(self.messages(chat)[-1])]

    def pages(self) -> list[str]:
        """What the admin was sent."""
        return [call.text or "" for call in self.calls(ADMIN)]


@contextlib.asynccontextmanager
async def staged(
    folder: Path,
    *,
    people: Sequence[Follower] = PEOPLE,
    correlate: Correlate = correlate,
    strict: bool = False,
) -> AsyncIterator[Stage]:
    """Both Telegrams with everybody in them; the program has not been started."""
    clock = HeldClock()
    async with World(now=clock.now, strict=strict) as world:
        for name in SOURCES:
            world.add_channel(name, f"Канал {name}")
        world.bot_api.add_private_chat(ADMIN, name="Дежурный")
        stage = Stage(
            world=world,
            clock=clock,
            settings=settings(world, folder),
            session=world.telegram.session_string(),
            correlate=correlate,
        )
        for person in people:
            add_chat(world, person)
        yield stage


def settings(world: World, folder: Path) -> Settings:
    return Settings(
        reader=ReaderSection(
            api_id=1,
            api_hash=SecretStr(API_HASH),
            session=folder / "reader.session",
            poll_interval=0.05,
        ),
        bots=(BotSection(token=SecretStr(TOKEN)),),
        bot_api=BotApiSection(base_url=world.bot_api.url),
        storage=StorageSection(path=folder / "nabat.db", backup_folder=folder / "backups"),
        admins=AdminSection(ids=(ADMIN,)),
    )


def add_chat(world: World, person: Follower) -> None:
    kind = "private" if person.kind is ChatKind.PRIVATE else "supergroup"
    world.add_chat(ScriptedChat(id=person.id, kind=kind, name="Читатель", follows=person.follows))


async def enrol(tx: Tx, people: Sequence[Follower], at: datetime = START) -> None:
    """As if they had all chosen their places yesterday."""
    joined = at - timedelta(days=1)
    for person in people:
        chat = ChatId(person.id)
        await chats.put(
            tx,
            Chat(id=chat, kind=person.kind, lang=Lang.RU, wishes=person.wishes, joined_at=joined),
        )
        for code in person.follows:
            region = all_areas().region_of(code).code
            await chats.follow(tx, chat, region, code, joined)


@contextlib.asynccontextmanager
async def play(
    folder: Path,
    *,
    people: Sequence[Follower] = PEOPLE,
    correlate: Correlate = correlate,
    sources: Sequence[str] = tuple(USUAL),
) -> AsyncIterator[Stage]:
    """The usual story: everybody is there and the program runs."""
    async with (
        staged(folder, people=people, correlate=correlate) as stage,
        stage.playing(sources=sources),
    ):
        await stage.nabat.database.write(lambda tx: enrol(tx, people))
        yield stage


async def _are_read(tx: Tx, count: int) -> bool:
    known = await channels.listed(tx)
    return len(known) == count and all(channel.last_read_at for channel in known)


def _lever(call: Call) -> str:
    return "edit" if call.version > 1 else "silent" if call.silent else "sound"


def _buttons(message: SandboxMessage) -> list[tuple[str, str]]:
    markup = message.reply_markup or {}
    return [
        (button["text"], button["callback_data"])
        for row in markup.get("inline_keyboard", ())
        for button in row
        if "callback_data" in button
    ]
