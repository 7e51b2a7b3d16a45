"""The program in a process of its own, for stories that kill it: `python -m tests.e2e.program`.

Settings come as JSON on the first line of standard input. «ready» is printed once it reads its
channels; it runs until it is killed or its standard input ends.
"""

import asyncio
import json
import sys
from pathlib import Path

from pydantic import SecretStr

from bot.app.root import running
from bot.clock import SystemClock
from bot.sandbox.world import API_HASH, TOKEN
from bot.settings import (
    AdminSection,
    BotApiSection,
    BotSection,
    ChannelSection,
    ReaderSection,
    Settings,
    StorageSection,
)
from storage.areas.tree import load as load_areas
from storage.model import AreaCode


async def main() -> None:
    said = json.loads(sys.stdin.readline())
    folder = Path(said["folder"])
    settings = Settings(
        reader=ReaderSection(
            api_id=1,
            api_hash=SecretStr(API_HASH),
            session=folder / "reader.session",
            poll_interval=0.2,
        ),
        bots=(BotSection(token=SecretStr(TOKEN)),),
        bot_api=BotApiSection(base_url=said["bot_api"]),
        storage=StorageSection(path=folder / "nabat.db", backup_folder=folder / "backups"),
        admins=AdminSection(ids=(said["admin"],)),
        channels=tuple(
            ChannelSection(username=name, region=AreaCode(code))
            for name, code in said["channels"].items()
        ),
    )
    async with running(
        settings, areas=load_areas(), clock=SystemClock(), session=said["session"]
    ) as nabat:
        while not nabat.listener.stats.connected:  # noqa: ASYNC110 - it has no bell
            await asyncio.sleep(0.01)
        print("ready", flush=True)  # noqa: T201 - the story waits for this
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
