"""The reader's session: a file that only its owner can read, or a text."""

import os
import sqlite3
import stat
from pathlib import Path
from typing import Any, Final

from telethon.sessions.sqlite import SQLiteSession
from telethon.sessions.string import StringSession

from ingest.listener.settings import ReaderFatal

_SUFFIX: Final = ".session"


def open_session(session: Path | str, *, create: bool = False) -> Any:
    """A Telethon session. Raises ReaderFatal where it cannot be used, with the cure.

    With ``create`` a file that is not there is made, to be logged in.
    """
    if isinstance(session, str):
        try:
            return StringSession(session)
        except ValueError as problem:
            raise ReaderFatal("the text of the reader's session is damaged") from problem
    path = session_file(session)
    if not create and not path.exists():
        raise ReaderFatal(f"there is no session file {path}: run `nabat login`")
    keep_private(path)
    try:
        return SQLiteSession(str(path))
    except sqlite3.OperationalError as problem:
        raise ReaderFatal(
            f"the session file {path} cannot be opened ({problem}): "
            "stop the other program that uses it, and check that the disk is not full"
        ) from problem
    except sqlite3.DatabaseError as problem:
        raise ReaderFatal(
            f"the session file {path} is damaged ({problem}): delete it, then run `nabat login`"
        ) from problem


def session_file(path: Path) -> Path:
    """Telethon adds the suffix where it is missing."""
    return path if path.name.endswith(_SUFFIX) else path.with_name(path.name + _SUFFIX)


def keep_private(path: Path) -> None:
    """The folder 0700 and the file 0600, made so if they are not; raises ReaderFatal if that
    cannot be."""
    folder = path.parent
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
    if os.name != "posix":
        return  # the modes of POSIX say nothing here
    if folder.stat().st_mode & stat.S_ISVTX:
        raise ReaderFatal(
            f"the session file would lie in the shared folder {folder}: give it its own folder"
        )
    _restrict(folder, 0o700)
    # Made beforehand, since Telethon would create it readable by everyone.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    _restrict(path, 0o600)


def _restrict(path: Path, mode: int) -> None:
    if not path.stat().st_mode & 0o077:
        return
    try:
        path.chmod(mode)
    except OSError as problem:
        raise ReaderFatal(
            f"others can read {path}, which gives them the reader's account: "
            f"as its owner run chmod {mode:o} {path}"
        ) from problem
