"""Who operates the bot: numeric ids of the configuration, in their private chats."""

from typing import Final

from aiogram.types import Message

from bot.handlers.desk import Desk
from storage.model import ChatKind

ANONYMOUS_ADMIN: Final = 1_087_968_824
TELEGRAM: Final = 777_000


def is_operator(message: Message, desk: Desk) -> bool:
    """Filter, of commands as well: not for what was forwarded, edited or sent by a chat."""
    author = message.from_user
    return (
        author is not None
        and author.id in desk.admins
        and author.id not in (ANONYMOUS_ADMIN, TELEGRAM)
        and not author.is_bot
        and message.chat.type == ChatKind.PRIVATE
        and message.chat.id == author.id
        and message.sender_chat is None
        and message.forward_origin is None
        and message.via_bot is None
        and message.edit_date is None
    )
