"""The process that the service is forked from (`bot.crashtest.life`), seen from here."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from bot.crashtest.life import Order
from bot.crashtest.proof import Fault, Wrong

_PATIENCE: Final = 20.0  # seconds until a life must have come to rest or died
_IMPORTS: Final = 90.0  # seconds until the process that lives are forked from must be ready


class LivesError(Exception):
    """There is no process to fork the service from, or none any more."""


class Over(Exception):
    """The run cannot go on."""

    def __init__(self, wrong: Wrong, words: str) -> None:
        super().__init__(words)
        self.fault = Fault(wrong=wrong, words=words)


class Lives:
    """The process that the service is forked from; one life at a time."""

    def __init__(self, process: asyncio.subprocess.Process, errors: Path) -> None:
        self._process = process
        self._errors = errors
        self._pid: int | None = None

    @classmethod
    @contextlib.asynccontextmanager
    async def ready(cls, errors: Path) -> AsyncIterator["Lives"]:
        """``errors``: a file for the logs and tracebacks of all lives. Raises LivesError."""
        with errors.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot.crashtest.life",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=file,
            )
        assert process.stdin is not None
        lives = cls(process, errors)
        try:
            await lives._expect_ready()
            yield lives
        finally:
            # The life that goes on ends with its standard input, and then the process.
            process.stdin.close()
            await process.wait()

    @property
    def alive(self) -> bool:
        return self._pid is not None

    async def begin(self, order: Order) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(order.line())
        self._pid = (await self.next())["pid"]

    def kill(self) -> None:
        """Its end is heard of by `next`: until then its number is nobody else's."""
        if self._pid is not None:
            os.kill(self._pid, signal.SIGKILL)

    async def next(self, within: float = _PATIENCE) -> dict[str, Any]:
        """What the process says next. Raises Over if it says nothing for so many seconds."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(within):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise Over(Wrong.STUCK, f"nothing was heard for {within:.0f} s") from None
        if not line:
            raise Over(Wrong.ENDED, f"and all lives with it: {self.last_words()}")
        said: dict[str, Any] = json.loads(line)
        if "ended" in said:
            self._pid = None
        return said

    async def rest(self) -> None:
        """End what lives, whatever it still has to say. Raises LivesError."""
        self.kill()
        try:
            while self.alive:
                await self.next()
        except Over as over:
            raise LivesError(over.fault.words) from over

    async def _expect_ready(self) -> None:
        try:
            await self.next(_IMPORTS)
        except Over as over:
            raise LivesError(over.fault.words) from over

    def last_words(self) -> str:
        lines = self._errors.read_text("utf-8", "replace").splitlines()
        return " / ".join(line.strip() for line in lines[-3:])
