"""Every screen reads in full without emoji: what a sign says stands beside it in words.

A sign that is nowhere explained here fails where it is met (`meanings`).
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from bot.message import Message
from bot.screens import choosing, following, history, hours, mornings
from bot.screens import wishes as settings
from bot.screens.sources import sources
from bot.screens.speech import Speech
from bot.screens.status import status
from storage.areas.tree import Areas
from storage.model import AreaCode, ChatKind, ChatState, Lang, Level, Loudness, QuietHours, Wishes
from tests.unit.bot.signs import meanings, unsigned
from tests.unit.bot.test_screens import (
    BOROVSKY,
    NOW,
    REGION,
    ZHUKOVSKY,
    a_channel,
    alarm,
    areas,
    glance,
    incident,
    speech,
)

__all__ = ["areas", "speech"]

NIGHT = QuietHours(start=time(23), end=time(7), zone="Europe/Moscow")
SAMARA = replace(NIGHT, zone="Europe/Samara")
LATER = NOW + timedelta(hours=2)


def read(message: Message) -> str:
    """Text and buttons as somebody hears them who has no signs read out."""
    labels = [button.text for row in message.keyboard for button in row]
    for words in (*message.text.splitlines(), *labels):
        assert meanings(words) == [], words
    return "\n".join(unsigned(words) for words in (message.text, *labels))


def set_to(**wishes: object) -> Callable[[Speech, Areas], Message]:
    held = replace(Wishes(), **wishes)  # type: ignore[arg-type]
    return lambda speech, areas: settings.settings(
        speech, held, ChatKind.SUPERGROUP, "Europe/Moscow", NOW
    )


def quiet(held: QuietHours | None) -> Callable[[Speech, Areas], Message]:
    return lambda speech, areas: hours.quiet_hours(
        speech, Wishes(quiet=held), "Europe/Moscow", NOW
    )


def zone(held: QuietHours) -> Callable[[Speech, Areas], Message]:
    return lambda speech, areas: hours.zones(speech, Wishes(quiet=held), NOW)


def digest(**wishes: object) -> Callable[[Speech, Areas], Message]:
    held = replace(Wishes(), **wishes)  # type: ignore[arg-type]
    return lambda speech, areas: mornings.digest_hour(speech, held, "Europe/Moscow")


def districts(*chosen: AreaCode) -> Callable[[Speech, Areas], Message]:
    return lambda speech, areas: choosing.districts(
        speech, areas[REGION], 0, frozenset(chosen), ChatKind.PRIVATE
    )


def places(*, loud: Loudness = Loudness.ALL, beyond: bool = False) -> Callable[..., Message]:
    return lambda speech, areas: following.places(
        speech, [REGION], neighbours=beyond, wishes=Wishes(loudness=loud)
    )


def in_force(level: Level | None, *, stale: bool = False) -> Callable[[Speech, Areas], Message]:
    def screen(speech: Speech, areas: Areas) -> Message:
        danger = [] if level is None else [replace(alarm(BOROVSKY, 9, stale=stale), level=level)]
        return status(speech, [glance(areas, (BOROVSKY,), *danger)], ChatState.ACTIVE, NOW)

    return screen


def channel(**fields: object) -> Callable[[Speech, Areas], Message]:
    made = replace(a_channel(), **fields)  # type: ignore[arg-type]
    return lambda speech, areas: sources(speech, [made], NOW, own=True)


def was(ending: str, back: datetime | None = None) -> Callable[[Speech, Areas], Message]:
    found = [incident(9, 1, ending, retracted_at=back)]
    return lambda speech, areas: history.history(speech, found, 0, NOW, buttons=True)


DIFFERENT: dict[str, list[Callable[[Speech, Areas], Message]]] = {
    **{
        f"switch {choice}": [set_to(**{choice: True}), set_to(**{choice: False})]
        for choice in settings.Choice
    },
    "snooze": [set_to(), set_to(snoozed_until=LATER)],
    "quiet hours": [quiet(None), quiet(NIGHT), quiet(replace(NIGHT, end=time(8)))],
    "zone": [zone(NIGHT), zone(SAMARA)],
    "hour of the digest": [
        digest(),
        digest(digest=True),
        digest(digest=True, digest_at=time(6)),
        digest(digest=True, quiet=NIGHT),
    ],
    "districts": [districts(), districts(BOROVSKY), districts(BOROVSKY, ZHUKOVSKY)],
    "loudness": [places(loud=loudness) for loudness in Loudness],
    "neighbours": [places(), places(beyond=True)],
    "severity": [in_force(None), *(in_force(level) for level in Level)],
    "stale": [in_force(Level.DECLARED), in_force(Level.DECLARED, stale=True)],
    "health": [
        channel(),
        channel(trouble="x"),
        channel(muted_until=LATER),
        channel(declares=False),
    ],
    "ending": [was("clear"), was("stale"), was("stale", NOW)],
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_no_state_is_told_by_signs_alone(what: str, speech: Speech, areas: Areas) -> None:
    shown = [read(screen(speech, areas)) for screen in DIFFERENT[what]]
    assert len(set(shown)) == len(shown)


@pytest.mark.parametrize("what", DIFFERENT)
def test_each_button_has_words_of_its_own(what: str, speech: Speech, areas: Areas) -> None:
    for screen in DIFFERENT[what]:
        said: dict[str, str | None] = {}
        for button in [b for row in screen(speech, areas).keyboard for b in row]:
            label = unsigned(button.text)
            assert re.search(r"\w", label), button.text
            assert said.setdefault(label, button.data) == button.data, label


def test_the_language_is_told_in_words(speech: Speech, areas: Areas) -> None:
    text = unsigned(set_to()(speech, areas).text)
    own = {Lang.RU: "Язык: Русский", Lang.UK: "Мова: Українська", Lang.EN: "Language: English"}
    assert own[speech.words.lang] in text


def test_what_is_stripped() -> None:
    assert unsigned("🟠 БПЛА ⚠️ №5 «а» ‹ 2 → ✓ x\u200d👍🏽") == "БПЛА №5 «а» ‹ 2 x"
    assert meanings("🔴 Всё") == ["🔴"] and meanings("🔴 БПЛА: непосредственная угроза") == []
    assert meanings("🦄 единорог") == ["🦄"]
