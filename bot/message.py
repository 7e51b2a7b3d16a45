"""A message as we mean it, before any vendor's types. Standard library only, no I/O."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Formatting of a part of the text: ``type`` is the Bot API's (``bold``, ``text_link``).

    ``offset`` and ``length`` count UTF-16 units. Telegram ignores entities beyond the 100th.
    """

    type: str
    offset: int
    length: int
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button under a message: ``data`` (at most 64 bytes) comes back to us, ``url`` opens."""

    text: str
    data: str | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        if (self.data is None) == (self.url is None):
            raise ValueError("a button has data or a url, never both")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """``plain`` is the short form without formatting that goes out when Telegram objects to the
    full one; empty: the text itself. ``keyboard`` is rows of buttons; an edit replaces it.
    ``locate``: the label of a button below the chat, used once, by which a person shares where
    they are; of new messages in private chats without a keyboard only."""

    text: str
    entities: tuple[Entity, ...] = ()
    plain: str = ""
    keyboard: tuple[tuple[Button, ...], ...] = ()
    locate: str = ""
