"""One connection to Telegram: opening, asking, noticing its death; vendor errors become ours.

Telethon's own reconnecting is switched off: it would neither catch up nor pause. Whoever holds
the link opens it again, and reads what was missed.
"""

import asyncio
import logging
import math
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, NoReturn

from telethon import TelegramClient, errors
from telethon.errors.common import AuthKeyNotFound, TypeNotFoundError
from telethon.events.raw import Raw
from telethon.tl import functions, types

from ingest.listener.session import open_session
from ingest.listener.settings import ReaderFatal, ReaderSettings

_UPDATES: Final = (
    types.UpdateNewChannelMessage,
    types.UpdateEditChannelMessage,
    types.UpdateDeleteChannelMessages,
    types.UpdateChannel,
)

_log = logging.getLogger(__name__)


class LinkLost(Exception):
    """The connection broke, or did not answer in time: open it again."""


class Flooded(Exception):
    """Telegram asks to repeat this request no sooner than in ``seconds``."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Telegram asks to wait {seconds} s")
        self.seconds = seconds


class Unreadable(Exception):
    """What was asked about is closed to this account, or is not there."""


class StaleHash(Unreadable):
    """Telegram does not know the channel by the access hash that we have: each account has its
    own, so it is wrong after a login with another one."""


class Troubled(Exception):
    """Telegram failed at this one request; the link is all right."""


class Link:
    """``heard`` gets every update about channels in Telegram's order; it must only enqueue.
    ``contact`` is called after each answer of Telegram's, refusals included."""

    def __init__(
        self,
        *,
        settings: ReaderSettings,
        heard: Callable[[Any], None],
        contact: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._timing = settings.timing
        self._heard = heard
        self._contact = contact
        self._client: Any = None
        self._dialogs_known = False

    async def open(self) -> None:
        """Connect and start to be told of updates. Raises LinkLost, Flooded, Troubled to try
        again later, ReaderFatal to give up."""
        if self._client is None:
            self._client = self._new_client()
        async with self._classified(self._timing.connect):
            await self._client.connect()
            await self._client(functions.updates.GetStateRequest())
        self._contact()
        if not self._dialogs_known:
            await self._learn_dialogs()
        else:
            # Brings the counts of events up to date, so that the next push is not taken for one
            # after a gap; what was missed is read by us.
            await self._client.catch_up()

    async def bare_client(self) -> Any:
        """Telethon's client, connected and perhaps not logged in: for the login only."""
        self._client = self._new_client()
        async with self._classified(self._timing.connect):
            await self._client.connect()
        return self._client

    async def close(self) -> None:
        """Never raises, takes at most ``timing.close``; the link may be opened again."""
        if self._client is None:
            return
        try:
            async with asyncio.timeout(self._timing.close):
                await self._client.disconnect()
        except TimeoutError:
            # It goes on disconnecting, and would tear a new connection down: leave it behind.
            self._client = None
            self._dialogs_known = False
        except (OSError, EOFError, sqlite3.Error) as problem:
            _log.info("while disconnecting: %s", problem)

    async def ask(self, request: Any) -> Any:
        """Telegram's answer; LinkLost, Flooded, Unreadable, Troubled or ReaderFatal."""
        try:
            async with self._classified(self._timing.answer):
                answer = await self._client(request)
        except Flooded:
            # Telethon would refuse the same method for every other channel too.
            self._client._flood_waited_requests.pop(request.CONSTRUCTOR_ID, None)
            raise
        self._contact()
        return answer

    async def ping(self) -> None:
        """A round trip that needs the login."""
        await self.ask(functions.updates.GetStateRequest())

    async def lost(self) -> NoReturn:
        """Wait for the connection to end, then raise LinkLost or ReaderFatal."""
        async with self._classified(None):
            await self._client.disconnected
        raise LinkLost("the connection was closed")

    def _new_client(self) -> Any:
        settings = self._settings
        client: Any = TelegramClient(
            open_session(settings.session),
            settings.api_id,
            settings.api_hash,
            device_model=settings.device_model,
            system_version=settings.system_version,
            app_version=settings.app_version,
            lang_code=settings.lang_code,
            timeout=math.ceil(settings.timing.connect),
            connection_retries=0,
            request_retries=0,
            retry_delay=0,
            auto_reconnect=False,
            raise_last_call_error=True,
            sequential_updates=True,
            flood_sleep_threshold=0,
        )
        logging.getLogger("telethon.network.mtprotosender").addFilter(_is_no_false_alarm)
        client.add_event_handler(self._on_update, Raw(types=_UPDATES))
        return client

    async def _on_update(self, update: Any) -> None:
        self._heard(update)

    async def _learn_dialogs(self) -> None:
        """Tells Telethon each channel's count of events, so that it can notice gaps."""
        try:
            async with self._classified(self._timing.dialogs):
                await self._client.get_dialogs()
            self._dialogs_known = True
        except (Flooded, Troubled) as problem:
            _log.warning("the list of dialogs was not read: %s", problem)

    @asynccontextmanager
    async def _classified(self, seconds: float | None) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(seconds):
                yield
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            # Telethon cancels the requests that are under way when its connection ends.
            raise LinkLost("the connection was closed under a request") from None
        except errors.RPCError as problem:
            raise classify(problem) from problem
        except AuthKeyNotFound as problem:
            raise ReaderFatal(
                "Telegram does not know the key of the reader's session any more: "
                "run `nabat login` to make a new one"
            ) from problem
        except TimeoutError as problem:
            raise LinkLost("no answer in time") from problem
        except (OSError, EOFError, BufferError) as problem:
            raise LinkLost(f"{type(problem).__name__}: {problem}") from problem
        except sqlite3.OperationalError as problem:
            raise LinkLost(
                f"the session file cannot be used ({problem}): is another program using it?"
            ) from problem
        except TypeNotFoundError as problem:
            raise Troubled("Telegram's answer is newer than this program understands") from problem


def _is_no_false_alarm(record: logging.LogRecord) -> bool:
    """Telethon reports each lost connection as a failure of the reconnecting that is off."""
    return not str(record.msg).startswith("Automatic reconnection failed")


def classify(problem: Exception) -> Exception:
    """What a refusal of Telegram's means for us."""
    match problem:
        case errors.FloodWaitError() | errors.FloodPremiumWaitError():
            return Flooded(max(int(problem.seconds), 1))
        case errors.AuthKeyDuplicatedError():
            return ReaderFatal(
                "the reader's session was used from two addresses at once and Telegram has "
                "ended it for good: stop the other copy, delete the session file, "
                "then run `nabat login`"
            )
        case errors.ApiIdInvalidError() | errors.ApiIdPublishedFloodError():
            return ReaderFatal(
                "Telegram does not accept api_id and api_hash: copy both from "
                "https://my.telegram.org to the configuration"
            )
        case errors.UserDeactivatedError() | errors.UserDeactivatedBanError():
            return ReaderFatal(
                "Telegram has closed the reader's account: "
                "delete the session file, then run `nabat login` with another account"
            )
        case errors.UnauthorizedError():
            return ReaderFatal(
                "Telegram does not accept the reader's session (it was ended from another "
                "device, or the login was never finished): run `nabat login`"
            )
        case errors.ChannelInvalidError():
            return StaleHash("Telegram does not know this channel, or not for this account")
        case errors.ChannelPrivateError() | errors.ChatAdminRequiredError():
            return Unreadable("the channel is private, or closed to this account")
        case errors.RPCError():
            return Troubled(f"Telegram answered {type(problem).__name__}: {problem}")
        case _:
            return problem
