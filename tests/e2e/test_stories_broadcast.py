"""A service message to everybody: behind every alert, once to each chat, over a restart too."""

from pathlib import Path

from storage import broadcasts
from storage.broadcasts import State
from storage.database import Tx
from tests.e2e.stage import ADMIN, ANNA, BORIS, DANGER, PEOPLE, VERA, Stage, enrol, play, staged

HELLO = "Плановые работы в ночь на вторник."


def _got(stage: Stage, chat: int) -> int:
    return sum(HELLO in message.text for message in stage.messages(chat))


async def is_done(tx: Tx) -> bool:
    found = await broadcasts.get(tx, 1)
    return found is not None and found.state is not State.RUNNING


async def test_a_service_message_reaches_everybody_once(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.says("/broadcast")
        assert "/broadcast" in stage.shows(ADMIN)
        await stage.says(f"/broadcast {HELLO}")
        assert HELLO in stage.shows(ADMIN)
        question = stage.messages(ADMIN)[-1]
        await stage.presses("Отправить, чатов: 3", ADMIN)
        await stage.becomes(is_done)
        await stage.world.bot_api.wait_for(lambda: "разослано" in stage.shows(ADMIN))
        assert stage.messages(ADMIN)[-1].message_id == question.message_id, "edited in place"
        assert "Отправлено 3 из 3, не удалось 0" in stage.shows(ADMIN)
        for chat in (ANNA, BORIS, VERA):
            assert _got(stage, chat) == 1 and stage.heard(chat) == ["silent"]


async def test_alerts_go_first_and_a_cancelled_message_goes_nowhere(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.says("/pause")
        await stage.says(f"/broadcast {HELLO}")
        await stage.presses("Отправить", ADMIN)
        stage.world.telegram.post(stage.channel("kaluga_gov"), DANGER)
        await stage.reads(1)
        await stage.says("/resume")
        await stage.becomes(is_done, idle=stage.nabat.bots.wake)
        texts = [message.text for message in stage.messages(ANNA)]
        assert texts[0].startswith("🟠 ОПАСНОСТЬ") and HELLO in texts[1]
        await stage.says("/pause")
        await stage.says(f"/broadcast {HELLO}")
        await stage.presses("Отправить", ADMIN)
        await stage.presses("Отменить", ADMIN)
        assert "отменена" in stage.shows(ADMIN)
        await stage.says("/resume")
        await stage.settles()
        assert _got(stage, VERA) == 1


async def test_a_restart_neither_loses_nor_repeats_it(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        async with stage.playing():
            await stage.nabat.database.write(lambda tx: enrol(tx, PEOPLE))
            await stage.says("/pause")
            await stage.says(f"/broadcast {HELLO}")
            await stage.presses("Отправить", ADMIN)
            # As if killed just after the first chat was reached.
            first = await stage.nabat.database.write(lambda tx: broadcasts.next_chat(tx, 1))
        async with stage.playing():
            await stage.says("/resume")
            await stage.becomes(is_done)
            got = {chat: _got(stage, chat) for chat in (ANNA, BORIS, VERA)}
            assert first == ANNA and got == {ANNA: 0, BORIS: 1, VERA: 1}
