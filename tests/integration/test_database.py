"""The one door to SQL, over a real file: schema, lock, turns, roll-backs, backup."""

import asyncio
import sqlite3
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from storage.database import Database, LockedError, StorageError, Tx, moment, ms
from tests.integration.stored import START, column, count


def note(value: str) -> Callable[[Tx], Awaitable[None]]:
    """A write of two halves: torn if only one is there."""

    async def write(tx: Tx) -> None:
        for half in ("first", "second"):
            await tx.all(
                "INSERT INTO audit (at, who, action, detail) VALUES (0, 0, :action, :detail)",
                action=half,
                detail=value,
            )

    return write


# --- opening ------------------------------------------------------------------------------------


async def test_a_fresh_file_gets_the_schema_and_private_modes(tmp_path: Path) -> None:
    path = tmp_path / "new" / "nabat.db"
    async with await Database.open(path) as database:
        assert await count(database, "sqlite_master", "name = 'cards'") == 1
        assert (await column(database, "PRAGMA user_version"))[0] != 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "nabat.db") as database:
        await database.write(note("kept"))
    async with await Database.open(tmp_path / "nabat.db") as database:
        assert await count(database, "audit", "detail = 'kept'") == 2


async def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "nabat.db"
    async with await Database.open(path):
        pass
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA user_version = 999")
    with pytest.raises(StorageError, match="schema 999"):
        await Database.open(path)
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (999,)


async def test_a_file_that_is_no_database_is_refused_with_the_cure(tmp_path: Path) -> None:
    path = tmp_path / "nabat.db"
    path.write_bytes(b"this is no database at all, and long enough to tell" * 100)
    with pytest.raises(StorageError, match="backup"):
        await Database.open(path)
    path.unlink()
    async with await Database.open(path):  # the lock was given back
        pass


async def test_the_pragmas_hold(database: Database) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    found = [(await column(database, f"PRAGMA {name}"))[0] for name in names]
    assert found == ["wal", 2, 1, 5000]


async def test_a_second_opening_is_refused_while_the_first_lives(tmp_path: Path) -> None:
    path = tmp_path / "nabat.db"
    async with await Database.open(path) as database:
        with pytest.raises(LockedError):
            await Database.open(path)
        await database.write(note("still works"))
    async with await Database.open(path) as database:
        assert await count(database, "audit") == 2


# --- turns --------------------------------------------------------------------------------------


async def test_writes_are_whole_though_their_callers_are_cancelled(database: Database) -> None:
    callers = [asyncio.create_task(database.write(note(str(n)))) for n in range(40)]
    for n, caller in enumerate(callers):
        await asyncio.sleep(0)
        if n % 2:
            callers[n - 1].cancel()
        if n % 3 == 0:
            caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    await database.write(note("after"))
    torn = await column(database, "SELECT detail FROM audit GROUP BY detail HAVING count(*) <> 2")
    assert torn == []
    kept = {str(n) for n, caller in enumerate(callers) if not caller.cancelled()}
    assert kept <= {str(d) for d in await column(database, "SELECT detail FROM audit")}
    assert await count(database, "audit", "detail = 'after'") == 2


async def test_what_raises_is_undone_and_disturbs_nobody(database: Database) -> None:
    async def breaks(tx: Tx) -> None:
        await note("broken")(tx)
        raise ZeroDivisionError

    results = await asyncio.gather(
        database.write(note("a")),
        database.write(breaks),
        database.write(note("b")),
        database.write(lambda tx: tx.all("INSERT INTO nowhere VALUES (1)")),
        database.write(note("c")),
        return_exceptions=True,
    )
    assert isinstance(results[1], ZeroDivisionError)
    assert isinstance(results[3], sqlite3.OperationalError)
    assert await column(database, "SELECT detail FROM audit ORDER BY id") == list("aabbcc")


async def test_a_savepoint_undoes_its_own_part(database: Database) -> None:
    async def write(tx: Tx) -> None:
        await note("before")(tx)
        with pytest.raises(ZeroDivisionError):
            async with tx.savepoint("part"):
                await note("inside")(tx)
                raise ZeroDivisionError
        await note("after")(tx)

    await database.write(write)
    assert set(await column(database, "SELECT detail FROM audit")) == {"before", "after"}


async def test_a_transaction_undone_by_sqlite_commits_nothing_more(database: Database) -> None:
    """As a full disk does: what comes after would else be committed alone, and a cursor moved
    past posts that are gone."""

    async def write(tx: Tx) -> None:
        await note("lost")(tx)
        try:
            async with tx.savepoint("post"):
                await tx.all("ROLLBACK")
                raise ZeroDivisionError
        except Exception:  # noqa: BLE001 - what the pipeline does for a post
            await note("alone")(tx)

    with pytest.raises(StorageError, match="undone"):
        await database.write(write)
    assert await count(database, "audit") == 0
    await database.write(note("next"))
    assert await count(database, "audit") == 2


async def test_whoever_asks_after_the_end_is_told_so(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "nabat.db")
    gate = asyncio.Event()

    async def slow(tx: Tx) -> None:
        await gate.wait()
        await note("slow")(tx)

    first = asyncio.create_task(database.write(slow))
    await asyncio.sleep(0)
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    late = asyncio.create_task(database.write(note("late")))
    await asyncio.sleep(0)
    gate.set()
    await asyncio.wait_for(asyncio.gather(first, closing), 5)
    with pytest.raises(StorageError, match="closed"):
        await asyncio.wait_for(late, 5)
    with pytest.raises(StorageError, match="closed"):
        await database.write(note("later"))
    async with await Database.open(tmp_path / "nabat.db") as again:
        assert set(await column(again, "SELECT detail FROM audit")) == {"slow"}


async def test_a_backup_is_a_database(database: Database, tmp_path: Path) -> None:
    await database.write(note("saved"))
    target = tmp_path / "copy.db"
    await database.backup(target)
    await database.write(note("not saved"))
    await database.backup(tmp_path / "second.db")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert not list(tmp_path.glob("*.part"))
    with sqlite3.connect(target) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    async with await Database.open(target) as copy:
        assert set(await column(copy, "SELECT detail FROM audit")) == {"saved"}


def test_times_are_whole_milliseconds() -> None:
    assert moment(ms(START)) == START
    assert ms(START.replace(microsecond=999_999)) == ms(START) + 999
