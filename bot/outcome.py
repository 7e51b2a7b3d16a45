"""What an answer of the Bot API means for the message that was sent. Pure.

The classification is the table ``_TELLING``; everything else in Nabat sees outcomes only.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from storage.model import TelegramId

DEFAULT_DELAY = 5.0
"""Seconds to wait after a 429 that names no time."""
_LONGEST_DELAY = 86_400.0

# --- what came over the wire ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An HTTP answer. ``body``: the JSON object in it, None when there was none."""

    status: int
    body: Mapping[str, object] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """No answer. ``reached``: the request may have arrived. ``why`` never holds the token."""

    reached: bool
    why: str


# --- what it means ----------------------------------------------------------------------------


class Part(StrEnum):
    """What a message can go out without when Telegram objects to it. ``FORM``: entities,
    keyboard and length, given up together for the plain text. ``THREAD``: its topic is closed,
    ``TOPIC``: it is gone."""

    FORM = "form"
    REPLY = "reply"
    THREAD = "thread"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Delivered. ``without``: parts given up on the way; FORM is ours to fix, THREAD and TOPIC
    mean that General was used."""

    message_id: int
    without: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictured:
    """A picture was delivered. ``file_id``: Telegram's name for it, where the answer tells."""

    file_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """An edit to what is shown already: a success."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The request never reached Telegram: nothing was delivered, try again later."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Telegram wants fewer messages: nothing was delivered, try again after ``seconds``."""

    seconds: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguous:
    """It may have been delivered or not."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """The group has become the supergroup ``to``; its old message ids are dead."""

    to: TelegramId


class Cause(StrEnum):
    BLOCKED = "blocked"
    KICKED = "kicked"
    DEACTIVATED = "deactivated"
    NOT_FOUND = "not_found"
    NO_RIGHTS = "no_rights"
    TOPIC_CLOSED = "topic_closed"
    TOPIC_GONE = "topic_gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """We may not write to this chat now: suspend, never delete."""

    cause: Cause
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The message to edit is not there or not ours to edit: send anew."""

    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Telegram takes this message in no form: ours to fix."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """The token is revoked, unknown or used by another poller: this bot stops."""

    why: str


Outcome = (
    Accepted
    | Unchanged
    | Refused
    | Later
    | Ambiguous
    | Migrated
    | Unreachable
    | Gone
    | Rejected
    | Dead
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A chat that was knocked at, with nothing to read, would take a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Telegram objects to a part: try without it; ``otherwise`` if it was not there."""

    part: Part
    otherwise: Outcome


# --- the table --------------------------------------------------------------------------------

_Meaning = Part | Cause | Unchanged | type[Gone] | type[Dead]

# Codes, a part of the description in lower case, its meaning; the first row that fits counts.
# Descriptions are those of telegram-bot-api's Client.cpp; UPPER_CASE ones are passed through by
# it from Telegram's core, https://core.telegram.org/method/messages.sendMessage.
_ANY = (400, 403)
_TELLING: tuple[tuple[tuple[int, ...], str, _Meaning], ...] = (
    ((401,), "", Dead),
    ((404,), "", Dead),  # Telegram knows the path of a malformed token as little
    ((409,), "", Dead),
    # edits
    ((400,), "message is not modified", Unchanged()),
    ((400,), "message to edit not found", Gone),
    ((400,), "message can't be edited", Gone),
    ((400,), "no text in the message to edit", Gone),
    ((400,), "message_id_invalid", Gone),
    ((400,), "message_author_required", Gone),
    ((400,), "message_edit_time_expired", Gone),
    # parts that can be left out
    ((400,), "message to be replied not found", Part.REPLY),
    ((400,), "message to reply not found", Part.REPLY),
    ((400,), "reply message not found", Part.REPLY),
    ((400,), "replied message not found", Part.REPLY),
    ((400,), "reply_message_id_invalid", Part.REPLY),
    (_ANY, "topic_closed", Part.THREAD),
    (_ANY, "thread not found", Part.TOPIC),
    (_ANY, "topic_deleted", Part.TOPIC),
    (_ANY, "topic_id_invalid", Part.TOPIC),
    # chats
    (_ANY, "blocked by the user", Cause.BLOCKED),
    (_ANY, "user_is_blocked", Cause.BLOCKED),
    (_ANY, "can't initiate conversation", Cause.BLOCKED),
    (_ANY, "deactivated", Cause.DEACTIVATED),
    (_ANY, "bot was kicked", Cause.KICKED),
    (_ANY, "not a member of the", Cause.KICKED),
    (_ANY, "channel_private", Cause.KICKED),
    (_ANY, "chat not found", Cause.NOT_FOUND),
    (_ANY, "user not found", Cause.NOT_FOUND),
    (_ANY, "peer_id_invalid", Cause.NOT_FOUND),
    (_ANY, "chat was deleted", Cause.NOT_FOUND),
    (_ANY, "chat was upgraded", Cause.NOT_FOUND),  # and the new id was not said
    (_ANY, "not enough rights", Cause.NO_RIGHTS),
    (_ANY, "have no rights", Cause.NO_RIGHTS),
    (_ANY, "have no write access", Cause.NO_RIGHTS),
    (_ANY, "need administrator rights", Cause.NO_RIGHTS),
    (_ANY, "can't send messages to bots", Cause.NO_RIGHTS),
    (_ANY, "chat_write_forbidden", Cause.NO_RIGHTS),
    (_ANY, "chat_send_plain_forbidden", Cause.NO_RIGHTS),
    (_ANY, "chat_guest_send_forbidden", Cause.NO_RIGHTS),
    (_ANY, "chat_admin_required", Cause.NO_RIGHTS),
    (_ANY, "chat_restricted", Cause.NO_RIGHTS),
    (_ANY, "user_banned_in_channel", Cause.NO_RIGHTS),
    (_ANY, "payment_required", Cause.NO_RIGHTS),
    ((403,), "", Cause.NO_RIGHTS),
    # «can't parse entities», «message is too long», bad buttons, and whatever is said one day:
    # danger is worth one more call with nothing in it but text
    ((400, 413), "", Part.FORM),
)
_WAIT = re.compile(r"(?:flood|slowmode)_(?:premium_)?wait_(\d+)")


def classify(answer: Reply | Lost, *, edited: int | None = None) -> Outcome | Objection:
    """Of a send, or of an edit of message ``edited``: reads ``ok`` and ``result.message_id``."""
    if isinstance(answer, Reply) and _is_ok(answer):
        message_id = edited if edited is not None else _message_id(answer)
        if message_id is None:
            return Ambiguous(why="ok without a message id")
        return Accepted(message_id=message_id)
    return refusal(answer)


def refusal(answer: Reply | Lost) -> Outcome | Objection:
    """What an answer means that is no success, to whatever method."""
    match answer:
        case Lost(reached=True, why=why):
            return Ambiguous(why=why)
        case Lost(why=why):
            return Refused(why=why)
        case Reply(status=status, body=body):
            if body is not None and body.get("ok") is False:
                return _told(status, body)
            if status == 429:
                return Later(seconds=DEFAULT_DELAY, why="HTTP 429")
            return Ambiguous(why=f"HTTP {status} that is not an answer of the Bot API")
    assert_never(answer)


def knocked(answer: Reply | Lost) -> Open | Outcome:
    """Of a knock. An objection is what it is without the part: there was no other part."""
    if isinstance(answer, Reply) and _is_ok(answer):
        return Open()
    meaning = refusal(answer)
    return meaning.otherwise if isinstance(meaning, Objection) else meaning


def pictured(answer: Reply | Lost) -> Pictured | Outcome:
    """Of a picture that was sent. An objection is what it is without the part."""
    if isinstance(answer, Reply) and _is_ok(answer):
        result = (answer.body or {}).get("result")
        sizes = result.get("photo") if isinstance(result, Mapping) else None
        largest = sizes[-1] if isinstance(sizes, list) and sizes else None
        name = largest.get("file_id") if isinstance(largest, Mapping) else None
        return Pictured(file_id=name if isinstance(name, str) and name else None)
    meaning = refusal(answer)
    return meaning.otherwise if isinstance(meaning, Objection) else meaning


def _told(status: int, body: Mapping[str, object]) -> Outcome | Objection:
    said = body.get("error_code")
    code = said if isinstance(said, int) else status
    parameters = body.get("parameters")
    if not isinstance(parameters, Mapping):
        parameters = {}
    why = f"{code} {body.get('description') or 'without description'}"[:200]
    lower = why.lower()
    if code == 429:
        return Later(seconds=_delay(parameters.get("retry_after")), why=why)
    if waits := _WAIT.search(lower):
        return Later(seconds=_delay(int(waits[1])), why=why)
    to = parameters.get("migrate_to_chat_id")
    if isinstance(to, int) and to:
        return Migrated(to=TelegramId(to))
    for codes, words, meaning in _TELLING:
        if code in codes and words in lower:
            return _outcome(meaning, why)
    return Ambiguous(why=why)


def _outcome(meaning: _Meaning, why: str) -> Outcome | Objection:
    match meaning:
        case Part():
            return Objection(part=meaning, otherwise=_otherwise(meaning, why))
        case Cause():
            return Unreachable(cause=meaning, why=why)
        case Unchanged():
            return meaning
        case type():
            return meaning(why=why)
    assert_never(meaning)


def _otherwise(part: Part, why: str) -> Outcome:
    match part:
        case Part.THREAD:
            return Unreachable(cause=Cause.TOPIC_CLOSED, why=why)
        case Part.TOPIC:
            return Unreachable(cause=Cause.TOPIC_GONE, why=why)
        case Part.FORM | Part.REPLY:
            return Rejected(why=why)
    assert_never(part)


def _is_ok(reply: Reply) -> bool:
    return reply.body is not None and reply.body.get("ok") is True and 200 <= reply.status < 300


def _message_id(reply: Reply) -> int | None:
    result = (reply.body or {}).get("result")
    message_id = result.get("message_id") if isinstance(result, Mapping) else None
    return message_id if type(message_id) is int and message_id > 0 else None


def _delay(seconds: object) -> float:
    if isinstance(seconds, int | float) and math.isfinite(seconds) and seconds > 0:
        return min(float(seconds), _LONGEST_DELAY)
    return DEFAULT_DELAY
