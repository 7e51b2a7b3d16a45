"""What the lane works on: a card that is behind, and what was decided for it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, assert_never

from bot.decide import Decision, Lever, Reason
from bot.message import Message
from bot.outcome import Open, Outcome
from storage.model import AreaCode, Card, Chat, ChatKind, Hazard, Situation, TelegramId, Urgency

Page = Callable[[str, str], Awaitable[None]]
"""Tells the operators: under which key (once, however often it happens), and what."""


class DeadBotError(Exception):
    """The token is revoked, or another poller uses it: this lane can do nothing more."""


class Door(Protocol):
    """The way out: `bot.sender.Sender`, or a replay that only writes down."""

    async def send(
        self,
        chat: TelegramId,
        message: Message,
        *,
        silent: bool,
        reply_to: int | None = None,
        thread: int | None = None,
        general: bool = True,
    ) -> Outcome: ...

    async def edit(self, chat: TelegramId, message_id: int, message: Message) -> Outcome: ...

    async def knock(self, chat: TelegramId, *, thread: int | None = None) -> Open | Outcome: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A card that may have to be told something, and what is needed to decide."""

    card: Card
    chat: Chat
    follows: tuple[AreaCode, ...]
    current: Situation
    last_sound: datetime | None
    silenced: Mapping[Hazard, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One card with all that its decision was made of."""

    card: Card
    chat: Chat
    follows: tuple[AreaCode, ...]
    told: Situation | None
    current: Situation
    decision: Decision
    silenced: Mapping[Hazard, datetime] = field(default_factory=dict)

    @property
    def order(self) -> tuple[bool, int, Urgency]:
        """Neighbours last; sounds before silent messages before edits, then urgency; those alike
        stay in the order in which they were found (`storage.cards.behind`)."""
        levers = (Lever.SOUND, Lever.SILENT, Lever.EDIT, Lever.SKIP, Lever.WAIT)
        lever = levers.index(self.decision.lever)
        return self.card.via is not None, lever, self.decision.urgency

    @property
    def is_edit(self) -> bool:
        return self.decision.lever is Lever.EDIT

    @property
    def waits_as(self) -> Urgency:
        """What its card is called for, now that it is decided: any sound before any message
        without one, edits last."""
        match self.decision.lever:
            case Lever.SOUND:
                return min(self.decision.urgency, Urgency.IMPORTANT)
            case Lever.SILENT:
                return Urgency.INFO
            case Lever.EDIT | Lever.SKIP | Lever.WAIT:
                return Urgency.NONE
            case _:
                assert_never(self.decision.lever)


def speaks(work: Work) -> bool:
    match work.decision.lever:
        case Lever.SOUND | Lever.SILENT | Lever.EDIT:
            return True
        case Lever.SKIP | Lever.WAIT:
            return False
        case _:
            assert_never(work.decision.lever)


def replaces(work: Work) -> bool:
    """A new live card took the place of one that is still before the chat's eyes."""
    return (
        work.decision.lever is not Lever.EDIT
        and work.decision.anew
        and work.card.message_id is not None
        and work.decision.reason is not Reason.CARD_LOST
    )


def crowd(chat: Chat) -> bool:
    return chat.kind is not ChatKind.PRIVATE
