"""What the sandbox's Telegram knows: its account, its devices, its channels.

Held in memory and owned by `MtprotoServer`; the methods read and change it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Any, Final

from telethon.tl import types

from bot.sandbox.channels import SandboxChannel
from bot.sandbox.mtproto_crypto import PasswordCheck

Clock = Callable[[], datetime]

DC_ID: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The one user of the sandbox, and what it takes to log in as that user."""

    user_id: int = 4_200_042
    first_name: str = "Reader"
    username: str | None = None
    phone: str = "79990000042"
    """Digits only, as Telegram stores it."""
    code: str = "12345"
    password: str | None = None
    """The second step of the login; None switches it off."""

    def user(self) -> Any:
        return types.User(
            id=self.user_id,
            access_hash=self.user_id * 7,
            is_self=True,
            first_name=self.first_name,
            username=self.username,
            phone=self.phone,
        )


class KeyState(Enum):
    NEW = auto()
    """Not logged in, or logged out, or its session was ended from elsewhere."""
    AUTHORISED = auto()
    DUPLICATED = auto()
    """Seen from two addresses at once: dead for good."""


@dataclass(slots=True, kw_only=True, eq=False)
class Device:
    """What the server remembers of one authorization key, over all its connections."""

    key: bytes
    salt: int
    state: KeyState = KeyState.NEW
    sessions: set[int] = field(default_factory=set)
    phone_code_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A method call with its wrappers taken off."""

    device: Device
    request: Any
    receives_updates: bool


class Failure(Exception):
    """What a method answers instead of a result, in Telegram's words: 420, FLOOD_WAIT_3."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


@dataclass(slots=True, kw_only=True)
class World:
    """Everything that the methods may look at."""

    account: Account
    clock: Clock
    host: str = "127.0.0.1"
    port: int = 0
    channels: dict[int, SandboxChannel] = field(default_factory=dict)
    password_check: PasswordCheck | None = None

    def joined(self) -> list[SandboxChannel]:
        return [channel for channel in self.channels.values() if channel.joined]

    def state(self) -> Any:
        # The account's own pts and seq stay put: it has no chats but channels, and those count
        # for themselves.
        return types.updates.State(pts=1, qts=0, date=self.clock(), seq=1, unread_count=0)

    def channel(self, reference: Any) -> SandboxChannel:
        """By an `InputChannel` or `InputPeerChannel`; raises Failure if id or hash is wrong."""
        channel = self.channels.get(getattr(reference, "channel_id", 0))
        if channel is None or channel.access_hash != reference.access_hash:
            raise Failure(400, "CHANNEL_INVALID")
        return channel
