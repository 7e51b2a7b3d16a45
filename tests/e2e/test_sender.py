"""What the sender makes of everything that the Bot API and the wire may do, over real HTTP."""

import asyncio
import logging
import socket
import traceback
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramServerError,
)

from bot.message import Button, Entity, Message
from bot.outcome import (
    Accepted,
    Ambiguous,
    Cause,
    Dead,
    Gone,
    Later,
    Lost,
    Migrated,
    Outcome,
    Part,
    Refused,
    Rejected,
    Reply,
    Unchanged,
    Unreachable,
)
from bot.sandbox import bot_api_answers as says
from bot.sandbox.bot_api import BotApiServer
from bot.sender import Sender
from bot.session import Session
from storage.model import TelegramId

TOKEN = "123456789:AAE-abcdefghijklmnopqrstuvwxyz01234"
CHAT, GROUP, FORUM = TelegramId(1001), TelegramId(-1002), TelegramId(-1003)
NOBODY = TelegramId(404)
BOLD = Entity(type="bold", offset=0, length=7)
LINK = Entity(type="text_link", offset=8, length=2, url="https://t.me/gov/17")
TEXT = Message(text="Опасность 🟠 БПЛА", entities=(BOLD, LINK), plain="Опасность БПЛА")


@pytest_asyncio.fixture
async def server() -> AsyncIterator[BotApiServer]:
    server = BotApiServer()
    server.add_bot(TOKEN, "nabat_bot")
    server.add_private_chat(CHAT, name="Анна")
    server.add_group(GROUP, title="Двор", admins=[CHAT])
    server.add_group(FORUM, title="Дом", admins=[CHAT], forum=True)
    await server.start()
    yield server
    await server.close()


@pytest_asyncio.fixture
async def bot(server: BotApiServer) -> AsyncIterator[Bot]:
    bot = Bot(TOKEN, session=Session(server.url))
    yield bot
    await bot.session.close()


@pytest.fixture
def sender(bot: Bot) -> Sender:
    return Sender(bot)


def bad(description: str) -> says.Json:
    return says.bad_request(description)


def unreachable(cause: Cause) -> Outcome:
    """Equal to what is checked, which leaves out `why`."""
    return Unreachable(cause=cause)


def bare(outcome: Outcome) -> Outcome:
    """Without the words, which are for people."""
    match outcome:
        case Refused():
            return Refused(why="")
        case Later(seconds=seconds):
            return Later(seconds=seconds, why="")
        case Ambiguous():
            return Ambiguous(why="")
        case Unreachable(cause=cause):
            return Unreachable(cause=cause)
        case Gone():
            return Gone()
        case Rejected():
            return Rejected(why="")
        case Dead():
            return Dead(why="")
        case Accepted() | Unchanged() | Migrated():
            return outcome


IN_DOUBT = Ambiguous(why="")
OURS = Rejected(why="")
STOP = Dead(why="")

# What the server answers, always, and what it means for a send: words and shapes besides those of
# the sandbox's own table, for which see test_faults.
SENDS: dict[str, tuple[says.Answer, Outcome]] = {
    # the wire
    "deep json": (says.Raw(status=200, body=b"[" * 200_000), IN_DOUBT),
    "not utf-8": (says.Raw(status=200, body=b'{"ok": true, "\xff": 1}'), IN_DOUBT),
    "json, no object": (says.Json(status=200, body=[1]), IN_DOUBT),
    # servers' trouble
    "html 401": (says.server_error(401, html=True), IN_DOUBT),
    "json 500 mute": (says.server_error(500, description=None), IN_DOUBT),
    # success of another shape
    "ok, id is no id": (says.success({"message_id": True}), IN_DOUBT),
    "ok with 500": (says.Json(status=500, body={"ok": True, "result": {}}), IN_DOUBT),
    "ok is no bool": (says.Json(status=200, body={"ok": 1, "result": {}}), IN_DOUBT),
    # too many
    "429 for ever": (says.too_many_requests(10**12), Later(seconds=86_400, why="")),
    "flood wait": (bad("FLOOD_WAIT_17"), Later(seconds=17, why="")),
    "slow mode": (bad("SLOWMODE_WAIT_30"), Later(seconds=30, why="")),
    # chats
    "not started": (says.not_started(), unreachable(Cause.BLOCKED)),
    "left": (says.not_a_member("channel"), unreachable(Cause.KICKED)),
    "peer": (bad("PEER_ID_INVALID"), unreachable(Cause.NOT_FOUND)),
    "deleted": (says.forbidden("the group chat was deleted"), unreachable(Cause.NOT_FOUND)),
    "no rights, once": (bad("have no rights to send a message"), unreachable(Cause.NO_RIGHTS)),
    "channel": (
        bad("need administrator rights in the channel chat"),
        unreachable(Cause.NO_RIGHTS),
    ),
    "restricted": (bad("CHAT_WRITE_FORBIDDEN"), unreachable(Cause.NO_RIGHTS)),
    "a new 403": (says.forbidden("NEWS"), unreachable(Cause.NO_RIGHTS)),
    "a mute 403": (says.failure(403, None), unreachable(Cause.NO_RIGHTS)),
    "thread": (says.thread_not_found(), unreachable(Cause.TOPIC_GONE)),
    # texts
    "button": (bad("BUTTON_DATA_INVALID"), OURS),
    "a new 400": (bad("NEWS"), OURS),
    "a mute 400": (says.failure(400, None), OURS),
    # the token
    "404": (says.not_found(), STOP),
    # codes of another world
    "418": (says.failure(418, "I'm a teapot"), IN_DOUBT),
}


@pytest.mark.parametrize(("answer", "expected"), SENDS.values(), ids=SENDS)
async def test_send(
    server: BotApiServer, sender: Sender, answer: says.Answer, expected: Outcome
) -> None:
    server.inject(answer, method="sendMessage", times=None)
    outcome = await sender.send(CHAT, TEXT, silent=False)
    assert bare(outcome) == expected
    assert TOKEN not in repr(outcome)
    # Nothing is repeated but what a lighter form may cure.
    assert server.calls["sendMessage"] == (2 if expected == OURS else 1)


EDITS: dict[str, tuple[says.Answer, Outcome]] = {
    "not ours": (says.edit_forbidden(), Gone()),
    "bad id": (bad("MESSAGE_ID_INVALID"), Gone()),
    "ok of any shape": (says.success(True), Accepted(message_id=5)),
    "reset": (says.Reset(), IN_DOUBT),
    "kicked": (says.kicked(), unreachable(Cause.KICKED)),
    "429": (says.too_many_requests(3), Later(seconds=3, why="")),
    "entities": (says.cannot_parse_entities(), OURS),
}


@pytest.mark.parametrize(("answer", "expected"), EDITS.values(), ids=EDITS)
async def test_edit(
    server: BotApiServer, sender: Sender, answer: says.Answer, expected: Outcome
) -> None:
    server.inject(answer, method="editMessageText", times=None)
    assert bare(await sender.edit(CHAT, 5, TEXT)) == expected


async def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with Session(f"http://127.0.0.1:{port}") as session:
        outcome = await Sender(Bot(TOKEN, session=session)).send(CHAT, TEXT, silent=False)
    assert outcome == Refused(why="ClientConnectorError (ConnectionRefusedError)")


async def test_a_host_without_an_address() -> None:
    async with Session("http://nobody.invalid") as session:
        outcome = await Sender(Bot(TOKEN, session=session)).send(CHAT, TEXT, silent=False)
    assert isinstance(outcome, Refused)


async def test_a_request_that_never_got_a_connection(server: BotApiServer) -> None:
    """All connections are taken by calls that hang: this one was not sent."""
    server.inject(says.Hang(), method="getMe")
    async with Session(server.url, timeout=0.2, connections=1) as session:
        bot = Bot(TOKEN, session=session)
        hanging = asyncio.create_task(session.exchange(TOKEN, "getMe", {}, seconds=5))
        await server.wait_for(lambda: server.calls["getMe"] == 1)
        outcome = await Sender(bot).send(CHAT, TEXT, silent=False)
        hanging.cancel()
    assert isinstance(outcome, Refused)
    assert server.calls["sendMessage"] == 0


async def test_message_arrives_whole(server: BotApiServer, sender: Sender) -> None:
    buttons = ((Button(text="Карта", url="https://t.me/x"), Button(text="Тише", data="q:1")),)
    message = Message(text=TEXT.text, entities=TEXT.entities, keyboard=buttons)
    first = await sender.send(CHAT, TEXT, silent=False)
    second = await sender.send(CHAT, message, silent=True, reply_to=1)
    assert [first, second] == [Accepted(message_id=1), Accepted(message_id=2)]
    loud, silent = server.log
    assert (loud.silent, silent.silent) == (False, True)
    assert (loud.reply_to, silent.reply_to) == (None, 1)
    assert loud.text == TEXT.text
    assert loud.entities == (
        {"type": "bold", "offset": 0, "length": 7},
        {"type": "text_link", "offset": 8, "length": 2, "url": "https://t.me/gov/17"},
    )
    assert silent.reply_markup == {
        "inline_keyboard": [
            [
                {"text": "Карта", "url": "https://t.me/x"},
                {"text": "Тише", "callback_data": "q:1"},
            ]
        ]
    }


async def test_edit_replaces_all(server: BotApiServer, sender: Sender) -> None:
    keyboard = ((Button(text="Тише", data="q:1"),),)
    await sender.send(CHAT, Message(text="раз", keyboard=keyboard), silent=False)
    assert await sender.edit(CHAT, 1, TEXT) == Accepted(message_id=1)
    assert await sender.edit(CHAT, 1, TEXT) == Unchanged()
    shown = server.messages(CHAT)[0]
    assert (shown.text, shown.reply_markup, len(shown.entities)) == (TEXT.text, None, 2)
    assert isinstance(await sender.edit(CHAT, 2, TEXT), Gone)


async def test_lone_surrogates_are_shown_not_raised(server: BotApiServer, sender: Sender) -> None:
    assert await sender.send(CHAT, Message(text="a\ud83dz"), silent=True) == Accepted(message_id=1)
    assert server.log[0].text == "a?z"


async def test_bad_entities_go_out_as_plain_text(
    server: BotApiServer, sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    beyond = Entity(type="bold", offset=0, length=99)
    keyboard = ((Button(text="Тише", data="q:1"),),)
    message = Message(text="Опасность", entities=(beyond,), plain="Кратко", keyboard=keyboard)
    with caplog.at_level(logging.WARNING):
        outcome = await sender.send(CHAT, message, silent=False)
    assert outcome == Accepted(message_id=1, without=(Part.FORM,))
    assert (server.log[0].text, server.log[0].entities) == ("Кратко", ())
    assert "after the end of the text" in caplog.text


@pytest.mark.parametrize(
    ("plain", "shown"), [("Кратко", "Кратко"), ("", "🟠" * 2048)], ids=["plain", "cut"]
)
async def test_too_long_goes_out_short(
    server: BotApiServer, sender: Sender, plain: str, shown: str
) -> None:
    outcome = await sender.send(CHAT, Message(text="🟠" * 2049, plain=plain), silent=False)
    assert outcome == Accepted(message_id=1, without=(Part.FORM,))
    assert server.log[0].text == shown


async def test_an_edit_falls_back_too(server: BotApiServer, sender: Sender) -> None:
    await sender.send(CHAT, Message(text="раз"), silent=False)
    outcome = await sender.edit(CHAT, 1, Message(text="я" * 5000, plain="два"))
    assert outcome == Accepted(message_id=1, without=(Part.FORM,))
    assert server.messages(CHAT)[0].text == "два"


async def test_plain_text_is_not_sent_twice(server: BotApiServer, sender: Sender) -> None:
    server.inject(bad("NEWS"), times=None)
    assert isinstance(await sender.send(CHAT, Message(text="раз"), silent=False), Rejected)
    assert server.calls["sendMessage"] == 1


async def test_a_reply_to_nothing_is_no_reply(server: BotApiServer, sender: Sender) -> None:
    assert await sender.send(CHAT, TEXT, silent=False, reply_to=99) == Accepted(message_id=1)
    server.inject(says.reply_not_found())
    outcome = await sender.send(CHAT, TEXT, silent=False, reply_to=99)
    assert outcome == Accepted(message_id=2, without=(Part.REPLY,))
    assert [call.reply_to for call in server.log] == [None, None]


async def test_a_closed_topic_falls_back_to_general(server: BotApiServer, sender: Sender) -> None:
    server.add_topic(FORUM, 7)
    await sender.send(FORUM, TEXT, silent=False, thread=7)
    server.close_topic(FORUM, 7)
    closed = await sender.send(FORUM, TEXT, silent=False, thread=7)
    server.delete_topic(FORUM, 7)
    deleted = await sender.send(FORUM, TEXT, silent=False, thread=7)
    assert isinstance(closed, Accepted) and closed.without == (Part.THREAD,)
    assert isinstance(deleted, Accepted) and deleted.without == (Part.TOPIC,)
    assert [call.thread_id for call in server.log] == [7, None, None]


async def test_all_parts_may_go_at_once(server: BotApiServer, sender: Sender) -> None:
    for answer in (says.topic_closed(), says.reply_not_found(), says.too_long()):
        server.inject(answer)
    outcome = await sender.send(FORUM, TEXT, silent=False, reply_to=3, thread=7)
    assert outcome == Accepted(message_id=1, without=(Part.THREAD, Part.REPLY, Part.FORM))
    assert server.calls["sendMessage"] == 4


async def test_natural_refusals(server: BotApiServer, sender: Sender) -> None:
    server.block(CHAT)
    server.mute(GROUP)
    server.migrate(FORUM, -100777)
    outcomes = [
        await sender.send(chat, TEXT, silent=False) for chat in (CHAT, GROUP, FORUM, NOBODY)
    ]
    assert [bare(outcome) for outcome in outcomes] == [
        unreachable(Cause.BLOCKED),
        unreachable(Cause.NO_RIGHTS),
        Migrated(to=TelegramId(-100777)),
        unreachable(Cause.NOT_FOUND),
    ]
    server.revoke(TOKEN)
    assert isinstance(await sender.send(CHAT, TEXT, silent=False), Dead)


async def test_redirects_are_not_followed(server: BotApiServer, sender: Sender) -> None:
    """The address that the token would go to is never asked."""
    elsewhere = BotApiServer()
    await elsewhere.start()
    location = {"Location": f"{elsewhere.url}/bot{TOKEN}/sendMessage"}
    server.inject(says.Raw(status=307, headers=location))
    assert isinstance(await sender.send(CHAT, TEXT, silent=False), Ambiguous)
    assert not elsewhere.refused
    await elsewhere.close()


FAULTS: dict[str, tuple[says.Answer, type[Exception]]] = {
    "reset": (says.Reset(), TelegramNetworkError),
    "redirect": (says.RedirectLoop(), ClientDecodeError),
    "garbage": (says.GarbageStatusLine(), TelegramNetworkError),
    "huge": (says.Huge(size=5_000_000), TelegramNetworkError),
    "html 502": (says.server_error(502, html=True), TelegramServerError),
    "mute 500": (says.server_error(500, description=None), TelegramServerError),
    "400": (bad("NEWS"), TelegramBadRequest),
}


@pytest.mark.parametrize(("answer", "expected"), FAULTS.values(), ids=FAULTS)
async def test_other_methods_raise_without_the_token(
    server: BotApiServer, bot: Bot, answer: says.Answer, expected: type[Exception]
) -> None:
    server.inject(answer)
    with pytest.raises(expected) as caught:
        await bot.get_me()
    shown = "".join(traceback.TracebackException.from_exception(caught.value).format())
    assert TOKEN not in shown + repr(caught.value) + repr(vars(caught.value))


async def test_other_methods_work(server: BotApiServer, bot: Bot) -> None:
    assert (await bot.get_me()).username == "nabat_bot"
    update = server.say(CHAT, "я" * 4000)
    assert [found.update_id for found in await bot.get_updates(timeout=0)] == [update]


async def test_updates_may_be_longer_than_other_answers(server: BotApiServer, bot: Bot) -> None:
    for _ in range(100):
        server.say(CHAT, "я" * 4000, extra={"caption": "я" * 4000})
    session = bot.session
    assert isinstance(session, Session)
    assert isinstance(await session.exchange(TOKEN, "getUpdates", {}), Lost)
    assert isinstance(await session.exchange(TOKEN, "getUpdates", {}, cap=16_000_000), Reply)
    assert len(await bot.get_updates()) == 100


async def test_needs_our_own_session() -> None:
    with pytest.raises(TypeError, match="our own Session"):
        Sender(Bot(TOKEN, session=AiohttpSession()))
