"""`nabat replay`: an archive of posts through the whole program, into a database of its own.

Everything is real but the way out: what would have been sent is written down. Domain time jumps
from post to post; nothing waits.
"""

import asyncio
import contextlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from bot import texts
from bot.message import Message
from bot.outbox.lane import Outbox
from bot.outbox.work import Work
from bot.outcome import Accepted, Open, Outcome
from bot.pace import Pace
from ingest.archive import EPOCH, BadLine, Entry, read_export, read_jsonl
from ingest.classify import Classifier, language
from ingest.levels import load_levels
from ingest.pipeline import Pipeline, Taken
from storage import cards, channels, chats
from storage.areas.tree import Areas
from storage.database import Database, Tx
from storage.model import AreaCode, Channel, ChannelId, Chat, ChatId, ChatKind, Lang, Post

_FIRST_CHAT = 1_000_001
_UNDATED_APART = timedelta(minutes=1)
_UNDATED_START = EPOCH + timedelta(days=365 * 50)


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldSend:
    """A request that would have left. ``lever``: sound, silent or edit."""

    at: datetime
    area: AreaCode
    lever: str
    text: str


@dataclass(slots=True, kw_only=True)
class Tally:
    """What the replay did. ``states``: revisions of posts by what became of them."""

    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    levers: Counter[str] = field(default_factory=Counter)
    bad: list[BadLine] = field(default_factory=list)


class _Jumping:
    """Domain time that stands where it is put; the monotonic one leaps, so that no pace waits."""

    def __init__(self) -> None:
        self.at = EPOCH
        self._ticks = count(step=120)

    def now(self) -> datetime:
        return self.at

    def seconds_until(self, at: datetime) -> float:
        return 0.0

    def monotonic(self) -> float:
        return float(next(self._ticks))


class _Notebook:
    """The way out that leads nowhere: every message is accepted."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self.texts: dict[int, str] = {}

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
        self.texts[chat] = message.text
        return Accepted(message_id=next(self._numbers))

    async def edit(self, chat: int, message_id: int, message: Message) -> Outcome:
        self.texts[chat] = message.text
        return Accepted(message_id=message_id)

    async def knock(self, chat: int, *, thread: int | None = None) -> Open:
        return Open()


def entries(
    path: Path, region: AreaCode | None, progress: Callable[[int], None] | None = None
) -> Iterator[Entry | BadLine]:
    """An export (``.json``) or JSON lines; ``region`` where the archive names none."""
    with contextlib.ExitStack() as stack:
        found: Iterable[Entry | BadLine]
        if path.suffix == ".json":
            found = read_export(path, progress)
        else:
            stream = stack.enter_context(path.open(encoding="utf-8", errors="replace"))
            found = read_jsonl(stream, progress)
        for item in found:
            if isinstance(item, Entry) and item.region is None:
                yield replace(item, region=region)
            else:
                yield item


async def replay(
    found: Iterable[Entry | BadLine],
    *,
    areas: Areas,
    follow: Iterable[AreaCode],
    would_send: Callable[[WouldSend], None],
    folder: Path | None = None,
) -> Tally:
    """Run the archive in its order. ``follow``: areas that one imagined private chat each
    follows; none: every region. ``folder``: where the database stays; None: nowhere."""
    with contextlib.ExitStack() as stack:
        home = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nabat-")))
        async with await Database.open(home / "replay.db") as database:
            run = _Run(database, areas, tuple(follow), would_send)
            await run.prepare()
            for item in found:
                if isinstance(item, BadLine):
                    run.tally.bad.append(item)
                else:
                    await run.take(item)
            await run.finish()
            return run.tally


class _Run:
    def __init__(
        self,
        database: Database,
        areas: Areas,
        follow: tuple[AreaCode, ...],
        would_send: Callable[[WouldSend], None],
    ) -> None:
        self.tally = Tally()
        self._database = database
        self._areas = areas
        self._follow = follow or tuple(area.code for area in areas.regions())
        self._would_send = would_send
        self._clock = _Jumping()
        self._notebook = _Notebook()
        self._channels: dict[tuple[str, AreaCode], ChannelId] = {}
        self._numbers = count(1)
        self._message = count(1)
        self._undated = _UNDATED_START
        levels = load_levels()
        self._outbox = Outbox(
            database=database,
            sender=self._notebook,
            pace=Pace(),
            areas=areas,
            texts=texts.load(),
            clock=self._clock,
            monotonic=self._clock.monotonic,
            page=_no_page,
            on_told=self._told,
        )
        self._pipeline = Pipeline(
            database=database,
            classifier=Classifier(areas, levels),
            areas=areas,
            max_age=levels.max_age,
            now=self._clock.now,
            wake=self._outbox.wake,
            page=_no_page,
            on_taken=self._taken,
        )

    async def prepare(self) -> None:
        async def write(tx: Tx) -> None:
            for number, code in enumerate(self._follow):
                area = self._areas[code]
                chat = ChatId(_FIRST_CHAT + number)
                lang = Lang.UK if area.code.startswith("UA") else Lang.RU
                await chats.put(
                    tx, Chat(id=chat, kind=ChatKind.PRIVATE, lang=lang, joined_at=EPOCH)
                )
                region = self._areas.region_of(code).code
                await chats.follow(tx, chat, region, area.code, EPOCH)

        await self._database.write(write)

    async def take(self, entry: Entry) -> None:
        post = await self._placed(entry)
        await self._until(post.date)
        self._clock.at = max(self._clock.at, post.received_at)
        await self._pipeline.age()
        await self._pipeline.take([post])
        await self._outbox.drain()

    async def finish(self) -> None:
        """Let what waits its turn happen: edits that were paced."""
        await self._until(self._clock.at + timedelta(hours=1))

    async def _until(self, at: datetime) -> None:
        while (due := await self._database.read(cards.next_due)) is not None and due <= at:
            self._clock.at = max(self._clock.at, due)
            await self._outbox.drain()
            if await self._database.read(cards.next_due) == due:
                break

    async def _placed(self, entry: Entry) -> Post:
        """With a channel that the database knows, and a date: without one, a minute after the
        last."""
        home = entry.region
        if home is None:
            home = AreaCode("UA" if language(entry.post.text) is Lang.UK else "RU")
        key = (entry.channel or "?", home)
        if key not in self._channels:
            number = ChannelId(next(self._numbers))
            self._channels[key] = number
            channel = Channel(
                id=number,
                access_hash=0,
                username=entry.channel if entry.channel and entry.channel.isascii() else None,
                title=entry.channel or "?",
                area=home,
                declares=entry.region is not None,
                added_at=EPOCH,
            )
            await self._database.write(lambda tx: channels.add(tx, channel))
        date = entry.post.date
        received = entry.post.received_at
        if date == EPOCH:
            self._undated += _UNDATED_APART
            date = received = self._undated
        return replace(
            entry.post,
            channel=self._channels[key],
            message=next(self._message),
            date=date,
            received_at=received,
        )

    def _taken(self, taken: Taken) -> None:
        self.tally.states[taken.state] += 1
        if taken.reason is not None:
            self.tally.reasons[taken.reason] += 1

    def _told(self, work: Work, at: float) -> None:
        lever = str(work.decision.lever)
        self.tally.levers[lever] += 1
        self._would_send(
            WouldSend(
                at=self._clock.at,
                area=self._follow[work.chat.id - _FIRST_CHAT],
                lever=lever,
                text=self._notebook.texts[work.chat.id],
            )
        )


async def _no_page(key: str, text: str) -> None:
    await asyncio.sleep(0)
