"""Carries out an answer on the wire, well-formed or not."""

import asyncio
import json
import os
import socket
import struct
from typing import assert_never

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from bot.sandbox.bot_api_answers import (
    Answer,
    BadGzip,
    CloseOrderly,
    CutBody,
    Drip,
    EmptyOk,
    GarbageStatusLine,
    Hang,
    Huge,
    HugeHeader,
    Json,
    Raw,
    RedirectLoop,
    Reset,
    success,
)

LOOP_PREFIX = "/loop"
_JSON_HEADERS = {"Content-Type": "application/json"}
_CHUNK = 65_536


class _Sent(web.StreamResponse):
    """Tells aiohttp that the answer has gone out by hand and that the connection is over."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        self.force_close()
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        return


def encoded(answer: Json) -> bytes:
    """Without spaces, as Telegram writes it."""
    text = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


async def perform(answer: Answer, request: web.BaseRequest, natural: Json) -> web.StreamResponse:
    """`natural` is what would have been answered: some faults spoil it instead of replacing it."""
    match answer:
        case Json():
            return web.Response(
                status=answer.status, body=encoded(answer), content_type="application/json"
            )
        case Raw():
            return web.Response(
                status=answer.status, headers=dict(answer.headers), body=answer.body
            )
        case EmptyOk():
            return web.Response(headers=_JSON_HEADERS)
        case HugeHeader():
            headers = {**_JSON_HEADERS, "X-Padding": "x" * answer.size}
            return web.Response(body=encoded(natural), headers=headers)
        case BadGzip():
            headers = {**_JSON_HEADERS, "Content-Encoding": "gzip"}
            return web.Response(body=encoded(natural), headers=headers)
        case RedirectLoop():
            path = request.path.removeprefix(LOOP_PREFIX)
            return web.Response(status=302, headers={"Location": LOOP_PREFIX + path})
        case Reset():
            return _reset(request)
        case CloseOrderly():
            return _by_hand(request, b"")
        case GarbageStatusLine():
            return _by_hand(request, b"\x00\xffNOT HTTP AT ALL\r\n\r\n")
        case CutBody():
            return _by_hand(request, _half(encoded(natural)))
        case Drip():
            return await _drip(request, encoded(natural), answer.interval)
        case Huge():
            return await _huge(request, answer.size)
        case Hang():
            await asyncio.Event().wait()  # ended by cancellation: the client left, or close()
            return _Sent()
    assert_never(answer)


def natural_success() -> Json:
    """What a fault before acceptance spoils."""
    return success(True)


def _half(body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body[: len(body) // 2]


def _by_hand(request: web.BaseRequest, data: bytes) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.write(data)
        request.transport.close()
    return _Sent()


def _reset(request: web.BaseRequest) -> web.StreamResponse:
    if request.transport is not None:
        # On a duplicate of the descriptor: uvloop's own socket object refuses setsockopt.
        descriptor = os.dup(request.transport.get_extra_info("socket").fileno())
        with socket.socket(fileno=descriptor) as connection:
            linger_zero = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_zero)
        request.transport.abort()
    return _Sent()


async def _drip(request: web.BaseRequest, body: bytes, interval: float) -> web.StreamResponse:
    response = web.StreamResponse(headers=_JSON_HEADERS)
    response.content_length = len(body)
    await response.prepare(request)
    for position in range(len(body)):
        await response.write(body[position : position + 1])
        await asyncio.sleep(interval)
    return response


async def _huge(request: web.BaseRequest, size: int) -> web.StreamResponse:
    response = web.StreamResponse(headers=_JSON_HEADERS)
    await response.prepare(request)
    await response.write(b'{"ok":true,"result":"')
    chunk = b"a" * _CHUNK
    for _ in range(size // _CHUNK):
        await response.write(chunk)
    await response.write(b'"}')
    return response
