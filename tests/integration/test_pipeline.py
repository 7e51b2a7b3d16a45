"""A post's way into the facts: one write, nothing lost, nothing cleared that was not named."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

import pytest
import pytest_asyncio

from ingest.by_hand import ByHand
from ingest.classify import Classifier
from ingest.correlate import step
from ingest.correlate.step import Reading, Step
from ingest.correlate.table import Transition
from ingest.levels import load_levels
from ingest.pipeline import Pipeline, Taken
from storage import channels, incidents, mutes, posts, reviews, situations
from storage.areas.tree import Areas, load
from storage.database import Database, Tx
from storage.model import AreaCode, Assessment, Hazard, Kind, Post, Situation
from storage.posts import State
from tests.integration.stored import (
    BOROVSKY,
    GOVERNOR,
    REGION,
    RESCUERS,
    START,
    ZHUKOVSKY,
    at,
    column,
    count,
    deleted,
    edited,
    post,
    with_channels,
)

DANGER = "Внимание! На территории Калужской области объявлена опасность атаки БПЛА."
CLEAR = "Отбой опасности атаки БПЛА на территории Калужской области."
IN_BOROVSKY = "Опасность атаки БПЛА в Боровском районе."
IN_BOTH = "Опасность атаки БПЛА в Боровском и Жуковском районах."
CLEAR_BOROVSKY = "Отбой опасности атаки БПЛА в Боровском районе."
UNSURE = "Отбой опасности атаки БПЛА в одном из районов области."
SHOT = "Силами ПВО над Боровским районом уничтожены 3 БПЛА. Пострадавших нет."


@cache
def areas() -> Areas:
    return load()


@cache
def classifier() -> Classifier:
    return Classifier(areas(), load_levels())


@dataclass(slots=True)
class Desk:
    """A pipeline over a real file; the clock is set by hand."""

    database: Database
    now: datetime = START
    woken: int = 0
    pages: list[str] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    poison: set[str] = field(default_factory=set)
    riddles: set[str] = field(default_factory=set)
    pipeline: Pipeline = field(init=False)
    by_hand: ByHand = field(init=False)

    def __post_init__(self) -> None:
        self.pipeline = Pipeline(
            database=self.database,
            classifier=self,
            areas=areas(),
            max_age=lambda _: timedelta(hours=14),
            now=lambda: self.now,
            wake=self._wake,
            page=self._page,
            on_taken=self.taken.append,
            correlate=self._correlate,
        )
        self.by_hand = ByHand(
            database=self.database, areas=areas(), now=lambda: self.now, wake=self._wake
        )

    def classify(self, post: Post, home: AreaCode | None) -> Assessment:
        if any(word in post.text for word in self.riddles):
            raise RecursionError("planted")
        return classifier().classify(post, home)

    def _wake(self) -> None:
        self.woken += 1

    async def _page(self, key: str, text: str) -> None:
        self.pages.append(key)

    def _correlate(
        self, situation: Situation, reading: Reading, tree: Areas, now: datetime
    ) -> Step:
        if any(word in reading.source.quote for word in self.poison):
            raise ZeroDivisionError("planted")
        return step.correlate(situation, reading, tree, now)

    async def take(self, *arrived: Post) -> list[Taken]:
        self.now = max([self.now, *(p.received_at for p in arrived)])
        return list(await self.pipeline.take(arrived))

    async def situation(self, region: AreaCode = REGION) -> Situation:
        found = await self.database.read(lambda tx: situations.current(tx, region))
        return found or Situation(region=region, at=START)

    async def places(self) -> list[AreaCode]:
        return [a.area for d, a in (await self.situation()).alarms() if d.hazard is Hazard.UAV]

    async def state(self, message: int) -> State:
        stored = await self.database.read(lambda tx: posts.latest(tx, GOVERNOR.id, message))
        assert stored is not None
        return stored.state


@pytest_asyncio.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    await database.write(with_channels)
    yield Desk(database)


def rows(taken: list[Taken]) -> list[Transition]:
    return [change.transition for each in taken for _, change in each.changes]


# --- the way of a post --------------------------------------------------------------------------


async def test_danger_and_all_clear(desk: Desk) -> None:
    assert rows(await desk.take(post(1, DANGER))) == [Transition.ONSET]
    assert await desk.places() == [REGION]
    assert desk.woken == 1
    assert rows(await desk.take(post(2, CLEAR, 60))) == [Transition.CLEAR_WHOLE]
    assert await desk.places() == []
    assert await column(desk.database, "SELECT version FROM alerts ORDER BY version") == [1, 2]
    found = await desk.database.read(lambda tx: incidents.of_region(tx, REGION, START))
    assert [(i.hazard, i.closed_at, i.ending) for i in found] == [(Hazard.UAV, at(60), "clear")]
    known = await desk.database.read(lambda tx: channels.get(tx, GOVERNOR.id))
    assert known is not None and known.cursor == 2


async def test_the_same_post_again_says_nothing(desk: Desk) -> None:
    await desk.take(post(1, DANGER))
    await desk.take(post(2, CLEAR, 60))
    assert await desk.take(post(1, DANGER, 0, received_at=at(61))) == []
    assert await desk.places() == []
    assert await count(desk.database, "situations") == 2


async def test_a_district_alone_ends_alone(desk: Desk) -> None:
    await desk.take(post(1, IN_BOTH))
    await desk.take(post(2, CLEAR_BOROVSKY, 30))
    assert await desk.places() == [ZHUKOVSKY]


async def test_a_post_of_no_danger_is_silent_with_a_reason(desk: Desk) -> None:
    (taken,) = await desk.take(post(1, "В Калуге открыли новый парк."))
    assert (taken.state, taken.published) == (State.SILENT, ())
    assert taken.reason


async def test_a_foreign_channel_post_is_not_known(desk: Desk) -> None:
    stranger = post(1, DANGER, 0, channel=999)
    assert await desk.take(stranger, post(1, DANGER)) != []
    assert await count(desk.database, "posts") == 1


async def test_a_late_batch_is_one_write_in_order(desk: Desk) -> None:
    """Whoever is told afterwards is told of the result."""
    batch = [post(1, DANGER, 0), post(2, SHOT, 20), post(3, CLEAR, 60), post(4, IN_BOROVSKY, 70)]
    taken = await desk.take(*batch)
    assert [t.post.message for t in taken] == [1, 2, 3, 4]
    assert await desk.places() == [BOROVSKY]
    assert desk.woken == 1
    assert (await desk.situation()).version == 4


async def test_a_batch_that_is_over_leaves_nothing_active(desk: Desk) -> None:
    desk.now = at(300)
    await desk.take(post(1, DANGER, 0), post(2, CLEAR, 60))
    situation = await desk.situation()
    assert not situation.active
    assert [c.areas for c in situation.clears] == [(REGION,)]
    found = await desk.database.read(lambda tx: incidents.of_region(tx, REGION, START))
    assert [(i.opened_at, i.closed_at) for i in found] == [(at(0), at(60))]


async def test_a_post_found_after_its_clear_raises_nothing(desk: Desk) -> None:
    await desk.take(post(5, CLEAR, 60))
    assert rows(await desk.take(post(4, DANGER, 30, received_at=at(61)))) == [Transition.OVERTAKEN]
    assert await desk.places() == []


# --- edits and deletions ------------------------------------------------------------------------


async def test_an_edit_adds_what_it_newly_says(desk: Desk) -> None:
    first = post(1, IN_BOROVSKY)
    await desk.take(first)
    assert rows(await desk.take(edited(first, IN_BOTH, 2))) == [Transition.ONSET]
    assert await desk.places() == [BOROVSKY, ZHUKOVSKY]


async def test_words_taken_away_end_nothing(desk: Desk) -> None:
    first = post(1, IN_BOTH)
    await desk.take(first)
    await desk.take(edited(first, "Доброе утро!", 2))
    assert await desk.places() == [BOROVSKY, ZHUKOVSKY]


async def test_an_old_post_edited_resurrects_and_clears_nothing(desk: Desk) -> None:
    first, clear = post(1, IN_BOROVSKY), post(2, CLEAR, 30)
    await desk.take(first, clear)
    await desk.take(edited(first, IN_BOROVSKY + " Будьте внимательны.", 40))
    assert await desk.places() == []
    await desk.take(post(3, DANGER, 50))
    await desk.take(edited(clear, CLEAR + " Спасибо.", 60))
    assert await desk.places() == [REGION]


async def test_a_deletion_marks_the_post_and_clears_nothing(desk: Desk) -> None:
    first = post(1, DANGER)
    await desk.take(first)
    assert rows(await desk.take(deleted(first, 5))) == [Transition.DELETED]
    assert await desk.places() == [REGION]
    ((_, alarm),) = (await desk.situation()).alarms()
    assert alarm.sources[0].deleted
    known = await desk.database.read(lambda tx: channels.get(tx, GOVERNOR.id))
    assert known is not None and known.cursor == 1
    assert await desk.take(deleted(first, 6)) == []


async def test_a_deletion_of_what_we_never_had_does_nothing(desk: Desk) -> None:
    (taken,) = await desk.take(deleted(post(9, DANGER), 5))
    assert (taken.state, taken.published) == (State.APPLIED, ())
    assert await desk.take(post(9, DANGER, 0, received_at=at(6))) == []
    assert await desk.places() == []


# --- what fails ---------------------------------------------------------------------------------


async def test_a_bug_in_one_post_loses_no_post(desk: Desk) -> None:
    desk.poison.add("Боровском")
    taken = await desk.take(
        post(1, IN_BOROVSKY), post(2, "Опасность атаки БПЛА в Жуковском районе.", 1)
    )
    assert [t.state for t in taken] == [State.FAILED, State.APPLIED]
    assert taken[0].reason == "ZeroDivisionError: planted"
    assert await desk.places() == [ZHUKOVSKY]
    assert len(desk.pages) == 1
    known = await desk.database.read(lambda tx: channels.get(tx, GOVERNOR.id))
    assert known is not None and known.cursor == 2
    assert [t.state for t in await desk.pipeline.retry()] == [State.FAILED]
    desk.poison.clear()
    assert [t.state for t in await desk.pipeline.retry()] == [State.APPLIED]
    assert await desk.places() == [BOROVSKY, ZHUKOVSKY]
    assert await desk.pipeline.retry() == ()


async def test_a_post_that_the_classifier_cannot_read_holds_up_nothing(desk: Desk) -> None:
    desk.riddles.add("Жуковском")
    taken = await desk.take(post(1, IN_BOTH), post(2, IN_BOROVSKY))
    assert [t.state for t in taken] == [State.FAILED, State.APPLIED]
    assert await desk.places() == [BOROVSKY]
    desk.riddles.clear()
    await desk.pipeline.retry()
    assert await desk.places() == [BOROVSKY, ZHUKOVSKY]


async def test_a_bug_half_way_through_a_post_leaves_no_half(desk: Desk) -> None:
    """A post about two regions: the first was published when the second failed."""
    calls: list[AreaCode] = []

    def second_fails(situation: Situation, reading: Reading, tree: Areas, now: datetime) -> Step:
        calls.append(situation.region)
        if len(calls) == 2:
            raise ZeroDivisionError
        return step.correlate(situation, reading, tree, now)

    desk.pipeline._correlate = second_fails
    ministry = AreaCode("RU")
    await desk.database.write(lambda tx: tx.all("UPDATE channels SET area = :area", area=ministry))
    text = "Опасность атаки БПЛА на территории Калужской и Тульской областей."
    (taken,) = await desk.take(post(1, text))
    assert len(calls) == 2
    assert (taken.state, taken.published) == (State.FAILED, ())
    assert await count(desk.database, "situations") == await count(desk.database, "alerts") == 0
    assert [t.state for t in await desk.pipeline.retry()] == [State.APPLIED]
    assert await count(desk.database, "heads") == 2


async def test_after_three_tries_only_a_person_can_help(desk: Desk) -> None:
    desk.poison.add("Боровском")
    await desk.take(post(1, IN_BOROVSKY))
    assert len(await desk.pipeline.retry()) == 1
    assert len(await desk.pipeline.retry()) == 1
    assert await desk.pipeline.retry() == ()
    assert [s.post.message for s in await desk.database.read(posts.failed)] == [1]


async def test_a_failed_alarm_whose_clear_came_meanwhile_is_not_raised(desk: Desk) -> None:
    desk.poison.add("Внимание")
    await desk.take(post(1, DANGER), post(2, CLEAR, 30))
    desk.poison.clear()
    assert rows(list(await desk.pipeline.retry())) == [Transition.OVERTAKEN]
    assert await desk.places() == []


async def test_a_failed_clear_does_not_end_newer_danger(desk: Desk) -> None:
    await desk.take(post(1, IN_BOROVSKY))
    desk.poison.add("Отбой")
    await desk.take(post(2, CLEAR, 30), post(3, IN_BOTH, 40))
    desk.poison.clear()
    assert set(rows(list(await desk.pipeline.retry()))) == {Transition.CLEAR_OF_NEWER}
    assert await desk.places() == [BOROVSKY, ZHUKOVSKY]


async def test_an_edit_of_a_post_that_failed_is_applied(desk: Desk) -> None:
    """The failed revision said nothing to anybody, so the edit does not repeat it."""
    desk.poison.add("!!!")
    first = post(1, IN_BOROVSKY + "!!!")
    await desk.take(first)
    assert await desk.places() == []
    assert rows(await desk.take(edited(first, IN_BOROVSKY, 1))) == [Transition.ONSET]
    assert await desk.places() == [BOROVSKY]
    assert await desk.pipeline.retry() == ()


# --- held all-clears ----------------------------------------------------------------------------


async def held(desk: Desk) -> int:
    (number,) = [h.id for h in await desk.database.read(reviews.waiting)]
    return number


async def test_an_uncertain_clear_is_held_shown_and_decided(desk: Desk) -> None:
    await desk.take(post(1, DANGER))
    await desk.take(post(2, UNSURE, 30))
    assert await desk.places() == [REGION]
    number = await held(desk)
    assert [h.id for h in (await desk.situation()).held] == [number]
    assert await desk.by_hand.decide(number, 5, reviews.State.REJECTED) == REGION
    assert (await desk.situation()).held == ()
    assert await desk.places() == [REGION]
    assert await desk.by_hand.decide(number, 5, reviews.State.RELEASED) is None
    assert await desk.places() == [REGION]


@pytest.mark.parametrize("taken_back", ["deleted", "edited"])
async def test_a_held_clear_that_its_channel_takes_back_waits_for_nobody(
    desk: Desk, taken_back: str
) -> None:
    await desk.take(post(1, DANGER))
    unsure = post(2, UNSURE, 30)
    await desk.take(unsure)
    number = await held(desk)
    await desk.take(edited(unsure, UNSURE + " Спасибо!", 31))
    assert await held(desk) == number
    after = edited(unsure, "Доброе утро!", 35)
    await desk.take(deleted(unsure, 35) if taken_back == "deleted" else after)
    assert await desk.database.read(reviews.waiting) == []
    assert (await desk.situation()).held == ()
    assert await desk.by_hand.decide(number, 5, reviews.State.RELEASED) is None
    assert await desk.places() == [REGION]


async def test_a_clear_within_a_minute_waits_and_newer_danger_survives_its_release(
    desk: Desk,
) -> None:
    await desk.take(post(1, IN_BOTH))
    await desk.take(post(2, CLEAR, 0.5))
    assert await desk.places() == [BOROVSKY, ZHUKOVSKY]
    numbers = [h.id for h in await desk.database.read(reviews.waiting)]
    assert len(numbers) == 2
    await desk.take(post(3, "Повторная угроза атаки БПЛА в Боровском районе.", 10))
    for number in numbers:
        assert await desk.by_hand.decide(number, 5, reviews.State.RELEASED) == REGION
    assert await desk.places() == [BOROVSKY]
    assert (await desk.situation()).held == ()
    assert await count(desk.database, "audit", "action = 'release'") == 2


async def test_the_neighbour_s_clear_is_held(desk: Desk) -> None:
    await desk.database.write(
        lambda tx: tx.all("UPDATE channels SET area = 'RU-TUL' WHERE id = :id", id=RESCUERS.id)
    )
    await desk.take(post(1, DANGER))
    await desk.take(post(1, CLEAR, 60, channel=RESCUERS.id))
    assert await desk.places() == [REGION]
    assert await desk.by_hand.decide(await held(desk), 5, reviews.State.RELEASED) == REGION
    assert await desk.places() == []


# --- time and deafness --------------------------------------------------------------------------


async def test_age_and_deafness_are_said_once_and_clear_nothing(desk: Desk) -> None:
    await desk.take(post(1, DANGER), post(2, SHOT, 1))
    for _ in range(2):
        await desk.pipeline.lose(START)
    for _ in range(2):
        await desk.pipeline.regain()
    assert (await desk.situation()).version == 4
    desk.now = at(14 * 60 + 1)
    await desk.pipeline.age()
    await desk.pipeline.age()
    situation = await desk.situation()
    assert (situation.version, situation.active) == (5, True)
    assert await desk.places() == [REGION]
    assert [e.kind for e in situation.events] == [Kind.INTERCEPTION]
    assert await column(desk.database, "SELECT ending FROM incidents") == ["stale"]


# --- a channel that is not believed for a while -------------------------------------------------


async def _muted(desk: Desk, since: float, until: float) -> None:
    async def mute(tx: Tx) -> None:
        await mutes.begin(tx, GOVERNOR.id, 1, "взломан", at=at(since), until=at(until))

    await desk.database.write(mute)


async def test_a_retry_is_judged_by_when_the_post_was_written(desk: Desk) -> None:
    """Written before the mute, and applied during it; written in it, and tried after it."""
    desk.poison.add("Боровском")
    await desk.take(post(1, IN_BOROVSKY))
    await _muted(desk, 1, 60)
    desk.now = at(2)
    desk.poison.clear()
    await desk.pipeline.retry()
    assert await desk.places() == [BOROVSKY]
    await desk.take(post(2, CLEAR, 10))
    desk.now = at(120)
    await desk.pipeline.retry()
    assert await desk.places() == [BOROVSKY]
    assert await desk.state(2) is State.SILENT
    await desk.take(post(3, CLEAR, 121))
    assert await desk.places() == []


async def test_a_post_edited_in_a_muted_time_may_begin_danger_and_ends_none(desk: Desk) -> None:
    await desk.take(post(1, IN_BOTH))
    await _muted(desk, 1, 60)
    await desk.take(edited(post(1, IN_BOTH), CLEAR, 2))
    assert await desk.places() == [BOROVSKY, ZHUKOVSKY], "an edit takes nothing away"
    await desk.take(edited(post(2, DANGER, 0.5), CLEAR, 3))
    assert await desk.places() == [BOROVSKY, ZHUKOVSKY], "first seen as it was edited"
    await desk.take(edited(post(3, DANGER, 0.6), DANGER, 4))
    assert REGION in await desk.places(), "it may have been danger all along"


async def test_an_edit_is_compared_with_what_was_heard_of_its_post(desk: Desk) -> None:
    first = post(1, IN_BOROVSKY)
    await desk.take(first)
    await _muted(desk, 1, 60)
    await desk.take(edited(first, "Всем привет!", 2))
    await desk.take(post(2, CLEAR_BOROVSKY, 65))
    assert await desk.places() == []
    await desk.take(edited(first, IN_BOROVSKY + " Будьте внимательны.", 70))
    assert await desk.places() == [], "it says again what is over"


async def test_a_second_mute_does_not_make_the_first_one_forgotten(desk: Desk) -> None:
    await _muted(desk, 1, 10)
    await _muted(desk, 20, 60)
    await desk.take(post(1, DANGER, 5), post(2, IN_BOROVSKY, 15))
    assert await desk.places() == [BOROVSKY]
