"""The service in a process of its own, again and again: `python -m bot.crashtest.life`.

What takes long, imports and tables, is done once; then each line of standard input is an order
for one life, which is a fork. Lines of JSON on standard output say how it goes: ``ready`` once,
``pid`` when a life begins, ``quiet`` with the cursors of the channels whenever nobody is owed
anything, ``at`` when it kills itself, ``ended`` with its exit status. When standard input ends,
so does everything.
"""

import asyncio
import contextlib
import gc
import json
import os
import random
import select
import ssl
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

import uvloop
from pydantic import SecretStr

from bot import texts
from bot.app import root
from bot.app.root import Ears, running
from bot.crashtest.fuse import Fuse, insert
from bot.crashtest.plants import Plant, sow, substitute
from bot.crashtest.run_clock import RunClock
from bot.crashtest.steps import Blow, Moment, Step
from bot.crashtest.story import CHANNELS, KALUGA
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
from ingest.classify import Classifier
from ingest.levels import load_levels
from storage import alerts, cards, channels, codec, posts
from storage.areas.tree import Areas
from storage.areas.tree import load as load_areas
from storage.database import Tx
from storage.model import Assessment, Silence, Situation

ADMIN: Final = 730000
_POLL: Final = 0.1  # seconds between two reads of a channel
_LOOK: Final = 0.01  # seconds between two looks whether anybody is owed anything
_UNHAPPY: Final = 3  # exit status of a life that ended by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """``session``: a Telethon StringSession. ``origin``: of the run's clock."""

    folder: str
    bot_api: str
    session: str
    origin: float
    seed: str
    blow: Blow | None
    plant: Plant | None

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def of(cls, line: str) -> Self:
        said: dict[str, Any] = json.loads(line)
        blow, plant = said.pop("blow"), said.pop("plant")
        if blow is not None:
            blow = Blow(
                **blow | {"step": Step(blow["step"]), "moment": Moment(blow["moment"])},
            )
        return cls(**said, blow=blow, plant=None if plant is None else Plant(plant))


def main() -> None:
    areas = load_areas()
    _make_once(areas)
    gc.freeze()
    _say({"ready": os.getpid()})
    while line := _line():
        order = Order.of(line)
        pid = os.fork()
        if pid == 0:
            # By itself: its parent may be slower than all that it has to say afterwards.
            _say({"pid": os.getpid()})
            _live(order, areas)
        _, status = os.waitpid(pid, 0)
        _say({"ended": os.waitstatus_to_exitcode(status)})


def _make_once(areas: Areas) -> None:
    """What every life would make anew, and each the same."""
    classifier, words = Classifier(areas, load_levels(None, areas)), texts.load()
    context = ssl.create_default_context()
    substitute(root, "Classifier", lambda areas, levels: classifier)
    substitute(texts, "load", lambda: words)
    substitute(ssl, "create_default_context", lambda **settings: context)
    for value in (
        Assessment(silence=Silence.EMPTY),
        Situation(region=KALUGA, at=datetime.now(UTC)),
    ):
        codec.load(type(value), codec.dump(value))  # its schema is kept


def _line() -> str:
    """Of standard input, not a byte more: each life watches its end."""
    line = bytearray()
    while (byte := os.read(0, 1)) not in (b"", b"\n"):
        line += byte
    return line.decode()


def _end_with_input() -> None:
    """Nobody wants this life any more. A thread: a loop's reader would make standard input
    non-blocking, for the process that this one was forked from too."""
    select.select([0], [], [])
    os._exit(0)


def _say(what: Mapping[str, object]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def _live(order: Order, areas: Areas) -> None:
    """Never returns."""
    try:
        uvloop.run(_serve(order, areas))
    except BaseException:  # noqa: BLE001 - the last of this process
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(_UNHAPPY)


async def _serve(order: Order, areas: Areas) -> None:
    rng = random.Random(order.seed)
    if order.plant is not None:
        sow(order.plant)
    insert(Fuse(order.blow, lambda step: _say({"at": step})), rng)
    threading.Thread(target=_end_with_input, daemon=True).start()
    clock = RunClock(origin=order.origin)
    happened = asyncio.Event()
    ears = Ears(
        taken=lambda taken: happened.set(),
        decided=lambda work: happened.set(),
        told=lambda work, at: happened.set(),
    )
    async with running(
        _settings(order),
        areas=areas,
        clock=clock,
        monotonic=clock.monotonic,
        session=order.session,
        ears=ears,
    ) as nabat:
        said: dict[str, int] | None = None
        while True:
            quiet = await nabat.database.read(_quiet)
            if quiet is not None and quiet != said:
                _say({"quiet": quiet})
            said = quiet
            happened.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await happened.wait()
            # It waits for permits in real seconds, which the scaled ones are not.
            nabat.bots.wake()
            nabat.pager.wake()


async def _quiet(tx: Tx) -> dict[str, int] | None:
    """How far each channel was read, if everybody has been told all that came from there."""
    owed = (
        await alerts.undispatched(tx)
        or await cards.backlog(tx)
        or await cards.next_due(tx) is not None
        or await cards.superseded(tx)
        or await posts.unsettled(tx, most_tries=1)
        or await tx.one("SELECT id FROM attempts WHERE ended_at IS NULL")
    )
    known = await channels.listed(tx)
    if owed or not all(each.last_read_at for each in known):
        return None
    return {each.username or "": each.cursor or 0 for each in known}


def _settings(order: Order) -> Settings:
    folder = Path(order.folder)
    return Settings(
        reader=ReaderSection(
            api_id=1,
            api_hash=SecretStr(API_HASH),
            session=folder / "reader.session",
            poll_interval=_POLL,
        ),
        bots=(BotSection(token=SecretStr(TOKEN)),),
        bot_api=BotApiSection(base_url=order.bot_api),
        storage=StorageSection(path=database_of(folder), backup_folder=folder / "backups"),
        admins=AdminSection(ids=(ADMIN,)),
        channels=tuple(
            ChannelSection(username=name, region=region) for name, region in CHANNELS.items()
        ),
    )


def database_of(folder: Path) -> Path:
    return folder / "nabat.db"


if __name__ == "__main__":
    main()
