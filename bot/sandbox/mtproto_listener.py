"""The listening socket of the sandbox's Telegram: it can stop listening and keep its port."""

import asyncio
import os
import socket
from collections.abc import Callable
from ipaddress import IPv4Address

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]


class Listener:
    """Accepts IPv4 connections and hands their streams to `serve`, which must not block.

    A loop of our own: `asyncio.Server` frees its port in its own time, under uvloop later than
    `close` returns, and `refuse` needs the port back at once.
    """

    def __init__(self, host: str, port: int, *, serve: Serve) -> None:
        """Bind; port 0 lets the system choose. OSError if the port is taken."""
        self.host = str(IPv4Address(host))
        self.port = port
        self._serve = serve
        self._socket = self._bind()
        self.port = self._socket.getsockname()[1]
        self._accepting: asyncio.Task[None] | None = None

    def listen(self) -> None:
        if self._accepting is None:
            self._socket.listen(100)
            self._accepting = asyncio.create_task(self._accept(), name="mtproto-accept")

    async def refuse(self) -> None:
        """From here on connecting fails at once, as on a host where nothing runs."""
        await self.close()
        # Bound and not listening: nobody else gets the port, everybody is refused.
        self._socket = self._bind()

    async def close(self) -> None:
        if self._accepting is not None:
            self._accepting.cancel()
            await asyncio.wait([self._accepting])
            self._accepting = None
        self._socket.close()

    def _bind(self) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":  # elsewhere the option would let two programs share the port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setblocking(False)
        try:
            sock.bind((self.host, self.port))
        except OSError:
            sock.close()
            raise
        return sock

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            sock, _ = await loop.sock_accept(self._socket)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._serve(*await asyncio.open_connection(sock=sock))
