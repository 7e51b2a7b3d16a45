"""Every test has a database file of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from storage.database import Database


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with await Database.open(tmp_path / "nabat.db") as opened:
        yield opened
