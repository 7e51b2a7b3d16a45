"""Who is to read the same reads one rendering."""

from dataclasses import replace
from datetime import timedelta

from bot.decide import decide
from bot.outbox.text import Wording
from bot.outbox.work import Work
from bot.texts import load
from storage.model import AreaCode, CardId, ChatId, Lang, Loudness, Wishes
from tests.unit.bot.made import (
    AREAS,
    BOROVSKY,
    REGION,
    START,
    alarm,
    card,
    chat,
    danger,
    situation,
)

NOW = situation(danger(alarm(REGION), alarm(BOROVSKY)))
LATER = START + timedelta(minutes=5)


def work(number: int, follows: tuple[AreaCode, ...] = (REGION,), **of_chat: object) -> Work:
    whose = replace(chat(), id=ChatId(number), **of_chat)  # type: ignore[arg-type]
    one = card(id=CardId(1000 + number), chat=whose.id, rank=number)
    decision = decide(
        card=one, chat=whose, follows=follows, told=None, current=NOW, areas=AREAS, now=LATER
    )
    return Work(card=one, chat=whose, follows=follows, told=None, current=NOW, decision=decision)


def test_a_thousand_followers_read_one_rendering() -> None:
    wording = Wording(AREAS, load())
    first = wording.message(work(1), LATER)
    assert all(wording.message(work(n), LATER) is first for n in range(2, 1000))


def test_what_one_would_read_otherwise_is_rendered_anew() -> None:
    wording = Wording(AREAS, load())
    first = wording.message(work(1), LATER)
    for other in (
        work(2, (BOROVSKY,)),
        work(2, lang=Lang.UK),
        work(2, wishes=Wishes(interceptions=False)),
    ):
        assert wording.message(other, LATER) is not first
    assert wording.message(work(2), LATER + timedelta(minutes=1)) is not first
    assert wording.message(work(2), LATER + timedelta(seconds=20)) is first


def test_hours_and_loudness_are_in_none_of_the_words() -> None:
    wording = Wording(AREAS, load())
    first = wording.message(work(1), LATER)
    snoozed = Wishes(snoozed_until=LATER + timedelta(hours=1), digest=True)
    louder = Wishes(louder=((REGION, Loudness.IMPORTANT),), every_district=True)
    for wishes in (snoozed, louder):
        assert wording.message(work(2, wishes=wishes), LATER) is first


def test_the_memory_is_bounded() -> None:
    wording = Wording(AREAS, load())
    first = wording.message(work(1), LATER)
    for minute in range(1, 600):
        wording.message(work(1), LATER + timedelta(minutes=minute))
    again = wording.message(work(1), LATER)
    assert again == first and again is not first
