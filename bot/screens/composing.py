"""/compose: what would be sent, in every language, and what has to be typed to send it. Pure."""

from collections.abc import Sequence
from typing import Final, assert_never

from bot.message import Message
from bot.order import Order, Sort, Wanting
from bot.render.rich import Line, bold, clean, plain, shorten
from bot.screens.speech import Speech, screen

_EXAMPLE: Final = "/compose alert\nRU-KLU/borovsky; RU-KLU/zhukovsky\nuav\n…"
_EACH: Final = 600


def wanting(speech: Speech, what: Wanting) -> Message:
    match what:
        case Wanting.SORT:
            text = speech.say("Begin with alert, clear or drill.")
        case Wanting.PLACES:
            text = speech.say(
                "The second line is for places: codes or full names that only one place has,"
                " divided by semicolons."
            )
        case Wanting.HAZARD:
            text = speech.say("The third line is for the hazard: uav, missile, air_raid, flood …")
        case Wanting.TEXT:
            text = speech.say("Below them stands the text, up to 600 characters.")
        case _:
            assert_never(what)
    return screen([plain(text), (), plain(_EXAMPLE)])


def preview(
    speech: Speech, order: Order, shown: Sequence[tuple[str, Message]], *, two: bool
) -> Message:
    """``shown``: the card of a follower of the first place, by the name of its language."""
    lines: list[Line] = [bold(_sort(speech, order.sort))]
    lines += [plain(f"• {speech.place(code)}") for code in order.areas[:10]]
    for language, message in shown:
        lines += [(), bold(f"{language}:")]
        lines += [plain(clean(line)) for line in shorten(message.text, _EACH).split("\n")]
    lines += [(), plain(speech.say("Nothing is sent yet. To send it, type within 10 minutes:"))]
    lines.append(plain(f"/send {order.phrase}"))
    if two:
        lines.append(plain(speech.say("Then a second operator has to agree.")))
    return screen(lines)


def another_phrase(speech: Speech) -> Message:
    text = speech.say("That is not the phrase of your last /compose, or it is too old.")
    return screen([plain(text), plain(speech.say("Nothing was sent."))])


def asked(speech: Speech) -> Message:
    text = speech.say("The other operators were asked; one of them has 10 minutes to agree.")
    return screen([plain(text)])


def question(speech: Speech, order: Order, who: int, token: str) -> str:
    places = "\n".join(f"• {speech.place(code)}" for code in order.areas[:10])
    agree = speech.say("{who} wants to send this. Do you agree? Then type:", who=who)
    return (
        f"{_sort(speech, order.sort)} · {order.hazard}\n{places}\n«{order.text}»\n\n"
        f"{agree}\n/second {token}"
    )


def not_yours(speech: Speech) -> Message:
    text = speech.say("There is nothing to agree to: it is done, too old, or your own.")
    return screen([plain(text)])


def sent(speech: Speech, order: Order) -> Message:
    return screen([plain(speech.say("Done: {phrase}", phrase=order.phrase))])


def vain(speech: Speech) -> Message:
    """Confirmed, and nothing came of it."""
    text = speech.say(
        "Nothing was changed: what it names is so already, or danger was declared there after this"
        " was written."
    )
    return screen([plain(text)])


def danger_there(speech: Speech) -> Message:
    """A drill is not told over a real danger."""
    text = speech.say("A real danger is in force there. Drills wait for its all-clear.")
    return screen([plain(text), plain(speech.say("Nothing was sent."))])


def backed_up(speech: Speech, name: str) -> Message:
    return screen([plain(speech.say("The backup is made: {name}", name=name))])


def _sort(speech: Speech, sort: Sort) -> str:
    match sort:
        case Sort.ALERT:
            return speech.say("A manual alert")
        case Sort.CLEAR:
            return speech.say("A manual all-clear")
        case Sort.DRILL:
            return speech.say("A drill, for those alone who asked for drills")
        case _:
            assert_never(sort)
