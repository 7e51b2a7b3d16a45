"""Sends service messages behind everything else: only while no alert waits, a few a second.

A chat is marked as reached before its request leaves, so a kill may cost one chat its message, and
no chat gets it twice.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

from bot.message import Message
from bot.outcome import Accepted, Later, Outcome, Refused
from bot.pace import Pace, Wait
from bot.screens.broadcast import message, progress
from bot.screens.speech import Speech
from bot.sender import Sender
from bot.texts import Texts
from storage import alerts, audit, broadcasts, cards, chats
from storage.areas.tree import Areas
from storage.broadcasts import Broadcast, State
from storage.database import Database, Tx
from storage.model import AreaCode, Chat, ChatId, ChatKind, Lang, Share, TelegramId

_POLL: Final = 5.0  # seconds
_APART: Final = 0.1  # seconds between two chats
_SHOW_EVERY: Final = 3.0  # seconds between two edits of the progress
_MOST_TRIES: Final = 20

_log = logging.getLogger(__name__)


class Voice(Protocol):
    """A bot, as far as it is needed here: `bot.app.bots.Speaker`."""

    @property
    def pace(self) -> Pace: ...

    @property
    def sender(self) -> Sender: ...

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
        monotonic: Callable[[], float],
    ) -> None:
        self._database = database
        self._voices = voices
        self._areas = areas
        self._texts = texts
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
        """Until it ends, or something more important waits."""
        number, shown_at = broadcast.id, self._monotonic()
        while not await self._database.read(_is_busy):
            chat = await self._database.write(lambda tx: broadcasts.next_chat(tx, number))
            if chat is None:
                await self._database.write(lambda tx: broadcasts.end(tx, number, State.DONE))
                break
            sent = await self._tell(chat, message(broadcast.text))
            await self._database.write(partial(broadcasts.told, number=number, sent=sent))
            if self._monotonic() - shown_at >= _SHOW_EVERY:
                await self._show(number)
                shown_at = self._monotonic()
            await asyncio.sleep(_APART)
        await self._show(number)

    async def _tell(self, id: ChatId, what: Message) -> bool:
        found = await self._database.read(lambda tx: chats.audience(tx, [id]))
        if id not in found:
            return False
        chat, follows = found[id]
        if not follows:
            # A group whose places are its topics' all.
            read = partial(chats.followed_in, telegram=chat.telegram)
            follows = await self._database.read(read)
        voice = self._voice(follows)
        for _ in range(_MOST_TRIES):
            outcome = await self._once(voice, chat, what)
            if not isinstance(outcome, Later | Refused):
                # Whatever else it is, it may have arrived: it is not said again.
                return isinstance(outcome, Accepted)
            await asyncio.sleep(_POLL)
        return False

    async def _once(self, voice: Voice, chat: Chat, what: Message) -> Outcome:
        group = chat.kind is not ChatKind.PRIVATE
        while True:
            # As an edit: the share of the token that leaves room for new alerts.
            permit = voice.pace.take(self._monotonic(), chat.telegram, group=group, edit=True)
            if not isinstance(permit, Wait):
                break
            await asyncio.sleep(max(0.05, min(permit.until - self._monotonic(), _POLL)))
        try:
            outcome = await voice.sender.send(chat.telegram, what, silent=True, thread=chat.thread)
        finally:
            voice.pace.answered(permit, self._monotonic())
        if isinstance(outcome, Later):
            voice.pace.slow_down(self._monotonic(), outcome.seconds, chat.telegram)
        return outcome

    def _voice(self, follows: Sequence[AreaCode]) -> Voice:
        """The bot that this chat knows."""
        regions = {self._areas.region_of(code).code for code in follows if code in self._areas}
        return next(
            (v for v in self._voices if any(v.share.serves(region) for region in regions)),
            self._voices[0],
        )

    async def _show(self, number: int) -> None:
        async def read(tx: Tx) -> tuple[Broadcast | None, Chat | None]:
            found = await broadcasts.get(tx, number)
            return found, await chats.get(tx, ChatId(found.made_by)) if found else None

        found, chat = await self._database.read(read)
        if found is None or found.shown is None:
            return
        words = self._texts[Lang.RU if chat is None else chat.lang]
        screen = progress(Speech(words=words, areas=self._areas), found)
        outcome = await self._voices[0].sender.edit(TelegramId(found.made_by), found.shown, screen)
        _log.info("broadcast %d: %d sent (%s)", number, found.sent, type(outcome).__name__)


async def _is_busy(tx: Tx) -> bool:
    """An alert waits, or nothing may be sent."""
    return bool(await audit.paused(tx) or await alerts.undispatched(tx) or await cards.backlog(tx))
