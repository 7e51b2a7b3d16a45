"""Logging the reader's account in, once, by a person at a terminal."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from telethon import errors

from ingest.listener.link import Flooded, Link, LinkLost, Troubled
from ingest.listener.session import open_session
from ingest.listener.settings import ReaderSettings

_TRIES = 3


class LoginError(Exception):
    """The login did not succeed; the message says what to do."""


Ask = Callable[[], Awaitable[str]]
"""Asks the person for one line. Called again after a wrong answer."""


async def login(
    settings: ReaderSettings,
    *,
    phone: Ask,
    code: Ask,
    password: Ask,
    address: tuple[str, int] | None = None,
) -> str:
    """Log in and leave a private session file; the name of the account.

    A session that is logged in already stays as it is. ``address``: of a server of Telegram's
    other than the public ones. Raises LoginError or ReaderFatal.
    """
    if not isinstance(settings.session, Path):
        raise LoginError("a session given as text is logged in already")
    session = open_session(settings.session, create=True)
    if address is not None and not session.auth_key:
        session.set_dc(2, *address)
        session.save()
    session.close()
    link = Link(
        settings=settings,
        heard=lambda update: None,
        contact=lambda: None,
    )
    try:
        client = await link.bare_client()
        user = await client.get_me()
        if user is None:
            user = await _sign_in(client, phone, code, password)
    except (Flooded, LinkLost, Troubled, errors.RPCError, OSError) as problem:
        raise LoginError(f"Telegram could not be reached or refused: {problem}") from problem
    finally:
        await link.close()
    return " ".join(filter(None, (user.first_name, user.last_name))) or str(user.id)


async def _sign_in(client: Any, phone: Ask, code: Ask, password: Ask) -> Any:
    number = await _sent_code(client, phone)
    for _ in range(_TRIES):
        try:
            return await client.sign_in(number, code=await code())
        except errors.SessionPasswordNeededError:
            return await _with_password(client, password)
        except (errors.PhoneCodeInvalidError, errors.PhoneCodeEmptyError):
            continue
        except errors.PhoneCodeExpiredError as problem:
            raise LoginError("the code has expired: run `nabat login` again") from problem
        except errors.PhoneNumberUnoccupiedError as problem:
            raise LoginError(
                "nobody uses Telegram with this number: register it in an app of Telegram's"
            ) from problem
    raise LoginError("the code was wrong three times: run `nabat login` again")


async def _sent_code(client: Any, phone: Ask) -> str:
    for _ in range(_TRIES):
        number = await phone()
        try:
            await client.send_code_request(number)
        except (errors.PhoneNumberInvalidError, TypeError):
            continue
        except errors.PhoneNumberBannedError as problem:
            raise LoginError("Telegram has banned this number") from problem
        return number
    raise LoginError("that is no phone number: give it with the country's code, as +7 900 …")


async def _with_password(client: Any, password: Ask) -> Any:
    for _ in range(_TRIES):
        try:
            return await client.sign_in(password=await password())
        except errors.PasswordHashInvalidError:
            continue
    raise LoginError("the password of the second step was wrong three times")
