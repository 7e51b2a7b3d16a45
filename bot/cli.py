"""The command `nabat`: what can be asked for, and the exit codes.

0: done. 1: something is wrong with what was asked about. 2: it could not be begun (usage,
configuration, a database in use); one line says why and what to do.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from bot import logs
from bot.config import ConfigError
from bot.config import load as load_settings
from bot.settings import Settings
from ingest.classify import Classifier
from ingest.levels import LevelsError, load_levels
from storage.areas import tree
from storage.areas.tree import Areas
from storage.database import StorageError
from storage.model import AreaCode

app = typer.Typer(
    help="Nabat watches official Telegram channels and tells the people of a region.",
    no_args_is_help=True,
    add_completion=False,
    # Tracebacks with local variables would show tokens.
    pretty_exceptions_enable=False,
)

ConfigOption = Annotated[
    Path, typer.Option("--config", "-c", help="The configuration, see config.example.toml.")
]
LevelsOption = Annotated[
    Path | None, typer.Option(help="A table of regions of your own, over the bundled one.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON lines in place of tables.")]

_CONFIG = Path("config.toml")
_SIGNS = {"sound": "🔔", "silent": "🔕", "edit": "✎ "}


def main() -> None:
    app()


def _fail(line: str) -> NoReturn:
    typer.echo(f"nabat: {line}", err=True)
    raise typer.Exit(2)


def _configured(config: Path) -> tuple[Settings, Areas]:
    areas = tree.load()
    try:
        settings = load_settings(config, os.environ, areas)
    except ConfigError as problem:
        _fail(str(problem))
    logs.configure(settings.logging.level.upper(), settings.logging.format == "json")
    return settings, areas


def _classifier(own: Path | None, areas: Areas) -> Classifier:
    try:
        return Classifier(areas, load_levels(own, areas))
    except LevelsError as problem:
        _fail(str(problem))


def _known(areas: Areas, code: str | None) -> AreaCode | None:
    if code is None:
        return None
    area = areas.find(code)
    if area is None:
        _fail(f"there is no area with the code {code!r}: `nabat areas` lists them")
    return area.code


@app.command()
def demo(
    json_lines: JsonOption = False,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw what one chat hears, as an SVG.")
    ] = None,
) -> None:
    """Let a night happen on a Telegram of our own: no account, no token, no network."""
    from bot.demo import demo as run_demo
    from bot.sandbox.world import bundled_night
    from bot.show import JsonLines, Picture, Terminal

    logs.configure("WARNING")
    console = Console(width=None if sys.stdout.isatty() else 140)
    show: Terminal | JsonLines
    if picture is not None:
        show = Picture(console, picture)
    else:
        show = JsonLines(console) if json_lines else Terminal(console)
    report = uvloop.run(run_demo(bundled_night(), tree.load(), show))
    raise typer.Exit(1 if report.left else 0)


@app.command()
def tour(
    folder: Annotated[Path, typer.Argument(help="Where the pictures go; made if need be.")],
) -> None:
    """Play the bot's screens on a Telegram of our own and draw them: an SVG each."""
    from bot.tour.paint import Painter
    from bot.tour.play import TourError
    from bot.tour.play import tour as run_tour
    from bot.tour.scenes import SCENES
    from bot.tour.script import NIGHT

    logs.configure("WARNING")
    folder.mkdir(parents=True, exist_ok=True)
    painter = Painter(folder)
    try:
        uvloop.run(run_tour(NIGHT, SCENES, tree.load(), painter.seen))
    except* TourError as problems:
        _fail(str(problems.exceptions[0]))
    for file in painter.files:
        typer.echo(f"{file.stat().st_size:>8,}  {file}")


@app.command()
def run(config: ConfigOption = _CONFIG) -> None:
    """The service: read, understand, tell; until it is told to stop."""
    from bot.app.root import Order
    from bot.app.root import run as run_service
    from bot.clock import SystemClock

    settings, areas = _configured(config)

    async def serve() -> None:
        orders: asyncio.Queue[Order] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        for number, order in (
            (signal.SIGTERM, Order.STOP),
            (signal.SIGINT, Order.STOP),
            (signal.SIGHUP, Order.REREAD),
        ):
            loop.add_signal_handler(number, orders.put_nowait, order)
        await run_service(settings, areas=areas, clock=SystemClock(), orders=orders)

    try:
        uvloop.run(serve())
    except (StorageError, LevelsError) as problem:
        _fail(str(problem))


@app.command()
def login(config: ConfigOption = _CONFIG) -> None:
    """Sign the account in that reads the channels; asks for phone, code and password."""
    from bot.login import login as log_in

    settings, _ = _configured(config)
    logs.configure("WARNING")
    raise typer.Exit(asyncio.run(log_in(settings)))


@app.command()
def check(config: ConfigOption = _CONFIG) -> None:
    """Try everything out: configuration, token, session, channels, database. One line each."""
    from bot.check import check as look
    from bot.check import exit_code, table
    from bot.jobs import JOBS

    settings, _ = _configured(config)
    logs.configure("ERROR")
    findings = asyncio.run(look(settings, JOBS))
    Console().print(table(findings))
    raise typer.Exit(exit_code(findings))


@app.command()
def areas(
    under: Annotated[str | None, typer.Argument(help="A code; none: the regions.")] = None,
) -> None:
    """List the codes of regions, or of what lies in one."""
    known = tree.load()
    code = _known(known, under)
    for area in known.regions() if code is None else known.children(code):
        typer.echo(f"{area.code:<36} {area.name_ru} · {area.name_uk} · {area.name_en}")


@app.command()
def classify(
    text: Annotated[str | None, typer.Argument(help="A post; without it JSON lines.")] = None,
    region: Annotated[str | None, typer.Option(help="Whom its channel speaks for.")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="JSON lines in, JSON lines out.")] = False,
    levels: LevelsOption = None,
) -> None:
    """What posts say: claims with places, counts and casualties, or why there are none."""
    from bot.reading import classify_lines, classify_one

    known = tree.load()
    home = _known(known, region)
    classifier = _classifier(levels, known)
    if text is not None:
        classify_one(text, home, classifier, Console())
        return
    if not jsonl:
        _fail('give a text, or --jsonl and posts on standard input: {"id", "text", …} a line')
    bad = 0
    with _progress("classify", None) as advance:
        for answer in classify_lines(sys.stdin, classifier, home, advance):
            if "error" in answer:
                bad += 1
                typer.echo(json.dumps(answer, ensure_ascii=False), err=True)
            else:
                sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    raise typer.Exit(1 if bad else 0)


@app.command()
def evaluate(
    labels: Annotated[Path, typer.Argument(help="Labelled posts, JSON lines.")],
    posts: Annotated[
        Path | None, typer.Option(help="The posts themselves, where the labels have no text.")
    ] = None,
    compare: Annotated[
        Path | None, typer.Option(help="Answers of another run: what is read otherwise now.")
    ] = None,
    save: Annotated[Path | None, typer.Option(help="Where to keep this run's answers.")] = None,
    levels: LevelsOption = None,
) -> None:
    """Precision, recall and F1 of the classifier; false clears and false alerts with texts."""
    from bot import evaluate as measure

    known = tree.load()
    for file in (labels, posts, compare):
        if file is not None and not file.is_file():
            _fail(f"there is no file {file}")
    answers: dict[str, tuple[Any, Any]] = {}
    console = Console()
    try:
        before = None if compare is None else measure.read_answers(compare)
        with _progress("evaluate", None) as advance, contextlib.ExitStack() as stack:
            kept = None if save is None else stack.enter_context(save.open("w", encoding="utf-8"))

            def heard(post: Any, answer: Any) -> None:
                advance(len(answers))
                answers[answer["id"]] = (post, answer)
                if kept is not None:
                    kept.write(json.dumps(answer, ensure_ascii=False) + "\n")

            pairs = measure.read_labels(labels, posts)
            score = measure.evaluate(pairs, _classifier(levels, known), heard)
    except measure.LabelsError as problem:
        _fail(str(problem))
    measure.show(score, console)
    if before is not None:
        measure.compare(before, answers, console)
    raise typer.Exit(1 if score.false_clears or score.part_as_whole else 0)


@app.command()
def label(
    post: Annotated[
        str | None, typer.Argument(help="@channel/message, or the post's address.")
    ] = None,
    *,
    to: Annotated[Path, typer.Option(help="The labels; the line is appended.")],
    claim: Annotated[
        list[str] | None, typer.Option(help="kind:hazard:AREA[,AREA][:partial], any number.")
    ] = None,
    right: Annotated[bool, typer.Option("--right", help="It was read right.")] = False,
    nothing: Annotated[bool, typer.Option("--nothing", help="It says nothing.")] = False,
    decided: Annotated[
        bool, typer.Option("--decided", help="All that moderators decided in the chat.")
    ] = False,
    config: ConfigOption = _CONFIG,
) -> None:
    """Turn a stored post and your verdict, or all that moderators decided, into labels that
    `evaluate` reads."""
    from bot import label as labels
    from storage.database import Database

    settings, known = _configured(config)

    async def write() -> dict[str, Any]:
        if decided:
            async with await Database.open(settings.storage.path) as database:
                return {"labels": await labels.decided(database, known, to)}
        if post is None:
            raise labels.VerdictError("name a post, or write --decided")
        verdict = labels.stated(claim or (), right=right, nothing=nothing, areas=known)
        async with await Database.open(settings.storage.path) as database:
            return await labels.label(database, post, verdict, known, to)

    try:
        typer.echo(json.dumps(asyncio.run(write()), ensure_ascii=False))
    except (labels.VerdictError, StorageError) as problem:
        _fail(str(problem))


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="result.json of Telegram Desktop, or JSON lines.")],
    region: Annotated[
        str | None, typer.Option(help="Whom the channel speaks for, where the file is silent.")
    ] = None,
    follow: Annotated[
        list[str] | None, typer.Option(help="Areas to follow; none: every region.")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(help="A folder for the database, to look at afterwards.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Whole messages.")] = False,
    json_lines: JsonOption = False,
) -> None:
    """An archive through the whole program: what would have been sent, and to whom."""
    from bot.replay import WouldSend, entries
    from bot.replay import replay as run_replay

    known = tree.load()
    home = _known(known, region)
    followed = [code for each in follow or () if (code := _known(known, each)) is not None]
    if not file.is_file():
        _fail(f"there is no file {file}")
    logs.configure("WARNING")

    def would_send(request: WouldSend) -> None:
        if json_lines:
            row = {
                "at": request.at.isoformat(),
                "area": request.area,
                "lever": request.lever,
                "text": request.text,
            }
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
            return
        shown = request.text if full else request.text.partition("\n")[0]
        name = known.name(request.area, "ru")
        sys.stdout.write(f"{request.at:%Y-%m-%d %H:%M} {_SIGNS[request.lever]} {name}: {shown}\n")

    try:
        with _progress("replay", file.stat().st_size) as advance:
            tally = uvloop.run(
                run_replay(
                    entries(file, home, advance),
                    areas=known,
                    follow=followed,
                    would_send=would_send,
                    folder=keep,
                )
            )
    except StorageError as problem:
        _fail(str(problem))
    for line in tally.bad[:20]:
        typer.echo(f"set aside: no. {line.line}: {line.reason}", err=True)
    summary: dict[str, Any] = {
        "posts": dict(tally.states),
        "reasons": dict(tally.reasons),
        "would_send": dict(tally.levers),
        "set_aside": len(tally.bad),
    }
    typer.echo(json.dumps(summary, ensure_ascii=False), err=not json_lines)
    raise typer.Exit(1 if tally.bad or tally.states["failed"] else 0)


@app.command()
def crashtest(
    runs: Annotated[int, typer.Option(min=1, help="Stories; each is killed a dozen times.")] = 20,
    seed: Annotated[int, typer.Option(help="Of the first run; the next has the next.")] = 0,
    plant: Annotated[
        str | None, typer.Option(help="A bug that the proof has to find, or it fails.")
    ] = None,
) -> None:
    """Kill the real service at every step, again and again, and prove that nothing was lost."""
    from bot.crashtest.lives import LivesError
    from bot.crashtest.plants import Plant
    from bot.crashtest.show import Watching, show
    from bot.crashtest.suite import crashtest as run_crashtest
    from bot.crashtest.suite import passed

    if plant is not None and plant not in list(Plant):
        _fail(f"there is no bug {plant!r} to plant: {', '.join(Plant)}")
    planted = None if plant is None else Plant(plant)
    logs.configure("ERROR")
    try:
        with Watching(runs) as watching:
            report = uvloop.run(run_crashtest(runs, seed=seed, plant=planted, on_run=watching.run))
    except* LivesError as problems:
        _fail(f"the service could not be started: {problems.exceptions[0]}")
    show(report, planted, Console())
    raise typer.Exit(0 if passed(report, planted) else 1)


class _progress:
    """A bar on standard error where that is a terminal, for input of ``size`` bytes."""

    def __init__(self, what: str, size: int | None) -> None:
        self._bar = Progress(
            TextColumn(what),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
            transient=True,
        )
        self._task = self._bar.add_task(what, total=size)

    def __enter__(self) -> Callable[[int], None]:
        self._bar.start()
        return lambda done: self._bar.update(self._task, completed=done)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


if __name__ == "__main__":
    main()
