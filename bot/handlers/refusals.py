"""Whose commands are not taken, whatever they say: nobody can be held to what they did not type
themselves, under their own name."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from aiogram.types import CallbackQuery, MaybeInaccessibleMessageUnion, Message

from bot.handlers.operators import ANONYMOUS_ADMIN, TELEGRAM
from storage.model import ChatKind


class Why(StrEnum):
    BUSINESS = "business"  # in a conversation of somebody who connected the bot to their account
    NOBODY = "nobody"
    ELSEWHERE = "elsewhere"  # in a private chat that is not the author's
    LINKED = "linked"  # a post of the group's channel, brought along by Telegram
    POST = "post"  # in a channel, where nobody commands
    ANONYMOUS = "anonymous"  # an administrator who writes as the chat
    CHANNEL = "channel"  # another chat as the author
    BOT = "bot"
    VIA_BOT = "via_bot"
    FORWARDED = "forwarded"
    EDITED = "edited"


_TABLE: Final[tuple[tuple[Why, Callable[[Message], bool]], ...]] = (
    (Why.BUSINESS, lambda m: m.business_connection_id is not None),
    (Why.LINKED, lambda m: bool(m.is_automatic_forward) or _author(m) == TELEGRAM),
    (Why.POST, lambda m: m.chat.type == ChatKind.CHANNEL),
    (Why.ANONYMOUS, lambda m: m.sender_chat is not None and m.sender_chat.id == m.chat.id),
    (Why.CHANNEL, lambda m: m.sender_chat is not None or _author(m) == ANONYMOUS_ADMIN),
    (Why.NOBODY, lambda m: m.from_user is None),
    (Why.ELSEWHERE, lambda m: m.chat.type == ChatKind.PRIVATE and _author(m) != m.chat.id),
    (Why.BOT, lambda m: m.from_user is not None and m.from_user.is_bot),
    (Why.VIA_BOT, lambda m: m.via_bot is not None),
    (Why.FORWARDED, lambda m: m.forward_origin is not None),
    (Why.EDITED, lambda m: m.edit_date is not None),
)
"""The first that applies."""
EXPLAINED: Final = frozenset((Why.ANONYMOUS, Why.VIA_BOT, Why.FORWARDED, Why.EDITED))
"""A person sent it, who is told what to do instead."""


def refused(message: Message) -> Why | None:
    return next((why for why, applies in _TABLE if applies(message)), None)


def press_refused(
    callback: CallbackQuery, message: MaybeInaccessibleMessageUnion, about: int | None
) -> Why | None:
    """Of a button under ``message``; ``about``: another chat whose settings it changes, which is
    done in private only. In groups administrators press, which is asked of Telegram."""
    is_private = message.chat.type == ChatKind.PRIVATE
    if isinstance(message, Message) and message.business_connection_id is not None:
        return Why.BUSINESS
    if callback.from_user.is_bot:
        return Why.BOT
    if is_private and callback.from_user.id != message.chat.id:
        return Why.ELSEWHERE
    if about is not None and not is_private:
        return Why.ELSEWHERE
    return None


def _author(message: Message) -> int | None:
    return None if message.from_user is None else message.from_user.id


def command_of(message: Message) -> str | None:
    """What stands first in a command, as ``start@nabat_bot``. Captions count, as with aiogram."""
    text = message.text or message.caption or ""
    return text[1:].partition(" ")[0].partition("\n")[0] if text.startswith("/") else None


def is_for(command: str, bot_username: str) -> bool:
    """Whether it names this bot: then nobody else will answer."""
    return command.partition("@")[2].casefold() == bot_username.casefold() != ""
