"""The methods of the Bot API, as a table from name to function over the world.

A function returns the JSON of `result` or raises `Refused`.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.sandbox.bot_api_answers import (
    Json,
    JsonObject,
    Refused,
    bad_request,
    chat_not_found,
    edit_forbidden,
    edit_not_found,
    no_picture,
    no_text_to_edit,
    not_modified,
    reply_not_found,
    thread_not_found,
    topic_closed,
    unknown_file,
)
from bot.sandbox.bot_api_members import member_json
from bot.sandbox.bot_api_model import Bot, Call, Chat, SandboxMessage
from bot.sandbox.bot_api_validate import (
    MAX_CALLBACK_ANSWER,
    Params,
    bot_commands,
    caption_text,
    message_entities,
    message_text,
    reply_markup,
)
from bot.sandbox.bot_api_world import BotApiWorld

Method = Callable[[BotApiWorld, Bot, Params, float], object]

DELETABLE_FOR = timedelta(hours=48)
_ATTACHED = "attach://"  # and the name of the field that has the file
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


def _chat(world: BotApiWorld, params: Params) -> Chat:
    ref = params.text("chat_id")
    if not ref:
        raise Refused(bad_request("chat_id is empty"))
    chat = world.find_chat(ref)
    if chat is None:
        raise Refused(chat_not_found())
    return chat


def _pass(barrier: Json | None) -> None:
    if barrier is not None:
        raise Refused(barrier)


def _writable_chat(world: BotApiWorld, bot: Bot, params: Params) -> Chat:
    chat = _chat(world, params)
    _pass(chat.send_barrier())
    if chat.kind == "channel" and bot.person.user_id not in chat.admins:
        raise Refused(bad_request("need administrator rights in the channel chat"))
    return chat


def _thread(chat: Chat, params: Params) -> int | None:
    thread_id = params.integer("message_thread_id")
    if thread_id is None and not chat.general_open:
        raise Refused(topic_closed())
    if thread_id is None:
        return None
    # Thread 1, General, is refused as well: it is addressed by no thread id at all.
    match chat.open_topics.get(thread_id):
        case None:
            raise Refused(thread_not_found())
        case False:
            raise Refused(topic_closed())
        case True:
            return thread_id


def _reply_to(chat: Chat, params: Params) -> int | None:
    parameters = params.nested("reply_parameters", "reply parameters")
    if parameters is None:
        return None
    if not isinstance(parameters, dict):
        raise Refused(bad_request("object expected as reply parameters"))
    message_id = Params(parameters).integer("message_id")
    if message_id in chat.messages:
        return message_id
    if parameters.get("allow_sending_without_reply"):
        return None
    raise Refused(reply_not_found())


_NEW = ("sendMessage", "sendDocument", "sendPhoto")  # what they send can make a sound


def _record(
    world: BotApiWorld, bot: Bot, method: str, message: SandboxMessage, received_at: float
) -> None:
    # The log first: whoever is woken by the change finds the call there.
    world.log.append(
        Call(
            method=method,
            token=bot.token,
            chat_id=message.chat_id,
            message_id=message.message_id,
            text=None if message.deleted else message.text,
            entities=message.entities,
            silent=message.silent or method not in _NEW,
            reply_markup=message.reply_markup,
            thread_id=message.thread_id,
            reply_to=message.reply_to,
            received_at=received_at,
            version=message.edits + 1,
        )
    )
    world.store(message)


def send_message(world: BotApiWorld, bot: Bot, params: Params, received_at: float) -> JsonObject:
    text = message_text(params)
    entities = message_entities(params, text)
    return _send(world, bot, params, received_at, "sendMessage", text, entities)


def send_photo(world: BotApiWorld, bot: Bot, params: Params, received_at: float) -> JsonObject:
    """Of a new file, or again of one that this bot has sent."""
    text = caption_text(params)
    entities = message_entities(params, text, "caption_entities")
    given = params.fields.get("photo")
    if isinstance(given, str) and given.startswith(_ATTACHED):
        given = params.fields.get(given.removeprefix(_ATTACHED))
    if isinstance(given, bytes):
        if not given.startswith(_PICTURES):
            raise Refused(no_picture())
        name = f"{bot.person.user_id}-{len(world.photos)}"
    else:
        name = str(given or "")
        if name not in world.photos or not name.startswith(f"{bot.person.user_id}-"):
            raise Refused(unknown_file())
    sent = _send(world, bot, params, received_at, "sendPhoto", text, entities, photo=name)
    if isinstance(given, bytes):
        world.photos[name] = given
    return sent


def _send(
    world: BotApiWorld,
    bot: Bot,
    params: Params,
    received_at: float,
    method: str,
    text: str,
    entities: tuple[JsonObject, ...],
    *,
    photo: str | None = None,
) -> JsonObject:
    markup = reply_markup(params, inline_only=False)
    chat = _writable_chat(world, bot, params)
    thread_id = _thread(chat, params)
    reply_to = _reply_to(chat, params)
    world.admit(bot, chat, paid=params.flag("allow_paid_broadcast"))
    message = SandboxMessage(
        chat_id=chat.chat_id,
        message_id=world.next_message_id(chat),
        author=None if chat.kind == "channel" else bot.person,
        text=text,
        entities=entities,
        reply_markup=markup,
        silent=params.flag("disable_notification"),
        thread_id=thread_id,
        reply_to=reply_to,
        sent_at=world.wall(),
        edited_at=None,
        edits=0,
        history=(text,),
        photo=photo,
    )
    _record(world, bot, method, message, received_at)
    return chat.message_json(message)


def send_document(world: BotApiWorld, bot: Bot, params: Params, received_at: float) -> JsonObject:
    """Of a file that comes with the request."""
    attached = (params.text("document") or "").removeprefix("attach://")
    content = params.fields.get(attached)
    if not isinstance(content, bytes):
        raise Refused(bad_request("there is no document in the request"))
    chat = _writable_chat(world, bot, params)
    thread_id = _thread(chat, params)
    world.admit(bot, chat, paid=params.flag("allow_paid_broadcast"))
    caption = params.text("caption") or ""
    message = SandboxMessage(
        chat_id=chat.chat_id,
        message_id=world.next_message_id(chat),
        author=None if chat.kind == "channel" else bot.person,
        text=caption,
        entities=(),
        reply_markup=None,
        silent=params.flag("disable_notification"),
        thread_id=thread_id,
        reply_to=None,
        sent_at=world.wall(),
        edited_at=None,
        edits=0,
        history=(caption,),
        document=content,
    )
    _record(world, bot, "sendDocument", message, received_at)
    return chat.message_json(message)


def send_chat_action(world: BotApiWorld, bot: Bot, params: Params, received_at: float) -> bool:
    """Refused as a message would be; nothing stays of it."""
    if not params.text("action"):
        raise Refused(bad_request("wrong parameter action in request"))
    _thread(_writable_chat(world, bot, params), params)
    return True


def edit_message_text(
    world: BotApiWorld, bot: Bot, params: Params, received_at: float
) -> JsonObject:
    text = message_text(params)
    entities = message_entities(params, text)
    return _edit(world, bot, params, received_at, "editMessageText", text, entities)


def edit_message_reply_markup(
    world: BotApiWorld, bot: Bot, params: Params, received_at: float
) -> JsonObject:
    return _edit(world, bot, params, received_at, "editMessageReplyMarkup", None, ())


def _edit(
    world: BotApiWorld,
    bot: Bot,
    params: Params,
    received_at: float,
    method: str,
    text: str | None,
    entities: tuple[JsonObject, ...],
) -> JsonObject:
    """`text=None` leaves the text; a markup that is not given is taken away, as Telegram does."""
    markup = reply_markup(params, inline_only=True)
    chat = _writable_chat(world, bot, params)
    message = chat.messages.get(params.integer("message_id") or 0)
    if message is None:
        raise Refused(edit_not_found())
    if message.author is not None and message.author != bot.person:
        raise Refused(edit_forbidden())
    world.admit(bot, chat)
    if text is not None and message.photo is not None:
        raise Refused(no_text_to_edit())
    if text is None:
        text, entities = message.text, message.entities
    shown = (message.text.strip(), message.entities, message.reply_markup)
    if shown == (text.strip(), entities, markup):
        raise Refused(not_modified())
    edited = replace(
        message,
        text=text,
        entities=entities,
        reply_markup=markup,
        edited_at=world.wall(),
        edits=message.edits + 1,
        history=(*message.history, text),
    )
    _record(world, bot, method, edited, received_at)
    return chat.message_json(edited)


def delete_message(world: BotApiWorld, bot: Bot, params: Params, received_at: float) -> bool:
    chat = _chat(world, params)
    _pass(chat.barrier())
    message = chat.messages.get(params.integer("message_id") or 0)
    if message is None:
        raise Refused(bad_request("message to delete not found"))
    own = message.author is None or message.author == bot.person
    if not own and chat.kind != "private" and bot.person.user_id not in chat.admins:
        raise Refused(bad_request("message can't be deleted"))
    if world.wall() - message.sent_at > DELETABLE_FOR:
        raise Refused(bad_request("message can't be deleted for everyone"))
    _record(world, bot, "deleteMessage", replace(message, deleted=True), received_at)
    return True


def answer_callback_query(
    world: BotApiWorld, bot: Bot, params: Params, received_at: float
) -> bool:
    query_id = params.text("callback_query_id")
    if query_id not in world.queries:
        raise Refused(
            bad_request("query is too old and response timeout expired or query ID is invalid")
        )
    text = params.text("text") or ""
    if len(text) > MAX_CALLBACK_ANSWER:
        raise Refused(bad_request("MESSAGE_TOO_LONG"))
    world.queries.discard(query_id)
    world.answered[query_id] = {"text": text, "show_alert": params.flag("show_alert")}
    return True


def get_me(world: BotApiWorld, bot: Bot, params: Params, received_at: float) -> JsonObject:
    return bot.person.json() | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
    }


def get_chat(world: BotApiWorld, bot: Bot, params: Params, received_at: float) -> JsonObject:
    chat = _chat(world, params)
    if chat.kind != "private":
        _pass(chat.barrier())
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    full = chat.json() | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys((*gifts, "gifts_from_channels"), False),
    }
    if chat.kind in ("group", "supergroup"):
        # What members may send. A bot that is muted is so for itself, not for all.
        full["permissions"] = {"can_send_messages": True}
    return full


def _group(world: BotApiWorld, params: Params) -> Chat:
    chat = _chat(world, params)
    if chat.kind != "private":
        _pass(chat.barrier())
    return chat


def get_chat_member(
    world: BotApiWorld, bot: Bot, params: Params, received_at: float
) -> JsonObject:
    chat = _group(world, params)
    user_id = params.integer("user_id")
    if not user_id or user_id < 0:
        raise Refused(bad_request("invalid user_id specified"))
    return member_json(chat, world.person(user_id))


def get_chat_administrators(
    world: BotApiWorld, bot: Bot, params: Params, received_at: float
) -> list[JsonObject]:
    chat = _group(world, params)
    if chat.kind == "private":
        raise Refused(bad_request("there are no administrators in the private chat"))
    return [member_json(chat, world.person(user_id)) for user_id in chat.admins]


def get_chat_member_count(world: BotApiWorld, bot: Bot, params: Params, received_at: float) -> int:
    return _group(world, params).members


def leave_chat(world: BotApiWorld, bot: Bot, params: Params, received_at: float) -> bool:
    chat = _group(world, params)
    if chat.kind == "private":
        raise Refused(bad_request("chat member status can't be changed in private chats"))
    world.leave(chat.chat_id)
    return True


def _command_scope(params: Params) -> tuple[str, str]:
    scope = params.nested("scope", "bot command scope") or {"type": "default"}
    return json.dumps(scope, sort_keys=True), params.text("language_code") or ""


def set_my_commands(world: BotApiWorld, bot: Bot, params: Params, received_at: float) -> bool:
    bot.commands[_command_scope(params)] = bot_commands(params)
    return True


def get_my_commands(
    world: BotApiWorld, bot: Bot, params: Params, received_at: float
) -> list[JsonObject]:
    return list(bot.commands.get(_command_scope(params), ()))


def delete_my_commands(world: BotApiWorld, bot: Bot, params: Params, received_at: float) -> bool:
    bot.commands.pop(_command_scope(params), None)
    return True


def agree(world: BotApiWorld, bot: Bot, params: Params, received_at: float) -> bool:
    """For methods whose effect the sandbox does not show."""
    return True


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "sendChatAction": send_chat_action,
    "editMessageText": edit_message_text,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "answerCallbackQuery": answer_callback_query,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "leaveChat": leave_chat,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyDescription": agree,
    "setMyShortDescription": agree,
    "deleteWebhook": agree,
    "close": agree,
}
# Telegram takes the names in any case.
BY_LOWER_NAME = {name.lower(): name for name in (*METHODS, "getUpdates")}
