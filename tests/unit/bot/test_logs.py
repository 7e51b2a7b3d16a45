"""No way of logging lets a token out, or a person."""

import io
import json
import logging
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiogram.exceptions import ClientDecodeError
from aiogram.types import Message as TelegramMessage
from pydantic import ValidationError

from bot import logs
from storage.model import TelegramId

TOKEN = "1234567890:AAE-abcdefghijklmnopqrstuvwxyz_0123"
SECRET = TOKEN.partition(":")[2]


@pytest.fixture(params=[False, True], ids=["lines", "json"])
def stream(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What `configure` writes to; afterwards logging is as it was."""
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, sys.excepthook
    root.handlers.clear()  # `force` would close pytest's own
    stream = io.StringIO()
    logs.configure("DEBUG", json=request.param, stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    sys.excepthook = hook


def fail() -> None:
    raise ValueError(f"cannot fetch https://api.telegram.org/bot{TOKEN}/sendMessage")


def test_message_and_arguments(stream: io.StringIO) -> None:
    log = logging.getLogger("some.child")
    log.info("url https://api.telegram.org/bot%s/getMe", TOKEN)
    log.info("%s:%s", *TOKEN.split(":"))
    log.info("%(token)s", {"token": TOKEN})
    log.info(f"encoded {TOKEN.replace(':', '%3A')}")
    log.info(ValueError(TOKEN))
    log.info("%d wrong arguments", TOKEN)
    log.info("too many arguments", TOKEN)
    written = stream.getvalue()
    assert SECRET not in written
    assert written.count("<token>") == 7
    assert len(written.splitlines()) == 7


def test_tracebacks(stream: io.StringIO) -> None:
    try:
        try:
            fail()
        except ValueError as error:
            raise RuntimeError(f"while using {TOKEN}") from error
    except RuntimeError:
        logging.getLogger("x").exception("failed", stack_info=True)
    written = stream.getvalue()
    assert SECRET not in written
    assert written.count("<token>") == 2
    assert "in fail" in written
    assert "Stack (most recent call last)" in written


def test_what_ends_the_program_and_warnings(stream: io.StringIO) -> None:
    try:
        fail()
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(TOKEN, stacklevel=1)
    written = stream.getvalue()
    assert SECRET not in written
    assert written.count("<token>") >= 2
    assert "stopped by" in written


def test_other_formatters_see_the_masked_record(stream: io.StringIO) -> None:
    record = logging.makeLogRecord({"msg": "%s", "args": (TOKEN,)})
    try:
        fail()
    except ValueError:
        record.exc_info = sys.exc_info()
    assert logs.TokenFilter().filter(record)
    assert SECRET not in logging.Formatter("%(message)s %(args)s").format(record)


def test_a_post_cannot_forge_a_line(stream: io.StringIO) -> None:
    logging.getLogger("x").info("title %s", "a\n2026 CRITICAL root: b\x1b[2J\u2028c")
    written = stream.getvalue()
    assert len(written.splitlines()) == 1 or json.loads(written)
    assert "\x1b" not in written


def test_noisy_libraries_stay_at_info(stream: io.StringIO) -> None:
    for name in ("aiosqlite", "aiohttp", "telethon", "telethon.network", "aiogram.event"):
        logging.getLogger(name).debug("parameters %s", TOKEN)
    logging.getLogger("ours").debug("kept")
    assert stream.getvalue().count("\n") == 1


def test_level_above_info_holds_for_the_libraries(stream: io.StringIO) -> None:
    logging.getLogger().handlers.clear()
    logs.configure("WARNING", stream=stream)
    logging.getLogger("aiogram").info("quiet")
    assert stream.getvalue() == ""


def test_shapes() -> None:
    record = logging.makeLogRecord(
        {
            "created": 0.5,
            "name": "bot.outbox",
            "levelname": "INFO",
            "msg": "sent %d",
            "args": (3,),
        }
    )
    assert (
        logs.LineFormatter().format(record) == "1970-01-01T00:00:00.500Z INFO bot.outbox: sent 3"
    )
    assert json.loads(logs.JsonFormatter().format(record)) == {
        "time": "1970-01-01T00:00:00.500Z",
        "level": "info",
        "logger": "bot.outbox",
        "message": "sent 3",
    }


@pytest.mark.parametrize("text", ["12:34", "id 1234567890:short", "2026-03-01T04:05:06", "a:b"])
def test_what_is_no_token_stays(text: str) -> None:
    assert logs.mask(text) == text


def test_what_people_wrote_stays_out_of_tracebacks(stream: io.StringIO) -> None:
    """Pydantic quotes its input, and aiogram an answer that it cannot read."""
    raw = {"message_id": "Мария Иванова", "date": 1, "chat": {"id": 700101}}
    with pytest.raises(ValidationError) as wrong:
        TelegramMessage.model_validate(raw)
    unread = ClientDecodeError("Failed to deserialize object", wrong.value, raw)
    for problem in (wrong.value, unread):
        logging.getLogger("x").error("failed", exc_info=problem)
        logging.getLogger("x").warning("not read: %s", problem)
    written = stream.getvalue()
    assert "Иванова" not in written and "700101" not in written
    assert "message_id" in written, "what was wrong is still told"


def test_a_person_has_no_number_in_the_log() -> None:
    assert logs.whose(TelegramId(-1001)) == "chat -1001"
    assert "700101" not in logs.whose(TelegramId(700101))
    assert (
        logs.whose(TelegramId(700101))
        == logs.whose(TelegramId(700101))
        != logs.whose(TelegramId(700102))
    )


def test_no_line_of_the_program_writes_a_chat_or_person_itself() -> None:
    """`whose` does."""
    lines = re.compile(r'_log\.\w+\(\s*f?"[^"]*\b(chat|admin|user|operator|person) (%|\{)')
    for folder in ("bot", "ingest", "storage"):
        for file in Path(folder).rglob("*.py"):
            assert not lines.search(file.read_text("utf-8")), file
