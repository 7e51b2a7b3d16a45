"""/broadcast: the question, and how far it is. Pure."""

from collections.abc import Sequence
from typing import Final, assert_never

from bot.message import Message
from bot.render.rich import bold, clean, plain
from bot.screens.codes import Verb, button
from bot.screens.speech import Speech, screen
from storage.broadcasts import Broadcast, State
from storage.model import AreaCode

MOST_TEXT: Final = 1_500
_PLACES: Final = 6


def how(speech: Speech) -> Message:
    text = speech.say("Write it like this: {example}", example="/broadcast …")
    return screen([plain(text), plain(speech.say("Up to {n} characters.", n=MOST_TEXT))])


def ask(speech: Speech, text: str, audience: int, token: str) -> Message:
    send = button(speech.say("Send to {n} chats", n=audience), Verb.BROADCAST, token)
    return screen(
        [
            plain(speech.say("Every active chat gets this once, silently, after all alerts:")),
            (),
            plain(message(speech, text).text),
        ],
        [[send]],
    )


def message(speech: Speech, text: str, areas: Sequence[AreaCode] = ()) -> Message:
    """As chats get it: that it is neither an alert nor an all-clear, and for which places."""
    head = speech.say("A service message")
    if areas:
        names = ", ".join(speech.name(code) for code in areas[:_PLACES])
        head = speech.say("A service message · {places}", places=names)
    foot = speech.say("This is neither an alert nor an all-clear.")
    said = [plain(clean(line)) for line in text.split("\n")]
    return screen([bold(head), (), *said, (), plain(foot)])


def another_runs(speech: Speech) -> Message:
    return screen([plain(speech.say("Another broadcast is running; wait or cancel it first."))])


def progress(speech: Speech, broadcast: Broadcast) -> Message:
    match broadcast.state:
        case State.RUNNING:
            state = speech.say("Broadcast {n} is running", n=broadcast.id)
        case State.DONE:
            state = speech.say("Broadcast {n} is done", n=broadcast.id)
        case State.CANCELLED:
            state = speech.say("Broadcast {n} is cancelled", n=broadcast.id)
        case _:
            assert_never(broadcast.state)
    counts = speech.say(
        "Sent {sent} of {total}, failed {failed}",
        sent=broadcast.sent,
        total=broadcast.total,
        failed=broadcast.failed,
    )
    cancel = button(speech.say("Cancel"), Verb.CANCEL, str(broadcast.id))
    rows = [[cancel]] if broadcast.state is State.RUNNING else []
    return screen([plain(state), plain(counts)], rows)
