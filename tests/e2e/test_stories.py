"""What people hear of what channels post: the whole program over the real protocols."""

from pathlib import Path

import pytest

from storage.model import ChatKind, Wishes
from tests.e2e.stage import (
    AIRPORTS,
    ANNA,
    BELGOROD,
    BORIS,
    BOROVSKY_DANGER,
    CLEAR,
    DANGER,
    DANGER_TOO,
    GROUP,
    KALUGA,
    MCHS,
    NEIGHBOUR,
    NEWS,
    PEOPLE,
    REPEATED,
    VERA,
    ZHUKOVSKY,
    Follower,
    play,
)

GLEB = 700104
_GROUP = Follower(id=GROUP, follows=(KALUGA,), kind=ChatKind.SUPERGROUP)
_IN_ZHUKOVSKY = Follower(id=GLEB, follows=(ZHUKOVSKY,))


async def test_a_post_is_heard_by_followers_alone(tmp_path: Path) -> None:
    async with play(tmp_path, people=(*PEOPLE, _GROUP)) as stage:
        await stage.posts(DANGER)
        assert [stage.heard(chat) for chat in (ANNA, BORIS, GROUP)] == [["sound"]] * 3
        assert stage.heard(VERA) == []
        assert stage.shows(ANNA).startswith("🟠 ОПАСНОСТЬ · БПЛА · Калужская область.")
        assert stage.shows(BORIS).startswith("🟠 ОПАСНОСТЬ · БПЛА · Боровский район.")
        assert "Отойдите от окон" in stage.shows(GROUP)[:80]


async def test_a_district_is_heard_there_and_by_the_region(tmp_path: Path) -> None:
    async with play(tmp_path, people=(*PEOPLE, _IN_ZHUKOVSKY)) as stage:
        await stage.posts(BOROVSKY_DANGER)
        assert stage.heard(BORIS) == stage.heard(ANNA) == ["sound"]
        assert stage.heard(GLEB) == stage.heard(VERA) == []


async def test_an_edit_changes_the_card_and_sounds_once(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(DANGER)
        await stage.passes(minutes=30)
        shot = (
            "Силами ПВО в Боровском муниципальном округе сбиты беспилотники. "
            "По предварительной информации, пострадавших нет."
        )
        number = await stage.posts(shot)
        assert stage.heard(BORIS) == ["sound", "edit"]
        await stage.passes(minutes=30)
        harm = shot.replace(
            "По предварительной информации, пострадавших нет.",
            "По уточнённой информации, пострадал один человек.",
        )
        await stage.edits(number, harm)
        await stage.passes(minutes=1)
        assert stage.sounds(BORIS) == 2
        assert stage.sounds(ANNA) == 1, "one injured in a district is an edit for the region"
        for chat in (ANNA, BORIS):
            assert "пострадали: было 0, стало 1" in stage.messages(chat)[0].text
        stage.world.telegram.touch(stage.channel("kaluga_gov"), number)
        await stage.edits(number, harm + " Работают экстренные службы.")
        await stage.passes(minutes=30)
        assert stage.sounds(BORIS) == 2


async def test_a_second_source_makes_no_second_sound(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(DANGER)
        await stage.passes(minutes=3)
        await stage.posts(DANGER_TOO, MCHS)
        await stage.passes(minutes=1)
        assert set(stage.heard(ANNA)) == {"sound", "edit"}
        assert stage.sounds(ANNA) == stage.sounds(BORIS) == 1


async def test_a_repeated_attack_sounds_again_where_it_is_near(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(DANGER)
        await stage.passes(minutes=20)
        await stage.posts(REPEATED)
        assert stage.sounds(BORIS) == 2
        assert "повторная угроза" in stage.shows(BORIS)[:80]


async def test_partial_then_full_all_clear(tmp_path: Path) -> None:
    people = (*PEOPLE, _IN_ZHUKOVSKY)
    async with play(tmp_path, people=people) as stage:
        await stage.posts(DANGER)
        await stage.passes(minutes=30)
        await stage.posts(
            "Отбой опасности атаки БПЛА в Боровском муниципальном округе. "
            "На остальной территории области опасность сохраняется."
        )
        await stage.passes(minutes=1)
        assert stage.shows(BORIS).startswith("✅ ОТБОЙ"), "everything that Boris follows is clear"
        for chat in (ANNA, GLEB):
            assert not any("✅" in call.text for call in stage.calls(chat) if call.text)
            assert "ОПАСНОСТЬ" in stage.messages(chat)[0].text
        await stage.passes(minutes=30)
        await stage.posts(CLEAR)
        await stage.passes(minutes=1)
        assert stage.shows(ANNA).startswith("✅ ОТБОЙ")
        assert stage.shows(GLEB).startswith("✅ ОТБОЙ")
        clears = [call for call in stage.calls(BORIS) if (call.text or "").startswith("✅")]
        assert len({call.message_id for call in clears if call.version == 1}) == 1
        assert stage.heard(VERA) == []


async def test_no_all_clear_without_an_alarm(tmp_path: Path) -> None:
    people = (*PEOPLE, _IN_ZHUKOVSKY)
    async with play(tmp_path, people=people) as stage:
        await stage.posts(CLEAR)
        assert [stage.heard(each.id) for each in people] == [[], [], [], []]
        await stage.posts(BOROVSKY_DANGER)
        await stage.passes(minutes=30)
        await stage.posts(CLEAR)
        assert stage.shows(BORIS).startswith("✅ ОТБОЙ")
        assert stage.heard(GLEB) == [], "nobody had alarmed Zhukovsky"


async def test_each_hazard_is_cleared_by_itself(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(DANGER)
        await stage.passes(minutes=30)
        await stage.posts("Ракетная опасность на территории Калужской области!")
        assert stage.sounds(ANNA) == stage.sounds(BORIS) == 2
        await stage.passes(minutes=30)
        await stage.posts(
            "Отбой ракетной опасности на территории Калужской области. "
            "Опасность атаки БПЛА сохраняется."
        )
        await stage.passes(minutes=1)
        for chat in (ANNA, BORIS):
            assert not any((call.text or "").startswith("✅") for call in stage.calls(chat))
            assert "БПЛА" in stage.messages(chat)[0].text
            assert stage.messages(chat)[0].text.startswith("🟠 ОПАСНОСТЬ")


async def test_only_an_authorised_channel_can_clear(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(DANGER)
        await stage.passes(minutes=30)
        await stage.posts(CLEAR, AIRPORTS)
        await stage.posts(CLEAR, NEIGHBOUR)
        await stage.posts("Отбой опасности атаки БПЛА в Белгородской области.")
        await stage.passes(minutes=1)
        assert stage.sounds(ANNA) == 1
        assert stage.messages(ANNA)[0].text.startswith("🟠 ОПАСНОСТЬ")
        assert not any("✅" in (call.text or "") for call in stage.calls(ANNA))


async def test_drills_alarm_nobody(tmp_path: Path) -> None:
    curious = Follower(id=GLEB, follows=(KALUGA,), wishes=Wishes(drills=True))
    async with play(tmp_path, people=(*PEOPLE, curious)) as stage:
        await stage.posts(
            "В Калужской области на 25 ноября запланированы учения экстренных служб. "
            "Будут звучать сирены. Просьба сохранять спокойствие: это плановая проверка."
        )
        await stage.posts("Внимание! В Калужской области проходит учебная тревога.")
        await stage.posts("Отбой учебной тревоги.")
        assert stage.heard(ANNA) == stage.heard(BORIS) == []
        assert stage.heard(GLEB)
        assert stage.sounds(GLEB) == 0
        assert "УЧЕБНАЯ ТРЕВОГА" in stage.shows(GLEB)


@pytest.mark.parametrize(
    "text",
    [
        "УЧЕБНАЯ ТРЕВОГА. Внимание! Ракетная опасность в Калужской области.",
        "В Калужской области проходит учебная тревога. Воздушная тревога, ракетная "
        "опасность: это учения, сохраняйте спокойствие.",
    ],
)
async def test_a_drill_that_names_hazards_alarms_nobody(tmp_path: Path, text: str) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(text)
        assert stage.heard(ANNA) == stage.heard(BORIS) == []


async def test_a_drill_changes_nothing_real(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(DANGER)
        await stage.passes(minutes=30)
        await stage.posts("Отбой учебной тревоги на территории Калужской области.")
        await stage.passes(minutes=1)
        assert stage.sounds(ANNA) == 1
        assert stage.messages(ANNA)[0].text.startswith("🟠 ОПАСНОСТЬ")
        assert not any("✅" in (call.text or "") for call in stage.calls(ANNA))


async def test_city_news_is_silent(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(NEWS)
        assert stage.world.bot_api.log == []
        assert [taken.reason for taken in stage.taken] == ["no_danger_words"]


async def test_airport_lines_are_for_those_who_asked(tmp_path: Path) -> None:
    traveller = Follower(id=GLEB, follows=(KALUGA,), wishes=Wishes(airports=True))
    async with play(tmp_path, people=(*PEOPLE, traveller)) as stage:
        await stage.posts(
            "Аэропорт Калуга (Грабцево). Введены временные ограничения на приём и выпуск "
            "воздушных судов.",
            AIRPORTS,
        )
        assert stage.heard(GLEB) == ["silent"]
        assert stage.heard(ANNA) == stage.heard(BORIS) == []
        await stage.passes(minutes=30)
        await stage.posts(
            "Аэропорт Калуга (Грабцево). Сняты ограничения на приём и выпуск воздушных судов.",
            AIRPORTS,
        )
        assert "sound" not in stage.heard(GLEB)
        assert not any("ОТБОЙ" in (call.text or "") for call in stage.calls(GLEB))
        assert stage.heard(ANNA) == []


async def test_a_group_hears_each_sound_as_its_new_card(tmp_path: Path) -> None:
    async with play(tmp_path, people=(_GROUP,)) as stage:
        await stage.posts(DANGER)
        await stage.passes(minutes=30)
        await stage.posts("Ракетная опасность на территории Калужской области!")
        await stage.world.bot_api.wait_for(
            lambda: "продолжение ниже" in stage.messages(GROUP)[0].text
        )
        first, second = stage.messages(GROUP)
        assert "БПЛА" in second.text
        assert "ракеты" in second.text
        assert first.message_id < second.message_id


async def test_neighbours_are_apart(tmp_path: Path) -> None:
    both = Follower(id=GLEB, follows=(KALUGA, BELGOROD))
    async with play(tmp_path, people=(*PEOPLE, both)) as stage:
        await stage.posts(DANGER)
        await stage.passes(minutes=2)
        await stage.posts("Ракетная опасность на территории Белгородской области!", NEIGHBOUR)
        await stage.passes(minutes=30)
        await stage.posts(CLEAR)
        await stage.passes(minutes=1)
        _, belgorod, clear = stage.messages(GLEB)
        assert belgorod.text.splitlines()[1] == "Белгородская область"
        assert "✅" not in belgorod.text
        assert clear.text.startswith("✅ ОТБОЙ · БПЛА · Калужская область")
        assert stage.sounds(VERA) == 1
