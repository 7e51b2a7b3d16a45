"""Chats, incidents, notices, held all-clears: what the schema makes happen once."""

from storage import attempts, audit, cards, chats, incidents, reviews
from storage.database import Database, Tx
from storage.model import AreaCode, Card, ChatId, ChatKind, Claim, Hazard, Kind, Level, TelegramId
from tests.integration.stored import (
    BOROVSKY,
    REGION,
    START,
    ZHUKOVSKY,
    a_card,
    at,
    chat,
    column,
    count,
    follow,
    opening,
    publish,
    source,
    with_channels,
)

OLD, NEW = ChatId(-50), ChatId(-100_50)


# --- chats --------------------------------------------------------------------------------------


async def test_forgetting_a_chat_leaves_no_row_of_it(database: Database) -> None:
    async def write(tx: Tx) -> None:
        for number in (7, 8):
            card = await a_card(tx, number)
            await attempts.begin(
                tx, card, 1, attempts.Lever.SOUND, danger=True, alarms=True, at=START
            )
            await audit.notify(tx, number, "welcome", "Здравствуйте", START)
        await chats.forget(tx, ChatId(7))

    await database.write(write)
    for table, owner in (
        ("chats", "id"),
        ("follows", "chat"),
        ("cards", "chat"),
        ("notices", "chat"),
    ):
        assert await column(database, f"SELECT {owner} FROM {table}") == [8]
    assert await count(database, "attempts") == 1


async def grouped(tx: Tx) -> Card:
    await chats.put(tx, chat(OLD, ChatKind.GROUP))
    await chats.follow(tx, OLD, REGION, BOROVSKY, START)
    await publish(tx, 1)
    await cards.open_all(tx, [opening(OLD, 1, 5)], START)
    await tx.all("UPDATE cards SET message_id = 9, old_message_id = 8, shown = 1, alarmed = 1")
    card = await cards.live(tx, OLD, REGION)
    assert card is not None
    return card


async def test_a_group_that_moves_keeps_its_cards(database: Database) -> None:
    async def write(tx: Tx) -> None:
        before = await grouped(tx)
        await chats.migrate(tx, TelegramId(OLD), TelegramId(NEW))
        assert await chats.get(tx, OLD) is None
        assert await chats.followed(tx, NEW) == (BOROVSKY,)
        card = await cards.live(tx, NEW, REGION)
        assert card is not None
        assert (card.id, card.message_id, card.old_message_id) == (before.id, None, None)
        assert card.alarmed
        moved = await chats.get(tx, NEW)
        assert moved is not None
        assert moved.kind is ChatKind.SUPERGROUP

    await database.write(write)


async def test_a_group_that_moves_where_we_are_already_keeps_its_episode(
    database: Database,
) -> None:
    """The new id is often met a moment before the old one says where it went."""

    async def write(tx: Tx) -> None:
        before = await grouped(tx)
        await chats.put(tx, chat(NEW, ChatKind.SUPERGROUP))
        await chats.follow(tx, NEW, REGION, ZHUKOVSKY, START)
        await chats.migrate(tx, TelegramId(OLD), TelegramId(NEW))
        assert await chats.get(tx, OLD) is None
        assert await chats.followed(tx, NEW) == (BOROVSKY, ZHUKOVSKY)
        card = await cards.live(tx, NEW, REGION)
        assert card is not None
        assert (card.id, card.alarmed, card.message_id) == (before.id, True, None)

    await database.write(write)


async def test_a_group_that_moves_has_one_live_card(database: Database) -> None:
    async def write(tx: Tx) -> None:
        await grouped(tx)
        await chats.put(tx, chat(NEW, ChatKind.SUPERGROUP))
        await cards.open_all(tx, [opening(NEW, 1, 5)], START)
        mine = await cards.live(tx, NEW, REGION)
        await chats.migrate(tx, TelegramId(OLD), TelegramId(NEW))
        assert await cards.live(tx, NEW, REGION) == mine

    await database.write(write)
    assert await count(database, "cards") == 1


async def test_following_twice_is_once(database: Database) -> None:
    async def write(tx: Tx) -> None:
        await follow(tx, 7, BOROVSKY, BOROVSKY, ZHUKOVSKY)
        await chats.unfollow(tx, ChatId(7), ZHUKOVSKY)
        audience = await chats.audience(tx, [ChatId(7), ChatId(8)])
        assert {key: follows for key, (_, follows) in audience.items()} == {7: (BOROVSKY,)}

    await database.write(write)


# --- incidents ----------------------------------------------------------------------------------


async def test_one_incident_of_a_hazard_is_open_at_a_time(database: Database) -> None:
    async def opened(tx: Tx, hazard: Hazard, peak: Level, *areas: AreaCode) -> None:
        await incidents.opened(tx, REGION, hazard, at(0), peak, areas)

    async def write(tx: Tx) -> None:
        await opened(tx, Hazard.UAV, Level.IMMINENT, BOROVSKY)
        await opened(tx, Hazard.UAV, Level.DECLARED, ZHUKOVSKY)
        await opened(tx, Hazard.MISSILE, Level.DECLARED, REGION)
        (uav,) = [
            i for i in await incidents.of_region(tx, REGION, START) if i.hazard is Hazard.UAV
        ]
        assert (uav.peak, uav.areas) == (Level.IMMINENT, (BOROVSKY, ZHUKOVSKY))
        await incidents.closed(tx, REGION, Hazard.UAV, at(5), "clear")
        await incidents.closed(tx, REGION, Hazard.UAV, at(9), "stale")
        await opened(tx, Hazard.UAV, Level.DECLARED, BOROVSKY)
        assert await incidents.total(tx, START) == 3

    await database.write(write)
    ends = await column(database, "SELECT ending FROM incidents WHERE hazard = 'uav' ORDER BY id")
    assert ends == ["clear", None]
    assert await count(database, "incidents", "closed_at IS NULL") == 2


# --- notices and held all-clears ----------------------------------------------------------------


async def test_a_notice_is_owed_once(database: Database) -> None:
    async def write(tx: Tx) -> None:
        assert await audit.notify(tx, 7, "key", "one", at(0))
        assert not await audit.notify(tx, 7, "key", "two", at(1))
        assert await audit.notify(tx, 8, "key", "one", at(2))
        first, second = await audit.owed(tx, most_tries=2)
        await audit.notice_tried(tx, first.id, at(3), sent=True)
        await audit.notice_tried(tx, second.id, at(3), sent=False)
        assert [n.chat for n in await audit.owed(tx, most_tries=2)] == [8]
        await audit.notice_tried(tx, second.id, at(4), sent=False)
        assert await audit.owed(tx, most_tries=2) == []
        assert not await audit.notify(tx, 7, "key", "again", at(5))

    await database.write(write)


async def test_an_all_clear_is_held_once_and_decided_once(database: Database) -> None:
    claim = Claim(kind=Kind.ALL_CLEAR, hazard=Hazard.UAV, areas=(REGION,), weak=True)

    async def write(tx: Tx) -> None:
        await with_channels(tx)
        made = [
            await reviews.ask(
                tx,
                reviews.Subject.CLEAR,
                REGION,
                claim,
                source(),
                ordinal=0,
                why="weak",
                at=at(n),
            )
            for n in (0, 1)
        ]
        assert made[0] is not None and made[1] is None
        number = made[0]
        held = await reviews.get(tx, number)
        assert held is not None
        assert (held.claim, held.source, held.state) == (claim, source(), "open")
        assert [h.id for h in await reviews.waiting(tx)] == [number]
        assert await reviews.decide(tx, number, 1, at(2), reviews.State.REJECTED)
        assert not await reviews.decide(tx, number, 2, at(3), reviews.State.RELEASED)
        assert not await reviews.decide(tx, 999, 2, at(3), reviews.State.RELEASED)
        assert await reviews.waiting(tx) == []
        held = await reviews.get(tx, number)
        assert held is not None and held.state == "rejected"

    await database.write(write)


async def test_switches_keep_their_last_value(database: Database) -> None:
    async def write(tx: Tx) -> None:
        assert not await audit.paused(tx)
        for value, minutes in (("1", 0), ("0", 1), ("1", 2)):
            await audit.switch(tx, audit.Switch.PAUSED, value, at(minutes))
        assert await audit.paused(tx)
        assert await audit.switched(tx, audit.Switch.PAUSED) == ("1", at(2))

    await database.write(write)
