"""A chat wishes fewer sounds for a while, and what it hears all the same."""

from datetime import time, timedelta
from pathlib import Path

from storage import cards
from storage.model import ChatId, QuietHours, Wishes
from tests.e2e.stage import (
    ANNA,
    BELGOROD,
    CLEAR,
    DANGER,
    KALUGA,
    NEIGHBOUR,
    START,
    Follower,
    Stage,
    enrol,
    play,
    staged,
)

NIGHT = Wishes(quiet=QuietHours(start=time(23), end=time(7), zone="Europe/Moscow"))
GLEB = 700104
SLEEPERS = (
    Follower(id=ANNA, follows=(KALUGA,), wishes=NIGHT),
    Follower(id=GLEB, follows=(BELGOROD,), wishes=NIGHT),
)
MISSILES = "Ракетная опасность на территории Калужской области!"
BELGOROD_DANGER = "На территории Белгородской области объявлена опасность атаки БПЛА."
BELGOROD_CLEAR = "Отбой опасности атаки БПЛА на территории Белгородской области."


async def why(stage: Stage, chat: int) -> str:
    """What /why answers of a chat's newest card."""
    found = await stage.nabat.database.read(lambda tx: cards.of_chat(tx, ChatId(chat)))
    await stage.says(f"/why {chat} {found[0].id}")
    return stage.pages()[-1]


async def test_a_danger_that_outlasts_the_night_sounds_in_the_morning(tmp_path: Path) -> None:
    async with staged(tmp_path, people=SLEEPERS) as stage:
        async with stage.playing():
            await stage.nabat.database.write(lambda tx: enrol(tx, SLEEPERS))
            await stage.passes(minutes=33)
            await stage.posts(DANGER)
            await stage.posts(BELGOROD_DANGER, NEIGHBOUR)
            assert stage.heard(ANNA) == stage.heard(GLEB) == ["silent"]
            assert "были ваши тихие часы. (quiet_hours)" in await why(stage, ANNA)
            await stage.passes(hours=2)
            await stage.posts(BELGOROD_CLEAR, NEIGHBOUR)
            assert stage.heard(GLEB)[1:] == ["silent", "edit"]
        # The program was away when the hours ended: they are not over for nothing.
        stage.clock.skip(START + timedelta(hours=7, minutes=5) - stage.clock.now())
        async with stage.playing():
            await stage.settles()
            assert stage.heard(ANNA) == ["silent", "sound"]
            first, *_ = stage.shows(ANNA).splitlines()
            assert first.startswith("🟠 ОПАСНОСТЬ, действует с 00:33 · БПЛА · Калужская область")
            assert "still_in_force" in await why(stage, ANNA)
            assert stage.sounds(GLEB) == 0
            await stage.passes(hours=1)
            assert stage.sounds(ANNA) == 1
            await stage.posts(CLEAR)
            assert stage.sounds(ANNA) == 2 and "ОТБОЙ" in stage.shows(ANNA)


async def test_hours_that_are_switched_off_in_the_night_are_over(tmp_path: Path) -> None:
    async with play(tmp_path, people=SLEEPERS) as stage:
        await stage.posts(DANGER)
        assert stage.heard(ANNA) == ["silent"]
        await stage.passes(hours=1)
        await stage.says("/settings off", ANNA)
        await stage.settles()
        assert "действует с 00:00" in stage.shows(ANNA)
        await stage.passes(hours=7)
        assert [call.text for call in stage.calls(ANNA) if "действует с" in (call.text or "")] == [
            stage.shows(ANNA)
        ]


async def test_missiles_are_heard_in_the_night(tmp_path: Path) -> None:
    async with play(tmp_path, people=SLEEPERS) as stage:
        await stage.posts(DANGER)
        assert stage.sounds(ANNA) == 0
        await stage.passes(minutes=5)
        await stage.posts(MISSILES)
        assert stage.sounds(ANNA) == 1
        await stage.passes(hours=7)
        assert stage.sounds(ANNA) == 1
