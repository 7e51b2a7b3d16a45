"""A name that a person gave -> a channel of ours, joined so that its posts are pushed."""

import logging
import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from telethon.tl import functions, types

from ingest.listener.convert import names_of
from ingest.listener.link import Flooded, Link, LinkLost, Troubled, Unreadable
from ingest.listener.settings import ChannelError, Refusal
from storage.model import AreaCode, Channel, ChannelId

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{3,31}", re.IGNORECASE)
_ADDRESS: Final = re.compile(
    r"^(?:https?://)?(?:www\.)?(?:t\.me|telegram\.me|telegram\.dog)/(?:s/)?", re.IGNORECASE
)
_INVITATION: Final = re.compile(r"^(?:\+|joinchat/|c/)", re.IGNORECASE)

_log = logging.getLogger(__name__)


def name_in(text: str) -> str:
    """The username in ``@name``, ``name`` or an address of a channel or one of its posts.

    ChannelError for what cannot be one.
    """
    rest = _ADDRESS.sub("", text.strip())
    if _INVITATION.match(rest):
        raise ChannelError(
            Refusal.PRIVATE, "an invitation leads to a private channel: only public ones are read"
        )
    name = re.split(r"[/?#]", rest.removeprefix("@"), maxsplit=1)[0]
    if not _NAME.fullmatch(name):
        raise ChannelError(Refusal.NOT_FOUND, f"{text.strip()[:64]!r} is not a channel's name")
    return name


async def resolve(
    link: Link, username: str, area: AreaCode, declares: bool, now: Callable[[], datetime]
) -> Channel:
    """Ask Telegram who has that name, and join. Raises ChannelError."""
    name = name_in(username)
    try:
        answer = await link.ask(functions.contacts.ResolveUsernameRequest(name))
    except Flooded as flood:
        raise ChannelError(
            Refusal.FLOOD,
            f"Telegram lets us look up names again in {flood.seconds} s",
            seconds=flood.seconds,
        ) from flood
    except Unreadable as problem:
        raise ChannelError(Refusal.PRIVATE, f"@{name}: {problem}") from problem
    except Troubled as problem:
        raise ChannelError(Refusal.NOT_FOUND, f"@{name} was not found ({problem})") from problem
    except LinkLost as problem:
        raise offline() from problem
    chat = next((one for one in answer.chats if one.id == _channel_id(answer.peer)), None)
    match chat:
        case types.ChannelForbidden():
            raise ChannelError(Refusal.PRIVATE, f"@{name} is closed to the reader's account")
        case types.Channel(broadcast=True, access_hash=int(access_hash)):
            pass
        case _:
            raise ChannelError(
                Refusal.NOT_A_CHANNEL, f"@{name} is a person, a bot or a group, not a channel"
            )
    why = await _join(link, chat.id, access_hash, name) if chat.left else None
    shown, title = names_of(chat)
    return Channel(
        id=ChannelId(chat.id),
        access_hash=access_hash,
        username=shown or name,
        title=title,
        area=area,
        declares=declares,
        added_at=now(),
        joined=why is None,
        unjoined_why=why,
    )


def offline() -> ChannelError:
    return ChannelError(Refusal.OFFLINE, "there is no connection to Telegram now: try again later")


async def _join(link: Link, channel: int, access_hash: int, name: str) -> str | None:
    """Only members are told of posts at once; others find them by polling. Why not; None: it is
    a member now."""
    request = functions.channels.JoinChannelRequest(types.InputChannel(channel, access_hash))
    try:
        await link.ask(request)
    except (Flooded, Unreadable, Troubled, LinkLost) as problem:
        _log.warning("@%s could not be joined, it will be polled: %s", name, problem)
        return str(problem)
    return None


def _channel_id(peer: object) -> int:
    return peer.channel_id if isinstance(peer, types.PeerChannel) else 0
