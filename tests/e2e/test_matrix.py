"""Who may do what: everybody × every place × every kind of message × every command and button.

Raw updates go through the real intake and dispatcher, and the answers over real HTTP to the
sandbox. Commands and buttons are enumerated from the code: a new one without a row here fails.
"""

import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiogram import Router
from aiogram.filters import Command

from bot.handlers.operators import ANONYMOUS_ADMIN, TELEGRAM
from bot.handlers.presses import Pressed
from bot.handlers.routes import dispatcher
from bot.message import Message
from bot.roles import LEAST, LEAST_TO_PRESS
from bot.sandbox.bot_api_answers import JsonObject
from bot.screens.codes import Verb, pack
from bot.sender import Sender
from storage import chats, nonces
from storage.areas.tree import Areas
from storage.database import Tx
from storage.model import Chat, ChatId, ChatKind, ChatState, Lang, TelegramId
from tests.e2e.test_chat import (
    ANNA,
    BOROVSKY,
    KALUGA_REGION,
    NOON,
    OPERATOR,
    TOKEN,
    Stage,
    areas,
    staged,
)

__all__ = ["areas"]
pytestmark = pytest.mark.asyncio(loop_scope="module")

BOT = int(TOKEN.partition(":")[0])


class Access(StrEnum):
    """What a command or a button is: for all, for who may change the chat, for operators."""

    OPEN = auto()
    SETTINGS = auto()
    OPERATORS = auto()


OPEN, SETTINGS, OPERATORS = Access

COMMANDS = {
    "start": SETTINGS,
    "places": SETTINGS,
    "settings": SETTINGS,
    "snooze": SETTINGS,
    "stop": SETTINGS,
    "forget": SETTINGS,
    "status": OPEN,
    "map": OPEN,
    "help": OPEN,
    **dict.fromkeys(("history", "stats", "sources", "privacy"), OPEN),
    **dict.fromkeys(("test", "report", "export"), SETTINGS),
    **dict.fromkeys(LEAST, OPERATORS),
}
BUTTONS: dict[Verb, tuple[Access, str]] = {
    Verb.LANGUAGE: (SETTINGS, "ru"),
    Verb.WELCOME: (SETTINGS, ""),
    Verb.COUNTRY: (SETTINGS, "RU"),
    Verb.REGION: (SETTINGS, KALUGA_REGION),
    Verb.DISTRICTS: (SETTINGS, KALUGA_REGION),
    Verb.FOLLOW: (SETTINGS, BOROVSKY),
    Verb.TICK: (SETTINGS, "RU-KLU/zhukovsky"),
    Verb.UNTICK: (SETTINGS, "RU-KLU/zhukovsky"),
    Verb.PLACES: (SETTINGS, ""),
    Verb.UNFOLLOW: (SETTINGS, BOROVSKY),
    Verb.NEIGHBOURS: (SETTINGS, "on"),
    Verb.STATUS: (SETTINGS, ""),
    Verb.SETTINGS: (SETTINGS, ""),
    Verb.SWITCH: (SETTINGS, "drills.on"),
    Verb.LOUDNESS: (SETTINGS, "important RU-KLU"),
    Verb.QUIET: (SETTINGS, "2300-0700 Europe/Moscow"),
    Verb.ZONE: (SETTINGS, ""),
    Verb.SNOOZE: (SETTINGS, "30"),
    Verb.MORE: (OPEN, KALUGA_REGION),
    Verb.KEEP: (SETTINGS, ""),
    Verb.FORGET: (SETTINGS, "a nonce"),
    Verb.LOCATE: (SETTINGS, ""),
    Verb.HISTORY: (SETTINGS, ""),
    Verb.REPORT: (SETTINGS, "1"),
    **dict.fromkeys(LEAST_TO_PRESS, (OPERATORS, "1")),
}
"""With an argument that lets it do something."""

# --- where ------------------------------------------------------------------------------------

GROUP, SUPERGROUP, FORUM, CHANNEL, TOPIC = -3001, -100_3002, -100_3003, -100_3004, 7
SHARED = (GROUP, SUPERGROUP, FORUM)
STOPPED, BLOCKED, FOLLOWER = 3101, 3102, 3103
MEMBER, HELPER, OWNER, LEFT, ROBOT, GHOST = 3201, 3202, 3203, 3204, 3205, 3206


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """``says`` and ``presses``: what of the rows is granted to their plain messages and to their
    buttons. ``looks``: over the message's JSON."""

    name: str
    chat: int
    user: int
    says: frozenset[Access] = frozenset()
    presses: bool = False
    thread: int | None = None
    looks: JsonObject | None = None
    is_bot: bool = False


_ALL_BUT_OPERATORS = frozenset((OPEN, SETTINGS))


def identities() -> Iterator[Identity]:
    own: dict[str, Any] = {"says": _ALL_BUT_OPERATORS, "presses": True}
    for name, id in (
        ("a stranger", ANNA),
        ("a follower", FOLLOWER),
        ("who stopped", STOPPED),
        ("who blocked the bot once", BLOCKED),
    ):
        yield Identity(name=name, chat=id, user=id, **own)
    yield Identity(
        name="an operator", chat=OPERATOR, user=OPERATOR, says=frozenset(Access), presses=True
    )
    yield Identity(name="somebody in another's private chat", chat=ANNA, user=MEMBER)
    yield Identity(name="an operator in another's private chat", chat=ANNA, user=OPERATOR)
    yield Identity(name="a bot in private", chat=ROBOT, user=ROBOT, is_bot=True)
    yield Identity(name="Telegram itself", chat=TELEGRAM, user=TELEGRAM, presses=True)
    yield Identity(
        name="a customer of an operator's business account",
        chat=OPERATOR,
        user=OPERATOR,
        looks={"business_connection_id": "b1"},
    )
    for chat in SHARED:
        thread = TOPIC if chat == FORUM else None
        in_it: dict[str, Any] = {"chat": chat, "thread": thread}
        said = frozenset((OPEN,))
        yield Identity(name="a member", user=MEMBER, says=said, **in_it)
        yield Identity(name="who left", user=LEFT, says=said, **in_it)
        yield Identity(name="a deleted account", user=GHOST, says=said, **in_it)
        yield Identity(name="an operator as a member", user=OPERATOR, says=said, **in_it)
        yield Identity(name="an administrator", user=HELPER, **own, **in_it)
        yield Identity(name="the owner", user=OWNER, **own, **in_it)
        yield Identity(name="a bot", user=ROBOT, is_bot=True, **in_it)
        yield Identity(
            name="an anonymous administrator",
            user=ANONYMOUS_ADMIN,
            is_bot=True,
            looks={"sender_chat": {"id": chat, "type": "supergroup", "title": "Район"}},
            **in_it,
        )
        yield Identity(
            name="the linked channel",
            user=TELEGRAM,
            looks={
                "sender_chat": {"id": CHANNEL, "type": "channel", "title": "Канал"},
                "is_automatic_forward": True,
            },
            **in_it,
        )
        yield Identity(
            name="another channel",
            user=136817688,
            is_bot=True,
            looks={"sender_chat": {"id": -100_9, "type": "channel", "title": "Канал"}},
            **in_it,
        )
    yield Identity(name="a channel's reader", chat=CHANNEL, user=MEMBER)
    yield Identity(name="a channel's owner", chat=CHANNEL, user=OWNER, presses=True)
    yield Identity(name="an operator as a channel's reader", chat=CHANNEL, user=OPERATOR)


EVERYBODY = tuple(identities())

KINDS: dict[str, tuple[str, JsonObject]] = {
    "plain": ("message", {}),
    "edited": ("message", {"edit_date": 1_772_366_400}),
    "an edit": ("edited_message", {"edit_date": 1_772_366_400}),
    "forwarded": (
        "message",
        {"forward_origin": {"type": "hidden_user", "date": 0, "sender_user_name": "Кто-то"}},
    ),
    "sent as a channel": (
        "message",
        {"sender_chat": {"id": -100_9, "type": "channel", "title": "Канал"}},
    ),
    "by way of a bot": (
        "message",
        {"via_bot": {"id": ROBOT, "is_bot": True, "first_name": "Бот", "username": "x_bot"}},
    ),
    "business": ("business_message", {"business_connection_id": "b1"}),
    "a channel's post": ("channel_post", {}),
}
"""The update's kind, and what is laid over the message."""


# --- the stage --------------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory, areas: Areas) -> AsyncIterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("matrix")
    async with staged(folder, areas) as stage:
        server = stage.server
        for id in (STOPPED, BLOCKED, FOLLOWER, TELEGRAM, ROBOT):
            server.add_private_chat(id, name="Кто-то")
        for chat in SHARED:
            server.add_group(
                chat,
                title="Район",
                supergroup=chat != GROUP,
                forum=chat == FORUM,
                admins=[OWNER, HELPER],
            )
            server.chats[chat].seen |= {MEMBER, OPERATOR, ROBOT}
        server.add_topic(FORUM, TOPIC)
        server.add_channel(CHANNEL, title="Канал", admins=[OWNER, BOT])
        await stage.database.write(_enrol)
        yield stage


async def _enrol(tx: Tx) -> None:
    states = {STOPPED: ChatState.STOPPED, FOLLOWER: ChatState.ACTIVE}
    for id, state in states.items():
        await _known(tx, id, ChatKind.PRIVATE)
        await chats.set_state(tx, ChatId(id), state)
    await _known(tx, BLOCKED, ChatKind.PRIVATE)
    await chats.suspend(tx, TelegramId(BLOCKED), "blocked", NOON)
    for id in SHARED:
        await _known(tx, id, ChatKind.GROUP if id == GROUP else ChatKind.SUPERGROUP)
    await _known(tx, CHANNEL, ChatKind.CHANNEL)


async def _known(tx: Tx, id: int, kind: ChatKind) -> None:
    await chats.put(tx, Chat(id=ChatId(id), kind=kind, lang=Lang.RU, joined_at=NOON))


_numbers = itertools.count(5_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came of one update: answers, the pop-up, rows of the database that changed."""

    texts: tuple[str, ...]
    popup: str | None
    changed: int


async def feed(stage: Stage, raw: JsonObject) -> Seen:
    server, number = stage.server, next(_numbers)
    server.queries.add(str(number))
    calls, changes = len(server.log), await _changes(stage)
    await stage.intake.handle_one({"update_id": number, **raw})
    popup = (
        server.answered.get(str(raw["callback_query"]["id"])) if "callback_query" in raw else None
    )
    return Seen(
        texts=tuple(call.text or "" for call in server.log[calls:]),
        popup=None if popup is None else str(popup["text"]),
        changed=await _changes(stage) - changes,
    )


async def _changes(stage: Stage) -> int:
    row = await stage.database.read(lambda tx: tx.one("SELECT total_changes() AS n"))
    return int(row["n"]) if row else 0


def person(who: Identity) -> JsonObject:
    return {"id": who.user, "is_bot": who.is_bot, "first_name": "Кто-то", "language_code": "ru"}


def saying(stage: Stage, who: Identity, kind: str, text: str) -> JsonObject:
    update, looks = KINDS[kind]
    message: JsonObject = {
        "message_id": next(_numbers),
        "date": 1_772_366_400,
        "chat": stage.server.chats[who.chat].json(),
        "from": person(who),
        "text": text,
        **(who.looks or {}),
        **looks,
    }
    if who.thread is not None:
        message |= {"message_thread_id": who.thread, "is_topic_message": True}
    if update == "channel_post":
        del message["from"]
        message["sender_chat"] = message["chat"]
    return {update: message}


async def pressing(stage: Stage, who: Identity, data: str, under: int) -> JsonObject:
    number = next(_numbers)
    stage.server.queries.add(str(number))
    chat = stage.server.chats[who.chat]
    return {
        "callback_query": {
            "id": str(number),
            "from": person(who),
            "message": chat.message_json(chat.messages[under]) | (who.looks or {}),
            "chat_instance": "1",
            "data": data,
        }
    }


# --- the rows are complete ----------------------------------------------------------------------


def _routers(router: Router) -> Iterator[Router]:
    yield router
    for each in router.sub_routers:
        yield from _routers(each)


async def test_every_command_and_button_of_the_code_has_a_row(stage: Stage) -> None:
    commands: set[str] = set()
    verbs: set[Verb] = set()
    for router in _routers(dispatcher(stage.desk)):
        for handler in router.message.handlers:
            for each in handler.filters or ():
                if isinstance(each.callback, Command):
                    commands |= {str(command) for command in each.callback.commands}
        for handler in router.callback_query.handlers:
            for each in handler.filters or ():
                if isinstance(each.callback, Pressed):
                    verbs.add(each.callback.verb)
    assert commands == set(COMMANDS), "a new command needs a row: who may give it?"
    assert verbs == set(Verb), "a button without a handler"
    assert set(BUTTONS) == set(Verb), "a new button needs a row: with which argument?"
    assert len({who.name for who in EVERYBODY}) >= 15


# --- the matrix ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_commands(stage: Stage, kind: str) -> None:
    for who in EVERYBODY:
        if kind == "a channel's post" and who.chat != CHANNEL:
            continue
        granted = who.says if kind == "plain" else frozenset[Access]()
        # A chat that was given up is taken up again by the first word, whatever it is.
        await feed(stage, saying(stage, who, kind, "/nonsense"))
        nonsense = await feed(stage, saying(stage, who, kind, "/nonsense"))
        assert len(nonsense.texts) <= 1 and not nonsense.changed
        for command, access in COMMANDS.items():
            seen = await feed(stage, saying(stage, who, kind, f"/{command}"))
            where = f"{who.name} in {who.chat}, {kind}: /{command}"
            if access in granted:
                assert len(seen.texts) == 1 and seen.texts != nonsense.texts, where
            elif who.looks and "sender_chat" in who.looks and not nonsense.texts:
                # The anonymous administrator is told why a command of the menu does nothing.
                assert not seen.changed and all("Анонимность" in text for text in seen.texts)
                assert not seen.texts or access is not OPERATORS, where
            else:
                assert seen == nonsense, where
    await stage.database.write(_enrol)


async def test_buttons(stage: Stage) -> None:
    for who in EVERYBODY:
        await stage.database.write(_enrol)
        await Sender(stage.bot).send(TelegramId(who.chat), Message(text="⚙"), silent=True)
        under = stage.server.messages(who.chat)[-1].message_id
        for verb, (access, argument) in BUTTONS.items():
            if verb is Verb.FORGET:
                argument = await stage.database.write(
                    partial(
                        nonces.issue,
                        chat=ChatId(who.chat),
                        who=who.user,
                        action=Verb.FORGET,
                        now=NOON,
                    )
                )
            raw = await pressing(stage, who, pack(verb, argument), under)
            seen = await feed(stage, raw)
            where = f"{who.name} in {who.chat}: {verb.name}"
            assert seen.popup is not None, where
            assert len(seen.texts) <= 1, where
            denied = "только администраторы" in seen.popup
            if access is OPEN:  # a window over the chat, for whoever is in it
                assert not seen.texts and not seen.changed and not (denied and who.presses), where
                continue
            assert denied is not who.presses, where
            granted = who.presses and (access is SETTINGS or access in who.says)
            if not granted:
                assert not seen.texts and not seen.changed, where


async def test_buttons_about_another_chat(stage: Stage) -> None:
    """As a channel is set up from its keeper's private chat, with all the forging that it tempts
    to: from private chats only, and by who has rights in the channel alone."""
    for who in EVERYBODY:
        await stage.database.write(_enrol)
        await Sender(stage.bot).send(TelegramId(who.chat), Message(text="⚙"), silent=True)
        under = stage.server.messages(who.chat)[-1].message_id
        for chat in (CHANNEL, FORUM, -100_77):
            for verb in (Verb.FOLLOW, Verb.PLACES):
                data = pack(verb, BUTTONS[verb][1], chat=chat)
                seen = await feed(stage, await pressing(stage, who, data, under))
                assert not seen.texts and not seen.changed, who.name
                assert seen.popup, who.name
    owner = Identity(name="the owner in private", chat=OWNER, user=OWNER, presses=True)
    stage.server.add_private_chat(OWNER, name="Кто-то")
    await Sender(stage.bot).send(TelegramId(OWNER), Message(text="⚙"), silent=True)
    under = stage.server.messages(OWNER)[-1].message_id
    data = pack(Verb.FOLLOW, BOROVSKY, chat=CHANNEL)
    seen = await feed(stage, await pressing(stage, owner, data, under))
    assert [text.startswith("⚙ ") for text in seen.texts] == [True]
    assert await stage.follows(CHANNEL) == (BOROVSKY,)
    assert await stage.follows(OWNER) == ()


# --- that operators' commands exist --------------------------------------------------------------


async def test_strangers_cannot_tell_that_operators_commands_exist(stage: Stage) -> None:
    """The same answer by the same way: the same statements to the database, the same requests."""
    stranger = next(who for who in EVERYBODY if who.name == "a stranger")
    statements: list[str] = []
    trails = []
    connection = stage.database._connection
    await connection.set_trace_callback(statements.append)
    try:
        for command in ("nonsense", *COMMANDS):
            if COMMANDS.get(command, OPERATORS) is not OPERATORS:
                continue
            statements.clear()
            before = stage.server.calls.copy()
            seen = await feed(stage, saying(stage, stranger, "plain", f"/{command} x 1"))
            trails.append((seen, stage.server.calls - before, list(statements)))
    finally:
        await connection.set_trace_callback(lambda statement: None)
    assert len(trails) > 10 and all(trail == trails[0] for trail in trails)
