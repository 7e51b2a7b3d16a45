"""The one door out: sends or edits one message, once, and says what became of it.

Nothing is repeated here but a message that Telegram took exception to: without the part that it
named, each part once, so at most four calls. Pacing, retries and what they mean are the outbox's.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from aiogram import Bot

from bot.message import Button, Entity, Message
from bot.outcome import (
    Accepted,
    Cause,
    Objection,
    Open,
    Outcome,
    Part,
    Unreachable,
    classify,
    knocked,
)
from bot.session import Session

_MAX_TEXT = 4096  # UTF-16 units
_NO_PREVIEW = {"is_disabled": True}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """What goes into a call. ``edited`` is the message to edit, None to send a new one."""

    chat: int
    message: Message
    edited: int | None = None
    silent: bool = False
    reply_to: int | None = None
    thread: int | None = None

    @property
    def method(self) -> str:
        return "sendMessage" if self.edited is None else "editMessageText"

    def fields(self) -> dict[str, object]:
        fields: dict[str, object] = {
            "chat_id": self.chat,
            "text": self.message.text,
            "link_preview_options": _NO_PREVIEW,
        }
        if self.message.entities:
            fields["entities"] = [_entity(entity) for entity in self.message.entities]
        if self.message.keyboard:
            rows = [[_button(button) for button in row] for row in self.message.keyboard]
            fields["reply_markup"] = {"inline_keyboard": rows}
        if self.edited is not None:
            fields["message_id"] = self.edited
        if self.silent:
            fields["disable_notification"] = True
        if self.reply_to is not None:
            fields["reply_parameters"] = {
                "message_id": self.reply_to,
                "allow_sending_without_reply": True,
            }
        if self.thread is not None:
            fields["message_thread_id"] = self.thread
        return fields

    def without(self, part: Part) -> "_Draft":
        """Its fields are those of this one if there was no such part."""
        match part:
            case Part.FORM:
                text = _shortened(self.message.plain or self.message.text)
                return replace(self, message=Message(text=text, plain=text))
            case Part.REPLY:
                return replace(self, reply_to=None)
            case Part.THREAD:
                return replace(self, thread=None)
        assert_never(part)


class Sender:
    """Of one bot, whose session must be a ``Session``. Raises nothing but cancellation; after
    a cancelled call nobody knows whether the message went out."""

    def __init__(self, bot: Bot) -> None:
        if not isinstance(bot.session, Session):
            raise TypeError("a Sender needs a bot with our own Session")
        self._session = bot.session
        self._token = bot.token

    async def send(
        self,
        chat: int,
        message: Message,
        *,
        silent: bool,
        reply_to: int | None = None,
        thread: int | None = None,
    ) -> Outcome:
        """A new message. A reply whose original is gone goes out as no reply."""
        return await self._deliver(
            _Draft(chat=chat, message=message, silent=silent, reply_to=reply_to, thread=thread)
        )

    async def edit(self, chat: int, message_id: int, message: Message) -> Outcome:
        """Text, entities and keyboard are replaced: a message without a keyboard takes it away."""
        return await self._deliver(_Draft(chat=chat, message=message, edited=message_id))

    async def knock(self, chat: int, *, thread: int | None = None) -> Open | Outcome:
        """Whether the chat would take a message, with nothing to read and no sound: «typing…»,
        for seconds. Where its topic is closed, General is asked, as it is for a message."""
        outcome = await self._knock(chat, thread)
        match outcome:
            case Unreachable(cause=Cause.TOPIC_CLOSED) if thread is not None:
                return await self._knock(chat, None)
            case _:
                return outcome

    async def _knock(self, chat: int, thread: int | None) -> Open | Outcome:
        fields: dict[str, object] = {"chat_id": chat, "action": "typing"}
        if thread is not None:
            fields["message_thread_id"] = thread
        return knocked(await self._session.exchange(self._token, "sendChatAction", fields))

    async def _deliver(self, draft: _Draft) -> Outcome:
        without: tuple[Part, ...] = ()
        while True:
            answer = await self._session.exchange(self._token, draft.method, draft.fields())
            meaning = classify(answer, edited=draft.edited)
            if isinstance(meaning, Objection):
                lighter = draft.without(meaning.part)
                if lighter.fields() == draft.fields():
                    return meaning.otherwise
                _log.warning(
                    "chat %s: %s without %s: %s",
                    draft.chat,
                    draft.method,
                    meaning.part,
                    meaning.otherwise,
                )
                draft, without = lighter, (*without, meaning.part)
            elif isinstance(meaning, Accepted):
                return replace(meaning, without=without)
            else:
                return meaning


def _entity(entity: Entity) -> Mapping[str, object]:
    fields: dict[str, object] = {
        "type": entity.type,
        "offset": entity.offset,
        "length": entity.length,
    }
    if entity.url is not None:
        fields["url"] = entity.url
    return fields


def _button(button: Button) -> Mapping[str, object]:
    if button.url is not None:
        return {"text": button.text, "url": button.url}
    return {"text": button.text, "callback_data": button.data}


def _shortened(text: str) -> str:
    units = text.encode("utf-16-le", "surrogatepass")
    return units[: 2 * _MAX_TEXT].decode("utf-16-le", "ignore")
