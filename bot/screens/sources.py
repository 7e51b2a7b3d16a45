"""/sources: the channels by region, when each last posted, and whether it is heard. Pure."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from bot.message import Message
from bot.render.phrases import Voice
from bot.render.rich import Line, Span, bold, clean, link, plain, shorten, utf16
from bot.screens.hearing import GOES_ON, HERE, Hearing
from bot.screens.speech import Speech, screen
from bot.screens.turned_off import muted
from bot.screens.turned_off import silences as quieted
from storage.model import Channel
from storage.silences import Silence

_ROOM: Final = 3_300
_MOST: Final = 80
"""Telegram takes no more than 100 entities."""
_TITLE: Final = 60


def sources(
    speech: Speech,
    channels: Sequence[Channel],
    now: datetime,
    *,
    own: bool,
    silences: Sequence[Silence] = (),
    hearing: Hearing = GOES_ON,
) -> Message:
    """As many as there is room for. ``own``: of the chat's regions alone. ``silences``: in force
    there. A country has no clock: its channels' times are those of the first region."""
    lines: list[Line] = []
    here = next((each.area for each in channels if "-" in each.area), HERE)
    if (interrupted := hearing.said(speech.voice(here, now))) is not None:
        lines += [plain(interrupted), ()]
    if not channels:
        return screen([*lines, plain(speech.say("No channels are read yet."))])
    for region in dict.fromkeys(each.region for each in silences):
        voice = speech.voice(region, now)
        lines += [plain(f"{speech.name(region)}: {said}") for said in quieted(voice, silences)]
    if silences:
        lines.append(())
    if own:
        lines += [plain(speech.say("What I read for your places:")), ()]
    room = _ROOM - sum(utf16(span.text) + 1 for line in lines for span in line)
    ordered = sorted(channels, key=lambda each: (speech.name(each.area), each.id))
    said = 0
    for area, group in groupby(ordered, key=lambda each: each.area):
        has_clock = area in speech.areas and speech.areas[area].timezone
        voice = speech.voice(area if has_clock else here, now)
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


def not_heard(voice: Voice, channel: Channel) -> str | None:
    """Why nothing that it says counts at the moment; None: it does."""
    if (until := muted(voice, channel)) is not None:
        return f"🔇 {until}"
    if channel.trouble is not None:
        return voice.say("⚠️ cannot be read at the moment")
    return None


def _channel(voice: Voice, channel: Channel) -> list[Line]:
    lines: list[Line] = [
        (Span(text="• "), name_of(channel), Span(text=f": {last_post(voice, channel)}"))
    ]
    if (wrong := not_heard(voice, channel)) is not None:
        lines.append(plain(f"   {wrong}"))
    elif channel.last_read_at is not None:
        ago = voice.lasting(voice.now - channel.last_read_at)
        lines.append(plain(f"   {voice.say('is heard, checked {lasting} ago', lasting=ago)}"))
    if not channel.declares:
        lines.append(plain(f"   {voice.say('reports only, declares no danger')}"))
    return lines
