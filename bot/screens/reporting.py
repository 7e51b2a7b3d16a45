"""/report: which alert was wrong, and what was wrong with it. Pure."""

from collections.abc import Sequence
from datetime import datetime

from bot.message import Message
from bot.render.rich import bold, plain
from bot.screens.codes import Verb, button
from bot.screens.speech import Speech, label, screen
from storage.model import AreaCode, Card, Source


def choose(speech: Speech, cards: Sequence[Card], now: datetime) -> Message:
    """The chat's recent alerts, newest first."""
    if not cards:
        return screen(
            [
                plain(speech.say("No alert came to this chat in the last 7 days.")),
                plain(speech.say("What was declared for your places: /history")),
            ]
        )
    rows = [
        [
            button(
                label(
                    f"{speech.voice(card.region, now).clock(card.opened_at)} · "
                    f"{speech.name(card.region)}"
                ),
                Verb.REPORT,
                str(card.id),
            )
        ]
        for card in cards
    ]
    return screen(
        [
            bold(speech.say("Which alert was wrong?")),
            plain(speech.say("Then you can say in your words what was wrong.")),
        ],
        rows,
    )


def reported(speech: Speech, number: int) -> Message:
    return screen(
        [
            bold(speech.say("Report #{n} is with the moderators.", n=number)),
            plain(
                speech.say(
                    "What was wrong? Answer this message, or send /report and your words. You need"
                    " not say more."
                )
            ),
        ]
    )


def settled(speech: Speech, number: int, *, upheld: bool) -> Message:
    """Somebody else had reported it, and it was looked at."""
    verdict = (
        speech.say("The moderators have found this alert wrong already, and corrected it.")
        if upheld
        else speech.say("The moderators have looked at this alert already: it was right.")
    )
    return screen([bold(speech.say("Report #{n} is noted. Thank you.", n=number)), plain(verdict)])


def again(speech: Speech) -> str:
    return speech.say("You have reported this already. Thank you.")


def thanks(speech: Speech, number: int) -> Message:
    return screen([plain(speech.say("Thank you. Your words are added to report #{n}.", n=number))])


def page(
    speech: Speech, number: int, region: AreaCode, version: int, source: Source | None
) -> str:
    """For the admins: nothing of who reports."""
    link = "" if source is None else source.link
    return speech.say(
        "A reader says that an alert was wrong: {region}, version {version}, report #{n}. {link}",
        region=speech.name(region),
        version=version,
        n=number,
        link=link,
    ).strip()
