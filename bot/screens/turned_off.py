"""What operators turned off for a time, as residents read it: sounds and channels. Pure."""

from collections.abc import Sequence

from bot.render.parts import silenced
from bot.render.phrases import Voice
from bot.render.rich import clean, shorten
from storage.model import Channel
from storage.silences import Silence

_TITLE = 60
_MOST = 4


def silences(voice: Voice, found: Sequence[Silence]) -> list[str]:
    """Those of the voice's region that are in force; for all hazards before those for one."""
    mine = [each for each in found if each.region == voice.region and each.until > voice.now]
    mine.sort(key=lambda each: each.hazard is not None)
    return [silenced(voice, each, named=True) for each in mine[:_MOST]]


def muted(voice: Voice, channel: Channel) -> str | None:
    """That an operator muted it, until when; None: it is heard."""
    if channel.muted_until is None or not channel.is_muted(voice.now):
        return None
    return voice.say(
        "muted by an operator until {time}: its posts change nothing here",
        time=voice.clock(channel.muted_until),
    )


def notes(voice: Voice, found: Sequence[Silence], channels: Sequence[Channel]) -> list[str]:
    """Both, where the places alone are shown."""
    lines = silences(voice, found)
    for channel in [each for each in channels if each.is_muted(voice.now)][:_MOST]:
        title = shorten(clean(channel.title), _TITLE) or str(channel.id)
        lines.append(f"🔇 {title}: {muted(voice, channel)}")
    return lines
