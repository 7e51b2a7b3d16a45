"""What every handler works with: one value in the dispatcher's workflow data, no globals."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.gallery import Gallery
from bot.handlers.errands import Errands
from bot.handlers.rights import Rights
from bot.neighbours import Neighbours, nobody
from bot.order import Order
from bot.quiet import OneTier, no_region
from bot.roles import Roles
from bot.screens.speech import Speech
from bot.texts import Texts
from storage.areas.tree import Areas
from storage.database import Database, Tx
from storage.model import (
    EVERYTHING,
    AreaCode,
    Channel,
    ChannelId,
    Claim,
    Lang,
    Share,
    Situation,
    Wrong,
)
from storage.reviews import State

READER_DEAF: Final = timedelta(minutes=3)
"""Without a successful round trip for so long, the reader is taken for deaf."""


Redeem = Callable[[Tx], Awaitable[bool]]
"""Uses up what confirms a deed, in the write that does it; False: it is not there."""


class Operations(Protocol):
    """What the rest of the program carries out for operators. The composition root has it.

    The handlers write the audit trail of all but what carries the operator's id.
    """

    async def add_channel(self, username: str, area: AreaCode, *, declares: bool) -> Channel:
        """Resolve, join, store and read it for the first time; as it is known then. Raises
        Refusal."""

    def pushed_at(self, channel: ChannelId) -> datetime | None:
        """When its last post was pushed to us; None: not since the start."""

    async def decide(
        self,
        number: int,
        who: int,
        verdict: State,
        *,
        truth: Claim | None = None,
        why: str | None = None,
    ) -> str | None:
        """Carry out a moderator's verdict on a review; None when done, else why not."""

    async def retract(self, incident: int, who: int, wrong: Wrong, redeem: Redeem) -> str | None:
        """Take back an incident, running or over; None when done, else why not."""

    async def preview(self, order: Order) -> Situation:
        """The situation of its first region, if it were sent now."""

    async def issue(
        self,
        order: Order,
        who: int,
        second: int | None,
        *,
        written_at: datetime,
        redeem: Redeem,
    ) -> int | None:
        """Tell an alert or an all-clear that was written by hand; how many regions it changed,
        None if it was not confirmed."""

    async def rehearse(self, order: Order, who: int, redeem: Redeem) -> int | None:
        """Tell a drill to those who asked for drills; it cannot become an alert."""

    async def backup(self) -> str:
        """Copy the database now; the copy's name."""

    def reader_silent_for(self) -> timedelta | None:
        """Since its last contact with Telegram; None: it had none yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """``now``: domain time, aware UTC. ``wake`` hints to the outbox that a card may be due.
    ``share``: the regions whose chats this bot serves; ``elsewhere``: the username of the bot that
    serves a region, None where this one does. ``neighbours``: regions next to one.
    ``one_tier``: whether one has no tier above its alarm."""

    database: Database
    areas: Areas
    texts: Texts
    now: Callable[[], datetime]
    admins: Roles
    bot_username: str
    operations: Operations
    errands: Errands
    wake: Callable[[], None]
    share: Share = EVERYTHING
    neighbours: Neighbours = nobody
    one_tier: OneTier = no_region
    elsewhere: Callable[[AreaCode], str | None] = lambda region: None
    rights: Rights = field(default_factory=Rights)
    gallery: Gallery = field(default_factory=Gallery)

    def speech(self, lang: Lang) -> Speech:
        return Speech(words=self.texts[lang], areas=self.areas)
