"""What people say to one bot: a loop of our own over raw ``getUpdates``.

Each update is parsed alone, so that one which pydantic does not know blocks no other (aiogram
issue #1840), and a batch is confirmed only after it was handled: what a crash cuts short comes
again. One chat's updates are handled in order, different chats' side by side.
"""

import asyncio
import logging
import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, assert_never

from aiogram import Bot
from aiogram.types import Update
from pydantic import ValidationError

from bot.limits import Asked, Limits, Verdict
from bot.logs import mask
from bot.outcome import DEFAULT_DELAY, Lost, Reply
from bot.session import UPDATES_CAP, Session

ALLOWED: Final = ("message", "callback_query", "my_chat_member")
POLL_SECONDS: Final = 30
AT_ONCE: Final = 16
_ANSWER_SECONDS: Final = 10.0
_FIRST_DELAY: Final = 1.0
_LONGEST_DELAY: Final = 60.0
_LONGEST_WISH: Final = 300.0
_MENTION: Final = 10.0  # seconds between two lines of the log about what was dropped
_log = logging.getLogger(__name__)

Raw = Mapping[str, Any]


class IntakeEnded(Exception):
    """Telegram takes no more polls of this bot: its token is not valid, or another program polls
    with it. Trying again does harm; a person has to look."""


# --- what Telegram answered -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    updates: Sequence[Raw]
    """Each has an integer ``update_id``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """``seconds``: as Telegram wishes; None: as we see fit."""

    why: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    why: str


def read(answer: Reply | Lost) -> Batch | Wait | Ended:
    if isinstance(answer, Lost):
        return Wait(why=answer.why)
    body = answer.body or {}
    why = mask(f"HTTP {answer.status} {body.get('description', '')}".strip())
    if answer.status in (401, 404, 409):
        return Ended(why=why)
    if answer.status == 429:
        parameters = body.get("parameters")
        seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
        if not isinstance(seconds, int) or seconds <= 0:
            return Wait(why=why, seconds=DEFAULT_DELAY)
        return Wait(why=why, seconds=min(seconds, _LONGEST_WISH))
    result = body.get("result")
    if answer.status != 200 or body.get("ok") is not True or not isinstance(result, list):
        return Wait(why=f"not understood: {why}")
    updates = [each for each in result if isinstance(each, dict) and _id(each) is not None]
    if result and not updates:
        return Wait(why="updates without ids")
    return Batch(updates=updates)


def _kinds(raw: Raw) -> str:
    return mask(", ".join(sorted(set(raw) - {"update_id"})))[:200]


def _id(raw: Raw) -> int | None:
    id = raw.get("update_id")
    return id if type(id) is int else None


# --- the loop -------------------------------------------------------------------------------


class Intake:
    """Of one bot. ``handle`` is an aiogram dispatcher's ``feed_update`` with the bot bound, which
    ends in time (`bot.handlers.routes`); ``pause`` waits between polls that fail, for the seconds
    it is given."""

    def __init__(
        self,
        bot: Bot,
        handle: Callable[[Update], Awaitable[object]],
        *,
        operators: Container[int] = (),
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not isinstance(bot.session, Session):
            raise TypeError("an Intake needs a bot with our own Session")
        self._bot = bot
        self._session = bot.session
        self._handle = handle
        self._operators = operators
        self._pause = pause
        self._monotonic = monotonic
        self._limits = Limits()
        self._dropped: Counter[Verdict] = Counter()
        self._mentioned = -math.inf
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Until cancelled. Raises IntakeEnded."""
        offset: int | None = None
        delay = _FIRST_DELAY
        while True:
            answer = read(await self._poll(offset))
            match answer:
                case Batch():
                    delay = _FIRST_DELAY
                    if answer.updates:
                        await self._handle_all(answer.updates)
                        offset = max(raw["update_id"] for raw in answer.updates) + 1
                case Wait():
                    wished = answer.seconds if answer.seconds is not None else delay
                    _log.warning("no updates: %s; again in %.0f s", answer.why, wished)
                    await self._pause(wished)
                    delay = min(2 * delay, _LONGEST_DELAY)
                case Ended():
                    raise IntakeEnded(answer.why)
                case _:
                    assert_never(answer)

    async def _poll(self, offset: int | None) -> Reply | Lost:
        fields: dict[str, object] = {"timeout": POLL_SECONDS, "allowed_updates": ALLOWED}
        if offset is not None:
            fields["offset"] = offset
        return await self._session.exchange(
            self._bot.token,
            "getUpdates",
            fields,
            seconds=POLL_SECONDS + _ANSWER_SECONDS,
            cap=UPDATES_CAP,
        )

    async def _handle_all(self, updates: Iterable[Raw]) -> None:
        by_chat: dict[int | None, list[Raw]] = {}
        for raw in updates:
            if (verdict := self._judge(raw)) is Verdict.ADMITTED:
                by_chat.setdefault(chat_of(raw), []).append(raw)
            else:
                self._dropped[verdict] += 1
        self._mention_dropped()
        async with asyncio.TaskGroup() as chats:
            for waiting in by_chat.values():
                chats.create_task(self._handle_chat(waiting))

    def _judge(self, raw: Raw) -> Verdict:
        if (asked := asked_by(raw)) is None:
            return Verdict.ADMITTED
        now, user = self._monotonic(), user_of(raw)
        return self._limits.admits(
            now, asked, user=user, chat=chat_of(raw), operator=user in self._operators
        )

    def _mention_dropped(self) -> None:
        """Now and then: a flood must not flood the log."""
        now = self._monotonic()
        if self._dropped and now - self._mentioned >= _MENTION:
            counts = ", ".join(f"{verdict} {n}" for verdict, n in self._dropped.items())
            _log.warning("updates dropped, beyond the limit of a user, a chat or all: %s", counts)
            self._dropped.clear()
            self._mentioned = now

    async def _handle_chat(self, waiting: Sequence[Raw]) -> None:
        for raw in waiting:
            async with self._slots:
                await self.handle_one(raw)

    async def handle_one(self, raw: Raw) -> None:
        """Never raises. An update that cannot be read is set aside."""
        if not any(kind in raw for kind in ALLOWED):
            _log.warning("update %s set aside: %s", _id(raw), _kinds(raw))
            return
        try:
            update = Update.model_validate(raw, context={"bot": self._bot})
            await self._handle(update)
        except ValidationError as problem:
            # Its text quotes what people wrote.
            errors = problem.error_count()
            _log.error("update %s set aside: %s errors in %s", _id(raw), errors, _kinds(raw))
        except Exception:  # noqa: BLE001 - the one of this loop
            _log.exception("update %s set aside", _id(raw))


# --- whose it is, and whether there are too many ----------------------------------------------


def chat_of(raw: Raw) -> int | None:
    """Of an update that nothing has checked yet."""
    for kind in ("message", "my_chat_member"):
        if (id := _chat_id(raw.get(kind))) is not None:
            return id
    query = raw.get("callback_query")
    return _chat_id(query.get("message")) if isinstance(query, dict) else None


def _chat_id(holder: object) -> int | None:
    chat = holder.get("chat") if isinstance(holder, dict) else None
    id = chat.get("id") if isinstance(chat, dict) else None
    return id if type(id) is int else None


def user_of(raw: Raw) -> int | None:
    for kind in ("message", "callback_query"):
        holder = raw.get(kind)
        author = holder.get("from") if isinstance(holder, dict) else None
        id = author.get("id") if isinstance(author, dict) else None
        if type(id) is int:
            return id
    return None


def asked_by(raw: Raw) -> Asked | None:
    """What may make the bot answer: a press, a command, anything said in private. News of chats
    themselves, and what a group's members say to each other, is never too much."""
    message = raw.get("message")
    if not isinstance(message, dict):
        return Asked.PRESS if "callback_query" in raw else None
    said = message.get("text") or message.get("caption")
    if (_chat_id(message) or 0) > 0 or (isinstance(said, str) and said.startswith("/")):
        return Asked.COMMAND
    return None
