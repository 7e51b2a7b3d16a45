"""What the reader is told at the start, and what can go wrong with it in words for people."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds, unless said otherwise. The defaults suit Telegram; tests pass small ones."""

    poll: float = 1.0
    """Between two reads of history: one channel each, round robin."""
    ping: float = 30.0
    """Without any answer for so long, Telegram is asked for one."""
    answer: float = 15.0
    """A request that takes longer means that the link is dead, whatever TCP says."""
    connect: float = 20.0
    dialogs: float = 60.0
    first_retry: float = 0.5
    longest_retry: float = 60.0
    """The pause before connecting again doubles from the first to the longest."""
    troubled: float = 30.0
    """A channel at which Telegram itself failed is tried again after so long."""
    unreadable: float = 600.0
    """A channel that is closed to us is tried again after so long."""
    close: float = 1.5
    parallel: int = 4
    """Channels that are read at the same time while catching up."""
    reread: int = 30
    """Stored posts of a channel, newest first, that are compared with what Telegram shows."""
    poll_page: int = 30
    page: int = 100
    """Posts per request: in a poll, and while catching up (Telegram gives no more)."""
    most_pages: int = 100
    """Of one channel in one catch-up; what is older is left out, with a line in the log."""
    backfill: timedelta = timedelta(hours=12)
    """How far back a channel is read that has no cursor, or a hole below its cursor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderSettings:
    """``session``: the path of a session file, or the text of a Telethon `StringSession`.

    Both are as good as the account's password. The device texts are what the owner of the
    account sees in Telegram's list of devices.
    """

    api_id: int
    api_hash: str = field(repr=False)
    session: Path | str = field(repr=False)
    device_model: str = "Nabat"
    system_version: str = "server"
    app_version: str = "1"
    lang_code: str = "ru"
    timing: Timing = Timing()


@dataclass(slots=True, kw_only=True)
class Stats:
    """Counts since the start, for metrics."""

    connected: int = 0
    """Times that the link was made and everything missed was read."""
    link_losses: int = 0
    found_by_push: int = 0
    found_by_poll: int = 0
    """New posts that a poll brought before any push did."""
    caught_up: int = 0
    """Posts, edits and deletions that were missed and found after a (re)connect."""
    edits_found: int = 0
    """Edits and deletions that a poll or a catch-up found, not a push."""
    floods: int = 0
    unreadable: int = 0
    """Messages that could not be turned into posts: a bug or a new layer of Telegram."""


class ReaderFatal(Exception):
    """The reader cannot go on until a person acts; the message says what to do."""


class Refusal(StrEnum):
    """Why a channel cannot be added."""

    NOT_FOUND = "not_found"
    NOT_A_CHANNEL = "not_a_channel"
    PRIVATE = "private"
    FLOOD = "flood"
    OFFLINE = "offline"


class ChannelError(Exception):
    """A channel cannot be added. ``str()`` is a sentence in English for people; ``why`` and
    ``seconds`` (of a flood) serve other languages."""

    def __init__(self, why: Refusal, text: str, *, seconds: int | None = None) -> None:
        super().__init__(text)
        self.why = why
        self.seconds = seconds
