"""Posts are stored once a revision, with the cursor of their channel."""

from datetime import timedelta

from storage import channels, posts
from storage.database import Database, Tx
from storage.model import Assessment, Post, Silence
from storage.posts import State
from tests.integration.stored import (
    GOVERNOR,
    START,
    at,
    count,
    deleted,
    edited,
    post,
    with_channels,
)

FIRST = post(10, "Опасность", 0)


async def record(database: Database, *arrived: Post) -> list[int | None]:
    async def write(tx: Tx) -> list[int | None]:
        await with_channels(tx)
        return [await posts.record(tx, each) for each in arrived]

    return await database.write(write)


async def test_the_same_post_twice_is_one(database: Database) -> None:
    again = post(10, "Опасность", 0, received_at=at(30))
    assert await record(database, FIRST, again) == [1, None]
    assert await count(database, "posts") == 1


async def test_only_counters_moved(database: Database) -> None:
    assert await record(database, FIRST, edited(FIRST, "Опасность", 5)) == [1, None]


async def test_an_edit_is_the_next_revision_and_the_latest(database: Database) -> None:
    assert await record(database, FIRST, edited(FIRST, "Отбой", 5)) == [1, 2]
    stored = await database.read(lambda tx: posts.latest(tx, GOVERNOR.id, 10))
    assert stored is not None
    assert (stored.post.text, stored.revision, stored.state) == ("Отбой", 2, State.RECORDED)
    assert await count(database, "posts", "latest = 1") == 1


async def test_an_edit_before_its_post_stands(database: Database) -> None:
    assert await record(database, edited(FIRST, "Уточнение", 5), FIRST) == [1, None]
    later = edited(FIRST, "Ещё", 9)
    assert await record(database, later, edited(FIRST, "Старое", 7)) == [2, None]


async def test_an_edit_back_to_former_words_is_an_edit(database: Database) -> None:
    back = edited(FIRST, "Опасность", 9)
    assert await record(database, FIRST, edited(FIRST, "Отбой", 5), back) == [1, 2, 3]


async def test_a_deletion_is_final_also_of_what_was_never_seen(database: Database) -> None:
    gone = deleted(FIRST, 3)
    assert await record(database, FIRST, gone, gone, edited(FIRST, "Отбой", 5)) == [
        1, 2, None, None,
    ]  # fmt: skip
    unknown = post(11, "Опасность", 1)
    assert await record(database, deleted(unknown, 3), unknown) == [1, None]
    ids = await database.read(lambda tx: posts.newest_ids(tx, GOVERNOR.id, 10))
    assert ids == []


async def test_the_revision_before_is_one_that_was_applied(database: Database) -> None:
    """What only failed was never said: an edit of it must not pass as a repetition."""
    second, third = edited(FIRST, "Вторая", 5), edited(FIRST, "Третья", 6)
    await record(database, FIRST, second, third)

    async def settle(tx: Tx) -> None:
        silent = Assessment(silence=Silence.NO_SIGNAL)
        await posts.settle(tx, FIRST, 1, State.APPLIED, assessment=silent)
        await posts.settle(tx, second, 2, State.FAILED, reason="bug", assessment=silent)

    await database.write(settle)
    former = await database.read(lambda tx: posts.before(tx, third, 3))
    assert former is not None
    assert former.revision == 1
    assert await database.read(lambda tx: posts.before(tx, FIRST, 1)) is None


async def test_what_failed_is_offered_again_three_times_oldest_first(database: Database) -> None:
    other = post(5, "Раньше", -5)
    await record(database, FIRST, other)

    async def fail(tx: Tx) -> None:
        await posts.settle(tx, FIRST, 1, State.FAILED, reason="bug")

    for tries in range(4):
        waiting = await database.read(lambda tx: posts.unsettled(tx, most_tries=3))
        assert [s.post.message for s in waiting] == ([5, 10] if tries < 3 else [5])
        await database.write(fail)
    failed = await database.read(posts.failed)
    assert [(s.post.message, s.reason) for s in failed] == [(10, "bug")]


async def test_the_cursor_never_goes_back(database: Database) -> None:
    async def write(tx: Tx) -> None:
        await with_channels(tx)
        for message in (10, 12, 11):
            await channels.move_cursor(tx, GOVERNOR.id, message)
        for minutes in (5, 3):
            await channels.heard(tx, GOVERNOR.id, at(minutes))

    await database.write(write)
    known = await database.read(lambda tx: channels.get(tx, GOVERNOR.id))
    assert known is not None
    assert (known.cursor, known.last_post_at) == (12, at(5))


async def test_pruning_keeps_what_is_not_applied(database: Database) -> None:
    mine = [post(n, f"{n}", n) for n in range(1, 6)]
    await record(database, *mine)

    async def write(tx: Tx) -> None:
        for each, state in zip(mine, State, strict=True):
            await posts.settle(tx, each, 1, state)
        assert not await posts.prune(tx, START + timedelta(days=1))

    await database.write(write)
    assert await count(database, "posts") == 2
    assert await count(database, "posts", "state IN ('recorded', 'failed')") == 2
