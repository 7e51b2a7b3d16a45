"""What operators type, and what a silence leaves of a sound."""

from datetime import timedelta

import pytest

from bot.handlers import admin, broadcast, channels, composing, moderation, panel, retract, trail
from bot.handlers.operators import operators_router
from bot.handlers.typed import timed
from bot.roles import LEAST


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("RU-KLU uav 2h why not", ("RU-KLU uav", timedelta(hours=2), "why not")),
        ("@name 30м взломан", ("@name", timedelta(minutes=30), "взломан")),
        ("a 7d x", ("a", timedelta(days=7), "x")),
        ("a 8d x", ("a", None, "x")),
        ("a 0m x", ("a", None, "x")),
        ("a x", ("a x", None, "")),
        ("", ("", None, "")),
    ],
)
def test_a_duration(typed: str, expected: tuple[str, timedelta | None, str]) -> None:
    assert timed(typed) == expected


def test_no_command_is_without_its_least_role() -> None:
    routers = [
        each.router()
        for each in (admin, broadcast, channels, composing, moderation, panel, retract, trail)
    ]
    assert operators_router("none", {}).name == "none"
    registered = sum(len(router.message.handlers) for router in routers)
    assert registered == len(LEAST) + 1, "each command once, and the forwarded posts"
