"""The sandbox's Telegram, seen by the unmodified Telethon client over TCP."""

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telethon import TelegramClient, errors
from telethon.errors.common import AuthKeyNotFound
from telethon.events.messagedeleted import MessageDeleted
from telethon.events.messageedited import MessageEdited
from telethon.events.newmessage import NewMessage
from telethon.sessions.sqlite import SQLiteSession
from telethon.sessions.string import StringSession
from telethon.tl import functions, types

from bot.sandbox.mtproto import MtprotoServer
from bot.sandbox.mtproto_crypto import trust_server_key
from bot.sandbox.mtproto_state import Account

PATIENCE = 3.0
"""Seconds until something that should have happened at once counts as lost."""


@pytest.fixture
async def server() -> AsyncIterator[MtprotoServer]:
    async with MtprotoServer() as server:
        yield server


@asynccontextmanager
async def connected(session: Any, **options: Any) -> AsyncIterator[Any]:
    """A client with the product's kind of settings: finite retries, no sleeping on floods."""
    settings = {
        "connection_retries": 100,
        "retry_delay": 0.01,
        "flood_sleep_threshold": 0,
        "sequential_updates": True,
    } | options
    client: Any = TelegramClient(session, 1, "hash", **settings)
    try:
        async with asyncio.timeout(PATIENCE):
            await client.connect()
        yield client
    finally:
        # After a failed `connect` too: it leaves tasks that never end, and uvloop waits for them.
        await client.disconnect()


def logged_in(server: MtprotoServer, **options: Any) -> Any:
    return connected(StringSession(server.session_string()), **options)


def fresh_session(server: MtprotoServer) -> Any:
    session: Any = StringSession()
    session.set_dc(2, "127.0.0.1", server.port)
    return session


class Heard:
    """Everything a client was told, in order, as (kind, channel id or ids, text)."""

    def __init__(self, client: Any) -> None:
        self._queue: asyncio.Queue[tuple[str, Any, str | None]] = asyncio.Queue()
        client.add_event_handler(self._new, NewMessage)
        client.add_event_handler(self._edited, MessageEdited)
        client.add_event_handler(self._deleted, MessageDeleted)

    async def _new(self, event: Any) -> None:
        self._queue.put_nowait(("new", event.message.id, event.message.message))

    async def _edited(self, event: Any) -> None:
        self._queue.put_nowait(("edited", event.message.id, event.message.message))

    async def _deleted(self, event: Any) -> None:
        self._queue.put_nowait(("deleted", event.deleted_ids, None))

    async def next(self) -> tuple[str, Any, str | None]:
        async with asyncio.timeout(PATIENCE):
            return await self._queue.get()

    def rest(self) -> list[tuple[str, Any, str | None]]:
        return [self._queue.get_nowait() for _ in range(self._queue.qsize())]


async def called(server: MtprotoServer, client: Any, method: str, times: int) -> None:
    """Round trips until the client has called a method so often."""
    async with asyncio.timeout(PATIENCE):
        while server.calls[method] < times:
            await client(functions.PingRequest(1))


# -- the login


async def test_login_by_code_and_password() -> None:
    trust_server_key()
    account = Account(phone="79991234567", code="24680", password="сирень", first_name="Анна")
    async with MtprotoServer(account=account) as server:
        async with connected(fresh_session(server)) as client:
            assert not await client.is_user_authorized()
            with pytest.raises(errors.PhoneNumberInvalidError):
                await client.send_code_request("+7 999 000 00 00")
            await client.send_code_request("+7 999 123 45 67")
            with pytest.raises(errors.PhoneCodeInvalidError):
                await client.sign_in(code="00000")
            with pytest.raises(errors.SessionPasswordNeededError):
                await client.sign_in(code="24680")
            with pytest.raises(errors.PasswordHashInvalidError):
                await client.sign_in(password="жасмин")
            user = await client.sign_in(password="сирень")
            assert (user.id, user.first_name) == (account.user_id, "Анна")
            saved = client.session.save()
        async with connected(StringSession(saved)) as client:
            assert await client.is_user_authorized()
            channel = server.add_channel(username="mchs", title="МЧС", joined=True)
            heard = Heard(client)
            server.post(channel, "после входа")
            assert await heard.next() == ("new", 1, "после входа")


async def test_login_without_password_and_log_out(server: MtprotoServer) -> None:
    trust_server_key()
    async with connected(fresh_session(server)) as client:
        await client.send_code_request(server.account.phone)
        await client.sign_in(code=server.account.code)
        assert (await client.get_me()).phone == server.account.phone
        saved = client.session.save()
        assert await client.log_out()
    async with connected(StringSession(saved)) as client:
        assert not await client.is_user_authorized()


async def test_ready_session_string_needs_no_login(server: MtprotoServer) -> None:
    async with logged_in(server) as client:
        assert await client.is_user_authorized()
        assert (await client.get_me()).is_self
        config = await client(functions.help.GetConfigRequest())
        assert [(o.ip_address, o.port) for o in config.dc_options] == [("127.0.0.1", server.port)]
    assert server.calls["auth.sendCode"] == 0


async def test_ready_session_file(server: MtprotoServer, tmp_path: Path) -> None:
    path = tmp_path / "reader.session"
    server.write_session(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    async with connected(SQLiteSession(str(path))) as client:
        assert await client.is_user_authorized()
    with pytest.raises(FileExistsError):
        server.write_session(path)
    with pytest.raises(ValueError, match=r"add \.session"):
        server.write_session(tmp_path / "reader")


async def test_key_of_another_server_is_unknown(server: MtprotoServer) -> None:
    async with MtprotoServer() as other:
        session: Any = StringSession(other.session_string())
    session.set_dc(2, "127.0.0.1", server.port)
    with pytest.raises(AuthKeyNotFound):
        async with connected(session):
            pass


# -- what a client is told


async def test_new_edited_and_deleted_posts_are_pushed(server: MtprotoServer) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    strange = server.add_channel(username="other", title="Чужой")
    async with logged_in(server) as client, logged_in(server) as second:
        heard, also = Heard(client), Heard(second)
        server.post(strange, "не читаем")
        post = server.post(channel, "Внимание! Ракетная опасность 🚀")
        server.edit(channel, post, "Отбой")
        server.touch(channel, post)
        server.delete(channel, post)
        expected = [
            ("new", post, "Внимание! Ракетная опасность 🚀"),
            ("edited", post, "Отбой"),
            ("edited", post, "Отбой"),
            ("deleted", [post], None),
        ]
        assert [await heard.next() for _ in expected] == expected
        assert [await also.next() for _ in expected] == expected
        assert heard.rest() == []


async def test_content_of_a_message(server: MtprotoServer) -> None:
    origin = server.add_channel(username="source", title="Источник", noforwards=True)
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    when = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    text = "🚀 тревога"
    bold = types.MessageEntityBold(offset=3, length=7)
    server.post(origin, "исходное")
    plain = server.post(
        channel,
        text,
        entities=[bold],
        date=when,
        media="photo",
        grouped_id=77,
        forwarded_from=origin,
    )
    pinned = server.post(channel, "", service=True, reply_to=plain)
    reply = server.post(
        channel, "отбой", reply_to=plain, media="document", forwarded_from="Аноним"
    )
    server.touch(channel, plain)
    async with logged_in(server) as client:
        first, notice, answer = await client.get_messages("mchs", ids=[plain, pinned, reply])
        assert (first.message, first.date, first.grouped_id, first.post) == (text, when, 77, True)
        assert [piece for _, piece in first.get_entities_text()] == ["тревога"]
        assert first.photo is not None
        assert (first.fwd_from.from_id.channel_id, first.forward.chat.title) == (
            origin.id,
            "Источник",
        )
        assert (first.edit_hide, first.views, first.reactions.results[0].count) == (True, 2, 1)
        assert isinstance(notice.action, types.MessageActionPinMessage)
        assert notice.raw_text is None
        assert answer.reply_to_msg_id == plain
        assert answer.document.mime_type == "application/pdf"
        assert answer.fwd_from.from_name == "Аноним"
        assert (await client.get_entity("source")).noforwards


async def test_client_without_updates_is_not_told(server: MtprotoServer) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    async with logged_in(server, receive_updates=False) as quiet, logged_in(server) as client:
        heard, nothing = Heard(client), Heard(quiet)
        server.post(channel, "тревога")
        assert await heard.next() == ("new", 1, "тревога")
        await quiet.get_me()
        assert nothing.rest() == []


# -- channels and their history


async def test_names_are_found_and_channels_joined(server: MtprotoServer) -> None:
    channel = server.add_channel(username="MChS_official", title="МЧС")
    async with logged_in(server) as client:
        heard = Heard(client)
        entity = await client.get_entity("mchs_official")
        assert (entity.id, entity.left) == (channel.id, True)
        with pytest.raises(ValueError, match="No user has"):
            await client.get_entity("nobody_here")
        with pytest.raises(errors.UsernameNotOccupiedError):
            await client(functions.contacts.ResolveUsernameRequest("nobody_here"))
        server.post(channel, "до подписки")
        await client(functions.channels.JoinChannelRequest(entity))
        server.post(channel, "после подписки")
        assert await heard.next() == ("new", 2, "после подписки")
        server.rename(channel, username="mchs_new", title="МЧС России")
        again = await client.get_entity("mchs_new")
        assert (again.id, again.title, again.left) == (channel.id, "МЧС России", False)
        wrong = types.InputChannel(channel.id, channel.access_hash - 1)
        with pytest.raises(errors.ChannelInvalidError):
            await client(functions.channels.GetChannelsRequest([wrong]))


async def test_history_is_paged_both_ways(server: MtprotoServer) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    for number in range(1, 251):
        server.post(channel, f"сводка {number}")
    server.delete(channel, 50, 60)
    async with logged_in(server) as client:
        # Without a limit Telethon waits a second before every page, unless told not to.
        everything = client.iter_messages("mchs", min_id=20, reverse=True, wait_time=0)
        forward = [m.id async for m in everything]
        assert forward == [i for i in range(21, 251) if i not in (50, 60)]
        newest = [m.id for m in await client.get_messages("mchs", limit=3)]
        assert newest == [250, 249, 248]
        older = await client.get_messages("mchs", offset_id=103, min_id=99, limit=100)
        assert [m.id for m in older] == [102, 101, 100]
        newer = await client.get_messages("mchs", min_id=10, limit=5, reverse=True)
        assert [m.id for m in newer] == [11, 12, 13, 14, 15]
        assert (await client.get_messages("mchs", limit=0)).total == 248
        some = await client.get_messages("mchs", ids=[49, 50, 51, 9999])
        assert [m and m.id for m in some] == [49, None, 51, None]
        many = await client.get_messages("mchs", ids=list(range(100, 200)))
        assert [m.id for m in many] == list(range(100, 200))


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({}, [10, 9, 8]),
        ({"offset_id": 5}, [4, 3, 2]),
        ({"offset_id": 5, "add_offset": -1}, [5, 4, 3]),
        ({"offset_id": 5, "add_offset": -3}, [7, 6, 5]),
        ({"offset_id": 10, "add_offset": -3}, [10]),
        ({"offset_id": 99, "add_offset": -3}, []),
        ({"add_offset": 8}, [2, 1]),
        ({"max_id": 9, "min_id": 7}, [8]),
        ({"offset_date": datetime(2024, 1, 4, tzinfo=UTC)}, [3, 2, 1]),
    ],
)
async def test_history_offsets(
    server: MtprotoServer, query: dict[str, Any], ids: list[int]
) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    for day in range(1, 11):
        server.post(channel, "сводка", date=datetime(2024, 1, day, tzinfo=UTC))
    request: dict[str, Any] = {
        "offset_id": 0,
        "offset_date": None,
        "add_offset": 0,
        "max_id": 0,
        "min_id": 0,
        "limit": 3,
    }
    async with logged_in(server) as client:
        peer = types.InputPeerChannel(channel.id, channel.access_hash)
        page = await client(
            functions.messages.GetHistoryRequest(peer=peer, hash=0, **request | query)
        )
        assert [message.id for message in page.messages] == ids
        assert page.count == 10


async def test_dialogs_of_more_channels_than_a_page(server: MtprotoServer) -> None:
    for number in range(130):
        channel = server.add_channel(username=f"name{number}", title=f"{number}", joined=True)
        when = datetime(2024, 1, 1 + number % 28, tzinfo=UTC)
        server.post(channel, "сводка", date=when)
    server.add_channel(username="empty", title="Пустой", joined=True)
    server.add_channel(username="strange", title="Чужой")
    async with logged_in(server) as client:
        dialogs = await client.get_dialogs()
        assert len({dialog.id for dialog in dialogs}) == len(dialogs) == 131
        assert {dialog.dialog.pts for dialog in dialogs} == {1, 2}


# -- what is missed and how it comes back


async def test_missed_posts_come_with_catch_up_after_an_outage(server: MtprotoServer) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    async with logged_in(server) as client:
        heard = Heard(client)
        await client.get_dialogs()
        await server.refuse()
        server.drop()
        for text in ("раз", "два", "три"):
            server.post(channel, text)
        await server.refuse(False)
        async with asyncio.timeout(PATIENCE):
            await client.get_me()
        assert heard.rest() == []
        await client.catch_up()
        assert [await heard.next() for _ in range(3)] == [
            ("new", 1, "раз"),
            ("new", 2, "два"),
            ("new", 3, "три"),
        ]
        server.post(channel, "четыре")
        assert await heard.next() == ("new", 4, "четыре")


async def test_push_resumes_after_a_dropped_connection(server: MtprotoServer) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    async with logged_in(server) as client:
        heard = Heard(client)
        server.drop()
        async with asyncio.timeout(PATIENCE):
            await client.get_me()
        server.post(channel, "снова на связи")
        assert await heard.next() == ("new", 1, "снова на связи")


async def test_more_than_a_hundred_missed_events_are_lost_to_telethon(
    server: MtprotoServer,
) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    async with logged_in(server) as client:
        heard = Heard(client)
        await client.get_dialogs()
        server.mute()
        for number in range(101):
            server.post(channel, f"сводка {number}")
        server.mute(False)
        await client.catch_up()
        # Told that it is too long, Telethon only moves its pts and asks once more.
        await called(server, client, "updates.getChannelDifference", 2)
        server.post(channel, "дальше")
        assert await heard.next() == ("new", 102, "дальше")
        assert heard.rest() == []
        history = client.iter_messages("mchs", min_id=0, reverse=True, wait_time=0)
        assert len([message async for message in history]) == 102


async def test_difference_has_edits_and_deletions_that_telethon_drops(
    server: MtprotoServer,
) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    old, doomed = server.post(channel, "старое"), server.post(channel, "лишнее")
    async with logged_in(server) as client:
        heard = Heard(client)
        await client.get_dialogs()
        before = channel.pts
        server.mute()
        server.edit(channel, old, "исправлено")
        fresh = server.post(channel, "новое")
        server.edit(channel, fresh, "новое, исправлено")
        gone = server.post(channel, "мелькнуло")
        server.delete(channel, doomed, gone)
        server.mute(False)
        request = functions.updates.GetChannelDifferenceRequest(
            channel=types.InputChannel(channel.id, channel.access_hash),
            filter=types.ChannelMessagesFilterEmpty(),
            pts=before,
            limit=100,
        )
        difference = await client(request)
        assert (difference.pts, difference.final) == (channel.pts, True)
        assert [m.message for m in difference.new_messages] == ["новое, исправлено"]
        edit, deletion = difference.other_updates
        assert (edit.message.id, edit.message.message) == (old, "исправлено")
        assert deletion.messages == [doomed, gone]
        request.limit = 2
        assert not (await client(request)).final
        request.pts = channel.pts
        assert isinstance(await client(request), types.updates.ChannelDifferenceEmpty)
        request.pts = channel.pts + 1
        with pytest.raises(errors.PersistentTimestampInvalidError):
            await client(request)
        await client.catch_up()
        assert await heard.next() == ("new", fresh, "новое, исправлено")
        await called(server, client, "updates.getChannelDifference", 5)
        assert heard.rest() == []


async def test_post_without_push_comes_with_the_next_one(server: MtprotoServer) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    async with logged_in(server) as client:
        heard = Heard(client)
        await client.get_dialogs()
        server.post(channel, "незаметное", silent_push=True)
        server.post(channel, "заметное")
        assert [await heard.next() for _ in range(2)] == [
            ("new", 1, "незаметное"),
            ("new", 2, "заметное"),
        ]


# -- what can go wrong


async def test_flood_wait_is_told_in_seconds(server: MtprotoServer) -> None:
    server.add_channel(username="mchs", title="МЧС", joined=True)
    server.add_channel(username="other", title="Другой", joined=True)
    server.flood("messages.getHistory", 30)
    async with logged_in(server) as client:
        with pytest.raises(errors.FloodWaitError) as caught:
            await client.get_messages("mchs", limit=1)
        assert caught.value.seconds == 30
        # Telethon remembers the wait by method, so another channel has to wait as well.
        with pytest.raises(errors.FloodWaitError):
            await client.get_messages("other", limit=1)
        assert server.calls["messages.getHistory"] == 1
    async with logged_in(server) as client:
        assert await client.get_messages("mchs", limit=1) == []


async def test_failures_are_given_as_often_as_asked(server: MtprotoServer) -> None:
    server.add_channel(username="mchs", title="МЧС", joined=True)
    server.fail("messages.getHistory", 400, "CHANNEL_PRIVATE", times=2)
    async with logged_in(server) as client:
        for _ in range(2):
            with pytest.raises(errors.ChannelPrivateError):
                await client.get_messages("mchs", limit=1)
        assert await client.get_messages("mchs", limit=1) == []
    with pytest.raises(ValueError, match="no method"):
        server.flood("getHistory", 1)


async def test_unknown_method_is_refused(server: MtprotoServer) -> None:
    async with logged_in(server) as client:
        with pytest.raises(errors.MethodInvalidError):
            await client(functions.messages.GetAllDraftsRequest())
        assert await client.get_me() is not None


async def test_refused_connection_fails_at_once(server: MtprotoServer) -> None:
    session = server.session_string()
    await server.refuse()
    with pytest.raises(ConnectionError):
        async with connected(StringSession(session), connection_retries=1):
            pass
    await server.refuse(False)
    async with connected(StringSession(session)) as client:
        assert await client.is_user_authorized()


async def test_silent_connection_stays_open(server: MtprotoServer) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    async with logged_in(server) as client:
        heard = Heard(client)
        server.silence()
        server.post(channel, "не слышно")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.get_me()
        assert client.is_connected()
        assert heard.rest() == []
        server.silence(False)
        assert await client.get_me() is not None


async def test_revoked_login(server: MtprotoServer) -> None:
    channel = server.add_channel(username="mchs", title="МЧС", joined=True)
    async with logged_in(server) as client:
        heard = Heard(client)
        server.revoke()
        server.post(channel, "не для нас")
        with pytest.raises(errors.AuthKeyUnregisteredError):
            await client(functions.updates.GetStateRequest())
        assert client.is_connected()
        assert heard.rest() == []


async def test_duplicated_key(server: MtprotoServer) -> None:
    session = server.session_string()
    async with connected(StringSession(session)) as client:
        server.duplicate_key()
        with pytest.raises(errors.AuthKeyDuplicatedError):
            await client(functions.updates.GetStateRequest())
    with pytest.raises(errors.AuthKeyDuplicatedError):
        async with connected(StringSession(session)):
            pass
    async with logged_in(server) as client:
        assert await client.is_user_authorized()


# -- the wire


async def test_service_messages_and_containers(server: MtprotoServer) -> None:
    async with logged_in(server) as client:
        pong, salts, *users = await asyncio.gather(
            client(functions.PingRequest(5)),
            client(functions.GetFutureSaltsRequest(1)),
            *(
                client(functions.users.GetUsersRequest([types.InputUserSelf()]))
                for _ in range(150)
            ),
        )
        assert pong.ping_id == 5
        assert len(salts.salts) == 1
        assert {user.id for (user,) in users} == {server.account.user_id}
        delayed = functions.PingDelayDisconnectRequest(6, disconnect_delay=75)
        assert (await client(delayed)).ping_id == 6
        gone = await client(functions.DestroySessionRequest(123))
        assert isinstance(gone, types.DestroySessionNone)
        dropped = await client(functions.RpcDropAnswerRequest(123))
        assert isinstance(dropped, types.RpcAnswerUnknown)


async def test_garbage_ends_one_connection_only(server: MtprotoServer) -> None:
    async with logged_in(server) as client:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        writer.write_eof()
        async with asyncio.timeout(PATIENCE):
            assert await reader.read() == b""
        writer.close()
        assert await client.get_me() is not None
