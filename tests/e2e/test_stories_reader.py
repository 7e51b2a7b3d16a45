"""What happens when the sources cannot be heard, change, or are new."""

from datetime import timedelta
from pathlib import Path

from bot.sandbox.channels import SandboxChannel
from storage import channels
from storage.database import Tx
from storage.model import ChannelId
from tests.e2e.stage import (
    ADMIN,
    ANNA,
    BORIS,
    BOROVSKY_DANGER,
    CLEAR,
    DANGER,
    GOVERNOR,
    MCHS,
    NEWS,
    PEOPLE,
    START,
    VERA,
    Stage,
    enrol,
    play,
    staged,
)


async def test_what_was_missed_comes_in_one_batch_and_names_its_delay(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        told = await stage.posts(NEWS)
        governor, telegram = stage.channel(GOVERNOR), stage.world.telegram
        await _cut(stage)
        telegram.post(governor, DANGER)
        telegram.post(governor, "Ведётся работа по уничтожению воздушных целей.")
        telegram.post(stage.channel(MCHS), NEWS)
        telegram.edit(governor, told, NEWS + " Приходите!")
        stage.clock.skip(timedelta(minutes=21))
        await _mend(stage)
        await stage.reads(5)
        await stage.settles()
        assert stage.heard(ANNA) == stage.heard(BORIS) == ["sound"]
        assert "получено с опозданием на 21 минуту" in stage.shows(ANNA)
        assert stage.heard(VERA) == []
        assert len(stage.taken) == 5


async def test_danger_of_long_ago_comes_without_a_sound(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await _cut(stage)
        stage.world.telegram.post(stage.channel(GOVERNOR), DANGER)
        stage.clock.skip(timedelta(minutes=61))
        await _mend(stage)
        await stage.reads(1)
        await stage.settles()
        assert stage.heard(ANNA) == ["silent"]
        assert stage.shows(ANNA).startswith("🟠 ОПАСНОСТЬ")


async def test_what_opened_and_closed_meanwhile_is_one_silent_message(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await _cut(stage)
        stage.world.telegram.post(stage.channel(GOVERNOR), DANGER)
        stage.clock.skip(timedelta(minutes=30))
        stage.world.telegram.post(stage.channel(GOVERNOR), CLEAR)
        stage.clock.skip(timedelta(minutes=5))
        await _mend(stage)
        await stage.reads(2)
        await stage.settles()
        for chat in (ANNA, BORIS):
            assert stage.heard(chat) == ["silent"]
            assert stage.shows(chat).startswith("✅ БЫЛА ОПАСНОСТЬ, УЖЕ ОТБОЙ")
        await stage.passes(minutes=5)
        await stage.posts(BOROVSKY_DANGER)
        assert stage.heard(BORIS) == ["silent", "sound"], "the next danger is a new episode"


async def test_an_all_clear_missed_reaches_those_who_were_alarmed(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(DANGER)
        await stage.passes(minutes=10)
        await _cut(stage)
        stage.world.telegram.post(stage.channel(GOVERNOR), CLEAR)
        stage.clock.skip(timedelta(minutes=90))
        await _mend(stage)
        await stage.reads(2)
        await stage.settles()
        assert stage.shows(ANNA).startswith("✅ ОТБОЙ")


async def test_nothing_is_lost_while_the_program_is_not_running(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        async with stage.playing():
            await stage.nabat.database.write(lambda tx: enrol(tx, PEOPLE))
            await stage.posts(BOROVSKY_DANGER)
        stage.world.telegram.post(stage.channel(GOVERNOR), DANGER)
        stage.world.telegram.post(stage.channel(GOVERNOR), NEWS)
        stage.clock.skip(timedelta(minutes=5))
        async with stage.playing():
            await stage.reads(3)
            await stage.settles()
            assert stage.heard(BORIS)[0] == "sound"
            assert "теперь весь регион" in stage.shows(ANNA)
            assert stage.sounds(ANNA) == 2


async def test_a_new_channel_starts_at_its_newest_post(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        governor, telegram = stage.channel(GOVERNOR), stage.world.telegram
        telegram.post(governor, DANGER, date=START - timedelta(hours=13))
        telegram.post(governor, NEWS, date=START - timedelta(hours=12, minutes=30))
        async with stage.playing(sources=(MCHS,)):
            await stage.nabat.database.write(lambda tx: enrol(tx, PEOPLE))
            await stage.says(f"/channel_add @{GOVERNOR} RU-KLU")
            await stage.presses("Объявляет", ADMIN)
            await stage.comes("Читаем")
            assert stage.taken == []
            await stage.posts(BOROVSKY_DANGER)
            assert stage.heard(BORIS) == ["sound"]
            assert stage.heard(ANNA) == ["sound"]
            assert "Боровский район" in stage.shows(ANNA)


async def test_danger_in_force_in_a_new_channel_is_told(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        stage.world.telegram.post(
            stage.channel(GOVERNOR), DANGER, date=START - timedelta(minutes=30)
        )
        async with stage.playing(sources=(MCHS,)):
            await stage.nabat.database.write(lambda tx: enrol(tx, PEOPLE))
            await stage.says(f"/channel_add @{GOVERNOR} RU-KLU")
            await stage.presses("Объявляет", ADMIN)
            await stage.reads(1)
            await stage.settles()
            assert stage.heard(ANNA) == ["sound"]
            assert "получено с опозданием на 30 минут" in stage.shows(ANNA)


async def test_a_renamed_channel_is_followed_by_its_number(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        governor = stage.channel(GOVERNOR)
        stage.world.telegram.rename(governor, username="new_gov", title="Новое имя")
        impostor = stage.world.add_channel("kaluga_gov_", "Подделка")
        stage.world.telegram.rename(impostor, username=GOVERNOR)
        await stage.becomes(lambda tx: _is_called(tx, governor, "new_gov"))
        stage.world.telegram.post(impostor, CLEAR)
        number = await stage.posts(DANGER)
        assert stage.heard(ANNA) == ["sound"]
        call = stage.calls(ANNA)[0]
        assert "Новое имя" in (call.text or "")
        links = {str(each["url"]) for each in call.entities if "url" in each}
        assert links == {f"https://t.me/new_gov/{number}"}


async def test_a_deaf_reader_is_said_once_and_again_when_it_hears(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(DANGER)
        telegram = stage.world.telegram
        telegram.silence()
        stage.clock.skip(timedelta(minutes=3, seconds=1))
        await stage.runs("watch-reader")
        await stage.passes(seconds=15)
        await stage.runs("watch-reader")
        await stage.passes(seconds=15)
        for chat in (ANNA, BORIS):
            assert stage.heard(chat) == ["sound", "edit"]
            assert "Связь с источниками потеряна с " in stage.shows(chat)
            assert stage.shows(chat).startswith("🟠 ОПАСНОСТЬ")
        assert stage.heard(VERA) == []
        assert len([page for page in stage.pages() if "has not answered" in page]) == 1
        contact = stage.nabat.listener.last_contact
        telegram.silence(False)
        telegram.drop()
        await stage.becomes(lambda tx: _after(stage, contact))
        await stage.runs("watch-reader")
        await stage.runs("watch-reader")
        await stage.passes(seconds=15)
        for chat in (ANNA, BORIS):
            assert stage.sounds(chat) == 1
            assert "потеряна" not in stage.shows(chat)
            assert "Связь с источниками восстановлена" in stage.shows(chat)
        assert len([page for page in stage.pages() if "in contact" in page]) == 1


async def test_the_admin_hears_of_a_deaf_reader_also_when_all_is_calm(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        telegram = stage.world.telegram
        telegram.silence()
        stage.clock.skip(timedelta(minutes=3, seconds=1))
        await stage.runs("watch-reader")
        contact = stage.nabat.listener.last_contact
        telegram.silence(False)
        telegram.drop()
        await stage.becomes(lambda tx: _after(stage, contact))
        await stage.runs("watch-reader")
        await stage.runs("watch-reader")
        first, second = stage.pages()
        assert "has not answered" in first
        assert "in contact" in second
        assert stage.heard(ANNA) == []


async def _cut(stage: Stage) -> None:
    await stage.world.telegram.refuse()
    stage.world.telegram.drop()


async def _mend(stage: Stage) -> None:
    await stage.world.telegram.refuse(False)


async def _after(stage: Stage, contact: float) -> bool:
    return stage.nabat.listener.last_contact > contact


async def _is_called(tx: Tx, channel: SandboxChannel, username: str) -> bool:
    found = await channels.get(tx, ChannelId(channel.id))
    return found is not None and found.username == username
