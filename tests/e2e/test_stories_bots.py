"""Several bots, each for its regions: who hears whom, and what becomes of a dead one."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from pydantic import SecretStr

from bot.sandbox.bot_api_answers import blocked, kicked, not_started
from bot.sandbox.world import TOKEN
from bot.settings import BotSection
from storage import chats, keepers
from storage.database import Tx
from storage.model import Chat, ChatId, ChatKind, ChatState, Keeper, Lang, TelegramId, Wishes
from tests.e2e.stage import (
    ANNA,
    BELGOROD,
    BOROVSKY_DANGER,
    DANGER,
    GROUP,
    KALUGA,
    KURSK_GOV,
    NEIGHBOUR,
    PEOPLE,
    SOURCES,
    START,
    VERA,
    Follower,
    Stage,
    enrol,
    staged,
)

SECOND = "535353:" + "B" * 35
NEIGHBOUR_DANGER = "На территории Белгородской области объявлена опасность атаки БПЛА."
KURSK_DANGER = "На территории Курской области объявлена опасность атаки БПЛА."
BOTH = Follower(id=700120, follows=(KALUGA, BELGOROD))


@contextlib.asynccontextmanager
async def two_bots(
    folder: Path, people: Sequence[Follower] = (*PEOPLE, BOTH)
) -> AsyncIterator[Stage]:
    """The first serves all but Belgorod, the second Belgorod."""
    async with staged(folder, people=people) as stage:
        stage.world.bot_api.add_bot(SECOND, "nabat_bel_bot")
        bots = (
            BotSection(token=SecretStr(TOKEN)),
            BotSection(token=SecretStr(SECOND), regions=(BELGOROD,)),
        )
        stage.settings = stage.settings.model_copy(update={"bots": bots})
        async with stage.playing(sources=tuple(SOURCES)):
            await stage.nabat.database.write(lambda tx: enrol(tx, people))
            await stage.world.bot_api.wait_for(lambda: stage.world.bot_api.is_polling(SECOND))
            yield stage


def by(stage: Stage, chat: int) -> list[str]:
    """The tokens that wrote to a chat, in order."""
    return [call.token for call in stage.calls(chat)]


async def test_each_bot_tells_of_its_own_regions(tmp_path: Path) -> None:
    async with two_bots(tmp_path) as stage:
        await stage.posts(DANGER)
        await stage.posts(NEIGHBOUR_DANGER, NEIGHBOUR)
        assert set(by(stage, ANNA)) == {TOKEN}
        assert set(by(stage, VERA)) == {SECOND}
        assert set(by(stage, BOTH.id)) == {TOKEN, SECOND}


async def test_who_shut_one_bot_out_still_hears_the_other(tmp_path: Path) -> None:
    async with two_bots(tmp_path) as stage:
        bot_api = stage.world.bot_api
        bot_api.inject(blocked(), method="sendMessage", chat_id=BOTH.id)
        await stage.posts(BOROVSKY_DANGER)
        await stage.posts(NEIGHBOUR_DANGER, NEIGHBOUR)
        assert by(stage, BOTH.id) == [SECOND]
        chat = await stage.nabat.database.read(lambda tx: chats.get(tx, ChatId(BOTH.id)))
        assert chat is not None
        assert chat.state is ChatState.ACTIVE


async def test_a_dead_token_stops_its_own_lane(tmp_path: Path) -> None:
    async with two_bots(tmp_path) as stage:
        stage.world.bot_api.revoke(SECOND)
        stage.world.telegram.post(stage.channel(NEIGHBOUR), NEIGHBOUR_DANGER)
        await stage.reads(1)
        await stage.world.bot_api.wait_for(
            lambda: any("can no longer send" in page for page in stage.pages())
        )
        stage.world.telegram.post(stage.channel("kaluga_gov"), DANGER)
        await stage.world.bot_api.wait_for(lambda: by(stage, ANNA) == [TOKEN])
        assert by(stage, VERA) == []


async def test_start_for_another_bot_s_region_leads_there(tmp_path: Path) -> None:
    async with two_bots(tmp_path) as stage:
        await stage.says("/start RU-BEL", ANNA)
        message = stage.messages(ANNA)[-1]
        assert message.text == "Белгородская область: здесь оповещает @nabat_bel_bot."
        assert "https://t.me/nabat_bel_bot?start=RU-BEL" in str(message.reply_markup)
        await stage.says("/start RU-KLU", ANNA)
        assert stage.shows(ANNA) == "Включить оповещения: Калужская область?"


async def _keeps_a_group(tx: Tx) -> None:
    """Vera, who set it up with the second bot."""
    chat = ChatId(GROUP)
    made = Chat(id=chat, kind=ChatKind.SUPERGROUP, lang=Lang.RU, joined_at=START)
    await chats.put(tx, made)
    await chats.follow(tx, chat, BELGOROD, BELGOROD, START)
    vera = Keeper(chat=chat, who=TelegramId(VERA), lang=Lang.RU, title="Двор")
    await keepers.put(tx, vera)


async def test_what_befell_a_bot_in_a_group_that_bot_tells(tmp_path: Path) -> None:
    async with two_bots(tmp_path) as stage:
        bot_api = stage.world.bot_api
        bot_api.add_group(GROUP, title="Двор", admins=[VERA])
        await stage.nabat.database.write(_keeps_a_group)
        bot_api.kick(GROUP)
        await bot_api.wait_for(lambda: bool(stage.messages(VERA)))
        await stage.settles()
        assert by(stage, VERA) == [SECOND]
        assert stage.shows(VERA).startswith("«Двор»: меня там больше нет")


async def test_whom_that_bot_does_not_know_another_one_tells_of_it(tmp_path: Path) -> None:
    async with two_bots(tmp_path) as stage:
        bot_api = stage.world.bot_api
        bot_api.add_group(GROUP, title="Двор", admins=[VERA])
        bot_api.inject(not_started(), chat_id=VERA, token=SECOND, times=None)
        await stage.nabat.database.write(_keeps_a_group)
        bot_api.kick(GROUP)
        await bot_api.wait_for(lambda: bool(stage.messages(VERA)))
        await stage.settles()
        assert by(stage, VERA) == [TOKEN]
        assert stage.shows(VERA).startswith("@nabat_bel_bot:\n«Двор»: меня там больше нет")


async def test_an_alert_that_is_refused_is_told_of_by_the_bot_that_sent_it(tmp_path: Path) -> None:
    async with two_bots(tmp_path) as stage:
        bot_api = stage.world.bot_api
        bot_api.add_group(GROUP, title="Двор", admins=[VERA])
        await stage.nabat.database.write(_keeps_a_group)
        bot_api.inject(kicked(), method="sendMessage", chat_id=GROUP)
        await stage.posts(NEIGHBOUR_DANGER, NEIGHBOUR)
        assert set(by(stage, VERA)) == {SECOND}
        assert stage.shows(VERA).startswith("«Двор»: меня там больше нет")


async def test_a_neighbour_hears_the_bot_that_it_talks_with(tmp_path: Path) -> None:
    """Kursk is the first bot's, a chat in Belgorod the second's."""
    asking = Follower(id=700121, follows=(BELGOROD,), wishes=Wishes(neighbours=True))
    async with two_bots(tmp_path, people=(*PEOPLE, BOTH, asking)) as stage:
        await stage.posts(KURSK_DANGER, KURSK_GOV)
        assert by(stage, asking.id) == [SECOND]
        assert stage.heard(asking.id) == ["silent"]
        await stage.passes(minutes=20)
        await stage.posts("Отбой опасности атаки БПЛА на территории Курской области.", KURSK_GOV)
        assert by(stage, asking.id) == [SECOND, SECOND]
        assert stage.shows(asking.id).startswith("✅ ОТБОЙ · БПЛА · Курская область")
