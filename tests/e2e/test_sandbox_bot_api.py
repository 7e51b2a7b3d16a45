"""The sandbox's Bot API, spoken to by a real aiogram Bot and, for other encodings, by aiohttp."""

import asyncio
import errno
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
import pytest_asyncio
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import EditMessageText, GetMe, SendDice, SendPhoto
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    ChatMemberAdministrator,
    ChatMemberBanned,
    ChatMemberLeft,
    ChatMemberMember,
    ChatMemberOwner,
    ChatMemberRestricted,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    ReplyParameters,
)

from bot.sandbox.bot_api import BotApiServer
from bot.sandbox.bot_api_answers import (
    Answer,
    BadGzip,
    CloseOrderly,
    CutBody,
    Drip,
    EmptyOk,
    GarbageStatusLine,
    Hang,
    Huge,
    HugeHeader,
    RedirectLoop,
    Reset,
    Where,
    blocked,
    server_error,
    too_many_requests,
    unparsable_success,
)
from bot.sandbox.bot_api_limits import Admitted, Limits, TooMany, Windows

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKEN = "4200001:SANDBOX"
BOT_ID = 4200001
ANNA, GROUP, FORUM, CHANNEL = 1001, -500, -1002, -1003
NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


class Clocks:
    """Both clocks of a server, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def wall(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session() -> AsyncIterator[AiohttpSession]:
    # One for the module: its close() takes a quarter of a second.
    session = AiohttpSession()
    yield session
    await session.close()


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest_asyncio.fixture(loop_scope="module")
async def server(clocks: Clocks) -> AsyncIterator[BotApiServer]:
    server = populated(BotApiServer(clock=clocks.monotonic, wall=clocks.wall))
    await server.start()
    yield server
    await server.close()


@pytest_asyncio.fixture(loop_scope="module")
async def strict(clocks: Clocks) -> AsyncIterator[BotApiServer]:
    server = populated(BotApiServer(clock=clocks.monotonic, wall=clocks.wall, strict=True))
    await server.start()
    yield server
    await server.close()


@pytest_asyncio.fixture(loop_scope="module")
async def bot(server: BotApiServer, session: AiohttpSession) -> Bot:
    session.api = TelegramAPIServer.from_base(server.url)
    return Bot(TOKEN, session=session)


def populated(server: BotApiServer) -> BotApiServer:
    server.add_bot(TOKEN, "nabat_bot")
    server.add_private_chat(ANNA, name="Анна", username="anna")
    server.add_group(GROUP, title="Двор", supergroup=False, members=7, admins=[ANNA])
    server.add_group(FORUM, title="Район", forum=True, members=300, admins=[ANNA, BOT_ID])
    server.add_topic(FORUM, 5)
    server.add_channel(CHANNEL, title="Канал", username="kanal", admins=[1, BOT_ID])
    return server


def keyboard(data: str = "x") -> InlineKeyboardMarkup:
    button = InlineKeyboardButton(text="Тихо", callback_data=data)
    return InlineKeyboardMarkup(inline_keyboard=[[button]])


async def refusal(call: Awaitable[object]) -> str:
    with pytest.raises(TelegramBadRequest) as raised:
        await call
    return raised.value.message


async def test_a_message_is_sent_edited_and_deleted(server: BotApiServer, bot: Bot) -> None:
    shown: list[str] = []
    server.on_change(lambda message: shown.append(message.text))
    bold = MessageEntity(type="bold", offset=3, length=7)
    sent = await bot.send_message(
        ANNA, "🚨 Тревога", entities=[bold], disable_notification=True, reply_markup=keyboard()
    )
    edited = await bot.edit_message_text("Отбой", chat_id=ANNA, message_id=sent.message_id)

    assert sent.entities is not None and len(sent.entities) == 1
    assert sent.entities[0].extract_from(sent.text or "") == "Тревога"
    assert sent.from_user is not None and sent.from_user.id == BOT_ID
    assert not isinstance(edited, bool) and edited.edit_date is not None
    (message,) = server.messages(ANNA)
    assert (message.text, message.edits, message.silent) == ("Отбой", 1, True)
    assert message.history == ("🚨 Тревога", "Отбой")
    assert message.reply_markup is None, "an edit without a keyboard takes it away"

    await bot.delete_message(ANNA, sent.message_id)
    assert server.messages(ANNA) == []
    assert [(call.method, call.version, call.silent) for call in server.log] == [
        ("sendMessage", 1, True),
        ("editMessageText", 2, True),
        ("deleteMessage", 2, True),
    ]
    assert server.log[2].text is None
    assert shown == ["🚨 Тревога", "Отбой", "Отбой"]


async def test_a_keyboard_is_edited_alone(server: BotApiServer, bot: Bot) -> None:
    sent = await bot.send_message(ANNA, "Ночь", reply_markup=keyboard("a"))
    edit = bot.edit_message_reply_markup
    await edit(chat_id=ANNA, message_id=sent.message_id, reply_markup=keyboard("b"))

    (message,) = server.messages(ANNA)
    assert message.text == "Ночь"
    assert message.reply_markup is not None
    assert message.reply_markup["inline_keyboard"][0][0]["callback_data"] == "b"
    again = edit(chat_id=ANNA, message_id=sent.message_id, reply_markup=keyboard("b"))
    assert "message is not modified" in await refusal(again)


async def test_texts_are_measured_in_utf16(server: BotApiServer, bot: Bot) -> None:
    await bot.send_message(ANNA, "🚨" * 2048)
    assert await refusal(bot.send_message(ANNA, "🚨" * 2048 + "!")) == (
        "Bad Request: message is too long"
    )
    empty = "Bad Request: message text is empty"
    assert await refusal(bot.send_message(ANNA, "")) == empty
    assert await refusal(bot.send_message(ANNA, " \n\u200b")) == empty
    assert server.refused[400] == 3


@pytest.mark.parametrize(
    ("kind", "offset", "length", "complaint"),
    [
        ("bold", 0, 11, "entity beginning at UTF-16 offset 0 ends after the end of the text"),
        ("bold", 100, 1, "entity begins after the end of the text at UTF-16 offset 100"),
        ("bold", -1, 1, "incorrect offset -1"),
        ("bold", 0, -2, "incorrect length -2"),
        ("bold", 1, 3, "entity begins in a middle of a UTF-16 symbol"),
        ("bold", 0, 1, "ends in a middle of a UTF-16 symbol"),
        ("sparkle", 0, 2, "can't parse MessageEntity: Unsupported type specified"),
        ("text_link", 0, 2, "can't parse MessageEntity: Can't find field \"url\""),
    ],
)
async def test_entities_are_checked(
    bot: Bot, kind: str, offset: int, length: int, complaint: str
) -> None:
    entity = MessageEntity(type=kind, offset=offset, length=length)
    assert complaint in await refusal(bot.send_message(ANNA, "🚨 Тревога", entities=[entity]))


async def test_keyboards_are_checked(bot: Bot) -> None:
    long = bot.send_message(ANNA, "Ночь", reply_markup=keyboard("я" * 33))
    assert await refusal(long) == "Bad Request: BUTTON_DATA_INVALID"
    bare = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Ничего")]])
    assert "Text buttons are unallowed" in await refusal(
        bot.send_message(ANNA, "Ночь", reply_markup=bare)
    )


async def test_replies_and_topics(server: BotApiServer, bot: Bot) -> None:
    first = await bot.send_message(FORUM, "Тревога", message_thread_id=5)
    reply = await bot.send_message(
        FORUM, "Отбой", reply_parameters=ReplyParameters(message_id=first.message_id)
    )
    assert reply.reply_to_message is not None and reply.reply_to_message.text == "Тревога"
    assert server.log[0].thread_id == 5 and server.log[1].reply_to == first.message_id

    missing = ReplyParameters(message_id=999)
    assert await refusal(bot.send_message(FORUM, "Отбой", reply_parameters=missing)) == (
        "Bad Request: message to be replied not found"
    )
    lenient = ReplyParameters(message_id=999, allow_sending_without_reply=True)
    assert (await bot.send_message(FORUM, "Отбой", reply_parameters=lenient)).message_id == 3

    gone = "Bad Request: message thread not found"
    assert await refusal(bot.send_message(FORUM, "Отбой", message_thread_id=6)) == gone
    assert await refusal(bot.send_message(FORUM, "Отбой", message_thread_id=1)) == gone
    server.close_topic(FORUM, 5)
    closed = bot.send_message(FORUM, "Отбой", message_thread_id=5)
    assert await refusal(closed) == "Bad Request: TOPIC_CLOSED"


async def test_edits_and_deletions_are_refused(
    server: BotApiServer, bot: Bot, clocks: Clocks
) -> None:
    sent = await bot.send_message(ANNA, "Тревога")
    edit = bot.edit_message_text
    same = edit("Тревога", chat_id=ANNA, message_id=sent.message_id)
    assert "message is not modified" in await refusal(same)
    missing = edit("Отбой", chat_id=ANNA, message_id=999)
    assert await refusal(missing) == "Bad Request: message to edit not found"
    server.say(ANNA, "Спасибо")
    theirs = edit("Отбой", chat_id=ANNA, message_id=server.messages(ANNA)[-1].message_id)
    assert await refusal(theirs) == "Bad Request: message can't be edited"

    assert await refusal(bot.delete_message(ANNA, 999)) == (
        "Bad Request: message to delete not found"
    )
    clocks.seconds = timedelta(hours=48, seconds=1).total_seconds()
    assert await refusal(bot.delete_message(ANNA, sent.message_id)) == (
        "Bad Request: message can't be deleted for everyone"
    )
    await edit("Отбой", chat_id=ANNA, message_id=sent.message_id)


async def test_chats_that_cannot_be_reached(server: BotApiServer, bot: Bot) -> None:
    assert await refusal(bot.send_message(777, "Тревога")) == "Bad Request: chat not found"
    server.add_private_chat(1002, name="Борис", started=False)
    reasons: list[tuple[int, Callable[[int], None] | None, str]] = [
        (1002, None, "bot can't initiate conversation with a user"),
        (ANNA, server.block, "bot was blocked by the user"),
        (ANNA, server.deactivate, "user is deactivated"),
        (FORUM, server.kick, "bot was kicked from the supergroup chat"),
        (GROUP, server.leave, "bot is not a member of the group chat"),
    ]
    for chat_id, befall, reason in reasons:
        if befall is not None:
            befall(chat_id)
        with pytest.raises(TelegramForbiddenError) as raised:
            await bot.send_message(chat_id, "Тревога")
        assert raised.value.message == f"Forbidden: {reason}"
    server.say(1002, "/start")
    await bot.send_message(1002, "Здравствуйте")
    server.unblock(ANNA)
    await bot.send_message(ANNA, "Тревога")
    server.mute(FORUM)
    assert "not enough rights" in await refusal(bot.send_message(FORUM, "Тревога"))


async def test_a_group_becomes_a_supergroup(server: BotApiServer, bot: Bot) -> None:
    sent = await bot.send_message(GROUP, "Тревога")
    server.migrate(GROUP, -1009)
    with pytest.raises(TelegramMigrateToChat) as raised:
        await bot.send_message(GROUP, "Отбой")
    assert raised.value.migrate_to_chat_id == -1009
    dead = bot.edit_message_text("Отбой", chat_id=-1009, message_id=sent.message_id + 1)
    assert await refusal(dead) == "Bad Request: message to edit not found"
    left, came = await bot.get_updates()
    assert left.message is not None and left.message.migrate_to_chat_id == -1009
    assert came.message is not None and came.message.migrate_from_chat_id == GROUP


async def test_message_ids_are_counted_as_telegram_does(server: BotApiServer, bot: Bot) -> None:
    chats = (ANNA, GROUP, FORUM, CHANNEL, ANNA, FORUM)
    ids = [(await bot.send_message(chat_id, "Тревога")).message_id for chat_id in chats]
    assert ids == [1, 2, 1, 1, 3, 2]


async def test_updates_are_confirmed_by_offset(server: BotApiServer, bot: Bot) -> None:
    first = server.say(ANNA, "🚨 /start@nabat_bot москва")
    second = server.say(GROUP, "/status", user_id=ANNA)
    updates = await bot.get_updates()
    assert [update.update_id for update in updates] == [first, second]
    message = updates[0].message
    assert message is not None and message.entities is not None
    assert [entity.type for entity in message.entities] == ["bot_command"]
    assert message.entities[0].extract_from(message.text or "") == "/start@nabat_bot"
    assert len(await bot.get_updates(offset=first, limit=1)) == 1
    assert [u.update_id for u in await bot.get_updates(offset=second)] == [second]
    assert [u.update_id for u in await bot.get_updates()] == [second]
    assert await bot.get_updates(offset=second + 1) == []


async def test_a_long_poll_wakes_at_once(server: BotApiServer, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=40, request_timeout=60))
    await server.wait_for(lambda: server.is_polling(TOKEN))
    loop = asyncio.get_running_loop()
    said_at = loop.time()
    update_id = server.say(ANNA, "Где тревога?")
    (update,) = await poll
    assert update.update_id == update_id
    assert loop.time() - said_at < 0.5


async def test_updates_not_allowed_are_lost(server: BotApiServer, bot: Bot) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    sent = await bot.send_message(ANNA, "Тревога", reply_markup=keyboard())
    server.say(ANNA, "Спасибо")
    pressed = server.press(ANNA, sent.message_id, "forged", user_id=ANNA)
    strange = server.update({"weather_report": {"rain": True}})
    (press, unknown) = await bot.get_updates()
    assert (press.update_id, unknown.update_id) == (pressed, strange)
    assert press.callback_query is not None and press.callback_query.data == "forged"

    await bot.answer_callback_query(press.callback_query.id, text="Готово", show_alert=True)
    assert server.answered == {str(pressed): {"text": "Готово", "show_alert": True}}
    twice = bot.answer_callback_query(press.callback_query.id)
    assert "query is too old" in await refusal(twice)


async def test_the_older_of_two_polls_is_ended(server: BotApiServer, bot: Bot) -> None:
    older = asyncio.create_task(bot.get_updates(timeout=40, request_timeout=60))
    await server.wait_for(lambda: server.is_polling(TOKEN))
    newer = asyncio.create_task(bot.get_updates(timeout=40, request_timeout=60))
    with pytest.raises(TelegramConflictError):
        await older
    await server.wait_for(lambda: server.is_polling(TOKEN))
    server.block(ANNA)
    (update,) = await newer
    assert update.my_chat_member is not None
    assert isinstance(update.my_chat_member.new_chat_member, ChatMemberBanned)


async def test_who_is_in_a_chat(server: BotApiServer, bot: Bot) -> None:
    assert (await bot.get_me()).username == "nabat_bot"
    assert (await bot.get_chat("@kanal")).id == CHANNEL
    assert (await bot.get_chat(FORUM)).is_forum
    assert await bot.get_chat_member_count(FORUM) == 300
    admins = await bot.get_chat_administrators(FORUM)
    assert [type(admin) for admin in admins] == [ChatMemberOwner, ChatMemberAdministrator]
    server.say(FORUM, "Привет", user_id=55)
    assert isinstance(await bot.get_chat_member(FORUM, 55), ChatMemberMember)
    assert isinstance(await bot.get_chat_member(FORUM, 56), ChatMemberLeft)
    server.mute(GROUP)
    assert isinstance(await bot.get_chat_member(GROUP, BOT_ID), ChatMemberRestricted)
    assert "no administrators" in await refusal(bot.get_chat_administrators(ANNA))
    await bot.leave_chat(FORUM)
    with pytest.raises(TelegramForbiddenError):
        await bot.get_chat_member_count(FORUM)


async def test_commands_are_kept_by_scope_and_language(bot: Bot) -> None:
    status = BotCommand(command="status", description="Что сейчас")
    await bot.set_my_commands([status], language_code="ru")
    (kept,) = await bot.get_my_commands(language_code="ru")
    assert (kept.command, kept.description) == ("status", "Что сейчас")
    assert await bot.get_my_commands() == []
    await bot.delete_my_commands(language_code="ru")
    assert await bot.get_my_commands(language_code="ru") == []
    bad = BotCommand(command="Статус", description="Что сейчас")
    assert await refusal(bot.set_my_commands([bad])) == "Bad Request: BOT_COMMAND_INVALID"
    assert await bot.set_my_description("Оповещает") and await bot.delete_webhook()


async def test_unknown_methods_and_tokens(server: BotApiServer, bot: Bot) -> None:
    with pytest.raises(TelegramNotFound):
        await bot(SendDice(chat_id=ANNA))
    server.revoke(TOKEN)
    with pytest.raises(TelegramUnauthorizedError):
        await bot(GetMe())


async def test_a_photo_is_sent_once_and_then_by_its_name(server: BotApiServer, bot: Bot) -> None:
    png = BufferedInputFile(b"\x89PNG\r\n\x1a\n...", "map.png")
    sent = await bot(SendPhoto(chat_id=ANNA, photo=png, caption="Карта"))
    assert sent.photo is not None and sent.caption == "Карта"
    name = sent.photo[-1].file_id
    again = await bot(SendPhoto(chat_id=ANNA, photo=name))
    assert again.photo is not None and again.photo[-1].file_id == name
    assert len(server.photos) == 1
    for bad in ("424242-7", BufferedInputFile(b"no picture", "map.png")):
        with pytest.raises(TelegramBadRequest):
            await bot(SendPhoto(chat_id=ANNA, photo=bad))
    with pytest.raises(TelegramBadRequest, match="caption is too long"):
        await bot(SendPhoto(chat_id=ANNA, photo=name, caption="я" * 1025))
    with pytest.raises(TelegramBadRequest, match="no text in the message"):
        await bot(EditMessageText(chat_id=ANNA, message_id=sent.message_id, text="Карта"))


async def test_every_encoding_is_understood(server: BotApiServer) -> None:
    entities = [{"type": "bold", "offset": 0, "length": 7}]
    nested = {"chat_id": ANNA, "text": "Тревога", "entities": entities}
    flat = {"chat_id": str(ANNA), "text": "Тревога", "entities": json.dumps(entities)}
    multipart = aiohttp.FormData(flat, default_to_multipart=True)
    url = f"{server.url}/bot{TOKEN}/sendmessage"
    async with aiohttp.ClientSession() as client:
        for answer in (
            client.post(url, json=nested),
            client.post(url, data=flat),
            client.post(url, data=multipart),
            client.get(url, params=flat),
        ):
            async with answer as response:
                assert response.status == 200
    assert [call.entities for call in server.log] == [tuple(entities)] * 4


async def test_strict_limits_of_a_chat(
    strict: BotApiServer, session: AiohttpSession, clocks: Clocks
) -> None:
    session.api = TelegramAPIServer.from_base(strict.url)
    bot = Bot(TOKEN, session=session)
    sent = await bot.send_message(ANNA, "Тревога")
    with pytest.raises(TelegramRetryAfter) as raised:
        await bot.edit_message_text("Отбой", chat_id=ANNA, message_id=sent.message_id)
    assert raised.value.retry_after == 1
    clocks.seconds += raised.value.retry_after
    await bot.edit_message_text("Отбой", chat_id=ANNA, message_id=sent.message_id)

    for _ in range(20):
        clocks.seconds += 1
        await bot.send_message(FORUM, "Тревога")
    clocks.seconds += 1
    with pytest.raises(TelegramRetryAfter) as raised:
        await bot.send_message(FORUM, "Тревога")
    assert raised.value.retry_after == 40
    assert strict.refused[429] == 2


async def test_strict_limits_of_a_token() -> None:
    windows = Windows(Limits())

    def admit(chat_id: int, now: float, *, paid: bool = False) -> Admitted | TooMany:
        return windows.admit(token=TOKEN, chat_id=chat_id, group=False, paid=paid, now=now)

    assert all(admit(chat, 0.0) == Admitted() for chat in range(30))
    assert admit(30, 0.5) == TooMany(retry_after=1)
    assert admit(30, 0.5, paid=True) == Admitted()
    assert admit(31, 1.0) == Admitted()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Reset(), TelegramNetworkError),
        (CloseOrderly(), TelegramNetworkError),
        (CutBody(), TelegramNetworkError),
        (BadGzip(), TelegramNetworkError),
        (GarbageStatusLine(), TelegramNetworkError),
        (HugeHeader(), TelegramNetworkError),
        (RedirectLoop(), TelegramNetworkError),
        (EmptyOk(), ClientDecodeError),
        (unparsable_success(1), ClientDecodeError),
        (server_error(502, html=True), ClientDecodeError),
        (server_error(), TelegramServerError),
        (server_error(description=None), TypeError),
        (too_many_requests(None), TelegramAPIError),
        (too_many_requests(9), TelegramRetryAfter),
        (blocked(), TelegramForbiddenError),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, type) else value.__name__,
)
@pytest.mark.parametrize("where", ["before", "after"])
async def test_injected_answers(
    server: BotApiServer, bot: Bot, answer: Answer, expected: type[Exception], where: Where
) -> None:
    server.inject(answer, method="sendMessage", chat_id=ANNA, where=where)
    await bot.send_message(GROUP, "мимо")
    with pytest.raises(expected):
        await bot.send_message(ANNA, "Тревога")

    assert len(server.messages(ANNA)) == (1 if where == "after" else 0)
    await bot.send_message(ANNA, "Отбой")
    assert server.messages(ANNA)[-1].text == "Отбой"


async def test_a_reset_is_a_reset(server: BotApiServer) -> None:
    server.inject(Reset())
    async with aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.ClientOSError) as raised:
            # POST: aiohttp repeats a GET once by itself.
            await client.post(f"{server.url}/bot{TOKEN}/getMe")
    assert raised.value.errno == errno.ECONNRESET


async def test_answers_without_end(server: BotApiServer, bot: Bot) -> None:
    server.inject(Hang(), where="after")
    hanging = asyncio.create_task(bot.send_message(ANNA, "Тревога"))
    await server.heard(lambda call: call.text == "Тревога")
    assert not hanging.done()
    hanging.cancel()

    url = f"{server.url}/bot{TOKEN}/getMe"
    async with aiohttp.ClientSession() as client:
        server.inject(Drip(interval=60))
        async with client.get(url) as response:
            assert response.content_length == len(b'{"ok":true,"result":true}')
            assert await response.content.readexactly(1) == b"{"
            assert response.content.total_bytes == 1
        server.inject(Huge())
        async with client.get(url) as response:
            assert len(await response.content.readexactly(1_000_000)) == 1_000_000


async def test_an_injection_waits_for_an_accepted_call(server: BotApiServer, bot: Bot) -> None:
    injection = server.inject(EmptyOk(), times=None, where="after", method="sendMessage")
    assert await refusal(bot.send_message(ANNA, "")) == "Bad Request: message text is empty"
    for _ in range(2):
        with pytest.raises(ClientDecodeError):
            await bot.send_message(ANNA, "Тревога")
    assert injection.left is None
    server.heal()
    await bot.send_message(ANNA, "Тревога")


async def test_a_call_to_come_is_heard(server: BotApiServer, bot: Bot) -> None:
    heard = asyncio.create_task(server.heard(lambda call: call.text == "Отбой"))
    await bot.send_message(ANNA, "Тревога")
    assert not heard.done()
    await bot.send_message(FORUM, "Отбой")
    assert (await heard).chat_id == FORUM
    with pytest.raises(TimeoutError):
        await server.heard(lambda call: call.chat_id == 0, within=0.01)


async def test_the_world_survives_a_restart_on_the_same_port(
    server: BotApiServer, bot: Bot
) -> None:
    sent = await bot.send_message(ANNA, "Тревога")
    poll = asyncio.create_task(bot.get_updates(timeout=40, request_timeout=60))
    await server.wait_for(lambda: server.is_polling(TOKEN))
    port = int(server.url.rpartition(":")[2])
    await server.close()
    with pytest.raises(TelegramNetworkError):
        await poll
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(ANNA, "Отбой")
    await server.start(port=port)
    await bot.edit_message_text("Отбой", chat_id=ANNA, message_id=sent.message_id)
    assert server.messages(ANNA)[0].history == ("Тревога", "Отбой")
