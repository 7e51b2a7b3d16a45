"""Cards, attempts and the way to them: the gate, doubt, dispatch, pruning."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import jobs
from bot.dispatch import _slice, dispatch
from storage import alerts, attempts, cards, chats, situations
from storage.areas.tree import load
from storage.attempts import Lever, Told
from storage.chats import Scope
from storage.database import PAGE, Database, Tx
from storage.model import (
    Alert,
    AreaCode,
    Card,
    CardId,
    ChatId,
    ChatKind,
    ChatState,
    TelegramId,
    Urgency,
)
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
)

AREAS = load()


async def begin(tx: Tx, card: Card, version: int = 1, *, alarms: bool = True) -> int | None:
    return await attempts.begin(
        tx, card, version, Lever.SOUND, danger=True, alarms=alarms, at=at(1)
    )


async def begun(tx: Tx, card: Card, version: int = 1, *, alarms: bool = True) -> int:
    attempt = await begin(tx, card, version, alarms=alarms)
    assert attempt is not None
    return attempt


def told(version: int = 1, **changes: object) -> Told:
    made = Told(
        version=version, lever=Lever.SOUND, message_id=50, shows=True, ends=False, reason="first"
    )
    return replace(made, **changes)  # type: ignore[arg-type]


async def again(tx: Tx, card: Card) -> Card:
    found = await cards.get(tx, card.id)
    assert found is not None
    return found


async def a_slice(tx: Tx, alert: Alert) -> bool:
    return await _slice(
        tx, alert=alert, scope=Scope(named=PAGE, everybody=PAGE), areas=AREAS, now=at(1)
    )


async def waiting(tx: Tx, minutes: float = 1) -> list[CardId]:
    return [card.id for card in await cards.behind(tx, at(minutes), 100)]


async def test_what_quiet_hours_took_is_remembered_until_a_sound_or_the_end(
    database: Database,
) -> None:
    async def write(tx: Tx) -> None:
        card = await a_card(tx)
        for more, hushed in (
            ({"lever": Lever.SILENT, "hushes": True, "due_at": at(90)}, True),
            ({"lever": Lever.EDIT}, True),
            ({"lever": Lever.SOUND}, False),
            ({"lever": Lever.SILENT, "hushes": True}, True),
            ({"lever": Lever.SILENT, "ends": True}, False),
        ):
            attempt = await begun(tx, card)
            await attempts.accepted(tx, attempt, card, told(**more), at(2))
            card = await again(tx, card)
            assert card.hushed is hushed, more

    await database.write(write)


async def test_wishes_that_change_are_looked_at_at_once(database: Database) -> None:
    async def write(tx: Tx) -> None:
        card = await a_card(tx)
        attempt = await begun(tx, card)
        silent = told(lever=Lever.SILENT, hushes=True, due_at=at(400))
        await attempts.accepted(tx, attempt, card, silent, at(2))
        assert await cards.next_due(tx) == at(400)
        await cards.skip(tx, card.id, 1, "nothing_new", close=False, again=at(300))
        assert await cards.next_due(tx) == at(300)
        await cards.reconsider(tx, card.chat, at(3))
        assert await waiting(tx, 3) == [card.id]

    await database.write(write)


# --- the gate -----------------------------------------------------------------------------------


async def test_one_request_at_a_time(database: Database) -> None:
    async def write(tx: Tx) -> None:
        card = await a_card(tx)
        attempt = await begun(tx, card)
        assert await begin(tx, card) is None
        await attempts.end(tx, attempt, "later", at(1))
        assert await begin(tx, card) is not None

    await database.write(write)


async def test_nothing_leaves_that_is_no_longer_the_latest(database: Database) -> None:
    async def write(tx: Tx) -> None:
        card = await a_card(tx)
        await publish(tx, 2)
        assert await begin(tx, card, 1) is None
        assert await begin(tx, card, 2) is not None

    await database.write(write)


async def test_a_card_decided_on_again_is_not_sent(database: Database) -> None:
    async def write(tx: Tx) -> None:
        card = await a_card(tx)
        await cards.skip(tx, card.id, 1, "nothing", close=False)
        assert await begin(tx, card) is None
        assert await begin(tx, await again(tx, card)) is not None

    await database.write(write)


@pytest.mark.parametrize("state", [ChatState.SUSPENDED, ChatState.STOPPED])
async def test_a_chat_that_is_not_active_gets_nothing(
    database: Database, state: ChatState
) -> None:
    async def write(tx: Tx) -> None:
        card = await a_card(tx)
        await chats.set_state(tx, card.chat, state)
        assert await begin(tx, card) is None
        assert await waiting(tx) == []
        await chats.revive(tx, TelegramId(card.chat))
        assert await waiting(tx) == ([card.id] if state is ChatState.SUSPENDED else [])

    await database.write(write)


# --- what became of it --------------------------------------------------------------------------


async def test_accepted_is_told_shown_sounded(database: Database) -> None:
    async def write(tx: Tx) -> None:
        card = await a_card(tx)
        await attempts.accepted(tx, await begun(tx, card), card, told(), at(1))
        card = await again(tx, card)
        assert (card.seen, card.told, card.shown, card.sounded) == (1, 1, 1, 1)
        assert (card.message_id, card.sounded_at, card.alarmed) == (50, at(1), True)
        assert await waiting(tx) == []
        await publish(tx, 2)
        assert await waiting(tx) == [card.id]

    await database.write(write)


async def test_a_request_without_danger_does_not_alarm(database: Database) -> None:
    async def write(tx: Tx) -> None:
        card = await a_card(tx)
        await attempts.accepted(tx, await begun(tx, card, alarms=False), card, told(), at(1))
        assert not (await again(tx, card)).alarmed
        await publish(tx, 2)
        card = await again(tx, card)
        await attempts.doubted(tx, await begun(tx, card, 2, alarms=False), at(2))
        assert not (await again(tx, card)).alarmed

    await database.write(write)


async def test_a_message_beside_the_card_leaves_an_edit_due(database: Database) -> None:
    async def write(tx: Tx) -> None:
        card = await a_card(tx)
        await attempts.accepted(tx, await begun(tx, card), card, told(), at(1))
        await publish(tx, 2)
        card = await again(tx, card)
        beside = told(2, message_id=51, shows=False, due_at=at(2))
        await attempts.accepted(tx, await begun(tx, card, 2), card, beside, at(2))
        card = await again(tx, card)
        assert (card.told, card.shown, card.message_id) == (2, 1, 50)
        assert await waiting(tx, 1.5) == []
        assert await waiting(tx, 2) == [card.id]
        assert await cards.next_due(tx) == at(2)

    await database.write(write)


async def test_a_new_live_message_remembers_the_old_one(database: Database) -> None:
    async def write(tx: Tx) -> None:
        card = await a_card(tx)
        await attempts.accepted(tx, await begun(tx, card), card, told(), at(1))
        await publish(tx, 2)
        card = await again(tx, card)
        await attempts.accepted(tx, await begun(tx, card, 2), card, told(2, message_id=60), at(2))
        card = await again(tx, card)
        assert (card.message_id, card.old_message_id) == (60, 50)
        await cards.continued(tx, card.id, 49)
        assert (await again(tx, card)).old_message_id == 50
        await cards.continued(tx, card.id, 50)
        assert (await again(tx, card)).old_message_id is None
        await cards.lost(tx, card.id)
        card = await again(tx, card)
        assert (card.message_id, card.shown, card.told) == (None, None, 2)

    await database.write(write)


async def test_an_ending_closes_the_card_and_the_next_alert_opens_another(
    database: Database,
) -> None:
    async def write(tx: Tx) -> None:
        card = await a_card(tx)
        await attempts.accepted(tx, await begun(tx, card), card, told(ends=True), at(1))
        assert not (await again(tx, card)).open
        await cards.open_all(tx, [opening(card.chat, 1, 7)], at(2))
        assert await cards.live(tx, card.chat, REGION) is None  # it saw this version
        await publish(tx, 2)
        await cards.open_all(tx, [opening(card.chat, 2, 7)], at(2))
        fresh = await cards.live(tx, card.chat, REGION)
        assert fresh is not None
        assert (fresh.opened_version, fresh.told) == (2, None)

    await database.write(write)


async def test_danger_published_while_the_all_clear_was_under_way_is_not_lost(
    database: Database,
) -> None:
    """Its dispatch found the card open and gave none; the ending must then not close it."""

    async def send(tx: Tx) -> tuple[Card, int]:
        card = await a_card(tx)
        await alerts.advance(tx, await publish(tx, 2, urgency=Urgency.IMPORTANT), None)
        return card, await begun(tx, card, 2)

    card, attempt = await database.write(send)
    await database.write(lambda tx: publish(tx, 3))
    await dispatch(database, AREAS, at(2))

    async def answer(tx: Tx) -> list[CardId]:
        await attempts.accepted(tx, attempt, card, told(2, ends=True), at(2))
        return await waiting(tx, 2)

    assert await database.write(answer) == [card.id]


async def test_no_answer_counts_as_told_of_danger(database: Database) -> None:
    async def write(tx: Tx) -> None:
        mine, other = await a_card(tx, 7), await a_card(tx, 8)
        for times in (1, 2):
            assert await attempts.doubted(tx, await begun(tx, mine), at(1)) == times
        assert (await again(tx, mine)).alarmed
        assert not (await again(tx, other)).alarmed
        assert await waiting(tx) == [mine.id, other.id]

    await database.write(write)


async def test_what_a_crash_left_open_is_in_doubt_once(database: Database) -> None:
    async def write(tx: Tx) -> None:
        mine, quiet, other = [await a_card(tx, n) for n in (7, 8, 9)]
        await begun(tx, mine)
        await begun(tx, quiet, alarms=False)
        assert await attempts.in_doubt(tx, at(5)) == 2
        assert await attempts.in_doubt(tx, at(6)) == 0
        found = [(await again(tx, card)).alarmed for card in (mine, quiet, other)]
        assert found == [True, False, False]
        assert await begin(tx, mine) is not None
        assert await attempts.tally(tx, START) == {"in_doubt": 2}

    await database.write(write)


# --- dispatch -----------------------------------------------------------------------------------

MANY = 2 * PAGE + 500


async def people(tx: Tx, number: int = MANY) -> None:
    for n in range(1, number + 1):
        await follow(tx, n, REGION if n % 2 else BOROVSKY)


async def test_everyone_in_scope_gets_one_card(database: Database) -> None:
    await database.write(people)
    await database.write(lambda tx: publish(tx, 1))
    assert await dispatch(database, AREAS, at(1)) == 1
    assert await dispatch(database, AREAS, at(2)) == 0
    assert await count(database, "cards") == MANY
    assert await count(database, "alerts", "dispatched = 1 AND reached_chat IS NULL") == 1


async def test_a_kill_between_two_slices_loses_and_doubles_nobody(database: Database) -> None:
    await database.write(people)
    alert = await database.write(lambda tx: publish(tx, 1))

    async def one(tx: Tx) -> bool:
        return await a_slice(tx, alert)

    async def killed(tx: Tx) -> bool:
        await one(tx)
        raise KeyError("killed before the commit")

    assert not await database.write(one)
    assert await count(database, "cards") == PAGE
    with pytest.raises(KeyError):
        await database.write(killed)
    assert await count(database, "cards") == PAGE
    assert not await database.write(one)
    assert await count(database, "cards") == 2 * PAGE
    await dispatch(database, AREAS, at(1))
    assert await count(database, "cards") == MANY
    assert len(set(await column(database, "SELECT chat FROM cards"))) == MANY


async def test_what_another_lane_has_finished_is_not_begun_again(database: Database) -> None:
    """Several bots dispatch the same alerts; one may come with what it read before the end."""
    await database.write(people)
    alert = await database.write(lambda tx: publish(tx, 1))
    assert await dispatch(database, AREAS, at(1)) == 1
    assert await database.write(lambda tx: a_slice(tx, alert))
    assert await count(database, "alerts", "dispatched = 1 AND reached_chat IS NULL") == 1
    assert await count(database, "cards") == MANY


async def test_a_group_that_grows_half_way_is_not_passed_over(database: Database) -> None:
    """Its better rank would put it behind the position that is kept."""

    async def crowd(tx: Tx) -> None:
        await people(tx, PAGE)
        await chats.put(tx, chat(-5, ChatKind.GROUP))
        await chats.put(tx, chat(-6, ChatKind.GROUP, members=9))
        for n in (-5, -6):
            await chats.follow(tx, ChatId(n), REGION, REGION, START)

    await database.write(crowd)
    alert = await database.write(lambda tx: publish(tx, 1))
    last = chat(PAGE)
    assert not await database.write(lambda tx: a_slice(tx, alert))
    late = replace(last, kind=ChatKind.GROUP)
    await database.write(lambda tx: chats.set_members(tx, late, 50_000))
    await dispatch(database, AREAS, at(1))
    assert await count(database, "cards") == PAGE + 2
    await database.write(lambda tx: chats.set_members(tx, late, 50_000))
    assert (await column(database, f"SELECT rank FROM chats WHERE id = {PAGE}")) == [950_000]


async def test_only_those_in_scope_the_best_rank_first(database: Database) -> None:
    async def write(tx: Tx) -> None:
        await follow(tx, 1, REGION)
        await follow(tx, 2, BOROVSKY)
        await follow(tx, 3, AreaCode("RU-KLU/borovsky/balabanovo"))
        await follow(tx, 4, ZHUKOVSKY)
        await follow(tx, 5, BOROVSKY, ZHUKOVSKY)
        await chats.put(tx, chat(-6, ChatKind.CHANNEL, members=1000))
        await chats.follow(tx, ChatId(-6), REGION, BOROVSKY, START)
        await follow(tx, 7, BOROVSKY)
        await chats.set_state(tx, ChatId(7), ChatState.SUSPENDED)
        await publish(tx, 1, BOROVSKY)

    await database.write(write)
    await dispatch(database, AREAS, at(1))
    assert set(await column(database, "SELECT chat FROM cards")) == {1, 2, 3, 5, -6}
    assert (await column(database, "SELECT chat FROM cards ORDER BY rank"))[0] == -6


async def test_a_version_that_says_nothing_gives_no_cards(database: Database) -> None:
    await database.write(lambda tx: follow(tx, 1, REGION))
    await database.write(lambda tx: publish(tx, 1, urgency=Urgency.NONE))
    assert await dispatch(database, AREAS, at(1)) == 0
    assert await count(database, "cards") == 0
    assert await database.read(lambda tx: situations.head(tx, REGION)) == 1


# --- pruning ------------------------------------------------------------------------------------


async def test_pruning_keeps_what_is_before_any_eyes(database: Database) -> None:
    async def write(tx: Tx) -> CardId:
        card = await a_card(tx)  # opened on version 1
        await publish(tx, 2)
        await attempts.accepted(tx, await begun(tx, card, 2), card, told(2), at(1))
        for version in (3, 4, 5):
            await alerts.advance(tx, await publish(tx, version), None)
        await publish(tx, 6)  # not dispatched
        for version in (7, 8):
            await alerts.advance(tx, await publish(tx, version), None)
        return card.id

    id = await database.write(write)
    await jobs.prune(database, START + timedelta(days=60), posts_days=30, cards_days=30)
    card = await database.read(lambda tx: cards.get(tx, id))
    kept = await column(database, "SELECT version FROM situations ORDER BY version")
    # Told and shown 2, opened on 1; alerts of 1, 2 and 6 are not dispatched; 8 is the head.
    assert kept == [1, 2, 6, 8]
    assert card is not None and card.open
    assert await count(database, "attempts") == 0


async def test_pruning_takes_one_page_at_a_time(database: Database) -> None:
    """So that an alert waits for no more than that."""
    many = 2 * PAGE + 1

    async def write(tx: Tx) -> None:
        card = await a_card(tx)
        await tx.many(
            """INSERT INTO attempts (card, version, lever, danger, alarms, begun_at, ended_at,
                   outcome)
               VALUES (:card, 1, 'edit', 0, 0, 0, 1, 'accepted')""",
            [{"card": card.id} for _ in range(many)],
        )
        assert await attempts.prune(tx, START)
        left = await tx.one("SELECT count(*) AS n FROM attempts")
        assert left is not None and left["n"] == many - PAGE

    await database.write(write)
    await jobs.prune(database, START + timedelta(days=60), posts_days=30, cards_days=30)
    assert await count(database, "attempts") == 0


async def test_pruning_forgets_closed_cards_and_their_versions(database: Database) -> None:
    async def write(tx: Tx) -> None:
        card = await a_card(tx)
        await attempts.accepted(tx, await begun(tx, card), card, told(ends=True), at(1))
        busy = await a_card(tx, 8)
        await cards.skip(tx, busy.id, 1, "nothing", close=True)
        await cards.postpone(tx, busy.id, at(9), "later")
        for alert in await alerts.undispatched(tx):
            await alerts.advance(tx, alert, None)
        await publish(tx, 2)
        await cards.prune(tx, at(0))
        assert await cards.get(tx, card.id) is not None
        await cards.prune(tx, at(100))
        assert await cards.get(tx, card.id) is None
        assert await cards.get(tx, busy.id) is not None

    await database.write(write)
