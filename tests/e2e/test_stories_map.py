"""/map: a picture once drawn and sent is sent again by Telegram's name for it, across restarts."""

from pathlib import Path

from bot.sandbox.bot_api_answers import Reset, no_rights, unknown_file
from bot.sandbox.world import TOKEN
from storage.model import ChatKind
from tests.e2e.stage import (
    ANNA,
    BELGOROD,
    BORIS,
    BOROVSKY,
    CLEAR,
    DANGER,
    GOVERNOR,
    GROUP,
    KALUGA,
    NEIGHBOUR,
    PEOPLE,
    VERA,
    Follower,
    Stage,
    enrol,
    play,
    staged,
)

WITH_GROUP = (*PEOPLE, Follower(id=GROUP, follows=(KALUGA,), kind=ChatKind.SUPERGROUP))


async def map_of(stage: Stage, chat: int) -> tuple[str | None, str]:
    """The photo's name and the words below it."""
    answered = len(stage.calls(chat)) + 1
    await stage.says("/map", chat)
    await stage.world.bot_api.wait_for(lambda: len(stage.calls(chat)) >= answered)
    message = stage.messages(chat)[-1]
    return message.photo, message.text


async def test_a_map_shows_danger_and_says_the_same(tmp_path: Path) -> None:
    async with play(tmp_path, people=WITH_GROUP) as stage:
        calm, words = await map_of(stage, ANNA)
        assert calm is not None and stage.world.bot_api.photos[calm].startswith(b"\x89PNG")
        assert "не объявляли, насколько нам известно; это не отбой" in words
        await stage.posts(DANGER)
        danger, words = await map_of(stage, ANNA)
        assert danger not in (None, calm)
        assert "🟠 Калужская область: БПЛА, объявлена опасность — весь регион" in words
        assert await map_of(stage, ANNA) == (danger, words)
        # The group follows the same region: no second picture for it, nor a sound.
        assert (await map_of(stage, GROUP))[0] == danger
        assert stage.heard(GROUP)[-1] == "silent"
        assert len(stage.world.bot_api.photos) == 2
        await stage.passes(minutes=40)
        await stage.posts(CLEAR)
        after, words = await map_of(stage, ANNA)
        assert after not in (calm, danger) and "не объявляли, насколько нам известно" in words


async def test_names_of_pictures_outlive_a_restart(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        async with stage.playing():
            await stage.nabat.database.write(lambda tx: enrol(tx, PEOPLE))
            first, _ = await map_of(stage, VERA)
        async with stage.playing():
            again, _ = await map_of(stage, VERA)
        assert first == again is not None
        assert len(stage.world.bot_api.photos) == 1


async def test_a_name_that_telegram_forgot_and_a_chat_without_pictures(tmp_path: Path) -> None:
    async with play(tmp_path, people=WITH_GROUP) as stage:
        bot_api = stage.world.bot_api
        first, _ = await map_of(stage, ANNA)
        bot_api.inject(unknown_file(), method="sendPhoto")
        second, _ = await map_of(stage, ANNA)
        assert second not in (None, first)
        bot_api.inject(no_rights(), method="sendPhoto", times=None)
        nothing, words = await map_of(stage, GROUP)
        assert nothing is None and "Калужская область" in words


async def test_a_map_that_may_have_arrived_is_not_sent_again(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        stage.world.bot_api.inject(Reset(), method="sendPhoto", where="after")
        photo, _ = await map_of(stage, ANNA)
        assert photo is not None
        await stage.says("/stop", ANNA)
        photos = [message for message in stage.messages(ANNA) if message.photo]
        assert len(photos) == 1
        _, words = await map_of(stage, ANNA)
        assert words.startswith("⏸ Оповещения остановлены")


async def test_a_stale_danger_and_a_place_unheard(tmp_path: Path) -> None:
    people = (*PEOPLE, Follower(id=GROUP, follows=(BOROVSKY, BELGOROD), kind=ChatKind.SUPERGROUP))
    async with play(tmp_path, people=people, sources=(GOVERNOR,)) as stage:
        await stage.posts(DANGER)
        await stage.passes(hours=30)
        await stage.runs("expire")
        _, words = await map_of(stage, GROUP)
        assert "отбой не опубликован" in words
        assert "Белгородская область: неизвестно: каналов оттуда не слышим" in words


async def test_anybody_may_ask_for_a_map_in_every_language(tmp_path: Path) -> None:
    async with play(tmp_path, sources=(GOVERNOR, NEIGHBOUR)) as stage:
        stranger = 700777
        stage.world.bot_api.add_private_chat(stranger, name="Олена", language="uk")
        photo, words = await map_of(stage, stranger)
        assert photo is not None and "Це не відбій" in words
        assert TOKEN not in words
        photo, _ = await map_of(stage, BORIS)
        assert photo is not None
