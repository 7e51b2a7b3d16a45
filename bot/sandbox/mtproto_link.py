"""One TCP connection to the sandbox's Telegram: packets, envelopes, containers, service messages.

What is left when all of that is peeled off, a method call, goes to the `Answer` it was given.
"""

import asyncio
import gzip
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from telethon.errors.common import (
    InvalidBufferError,
    InvalidChecksumError,
    TypeNotFoundError,
)
from telethon.network.connection.tcpfull import FullPacketCodec
from telethon.tl import functions, types
from telethon.tl.core.gzippacked import GzipPacked
from telethon.tl.tlobject import TLRequest

from bot.sandbox.mtproto_crypto import (
    ExchangeError,
    KeyExchange,
    key_id_of,
    open_envelope,
    read_bytes,
    read_object,
    seal_envelope,
)
from bot.sandbox.mtproto_state import Call, Device, Failure

# These parts of Telethon carry no types at all.
_codec: Final[Any] = FullPacketCodec
_gzip: Final[Any] = GzipPacked

_CONTAINER: Final = 0x73F1F8DC
_GZIPPED: Final = 0x3072CFA1
_RPC_RESULT: Final = 0xF35C6D01
_VECTOR: Final = 0x1CB5C415
_BOOL: Final = {True: 0x997275B5, False: 0xBC799737}

_HEADER: Final = struct.Struct("<qqqii")
_INNER: Final = struct.Struct("<qii")
_CONSTRUCTOR: Final = struct.Struct("<I")

_BAD_SALT: Final = 48
_KEY_UNKNOWN: Final = struct.pack("<i", -404)
# Telegram's own limit is a megabyte; a container of this many small messages stays below it.
_CONTAINER_MAX: Final = 100

_WRAPPERS: Final = (
    functions.InvokeWithLayerRequest,
    functions.InitConnectionRequest,
    functions.InvokeWithoutUpdatesRequest,
    functions.InvokeAfterMsgRequest,
    functions.InvokeAfterMsgsRequest,
)


Answer = Callable[["Link", Call], Any]


class Link:
    """One client's connection. `push` sends it updates; `reset` breaks it."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        devices: dict[int, Device],
        new_device: Callable[[bytes], Device],
        answer: Answer,
        silent: bool,
    ) -> None:
        self.silent = silent
        """Reads on and answers nothing: what a half-open connection looks like to the client."""
        self.listening = False
        """Told of updates: only after a call that needs a login, as with the real server."""
        self.device: Device | None = None
        self._reader = reader
        self._writer = writer
        self._codec: Any = _codec(None)
        self._devices = devices
        self._new_device = new_device
        self._answer = answer
        self._exchange = KeyExchange()
        self._session_id = 0
        self._sequence = 0
        self._last_message_id = 0

    async def run(self) -> None:
        """Serve until the client goes away, breaks the protocol, or `reset` is called."""
        try:
            # Reads end in an error when the other side leaves; a cut packet or a transport other
            # than "full" ends the connection the same way.
            with suppress(
                asyncio.IncompleteReadError, OSError, InvalidBufferError, InvalidChecksumError
            ):
                while packet := await self._codec.read_packet(self._reader):
                    if not self.silent and not self._receive(packet):
                        break
        finally:
            self._writer.close()

    def reset(self) -> None:
        """End the connection with a TCP reset, as a dying middlebox does."""
        sock = self._writer.get_extra_info("socket")
        if sock is not None:
            with suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def push(self, updates: bytes) -> None:
        """Send a serialized `Updates`, if this client is to be told and can be."""
        if self.listening and not self.silent:
            self._send([(updates, True)], answering=False)

    # -- incoming

    def _receive(self, packet: bytes) -> bool:
        """Handle one packet; False if the connection is to end."""
        if len(packet) < 20:
            return False
        key_id = key_id_of(packet)
        if key_id == 0:
            return self._receive_plain(packet)
        device = self._devices.get(key_id)
        if device is None:
            self._write(_KEY_UNKNOWN)
            return True
        plain = open_envelope(device.key, packet)
        if plain is None:
            return False
        self._receive_encrypted(device, plain)
        return True

    def _receive_plain(self, packet: bytes) -> bool:
        try:
            reply = bytes(self._exchange.answer(read_object(packet[20:])))
        except (ExchangeError, TypeNotFoundError):
            return False
        if self._exchange.key is not None:
            self._new_device(self._exchange.key)
            self._exchange = KeyExchange()
        self._write(struct.pack("<qqi", 0, self._next_message_id(1), len(reply)) + reply)
        return True

    def _receive_encrypted(self, device: Device, plain: bytes) -> None:
        salt, session_id, message_id, sequence, length = _HEADER.unpack_from(plain)
        body = plain[_HEADER.size : _HEADER.size + length]
        self.device = device
        if session_id != self._session_id:
            self._session_id, self._sequence, self.listening = session_id, 0, False
        if salt != device.salt:
            # A client that has just connected does not know the salt; it sends everything again.
            notice = types.BadServerSalt(message_id, sequence, _BAD_SALT, device.salt)
            self._send([(bytes(notice), False)])
            return
        replies: list[tuple[bytes, bool]] = []
        if session_id not in device.sessions:
            device.sessions.add(session_id)
            created = types.NewSessionCreated(message_id, session_id, device.salt)
            replies.append((bytes(created), True))
        received = []
        for inner_id, content_related, data in _messages(message_id, sequence, body):
            if content_related:
                received.append(inner_id)
            reply = self._handle(device, inner_id, data)
            if reply is not None:
                replies.append((reply, True))
        if received:
            replies.insert(0, (bytes(types.MsgsAck(received)), False))
        for first in range(0, len(replies), _CONTAINER_MAX):
            self._send(replies[first : first + _CONTAINER_MAX])

    def _handle(self, device: Device, message_id: int, data: bytes) -> bytes | None:
        try:
            request = read_object(data)
        except TypeNotFoundError:
            return _result(message_id, types.RpcError(400, "INPUT_METHOD_INVALID"))
        match request:
            case functions.PingRequest() | functions.PingDelayDisconnectRequest():
                return bytes(types.Pong(message_id, request.ping_id))
            case functions.GetFutureSaltsRequest():
                # A salt of the sandbox never expires, so the same one is given for a day ahead.
                now = datetime.now(UTC)
                salt = types.FutureSalt(now, now + timedelta(days=1), device.salt)
                return bytes(types.FutureSalts(message_id, int(now.timestamp()), [salt]))
            case functions.DestroySessionRequest(session_id=session_id):
                known = session_id in device.sessions
                device.sessions.discard(session_id)
                kind = types.DestroySessionOk if known else types.DestroySessionNone
                return bytes(kind(session_id))
            case types.MsgsStateReq() | types.MsgResendReq():
                # 4: received. Nothing needs to be sent again, an answer is written at once.
                return bytes(types.MsgsStateInfo(message_id, "\x04" * len(request.msg_ids)))
            case functions.RpcDropAnswerRequest():
                return _result(message_id, types.RpcAnswerUnknown())
            case _:
                return self._call(device, message_id, request)

    def _call(self, device: Device, message_id: int, request: Any) -> bytes | None:
        if not isinstance(request, TLRequest):
            return None  # acknowledgements, http_wait and state reports need no answer
        receives_updates = True
        while isinstance(request, _WRAPPERS):
            if isinstance(request, functions.InvokeWithoutUpdatesRequest):
                receives_updates = False
            request = request.query
        call = Call(device=device, request=request, receives_updates=receives_updates)
        try:
            return _result(message_id, self._answer(self, call))
        except Failure as failure:
            return _result(message_id, types.RpcError(failure.code, failure.message))

    # -- outgoing

    def _send(self, messages: list[tuple[bytes, bool]], *, answering: bool = True) -> None:
        """Encrypt and write; several messages travel in one container."""
        device = self.device
        if device is None:
            return
        kind = 1 if answering else 3
        parts = []
        for body, content_related in messages:
            sequence = self._sequence * 2 + content_related
            self._sequence += content_related
            header = _INNER.pack(self._next_message_id(kind), sequence, len(body))
            parts.append(header + body)
        if len(parts) == 1:
            data = parts[0]
        else:
            body = struct.pack("<Ii", _CONTAINER, len(parts)) + b"".join(parts)
            data = _INNER.pack(self._next_message_id(kind), self._sequence * 2, len(body)) + body
        prefix = struct.pack("<qq", device.salt, self._session_id)
        self._write(seal_envelope(device.key, prefix + data))

    def _write(self, packet: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(self._codec.encode_packet(packet))

    def _next_message_id(self, kind: int) -> int:
        """Seconds in the upper half, growing; 1 marks an answer, 3 a notification.

        Wall time and not the world's clock: the client drops ids that are minutes off.
        """
        now = time.time_ns()
        base = (now // 10**9 << 32) | (now % 10**9 & ~3)
        self._last_message_id = max(base, self._last_message_id + 4)
        return self._last_message_id | kind


def _messages(message_id: int, sequence: int, body: bytes) -> Iterator[tuple[int, bool, bytes]]:
    """Unpack containers and gzip: message id, whether it wants an acknowledgement, data.

    Containers are cut here and not by Telethon's codec, so that one message that cannot be read
    is refused by its own id and spares its neighbours.
    """
    (constructor,) = _CONSTRUCTOR.unpack_from(body)
    if constructor == _GZIPPED:
        yield from _messages(message_id, sequence, gzip.decompress(read_bytes(body[4:])))
    elif constructor == _CONTAINER:
        (count,) = _CONSTRUCTOR.unpack_from(body, 4)
        position = 8
        for _ in range(count):
            inner_id, inner_sequence, length = _INNER.unpack_from(body, position)
            position += _INNER.size
            yield from _messages(inner_id, inner_sequence, body[position : position + length])
            position += length
    else:
        yield message_id, bool(sequence & 1), body


def _result(message_id: int, value: Any) -> bytes:
    """`rpc_result`; a long one is packed, as Telegram does."""
    match value:
        case bool():
            body = _CONSTRUCTOR.pack(_BOOL[value])
        case list():
            body = struct.pack("<Ii", _VECTOR, len(value)) + b"".join(map(bytes, value))
        case _:
            body = bytes(value)
    packed: bytes = _gzip.gzip_if_smaller(True, body)
    return struct.pack("<Iq", _RPC_RESULT, message_id) + packed
