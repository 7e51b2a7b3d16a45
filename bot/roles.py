"""What each operator may do: a role for a person, a least role for a command or a button."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from bot.screens.codes import Verb


class Role(IntEnum):
    """Each may do all that the ones before it may. A viewer only reads."""

    VIEWER = 1
    OPERATOR = 2
    OWNER = 3


Roles = Mapping[int, Role]
"""By numeric Telegram id. Whoever is missing is a stranger."""

LEAST: Final[dict[str, Role]] = {
    "admin": Role.VIEWER,
    "admins": Role.VIEWER,
    "audit": Role.VIEWER,
    "channel": Role.VIEWER,
    "channels": Role.VIEWER,
    "health": Role.VIEWER,
    "held": Role.VIEWER,
    "why": Role.VIEWER,
    "compose": Role.OPERATOR,
    "confirm": Role.OPERATOR,
    "fix": Role.OPERATOR,
    "backup": Role.OPERATOR,
    "broadcast": Role.OWNER,
    "channel_add": Role.OPERATOR,
    "channel_mute": Role.OPERATOR,
    "channel_remove": Role.OPERATOR,
    "channel_unmute": Role.OPERATOR,
    "pause": Role.OPERATOR,
    "retract": Role.OPERATOR,
    "reject": Role.OPERATOR,
    "release": Role.OPERATOR,
    "resume": Role.OPERATOR,
    "second": Role.OPERATOR,
    "send": Role.OPERATOR,
    "silence": Role.OPERATOR,
    "unsilence": Role.OPERATOR,
}

LEAST_TO_PRESS: Final[dict[Verb, Role]] = {
    Verb.AUDIT: Role.VIEWER,
    Verb.REVIEW: Role.VIEWER,
    Verb.HELD: Role.VIEWER,
    Verb.CONFIRM: Role.OPERATOR,
    Verb.RELEASE: Role.OPERATOR,
    Verb.REJECT: Role.OPERATOR,
    Verb.KINDS: Role.OPERATOR,
    Verb.FIX_KIND: Role.OPERATOR,
    Verb.FIX_PLACES: Role.OPERATOR,
    Verb.RETRACT: Role.OPERATOR,
    Verb.PANEL: Role.VIEWER,
    Verb.BROADCAST: Role.OWNER,
    Verb.CANCEL: Role.OPERATOR,
    Verb.WITHDRAW: Role.OPERATOR,
    Verb.CHANNEL: Role.VIEWER,
    Verb.CHANNEL_AREA: Role.OPERATOR,
    Verb.CHANNEL_ADD: Role.OPERATOR,
}


def those(roles: Roles, least: Role) -> tuple[int, ...]:
    """Who has at least this role, the highest first."""
    ranked = sorted(roles.items(), key=lambda each: (-each[1], each[0]))
    return tuple(who for who, role in ranked if role >= least)
