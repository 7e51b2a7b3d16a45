"""What a person decides about danger that was told: no all-clear, and no more than it says."""

import pytest

from ingest.correlate import manual, moderate
from ingest.correlate.step import Step
from ingest.correlate.table import Transition
from storage.model import Claim, Hazard, Kind, Wrong
from tests.unit.ingest.correlate.world import (
    BOROVSKY,
    GOVERNOR,
    KALUGA,
    REGION,
    RESCUERS,
    START,
    ZHUKOVSKY,
    World,
    all_clear,
    areas,
    rows,
    said,
    source,
    threat,
    weak,
)

DOUBTFUL = weak(threat(BOROVSKY))


def taken_back(world: World, claim: Claim = DOUBTFUL, message: int = 101) -> Step:
    said_there = source(GOVERNOR, message, 0)
    note = moderate.retraction(world.situation, said_there, Wrong.MISREAD)
    return world.take(moderate.take_back(world.situation, claim, said_there, note), 5)


def test_doubt_is_asked_about_once_told() -> None:
    world = World()
    done = world.say(DOUBTFUL, threat(ZHUKOVSKY), at=0)
    assert [claim for _, claim in done.doubts] == [DOUBTFUL]
    assert world.alarm(BOROVSKY).unconfirmed
    assert world.say(DOUBTFUL, at=20, by=RESCUERS).doubts, "the second one doubts it as well"
    world.say(threat(BOROVSKY), at=30, by=RESCUERS)
    assert not world.say(DOUBTFUL, at=40).doubts, "somebody is sure by now"


def test_to_confirm_takes_the_doubt_away_and_nothing_else() -> None:
    world = World()
    world.say(DOUBTFUL, weak(threat(KALUGA)), at=0)
    before = world.alarm(BOROVSKY)
    done = moderate.confirm(world.situation, DOUBTFUL, source(GOVERNOR, 101, 0))
    assert rows(world.take(done, 1)) == [Transition.CONFIRMED]
    assert not world.alarm(BOROVSKY).unconfirmed and world.alarm(KALUGA).unconfirmed
    assert world.alarm(BOROVSKY).since == before.since
    again = moderate.confirm(world.situation, DOUBTFUL, source(GOVERNOR, 101, 0))
    assert again.situation == world.situation and not again.changes


def test_what_is_taken_back_is_no_all_clear() -> None:
    world = World()
    world.say(DOUBTFUL, threat(ZHUKOVSKY), at=0)
    assert rows(taken_back(world)) == [Transition.TAKEN_BACK]
    assert set(world.places()) == {ZHUKOVSKY}, "of the post's claims only this one"
    assert world.situation.clears == ()
    (note,) = world.situation.retractions
    assert (note.areas, note.hazard, note.version) == (
        (BOROVSKY,),
        Hazard.UAV,
        world.situation.version,
    )


def test_the_last_danger_taken_back_ends_its_incident_without_a_clear() -> None:
    world = World()
    world.say(DOUBTFUL, at=0)
    taken_back(world)
    assert [each.ending for each in world.published[-1].incidents if hasattr(each, "ending")] == [
        "retracted"
    ]


@pytest.mark.parametrize("by", [GOVERNOR, RESCUERS])
def test_what_another_post_says_too_stays(by: object) -> None:
    world = World()
    world.say(DOUBTFUL, at=0)
    world.say(threat(BOROVSKY), at=20, by=RESCUERS if by is RESCUERS else GOVERNOR)
    taken_back(world)
    assert set(world.places()) == {BOROVSKY}
    assert world.situation.retractions == ()


def test_a_correction_says_what_is_true_and_takes_back_the_rest() -> None:
    world = World()
    world.say(weak(threat(BOROVSKY, KALUGA)), at=0)
    said_there = source(GOVERNOR, 101, 0)
    note = moderate.retraction(world.situation, said_there, Wrong.MISREAD)
    claim, truth = weak(threat(BOROVSKY, KALUGA)), threat(KALUGA, ZHUKOVSKY)
    world.take(moderate.correct(world.situation, claim, truth, said_there, note, areas()), 5)
    assert set(world.places()) == {KALUGA, ZHUKOVSKY}
    assert not world.alarm(KALUGA).unconfirmed
    assert [each.areas for each in world.situation.retractions] == [(BOROVSKY,)]
    assert world.situation.clears == ()


def test_by_hand_a_drill_cannot_become_an_alert_nor_an_alert_a_drill() -> None:
    world = World()
    words = manual.source("x", 1, START)
    done = manual.rehearse(world.situation, said(Kind.DRILL, BOROVSKY), words)
    assert done.situation.dangers == () and len(done.situation.drills) == 1
    with pytest.raises(ValueError, match="no drill"):
        manual.rehearse(world.situation, threat(BOROVSKY), words)
    with pytest.raises(ValueError, match="not issued by hand"):
        manual.issue(world.situation, said(Kind.DRILL, BOROVSKY), words, areas())
    world.take(manual.issue(world.situation, threat(REGION), words, areas()), 0)
    assert set(world.places()) == {REGION}
    later = source(GOVERNOR, 5, 9)
    world.take(manual.issue(world.situation, all_clear(REGION), later, areas()), 9)
    assert world.places() == {}
