"""Who may change what a chat follows: in a group or channel, its administrators alone."""

from datetime import datetime, timedelta
from typing import Final

from aiogram import Bot
from aiogram.enums import ChatMemberStatus
from aiogram.exceptions import TelegramBadRequest

from storage.model import TelegramId

FRESH_FOR: Final = timedelta(seconds=60)
_MOST_KNOWN: Final = 10_000
_ADMINISTRATORS: Final = (ChatMemberStatus.CREATOR, ChatMemberStatus.ADMINISTRATOR)


class Rights:
    """Remembers Telegram's answers for a minute, so that somebody who lost them is soon known."""

    def __init__(self) -> None:
        self._known: dict[tuple[TelegramId, int], tuple[datetime, bool]] = {}

    async def is_administrator(self, bot: Bot, chat: TelegramId, user: int, now: datetime) -> bool:
        """Raises aiogram's exceptions where Telegram does not answer."""
        known = self._known.get((chat, user))
        if known is not None and timedelta() <= now - known[0] < FRESH_FOR:
            return known[1]
        try:
            member = await bot.get_chat_member(chat, user)
        except TelegramBadRequest:  # no such person here, or the bot may not ask
            answer = False
        else:
            answer = member.status in _ADMINISTRATORS
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[chat, user] = (now, answer)
        return answer
