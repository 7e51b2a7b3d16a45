"""What every handler works with: one value in the dispatcher's workflow data, no globals."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.gallery import Gallery
from bot.handlers.rights import Rights
from bot.neighbours import Neighbours, nobody
from bot.screens.speech import Speech
from bot.texts import Texts
from storage.areas.tree import Areas
from storage.database import Database
from storage.model import EVERYTHING, AreaCode, Channel, Lang, Share

READER_DEAF: Final = timedelta(minutes=3)
"""Without a successful round trip for so long, the reader is taken for deaf."""


class Refusal(Exception):
    """An operator's wish cannot be granted; the text says why, to the operator."""


class Operations(Protocol):
    """What the rest of the program carries out for operators. The composition root has it.

    The handlers write the audit trail of all but ``release`` and ``reject``, which carry the
    operator's id.
    """

    async def add_channel(self, username: str, area: AreaCode) -> Channel:
        """Resolve, store and begin to read it. Raises Refusal."""

    async def release(self, held_id: int, who: int) -> str | None:
        """Apply a held all-clear; None when done, else why not."""

    async def reject(self, held_id: int, who: int) -> str | None:
        """Drop it, also from its region's situation; None when done, else why not."""

    def reader_silent_for(self) -> timedelta | None:
        """Since its last contact with Telegram; None: it had none yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """``now``: domain time, aware UTC. ``wake`` hints to the outbox that a card may be due.
    ``share``: the regions whose chats this bot serves; ``elsewhere``: the username of the bot that
    serves a region, None where this one does. ``neighbours``: regions next to one."""

    database: Database
    areas: Areas
    texts: Texts
    now: Callable[[], datetime]
    admins: frozenset[int]
    bot_username: str
    operations: Operations
    wake: Callable[[], None]
    share: Share = EVERYTHING
    neighbours: Neighbours = nobody
    elsewhere: Callable[[AreaCode], str | None] = lambda region: None
    rights: Rights = field(default_factory=Rights)
    gallery: Gallery = field(default_factory=Gallery)

    def speech(self, lang: Lang) -> Speech:
        return Speech(words=self.texts[lang], areas=self.areas)
