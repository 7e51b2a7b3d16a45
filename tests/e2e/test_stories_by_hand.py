"""What operators write by hand: confirmed word for word, by two people where it is grave."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.settings import AdminSection
from storage import proposals
from storage.database import Tx
from storage.model import Wishes
from tests.e2e.stage import (
    ADMIN,
    ANNA,
    BORIS,
    BOROVSKY,
    BOROVSKY_DANGER,
    PEOPLE,
    VERA,
    Follower,
    Stage,
    enrol,
    staged,
)

DEPUTY = 900002
GLEB = 700104
ALERT = "/compose alert\nRU-KLU/borovsky\nuav\nЗамечены беспилотники, укройтесь."


@contextlib.asynccontextmanager
async def two(folder: Path) -> AsyncIterator[Stage]:
    people = (*PEOPLE, Follower(id=GLEB, follows=(BOROVSKY,), wishes=Wishes(drills=True)))
    async with staged(folder, people=people) as stage:
        stage.world.bot_api.add_private_chat(DEPUTY, name="Второй дежурный")
        admins = AdminSection(ids=(ADMIN,), operators=(DEPUTY,))
        stage.settings = stage.settings.model_copy(update={"admins": admins})
        async with stage.playing():
            await stage.nabat.database.write(lambda tx: enrol(tx, people))
            yield stage


async def test_a_manual_alert_needs_its_own_words_typed(tmp_path: Path) -> None:
    async with two(tmp_path) as stage:
        await stage.says("/compose alert\nАтлантида\nuav\nтекст")
        assert "Вторая строка" in stage.shows(ADMIN)
        await stage.says(ALERT)
        preview = stage.shows(ADMIN)
        assert "Боровский район, Калужская область" in preview
        for language, word in (
            ("Русский", "ОПАСНОСТЬ"),
            ("Українська", "НЕБЕЗПЕКА"),
            ("English", "DANGER"),
        ):
            assert language in preview and word in preview
        await stage.says("/send alert uav RU-KLU")
        await stage.says("/send да", DEPUTY)
        assert stage.heard(BORIS) == [], "nothing is sent but by its own phrase"
        await stage.says("/send alert uav RU-KLU/borovsky")
        await stage.settles()
        assert stage.heard(BORIS) == stage.heard(ANNA) == ["sound"]
        assert "Замечены беспилотники" in stage.shows(BORIS)
        await stage.says("/send alert uav RU-KLU/borovsky")
        await stage.settles()
        assert stage.heard(BORIS) == ["sound"], "the phrase works once"
        assert stage.heard(VERA) == []


async def test_a_manual_all_clear_needs_a_second_operator_within_ten_minutes(
    tmp_path: Path,
) -> None:
    clear = "/compose clear\nRU-KLU/borovsky\nuav\nОпасности больше нет."
    phrase = "/send clear uav RU-KLU/borovsky"
    async with two(tmp_path) as stage:
        await stage.says(ALERT)
        await stage.says("/send alert uav RU-KLU/borovsky")
        await stage.passes(minutes=5)
        await stage.says(clear)
        await stage.says(phrase)
        await stage.settles()
        asked = stage.shows(DEPUTY)
        assert "Опасности больше нет." in asked and f"{ADMIN} хочет это отправить" in asked
        agree = asked.splitlines()[-1]
        await stage.says(agree)
        assert "ваше собственное" in stage.shows(ADMIN), "nobody is the second of his own"
        await stage.passes(minutes=11)
        await stage.says(agree, DEPUTY)
        assert "устарело" in stage.shows(DEPUTY)
        assert stage.shows(BORIS).startswith("🟠 ОПАСНОСТЬ")
        await stage.says(clear)
        await stage.says(phrase)
        await stage.settles()
        await stage.says(stage.shows(DEPUTY).splitlines()[-1], DEPUTY)
        await stage.passes(seconds=15)
        assert stage.shows(BORIS).startswith("✅ ОТБОЙ")
        await stage.says("/audit")
        assert f"{DEPUTY} · compose" in stage.shows(ADMIN)


async def test_a_manual_all_clear_ends_no_danger_that_is_newer_than_its_words(
    tmp_path: Path,
) -> None:
    async with two(tmp_path) as stage:
        await stage.says(ALERT)
        await stage.says("/send alert uav RU-KLU/borovsky")
        await stage.passes(minutes=5)
        await stage.says("/compose clear\nRU-KLU/borovsky\nuav\nОпасности больше нет.")
        await stage.says("/send clear uav RU-KLU/borovsky")
        await stage.settles()
        agree = stage.shows(DEPUTY).splitlines()[-1]
        await stage.passes(minutes=3)
        await stage.posts("Опасность атаки БПЛА в Боровском районе! Угроза повторной атаки.")
        await stage.passes(minutes=1)
        await stage.says(agree, DEPUTY)
        await stage.passes(seconds=15)
        assert "Ничего не изменилось" in stage.shows(DEPUTY)
        assert "✅" not in "".join(message.text for message in stage.messages(BORIS))


async def test_what_was_confirmed_and_failed_can_be_sent_again(tmp_path: Path) -> None:
    """Confirmed and done in one write: a failure between them loses neither."""
    async with two(tmp_path) as stage:
        await stage.says(ALERT)
        now = stage.clock.now()

        async def fails(tx: Tx) -> None:
            mine = await proposals.latest(tx, "compose", ADMIN, now)
            assert mine is not None
            assert await proposals.take(tx, mine.token, "compose", ADMIN, now)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await stage.nabat.database.write(fails)
        await stage.says("/send alert uav RU-KLU/borovsky")
        await stage.settles()
        assert stage.heard(BORIS) == ["sound"]


async def test_an_alert_for_two_regions_needs_a_second_operator(tmp_path: Path) -> None:
    async with two(tmp_path) as stage:
        await stage.says("/compose alert\nRU-KLU; RU-BEL\nuav\nМассовый налёт.")
        await stage.says("/send alert uav RU-KLU RU-BEL")
        await stage.settles()
        assert stage.heard(ANNA) == stage.heard(VERA) == []
        await stage.says(stage.shows(DEPUTY).splitlines()[-1], DEPUTY)
        await stage.settles()
        assert stage.heard(ANNA) == stage.heard(VERA) == ["sound"]


async def test_a_drill_goes_to_those_alone_who_asked_and_says_so_twice(tmp_path: Path) -> None:
    async with two(tmp_path) as stage:
        await stage.says("/compose drill\nRU-KLU/borovsky\nuav\nПроверка оповещения.")
        await stage.says("/send drill uav RU-KLU/borovsky")
        await stage.settles()
        assert stage.heard(BORIS) == stage.heard(ANNA) == []
        assert stage.heard(GLEB) == ["silent"]
        lines = stage.shows(GLEB).splitlines()
        assert lines[0].startswith("УЧЕБНАЯ ТРЕВОГА") and lines[-1] == "УЧЕБНАЯ ТРЕВОГА"
        await stage.says("/status", BORIS)
        assert "ОПАСНОСТЬ" not in stage.shows(BORIS)


async def test_no_drill_is_told_over_a_real_danger(tmp_path: Path) -> None:
    drill = "/compose drill\nRU-KLU/borovsky\nuav\nПроверка оповещения."
    async with two(tmp_path) as stage:
        await stage.says(drill)
        await stage.posts(BOROVSKY_DANGER)
        heard = stage.heard(GLEB)
        await stage.says("/send drill uav RU-KLU/borovsky")
        await stage.settles()
        assert "Ничего не изменилось" in stage.shows(ADMIN), "danger came after the preview"
        await stage.says(drill)
        assert "действует настоящая опасность" in stage.shows(ADMIN)
        assert "/send" not in stage.shows(ADMIN) and "ОПАСНОСТЬ ·" not in stage.shows(ADMIN)
        assert stage.heard(GLEB) == heard == ["sound"]
        assert "УЧЕБН" not in stage.shows(GLEB)


async def test_a_backup_is_made_at_once(tmp_path: Path) -> None:
    async with two(tmp_path) as stage:
        for _ in range(2):
            stage.clock.skip_limits(60)
            await stage.says("/backup")
            await stage.passes(minutes=1)
        assert "Резервная копия готова: nabat-" in stage.shows(ADMIN)
        assert len(list((tmp_path / "backups").glob("nabat-*.db"))) == 2
