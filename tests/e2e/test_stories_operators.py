"""What operators are asked, told and can do; and people who come during danger."""

import asyncio
import logging
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.sandbox.bot_api_answers import Hang, blocked
from bot.settings import ParserSection
from ingest.correlate import step
from ingest.correlate.step import Reading, Step
from storage import posts
from storage.areas.tree import Areas
from storage.database import LockedError
from storage.model import Situation
from tests.e2e.stage import (
    ADMIN,
    ANNA,
    BORIS,
    BOROVSKY,
    BOROVSKY_DANGER,
    CLEAR,
    DANGER,
    GOVERNOR,
    NEWS,
    PEOPLE,
    Follower,
    Stage,
    add_chat,
    enrol,
    play,
    staged,
)

GLEB = 700104


async def _hold_a_clear(stage: Stage) -> None:
    """An all-clear half a minute after its alarm: a person has to look."""
    await stage.posts(DANGER)
    stage.clock.skip(timedelta(seconds=30))
    await stage.posts(CLEAR)
    await stage.passes(seconds=15)
    assert stage.sounds(ANNA) == 1
    assert stage.shows(ANNA).startswith("🟠 ОПАСНОСТЬ")
    assert "Сообщение об отбое проверяется" in stage.shows(ANNA)
    assert len([page for page in stage.pages() if "/release 1" in page]) == 1


async def test_a_held_all_clear_is_told_once_it_is_released(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await _hold_a_clear(stage)
        add_chat(stage.world, Follower(id=GLEB, follows=()))
        await stage.says("/release 1", GLEB)
        await stage.settles()
        assert stage.shows(ANNA).startswith("🟠 ОПАСНОСТЬ"), "strangers release nothing"
        await stage.says("/release 1")
        await stage.passes(seconds=15)
        assert stage.shows(ANNA).startswith("✅ ОТБОЙ")
        assert stage.shows(BORIS).startswith("✅ ОТБОЙ")
        assert "проверяется" not in stage.messages(ANNA)[0].text
        log = len(stage.calls(ANNA))
        await stage.says("/release 1")
        await stage.passes(minutes=1)
        assert len(stage.calls(ANNA)) == log


async def test_a_held_all_clear_that_is_rejected_changes_nothing(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await _hold_a_clear(stage)
        await stage.says("/reject 1")
        await stage.passes(seconds=15)
        assert stage.sounds(ANNA) == 1
        assert stage.messages(ANNA)[0].text.startswith("🟠 ОПАСНОСТЬ")
        assert "проверяется" not in stage.messages(ANNA)[0].text
        await stage.says("/release 1")
        await stage.settles()
        assert stage.messages(ANNA)[0].text.startswith("🟠 ОПАСНОСТЬ")
        await stage.passes(minutes=10)
        await stage.posts(CLEAR)
        assert stage.shows(ANNA).startswith("✅ ОТБОЙ"), "the next one counts as any other"


async def test_a_release_does_not_clear_newer_danger(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await _hold_a_clear(stage)
        await stage.passes(minutes=5)
        await stage.posts("Объявлена угроза повторной атаки БПЛА на территории Калужской области.")
        await stage.says("/release 1")
        await stage.passes(minutes=1)
        assert not any("✅" in (call.text or "") for call in stage.calls(ANNA))
        assert stage.messages(ANNA)[0].text.startswith("🟠 ОПАСНОСТЬ")


async def test_nothing_is_sent_while_paused_and_the_latest_after(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.says("/pause")
        stage.world.telegram.post(stage.channel(GOVERNOR), BOROVSKY_DANGER)
        stage.world.telegram.post(stage.channel(GOVERNOR), DANGER)
        await stage.reads(2)
        stage.nabat.bots.wake()
        await stage.says("/health")  # round trips that would let a message slip out
        await stage.says("/admin")
        assert stage.heard(ANNA) == stage.heard(BORIS) == []
        await stage.says("/resume")
        await stage.settles()
        assert stage.heard(ANNA) == ["sound"]
        assert stage.shows(ANNA).startswith("🟠 ОПАСНОСТЬ · БПЛА · Калужская область")


async def test_a_bug_in_correlation_loses_no_post(tmp_path: Path) -> None:
    broken = True

    def brittle(situation: Situation, reading: Reading, areas: Areas, now: datetime) -> Step:
        if broken and "Калужской" in reading.source.quote:
            raise RuntimeError("planted")
        return step.correlate(situation, reading, areas, now)

    async with play(tmp_path, correlate=brittle) as stage:
        stage.world.telegram.post(stage.channel(GOVERNOR), DANGER)
        await stage.reads(1)
        assert [taken.state for taken in stage.taken] == [posts.State.FAILED]
        stage.world.telegram.post(stage.channel(GOVERNOR), BOROVSKY_DANGER)
        await stage.reads(2)
        await stage.world.bot_api.heard(lambda call: call.chat_id == BORIS)
        await stage.world.bot_api.heard(
            lambda call: call.chat_id == ADMIN and "planted" in (call.text or "")
        )
        broken = False
        await stage.runs("retry")
        await stage.settles()
        assert [taken.state for taken in stage.taken] == ["failed", "applied", "applied"]
        assert any("весь регион" in (call.text or "") for call in stage.calls(ANNA))
        assert len(stage.pages()) == 1


async def test_two_programs_cannot_share_a_database(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        with pytest.raises(LockedError, match="in use by another nabat"):
            async with stage.playing():
                pytest.fail("a second program started")
        # The first is not disturbed.
        await stage.posts(DANGER)
        assert stage.heard(ANNA) == ["sound"]


async def test_who_comes_during_danger_sees_the_card_at_once_silently(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(DANGER)
        await stage.passes(minutes=10)
        add_chat(stage.world, Follower(id=GLEB, follows=()))
        await stage.says("/start", GLEB)
        await stage.says("Боровск", GLEB)
        await stage.presses("Боровский", GLEB)
        await stage.settles()
        cards = [call for call in stage.calls(GLEB) if "ОПАСНОСТЬ" in (call.text or "")[:20]]
        assert [call.silent for call in cards] == [True]
        await stage.passes(minutes=10)
        await stage.posts(CLEAR)
        await stage.passes(minutes=1)
        assert stage.shows(GLEB).startswith("✅ ОТБОЙ"), "it counts as told"


async def test_the_program_ends_within_ten_seconds_under_load(tmp_path: Path) -> None:
    people = [Follower(id=710000 + n, follows=(BOROVSKY,)) for n in range(100)]
    async with staged(tmp_path, people=people) as stage:
        loop = asyncio.get_running_loop()
        async with stage.playing():
            await stage.nabat.database.write(lambda tx: enrol(tx, people))
            stage.world.bot_api.inject(Hang(), method="sendMessage")
            stage.world.telegram.post(stage.channel(GOVERNOR), DANGER)
            await stage.world.bot_api.wait_for(lambda: len(stage.world.bot_api.log) >= 10)
            stage.world.telegram.post(stage.channel(GOVERNOR), NEWS)
            began = loop.time()
        assert loop.time() - began < 10
        assert len(stage.world.bot_api.log) < 100, "it ended in the midst of the work"
        stage.clock.skip(timedelta(seconds=5))  # so long a request without an answer waits
        async with stage.playing():
            await stage.settles()
        heard = [call.chat_id for call in stage.world.bot_api.log]
        assert set(heard) == {person.id for person in people}
        assert len(heard) == len(people), "nobody heard it twice"


async def test_a_changed_table_of_regions_is_read_again_only_if_it_is_right(
    tmp_path: Path,
) -> None:
    table = tmp_path / "levels.toml"
    table.write_text("", "utf-8")
    async with staged(tmp_path) as stage:
        stage.settings = stage.settings.model_copy(update={"parser": ParserSection(levels=table)})
        async with stage.playing():
            await stage.nabat.database.write(lambda tx: enrol(tx, PEOPLE))
            table.write_text('[names]\n"Наукоград" = ["RU-KLU/borovsky"]', "utf-8")
            await stage.nabat.reread()
            await stage.posts("Опасность атаки БПЛА в Наукограде")
            assert stage.heard(BORIS) == ["sound"]
            table.write_text('[names]\n"Наукоград" = ["RU-KLU/nowhere"]', "utf-8")
            await stage.nabat.reread()
            await stage.settles()
            assert "there is no area 'RU-KLU/nowhere'" in stage.pages()[-1]
            assert "stays in use" in stage.pages()[-1]
            await stage.passes(minutes=20)
            await stage.posts("Отбой опасности атаки БПЛА в Наукограде")
            assert "ОТБОЙ" in stage.shows(BORIS)


async def test_support_reads_why_a_chat_heard_what_it_heard(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(BOROVSKY_DANGER)
        await stage.says("/why")
        assert "/why 42 2147" in stage.shows(ADMIN)
        await stage.says(f"/why {BORIS}")
        card = stage.shows(ADMIN).split()[2]
        assert f"/why {BORIS} {card} · Калужская область · открыта" in stage.shows(ADMIN)
        await stage.says(f"/why {BORIS} {card}")
        told = stage.shows(ADMIN)
        assert "Последнее сообщение: Объявили опасность там" in told
        assert "(first_danger)" in told
        assert "Сейчас: skip — Вам всё это уже сообщили." in told
        assert "sound" in told and "accepted" in told
        # As at the foot of the message, «#1·1»: by the region's version, not by the card.
        (foot,) = {line for line in stage.shows(BORIS).splitlines() if line.startswith("#")}
        assert f"· версия {foot.partition('·')[2]} ·" in told
        assert f"#{card}·" not in told
        await stage.says(f"/why {ANNA} {card}")
        assert f"У чата {ANNA} нет карточки №{card}." in stage.shows(ADMIN)


async def test_no_person_is_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither who blocks the bot, nor who is not answered, nor what they wrote."""
    with caplog.at_level(logging.DEBUG):
        async with play(tmp_path) as stage:
            bot_api = stage.world.bot_api
            await stage.says("Меня зовут Борис Годунов", BORIS)
            bot_api.block(ANNA)
            await stage.posts(DANGER)
            bot_api.inject(blocked(), method="sendMessage", chat_id=BORIS)
            await stage.says("/status", BORIS)
            await stage.says("/test", BORIS)
            await stage.passes(hours=25)  # those who are gone are knocked at
    ours = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(("bot.", "ingest.", "storage.", "aiogram"))
        and not record.name.startswith("bot.sandbox")
    ]
    assert any("private chat ~" in line for line in ours)
    for line in ours:
        assert not any(str(who) in line for who in (ADMIN, ANNA, BORIS)), line
        assert "Годунов" not in line, line
