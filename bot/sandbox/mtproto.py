"""A Telegram of our own on loopback that an unmodified Telethon client talks to over TCP.

Real key exchange, encryption, sessions and updates; one account, any number of channels, any
number of clients at once. The program needs no branch for it: a session carries address, port
and key. `channels.py` holds what is posted, `mtproto_rpc.py` the methods, `mtproto_link.py` one
connection, `mtproto_crypto.py` the secrets; here they meet, and here is what a test can break.
"""

import asyncio
import itertools
import logging
import os
import secrets
from collections import Counter, deque
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from telethon.crypto.authkey import AuthKey
from telethon.sessions.sqlite import SQLiteSession
from telethon.sessions.string import StringSession
from telethon.tl import types

from bot.sandbox.channels import Media, SandboxChannel
from bot.sandbox.mtproto_crypto import key_id, new_auth_key
from bot.sandbox.mtproto_link import Link
from bot.sandbox.mtproto_listener import Listener
from bot.sandbox.mtproto_rpc import answer, check_method_name, method_name, needs_login
from bot.sandbox.mtproto_state import (
    DC_ID,
    Account,
    Call,
    Clock,
    Device,
    Failure,
    KeyState,
    World,
)

# This part of Telethon carries no types at all.
_auth_key: Final[Any] = AuthKey

log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class MtprotoServer:
    """The server. `async with` starts and closes it; every control may be used while it runs.

    `calls` counts requests by Telegram's name of the method, refused ones included.
    """

    def __init__(self, *, clock: Clock = _now, account: Account | None = None) -> None:
        self.calls: Counter[str] = Counter()
        self._world = World(account=account or Account(), clock=clock)
        self._devices: dict[int, Device] = {}
        self._links: dict[asyncio.Task[None], Link] = {}
        self._failures: dict[str, deque[Failure]] = {}
        self._channel_ids = itertools.count(1_000_000_001)
        self._listener: Listener | None = None
        self._muted = False
        self._silent = False

    # -- life

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen on an IPv4 address; port 0 lets the system choose, see `port`."""
        self._listener = Listener(host, port, serve=self._serve)
        self._world.host, self._world.port = self._listener.host, self._listener.port
        self._listener.listen()

    async def close(self) -> None:
        if self._listener is not None:
            await self._listener.close()
            self._listener = None
        self.drop()
        if self._links:
            await asyncio.wait(self._links)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def port(self) -> int:
        return self._world.port

    @property
    def account(self) -> Account:
        return self._world.account

    # -- sessions that skip the login

    def session_string(self) -> str:
        """A `StringSession` that is logged in; each call is a device of its own."""
        session: Any = StringSession()
        session.set_dc(DC_ID, self._world.host, self.port)
        session.auth_key = self._authorised_key()
        return str(session.save())

    def write_session(self, path: Path) -> None:
        """Write a logged-in `SQLiteSession` file, readable by its owner only.

        `path` ends in `.session` and does not exist yet.
        """
        if path.suffix != ".session":
            raise ValueError(f"Telethon would add .session to {path}")
        # Made beforehand, since Telethon would create it readable by everyone.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        session: Any = SQLiteSession(str(path))
        try:
            session.set_dc(DC_ID, self._world.host, self.port)
            session.auth_key = self._authorised_key()
            session.save()
        finally:
            session.close()

    # -- the world: channels and what happens in them

    def add_channel(
        self,
        *,
        username: str | None,
        title: str,
        joined: bool = False,
        channel_id: int | None = None,
        noforwards: bool = False,
    ) -> SandboxChannel:
        """A public channel, or one without a name; `joined` says whether the account reads it."""
        now = self._world.clock()
        channel = SandboxChannel(
            id=next(self._channel_ids) if channel_id is None else channel_id,
            access_hash=secrets.randbits(62) + 1,
            title=title,
            username=username,
            created=now,
            changed=now,
            joined=joined,
            noforwards=noforwards,
        )
        if channel.id in self._world.channels:
            raise ValueError(f"there is a channel {channel.id} already")
        self._world.channels[channel.id] = channel
        return channel

    def post(
        self,
        channel: SandboxChannel,
        text: str,
        *,
        entities: Sequence[Any] = (),
        date: datetime | None = None,
        media: Media | None = None,
        grouped_id: int | None = None,
        forwarded_from: SandboxChannel | str | None = None,
        reply_to: int | None = None,
        service: bool = False,
        silent_push: bool = False,
    ) -> int:
        """Post and push; the result is the message id, counted from 1 in each channel.

        `entities` are Telethon's types with UTF-16 offsets. `forwarded_from` is a channel or the
        name of a hidden author. `service` makes it the notice of a pinned message (`reply_to`)
        and `text` is not used. With `silent_push` no client is told: the post waits to be found
        by the next one, by `catch_up` or by a poll, as happens to big channels.
        """
        now = self._world.clock()
        update = channel.post(
            text,
            now=now,
            date=date or now,
            entities=entities,
            media=media,
            grouped_id=grouped_id,
            forwarded_from=forwarded_from,
            reply_to=reply_to,
            service=service,
        )
        if not silent_push:
            self._push(channel, update)
        return int(update.message.id)

    def edit(
        self,
        channel: SandboxChannel,
        message_id: int,
        text: str,
        *,
        entities: Sequence[Any] = (),
        date: datetime | None = None,
    ) -> None:
        """Replace the text; `date` is shown as the time of the edit. KeyError if it is gone."""
        now = self._world.clock()
        self._push(
            channel,
            channel.edit(message_id, text, now=now, date=date or now, entities=entities),
        )

    def touch(self, channel: SandboxChannel, message_id: int) -> None:
        """Let the counters grow: an edit for Telethon, the same text for the reader."""
        self._push(channel, channel.touch(message_id, now=self._world.clock()))

    def delete(self, channel: SandboxChannel, *message_ids: int) -> None:
        self._push(channel, channel.delete(message_ids, now=self._world.clock()))

    def rename(
        self, channel: SandboxChannel, username: str | None = None, title: str | None = None
    ) -> None:
        """Give it another name or title; an empty username takes the name away."""
        if username is not None:
            channel.username = username or None
        if title is not None:
            channel.title = title
        self._push(channel, types.UpdateChannel(channel.id))

    # -- controls: what can go wrong

    def drop(self) -> None:
        """Reset every connection; new ones are welcome, unless `refuse` says otherwise."""
        for link in self._links.values():
            link.reset()

    async def refuse(self, on: bool = True) -> None:
        """Stop listening, with the port kept, so that connecting fails at once; or listen again.

        Connections that exist live on: `drop` them for a full outage.
        """
        if on:
            await self._open_listener().refuse()
        else:
            self._open_listener().listen()

    def mute(self, on: bool = True) -> None:
        """Answer requests but push nothing. What was not pushed is never pushed later."""
        self._muted = on

    def silence(self, on: bool = True) -> None:
        """Keep connections open and read from them, but send nothing: a half-open link.

        Requests that were read meanwhile stay unanswered afterwards too.
        """
        self._silent = on
        for link in self._links.values():
            link.silent = on

    def flood(self, method: str, seconds: int, times: int = 1) -> None:
        """Answer the next calls of a method, named like messages.getHistory, with FLOOD_WAIT."""
        self.fail(method, 420, f"FLOOD_WAIT_{seconds}", times)

    def fail(self, method: str, code: int, message: str, times: int = 1) -> None:
        """Answer the next calls of a method with an error in Telegram's words."""
        queue = self._failures.setdefault(check_method_name(method), deque())
        queue.extend(Failure(code, message) for _ in range(times))

    def revoke(self) -> None:
        """End every login: AUTH_KEY_UNREGISTERED to whatever needs one.

        Connections stay open and what needs no login still works, as with the real server.
        """
        self._set_state(KeyState.NEW)

    def duplicate_key(self) -> None:
        """Kill the keys of all devices known so far: AUTH_KEY_DUPLICATED to everything."""
        self._set_state(KeyState.DUPLICATED)

    # -- inside

    def _open_listener(self) -> Listener:
        if self._listener is None:
            raise RuntimeError("the server was not started or is closed")
        return self._listener

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(
            reader,
            writer,
            devices=self._devices,
            new_device=self._remember,
            answer=self._answer,
            silent=self._silent,
        )
        task = asyncio.create_task(link.run(), name="mtproto-link")
        self._links[task] = link
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        del self._links[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a connection of the sandbox ended in an error", exc_info=error)

    def _remember(self, key: bytes) -> Device:
        device = Device(key=key, salt=secrets.randbits(63))
        self._devices[key_id(key)] = device
        return device

    def _authorised_key(self) -> Any:
        key = new_auth_key()
        self._remember(key).state = KeyState.AUTHORISED
        return _auth_key(key)

    def _set_state(self, state: KeyState) -> None:
        for device in self._devices.values():
            device.state = state
        for link in self._links.values():
            link.listening = False

    def _answer(self, link: Link, call: Call) -> Any:
        name = method_name(call.request)
        self.calls[name] += 1
        if call.device.state is KeyState.DUPLICATED:
            raise Failure(406, "AUTH_KEY_DUPLICATED")
        if self._failures.get(name):
            raise self._failures[name].popleft()
        try:
            result = answer(self._world, call)
        except Failure:
            raise
        except Exception:
            log.exception("the sandbox could not answer %s", name)
            raise Failure(500, "INTERNAL") from None
        # The real server starts to push after the first call that needs the login.
        if call.receives_updates and needs_login(call.request):
            link.listening = True
        return result

    def _push(self, channel: SandboxChannel, update: Any) -> None:
        if self._muted or not channel.joined:
            return
        updates = types.Updates(
            updates=[update],
            users=[],
            chats=channel.chats(),
            date=self._world.clock(),
            seq=0,  # channels do not take part in the account's own count
        )
        packed = bytes(updates)
        for link in self._links.values():
            link.push(packed)
