"""`nabat check` against the sandbox's Telegrams: each line says what is wrong and the cure."""

import io
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from pydantic import SecretStr
from rich.console import Console

from bot.check import Finding, Status, check, exit_code, table
from bot.jobs import JOBS
from bot.sandbox.bot_api import BotApiServer
from bot.sandbox.bot_api_answers import Hang, Reset, server_error
from bot.sandbox.mtproto import MtprotoServer
from bot.settings import (
    AdminSection,
    BotApiSection,
    BotSection,
    ChannelSection,
    ReaderSection,
    Settings,
    StorageSection,
)
from storage import channels
from storage.database import Database
from storage.model import AreaCode, Channel, ChannelId

TOKEN: Final = "123456789:AAHk3xV9-pQzzTnA_w0mB1cD2eF3gH4iJ5k"
REGION: Final = AreaCode("RU-KLU")
STORED: Final = Channel(
    id=ChannelId(5),
    access_hash=7,
    username="Stored_Channel",
    title="МЧС",
    area=REGION,
    added_at=datetime(2026, 3, 1, tzinfo=UTC),
)


@dataclass(slots=True, kw_only=True)
class Place:
    """Both Telegrams, and a folder in which everything is as it should be."""

    folder: Path
    bots: BotApiServer
    telegram: MtprotoServer

    @property
    def session(self) -> Path:
        return self.folder / "reader.session"

    @property
    def database(self) -> Path:
        return self.folder / "nabat.db"

    def settings(self, *names: str) -> Settings:
        return Settings(
            reader=ReaderSection(api_id=1, api_hash=SecretStr("0" * 32), session=self.session),
            bots=(BotSection(token=SecretStr(TOKEN)),),
            bot_api=BotApiSection(base_url=self.bots.url),
            storage=StorageSection(path=self.database),
            admins=AdminSection(ids=(1,)),
            channels=tuple(ChannelSection(username=name, region=REGION) for name in names),
        )

    async def store(self, trouble: str | None = None) -> None:
        async with await Database.open(self.database) as database:
            await database.write(lambda tx: channels.add(tx, STORED))
            if trouble is not None:
                await database.write(lambda tx: channels.in_trouble(tx, STORED.id, trouble))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    async with AsyncExitStack() as stack:
        bots = BotApiServer()
        await bots.start()
        stack.push_async_callback(bots.close)
        bots.add_bot(TOKEN, "nabat_bot")
        telegram = await stack.enter_async_context(MtprotoServer())
        telegram.write_session(folder / "reader.session")
        telegram.add_channel(username="mchs_kaluga", title="МЧС")
        yield Place(folder=folder, bots=bots, telegram=telegram)


def of(findings: Sequence[Finding], subject: str) -> Finding:
    (found,) = (finding for finding in findings if finding.subject == subject)
    return found


async def test_all_is_well(place: Place) -> None:
    await place.store()
    before = place.session.read_bytes()
    findings = await check(place.settings("mchs_kaluga", "stored_channel"), JOBS)
    assert {finding.status for finding in findings} == {Status.OK}, findings
    assert not any(finding.cure for finding in findings)
    assert exit_code(findings) == 0
    assert [finding.subject for finding in findings[:6]] == [
        "configuration",
        "time zones",
        "database",
        "bot no. 1",
        "session",
        "channels",
    ]
    assert of(findings, "bot no. 1").detail == "the token is that of @nabat_bot"
    assert of(findings, "session").detail.startswith("logged in as Reader, a round trip took ")
    assert of(findings, "channels").detail == "can be read: 2 of 2"
    assert [finding.subject for finding in findings[6:]] == [f"job {job.name}" for job in JOBS]
    # Looked up is only what is not known yet, and nothing is joined or written.
    assert place.telegram.calls["contacts.resolveUsername"] == 1
    assert place.telegram.calls["channels.joinChannel"] == 0
    assert place.session.read_bytes() == before


async def test_first_start(place: Place) -> None:
    place.session.unlink()
    findings = await check(place.settings("mchs_kaluga"), ())
    assert of(findings, "database").status is Status.WARN
    assert of(findings, "session").line.endswith("reader.session — run `nabat login`")
    assert of(findings, "channel mchs_kaluga").status is Status.WARN
    assert exit_code(findings) == 1
    assert not place.session.exists()
    assert not place.database.exists()


async def test_next_to_run(place: Place) -> None:
    await place.store()
    async with await Database.open(place.database):
        findings = await check(place.settings("mchs_kaluga"), ())
    assert exit_code(findings) == 0
    assert "in use by `nabat run`" in of(findings, "database").detail
    assert "in use by `nabat run`" in of(findings, "session").detail
    assert not place.telegram.calls


Break = Callable[[Place], object]


@pytest.mark.parametrize(
    ("spoil", "subject", "detail", "cure"),
    [
        (lambda at: at.bots.revoke(TOKEN), "bot no. 1", "does not accept", "@BotFather"),
        (
            lambda at: at.bots.inject(server_error(502)),
            "bot no. 1",
            "HTTP 502",
            "again",
        ),
        (
            lambda at: at.bots.inject(Reset()),
            "bot no. 1",
            "not answer",
            "reach http:",
        ),
        (lambda at: at.session.chmod(0o644), "session", "(mode 0644)", "chmod 600 "),
        (lambda at: at.folder.chmod(0o755), "session", "(mode 0755)", "chmod 700 "),
        (lambda at: at.session.write_bytes(b"x" * 4096), "session", "cannot", "nabat login"),
        (lambda at: at.session.write_bytes(b""), "session", "cannot", "nabat login"),
        (lambda at: at.telegram.revoke(), "session", "cannot be used", "nabat login"),
        (lambda at: at.telegram.duplicate_key(), "session", "cannot be used", "stop the other"),
        (lambda at: at.telegram.flood("users.getUsers", 33, 5), "session", "33 s", "after that"),
        (lambda at: at.database.write_bytes(b"x" * 4096), "database", "cannot", "backup"),
    ],
)
async def test_what_is_wrong(
    place: Place, spoil: Break, subject: str, detail: str, cure: str
) -> None:
    spoil(place)
    findings = await check(place.settings(), ())
    found = of(findings, subject)
    assert found.status is not Status.OK
    assert detail in found.detail
    assert cure in found.cure
    assert exit_code(findings) == (found.status is Status.FAIL)
    assert TOKEN not in "".join(finding.line for finding in findings)


async def test_nobody_answers(place: Place) -> None:
    place.bots.inject(Hang(), method="getMe")
    await place.telegram.refuse()
    findings = await check(place.settings(), (), answer_seconds=0.05)
    assert "does not answer" in of(findings, "bot no. 1").detail
    assert "does not answer" in of(findings, "session").detail


async def test_channels_that_need_somebody(place: Place) -> None:
    await place.store(trouble="the channel is private, or closed to this account")
    findings = await check(place.settings("mchs_kaluga", "mchs_kalugaa", "stored_channel"), ())
    missing = of(findings, "channel mchs_kalugaa")
    assert (missing.status, missing.cure) == (
        Status.FAIL,
        "correct the name in [[channels]], or remove it",
    )
    assert of(findings, "channel stored_channel").status is Status.WARN
    assert of(findings, "channels").detail == "can be read: 1 of 3"


async def test_lookups_stop_at_a_flood(place: Place) -> None:
    place.telegram.flood("contacts.resolveUsername", 900)
    findings = await check(place.settings("mchs_kaluga", "mchs_tula"), ())
    assert of(findings, "channel mchs_kaluga").status is Status.WARN
    assert of(findings, "channel mchs_tula").status is Status.WARN
    assert place.telegram.calls["contacts.resolveUsername"] == 1


def test_table_shows_foreign_text_as_it_is() -> None:
    out = io.StringIO()
    finding = Finding(status=Status.FAIL, subject="channel x", detail="[red]no[/]", cure="do so")
    Console(file=out, width=100).print(table([finding]))
    assert out.getvalue().strip() == "FAIL  channel x: [red]no[/] — do so"
