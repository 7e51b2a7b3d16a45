"""Corrects what is over: whoever was told of an incident that never was gets a letter, once.

A card that ended is not opened again for it: nothing that says danger is drawn anew. A chat that
follows nothing there any more has asked to hear no more of it, and hears nothing.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.decide import Decision, Lever
from bot.message import Message
from bot.outbox.judge import Snapshots, concerned
from bot.quiet import heard_from
from bot.reasons import Reason
from bot.render.card import card as render_card
from bot.render.phrases import Voice
from bot.render.rich import bold, compose, utf16
from bot.texts import Texts
from bot.view import Threat, View, view_of
from storage import cards, chats, codec, letters, recalls, situations
from storage.areas.tree import Areas
from storage.database import Database, Tx
from storage.model import (
    AreaCode,
    Card,
    Chat,
    Loudness,
    Retraction,
    Situation,
    Urgency,
)
from storage.recalls import Recall, Seen

_AT_ONCE: Final = 200  # cards
_PLACES: Final = 3
_POLL: Final = 5.0  # seconds
_LASTS: Final = timedelta(days=1)

_log = logging.getLogger(__name__)


class Recaller:
    """``wake``: letters are owed. What a kill cut off goes on."""

    def __init__(
        self,
        *,
        database: Database,
        areas: Areas,
        texts: Texts,
        now: Callable[[], datetime],
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._areas = areas
        self._texts = texts
        self._now = now
        self._wake = wake
        self._snapshots = Snapshots(database)
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._woken.clear()
            while (found := await self._database.read(recalls.running)) is not None:
                await self._go_on(found)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_POLL):
                    await self._woken.wait()

    async def _go_on(self, recall: Recall) -> None:
        """One page of cards, in one write."""
        seen = await self._database.read(lambda tx: recalls.seen(tx, recall, _AT_ONCE))
        owed = []
        for each, card, chat, follows in await self._database.read(lambda tx: _whose(tx, seen)):
            await asyncio.sleep(0)  # an alert waits for one card, not for all
            try:
                message = await self._correction(recall, each, card, chat, follows)
            except Exception:  # noqa: BLE001 - the one of this loop: alerts must not end for it
                _log.exception("card %s cannot be corrected", card.id)
                continue
            if message is not None:
                silent = not (each.sounded and self._may_sound(chat, card.region))
                owed.append((card, message, silent))
        key, now = f"retract:{recall.incident.id}", self._now()

        async def write(tx: Tx) -> None:
            for card, message, silent in owed:
                await letters.owe(
                    tx,
                    card.chat,
                    key,
                    codec.dump(message),
                    region=card.via or card.region,
                    at=now,
                    until=now + _LASTS,
                    silent=silent,
                )
            await recalls.reach(tx, recall.incident.id, seen[-1].card if seen else None)

        await self._database.write(write)
        self._wake()

    async def _correction(
        self, recall: Recall, seen: Seen, card: Card, chat: Chat, follows: tuple[AreaCode, ...]
    ) -> Message | None:
        """None: the card has told nothing of this incident."""
        incident, mine = recall.incident, concerned(self._areas, follows, card)
        told: list[AreaCode] = []
        last: Situation | None = None
        for number in seen.versions if mine else ():
            last = await self._snapshots.of(card.region, number)
            if last is not None:
                told += _told(view_of(card, last, mine, self._areas), recall)
        if last is None or not told:
            return None
        note = Retraction(
            hazard=incident.hazard,
            areas=tuple(dict.fromkeys(told)),
            version=last.version + 1,
            at=recall.at,
            wrong=recall.wrong,
        )
        now, words = self._now(), self._texts[chat.lang]
        message = render_card(
            card=replace(card, told=None, open=False),
            chat=chat,
            follows=mine,
            current=Situation(
                region=card.region,
                version=last.version,
                at=recall.at,
                episode=last.episode,
                retractions=(note,),
            ),
            areas=self._areas,
            words=words,
            now=now,
            decision=Decision(
                lever=Lever.SILENT,
                reason=Reason.CORRECTION,
                urgency=Urgency.IMPORTANT,
                ends=True,
            ),
        )
        present = await self._database.read(lambda tx: situations.current(tx, card.region))
        threats = () if present is None else view_of(card, present, mine, self._areas).threats
        voice = Voice(words=words, areas=self._areas, region=card.region, now=now)
        when = voice.say(
            "This is about our messages from {since} to {until}.",
            since=voice.clock(incident.opened_at),
            until=voice.clock(incident.closed_at or recall.at),
        )
        said = replace(
            message,
            text=f"{message.text}\n{when}",
            plain=f"{message.plain}\n{when}" if message.plain else "",
            keyboard=(),
        )
        return _in_force(said, voice, threats) if threats else said

    def _may_sound(self, chat: Chat, region: AreaCode) -> bool:
        now = self._now()
        quiet = heard_from(chat.wishes, now) > now
        return not quiet and chat.wishes.loudness_in(region) is not Loudness.SILENT


def _in_force(message: Message, voice: Voice, threats: Sequence[Threat]) -> Message:
    """Its first words say that danger is in force: nobody takes the rest for its end."""
    what = "; ".join(
        f"{voice.hazard(each.hazard)}: {voice.names((r.area for r in each.live), _PLACES)}"
        for each in threats
    )
    first = voice.say(
        "At {time} danger is in force ({what}). The correction below is about earlier messages"
        " only.",
        time=voice.clock(voice.now),
        what=what,
    )
    text, entities = compose((bold(first),))
    moved = [replace(each, offset=each.offset + utf16(text) + 1) for each in message.entities]
    return replace(
        message,
        text=f"{text}\n{message.text}",
        entities=(*entities, *moved),
        plain=f"{text}\n{message.plain}" if message.plain else "",
    )


async def _whose(
    tx: Tx, seen: Sequence[Seen]
) -> list[tuple[Seen, Card, Chat, tuple[AreaCode, ...]]]:
    out = []
    for each in seen:
        card = await cards.get(tx, each.card)
        audience = {} if card is None else await chats.audience(tx, [card.chat])
        if card is not None and card.chat in audience:
            out.append((each, card, *audience[card.chat]))
    return out


def _told(seen: View, recall: Recall) -> list[AreaCode]:
    """Where a chat was told of the incident: while it was in force, or that it had been."""
    hazard = recall.incident.hazard
    threat = seen.threat(hazard)
    told = [alarm.area for alarm in threat.alarms] if threat is not None else []
    for clear in seen.clears:
        if clear.hazard is hazard and recall.first <= clear.version <= recall.last:
            told += clear.areas
    return told
