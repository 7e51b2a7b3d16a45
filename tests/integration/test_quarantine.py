"""Chats that may not be written to: who is suspended, who is tried again, who is given back."""

import asyncio
import sqlite3
from datetime import timedelta
from importlib import resources
from pathlib import Path

import pytest

from bot.outbox.breaker import AGAIN, LONGEST
from bot.outbox.work import Door
from bot.outcome import (
    Ambiguous,
    Cause,
    Dead,
    Later,
    Migrated,
    Outcome,
    Refused,
    Rejected,
    Unreachable,
)
from storage import audit, chats
from storage.database import Database, Tx
from storage.model import Chat, ChatId, ChatKind, ChatState, TelegramId
from tests.integration.lane import (
    ANNA,
    BELGOROD,
    BIG_GROUP,
    GROUP,
    KALUGA,
    Lane,
    ScriptedDoor,
    opened,
)
from tests.integration.stored import column

BLOCKED = Unreachable(cause=Cause.BLOCKED)
NO_RIGHTS = Unreachable(cause=Cause.NO_RIGHTS)
AN_HOUR = timedelta(hours=1)


async def held(lane: Lane, chat: ChatId = ANNA) -> Chat:
    found = await lane.database.read(lambda tx: chats.get(tx, chat))
    assert found is not None
    return found


async def states(lane: Lane) -> dict[str, int]:
    return await lane.database.read(chats.tally)


async def suspend(lane: Lane, chat: ChatId = ANNA) -> None:
    """Told of danger, and shut us out when its end was told."""
    await lane.alarm()
    await lane.drain()
    await lane.passes(minutes=5)
    lane.door.answers[chat].append(BLOCKED)
    await lane.all_clear()
    await lane.drain()
    assert (await held(lane, chat)).state is ChatState.SUSPENDED


async def waits(lane: Lane, **time: float) -> None:
    """In steps of an hour, or longer ones."""
    end = lane.clock.at + timedelta(**time)
    step = max(AN_HOUR, timedelta(**time) / 24)
    while lane.clock.at < end:
        lane.clock.at = min(end, lane.clock.at + step)
        await lane.drain()


async def again(lane: Lane) -> None:
    """Until those held have been tried once more, at the lane's pace."""
    lane.clock.at += timedelta(seconds=AGAIN)
    await lane.passes(seconds=10)


async def shut(lane: Lane, *people: ChatId) -> None:
    """Suspended now, by their own people."""

    async def write(tx: Tx) -> None:
        for chat in people:
            await chats.suspend(tx, TelegramId(chat), Cause.BLOCKED, lane.clock.now())

    await lane.database.write(write)


# --- probes


async def test_who_stays_shut_is_knocked_at_three_times(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await suspend(lane)
        lane.door.knocks[ANNA] = BLOCKED
        asked = len(lane.asked(ANNA))
        knocked = []
        for days in (0.9, 0.2, 5.7, 0.3, 22.7, 0.3, 400):
            await waits(lane, days=days)
            knocked.append(len(lane.door.knocked))
        assert knocked == [0, 1, 1, 2, 2, 3, 3]
        assert len(lane.asked(ANNA)) == asked, "a probe is never a message"
        anna = await held(lane)
        assert (anna.state, anna.probes, anna.why) == (ChatState.SUSPENDED, 3, "blocked")


async def test_a_knock_that_is_answered_revives_and_what_is_owed_is_told(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await suspend(lane)
        await waits(lane, days=1.1)
        anna = await held(lane)
        assert (anna.state, anna.suspended_at, anna.probes) == (ChatState.ACTIVE, None, 0)
        assert lane.door.knocked == [ANNA]
        await lane.passes(minutes=1)
        assert any(line.startswith("✅") for line in lane.shows(ANNA).values())
        assert await lane.is_settled()


async def test_in_danger_the_probe_is_the_card(tmp_path: Path) -> None:
    """It speaks of the danger and is no knock; once taken, the chat has stood its trial."""
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await suspend(lane)
        await waits(lane, hours=23)
        await lane.alarm()
        await waits(lane, hours=2)
        await lane.passes(minutes=1)
        assert lane.door.knocked == []
        assert any(line.startswith("🟠") for line in lane.shows(ANNA).values())
        anna = await held(lane)
        assert (anna.state, anna.suspended_at, anna.probes) == (ChatState.ACTIVE, None, 0)


async def test_danger_begun_elsewhere_meanwhile_is_shown_silently(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA, BELGOROD)
        lane.door.answers[ANNA].append(BLOCKED)
        await lane.alarm(KALUGA)
        await lane.drain()
        await lane.all_clear(KALUGA)
        await waits(lane, hours=23)
        await lane.alarm(BELGOROD)
        await waits(lane, hours=2)
        await lane.passes(minutes=1)
        assert lane.door.knocked == []
        assert "silent" in lane.heard(ANNA) and "sound" not in lane.heard(ANNA)


async def test_a_trial_that_fails_goes_on_where_it_was(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await suspend(lane)
        since = (await held(lane)).suspended_at
        await waits(lane, hours=23)
        await lane.alarm()
        lane.door.answers[ANNA] += [BLOCKED] * 9
        await waits(lane, hours=3)
        asked = len(lane.asked(ANNA))
        anna = await held(lane)
        assert (anna.state, anna.suspended_at, anna.probes) == (ChatState.SUSPENDED, since, 1)
        await waits(lane, days=5.5)
        assert len(lane.asked(ANNA)) == asked
        await waits(lane, days=1)
        assert len(lane.asked(ANNA)) == asked + 1


async def test_a_trial_outlives_a_crash(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await suspend(lane)
        await lane.alarm()
        await lane.database.write(lambda tx: chats.probed(tx, ANNA, 1, trial=True))
        assert (await held(lane)).on_trial
        clock = lane.clock
    async with opened(tmp_path, clock) as lane:
        await lane.passes(minutes=1)
        assert lane.heard(ANNA)
        assert not (await held(lane)).on_trial


async def test_a_trial_that_has_no_answer_is_no_proof(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await suspend(lane)
        await waits(lane, hours=23)
        await lane.alarm()
        lane.door.answers[ANNA] += [Ambiguous(why="TimeoutError")] * 9
        await waits(lane, hours=2)
        await lane.passes(minutes=2)
        assert (await held(lane)).on_trial


@pytest.mark.parametrize(
    "answer",
    [
        Ambiguous(why="HTTP 502"),
        Refused(why="nobody there"),
        Later(seconds=30, why="429"),
        Dead(why="401"),
    ],
    ids=lambda answer: type(answer).__name__,
)
async def test_a_knock_without_an_answer_of_the_chat_counts_for_nothing(
    tmp_path: Path, answer: Outcome
) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await suspend(lane)
        lane.door.knocks[ANNA] = answer
        await waits(lane, hours=30)
        assert (await held(lane)).probes == 0
        assert 2 <= len(lane.door.knocked) <= 7, "again, but not at once"
        assert bool(lane.pages) is isinstance(answer, Dead)
        del lane.door.knocks[ANNA]
        await waits(lane, hours=2)
        assert (await held(lane)).state is ChatState.ACTIVE


async def test_a_knock_that_telegram_takes_in_no_form_counts(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await suspend(lane)
        lane.door.knocks[ANNA] = Rejected(why="400 wrong parameter")
        await waits(lane, hours=30)
        anna = await held(lane)
        assert (anna.state, anna.probes, anna.why) == (ChatState.SUSPENDED, 1, "blocked")


async def test_a_group_that_has_moved_is_knocked_at_in_its_new_place(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(GROUP, KALUGA, kind=ChatKind.GROUP)
        await suspend(lane, GROUP)
        lane.door.knocks[GROUP] = Migrated(to=TelegramId(BIG_GROUP))
        await waits(lane, hours=30)
        assert lane.door.knocked == [GROUP, BIG_GROUP]
        assert (await held(lane, BIG_GROUP)).state is ChatState.ACTIVE


async def test_who_speaks_to_us_is_on_trial_no_more(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await suspend(lane)
        await lane.database.write(lambda tx: chats.probed(tx, ANNA, 1, trial=True))
        await lane.database.write(lambda tx: chats.revive(tx, TelegramId(ANNA)))
        anna = await held(lane)
        assert (anna.state, anna.suspended_at, anna.probes) == (ChatState.ACTIVE, None, 0)


async def test_a_stopped_chat_is_never_probed(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await suspend(lane)
        await lane.database.write(lambda tx: chats.set_state(tx, ANNA, ChatState.STOPPED))
        await waits(lane, days=40)
        assert lane.door.knocked == []


async def test_no_probe_while_the_operators_have_paused_everything(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await suspend(lane)
        now = lane.clock.now()
        await lane.database.write(lambda tx: audit.switch(tx, audit.Switch.PAUSED, "1", now))
        await waits(lane, days=2)
        assert lane.door.knocked == []


async def test_an_alert_does_not_wait_for_a_knock_nor_many_knocks(tmp_path: Path) -> None:
    """A hundred are due and the one under way hangs: whoever is in danger hears at once."""
    async with opened(tmp_path) as lane:
        crowd = [ChatId(3000 + n) for n in range(100)]
        for chat in crowd:
            await lane.enrol(chat, BELGOROD)
        await shut(lane, *crowd)
        await lane.enrol(ANNA, KALUGA)
        lane.clock.at += timedelta(days=1)
        hangs, hung = asyncio.Event(), asyncio.Event()

        class Hanging(ScriptedDoor):
            async def knock(self, chat: int, *, thread: int | None = None) -> Outcome:
                self.knocked.append(ChatId(chat))
                hung.set()
                await hangs.wait()
                return BLOCKED

        door: Door = Hanging(calls=lane.door.calls, knocked=lane.door.knocked)
        lane.outbox._sender = lane.outbox._prober._sender = door
        async with lane.running():
            await asyncio.wait_for(hung.wait(), 5)
            await lane.alarm()
            lane.outbox.wake()
            async with asyncio.timeout(5):
                while lane.heard(ANNA) != ["sound"]:
                    await lane.database.read(chats.tally)
            assert len(lane.door.knocked) == 1


# --- the breaker


async def crowd_of(lane: Lane, number: int, failing: int) -> list[ChatId]:
    """The first so many of them will fail alike at their next message."""
    people = [ChatId(3000 + n) for n in range(number)]
    for n, chat in enumerate(people):
        await lane.enrol(chat, KALUGA)
        if n < failing:
            lane.door.answers[chat].append(NO_RIGHTS)
    return people


async def test_many_alike_are_telegrams_fault(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        people = await crowd_of(lane, 60, 60)
        for chat in people:
            lane.door.answers[chat].append(NO_RIGHTS)
        await lane.alarm()
        await lane.passes(minutes=1)
        assert await states(lane) == {"active": 60}
        assert len(lane.pages) == 1 and "no_rights" in lane.pages[0]
        await again(lane)
        await again(lane)
        assert all(lane.heard(chat) == ["sound"] for chat in people)
        assert await states(lane) == {"active": 60}
        assert len(lane.pages) == 1
        assert await lane.is_settled()


async def test_an_alert_while_it_lasts_is_tried_and_owed(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        people = await crowd_of(lane, 30, 30)
        await lane.alarm()
        await lane.passes(minutes=1)
        for chat in people:
            lane.door.answers[chat].append(NO_RIGHTS)
        await lane.all_clear()
        await lane.passes(minutes=1)
        assert await states(lane) == {"active": 30}
        await again(lane)
        assert await lane.is_settled()
        assert len(lane.pages) == 1


async def test_who_was_suspended_too_early_hears_what_came_meanwhile(tmp_path: Path) -> None:
    """Danger that was given out while they were suspended is theirs too."""
    async with opened(tmp_path) as lane:
        early = [ChatId(3000 + n) for n in range(4)]
        for chat in early:
            await lane.enrol(chat, KALUGA, BELGOROD)
            lane.door.answers[chat].append(NO_RIGHTS)
        await lane.alarm(KALUGA)
        await lane.drain()
        assert await states(lane) == {"suspended": 4}
        await lane.alarm(BELGOROD)
        await lane.drain()
        await lane.enrol(ANNA, KALUGA)
        lane.door.answers[ANNA].append(NO_RIGHTS)
        await lane.alarm(KALUGA)
        await again(lane)
        assert await states(lane) == {"active": 5}
        for chat in early:
            assert len(lane.heard(chat)) == 2
            assert len(await lane.cards(chat)) == 2


async def test_whom_people_shut_out_is_not_given_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await crowd_of(lane, 10, 10)
        await lane.enrol(ANNA, KALUGA)
        now = lane.clock.now()
        await lane.database.write(
            lambda tx: chats.suspend(tx, TelegramId(ANNA), Cause.NO_RIGHTS, now)
        )
        await lane.alarm()
        await lane.drain()
        assert await states(lane) == {"active": 10, "suspended": 1}


async def test_a_few_among_many_are_their_own_fault(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await crowd_of(lane, 300, 6)
        await lane.alarm()
        await lane.passes(minutes=1)
        assert await states(lane) == {"active": 294, "suspended": 6}
        assert lane.pages == []


async def test_a_knock_that_fails_says_nothing_of_telegram(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        people = await crowd_of(lane, 300, 0)
        await shut(lane, *people[:40])
        for chat in people[:40]:
            lane.door.knocks[chat] = BLOCKED
        lane.clock.at += timedelta(days=1)
        await lane.passes(minutes=1)
        assert len(lane.door.knocked) == 40
        assert await states(lane) == {"active": 260, "suspended": 40}
        assert lane.pages == []


async def test_trials_that_fail_say_nothing_of_telegram(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        people = [ChatId(3000 + n) for n in range(10)]
        for chat in people:
            await lane.enrol(chat, KALUGA)
            lane.door.answers[chat].extend([BLOCKED] * 9)
        await shut(lane, *people)
        lane.clock.at += timedelta(days=1)
        await lane.alarm()
        await lane.passes(minutes=1)
        assert all(lane.asked(chat) == ["silent"] for chat in people)
        assert lane.door.knocked == [] and lane.pages == []
        assert await states(lane) == {"suspended": 10}


async def test_after_a_day_those_that_fail_still_are_suspended(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        people = await crowd_of(lane, 6, 6)
        for chat in people:
            lane.door.answers[chat].extend([NO_RIGHTS] * 1000)
        await lane.alarm()
        await lane.drain()
        end = lane.clock.at + timedelta(seconds=LONGEST)
        while lane.clock.at < end:
            lane.clock.at += timedelta(seconds=AGAIN)
            await lane.drain()
            await lane.passes(seconds=2)
            if lane.clock.at < end:
                assert await states(lane) == {"active": 6}
        assert await states(lane) == {"suspended": 6}
        assert len(lane.pages) == 1


async def test_it_trips_again_after_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        people = await crowd_of(lane, 4, 4)
        await lane.alarm()
        await lane.drain()
        assert await states(lane) == {"suspended": 4}
        clock = lane.clock
    async with opened(tmp_path, clock) as lane:
        more = [ChatId(4000 + n) for n in range(5)]
        for chat in more:
            await lane.enrol(chat, BELGOROD)
            lane.door.answers[chat].append(NO_RIGHTS)
        await lane.alarm(BELGOROD)
        await lane.passes(seconds=5)
        await again(lane)
        assert await states(lane) == {"active": 9}
        assert all(lane.heard(chat) for chat in (*people, *more))


# --- the file


async def test_a_file_from_before_has_its_suspended_chats_probed(tmp_path: Path) -> None:
    path = tmp_path / "nabat.db"
    script = (resources.files("storage") / "migrations" / "0001_initial.sql").read_text("utf-8")
    with sqlite3.connect(path) as raw:
        raw.executescript(script + "PRAGMA user_version = 1;")
        for id, state in ((1, "active"), (2, "suspended"), (3, "stopped")):
            raw.execute(
                """INSERT INTO chats (id, kind, lang, rank, state, wishes, joined_at)
                   VALUES (?, 'private', 'ru', 1, ?, '{}', 0)""",
                (id, state),
            )
    raw.close()
    async with await Database.open(path) as database:
        found = await column(
            database, "SELECT id FROM chats WHERE suspended_at > 0 AND probes = 0"
        )
        assert found == [2]
        assert await column(database, "SELECT count(*) FROM chats WHERE probes = 0") == [3]
