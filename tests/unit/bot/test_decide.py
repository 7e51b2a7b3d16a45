"""DOMAIN §4's table, row by row, for those who follow a district and those who follow a region."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.decide import Decision, Lever, decide
from bot.reasons import SENTENCES, Reason
from bot.table import ROWS
from storage.model import (
    AreaCode,
    Card,
    Casualties,
    Chat,
    ChatKind,
    Hazard,
    Held,
    Kind,
    Level,
    Loudness,
    Situation,
    Urgency,
    Wishes,
)
from tests.unit.bot.made import (
    AFTER_20,
    AREAS,
    BOROVSKY,
    KALUGA,
    KALUGA_DISTRICT,
    REGION,
    START,
    ZHUKOVSKY,
    alarm,
    card,
    chat,
    clear,
    danger,
    event,
    fall,
    minutes,
    situation,
    source,
    told_card,
)

DISTRICT = (BOROVSKY,)
WHOLE = (REGION,)
BOTH = (BOROVSKY, ZHUKOVSKY)
LATER = START + minutes(21)
HOME = "Обломки упали на частный жилой дом."
CALM = situation(version=1)
QUIET = situation(danger(alarm()), version=1)
WIDE = situation(danger(alarm(REGION)), version=1)


def ask(
    told: Situation | None,
    current: Situation,
    follows: tuple[AreaCode, ...] = DISTRICT,
    *,
    of: Card | None = None,
    to: Chat | None = None,
    now: datetime = LATER,
    last_sound: datetime | None = None,
) -> Decision:
    return decide(
        card=of or (told_card() if told else card()),
        chat=to or chat(),
        follows=follows,
        told=told,
        current=current,
        areas=AREAS,
        now=now,
        last_sound=last_sound,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """``late``: minutes since the last sound."""

    name: str
    told: Situation | None
    current: Situation
    district: Lever
    region: Lever
    reason: Reason
    region_reason: Reason | None = None
    follows: tuple[AreaCode, ...] = DISTRICT
    late: float = 21


def at(n: float) -> datetime:
    return START + minutes(n)


def harmed(place: AreaCode, dead: int | None, injured: int | None) -> Situation:
    said = event(Kind.CASUALTIES, place, casualties=Casualties(dead=dead, injured=injured))
    return replace(QUIET, version=2, events=(said,))


CASES = [
    Case(
        name="first danger",
        told=None,
        current=QUIET,
        district=Lever.SOUND,
        region=Lever.SOUND,
        reason=Reason.FIRST_DANGER,
    ),
    Case(
        name="first danger on an open report",
        told=CALM,
        current=situation(danger(alarm(at=at(20)))),
        district=Lever.SOUND,
        region=Lever.SOUND,
        reason=Reason.FIRST_DANGER,
    ),
    Case(
        name="level rises in a district",
        told=QUIET,
        current=situation(danger(alarm(level=Level.IMMINENT, sources=(source(at(20)),)))),
        district=Lever.SOUND,
        region=Lever.EDIT,
        reason=Reason.RISE,
    ),
    Case(
        name="level rises in the region",
        told=WIDE,
        current=situation(danger(alarm(REGION, Level.IMMINENT, sources=(source(at(20)),)))),
        district=Lever.SOUND,
        region=Lever.SOUND,
        reason=Reason.RISE,
    ),
    Case(
        name="missile begins",
        told=QUIET,
        current=situation(danger(alarm()), danger(alarm(at=at(20)), hazard=Hazard.MISSILE)),
        district=Lever.SOUND,
        region=Lever.SOUND,
        reason=Reason.MISSILE,
    ),
    Case(
        name="another hazard begins in a district",
        told=QUIET,
        current=situation(danger(alarm()), danger(alarm(at=at(20)), hazard=Hazard.SHELLING)),
        district=Lever.SOUND,
        region=Lever.EDIT,
        reason=Reason.NEW_HAZARD,
    ),
    Case(
        name="flood",
        told=QUIET,
        current=situation(danger(alarm()), danger(alarm(at=at(20)), hazard=Hazard.FLOOD)),
        district=Lever.SOUND,
        region=Lever.SOUND,
        reason=Reason.FLOOD,
    ),
    Case(
        name="newly named",
        told=QUIET,
        current=situation(danger(alarm(), alarm(ZHUKOVSKY, at=at(20)))),
        follows=BOTH,
        district=Lever.SOUND,
        region=Lever.EDIT,
        reason=Reason.PLACE_NAMED,
    ),
    Case(
        name="newly named, an hour after the last sound",
        told=QUIET,
        current=situation(danger(alarm(), alarm(ZHUKOVSKY, at=at(60)))),
        follows=BOTH,
        late=61,
        district=Lever.SOUND,
        region=Lever.SOUND,
        reason=Reason.PLACE_NAMED,
        region_reason=Reason.DIGEST,
    ),
    Case(
        name="named again after its clear",
        told=situation(danger(alarm(ZHUKOVSKY)), version=1, clears=(clear(BOROVSKY),)),
        current=situation(danger(alarm(ZHUKOVSKY), alarm(at=at(20))), clears=(clear(BOROVSKY),)),
        follows=BOTH,
        district=Lever.SOUND,
        region=Lever.EDIT,
        reason=Reason.NAMED_AGAIN,
        region_reason=Reason.PLACE_NAMED,
    ),
    Case(
        name="renewed after ten minutes",
        told=QUIET,
        current=situation(danger(alarm(named_at=at(20), sources=(source(at(20)),)))),
        district=Lever.SOUND,
        region=Lever.EDIT,
        reason=Reason.RENEWED,
    ),
    Case(
        name="renewed at once",
        told=QUIET,
        current=situation(danger(alarm(named_at=at(8), sources=(source(at(8)),)))),
        late=9,
        district=Lever.EDIT,
        region=Lever.EDIT,
        reason=Reason.RENEWED,
    ),
    Case(
        name="continues",
        told=QUIET,
        current=situation(danger(alarm(confirmed_at=at(20)))),
        district=Lever.EDIT,
        region=Lever.EDIT,
        reason=Reason.DETAILS,
    ),
    Case(
        name="the whole region after a district of it",
        told=QUIET,
        current=situation(danger(alarm(), alarm(REGION, at=at(20)))),
        district=Lever.EDIT,
        region=Lever.SOUND,
        reason=Reason.DETAILS,
        region_reason=Reason.WIDENED,
    ),
    Case(
        name="evacuation",
        told=QUIET,
        current=replace(QUIET, version=2, events=(event(Kind.EVACUATION, BOROVSKY),)),
        district=Lever.SOUND,
        region=Lever.SOUND,
        reason=Reason.EVACUATION,
    ),
    Case(
        name="one injured",
        told=QUIET,
        current=harmed(BOROVSKY, None, 1),
        district=Lever.SOUND,
        region=Lever.EDIT,
        reason=Reason.HARM,
        region_reason=Reason.EVENT,
    ),
    Case(
        name="five injured",
        told=QUIET,
        current=harmed(BOROVSKY, 0, 5),
        district=Lever.SOUND,
        region=Lever.SOUND,
        reason=Reason.HARM,
    ),
    Case(
        name="one dead",
        told=QUIET,
        current=harmed(BOROVSKY, 1, None),
        district=Lever.SOUND,
        region=Lever.SOUND,
        reason=Reason.HARM,
    ),
    Case(
        name="nobody hurt",
        told=QUIET,
        current=harmed(BOROVSKY, 0, 0),
        district=Lever.EDIT,
        region=Lever.EDIT,
        reason=Reason.EVENT,
    ),
    Case(
        name="a hit on a home",
        told=QUIET,
        current=replace(
            QUIET,
            version=2,
            events=(event(Kind.DAMAGE, BOROVSKY, sources=(source(AFTER_20, quote=HOME),)),),
        ),
        district=Lever.SOUND,
        region=Lever.EDIT,
        reason=Reason.HARM,
        region_reason=Reason.EVENT,
    ),
    Case(
        name="report opens",
        told=None,
        current=situation(events=(event(Kind.DAMAGE, BOROVSKY),), reported_since=AFTER_20),
        district=Lever.SOUND,
        region=Lever.SOUND,
        reason=Reason.REPORT,
    ),
    Case(
        name="level falls",
        told=situation(danger(alarm(level=Level.IMMINENT)), version=1),
        current=situation(danger(alarm()), falls=(fall(BOROVSKY, at=at(20)),)),
        district=Lever.SILENT,
        region=Lever.SILENT,
        reason=Reason.LEVEL_FELL,
    ),
    Case(
        name="all clear",
        told=QUIET,
        current=situation(clears=(clear(BOROVSKY, at=at(20)),)),
        district=Lever.SOUND,
        region=Lever.SOUND,
        reason=Reason.ALL_CLEAR,
    ),
    Case(
        name="all clear four hours after the last sound",
        told=QUIET,
        current=situation(clears=(clear(BOROVSKY, at=at(240)),)),
        late=241,
        district=Lever.SILENT,
        region=Lever.SILENT,
        reason=Reason.ALL_CLEAR,
    ),
    Case(
        name="part is clear",
        told=situation(danger(alarm(), alarm(ZHUKOVSKY)), version=1),
        current=situation(
            danger(alarm(ZHUKOVSKY)), clears=(clear(BOROVSKY, at=at(20), whole=False),)
        ),
        follows=BOTH,
        district=Lever.SILENT,
        region=Lever.EDIT,
        reason=Reason.PART_CLEAR,
    ),
    Case(
        name="one hazard of two is clear",
        told=situation(danger(alarm()), danger(alarm(), hazard=Hazard.MISSILE), version=1),
        current=situation(
            danger(alarm()), clears=(clear(BOROVSKY, hazard=Hazard.MISSILE, at=at(20)),)
        ),
        district=Lever.SILENT,
        region=Lever.EDIT,
        reason=Reason.PART_CLEAR,
    ),
    Case(
        name="interception",
        told=QUIET,
        current=replace(QUIET, version=2, events=(event(Kind.INTERCEPTION, BOROVSKY),)),
        district=Lever.EDIT,
        region=Lever.EDIT,
        reason=Reason.EVENT,
    ),
    Case(
        name="correction of what sounded",
        told=harmed(BOROVSKY, 1, 2),
        current=replace(
            QUIET,
            version=3,
            events=(
                event(
                    Kind.CASUALTIES,
                    BOROVSKY,
                    casualties=Casualties(dead=2, injured=2),
                    was=Casualties(dead=1, injured=2),
                    corrected_at=at(20),
                ),
            ),
        ),
        district=Lever.SOUND,
        region=Lever.SOUND,
        reason=Reason.CORRECTION,
    ),
    Case(
        name="correction of what never sounded",
        told=replace(QUIET, events=(event(Kind.INTERCEPTION, BOROVSKY),)),
        current=replace(
            QUIET,
            version=2,
            events=(event(Kind.INTERCEPTION, BOROVSKY, corrected_at=at(20)),),
        ),
        district=Lever.EDIT,
        region=Lever.EDIT,
        reason=Reason.EVENT,
    ),
    Case(
        name="stale",
        told=QUIET,
        current=situation(danger(alarm(stale_at=at(20)))),
        district=Lever.EDIT,
        region=Lever.EDIT,
        reason=Reason.STALE,
    ),
    Case(
        name="declared anew after it was stale",
        told=situation(danger(alarm(stale_at=at(10))), version=1),
        current=situation(danger(alarm(at=at(20)))),
        district=Lever.SOUND,
        region=Lever.SOUND,
        reason=Reason.FIRST_DANGER,
    ),
    Case(
        name="sources lost",
        told=QUIET,
        current=replace(QUIET, version=2, lost_since=at(20)),
        district=Lever.EDIT,
        region=Lever.EDIT,
        reason=Reason.SOURCE_LOST,
    ),
    Case(
        name="sources back",
        told=replace(QUIET, lost_since=at(10)),
        current=QUIET,
        district=Lever.EDIT,
        region=Lever.EDIT,
        reason=Reason.SOURCE_BACK,
    ),
    Case(
        name="held all-clear",
        told=QUIET,
        current=replace(
            QUIET,
            version=2,
            held=(
                Held(id=1, hazard=Hazard.UAV, areas=(BOROVSKY,), why="?", source=source(at(20))),
            ),
        ),
        district=Lever.EDIT,
        region=Lever.EDIT,
        reason=Reason.HELD,
    ),
    Case(
        name="an alarm that vanished is never a clear",
        told=QUIET,
        current=CALM,
        district=Lever.EDIT,
        region=Lever.EDIT,
        reason=Reason.VANISHED,
    ),
    Case(
        name="opened and closed before anybody was reached",
        told=None,
        current=situation(clears=(clear(BOROVSKY, at=at(20)),)),
        district=Lever.SILENT,
        region=Lever.SILENT,
        reason=Reason.OPENED_AND_CLOSED,
    ),
    Case(
        name="older danger",
        told=None,
        current=QUIET,
        late=62,
        district=Lever.SILENT,
        region=Lever.SILENT,
        reason=Reason.FIRST_DANGER,
    ),
]


@pytest.mark.parametrize("kind", [ChatKind.PRIVATE, ChatKind.SUPERGROUP, ChatKind.CHANNEL])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_table(case: Case, kind: ChatKind) -> None:
    now = START + minutes(case.late)
    district = ask(case.told, case.current, case.follows, to=chat(kind), now=now)
    assert (district.lever, district.reason) == (case.district, case.reason)
    region = ask(case.told, case.current, WHOLE, to=chat(kind), now=now)
    assert (region.lever, region.reason) == (case.region, case.region_reason or case.reason)
    for decision in (district, region):
        fresh_message = decision.lever in (Lever.SOUND, Lever.SILENT)
        if kind is not ChatKind.PRIVATE:
            assert decision.anew is fresh_message
        over = decision.reason in (Reason.ALL_CLEAR, Reason.OPENED_AND_CLOSED)
        assert decision.ends is over
        soft = (Reason.LEVEL_FELL, Reason.PART_CLEAR, Reason.VANISHED, Reason.STALE)
        if over or decision.reason in soft:
            assert not decision.danger
            assert decision.urgency is Urgency.INFO


def test_every_change_has_a_row_and_every_reason_a_sentence() -> None:
    assert set(SENTENCES) == set(Reason)
    assert {case.reason for case in CASES} <= set(ROWS)
    assert all(reason.sentence.endswith(".") for reason in Reason)


def test_a_group_may_choose_every_district() -> None:
    now = situation(danger(alarm(), alarm(ZHUKOVSKY, at=at(20))))
    to = chat(ChatKind.GROUP, wishes=Wishes(every_district=True))
    assert ask(QUIET, now, WHOLE, to=to).lever is Lever.SOUND


def test_what_others_follow_is_not_yours() -> None:
    decision = ask(None, QUIET, (ZHUKOVSKY,))
    assert (decision.lever, decision.reason) == (Lever.SKIP, Reason.NOT_YOURS)
    assert decision.ends and not decision.alarmed


@pytest.mark.parametrize(
    ("kind", "wishes"),
    [
        (Kind.INTERCEPTION, Wishes(interceptions=False)),
        (Kind.CASUALTIES, Wishes(consequences=False)),
        (Kind.OUTAGE, Wishes()),
        (Kind.AIRSPACE_CLOSED, Wishes()),
    ],
)
def test_what_a_chat_does_not_wish_is_skipped(kind: Kind, wishes: Wishes) -> None:
    said = event(kind, BOROVSKY, casualties=Casualties(dead=1))
    for told, now in [
        (QUIET, replace(QUIET, version=2, events=(said,))),
        (None, situation(events=(said,), reported_since=AFTER_20)),
    ]:
        decision = ask(told, now, to=chat(wishes=wishes))
        assert (decision.lever, decision.reason) == (Lever.SKIP, Reason.NOT_WISHED)


@pytest.mark.parametrize(
    ("kind", "wishes"),
    [
        (Kind.OUTAGE, Wishes(utilities=True)),
        (Kind.AIRSPACE_CLOSED, Wishes(airports=True)),
    ],
)
def test_utilities_and_airports_alone_are_silent_cards(kind: Kind, wishes: Wishes) -> None:
    said = event(kind, BOROVSKY)
    alone = ask(None, situation(events=(said,)), to=chat(wishes=wishes))
    assert (alone.lever, alone.ends, alone.alarmed) == (Lever.SILENT, False, False)
    on_card = ask(QUIET, replace(QUIET, version=2, events=(said,)), to=chat(wishes=wishes))
    assert on_card.lever is Lever.EDIT
    over = situation(events=(replace(said, ended_at=at(20)),))
    of = told_card(alarmed=False)
    ended = ask(situation(events=(said,)), over, of=of, to=chat(wishes=wishes))
    assert (ended.lever, ended.ends) == (Lever.EDIT, True)


def test_drills_only_for_those_who_asked_and_never_beside_danger() -> None:
    drill = situation(drills=(event(Kind.DRILL, REGION),))
    assert ask(None, drill).lever is Lever.SKIP
    asked = chat(wishes=Wishes(drills=True))
    heard = ask(None, drill, to=asked)
    assert (heard.lever, heard.reason, heard.ends) == (Lever.SILENT, Reason.DRILL, True)
    assert not heard.danger and not heard.alarmed
    during = replace(QUIET, version=2, drills=drill.drills)
    assert ask(QUIET, during, to=asked).reason is Reason.DRILL_IN_DANGER


@pytest.mark.parametrize(
    ("loudness", "first", "renewed"),
    [
        (Loudness.ALL, Lever.SOUND, Lever.SOUND),
        (Loudness.IMPORTANT, Lever.SOUND, Lever.SILENT),
        (Loudness.SILENT, Lever.SILENT, Lever.SILENT),
    ],
)
def test_loudness(loudness: Loudness, first: Lever, renewed: Lever) -> None:
    to = chat(wishes=Wishes(loudness=loudness))
    assert ask(None, QUIET, to=to).lever is first
    again = situation(danger(alarm(named_at=at(20), sources=(source(at(20)),))))
    assert ask(QUIET, again, to=to).lever is renewed


def test_the_all_clear_is_silent_for_those_who_wish_so() -> None:
    now = situation(clears=(clear(BOROVSKY, at=at(20)),))
    decision = ask(QUIET, now, to=chat(wishes=Wishes(clear_audible=False)))
    assert (decision.lever, decision.quieted) == (Lever.SILENT, Reason.NOT_SOUNDED)


def test_an_all_clear_goes_only_to_those_told_of_danger() -> None:
    now = situation(clears=(clear(BOROVSKY, at=at(20)),))
    decision = ask(QUIET, now, of=told_card(alarmed=False))
    assert (decision.lever, decision.reason) == (Lever.SILENT, Reason.OPENED_AND_CLOSED)


def test_an_old_all_clear_is_not_told_to_a_new_card() -> None:
    old = situation(clears=(clear(BOROVSKY, at=START - minutes(30), version=0),))
    assert ask(None, old).reason is Reason.NOT_YOURS


def test_harm_beside_an_all_clear_is_told_as_the_all_clear() -> None:
    said = event(Kind.CASUALTIES, BOROVSKY, casualties=Casualties(dead=1))
    now = situation(events=(said,), clears=(clear(BOROVSKY, at=at(20)),))
    decision = ask(QUIET, now)
    assert (decision.lever, decision.reason) == (Lever.SOUND, Reason.ALL_CLEAR)
    assert decision.ends and not decision.danger


def test_a_clear_for_the_city_is_none_for_its_district() -> None:
    told = situation(danger(alarm(KALUGA_DISTRICT)), version=1)
    now = situation(clears=(clear(KALUGA, at=at(20)),))
    assert ask(told, now, (KALUGA_DISTRICT,)).reason is Reason.VANISHED


def test_a_clear_of_another_hazard_is_none() -> None:
    now = situation(clears=(clear(BOROVSKY, hazard=Hazard.MISSILE, at=at(20)),))
    assert ask(QUIET, now).reason is Reason.VANISHED


def test_an_exempted_district_is_clear() -> None:
    cleared = clear(BOROVSKY, at=at(20), whole=False)
    now = situation(danger(alarm(REGION), exempt=(BOROVSKY,)), clears=(cleared,))
    assert ask(WIDE, now).reason is Reason.ALL_CLEAR
    assert ask(WIDE, now, (ZHUKOVSKY,)).lever is Lever.SKIP
    assert ask(WIDE, now, WHOLE).reason is Reason.PART_CLEAR


# --- budget, lateness, pace -----------------------------------------------------------------


def test_the_budget_silences_excess_and_spares_first_sounds() -> None:
    of = told_card(sounded_at=at(20))
    hurt = ask(QUIET, harmed(BOROVSKY, 1, None), of=of)
    assert (hurt.lever, hurt.quieted) == (Lever.SILENT, Reason.TOO_SOON)
    named = situation(danger(alarm(), alarm(ZHUKOVSKY, at=at(20))))
    assert ask(QUIET, named, BOTH, of=of).lever is Lever.SOUND
    imminent = danger(alarm(level=Level.IMMINENT, sources=(source(at(20)),)))
    assert ask(QUIET, situation(imminent), of=of).lever is Lever.SOUND
    missile = situation(danger(alarm()), danger(alarm(at=at(20)), hazard=Hazard.MISSILE))
    assert ask(QUIET, missile, WHOLE, of=of).lever is Lever.SOUND
    gone = replace(QUIET, version=2, events=(event(Kind.EVACUATION, BOROVSKY),))
    assert ask(QUIET, gone, of=of).lever is Lever.SOUND


def test_a_sound_on_another_card_counts() -> None:
    assert ask(QUIET, harmed(BOROVSKY, 1, None), last_sound=at(20)).lever is Lever.SILENT


def test_urgent_sounds_are_two_minutes_apart() -> None:
    told = situation(danger(alarm()), clears=(clear(ZHUKOVSKY, at=at(5)),), version=1)
    now = replace(told, version=2, dangers=(danger(alarm(), alarm(ZHUKOVSKY, at=at(20))),))
    assert ask(told, now, BOTH, of=told_card(sounded_at=at(19.5))).lever is Lever.SILENT
    assert ask(told, now, BOTH, of=told_card(sounded_at=at(18.5))).lever is Lever.SOUND


def test_danger_confirmed_lately_still_sounds() -> None:
    now = situation(danger(alarm(sources=(source(), source(at(100), message=101)))))
    assert ask(None, now, now=at(110)).lever is Lever.SOUND


@pytest.mark.parametrize(
    ("kind", "apart"), [(ChatKind.PRIVATE, 10), (ChatKind.GROUP, 30), (ChatKind.CHANNEL, 30)]
)
def test_edits_of_a_card_keep_their_distance(kind: ChatKind, apart: int) -> None:
    now = situation(danger(alarm(confirmed_at=at(20))))
    of = told_card(edited_at=LATER - timedelta(seconds=apart - 1))
    waits = ask(QUIET, now, of=of, to=chat(kind))
    assert (waits.lever, waits.until) == (Lever.WAIT, LATER + timedelta(seconds=1))
    of = told_card(edited_at=LATER - timedelta(seconds=apart))
    assert ask(QUIET, now, of=of, to=chat(kind)).lever is Lever.EDIT


def test_a_lost_card_is_sent_anew_and_silently() -> None:
    now = situation(danger(alarm(confirmed_at=at(20))))
    decision = ask(QUIET, now, of=told_card(message_id=None))
    assert (decision.lever, decision.reason) == (Lever.SILENT, Reason.CARD_LOST)
    assert decision.anew


def test_the_card_catches_up_with_a_sound() -> None:
    behind = told_card(told=2, shown=1, seen=2)
    assert ask(QUIET, QUIET, of=behind).reason is Reason.CARD_BEHIND
    closed = replace(behind, open=False)
    assert ask(QUIET, QUIET, of=closed).reason is Reason.CARD_BEHIND
    assert ask(QUIET, QUIET, of=replace(closed, shown=2)).reason is Reason.CLOSED


@pytest.mark.parametrize("told", [QUIET, WIDE])
@pytest.mark.parametrize("follows", [DISTRICT, WHOLE, (REGION, BOROVSKY)])
def test_nothing_new_is_said_once(told: Situation, follows: tuple[AreaCode, ...]) -> None:
    again = replace(told, version=9, at=at(20))
    assert ask(told, again, follows).lever is Lever.SKIP


# --- properties -----------------------------------------------------------------------------

_PLACES = st.sampled_from([REGION, BOROVSKY, ZHUKOVSKY, KALUGA, KALUGA_DISTRICT])
_ALARMS = st.builds(alarm, _PLACES, st.sampled_from(Level), st.sampled_from([START, at(20)]))
_DANGERS = st.builds(
    lambda alarms, hazard, exempt: danger(
        *{each.area: each for each in alarms}.values(), hazard=hazard, exempt=tuple(exempt)
    ),
    st.lists(_ALARMS, min_size=1, max_size=3),
    st.sampled_from([Hazard.UAV, Hazard.MISSILE, Hazard.AIR_RAID]),
    st.lists(st.sampled_from([BOROVSKY, KALUGA]), max_size=1),
)
_SITUATIONS = st.lists(_DANGERS, max_size=2, unique_by=lambda each: each.hazard).map(
    lambda dangers: situation(*dangers)
)
_FOLLOWS = st.lists(_PLACES, min_size=1, max_size=3, unique=True).map(tuple)


@given(_SITUATIONS, _SITUATIONS, _FOLLOWS)
def test_without_an_all_clear_nothing_ends_and_nothing_is_called_clear(
    told: Situation, current: Situation, follows: tuple[AreaCode, ...]
) -> None:
    decision = ask(told, current, follows)
    assert not decision.ends
    assert decision.reason not in (
        Reason.ALL_CLEAR,
        Reason.PART_CLEAR,
        Reason.OPENED_AND_CLOSED,
    )


@given(_SITUATIONS, _FOLLOWS, st.sampled_from(ChatKind))
def test_first_danger_always_sounds(
    current: Situation, follows: tuple[AreaCode, ...], kind: ChatKind
) -> None:
    decision = ask(None, current, follows, to=chat(kind), last_sound=LATER)
    assert decision.lever in (Lever.SOUND, Lever.SKIP)
    assert decision.danger is decision.alarmed is (decision.lever is Lever.SOUND)


@given(_SITUATIONS, _SITUATIONS, _FOLLOWS, st.sampled_from(Loudness))
def test_silent_chats_never_hear_a_sound_and_lose_no_message(
    told: Situation, current: Situation, follows: tuple[AreaCode, ...], loudness: Loudness
) -> None:
    quiet = ask(told, current, follows, to=chat(wishes=Wishes(loudness=loudness)))
    loud = ask(told, current, follows)
    if loudness is Loudness.SILENT:
        assert quiet.lever is not Lever.SOUND
    assert (quiet.lever in (Lever.SOUND, Lever.SILENT)) is (
        loud.lever in (Lever.SOUND, Lever.SILENT)
    )
