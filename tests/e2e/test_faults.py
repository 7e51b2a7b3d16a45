"""The table of faults over real HTTP: through the sender, and through the outbox."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiogram import Bot

from bot.message import Entity, Message
from bot.outbox.work import DeadBotError
from bot.outcome import (
    Accepted,
    Ambiguous,
    Dead,
    Gone,
    Later,
    Migrated,
    Open,
    Outcome,
    Part,
    Refused,
    Rejected,
    Unchanged,
    Unreachable,
)
from bot.sandbox import bot_api_answers as says
from bot.sandbox.bot_api import BotApiServer
from bot.sandbox.faults import FAULTS, NEW_ID, TOPIC, Fault, Nowhere
from bot.sender import Sender
from bot.session import Session
from storage import chats
from storage.database import Tx
from storage.model import ChatId, ChatKind, ChatState, TelegramId
from tests.integration.lane import KALUGA, HeldClock, Lane, opened
from tests.integration.stored import column

TOKEN = "123456789:AAE-abcdefghijklmnopqrstuvwxyz01234"
GROUP, PERSON = ChatId(-1003), ChatId(1003)
BOLD = Entity(type="bold", offset=0, length=8)
TEXT = Message(text="Опасность атаки БПЛА", entities=(BOLD,), plain="Опасность")
SLOW = (says.Hang, says.Drip)
PATIENCE = 0.3  # seconds: of a session whose answer will not come


def bare(outcome: Outcome) -> Outcome:
    """Without the words, which are for people."""
    match outcome:
        case Refused() | Ambiguous() | Later() | Rejected() | Dead() | Unreachable() | Gone():
            return replace(outcome, why="")
        case Accepted() | Unchanged() | Migrated():
            return outcome


@contextlib.asynccontextmanager
async def telegram(fault: Fault, clock: HeldClock) -> AsyncIterator[tuple[BotApiServer, Sender]]:
    """With the group of the table, its topic, and the supergroup that it may become."""
    server = BotApiServer(clock=clock.monotonic)
    server.add_bot(TOKEN, "nabat_bot")
    server.add_private_chat(PERSON, name="Анна")
    server.add_group(GROUP, title="Дом", forum=True)
    server.add_group(NEW_ID, title="Дом")
    server.add_topic(GROUP, TOPIC)
    await server.start()
    url = "http://nobody.invalid" if fault.answer is Nowhere.NAME else server.url
    timeout = PATIENCE if isinstance(fault.answer, SLOW) else 5.0
    async with Session(url, timeout=timeout) as session:
        yield server, Sender(Bot(TOKEN, session=session))
    await server.close()


async def befall(server: BotApiServer, fault: Fault) -> None:
    if isinstance(fault.answer, Nowhere):
        await server.close()
        return
    server.inject(fault.answer, method=fault.method, times=fault.times, where=fault.where)


async def heal(server: BotApiServer, fault: Fault) -> None:
    server.heal()
    if fault.answer is Nowhere.PORT:
        await server.start(port=int(server.url.rpartition(":")[2]))


def whom(fault: Fault) -> ChatId:
    """In a group a change is a new card, in a person's chat an edit."""
    return PERSON if fault.method == "editMessageText" else GROUP


faults = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)


def test_every_row_has_a_name_of_its_own() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


@faults
async def test_the_sender_gives_its_outcome(fault: Fault) -> None:
    chat = whom(fault)
    async with telegram(fault, HeldClock()) as (server, sender):
        await befall(server, fault)
        if fault.method == "editMessageText":
            outcome = await sender.edit(TelegramId(chat), 5, TEXT)
        else:
            outcome = await sender.send(
                TelegramId(chat), TEXT, silent=False, thread=fault.thread, reply_to=fault.reply_to
            )
        assert bare(outcome) == fault.outcome
        assert TOKEN not in repr(outcome)
        assert bool(server.messages(chat)) is fault.delivered
        assert server.calls[fault.method] == calls(fault)


def calls(fault: Fault) -> int:
    """Nothing is repeated but what a lighter form may cure."""
    if isinstance(fault.answer, Nowhere):
        return 0
    lighter = isinstance(fault.outcome, Accepted) and fault.outcome.without
    return 2 if lighter or isinstance(fault.outcome, Rejected) else 1


# The first message of a card is no reply: that row is the sender's alone.
@pytest.mark.parametrize(
    "fault", [row for row in FAULTS if row.reply_to is None], ids=lambda fault: fault.name
)
async def test_the_outbox_makes_of_it(fault: Fault, tmp_path: Path) -> None:
    """The row and the state that the table says; then, once Telegram is well, the chat is told
    no sooner and no later than it says, and in the end nothing is owed."""
    clock = HeldClock()
    async with (
        telegram(fault, clock) as (server, sender),
        opened(tmp_path, clock, sender) as lane,
    ):
        chat = whom(fault)
        kind = ChatKind.PRIVATE if chat is PERSON else ChatKind.SUPERGROUP
        await lane.enrol(chat, KALUGA, kind=kind)
        await lane.database.write(lambda tx: in_topic(tx, chat, fault.thread))
        if fault.method == "editMessageText":
            await lane.alarm()
            await lane.passes(minutes=5)
            await befall(server, fault)
            await lane.all_clear()
        else:
            await befall(server, fault)
            await lane.alarm()
        if isinstance(fault.outcome, Dead):
            with pytest.raises(DeadBotError):
                await lane.outbox.run()
        elif fault.method == "editMessageText":
            await lane.passes(minutes=2)
        else:
            await lane.drain()
        lever = "edit" if fault.method == "editMessageText" else "sound"
        rows = await column(
            lane.database, f"SELECT outcome FROM attempts WHERE lever = '{lever}' ORDER BY id"
        )
        assert rows[0] == fault.row
        await stands_as_told(lane, fault)
        await heal(server, fault)
        if fault.again is not None:
            await is_made_again(lane, server, fault)
        if not isinstance(fault.outcome, Dead):
            await lane.passes(minutes=15)
        if fault.answer is not Nowhere.NAME and not isinstance(fault.outcome, Dead):
            assert await lane.is_settled()


async def in_topic(tx: Tx, id: ChatId, thread: int | None) -> None:
    if thread is not None:
        await tx.all(
            "UPDATE chats SET forum = id, thread = :thread WHERE id = :id", id=id, thread=thread
        )


async def stands_as_told(lane: Lane, fault: Fault) -> None:
    id = ChatId(fault.outcome.to) if isinstance(fault.outcome, Migrated) else whom(fault)
    chat = await lane.database.read(lambda tx: chats.get(tx, id))
    assert chat is not None and chat.state is fault.state
    if fault.state is ChatState.SUSPENDED:
        assert chat.why == fault.why
    elif fault.why is not None:
        (card,) = await lane.cards(id)
        assert card.reason == fault.why
    ours = isinstance(fault.outcome, Rejected) or (
        isinstance(fault.outcome, Accepted) and Part.FORM in fault.outcome.without
    )
    assert bool(lane.pages) is ours


async def is_made_again(lane: Lane, server: BotApiServer, fault: Fault) -> None:
    assert fault.again is not None
    before, known = server.calls["sendMessage"], len(server.messages(GROUP))
    if fault.again > 1:
        await lane.passes(seconds=fault.again - 1)
        assert server.calls["sendMessage"] == before, "too soon"
    await lane.passes(seconds=4)
    if fault.state is ChatState.SUSPENDED:
        await lane.passes(minutes=10)  # a probe has no hurry
    assert server.calls["sendMessage"] > before, "too late"
    assert len(server.messages(GROUP)) == known + 1
    chat = await lane.database.read(lambda tx: chats.get(tx, GROUP))
    assert chat is not None
    assert (chat.state, chat.suspended_at) == (ChatState.ACTIVE, None)


async def test_a_knock_is_refused_as_a_message_is() -> None:
    """And leaves nothing to read, in a private chat, a group, a topic or a channel."""
    async with telegram(FAULTS[0], HeldClock()) as (server, sender):
        server.add_channel(-1005, title="Канал", admins=[])
        assert [
            await sender.knock(TelegramId(PERSON)),
            await sender.knock(TelegramId(GROUP), thread=TOPIC),
        ] == [Open()] * 2
        server.close_topic(GROUP, TOPIC)
        assert await sender.knock(TelegramId(GROUP), thread=TOPIC) == Open()
        server.block(PERSON)
        server.mute(GROUP)
        for chat in (PERSON, GROUP, -1005, 404):
            sent = await sender.send(TelegramId(chat), TEXT, silent=True)
            assert isinstance(sent, Unreachable)
            assert await sender.knock(TelegramId(chat)) == sent
        assert not server.messages(PERSON) and not server.messages(GROUP)
