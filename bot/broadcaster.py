"""Sends service messages behind everything else: only while no alert waits, a few a second.

A chat is marked as reached before its request leaves, so a kill may cost one chat its message, and
no chat gets it twice. An outage costs nobody anything: it is waited for.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final, Protocol

from bot.clock import Clock
from bot.message import Message
from bot.outbox.work import Door
from bot.outcome import Accepted, Later, Migrated, Refused
from bot.pace import Pace, Permit, Wait
from bot.screens.broadcast import message, progress
from bot.screens.speech import Speech
from bot.texts import Texts
from storage import alerts, audit, broadcasts, cards, chats
from storage.areas.tree import Areas
from storage.broadcasts import Broadcast, State
from storage.database import Database, Tx
from storage.model import AreaCode, Chat, ChatId, ChatKind, Lang, Share, TelegramId

_POLL: Final = 5.0  # seconds
_APART: Final = 0.1  # seconds between two chats
_SHOW_EVERY: Final = 3.0  # seconds between two edits of the progress
_LONGEST_WAIT: Final = 100.0  # seconds until a chat may be written to; else it is passed over

_log = logging.getLogger(__name__)


class Voice(Protocol):
    """A bot, as far as it is needed here: `bot.app.bots.Speaker`."""

    @property
    def pace(self) -> Pace: ...

    @property
    def sender(self) -> Door: ...

    @property
    def share(self) -> Share: ...


class Broadcaster:
    """``voices``: the first one also shows the progress."""

    def __init__(
        self,
        *,
        database: Database,
        voices: Sequence[Voice],
        areas: Areas,
        texts: Texts,
        clock: Clock,
        monotonic: Callable[[], float],
    ) -> None:
        self._database = database
        self._voices = voices
        self._areas = areas
        self._texts = texts
        self._clock = clock
        self._monotonic = monotonic
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled; what was cut off by a kill goes on."""
        while True:
            self._woken.clear()
            found = await self._database.read(broadcasts.running)
            if found is not None:
                await self._go_on(found)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_POLL):
                    await self._woken.wait()

    async def _go_on(self, broadcast: Broadcast) -> None:
        """Until it ends."""
        number, shown_at = broadcast.id, self._monotonic()
        while await self._has_its_turn(number):
            chat = await self._database.write(lambda tx: broadcasts.next_chat(tx, number))
            if chat is None:
                await self._database.write(lambda tx: broadcasts.end(tx, number, State.DONE))
                break
            sent = await self._tell(number, chat, message(broadcast.text))
            await self._database.write(partial(broadcasts.told, number=number, sent=sent))
            if self._monotonic() - shown_at >= _SHOW_EVERY:
                await self._show(number)
                shown_at = self._monotonic()
            await asyncio.sleep(_APART)
        await self._show(number, last=True)

    async def _has_its_turn(self, number: int) -> bool:
        """Waits until nothing more important does; False: it was cancelled."""
        while True:
            standing = partial(_standing, number=number, now=self._clock.now())
            running, busy = await self._database.read(standing)
            if not (running and busy):
                return running
            await self._rest(_POLL)

    async def _rest(self, seconds: float) -> None:
        """Or until something has changed."""
        self._woken.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.05, min(seconds, _POLL))):
                await self._woken.wait()

    async def _tell(self, number: int, id: ChatId, what: Message) -> bool:
        found = await self._database.read(lambda tx: chats.audience(tx, [id]))
        if id not in found:
            return False
        chat, follows = found[id]
        if not follows:
            # A group whose places are its topics' all.
            read = partial(chats.followed_in, telegram=chat.telegram)
            follows = await self._database.read(read)
        voice = self._voice(follows)
        while await self._has_its_turn(number):
            permit = self._permit(voice, chat)
            if isinstance(permit, Wait):
                wait = permit.until - self._monotonic()
                if wait > _LONGEST_WAIT:
                    return False  # a day, perhaps: the others do not wait for one
                await self._rest(wait)
                continue
            try:
                outcome = await voice.sender.send(
                    chat.telegram, what, silent=True, thread=chat.thread
                )
            finally:
                voice.pace.answered(permit, self._monotonic())
            match outcome:
                case Later(seconds=seconds):
                    voice.pace.slow_down(self._monotonic(), seconds, chat.telegram)
                case Refused():
                    await self._rest(_POLL)
                case Migrated(to=to):
                    moved = partial(chats.migrate, old=chat.telegram, new=to)
                    await self._database.write(moved)
                    chat = replace(chat, id=chats.key_of(to, None))
                case _:
                    # Whatever else it is, it may have arrived: it is not said again.
                    return isinstance(outcome, Accepted)
        return False

    def _permit(self, voice: Voice, chat: Chat) -> Permit | Wait:
        """As an edit: the share of the token that leaves room for new alerts."""
        group = chat.kind is not ChatKind.PRIVATE
        return voice.pace.take(self._monotonic(), chat.telegram, group=group, edit=True)

    def _voice(self, follows: Sequence[AreaCode]) -> Voice:
        """The bot that this chat knows."""
        regions = {self._areas.region_of(code).code for code in follows if code in self._areas}
        return next(
            (v for v in self._voices if any(v.share.serves(region) for region in regions)),
            self._voices[0],
        )

    async def _show(self, number: int, *, last: bool = False) -> None:
        """``last``: it waits for its turn; before that the next one will do as well."""

        async def read(tx: Tx) -> tuple[Broadcast | None, Chat | None]:
            found = await broadcasts.get(tx, number)
            return found, await chats.get(tx, ChatId(found.made_by)) if found else None

        found, chat = await self._database.read(read)
        if found is None or found.shown is None:
            return
        words = self._texts[Lang.RU if chat is None else chat.lang]
        screen = progress(Speech(words=words, areas=self._areas), found)
        voice, maker = self._voices[0], TelegramId(found.made_by)
        while True:
            permit = voice.pace.take(self._monotonic(), maker, group=False, edit=True)
            if not isinstance(permit, Wait):
                break
            wait = permit.until - self._monotonic()
            if not last or wait > _LONGEST_WAIT:
                return
            await self._rest(wait)
        try:
            outcome = await voice.sender.edit(maker, found.shown, screen)
        finally:
            voice.pace.answered(permit, self._monotonic())
        if isinstance(outcome, Later):
            voice.pace.slow_down(self._monotonic(), outcome.seconds, maker)
        _log.info("broadcast %d: %d sent (%s)", number, found.sent, type(outcome).__name__)


async def _standing(tx: Tx, number: int, now: datetime) -> tuple[bool, bool]:
    """Whether it still runs; whether an alert waits, or nothing may be sent."""
    found = await broadcasts.running(tx)
    busy = (
        await audit.paused(tx)
        or await alerts.undispatched(tx)
        or await cards.behind(tx, now, limit=1)
    )
    return found is not None and found.id == number, bool(busy)
