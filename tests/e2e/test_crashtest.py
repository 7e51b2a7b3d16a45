"""The crash test passes, and finds every bug that is planted: else its passing means nothing."""

import asyncio
from pathlib import Path

from typer.testing import CliRunner

from bot.cli import app
from bot.crashtest.lives import Lives
from bot.crashtest.plants import Plant
from bot.crashtest.proof import Wrong
from bot.crashtest.run import play
from bot.crashtest.steps import Step
from bot.crashtest.suite import Report, passed

SEED = 302  # whose story has posts soon after another: there every plant can do harm
MOST = 12  # runs until a plant must be found; nearly always the first or second finds it
SIGNS = {
    Plant.MARK_BEFORE_SEND: {Wrong.UNFOUNDED, Wrong.LOST},
    Plant.CURSOR_BEFORE_COMMIT: {Wrong.LOST},
    Plant.SKIP_GATE: {Wrong.OVERTAKEN},
    Plant.FORGET_IN_DOUBT: {Wrong.UNFOUNDED, Wrong.LOST},
    Plant.SETTLE_TWICE: {Wrong.UNFOUNDED, Wrong.LOST},
}


async def test_nothing_is_lost_and_every_plant_is_found(tmp_path: Path) -> None:
    waiting = [None, *Plant]
    reports: dict[Plant | None, Report] = {}

    async def work(folder: Path) -> None:
        folder.mkdir()
        async with Lives.ready(folder / "lives.log") as lives:
            while waiting:
                plant = waiting.pop(0)
                report = reports[plant] = Report()
                for seed in range(SEED, SEED + (1 if plant is None else MOST)):
                    room = folder / f"{plant}-{seed}"
                    report.add(await play(seed, lives=lives, folder=room, plant=plant))
                    if report.faults:
                        break

    async with asyncio.TaskGroup() as group:
        for name in ("one", "other"):
            group.create_task(work(tmp_path / name))

    sound = reports[None]
    assert sound.faults == {}
    assert sound.kills.total() >= 10
    assert sound.in_flight >= sound.duplicates
    for plant, signs in SIGNS.items():
        report = reports[plant]
        assert passed(report, plant), f"{plant} was not found in {report.runs} runs"
        found = {fault.wrong for faults in report.faults.values() for fault in faults}
        assert signs & found, (plant, found)
    assert sum((report.kills for report in reports.values()), start=sound.kills).keys() == set(
        Step
    )


def test_a_bug_that_nobody_knows_cannot_be_planted() -> None:
    result = CliRunner().invoke(app, ["crashtest", "--plant", "no-such-bug"])
    assert result.exit_code == 2
    assert "mark-before-send" in result.output
