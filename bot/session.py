"""HTTP to the Bot API: aiogram's session, made safe for a program that must not lose a message.

An answer is capped in size and bound in time, redirects are not followed, cookies and
compression are not asked for, and no exception or value that leaves here holds the token, which
stands in every URL.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import aiohttp
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.exceptions import TelegramNetworkError, TelegramServerError
from aiogram.methods import GetUpdates, TelegramMethod
from aiogram.methods.base import TelegramType
from multidict import CIMultiDict
from yarl import URL

from bot.body import encoded
from bot.deadlines import Deadlines
from bot.outcome import Lost, Reply
from bot.turns import Turns

SEND_SECONDS = 5.0
UPLOAD_SECONDS = 15.0
CAP = 1_000_000
"""Bytes of an answer. 100 updates may be longer: a poller passes ``UPDATES_CAP``."""
UPDATES_CAP = 16_000_000
_CONNECT_SECONDS = (
    3.0  # shorter than any total: a request that waits for a connection was not sent
)
# Of aiohttp's own kind, or it would make one of them for each request.
_HEADERS: Final = CIMultiDict({"Accept-Encoding": "identity"})
_JSON_HEADERS: Final = CIMultiDict(_HEADERS, **{"Content-Type": "application/json"})
# How Telegram's answer begins when it has taken a message. The rest, a copy of the message, tells
# nothing: parsing it was an eighth of the whole call, and damage there does not undo the success.
_TAKEN: Final = re.compile(rb'\{"ok":true,"result":\{"message_id":([1-9]\d{0,17}),')

_Answer = tuple[int, bytes]


class Session(AiohttpSession):
    """``base_url``: of another Bot API server, the real one if None. Sends and polls go through
    ``exchange``; what else aiogram's ``Bot`` does, through ``make_request``. ``turns``: those that
    answers to people wait for, None where nobody paces."""

    def __init__(
        self,
        base_url: str | None = None,
        *,
        proxy: str | None = None,
        connections: int = 100,
        timeout: float = SEND_SECONDS,
        turns: Turns | None = None,
    ) -> None:
        api = PRODUCTION if base_url is None else TelegramAPIServer.from_base(base_url)
        super().__init__(proxy=proxy, limit=connections, api=api, timeout=timeout)
        self.turns = turns
        self._deadlines = Deadlines()
        self._urls: dict[tuple[str, str], URL] = {}

    async def exchange(
        self,
        token: str,
        method: str,
        fields: Mapping[str, object] | bytes,
        *,
        seconds: float | None = None,
        cap: int = CAP,
    ) -> Reply | Lost:
        """One call, never repeated. Never raises for what the network or the server does.

        ``fields``: fit for JSON, or JSON already (`bot.body`). ``seconds``: for all of it, the
        session's own time if None. Of a message that was taken the body holds the id alone.
        """
        answer = await self._post(
            self._url(token, method),
            fields if isinstance(fields, bytes) else encoded(fields),
            seconds=self.timeout if seconds is None else seconds,
            cap=cap,
            headers=_JSON_HEADERS,
        )
        if isinstance(answer, Lost):
            return answer
        status, content = answer
        return Reply(status=status, body=_taken(content) or _json_object(content))

    async def upload(
        self, token: str, method: str, fields: Mapping[str, str], name: str, content: bytes
    ) -> Reply | Lost:
        """As ``exchange``, of a call with a PNG in the field ``name``. The body is Telegram's
        whole answer."""
        form = aiohttp.FormData()
        for field, value in fields.items():
            form.add_field(field, value)
        form.add_field(name, content, filename=f"{name}.png", content_type="image/png")
        answer = await self._post(
            self._url(token, method), form, seconds=UPLOAD_SECONDS, cap=CAP, headers=_HEADERS
        )
        if isinstance(answer, Lost):
            return answer
        status, body = answer
        return Reply(status=status, body=_json_object(body))

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 - aiogram's signature
    ) -> TelegramType:
        """Raises aiogram's exceptions only, with a bare 5xx and an HTML one among them."""
        seconds, cap = self.timeout, CAP
        if isinstance(method, GetUpdates):
            seconds, cap = seconds + (method.timeout or 0), UPDATES_CAP
        if timeout is not None:
            seconds = timeout
        answer = await self._post(
            self._url(bot.token, method.__api_method__),
            self.build_form_data(bot=bot, method=method),
            seconds=seconds,
            cap=cap,
            headers=_HEADERS,
        )
        if isinstance(answer, Lost):
            raise TelegramNetworkError(method=method, message=answer.why)
        status, content = answer
        if status >= 500:
            raise TelegramServerError(method=method, message=f"HTTP {status}")
        text = content.decode("utf-8", "replace")
        result: TelegramType = self.check_response(
            bot=bot, method=method, status_code=status, content=text
        ).result  # type: ignore[assignment]
        return result

    async def close(self) -> None:
        """Without aiogram's pause: aiohttp itself waits for TLS to close since 3.12."""
        if self._session is not None and not self._session.closed:
            await self._session.close()

    def _url(self, token: str, method: str) -> URL:
        """Parsed once, for it is the same for thousands of messages."""
        known = self._urls.get((token, method))
        if known is None:
            known = URL(self.api.api_url(token=token, method=method))
            self._urls[token, method] = known
        return known

    async def _post(
        self,
        url: URL,
        data: bytes | aiohttp.FormData,
        *,
        seconds: float,
        cap: int,
        headers: Mapping[str, str],
    ) -> _Answer | Lost:
        session = await self.create_session()
        # Only the names of exceptions go on: their texts quote the URL.
        try:
            with self._deadlines.within(seconds):
                async with session.post(
                    url,
                    data=data,
                    headers=headers,
                    timeout=_limits(seconds),
                    allow_redirects=False,
                    auto_decompress=False,
                ) as response:
                    content = bytearray()
                    while chunk := await response.content.readany():
                        content += chunk
                        if len(content) > cap:
                            response.close()
                            return Lost(reached=True, why=f"an answer of more than {cap} bytes")
                    return response.status, bytes(content)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            lost = Lost(reached=False, why=_name(error))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            lost = Lost(reached=True, why=_name(error))
        return lost


@lru_cache(maxsize=16)
def _limits(seconds: float) -> aiohttp.ClientTimeout:
    """But for the total, which `bot.deadlines` keeps."""
    return aiohttp.ClientTimeout(total=None, connect=min(_CONNECT_SECONDS, seconds / 2))


def _name(error: BaseException) -> str:
    """For example ``ClientConnectorError (ConnectionRefusedError)``."""
    name = type(error).__name__
    cause = error.__cause__
    return name if cause is None else f"{name} ({type(cause).__name__})"


def _taken(content: bytes) -> Mapping[str, object] | None:
    begun = _TAKEN.match(content)
    return None if begun is None else {"ok": True, "result": {"message_id": int(begun[1])}}


def _json_object(content: bytes) -> Mapping[str, object] | None:
    try:
        # What is not UTF-8 stands in a text, which nobody reads here: a success stays one.
        parsed = json.loads(content.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None
