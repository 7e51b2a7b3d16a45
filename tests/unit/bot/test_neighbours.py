"""DOMAIN §5: what a neighbouring region is told, row by row, and what it never is."""

from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.decide import Decision, Lever, decide
from bot.neighbours import around
from bot.outbox.work import Work
from bot.reasons import Reason
from bot.render.card import card as rendered
from bot.render.rich import utf16
from bot.texts import load
from bot.view import beyond
from storage.model import (
    AreaCode,
    Card,
    Casualties,
    Chat,
    ChatKind,
    Danger,
    Fall,
    Hazard,
    Held,
    Kind,
    Lang,
    Level,
    Situation,
    Urgency,
)
from tests.unit.bot.made import (
    AREAS,
    BOROVSKY,
    KALUGA,
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

HOME = AreaCode("RU-TUL")
"""What the chat follows; it borders on REGION."""
TEXTS = load()


def at(n: float) -> datetime:
    return START + minutes(n)


def wide(hazard: Hazard = Hazard.UAV, level: Level = Level.DECLARED, n: float = 0) -> Situation:
    return situation(danger(alarm(REGION, level, at=at(n)), hazard=hazard), version=1)


def news(**changes: object) -> Situation:
    return replace(WIDE, version=2, **changes)  # type: ignore[arg-type]


WIDE = wide()
LOCAL = situation(danger(alarm()), version=1)
ROCKET = situation(danger(alarm(), hazard=Hazard.MISSILE), version=1)
STALE = situation(danger(alarm(REGION, stale_at=at(10))), version=1)


def ask(
    told: Situation | None,
    current: Situation,
    *,
    of: Card | None = None,
    to: Chat | None = None,
    late: float = 21,
) -> Decision:
    one = of or (told_card(sounded=None, sounded_at=None) if told else card())
    return decide(
        card=replace(one, via=HOME),
        chat=to or chat(),
        follows=(REGION,),
        told=told,
        current=current,
        areas=AREAS,
        now=START + minutes(late),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    name: str
    told: Situation | None
    current: Situation
    lever: Lever
    reason: Reason
    ends: bool = False
    late: float = 21


CASES = [
    # told nothing yet
    Case(
        name="danger to the whole region",
        told=None,
        current=WIDE,
        lever=Lever.SILENT,
        reason=Reason.FIRST_DANGER,
    ),
    Case(
        name="an imminent one, of another hazard",
        told=None,
        current=wide(Hazard.SHELLING, Level.IMMINENT),
        lever=Lever.SILENT,
        reason=Reason.FIRST_DANGER,
    ),
    Case(
        name="missiles in one district",
        told=None,
        current=ROCKET,
        lever=Lever.SILENT,
        reason=Reason.FIRST_DANGER,
    ),
    Case(
        name="older danger",
        told=None,
        current=WIDE,
        late=90,
        lever=Lever.SILENT,
        reason=Reason.FIRST_DANGER,
    ),
    Case(
        name="drones in one district",
        told=None,
        current=LOCAL,
        lever=Lever.SKIP,
        reason=Reason.NEIGHBOUR_LOCAL,
        ends=True,
    ),
    Case(
        name="consequences without a danger",
        told=None,
        current=situation(events=(event(Kind.DAMAGE, REGION),), reported_since=at(20)),
        lever=Lever.SKIP,
        reason=Reason.NEIGHBOUR_LOCAL,
        ends=True,
    ),
    Case(
        name="opened and closed before it was reached",
        told=None,
        current=situation(clears=(clear(REGION, at=at(20)),)),
        lever=Lever.SKIP,
        reason=Reason.OPENED_AND_CLOSED,
        ends=True,
    ),
    Case(
        name="a danger of which nothing is known any more",
        told=None,
        current=STALE,
        lever=Lever.SKIP,
        reason=Reason.STALE,
    ),
    # told of danger
    Case(
        name="level rises",
        told=WIDE,
        current=wide(level=Level.IMMINENT),
        lever=Lever.EDIT,
        reason=Reason.RISE,
    ),
    Case(
        name="missiles too",
        told=WIDE,
        current=news(
            dangers=(*WIDE.dangers, danger(alarm(REGION, at=at(20)), hazard=Hazard.MISSILE))
        ),
        lever=Lever.EDIT,
        reason=Reason.MISSILE,
    ),
    Case(
        name="a repeated attack",
        told=WIDE,
        current=news(dangers=(danger(alarm(REGION, named_at=at(20))),)),
        lever=Lever.EDIT,
        reason=Reason.RENEWED,
    ),
    Case(
        name="level falls",
        told=wide(level=Level.IMMINENT),
        current=news(falls=(fall(REGION, at=at(20)),)),
        lever=Lever.EDIT,
        reason=Reason.LEVEL_FELL,
    ),
    Case(
        name="it continues",
        told=WIDE,
        current=news(dangers=(danger(alarm(REGION, confirmed_at=at(20))),)),
        lever=Lever.EDIT,
        reason=Reason.DETAILS,
    ),
    Case(
        name="a district is freed",
        told=WIDE,
        current=news(
            dangers=(danger(alarm(REGION), exempt=(BOROVSKY,)),),
            clears=(clear(BOROVSKY, at=at(20), whole=False),),
        ),
        lever=Lever.EDIT,
        reason=Reason.DETAILS,
    ),
    Case(
        name="one hazard of two is clear",
        told=situation(
            danger(alarm(REGION)), danger(alarm(REGION), hazard=Hazard.MISSILE), version=1
        ),
        current=news(clears=(clear(REGION, hazard=Hazard.MISSILE, at=at(20)),)),
        lever=Lever.EDIT,
        reason=Reason.PART_CLEAR,
    ),
    Case(
        name="all clear",
        told=WIDE,
        current=situation(clears=(clear(REGION, at=at(20)),)),
        lever=Lever.EDIT,
        reason=Reason.ALL_CLEAR,
        ends=True,
    ),
    Case(
        name="all clear of missiles in one district",
        told=ROCKET,
        current=situation(clears=(clear(BOROVSKY, hazard=Hazard.MISSILE, at=at(20)),)),
        lever=Lever.EDIT,
        reason=Reason.ALL_CLEAR,
        ends=True,
    ),
    Case(
        name="clear but for a district",
        told=WIDE,
        current=situation(
            danger(alarm()), clears=(clear(REGION, at=at(20), excluded=(BOROVSKY,), whole=False),)
        ),
        lever=Lever.EDIT,
        reason=Reason.NEIGHBOUR_REST,
        ends=True,
    ),
    Case(
        name="clear, with a district in another danger",
        told=WIDE,
        current=situation(
            danger(alarm(), hazard=Hazard.SHELLING), clears=(clear(REGION, at=at(20)),)
        ),
        lever=Lever.EDIT,
        reason=Reason.NEIGHBOUR_REST,
        ends=True,
    ),
    Case(
        name="an alarm that vanished is never a clear",
        told=WIDE,
        current=situation(),
        lever=Lever.EDIT,
        reason=Reason.VANISHED,
    ),
    Case(
        name="nor one of which a district is left",
        told=WIDE,
        current=situation(danger(alarm())),
        lever=Lever.EDIT,
        reason=Reason.VANISHED,
    ),
    Case(
        name="a clear of a district is none of the region",
        told=WIDE,
        current=situation(clears=(clear(BOROVSKY, at=at(20)),)),
        lever=Lever.EDIT,
        reason=Reason.VANISHED,
    ),
    Case(
        name="stale",
        told=WIDE,
        current=replace(STALE, version=2),
        lever=Lever.EDIT,
        reason=Reason.STALE,
    ),
    Case(
        name="declared anew after it was stale",
        told=STALE,
        current=replace(wide(n=20), version=2),
        lever=Lever.SILENT,
        reason=Reason.FIRST_DANGER,
    ),
    Case(
        name="over and declared anew meanwhile",
        told=WIDE,
        current=replace(wide(n=20), version=3, clears=(clear(REGION, at=at(10)),)),
        lever=Lever.SILENT,
        reason=Reason.FIRST_DANGER,
    ),
    Case(
        name="the all-clear is checked",
        told=WIDE,
        current=news(
            held=(Held(id=1, hazard=Hazard.UAV, areas=(REGION,), why="?", source=source(at(20))),)
        ),
        lever=Lever.EDIT,
        reason=Reason.HELD,
    ),
    Case(
        name="sources lost",
        told=WIDE,
        current=news(lost_since=at(20)),
        lever=Lever.EDIT,
        reason=Reason.SOURCE_LOST,
    ),
    Case(
        name="nothing since",
        told=WIDE,
        current=WIDE,
        lever=Lever.SKIP,
        reason=Reason.NOTHING_NEW,
    ),
    # told of danger, and this is none of its business
    *(
        Case(
            name=name,
            told=WIDE,
            current=now,
            lever=Lever.SKIP,
            reason=Reason.NEIGHBOUR_LOCAL,
        )
        for name, now in (
            (
                "a district is named",
                news(dangers=(danger(alarm(REGION), alarm(level=Level.IMMINENT, at=at(20))),)),
            ),
            (
                "a district in another danger",
                news(dangers=(*WIDE.dangers, danger(alarm(), hazard=Hazard.SHELLING))),
            ),
            ("drones shot down", news(events=(event(Kind.INTERCEPTION, REGION),))),
            (
                "people killed",
                news(events=(event(Kind.CASUALTIES, REGION, casualties=Casualties(dead=9)),)),
            ),
            ("an evacuation", news(events=(event(Kind.EVACUATION, REGION),))),
            ("a flood, as stated", news(events=(event(hazard=Hazard.FLOOD),))),
            ("a drill", news(drills=(event(Kind.DRILL, REGION),))),
            (
                "a district's all-clear is checked",
                news(
                    held=(
                        Held(id=1, hazard=Hazard.UAV, areas=(BOROVSKY,), why="?", source=source()),
                    )
                ),
            ),
            ("the level falls in a district", news(falls=(fall(BOROVSKY, at=at(20)),))),
        )
    ),
]


@pytest.mark.parametrize("kind", [ChatKind.PRIVATE, ChatKind.SUPERGROUP, ChatKind.CHANNEL])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_table(case: Case, kind: ChatKind) -> None:
    decision = ask(case.told, case.current, to=chat(kind), late=case.late)
    assert (decision.lever, decision.reason) == (case.lever, case.reason)
    assert decision.ends is case.ends
    assert decision.anew is (case.lever is Lever.SILENT)
    expected = Urgency.NONE if case.lever is Lever.SKIP else Urgency.INFO
    assert decision.urgency is expected


def test_an_all_clear_is_owed_to_whom_the_danger_may_have_reached() -> None:
    over = situation(clears=(clear(REGION, at=at(20)),))
    decision = ask(None, over, of=card(alarmed=True))
    assert (decision.lever, decision.reason) == (Lever.SILENT, Reason.ALL_CLEAR)
    rest = replace(over, dangers=LOCAL.dangers)
    decision = ask(None, rest, of=card(alarmed=True))
    assert (decision.lever, decision.reason) == (Lever.SILENT, Reason.NEIGHBOUR_REST)


@pytest.mark.parametrize("rest", [(), LOCAL.dangers])
def test_a_lost_card_still_ends(rest: tuple[Danger, ...]) -> None:
    over = situation(*rest, clears=(clear(REGION, at=at(20)),))
    decision = ask(WIDE, over, of=told_card(message_id=None))
    assert (decision.lever, decision.anew, decision.ends) == (Lever.SILENT, True, True)
    assert decision.reason is (Reason.NEIGHBOUR_REST if rest else Reason.ALL_CLEAR)


@pytest.mark.parametrize("kind", [ChatKind.PRIVATE, ChatKind.SUPERGROUP])
@pytest.mark.parametrize(
    "current",
    [wide(level=Level.IMMINENT), situation(clears=(clear(REGION, at=at(10)),))],
    ids=["a rise", "the all-clear"],
)
def test_edits_are_fifteen_minutes_apart(current: Situation, kind: ChatKind) -> None:
    of = told_card(edited_at=START)
    early = ask(WIDE, current, of=of, to=chat(kind), late=14.9)
    assert (early.lever, early.reason, early.until) == (Lever.WAIT, Reason.PACED, at(15))
    assert ask(WIDE, current, of=of, to=chat(kind), late=15).lever is Lever.EDIT


def test_neighbours_come_after_all_who_follow() -> None:
    def work(decision: Decision, rank: int, via: AreaCode | None) -> Work:
        of = card(rank=rank, via=via)
        return Work(
            card=of, chat=chat(), follows=(REGION,), told=None, current=WIDE, decision=decision
        )

    neighbour = work(ask(None, WIDE), 1, HOME)
    edit = replace(neighbour.decision, lever=Lever.EDIT)
    assert work(edit, 2, None).order < neighbour.order


# --- which regions --------------------------------------------------------------------------

_BORDERS = {"A": ("B", "C"), "B": ("A", "D"), "C": ("A",), "D": ("B",)}


@pytest.mark.parametrize(
    ("follows", "found"),
    [
        ((), {}),
        (("A",), {"B": "A", "C": "A"}),
        (("A/one", "A/two"), {"B": "A", "C": "A"}),
        (("A", "B/one"), {"C": "A", "D": "B"}),
        (("C", "B"), {"A": "C", "D": "B"}),
        (("E",), {}),
    ],
)
def test_around(follows: tuple[str, ...], found: dict[str, str]) -> None:
    def neighbours(region: AreaCode) -> tuple[AreaCode, ...]:
        return tuple(AreaCode(code) for code in _BORDERS.get(region, ()))

    assert around([AreaCode(code) for code in follows], neighbours) == found


# --- what it reads --------------------------------------------------------------------------


def reads(
    told: Situation | None, current: Situation, lang: Lang = Lang.RU, **of: object
) -> list[str]:
    one = replace(told_card() if told else card(), via=HOME, **of)  # type: ignore[arg-type]
    message = rendered(
        card=one,
        chat=chat(lang=lang),
        follows=(REGION,),
        current=current,
        areas=AREAS,
        words=TEXTS[lang],
        now=at(21),
        decision=ask(told, current, of=one) if one.open else None,
        told=told,
    )
    assert utf16(message.text) <= 3_500
    return message.text.splitlines()


def test_the_card_speaks_of_the_region_and_calls_nobody_to_a_cellar() -> None:
    mixed = situation(
        danger(alarm(REGION), alarm(level=Level.IMMINENT)),
        danger(alarm(ZHUKOVSKY), hazard=Hazard.SHELLING),
        events=(event(Kind.CASUALTIES, BOROVSKY, casualties=Casualties(dead=1)),),
    )
    lines = reads(None, mixed)
    assert lines[0] == "🟠 ОПАСНОСТЬ · БПЛА · Калужская область. Будьте готовы."
    assert lines[1] == "Калужская область, соседний регион"
    text = "\n".join(lines)
    assert "без звука и меняется не чаще раза в 15 минут" in text
    for unsaid in ("Боровский", "Жуковский", "обстрел", "укрыти", "погиб"):
        assert unsaid not in text


@pytest.mark.parametrize("lang", Lang)
def test_what_is_left_of_a_danger_is_never_called_clear(lang: Lang) -> None:
    said = clear(REGION, at=at(20), excluded=(BOROVSKY,), whole=False)
    rest = situation(danger(alarm()), clears=(said,))
    for lines in (reads(WIDE, rest, lang), reads(WIDE, rest, lang, open=False)):
        assert lines[0].startswith("🔵") and utf16(lines[0]) <= 80
        assert not any("✅" in line for line in lines)
    assert reads(WIDE, rest)[0] == (
        "🔵 ОПАСНОСТЬ ТОЛЬКО В ЧАСТИ РЕГИОНА · Калужская область. Будьте осторожны."
    )


def test_the_all_clear_is_that_of_the_region() -> None:
    over = situation(clears=(clear(REGION, at=at(20)),))
    assert reads(WIDE, over)[0].startswith("✅ ОТБОЙ · БПЛА · Калужская область.")


# --- properties -----------------------------------------------------------------------------

_PLACES = st.sampled_from([REGION, BOROVSKY, ZHUKOVSKY, KALUGA])
_ALARMS = st.builds(
    alarm,
    _PLACES,
    st.sampled_from(Level),
    st.sampled_from([START, at(20)]),
    stale_at=st.sampled_from([None, None, at(20)]),
)
_DANGERS = st.builds(
    lambda alarms, hazard, exempt: danger(
        *{each.area: each for each in alarms}.values(), hazard=hazard, exempt=tuple(exempt)
    ),
    st.lists(_ALARMS, min_size=1, max_size=3),
    st.sampled_from([Hazard.UAV, Hazard.MISSILE, Hazard.FLOOD]),
    st.lists(st.sampled_from([BOROVSKY, KALUGA]), max_size=1),
)
_CLEARS = st.builds(
    lambda area, hazard: clear(area, hazard=hazard, at=at(20)),
    _PLACES,
    st.sampled_from([Hazard.UAV, Hazard.MISSILE]),
)
_FALLS: st.SearchStrategy[Fall] = st.builds(lambda area: fall(area, at=at(20)), _PLACES)
_EVENTS = st.builds(
    lambda kind, area: event(kind, area, casualties=Casualties(dead=9)),
    st.sampled_from([Kind.CASUALTIES, Kind.EVACUATION, Kind.DAMAGE, Kind.INTERCEPTION]),
    _PLACES,
)
_SITUATIONS = st.builds(
    lambda dangers, clears, falls, events: situation(
        *dangers, clears=tuple(clears), falls=tuple(falls), events=tuple(events)
    ),
    st.lists(_DANGERS, max_size=2, unique_by=lambda each: each.hazard),
    st.lists(_CLEARS, max_size=2),
    st.lists(_FALLS, max_size=1),
    st.lists(_EVENTS, max_size=1),
)


@given(st.none() | _SITUATIONS, _SITUATIONS, st.booleans(), st.sampled_from(ChatKind))
def test_never_a_sound_and_never_clear_while_anything_is_in_force(
    told: Situation | None, current: Situation, alarmed: bool, kind: ChatKind
) -> None:
    alarmed = alarmed or (told is not None and bool(beyond(told, AREAS).threats))
    of = told_card(alarmed=alarmed, via=HOME) if told else card(alarmed=alarmed, via=HOME)
    decision = ask(told, current, of=of, to=chat(kind))
    assert decision.lever is not Lever.SOUND
    if told is None and not alarmed and not beyond(current, AREAS).fresh:
        assert decision.lever is Lever.SKIP
    if decision.lever is Lever.SKIP:
        return
    after = replace(of, open=not decision.ends, alarmed=decision.alarmed)
    for one in (of, after):
        message = rendered(
            card=one,
            chat=chat(kind),
            follows=(REGION,),
            current=current,
            areas=AREAS,
            words=TEXTS[Lang.RU],
            now=at(21),
            decision=decision if one is of else None,
            told=told,
        )
        assert not (current.dangers and message.text.startswith("✅"))
        assert not (decision.reason is Reason.VANISHED and message.text.startswith("✅"))


@given(_SITUATIONS, _SITUATIONS)
def test_without_an_all_clear_nothing_ends(told: Situation, current: Situation) -> None:
    decision = ask(told, replace(current, clears=told.clears))
    assert not decision.ends
