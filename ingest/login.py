"""What the commands `login` and `check` ask of Telegram; `run` is not running meanwhile.

Part of the reader's one door to Telethon (``ingest.listener``), with its errors: a session file
is for one process, so neither command may use it next to `run`.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from telethon import errors
from telethon.sessions.string import StringSession
from telethon.tl import functions, types

from ingest.listener.link import Flooded, Link, LinkLost, Troubled, Unreadable, classify
from ingest.listener.login import Ask, LoginError, login
from ingest.listener.session import open_session
from ingest.listener.settings import ReaderFatal, ReaderSettings

MOST_LOOKUPS: Final = 20
"""Names in one visit: Telegram resolves some 200 a day for an account, for `run` as well."""

# This part of Telethon carries no types at all.
_string_session: Final[Any] = StringSession


async def log_in(
    settings: ReaderSettings,
    *,
    phone: Ask,
    code: Ask,
    password: Ask,
    address: tuple[str, int] | None = None,
) -> str:
    """``listener.login.login``, whose every refusal is a LoginError or ReaderFatal in words."""
    try:
        return await login(settings, phone=phone, code=code, password=password, address=address)
    except errors.RPCError as problem:
        meaning = classify(problem)
        if isinstance(meaning, ReaderFatal):
            raise meaning from problem
        raise LoginError(str(meaning)) from problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """``account``: whose session it is. ``seconds``: of one round trip. ``closed``: why a name
    cannot be read. ``unasked``: names that Telegram would not, or we did not, look up."""

    account: str
    seconds: float
    closed: dict[str, str] = field(default_factory=dict)
    unasked: tuple[str, ...] = ()


async def visit(settings: ReaderSettings, usernames: Iterable[str] = ()) -> Visit:
    """Try the session and look the names up. Changes nothing: joins no channel, leaves the file
    as it is. Raises ReaderFatal for what a person must mend, LinkLost, Flooded or Troubled."""
    link = Link(settings=_in_memory(settings), heard=lambda update: None, contact=lambda: None)
    try:
        await link.bare_client()
        began = time.monotonic()
        (user,) = await link.ask(functions.users.GetUsersRequest([types.InputUserSelf()]))
        seconds = time.monotonic() - began
        closed, unasked = await _looked_up(link, list(usernames))
    finally:
        await link.close()
    return Visit(account=_name(user), seconds=seconds, closed=closed, unasked=unasked)


def _in_memory(settings: ReaderSettings) -> ReaderSettings:
    if not isinstance(settings.session, Path):
        return settings
    session = open_session(settings.session)
    try:
        text = str(_string_session.save(session))
    finally:
        session.close()
    if not text:
        raise ReaderFatal("the login was never finished: run `nabat login`")
    return replace(settings, session=text)


async def _looked_up(link: Link, names: list[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    closed: dict[str, str] = {}
    for number, name in enumerate(names):
        if number == MOST_LOOKUPS:
            return closed, tuple(names[number:])
        try:
            answer = await link.ask(functions.contacts.ResolveUsernameRequest(name))
        except (Flooded, LinkLost):
            return closed, tuple(names[number:])
        except (Unreadable, Troubled) as problem:
            closed[name] = str(problem)
        else:
            match answer.chats:
                case [types.Channel(broadcast=True), *_]:
                    pass
                case [types.ChannelForbidden(), *_]:
                    closed[name] = "it is closed to the reader's account"
                case _:
                    closed[name] = "it is a person, a bot or a group, not a channel"
    return closed, ()


def _name(user: Any) -> str:
    return " ".join(filter(None, (user.first_name, user.last_name))) or str(user.id)
