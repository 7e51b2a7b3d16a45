"""Which of a forum's chats speaks in General for a topic that takes no messages."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.outbox.topics import alike, as_loud, calls, covers, speaks_for
from storage.model import (
    AreaCode,
    Chat,
    ChatId,
    ChatKind,
    Loudness,
    QuietHours,
    TelegramId,
    Wishes,
)
from tests.unit.bot.made import AREAS, BALABANOVO, BOROVSKY, REGION, START, ZHUKOVSKY, card, chat

NEXT = AreaCode("RU-TUL")


def _next_to(region: AreaCode) -> tuple[AreaCode, ...]:
    return (REGION,) if region == NEXT else ()


@pytest.mark.parametrize(
    ("mine", "theirs", "covered"),
    [
        ((REGION,), (REGION,), True),
        ((BOROVSKY,), (REGION,), True),
        ((BOROVSKY, ZHUKOVSKY), (ZHUKOVSKY, BOROVSKY), True),
        ((BALABANOVO,), (BOROVSKY,), True),
        ((REGION,), (BOROVSKY,), False),
        ((BOROVSKY,), (BALABANOVO,), False),
        ((BOROVSKY, ZHUKOVSKY), (BOROVSKY,), False),
        ((BOROVSKY,), (), False),
        ((BOROVSKY,), (NEXT,), False),
    ],
)
def test_who_follows_no_less_hears_no_less(
    mine: tuple[AreaCode, ...], theirs: tuple[AreaCode, ...], covered: bool
) -> None:
    general = chat(ChatKind.SUPERGROUP)
    assert covers(card(), mine, general, theirs, AREAS, _next_to) is covered


@pytest.mark.parametrize(
    ("wished", "theirs", "covered"),
    [
        (True, (NEXT,), True),
        (False, (NEXT,), False),
        (False, (BOROVSKY,), True),  # the region itself
        (True, (), False),
    ],
)
def test_a_neighbours_card(wished: bool, theirs: tuple[AreaCode, ...], covered: bool) -> None:
    general = chat(ChatKind.SUPERGROUP, wishes=Wishes(neighbours=wished))
    beyond = card(via=NEXT)
    assert covers(beyond, (REGION,), general, theirs, AREAS, _next_to) is covered


SNOOZED = START + timedelta(hours=1)
NIGHT = QuietHours(start=time(23), end=time(7), zone="Europe/Moscow")  # START is in it


@pytest.mark.parametrize(
    ("theirs", "mine", "as_much"),
    [
        (Wishes(), Wishes(), True),
        (Wishes(), Wishes(loudness=Loudness.SILENT, clear_audible=False, quiet=NIGHT), True),
        (Wishes(loudness=Loudness.IMPORTANT), Wishes(), False),
        (Wishes(louder=((REGION, Loudness.SILENT),)), Wishes(), False),
        (Wishes(louder=((NEXT, Loudness.SILENT),)), Wishes(), True),
        (Wishes(quiet=NIGHT), Wishes(), False),
        (Wishes(quiet=NIGHT), Wishes(quiet=NIGHT), True),
        (Wishes(snoozed_until=SNOOZED), Wishes(), False),
        (Wishes(snoozed_until=START), Wishes(), True),
        (Wishes(clear_audible=False), Wishes(), False),
    ],
)
def test_a_sound_is_not_replaced_by_a_silent_message(
    theirs: Wishes, mine: Wishes, as_much: bool
) -> None:
    assert as_loud(theirs, mine, REGION, START) is as_much


EACH = Wishes(every_district=True)


@pytest.mark.parametrize(
    ("mine", "wishes", "theirs", "other", "same"),
    [
        ((REGION,), Wishes(), (REGION,), Wishes(), True),
        ((BOROVSKY,), Wishes(), (REGION, BOROVSKY), Wishes(), True),
        ((BOROVSKY,), Wishes(), (REGION,), Wishes(), False),
        ((REGION,), EACH, (REGION,), Wishes(), False),
        ((REGION,), EACH, (REGION,), EACH, True),
    ],
)
def test_one_more_district_is_no_sound_to_who_follows_the_region(
    mine: tuple[AreaCode, ...],
    wishes: Wishes,
    theirs: tuple[AreaCode, ...],
    other: Wishes,
    same: bool,
) -> None:
    assert alike(mine, wishes, theirs, other) is same


def test_a_sound_since_the_topic_was_told_calls_for_it_too() -> None:
    fresh, told = card(opened_version=4), card(opened_version=1, told=3)
    assert calls(None, fresh) and calls(card(), fresh), "its first danger is a sound to anybody"
    assert calls(card(sounded=4), fresh) and calls(card(sounded=4), told)
    assert not calls(card(sounded=3), fresh) and not calls(card(sounded=3), told)


def _topic(key: int, *, closed: bool) -> Chat:
    made = chat(ChatKind.SUPERGROUP)
    return replace(made, id=ChatId(key), forum=TelegramId(-42), thread=key, closed=closed)


def test_general_before_closed_topics_and_of_these_one() -> None:
    general = chat(ChatKind.SUPERGROUP)
    fifth, seventh = _topic(5, closed=True), _topic(7, closed=True)
    assert speaks_for(general, fifth) and speaks_for(general, seventh)
    assert speaks_for(fifth, seventh) and not speaks_for(seventh, fifth)
    assert not speaks_for(replace(fifth, closed=False), seventh), "it is told in its own topic"
    assert not speaks_for(fifth, fifth)
