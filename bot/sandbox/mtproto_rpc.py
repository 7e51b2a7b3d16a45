"""The methods of the sandbox's Telegram: what each call answers.

A table of request type and function; https://core.telegram.org/methods says what each one means.
A method that is not in the table is refused by name, never left unanswered.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final

from telethon.tl import functions, types
from telethon.tl.alltlobjects import tlobjects
from telethon.tl.tlobject import TLRequest

from bot.sandbox.channels import SandboxChannel
from bot.sandbox.mtproto_login import OPEN_METHODS
from bot.sandbox.mtproto_state import Call, Failure, KeyState, World

_USERNAME: Final = re.compile(r"[a-z][a-z0-9_]{2,31}", re.IGNORECASE)


@cache
def _names() -> dict[type, str]:
    """Telegram's name of every method that Telethon knows: help.getConfig, ping."""
    names = {}
    for kind in tlobjects.values():
        if isinstance(kind, type) and issubclass(kind, TLRequest):
            name = kind.__name__.removesuffix("Request")
            space = kind.__module__.partition(".functions")[2].lstrip(".")
            name = name[0].lower() + name[1:]
            names[kind] = f"{space}.{name}" if space else name
    return names


def method_name(request: Any) -> str:
    return _names()[type(request)]


def check_method_name(name: str) -> str:
    """Give the name back, or raise ValueError if Telegram has no such method."""
    if name not in _names().values():
        raise ValueError(f"{name!r} is no method of Telegram; one is messages.getHistory")
    return name


def needs_login(request: Any) -> bool:
    return type(request) not in OPEN_METHODS


def answer(world: World, call: Call) -> Any:
    """The result of a call: a TL object, a list for a vector, or a bool; raises Failure."""
    kind = type(call.request)
    if (open_method := OPEN_METHODS.get(kind)) is not None:
        return open_method(world, call)
    if call.device.state is not KeyState.AUTHORISED:
        raise Failure(401, "AUTH_KEY_UNREGISTERED")
    method = _METHODS.get(kind)
    if method is None:
        raise Failure(400, "METHOD_INVALID")
    return method(world, call.request)


def _get_users(world: World, request: Any) -> list[Any]:
    account = world.account
    return [
        account.user()
        if isinstance(one, types.InputUserSelf) or getattr(one, "user_id", None) == account.user_id
        else types.UserEmpty(getattr(one, "user_id", 0))
        for one in request.id
    ]


def _get_state(world: World, request: Any) -> Any:
    return world.state()


def _get_difference(world: World, request: Any) -> Any:
    """Nothing of the account's own, and a hint for every channel that changed since the date.

    The date has whole seconds, so a channel that changed within that second is named again.
    """
    since = request.date.replace(microsecond=0)
    changed = [
        channel for channel in world.joined() if channel.pts > 1 and channel.changed >= since
    ]
    if not changed:
        return types.updates.DifferenceEmpty(date=world.clock(), seq=1)
    return types.updates.Difference(
        new_messages=[],
        new_encrypted_messages=[],
        other_updates=[types.UpdateChannelTooLong(one.id, one.pts) for one in changed],
        chats=_chats(changed),
        users=[],
        state=world.state(),
    )


def _get_channel_difference(world: World, request: Any) -> Any:
    channel = world.channel(request.channel)
    if request.pts <= 0:
        raise Failure(400, "PERSISTENT_TIMESTAMP_EMPTY")
    if request.pts > channel.pts:
        raise Failure(400, "PERSISTENT_TIMESTAMP_INVALID")
    return channel.difference(pts=request.pts, limit=request.limit)


def _resolve_username(world: World, request: Any) -> Any:
    name = request.username.lower()
    if not _USERNAME.fullmatch(name):
        raise Failure(400, "USERNAME_INVALID")
    if name == (world.account.username or "").lower():
        peer = types.PeerUser(world.account.user_id)
        return types.contacts.ResolvedPeer(peer, chats=[], users=[world.account.user()])
    for channel in world.channels.values():
        if name == (channel.username or "").lower():
            return types.contacts.ResolvedPeer(channel.peer(), chats=[channel.chat()], users=[])
    raise Failure(400, "USERNAME_NOT_OCCUPIED")


def _get_channels(world: World, request: Any) -> Any:
    return types.messages.Chats([world.channel(one).chat() for one in request.id])


def _get_channel_messages(world: World, request: Any) -> Any:
    channel = world.channel(request.channel)
    if not request.id:
        raise Failure(400, "MESSAGE_IDS_EMPTY")
    messages = channel.by_ids([getattr(one, "id", 0) for one in request.id])
    return types.messages.ChannelMessages(
        pts=channel.pts,
        count=len(messages),
        messages=messages,
        topics=[],
        chats=channel.chats(),
        users=[],
    )


def _join_channel(world: World, request: Any) -> Any:
    channel = world.channel(request.channel)
    if channel.joined:
        raise Failure(400, "USER_ALREADY_PARTICIPANT")
    channel.joined = True
    return types.messages.ChatInviteJoinResultOk(_membership(world, channel))


def _leave_channel(world: World, request: Any) -> Any:
    channel = world.channel(request.channel)
    if not channel.joined:
        raise Failure(400, "USER_NOT_PARTICIPANT")
    channel.joined = False
    return _membership(world, channel)


def _membership(world: World, channel: SandboxChannel) -> Any:
    return types.Updates(
        updates=[types.UpdateChannel(channel.id)],
        users=[],
        chats=[channel.chat()],
        date=world.clock(),
        seq=0,
    )


def _get_history(world: World, request: Any) -> Any:
    channel = world.channel(request.peer)
    page = channel.history(
        offset_id=request.offset_id,
        # "No date" travels as zero, that is, as 1970.
        offset_date=request.offset_date if request.offset_date.timestamp() > 0 else None,
        add_offset=request.add_offset,
        limit=request.limit,
        max_id=request.max_id,
        min_id=request.min_id,
    )
    return types.messages.ChannelMessages(
        pts=channel.pts,
        count=page.total,
        offset_id_offset=page.offset,
        messages=page.messages,
        topics=[],
        chats=channel.chats(),
        users=[],
    )


def _get_dialogs(world: World, request: Any) -> Any:
    """Channels of the account, the one with the newest post first."""
    joined = sorted(
        world.joined(),
        key=lambda one: (one.created if one.top_message is None else one.top_message.date, one.id),
        reverse=True,
    )
    after = getattr(request.offset_peer, "channel_id", None)
    first = next((i + 1 for i, one in enumerate(joined) if one.id == after), 0)
    page = joined[first : first + min(request.limit, 100)]
    parts: dict[str, Any] = {
        "dialogs": [one.dialog() for one in page],
        "messages": [one.top_message for one in page if one.top_message is not None],
        "chats": _chats(page),
        "users": [],
    }
    if len(page) == len(joined):
        return types.messages.Dialogs(**parts)
    return types.messages.DialogsSlice(count=len(joined), **parts)


def _chats(channels: Iterable[SandboxChannel]) -> list[Any]:
    """Each channel once, though several may forward from the same one."""
    return list({chat.id: chat for one in channels for chat in one.chats()}.values())


_METHODS: Final[dict[type, Callable[[World, Any], Any]]] = {
    functions.users.GetUsersRequest: _get_users,
    functions.updates.GetStateRequest: _get_state,
    functions.updates.GetDifferenceRequest: _get_difference,
    functions.updates.GetChannelDifferenceRequest: _get_channel_difference,
    functions.contacts.ResolveUsernameRequest: _resolve_username,
    functions.channels.GetChannelsRequest: _get_channels,
    functions.channels.GetMessagesRequest: _get_channel_messages,
    functions.channels.JoinChannelRequest: _join_channel,
    functions.channels.LeaveChannelRequest: _leave_channel,
    functions.messages.GetHistoryRequest: _get_history,
    functions.messages.GetDialogsRequest: _get_dialogs,
}
