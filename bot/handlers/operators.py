"""Who operates the bot: numeric ids of the configuration, in their private chats."""

from aiogram.types import Message

from bot.handlers.desk import Desk
from bot.handlers.refusals import refused
from storage.model import ChatKind


def is_operator(message: Message, desk: Desk) -> bool:
    """Filter, of commands as well: not for what was forwarded, edited or sent by a chat."""
    author = message.from_user
    return (
        author is not None
        and author.id in desk.admins
        and message.chat.type == ChatKind.PRIVATE
        and message.chat.id == author.id
        and refused(message) is None
    )
