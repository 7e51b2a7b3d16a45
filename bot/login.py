"""`nabat login`: signs the reader's account in, by questions at the terminal."""

import asyncio
import contextlib
import os
import sys
import termios
from collections.abc import Awaitable, Callable, Iterator
from typing import Protocol

import typer

from bot.settings import ReaderSection, Settings
from ingest.listener.login import LoginError
from ingest.listener.settings import ReaderFatal, ReaderSettings
from ingest.login import log_in
from storage.database import Database, StorageError


class Asking(Protocol):
    """One question to a person; the line that they type, without its end. Raises EOFError when
    there is nobody to ask. What is ``hidden`` must not be shown."""

    def __call__(self, question: str, *, hidden: bool = False) -> Awaitable[str]: ...


Say = Callable[[str], None]


def reader_settings(section: ReaderSection) -> ReaderSettings:
    return ReaderSettings(
        api_id=section.api_id,
        api_hash=section.api_hash.get_secret_value(),
        session=section.session,
    )


async def login(settings: Settings, ask: Asking | None = None, say: Say = typer.echo) -> int:
    """The exit code: 0 with a session that works, 1 otherwise. ``ask``: the terminal if None.

    Holds the database's lock meanwhile, since a session file is for one process.
    """
    asked = _Questions(ask or typed, say)
    reader = settings.reader
    try:
        async with await Database.open(settings.storage.path):
            name = await log_in(
                reader_settings(reader),
                phone=asked.phone,
                code=asked.code,
                password=asked.password,
                address=reader.address,
            )
    except (LoginError, ReaderFatal, StorageError) as problem:
        say(str(problem))
        return 1
    except EOFError:
        say("The login was not finished: run `nabat login` at a terminal and answer it.")
        return 1
    how = "Logged in" if asked.times else "Logged in already"
    say(f"{how} as {name}; the session is {reader.session}, keep it to yourself.")
    return 0


class _Questions:
    """Says why it asks again: only a wrong answer brings the same question twice."""

    def __init__(self, ask: Asking, say: Say) -> None:
        self._ask = ask
        self._say = say
        self.times: dict[str, int] = {}

    async def phone(self) -> str:
        self._again("That is no phone number that Telegram knows.")
        return await self._ask("Phone number with the country's code, like +79001234567: ")

    async def code(self) -> str:
        if not self._again("That was not the code."):
            self._say("Telegram has sent a code to the account's other devices, or by SMS.")
        return await self._ask("Code: ")

    async def password(self) -> str:
        self._again("That was not the password.")
        return await self._ask("Password of the two-step verification: ", hidden=True)

    def _again(self, complaint: str) -> bool:
        times = self.times[complaint] = self.times.get(complaint, 0) + 1
        if times > 1:
            self._say(complaint)
        return times > 1


async def typed(question: str, *, hidden: bool = False) -> str:
    """From standard input, while the connection to Telegram stays alive; Ctrl-C ends it."""
    source = sys.stdin.fileno()
    with _unseen(source) if hidden else contextlib.nullcontext():
        typer.echo(question, nl=False, err=True)
        await _readable(source)
        line = bytearray()
        # By single bytes: what belongs to the next question stays where it is.
        while (byte := os.read(source, 1)) not in (b"\n", b""):
            line += byte
        if not line and not byte:
            raise EOFError
    return line.decode(errors="replace").strip()


async def _readable(source: int) -> None:
    ready = asyncio.Event()
    loop = asyncio.get_running_loop()
    try:
        loop.add_reader(source, ready.set)
    except PermissionError:
        return  # a regular file, which is always readable
    try:
        await ready.wait()
    finally:
        loop.remove_reader(source)


@contextlib.contextmanager
def _unseen(source: int) -> Iterator[None]:
    if not os.isatty(source):
        yield
        return
    before = termios.tcgetattr(source)
    silent = termios.tcgetattr(source)
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(source, termios.TCSADRAIN, silent)
    try:
        yield
    finally:
        termios.tcsetattr(source, termios.TCSADRAIN, before)
        typer.echo(err=True)
