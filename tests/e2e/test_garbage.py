"""Whatever anybody types or forges: no exception, one answer at most, and nothing is changed.

Raw updates through the real intake and dispatcher, the answers over real HTTP to the sandbox.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.message import Message
from bot.screens.codes import MOST_BYTES, Verb
from bot.sender import Sender
from storage.areas.tree import Areas
from storage.model import TelegramId
from tests.e2e.test_chat import ANNA, GROUP, OPERATOR, Stage, areas, staged
from tests.e2e.test_matrix import COMMANDS, Identity, Seen, feed, pressing, saying

__all__ = ["areas"]

_PEOPLE = (
    Identity(name="a stranger", chat=ANNA, user=ANNA),
    Identity(name="an operator", chat=OPERATOR, user=OPERATOR),
    Identity(name="a group's administrator", chat=GROUP, user=ANNA),
)
_CHANGING = frozenset(
    ("stop", "forget", "pause", "resume", "start", "backup", "test", "map", "broadcast")
)
"""These do something without an argument, or with one that they need not understand; /map keeps
what Telegram calls its picture, and any words may be broadcast once they are confirmed."""


_TEXTS = st.text(max_size=120) | st.text("рфКалугь яё-/@#:\n\u202e\u0301\u0000😀", max_size=4_000)
_WORDS = _TEXTS.map(lambda text: f"ъ{text}")  # no place's name and no number begins so
_SAID = st.one_of(
    # Commands come below: hypothesis also tries the constants of these very tests.
    _TEXTS.filter(lambda text: text.strip() != "" and not text.startswith("/")),
    _WORDS.map(lambda text: f"/{text}"),
    st.tuples(st.sampled_from(sorted(set(COMMANDS) - _CHANGING)), _WORDS).map(
        lambda pair: f"/{pair[0]} {pair[1]}"
    ),
    _WORDS.map(lambda text: f"/start@nabat_bot {text}").map(lambda text: text.replace("\n", " ")),
)
_ARGUMENTS = st.one_of(
    st.text("абвxyz-_/#0123456789", max_size=50).map(lambda text: f"ъ{text}"),
    st.sampled_from(("RU-XX", "#0123456789abcdef", "ru-klu", "RU-KLU/", "", "-1")),
)
_PRESSED = st.one_of(
    st.text(max_size=MOST_BYTES),
    st.builds(
        "{}:{}{}{}".format,
        st.sampled_from(Verb) | st.sampled_from("acehijmoqvzяA0"),
        _ARGUMENTS,
        st.sampled_from(("", ":0", ":999", ":1000", ":-1", ":x", "::")),
        st.sampled_from(("", "@-1", f"@{GROUP}", "@", "@-", "@5", "@-9999999999999999999")),
    ),
)
_MANY = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
Run = Callable[[Identity, str, bool], Seen]


@pytest.fixture
def run(tmp_path: Path, areas: Areas) -> Iterator[Run]:
    """What comes of a text (or of a press) by somebody."""
    with asyncio.Runner() as runner:
        stack = contextlib.AsyncExitStack()
        stage = runner.run(stack.enter_async_context(staged(tmp_path, areas)))
        # Who sets the group up is known by now: what comes is garbage only.
        runner.run(feed(stage, saying(stage, _PEOPLE[-1], "plain", "/start")))
        under = {who.chat: runner.run(_menu(stage, who.chat)) for who in _PEOPLE}

        async def told(who: Identity, text: str, press: bool) -> Seen:
            if press:
                return await feed(stage, await pressing(stage, who, text, under[who.chat]))
            return await feed(stage, saying(stage, who, "plain", text))

        yield lambda who, text, press: runner.run(told(who, text, press))
        runner.run(stack.aclose())


async def _menu(stage: Stage, chat: int) -> int:
    await Sender(stage.bot).send(TelegramId(chat), Message(text="⚙"), silent=True)
    return stage.server.messages(chat)[-1].message_id


def _no_errors(caplog: pytest.LogCaptureFixture) -> None:
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []
    caplog.clear()


def test_garbage_that_is_typed(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    @_MANY
    @given(who=st.sampled_from(_PEOPLE), text=_SAID)
    def said(who: Identity, text: str) -> None:
        seen = run(who, text, False)
        assert not seen.changed
        assert len(seen.texts) <= 1
        assert who.chat < 0 or len(seen.texts) == 1, "in private there is always an answer"
        _no_errors(caplog)

    said()


def test_garbage_that_is_pressed(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    @_MANY
    @given(who=st.sampled_from(_PEOPLE), data=_PRESSED)
    def said(who: Identity, data: str) -> None:
        seen = run(who, data, True)
        assert not seen.changed
        assert len(seen.texts) <= 1, "one screen at most"
        assert seen.popup is not None, "and never a button that spins"
        _no_errors(caplog)

    said()
