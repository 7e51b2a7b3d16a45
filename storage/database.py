"""The one door to SQL: opening, pragmas, migrations, turns; times as integers.

One connection per file (PITFALLS: WAL-reset corruption), and one task that owns it. ``write``
hands that task a function, which it runs whole between BEGIN IMMEDIATE and COMMIT; ``read`` the
same without a transaction. A caller that is cancelled abandons its answer, never its write.
"""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, TypeVar, cast

import aiosqlite

T = TypeVar("T")
Row = Mapping[str, Any]
Value = str | int | float | bytes | None

PAGE = 1_000
"""Most rows that one read may return (ARCHITECTURE rule 7)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class StorageError(Exception):
    """Something about the file that only a person can mend; the message says how."""


class LockedError(StorageError):
    """Another process holds the database."""


def ms(at: datetime) -> int:
    """Integer milliseconds since 1970 of an aware datetime, rounded down."""
    return (at - _EPOCH) // _MILLISECOND


def moment(milliseconds: int) -> datetime:
    return _EPOCH + milliseconds * _MILLISECOND


def maybe_ms(at: datetime | None) -> int | None:
    return None if at is None else ms(at)


def maybe_moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else moment(milliseconds)


class Tx:
    """What functions of ``storage/`` are given: statements of one turn. They never commit."""

    def __init__(self, connection: aiosqlite.Connection, *, writes: bool) -> None:
        self._connection = connection
        self._writes = writes

    def _stands(self) -> None:
        """SQLite undoes a whole transaction by itself when the disk is full: whatever came after
        would be committed alone, and a cursor without its posts."""
        if self._writes and not self._connection.in_transaction:
            raise StorageError("the transaction was undone half-way (a full or failing disk?)")

    async def all(self, sql: str, **values: Value) -> Sequence[Row]:
        """Run one statement; the rows that it returns (of a SELECT or RETURNING)."""
        self._stands()
        rows = await self._connection.execute_fetchall(sql, values)
        return cast(Sequence[Row], rows)

    async def one(self, sql: str, **values: Value) -> Row | None:
        rows = await self.all(sql, **values)
        return rows[0] if rows else None

    async def many(self, sql: str, rows: Iterable[Mapping[str, Value]]) -> None:
        self._stands()
        cursor = await self._connection.executemany(sql, rows)
        await cursor.close()

    @contextlib.asynccontextmanager
    async def savepoint(self, name: str) -> AsyncIterator[None]:
        """What fails inside is undone to here, and the exception goes on."""
        await self.all(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            await self.all(f"ROLLBACK TO {name}")
            await self.all(f"RELEASE {name}")
            raise
        await self.all(f"RELEASE {name}")


_Turn = tuple[Callable[[Tx], Awaitable[Any]], bool, asyncio.Future[Any]]


class Database:
    """An open file. Use ``async with Database.open(path)``."""

    def __init__(self, path: Path, connection: aiosqlite.Connection, lock: IO[str] | None) -> None:
        self.path = path
        self._connection = connection
        self._lock = lock
        self._turns: asyncio.Queue[_Turn | None] = asyncio.Queue()
        self._task = asyncio.create_task(self._take_turns(), name="database")

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open (or create, mode 0600 in a 0700 folder), lock, migrate.

        Raises LockedError while another process holds the file, StorageError where it cannot
        be used, with the cure.
        """
        _private_folder(path.parent)
        lock = _lock(path)
        try:
            path.touch(mode=0o600, exist_ok=True)
            connection = await aiosqlite.connect(path, isolation_level=None)
        except BaseException:
            lock.close()
            raise
        try:
            connection.row_factory = aiosqlite.Row
            await _set_pragmas(connection)
            await migrate(connection)
        except BaseException as problem:
            await connection.close()
            lock.close()
            if isinstance(problem, aiosqlite.DatabaseError):
                raise StorageError(
                    f"{path} cannot be used as a database ({problem}): restore it from "
                    "a backup, or move it away to start anew"
                ) from problem
            raise
        return cls(path, connection, lock)

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run ``work`` whole, in turn, in one transaction; its result, or its exception after
        the roll-back. ``work`` must not wait for anything but the database."""
        return await self._enqueue(work, writes=True)

    async def read(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return await self._enqueue(work, writes=False)

    async def backup(self, target: Path) -> None:
        """A consistent copy at ``target`` (mode 0600), or nothing at all."""
        part = target.with_name(target.name + ".part")
        part.unlink(missing_ok=True)
        await self.read(lambda tx: tx.all("VACUUM INTO :target", target=str(part)))
        part.chmod(0o600)
        part.replace(target)

    async def close(self) -> None:
        """Finish the turns that were asked for, then close."""
        await self._turns.put(None)
        try:
            await self._task
        finally:
            # Whoever asked after that is told so, not left waiting for ever.
            while not self._turns.empty():
                if (turn := self._turns.get_nowait()) is not None and not turn[2].done():
                    turn[2].set_exception(StorageError(f"{self.path} is closed"))
                    turn[2].exception()
            await self._connection.close()
            if self._lock is not None:
                self._lock.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _enqueue(self, work: Callable[[Tx], Awaitable[T]], *, writes: bool) -> T:
        if self._task.done():
            raise StorageError(f"{self.path} is closed")
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._turns.put_nowait((work, writes, answer))
        return await asyncio.shield(answer)

    async def _take_turns(self) -> None:
        while (turn := await self._turns.get()) is not None:
            work, writes, answer = turn
            tx = Tx(self._connection, writes=writes)
            try:
                if writes:
                    await self._connection.execute_fetchall("BEGIN IMMEDIATE")
                result = await work(tx)
                if writes:
                    await tx.all("COMMIT")
            except BaseException as problem:
                if self._connection.in_transaction:
                    await self._connection.execute_fetchall("ROLLBACK")
                ours = problem if isinstance(problem, Exception) else StorageError("closing")
                if not answer.cancelled():
                    answer.set_exception(ours)
                    # An abandoned answer is nobody's: do not report it as never retrieved.
                    answer.exception()
                if ours is not problem:
                    raise
            else:
                if not answer.cancelled():
                    answer.set_result(result)


async def migrate(connection: aiosqlite.Connection) -> None:
    """Bring the schema up to this program's; refuse a newer one."""
    scripts = sorted(
        (
            file
            for file in (resources.files("storage") / "migrations").iterdir()
            if file.name.endswith(".sql")
        ),
        key=lambda file: file.name,
    )
    row = next(iter(await connection.execute_fetchall("PRAGMA user_version")))
    present = int(row[0])
    if present > len(scripts):
        raise StorageError(
            f"the database has schema {present}, this program knows {len(scripts)}: "
            "start the newer program, or restore a backup made before the upgrade"
        )
    for number, script in enumerate(scripts[present:], start=present + 1):
        # executescript commits by itself: the script and its number go in one transaction.
        await connection.executescript(
            f"BEGIN IMMEDIATE;\n{script.read_text('utf-8')}\n"
            f"PRAGMA user_version = {number};\nCOMMIT;"
        )


async def _set_pragmas(connection: aiosqlite.Connection) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    for name, value in wanted.items():
        await connection.execute_fetchall(f"PRAGMA {name} = {value}")
        row = next(iter(await connection.execute_fetchall(f"PRAGMA {name}")))
        if row[0] != value:
            raise StorageError(
                f"the database answers {name} = {row[0]} where {value} is needed: "
                "use a local disk that SQLite can lock and sync"
            )
    await connection.execute_fetchall("PRAGMA busy_timeout = 5000")


def _private_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)


def _lock(path: Path) -> IO[str]:
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    lock = os.fdopen(descriptor, "r+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        lock.close()
        raise LockedError(f"{path} is in use by another nabat: stop that one first") from problem
    return lock
