"""Groups with topics in the database: whose row is which, and what befalls them together."""

import sqlite3
from functools import partial
from importlib import resources
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.outcome import Cause
from storage import broadcasts, cards, chats, keepers
from storage.database import Database, Tx
from storage.model import (
    AreaCode,
    Chat,
    ChatId,
    ChatKind,
    ChatState,
    Keeper,
    Lang,
    Share,
    TelegramId,
    Wishes,
)
from tests.integration.stored import BOROVSKY, REGION, START, ZHUKOVSKY, column, opening, publish

FORUM = TelegramId(-100_2002)
GENERAL, NEWS, YARD = (chats.key_of(FORUM, thread) for thread in (None, 5, 7))


@given(st.integers(-(1 << 52), 1 << 52), st.none() | st.integers(1, 1 << 31))
def test_keys_of_topics_are_no_ids_of_telegrams(telegram: int, thread: int | None) -> None:
    key = chats.key_of(TelegramId(telegram), thread)
    assert key == telegram if thread is None else (1 << 62) < key < (1 << 63)


def topic(thread: int | None, *, members: int = 40, wishes: Wishes | None = None) -> Chat:
    return Chat(
        id=chats.key_of(FORUM, thread),
        kind=ChatKind.SUPERGROUP,
        lang=Lang.RU,
        members=members,
        forum=None if thread is None else FORUM,
        thread=thread,
        wishes=wishes or Wishes(),
        joined_at=START,
    )


async def three(tx: Tx) -> None:
    """General, and two topics, each with a place of its own."""
    for thread, area in ((None, REGION), (5, BOROVSKY), (7, ZHUKOVSKY)):
        await chats.put(tx, topic(thread))
        await chats.follow(tx, chats.key_of(FORUM, thread), REGION, area, START)


async def states(database: Database) -> dict[ChatId, str]:
    held = await database.read(lambda tx: chats.whole(tx, FORUM))
    return {chat.id: str(chat.state) for chat in held}


async def test_a_group_and_its_topics_are_found_together(database: Database) -> None:
    await database.write(three)
    held = await database.read(lambda tx: chats.whole(tx, FORUM))
    assert held[0].id == GENERAL
    assert {(chat.id, chat.telegram, chat.thread) for chat in held} == {
        (GENERAL, FORUM, None),
        (NEWS, FORUM, 5),
        (YARD, FORUM, 7),
    }
    assert await database.read(lambda tx: chats.followed(tx, NEWS)) == (BOROVSKY,)


async def test_who_is_shut_out_of_a_group_is_so_of_its_topics(database: Database) -> None:
    async def write(tx: Tx) -> None:
        await three(tx)
        await chats.set_state(tx, YARD, ChatState.STOPPED)
        ended = await chats.suspend(tx, FORUM, Cause.KICKED, START)
        assert set(ended) == {GENERAL, NEWS, YARD}

    await database.write(write)
    assert await states(database) == {GENERAL: "suspended", NEWS: "suspended", YARD: "stopped"}
    revived = await database.write(lambda tx: chats.revive(tx, FORUM))
    assert {chat.id for chat in revived} == {GENERAL, NEWS}, "what was stopped stays so"
    assert await states(database) == {GENERAL: "active", NEWS: "active", YARD: "stopped"}


async def test_one_topic_may_be_shut_alone(database: Database) -> None:
    await database.write(three)
    await database.write(lambda tx: chats.suspend(tx, FORUM, "closed", START, only=NEWS))
    assert await states(database) == {GENERAL: "active", NEWS: "suspended", YARD: "active"}


async def test_topics_with_another_bots_regions_are_left_to_it(database: Database) -> None:
    other = AreaCode("RU-BEL")

    async def write(tx: Tx) -> None:
        await three(tx)
        await chats.follow(tx, YARD, other, other, START)
        ended = await chats.suspend(
            tx, FORUM, Cause.KICKED, START, Share(others=frozenset({other}))
        )
        assert set(ended) == {GENERAL, NEWS}

    await database.write(write)
    assert (await states(database))[YARD] == "active"


async def test_members_and_rank_are_the_whole_groups(database: Database) -> None:
    await database.write(three)
    (counted,) = await database.read(chats.crowds)
    assert counted.id == GENERAL, "asked for once"
    await database.write(lambda tx: chats.set_members(tx, counted, 5_000))
    assert await column(database, "SELECT DISTINCT members FROM chats") == [5_000]
    assert await column(database, "SELECT DISTINCT rank FROM chats") == [995_000]
    assert await column(database, "SELECT DISTINCT rank FROM follows") == [995_000]


async def test_a_service_message_comes_once_to_a_group(database: Database) -> None:
    async def walked(tx: Tx) -> list[ChatId]:
        number = await broadcasts.begin(tx, "text", 1, START)
        assert number is not None
        found = []
        while (chat := await broadcasts.next_chat(tx, number)) is not None:
            found.append(chat)
        total = await broadcasts.get(tx, number)
        assert total is not None and total.total == len(found)
        await broadcasts.end(tx, number, broadcasts.State.DONE)
        return found

    await database.write(three)
    assert await database.write(walked) == [GENERAL]
    await database.write(lambda tx: chats.set_state(tx, GENERAL, ChatState.STOPPED))
    (one,) = await database.write(walked)
    assert one in (NEWS, YARD), "where General was told to stop, in one of the topics"


async def test_forgetting_a_topic_forgets_it_alone(database: Database) -> None:
    await database.write(three)
    await database.write(lambda tx: chats.forget(tx, NEWS))
    assert set(await states(database)) == {GENERAL, YARD}


# --- a topic that is gone


async def test_a_topic_that_is_gone_goes_on_in_general(database: Database) -> None:
    async def write(tx: Tx) -> None:
        await chats.put(tx, topic(5, wishes=Wishes(digest=True)))
        await chats.follow(tx, NEWS, REGION, BOROVSKY, START)
        await publish(tx, 1)
        await cards.open_all(tx, [opening(NEWS, 1, 9)], START)
        await keepers.put(tx, _keeper(NEWS, 7))
        await chats.fold(tx, topic(5))

    await database.write(write)
    (general,) = await database.read(lambda tx: chats.whole(tx, FORUM))
    assert (general.id, general.thread, general.wishes.digest) == (GENERAL, None, True)
    assert await database.read(lambda tx: chats.followed(tx, GENERAL)) == (BOROVSKY,)
    assert await database.read(lambda tx: cards.live(tx, GENERAL, REGION)) is not None
    keeper = await database.read(lambda tx: keepers.of(tx, GENERAL))
    assert keeper is not None and keeper.who == 7


async def test_general_keeps_what_it_has_and_goes_on_even_if_stopped(database: Database) -> None:
    async def write(tx: Tx) -> None:
        await three(tx)
        await chats.set_state(tx, GENERAL, ChatState.STOPPED)
        await publish(tx, 1)
        await cards.open_all(tx, [opening(NEWS, 1, 9), opening(YARD, 1, 9)], START)
        await keepers.put(tx, _keeper(GENERAL, 6))
        await keepers.put(tx, _keeper(NEWS, 7))
        await chats.fold(tx, topic(5))
        await chats.fold(tx, topic(7))

    await database.write(write)
    assert await states(database) == {GENERAL: "active"}
    followed = await database.read(lambda tx: chats.followed(tx, GENERAL))
    assert followed == (REGION, BOROVSKY, ZHUKOVSKY)
    assert await column(database, "SELECT chat FROM cards") == [GENERAL], "one of two"
    assert await column(database, "SELECT who FROM keepers") == [6]


def _keeper(chat: ChatId, who: int) -> Keeper:
    return Keeper(chat=chat, who=TelegramId(who), lang=Lang.RU, title="Район")


# --- the file


async def test_a_file_from_before_keeps_a_groups_topic(tmp_path: Path) -> None:
    """With its places, its running episode and whoever set it up."""
    path = tmp_path / "nabat.db"
    scripts = sorted((resources.files("storage") / "migrations").iterdir(), key=lambda f: f.name)
    old = [each for each in scripts if each.name < "0013"]
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA foreign_keys = 1")
        raw.executescript("".join(each.read_text("utf-8") for each in old))
        raw.execute(f"PRAGMA user_version = {len(old)}")
        raw.executescript(
            f"""
            INSERT INTO chats (id, kind, lang, rank, state, thread, wishes, joined_at) VALUES
                ({FORUM}, 'supergroup', 'ru', 9, 'active', 5, '{{}}', 0),
                (-100300, 'supergroup', 'ru', 9, 'active', NULL, '{{}}', 0),
                (77, 'private', 'uk', 9, 'active', 3, '{{}}', 0);
            INSERT INTO follows (chat, area, region, since) VALUES
                ({FORUM}, '{REGION}', '{REGION}', 0), (77, '{REGION}', '{REGION}', 0);
            INSERT INTO cards (chat, region, opened_version, opened_at, rank, seen, message_id)
                VALUES ({FORUM}, '{REGION}', 1, 0, 9, 0, 41);
            INSERT INTO keepers (chat, who, lang, title) VALUES
                ({FORUM}, 77, 'ru', 'Район'), (-100300, 77, 'ru', 'Двор');
            """
        )
    raw.close()
    async with await Database.open(path) as database:
        (held,) = await database.read(lambda tx: chats.whole(tx, FORUM))
        assert (held.telegram, held.thread) == (FORUM, 5) and held.id > 1 << 62
        assert await database.read(lambda tx: chats.followed(tx, held.id)) == (REGION,)
        card = await database.read(lambda tx: cards.live(tx, held.id, REGION))
        assert card is not None and card.message_id == 41
        told = await database.read(lambda tx: keepers.of(tx, held.id))
        assert told is not None and told.title == "Район"
        for same in (ChatId(-100300), ChatId(77)):
            chat = await database.read(partial(chats.get, chat=same))
            assert chat is not None and chat.thread is chat.forum is None
        assert await column(database, "SELECT title FROM keepers WHERE chat = -100300") == ["Двор"]
        # General may be called now, beside it.
        await database.write(lambda tx: chats.put(tx, topic(None)))
        assert len(await database.read(lambda tx: chats.whole(tx, FORUM))) == 2
