"""/retract: which incidents run, and in which words one is taken back. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.message import Message
from bot.render.rich import Line, bold, plain
from bot.screens.codes import Verb, button
from bot.screens.speech import Speech, label, screen
from storage.incidents import Incident
from storage.model import Wrong

CAUSES: Final = tuple(Wrong)


def running(speech: Speech, incidents: Sequence[Incident], now: datetime) -> list[Line]:
    return [plain(_line(speech, each, now)) for each in incidents[:10]]


def choose(
    speech: Speech, present: Sequence[Incident], ended: Sequence[Incident], now: datetime
) -> Message:
    lines: list[Line] = []
    if present:
        lines += [bold(speech.say("In force")), *running(speech, present, now)]
    else:
        lines.append(plain(speech.say("No danger is in force.")))
    if ended:
        lines += [bold(speech.say("Over in the last 7 days")), *running(speech, ended, now)]
    if present or ended:
        lines.append(plain(speech.say("Take one back: /retract number")))
    return screen(lines)


def ask(speech: Speech, incident: Incident, heard: int, token: str, now: datetime) -> Message:
    """``heard``: how many chats were told of danger there."""
    texts = {
        Wrong.MISREAD: speech.say("We misread a post"),
        Wrong.SOURCE: speech.say("The source takes it back"),
        Wrong.FAULT: speech.say("A technical fault"),
    }
    rows = [
        [button(label(texts[wrong]), Verb.RETRACT, token, n)] for n, wrong in enumerate(CAUSES)
    ]
    return screen(
        [
            bold(speech.say("Take back this danger?")),
            plain(_line(speech, incident, now)),
            plain(speech.say("Chats that were told of danger there: {n}", n=heard)),
            plain(
                speech.say(
                    "They get a correction with a sound. It is no all-clear. The buttons work"
                    " once, for 10 minutes."
                )
                if incident.closed_at is None
                else speech.say(
                    "It is over: whoever saw it gets a correction, and no card is opened again."
                    " The buttons work once, for 10 minutes."
                )
            ),
        ],
        rows,
    )


def done(speech: Speech, number: int) -> Message:
    return screen([plain(speech.say("Incident {n} is taken back.", n=number))])


def not_running(speech: Speech, number: int) -> Message:
    text = speech.say(
        "Incident {n} cannot be taken back: there is none, it was, or it is over for more than 7"
        " days. /retract lists those that can be.",
        n=number,
    )
    return screen([plain(text)])


def too_late(speech: Speech) -> Message:
    return screen([plain(speech.say("This button was used or is too old. Begin again."))])


def _line(speech: Speech, incident: Incident, now: datetime) -> str:
    voice = speech.voice(incident.region, now)
    names = ", ".join(speech.name(code) for code in incident.areas[:4])
    lasting = voice.lasting((incident.closed_at or now) - incident.opened_at)
    region = speech.name(incident.region)
    line = f"{incident.id} · {region}: {voice.hazard(incident.hazard)} · {names} · {lasting}"
    return line if incident.closed_at is None else f"{line} · {voice.clock(incident.opened_at)}"
