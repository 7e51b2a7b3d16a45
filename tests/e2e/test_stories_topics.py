"""Forums: each topic where an administrator called the bot is a chat of its own."""

from pathlib import Path

import pytest

from bot.sandbox.bot_api_answers import JsonObject
from bot.sandbox.bot_api_model import Call, SandboxMessage
from bot.screens.codes import Verb, pack
from storage import broadcasts, chats
from storage.broadcasts import State
from storage.database import Tx
from storage.model import AreaCode, Chat, ChatState, Lang, TelegramId
from tests.e2e.stage import (
    ADMIN,
    ANNA,
    BELGOROD,
    BORIS,
    BOROVSKY,
    BOROVSKY_DANGER,
    CLEAR,
    DANGER,
    KALUGA,
    NEIGHBOUR,
    Follower,
    Stage,
    play,
)

FORUM = TelegramId(-100_8004)
_NOBODY = (Follower(id=ANNA, follows=()), Follower(id=BORIS, follows=()))
NEIGHBOUR_DANGER = "На территории Белгородской области объявлена опасность атаки БПЛА."


async def quiet(stage: Stage) -> None:
    bot_api = stage.world.bot_api
    (token,) = bot_api.bots
    queue = bot_api.bots[token].queue
    await bot_api.wait_for(lambda: not queue and bot_api.is_polling(token))


def forum(stage: Stage, *topics: int) -> None:
    """Anna's and Boris's."""
    bot_api = stage.world.bot_api
    bot_api.add_group(FORUM, title="Район", forum=True, members=300, admins=[ANNA, BORIS])
    for topic in topics:
        bot_api.add_topic(FORUM, topic)


async def says(
    stage: Stage,
    text: str,
    topic: int | None,
    who: int = ANNA,
    extra: JsonObject | None = None,
) -> SandboxMessage:
    """In a topic, or in General; what stands last in the forum then."""
    stage.clock.skip_limits(6)
    stage.world.bot_api.say(FORUM, text, user_id=who, thread_id=topic, extra=extra)
    await quiet(stage)
    return stage.messages(FORUM)[-1]


async def presses(stage: Stage, data: str, who: int = ANNA) -> str:
    """A button under the last message; the answer in the pop-up."""
    stage.clock.skip_limits(6)
    last = stage.messages(FORUM)[-1].message_id
    update = stage.world.bot_api.press(FORUM, last, data, user_id=who)
    await quiet(stage)
    return str(stage.world.bot_api.answered[str(update)]["text"])


async def follows(stage: Stage, area: AreaCode, topic: int | None, who: int = ANNA) -> None:
    await says(stage, "/start", topic, who)
    await presses(stage, pack(Verb.FOLLOW, area), who)
    assert "Оповещения включены" in stage.shows(FORUM)


async def held(stage: Stage) -> dict[int | None, Chat]:
    """By topic."""
    found = await stage.nabat.database.read(lambda tx: chats.whole(tx, FORUM))
    return {chat.thread: chat for chat in found}


async def places(stage: Stage, topic: int | None) -> tuple[AreaCode, ...]:
    chat = (await held(stage))[topic]
    return await stage.nabat.database.read(lambda tx: chats.followed(tx, chat.id))


def alerts(stage: Stage, word: str = "ОПАСНОСТЬ") -> list[Call]:
    """New messages that say so in their first line."""
    return [
        call
        for call in stage.calls(FORUM)
        if call.version == 1 and word in (call.text or "").splitlines()[0]
    ]


def threads(stage: Stage, word: str = "ОПАСНОСТЬ") -> list[int | None]:
    return [call.thread_id for call in alerts(stage, word)]


async def closes(stage: Stage, topic: int, *, told: bool = True) -> None:
    """``told``: Telegram says so to the bot."""
    stage.world.bot_api.close_topic(FORUM, topic)
    if told:
        await says(stage, "", topic, extra={"forum_topic_closed": {}})
        await stage.settles()


async def reopens(stage: Stage, topic: int) -> None:
    stage.world.bot_api.add_topic(FORUM, topic)
    await says(stage, "", topic, extra={"forum_topic_reopened": {}})


# --- each for itself


async def test_each_topic_has_places_language_and_an_end_of_its_own(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY) as stage:
        forum(stage, 5, 7)
        await follows(stage, KALUGA, 5)
        await follows(stage, BELGOROD, 7, BORIS)
        await says(stage, "/start", 7)
        await presses(stage, pack(Verb.LANGUAGE, Lang.UK))
        assert set(await held(stage)) == {5, 7}, "nothing is held of General, which nobody called"
        assert (await held(stage))[7].lang is Lang.UK and (await held(stage))[5].lang is Lang.RU
        shown = await says(stage, "/places", 5)
        assert shown.thread_id == 5 and "Калужская" in shown.text and "Белгород" not in shown.text

        await stage.posts(DANGER)
        assert threads(stage) == [5]
        await stage.posts(NEIGHBOUR_DANGER, NEIGHBOUR)
        assert threads(stage, "НЕБЕЗПЕКА") == [7]

        await says(stage, "/stop", 5)
        assert {topic: chat.state for topic, chat in (await held(stage)).items()} == {
            5: ChatState.STOPPED,
            7: ChatState.ACTIVE,
        }
        asked = await says(stage, "/forget", 7)
        await presses(stage, _labelled(asked, "Видалити все"))
        assert set(await held(stage)) == {5}
        assert await places(stage, 5) == (KALUGA,)


def _labelled(message: SandboxMessage, label: str) -> str:
    rows = (message.reply_markup or {})["inline_keyboard"]
    buttons = [each for row in rows for each in row]
    return str(next(each["callback_data"] for each in buttons if label in each["text"]))


async def test_general_is_a_chat_beside_the_topics(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY) as stage:
        forum(stage, 5)
        await follows(stage, KALUGA, None)
        await follows(stage, BOROVSKY, 5)
        assert (await places(stage, None), await places(stage, 5)) == ((KALUGA,), (BOROVSKY,))
        await stage.posts(DANGER)
        await stage.passes(minutes=5)
        await stage.posts(CLEAR)
        await stage.passes(minutes=1)
        assert sorted(threads(stage), key=str) == [5, None]
        assert sorted(threads(stage, "ОТБОЙ"), key=str) == [5, None]


# --- closed, open again, gone


async def test_what_general_is_told_anyway_is_not_said_there_twice(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY) as stage:
        forum(stage, 5)
        await follows(stage, KALUGA, None)
        await follows(stage, BOROVSKY, 5)
        await closes(stage, 5, told=False)
        await stage.posts(DANGER)
        await stage.passes(minutes=5)
        await stage.posts(CLEAR)
        await stage.passes(minutes=1)
        assert threads(stage) == [None] and threads(stage, "ОТБОЙ") == [None]
        assert (await held(stage))[5].state is ChatState.ACTIVE


async def test_what_general_only_adds_to_its_card_is_heard_as_the_topics(tmp_path: Path) -> None:
    """Who follows the region hears of one more district once an hour; who lives there, at once."""
    async with play(tmp_path, people=_NOBODY) as stage:
        forum(stage, 5)
        await follows(stage, KALUGA, None)
        await follows(stage, BOROVSKY, 5)
        await closes(stage, 5)
        await stage.posts("Опасность атаки БПЛА в Жуковском районе.")
        await stage.passes(minutes=5)
        assert len(alerts(stage)) == 1
        await stage.posts(BOROVSKY_DANGER)
        await stage.passes(minutes=1)
        told = alerts(stage)
        assert [call.thread_id for call in told] == [None, None]
        assert "Боровский" in (told[1].text or "") and not told[1].silent


async def test_the_all_clear_comes_though_general_went_silent_meanwhile(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY) as stage:
        forum(stage, 5)
        await follows(stage, KALUGA, None)
        await follows(stage, BOROVSKY, 5)
        await closes(stage, 5)
        await stage.posts(DANGER)
        assert threads(stage) == [None]
        await says(stage, "/stop", None)
        await stage.passes(minutes=5)
        await stage.posts(CLEAR)
        await stage.passes(minutes=1)
        assert threads(stage, "ОТБОЙ") == [None], "the closed topic's, who had been told by it"


async def test_of_two_closed_topics_with_one_place_one_speaks_in_general(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY) as stage:
        forum(stage, 5, 7)
        await follows(stage, KALUGA, 5)
        await follows(stage, KALUGA, 7, BORIS)
        await closes(stage, 5)
        await closes(stage, 7)
        for who in (ANNA, BORIS):
            assert [m.text.split(".")[0] for m in stage.messages(who)] == [
                "«Район»: тема с оповещениями закрыта"
            ]
        await stage.posts(DANGER)
        assert threads(stage) == [None]
        await stage.passes(minutes=5)
        await stage.posts(CLEAR)
        await stage.passes(minutes=1)
        assert threads(stage, "ОТБОЙ") == [None]


async def test_a_topic_that_is_open_again_is_told_itself(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY) as stage:
        forum(stage, 5)
        await follows(stage, KALUGA, 5)
        await closes(stage, 5)
        await stage.posts(DANGER)
        assert threads(stage) == [None]
        assert (await held(stage))[5].closed
        await reopens(stage, 5)
        await stage.passes(minutes=5)
        await stage.posts(CLEAR)
        await stage.passes(minutes=1)
        assert threads(stage, "ОТБОЙ") == [5]
        assert not (await held(stage))[5].closed
        assert len(stage.messages(ANNA)) == 1


async def test_a_topic_that_is_open_again_though_nobody_said_so(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY) as stage:
        forum(stage, 5)
        await follows(stage, KALUGA, 5)
        await closes(stage, 5)
        stage.world.bot_api.add_topic(FORUM, 5)
        await stage.posts(DANGER)
        assert threads(stage) == [5]
        assert not (await held(stage))[5].closed


async def test_under_an_alert_in_general_buttons_are_the_topics(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY) as stage:
        forum(stage, 5)
        await follows(stage, KALUGA, 5)
        await closes(stage, 5)
        await stage.posts(DANGER)
        assert "опасность (БПЛА)" in await presses(stage, pack(Verb.MORE, KALUGA), BORIS)


async def test_places_of_a_deleted_topic_are_generals(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY) as stage:
        forum(stage, 5)
        await follows(stage, KALUGA, 5)
        await stage.posts(DANGER)
        assert threads(stage) == [5]
        stage.world.bot_api.delete_topic(FORUM, 5)
        await stage.passes(minutes=5)
        await stage.posts(CLEAR)
        await stage.passes(minutes=1)
        assert threads(stage, "ОТБОЙ") == [None]
        assert stage.messages(ANNA)[-1].text.startswith("«Район»: тема с оповещениями удалена")
        assert set(await held(stage)) == {None} and await places(stage, None) == (KALUGA,)
        assert "Калужская" in (await says(stage, "/places", None)).text


async def test_a_deleted_topic_beside_general_that_is_told_the_same(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY) as stage:
        forum(stage, 5)
        await follows(stage, KALUGA, None)
        await follows(stage, BOROVSKY, 5)
        stage.world.bot_api.delete_topic(FORUM, 5)
        await stage.posts(DANGER)
        assert threads(stage) == [None]
        assert await places(stage, None) == (KALUGA, BOROVSKY)
        await stage.passes(minutes=5)
        await stage.posts(CLEAR)
        await stage.passes(minutes=1)
        assert threads(stage, "ОТБОЙ") == [None]


async def test_closed_topics_of_a_group_whose_general_is_closed_too(tmp_path: Path) -> None:
    """Nothing can be said there. Whoever set it up is told what to do."""
    async with play(tmp_path, people=_NOBODY) as stage:
        forum(stage, 5, 7)
        await follows(stage, KALUGA, 5)
        await follows(stage, KALUGA, 7, BORIS)
        await closes(stage, 5, told=False)
        stage.world.bot_api.close_topic(FORUM, None)
        await stage.posts(DANGER)
        assert threads(stage) == [7], "an open topic has nothing to do with it"
        assert (await held(stage))[5].state is ChatState.SUSPENDED
        assert "оповещения туда не приходят. Откройте её" in stage.messages(ANNA)[-1].text
        stage.world.bot_api.chats[FORUM].general_open = True
        await reopens(stage, 5)
        await stage.settles()
        assert sorted(threads(stage), key=str) == [5, 7]


# --- the whole group


async def test_removed_from_the_group_all_its_topics_end(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY) as stage:
        forum(stage, 5, 7)
        await follows(stage, KALUGA, 5)
        await follows(stage, BELGOROD, 7, BORIS)
        stage.world.bot_api.kick(FORUM)
        await quiet(stage)
        await stage.settles()
        assert {chat.state for chat in (await held(stage)).values()} == {ChatState.SUSPENDED}
        for who in (ANNA, BORIS):
            (told,) = stage.messages(who)
            assert told.text.startswith("«Район»: меня там больше нет")
        stage.world.bot_api.invite(FORUM)
        await quiet(stage)
        states = {topic: chat.state for topic, chat in (await held(stage)).items()}
        assert states == dict.fromkeys((None, 5, 7), ChatState.ACTIVE)
        assert {chat.members for chat in (await held(stage)).values()} == {300}
        await stage.posts(DANGER)
        assert threads(stage) == [5]


async def test_silenced_in_the_group_all_its_topics_wait(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY) as stage:
        forum(stage, 5, 7)
        await follows(stage, KALUGA, 5)
        await follows(stage, BELGOROD, 7, BORIS)
        stage.world.bot_api.mute(FORUM)
        await quiet(stage)
        await stage.settles()
        assert {chat.state for chat in (await held(stage)).values()} == {ChatState.SUSPENDED}
        for who in (ANNA, BORIS):
            (told,) = stage.messages(who)
            assert told.text.startswith("«Район»: у меня нет права")
        await stage.posts(DANGER)
        assert threads(stage) == []
        stage.world.bot_api.unmute(FORUM)
        await quiet(stage)
        await stage.settles()
        assert threads(stage) == [5], "what is in force is owed at once"


async def test_a_removal_that_an_alert_meets_ends_all_topics(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY) as stage:
        forum(stage, 5, 7)
        await follows(stage, KALUGA, 5)
        await follows(stage, BELGOROD, 7, BORIS)
        bot_api = stage.world.bot_api
        bot_api.kick(FORUM)
        (token,) = bot_api.bots
        bot_api.bots[token].queue.clear()
        await stage.nabat.database.write(lambda tx: tx.all("DELETE FROM notices"))
        await stage.nabat.database.write(lambda tx: chats.revive(tx, FORUM))
        before = {who: len(stage.messages(who)) for who in (ANNA, BORIS)}
        await stage.posts(DANGER)
        assert {chat.state for chat in (await held(stage)).values()} == {ChatState.SUSPENDED}
        for who in (ANNA, BORIS):
            (told,) = stage.messages(who)[before[who] :]
            assert told.text.startswith("«Район»: меня там больше нет")


async def test_a_word_in_one_topic_takes_all_up_again(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY) as stage:
        forum(stage, 5, 7)
        await follows(stage, KALUGA, 5)
        await follows(stage, BELGOROD, 7)
        now = stage.clock.now()
        await stage.nabat.database.write(lambda tx: chats.suspend(tx, FORUM, "kicked", now))
        await stage.posts(NEIGHBOUR_DANGER, NEIGHBOUR)
        assert threads(stage) == []
        await says(stage, "/status", 5)
        await stage.settles()
        assert {chat.state for chat in (await held(stage)).values()} == {ChatState.ACTIVE}
        assert threads(stage) == [7]


async def test_a_service_message_comes_once(tmp_path: Path) -> None:
    async def done(tx: Tx) -> bool:
        found = await broadcasts.get(tx, 1)
        return found is not None and found.state is not State.RUNNING

    async with play(tmp_path, people=()) as stage:
        forum(stage, 5, 7)
        await follows(stage, KALUGA, 5)
        await follows(stage, BELGOROD, 7)
        await stage.says("/broadcast Плановые работы.")
        await stage.presses("Отправить, чатов: 1", ADMIN)
        await stage.becomes(done)
        assert sum("Плановые" in (call.text or "") for call in stage.calls(FORUM)) == 1


# --- who may not


_LINKED = {
    "is_automatic_forward": True,
    "from": {"id": 777_000, "is_bot": False, "first_name": "Telegram"},
    "sender_chat": {"id": -100_77, "type": "channel", "title": "Канал"},
}
_ANONYMOUS = {
    "from": {"id": 1_087_968_824, "is_bot": True, "first_name": "Group"},
    "sender_chat": {"id": FORUM, "type": "supergroup", "title": "Район"},
}


@pytest.mark.parametrize("topic", [None, 5])
@pytest.mark.parametrize(
    ("who", "extra", "answer"),
    [
        (ANNA, _ANONYMOUS, "Анонимность"),
        (ANNA, _LINKED, None),
        (700_199, None, "только администраторы"),
    ],
    ids=["anonymous", "linked", "member"],
)
async def test_a_call_by_nobody_who_may(
    tmp_path: Path, topic: int | None, who: int, extra: JsonObject | None, answer: str | None
) -> None:
    """It is answered where it was said, if at all, and nothing is held of it."""
    async with play(tmp_path, people=_NOBODY) as stage:
        forum(stage, 5)
        command = "/start@nabat_demo_bot RU-KLU"
        last = await says(stage, command, topic, who, extra)
        if answer is None:
            assert last.text == command
        else:
            assert answer in last.text and last.thread_id == topic
            assert not (last.reply_markup or {}).get("inline_keyboard")
        assert await held(stage) == {}
        keepers = await stage.nabat.database.read(lambda tx: tx.all("SELECT chat FROM keepers"))
        assert not keepers
        forged = await presses(stage, pack(Verb.FOLLOW, KALUGA), 700_199)
        assert "только администраторы" in forged
        assert await held(stage) == {}


async def test_a_button_of_which_telegram_does_not_say_where(tmp_path: Path) -> None:
    async with play(tmp_path, people=_NOBODY) as stage:
        forum(stage, 5)
        await follows(stage, KALUGA, 5)
        bot_api = stage.world.bot_api
        query = {
            "id": "9100",
            "from": {"id": ANNA, "is_bot": False, "first_name": "Анна"},
            "message": {
                "chat": {"id": FORUM, "type": "supergroup", "title": "Район", "is_forum": True},
                "message_id": 2,
                "date": 0,
            },
            "chat_instance": "1",
            "data": pack(Verb.FOLLOW, BELGOROD),
        }
        bot_api.queries.add("9100")
        bot_api.update({"callback_query": query})
        await quiet(stage)
        assert "устарела" in str(bot_api.answered["9100"]["text"])
        assert set(await held(stage)) == {5}
