"""Groups and channels, and whoever sets them up: from their private chat, told what befalls."""

from pathlib import Path

from bot.sandbox.bot_api_model import SandboxMessage
from bot.screens.codes import Verb, pack
from storage import chats
from storage.model import AreaCode, ChatId, ChatState, Loudness, TelegramId
from tests.e2e.stage import (
    ANNA,
    BORIS,
    BOROVSKY,
    CLEAR,
    DANGER,
    KALUGA,
    Follower,
    Stage,
    play,
)

CHANNEL, GROUP, MOVED = -100_8001, -8002, -100_8003
_BOT = 424242
_NOBODY_FOLLOWS = (Follower(id=ANNA, follows=()), Follower(id=BORIS, follows=()))


async def quiet(stage: Stage) -> None:
    """Every update was handled."""
    bot_api = stage.world.bot_api
    (token,) = bot_api.bots
    queue = bot_api.bots[token].queue
    await bot_api.wait_for(lambda: not queue and bot_api.is_polling(token))


async def told(stage: Stage) -> None:
    """And whoever is to be told of it was."""
    await quiet(stage)
    await stage.settles()


async def press(stage: Stage, chat: int, data: str, user: int) -> str:
    """Forged or not; the answer in the pop-up."""
    bot_api = stage.world.bot_api
    update = bot_api.press(chat, stage.messages(chat)[-1].message_id, data, user_id=user)
    await quiet(stage)
    return str(bot_api.answered[str(update)]["text"])


def labels(message: SandboxMessage) -> dict[str, str]:
    rows = (message.reply_markup or {}).get("inline_keyboard", ())
    return {each["text"]: each.get("callback_data", "") for row in rows for each in row}


async def state_of(stage: Stage, chat: int) -> ChatState | None:
    held = await stage.nabat.database.read(lambda tx: chats.get(tx, ChatId(chat)))
    return None if held is None else held.state


async def join_channel(stage: Stage, *, by: int = ANNA, title: str = "Район за рекой") -> None:
    """As its administrator, added by the channel's owner."""
    bot_api = stage.world.bot_api
    bot_api.add_channel(CHANNEL, title=title, members=900, admins=[by])
    bot_api.leave(CHANNEL)
    await quiet(stage)
    bot_api.chats[CHANNEL].admins.append(_BOT)
    bot_api.invite(CHANNEL)
    await told(stage)


async def test_a_channel_is_set_up_in_private_and_hears_alerts(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY_FOLLOWS) as stage:
        await join_channel(stage)
        assert stage.messages(CHANNEL) == [], "its readers see alerts alone"
        hello = stage.messages(ANNA)[-1]
        assert hello.text.startswith("⚙ Район за рекой\n\nНабат")
        assert all(data.endswith(f"@{CHANNEL}") for data in labels(hello).values())

        stage.world.bot_api.say(ANNA, "калужская область", reply_to=hello.message_id)
        await quiet(stage)
        found = stage.messages(ANNA)[-1]
        assert found.text.startswith("⚙ Район за рекой\n\nКакое место")
        await stage.presses("Калужская область", ANNA)
        done = stage.messages(ANNA)[-1]
        assert done.message_id == found.message_id, "edited in place"
        assert "Оповещения включены: Калужская область." in done.text

        followed = await stage.nabat.database.read(lambda tx: chats.followed(tx, ChatId(CHANNEL)))
        own = await stage.nabat.database.read(lambda tx: chats.followed(tx, ChatId(ANNA)))
        assert (followed, own) == ((KALUGA,), ())
        before = len(stage.messages(ANNA))
        await stage.posts(DANGER)
        await stage.passes(minutes=10)
        await stage.posts(CLEAR)
        await stage.passes(minutes=1)
        assert stage.heard(CHANNEL)[0] == "sound"
        assert stage.messages(CHANNEL)[-1].text.startswith("✅ ОТБОЙ")
        assert len(stage.messages(ANNA)) == before


async def test_a_channel_is_set_up_by_buttons_alone(tmp_path: Path) -> None:
    """Places, loudness and settings, at once and when its keeper comes back to it."""
    async with play(tmp_path, people=_NOBODY_FOLLOWS) as stage:
        await join_channel(stage)
        for label in ("Россия", "›", "Калужская", "Выбрать районы", "Боровский", "Готово"):
            await stage.presses(label, ANNA)
        assert "Боровский район, Калужская область — всё" in stage.shows(ANNA)
        await stage.presses("🔔 Калужская область: всё", ANNA)
        assert "Боровский район, Калужская область — важное" in stage.shows(ANNA)

        await stage.says("/start", ANNA)
        for label in ("⚙ Район за рекой", "Настройки", "Тихие часы", "23:00–07:00"):
            await stage.presses(label, ANNA)
        held = await stage.nabat.database.read(lambda tx: chats.get(tx, ChatId(CHANNEL)))
        assert held is not None and held.wishes.quiet is not None
        assert held.wishes.loudness_in(KALUGA) is Loudness.IMPORTANT
        assert await chats_follow(stage, CHANNEL) == (BOROVSKY,)
        assert await chats_follow(stage, ANNA) == ()
        own = await stage.nabat.database.read(lambda tx: chats.get(tx, ChatId(ANNA)))
        assert own is not None and own.wishes.quiet is None
        assert stage.messages(CHANNEL) == []


async def chats_follow(stage: Stage, chat: int) -> tuple[AreaCode, ...]:
    return await stage.nabat.database.read(lambda tx: chats.followed(tx, ChatId(chat)))


async def test_who_lost_their_rights_has_nothing_to_say_there_any_more(tmp_path: Path) -> None:
    """By no button, no name and no way back in; another administrator goes on."""
    async with play(tmp_path, people=_NOBODY_FOLLOWS) as stage:
        await join_channel(stage)
        hello = stage.messages(ANNA)[-1]
        stage.world.bot_api.chats[CHANNEL].admins[:] = [BORIS, _BOT]
        await stage.passes(seconds=61)
        for verb, argument in (
            (Verb.FOLLOW, KALUGA),
            (Verb.LOUDNESS, f"silent {KALUGA}"),
            (Verb.SETTINGS, ""),
            (Verb.PLACES, ""),
            (Verb.LANGUAGE, "uk"),
        ):
            data = pack(verb, argument, chat=CHANNEL)
            assert "только администраторы" in await press(stage, ANNA, data, ANNA)
        stage.world.bot_api.say(ANNA, "Калуга", reply_to=hello.message_id)
        await quiet(stage)
        assert "⚙" not in stage.messages(ANNA)[-1].text, "it is for themselves"
        await stage.says("/start", ANNA)
        stage.clock.skip_limits(5)
        back = labels(stage.messages(ANNA)[-1]).get("⚙ Район за рекой")
        assert back is None or "только администраторы" in await press(stage, ANNA, back, ANNA)
        assert await chats_follow(stage, CHANNEL) == ()

        await stage.says("/start", BORIS)
        assert await press(stage, BORIS, pack(Verb.FOLLOW, KALUGA, chat=CHANNEL), BORIS) == ""
        assert await chats_follow(stage, CHANNEL) == (KALUGA,)


async def test_only_who_has_rights_in_the_channel_sets_it_up(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY_FOLLOWS) as stage:
        await join_channel(stage)
        await stage.says("/start", BORIS)
        follow = pack(Verb.FOLLOW, KALUGA, chat=CHANNEL)
        assert "только администраторы" in await press(stage, BORIS, follow, BORIS)
        stranger = pack(Verb.FOLLOW, KALUGA, chat=-100_999)
        assert "только администраторы" in await press(stage, ANNA, stranger, ANNA)
        shown = len(stage.messages(BORIS))
        hello = stage.messages(ANNA)[-1]
        stage.world.bot_api.say(BORIS, "Калуга", extra={"reply_to_message": _copy(stage, hello)})
        await quiet(stage)
        assert "⚙" not in stage.messages(BORIS)[-1].text and len(stage.messages(BORIS)) > shown

        stage.world.bot_api.chats[CHANNEL].admins.remove(ANNA)
        await stage.passes(seconds=61)
        assert "только администраторы" in await press(stage, ANNA, follow, ANNA)
        assert (
            await stage.nabat.database.read(lambda tx: chats.followed(tx, ChatId(CHANNEL))) == ()
        ), "rights are asked for anew after a minute"


def _copy(stage: Stage, message: SandboxMessage) -> dict[str, object]:
    return stage.world.bot_api.chats[message.chat_id].message_json(message)


async def test_who_never_wrote_to_the_bot_finds_the_channel_at_start(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY_FOLLOWS) as stage:
        stage.world.bot_api.add_private_chat(701, name="Глеб", started=False)
        await join_channel(stage, by=701)
        assert stage.messages(701) == []
        await stage.says("/start", 701)
        assert "⚙ Район за рекой" in labels(stage.messages(701)[-1])
        await stage.presses("⚙ Район", 701)
        assert stage.messages(701)[-1].text.startswith("⚙ Район за рекой\n\nНабат")


async def test_a_name_in_answer_to_the_persons_own_start_is_for_themselves(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY_FOLLOWS) as stage:
        await join_channel(stage)
        await stage.says("/start", ANNA)
        mine = stage.messages(ANNA)[-1]
        assert "⚙ Район за рекой" in labels(mine)
        stage.world.bot_api.say(ANNA, "Калуга", reply_to=mine.message_id)
        await quiet(stage)
        assert stage.messages(ANNA)[-1].text.startswith("Какое место")


async def test_a_channel_that_takes_the_right_to_post(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY_FOLLOWS) as stage:
        bot_api = stage.world.bot_api
        await join_channel(stage)
        bot_api.mute(CHANNEL)
        await told(stage)
        assert await state_of(stage, CHANNEL) is ChatState.SUSPENDED
        assert stage.messages(ANNA)[-1].text.startswith("«Район за рекой»: у меня нет права")
        assert "Я не могу там писать" in await press(
            stage, ANNA, pack(Verb.FOLLOW, KALUGA, chat=CHANNEL), ANNA
        )
        bot_api.unmute(CHANNEL)
        await quiet(stage)
        assert await state_of(stage, CHANNEL) is ChatState.ACTIVE


async def test_a_channel_without_the_right_to_post_from_the_start(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY_FOLLOWS) as stage:
        bot_api = stage.world.bot_api
        bot_api.add_channel(CHANNEL, title="Район за рекой", admins=[ANNA])
        bot_api.leave(CHANNEL)
        bot_api.mute(CHANNEL)
        await told(stage)
        assert stage.messages(ANNA)[-1].text.startswith("«Район за рекой»: у меня нет права")
        bot_api.chats[CHANNEL].admins.append(_BOT)
        bot_api.unmute(CHANNEL)
        await stage.says("/start", ANNA)
        assert "⚙ Район за рекой" in labels(stage.messages(ANNA)[-1])


async def in_group(stage: Stage, *, forum: bool = False) -> None:
    """Anna's, that follows the region of Kaluga."""
    bot_api = stage.world.bot_api
    bot_api.add_group(
        GROUP, title="Двор", supergroup=forum, forum=forum, members=30, admins=[ANNA]
    )
    if forum:
        bot_api.add_topic(GROUP, 5)
    bot_api.say(GROUP, "/start RU-KLU", user_id=ANNA, thread_id=5 if forum else None)
    await quiet(stage)
    await press(stage, GROUP, pack(Verb.FOLLOW, KALUGA), ANNA)


async def test_who_set_a_group_up_is_told_that_the_bot_was_removed(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY_FOLLOWS) as stage:
        await in_group(stage)
        stage.world.bot_api.kick(GROUP)
        await told(stage)
        assert stage.messages(ANNA)[-1].text.startswith("«Двор»: меня там больше нет")
        assert stage.messages(BORIS) == []
        known = len(stage.messages(ANNA))
        stage.world.bot_api.invite(GROUP)
        await quiet(stage)
        await stage.posts(DANGER)
        assert "sound" in stage.heard(GROUP), "its places were kept"
        assert len(stage.messages(ANNA)) == known


async def test_a_removal_that_no_update_told_of_is_told_by_the_next_alert(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY_FOLLOWS) as stage:
        await in_group(stage)
        bot_api = stage.world.bot_api
        bot_api.kick(GROUP)
        (token,) = bot_api.bots
        bot_api.bots[token].queue.clear()
        await stage.nabat.database.write(lambda tx: tx.all("DELETE FROM notices"))
        await stage.nabat.database.write(lambda tx: chats.revive(tx, TelegramId(GROUP)))
        known = len(stage.messages(ANNA))
        await stage.posts(DANGER)
        assert await state_of(stage, GROUP) is ChatState.SUSPENDED
        said = [message.text for message in stage.messages(ANNA)[known:]]
        assert [text.startswith("«Двор»: меня там больше нет") for text in said] == [True]


async def test_a_group_that_becomes_a_supergroup(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY_FOLLOWS) as stage:
        await in_group(stage)
        stage.world.bot_api.migrate(GROUP, MOVED)
        await told(stage)
        assert stage.messages(ANNA)[-1].text.startswith("«Двор» стала супергруппой")
        assert len(stage.messages(ANNA)) == 1, "said once, though Telegram says it twice"
        await stage.posts(DANGER)
        assert stage.heard(MOVED) == ["sound"]
        stage.world.bot_api.kick(MOVED)
        await told(stage)
        assert stage.messages(ANNA)[-1].text.startswith("«Двор»: меня там больше нет")


async def test_a_closed_topic(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY_FOLLOWS) as stage:
        await in_group(stage, forum=True)
        bot_api = stage.world.bot_api
        bot_api.close_topic(GROUP, 5)
        bot_api.say(GROUP, "", user_id=ANNA, thread_id=5, extra={"forum_topic_closed": {}})
        await told(stage)
        assert stage.messages(ANNA)[-1].text.startswith("«Двор»: тема с оповещениями закрыта")
        await stage.posts(DANGER)
        alert = next(call for call in stage.calls(GROUP) if "ОПАСНОСТЬ" in (call.text or ""))
        assert alert.thread_id is None
        assert len(stage.messages(ANNA)) == 1, "told once, though the alert met it again"


async def test_a_topic_that_is_gone_is_told_of_by_the_next_alert(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY_FOLLOWS) as stage:
        await in_group(stage, forum=True)
        stage.world.bot_api.delete_topic(GROUP, 5)
        await stage.posts(DANGER)
        assert stage.messages(ANNA)[-1].text.startswith("«Двор»: тема с оповещениями удалена")


async def test_who_cannot_be_written_to_is_left_in_peace(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY_FOLLOWS) as stage:
        await in_group(stage)
        stage.world.bot_api.block(ANNA)
        stage.world.bot_api.kick(GROUP)
        await told(stage)
        await stage.passes(minutes=1)
        tries = await stage.nabat.database.read(
            lambda tx: tx.all("SELECT tries FROM notices WHERE chat = :a", a=ANNA)
        )
        assert [row["tries"] for row in tries] == [1]
        assert stage.pages() == []
