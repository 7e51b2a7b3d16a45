"""The body of a request to the Bot API, prepared once for all chats that read the same. Pure.

Text, entities and keyboard are the same for thousands of chats and most of the bytes; what differs
is small and put in front.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from bot.message import Button, Entity, Message

_NO_PREVIEW: Final = {"is_disabled": True}
_MOST: Final = 256


class Bodies:
    """Of one sender. A message is known by its identity: who renders once passes the same one."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, tuple[Message, bytes]] = OrderedDict()  # last used last

    def body(self, message: Message, own: bytes) -> bytes:
        """``own``: the fields of this request alone, never none, as JSON that is not yet closed:
        ``{"chat_id":1``."""
        return own + b"," + self._common(message)

    def _common(self, message: Message) -> bytes:
        known = self._known.get(id(message))
        if known is not None and known[0] is message:
            self._known.move_to_end(id(message))
            return known[1]
        common = encoded(_fields(message))[1:]
        self._known[id(message)] = message, common
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return common


def encoded(fields: Mapping[str, object]) -> bytes:
    """JSON without spaces; lone surrogates become «?»."""
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def _fields(message: Message) -> Mapping[str, object]:
    fields: dict[str, object] = {"text": message.text, "link_preview_options": _NO_PREVIEW}
    if message.entities:
        fields["entities"] = [_entity(entity) for entity in message.entities]
    if message.keyboard:
        rows = [[_button(button) for button in row] for row in message.keyboard]
        fields["reply_markup"] = {"inline_keyboard": rows}
    elif message.locate:
        fields["reply_markup"] = {
            "keyboard": [[{"text": message.locate, "request_location": True}]],
            "resize_keyboard": True,
            "one_time_keyboard": True,
        }
    return fields


def photo_fields(caption: Message) -> dict[str, str]:
    """Of a picture: caption, its entities and the keyboard, each as a form has it."""
    fields = {"caption": caption.text}
    if caption.entities:
        fields["caption_entities"] = json.dumps([_entity(each) for each in caption.entities])
    if caption.keyboard:
        rows = [[_button(button) for button in row] for row in caption.keyboard]
        fields["reply_markup"] = json.dumps({"inline_keyboard": rows})
    return fields


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
