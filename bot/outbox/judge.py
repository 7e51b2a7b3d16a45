"""Who is behind, and what is decided for each; what leaves nothing to say is settled here."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot.clock import Clock
from bot.decide import Decision, Lever, decide
from bot.dispatch import SUBSCRIBED
from bot.outbox.work import Behind, Page, Work
from bot.quiet import OneTier, no_region
from storage import audit, cards, chats, silences, situations
from storage.areas.tree import Areas
from storage.database import Database, Tx
from storage.model import (
    EVERYTHING,
    AreaCode,
    Card,
    CardId,
    Chat,
    Hazard,
    Share,
    Situation,
    Urgency,
)

OURS_TO_FIX = timedelta(minutes=10)
"""How long a card that we cannot make is set aside."""

_MOST_SNAPSHOTS = 500

_log = logging.getLogger(__name__)


def followed(areas: Areas, follows: Sequence[AreaCode], region: AreaCode) -> tuple[AreaCode, ...]:
    """What a chat follows in a region; for a code that the tree has no more, all of it."""
    mine = (code for code in follows if areas.contains(region, code))
    return tuple(dict.fromkeys(code if code in areas else region for code in mine))


def concerned(areas: Areas, follows: Sequence[AreaCode], card: Card) -> tuple[AreaCode, ...]:
    """The same for a card; a neighbour hears of the whole region."""
    return (card.region,) if card.via is not None else followed(areas, follows, card.region)


async def silenced_in(tx: Tx, region: AreaCode, now: datetime) -> Mapping[Hazard, datetime]:
    """Hazards whose sounds operators turned off there, and until when."""
    ends: dict[Hazard, datetime] = {}
    for each in await silences.in_force(tx, now, region):
        for hazard in Hazard if each.hazard is None else (each.hazard,):
            ends[hazard] = max(each.until, ends.get(hazard, each.until))
    return ends


async def sounds_otherwise(tx: Tx, work: Work, now: datetime) -> bool:
    """Whether a silence began or ended since the decision, that waits for the end of one."""
    if work.decision.again is None or not work.silenced:
        return False
    return await silenced_in(tx, work.card.region, now) != work.silenced


def wishes_otherwise(
    areas: Areas, work: Work, now: tuple[Chat, tuple[AreaCode, ...]] | None
) -> bool:
    """Whether the chat changed what it follows, its wishes or its language since the decision."""
    if now is None:
        return False
    chat, follows = now
    mine = followed(areas, follows, work.card.region)
    if work.card.via is not None:
        changed = bool(mine) or not chat.wishes.neighbours
    else:
        changed = mine != work.follows
    return changed or (chat.lang, chat.wishes) != (work.chat.lang, work.chat.wishes)


class Snapshots:
    """Versions of situations as they were told. They never change, so they are kept."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[tuple[AreaCode, int], Situation] = {}

    async def of(self, region: AreaCode, version: int | None) -> Situation | None:
        if version is None:
            return None
        key = (region, version)
        if key not in self._known:
            found = await self._database.read(lambda tx: situations.version(tx, region, version))
            if found is None:
                return None
            if len(self._known) >= _MOST_SNAPSHOTS:
                self._known.clear()
            self._known[key] = found
        return self._known[key]


class Judge:
    """``wake``: something has to be looked at again."""

    def __init__(
        self,
        *,
        database: Database,
        areas: Areas,
        clock: Clock,
        snapshots: Snapshots,
        page: Page,
        wake: Callable[[], None],
        on_decided: Callable[[Work], None],
        share: Share = EVERYTHING,
        one_tier: OneTier = no_region,
    ) -> None:
        self._database = database
        self._areas = areas
        self._clock = clock
        self._snapshots = snapshots
        self._page = page
        self._wake = wake
        self._on_decided = on_decided
        self._share = share
        self._one_tier = one_tier

    async def behind(
        self, tx: Tx, now: datetime, limit: int, flying: Collection[CardId]
    ) -> list[Behind] | None:
        """At most so many, besides those whose requests are under way; None while the operators
        have paused everything."""
        if await audit.paused(tx):
            return None
        found = [
            card
            for card in await cards.behind(tx, now, limit + len(flying), self._share)
            if card.id not in flying
        ]
        if not found:
            return []
        ids = list({card.chat for card in found})
        audience = await chats.audience(tx, ids)
        sounds = await cards.last_sounds(tx, ids)
        heads: dict[AreaCode, Situation] = {}
        silenced: dict[AreaCode, Mapping[Hazard, datetime]] = {}
        out = []
        for card in found:
            if card.region not in heads:
                current = await situations.current(tx, card.region)
                assert current is not None  # a card's region has a head: foreign key
                heads[card.region] = current
                silenced[card.region] = await silenced_in(tx, card.region, now)
            chat, follows = audience[card.chat]
            out.append(
                Behind(
                    card=card,
                    chat=chat,
                    follows=concerned(self._areas, follows, card),
                    current=heads[card.region],
                    last_sound=sounds.get(card.chat),
                    silenced=silenced[card.region],
                )
            )
        return out

    async def judge_all(self, behind: Sequence[Behind]) -> list[Work]:
        """Those that could be decided. Others have the loop in between: a post on its way to the
        database waits for one decision, not for all."""
        decided = []
        for card in behind:
            await asyncio.sleep(0)
            if (work := await self._judge(card)) is not None:
                decided.append(work)
        return decided

    async def _judge(self, behind: Behind) -> Work | None:
        """None: it could not be decided and is set aside."""
        card, chat, current = behind.card, behind.chat, behind.current
        try:
            told = await self._snapshots.of(card.region, card.told)
            if not card.open and told is not None:
                current = told
            ask = partial(
                decide,
                card=card,
                chat=chat,
                follows=behind.follows,
                current=current,
                areas=self._areas,
                now=self._clock.now(),
                last_sound=behind.last_sound,
                one_tier=self._one_tier(card.region),
                silenced=behind.silenced,
            )
            decision = ask(told=told)
            if card.told is None and card.reason == SUBSCRIBED:
                given = await self._snapshots.of(card.region, card.opened_version)
                since = None if given is None else ask(told=given)
                if since is None or not (since.hushes or since.lever is Lever.SOUND):
                    decision = _shown_at_once(decision)
        except Exception as bug:  # noqa: BLE001 - the one of this loop: a card is set aside
            await self._set_aside(card, bug)
            return None
        work = Work(
            card=card,
            chat=chat,
            follows=behind.follows,
            told=told,
            current=current,
            decision=decision,
            silenced=behind.silenced,
        )
        self._on_decided(work)
        return work

    async def _set_aside(self, card: Card, bug: Exception) -> None:
        _log.exception("card %s of %s could not be decided", card.id, card.region)
        until = self._clock.now() + OURS_TO_FIX
        reason = f"failed: {type(bug).__name__}"

        async def write(tx: Tx) -> None:
            head = await situations.head(tx, card.region)
            await cards.postpone(tx, card.id, until, reason, seen=head)

        await self._database.write(write)
        await self._page(f"card:{card.id}", f"A card of {card.region} cannot be made: {bug!r}")

    async def settle_unsaid(self, work: Sequence[Work]) -> None:
        """Skips and waits, in one write."""
        if not work:
            return
        now = self._clock.now()

        async def write(tx: Tx) -> None:
            audience = await chats.audience(tx, list({w.chat.id for w in work}))
            for w in work:
                other = wishes_otherwise(self._areas, w, audience.get(w.chat.id))
                if other or await sounds_otherwise(tx, w, now):
                    self._wake()  # decided for somebody who has other wishes by now
                    continue
                version, decision = w.current.version, w.decision
                seen = max(w.card.seen, version)
                if w.decision.until is not None:
                    await cards.postpone(
                        tx, w.card.id, w.decision.until, decision.reason, seen=seen
                    )
                    await cards.demote(tx, [(w.card.id, version, Urgency.NONE)])
                else:
                    await cards.skip(
                        tx,
                        w.card.id,
                        seen,
                        decision.reason,
                        close=decision.ends,
                        again=decision.again,
                    )

        await self._database.write(write)

    async def demote(self, work: Sequence[Work]) -> bool:
        """What is less urgent than its card was called for makes way for others; whether any."""
        less = [w for w in work if w.waits_as > w.card.urgency]
        if not less:
            return False

        decided = [(w.card.id, w.current.version, w.waits_as) for w in less]
        await self._database.write(lambda tx: cards.demote(tx, decided))
        return True


def _shown_at_once(decision: Decision) -> Decision:
    """To a chat that came to follow a place during danger, without a sound, neither now nor when
    its quiet hours end: it counts as told. Not so what began since."""
    if decision.lever is not Lever.SOUND:
        return replace(decision, hushes=False, again=None)
    return Decision(
        lever=Lever.SILENT,
        reason=decision.reason,
        urgency=Urgency.IMPORTANT,
        alarmed=decision.alarmed,
        danger=decision.danger,
        anew=True,
    )
