"""The buttons under an alert: the same for all chats whose alert reads the same. Pure."""

from typing import Final

from bot.message import Button
from bot.render.phrases import Voice
from bot.render.rich import LINK_PREFIX
from bot.screens.codes import Verb, button
from storage.model import Source

FROM_CARD: Final = "card"
"""Argument of buttons whose message must stay what it is."""

Keyboard = tuple[tuple[Button, ...], ...]


def buttons(voice: Voice, sources: list[Source], *, danger: bool, neighbour: bool) -> Keyboard:
    """``danger``: in force, so that fewer sounds may be wished for. A neighbour's makes none."""
    rows: list[tuple[Button, ...]] = []
    first = [button(voice.say("Details"), Verb.MORE, voice.region)]
    if sources and sources[0].link.startswith(LINK_PREFIX):
        first.insert(0, Button(text=voice.say("Source"), url=sources[0].link))
    rows.append(tuple(first[:1] if neighbour and len(first) == 2 else first))
    second = [button(voice.say("Settings"), Verb.SETTINGS, FROM_CARD)]
    if danger and not neighbour:
        second.insert(0, button(voice.say("Quieter for 1 h"), Verb.SNOOZE, FROM_CARD))
    return (*rows, tuple(second))
