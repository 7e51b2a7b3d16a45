"""What stands in a button's ``callback_data``, at most 64 bytes of it. Pure.

``verb[:argument[:page]][@chat]``, for instance ``f:RU-KLU/borovsky`` or ``c:RU:2``; verbs of two
letters are the operators'; with a chat where a channel is set up from its keeper's private chat.
Anybody can send any such text, and old messages keep old ones: a reader must expect what no screen
offers any more.
"""

import re
from dataclasses import dataclass
from enum import StrEnum, unique
from hashlib import blake2s
from typing import Final

from bot.message import Button
from storage.areas.tree import Area, Areas

MOST_BYTES: Final = 64
_DATA: Final = re.compile(r"([a-z]{1,2})(?::([^:@]*)(?::([0-9]{1,3}))?)?(?:@(-[0-9]{1,18}))?")
_DIGEST_MARK: Final = "#"


@unique
class Verb(StrEnum):
    LANGUAGE = "l"
    WELCOME = "w"
    COUNTRY = "c"
    REGION = "r"
    DISTRICTS = "d"
    FOLLOW = "f"
    TICK = "t"
    UNTICK = "n"
    PLACES = "p"
    UNFOLLOW = "u"
    NEIGHBOURS = "b"
    STATUS = "s"
    SETTINGS = "i"
    SWITCH = "y"
    LOUDNESS = "v"
    QUIET = "q"
    ZONE = "z"
    SNOOZE = "j"
    MORE = "m"
    FORGET = "x"
    KEEP = "k"
    LOCATE = "g"
    HISTORY = "h"
    REPORT = "e"
    MAP = "a"
    DIGEST = "o"
    AUDIT = "oa"
    REVIEW = "om"
    CONFIRM = "oc"
    RELEASE = "or"
    REJECT = "oj"
    KINDS = "ok"
    FIX_KIND = "oh"
    FIX_PLACES = "op"
    RETRACT = "ot"
    PANEL = "of"
    BROADCAST = "os"
    CANCEL = "ox"
    HELD = "ow"
    WITHDRAW = "ov"
    CHANNEL = "on"
    CHANNEL_AREA = "oq"
    CHANNEL_ADD = "oy"


BELOW: Final = "below"
"""Argument of a button under a picture: what it leads to stands below, in a message of its own."""


class Switch(StrEnum):
    """What a switch is to become: a second press of an old button changes nothing."""

    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button that was pressed: ``argument`` is a language, an area, a `Switch`, a nonce or what
    else its verb takes, and may be anything. ``chat``: whose settings it is about, if not the
    chat's where it stands."""

    verb: Verb
    argument: str = ""
    page: int = 0
    chat: int | None = None


def button(text: str, verb: Verb, argument: str = "", page: int = 0) -> Button:
    return Button(text=text, data=pack(verb, argument, page))


def pack(verb: Verb, argument: str = "", page: int = 0, chat: int | None = None) -> str:
    """An area's code that is too long goes in as a digest, which ``area_of`` takes too."""
    data = _joined(verb, argument, page, chat)
    if len(data.encode()) <= MOST_BYTES:
        return data
    return _joined(verb, _digest(argument), page, chat)


def aimed(data: str, chat: int) -> str:
    """The same button, about another chat's settings. A code in it that was a digest stays so."""
    press = parse(data)
    return data if press is None else pack(press.verb, press.argument, press.page, chat)


def parse(data: str) -> Press | None:
    """None: no button of ours, of this program's version at least."""
    found = _DATA.fullmatch(data)
    if found is None:
        return None
    verb, argument, page, chat = found.groups()
    try:
        return Press(
            verb=Verb(verb),
            argument=argument or "",
            page=int(page or 0),
            chat=int(chat) if chat else None,
        )
    except ValueError:
        return None


def area_of(areas: Areas, argument: str) -> Area | None:
    if argument.startswith(_DIGEST_MARK):
        return next((area for area in areas if _digest(area.code) == argument), None)
    return areas.find(argument)


def payload(code: str) -> str:
    """A place's code as Telegram lets it stand in ``t.me/<bot>?start=…``: letters, digits, «_»
    and «-», at most 64 of them. No slug has two hyphens in a row."""
    return code.replace("/", "_").replace("~", "--")


def linked(areas: Areas, payload: str) -> Area | None:
    """The place to which such a link leads."""
    return areas.find(payload.replace("_", "/").replace("--", "~"))


def _joined(verb: Verb, argument: str, page: int, chat: int | None) -> str:
    about = "" if chat is None else f"@{chat}"
    if page:
        return f"{verb}:{argument}:{page}{about}"
    return (f"{verb}:{argument}" if argument else str(verb)) + about


def _digest(code: str) -> str:
    return _DIGEST_MARK + blake2s(code.encode(), digest_size=8).hexdigest()
