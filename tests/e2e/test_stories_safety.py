"""Strangers, floods and garbage: no alert is kept back, nothing changed, nothing given away."""

from pathlib import Path

from bot.limits import LIMITS, Asked, Whose
from tests.bench.flood import STRANGERS, alerted, flooded
from tests.e2e.stage import ANNA, play


async def test_a_flood_of_commands_delays_no_alert(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        bot_api = stage.world.bot_api
        async with flooded(bot_api, 500, crowd=300):
            await bot_api.wait_for(lambda: len(bot_api.log) >= 20)
            before = len(bot_api.log)
            seconds = await alerted(stage)
        assert stage.heard(ANNA) == ["sound"]
        assert seconds < 1.0, "usually a few hundredths"
        ahead = [call.chat_id for call in bot_api.log[before:]].index(ANNA)
        assert ahead <= 15, "no more than were on their way"
        told = [call for call in bot_api.log if call.chat_id >= STRANGERS]
        limit = LIMITS[Whose.ALL, Asked.COMMAND]
        assert len(told) <= limit.at_once + limit.a_second * 10
