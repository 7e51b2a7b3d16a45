"""What the sandbox's Bot API remembers, and how the world is watched and spoiled."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from bot.sandbox.bot_api_answers import (
    Answer,
    Injection,
    JsonObject,
    Refused,
    Where,
    too_many_requests,
)
from bot.sandbox.bot_api_limits import Limits, TooMany, Windows
from bot.sandbox.bot_api_model import Bot, Call, Chat, Person, SandboxMessage


def utc_now() -> datetime:
    return datetime.now(UTC)


class BotApiState:
    """Everything the server knows. Survives `close()` and a new `start()` of the server."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = utc_now,
        strict: bool = False,
        limits: Limits | None = None,
    ) -> None:
        """`strict`: hold the bots to `limits`, by `clock`."""
        self.clock = clock
        self.wall = wall
        self.log: list[Call] = []
        self.calls: Counter[str] = Counter()  # requests by method, accepted or not
        self.refused: Counter[int] = Counter()  # natural refusals by error code
        self.answered: dict[str, JsonObject] = {}  # answerCallbackQuery by query id
        self.bots: dict[str, Bot] = {}
        self.chats: dict[int, Chat] = {}
        self.people: dict[int, Person] = {}
        self.photos: dict[str, bytes] = {}  # by name; a name is good for the bot it begins with
        self._windows = Windows(limits or Limits()) if strict else None
        self._injections: list[Injection] = []
        self._listeners: list[Callable[[SandboxMessage], None]] = []
        self._changed = asyncio.Event()
        self.update_ids = itertools.count(1)
        # Telegram numbers the messages of private chats and basic groups per account,
        # those of supergroups and channels per chat.
        self._account_ids = itertools.count(1)
        self.queries: set[str] = set()  # callback queries not answered yet

    # What is seen

    def messages(self, chat_id: int) -> list[SandboxMessage]:
        """What the chat shows now, in order; deleted messages are gone."""
        return list(self.chats[chat_id].messages.values())

    def is_polling(self, token: str) -> bool:
        """Whether a getUpdates of this token waits at this moment."""
        poller = self.bots[token].poller
        return poller is not None and not poller.done()

    def on_change(self, listener: Callable[[SandboxMessage], None]) -> None:
        """Called at once with each message written, edited or deleted, by anyone."""
        self._listeners.append(listener)

    async def wait_for(self, predicate: Callable[[], bool], within: float = 5.0) -> None:
        """Returns once `predicate` holds; looked at after each change and each request.

        Raises TimeoutError after `within` real seconds.
        """
        async with asyncio.timeout(within):
            while not predicate():
                await self._changed.wait()

    async def heard(self, predicate: Callable[[Call], bool], within: float = 5.0) -> Call:
        """The first accepted call, past or to come, that satisfies `predicate`."""
        looked = 0
        async with asyncio.timeout(within):
            while True:
                while looked < len(self.log):
                    if predicate(self.log[looked]):
                        return self.log[looked]
                    looked += 1
                await self._changed.wait()

    # What goes wrong on purpose

    def inject(
        self,
        answer: Answer,
        *,
        method: str | None = None,
        chat_id: int | None = None,
        times: int | None = 1,
        where: Where = "before",
        token: str | None = None,
    ) -> Injection:
        """The next `times` requests that match get `answer`; None is until `heal`.

        `before`: the request is not looked at. `after`: it is carried out, and only if it was
        accepted the answer is given in place of the success.
        """
        injection = Injection(
            answer=answer, method=method, chat_id=chat_id, left=times, where=where, token=token
        )
        self._injections.append(injection)
        return injection

    def heal(self) -> None:
        """Forgets every injected answer."""
        self._injections.clear()

    # For the methods of the API

    def take_injection(
        self, where: Where, token: str, method: str, chat_ref: str | None
    ) -> Answer | None:
        for injection in self._injections:
            if injection.where != where or injection.method not in (None, method):
                continue
            if injection.token not in (None, token):
                continue
            if injection.chat_id is not None:
                chat = None if chat_ref is None else self.find_chat(chat_ref)
                if injection.chat_id != (chat.chat_id if chat else None) and (
                    chat_ref != str(injection.chat_id)
                ):
                    continue
            if injection.left is not None:
                injection.left -= 1
                if injection.left <= 0:
                    self._injections.remove(injection)
            return injection.answer
        return None

    def person(self, user_id: int) -> Person:
        return self.people.get(user_id) or Person(user_id=user_id, name=f"User {user_id}")

    def find_chat(self, ref: str) -> Chat | None:
        """By number or by @username."""
        if ref.startswith("@"):
            name = ref[1:].lower()
            return next(
                (c for c in self.chats.values() if (c.username or "").lower() == name), None
            )
        try:
            return self.chats.get(int(ref))
        except ValueError:
            return None

    def admit(self, bot: Bot, chat: Chat, *, paid: bool = False) -> None:
        """Raises `Refused` with 429 when strict and over a limit."""
        if self._windows is None:
            return
        verdict = self._windows.admit(
            token=bot.token,
            chat_id=chat.chat_id,
            group=chat.kind != "private",
            paid=paid,
            now=self.clock(),
        )
        if isinstance(verdict, TooMany):
            raise Refused(too_many_requests(verdict.retry_after))

    def next_message_id(self, chat: Chat) -> int:
        if chat.kind in ("private", "group"):
            chat.last_id = next(self._account_ids)
        else:
            chat.last_id += 1
        return chat.last_id

    def store(self, message: SandboxMessage) -> SandboxMessage:
        messages = self.chats[message.chat_id].messages
        if message.deleted:
            messages.pop(message.message_id, None)
        else:
            messages[message.message_id] = message
        for listener in self._listeners:
            listener(message)
        self.notify()
        return message

    def notify(self) -> None:
        """Wakes whoever waits for a change."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
