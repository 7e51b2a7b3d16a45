"""Whether the channels are heard at all, and what is heard is passed on. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.render.phrases import Voice
from storage.model import AreaCode, Channel

HERE: Final = AreaCode("RU-MOW")
"""Whose clock is shown where no region is followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """``deaf``: no channel can be read at this moment; ``since``: its last contact, if there was
    any. ``paused_since``: operators hold all sending back."""

    deaf: bool = False
    since: datetime | None = None
    paused_since: datetime | None = None

    def said(self, voice: Voice) -> str | None:
        """None: the channels are heard."""
        if not self.deaf:
            return None
        if self.since is None:
            return voice.say("⚠️ Reading is interrupted: no channel is heard. Rely on the siren.")
        return voice.say(
            "⚠️ Reading is interrupted: no channel is heard since {time}. Rely on the siren.",
            time=voice.clock(self.since),
        )

    def held_back(self, voice: Voice) -> str | None:
        """None: alerts are sent."""
        if self.paused_since is None:
            return None
        return voice.say(
            "⏸ Sending is paused by operators since {time}: no alert comes now.",
            time=voice.clock(self.paused_since),
        )

    def reaches(self, channels: Iterable[Channel], now: datetime) -> bool:
        """Whether a channel that may declare a danger is heard."""
        return not self.deaf and any(is_heard(each, now) for each in channels)


GOES_ON: Final = Hearing()


def is_heard(channel: Channel, now: datetime) -> bool:
    """Whether a danger that it declared now would be known."""
    return (
        channel.declares
        and channel.trouble is None
        and channel.last_read_at is not None
        and not channel.is_muted(now)
    )
