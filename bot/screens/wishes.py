"""What a chat may choose: /settings. Pure."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, assert_never

from bot.message import Message
from bot.render.rich import Line, bold, plain
from bot.screens import hours, mornings
from bot.screens.codes import Switch, Verb, button
from bot.screens.speech import LANGUAGES, Speech, columns, label, screen
from storage.model import AreaCode, ChatKind, Lang, Loudness, Wishes


class Choice(StrEnum):
    """What can be switched on and off, by its name in `Wishes`."""

    INTERCEPTIONS = "interceptions"
    CONSEQUENCES = "consequences"
    UTILITIES = "utilities"
    AIRPORTS = "airports"
    DRILLS = "drills"
    DIGEST = "digest"
    CLEAR_AUDIBLE = "clear_audible"
    EVERY_DISTRICT = "every_district"


ON_CARDS: Final = frozenset(
    (
        Choice.INTERCEPTIONS,
        Choice.CONSEQUENCES,
        Choice.UTILITIES,
        Choice.AIRPORTS,
        Choice.DRILLS,
    )
)
"""By these cards read otherwise."""


def settings(speech: Speech, wishes: Wishes, kind: ChatKind, zone: str, now: datetime) -> Message:
    quiet = speech.say("off") if wishes.quiet is None else hours.said(speech, wishes.quiet)
    lines: list[Line] = [
        bold(speech.say("Settings")),
        (),
        plain(speech.say("Of danger and its end I always write. What else, you choose below.")),
        (),
        plain(speech.say("Quiet hours: {hours}", hours=quiet)),
    ]
    if (state := hours.snoozing(speech, wishes, zone, now)) is not None:
        lines.append(plain(state))
    lines += [
        plain(mornings.said(speech, wishes, zone)),
        plain(speech.say("Language: {language}", language=LANGUAGES[speech.words.lang])),
        plain(speech.say("How loud each place is: /places")),
        (),
        *_on_and_off(speech, wishes, kind),
    ]
    switches = [
        button(label(f"✓ {text}" if on else text), Verb.SWITCH, f"{choice}.{switch}")
        for choice in _offered(kind)
        for text, on in [(_named(speech, choice), bool(getattr(wishes, choice)))]
        for switch in [Switch.OFF if on else Switch.ON]
    ]
    languages = [
        button(f"✓ {name}" if lang is speech.words.lang else name, Verb.SWITCH, f"lang.{lang}")
        for lang, name in LANGUAGES.items()
    ]
    return screen(
        lines,
        [
            *columns(switches, 2),
            [
                button(speech.say("Quiet hours"), Verb.QUIET),
                button(speech.say("Fewer sounds for a while"), Verb.SNOOZE),
            ],
            [button(speech.say("Hour of the digest"), Verb.DIGEST)],
            languages,
            [button(speech.say("My places"), Verb.PLACES)],
        ],
    )


def _offered(kind: ChatKind) -> list[Choice]:
    return [
        choice
        for choice in Choice
        if choice is not Choice.EVERY_DISTRICT or kind is not ChatKind.PRIVATE
    ]


def _on_and_off(speech: Speech, wishes: Wishes, kind: ChatKind) -> list[Line]:
    """In words what the ticks on the buttons say."""
    said_already = Choice.DIGEST
    offered = [each for each in _offered(kind) if each is not said_already]
    on = [_named(speech, each) for each in offered if getattr(wishes, each)]
    off = [_named(speech, each) for each in offered if not getattr(wishes, each)]
    lines: list[Line] = []
    if on:
        lines.append(plain(speech.say("On: {names}", names="; ".join(on))))
    if off:
        lines.append(plain(speech.say("Off: {names}", names="; ".join(off))))
    return lines


def _named(speech: Speech, choice: Choice) -> str:
    match choice:
        case Choice.INTERCEPTIONS:
            return speech.say("What was shot down")
        case Choice.CONSEQUENCES:
            return speech.say("Consequences")
        case Choice.UTILITIES:
            return speech.say("Light, water, heat")
        case Choice.AIRPORTS:
            return speech.say("Airports")
        case Choice.DRILLS:
            return speech.say("Drills")
        case Choice.DIGEST:
            return speech.say("Morning digest")
        case Choice.CLEAR_AUDIBLE:
            return speech.say("All-clear with a sound")
        case Choice.EVERY_DISTRICT:
            return speech.say("A sound for every district")
        case _:
            assert_never(choice)


def switched(wishes: Wishes, choice: Choice, *, on: bool) -> Wishes:
    changes: dict[str, Any] = {choice.value: on}
    return replace(wishes, **changes)


def chosen(argument: str) -> tuple[Choice, bool] | Lang | None:
    """What a switch's button asks for; None: nothing that there is."""
    name, _, to = argument.partition(".")
    if name == "lang":
        return Lang(to) if to in tuple(Lang) else None
    if name not in tuple(Choice) or to not in tuple(Switch):
        return None
    return Choice(name), to == Switch.ON


# --- loudness -----------------------------------------------------------------------------------


def loudness(speech: Speech, loudness: Loudness) -> str:
    match loudness:
        case Loudness.ALL:
            return speech.say("all sounds")
        case Loudness.IMPORTANT:
            return speech.say("important sounds")
        case Loudness.SILENT:
            return speech.say("no sound")
        case _:
            assert_never(loudness)


def louder(argument: str) -> tuple[AreaCode, Loudness] | None:
    """What a place's button asks for: «important RU-KLU»."""
    value, _, code = argument.partition(" ")
    if value not in tuple(Loudness) or not code:
        return None
    return AreaCode(code), Loudness(value)
