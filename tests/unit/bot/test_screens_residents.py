"""What operators turned off and what is not heard, as residents read it: nothing there may be
taken for an all-clear."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.render.parts import silence_lines
from bot.render.rich import compose
from bot.screens import following, turned_off
from bot.screens.hearing import Hearing
from bot.screens.sources import sources
from bot.screens.speech import Speech
from bot.screens.status import Glance, status
from storage.areas.tree import Areas
from storage.model import ChatState, Hazard, Level
from storage.silences import Silence
from tests.unit.bot.test_screens import (
    BOROVSKY,
    NOW,
    REGION,
    ZHUKOVSKY,
    a_channel,
    alarm,
    areas,
    fits,
    glance,
    russian,
    speech,
)

__all__ = ["areas", "russian", "speech"]

DRILLS = Silence(
    id=1,
    region=REGION,
    hazard=Hazard.UAV,
    made_by=9,
    until=NOW + timedelta(hours=2),
    why="учения ПВО\u202e",
)
MUTED = replace(a_channel(), muted_until=NOW + timedelta(hours=1), muted_why="взломан")
QUIET = "Звук отключён оператором до 17:00"
NO_DANGER = "об опасности не объявляли. Это не отбой."


def said(russian: Speech, glance: Glance, hearing: Hearing | None = None) -> str:
    hearing = hearing or Hearing()
    return status(russian, [glance], ChatState.ACTIVE, NOW, hearing=hearing).text


def lines(russian: Speech, areas: Areas, *silences: Silence, level: Level) -> str:
    danger = replace(alarm(BOROVSKY, 30), level=level)
    seen = glance(areas, (BOROVSKY,), danger).seen
    assert seen is not None
    return compose(silence_lines(russian.voice(REGION, NOW), seen, silences))[0]


def test_a_silenced_danger_says_until_when_and_why(russian: Speech, areas: Areas) -> None:
    declared = lines(russian, areas, DRILLS, level=Level.DECLARED)
    assert declared == f"🔕 {QUIET}: учения ПВО"
    assert lines(russian, areas, replace(DRILLS, hazard=None), level=Level.DECLARED) == declared


def test_what_sounds_all_the_same_is_not_called_silent(russian: Speech, areas: Areas) -> None:
    assert lines(russian, areas, DRILLS, level=Level.IMMINENT) == ""
    other = replace(DRILLS, hazard=Hazard.FLOOD)
    assert lines(russian, areas, other, level=Level.DECLARED) == ""
    assert lines(russian, areas, level=Level.DECLARED) == ""


def test_status_places_and_sources_show_a_silence(speech: Speech, russian: Speech) -> None:
    seen = Glance(region=REGION, seen=None, channels=(a_channel(),), silences=(DRILLS,))
    quiet = f"🔕 {QUIET} (БПЛА): учения ПВО"
    assert quiet in said(russian, seen)
    listed = sources(russian, [a_channel()], NOW, own=True, silences=[DRILLS])
    assert f"Калужская область: {quiet}" in listed.text
    notes = turned_off.notes(russian.voice(REGION, NOW), [DRILLS], [MUTED])
    assert notes == [quiet, f"🔇 Шапша: {MUTED_TILL}"]
    assert quiet in following.places(russian, [REGION], notes=notes).text
    over = replace(DRILLS, until=NOW)
    assert turned_off.notes(russian.voice(REGION, NOW), [over], [a_channel()]) == []
    wordy = replace(DRILLS, why="п" * 900)
    fits(sources(speech, [MUTED] * 60, NOW, own=True, silences=[wordy] * 20))
    fits(status(speech, [replace(seen, silences=[wordy] * 50)] * 60, ChatState.ACTIVE, NOW))
    fits(following.places(speech, [REGION], notes=["п" * 200] * 90))


MUTED_TILL = "отключён оператором до 16:00: его посты ни на что не влияют"


def test_a_muted_channel_is_shown_as_muted(russian: Speech) -> None:
    text = sources(russian, [MUTED], NOW, own=True).text
    assert MUTED_TILL in text and "слышен" not in text
    assert "взломан" not in text, "why is the operators' own"
    alone = said(russian, Glance(region=REGION, seen=None, channels=(MUTED,)))
    assert MUTED_TILL in alone and "Есть ли опасность, неизвестно" in alone
    assert NO_DANGER not in alone
    two = (MUTED, replace(a_channel(78), title="Другой"))
    heard = said(russian, Glance(region=REGION, seen=None, channels=two))
    assert MUTED_TILL in heard and NO_DANGER in heard


@pytest.mark.parametrize(
    ("channel", "hearing", "says"),
    [
        (a_channel(), Hearing(deaf=True), "бот их сейчас не слышит"),
        (
            a_channel(),
            Hearing(deaf=True, since=NOW - timedelta(minutes=9)),
            "бот не слышит их с 14:51",
        ),
        (replace(a_channel(), trouble="gone"), Hearing(), "сейчас не читается"),
        (replace(a_channel(), last_read_at=None), Hearing(), "неизвестно"),
        (replace(a_channel(), declares=False), Hearing(), "Бот пока не читает"),
        (
            a_channel(),
            Hearing(paused_since=NOW - timedelta(minutes=9)),
            "Рассылка приостановлена операторами с 14:51",
        ),
    ],
)
def test_what_is_not_heard_is_never_called_calm(
    russian: Speech, areas: Areas, channel: object, hearing: Hearing, says: str
) -> None:
    calm = glance(areas, (ZHUKOVSKY,))
    calm = replace(calm, channels=(channel,))  # type: ignore[arg-type]
    text = said(russian, calm, hearing)
    assert says in text
    assert (NO_DANGER in text) is (hearing.paused_since is not None)
    danger = replace(glance(areas, (BOROVSKY,), alarm(BOROVSKY, 5)), channels=calm.channels)
    assert ("отбой бот не услышит" in said(russian, danger, hearing)) is (
        hearing.paused_since is None and "Бот пока" not in says
    )


@pytest.mark.parametrize("seen", ["nothing", "old", "new"])
def test_nothing_in_force_never_reads_like_an_all_clear(
    speech: Speech, areas: Areas, seen: str
) -> None:
    known = {
        "nothing": Glance(region=REGION, seen=None, channels=(a_channel(),)),
        "old": glance(areas, (ZHUKOVSKY,), alarm(BOROVSKY, 30)),
        "new": glance(areas, (REGION,)),
    }[seen]
    text = status(speech, [known], ChatState.ACTIVE, NOW).text
    assert any(no in text for no in ("Это не отбой", "Це не відбій", "This is no all-clear"))
    lower = text.casefold()
    for word in ("✅", "безопасно", "спокойно", "безпечно", "спокійно", "safe", "calm"):
        assert word not in lower


def test_the_map_is_a_tap_away(russian: Speech) -> None:
    made = status(russian, [], ChatState.ACTIVE, NOW)
    assert [b.data for row in made.keyboard for b in row] == ["s", "a", "p"]
