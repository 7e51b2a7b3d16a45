"""What a chat is told, whatever becomes of the requests and of the program: a table of cases."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from aiogram import Bot

from bot import texts
from bot.app.bots import Speaker
from bot.dispatch import dispatch
from bot.handlers import writes
from bot.handlers.caller import Caller
from bot.neighbours import nobody
from bot.outbox.work import DeadBotError
from bot.outcome import Accepted, Ambiguous, Cause, Gone, Later, Migrated, Refused, Unreachable
from bot.pace import Pace
from bot.pager import Pager
from bot.screens.choosing import Following
from bot.sender import Sender
from bot.session import Session
from storage import attempts, audit, cards, chats
from storage.attempts import Lever as Kept
from storage.database import Database, Tx
from storage.model import (
    EVERYTHING,
    AreaCode,
    ChatId,
    ChatKind,
    ChatState,
    Hazard,
    Level,
    Loudness,
    TelegramId,
    Urgency,
    Wishes,
)
from tests.integration.lane import (
    ANNA,
    BELGOROD,
    BIG_GROUP,
    BORIS,
    BOROVSKY,
    GROUP,
    KALUGA,
    START,
    ZHUKOVSKY,
    HeldClock,
    Lane,
    all_areas,
    opened,
)

NO_ANSWER = Ambiguous(why="TimeoutError")


async def caller(lane: Lane, chat: ChatId) -> Caller:
    known = await lane.database.read(lambda tx: chats.get(tx, chat))
    return Caller(id=chat, kind=ChatKind.PRIVATE, known=known, thread=None, language="ru")


async def follows(lane: Lane, chat: ChatId, area: AreaCode) -> Following:
    who = await caller(lane, chat)
    now = lane.clock.now()
    return await lane.database.write(
        lambda tx: writes.follow(tx, who, area, all_areas(), now, nobody)
    )


async def unfollows(lane: Lane, chat: ChatId, area: AreaCode) -> None:
    who = await caller(lane, chat)
    now = lane.clock.now()
    await lane.database.write(lambda tx: writes.unfollow(tx, who, area, now, nobody))


# --- the course of things


async def test_an_episode_is_a_sound_a_clear_and_an_ended_card(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await lane.alarm()
        await lane.drain()
        await lane.passes(minutes=30)
        await lane.all_clear()
        await lane.passes(minutes=1)
        assert lane.heard(ANNA) == ["sound", "sound", "edit"]
        assert all(line.startswith("✅") for line in lane.shows(ANNA).values())
        await lane.alarm()
        await lane.drain()
        first, second = await lane.cards(ANNA)
        assert (first.open, second.open) == (False, True)
        assert first.message_id != second.message_id
        assert lane.heard(ANNA)[3:] == ["sound"]
        assert await lane.is_settled()


async def test_what_the_gate_refused_does_not_keep_the_chat_waiting(tmp_path: Path) -> None:
    """Danger came between the decision and its commit: it is told at once, no request has left."""
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await lane.alarm()
        now = lane.clock.now()
        await dispatch(lane.database, all_areas(), now)
        judge = lane.outbox._judge
        behind = await lane.database.read(lambda tx: judge.behind(tx, now, 10, ()))
        assert behind is not None
        work = await judge.judge_all(behind)
        await lane.publish(KALUGA, lane.danger(KALUGA, level=Level.IMMINENT))
        await lane.outbox._begin(work)
        assert lane.door.calls == []
        await lane.drain()
        assert lane.heard(ANNA) == ["sound"]


async def test_who_may_have_heard_the_danger_hears_its_end(tmp_path: Path) -> None:
    """The answer was lost, and the danger was over before it was asked for again."""
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        lane.door.answers[ANNA].append(NO_ANSWER)
        await lane.alarm()
        await lane.drain()
        await lane.all_clear()
        await lane.passes(seconds=10)
        assert len(lane.shows(ANNA)) == 1
        assert next(iter(lane.shows(ANNA).values())).startswith("✅")
        (card,) = await lane.cards(ANNA)
        assert not card.open


async def test_who_was_never_reached_hears_once_that_it_was(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        lane.door.answers[ANNA].append(Later(seconds=60, why="429"))
        await lane.alarm()
        await lane.drain()
        await lane.all_clear()
        await lane.passes(seconds=70)
        assert lane.heard(ANNA) == ["silent"]
        (card,) = await lane.cards(ANNA)
        assert not card.open and not card.alarmed
        assert "БЫЛА" in next(iter(lane.shows(ANNA).values()))


# --- wishes that change while something is under way


async def test_a_place_followed_while_the_card_is_under_way_is_shown(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA)
        await lane.publish(KALUGA, lane.danger(BOROVSKY, ZHUKOVSKY))
        assert await follows(lane, ANNA, BOROVSKY) is Following.IN_DANGER
        lane.door.meanwhile.append(partial(follows, lane, ANNA, ZHUKOVSKY))
        await lane.drain()
        assert lane.heard(ANNA) == ["silent"]
        await lane.passes(seconds=11)
        assert lane.heard(ANNA) == ["silent", "edit"]
        assert "Жуков" in lane.door.calls[-1].text
        await lane.passes(minutes=1)
        assert lane.heard(ANNA) == ["silent", "edit"]


async def test_a_place_followed_again_is_shown_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA)
        await lane.publish(KALUGA, lane.danger(BOROVSKY))
        await follows(lane, ANNA, BOROVSKY)
        await lane.drain()
        await unfollows(lane, ANNA, BOROVSKY)
        await lane.passes(seconds=5)
        await follows(lane, ANNA, BOROVSKY)
        await lane.passes(seconds=5)
        assert lane.heard(ANNA) == ["silent", "silent"]
        await lane.all_clear(KALUGA, BOROVSKY)
        await lane.passes(minutes=1)
        assert list(lane.shows(ANNA).values())[-1].startswith("✅")


async def test_who_unfollows_everything_is_shown_no_all_clear(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, BOROVSKY)
        await lane.publish(KALUGA, lane.danger(BOROVSKY))
        await lane.drain()
        await lane.passes(minutes=3)
        await lane.publish(KALUGA, lane.danger(BOROVSKY, ZHUKOVSKY), lane.danger(BOROVSKY))
        lane.door.meanwhile.append(partial(unfollows, lane, ANNA, BOROVSKY))
        await lane.passes(minutes=1)
        assert not any(line.startswith("✅") for line in lane.shows(ANNA).values())


# --- who stopped, or could not be written to


@pytest.mark.parametrize("state", [ChatState.STOPPED, ChatState.SUSPENDED])
async def test_who_comes_back_in_danger_is_shown_it(tmp_path: Path, state: ChatState) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await lane.database.write(lambda tx: chats.set_state(tx, ANNA, state))
        await lane.alarm()
        await lane.drain()
        assert lane.asked(ANNA) == []
        who, now = await caller(lane, ANNA), lane.clock.now()
        await lane.database.write(lambda tx: writes.start(tx, who, all_areas(), now, nobody))
        await lane.drain()
        assert lane.heard(ANNA) == ["silent"]


async def test_who_comes_back_after_the_end_hears_it_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await lane.alarm()
        await lane.drain()
        await lane.database.write(lambda tx: chats.set_state(tx, ANNA, ChatState.STOPPED))
        await lane.passes(minutes=10)
        await lane.all_clear()
        await lane.drain()
        assert lane.heard(ANNA) == ["sound"]
        await lane.database.write(lambda tx: chats.set_state(tx, ANNA, ChatState.ACTIVE))
        await lane.passes(minutes=1)
        assert lane.heard(ANNA) == ["sound", "sound", "edit"]
        assert await lane.is_settled()


async def test_stop_outlasts_a_refused_request(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(GROUP, KALUGA, kind=ChatKind.SUPERGROUP)
        lane.door.answers[GROUP].append(Unreachable(cause=Cause.NO_RIGHTS))

        async def stop() -> None:
            await lane.database.write(
                lambda tx: chats.set_state(tx, GROUP, ChatState.STOPPED, "by command")
            )

        lane.door.meanwhile.append(stop)
        await lane.alarm()
        await lane.drain()
        chat = await lane.database.read(lambda tx: chats.get(tx, GROUP))
        assert chat is not None and chat.state is ChatState.STOPPED


async def test_a_suspended_chat_with_an_edit_due_keeps_nobody_awake(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await lane.alarm()
        await lane.drain()
        await lane.passes(minutes=30)
        await lane.all_clear()
        await lane.drain()
        await lane.database.write(lambda tx: chats.set_state(tx, ANNA, ChatState.SUSPENDED))
        assert await lane.database.read(cards.next_due) is None


# --- pace


async def test_a_flood_over_more_than_a_batch_is_waited_for(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        people = [ChatId(1000 + n) for n in range(240)]
        for chat in people:
            await lane.enrol(chat, KALUGA)
            lane.door.answers[chat].append(Later(seconds=30, why="429"))
        await lane.alarm()
        await lane.drain()
        asked = len(lane.door.calls)
        lane.decided.clear()
        async with lane.running():
            for _ in range(400):
                await lane.database.read(cards.backlog)
        assert len(lane.decided) <= 3 * len(people)
        assert len(lane.door.calls) == asked


async def test_a_sound_does_not_wait_for_another_regions_edits(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        crowds = [ChatId(-3000 - n) for n in range(230)]
        for chat in crowds:
            await lane.enrol(chat, KALUGA, kind=ChatKind.SUPERGROUP)
        await lane.enrol(BORIS, BELGOROD)
        danger = lane.danger(KALUGA)
        await lane.publish(KALUGA, danger)
        await lane.passes(seconds=60)
        assert all(lane.heard(chat) == ["sound"] for chat in crowds)
        lane.door.calls.clear()
        await lane.publish(KALUGA, danger, lane.danger(BOROVSKY), urgency=Urgency.INFO)
        await lane.alarm(BELGOROD)
        await lane.drain()
        assert lane.heard(BORIS) == ["sound"]


# --- outages


async def test_an_outage_in_which_nothing_is_answered_loses_no_alarm(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        people = [ChatId(1000 + n) for n in range(5)]
        for chat in people:
            await lane.enrol(chat, KALUGA)
            lane.door.answers[chat].extend([Ambiguous(why="HTTP 502")] * 3)
        await lane.alarm()
        await lane.passes(minutes=3)
        assert all("sound" in lane.heard(chat) for chat in people)


async def test_one_breath_of_refusals_is_one_short_pause(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        people = [ChatId(1000 + n) for n in range(20)]
        for chat in people:
            await lane.enrol(chat, KALUGA)
            lane.door.answers[chat].append(Refused(why="ClientConnectorError"))
        await lane.alarm()
        await lane.drain()
        await lane.passes(seconds=3)
        assert all(lane.heard(chat) == ["sound"] for chat in people)


async def test_a_code_that_the_tree_lost_harms_nobody(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, AreaCode("RU-KLU/nowhere"))
        await lane.enrol(BORIS, KALUGA)
        await lane.alarm()
        await lane.drain()
        assert lane.heard(BORIS) == ["sound"]
        assert lane.heard(ANNA) == ["sound"]


async def test_a_settling_that_fails_ends_the_program(tmp_path: Path) -> None:
    """A supervisor starts it again; a lane that stops alone would be silent for ever."""
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await lane.alarm()

        async def broken() -> None:
            await lane.database.write(lambda tx: tx.all("DROP TABLE attempts"))

        lane.door.meanwhile.append(broken)
        with pytest.raises(Exception) as problem:
            await asyncio.wait_for(lane.outbox.run(), 5)
        assert not isinstance(problem.value, DeadBotError | TimeoutError)


# --- groups


async def test_a_groups_former_card_is_ended_after_a_crash(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(GROUP, KALUGA, kind=ChatKind.SUPERGROUP)
        await lane.alarm()
        await lane.drain()
        await lane.passes(minutes=5)
        lane.door.answers[GROUP] += [Accepted(message_id=2000), Refused(why="killed")]
        await lane.all_clear()
        await lane.drain()
        clock = lane.clock
    async with opened(tmp_path, clock) as lane:
        async with lane.running():
            for _ in range(200):
                await lane.database.read(cards.backlog)
        assert lane.heard(GROUP) == ["edit"]
        assert lane.door.calls[0].message == 1000
    async with opened(tmp_path, clock) as lane:
        async with lane.running():
            for _ in range(200):
                await lane.database.read(cards.backlog)
        assert lane.heard(GROUP) == []


async def test_a_group_that_migrates_goes_on_in_its_new_chat(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(GROUP, KALUGA, kind=ChatKind.GROUP)
        await lane.alarm()
        await lane.drain()
        await lane.passes(minutes=5)
        lane.door.answers[GROUP].append(Migrated(to=TelegramId(BIG_GROUP)))
        await lane.all_clear()
        await lane.passes(minutes=2)
        assert lane.heard(BIG_GROUP) == ["sound"]
        assert await lane.is_settled()


# --- cards that are lost, closed, or in doubt


async def test_a_lost_card_is_sent_anew_without_a_sound(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        danger = lane.danger(KALUGA)
        await lane.publish(KALUGA, danger)
        await lane.drain()
        await lane.passes(minutes=5)
        lane.door.answers[ANNA].append(Gone())
        await lane.publish(KALUGA, danger, lane.danger(BOROVSKY, hazard=Hazard.UTILITY))
        await lane.passes(minutes=1)
        assert lane.heard(ANNA)[-1] in ("silent", "sound")
        assert len(lane.shows(ANNA)) == 2


async def test_the_last_edit_of_a_closed_card_is_made_after_a_crash(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await lane.alarm()
        await lane.drain()
        await lane.passes(minutes=5)
        await lane.all_clear()
        lane.door.answers[ANNA] += [Accepted(message_id=2000), *[Refused(why="killed")] * 99]
        await lane.drain()
        clock = lane.clock
    async with opened(tmp_path, clock) as lane:
        (card,) = await lane.cards(ANNA)
        assert not card.open
        await lane.passes(minutes=1)
        assert lane.heard(ANNA) == ["edit"]
        assert lane.shows(ANNA)[1000].startswith("✅")
        assert await lane.is_settled()


async def test_a_request_in_flight_at_a_crash_is_made_again_and_its_end_is_told(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await lane.alarm()
        await dispatch(lane.database, all_areas(), lane.clock.now())
        (card,) = await lane.cards(ANNA)
        await lane.database.write(
            lambda tx: attempts.begin(
                tx, card, 1, Kept.SOUND, danger=True, alarms=True, at=lane.clock.now()
            )
        )
        await lane.all_clear()
        clock = lane.clock
    async with opened(tmp_path, clock) as lane:
        async with lane.running():
            for _ in range(200):
                await lane.database.read(cards.backlog)
        assert lane.heard(ANNA) == ["silent"]
        assert next(iter(lane.shows(ANNA).values())).startswith("✅ ОТБОЙ")


async def test_a_doubtful_card_without_a_number_is_sent_anew(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        lane.door.answers[ANNA] += [NO_ANSWER, NO_ANSWER]
        await lane.alarm()
        await lane.passes(minutes=4)
        assert lane.asked(ANNA) == ["sound", "sound"]
        await lane.all_clear()
        await lane.passes(minutes=1)
        assert lane.asked(ANNA)[2:] == ["sound"]
        assert await lane.is_settled()


async def test_a_pause_holds_everything_and_only_the_result_is_told(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await lane.enrol(BORIS, KALUGA)
        await lane.alarm()
        await lane.drain()
        now = lane.clock.now()
        await lane.database.write(lambda tx: audit.switch(tx, audit.Switch.PAUSED, "1", now))
        await lane.passes(minutes=10)
        await lane.all_clear()
        await lane.passes(minutes=5)
        await lane.alarm()
        await lane.passes(minutes=5)
        assert lane.heard(ANNA) == ["sound"]
        await lane.database.write(lambda tx: audit.switch(tx, audit.Switch.PAUSED, "0", now))
        await lane.passes(minutes=1)
        assert lane.heard(ANNA) == lane.heard(BORIS)
        assert lane.heard(ANNA)[1:2] == ["sound"]


async def test_two_regions_are_two_cards(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA, BELGOROD)
        await lane.alarm(KALUGA)
        await lane.alarm(BELGOROD)
        await lane.passes(seconds=5)
        assert lane.heard(ANNA) == ["sound", "sound"]
        await lane.passes(minutes=5)
        await lane.all_clear(KALUGA)
        await lane.passes(minutes=1)
        lines = list(lane.shows(ANNA).values())
        assert sum(line.startswith("✅") for line in lines) == 2
        assert sum("Белгород" in line and line.startswith("🟠") for line in lines) == 1, lines


async def test_an_alert_that_comes_while_the_end_is_told_is_heard(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        await lane.alarm()
        await lane.drain()
        await lane.passes(minutes=5)
        await lane.all_clear()
        lane.door.meanwhile.append(lane.alarm)
        await lane.passes(minutes=1)
        assert lane.heard(ANNA)[:3] == ["sound", "sound", "sound"]
        assert any(line.startswith("🟠") for line in lane.shows(ANNA).values())


async def test_danger_elsewhere_while_the_end_is_told_leaves_the_end_told(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, ZHUKOVSKY)
        await lane.alarm()
        await lane.drain()
        await lane.passes(minutes=5)
        clear = await lane.all_clear()

        async def elsewhere() -> None:
            danger = lane.danger(BOROVSKY)
            await lane.publish(KALUGA, danger, clears=(clear,), touched=(BOROVSKY,))

        lane.door.meanwhile.append(elsewhere)
        await lane.passes(minutes=1)
        assert lane.heard(ANNA) == ["sound", "sound", "edit"]
        assert all(line.startswith("✅") for line in lane.shows(ANNA).values()), lane.shows(ANNA)
        assert [card.open for card in await lane.cards(ANNA)] == [False]


async def test_paused_chats_do_not_stand_before_the_others(tmp_path: Path) -> None:
    """More of them than one batch, all of better rank."""
    async with opened(tmp_path) as lane:
        crowds = [ChatId(-3000 - n) for n in range(410)]
        for n, chat in enumerate(crowds):
            await lane.enrol(chat, KALUGA, kind=ChatKind.SUPERGROUP)
            lane.pace.slow_down(
                10.0 * n, 86_400, TelegramId(chat)
            )  # never a flood of the whole token
        lane.clock.at += timedelta(hours=2)
        await lane.enrol(BORIS, KALUGA)
        await lane.alarm()
        async with lane.running():
            for _ in range(3_000):
                await lane.database.read(cards.backlog)
                if lane.heard(BORIS):
                    break
        assert lane.heard(BORIS) == ["sound"]


async def test_danger_after_stale_danger_is_a_new_card(tmp_path: Path) -> None:
    """Also for a lane whose clock stands: nothing waits for it."""
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, KALUGA)
        danger = lane.danger(KALUGA)
        await lane.publish(KALUGA, danger)
        await lane.drain()
        lane.clock.at += timedelta(hours=15)
        stale = replace(danger.alarms[0], stale_at=lane.clock.at)
        await lane.publish(KALUGA, replace(danger, alarms=(stale,)), urgency=Urgency.INFO)
        await lane.passes(minutes=1)
        await lane.alarm()
        await asyncio.wait_for(lane.drain(), 5)
        assert lane.heard(ANNA) == ["sound", "edit", "sound"]
        await lane.passes(minutes=1)
        assert lane.heard(ANNA)[3:] == ["edit"]
        assert await lane.is_settled()


# --- the operators' pages


async def test_a_page_outlives_a_long_outage(tmp_path: Path) -> None:
    """Twenty tries are for an admin who blocked the bot, not for a dead network."""
    async with await Database.open(tmp_path / "nabat.db") as database:
        clock = HeldClock()
        bot = Bot("123456789:" + "x" * 35, session=Session("http://127.0.0.1:9"))  # nobody there
        pager = Pager(
            database=database,
            voices=(Speaker(bot=bot, pace=Pace(), sender=Sender(bot), share=EVERYTHING),),
            usernames={},
            admins=(ANNA,),
            page_url=None,
            areas=all_areas(),
            texts=texts.load(),
            clock=clock,
            monotonic=clock.monotonic,
        )
        await pager.page("key", "look")
        lane = asyncio.create_task(pager.run())
        for _ in range(60):
            clock.at += timedelta(seconds=5)
            pager.wake()
            for _ in range(20):
                await database.read(cards.backlog)
        lane.cancel()
        await asyncio.wait([lane])
        await bot.session.close()
        owed = await database.read(lambda tx: audit.owed(tx, most_tries=20))
        assert [notice.tries for notice in owed] == [0]


async def test_what_was_unfollowed_meanwhile_keeps_nobody_busy(tmp_path: Path) -> None:
    """A sound beside the card is under way; danger changes and the chat stops following: its card
    shows what it was told, and that is all."""
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, BOROVSKY)
        await lane.publish(KALUGA, lane.danger(BOROVSKY), touched=(BOROVSKY,))
        await lane.drain()
        await lane.passes(minutes=15)
        imminent = lane.danger(BOROVSKY, level=Level.IMMINENT)

        async def meanwhile() -> None:
            missile = lane.danger(BOROVSKY, hazard=Hazard.MISSILE)
            await lane.publish(KALUGA, imminent, missile, touched=(BOROVSKY,))

            async def unfollow(tx: Tx) -> None:
                await chats.unfollow(tx, ANNA, BOROVSKY)
                await cards.close(tx, ANNA, KALUGA)

            await lane.database.write(unfollow)

        lane.door.meanwhile.append(meanwhile)
        await lane.publish(KALUGA, imminent, touched=(BOROVSKY,))
        async with asyncio.timeout(10):
            await lane.passes(minutes=1)
        assert lane.heard(ANNA) == ["sound", "sound", "edit"]


async def test_an_edit_behind_a_crowd_that_must_wait_keeps_nobody_busy(tmp_path: Path) -> None:
    async with opened(tmp_path) as lane:
        await lane.enrol(ANNA, BELGOROD)
        await lane.alarm(BELGOROD)
        await lane.drain()
        await lane.passes(minutes=15)
        for number in range(1_000, 1_300):
            await lane.enrol(ChatId(number), BOROVSKY)
            lane.door.answers[number].append(Later(seconds=30, why="429"))
        await lane.publish(KALUGA, lane.danger(BOROVSKY), touched=(BOROVSKY,))
        await lane.database.write(lambda tx: cards.redraw(tx, ANNA, BELGOROD, START))
        async with asyncio.timeout(20):
            await lane.drain()
        decided = len(lane.decided)
        async with asyncio.timeout(20):
            await lane.drain()
        assert len(lane.decided) - decided < 300


async def test_silent_messages_do_not_hide_a_sound(tmp_path: Path) -> None:
    """Those who reach more people but want no sound stand behind who is waked by it."""
    async with opened(tmp_path) as lane:
        quiet = Wishes(loudness=Loudness.SILENT)
        for number in range(1, 201):
            await lane.enrol(ChatId(-number), KALUGA, kind=ChatKind.SUPERGROUP, wishes=quiet)
        await lane.enrol(ANNA, KALUGA)
        await lane.alarm()
        await lane.drain()
        assert [call.lever for call in lane.door.calls[:5]].count("sound") == 1
