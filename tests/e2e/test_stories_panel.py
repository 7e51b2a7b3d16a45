"""The operators' panel, and silences that end by themselves."""

from datetime import timedelta
from pathlib import Path

from storage import silences
from tests.e2e.stage import (
    ADMIN,
    ANNA,
    BORIS,
    BOROVSKY_DANGER,
    CLEAR,
    DANGER,
    KALUGA,
    play,
)

MISSILE = "Ракетная опасность на территории Калужской области!"


async def test_the_panel_shows_everything_and_is_refreshed_in_place(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.says("/admin")
        panel = stage.messages(ADMIN)[-1]
        assert "Рассылка идёт" in panel.text and "пока не измерено" in panel.text
        assert "получают 3" in panel.text
        await stage.posts(DANGER)
        await stage.says("/pause учения")
        count = len(stage.messages(ADMIN))
        stage.world.bot_api.press(ADMIN, panel.message_id, "of", user_id=ADMIN)
        await stage.says("/admins")
        shown = next(m for m in stage.messages(ADMIN) if m.message_id == panel.message_id).text
        assert len(stage.messages(ADMIN)) == count + 2, "edited, not sent anew"
        assert (
            "Рассылка приостановлена с" in shown
            and "с новостями 1" in shown
            and "со звуком 2" in shown
        )
        assert "половина за" in shown and "1 · Калужская область: БПЛА" in shown


async def test_a_silence_makes_sounds_silent_and_ends_by_itself(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.says("/silence RU-KLU uav 2h")
        assert "30m" in stage.shows(ADMIN), "a reason is needed"
        await stage.says("/silence RU-KLU uav 2h дребезжит сирена")
        assert "дребезжит сирена" in stage.shows(ADMIN)
        await stage.posts(BOROVSKY_DANGER)
        assert stage.heard(BORIS) == stage.heard(ANNA) == ["silent"], "told, never lost"
        assert stage.shows(BORIS).startswith("🟠 ОПАСНОСТЬ")
        await stage.says("/admin")
        assert "1 · Калужская область: БПЛА · до " in stage.shows(ADMIN)
        await stage.posts(MISSILE)
        assert stage.sounds(BORIS) == 1, "missiles are always heard"
        await stage.posts("Отбой ракетной опасности на территории Калужской области.")
        await stage.passes(minutes=125)
        await stage.posts(
            "Объявлена угроза повторной атаки БПЛА в Боровском муниципальном округе."
        )
        assert stage.sounds(BORIS) >= 2, "it ended by itself"
        await stage.says("/admin")
        assert "дребезжит" not in stage.shows(ADMIN)
        await stage.says("/audit")
        assert "why: дребезжит сирена" in stage.shows(ADMIN)


async def test_danger_sounds_once_when_its_silence_ends_or_is_lifted(
    tmp_path: Path,
) -> None:
    async with play(tmp_path) as stage:
        await stage.says("/silence RU-KLU uav 2h дребезжит сирена")
        await stage.posts(BOROVSKY_DANGER)
        assert stage.heard(BORIS) == ["silent"]
        await stage.passes(minutes=10)
        assert stage.heard(BORIS) == ["silent"]
        await stage.says("/unsilence 1")
        await stage.settles()
        assert stage.heard(BORIS) == stage.heard(ANNA) == ["silent", "sound"]
        assert "действует с" in stage.shows(BORIS).splitlines()[0]
        await stage.passes(minutes=10)
        await stage.posts(CLEAR)
        await stage.says("/silence RU-KLU all 1h сбой датчика")
        await stage.posts("Объявлена опасность атаки БПЛА на территории Калужской области.")
        assert stage.sounds(BORIS) == 2, "of the danger and of its all-clear"
        await stage.passes(minutes=61)
        assert stage.sounds(BORIS) == 3, "it ended by itself"
        await stage.passes(minutes=61)
        assert stage.sounds(BORIS) == 3


async def test_silences_are_listed_lifted_and_audited(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.says("/silence")
        assert "Звук нигде не отключён" in stage.shows(ADMIN)
        await stage.says("/silence Калужская область uav 2h дребезжит сирена")
        await stage.says("/silence RU-BEL all 30m учения")
        await stage.says("/silence")
        listed = stage.shows(ADMIN)
        assert "1 · Калужская область: БПЛА" in listed and "дребезжит сирена" in listed
        assert "2 · Белгородская область: всё" in listed and "/unsilence 1" in listed
        now = stage.clock.now()
        (seen,) = await stage.nabat.database.read(lambda tx: silences.in_force(tx, now, KALUGA))
        assert (seen.why, seen.until) == ("дребезжит сирена", now + timedelta(hours=2))
        await stage.says("/unsilence 1")
        assert "Калужская" not in stage.shows(ADMIN)
        await stage.says("/unsilence 1")
        assert "не действует" in stage.shows(ADMIN)
        await stage.posts(BOROVSKY_DANGER)
        assert stage.heard(BORIS) == ["sound"], "it sounds again"
        await stage.passes(minutes=31)
        await stage.says("/silence")
        assert "Звук нигде не отключён" in stage.shows(ADMIN), "they end by themselves"
        await stage.says("/audit")
        trail = stage.shows(ADMIN)
        assert trail.count("· silence") == 2 and trail.count("· unsilence") == 1
