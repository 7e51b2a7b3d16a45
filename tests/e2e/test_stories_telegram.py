"""What happens when Telegram does not take what the chats are owed."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.sandbox.bot_api_answers import (
    Answer,
    CutBody,
    Json,
    Reset,
    server_error,
    too_many_requests,
)
from storage import chats
from storage.database import Tx
from storage.model import ChatId, ChatKind, ChatState
from tests.e2e.stage import (
    ANNA,
    BORIS,
    BOROVSKY_DANGER,
    CLEAR,
    DANGER,
    GOVERNOR,
    GROUP,
    KALUGA,
    PEOPLE,
    Follower,
    play,
)

BIG_GROUP = -1007002
_GROUP = Follower(id=GROUP, follows=(KALUGA,), kind=ChatKind.SUPERGROUP)


async def test_a_chat_that_blocked_the_bot_is_suspended_alone(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        stage.world.bot_api.block(ANNA)
        await stage.posts(DANGER)
        assert stage.heard(ANNA) == []
        assert stage.heard(BORIS) == ["sound"]
        held = await stage.nabat.database.read(lambda tx: chats.get(tx, ChatId(ANNA)))
        assert held is not None
        assert held.state is ChatState.SUSPENDED


async def test_who_unblocks_the_bot_and_starts_again_hears_what_is_in_force(
    tmp_path: Path,
) -> None:
    async with play(tmp_path) as stage:
        stage.world.bot_api.block(ANNA)
        await stage.posts(DANGER)
        stage.world.bot_api.unblock(ANNA)
        await stage.says("/start", ANNA)
        await stage.passes(seconds=2)
        assert any((call.text or "").startswith("🟠 ОПАСНОСТЬ") for call in stage.calls(ANNA))


async def test_who_unblocks_the_bot_in_silence_is_found_by_a_probe(tmp_path: Path) -> None:
    """Tried after a day and after a week, without a message; then the next danger is heard."""

    def has(chat_state: ChatState, probes: int) -> Callable[[Tx], Awaitable[bool]]:
        async def true(tx: Tx) -> bool:
            anna = await chats.get(tx, ChatId(ANNA))
            return anna is not None and (anna.state, anna.probes) == (chat_state, probes)

        return true

    async with play(tmp_path) as stage:
        stage.world.bot_api.block(ANNA)
        await stage.posts(DANGER)
        await stage.passes(minutes=20)
        await stage.posts(CLEAR)
        await stage.passes(days=1)
        await stage.becomes(has(ChatState.SUSPENDED, 1))
        stage.world.bot_api.unblock(ANNA)
        await stage.passes(days=5)
        assert await stage.nabat.database.read(has(ChatState.SUSPENDED, 1))
        await stage.passes(days=1)
        await stage.becomes(has(ChatState.ACTIVE, 0))
        assert stage.heard(ANNA) == []
        await stage.posts(DANGER)
        assert stage.heard(ANNA) == ["sound"]


async def test_too_many_requests_for_one_chat_do_not_stop_the_others(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        refusal = too_many_requests(30)
        stage.world.bot_api.inject(refusal, method="sendMessage", chat_id=ANNA)
        stage.world.telegram.post(stage.channel(GOVERNOR), DANGER)
        await stage.world.bot_api.heard(lambda call: call.chat_id == BORIS)
        await stage.becomes(_was_asked_to_wait)
        assert stage.heard(ANNA) == []
        await stage.passes(seconds=31)
        assert stage.heard(ANNA) == ["sound"]


async def test_the_first_of_thousands_does_not_wait_for_the_last(tmp_path: Path) -> None:
    people = [Follower(id=740_000 + n, follows=(KALUGA,)) for n in range(5_000)]
    async with play(tmp_path, people=people) as stage:
        stage.world.telegram.post(stage.channel(GOVERNOR), DANGER)
        await stage.world.bot_api.heard(lambda call: True)
        row = await stage.nabat.database.read(lambda tx: tx.one("SELECT count(*) AS n FROM cards"))
        assert row is not None
        assert row["n"] < len(people), "the first heard while cards were still being given"


async def test_a_sound_goes_before_hundreds_of_edits(tmp_path: Path) -> None:
    """DOMAIN §6: sounds before edits, though the groups of the edits have the better rank."""
    crowds = [
        Follower(id=-1008000 - n, follows=(KALUGA,), kind=ChatKind.SUPERGROUP) for n in range(230)
    ]
    async with play(tmp_path, people=(*PEOPLE, *crowds)) as stage:
        await stage.posts("Опасность атаки БПЛА в Жуковском районе.")
        assert stage.sounds(crowds[0].id) == 1
        await stage.passes(minutes=5)
        before = len(stage.world.bot_api.log)
        await stage.posts(BOROVSKY_DANGER)
        since = stage.world.bot_api.log[before:]
        assert BORIS in {call.chat_id for call in since[:5]}
        assert len([call for call in since if call.version > 1]) >= len(crowds)


@pytest.mark.parametrize("answer", [Reset(), CutBody(), server_error(502, html=True)])
async def test_a_lost_answer_of_a_danger_is_asked_again_at_most_once(
    tmp_path: Path, answer: Answer
) -> None:
    async with play(tmp_path) as stage:
        stage.world.bot_api.inject(
            answer, method="sendMessage", chat_id=ANNA, times=None, where="after"
        )
        await stage.posts(DANGER)
        assert stage.heard(BORIS) == ["sound"]
        for _ in range(4):
            await stage.passes(seconds=10)
        assert stage.heard(ANNA) == ["sound", "sound"]
        stage.world.bot_api.heal()
        await stage.passes(minutes=10)
        await stage.posts(CLEAR)
        assert stage.shows(ANNA).startswith("✅ ОТБОЙ"), "who may have heard it hears its end"


async def test_a_lost_request_of_a_danger_is_made_again(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        stage.world.bot_api.inject(Reset(), method="sendMessage", chat_id=ANNA)
        await stage.posts(DANGER)
        await stage.passes(seconds=6)
        assert stage.heard(ANNA) == ["sound"]


async def test_a_server_that_is_away_delays_and_loses_nothing(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        bot_api = stage.world.bot_api
        port = int(bot_api.url.rpartition(":")[2])
        await bot_api.close()
        stage.world.telegram.post(stage.channel(GOVERNOR), DANGER)
        await stage.reads(1)
        await bot_api.start(port=port)
        await stage.passes(seconds=10)
        assert stage.heard(ANNA) == stage.heard(BORIS) == ["sound"]


async def test_a_group_that_becomes_a_supergroup_still_hears(tmp_path: Path) -> None:
    async with play(tmp_path, people=(_GROUP,)) as stage:
        stage.world.bot_api.migrate(GROUP, BIG_GROUP)
        await stage.posts(DANGER)
        await stage.passes(seconds=2)
        assert stage.heard(BIG_GROUP) == ["sound"]
        await stage.passes(minutes=30)
        await stage.posts(CLEAR)
        assert stage.shows(BIG_GROUP).startswith("✅ ОТБОЙ")


async def test_a_group_that_migrates_in_danger_hears_its_end(tmp_path: Path) -> None:
    async with play(tmp_path, people=(_GROUP,)) as stage:
        await stage.posts(DANGER)
        stage.world.bot_api.migrate(GROUP, BIG_GROUP)
        await stage.passes(minutes=30)
        await stage.posts(CLEAR)
        await stage.passes(minutes=1)
        assert stage.shows(BIG_GROUP).startswith("✅ ОТБОЙ")


async def test_a_card_that_telegram_takes_in_no_form_is_paged(tmp_path: Path) -> None:
    refusal = Json(status=400, body={"ok": False, "error_code": 400, "description": "Bad Request"})
    async with play(tmp_path) as stage:
        stage.world.bot_api.inject(refusal, method="sendMessage", chat_id=ANNA, times=None)
        await stage.posts(DANGER)
        assert stage.heard(BORIS) == ["sound"]
        assert any("in no form" in page for page in stage.pages())
        stage.world.bot_api.heal()
        await stage.passes(minutes=11)
        assert stage.heard(ANNA) == ["sound"]


async def _was_asked_to_wait(tx: Tx) -> bool:
    return await tx.one("SELECT id FROM attempts WHERE outcome = 'later'") is not None
