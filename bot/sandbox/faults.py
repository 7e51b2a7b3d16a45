"""Everything that Telegram and the wire may do to one request, each with what Nabat makes of it.

A row says what is answered, the `Outcome` that the sender gives, and what stands in the database
afterwards: the attempt's outcome, the chat's state, and why. The words of people in an outcome
(``why``) are left empty: they are compared without.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from bot.outcome import (
    Accepted,
    Ambiguous,
    Cause,
    Dead,
    Gone,
    Later,
    Migrated,
    Outcome,
    Part,
    Refused,
    Rejected,
    Unchanged,
    Unreachable,
)
from bot.sandbox import bot_api_answers as says
from bot.sandbox.bot_api_answers import Answer, Where
from storage.model import ChatState, TelegramId


class Nowhere(StrEnum):
    """Why there is nobody to answer."""

    PORT = "nobody listens at the port"
    NAME = "the host's name has no address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """``times``: so many requests meet it, None all. ``thread``, ``reply_to``: of the message.
    ``why``: the chat's where it is suspended, else its card's; None: that of the decision.
    ``again``: seconds until the next request for the same card, None: none is owed, or nobody is
    there to make it. ``delivered``: the chat has the message before its eyes nevertheless."""

    name: str
    answer: Answer | Nowhere
    outcome: Outcome
    row: str
    state: ChatState = ChatState.ACTIVE
    why: str | None = None
    again: float | None = None
    where: Where = "before"
    method: Literal["sendMessage", "editMessageText"] = "sendMessage"
    times: int | None = None
    thread: int | None = None
    reply_to: int | None = None
    delivered: bool = False


TOPIC: Final = 7
NEW_ID: Final = -100500
_DAY: Final = 86_400.0
_NOT_UTF_8 = b'{"ok": true, "result": {"message_id": 77, "text": "\xd0\xff"}}'
_DAMAGED = b'{"ok":true,"result":{"message_id":77,"text":"\\ud8'
_HALF_JSON = b'{"ok": true, "result": {"message_'
_NEW_ENUMS = says.success(
    {
        "message_id": 77,
        "date": 1,
        "chat": {"id": 1, "type": "galaxy"},
        "entities": [{"type": "sparkle", "offset": 0, "length": 1}],
    }
)


def _doubt(
    name: str, answer: Answer, *, where: Where = "before", delivered: bool = False
) -> Fault:
    """Nobody knows: again after five seconds, a duplicate beats a miss."""
    return Fault(
        name=name,
        answer=answer,
        outcome=Ambiguous(why=""),
        row="ambiguous",
        why="ambiguous",
        again=5,
        where=where,
        delivered=delivered,
    )


def _refused(name: str, nowhere: Nowhere) -> Fault:
    """It did not arrive: again after a breath, as soon as there is somebody."""
    again = 0.5 if nowhere is Nowhere.PORT else None
    return Fault(name=name, answer=nowhere, outcome=Refused(why=""), row="refused", again=again)


def _later(name: str, answer: Answer, seconds: float) -> Fault:
    outcome = Later(seconds=seconds, why="")
    return Fault(name=name, answer=answer, outcome=outcome, row="later", again=seconds)


def _shut(name: str, answer: Answer, cause: Cause) -> Fault:
    """Suspended, and probed after a day."""
    return Fault(
        name=name,
        answer=answer,
        outcome=Unreachable(cause=cause),
        row=f"unreachable:{cause}",
        state=ChatState.SUSPENDED,
        why=cause,
        again=_DAY,
    )


def _success(name: str, answer: Answer, message_id: int = 77, *, where: Where = "before") -> Fault:
    outcome = Accepted(message_id=message_id)
    delivered = where == "after"
    return Fault(
        name=name,
        answer=answer,
        outcome=outcome,
        row="accepted",
        where=where,
        delivered=delivered,
    )


def _lighter(
    name: str,
    answer: Answer,
    part: Part,
    *,
    thread: int | None = None,
    reply_to: int | None = None,
) -> Fault:
    """In the same attempt, without what Telegram objected to."""
    return Fault(
        name=name,
        answer=answer,
        outcome=Accepted(message_id=1, without=(part,)),
        row="accepted",
        times=1,
        thread=thread,
        reply_to=reply_to,
        delivered=True,
    )


def _ours(name: str, answer: Answer) -> Fault:
    """In no form: set aside for ten minutes, and the operators are paged."""
    return Fault(
        name=name,
        answer=answer,
        outcome=Rejected(why=""),
        row="rejected",
        why="rejected",
        again=600,
    )


def _dead(name: str, answer: Answer) -> Fault:
    return Fault(name=name, answer=answer, outcome=Dead(why=""), row="dead")


def _edit(name: str, answer: Answer, outcome: Outcome, row: str) -> Fault:
    return Fault(
        name=name, answer=answer, outcome=outcome, row=row, method="editMessageText", times=1
    )


FAULTS: Final[Sequence[Fault]] = (
    # the wire
    _refused("connection refused", Nowhere.PORT),
    _refused("no address", Nowhere.NAME),
    _doubt("reset before acceptance", says.Reset()),
    _doubt("reset after acceptance", says.Reset(), where="after", delivered=True),
    _doubt("orderly close before acceptance", says.CloseOrderly()),
    _doubt("orderly close after acceptance", says.CloseOrderly(), where="after", delivered=True),
    _doubt("no answer", says.Hang()),
    _doubt("no answer after acceptance", says.Hang(), where="after", delivered=True),
    _doubt("one byte a second", says.Drip(interval=1.0), where="after", delivered=True),
    _doubt("cut body", says.CutBody(), where="after", delivered=True),
    _success("bad gzip", says.BadGzip(), 1, where="after"),  # unasked for, and read as it came
    _doubt("garbage status line", says.GarbageStatusLine()),
    _doubt("20 kB header", says.HugeHeader(size=20_000), where="after", delivered=True),
    _doubt("redirect loop", says.RedirectLoop()),
    _doubt("1 GB answer", says.Huge(size=1_000_000_000)),
    # what is no answer of the Bot API
    _doubt("HTML 502", says.server_error(502, html=True)),
    _later("HTML 429", says.server_error(429, html=True), 5),
    _doubt("empty 200", says.EmptyOk()),
    _doubt("half JSON 200", says.Raw(status=200, body=_HALF_JSON)),
    # success of another shape
    _success("ok of an unknown shape", says.unparsable_success(77)),
    _success("ok with a new enum", _NEW_ENUMS),
    _success("ok that is not UTF-8", says.Raw(status=200, body=_NOT_UTF_8)),
    _success("ok whose rest is damaged", says.Raw(status=200, body=_DAMAGED)),
    _doubt("ok without a message", says.success(True)),
    # servers' trouble
    _doubt("JSON 500", says.server_error(500)),
    _doubt("JSON 502 without description", says.server_error(502, description=None)),
    _doubt("JSON 503", says.server_error(503, description="Service Unavailable")),
    _doubt("JSON 504", says.server_error(504, description="Gateway Timeout")),
    # too many
    _later("429 for 1 s", says.too_many_requests(1), 1),
    _later("429 for 35 s", says.too_many_requests(35), 35),
    _later("429 for a day", says.too_many_requests(86_400), _DAY),
    _later("429 for 0 s", says.too_many_requests(0), 5),
    _later("429 without a time", says.too_many_requests(None), 5),
    # chats
    Fault(
        name="400 migrated",
        answer=says.migrated(NEW_ID),
        outcome=Migrated(to=TelegramId(NEW_ID)),
        row="migrated",
        times=1,
    ),
    _shut("400 chat not found", says.chat_not_found(), Cause.NOT_FOUND),
    _shut("400 not enough rights", says.no_rights(), Cause.NO_RIGHTS),
    _shut("400 topic closed", says.topic_closed(), Cause.TOPIC_CLOSED),
    _lighter("400 topic closed, General open", says.topic_closed(), Part.THREAD, thread=TOPIC),
    _shut("403 blocked", says.blocked(), Cause.BLOCKED),
    _shut("403 kicked", says.kicked(), Cause.KICKED),
    _shut("403 deactivated", says.deactivated(), Cause.DEACTIVATED),
    # messages
    _edit("400 not modified", says.not_modified(), Unchanged(), "accepted"),
    _edit("400 to edit not found", says.edit_not_found(), Gone(), "gone"),
    _lighter("400 reply not found", says.reply_not_found(), Part.REPLY, reply_to=99),
    _lighter("400 cannot parse", says.cannot_parse_entities(), Part.FORM),
    _ours("400 cannot parse, plain neither", says.cannot_parse_entities()),
    _lighter("400 too long", says.too_long(), Part.FORM),
    _ours("400 too long, plain too", says.too_long()),
    # the token
    _dead("401", says.unauthorized()),
    _dead("409", says.conflict()),
)
