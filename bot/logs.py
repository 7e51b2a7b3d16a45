"""Logging of the whole program: to stderr, one line a record, never a bot's token, a person or
what they wrote.

A token stands in every URL of the Bot API, and so in the texts of many exceptions; what people
wrote stands in those of pydantic and aiogram.
"""

import json as jsonlib
import logging
import re
import secrets
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import blake2s
from types import TracebackType
from typing import TextIO

from storage.model import TelegramId

_TOKEN = re.compile(r"\d{6,12}(?::|%3[Aa])[A-Za-z0-9_-]{30,}")
_MASK = "<token>"
_QUOTED = re.compile(r"(?m)(?<=input_value=).*(?=, input_type=)|(?<=^Content: ).*$")
_OF_THIS_RUN = secrets.token_bytes(16)
# At DEBUG these print SQL parameters, URLs and whole updates.
_AT_LEAST_INFO = ("aiosqlite", "aiohttp", "telethon", "aiogram")
# A line for every update, connection and job says nothing that an operator could act on.
_AT_LEAST_WARNING = ("aiogram.event", "apscheduler", "telethon.network")
# A post must not be able to forge a line of the log or to drive the terminal.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if code != 9}
_CONTROLS |= {0x0A: "\\n", 0x0D: "\\r", 0x2028: "\\u2028", 0x2029: "\\u2029"}
_CONTROLS_OF_LINES = {code: shown for code, shown in _CONTROLS.items() if code != 0x0A}
_PLAIN = logging.Formatter()


def mask(text: str) -> str:
    return _QUOTED.sub("…", _TOKEN.sub(_MASK, text))


def whose(chat: TelegramId) -> str:
    """A chat as it may stand in the log: a group or channel by its number; a person by a sign that
    means nothing beyond this run, so that lines about one can be told to belong together."""
    if chat < 0:
        return f"chat {chat}"
    sign = blake2s(str(chat).encode(), key=_OF_THIS_RUN, digest_size=3).hexdigest()
    return f"private chat ~{sign}"


class TokenFilter(logging.Filter):
    """Masks tokens in message, arguments, traceback and stack of every record, for whatever
    formatter comes after. Belongs on handlers: filters of loggers miss what children log."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            # Otherwise logging itself would print the arguments to stderr, unmasked.
            message = f"{record.msg} {record.args!r}"
        record.msg, record.args = mask(message), ()
        if record.exc_info:
            record.exc_text = record.exc_text or _PLAIN.formatException(record.exc_info)
            # Only the text is masked; the exception itself must not reach a formatter.
            record.exc_info = None
        if record.exc_text:
            record.exc_text = mask(record.exc_text)
        if record.stack_info:
            record.stack_info = mask(record.stack_info)
        return True


class LineFormatter(logging.Formatter):
    """``2026-03-01T04:05:06.789Z WARNING bot.outbox: …``, tracebacks on lines of their own."""

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage().translate(_CONTROLS)
        lines = [f"{_time(record)} {record.levelname} {record.name}: {message}"]
        lines += (detail.translate(_CONTROLS_OF_LINES) for detail in _details(record))
        return mask("\n".join(lines))


class JsonFormatter(logging.Formatter):
    """One object a line: time, level, logger, message, and exception if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if details := "\n".join(_details(record)):
            fields["exception"] = details
        return mask(jsonlib.dumps(fields, ensure_ascii=False))


def configure(level: int | str, json: bool = False, stream: TextIO | None = None) -> None:
    """Replaces whatever handlers the root logger had; ``stream``: stderr if None.

    Warnings and what ends the program go the same way.
    """
    handler = logging.StreamHandler(stream)
    handler.addFilter(TokenFilter())
    handler.setFormatter(JsonFormatter() if json else LineFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    root = logging.getLogger()
    for name in _AT_LEAST_INFO:
        logging.getLogger(name).setLevel(max(root.level, logging.INFO))
    for name in _AT_LEAST_WARNING:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))
    logging.captureWarnings(True)
    sys.excepthook = _uncaught


def _uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
    else:
        logging.getLogger("nabat").critical("stopped by", exc_info=(kind, error, traceback))


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _details(record: logging.LogRecord) -> Iterator[str]:
    if record.exc_info and not record.exc_text:
        record.exc_text = _PLAIN.formatException(record.exc_info)
    if record.exc_text:
        yield record.exc_text
    if record.stack_info:
        yield record.stack_info
