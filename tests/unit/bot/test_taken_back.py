"""Danger that is taken back is corrected once, no all-clear; and what a silence hushes."""

from dataclasses import replace

import pytest

from bot.decide import Decision, Lever, decide
from bot.reasons import Reason
from storage.model import AreaCode, Hazard, Level, Retraction, Situation, Wrong
from tests.unit.bot.made import (
    AREAS,
    BOROVSKY,
    REGION,
    START,
    ZHUKOVSKY,
    alarm,
    clear,
    danger,
    minutes,
    situation,
    told_card,
)
from tests.unit.bot.made import chat as a_chat
from tests.unit.bot.test_decide import LATER, QUIET, ask, at


def taken(*places: AreaCode, hazard: Hazard = Hazard.UAV) -> Retraction:
    return Retraction(
        hazard=hazard, areas=places, version=2, at=START + minutes(20), wrong=Wrong.MISREAD
    )


@pytest.mark.parametrize("follows", [(BOROVSKY,), (REGION,)])
def test_it_is_a_correction_that_ends_the_card(follows: tuple[AreaCode, ...]) -> None:
    now = situation(retractions=(taken(BOROVSKY),))
    decision = ask(QUIET, now, follows)
    assert (decision.lever, decision.reason) == (Lever.SOUND, Reason.CORRECTION)
    assert decision.ends and not decision.danger


def test_who_was_told_nothing_of_it_hears_nothing() -> None:
    now = situation(retractions=(taken(BOROVSKY),))
    assert ask(None, now).lever is Lever.SKIP
    assert ask(QUIET, now, (ZHUKOVSKY,)).lever is not Lever.SOUND


def test_what_vanished_besides_keeps_the_card_open() -> None:
    told = situation(danger(alarm()), danger(alarm(), hazard=Hazard.SHELLING), version=1)
    decision = ask(told, situation(retractions=(taken(BOROVSKY),)))
    assert decision.reason in (Reason.CORRECTION, Reason.VANISHED) and not decision.ends


def test_what_goes_on_keeps_the_card_open() -> None:
    told = situation(danger(alarm()), danger(alarm(), hazard=Hazard.SHELLING), version=1)
    now = situation(danger(alarm(), hazard=Hazard.SHELLING), retractions=(taken(BOROVSKY),))
    decision = ask(told, now)
    assert decision.reason is Reason.CORRECTION and not decision.ends


def hushed(told: Situation | None, current: Situation, *hazards: Hazard) -> Decision:
    of = told_card() if told else replace(told_card(), told=None, message_id=None, alarmed=False)
    return decide(
        card=of,
        chat=a_chat(),
        follows=(BOROVSKY,),
        told=told,
        current=current,
        areas=AREAS,
        now=LATER,
        silenced=dict.fromkeys(hazards, LATER + minutes(60)),
    )


def test_a_silence_hushes_its_hazard_alone_and_nothing_grave() -> None:
    quiet = hushed(None, situation(danger(alarm(at=at(20)))), Hazard.UAV)
    assert (quiet.lever, quiet.quieted) == (Lever.SILENT, Reason.SILENCED)
    for loud in (
        hushed(None, situation(danger(alarm(at=at(20)))), Hazard.SHELLING),
        hushed(None, situation(danger(alarm(level=Level.IMMINENT, at=at(20)))), *Hazard),
        hushed(None, situation(danger(alarm(at=at(20)), hazard=Hazard.MISSILE)), *Hazard),
        hushed(QUIET, situation(retractions=(taken(BOROVSKY),)), *Hazard),
    ):
        assert loud.lever is Lever.SOUND
    ended = hushed(QUIET, situation(clears=(clear(BOROVSKY, at=at(20)),)), Hazard.UAV)
    assert (ended.lever, ended.reason) == (Lever.SILENT, Reason.ALL_CLEAR)
