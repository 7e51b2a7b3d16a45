"""Who operates the bot, and what they did. Pure."""

import json
from collections.abc import Sequence
from typing import Final, assert_never

from bot.message import Message
from bot.render.rich import Line, bold, clean, plain, shorten
from bot.roles import Role, Roles
from bot.screens.codes import Verb
from bot.screens.speech import Speech, pages, screen, turning
from storage.audit import Deed

PER_PAGE: Final = 12
_DETAIL: Final = 160


def role_name(speech: Speech, role: Role) -> str:
    match role:
        case Role.VIEWER:
            return speech.say("viewer")
        case Role.OPERATOR:
            return speech.say("operator")
        case Role.OWNER:
            return speech.say("owner")
        case _:
            assert_never(role)


def not_yours(speech: Speech, role: Role) -> Message:
    text = speech.say(
        "Your role does not allow this: {role}. An owner can change roles in the configuration.",
        role=role_name(speech, role),
    )
    return screen([plain(text)])


def admins(speech: Speech, roles: Roles) -> Message:
    ranked = sorted(roles.items(), key=lambda each: (-each[1], each[0]))
    return screen(
        [
            bold(speech.say("Who operates this bot")),
            *(plain(f"{who} — {role_name(speech, role)}") for who, role in ranked),
            plain(speech.say("Roles are given in the configuration, under [admins].")),
        ]
    )


def audit(speech: Speech, deeds: Sequence[Deed], number: int, count: int) -> Message:
    """One page, the newest deed first; ``count``: how many there are on all pages."""
    total = pages(count, PER_PAGE)
    if not deeds:
        return screen([plain(speech.say("Nobody has done anything yet."))])
    lines: list[Line] = [bold(speech.say("What was done, the latest first (UTC)"))]
    for deed in deeds:
        lines.append(plain(f"{deed.at:%Y-%m-%d %H:%M:%S} · {deed.who} · {deed.action}"))
        if told := _detail(deed.detail):
            lines.append(plain(f"    {told}"))
    return screen(lines, [turning(Verb.AUDIT, "", number, total)])


def _detail(detail: str) -> str:
    """The keys are the audit trail's own words."""
    known = {key: each for key, each in json.loads(detail).items() if each is not None}
    return shorten(clean(", ".join(f"{key}: {each}" for key, each in known.items())), _DETAIL)
