"""Who set a group, a topic or a channel up: to be told in private what befalls it, and to find it
again."""

import json
from collections.abc import Iterable, Sequence

from storage.database import Row, Tx
from storage.model import ChatId, Keeper, Lang, TelegramId

_MOST_SHOWN = 8


async def put(tx: Tx, keeper: Keeper) -> None:
    """The last one to set it up is the one who is told."""
    await tx.all(
        """INSERT INTO keepers (chat, who, lang, title) VALUES (:chat, :who, :lang, :title)
           ON CONFLICT (chat) DO UPDATE SET who = excluded.who, lang = excluded.lang,
               title = excluded.title""",
        chat=keeper.chat,
        who=keeper.who,
        lang=keeper.lang,
        title=keeper.title,
    )


async def of(tx: Tx, chat: ChatId) -> Keeper | None:
    row = await tx.one("SELECT chat, who, lang, title FROM keepers WHERE chat = :c", c=chat)
    return None if row is None else _keeper(row)


async def of_any(tx: Tx, chats: Iterable[ChatId]) -> Sequence[Keeper]:
    rows = await tx.all(
        """SELECT chat, who, lang, title FROM keepers
           WHERE chat IN (SELECT value FROM json_each(:chats)) ORDER BY chat""",
        chats=json.dumps(list(chats)),
    )
    return [_keeper(row) for row in rows]


async def channels_of(tx: Tx, who: TelegramId) -> Sequence[Keeper]:
    """The channels that this person set up, where the bot is now; the newest few."""
    rows = await tx.all(
        """SELECT k.chat, k.who, k.lang, k.title FROM keepers k JOIN chats c ON c.id = k.chat
           WHERE k.who = :who AND c.kind = 'channel' AND c.state <> 'suspended'
           ORDER BY c.joined_at DESC, k.chat LIMIT :most""",
        who=who,
        most=_MOST_SHOWN,
    )
    return [_keeper(row) for row in rows]


def _keeper(row: Row) -> Keeper:
    return Keeper(
        chat=ChatId(row["chat"]),
        who=TelegramId(row["who"]),
        lang=Lang(row["lang"]),
        title=row["title"],
    )
