"""What takes long is carried on one after the other, and none blocks the others for ever."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot.handlers.errands import Errand, Errands, Result
from bot.message import Message
from storage import audit
from storage.database import Database

NOW = datetime(2026, 5, 4, tzinfo=UTC)


async def test_one_that_hangs_is_ended_and_answered_and_the_next_goes_on(tmp_path: Path) -> None:
    answers: asyncio.Queue[str] = asyncio.Queue()

    async def hangs() -> Result:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    async def works() -> Result:
        return Result(screen=Message(text="готово"), detail={})

    async def answer(screen: Message) -> None:
        answers.put_nowait(screen.text)

    async with await Database.open(tmp_path / "nabat.db") as database:
        errands = Errands(database, lambda: NOW, longest=0.05)
        for work in (hangs, works):
            failed = Message(text="не удалось")
            await errands.begin(
                Errand(action="backup", who=1, detail={}, work=work, answer=answer, failed=failed)
            )
        running = asyncio.create_task(errands.run())
        async with asyncio.timeout(5):
            assert [await answers.get(), await answers.get()] == ["не удалось", "готово"]
        running.cancel()
        deeds = await database.read(partial(audit.deeds, skip=0, limit=9))
        assert sorted(deed.action for deed in deeds) == [
            "backup",
            "backup",
            "backup_done",
            "backup_failed",
        ]
