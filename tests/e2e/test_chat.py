"""People talk to the bot: real HTTP to the sandbox's Bot API, aiogram, a real database."""

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiogram import Bot

from bot.handlers.desk import Desk, Redeem, Refusal
from bot.handlers.routes import dispatcher, publish_commands
from bot.intake import Intake, IntakeEnded
from bot.order import Order
from bot.roles import LEAST, Role
from bot.sandbox.bot_api import BotApiServer
from bot.sandbox.bot_api_answers import JsonObject, server_error
from bot.sandbox.bot_api_model import SandboxMessage
from bot.screens.codes import Switch, Verb, pack
from bot.session import Session
from bot.texts import load as load_texts
from storage import audit, cards, channels, chats, reviews, situations
from storage.areas.tree import Areas
from storage.areas.tree import load as load_areas
from storage.database import Database, Tx
from storage.model import (
    Alarm,
    AreaCode,
    Channel,
    ChannelId,
    ChatId,
    ChatState,
    Claim,
    Danger,
    Hazard,
    Kind,
    Lang,
    Level,
    Situation,
    Source,
    TelegramId,
    Wrong,
)
from storage.reviews import State

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKEN = "4200001:SANDBOX"
ANNA, BORIS, OPERATOR, VIEWER = 1001, 1002, 1003, 1004
GROUP, FORUM = -500, -1002
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOROVSKY, KALUGA_REGION = AreaCode("RU-KLU/borovsky"), AreaCode("RU-KLU")


NEXT_TO = {KALUGA_REGION: (AreaCode("RU-TUL"),)}


class Program:
    """The rest of the program, as far as operators can reach it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.silence: timedelta | None = timedelta(minutes=2)

    async def add_channel(self, username: str, area: AreaCode) -> Channel:
        if username == "nobody":
            raise Refusal("no channel has this name")
        channel = a_channel(area, username)
        await self.database.write(lambda tx: channels.add(tx, channel))
        return channel

    async def decide(
        self,
        number: int,
        who: int,
        verdict: State,
        *,
        truth: Claim | None = None,
        why: str | None = None,
    ) -> str | None:
        done = await self.database.write(
            lambda tx: reviews.decide(tx, number, who, NOON, verdict, truth)
        )
        return None if done else f"#{number} does not wait"

    async def retract(self, incident: int, who: int, wrong: Wrong, redeem: Redeem) -> str | None:
        return f"incident {incident} is not in force"

    async def preview(self, order: Order) -> Situation:
        return Situation(region=KALUGA_REGION, at=NOON)

    async def issue(
        self,
        order: Order,
        who: int,
        second: int | None,
        *,
        written_at: datetime,
        redeem: Redeem,
    ) -> int | None:
        raise AssertionError("nothing is issued in these stories")

    async def rehearse(self, order: Order, who: int, redeem: Redeem) -> int | None:
        raise AssertionError("nothing is rehearsed in these stories")

    async def backup(self) -> str:
        return "nabat-1.db"

    def reader_silent_for(self) -> timedelta | None:
        return self.silence


class Stage:
    def __init__(self, server: BotApiServer, database: Database, bot: Bot, areas: Areas) -> None:
        self.server = server
        self.database = database
        self.bot = bot
        self.now = NOON
        self.woken = 0
        self.program = Program(database)
        self.desk = Desk(
            database=database,
            areas=areas,
            texts=load_texts(),
            now=lambda: self.now,
            admins={OPERATOR: Role.OWNER, VIEWER: Role.VIEWER},
            bot_username="nabat_bot",
            operations=self.program,
            wake=self._wake,
            neighbours=lambda region: NEXT_TO.get(region, ()),
        )
        self.pauses: list[float] = []
        self.waited = 0.0  # seconds that went by, for who must not ask too often
        self.intake = Intake(
            bot,
            partial(dispatcher(self.desk).feed_update, bot),
            pause=self._pause,
            monotonic=lambda: time.monotonic() + self.waited,
        )

    def _wake(self) -> None:
        self.woken += 1

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def settled(self) -> None:
        """Every update was handled and confirmed."""
        queue = self.server.bots[TOKEN].queue
        await self.server.wait_for(lambda: not queue and self.server.is_polling(TOKEN))

    async def say(self, chat: int, text: str, **more: Any) -> SandboxMessage:
        """The chat's newest message after the bot had its say."""
        self.server.say(chat, text, **more)
        await self.settled()
        return self.server.messages(chat)[-1]

    async def press(self, chat: int, data: str, user: int) -> str:
        """Presses a button, or forges one, under the newest message; the pop-up's text."""
        message = self.server.messages(chat)[-1]
        update = self.server.press(chat, message.message_id, data, user_id=user)
        await self.settled()
        return str(self.server.answered[str(update)]["text"])

    async def tap(self, chat: int, label: str, user: int | None = None) -> SandboxMessage:
        """Presses the button whose text begins so; the newest message then."""
        data = buttons(self.server.messages(chat)[-1])
        found = next(data[text] for text in data if text.startswith(label))
        await self.press(chat, found, user or chat)
        return self.server.messages(chat)[-1]

    async def follows(self, chat: int) -> tuple[AreaCode, ...]:
        return await self.database.read(lambda tx: chats.followed(tx, ChatId(chat)))

    async def state(self, chat: int) -> ChatState | None:
        held = await self.database.read(lambda tx: chats.get(tx, ChatId(chat)))
        return held.state if held else None


@pytest.fixture(scope="module")
def areas() -> Areas:
    return load_areas()


@contextlib.asynccontextmanager
async def staged(folder: Path, areas: Areas) -> AsyncIterator[Stage]:
    server = BotApiServer()
    server.add_bot(TOKEN, "nabat_bot")
    server.add_private_chat(ANNA, name="Анна")
    server.add_private_chat(BORIS, name="Борис", language="uk")
    server.add_private_chat(OPERATOR, name="Дежурный")
    server.add_private_chat(VIEWER, name="Наблюдатель")
    server.add_group(GROUP, title="Двор", supergroup=False, members=7, admins=[ANNA])
    server.add_group(FORUM, title="Район", forum=True, members=300, admins=[ANNA])
    server.add_topic(FORUM, 5)
    await server.start()
    bot = Bot(TOKEN, session=Session(server.url))
    async with await Database.open(folder / "nabat.sqlite") as database:
        stage = Stage(server, database, bot, areas)
        running = asyncio.create_task(stage.intake.run())
        yield stage
        running.cancel()
        await asyncio.wait([running])
    await bot.session.close()
    await server.close()


@pytest_asyncio.fixture(loop_scope="module")
async def stage(tmp_path: Path, areas: Areas) -> AsyncIterator[Stage]:
    async with staged(tmp_path, areas) as stage:
        yield stage


def buttons(message: SandboxMessage) -> dict[str, str]:
    rows = (message.reply_markup or {}).get("inline_keyboard", ())
    return {each["text"]: each.get("callback_data", "") for row in rows for each in row}


def a_channel(area: AreaCode = KALUGA_REGION, username: str = "shapsha") -> Channel:
    return Channel(
        id=ChannelId(77),
        access_hash=1,
        username=username,
        title="Шапша",
        area=area,
        added_at=NOON,
        cursor=12,
    )


def a_source() -> Source:
    return Source(
        channel=ChannelId(77),
        message=11,
        title="Шапша",
        link="https://t.me/shapsha/11",
        quote="Опасность атаки БПЛА в Боровском районе",
        at=NOON - timedelta(minutes=95),
        received_at=NOON - timedelta(minutes=95),
    )


def in_danger(area: AreaCode) -> Situation:
    source = a_source()
    alarm = Alarm(
        area=area,
        level=Level.DECLARED,
        since=source.at,
        named_at=source.at,
        confirmed_at=source.at,
        sources=(source,),
    )
    return Situation(
        region=KALUGA_REGION,
        version=1,
        at=source.at,
        episode=1,
        dangers=(Danger(hazard=Hazard.UAV, alarms=(alarm,)),),
    )


async def all_of(tx: Tx, table: str) -> int:
    row = await tx.one(f"SELECT count(*) AS n FROM {table}")
    return int(row["n"]) if row else 0


# --- choosing a place -----------------------------------------------------------------------


async def test_a_typed_name_with_a_typo_is_found_and_followed(stage: Stage) -> None:
    hello = await stage.say(ANNA, "/start")
    assert hello.text.startswith("Набат")
    assert "✓ Русский" in buttons(hello)
    found = await stage.say(ANNA, "боровсий")
    assert "Боровский район, Калужская область" in buttons(found)
    done = await stage.tap(ANNA, "Боровский район, Калужская")
    assert done.message_id == found.message_id, "the question becomes the answer"
    assert "Оповещения включены: Боровский район, Калужская область." in done.text
    assert "Бот пока не читает ни одного канала" in done.text
    assert await stage.follows(ANNA) == (BOROVSKY,)

    await stage.database.write(lambda tx: channels.add(tx, a_channel()))
    again = await stage.say(ANNA, "Боровский район")
    assert again.text == "Какое место вы имеете в виду?"
    done = await stage.tap(ANNA, "Боровский район, Калужская")
    assert "уже были включены" in done.text and "Бот пока не читает" not in done.text


async def test_a_towns_region_is_offered_right_behind_it(stage: Stage) -> None:
    found = buttons(await stage.say(ANNA, "Калуга"))
    assert list(found)[:2] == ["Калуга, Калужская область", "Калужская область"]


async def test_several_districts_are_chosen_by_buttons(stage: Stage, areas: Areas) -> None:
    await stage.say(ANNA, "/start")
    await stage.tap(ANNA, "Россия")
    while "Калужская область" not in buttons(stage.server.messages(ANNA)[-1]):
        await stage.tap(ANNA, "›")
    await stage.tap(ANNA, "Калужская область")
    listed = await stage.tap(ANNA, "Выбрать районы")
    ticked = await stage.tap(ANNA, "Боровский район")
    assert "✓ Боровский район" in buttons(ticked)
    await stage.tap(ANNA, "Жуковский район")
    await stage.tap(ANNA, "›")
    await stage.tap(ANNA, "Юхновский район")
    assert set(await stage.follows(ANNA)) == {
        BOROVSKY,
        AreaCode("RU-KLU/zhukovsky"),
        AreaCode("RU-KLU/yukhnovsky"),
    }
    await stage.tap(ANNA, "‹")
    await stage.tap(ANNA, "✓ Боровский район")
    places = await stage.tap(ANNA, "Готово")
    assert places.message_id == listed.message_id
    assert "• Юхновский район, Калужская область" in places.text
    await stage.tap(ANNA, "✕ Юхновский район")
    assert await stage.follows(ANNA) == (AreaCode("RU-KLU/zhukovsky"),)


async def test_a_language_is_taken_from_the_client_and_can_be_changed(stage: Stage) -> None:
    hello = await stage.say(BORIS, "/start")
    assert "✓ Українська" in buttons(hello)
    assert await stage.state(BORIS) is None, "nothing is held before anything is chosen"
    assert (await stage.tap(BORIS, "English")).text.startswith("Nabat: alerts")
    assert (await stage.say(BORIS, "/places")).text == "No places are followed here yet."


async def test_neighbouring_regions_are_a_switch(stage: Stage) -> None:
    """In the chat's language, and only where there are any."""
    await stage.say(BORIS, "/start RU-MAG")
    await stage.press(BORIS, pack(Verb.FOLLOW, "RU-MAG"), BORIS)
    switch = "І сусідні регіони: тихо"
    assert switch not in buttons(await stage.say(BORIS, "/places"))
    await stage.press(BORIS, pack(Verb.FOLLOW, BOROVSKY), BORIS)
    places = await stage.say(BORIS, "/places")
    assert switch in buttons(places) and "сусідні" not in places.text
    on = buttons(places)[switch]
    said = await stage.press(BORIS, on, BORIS)
    assert said == "Сусідні регіони ввімкнено, без звуку."
    shown = stage.server.messages(BORIS)[-1]
    assert shown.message_id == places.message_id
    assert f"✓ {switch}" in buttons(shown) and "І сусідні регіони, без звуку" in shown.text
    await stage.press(BORIS, on, BORIS)
    assert f"✓ {switch}" in buttons(stage.server.messages(BORIS)[-1]), "old buttons toggle nothing"
    await stage.press(BORIS, pack(Verb.UNFOLLOW, BOROVSKY), BORIS)
    left = stage.server.messages(BORIS)[-1]
    assert f"✓ {switch}" in buttons(left), "what is on can be switched off anywhere"
    assert "увімкнено" in (await stage.say(BORIS, "/start")).text
    await stage.tap(BORIS, f"✓ {switch}")
    assert switch not in str(buttons(stage.server.messages(BORIS)[-1]))
    held = await stage.database.read(lambda tx: chats.get(tx, ChatId(BORIS)))
    assert held is not None and not held.wishes.neighbours
    assert "застар" in await stage.press(BORIS, pack(Verb.NEIGHBOURS, "maybe"), BORIS)


async def test_a_link_leaves_one_tap(stage: Stage) -> None:
    offer = await stage.say(ANNA, "/start RU-KLU")
    assert offer.text == "Включить оповещения: Калужская область?"
    await stage.tap(ANNA, "Да, включить")
    await stage.say(ANNA, "/start RU-KLU_borovsky")
    await stage.tap(ANNA, "Да, включить")
    assert await stage.follows(ANNA) == (KALUGA_REGION, BOROVSKY)


async def test_following_during_danger_owes_the_card(stage: Stage) -> None:
    await stage.database.write(lambda tx: situations.append(tx, in_danger(BOROVSKY)))
    await stage.say(ANNA, "/start RU-KLU_zhukovsky")
    await stage.tap(ANNA, "Да, включить")
    assert not await stage.database.read(lambda tx: cards.of_chat(tx, ChatId(ANNA)))
    await stage.say(ANNA, "/start RU-KLU_borovsky")
    done = await stage.tap(ANNA, "Да, включить")
    assert "действует опасность" in done.text
    (card,) = await stage.database.read(lambda tx: cards.of_chat(tx, ChatId(ANNA)))
    assert (card.region, card.seen, card.reason) == (KALUGA_REGION, 0, "subscribed")
    assert stage.woken == 1


async def test_status_says_what_is_in_force_since_when_and_from_where(stage: Stage) -> None:
    assert (await stage.say(ANNA, "/status")).text == "Места пока не выбраны."
    await stage.database.write(lambda tx: channels.add(tx, a_channel()))
    await stage.say(ANNA, "/start RU-KLU_borovsky")
    await stage.tap(ANNA, "Да, включить")
    calm = await stage.say(ANNA, "/status")
    assert "не сообщают о действующей опасности" in calm.text
    await stage.database.write(lambda tx: situations.append(tx, in_danger(BOROVSKY)))
    danger = await stage.tap(ANNA, "Обновить")
    assert danger.message_id == calm.message_id
    assert "Боровский район" in danger.text
    assert "с 13:25, уже 1 ч 35 мин" in danger.text, "in the region's time"
    assert "источник: Шапша, 1 ч 35 мин назад" in danger.text
    assert any(entity.get("url") == "https://t.me/shapsha/11" for entity in danger.entities)


# --- the end --------------------------------------------------------------------------------


async def test_stop_and_resume(stage: Stage) -> None:
    await stage.say(ANNA, "/start RU-KLU")
    await stage.tap(ANNA, "Да, включить")
    assert "остановлены" in (await stage.say(ANNA, "/stop")).text
    assert await stage.state(ANNA) is ChatState.STOPPED
    assert "остановлены" in (await stage.say(ANNA, "/status")).text
    await stage.press(ANNA, pack(Verb.LANGUAGE, "ru"), ANNA)
    stage.server.block(ANNA)
    stage.server.unblock(ANNA)
    await stage.settled()
    assert await stage.state(ANNA) is ChatState.STOPPED, "blocking is no wish for alerts"
    assert (await stage.say(ANNA, "/start")).text.startswith("Оповещения включены.")
    assert await stage.state(ANNA) is ChatState.ACTIVE
    assert await stage.follows(ANNA) == (KALUGA_REGION,)


async def test_forget_asks_once_and_deletes_every_row(stage: Stage) -> None:
    await stage.database.write(lambda tx: situations.append(tx, in_danger(BOROVSKY)))
    await stage.say(ANNA, "/start RU-KLU_borovsky")
    await stage.tap(ANNA, "Да, включить")
    await stage.database.write(lambda tx: audit.notify(tx, ANNA, "key", "text", NOON))
    await stage.say(ANNA, "/forget")
    assert (await stage.tap(ANNA, "Оставить")).text == "Ничего не удалено."
    assert await stage.follows(ANNA) == (BOROVSKY,)
    await stage.say(ANNA, "/forget")
    assert "ничего не хранится" in (await stage.tap(ANNA, "Удалить всё")).text
    for table in ("chats", "follows", "cards", "notices"):
        assert await stage.database.read(partial(all_of, table=table)) == 0, table


async def test_forgetting_is_for_who_asked_and_works_once(stage: Stage) -> None:
    stage.server.chats[GROUP].admins.append(BORIS)
    await stage.say(GROUP, "/start RU-KLU", user_id=ANNA)
    await stage.tap(GROUP, "Да, включить", ANNA)
    delete = buttons(await stage.say(GROUP, "/forget", user_id=ANNA))["Удалить всё"]
    assert "для того, кто спросил" in await stage.press(GROUP, delete, BORIS)
    for forged in (pack(Verb.FORGET), pack(Verb.FORGET, "A" * 16)):
        assert "устарел" in await stage.press(GROUP, forged, ANNA)
    stage.now += timedelta(minutes=10)
    assert "устарел" in await stage.press(GROUP, delete, ANNA)
    assert await stage.follows(GROUP) == (KALUGA_REGION,)
    delete = buttons(await stage.say(GROUP, "/forget", user_id=ANNA))["Удалить всё"]
    await stage.press(GROUP, delete, ANNA)
    assert await stage.state(GROUP) is None
    await stage.say(GROUP, "/start RU-KLU", user_id=ANNA)
    await stage.tap(GROUP, "Да, включить", ANNA)
    assert "устарел" in await stage.press(GROUP, delete, ANNA)
    assert await stage.follows(GROUP) == (KALUGA_REGION,)


async def test_a_blocked_chat_is_suspended_and_revived(stage: Stage) -> None:
    await stage.say(ANNA, "/start RU-KLU")
    await stage.tap(ANNA, "Да, включить")
    stage.server.block(ANNA)
    await stage.settled()
    assert await stage.state(ANNA) is ChatState.SUSPENDED
    stage.server.unblock(ANNA)
    await stage.settled()
    assert await stage.state(ANNA) is ChatState.ACTIVE


# --- groups ---------------------------------------------------------------------------------


async def test_a_group_is_greeted_and_its_administrators_alone_choose(stage: Stage) -> None:
    stage.server.leave(GROUP)
    stage.server.invite(GROUP)
    await stage.settled()
    (greeting,) = stage.server.messages(GROUP)
    assert "Места выбирают администраторы" in greeting.text
    held = await stage.database.read(lambda tx: chats.get(tx, ChatId(GROUP)))
    assert held is not None and held.members == 7

    follow = pack(Verb.FOLLOW, BOROVSKY)
    denied = await stage.press(GROUP, follow, BORIS)
    assert denied == "Менять это могут только администраторы чата."
    asked = await stage.say(GROUP, "/start Калуга", user_id=BORIS)
    assert asked.text == "/start Калуга", "a member is not answered"
    assert (await stage.say(GROUP, "/stop", user_id=BORIS)).text == "/stop"
    assert await stage.follows(GROUP) == ()

    assert "Калуга" in str(buttons(await stage.say(GROUP, "/start калга", user_id=ANNA)))
    assert await stage.press(GROUP, follow, ANNA) == ""
    assert await stage.follows(GROUP) == (BOROVSKY,)
    switch = pack(Verb.NEIGHBOURS, Switch.ON)
    assert "только администраторы" in await stage.press(GROUP, switch, BORIS)
    assert await stage.press(GROUP, switch, ANNA) == "Соседние регионы включены, без звука."
    assert (await stage.say(GROUP, "/places", user_id=BORIS)).text == "/places"
    told = await stage.say(GROUP, "/places@nabat_bot", user_id=BORIS)
    assert told.text.startswith("Такой команды нет, или её могут давать только администраторы")
    shown = await stage.say(GROUP, "/places", user_id=ANNA)
    assert "Боровский район" in shown.text and buttons(shown)
    assert "И соседние регионы, без звука" in shown.text

    stage.server.chats[GROUP].admins[:] = [BORIS]
    stage.now += timedelta(seconds=61)
    assert "только администраторы" in await stage.press(GROUP, pack(Verb.UNFOLLOW, BOROVSKY), ANNA)
    stage.server.kick(GROUP)
    await stage.settled()
    assert await stage.state(GROUP) is ChatState.SUSPENDED


async def test_a_topic_and_an_anonymous_administrator(stage: Stage) -> None:
    def said_by(chat: int) -> JsonObject:
        return {
            "from": {"id": 1087968824, "is_bot": True, "first_name": "Group"},
            "sender_chat": {"id": chat, "type": "supergroup", "title": "Район"},
        }

    foreign = await stage.say(FORUM, "/start Калуга", thread_id=5, extra=said_by(-1077))
    assert foreign.text == "/start Калуга"
    answer = await stage.say(FORUM, "/start", thread_id=5, extra=said_by(FORUM))
    assert answer.thread_id == 5 and "Анонимность" in answer.text and not buttons(answer)
    assert (await stage.say(FORUM, "/ban", extra=said_by(FORUM))).text == "/ban"
    answer = await stage.say(FORUM, "/start Калуга", thread_id=5, user_id=ANNA)
    assert answer.thread_id == 5 and buttons(answer)
    await stage.press(FORUM, pack(Verb.FOLLOW, BOROVSKY), ANNA)
    held = await stage.database.read(lambda tx: chats.whole(tx, TelegramId(FORUM)))
    assert [(each.telegram, each.thread) for each in held] == [(FORUM, 5)]


async def test_a_group_that_moves_keeps_its_places(stage: Stage) -> None:
    await stage.say(GROUP, "/start RU-KLU", user_id=ANNA)
    await stage.tap(GROUP, "Да, включить", ANNA)
    stage.server.migrate(GROUP, -1009)
    await stage.settled()
    assert await stage.follows(-1009) == (KALUGA_REGION,)
    assert await stage.state(GROUP) is None


async def test_what_members_say_to_each_other_is_not_answered(stage: Stage) -> None:
    assert (await stage.say(GROUP, "Калуга", user_id=ANNA)).text == "Калуга"
    assert (await stage.say(GROUP, "/start@other_bot", user_id=ANNA)).text == "/start@other_bot"
    assert (await stage.say(GROUP, "/nonsense", user_id=ANNA)).text == "/nonsense"


# --- operators ------------------------------------------------------------------------------

OPERATORS_ONLY = (*(f"/{command}" for command in LEAST), "/release 1", "/channel_remove @a")


async def test_to_strangers_operators_commands_do_not_exist(stage: Stage) -> None:
    unknown = (await stage.say(ANNA, "/nonsense")).text
    for command in OPERATORS_ONLY:
        stage.waited += 60
        stage.server.chats[ANNA].messages.clear()
        assert (await stage.say(ANNA, command)).text == unknown, command
        assert (await stage.say(GROUP, command, user_id=OPERATOR)).text == command
    forward = {"type": "hidden_user", "date": 0, "sender_user_name": "Дежурный"}
    for extra in ({"forward_origin": forward}, {"edit_date": 1}):
        for command in ("/pause", "/nonsense"):
            said = await stage.say(OPERATOR, command, extra=extra)
            assert said.text.startswith("Пересланные и изменённые команды")
    for extra in (
        {"sender_chat": {"id": -1077, "type": "channel", "title": "Канал"}},
        {"from": {"id": OPERATOR, "is_bot": True, "first_name": "Дежурный"}},
    ):
        assert (await stage.say(OPERATOR, "/pause", extra=extra)).text == "/pause"
    assert not await stage.database.read(audit.paused)


async def test_a_viewer_only_reads(stage: Stage) -> None:
    await stage.say(OPERATOR, "/pause проверка связи")
    for command, least in LEAST.items():
        stage.waited += 60
        stage.server.chats[VIEWER].messages.clear()
        answer = (await stage.say(VIEWER, f"/{command}")).text
        refused = answer.startswith("Вашей роли (наблюдатель) это не разрешено.")
        assert refused is (least > Role.VIEWER), command
    assert await stage.database.read(audit.paused)
    guide = (await stage.say(VIEWER, "/help")).text
    assert "/audit" in guide and "/pause" not in guide


async def test_the_audit_trail_is_paged_and_never_changed(stage: Stage) -> None:
    for n in range(15):
        await stage.say(OPERATOR, f"/pause потому что {n}")
    first = (await stage.say(VIEWER, "/audit")).text
    assert f"{OPERATOR} · pause" in first and "why: потому что 14" in first
    assert "потому что 2" not in first
    await stage.press(VIEWER, pack(Verb.AUDIT, "", 1), VIEWER)
    assert "why: потому что 2" in stage.server.messages(VIEWER)[-1].text
    await stage.say(ANNA, "/help")
    assert "устарела" in await stage.press(ANNA, pack(Verb.AUDIT, "", 1), ANNA)
    for sql in ("UPDATE audit SET who = 1", "DELETE FROM audit"):
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            await stage.database.write(partial(Tx.all, sql=sql))
    listed = (await stage.say(VIEWER, "/admins")).text
    assert f"{OPERATOR} — владелец" in listed and f"{VIEWER} — наблюдатель" in listed


async def test_an_operator_pauses_and_resumes(stage: Stage) -> None:
    assert "приостановлена" in (await stage.say(OPERATOR, "/pause")).text
    assert await stage.database.read(audit.paused)
    stage.now += timedelta(minutes=5)
    health = (await stage.say(OPERATOR, "/health")).text
    assert "Рассылка приостановлена 5 мин назад" in health
    assert "Последняя связь читателя с Telegram: 2 мин назад" in health
    assert (await stage.say(OPERATOR, "/resume")).text == "Рассылка продолжается."
    assert not await stage.database.read(audit.paused)
    assert stage.woken == 1
    assert await stage.database.read(partial(all_of, table="audit")) == 2


async def test_an_operator_tends_channels(stage: Stage) -> None:
    assert "@name RU-KLU" in (await stage.say(OPERATOR, "/channel_add")).text
    assert "Не нашлось" in (await stage.say(OPERATOR, "/channel_add @a ъъъ")).text
    refused = await stage.say(OPERATOR, "/channel_add @nobody RU-KLU")
    assert "no channel has this name" in refused.text
    added = await stage.say(OPERATOR, "/channel_add @shapsha калужская область")
    assert added.text == "Читаем @shapsha Шапша, территория: Калужская область."
    await stage.database.write(lambda tx: channels.in_trouble(tx, ChannelId(77), "flood wait"))
    listed = (await stage.say(OPERATOR, "/channels")).text
    assert "@shapsha Шапша" in listed and "прочитан до 12" in listed and "flood wait" in listed
    assert "@shapsha: flood wait" in (await stage.say(OPERATOR, "/health")).text
    assert "Шапша — Калужская область" in (await stage.say(ANNA, "/help")).text
    gone = await stage.say(OPERATOR, "/channel_remove @Shapsha")
    assert gone.text == "@shapsha больше не читаем."
    assert "нет @shapsha" in (await stage.say(OPERATOR, "/channel_remove shapsha")).text


async def test_an_operator_decides_held_all_clears(stage: Stage) -> None:
    assert (await stage.say(OPERATOR, "/held")).text == "Решений ничто не ждёт."
    claim = Claim(kind=Kind.ALL_CLEAR, hazard=Hazard.UAV, areas=(BOROVSKY,))

    async def hold(tx: Tx, ordinal: int) -> None:
        await reviews.ask(
            tx,
            reviews.Subject.CLEAR,
            KALUGA_REGION,
            claim,
            a_source(),
            ordinal=ordinal,
            why="unresolved",
            at=NOON,
        )

    for ordinal in (1, 2):
        await stage.database.write(partial(hold, ordinal=ordinal))
    listed = (await stage.say(OPERATOR, "/held")).text
    assert "Калужская область: БПЛА · Боровский район" in listed and "/reject 2" in listed
    released = await stage.say(OPERATOR, "/release 1")
    assert f"пропущено · {OPERATOR}" in released.text and not released.reply_markup
    assert "отклонено" in (await stage.say(OPERATOR, "/reject 2 не наш")).text
    assert "№2 не ждёт" in (await stage.say(OPERATOR, "/release 2")).text
    assert "/release 12" in (await stage.say(OPERATOR, "/release два")).text


# --- what goes wrong ------------------------------------------------------------------------


async def test_a_press_of_somebody_else_changes_nothing(stage: Stage) -> None:
    await stage.say(ANNA, "/start RU-KLU")
    await stage.press(ANNA, pack(Verb.FOLLOW, BOROVSKY), BORIS)
    assert await stage.follows(ANNA) == ()


@pytest.mark.parametrize(
    "data",
    ["", "f", "f:RU-XX", "f:RU", "_:1", "l:de", "r:RU-KLU/borovsky", "t:RU-KLU", "c:77:999"],
)
async def test_stale_buttons_are_answered(stage: Stage, data: str) -> None:
    await stage.say(ANNA, "/start")
    assert "устарела" in await stage.press(ANNA, data, ANNA)


async def test_a_broken_update_blocks_no_other(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    broken = stage.server.update({"message": {"message_id": "soon", "text": "секрет"}})
    strange = stage.server.update({"weather_report": {"rain": True}})
    assert (await stage.say(ANNA, "/start")).text.startswith("Набат")
    assert f"update {broken} set aside" in caplog.text
    assert strange and "секрет" not in caplog.text


async def test_an_error_in_a_handler_is_logged_and_answered(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.database.write(lambda tx: tx.all("ALTER TABLE follows RENAME TO lost"))
    answer = await stage.say(ANNA, "/places")
    assert answer.text.startswith("Не получилось")
    assert "no such table: follows" in caplog.text and "update" in caplog.text


async def test_a_flood_is_cut(stage: Stage) -> None:
    for _ in range(100):
        stage.server.say(ANNA, "/nonsense")
    assert (await stage.say(BORIS, "/start")).text
    assert stage.server.calls["sendMessage"] <= 42


async def test_long_names_and_long_texts(stage: Stage) -> None:
    assert "Не нашлось" in (await stage.say(ANNA, "ъ" * 4000)).text
    long = max(stage.desk.areas, key=lambda area: len(area.name_ru))
    await stage.say(ANNA, long.name_ru)
    await stage.press(ANNA, pack(Verb.FOLLOW, long.code), ANNA)
    assert await stage.follows(ANNA) == (long.code,)
    assert await stage.press(ANNA, pack(Verb.PLACES), ANNA) == ""
    assert long.name_ru in stage.server.messages(ANNA)[-1].text


async def test_the_intake_waits_and_gives_up(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.server.inject(server_error(502, html=True), method="getUpdates", times=3)
    assert (await stage.say(ANNA, "/start")).text
    assert (await stage.say(ANNA, "/start")).text
    assert stage.pauses == [1, 2, 4]
    other = Intake(stage.bot, stage.intake._handle, pause=stage._pause)
    stage.server.revoke(TOKEN)
    with pytest.raises(IntakeEnded, match="HTTP 401") as ended:
        await other.run()
    assert "SANDBOX" not in str(ended.value) + caplog.text


async def test_commands_are_published(stage: Stage) -> None:
    await publish_commands(stage.bot, stage.desk.texts)
    kept = stage.server.bots[TOKEN].commands
    assert len(kept) == 9
    menu = {scope: commands for (scope, lang), commands in kept.items() if lang == Lang.RU}
    group = menu['{"type": "all_group_chats"}']
    assert [each["command"] for each in group] == [
        "status", "map", "history", "stats", "sources", "privacy", "help",
    ]  # fmt: skip


async def test_nothing_is_logged_at_error_by_plain_talk(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    for text in ("/start", "/help", "/status", "/places", "Калуга", "/stop", "/forget"):
        await stage.say(ANNA, text)
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []
