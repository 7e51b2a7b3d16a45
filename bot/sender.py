"""The one door out: sends or edits one message, once, and says what became of it.

Nothing is repeated here but a message that Telegram took exception to: without the part that it
named, each part once, so at most four calls. Pacing, retries and what they mean are the outbox's.
"""

import logging
from dataclasses import dataclass, replace
from typing import assert_never

from aiogram import Bot

from bot.body import Bodies, photo_fields
from bot.message import Message
from bot.outcome import (
    Accepted,
    Cause,
    Objection,
    Open,
    Outcome,
    Part,
    Pictured,
    Unreachable,
    classify,
    knocked,
    pictured,
)
from bot.session import Session
from storage.model import TelegramId

_MAX_TEXT = 4096  # UTF-16 units
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """What goes into a call. ``edited`` is the message to edit, None to send a new one."""

    chat: TelegramId
    message: Message
    edited: int | None = None
    silent: bool = False
    reply_to: int | None = None
    thread: int | None = None
    general: bool = True

    @property
    def method(self) -> str:
        return "sendMessage" if self.edited is None else "editMessageText"

    def own(self) -> bytes:
        """The fields that are not the message's, as JSON that is not yet closed. Written out by
        hand, since they are numbers only and `json` was a tenth of the whole call."""
        fields = b'{"chat_id":%d' % self.chat
        if self.edited is not None:
            fields += b',"message_id":%d' % self.edited
        if self.silent:
            fields += b',"disable_notification":true'
        if self.reply_to is not None:
            fields += (
                b',"reply_parameters":{"message_id":%d,"allow_sending_without_reply":true}'
                % self.reply_to
            )
        if self.thread is not None:
            fields += b',"message_thread_id":%d' % self.thread
        return fields

    def without(self, part: Part) -> "_Draft":
        """Itself if there was no such part."""
        match part:
            case Part.FORM:
                text = _shortened(self.message.plain or self.message.text)
                bare = self.message.text == text and not (
                    self.message.entities or self.message.keyboard
                )
                return self if bare else replace(self, message=Message(text=text, plain=text))
            case Part.REPLY:
                return self if self.reply_to is None else replace(self, reply_to=None)
            case Part.THREAD | Part.TOPIC:
                stays = self.thread is None or not self.general
                return self if stays else replace(self, thread=None)
        assert_never(part)


class Sender:
    """Of one bot, whose session must be a ``Session``. Raises nothing but cancellation; after
    a cancelled call nobody knows whether the message went out."""

    def __init__(self, bot: Bot) -> None:
        if not isinstance(bot.session, Session):
            raise TypeError("a Sender needs a bot with our own Session")
        self._session = bot.session
        self._token = bot.token
        self._bodies = Bodies()

    async def send(
        self,
        chat: TelegramId,
        message: Message,
        *,
        silent: bool,
        reply_to: int | None = None,
        thread: int | None = None,
        general: bool = True,
    ) -> Outcome:
        """A new message. A reply whose original is gone goes out as no reply. ``general``: where
        its topic takes no message, General does."""
        return await self._deliver(
            _Draft(
                chat=chat,
                message=message,
                silent=silent,
                reply_to=reply_to,
                thread=thread,
                general=general,
            )
        )

    async def edit(self, chat: TelegramId, message_id: int, message: Message) -> Outcome:
        """Text, entities and keyboard are replaced: a message without a keyboard takes it away."""
        return await self._deliver(_Draft(chat=chat, message=message, edited=message_id))

    async def send_photo(
        self,
        chat: TelegramId,
        photo: bytes | str,
        caption: Message,
        *,
        silent: bool,
        thread: int | None = None,
    ) -> Outcome | Pictured:
        """A PNG, or the name that Telegram gave to one, with a caption of at most 1,024 UTF-16
        units. Once: a topic that is gone, or a name that Telegram no longer knows, is refused."""
        fields = photo_fields(caption) | {"chat_id": str(chat)}
        if silent:
            fields["disable_notification"] = "true"
        if thread is not None:
            fields["message_thread_id"] = str(thread)
        if isinstance(photo, str):
            answer = await self._session.exchange(
                self._token, "sendPhoto", {**fields, "photo": photo}
            )
        else:
            answer = await self._session.upload(self._token, "sendPhoto", fields, "photo", photo)
        return pictured(answer)

    async def knock(self, chat: TelegramId, *, thread: int | None = None) -> Open | Outcome:
        """Whether the chat would take a message, with nothing to read and no sound: «typing…»,
        for seconds. Where its topic is closed, General is asked, as it is for a message."""
        outcome = await self._knock(chat, thread)
        match outcome:
            case Unreachable(cause=Cause.TOPIC_CLOSED | Cause.TOPIC_GONE) if thread is not None:
                return await self._knock(chat, None)
            case _:
                return outcome

    async def _knock(self, chat: TelegramId, thread: int | None) -> Open | Outcome:
        fields: dict[str, object] = {"chat_id": chat, "action": "typing"}
        if thread is not None:
            fields["message_thread_id"] = thread
        return knocked(await self._session.exchange(self._token, "sendChatAction", fields))

    async def _deliver(self, draft: _Draft) -> Outcome:
        without: tuple[Part, ...] = ()
        while True:
            body = self._bodies.body(draft.message, draft.own())
            answer = await self._session.exchange(self._token, draft.method, body)
            meaning = classify(answer, edited=draft.edited)
            if isinstance(meaning, Objection):
                lighter = draft.without(meaning.part)
                if lighter is draft:
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
                return replace(meaning, without=without) if without else meaning
            else:
                return meaning


def _shortened(text: str) -> str:
    units = text.encode("utf-16-le", "surrogatepass")
    return units[: 2 * _MAX_TEXT].decode("utf-16-le", "ignore")
