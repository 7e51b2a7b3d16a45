"""`nabat crashtest`: many runs, side by side as far as there are cores, added up."""

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bot.crashtest.lives import Lives
from bot.crashtest.plants import Plant
from bot.crashtest.proof import Fault
from bot.crashtest.run import Outcome, play
from bot.crashtest.steps import Step

_MOST_AT_ONCE: Final = 4


@dataclass(slots=True, kw_only=True)
class Report:
    """``faults``: by the seed of the run that showed them. ``seconds``: of all runs."""

    runs: int = 0
    kills: Counter[Step] = field(default_factory=Counter)
    in_flight: int = 0
    duplicates: int = 0
    faults: dict[int, tuple[Fault, ...]] = field(default_factory=dict)
    seconds: float = 0.0

    def add(self, outcome: Outcome) -> None:
        self.runs += 1
        self.kills += outcome.kills
        self.in_flight += outcome.verdict.in_flight
        self.duplicates += outcome.verdict.duplicates
        self.seconds += outcome.seconds
        if outcome.verdict.faults:
            self.faults[outcome.seed] = outcome.verdict.faults


async def crashtest(
    runs: int,
    *,
    seed: int,
    plant: Plant | None,
    on_run: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Runs with the seeds from ``seed`` on. With a ``plant`` it ends as soon as that is found.
    Raises a group of LivesError where processes cannot be had."""
    report = Report()
    seeds = iter(range(seed, seed + runs))

    def heard(outcome: Outcome) -> bool:
        """Whether to go on."""
        report.add(outcome)
        on_run(report)
        return plant is None or not report.faults

    async with asyncio.TaskGroup() as group:
        for _ in range(min(runs, os.cpu_count() or 1, _MOST_AT_ONCE)):
            group.create_task(_play_some(seeds, plant, heard))
    return report


async def _play_some(
    seeds: Iterator[int], plant: Plant | None, heard: Callable[[Outcome], bool]
) -> None:
    with tempfile.TemporaryDirectory(prefix="nabat-crashtest-") as parent:
        async with Lives.ready(Path(parent) / "lives.log") as lives:
            for seed in seeds:
                folder = Path(parent) / str(seed)
                outcome = await play(seed, lives=lives, folder=folder, plant=plant)
                shutil.rmtree(folder)
                if not heard(outcome):
                    return


def passed(report: Report, plant: Plant | None) -> bool:
    """A planted bug must be found; otherwise there must be nothing to find."""
    return bool(report.faults) == (plant is not None)
