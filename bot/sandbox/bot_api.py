"""The Bot API over HTTP on loopback: what the demo and the tests send to in Telegram's place.

The people's side, `say`, `press`, `block`, `messages`, `inject`, `heard`, is in `BotApiWorld`.
"""

import asyncio
import json
import re
import time
from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from bot.sandbox.bot_api_answers import (
    Answer,
    Json,
    JsonObject,
    RedirectLoop,
    Refused,
    bad_request,
    conflict,
    failure,
    not_found,
    success,
    unauthorized,
)
from bot.sandbox.bot_api_faults import LOOP_PREFIX, natural_success, perform
from bot.sandbox.bot_api_limits import Limits
from bot.sandbox.bot_api_methods import BY_LOWER_NAME, METHODS
from bot.sandbox.bot_api_model import DEFAULT_UPDATES, Bot
from bot.sandbox.bot_api_state import utc_now
from bot.sandbox.bot_api_validate import Params
from bot.sandbox.bot_api_world import BotApiWorld

_PATH = re.compile(r"/bot([^/]+)/([A-Za-z]+)")
_MAX_POLL = 50  # seconds, Telegram's own ceiling
_MAX_UPDATES = 100
# How long `close` waits for handlers; those that wait by design are then cancelled.
_GRACE = 0.05


class BotApiServer(BotApiWorld):
    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = utc_now,
        strict: bool = False,
        limits: Limits | None = None,
        latency: Callable[[], float] | None = None,
    ) -> None:
        """`clock` paces the limits and stamps the log, `wall` dates messages (aware UTC).

        `latency` gives real seconds to wait between carrying a request out and answering it:
        a client that gives up meanwhile leaves a message that was accepted.
        """
        super().__init__(clock=clock, wall=wall, strict=strict, limits=limits)
        self._latency = latency
        self._runner: web.ServerRunner | None = None
        self.url = ""  # "http://127.0.0.1:PORT" once started

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Port 0 is any free one. After `close` it may be started again, also on the old port."""
        # Cancelled with its connection, a long poll or a Hang does not outlive its client.
        server = web.Server(self._handle, handler_cancellation=True, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=_GRACE)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port, reuse_address=True).start()
        address = self._runner.addresses[0]
        self.url = f"http://{address[0]}:{address[1]}"

    async def close(self) -> None:
        """New connections are refused, open ones closed. What was said stays."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        received_at = self.clock()
        if request.path.startswith(LOOP_PREFIX):
            return await perform(RedirectLoop(), request, natural_success())
        answer, natural = await self._answer(request, received_at)
        if self._latency is not None:
            await asyncio.sleep(self._latency())
        return await perform(answer, request, natural)

    async def _answer(self, request: web.BaseRequest, received_at: float) -> tuple[Answer, Json]:
        """What to answer, and what would have been answered without an injection."""
        path = _PATH.fullmatch(request.path)
        if path is None:
            return self._refuse(not_found())
        token, name = path.groups()
        bot = self.bots.get(token)
        if bot is None:
            return self._refuse(unauthorized())
        method = BY_LOWER_NAME.get(name.lower(), name)
        try:
            params = Params(await _fields(request))
        except Refused as refused:
            return self._refuse(refused.answer)
        self.calls[method] += 1
        self.notify()
        chat_ref = params.text("chat_id")
        if (answer := self.take_injection("before", token, method, chat_ref)) is not None:
            return answer, natural_success()
        try:
            natural = success(await self._result(method, bot, params, received_at))
        except Refused as refused:
            return self._refuse(refused.answer)
        return self.take_injection("after", token, method, chat_ref) or natural, natural

    async def _result(self, method: str, bot: Bot, params: Params, received_at: float) -> object:
        if method == "getUpdates":
            return await self._get_updates(bot, params)
        if method not in METHODS:
            raise Refused(not_found())
        result = METHODS[method](self, bot, params, received_at)
        self.notify()
        return result

    def _refuse(self, answer: Json) -> tuple[Answer, Json]:
        self.refused[answer.status] += 1
        self.notify()
        return answer, answer

    async def _get_updates(self, bot: Bot, params: Params) -> list[JsonObject]:
        offset = params.integer("offset") or 0
        limit = min(max(params.integer("limit") or _MAX_UPDATES, 1), _MAX_UPDATES)
        timeout = min(max(params.integer("timeout") or 0, 0), _MAX_POLL)
        allowed = params.nested("allowed_updates", "allowed updates")
        if isinstance(allowed, list):
            bot.allowed = frozenset(map(str, allowed)) or DEFAULT_UPDATES
        if bot.poller is not None and not bot.poller.done():
            bot.poller.set_result(False)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while not (ready := bot.waiting(offset, limit)) and loop.time() < deadline:
            mine = bot.poller = loop.create_future()
            self.notify()
            try:
                async with asyncio.timeout_at(deadline):
                    woken = await mine
            except TimeoutError:
                return []
            finally:
                if bot.poller is mine:
                    bot.poller = None
            if not woken:
                raise Refused(conflict())
        return ready


async def _fields(request: web.BaseRequest) -> dict[str, object]:
    """Of the query and of the body: JSON, urlencoded or multipart; a file is its bytes."""
    fields: dict[str, object] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError:
            raise Refused(bad_request("can't parse JSON object")) from None
        if not isinstance(body, dict):
            raise Refused(failure(400, "Bad Request: object expected"))
        return fields | body
    for name, value in (await request.post()).items():
        fields[name] = value if isinstance(value, str) else _content(value)
    return fields


def _content(field: web.FileField | bytes | bytearray) -> bytes:
    return field.file.read() if isinstance(field, web.FileField) else bytes(field)
