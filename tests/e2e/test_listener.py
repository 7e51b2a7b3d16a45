"""The reader over real MTProto, with a real database behind it."""

import asyncio
import logging
import stat
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from telethon.sessions.string import StringSession
from telethon.tl import types

from bot.sandbox.channels import SandboxChannel
from bot.sandbox.mtproto import MtprotoServer
from bot.sandbox.mtproto_crypto import trust_server_key
from bot.sandbox.mtproto_state import Account
from ingest.listener.listener import Listener
from ingest.listener.login import LoginError, login
from ingest.listener.settings import (
    ChannelError,
    ReaderFatal,
    ReaderSettings,
    Refusal,
    Timing,
)
from storage import channels, posts
from storage.database import Database, Tx
from storage.model import AreaCode, Channel, ChannelId, Post

PATIENCE = 5.0
"""Seconds until something that should have happened at once counts as lost."""
KALUGA = AreaCode("RU-KLU")
TIMING = Timing(
    poll=60,
    ping=0.03,
    answer=1,
    connect=1,
    first_retry=0.01,
    longest_retry=0.04,
    troubled=0.05,
)
"""No polls, so that only pushes and catching up bring posts; pings drive the tests on."""
POLLING = replace(TIMING, poll=0.01)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def server() -> AsyncIterator[MtprotoServer]:
    async with MtprotoServer() as server:
        yield server


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with await Database.open(tmp_path / "data" / "nabat.db") as database:
        yield database


class Desk:
    """Where posts are delivered: stored in one write that also moves the cursor."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.arrived: list[Post] = []
        self.batches: list[Sequence[Post]] = []
        """Without what was known already."""
        self.listener: Listener | None = None
        self.run: asyncio.Task[None] | None = None
        self.stirred = asyncio.Event()
        self.fail = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def deliver(self, arrived: Sequence[Post]) -> None:
        await self.gate.wait()
        if self.fail:
            raise RuntimeError("the disk is full")

        async def write(tx: Tx) -> list[Post]:
            kept = []
            for post in arrived:
                if await posts.record(tx, post) is not None:
                    kept.append(post)
                if not post.deleted:
                    await channels.move_cursor(tx, post.channel, post.message)
            return kept

        kept = await self.database.write(write)
        self.arrived += arrived
        if kept:
            self.batches.append(kept)
        self.stirred.set()

    @property
    def posts(self) -> list[Post]:
        return [post for batch in self.batches for post in batch]

    @property
    def texts(self) -> list[str]:
        return [post.text for post in self.posts]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self.stirred.clear()
                await self.stirred.wait()

    async def count(self, number: int) -> None:
        await self.until(lambda: len(self.posts) >= number)

    async def ended(self) -> None:
        assert self.run is not None
        done, _ = await asyncio.wait([self.run], timeout=PATIENCE)
        assert done


class Stir(logging.Handler):
    """Lets a desk look again after each line that the listener logs."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def emit(self, record: logging.LogRecord) -> None:
        self._desk.stirred.set()


def settings(session: Path | str, timing: Timing = TIMING) -> ReaderSettings:
    return ReaderSettings(api_id=1, api_hash="hash", session=session, timing=timing)


@asynccontextmanager
async def reading(
    server: MtprotoServer,
    database: Database,
    timing: Timing = TIMING,
    session: Path | str | None = None,
) -> AsyncIterator[Desk]:
    """A listener that has connected and caught up."""
    desk = Desk(database)
    listener = desk.listener = Listener(
        settings=settings(session or server.session_string(), timing),
        database=database,
        deliver=desk.deliver,
        now=now,
        monotonic=time.monotonic,
        on_contact=desk.stirred.set,
    )
    task = desk.run = asyncio.create_task(listener.run())
    task.add_done_callback(lambda task: desk.stirred.set())
    stir = Stir(desk)
    logging.getLogger("ingest.listener").addHandler(stir)
    try:
        await desk.until(lambda: listener.stats.connected > 0 or task.done())
        yield desk
    finally:
        logging.getLogger("ingest.listener").removeHandler(stir)
        task.cancel()
        started = time.monotonic()
        await asyncio.wait([task])
        assert time.monotonic() - started < 2
        if not task.cancelled():
            await task


async def connected(desk: Desk, times: int) -> None:
    listener = desk.listener
    assert listener is not None
    await desk.until(lambda: listener.stats.connected >= times)


async def watch(database: Database, channel: SandboxChannel, cursor: int | None = 0) -> Channel:
    row = Channel(
        id=ChannelId(channel.id),
        access_hash=channel.access_hash,
        username=channel.username,
        title=channel.title,
        area=KALUGA,
        cursor=cursor,
        added_at=now(),
    )
    await database.write(lambda tx: channels.add(tx, row))
    return row


async def stored(database: Database, channel: SandboxChannel) -> Channel:
    row = await database.read(lambda tx: channels.get(tx, ChannelId(channel.id)))
    assert row is not None
    return row


# -- live


async def test_new_edited_and_deleted_posts(server: MtprotoServer, database: Database) -> None:
    channel = server.add_channel(username="gubernator", title="Губернатор", joined=True)
    strange = server.add_channel(username="strange", title="Чужой", joined=True)
    await watch(database, channel)
    async with reading(server, database) as desk:
        server.post(strange, "не наш канал")
        when = datetime(2024, 5, 6, tzinfo=UTC)
        post = server.post(channel, "Опасность атаки БПЛА\u202e!", date=when)
        server.edit(channel, post, "Отбой")
        server.touch(channel, post)
        server.delete(channel, post)
        await desk.count(3)
        first, edit, deletion = desk.posts
        assert (first.channel, first.message, first.text) == (
            channel.id,
            1,
            "Опасность атаки БПЛА!",
        )
        assert first.date == when
        assert first.date.tzinfo is UTC
        assert (edit.text, edit.date) == ("Отбой", first.date)
        assert edit.edited_at is not None
        assert edit.edited_at.tzinfo is UTC
        assert (deletion.deleted, deletion.text, deletion.date) == (True, "", first.date)
        assert [len(batch) for batch in desk.batches] == [1, 1, 1]
        assert (await stored(database, channel)).cursor == 1


async def test_counters_do_not_change_the_digest(
    server: MtprotoServer, database: Database
) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    await watch(database, channel)
    async with reading(server, database) as desk:
        bold = types.MessageEntityBold(0, 5)
        post = server.post(channel, "Отбой опасности", media="photo", entities=[bold])
        server.touch(channel, post)
        server.edit(channel, post, "Отбой опасности")
        await desk.until(lambda: len(desk.arrived) == 3)
    first, touched, edited = desk.arrived
    assert first.digest == touched.digest
    assert touched.edited_at is not None
    assert edited.digest != first.digest, "the formatting went"
    assert len(desk.posts) == 2


async def test_kinds_of_messages(server: MtprotoServer, database: Database) -> None:
    origin = server.add_channel(username="origin", title="Источник")
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    await watch(database, channel)
    async with reading(server, database) as desk:
        server.post(channel, "", service=True, reply_to=1)
        server.post(channel, "", media="photo")
        server.post(channel, "", media="document", grouped_id=7)
        server.post(channel, "Последствия атаки", media="photo", grouped_id=7)
        server.post(channel, "Ракетная опасность", forwarded_from=origin)
        server.post(channel, "Тревога", forwarded_from="Аноним")
        await desk.count(6)
    notice, photo, part, caption, forward, hidden = desk.posts
    assert (notice.service, notice.text, notice.media) == (True, "", None)
    assert (photo.service, photo.text, photo.media, photo.grouped) == (False, "", "photo", None)
    assert (part.text, part.media, part.grouped) == ("", "document", 7)
    assert (caption.text, caption.media, caption.grouped) == ("Последствия атаки", "photo", 7)
    assert [p.forwarded for p in desk.posts] == [False] * 4 + [True, True]
    assert (forward.text, hidden.text) == ("Ракетная опасность", "Тревога")
    assert len({p.digest for p in desk.posts}) == 6


# -- missed


async def test_missed_posts_come_in_one_batch_in_order(
    server: MtprotoServer, database: Database, tmp_path: Path
) -> None:
    one = server.add_channel(username="one", title="Один", joined=True)
    two = server.add_channel(username="two", title="Два", joined=True)
    for channel in (one, two):
        await watch(database, channel)
    session = tmp_path / "data" / "reader.session"
    server.write_session(session)
    start = now()
    old = server.post(one, "опасность", date=start)
    doomed = server.post(one, "лишнее", date=start)
    async with reading(server, database, session=session) as desk:
        assert desk.texts == ["опасность", "лишнее"]
        await server.refuse()
        server.drop()
        server.post(two, "второе", date=start + timedelta(seconds=2))
        server.post(one, "первое", date=start + timedelta(seconds=1))
        server.post(one, "третье", date=start + timedelta(seconds=3))
        server.edit(one, old, "опасность в Калуге")
        server.delete(one, doomed)
        await server.refuse(False)
        await connected(desk, 2)
        server.post(one, "новое")
        await desk.until(lambda: len(desk.batches) == 3)
        assert [p.text for p in desk.batches[1]] == [
            "опасность в Калуге",
            "",
            "первое",
            "второе",
            "третье",
        ]
        assert desk.batches[1][1].deleted
        assert [p.text for p in desk.batches[2]] == ["новое"]
    # The same after the program was not running at all.
    server.edit(one, old, "опасность отменена")
    server.post(two, "без нас", date=start + timedelta(seconds=4))
    async with reading(server, database, session=session) as desk:
        assert [[p.text for p in b] for b in desk.batches] == [["опасность отменена", "без нас"]]


async def test_many_missed_posts(server: MtprotoServer, database: Database) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    await watch(database, channel)
    async with reading(server, database) as desk:
        first = server.post(channel, "до обрыва")
        await desk.until(lambda: desk.texts == ["до обрыва"])
        await server.refuse()
        server.drop()
        for number in range(250):
            server.post(channel, f"сводка {number}")
        server.edit(channel, first, "до обрыва, исправлено")
        await server.refuse(False)
        await connected(desk, 2)
        assert desk.texts[1:] == [
            "до обрыва, исправлено",
            *(f"сводка {number}" for number in range(250)),
        ]
        assert len(desk.batches) == 2


async def test_pushes_wait_for_what_was_missed(server: MtprotoServer, database: Database) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    await watch(database, channel)
    server.post(channel, "опасность")
    desk = Desk(database)
    desk.gate.clear()
    listener = Listener(
        settings=settings(server.session_string()),
        database=database,
        deliver=desk.deliver,
        now=now,
        monotonic=time.monotonic,
        on_contact=desk.stirred.set,
    )
    task = asyncio.create_task(listener.run())
    await desk.until(lambda: server.calls["messages.getHistory"] == 1)
    server.post(channel, "отбой")
    desk.gate.set()
    await desk.count(2)
    assert desk.texts == ["опасность", "отбой"]
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def test_new_channel_starts_with_its_last_hours(
    server: MtprotoServer, database: Database
) -> None:
    active = server.add_channel(username="active", title="Живой", joined=True)
    asleep = server.add_channel(username="asleep", title="Спящий", joined=True)
    empty = server.add_channel(username="empty", title="Пустой", joined=True)
    for hours in (30, 13, 11, 1):
        server.post(active, f"{hours} ч назад", date=now() - timedelta(hours=hours))
    server.post(asleep, "давно", date=now() - timedelta(days=9))
    for channel in (active, asleep, empty):
        await watch(database, channel, cursor=None)
    async with reading(server, database) as desk:
        assert desk.texts == ["11 ч назад", "1 ч назад"]
        assert [(await stored(database, c)).cursor for c in (active, asleep, empty)] == [
            4,
            1,
            None,
        ]
        server.post(empty, "первое")
        await desk.until(lambda: desk.texts[2:] == ["первое"])


# -- the link


async def test_reconnects_after_a_drop(server: MtprotoServer, database: Database) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    await watch(database, channel)
    async with reading(server, database) as desk:
        for number in range(1, 4):
            server.drop()
            await connected(desk, number + 1)
            server.post(channel, f"после обрыва {number}")
            await desk.count(number)
        assert desk.listener is not None
        assert desk.listener.stats.found_by_push == 3


async def test_returns_after_a_long_refusal(server: MtprotoServer, database: Database) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    await watch(database, channel)
    session = server.session_string()
    await server.refuse()
    desk = Desk(database)
    listener = Listener(
        settings=settings(session, replace(TIMING, connect=0.2)),
        database=database,
        deliver=desk.deliver,
        now=now,
        monotonic=time.monotonic,
        on_contact=desk.stirred.set,
    )
    task = asyncio.create_task(listener.run())
    with pytest.raises(ChannelError) as caught:
        await listener.resolve("mchs", KALUGA, True)
    assert caught.value.why is Refusal.OFFLINE
    assert listener.stats.link_losses > 3
    server.post(channel, "за время обрыва")
    await server.refuse(False)
    await desk.until(lambda: desk.texts == ["за время обрыва"])
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def test_server_that_hangs_up_is_tried_once_a_pause(
    server: MtprotoServer, database: Database
) -> None:
    accepted = 0

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal accepted
        accepted += 1
        writer.transport.abort()

    bad = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    session: Any = StringSession(server.session_string())
    session.set_dc(2, "127.0.0.1", bad.sockets[0].getsockname()[1])
    desk = Desk(database)
    listener = Listener(
        settings=settings(session.save()),
        database=database,
        deliver=desk.deliver,
        now=now,
        monotonic=time.monotonic,
    )
    stir = Stir(desk)
    logging.getLogger("ingest.listener").addHandler(stir)
    task = asyncio.create_task(listener.run())
    await desk.until(lambda: listener.stats.link_losses == 5)
    assert accepted == 5
    logging.getLogger("ingest.listener").removeHandler(stir)
    task.cancel()
    await asyncio.wait([task])
    bad.close()


async def test_silent_link_is_noticed(server: MtprotoServer, database: Database) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    await watch(database, channel)
    quick = replace(TIMING, answer=0.1, connect=0.1)
    async with reading(server, database, quick) as desk:
        listener = desk.listener
        assert listener is not None
        contact = listener.last_contact
        server.silence()
        server.post(channel, "не слышно")
        await desk.until(lambda: listener.stats.link_losses > 0)
        assert time.monotonic() - contact < 2
        server.silence(False)
        await connected(desk, 2)
        assert desk.texts == ["не слышно"]


async def test_ends_of_the_session_are_fatal(server: MtprotoServer, database: Database) -> None:
    for end, words in ((server.revoke, "nabat login"), (server.duplicate_key, "two addresses")):
        with pytest.raises(ReaderFatal, match=words):
            async with reading(server, database, POLLING) as desk:
                end()
                await desk.ended()
        with pytest.raises(ReaderFatal, match=words):
            session = server.session_string()
            end()
            async with reading(server, database, session=session):
                pass


async def test_what_deliver_raises_ends_the_run(
    server: MtprotoServer, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    await watch(database, channel)
    session = server.session_string()
    with pytest.raises(RuntimeError, match="the disk is full"):
        async with reading(server, database, session=session) as desk:
            desk.fail = True
            server.post(channel, "опасность")
            await desk.ended()
    assert f"{channel.id}/1" in caplog.text
    async with reading(server, database, session=session) as desk:
        assert desk.texts == ["опасность"]


# -- polls


async def test_polls_find_what_was_not_pushed(server: MtprotoServer, database: Database) -> None:
    quiet = server.add_channel(username="quiet", title="Тихий", joined=True)
    strange = server.add_channel(username="strange", title="Без подписки")
    for channel in (quiet, strange):
        await watch(database, channel)
    async with reading(server, database, POLLING) as desk:
        post = server.post(strange, "опасность")
        server.post(quiet, "ракетная опасность", silent_push=True)
        await desk.count(2)
        server.edit(strange, post, "отбой")
        await desk.count(3)
        server.delete(strange, post)
        await desk.count(4)
        assert desk.posts[-1].deleted
        assert desk.listener is not None
        stats = desk.listener.stats
        assert (stats.found_by_poll, stats.found_by_push, stats.edits_found) == (2, 0, 2)
        assert (await stored(database, strange)).last_read_at is not None


async def test_hole_below_the_cursor_is_found(server: MtprotoServer, database: Database) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    await watch(database, channel)
    for text in ("раз", "два", "три"):
        server.post(channel, text)
    async with reading(server, database) as desk:
        await database.write(lambda tx: tx.all("DELETE FROM posts WHERE message = :two", two=2))
        desk.batches.clear()
        assert desk.listener is not None
        await desk.listener.reconcile([await stored(database, channel)])
        assert desk.texts == ["два"]


async def test_a_new_channel_is_heard_before_the_next_poll(
    server: MtprotoServer, database: Database
) -> None:
    async with reading(server, database) as desk:
        channel = server.add_channel(username="mchs", title="МЧС", joined=True)
        row = await watch(database, channel, cursor=None)
        assert desk.listener is not None
        await desk.listener.reconcile([row])
        for text in ("раз", "два"):
            server.post(channel, text)
        await desk.count(2)
        assert desk.texts == ["раз", "два"]


@pytest.mark.parametrize("read_empty", [False, True])
async def test_a_push_before_a_read_and_a_crash_hide_no_post(
    server: MtprotoServer, database: Database, read_empty: bool
) -> None:
    """Of a new channel, whose history was never read, or when there was none yet."""
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    row = await watch(database, channel, cursor=None)
    for text in ("раз", "два"):
        server.post(channel, text, date=row.added_at + timedelta(seconds=1 if read_empty else -1))
    async with reading(server, database) as desk:
        await desk.count(2)
    # As if only the second had been pushed and stored when the program died.
    await database.write(lambda tx: tx.all("DELETE FROM posts WHERE message = :one", one=1))
    read_at = 1 if read_empty else None
    await database.write(lambda tx: tx.all("UPDATE channels SET last_read_at = :at", at=read_at))
    async with reading(server, database) as desk:
        await desk.count(1)
        assert desk.texts == ["раз"]


async def test_flood_on_one_channel_does_not_stop_the_other(
    server: MtprotoServer, database: Database
) -> None:
    one = server.add_channel(username="one", title="Один")
    two = server.add_channel(username="two", title="Два")
    for channel in (one, two):
        await watch(database, channel)
    async with reading(server, database, POLLING) as desk:
        server.flood("messages.getHistory", 600)
        assert desk.listener is not None
        stats = desk.listener.stats
        await desk.until(lambda: stats.floods == 1)
        before = server.calls["messages.getHistory"]
        await desk.until(lambda: server.calls["messages.getHistory"] > before + 3)
        for channel in (one, two):
            server.post(channel, "опасность")
        await desk.count(1)
        before = server.calls["messages.getHistory"]
        await desk.until(lambda: server.calls["messages.getHistory"] > before + 3)
        assert len(desk.posts) == 1
        (held,) = {one.id, two.id} - {post.channel for post in desk.posts}
        rows = {c.id: c for c in await database.read(channels.listed)}
        assert rows[ChannelId(held)].trouble == "Telegram asks to wait 600 s"
        assert rows[desk.posts[0].channel].trouble is None


async def test_channel_in_flood_at_the_start_is_read_later(
    server: MtprotoServer, database: Database
) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    await watch(database, channel)
    server.post(channel, "пропущено")
    server.flood("messages.getHistory", 1)
    async with reading(server, database, POLLING) as desk:
        assert desk.posts == []
        # A push moves the cursor over the missed post: it is still owed.
        server.post(channel, "новое")
        await desk.count(2)
        assert desk.texts == ["новое", "пропущено"]


async def test_closed_channel_does_not_stop_the_other(
    server: MtprotoServer, database: Database
) -> None:
    one = server.add_channel(username="one", title="Один")
    two = server.add_channel(username="two", title="Два")
    await watch(database, one)
    await database.write(
        lambda tx: channels.add(
            tx,
            Channel(
                id=ChannelId(77),
                access_hash=1,
                username=None,
                title="Закрытый",
                area=KALUGA,
                added_at=now(),
            ),
        )
    )
    await watch(database, two)
    async with reading(server, database, POLLING) as desk:
        server.fail("messages.getHistory", 400, "CHANNEL_PRIVATE")
        read = server.calls["messages.getHistory"]
        await desk.until(lambda: server.calls["messages.getHistory"] > read + 3)
        for channel in (one, two):
            server.post(channel, "опасность")
        await desk.count(1)
        troubles = [c.trouble for c in await database.read(channels.listed)]
        assert sorted(map(str, troubles)) == [
            "None",
            "Telegram does not know this channel, or not for this account",
            "the channel is private, or closed to this account",
        ]


async def test_hash_of_another_account_is_renewed(
    server: MtprotoServer, database: Database
) -> None:
    channel = server.add_channel(username="mchs", title="МЧС")
    row = await watch(database, channel)
    wrong = replace(row, access_hash=row.access_hash - 1)
    await database.write(lambda tx: channels.add(tx, wrong))
    server.post(channel, "опасность")
    async with reading(server, database, POLLING) as desk:
        await desk.until(lambda: desk.texts == ["опасность"])
        assert (await stored(database, channel)).access_hash == channel.access_hash


async def test_renamed_channel(server: MtprotoServer, database: Database) -> None:
    channel = server.add_channel(username="gubernator", title="Губернатор", joined=True)
    await watch(database, channel)
    async with reading(server, database, POLLING) as desk:
        server.rename(channel, username="pravitelstvo", title="Правительство\u202e")
        server.post(channel, "опасность")
        read = server.calls["messages.getHistory"]
        await desk.until(lambda: server.calls["messages.getHistory"] > read + 2)
        row = await stored(database, channel)
        assert (row.username, row.title) == ("pravitelstvo", "Правительство")
        assert desk.texts == ["опасность"]


# -- adding channels


async def test_resolve_joins(server: MtprotoServer, database: Database) -> None:
    channel = server.add_channel(username="Kaluga_gov", title="Калуга")
    async with reading(server, database, POLLING) as desk:
        assert desk.listener is not None
        for text in ("@kaluga_gov", "https://t.me/kaluga_gov/12?single", "t.me/s/Kaluga_gov"):
            row = await desk.listener.resolve(text, KALUGA, False)
            assert (row.id, row.access_hash) == (channel.id, channel.access_hash)
            assert (row.username, row.title, row.area) == ("Kaluga_gov", "Калуга", KALUGA)
            assert (row.declares, row.cursor) == (False, None)
        assert channel.joined
        await database.write(lambda tx: channels.add(tx, row))
        server.post(channel, "опасность")
        await desk.until(lambda: desk.texts == ["опасность"])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("nobody_here", Refusal.NOT_FOUND),
        ("не имя", Refusal.NOT_FOUND),
        ("https://t.me/+AbCdEf", Refusal.PRIVATE),
        ("https://t.me/c/123/4", Refusal.PRIVATE),
        ("some_reader", Refusal.NOT_A_CHANNEL),
        ("flooded", Refusal.FLOOD),
        ("closed", Refusal.PRIVATE),
    ],
)
async def test_resolve_says_why_not(database: Database, text: str, why: Refusal) -> None:
    async with (
        MtprotoServer(account=Account(username="some_reader")) as server,
        reading(server, database) as desk,
    ):
        if text == "flooded":
            server.flood("contacts.resolveUsername", 900)
        if text == "closed":
            server.fail("contacts.resolveUsername", 400, "CHANNEL_PRIVATE")
        assert desk.listener is not None
        with pytest.raises(ChannelError) as caught:
            await desk.listener.resolve(text, KALUGA, True)
        assert caught.value.why is why
        assert caught.value.seconds == (900 if text == "flooded" else None)


# -- the session file


async def test_session_file_is_kept_private(
    server: MtprotoServer, database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "reader"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    path = folder / "account.session"
    server.write_session(path)
    path.chmod(0o644)
    async with reading(server, database, session=path):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ReaderFatal, match="nabat login"):
        async with reading(server, database, session=folder / "other"):
            pass
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(ReaderFatal, match="damaged"):
        async with reading(server, database, session=path):
            pass
    with pytest.raises(ReaderFatal, match="damaged"):
        async with reading(server, database, session="1damaged"):
            pass


async def test_login_makes_a_session(
    server: MtprotoServer, database: Database, tmp_path: Path
) -> None:
    trust_server_key()
    account = settings(tmp_path / "new" / "reader.session")
    answers = iter(["не номер", server.account.phone, "00000", server.account.code])

    async def ask() -> str:
        return next(answers)

    address = ("127.0.0.1", server.port)
    name = await login(account, phone=ask, code=ask, password=ask, address=address)
    assert name == server.account.first_name
    assert stat.S_IMODE((tmp_path / "new" / "reader.session").stat().st_mode) == 0o600
    assert await login(account, phone=ask, code=ask, password=ask) == name
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    await watch(database, channel)
    server.post(channel, "опасность")
    assert isinstance(account.session, Path)
    async with reading(server, database, session=account.session) as desk:
        assert desk.texts == ["опасность"]
    with pytest.raises(LoginError):
        await login(settings("text"), phone=ask, code=ask, password=ask)
