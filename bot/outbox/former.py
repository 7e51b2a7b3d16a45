"""«Continued below»: the messages that a new live card took the place of say so.

Never part of a card's own flight: a waiting edit must not hold up its next sound.
"""

import asyncio
import logging
from collections.abc import Callable

from bot.clock import Clock
from bot.outbox.judge import Snapshots, concerned
from bot.outbox.settle import Rest
from bot.outbox.work import Door, crowd
from bot.outcome import Later, Refused
from bot.pace import Pace, Permit, Wait
from bot.render.card import continued
from bot.texts import Texts
from storage import cards, chats
from storage.areas.tree import Areas
from storage.database import Database, Tx
from storage.model import EVERYTHING, AreaCode, Card, CardId, Chat, Share

_log = logging.getLogger(__name__)


class Former:
    """``edits``: those under way, each a task."""

    def __init__(
        self,
        *,
        database: Database,
        sender: Door,
        pace: Pace,
        areas: Areas,
        texts: Texts,
        clock: Clock,
        monotonic: Callable[[], float],
        snapshots: Snapshots,
        rest: Rest,
        share: Share = EVERYTHING,
    ) -> None:
        self._database = database
        self._sender = sender
        self._pace = pace
        self._areas = areas
        self._texts = texts
        self._clock = clock
        self._monotonic = monotonic
        self._snapshots = snapshots
        self._rest = rest
        self._share = share
        self._waiting: dict[tuple[CardId, int], Chat] = {}
        self.edits: set[asyncio.Task[None]] = set()

    async def recall(self, tx: Tx) -> None:
        """What was waiting when nabat stopped."""
        found = await cards.superseded(tx, self._share)
        audience = await chats.audience(tx, list({card.chat for card in found}))
        for card in found:
            if card.old_message_id is not None:
                self.replaced(card.id, card.old_message_id, audience[card.chat][0])

    def replaced(self, card: CardId, message: int, chat: Chat) -> None:
        self._waiting[card, message] = chat

    def begin(self) -> float | None:
        """Let go as many edits as there are permits; in how many seconds the next may be had,
        None where nothing waits for one."""
        pause: float | None = None
        for (card, message), chat in list(self._waiting.items()):
            now = self._monotonic()
            permit = self._pace.take(now, chat.telegram, group=crowd(chat), edit=True)
            if isinstance(permit, Wait):
                left = permit.until - now
                pause = left if pause is None else min(pause, left)
                continue
            del self._waiting[card, message]
            edit = asyncio.create_task(self._say_continued(card, message, permit))
            self.edits.add(edit)
            edit.add_done_callback(self.edits.discard)
        return pause

    async def _say_continued(self, card_id: CardId, message: int, permit: Permit) -> None:
        try:
            read = await self._database.read(lambda tx: self._superseded(tx, card_id))
            if read is None:
                self._pace.returned(permit)
                return
            card, chat, follows = read
            current = await self._snapshots.of(card.region, card.told)
            if current is None or not follows:
                self._pace.returned(permit)
                return
            text = continued(
                card=card,
                chat=chat,
                follows=follows,
                current=current,
                areas=self._areas,
                words=self._texts[chat.lang],
                now=self._clock.now(),
            )
            outcome = await self._sender.edit(chat.telegram, message, text)
        except Exception:  # noqa: BLE001 - rendering one card failed
            _log.exception("the former message of card %s just stays", card_id)
            return
        finally:
            self._pace.answered(permit, self._monotonic())
        match outcome:
            case Later(seconds=seconds):
                self._pace.slow_down(self._monotonic(), seconds, chat.telegram)
                self.replaced(card_id, message, chat)
            case Refused(why=why):
                self._rest.hold_back(why)
                self.replaced(card_id, message, chat)
            case _:
                await self._database.write(lambda tx: cards.continued(tx, card_id, message))

    async def _superseded(
        self, tx: Tx, card_id: CardId
    ) -> tuple[Card, Chat, tuple[AreaCode, ...]] | None:
        """The card as it is now, and whose it is."""
        card = await cards.get(tx, card_id)
        if card is None:
            return None
        chat, follows = (await chats.audience(tx, [card.chat]))[card.chat]
        return card, chat, concerned(self._areas, follows, card)
