"""When the summary of a night comes: the chat's own hour, by buttons. Pure."""

from dataclasses import dataclass, replace
from datetime import time
from typing import Final

from bot.message import Message
from bot.quiet import DIGEST, DIGESTS, digest_time, ends_in_the_morning
from bot.render.rich import bold, plain
from bot.screens.codes import Verb, button
from bot.screens.hours import city
from bot.screens.speech import Speech, columns, label, screen
from storage.model import Wishes

USUAL: Final = "usual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """``at`` None: when its quiet hours end, or at eight."""

    at: time | None

    def change(self, held: Wishes) -> Wishes:
        return replace(held, digest=True, digest_at=self.at)


def asked(argument: str) -> Wanted | None:
    """What an hour's button asks for; None: nothing that there is."""
    if argument == USUAL:
        return Wanted(at=None)
    return next((Wanted(at=at) for at in DIGESTS if f"{at:%H%M}" == argument), None)


def said(speech: Speech, wishes: Wishes, zone: str) -> str:
    """«Утренняя сводка: 08:00, Москва»"""
    if not wishes.digest:
        return speech.say("Morning digest: off")
    time = f"{digest_time(wishes):%H:%M}"
    return speech.say(
        "Morning digest: {time}, {city}", time=time, city=city(speech.words.lang, zone)
    )


def digest_hour(speech: Speech, wishes: Wishes, zone: str) -> Message:
    rule = speech.say(
        "One message without a sound: what the channels said in the night, each with its own"
        " figures. If they said nothing, nothing comes."
    )
    now = digest_time(wishes)
    hours = []
    for at in DIGESTS:
        tick = "✓ " if wishes.digest and wishes.digest_at == at else ""
        hours.append(button(f"{tick}{at:%H:%M}", Verb.DIGEST, f"{at:%H%M}"))
    usual = ends_in_the_morning(wishes.quiet)
    text = (
        speech.say("By default, {time}", time=f"{DIGEST:%H:%M}")
        if usual is None
        else speech.say("When quiet hours end, {time}", time=f"{usual:%H:%M}")
    )
    tick = "✓ " if wishes.digest and wishes.digest_at is None else ""
    lines = [bold(speech.say("Morning digest")), (), plain(rule), ()]
    lines.append(plain(said(speech, wishes, zone)))
    if not wishes.digest:
        lines.append(plain(speech.say("Choose an hour to turn it on.")))
    elif wishes.digest_at is None and usual is not None and now == usual:
        lines.append(plain(speech.say("That is when your quiet hours end.")))
    return screen(
        lines,
        [
            *columns(hours, 4),
            [button(label(f"{tick}{text}"), Verb.DIGEST, USUAL)],
            [button(speech.say("« Settings"), Verb.SETTINGS)],
        ],
    )
