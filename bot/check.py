"""`nabat check`: tries out, before `run` or next to it, everything that `run` will need.

Nothing is changed by it, but that opening the database brings an older schema up to date.
"""

import asyncio
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, Protocol

from rich.table import Table
from rich.text import Text

from bot.login import reader_settings
from bot.outcome import Lost, Reply
from bot.session import Session
from bot.settings import BotSection, ChannelSection, Settings
from ingest.listener.link import Flooded, LinkLost, Troubled
from ingest.listener.settings import ReaderFatal
from ingest.login import Visit, visit
from storage import channels
from storage.database import Database, LockedError, StorageError
from storage.model import Channel


class Status(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """``cure``: what to do about it; empty when nothing is to be done."""

    status: Status
    subject: str
    detail: str
    cure: str = ""

    @property
    def line(self) -> str:
        text = f"{self.subject}: {self.detail}"
        return f"{text} — {self.cure}" if self.cure else text


class JobRow(Protocol):
    """A row of ``bot.jobs.JOBS``, as far as it is shown."""

    @property
    def name(self) -> str: ...
    @property
    def every(self) -> timedelta | str: ...
    @property
    def doc(self) -> str: ...


async def check(
    settings: Settings, jobs: Iterable[JobRow], *, answer_seconds: float = 5.0
) -> list[Finding]:
    """In the order in which they are to be mended. ``answer_seconds`` are the Bot API's; the
    reader's connection has times of its own. A configuration that cannot be loaded is
    not for here: ``bot.config.load`` has said why."""
    known = await _known(settings)
    async with asyncio.TaskGroup() as group:
        bots = group.create_task(_bots(settings, answer_seconds))
        reader = group.create_task(_reader(settings, known))
    return [
        _configuration(settings),
        known if isinstance(known, Finding) else _database(settings, known),
        *bots.result(),
        *reader.result(),
        *map(_job, jobs),
    ]


def exit_code(findings: Iterable[Finding]) -> int:
    return int(any(finding.status is Status.FAIL for finding in findings))


_STYLES: Final = {Status.OK: "green", Status.WARN: "yellow", Status.FAIL: "bold red"}


def table(findings: Iterable[Finding]) -> Table:
    """Two columns without a frame; what was read from outside is no markup."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(no_wrap=True)
    rows.add_column(overflow="fold")
    for finding in findings:
        rows.add_row(Text(finding.status, _STYLES[finding.status]), Text(finding.line))
    return rows


def _ok(subject: str, detail: str) -> Finding:
    return Finding(status=Status.OK, subject=subject, detail=detail)


def _warn(subject: str, detail: str, cure: str) -> Finding:
    return Finding(status=Status.WARN, subject=subject, detail=detail, cure=cure)


def _fail(subject: str, detail: str, cure: str) -> Finding:
    return Finding(status=Status.FAIL, subject=subject, detail=detail, cure=cure)


def _configuration(settings: Settings) -> Finding:
    regions = len({channel.region for channel in settings.channels})
    return _ok(
        "configuration",
        f"bots: {len(settings.bots)}, admins: {len(settings.admins.roles)}, "
        f"channels: {len(settings.channels)}, of regions: {regions}",
    )


async def _known(settings: Settings) -> Sequence[Channel] | Finding:
    """The channels in the database; or why they cannot be had."""
    path = settings.storage.path
    if not path.exists():
        return _warn("database", f"{path} is not there yet", "`nabat run` will make it")
    try:
        async with await Database.open(path) as database:
            return await database.read(lambda tx: channels.listed(tx, enabled_only=False))
    except LockedError:
        return _ok("database", f"in use by `nabat run`, which looks after it ({path})")
    except StorageError as problem:
        return _fail("database", "cannot be used", str(problem))
    except OSError as problem:
        return _fail(
            "database",
            f"{path} cannot be opened ({problem.strerror})",
            "run this as the user that runs nabat, and give that user the folder",
        )


def _database(settings: Settings, known: Sequence[Channel]) -> Finding:
    return _ok(
        "database",
        f"opens, schema and durability as they should be, channels: {len(known)} "
        f"({settings.storage.path})",
    )


# --- the bots ------------------------------------------------------------------------------


async def _bots(settings: Settings, seconds: float) -> list[Finding]:
    session = Session(settings.bot_api.base_url, timeout=seconds)
    try:
        return [
            await _bot(session, f"bot no. {number}", bot)
            for number, bot in enumerate(settings.bots, 1)
        ]
    finally:
        await session.close()


async def _bot(session: Session, subject: str, bot: BotSection) -> Finding:
    match await session.exchange(bot.token.get_secret_value(), "getMe", {}):
        case Reply(status=200, body={"ok": True, "result": {"username": str(name)}}):
            return _ok(subject, f"the token is that of @{name}")
        case Reply(status=401 | 404):
            return _fail(
                subject,
                "Telegram does not accept the token",
                "take the present one from @BotFather, or correct [bot_api] base_url",
            )
        case Reply(status=status):
            return _fail(
                subject,
                f"the Bot API answers with HTTP {status}",
                "try again in a few minutes; otherwise correct [bot_api] base_url",
            )
        case Lost(why=why):
            return _fail(
                subject,
                f"the Bot API does not answer ({why})",
                f"let this computer reach {session.api.base.partition('/bot')[0]}, "
                "or correct [bot_api] base_url",
            )


# --- the reader's account and the channels ---------------------------------------------------


async def _reader(settings: Settings, known: Sequence[Channel] | Finding) -> list[Finding]:
    if isinstance(known, Finding) and known.status is Status.OK:
        return [
            _ok("session", "in use by `nabat run`, which tells the admins when it breaks"),
            _ok("channels", "read by `nabat run`: ask the bot for /status"),
        ]
    stored = {} if isinstance(known, Finding) else _by_name(known)
    strangers = [one.username for one in settings.channels if one.username.lower() not in stored]
    session = await _session(settings, strangers)
    if isinstance(session, Finding):
        return [session, *_channels(settings.channels, stored, None)]
    took = f"a round trip took {session.seconds * 1000:.0f} ms"
    return [
        _ok("session", f"logged in as {session.account}, {took}"),
        *_channels(settings.channels, stored, session),
    ]


def _by_name(known: Sequence[Channel]) -> dict[str, Channel]:
    return {one.username.lower(): one for one in known if one.username is not None}


async def _session(settings: Settings, strangers: Sequence[str]) -> Visit | Finding:
    """What a visit with the reader's session finds, or why there is none."""
    path = settings.reader.session
    subject = "session"
    try:
        for place, wanted in ((path.parent, 0o700), (path, 0o600)):
            mode = stat.S_IMODE(place.stat().st_mode)
            if mode & 0o077:
                return _fail(
                    subject,
                    f"others may read {place} (mode {mode:04o}), which is the account itself",
                    f"chmod {wanted:o} {place}",
                )
    except FileNotFoundError:
        return _fail(subject, f"there is no {path}", "run `nabat login`")
    except PermissionError:
        return _fail(subject, f"{path} is closed to this user", "run this as its owner")
    try:
        return await visit(reader_settings(settings.reader), strangers)
    except ReaderFatal as problem:
        return _fail(subject, "cannot be used", str(problem))
    except Flooded as problem:
        return _warn(subject, str(problem), "try again after that")
    except (LinkLost, Troubled) as problem:
        return _fail(
            subject,
            f"Telegram does not answer ({problem})",
            "let this computer reach Telegram's servers; try again in a few minutes",
        )


def _channels(
    wanted: Sequence[ChannelSection], stored: dict[str, Channel], seen: Visit | None
) -> list[Finding]:
    """A line for each channel that needs somebody, and one for the others."""
    findings = [_channel(one, stored.get(one.username.lower()), seen) for one in wanted]
    ill = [finding for finding in findings if finding is not None]
    well = len(wanted) - len(ill)
    if not wanted and not stored:
        return [_warn("channels", "there is none to read", "add [[channels]]")]
    return [*ill, _ok("channels", f"can be read: {well} of {len(wanted)}")] if well else ill


def _channel(one: ChannelSection, stored: Channel | None, seen: Visit | None) -> Finding | None:
    subject = f"channel {one.username}"
    if stored is not None:
        if stored.trouble is None:
            return None
        return _warn(subject, stored.trouble, "see whether it is public still, or replace it")
    if seen is None:
        return _warn(subject, "was not looked up without a session", "mend the session first")
    if one.username in seen.closed:
        return _fail(
            subject,
            seen.closed[one.username],
            "correct the name in [[channels]], or remove it",
        )
    if one.username in seen.unasked:
        return _warn(
            subject,
            "was not looked up, to spare Telegram's limit on lookups",
            "`nabat run` will look it up",
        )
    return None


def _job(job: JobRow) -> Finding:
    every = job.every if isinstance(job.every, str) else f"every {_spoken(job.every)}"
    return _ok(f"job {job.name}", f"{every}: {job.doc}")


def _spoken(period: timedelta) -> str:
    """``15 s``, ``10 min``, ``24 h``: the largest unit that it is a whole number of."""
    seconds = period.total_seconds()
    units = (("h", 3600), ("min", 60), ("s", 1))
    return next((f"{seconds / size:g} {unit}" for unit, size in units if seconds % size == 0), "")
