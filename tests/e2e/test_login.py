"""`nabat login` against the sandbox's Telegram, with a person's answers from a list."""

import asyncio
import os
import pty
import stat
import sys
import termios
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

import pytest
from pydantic import SecretStr

from bot.login import login, typed
from bot.sandbox.mtproto import MtprotoServer
from bot.sandbox.mtproto_crypto import trust_server_key
from bot.sandbox.mtproto_state import Account
from bot.settings import AdminSection, BotSection, ReaderSection, Settings, StorageSection
from storage.database import Database

ACCOUNT: Final = Account(
    phone="79991234567", code="24680", password="сирень-и-сад", first_name="Анна"
)
API_HASH: Final = "0123456789abcdef0123456789abcdef"
PHONE, CODE, PASSWORD = "+7 999 123 45 67", "24680", "сирень-и-сад"


class Person:
    """Answers in order; remembers what was asked, hidden questions in brackets, and said."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []
        self.heard: list[str] = []

    async def answer(self, question: str, *, hidden: bool = False) -> str:
        word = question.split()[0].rstrip(":").lower()
        self.asked.append(f"[{word}]" if hidden else word)
        if not self._answers:
            raise EOFError
        return self._answers.pop(0)

    def say(self, text: str) -> None:
        self.heard.append(text)


@pytest.fixture
async def server() -> AsyncIterator[MtprotoServer]:
    trust_server_key()
    async with MtprotoServer(account=ACCOUNT) as server:
        yield server


def settings(folder: Path, server: str | None) -> Settings:
    return Settings(
        reader=ReaderSection(
            api_id=1,
            api_hash=SecretStr(API_HASH),
            session=folder / "reader.session",
            server=server,
        ),
        bots=(BotSection(token=SecretStr("123456:" + "A" * 35)),),
        storage=StorageSection(path=folder / "nabat.db"),
        admins=AdminSection(ids=(1,)),
    )


Make = Callable[[], Settings]


@pytest.fixture
def make(tmp_path: Path, server: MtprotoServer) -> Make:
    return lambda: settings(tmp_path / "data", f"127.0.0.1:{server.port}")


async def test_phone_code_password(make: Make) -> None:
    person = Person(PHONE, CODE, PASSWORD)
    assert await login(make(), person.answer, person.say) == 0
    assert person.asked == ["phone", "code", "[password]"]
    assert person.heard[-1].startswith("Logged in as Анна; the session is ")
    session = make().reader.session
    assert stat.S_IMODE(session.stat().st_mode) == 0o600
    assert stat.S_IMODE(session.parent.stat().st_mode) == 0o700
    for secret in (CODE, PASSWORD, API_HASH):
        assert not any(secret in line for line in person.heard)


async def test_second_time_asks_nothing(make: Make, server: MtprotoServer) -> None:
    first = Person(PHONE, CODE, PASSWORD)
    await login(make(), first.answer, first.say)
    second = Person()
    assert await login(make(), second.answer, second.say) == 0
    assert second.asked == []
    assert second.heard[0].startswith("Logged in already as Анна")
    assert server.calls["auth.sendCode"] == 1


async def test_wrong_answers_are_asked_again(make: Make) -> None:
    person = Person("+7 000", PHONE, "00000", CODE, "жасмин", PASSWORD)
    assert await login(make(), person.answer, person.say) == 0
    assert person.asked == ["phone"] * 2 + ["code"] * 2 + ["[password]"] * 2
    assert "That was not the code." in person.heard
    assert "That was not the password." in person.heard


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["+1", "+2", "+3"], "phone number"),
        ([PHONE, "1", "2", "3"], "wrong three times"),
        ([PHONE, CODE, "a", "b", "c"], "wrong three times"),
        ([PHONE], "at a terminal"),
    ],
)
async def test_gives_up_in_words(make: Make, answers: list[str], expected: str) -> None:
    person = Person(*answers)
    assert await login(make(), person.answer, person.say) == 1
    assert expected in person.heard[-1]


@pytest.mark.parametrize(
    ("method", "code", "refusal", "expected"),
    [
        ("auth.sendCode", 420, "FLOOD_WAIT_77", "77"),
        ("auth.signIn", 420, "FLOOD_WAIT_78", "78"),
        ("auth.checkPassword", 420, "FLOOD_WAIT_79", "79"),
        ("auth.sendCode", 400, "API_ID_INVALID", "api_hash"),
        ("auth.sendCode", 400, "PHONE_NUMBER_BANNED", "banned"),
        ("auth.signIn", 400, "PHONE_CODE_EXPIRED", "expired"),
        ("auth.sendCode", 400, "SOMETHING_NEW", "SOMETHING_NEW"),
    ],
)
async def test_telegrams_refusals(
    make: Make, server: MtprotoServer, method: str, code: int, refusal: str, expected: str
) -> None:
    server.fail(method, code, refusal)
    person = Person(PHONE, CODE, PASSWORD)
    assert await login(make(), person.answer, person.say) == 1
    assert expected in person.heard[-1]


async def test_unreachable(tmp_path: Path, server: MtprotoServer) -> None:
    await server.refuse()
    person = Person()
    made = settings(tmp_path, f"127.0.0.1:{server.port}")
    assert await login(made, person.answer, person.say) == 1
    assert "could not be reached" in person.heard[-1]


async def test_not_next_to_run(make: Make, server: MtprotoServer) -> None:
    person = Person(PHONE, CODE, PASSWORD)
    async with await Database.open(make().storage.path):
        assert await login(make(), person.answer, person.say) == 1
    assert "in use by another nabat: stop that one first" in person.heard[0]
    assert person.asked == []
    assert not server.calls


async def test_questions_at_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    person, program = pty.openpty()
    with open(program, closefd=True) as terminal:  # noqa: PTH123, ASYNC230 - a descriptor
        monkeypatch.setattr(sys, "stdin", terminal)
        os.write(person, b"+7 999\n")
        assert await typed("Phone: ") == "+7 999"
        asked = asyncio.create_task(typed("Password: ", hidden=True))
        begun = asyncio.Event()
        asyncio.get_running_loop().call_soon(begun.set)  # after the task's first step
        await begun.wait()
        assert "Password" in capsys.readouterr().err
        assert not _echoes(program)
        os.write(person, "сирень\n".encode())
        assert await asked == "сирень"
        assert _echoes(program)
        # What the person's screen shows: the number they typed, and not the password.
        assert "сирень" not in os.read(person, 1000).decode()
        os.close(person)


async def test_questions_to_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = os.pipe()
    with open(source) as pipe:  # noqa: PTH123, ASYNC230 - a descriptor
        monkeypatch.setattr(sys, "stdin", pipe)
        os.write(target, b"first\nsecond\n")
        os.close(target)
        assert [await typed("? "), await typed("? ", hidden=True)] == ["first", "second"]
        with pytest.raises(EOFError):
            await typed("? ")


def _echoes(terminal: int) -> bool:
    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
