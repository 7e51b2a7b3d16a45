"""Archives of posts: JSON lines and Telegram Desktop exports, read as a stream.

A line or message that cannot be read becomes a `BadLine` with its number and reason; the rest
goes on. Nothing is kept but one line, or one message of an export.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TextIO

from ingest.text import sanitise
from storage.model import AreaCode, ChannelId, Post

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The date of a post that states none."""
_CHUNK: Final = 1 << 16
_LARGEST_MESSAGE: Final = 1 << 22
_SERVICE: Final = "service"

Progress = Callable[[int], None]
"""Called with the number of bytes read so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One post of an archive. ``id`` is the archive's own; ``post.message`` is that number, or
    one made from it (crc32) where it is none. ``region`` and ``channel`` as the archive says."""

    id: str
    region: AreaCode | None
    channel: str | None
    post: Post


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """``line``: 1 is the first; for an export the message's place in its file."""

    line: int
    reason: str


def read_jsonl(
    stream: Iterable[str], progress: Progress | None = None
) -> Iterator[Entry | BadLine]:
    """Lines of {"id", "text", "region", "date", "forwarded", "channel"}; all but ``id`` and
    ``text`` may be absent or null. Empty lines are passed over."""
    done = 0
    for number, line in enumerate(stream, 1):
        if progress is not None:
            done += len(line.encode("utf-8", "replace"))
            progress(done)
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield BadLine(line=number, reason=f"no JSON: {error}")
            continue
        try:
            yield _entry(row)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            yield BadLine(line=number, reason=_reason(error))


def _reason(error: Exception) -> str:
    return f"no {error.args[0]!r}" if isinstance(error, KeyError) else str(error)


def _entry(row: object) -> Entry:
    if not isinstance(row, dict):
        raise TypeError("the line is no object")
    id_, text = row["id"], row["text"]
    if not isinstance(id_, str | int) or isinstance(id_, bool):
        raise TypeError("'id' is neither a string nor a number")
    if not isinstance(text, str):
        raise TypeError("'text' is no string")
    region, channel = row.get("region"), row.get("channel")
    if not isinstance(region, str | None):
        raise TypeError("'region' is no string")
    return Entry(
        id=str(id_),
        region=AreaCode(region) if region else None,
        channel=str(channel) if channel else None,
        post=_post(
            channel=_number(str(channel or "")),
            message=_number(str(id_)),
            text=text,
            date=_iso(row.get("date")),
            forwarded=bool(row.get("forwarded")),
        ),
    )


def _iso(date: object) -> datetime:
    """ISO 8601; without a zone UTC. Absent: the epoch."""
    if date is None or date == "":
        return EPOCH
    if not isinstance(date, str):
        raise TypeError("'date' is no string")
    try:
        parsed = datetime.fromisoformat(date)
    except ValueError:
        parsed = datetime.strptime(date, "%d.%m.%Y %H:%M").replace(tzinfo=UTC)
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _number(id_: str) -> int:
    """A positive number for an id that may be a word; equal ids give equal numbers."""
    tail = id_.rpartition("/")[2]
    if tail.isascii() and tail.isdigit() and len(tail) < len(str(1 << 62)):
        return int(tail)
    return zlib.crc32(id_.encode("utf-8", "replace"))


def _post(
    *,
    channel: int,
    message: int,
    text: str,
    date: datetime,
    forwarded: bool,
    edited: datetime | None = None,
    media: str | None = None,
    service: bool = False,
) -> Post:
    clean = sanitise(text)
    digest = hashlib.sha256(f"{clean}\0{media or ''}".encode("utf-8", "replace")).hexdigest()
    return Post(
        channel=ChannelId(channel),
        message=message,
        text=clean,
        date=date,
        edited_at=edited,
        received_at=edited or date,
        digest=digest,
        forwarded=forwarded,
        media=media,
        service=service,
    )


def read_export(path: Path, progress: Progress | None = None) -> Iterator[Entry | BadLine]:
    """Telegram Desktop's ``result.json``: of one chat, or of all (``chats.list``). Raises OSError
    when the file cannot be opened."""
    with path.open(encoding="utf-8", errors="replace") as stream:
        chat = _Chat()
        for place, found in enumerate(_messages(stream, chat, progress), 1):
            if isinstance(found, str):
                yield BadLine(line=place, reason=found)
                continue
            try:
                yield _message(found, chat)
            except (KeyError, TypeError, ValueError, OverflowError) as error:
                yield BadLine(line=place, reason=_reason(error))


@dataclass(slots=True)
class _Chat:
    """The chat whose messages are being read."""

    name: str | None = None
    id: int = 0


def _messages(
    stream: TextIO, chat: _Chat, progress: Progress | None
) -> Iterator[dict[str, Any] | str]:
    """The objects inside every ``"messages": [...]`` of the file, one at a time, whatever stands
    around them; the ``name`` and ``id`` before each list go to ``chat``."""
    decoder = json.JSONDecoder()
    buffer, ended, inside, done = "", False, False, 0

    def more() -> None:
        nonlocal buffer, ended, done
        chunk = stream.read(_CHUNK)
        ended = not chunk
        buffer += chunk
        done += len(chunk.encode("utf-8", "replace"))
        if progress is not None and chunk:
            progress(done)

    while True:
        if not inside:
            at = buffer.find('"messages"')
            opened = buffer.find("[", at) if at >= 0 else -1
            if opened >= 0:
                _head(buffer[:at], chat)
                buffer, inside = buffer[opened + 1 :], True
                continue
            if ended:
                return
            if at < 0:
                _head(buffer, chat)
                buffer = buffer[-1_024:]
            more()
            continue
        buffer = buffer.lstrip(" \t\r\n,")
        if buffer.startswith("]"):
            buffer, inside = buffer[1:], False
            continue
        try:
            found, end = decoder.raw_decode(buffer)
        except (ValueError, RecursionError):
            if not ended and len(buffer) < _LARGEST_MESSAGE:
                more()
                continue
            if buffer.strip():
                yield "the file breaks off inside a message" if ended else "no JSON"
            if ended:
                return
            skipped = buffer.find('{\n    "id"', 1)
            buffer = buffer[skipped if skipped > 0 else _LARGEST_MESSAGE // 2 :]
            continue
        buffer = buffer[end:]
        yield found if isinstance(found, dict) else "the message is no object"


def _head(text: str, chat: _Chat) -> None:
    """The last ``name`` and ``id`` before a list of messages."""
    for key, after in (("name", '"name":'), ("id", '"id":')):
        at = text.rfind(after)
        if at < 0:
            continue
        try:
            value, _ = json.JSONDecoder().raw_decode(text[at + len(after) :].lstrip())
        except ValueError:
            continue
        if key == "name":
            chat.name = value if isinstance(value, str) else None
        elif isinstance(value, int):
            chat.id = abs(value)


def _message(row: dict[str, Any], chat: _Chat) -> Entry:
    id_ = row["id"]
    if not isinstance(id_, int):
        raise TypeError("'id' is no number")
    edited = row.get("edited_unixtime") or row.get("edited")
    media = "photo" if row.get("photo") else row.get("media_type")
    return Entry(
        id=str(id_),
        region=None,
        channel=chat.name,
        post=_post(
            channel=chat.id,
            message=id_,
            text=_plain(row.get("text", "")),
            date=_unix(row.get("date_unixtime")) or _iso(row.get("date")),
            forwarded="forwarded_from" in row,
            edited=_unix(edited),
            media=str(media) if media else None,
            service=row.get("type") == _SERVICE,
        ),
    )


def _unix(seconds: object) -> datetime | None:
    if isinstance(seconds, str) and seconds.isdigit() and len(seconds) < len("99999999999"):
        return datetime.fromtimestamp(int(seconds), UTC)
    return None


def _plain(text: object) -> str:
    """A string, or a list of strings and entities ({"type", "text"})."""
    if isinstance(text, str):
        return text
    if isinstance(text, list):
        return "".join(
            part if isinstance(part, str) else str(part.get("text", ""))
            for part in text
            if isinstance(part, str | dict)
        )
    raise TypeError("'text' is neither a string nor a list")
