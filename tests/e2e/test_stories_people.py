"""What a resident does in the chat besides reading alerts, from the first word to the last."""

import json
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from storage import chats, reports, situations
from storage.database import Tx
from storage.model import AreaCode, Chat, ChatId, ChatState, Lang, Wishes
from tests.e2e.stage import (
    ADMIN,
    AIRPORTS,
    ANNA,
    BORIS,
    BOROVSKY,
    CLEAR,
    DANGER,
    KALUGA,
    MCHS,
    START,
    USUAL,
    Follower,
    Stage,
    enrol,
    play,
    staged,
)

GLEB = 700110
PEOPLE = (Follower(id=ANNA, follows=(KALUGA,)), Follower(id=BORIS, follows=(BOROVSKY,)))
NEAR_BALABANOVO = {"location": {"latitude": 55.178312, "longitude": 36.651297}}
MARK = "УЧЕБНЫЙ ОБРАЗЕЦ"
SHOT = "Над Боровским районом сбиты три беспилотника. Пострадавших нет."
TOTAL = (
    "В течение прошедшей ночи дежурными средствами ПВО уничтожены и перехвачены 45 украинских"
    " беспилотных летательных аппаратов: 20 над территорией Белгородской области, 5 над"
    " территорией Калужской области."
)


async def says(stage: Stage, text: str, chat: int, **more: Any) -> None:
    """After a second or two, which the limits of one chat would have to be waited for."""
    stage.clock.skip_limits(2)
    await stage.says(text, chat, **more)


async def presses(stage: Stage, label: str, chat: int) -> None:
    stage.clock.skip_limits(2)
    await stage.presses(label, chat)


def enter(stage: Stage, chat: int) -> None:
    stage.world.bot_api.add_private_chat(chat, name="Новый")


async def follows(stage: Stage, chat: int) -> tuple[str, ...]:
    return await stage.nabat.database.read(lambda tx: chats.followed(tx, ChatId(chat)))


async def test_a_location_a_tap_and_alerts_come(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    async with play(tmp_path, people=PEOPLE) as stage:
        enter(stage, GLEB)
        await says(stage, "/start", GLEB)
        await presses(stage, "Моё местоположение", GLEB)
        asked = stage.messages(GLEB)[-1]
        assert asked.reply_markup is not None
        assert asked.reply_markup["keyboard"][0][0]["request_location"] is True
        assert "Сама точка не сохраняется" in asked.text
        await says(stage, "", GLEB, extra=NEAR_BALABANOVO)
        assert "Какое место ваше?" in stage.shows(GLEB)
        assert await follows(stage, GLEB) == ()
        await presses(stage, "Боровский", GLEB)
        assert await follows(stage, GLEB) == (BOROVSKY,)

        # What an alert will look like: silent, marked first and last, of no card.
        await stage.settles()
        sample = stage.shows(GLEB)
        assert sample.startswith(f"{MARK}\n🟠 ОПАСНОСТЬ · БПЛА · Боровский район")
        assert sample.endswith(MARK)
        assert stage.heard(GLEB)[-1] == "silent"
        assert not await stage.nabat.database.read(lambda tx: tx.all("SELECT id FROM cards"))

        await stage.posts(DANGER)
        assert stage.heard(GLEB)[-1] == "sound"
        assert MARK not in stage.shows(GLEB)
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    for digits in ("55.17", "36.65"):
        assert digits.encode() not in kept
        assert digits not in caplog.text


async def test_far_from_every_known_place(tmp_path: Path) -> None:
    async with play(tmp_path, people=PEOPLE) as stage:
        enter(stage, GLEB)
        await says(stage, "", GLEB, extra={"location": {"latitude": 0.1, "longitude": 0.2}})
        assert stage.shows(GLEB).startswith("Рядом нет ни одного известного боту места.")


async def test_a_link_to_a_district_subscribes_after_one_tap(tmp_path: Path) -> None:
    async with play(tmp_path, people=PEOPLE) as stage:
        enter(stage, GLEB)
        await says(stage, "/start RU-KLU_borovsky", GLEB)
        assert await follows(stage, GLEB) == ()
        await presses(stage, "Да", GLEB)
        assert await follows(stage, GLEB) == (BOROVSKY,)


async def test_during_danger_the_alert_comes_and_no_specimen(tmp_path: Path) -> None:
    async with play(tmp_path, people=PEOPLE) as stage:
        await stage.posts(DANGER)
        enter(stage, GLEB)
        await says(stage, "/start RU-KLU_borovsky", GLEB)
        await presses(stage, "Да", GLEB)
        await stage.settles()
        assert stage.shows(GLEB).startswith("🟠 ОПАСНОСТЬ")
        assert not any(MARK in message.text for message in stage.messages(GLEB))


async def test_a_specimen_that_waits_gives_way_to_an_alert(tmp_path: Path) -> None:
    async with play(tmp_path, people=PEOPLE) as stage:
        enter(stage, GLEB)
        await says(stage, "/pause", ADMIN)
        await says(stage, "/start RU-KLU", GLEB)
        await presses(stage, "Да", GLEB)
        stage.world.telegram.post(stage.channel("kaluga_gov"), DANGER)
        await stage.reads(1)
        await says(stage, "/resume", ADMIN)
        await stage.settles()
        await stage.passes(hours=2)
        assert stage.shows(GLEB).startswith("🟠 ОПАСНОСТЬ")
        assert not any(MARK in message.text for message in stage.messages(GLEB))


async def test_what_was_and_who_said_so(tmp_path: Path) -> None:
    async with play(tmp_path, people=PEOPLE) as stage:
        await stage.posts(DANGER)
        await stage.passes(minutes=90)
        await says(stage, "/status", BORIS)
        status = stage.shows(BORIS)
        assert "с 00:00, уже 1 ч 30 мин" in status
        assert "источник: Канал kaluga_gov, 1 ч 30 мин назад" in status
        assert "Канал kaluga_gov: последний пост 1 ч 30 мин назад" in status
        assert "Канал kaluga_mchs: постов пока не было" in status
        await stage.posts(CLEAR)
        await stage.passes(hours=1)
        await says(stage, "/history", BORIS)
        assert "отбой в 01:30, длилось 1 ч 30 мин" in stage.shows(BORIS)
        for _ in range(7):
            await stage.passes(hours=3)
            await stage.posts(DANGER)
            await stage.passes(minutes=30)
            await stage.posts(CLEAR)
        await stage.passes(minutes=10)
        await says(stage, "/history", BORIS)
        before = len(stage.messages(BORIS))
        assert "длилось 1 ч 30 мин" not in stage.shows(BORIS)
        await presses(stage, "›", BORIS)
        assert "длилось 1 ч 30 мин" in stage.shows(BORIS)
        assert len(stage.messages(BORIS)) == before  # in place
        await says(stage, "/stats", BORIS)
        assert "Тревог: 8\nПод тревогой: 5 ч\nСамая долгая: 1 ч 30 мин" in stage.shows(BORIS)
        await says(stage, "/sources", BORIS)
        sources = stage.shows(BORIS)
        assert "Калужская область" in sources and "Белгородская" not in sources
        assert "Канал kaluga_gov: последний пост 10 мин назад" in sources
        await says(stage, "/privacy", BORIS)
        assert "/export" in stage.shows(BORIS)


async def test_a_test_sounds_in_one_chat_alone(tmp_path: Path) -> None:
    async with play(tmp_path, people=PEOPLE) as stage:
        enter(stage, GLEB)
        await says(stage, "/test", GLEB)
        assert stage.shows(GLEB).startswith("Места пока не выбраны.")
        await says(stage, "/test", BORIS)
        await stage.settles()
        test = stage.messages(BORIS)[-1]
        assert not test.silent
        assert test.text.startswith("ПРОВЕРКА СВЯЗИ, НЕ ТРЕВОГА")
        assert test.text.endswith("ПРОВЕРКА СВЯЗИ, НЕ ТРЕВОГА")
        await says(stage, "/test", BORIS)
        assert stage.shows(BORIS).startswith("Не чаще одной проверки в минуту.")
        await stage.settles()
        assert sum("СВЯЗИ" in message.text for message in stage.messages(BORIS)) == 1
        assert stage.heard(ANNA) == []


async def test_a_wrong_alert_is_reported(tmp_path: Path) -> None:
    async with play(tmp_path, people=PEOPLE) as stage:
        await says(stage, "/report", BORIS)
        assert "оповещений не приходило" in stage.shows(BORIS)
        post = await stage.posts(DANGER)
        await stage.passes(minutes=1)
        for chat in (BORIS, ANNA):
            await says(stage, "/report", chat)
            await presses(stage, "Калужская область", chat)
            asked = stage.messages(chat)[-1]
            assert "передано модераторам" in asked.text
            await says(stage, "Это была прошлая ночь", chat, reply_to=asked.message_id)
            assert "Ваши слова добавлены" in stage.shows(chat)
        await says(stage, "/report Уже отменили", ANNA)
        await stage.settles()
        first, second = await stage.nabat.database.read(reports.pending)
        assert (first.chat, first.message, first.region) == (BORIS, post, KALUGA)
        assert (first.words, second.words) == ("Это была прошлая ночь", "Уже отменили")
        questions = [page for page in stage.pages() if page.startswith("#1 · жалоба жителя")]
        assert len(questions) == 1, "two reports of one post are one question"
        assert sum("Это была прошлая ночь" in page for page in stage.pages()) == 2
        assert all(str(chat) not in page for page in stage.pages() for chat in (ANNA, BORIS))
        await stage.says("/reject 1 старый пост")
        await stage.passes(seconds=15)
        for chat in (BORIS, ANNA):
            assert any(
                message.text.startswith("❗ НАШЕ СООБЩЕНИЕ ОТОЗВАНО")
                for message in stage.messages(chat)
            )
        assert not await stage.nabat.database.read(reports.pending), "both are settled"


async def test_a_reported_all_clear_raises_and_ends_nothing(tmp_path: Path) -> None:
    async with play(tmp_path, people=PEOPLE) as stage:
        await stage.posts(DANGER)
        await stage.passes(minutes=5)
        await stage.posts(CLEAR)
        await stage.passes(minutes=1)
        await says(stage, "/report", BORIS)
        await presses(stage, "Калужская область", BORIS)
        await stage.settles()
        before = await stage.nabat.database.read(lambda tx: situations.head(tx, KALUGA))
        for verdict in ("/fix 1 Боровский район", "/reject 1"):
            await stage.says(verdict)
            await stage.passes(seconds=15)
        after = await stage.nabat.database.read(lambda tx: situations.head(tx, KALUGA))
        assert before == after
        assert not await stage.nabat.database.read(reports.pending)


async def test_an_alert_is_reported_once_and_only_by_its_own_chat(tmp_path: Path) -> None:
    async with play(tmp_path, people=PEOPLE) as stage:
        await stage.posts(DANGER)
        await stage.passes(minutes=1)
        bot_api = stage.world.bot_api
        await says(stage, "/report", BORIS)
        menu = stage.messages(BORIS)[-1]
        data = (menu.reply_markup or {})["inline_keyboard"][0][0]["callback_data"]
        await says(stage, "/report", ANNA)
        forged = bot_api.press(ANNA, stage.messages(ANNA)[-1].message_id, data, user_id=ANNA)
        twice = [bot_api.press(BORIS, menu.message_id, data, user_id=BORIS) for _ in range(2)]
        queries = [str(query) for query in (forged, *twice)]
        await bot_api.wait_for(lambda: all(query in bot_api.answered for query in queries))
        assert "устарела" in str(bot_api.answered[queries[0]]["text"])
        assert "Вы уже сообщили" in str(bot_api.answered[queries[2]]["text"])
        assert len(await stage.nabat.database.read(reports.pending)) == 1


async def test_all_that_is_held_in_one_file_and_then_nothing(tmp_path: Path) -> None:
    async with play(tmp_path, people=PEOPLE) as stage:
        await stage.posts(DANGER)
        await stage.passes(minutes=1)
        await says(stage, "/report", BORIS)
        await presses(stage, "Калужская область", BORIS)
        await says(stage, "/export", BORIS)
        held = document(stage)
        assert held["chats"][0]["id"] == BORIS and held["chats"][0]["wishes"]["utilities"] is False
        assert [each["area"] for each in held["follows"]] == [BOROVSKY]
        assert held["cards"][0]["opened_at"].startswith("2026-03-01T21:00")
        assert held["attempts"][0]["lever"] == "sound" and held["reports"]
        assert str(ANNA) not in json.dumps(held)
        await says(stage, "/forget", BORIS)
        await presses(stage, "Удалить", BORIS)
        await says(stage, "/export", BORIS)
        assert stage.shows(BORIS) == "Об этом чате ничего не хранится."
        assert not await stage.nabat.database.read(reports.pending)


def document(stage: Stage) -> Any:
    content = stage.messages(BORIS)[-1].document
    assert content is not None
    return json.loads(content)


EARLY = (
    Follower(id=ANNA, follows=(KALUGA,), wishes=Wishes(digest=True)),
    Follower(id=BORIS, follows=(BOROVSKY,)),
    Follower(id=GLEB, follows=(BOROVSKY,), wishes=Wishes(digest=True)),
)


async def test_the_summary_of_a_night_comes_once(tmp_path: Path) -> None:
    async with staged(tmp_path, people=EARLY) as stage:
        async with stage.playing(sources=tuple(USUAL)):
            await stage.nabat.database.write(lambda tx: enrol(tx, EARLY))
            await stage.posts(DANGER)
            await stage.passes(hours=2)
            await stage.posts(SHOT)
            await stage.passes(hours=1)
            await stage.posts(CLEAR)
            await stage.passes(hours=3)
            await stage.posts(TOTAL, AIRPORTS)
            await stage.runs("digest")
            before = len(stage.calls(ANNA))
            await stage.passes(hours=2)  # 08:00 in Moscow
            await stage.runs("digest")
            assert len(stage.calls(ANNA)) == before + 1 and stage.heard(ANNA)[-1] == "silent"
            for chat in (ANNA, GLEB):
                summary = stage.shows(chat)
                assert summary.startswith("Итог ночи, с ")
                assert "опасность (БПЛА): с 00:00 до 03:00" in summary
                assert "• Канал kaluga_gov: 02:00 Боровский район: сбиты: БПЛА — 3" in summary
                assert "• Канал airports: 06:00 сбиты: БПЛА — 5" in summary
                assert "45" not in summary and "— 8" not in summary
                assert "не тревога и не отбой" in summary
            assert not any("Итог" in message.text for message in stage.messages(BORIS))
        # Not again the same morning, also after a restart; a quiet night says nothing.
        async with stage.playing(sources=tuple(USUAL)):
            await stage.runs("digest")
            await stage.passes(hours=24)
            await stage.runs("digest")
            assert len(stage.calls(ANNA)) == before + 1


async def test_no_summary_for_those_who_stopped_or_blocked(tmp_path: Path) -> None:
    async with play(tmp_path, people=EARLY) as stage:
        await stage.posts(DANGER)
        await stage.passes(hours=8)
        await says(stage, "/stop", ANNA)
        stage.world.bot_api.chats[GLEB].messages.clear()
        stage.world.bot_api.deactivate(GLEB)
        await stage.runs("digest")
        assert not any("Итог" in message.text for message in stage.messages(ANNA))
        gleb = await stage.nabat.database.read(lambda tx: chats.get(tx, ChatId(GLEB)))
        # A chat is not given up for a summary: its next alert decides.
        assert gleb is not None and gleb.state is ChatState.ACTIVE


@pytest.mark.parametrize(("hour", "comes"), [(7, False), (8, True), (10, True), (11, False)])
async def test_the_morning_is_that_of_the_first_region(
    tmp_path: Path, hour: int, comes: bool
) -> None:
    async with play(tmp_path, people=()) as stage:
        enter(stage, GLEB)

        async def joined(tx: Tx) -> None:
            chat = Chat(id=ChatId(GLEB), kind=PEOPLE[0].kind, lang=Lang.RU, joined_at=START)
            await chats.put(tx, replace(chat, wishes=Wishes(digest=True)))
            # Samara is an hour ahead of Kaluga.
            for days, region in ((2, AreaCode("RU-SAM")), (1, KALUGA)):
                await chats.follow(tx, chat.id, region, region, START - timedelta(days=days))

        await stage.nabat.database.write(joined)
        await stage.posts(SHOT, MCHS)
        await stage.passes(hours=hour - 1)  # it is one o'clock in Samara when it begins
        await stage.runs("digest")
        assert any("Итог" in message.text for message in stage.messages(GLEB)) is comes
