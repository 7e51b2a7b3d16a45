"""What Telegram checks in a request before it looks at any chat. Pure; raises `Refused`."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.bot_api_answers import (
    JsonObject,
    Refused,
    bad_request,
    caption_too_long,
    too_long,
)

MAX_TEXT = 4096  # UTF-16 units
MAX_CAPTION = 1024
MAX_ENTITIES = 100  # Telegram drops the rest without a word
MAX_BUTTONS = 100
MAX_BUTTON_DATA = 64  # bytes of UTF-8
MAX_CALLBACK_ANSWER = 200
MAX_COMMANDS = 100


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ENTITY_TYPES = words(
    "mention hashtag cashtag bot_command url email phone_number bold italic underline "
    "strikethrough spoiler blockquote expandable_blockquote code pre text_link text_mention "
    "custom_emoji date_time"
)
# What an entity must carry besides its type and place.
_ENTITY_FIELDS = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}
_BUTTON_ACTIONS = words(
    "url callback_data web_app login_url switch_inline_query switch_inline_query_current_chat "
    "switch_inline_query_chosen_chat copy_text callback_game pay"
)
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_COMMAND_IN_TEXT = re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?!\w)")


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True, slots=True)
class Params:
    """The fields of one request, whichever way they came: strings of a form or JSON values."""

    fields: Mapping[str, object]

    def text(self, name: str) -> str | None:
        value = self.fields.get(name)
        return None if value is None else str(value)

    def integer(self, name: str) -> int | None:
        value = self.fields.get(name)
        if value is None or value == "":
            return None
        try:
            return int(str(value))
        except ValueError:
            raise Refused(bad_request(f'field "{name}" must be a valid Number')) from None

    def flag(self, name: str) -> bool:
        return str(self.fields.get(name, "")).lower() in {"true", "yes", "1"}

    def nested(self, name: str, what: str) -> Any:
        """A list or object; None when absent. `what` is its name in Telegram's complaint."""
        value = self.fields.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise Refused(bad_request(f"can't parse {what} JSON object")) from None


def message_text(params: Params) -> str:
    if params.text("parse_mode"):
        # The house sends entities; nothing here could tell good markup from bad.
        raise Refused(bad_request("unsupported parse_mode"))
    text = params.text("text") or ""
    if not text.strip(" \n\r\t\u200b\u00a0"):
        raise Refused(bad_request("message text is empty"))
    if utf16_length(text.strip()) > MAX_TEXT:
        raise Refused(too_long())
    return text


def caption_text(params: Params) -> str:
    text = params.text("caption") or ""
    if utf16_length(text.strip()) > MAX_CAPTION:
        raise Refused(caption_too_long())
    return text


def message_entities(params: Params, text: str, field: str = "entities") -> tuple[JsonObject, ...]:
    entities = params.nested(field, field)
    if entities is None:
        return ()
    if not isinstance(entities, list):
        raise Refused(bad_request("can't parse entities: expected an Array"))
    end = utf16_length(text)
    # Where a character outside the BMP is cut in two.
    halves = _second_halves(text) if end != len(text) else frozenset()
    return tuple(_entity(entity, end, halves) for entity in entities)[:MAX_ENTITIES]


def _second_halves(text: str) -> frozenset[int]:
    offset, halves = 0, set[int]()
    for character in text:
        if ord(character) > 0xFFFF:
            halves.add(offset + 1)
            offset += 1
        offset += 1
    return frozenset(halves)


def _entity(entity: object, end: int, halves: frozenset[int]) -> JsonObject:
    complaint = "can't parse MessageEntity: "
    if not isinstance(entity, dict):
        raise Refused(bad_request(f"{complaint}expected an Object"))
    for name in ("offset", "length"):
        if name not in entity:
            raise Refused(bad_request(f'{complaint}Can\'t find field "{name}"'))
        if isinstance(entity[name], bool) or not isinstance(entity[name], int):
            raise Refused(bad_request(f'{complaint}Field "{name}" must be of type Number'))
    offset, length, kind = entity["offset"], entity["length"], entity.get("type")
    if kind not in ENTITY_TYPES:
        raise Refused(bad_request(f"{complaint}Unsupported type specified"))
    needed = _ENTITY_FIELDS.get(kind)
    if needed is not None and not entity.get(needed):
        raise Refused(bad_request(f'{complaint}Can\'t find field "{needed}"'))
    if offset < 0:
        raise Refused(bad_request(f"receive an entity with incorrect offset {offset}"))
    if length < 0:
        raise Refused(bad_request(f"receive an entity with incorrect length {length}"))
    if offset > end:
        raise Refused(
            bad_request(f"entity begins after the end of the text at UTF-16 offset {offset}")
        )
    place = f"entity beginning at UTF-16 offset {offset} ends"
    if offset + length > end:
        raise Refused(
            bad_request(f"{place} after the end of the text at UTF-16 offset {offset + length}")
        )
    if offset in halves:
        raise Refused(
            bad_request(f"entity begins in a middle of a UTF-16 symbol at UTF-16 offset {offset}")
        )
    if offset + length in halves:
        raise Refused(
            bad_request(f"{place} in a middle of a UTF-16 symbol at offset {offset + length}")
        )
    return entity


def reply_markup(params: Params, *, inline_only: bool) -> JsonObject | None:
    """None for no keyboard and for an inline one without buttons."""
    markup = params.nested("reply_markup", "reply keyboard markup")
    if not markup:
        return None
    if not isinstance(markup, dict):
        raise Refused(bad_request("object expected as reply markup"))
    if "inline_keyboard" not in markup:
        if inline_only:
            raise Refused(bad_request("inline keyboard expected"))
        return markup
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise Refused(bad_request('field "inline_keyboard" must be of type Array'))
    buttons = [button for row in rows for button in row]
    if len(buttons) > MAX_BUTTONS:
        raise Refused(bad_request("reply markup is too long"))
    for button in buttons:
        _check_button(button)
    return markup if buttons else None


def _check_button(button: object) -> None:
    complaint = "can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise Refused(bad_request("InlineKeyboardButton must be an Object"))
    if not str(button.get("text", "")).strip():
        raise Refused(bad_request(f'{complaint}Field "text" must be non-empty'))
    if not _BUTTON_ACTIONS & button.keys():
        raise Refused(bad_request(f"{complaint}Text buttons are unallowed in the inline keyboard"))
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= MAX_BUTTON_DATA:
        raise Refused(bad_request("BUTTON_DATA_INVALID"))
    url = button.get("url")
    if url is not None and not re.match(r"(?:https?|tg|tonsite)://\S", str(url)):
        raise Refused(bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong URL"))


def bot_commands(params: Params) -> tuple[JsonObject, ...]:
    commands = params.nested("commands", "commands")
    if not isinstance(commands, list):
        raise Refused(bad_request("can't parse commands: expected an Array"))
    if len(commands) > MAX_COMMANDS:
        raise Refused(bad_request("BOT_COMMANDS_TOO_MUCH"))
    for command in commands:
        if not isinstance(command, dict) or not _COMMAND.fullmatch(
            str(command.get("command", "")).removeprefix("/")
        ):
            raise Refused(bad_request("BOT_COMMAND_INVALID"))
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise Refused(bad_request("BOT_COMMAND_DESCRIPTION_INVALID"))
    return tuple(commands)


def command_entities(text: str) -> list[JsonObject]:
    """The bot_command entities that Telegram finds in what a person writes."""
    return [
        {
            "type": "bot_command",
            "offset": utf16_length(text[: found.start()]),
            "length": utf16_length(found.group()),
        }
        for found in _COMMAND_IN_TEXT.finditer(text)
    ]
