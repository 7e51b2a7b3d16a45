"""How getChatMember and my_chat_member describe somebody in a chat."""

from bot.sandbox.bot_api_answers import JsonObject
from bot.sandbox.bot_api_model import Chat, Person, Standing
from bot.sandbox.bot_api_validate import words

# Status words of getChatMember and my_chat_member for the bot itself.
_STATUS = {
    Standing.MEMBER: "member",
    Standing.MUTED: "restricted",
    Standing.NOT_STARTED: "left",
    Standing.BLOCKED: "kicked",
    Standing.DEACTIVATED: "kicked",
    Standing.KICKED: "kicked",
    Standing.LEFT: "left",
}
_RIGHTS = words(
    "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats "
    "can_restrict_members can_promote_members can_change_info can_invite_users can_post_stories "
    "can_edit_stories can_delete_stories can_send_welcome_messages can_pin_messages "
    "can_post_messages can_edit_messages can_manage_topics"
)
_PERMISSIONS = words(
    "can_send_messages can_send_audios can_send_documents can_send_photos can_send_videos "
    "can_send_video_notes can_send_voice_notes can_send_polls can_send_other_messages "
    "can_add_web_page_previews can_react_to_messages can_edit_tag can_change_info "
    "can_invite_users can_pin_messages can_manage_topics"
)


def member_json(chat: Chat, person: Person) -> JsonObject:
    member: JsonObject = {"user": person.json(), "status": _status(chat, person)}
    match member["status"]:
        case "creator":
            member["is_anonymous"] = False
        case "administrator":
            member |= {right: right != "is_anonymous" for right in _RIGHTS}
        case "restricted":
            member |= dict.fromkeys(_PERMISSIONS, False)
            member |= {"is_member": True, "until_date": 0}
        case "kicked":
            member["until_date"] = 0
        case _:
            pass
    return member


def _status(chat: Chat, person: Person) -> str:
    user_id = person.user_id
    if person.is_bot and chat.standing is not Standing.MEMBER:
        return _STATUS[chat.standing]
    if user_id in chat.admins:
        return "creator" if user_id == chat.admins[0] and not person.is_bot else "administrator"
    if person.is_bot or user_id in chat.seen or user_id == chat.chat_id:
        return "member"
    return "left"
