"""What `nabat crashtest` prints: a bar while it lasts, a table at the end."""

from collections.abc import Iterator
from typing import Self

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bot.crashtest.plants import Plant
from bot.crashtest.proof import Fault, Wrong
from bot.crashtest.steps import Step
from bot.crashtest.suite import Report, passed

_MOST_WORDS = 12  # faults that are spelled out


class Watching:
    """On standard error, where that is a terminal."""

    def __init__(self, runs: int) -> None:
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("crashtest"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[kills]} kills, {task.fields[faults]} faults"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("", total=runs, kills=0, faults=0)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def run(self, report: Report) -> None:
        self._bar.update(
            self._task,
            completed=report.runs,
            kills=report.kills.total(),
            faults=sum(map(len, report.faults.values())),
        )


def show(report: Report, plant: Plant | None, console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAVY, show_header=False)
    table.add_column("what")
    table.add_column("how many", justify="right")
    for name, value in _rows(report):
        table.add_row(name, str(value))
    console.print(table)
    shown = [(seed, fault) for seed, faults in report.faults.items() for fault in faults]
    for seed, fault in shown[:_MOST_WORDS]:
        console.print(f"seed {seed}: {fault.wrong}: {fault.words}", soft_wrap=True)
    if len(shown) > _MOST_WORDS:
        console.print(f"… and {len(shown) - _MOST_WORDS} more")
    console.print(_verdict(report, plant))


def _rows(report: Report) -> Iterator[tuple[str, int]]:
    yield "runs", report.runs
    yield "kills", report.kills.total()
    for step in Step:
        yield f"  {step}", report.kills[step]
    yield "requests in flight at a kill", report.in_flight
    yield "messages sent twice for it", report.duplicates
    found = [fault for faults in report.faults.values() for fault in faults]
    for wrong in Wrong:
        yield wrong, _count(found, wrong)


def _count(faults: list[Fault], wrong: Wrong) -> int:
    return sum(fault.wrong is wrong for fault in faults)


def _verdict(report: Report, plant: Plant | None) -> str:
    good = passed(report, plant)
    if plant is None:
        return "passed" if good else f"failed: seeds {', '.join(map(str, report.faults))}"
    if good:
        return f"{plant} was found"
    return f"failed: {plant} was not found in {report.runs} runs"
