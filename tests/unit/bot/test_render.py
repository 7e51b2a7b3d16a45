"""Cards and news as texts: what they say, and what they never exceed."""

import string
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import texts
from bot.decide import Decision, Lever, decide
from bot.message import Message
from bot.reasons import Reason
from bot.render import card as cards
from bot.render.news import news
from bot.render.phrases import HAZARDS, Voice
from bot.render.rich import clean, shorten, utf16
from storage.model import (
    AreaCode,
    Card,
    Casualties,
    Chat,
    ChatKind,
    Count,
    Event,
    Hazard,
    Held,
    Kind,
    Lang,
    Level,
    Qualifier,
    Situation,
    Wishes,
)
from tests.unit.bot.made import (
    AFTER_20,
    AREAS,
    BALABANOVO,
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

WORDS = texts.load()
DISTRICT = (BOROVSKY,)
WHOLE = (REGION,)
QUIET = situation(danger(alarm()), version=1)
LATER = START + minutes(21)


def shown(
    current: Situation,
    follows: tuple[AreaCode, ...] = DISTRICT,
    *,
    told: Situation | None = None,
    of: Card | None = None,
    to: Chat | None = None,
    now: datetime = LATER,
) -> tuple[Decision, str, str]:
    """Decision, card and news (empty if none is due) for one chat."""
    of, to = of or (told_card() if told else card()), to or chat()
    decision = decide(
        card=of, chat=to, follows=follows, told=told, current=current, areas=AREAS, now=now
    )
    live = cards.card(
        card=of,
        chat=to,
        follows=follows,
        current=current,
        areas=AREAS,
        words=WORDS[to.lang],
        now=now,
        decision=decision,
        told=told,
    )
    check(live)
    if decision.lever not in (Lever.SOUND, Lever.SILENT) or decision.anew:
        return decision, live.text, ""
    message = news(
        card=of,
        chat=to,
        follows=follows,
        told=told,
        current=current,
        areas=AREAS,
        decision=decision,
        words=WORDS[to.lang],
        now=now,
    )
    check(message)
    return decision, live.text, message.text


def check(message: Message) -> None:
    """What holds for every message."""
    total = utf16(message.text)
    assert 0 < total <= cards.LIMIT
    assert 0 < utf16(message.plain) <= 500
    assert len(message.entities) <= 100
    units = message.text.encode("utf-16-le")
    for entity in message.entities:
        assert entity.length > 0
        assert entity.offset >= 0 and entity.offset + entity.length <= total
        piece = units[2 * entity.offset : 2 * (entity.offset + entity.length)]
        piece.decode("utf-16-le")  # no entity splits a surrogate pair
        assert (entity.url is not None) is (entity.type == "text_link")
    assert utf16(message.text.splitlines()[0]) <= 80
    assert clean(message.text.replace("\n", " ")) == " ".join(message.text.split())


# --- what they say --------------------------------------------------------------------------


def test_the_first_line_says_it_all() -> None:
    _, text, _ = shown(QUIET)
    assert text.startswith("🟠 ОПАСНОСТЬ · БПЛА · Боровский район. Отойдите от окон.\n")
    for part in ("Калужская область", "с 00:33, 21 мин", "Губернатор Шапша, 00:33", "#1·1"):
        assert part in text
    assert "Что делать:" in text


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        (Lang.RU, "🔴 ТРЕВОГА · ракеты · Калужская область. В укрытие!"),
        (Lang.UK, "🔴 ТРИВОГА · ракети · Калузька область. В укриття!"),
        (Lang.EN, "🔴 ALARM · missiles · Kaluga Oblast. Take cover!"),
    ],
)
def test_in_every_language(lang: Lang, line: str) -> None:
    now = situation(danger(alarm(REGION, Level.IMMINENT), hazard=Hazard.MISSILE))
    _, text, _ = shown(now, WHOLE, to=chat(lang=lang))
    assert text.splitlines()[0] == line


def test_a_rise_is_news() -> None:
    now = situation(danger(alarm(level=Level.IMMINENT, sources=(source(AFTER_20),))))
    _, _, text = shown(now, told=QUIET)
    assert text.startswith("🔴 ТРЕВОГА, уровень повышен · БПЛА · Боровский район. В укрытие!")


def test_all_clear_with_harm_below() -> None:
    said = event(Kind.CASUALTIES, BOROVSKY, casualties=Casualties(dead=1, injured=0))
    now = situation(events=(said,), clears=(clear(BOROVSKY, at=AFTER_20),))
    decision, live, text = shown(now, told=QUIET)
    assert decision.reason is Reason.ALL_CLEAR
    for each in (live, text):
        assert each.startswith("✅ ОТБОЙ · БПЛА · Боровский район.")
        assert "отбой в 00:53. Опасность действовала с 00:33, 20 мин" in each
        assert each.index("ОТБОЙ") < each.index("погибли: 1")
    assert "пострадавших нет" in text


def test_part_clear_has_no_tick() -> None:
    told = situation(danger(alarm(), alarm(ZHUKOVSKY)), version=1)
    now = situation(danger(alarm(ZHUKOVSKY)), clears=(clear(BOROVSKY, at=AFTER_20, whole=False),))
    for kind in ChatKind:
        _, live, text = shown(now, (BOROVSKY, ZHUKOVSKY), told=told, to=chat(kind))
        assert "✅" not in live + text
    _, _, text = shown(now, (BOROVSKY, ZHUKOVSKY), told=told)
    assert "Отбой: БПЛА — Боровский район; остаётся: БПЛА — Жуковский район" in text


ALL_BUT_BOROVSKY = situation(
    danger(alarm(BOROVSKY)),
    clears=(clear(REGION, at=AFTER_20, whole=False, excluded=(BOROVSKY,)),),
)
"""«Відбій … тривога ще триває у: LIST» is no all-clear of the whole region."""


def test_an_all_clear_with_exceptions_names_them() -> None:
    told = situation(danger(alarm(REGION)), version=1)
    _, live, _ = shown(ALL_BUT_BOROVSKY, WHOLE, told=told)
    assert "отбой (БПЛА): весь регион (кроме: Боровский район)" in live
    _, _, text = shown(ALL_BUT_BOROVSKY, (BOROVSKY, ZHUKOVSKY), told=told)
    assert "Отбой: БПЛА — весь регион (кроме: Боровский район); остаётся: БПЛА — Боровс" in text


def test_a_place_that_an_all_clear_excepts_hears_none() -> None:
    decision, live, _ = shown(ALL_BUT_BOROVSKY, DISTRICT, told=QUIET)
    assert "отбой" not in live.lower()
    assert decision.lever not in (Lever.SOUND, Lever.SILENT)


def test_a_fall_is_never_called_all_clear() -> None:
    told = situation(danger(alarm(level=Level.IMMINENT)), version=1)
    now = situation(danger(alarm()), falls=(fall(BOROVSKY, at=AFTER_20),))
    _, live, text = shown(now, told=told)
    assert "непосредственная угроза снята, опасность (БПЛА) сохраняется" in text
    assert "тбой" not in live + text and "✅" not in live + text


def test_a_vanished_alarm_is_not_shown_as_clear() -> None:
    decision, live, _ = shown(situation(version=2), told=QUIET)
    assert decision.reason is Reason.VANISHED
    assert "СОСТОЯНИЕ НЕИЗВЕСТНО" in live and "✅" not in live
    leftover = situation(clears=(clear(BOROVSKY, hazard=Hazard.MISSILE, at=AFTER_20),))
    _, live, _ = shown(leftover, told=QUIET)
    assert "✅" not in live


def test_the_highest_level_stands_with_the_places_that_have_it() -> None:
    """Danger in the whole region, the alarm in one district: no alarm in the whole region."""
    told = situation(danger(alarm(ZHUKOVSKY)), version=1)
    now = situation(danger(alarm(REGION), alarm(BOROVSKY, level=Level.IMMINENT)))
    for before in (None, told):
        _, live, text = shown(now, WHOLE, told=before)
        for first in (each.splitlines()[0] for each in (live, text) if each):
            assert "Боровский район" in first and "область" not in first, first
            assert "весь регион" not in first
    even = situation(danger(alarm(REGION, level=Level.IMMINENT), alarm(BOROVSKY)))
    _, live, _ = shown(even, WHOLE)
    assert "Калужская область" in live.splitlines()[0]


def test_harm_is_told_with_the_place_where_it_was_done() -> None:
    told = situation(danger(alarm(ZHUKOVSKY)), version=1)
    hurt = event(Kind.CASUALTIES, BOROVSKY, casualties=Casualties(dead=1, injured=None))
    now = situation(danger(alarm(ZHUKOVSKY)), events=(hurt,))
    _, _, text = shown(now, WHOLE, told=told)
    first = text.splitlines()[0]
    assert "есть последствия" in first
    assert "Боровский район" in first and "Жуковский" not in first


def test_a_report_soon_after_the_all_clear_is_no_second_one() -> None:
    """The former card told of it; this one opens three minutes later, for what was shot down."""
    later = AFTER_20 + minutes(3)
    now = situation(
        events=(event(at=later),),
        clears=(clear(BOROVSKY, at=AFTER_20, version=2),),
        reported_since=later,
        version=3,
    )
    opened = card(opened_version=3, opened_at=later)
    decision, live, text = shown(now, of=opened, now=later)
    assert decision.reason is Reason.REPORT
    assert "✅" not in live + text
    assert "тбой" not in (live + text).splitlines()[0]


def test_a_report_names_the_chat_s_own_places() -> None:
    everywhere = event(Kind.CASUALTIES, ZHUKOVSKY, KALUGA, BOROVSKY, casualties=Casualties(dead=1))
    now = situation(events=(everywhere,), reported_since=AFTER_20)
    _, live, _ = shown(now)
    first = live.splitlines()[0]
    assert "Боровский район" in first
    assert "Жуковский" not in first and "Калуга" not in first and "ещё" not in first


def test_opened_and_closed_says_both() -> None:
    _, live, _ = shown(situation(clears=(clear(BOROVSKY, at=AFTER_20),)))
    assert live.startswith("✅ БЫЛА ОПАСНОСТЬ, УЖЕ ОТБОЙ · БПЛА · Боровский район.")


def test_an_all_clear_names_only_what_it_cleared() -> None:
    now = situation(clears=(clear(BOROVSKY, at=AFTER_20),))
    _, live, _ = shown(now, (BOROVSKY, KALUGA), told=QUIET)
    assert "Калуга" not in live.splitlines()[0]


def test_all_clears_of_earlier_episodes_are_not_told_again() -> None:
    earlier = clear(
        BOROVSKY,
        hazard=Hazard.MISSILE,
        at=START - minutes(200),
        since=START - minutes(300),
        version=0,
    )
    now = situation(clears=(earlier, clear(BOROVSKY, at=AFTER_20)))
    _, live, text = shown(now, told=replace(QUIET, clears=(earlier,)))
    assert "✅ ОТБОЙ · БПЛА ·" in text and "✅ ОТБОЙ · БПЛА ·" in live
    assert "акет" not in live + text


def test_many_places_are_counted() -> None:
    _, text, _ = shown(situation(danger(*map(alarm, (BOROVSKY, ZHUKOVSKY, KALUGA)))), WHOLE)
    assert text.startswith("🟠 ОПАСНОСТЬ · БПЛА · Боровский район и ещё 2. Отойдите от окон.")


def test_an_evacuation_alone() -> None:
    now = situation(events=(event(Kind.EVACUATION, BOROVSKY, hazard=Hazard.FLOOD),))
    decision, live, _ = shown(now)
    assert decision.lever is Lever.SOUND and decision.danger and not decision.ends
    assert live.startswith("🔴 ЭВАКУАЦИЯ · наводнение · Боровский район. Следуйте указаниям.")


def test_late() -> None:
    late = source(
        received_at=START
        + minutes(
            21,
        )
    )
    _, text, _ = shown(situation(danger(alarm(sources=(late,)))))
    assert "объявлено в 00:33, получено с опозданием на 21 минуту" in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"onset_known": False}, "начало нам неизвестно"),
        ({"bounds_unclear": True}, "границы уточняются"),
        ({"unconfirmed": True}, "не подтверждено"),
        ({"stale_at": LATER}, "отбой не опубликован, последнее сообщение 21 мин назад"),
        ({"sources": (source(deleted=True),)}, "пост удалён источником"),
    ],
)
def test_what_is_unsure_is_said(changes: dict[str, Any], words: str) -> None:
    _, text, _ = shown(situation(danger(replace(alarm(), **changes))))
    assert words in text


def test_lost_sources_and_held_all_clears() -> None:
    held = Held(id=1, hazard=Hazard.UAV, areas=DISTRICT, why="?", source=source(message=300))
    now = replace(QUIET, lost_since=AFTER_20, held=(held,))
    _, text, _ = shown(now, told=QUIET)
    assert "Связь с источниками потеряна с 00:53" in text
    assert "Сообщение об отбое проверяется: Губернатор Шапша" in text
    _, text, _ = shown(QUIET, told=now)
    assert "Связь с источниками восстановлена" in text


def test_events_as_stated() -> None:
    first = event(
        Kind.INTERCEPTION,
        BOROVSKY,
        count=Count(n=7, qualifier=Qualifier.AT_LEAST),
        casualties=Casualties(dead=0),
        preliminary=True,
    )
    second = event(
        Kind.CASUALTIES,
        key="2",
        unnamed=True,
        casualties=Casualties(injured=5),
        was=Casualties(injured=3),
        at=AFTER_20 + minutes(1),
    )
    _, text, _ = shown(replace(QUIET, events=(second, first)))
    assert "00:53 — Боровский район: сбиты: БПЛА — не менее 7, погибших нет" in text
    assert "(предварительно)" in text
    assert "в одном из районов: пострадали: было 3, стало 5" in text
    assert text.index("не менее 7") < text.index("стало 5")


def test_a_drill_says_so_first_and_last() -> None:
    now = situation(drills=(event(Kind.DRILL, REGION),))
    _, text, _ = shown(now, to=chat(wishes=Wishes(drills=True)))
    assert text.startswith("УЧЕБНАЯ ТРЕВОГА") and text.endswith("УЧЕБНАЯ ТРЕВОГА")


def test_a_specimen_says_so_first_and_last() -> None:
    made = cards.card(
        card=card(),
        chat=chat(),
        follows=DISTRICT,
        current=QUIET,
        areas=AREAS,
        words=WORDS[Lang.RU],
        now=LATER,
        sample=True,
    )
    assert made.text.startswith("УЧЕБНЫЙ ОБРАЗЕЦ\n🟠 ОПАСНОСТЬ")
    assert made.text.endswith("УЧЕБНЫЙ ОБРАЗЕЦ")


def test_a_former_card_says_where_the_story_goes_on() -> None:
    made = cards.continued(
        card=told_card(),
        chat=chat(ChatKind.GROUP),
        follows=DISTRICT,
        current=QUIET,
        areas=AREAS,
        words=WORDS[Lang.RU],
        now=LATER,
    )
    check(made)
    assert made.text.endswith("продолжение ниже")


def test_a_digest_counts_the_districts() -> None:
    told = situation(danger(alarm()), version=1)
    at = START + minutes(70)
    more = [alarm(place, at=at) for place in (ZHUKOVSKY, KALUGA)]
    decision, _, text = shown(
        situation(danger(alarm(), *more)), WHOLE, told=told, now=at + minutes(1)
    )
    assert decision.reason is Reason.DIGEST
    assert text.startswith("🟠 ОПАСНОСТЬ, ещё 2 района · БПЛА · Жуковский район")


def test_the_date_stands_where_it_is_not_today() -> None:
    _, text, _ = shown(QUIET, now=START + timedelta(days=1))
    assert "с 04.05 00:33, 24 ч" in text


@pytest.mark.parametrize(
    ("n", "words"),
    [(1, "1 минуту"), (2, "2 минуты"), (5, "5 минут"), (11, "11 минут"), (21, "21 минуту")],
)
def test_plurals(n: int, words: str) -> None:
    one = "declared at {time}, received {n} minute late"
    many = "declared at {time}, received {n} minutes late"
    assert WORDS[Lang.RU].count(one, many, n, time="00:33").endswith(words)


def test_links_lead_to_telegram_only() -> None:
    bad = source(link="https://evil.example/1", title="A\u202eB\x07")
    made = cards.card(
        card=card(),
        chat=chat(),
        follows=DISTRICT,
        current=situation(danger(alarm(sources=(bad,)))),
        areas=AREAS,
        words=WORDS[Lang.RU],
        now=LATER,
    )
    assert all(entity.url is None for entity in made.entities)
    check(made)


# --- limits for any input -------------------------------------------------------------------

_PLACES = st.sampled_from([REGION, BOROVSKY, BALABANOVO, ZHUKOVSKY, KALUGA, KALUGA_DISTRICT])
_STRANGE = st.text(
    alphabet=string.printable + "яё🔴\u202e\u0301\ud800\x00«»", max_size=300
).filter(lambda text: "None" not in text)  # what a forgotten value would look like
_SOURCES = st.builds(
    lambda title, quote, number: source(message=number, title=title, quote=quote),
    _STRANGE,
    _STRANGE,
    st.integers(1, 99),
)
_LONG = [AreaCode(f"RU-KLU/{'very-long-name-' * 6}{n}") for n in range(40)]
_ALARMS = st.builds(
    lambda area, level, since, said, stale: alarm(
        area, level, since, sources=(said,), stale_at=LATER if stale else None
    ),
    _PLACES | st.sampled_from(_LONG),
    st.sampled_from(Level),
    st.sampled_from([START, AFTER_20, START - timedelta(days=2)]),
    _SOURCES,
    st.booleans(),
)
_DANGERS = st.builds(
    lambda alarms, hazard: danger(*alarms, hazard=hazard),
    st.lists(_ALARMS, min_size=1, max_size=6, unique_by=lambda each: each.area),
    st.sampled_from(Hazard),
)


def _event(kind: Kind, key: int, n: int, hurt: int | None) -> Event:
    harm = Casualties(dead=hurt, injured=n)
    said = source(message=key, quote="слово " * 60)
    return event(
        kind,
        BOROVSKY,
        key=str(key),
        at=START + timedelta(seconds=key),
        count=Count(n=n),
        casualties=harm,
        sources=(said,),
    )


_EVENTS = st.lists(
    st.builds(
        _event,
        st.sampled_from(Kind),
        st.integers(1, 999),
        st.integers(0, 10**6),
        st.none() | st.integers(0, 99),
    ),
    max_size=60,
    unique_by=lambda each: each.key,
)


@settings(deadline=None, max_examples=120)
@given(
    st.lists(_DANGERS, max_size=10, unique_by=lambda each: each.hazard),
    _EVENTS,
    st.sampled_from([DISTRICT, WHOLE, (KALUGA, ZHUKOVSKY)]),
    st.sampled_from(Lang),
    st.sampled_from(ChatKind),
    st.booleans(),
)
def test_any_card_fits(
    dangers: list[object],
    events: list[Event],
    follows: tuple[AreaCode, ...],
    lang: Lang,
    kind: ChatKind,
    fresh: bool,
) -> None:
    now = situation(*dangers, events=tuple(events))  # type: ignore[arg-type]
    told = None if fresh else QUIET
    decision, live, text = shown(now, follows, told=told, to=chat(kind, lang))
    if decision.lever is Lever.SKIP:
        return
    for each in filter(None, (live, text)):
        assert "None" not in each
        first = each.splitlines()[0]
        if WORDS[lang].say("STATE UNKNOWN") not in first:
            assert any(WORDS[lang].say(HAZARDS[hazard]) in first for hazard in Hazard)


def test_a_crowded_region_keeps_hazard_region_and_state() -> None:
    dangers = [danger(*map(alarm, _LONG), hazard=hazard) for hazard in Hazard]
    events = tuple(_event(Kind.INTERCEPTION, n, n, 0) for n in range(1, 200))
    _, text, _ = shown(situation(*dangers, events=events), WHOLE)
    assert text.startswith("🟠 ОПАСНОСТЬ · ракеты")
    assert "Калужская область" in text
    voice = Voice(words=WORDS[Lang.RU], areas=AREAS, region=REGION, now=LATER)
    for hazard in Hazard:
        assert voice.hazard(hazard).lower() in text.lower()


def test_the_chronology_loses_its_oldest_lines_first() -> None:
    events = tuple(_event(Kind.INTERCEPTION, n, n, 0) for n in range(1, 100))
    _, text, _ = shown(replace(QUIET, events=events))
    assert "(более ранние сообщения не показаны)" in text
    assert "сбиты: БПЛА — 99" in text and "сбиты: БПЛА — 1," not in text


@given(_STRANGE, st.integers(2, 50))
def test_shorten(text: str, limit: int) -> None:
    assert utf16(shorten(clean(text), limit)) <= limit
