"""In which order cards are given and told, however they are walked."""

import asyncio
from collections.abc import Mapping
from random import Random
from statistics import mean

import pytest

from bot.dispatch import card_rank, dispatch, openings
from storage import cards, chats
from storage.chats import Follow, Scope
from storage.database import PAGE, Database, Tx, moment, ms
from storage.model import Alert, AreaCode, Card, ChatId, ChatKind, Urgency
from tests.integration.lane import all_areas
from tests.integration.stored import (
    BOROVSKY,
    REGION,
    START,
    ZHUKOVSKY,
    a_card,
    at,
    chat,
    column,
    follow,
    opening,
    publish,
)

OTHER = AreaCode("RU-BEL")


async def test_behind_is_in_the_order_of_its_promise(database: Database) -> None:
    """What they are called for, then rank; those called for nothing by what they missed first,
    over regions and versions."""
    dice = Random(4)
    published = {
        (region, version): dice.randrange(60)
        for region in (REGION, OTHER)
        for version in range(1, 6)
    }

    async def write(tx: Tx) -> None:
        for (region, version), minutes in published.items():
            await publish(tx, version, region=region, minutes=minutes)
        for number in range(1, 301):
            region = dice.choice((REGION, OTHER))
            await chats.put(tx, chat(number))
            await cards.open_all(tx, [opening(number, 1, dice.randrange(40), region)], START)
            await tx.all(
                """UPDATE cards SET seen = :seen, urgency = :urgency, open = :open
                   WHERE chat = :chat""",
                seen=dice.randrange(6),
                urgency=dice.choice((0, 1, 2, 3, 3)),
                open=dice.random() < 0.9,
                chat=number,
            )

    await database.write(write)
    rows = await database.read(
        lambda tx: tx.all(
            "SELECT id, region, seen, urgency, rank FROM cards WHERE open = 1 AND seen < 5"
        )
    )
    promised = sorted(
        rows,
        key=lambda row: (
            row["urgency"],
            published[row["region"], row["seen"] + 1] if row["urgency"] == Urgency.NONE else 0,
            row["rank"],
            row["id"],
        ),
    )
    for limit in (1, 17, 1_000):
        found = await database.read(lambda tx, n=limit: cards.behind(tx, START, n))  # type: ignore[misc]
        assert [card.id for card in found] == [row["id"] for row in promised[:limit]]


async def test_those_whose_time_has_come_take_turns_too(database: Database) -> None:
    """Called ones first; those called for nothing by when they were due; neighbours last."""
    dice = Random(5)

    async def write(tx: Tx) -> None:
        await publish(tx, 1)
        for number in range(1, 201):
            await chats.put(tx, chat(number))
            await cards.open_all(tx, [opening(number, 1, dice.randrange(40))], START)
            await tx.all(
                """UPDATE cards SET seen = 1, urgency = :urgency, due_at = :due, via = :via
                   WHERE chat = :chat""",
                urgency=dice.choice((0, 1, 3, 3)),
                due=ms(at(dice.randrange(30))),
                via=dice.choice((None, None, OTHER)),
                chat=number,
            )

    await database.write(write)
    rows = await database.read(
        lambda tx: tx.all("SELECT id, urgency, due_at, rank, via FROM cards")
    )
    promised = sorted(
        (row for row in rows if row["due_at"] <= ms(at(20))),
        key=lambda row: (
            row["via"] is not None,
            row["urgency"],
            row["due_at"] if row["urgency"] == Urgency.NONE else 0,
            row["rank"],
            row["id"],
        ),
    )
    found = await database.read(lambda tx: cards.behind(tx, at(20), 1_000))
    assert [card.id for card in found] == [row["id"] for row in promised]
    few = await database.read(lambda tx: cards.behind(tx, at(20), 10))
    assert all(card.urgency is Urgency.URGENT and card.via is None for card in few)
    later = min(row["due_at"] for row in rows if row["due_at"] > ms(at(20)))
    assert await database.read(lambda tx: cards.next_due(tx, at(20))) == moment(later)


async def test_an_alert_calls_the_cards_that_are_there(database: Database) -> None:
    """What is decided is no longer called for, but for what came since."""

    async def write(tx: Tx) -> None:
        card = await a_card(tx)
        await cards.skip(tx, card.id, 1, "nothing_new", close=False)
        assert (await a_card_again(tx, card)).urgency is Urgency.NONE
        await publish(tx, 2)
        await cards.open_all(tx, [opening(card.chat, 2, 5)], at(1))
        called = await a_card_again(tx, card)
        assert (called.urgency, called.rank, called.seen) == (Urgency.URGENT, 5, 1)
        await cards.demote(tx, [(card.id, 1, Urgency.NONE)])  # decided before
        assert (await a_card_again(tx, card)).urgency is Urgency.URGENT
        await cards.demote(tx, [(card.id, 2, Urgency.NONE)])
        assert (await a_card_again(tx, card)).urgency is Urgency.NONE
        await cards.skip(tx, card.id, 2, "nothing_new", close=False)
        await cards.open_all(tx, [opening(card.chat, 2, 4)], at(1))
        assert (await a_card_again(tx, card)).urgency is Urgency.NONE  # it saw this version

    await database.write(write)


async def a_card_again(tx: Tx, card: Card) -> Card:
    found = await cards.get(tx, card.id)
    assert found is not None
    return found


def drawn(ids: range, version: int, crowd: int) -> Mapping[int, int]:
    """The turns of a page of private chats that follow the named place."""
    alert = Alert(
        region=REGION,
        version=version,
        urgency=Urgency.URGENT,
        touched=(BOROVSKY,),
        published_at=START,
    )
    page = [Follow(chat=ChatId(n), area=BOROVSKY, rank=0) for n in ids]
    scope = Scope(named=min(crowd, 65_536), everybody=crowd)
    return {each.chat: each.rank for each in openings(page, alert, scope, all_areas())}


def test_a_page_has_each_turn_once() -> None:
    assert sorted(drawn(range(1, 62), 1, 61).values()) == list(range(61))


def test_all_pages_of_a_crowd_have_turns_alike() -> None:
    """Whatever the ids; a crowd of more than 65,536 shares them."""
    for crowd in (20_000, 1_000_000):
        most = min(crowd, 65_536)
        for first in (1, 500_001, 999_001):
            turns = drawn(range(first, first + PAGE), 7, crowd).values()
            assert 0 <= min(turns) <= most / PAGE
            assert max(turns) < most
            assert mean(turns) == pytest.approx(most / 2, rel=0.01)


def test_nobody_is_always_last() -> None:
    mine = [drawn(range(1, 101), version, 100)[42] for version in range(500)]
    assert mean(mine) == pytest.approx(50, rel=0.1)


def test_reach_then_name_then_turn() -> None:
    order = [
        card_rank(reach, named=named, turn=turn)
        for reach in (0, 1)
        for named in (True, False)
        for turn in (0, 65_535)
    ]
    assert order == sorted(set(order))


async def test_the_first_of_each_place_before_the_second_of_any(database: Database) -> None:
    """A village beside a crowd of the same urgency: it is not last, however late it comes."""

    async def write(tx: Tx) -> None:
        for number in range(1, 501):
            await follow(tx, number, BOROVSKY if number > 3 else ZHUKOVSKY)
        await publish(tx, 1, BOROVSKY)
        await publish(tx, 2, ZHUKOVSKY)

    await database.write(write)
    await dispatch(database, all_areas(), at(1))
    found = await database.read(lambda tx: cards.behind(tx, at(1), 6))
    assert [sorted(card.chat <= 3 for card in found[n : n + 2]) for n in (0, 2, 4)] == [
        [False, True]
    ] * 3


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
