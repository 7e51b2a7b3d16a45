"""What the operators see: channels, counts, health. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.message import Message
from bot.render.rich import Line, bold, clean, plain, shorten, utf16
from bot.screens.speech import Speech, screen
from storage.model import AreaCode, Channel

_ROOM = 3_600
_QUOTE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """``silent_for``: since the reader last had contact; None: it never had. ``behind``: cards
    that wait for a decision. ``failed``: posts that could not be applied, at most 50 counted."""

    silent_for: timedelta | None
    behind: int
    failed: int
    paused_since: datetime | None
    troubled: Sequence[Channel]
    held: int


def _age(speech: Speech, at: datetime | None, now: datetime) -> str:
    return "—" if at is None else _ago(speech, now - at, now)


def ago(speech: Speech, at: datetime, now: datetime) -> str:
    return _ago(speech, now - at, now)


def _ago(speech: Speech, period: timedelta, now: datetime) -> str:
    lasting = speech.voice(AreaCode(""), now).lasting(period)
    return speech.say("{lasting} ago", lasting=lasting)


def usage(speech: Speech, example: str) -> Message:
    return screen([plain(speech.say("Write it like this: {example}", example=example))])


def refused(text: str) -> Message:
    """What stood in the way, in the words of who refused."""
    return screen([plain(f"⚠️ {shorten(clean(text), 1_000)}")])


def paused(speech: Speech) -> Message:
    return screen(
        [
            bold(speech.say("Sending is paused: nobody is told anything.")),
            plain(speech.say("/resume ends this.")),
        ]
    )


def unpaused(speech: Speech) -> Message:
    return screen([plain(speech.say("Sending goes on."))])


def health(speech: Speech, state: Health, now: datetime) -> Message:
    heard = (
        speech.say("never") if state.silent_for is None else _ago(speech, state.silent_for, now)
    )
    lines: list[Line] = [
        plain(speech.say("Reader's last contact: {age}", age=heard)),
        plain(speech.say("Cards that wait: {n}", n=state.behind)),
        plain(speech.say("Failed posts: {n}", n=state.failed)),
        plain(speech.say("Waits for a decision: {n}", n=state.held)),
    ]
    if state.paused_since is not None:
        since = _age(speech, state.paused_since, now)
        lines.append(bold(speech.say("⏸ Sending was paused {age}", age=since)))
    for channel in state.troubled:
        trouble = shorten(clean(channel.trouble or ""), _QUOTE)
        lines.append(plain(f"⚠️ @{channel.username or channel.id}: {trouble}"))
    return screen(fitting(speech, lines))


def fitting(speech: Speech, lines: Sequence[Line]) -> list[Line]:
    """As many as there is room for, and as Telegram takes entities."""
    kept: list[Line] = []
    room = _ROOM
    for line in lines:
        room -= sum(utf16(span.text) for span in line) + 1
        if room < 0:
            kept.append(plain(speech.say("… cut here: too long for one message")))
            break
        kept.append(line)
    return kept
