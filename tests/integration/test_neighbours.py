"""Neighbouring regions: who is given a card, after whom, by which bot; and what becomes of it."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.decide import Lever
from bot.dispatch import _slice, dispatch
from bot.handlers import writes
from bot.handlers.caller import Caller
from bot.outcome import Ambiguous, Gone
from storage import alerts, attempts, cards, chats, situations
from storage.chats import Scope
from storage.database import PAGE, Database, Tx
from storage.model import (
    Alert,
    AreaCode,
    Card,
    Chat,
    ChatId,
    ChatKind,
    ChatState,
    Danger,
    Hazard,
    Lang,
    Share,
    TelegramId,
    Urgency,
    Wishes,
)
from tests.integration.lane import (
    ANNA,
    BELGOROD,
    BORIS,
    GROUP,
    START,
    Lane,
    all_areas,
    opened,
)
from tests.integration.stored import column, count

KURSK, BRYANSK = AreaCode("RU-KRS"), AreaCode("RU-BRY")
BELGOROD_CITY = AreaCode("RU-BEL/belgorod")
RYLSKY = AreaCode("RU-KRS/rylsky")
_BORDERS = {
    KURSK: (BELGOROD, BRYANSK),
    BELGOROD: (KURSK,),
    BRYANSK: (KURSK,),
}
ASKING = Wishes(neighbours=True)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def borders(region: AreaCode) -> tuple[AreaCode, ...]:
    return _BORDERS.get(region, ())


async def enrol(
    tx: Tx,
    chat: ChatId,
    *follows: AreaCode,
    wishes: Wishes = ASKING,
    kind: ChatKind = ChatKind.PRIVATE,
    members: int = 1,
) -> None:
    await chats.put(
        tx,
        Chat(id=chat, kind=kind, lang=Lang.RU, members=members, wishes=wishes, joined_at=START),
    )
    for code in follows:
        await chats.follow(tx, chat, AreaCode(code.partition("/")[0]), code, START)


def caller(chat: Chat) -> Caller:
    return Caller(id=chat.id, kind=chat.kind, known=chat, thread=None, language="ru")


async def known(tx: Tx, chat: ChatId) -> Caller:
    found = await chats.get(tx, chat)
    assert found is not None
    return caller(found)


async def live(database: Database, chat: ChatId, region: AreaCode = KURSK) -> Card | None:
    return await database.read(lambda tx: cards.live(tx, chat, region))


@pytest.fixture
async def lane(tmp_path: Path) -> AsyncIterator[Lane]:
    async with opened(tmp_path, neighbours=borders) as lane:
        yield lane


# --- who is given a card ------------------------------------------------------------------------


async def told_of(lane: Lane, *dangers: Danger, touched: tuple[AreaCode, ...] = (KURSK,)) -> None:
    await lane.publish(KURSK, *dangers, touched=touched)
    await lane.drain()


async def test_only_those_who_asked_and_live_next_to_it(lane: Lane) -> None:
    async def write(tx: Tx) -> None:
        await enrol(tx, ANNA, BELGOROD_CITY)
        await enrol(tx, BORIS, BELGOROD, wishes=Wishes())
        await enrol(tx, ChatId(103), AreaCode("RU-KLU"))
        await enrol(tx, ChatId(104), BELGOROD, KURSK)
        await enrol(tx, ChatId(105), BELGOROD, RYLSKY)
        await enrol(tx, ChatId(106), BELGOROD)
        await chats.set_state(tx, ChatId(106), ChatState.STOPPED)
        await enrol(tx, GROUP, BRYANSK, BELGOROD, kind=ChatKind.GROUP, members=50)

    await lane.database.write(write)
    await told_of(lane, lane.danger(KURSK))
    heard = {chat: lane.heard(ChatId(chat)) for chat in (ANNA, BORIS, 103, 104, 105, 106, GROUP)}
    assert heard == {
        ANNA: ["silent"],
        BORIS: [],
        103: [],
        104: ["sound"],
        105: ["sound"],
        106: [],
        GROUP: ["silent"],
    }
    vias = await column(lane.database, "SELECT via FROM cards ORDER BY chat")
    assert vias == [BELGOROD, BELGOROD, None, None]
    assert await lane.is_settled()


@pytest.mark.parametrize(
    ("hazard", "area", "heard"),
    [
        (Hazard.UAV, KURSK, ["silent"]),
        (Hazard.UAV, RYLSKY, []),
        (Hazard.SHELLING, RYLSKY, []),
        (Hazard.MISSILE, RYLSKY, ["silent"]),
    ],
)
async def test_only_of_the_whole_region_or_of_missiles(
    lane: Lane, hazard: Hazard, area: AreaCode, heard: list[str]
) -> None:
    await lane.database.write(lambda tx: enrol(tx, ANNA, BELGOROD))
    await told_of(lane, lane.danger(area, hazard=hazard), touched=(area,))
    assert lane.heard(ANNA) == heard
    assert len(await lane.cards(ANNA)) == len(heard)


async def test_what_is_over_before_its_turn_is_not_told(lane: Lane) -> None:
    await lane.database.write(lambda tx: enrol(tx, ANNA, BELGOROD))
    await lane.alarm(KURSK)
    await lane.all_clear(KURSK)
    await lane.drain()
    assert await lane.cards(ANNA) == []
    # Given its card before it was over, too.
    await lane.publish(KURSK, lane.danger(KURSK))
    await dispatch(lane.database, all_areas(), START, borders)
    await lane.all_clear(KURSK)
    await lane.drain()
    assert lane.asked(ANNA) == []
    (card,) = await lane.cards(ANNA)
    assert (card.open, card.reason) == (False, "opened_and_closed")


# --- the walk -----------------------------------------------------------------------------------

MANY = PAGE + 200


async def crowd(tx: Tx) -> None:
    """Those who follow Kursk, and about as many next to it who asked; some follow two regions."""
    for n in range(1, MANY + 1):
        await enrol(tx, ChatId(n), KURSK, wishes=Wishes())
        places = (BELGOROD, BRYANSK) if n % 3 == 0 else (BELGOROD,) if n % 3 == 1 else (BRYANSK,)
        await enrol(tx, ChatId(10_000 + n), *places)
    await enrol(tx, ChatId(-9), BRYANSK, kind=ChatKind.CHANNEL, members=90_000)


async def a_slice(tx: Tx, alert: Alert) -> bool:
    return await _slice(
        tx,
        alert=alert,
        scope=Scope(named=MANY, everybody=PAGE),
        areas=all_areas(),
        now=at(1),
        neighbours=borders,
    )


async def declared(database: Database, lane: Lane, region: AreaCode = KURSK) -> Alert:
    version = await lane.publish(region, lane.danger(region))
    found = await database.read(alerts.undispatched)
    return next(each for each in found if (each.region, each.version) == (region, version))


async def test_everybody_gets_one_card_and_neighbours_the_last(lane: Lane) -> None:
    database = lane.database
    await database.write(crowd)
    await declared(database, lane)
    assert await dispatch(database, all_areas(), at(1), borders) == 1
    assert await dispatch(database, all_areas(), at(1), borders) == 0
    assert await count(database, "cards") == 2 * MANY + 1
    assert await count(database, "cards", "via IS NOT NULL") == MANY + 1
    order = await column(database, "SELECT via IS NULL FROM cards ORDER BY id")
    assert order == [1] * MANY + [0] * (MANY + 1)
    ranked = await column(database, "SELECT via IS NULL FROM cards ORDER BY rank")
    assert ranked == order
    first = await column(database, "SELECT chat FROM cards WHERE via IS NOT NULL ORDER BY rank")
    assert first[0] == -9
    for limit, neighbours in ((1, 0), (MANY, 0), (MANY + 5, 5)):
        found = await database.read(lambda tx, n=limit: cards.behind(tx, START, n))  # type: ignore[misc]
        vias = [card.via is not None for card in found]
        assert vias == [False] * (limit - neighbours) + [True] * neighbours
    assert found[MANY].chat == -9
    assert await count(database, "alerts", "dispatched = 1 AND reached_chat IS NULL") == 1


async def test_a_kill_between_two_slices_loses_and_doubles_nobody(lane: Lane) -> None:
    database = lane.database
    await database.write(crowd)
    alert = await declared(database, lane)

    async def one(tx: Tx) -> bool:
        return await a_slice(tx, alert)

    async def killed(tx: Tx) -> bool:
        await one(tx)
        raise KeyError("killed before the commit")

    made = []
    while True:
        before = await count(database, "cards")
        with pytest.raises(KeyError):
            await database.write(killed)
        assert await count(database, "cards") == before
        done = await database.write(one)
        made.append(await count(database, "cards") - before)
        if done:
            break
    assert sum(made) == 2 * MANY + 1
    assert len(made) == 4  # two pages of followers, two of neighbours
    assert await database.write(one)  # another lane with an old list
    assert await count(database, "cards") == 2 * MANY + 1
    assert len(set(await column(database, "SELECT chat FROM cards"))) == 2 * MANY + 1


async def test_what_ends_half_way_ends_the_walk(lane: Lane) -> None:
    database = lane.database
    await database.write(crowd)
    alert = await declared(database, lane)
    for _ in range(3):
        await database.write(lambda tx: a_slice(tx, alert))
    given = await count(database, "cards", "via IS NOT NULL")
    assert 0 < given < MANY
    await lane.all_clear(KURSK)
    await dispatch(database, all_areas(), at(2), borders)
    assert await count(database, "cards", "via IS NOT NULL") == given


async def test_all_who_follow_come_before_anybody_s_neighbours(lane: Lane) -> None:
    database = lane.database
    voronezh = AreaCode("RU-VOR")

    async def write(tx: Tx) -> None:
        await enrol(tx, ANNA, BELGOROD)
        await enrol(tx, BORIS, voronezh)

    await database.write(write)
    alert = await declared(database, lane)
    await database.write(lambda tx: a_slice(tx, alert))
    await lane.publish(voronezh, lane.danger(voronezh), urgency=Urgency.INFO)
    await dispatch(database, all_areas(), at(1), borders)
    assert await column(database, "SELECT chat FROM cards ORDER BY id") == [BORIS, ANNA]


async def test_nobody_asked_and_nothing_more_is_done(lane: Lane) -> None:
    await lane.database.write(lambda tx: enrol(tx, BORIS, BELGOROD, wishes=Wishes()))
    alert = await declared(lane.database, lane)
    assert await lane.database.write(lambda tx: a_slice(tx, alert))


# --- an episode ---------------------------------------------------------------------------------


async def test_one_silent_message_edits_every_fifteen_minutes_and_a_silent_end(lane: Lane) -> None:
    await lane.database.write(lambda tx: enrol(tx, ANNA, BELGOROD))
    await lane.alarm(KURSK)
    await lane.drain()
    for _ in range(9):
        await lane.passes(minutes=2)
        await lane.publish(KURSK, lane.danger(KURSK, hazard=Hazard.UAV))
        await lane.drain()
    assert lane.heard(ANNA) == ["silent", "edit"]  # 18 minutes
    await lane.publish(KURSK, lane.danger(KURSK), lane.danger(RYLSKY, hazard=Hazard.SHELLING))
    await lane.passes(minutes=60)
    edits = lane.heard(ANNA).count("edit")
    await lane.publish(
        KURSK, lane.danger(KURSK), lane.danger(RYLSKY, hazard=Hazard.SHELLING), touched=(RYLSKY,)
    )
    await lane.passes(minutes=20)
    await lane.all_clear(KURSK)
    await lane.passes(minutes=15)
    assert lane.heard(ANNA)[0] == "silent"
    assert set(lane.heard(ANNA)[1:]) == {"edit"}
    assert lane.heard(ANNA).count("edit") <= edits + 2
    (text,) = lane.shows(ANNA).values()
    assert text.startswith("✅ ОТБОЙ · БПЛА · Курская область")
    (card,) = await lane.cards(ANNA)
    assert (card.open, card.sounded, card.reason) == (False, None, "all_clear")
    assert await lane.is_settled()


async def test_what_is_local_is_skipped_with_its_reason(lane: Lane) -> None:
    await lane.database.write(lambda tx: enrol(tx, ANNA, BELGOROD))
    wide = lane.danger(KURSK)
    await lane.publish(KURSK, wide)
    await lane.drain()
    await lane.passes(minutes=20)
    await lane.publish(KURSK, wide, lane.danger(RYLSKY, hazard=Hazard.SHELLING))
    await lane.passes(minutes=20)
    assert lane.heard(ANNA) == ["silent"]
    (card,) = await lane.cards(ANNA)
    assert (card.open, card.told, card.seen, card.reason) == (True, 1, 2, "neighbour_local")


async def test_a_lost_answer_and_a_lost_message_are_silent_too(lane: Lane) -> None:
    await lane.database.write(lambda tx: enrol(tx, ANNA, BELGOROD))
    lane.door.answers[ANNA].append(Ambiguous(why="cut off"))
    await lane.alarm(KURSK)
    await lane.drain()
    await lane.passes(seconds=10)
    assert lane.asked(ANNA) == ["silent", "silent"]
    await lane.passes(minutes=20)
    lane.door.answers[ANNA].append(Gone())
    await lane.all_clear(KURSK)
    await lane.passes(seconds=3)
    assert lane.asked(ANNA) == ["silent", "silent", "edit", "silent"]
    assert list(lane.shows(ANNA).values())[-1].startswith("✅ ОТБОЙ")


async def test_a_crash_in_flight_is_told_again_in_silence(tmp_path: Path) -> None:
    async with opened(tmp_path, neighbours=borders) as lane:
        await lane.database.write(lambda tx: enrol(tx, ANNA, BELGOROD))
        await lane.alarm(KURSK)
        await dispatch(lane.database, all_areas(), START, borders)

        async def begin(tx: Tx) -> None:
            (card,) = await cards.behind(tx, START, 5)
            await attempts.begin(
                tx, card, 1, attempts.Lever.SILENT, danger=True, alarms=True, at=START
            )

        await lane.database.write(begin)
    async with opened(tmp_path, neighbours=borders) as lane, lane.running():
        while not lane.heard(ANNA):
            await lane.database.read(situations.latest)
        assert lane.heard(ANNA) == ["silent"]
        (card,) = await lane.cards(ANNA)
        assert (card.via, card.alarmed) == (BELGOROD, True)


# --- several bots -------------------------------------------------------------------------------


async def test_the_bot_that_the_chat_talks_with_tells_it(tmp_path: Path) -> None:
    """One serves Belgorod, the other all the rest, Kursk among it."""
    mine, others = Share(only=frozenset({BELGOROD})), Share(others=frozenset({BELGOROD}))

    async def write(tx: Tx) -> None:
        await enrol(tx, ANNA, BELGOROD)
        await enrol(tx, BORIS, BRYANSK)

    async with opened(tmp_path, neighbours=borders, share=others) as lane:
        await lane.database.write(write)
        await lane.alarm(KURSK)
        await lane.drain()
        assert lane.heard(BORIS) == ["silent"]
        assert lane.asked(ANNA) == []
        clock = lane.clock
    async with opened(tmp_path, clock, neighbours=borders, share=mine) as lane:
        await lane.drain()
        assert lane.heard(ANNA) == ["silent"]
        await lane.all_clear(KURSK)
        await lane.drain()
        read = lane.database.read
        assert await read(lambda tx: cards.next_due(tx, share=mine)) == at(15)
        await lane.passes(minutes=15)
        assert lane.heard(ANNA) == ["silent", "edit"]
        assert lane.asked(BORIS) == []
        left = await read(lambda tx: cards.behind(tx, clock.now(), 9, others))
        assert {card.chat for card in left} == {BORIS}
        card = await live(lane.database, BORIS)
        assert card is not None
        await lane.database.write(
            lambda tx: attempts.begin(
                tx, card, 2, attempts.Lever.EDIT, danger=False, alarms=True, at=at(16)
            )
        )
        assert await lane.database.write(lambda tx: attempts.in_doubt(tx, at(17), mine)) == 0
        assert await lane.database.write(lambda tx: attempts.in_doubt(tx, at(17), others)) == 1


# --- the chat changes its mind ------------------------------------------------------------------


async def test_the_wish_is_kept_and_shows_what_is_in_force(lane: Lane) -> None:
    await lane.database.write(lambda tx: enrol(tx, ANNA, BELGOROD, wishes=Wishes()))
    await lane.alarm(KURSK)
    await lane.drain()
    assert lane.heard(ANNA) == []

    async def choose(tx: Tx, wish: bool) -> None:
        await writes.choose_neighbours(
            tx, await known(tx, ANNA), all_areas(), lane.clock.now(), borders, wish=wish
        )

    await lane.database.write(lambda tx: choose(tx, True))
    await lane.drain()
    assert lane.heard(ANNA) == ["silent"]
    await lane.database.write(lambda tx: choose(tx, True))
    await lane.drain()
    assert lane.heard(ANNA) == ["silent"]
    await lane.database.write(lambda tx: choose(tx, False))
    await lane.all_clear(KURSK)
    await lane.passes(minutes=20)
    assert lane.heard(ANNA) == ["silent"]  # ends as it is, as with what is not followed any more
    (card,) = await lane.cards(ANNA)
    assert (card.open, card.reason) == (False, "unfollowed")
    await lane.alarm(KURSK)
    await lane.drain()
    assert len(await lane.cards(ANNA)) == 1


async def test_who_comes_to_follow_the_region_has_an_ordinary_card(lane: Lane) -> None:
    await lane.database.write(lambda tx: enrol(tx, ANNA, BELGOROD))
    await lane.alarm(KURSK)
    await lane.drain()
    await lane.passes(minutes=2)
    local = lane.danger(KURSK), lane.danger(RYLSKY, hazard=Hazard.SHELLING)
    await lane.publish(KURSK, *local)
    await lane.drain()

    async def follow(tx: Tx) -> None:
        now = lane.clock.now()
        await writes.follow(tx, await known(tx, ANNA), KURSK, all_areas(), now, borders)

    await lane.database.write(follow)
    await lane.passes(seconds=10)
    assert lane.heard(ANNA) == ["silent", "edit"]  # at once, and no sound of what it sees there
    assert "обстрел" in lane.door.calls[-1].text
    (card,) = await lane.cards(ANNA)
    assert (card.via, card.told, card.shown, card.open) == (None, 2, 2, True)
    await lane.passes(minutes=1)
    await lane.publish(KURSK, *local, lane.danger(KURSK, hazard=Hazard.MISSILE))
    await lane.drain()
    assert lane.heard(ANNA)[2] == "sound"


async def test_who_follows_before_it_was_told_hears_no_sound_of_it(lane: Lane) -> None:
    await lane.database.write(lambda tx: enrol(tx, ANNA, BELGOROD))
    await lane.alarm(KURSK)
    await dispatch(lane.database, all_areas(), START, borders)

    async def follow(tx: Tx) -> None:
        await writes.follow(tx, await known(tx, ANNA), RYLSKY, all_areas(), START, borders)

    await lane.database.write(follow)
    await lane.drain()
    assert lane.heard(ANNA) == ["silent"]
    (card,) = await lane.cards(ANNA)
    assert card.via is None


async def test_a_district_out_of_danger_leaves_no_card(lane: Lane) -> None:
    await lane.database.write(lambda tx: enrol(tx, ANNA, BELGOROD))
    other = next(
        area.code for area in all_areas().children(KURSK) if area.code not in (RYLSKY, KURSK)
    )
    await told_of(lane, lane.danger(RYLSKY, hazard=Hazard.MISSILE), touched=(RYLSKY,))

    async def follow(tx: Tx) -> None:
        await writes.follow(tx, await known(tx, ANNA), other, all_areas(), START, borders)

    await lane.database.write(follow)
    await lane.passes(minutes=20)
    assert lane.heard(ANNA) == ["silent"]
    (card,) = await lane.cards(ANNA)
    assert not card.open


async def test_unfollowing_hands_the_card_over_or_ends_it(lane: Lane) -> None:
    await lane.database.write(lambda tx: enrol(tx, ANNA, BELGOROD, BRYANSK))
    await lane.alarm(KURSK)
    await lane.drain()
    card = await live(lane.database, ANNA)
    assert card is not None and card.via == BELGOROD

    async def unfollow(tx: Tx, area: AreaCode) -> None:
        now = lane.clock.now()
        await writes.unfollow(tx, await known(tx, ANNA), area, now, borders)

    await lane.database.write(lambda tx: unfollow(tx, BELGOROD))
    card = await live(lane.database, ANNA)
    assert card is not None and card.via == BRYANSK
    await lane.database.write(lambda tx: unfollow(tx, BRYANSK))
    assert await live(lane.database, ANNA) is None


async def test_a_new_place_brings_its_neighbours(lane: Lane) -> None:
    await lane.database.write(lambda tx: enrol(tx, ANNA, AreaCode("RU-KLU")))
    await lane.alarm(KURSK)
    await lane.drain()
    assert lane.heard(ANNA) == []

    async def follow(tx: Tx) -> None:
        await writes.follow(tx, await known(tx, ANNA), BELGOROD, all_areas(), START, borders)

    await lane.database.write(follow)
    await lane.drain()
    assert lane.heard(ANNA) == ["silent"]
    assert await count(lane.database, "follows", "beyond = 1") == 2


async def test_who_had_stopped_is_shown_its_neighbours(lane: Lane) -> None:
    async def write(tx: Tx) -> None:
        await enrol(tx, ANNA, BELGOROD)
        await chats.set_state(tx, ANNA, ChatState.STOPPED)

    await lane.database.write(write)
    await lane.alarm(KURSK)
    await lane.drain()
    assert await lane.cards(ANNA) == []

    async def start(tx: Tx) -> None:
        await writes.start(tx, await known(tx, ANNA), all_areas(), START, borders)

    await lane.database.write(start)
    await lane.drain()
    assert lane.heard(ANNA) == ["silent"]


async def test_a_group_that_moves_keeps_its_wish(lane: Lane) -> None:
    old, new = ChatId(-50), ChatId(-100_50)

    async def write(tx: Tx) -> None:
        await enrol(tx, old, BELGOROD, kind=ChatKind.GROUP)
        await enrol(tx, new, BRYANSK, wishes=Wishes(), kind=ChatKind.SUPERGROUP)
        await chats.migrate(tx, TelegramId(old), TelegramId(new))
        moved = await chats.get(tx, new)
        assert moved is not None and moved.wishes.neighbours

    await lane.database.write(write)
    found = await column(lane.database, "SELECT area FROM follows WHERE beyond = 1 ORDER BY area")
    assert found == [BELGOROD, BRYANSK]


async def test_every_decision_for_a_neighbour_is_silent(lane: Lane) -> None:
    """Whatever came: none of them was a sound."""
    await lane.database.write(lambda tx: enrol(tx, ANNA, BELGOROD))
    for hazard in (Hazard.UAV, Hazard.MISSILE, Hazard.AIR_RAID, Hazard.FLOOD):
        await told_of(lane, lane.danger(KURSK, hazard=hazard))
        await lane.passes(minutes=16)
    assert lane.decided
    assert all(work.decision.lever is not Lever.SOUND for work in lane.decided)
