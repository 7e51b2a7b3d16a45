"""What a session makes of a server that lies about lengths, drips or never ends, byte by byte."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.outcome import Accepted, Ambiguous, Lost, Reply, classify
from bot.session import CAP, Session

TOKEN = "123456789:AAE-abcdefghijklmnopqrstuvwxyz01234"
SENT = b'{"ok":true,"result":{"message_id":77,"date":1}}'
SHORT = 0.3  # seconds
DRIP = 0.01  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """One answer. ``drips``: a byte at a time, each soon after the one before. ``ends``: then the
    connection is closed."""

    content: bytes
    drips: bool = False
    ends: bool = False


def http(body: bytes, *, length: int | None = None, status: str = "200 OK") -> bytes:
    """``length``: what is said of the body."""
    said = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Length: {said}\r\n\r\n".encode() + body


HANGS = Wire(content=b"")


@contextlib.asynccontextmanager
async def serving(
    *answers: Wire, patience: float = 5.0, connections: int = 1
) -> AsyncIterator[Session]:
    """With one connection, that must be free or closed after whatever was answered before."""
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"Content-Length: (\d+)", head)
                assert length is not None
                await reader.readexactly(int(length[1]))
                answer = left.pop(0)
                if answer.drips:
                    for byte in answer.content:
                        writer.write(bytes([byte]))
                        await asyncio.sleep(DRIP)
                else:
                    writer.write(answer.content)
                    await writer.drain()
                if answer.ends:
                    break
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with Session(url, timeout=patience, connections=connections) as session:
            yield session


async def exchange(session: Session, *, seconds: float | None = None) -> Reply | Lost:
    return await session.exchange(TOKEN, "sendMessage", {"chat_id": 1}, seconds=seconds)


WELL = Wire(content=http(SENT))

LOST = {
    "no answer": HANGS,
    "a byte at a time, of the head": Wire(content=http(SENT), drips=True),
    "a byte at a time, of the body": Wire(
        content=b"HTTP/1.1 200 OK\r\n\r\n" + SENT * 10, drips=True
    ),
    "less than was said, no end": Wire(content=http(SENT, length=CAP)),
    "less than was said": Wire(content=http(SENT, length=CAP), ends=True),
    "too much, as was said": Wire(content=http(b" " * (CAP + 1))),
    "too much was said": Wire(content=http(b" " * 2 * CAP, length=1_000_000_000)),
    "too much, no length": Wire(content=b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 2 * CAP, ends=True),
    "chunks that are none": Wire(
        content=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n" + SENT
    ),
}


@pytest.mark.parametrize("answer", LOST.values(), ids=LOST)
async def test_no_whole_answer_is_lost_within_the_time(answer: Wire) -> None:
    """And what is left of it is not taken for the answer to the next request."""
    async with serving(answer, WELL, patience=SHORT) as session:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        lost = await exchange(session)
        assert loop.time() - begun < 1.0
        assert isinstance(lost, Lost) and lost.reached
        assert TOKEN not in repr(lost)
        assert classify(await exchange(session)) == Accepted(message_id=77)


async def test_more_than_was_said_is_not_the_next_answer() -> None:
    foreign = b'{"ok":true,"result":{"message_id":66,"date":1}}'
    longer = Wire(content=http(SENT) + http(foreign))
    async with serving(longer, WELL) as session:
        assert classify(await exchange(session)) == Accepted(message_id=77)
        assert classify(await exchange(session)) == Accepted(message_id=77)


async def test_whoever_cancels_an_exchange_is_not_told_of_a_timeout() -> None:
    async with serving(HANGS, WELL) as session:
        hanging = asyncio.create_task(exchange(session))
        await asyncio.wait({hanging}, timeout=DRIP)
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
        assert classify(await exchange(session)) == Accepted(message_id=77)


async def test_whoever_bounds_an_exchange_sees_its_own_timeout() -> None:
    async with serving(HANGS, WELL) as session:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(DRIP):
                await exchange(session)
        assert classify(await exchange(session)) == Accepted(message_id=77)


@pytest.mark.parametrize("seconds", [(2 * SHORT, SHORT), (SHORT, 2 * SHORT)], ids=str)
async def test_each_exchange_has_its_own_time(seconds: tuple[float, float]) -> None:
    async with serving(HANGS, HANGS, WELL, connections=2) as session:
        loop = asyncio.get_running_loop()

        async def took(bound: float) -> float:
            begun = loop.time()
            assert isinstance(await exchange(session, seconds=bound), Lost)
            return loop.time() - begun

        for bound, passed in zip(seconds, await asyncio.gather(*map(took, seconds)), strict=True):
            assert bound - 0.05 < passed < bound + 0.25
        assert classify(await exchange(session)) == Accepted(message_id=77)


DOUBTFUL = {
    "a success under 500": Wire(content=http(SENT, status="500 Internal Server Error")),
    "an id that ends nowhere": Wire(content=http(b'{"ok":true,"result":{"message_id":77')),
    "an id of nothing": Wire(content=http(b'{"ok":true,"result":{"message_id":0,"date":1}}')),
    "an id that is no whole number": Wire(
        content=http(b'{"ok":true,"result":{"message_id":7.5,"date":1}}')
    ),
}


@pytest.mark.parametrize("answer", DOUBTFUL.values(), ids=DOUBTFUL)
async def test_what_only_looks_like_a_success(answer: Wire) -> None:
    async with serving(answer) as session:
        assert isinstance(classify(await exchange(session)), Ambiguous)
