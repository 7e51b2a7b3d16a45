"""/sources: the channels by region, when each last posted, and whether it is heard. Pure."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from bot.message import Message
from bot.render.phrases import Voice
from bot.render.rich import Line, Span, bold, clean, link, plain, shorten, utf16
from bot.screens.speech import Speech, screen
from storage.model import Channel

_ROOM: Final = 3_300
_MOST: Final = 80
"""Telegram takes no more than 100 entities."""
_TITLE: Final = 60


def sources(speech: Speech, channels: Sequence[Channel], now: datetime, *, own: bool) -> Message:
    """As many as there is room for. ``own``: of the chat's regions alone."""
    if not channels:
        return screen([plain(speech.say("No channels are read yet."))])
    lines: list[Line] = []
    if own:
        lines += [plain(speech.say("What I read for your places:")), ()]
    room = _ROOM
    ordered = sorted(channels, key=lambda each: (speech.name(each.area), each.id))
    said = 0
    for area, group in groupby(ordered, key=lambda each: each.area):
        voice = speech.voice(area, now)
        lines.append(bold(speech.name(area)))
        for channel in group:
            block = _channel(voice, channel)
            room -= sum(utf16(span.text) + 1 for line in block for span in line)
            if room < 0 or said >= _MOST:
                rest = len(ordered) - said
                return screen([*lines, plain(speech.say("… and {n} more", n=rest))])
            lines += block
            said += 1
        lines.append(())
    return screen(lines[:-1])


def name_of(channel: Channel) -> Span:
    title = shorten(clean(channel.title), _TITLE) or str(channel.id)
    if channel.username is None:
        return Span(text=title)
    return link(title, f"https://t.me/{channel.username}")


def last_post(voice: Voice, channel: Channel) -> str:
    if channel.last_post_at is None:
        return voice.say("no post heard yet")
    ago = voice.lasting(voice.now - channel.last_post_at)
    return voice.say("last post {lasting} ago", lasting=ago)


def _channel(voice: Voice, channel: Channel) -> list[Line]:
    lines: list[Line] = [
        (Span(text="• "), name_of(channel), Span(text=f": {last_post(voice, channel)}"))
    ]
    if channel.trouble is not None:
        lines.append(plain(f"   {voice.say('⚠️ cannot be read at the moment')}"))
    elif channel.last_read_at is not None:
        ago = voice.lasting(voice.now - channel.last_read_at)
        lines.append(plain(f"   {voice.say('is heard, checked {lasting} ago', lasting=ago)}"))
    if not channel.declares:
        lines.append(plain(f"   {voice.say('reports only, declares no danger')}"))
    return lines
