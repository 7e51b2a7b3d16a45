"""The bots of the configuration, each with a pace, a door and a lane of its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from aiogram import Bot

from bot.outbox.lane import Outbox
from bot.pace import Pace
from bot.sender import Sender
from bot.settings import BotSection
from storage.areas.tree import Areas, Tier
from storage.model import EVERYTHING, AreaCode, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """One token. ``share``: the regions whose chats it serves."""

    bot: Bot
    pace: Pace
    sender: Sender
    share: Share

    @property
    def id(self) -> int:
        """Telegram's."""
        return self.bot.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """All of them, and who they are to people: usernames, as Telegram told them."""

    speakers: Sequence[Speaker]
    outboxes: Sequence[Outbox]
    usernames: dict[int, str] = field(default_factory=dict)
    """By the bot's numeric id; those that are not known yet are missing."""

    def wake(self) -> None:
        for outbox in self.outboxes:
            outbox.wake()

    def elsewhere(self, speaker: Speaker, region: AreaCode) -> str | None:
        """The username of the other bot that serves a region, «» if it is not known yet; None
        where this one does, or nobody."""
        if speaker.share.serves(region):
            return None
        for other in self.speakers:
            if other.share.serves(region):
                return self.usernames.get(other.bot.id, "")
        return None


def shares(sections: Sequence[BotSection], areas: Areas) -> list[Share]:
    """Of each bot, in their order: the regions that it names, a country for all of its regions;
    one that names none serves what the others leave."""
    named = [frozenset(_regions(section.regions, areas)) for section in sections]
    others = frozenset[AreaCode]().union(*named)
    if not others:
        return [EVERYTHING] * len(sections)
    return [Share(only=codes) if codes else Share(others=others) for codes in named]


def _regions(codes: Iterable[AreaCode], areas: Areas) -> Iterable[AreaCode]:
    for code in codes:
        if areas[code].tier is Tier.COUNTRY:
            yield from (region.code for region in areas.regions(code))
        else:
            yield code
