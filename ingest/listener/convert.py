"""Pure: Telegram's messages -> posts. Raw objects of the wire in, values of ours out."""

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

from telethon.tl import types

from ingest.text import sanitise
from storage.model import ChannelId, Post

_DOCUMENTS: Final = (
    (types.DocumentAttributeSticker, "sticker"),
    (types.DocumentAttributeAnimated, "animation"),
    (types.DocumentAttributeVideo, "video"),
    (types.DocumentAttributeAudio, "audio"),
)
"""The first attribute that a document has names it: an animation is a video as well."""


def to_post(message: Any, channel: ChannelId, received_at: datetime) -> Post:
    """``message``: a `Message` or `MessageService`. The parts of an album are posts of their
    own with one ``grouped``: one carries the caption, the others have no text."""
    service = isinstance(message, types.MessageService)
    media = None if service else media_name(message.media)
    edited = None if service else message.edit_date
    return Post(
        channel=channel,
        message=message.id,
        text="" if service else sanitise(message.message or ""),
        date=message.date.astimezone(UTC),
        edited_at=None if edited is None else edited.astimezone(UTC),
        received_at=received_at,
        digest=_digest(b"service", type(message.action).__name__.encode())
        if service
        else _digest(
            _utf8(message.message or ""),
            *map(bytes, message.entities or ()),
            _media_key(message.media),
        ),
        forwarded=not service and message.fwd_from is not None,
        grouped=None if service else message.grouped_id,
        media=media,
        service=service,
    )


def to_deletion(
    channel: ChannelId, message: int, *, date: datetime | None, received_at: datetime
) -> Post:
    """``date``: of the post that was deleted, where we have it."""
    return Post(
        channel=channel,
        message=message,
        text="",
        date=date or received_at,
        received_at=received_at,
        digest=_digest(b"deleted"),
        deleted=True,
    )


def media_name(media: Any) -> str | None:
    """``photo``, ``video``, ``poll``… A preview of a link is not media: it comes and goes."""
    match media:
        case None | types.MessageMediaEmpty() | types.MessageMediaWebPage():
            return None
        case types.MessageMediaDocument():
            if media.voice or media.round:
                return "voice" if media.voice else "video"
            attributes = getattr(media.document, "attributes", ())
            return next(
                (
                    name
                    for kind, name in _DOCUMENTS
                    if any(isinstance(a, kind) for a in attributes)
                ),
                "document",
            )
        case _:
            return type(media).__name__.removeprefix("MessageMedia").lower()


def names_of(chat: Any) -> tuple[str | None, str]:
    """Username and title as Telegram shows them. A channel may have bought further names: then
    the list of them takes the place of the one."""
    names = [chat.username, *(one.username for one in chat.usernames or () if one.active)]
    return next(filter(None, names), None), sanitise(chat.title)


def _media_key(media: Any) -> bytes:
    """What tells one attachment from another. Its counters, votes and previews do not."""
    name = media_name(media)
    if name is None:
        return b""
    held = next(
        (part for key in ("photo", "document", "poll") if (part := getattr(media, key, None))),
        None,
    )
    return f"{name} {getattr(held, 'id', 0)}".encode()


def _digest(*parts: bytes) -> str:
    mixed = blake2b(digest_size=16)
    for part in parts:
        mixed.update(len(part).to_bytes(4, "big") + part)
    return mixed.hexdigest()


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
