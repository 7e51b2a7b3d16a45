"""What the sandbox's Bot API may answer: values for Telegram's refusals and for broken wires.

The constructors give Telegram's own descriptions, so the same values serve as natural refusals
and as answers injected by a test.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Json:
    status: int
    body: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """The connection is torn down by RST, nothing is answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseOrderly:
    """The connection is closed by FIN, nothing is answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hang:
    """No answer until the client or the server gives up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drip:
    """The natural answer, one byte every `interval` real seconds."""

    interval: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CutBody:
    """The natural answer with an honest Content-Length, closed half way through the body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadGzip:
    """The natural answer, said to be gzip, which it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GarbageStatusLine:
    """Bytes that are not HTTP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HugeHeader:
    """The natural answer under one header of `size` bytes; aiohttp's client takes 8,190."""

    size: int = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectLoop:
    """302 to an address, with the token in it, that redirects to itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Huge:
    """A JSON string streamed without Content-Length, up to `size` bytes."""

    size: int = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyOk:
    """200 with an empty body."""


Answer = (
    Json
    | Raw
    | Reset
    | CloseOrderly
    | Hang
    | Drip
    | CutBody
    | BadGzip
    | GarbageStatusLine
    | HugeHeader
    | RedirectLoop
    | Huge
    | EmptyOk
)
Where = Literal["before", "after"]


@dataclass(slots=True, kw_only=True)
class Injection:
    """An answer laid in wait; `left` counts down as requests take it, None is for ever."""

    answer: Answer
    method: str | None
    chat_id: int | None
    left: int | None
    where: Where
    token: str | None = None


class Refused(Exception):
    """Telegram says no: carries the answer to give."""

    def __init__(self, answer: Json) -> None:
        super().__init__(answer)
        self.answer = answer


def success(result: object) -> Json:
    return Json(status=200, body={"ok": True, "result": result})


def failure(status: int, description: str | None, **parameters: int) -> Json:
    body: JsonObject = {"ok": False, "error_code": status}
    if description is not None:
        body["description"] = description
    if parameters:
        body["parameters"] = parameters
    return Json(status=status, body=body)


def bad_request(description: str) -> Json:
    """`description` without the prefix, for instance «message text is empty»."""
    return failure(400, f"Bad Request: {description}")


def forbidden(description: str) -> Json:
    return failure(403, f"Forbidden: {description}")


def unauthorized() -> Json:
    return failure(401, "Unauthorized")


def not_found() -> Json:
    """An unknown method or path; not an unknown chat."""
    return failure(404, "Not Found")


def conflict() -> Json:
    return failure(
        409,
        "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running",
    )


def too_many_requests(retry_after: int | None) -> Json:
    """None: without a time, as Telegram sometimes answers."""
    if retry_after is None:
        return failure(429, "Too Many Requests")
    return failure(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)


def blocked() -> Json:
    return forbidden("bot was blocked by the user")


def deactivated() -> Json:
    return forbidden("user is deactivated")


def not_started() -> Json:
    return forbidden("bot can't initiate conversation with a user")


def kicked(kind: str = "supergroup") -> Json:
    return forbidden(f"bot was kicked from the {kind} chat")


def not_a_member(kind: str = "supergroup") -> Json:
    return forbidden(f"bot is not a member of the {kind} chat")


def no_rights() -> Json:
    return bad_request("not enough rights to send text messages to the chat")


def chat_not_found() -> Json:
    return bad_request("chat not found")


def migrated(new_id: int) -> Json:
    return failure(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        migrate_to_chat_id=new_id,
    )


def not_modified() -> Json:
    return bad_request(
        "message is not modified: specified new message content and reply markup are exactly "
        "the same as a current content and reply markup of the message"
    )


def edit_not_found() -> Json:
    return bad_request("message to edit not found")


def edit_forbidden() -> Json:
    return bad_request("message can't be edited")


def reply_not_found() -> Json:
    return bad_request("message to be replied not found")


def thread_not_found() -> Json:
    return bad_request("message thread not found")


def topic_closed() -> Json:
    return bad_request("TOPIC_CLOSED")


def too_long() -> Json:
    return bad_request("message is too long")


def cannot_parse_entities() -> Json:
    return bad_request('can\'t parse entities: unsupported start tag "x" at byte offset 0')


def caption_too_long() -> Json:
    return bad_request("message caption is too long")


def unknown_file() -> Json:
    return bad_request("wrong file identifier/HTTP URL specified")


def no_picture() -> Json:
    return bad_request("IMAGE_PROCESS_FAILED")


def no_text_to_edit() -> Json:
    return bad_request("there is no text in the message to edit")


def server_error(
    status: int = 500, *, html: bool = False, description: str | None = "Internal Server Error"
) -> Json | Raw:
    """`html`: the page of the proxy before Telegram; `description=None`: JSON without one."""
    if html:
        page = f"<html><head><title>{status}</title></head><body>nginx</body></html>"
        return Raw(status=status, headers={"Content-Type": "text/html"}, body=page.encode())
    return failure(status, description)


def unparsable_success(message_id: int) -> Json:
    """A success that no model of Telegram's types accepts, though the message is delivered."""
    return success({"message_id": message_id, "date": "soon", "chat": None})
