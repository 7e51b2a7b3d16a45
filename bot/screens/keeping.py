"""What the keeper of a group or channel sees of it in private. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.message import Button, Entity, Message
from bot.render.rich import clean, shorten, utf16
from bot.screens.codes import Verb, aimed, pack
from bot.screens.speech import Speech, label
from storage.model import Keeper

_TITLE: Final = 60


def of(keeper: Keeper, screen: Message) -> Message:
    """The screen, headed by which chat it is about; its buttons are about that chat too."""
    head = f"⚙ {title(keeper)}"
    shift = utf16(head) + 2
    entities = (
        Entity(type="bold", offset=0, length=utf16(head)),
        *(replace(entity, offset=entity.offset + shift) for entity in screen.entities),
    )
    return Message(
        text=f"{head}\n\n{screen.text}",
        entities=entities,
        plain=f"{head}\n\n{screen.plain}" if screen.plain else "",
        keyboard=tuple(tuple(_about(keeper, each) for each in row) for row in screen.keyboard),
    )


def _about(keeper: Keeper, button: Button) -> Button:
    if button.data is None:
        return button
    return replace(button, data=aimed(button.data, keeper.chat))


def with_channels(speech: Speech, screen: Message, kept: Sequence[Keeper]) -> Message:
    """Below it, the channels that the person may set up from here."""
    rows = (
        (
            Button(
                text=label(speech.say("⚙ Set up: {title}", title=title(keeper))),
                data=pack(Verb.WELCOME, chat=keeper.chat),
            ),
        )
        for keeper in kept
    )
    return replace(screen, keyboard=(*screen.keyboard, *rows))


def title(keeper: Keeper) -> str:
    return shorten(clean(keeper.title), _TITLE) or str(keeper.chat)
