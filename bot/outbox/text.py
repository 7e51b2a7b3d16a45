"""The words of a message, rendered once for all chats that are to read the same.

A region follower's card is the same for thousands: what makes one differ is its variant, and no
more than that. The chat and its card are in none of the words.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.decide import Lever
from bot.message import Message
from bot.outbox.work import Work, crowd
from bot.reasons import Reason
from bot.render.card import card as whole_card
from bot.render.news import news
from bot.texts import Texts
from storage.areas.tree import Areas
from storage.model import Wishes

_MOST: Final = 512


def variant(work: Work, now: datetime) -> Hashable:
    """What the words depend on: equal variants read alike. Times are said in minutes."""
    card, decision = work.card, work.decision
    return (
        work.current.region,
        work.current.version,
        None if work.told is None else work.told.version,
        work.chat.lang,
        _kinds(work.chat.wishes),
        crowd(work.chat),
        work.follows,
        decision if decision.again is None else replace(decision, again=None),
        work.silences,
        card.opened_version,
        card.opened_at,
        card.open,
        card.alarmed,
        card.via is None,
        card.sounded_at if decision.reason is Reason.DIGEST else None,
        now.replace(second=0, microsecond=0),
    )


def _kinds(wishes: Wishes) -> tuple[bool, ...]:
    """What of them is in the words: see `bot.events.wanted`. Sounds and hours are not."""
    return (
        wishes.interceptions,
        wishes.consequences,
        wishes.utilities,
        wishes.airports,
        wishes.drills,
    )


class Wording:
    """Of one lane."""

    def __init__(self, areas: Areas, texts: Texts) -> None:
        self._areas = areas
        self._texts = texts
        self._known: OrderedDict[Hashable, Message] = OrderedDict()  # last used last

    def message(self, work: Work, now: datetime) -> Message:
        key = variant(work, now)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._render(work, now)
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        return known

    def _render(self, work: Work, now: datetime) -> Message:
        words = self._texts[work.chat.lang]
        if work.decision.lever is Lever.EDIT or work.decision.anew:
            return whole_card(
                card=work.card,
                chat=work.chat,
                follows=work.follows,
                current=work.current,
                areas=self._areas,
                words=words,
                now=now,
                decision=work.decision,
                told=work.told,
                silences=work.silences,
            )
        return news(
            card=work.card,
            chat=work.chat,
            follows=work.follows,
            told=work.told,
            current=work.current,
            areas=self._areas,
            decision=work.decision,
            words=words,
            now=now,
            silences=work.silences,
        )
