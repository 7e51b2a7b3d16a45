"""One lane on a real database file, with a Telegram that answers as it is told to and a clock
that stands until a test moves it."""

import asyncio
import contextlib
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path

from bot import texts
from bot.message import Message
from bot.neighbours import Neighbours, nobody
from bot.outbox.lane import Outbox
from bot.outbox.work import Door, Work
from bot.outcome import Accepted, Open, Outcome
from bot.pace import Pace
from storage import alerts, cards, chats, situations
from storage.areas.tree import Areas
from storage.areas.tree import load as load_areas
from storage.database import Database, Tx
from storage.model import (
    EVERYTHING,
    Alarm,
    Alert,
    AreaCode,
    Card,
    ChannelId,
    Chat,
    ChatId,
    ChatKind,
    Clear,
    Danger,
    Event,
    Hazard,
    Lang,
    Level,
    Share,
    Situation,
    Source,
    Urgency,
    Wishes,
)

START = datetime(2026, 5, 3, 21, 0, tzinfo=UTC)
KALUGA, BELGOROD = AreaCode("RU-KLU"), AreaCode("RU-BEL")
BOROVSKY, ZHUKOVSKY = AreaCode("RU-KLU/borovsky"), AreaCode("RU-KLU/zhukovsky")
_USUAL = Wishes()
ANNA, BORIS = ChatId(101), ChatId(102)
GROUP, BIG_GROUP = ChatId(-201), ChatId(-1000201)


@cache
def all_areas() -> Areas:
    return load_areas()


@dataclass(slots=True)
class HeldClock:
    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def seconds_until(self, at: datetime) -> float:
        return max(0.0, (at - self.at).total_seconds())

    def monotonic(self) -> float:
        return (self.at - START).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """``lever``: sound, silent or edit. ``message``: the edited one, or the new one's number."""

    chat: ChatId
    lever: str
    message: int | None
    text: str
    accepted: bool


@dataclass(slots=True)
class ScriptedDoor:
    """Accepts everything but what ``answers`` has for a chat; ``meanwhile`` happens while the
    next request is under way."""

    calls: list[Call] = field(default_factory=list)
    answers: dict[int, deque[Outcome]] = field(default_factory=lambda: defaultdict(deque))
    meanwhile: deque[Callable[[], Awaitable[object]]] = field(default_factory=deque)
    numbers: "count[int]" = field(default_factory=lambda: count(1000))
    knocked: list[ChatId] = field(default_factory=list)
    knocks: dict[int, Outcome] = field(default_factory=dict)

    async def send(
        self,
        chat: int,
        message: Message,
        *,
        silent: bool,
        reply_to: int | None = None,
        thread: int | None = None,
        general: bool = True,
    ) -> Outcome:
        return await self._answer(chat, "silent" if silent else "sound", None, message)

    async def edit(self, chat: int, message_id: int, message: Message) -> Outcome:
        return await self._answer(chat, "edit", message_id, message)

    async def knock(self, chat: int, *, thread: int | None = None) -> Open | Outcome:
        """``knocks`` has what is answered; a chat of which it says nothing is open."""
        self.knocked.append(ChatId(chat))
        return self.knocks.get(chat, Open())

    async def _answer(
        self, chat: int, lever: str, edited: int | None, message: Message
    ) -> Outcome:
        if self.meanwhile:
            await self.meanwhile.popleft()()
        outcome: Outcome
        if self.answers[chat]:
            outcome = self.answers[chat].popleft()
        else:
            outcome = Accepted(message_id=edited or next(self.numbers))
        number = outcome.message_id if isinstance(outcome, Accepted) else edited
        self.calls.append(
            Call(
                chat=ChatId(chat),
                lever=lever,
                message=number,
                text=message.text,
                accepted=isinstance(outcome, Accepted),
            )
        )
        return outcome


@dataclass(slots=True, kw_only=True, eq=False)
class Lane:
    database: Database
    outbox: Outbox
    door: ScriptedDoor
    clock: HeldClock
    pace: Pace
    pages: list[str]
    decided: list[Work]
    posts: "count[int]" = field(default_factory=lambda: count(100))

    # -- what happens

    async def enrol(
        self,
        chat: ChatId,
        *follows: AreaCode,
        kind: ChatKind = ChatKind.PRIVATE,
        wishes: Wishes = _USUAL,
    ) -> None:
        joined = START - timedelta(days=1)
        made = Chat(id=chat, kind=kind, lang=Lang.RU, wishes=wishes, joined_at=joined)

        async def write(tx: Tx) -> None:
            await chats.put(tx, made)
            for code in follows:
                await chats.follow(tx, chat, AreaCode(code.partition("/")[0]), code, joined)

        await self.database.write(write)

    def source(self, quote: str = "…") -> Source:
        number, now = next(self.posts), self.clock.now()
        return Source(
            channel=ChannelId(1),
            message=number,
            title="Губернатор",
            link=f"https://t.me/x/{number}",
            quote=quote,
            at=now,
            received_at=now,
        )

    def danger(
        self, *areas: AreaCode, hazard: Hazard = Hazard.UAV, level: Level = Level.DECLARED
    ) -> Danger:
        now = self.clock.now()
        alarms = tuple(
            Alarm(
                area=area,
                level=level,
                since=now,
                named_at=now,
                confirmed_at=now,
                sources=(self.source("Опасность атаки БПЛА."),),
            )
            for area in areas
        )
        return Danger(hazard=hazard, alarms=alarms)

    async def publish(
        self,
        region: AreaCode,
        *dangers: Danger,
        clears: tuple[Clear, ...] = (),
        events: tuple[Event, ...] = (),
        urgency: Urgency = Urgency.URGENT,
        touched: tuple[AreaCode, ...] | None = None,
    ) -> int:
        """The region's next version."""

        async def write(tx: Tx) -> int:
            version = await situations.head(tx, region) + 1
            now = self.clock.now()
            await situations.append(
                tx,
                Situation(
                    region=region,
                    version=version,
                    at=now,
                    episode=1,
                    dangers=dangers,
                    clears=clears,
                    events=events,
                ),
            )
            await alerts.publish(
                tx,
                Alert(
                    region=region,
                    version=version,
                    urgency=urgency,
                    touched=touched or (region,),
                    published_at=now,
                ),
            )
            return version

        return await self.database.write(write)

    async def alarm(self, region: AreaCode = KALUGA) -> None:
        await self.publish(region, self.danger(region))

    async def all_clear(self, region: AreaCode = KALUGA, *areas: AreaCode) -> Clear:
        now = self.clock.now()
        clear = Clear(
            version=await self.database.read(lambda tx: situations.head(tx, region)) + 1,
            hazard=Hazard.UAV,
            areas=areas or (region,),
            whole=True,
            since=START,
            at=now,
            source=self.source("Отбой опасности атаки БПЛА."),
        )
        await self.publish(region, clears=(clear,))
        return clear

    async def drain(self) -> None:
        await self.outbox.drain()

    async def passes(self, seconds: float = 0, minutes: float = 0) -> None:
        """In steps of a second at first, so that whatever waits its turn has it."""
        end = self.clock.at + timedelta(seconds=seconds, minutes=minutes)
        for _ in range(90):
            if self.clock.at >= end:
                break
            self.clock.at = min(end, self.clock.at + timedelta(seconds=1))
            await self.drain()
        self.clock.at = end
        await self.drain()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        lane = asyncio.create_task(self.outbox.run())
        try:
            yield
        finally:
            lane.cancel()
            await asyncio.wait([lane])

    # -- what is seen

    def heard(self, chat: ChatId) -> list[str]:
        return [call.lever for call in self.door.calls if call.chat == chat and call.accepted]

    def asked(self, chat: ChatId) -> list[str]:
        return [call.lever for call in self.door.calls if call.chat == chat]

    def shows(self, chat: ChatId) -> dict[int, str]:
        """First lines of its messages as they are now, by number, oldest first."""
        return {
            call.message: call.text.splitlines()[0]
            for call in self.door.calls
            if call.chat == chat and call.accepted and call.message is not None
        }

    async def cards(self, chat: ChatId) -> list[Card]:
        """Oldest first."""
        found = await self.database.read(lambda tx: cards.of_chat(tx, chat))
        return list(reversed(found))

    async def is_settled(self) -> bool:
        """Nobody is owed anything, now or later."""
        if await self.database.read(cards.backlog):
            return False
        return await self.database.read(cards.next_due) is None


@contextlib.asynccontextmanager
async def opened(
    folder: Path,
    clock: HeldClock | None = None,
    sender: Door | None = None,
    *,
    neighbours: Neighbours = nobody,
    share: Share = EVERYTHING,
) -> AsyncIterator[Lane]:
    """A lane on the file in ``folder``; a second one after the first is a restart. ``sender``: a
    real one, in place of the scripted door."""
    clock = clock or HeldClock()
    pages: list[str] = []
    decided: list[Work] = []
    door, pace = ScriptedDoor(), Pace()

    async def page(key: str, text: str) -> None:
        pages.append(text)

    async with await Database.open(folder / "nabat.db") as database:
        yield Lane(
            database=database,
            outbox=Outbox(
                database=database,
                sender=sender or door,
                pace=pace,
                areas=all_areas(),
                texts=texts.load(),
                clock=clock,
                monotonic=clock.monotonic,
                page=page,
                on_decided=decided.append,
                share=share,
                neighbours=neighbours,
            ),
            door=door,
            clock=clock,
            pace=pace,
            pages=pages,
            decided=decided,
        )
