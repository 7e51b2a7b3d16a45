"""What a chat may ask of the service for itself: a test, what is held of it, what becomes of it.
Pure."""

from bot.message import Message
from bot.render.rich import bold, plain
from bot.screens.speech import Speech, screen
from storage.model import AreaCode


def test(speech: Speech, region: AreaCode) -> Message:
    """The delivery itself: with a sound, as an alert has. It names no hazard and no state."""
    mark = speech.say("TEST MESSAGE, NOT AN ALERT")
    return screen(
        [
            bold(mark),
            (),
            plain(
                speech.say(
                    "You asked for it with /test. Alerts for {region} come to this chat the same"
                    " way, with a sound. No sound? Then the chat or the phone is muted.",
                    region=speech.name(region),
                )
            ),
            (),
            bold(mark),
        ]
    )


def test_coming(speech: Speech) -> Message:
    return screen([plain(speech.say("A test message with a sound is on its way to this chat."))])


def test_waits(speech: Speech) -> Message:
    return screen(
        [
            plain(
                speech.say(
                    "Sending is paused by the operators just now. The test comes if they end that"
                    " within 10 minutes."
                )
            )
        ]
    )


def test_again(speech: Speech) -> Message:
    return screen([plain(speech.say("One test a minute. Please try again in a minute."))])


def nothing_followed(speech: Speech) -> Message:
    return screen(
        [
            plain(speech.say("No places are followed here yet.")),
            plain(speech.say("Choose one with /start.")),
        ]
    )


def stopped(speech: Speech) -> Message:
    return screen([plain(speech.say("⏸ Alerts are stopped. /start resumes them."))])


def exported(speech: Speech) -> str:
    """Stands under the document."""
    return speech.say("All that is held of this chat. /forget deletes it.")


def nothing_held(speech: Speech) -> Message:
    return screen([plain(speech.say("Nothing is held of this chat."))])


def privacy(speech: Speech) -> Message:
    return screen(
        [
            bold(speech.say("What is held of a chat")),
            plain(
                speech.say(
                    "Its number at Telegram, its language, its places and settings; for 30 days"
                    " which alerts it was sent. Reports with your words, if you send any."
                )
            ),
            (),
            bold(speech.say("What is not")),
            plain(
                speech.say(
                    "No name, no phone number, no contacts. A location that you share is compared"
                    " with known places and is gone at once. Nothing that is said here or in a"
                    " group is kept."
                )
            ),
            (),
            plain(speech.say("Nothing is passed on. Messages travel through Telegram.")),
            plain(speech.say("/export shows all of it, /forget deletes it.")),
        ]
    )
