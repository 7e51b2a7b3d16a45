"""The operators' panel, silences that end by themselves, channels that are muted for a while."""

from pathlib import Path

from tests.e2e.stage import (
    ADMIN,
    ANNA,
    BORIS,
    BOROVSKY_DANGER,
    CLEAR,
    DANGER,
    GOVERNOR,
    play,
)

MISSILE = "Ракетная опасность на территории Калужской области!"


async def test_the_panel_shows_everything_and_is_refreshed_in_place(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.says("/admin")
        panel = stage.messages(ADMIN)[-1]
        assert "Рассылка идёт" in panel.text and "пока не измерено" in panel.text
        assert "active 3" in panel.text
        await stage.posts(DANGER)
        await stage.says("/pause учения")
        count = len(stage.messages(ADMIN))
        stage.world.bot_api.press(ADMIN, panel.message_id, "of", user_id=ADMIN)
        await stage.says("/admins")
        shown = next(m for m in stage.messages(ADMIN) if m.message_id == panel.message_id).text
        assert len(stage.messages(ADMIN)) == count + 2, "edited, not sent anew"
        assert "Рассылка приостановлена с" in shown and "applied 1" in shown and "sound 2" in shown
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
        assert "1 · Калужская область: БПЛА → " in stage.shows(ADMIN)
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


async def test_a_muted_channel_changes_nothing_for_a_while(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        number = await stage.posts(BOROVSKY_DANGER)
        await stage.passes(minutes=11)
        await stage.says(f"/channel_mute @{GOVERNOR} 1h канал взломан")
        assert f"🔇 @{GOVERNOR} отключён до" in stage.shows(ADMIN)
        await stage.edits(number, "Всем привет!")
        await stage.posts(CLEAR)
        await stage.passes(seconds=30)
        assert stage.shows(BORIS).startswith("🟠 ОПАСНОСТЬ · БПЛА · Боровский район")
        assert not any("✅" in (call.text or "") for call in stage.calls(BORIS))
        await stage.says("/admin")
        assert "канал взломан" in stage.shows(ADMIN)
        await stage.passes(minutes=61)
        await stage.posts(CLEAR)
        assert stage.shows(BORIS).startswith("✅ ОТБОЙ"), "it is heard again by itself"
        await stage.says("/channel_unmute nobody")
        assert "nobody" in stage.shows(ADMIN)


async def test_a_forwarded_post_shows_how_to_read_its_channel(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        origin = {
            "type": "channel",
            "date": 1,
            "chat": {"id": -1001, "type": "channel", "title": "Шапша", "username": "shapsha"},
            "message_id": 5,
        }
        bot_api = stage.world.bot_api
        for chat, shown in ((ADMIN, "/channel_add @shapsha RU-KLU"), (ANNA, "")):
            bot_api.say(chat, "Опасность миновала.", to=None, extra={"forward_origin": origin})
            await stage.says("/help", chat)
            texts = [message.text for message in stage.messages(chat)]
            assert any(shown and shown in text for text in texts) is bool(shown)
        await stage.says("/admin")
        assert "Рассылка идёт" in stage.shows(ADMIN), "it changes nothing"
