"""Which of a forum's chats speaks in General for a topic that takes no messages."""

from dataclasses import replace

import pytest

from bot.outbox.topics import covers, speaks_for
from storage.model import AreaCode, Chat, ChatId, ChatKind, TelegramId, Wishes
from tests.unit.bot.made import AREAS, BALABANOVO, BOROVSKY, REGION, ZHUKOVSKY, card, chat

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
