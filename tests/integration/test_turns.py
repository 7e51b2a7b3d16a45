"""In which order cards are given and told, however they are walked."""

import asyncio
from random import Random

from bot.dispatch import dispatch
from storage import cards, chats
from storage.cards import Opening
from storage.database import PAGE, Database, Tx
from storage.model import AreaCode, ChatId, ChatKind, Urgency
from tests.integration.lane import all_areas
from tests.integration.stored import REGION, START, at, chat, column, follow, publish

OTHER = AreaCode("RU-BEL")


async def test_behind_is_in_the_order_of_its_promise(database: Database) -> None:
    """Told nothing, then urgency of what was not seen, then rank, over regions and versions."""
    dice = Random(4)
    urgencies = {
        (region, version): dice.choice((Urgency.URGENT, Urgency.IMPORTANT, Urgency.INFO))
        for region in (REGION, OTHER)
        for version in range(1, 6)
    }

    async def write(tx: Tx) -> None:
        for (region, version), urgency in urgencies.items():
            await publish(tx, version, region=region, urgency=urgency)
        for number in range(1, 301):
            region = dice.choice((REGION, OTHER))
            await chats.put(tx, chat(number))
            opening = Opening(
                chat=ChatId(number), region=region, version=1, rank=dice.randrange(40)
            )
            await cards.open_all(tx, [opening], START)
            told = dice.choice((None, 1))
            await tx.all(
                "UPDATE cards SET seen = :seen, told = :told, open = :open WHERE chat = :chat",
                seen=dice.randrange(6),
                told=told,
                open=dice.random() < 0.9,
                chat=number,
            )

    await database.write(write)
    rows = await database.read(
        lambda tx: tx.all(
            "SELECT id, region, seen, told, rank FROM cards WHERE open = 1 AND seen < 5"
        )
    )
    promised = sorted(
        rows,
        key=lambda row: (
            row["told"] is not None,
            min(urgencies[row["region"], v] for v in range(row["seen"] + 1, 6)),
            row["rank"],
            row["id"],
        ),
    )
    for limit in (1, 17, 1_000):
        found = await database.read(lambda tx, n=limit: cards.behind(tx, START, n))  # type: ignore[misc]
        assert [card.id for card in found] == [row["id"] for row in promised[:limit]]


async def test_a_more_urgent_alert_does_not_wait_for_a_crowd(database: Database) -> None:
    async def write(tx: Tx) -> None:
        for number in range(1, 2 * PAGE + 2):
            await follow(tx, number, REGION)
        await chats.put(tx, chat(9_999))
        await chats.follow(tx, ChatId(9_999), OTHER, OTHER, START)
        await publish(tx, 1, urgency=Urgency.IMPORTANT)

    await database.write(write)
    giving = asyncio.create_task(dispatch(database, all_areas(), at(2)))
    while not await column(database, "SELECT 1 FROM cards LIMIT 1"):
        pass
    await database.write(lambda tx: publish(tx, 1, region=OTHER, minutes=1))
    assert await giving == 2
    before = await column(
        database,
        "SELECT count(*) FROM cards WHERE id < (SELECT id FROM cards WHERE chat = 9999)",
    )
    assert before in ([PAGE], [2 * PAGE])


async def test_members_move_what_a_group_follows(database: Database) -> None:
    async def write(tx: Tx) -> None:
        await follow(tx, 1, REGION)
        await follow(tx, -2, REGION, kind=ChatKind.GROUP)
        group = await chats.get(tx, ChatId(-2))
        assert group is not None
        await chats.set_members(tx, group, 50)

    await database.write(write)
    found = await database.read(lambda tx: chats.followers(tx, REGION, (-1, -(2**63), "")))
    assert [(each.chat, each.rank) for each in found] == [
        (-2, chats.rank(ChatKind.GROUP, 50)),
        (1, chats.rank(ChatKind.PRIVATE, 1)),
    ]
