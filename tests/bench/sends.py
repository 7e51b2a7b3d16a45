"""What one message costs on the way out: `python -m tests.bench.sends [messages]`.

Beside it the floor of the same run: aiohttp posts a body that was made before. Both talk to the
same HTTP/1.1 server in a process of its own, so the time of the processor is the client's alone;
there is no limit but the number of requests in flight, which is a lane's. Rounds take turns;
printed are medians. Per message: the time of the processor of the whole process.
"""

import argparse
import asyncio
import json
import multiprocessing
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, cast

import aiohttp
import uvloop
from aiogram import Bot
from aiogram.methods import SendMessage
from rich.console import Console
from rich.table import Table

from bot.message import Button, Entity, Message
from bot.outcome import Accepted, Reply
from bot.pace import PER_SECOND, RESERVE
from bot.sender import Sender
from bot.session import Session
from storage.model import TelegramId

_TOKEN = "123456:" + "A" * 35
_CHAT = 730_000_000
_AT_ONCE = PER_SECOND - RESERVE
_ROUNDS = 7
_LENGTH = b"content-length:"

_LINES = (
    "🟠 ОПАСНОСТЬ · БПЛА · Калужская область · Боровский район",
    "Действует с 00:33, для вас 1 ч 12 мин",
    "Что делать: уйдите от окон, не выходите на улицу",
    *(
        f"01:{n:02} уничтожены {n} БПЛА, Боровский и Жуковский округа, предварительно"
        for n in (7, 9)
    ),
    "«Опасность атаки БПЛА сохраняется. Пострадавших и разрушений нет». Губернатор, 01:41",
)
CARD = Message(
    text="\n".join(_LINES),
    entities=(
        Entity(type="bold", offset=0, length=50),
        Entity(type="italic", offset=60, length=20),
        Entity(type="blockquote", offset=250, length=60),
        Entity(type="text_link", offset=320, length=10, url="https://t.me/kaluga_gov/4821"),
        Entity(type="code", offset=335, length=7),
    ),
    plain=_LINES[0],
    keyboard=((Button(text="Источник", url="https://t.me/kaluga_gov/4821"),),),
)
"""Of the size of a card in the midst of a night."""

Send = Callable[[int], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """``micros``: of the processor, for one message."""

    per_second: float
    micros: float


# --- the server ---------------------------------------------------------------------------------


class _Telegram(asyncio.Protocol):
    """Answers each POST with one and the same success, of the length of a real one."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._received = bytearray()
        self._transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._received[:end]).lower()
            at = head.find(_LENGTH)
            length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._received) < end + 4 + length:
                return
            del self._received[: end + 4 + length]
            self._transport.write(self._answer)


def _serve(told: Connection) -> None:
    message = {
        "message_id": 4821,
        "from": {"id": 123456, "is_bot": True, "first_name": "Набат", "username": "nabat_bot"},
        "chat": {"id": _CHAT, "first_name": "Анна", "type": "private"},
        "date": 1_770_000_000,
        **_fields(),
    }
    body = json.dumps({"ok": True, "result": message}, separators=(",", ":")).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    answer = head.encode() + b"\r\nConnection: keep-alive\r\n\r\n" + body

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Telegram(answer), "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await loop.run_in_executor(None, told.recv)

    uvloop.run(serve())


# --- the clients --------------------------------------------------------------------------------


def _fields() -> dict[str, object]:
    entities: list[Mapping[str, object]] = [
        {"type": e.type, "offset": e.offset, "length": e.length}
        | ({} if e.url is None else {"url": e.url})
        for e in CARD.entities
    ]
    rows = [[{"text": b.text, "url": b.url} for b in row] for row in CARD.keyboard]
    return {"text": CARD.text, "entities": entities, "reply_markup": {"inline_keyboard": rows}}


async def _spent(send: Send, messages: int) -> Cost:
    """So many messages, each to another chat."""
    numbers = iter(range(messages))

    async def one_by_one() -> None:
        for number in numbers:
            await send(_CHAT + number)

    begun, busy = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one_by_one() for _ in range(_AT_ONCE)))
    busy, took = time.process_time() - busy, time.perf_counter() - begun
    return Cost(per_second=messages / took, micros=busy / messages * 1e6)


async def measure(url: str, messages: int) -> dict[str, list[Cost]]:
    method = f"{url}/bot{_TOKEN}/sendMessage"
    body = json.dumps({"chat_id": _CHAT} | _fields(), ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json"}
    session = Session(url)
    ours = Bot(_TOKEN, session=session)
    stock = Bot(_TOKEN)
    stock.session.api = session.api
    sender = Sender(ours)
    rows = [[{"text": b.text, "url": b.url} for b in row] for row in CARD.keyboard]

    async with aiohttp.ClientSession() as client:

        async def floor(chat: int) -> None:
            async with client.post(method, data=body, headers=headers) as answer:
                await answer.read()

        async def exchanged(chat: int) -> None:
            answer = await session.exchange(_TOKEN, "sendMessage", {"chat_id": chat} | _fields())
            assert isinstance(answer, Reply), answer

        async def sent(chat: int) -> None:
            outcome = await sender.send(TelegramId(chat), CARD, silent=False)
            assert isinstance(outcome, Accepted), outcome

        async def usual(chat: int) -> None:
            wanted: Any = {"chat_id": chat, "reply_markup": {"inline_keyboard": rows}}
            fields: Any = _fields()
            await stock(SendMessage(**(fields | wanted)))

        ways: dict[str, Send] = {
            "floor: aiohttp, body prepared": floor,
            "Session.exchange": exchanged,
            "Sender.send": sent,
            "stock aiogram": usual,
        }
        found: dict[str, list[Cost]] = {name: [] for name in ways}
        for send in ways.values():
            await _spent(send, max(_AT_ONCE, messages // 10))
        for _ in range(_ROUNDS):
            for name, send in ways.items():
                found[name].append(await _spent(send, messages))
    await session.close()
    await stock.session.close()
    return found


def show(found: dict[str, list[Cost]]) -> None:
    table = Table(f"{_AT_ONCE} in flight", "messages/s", "÷ floor", "µs each", "goal")
    floors = next(iter(found.values()))
    for name, costs in found.items():
        ratio = statistics.median(
            cost.per_second / floor.per_second for cost, floor in zip(costs, floors, strict=True)
        )
        table.add_row(
            name,
            f"{statistics.median(cost.per_second for cost in costs):,.0f}",
            f"{ratio:.2f}",
            f"{statistics.median(cost.micros for cost in costs):.0f}",
            "≥0.90, ≤150 µs" if name == "Sender.send" else "",
        )
    Console().print(table)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("messages", type=int, nargs="?", default=5_000)
    given = options.parse_args()
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    server = spawning.Process(target=_serve, args=(theirs,), daemon=True)
    server.start()
    try:
        show(uvloop.run(measure(f"http://127.0.0.1:{ours.recv()}", given.messages)))
    finally:
        ours.send(None)
        server.join()


if __name__ == "__main__":
    main()
