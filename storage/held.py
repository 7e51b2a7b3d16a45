"""Everything that is held of one chat, for the chat itself."""

import json
from typing import Final

from storage.database import PAGE, Row, Tx, moment
from storage.model import ChatId

Held = dict[str, list[dict[str, object]]]
"""By table: rows, newest last. Times are ISO 8601, UTC."""

_TIMES: Final = ("since", "until")
_NOT_SHOWN: Final = frozenset(("keepers", "nonces"))
_JSON: Final = frozenset(("wishes",))


async def of_chat(tx: Tx, chat: ChatId) -> Held:
    """All tables that have a column ``chat``, whichever there are: none can be forgotten here,
    but for one-time secrets, and the person who set a group up, which its members would read.
    Empty where nothing is held. Of a table at most the newest 1,000 rows."""
    tables = await tx.all(
        """SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
           WHERE m.type = 'table' AND c.name = 'chat' ORDER BY m.name"""
    )
    wanted = {"chats": "t.id = :chat"}
    wanted |= {row["name"]: "t.chat = :chat" for row in tables if row["name"] not in _NOT_SHOWN}
    wanted["attempts"] = "t.card IN (SELECT c.id FROM cards c WHERE c.chat = :chat)"
    found: Held = {}
    for table, condition in wanted.items():
        rows = await tx.all(
            f"""SELECT t.* FROM {table} t WHERE {condition}
                ORDER BY t.rowid DESC LIMIT {PAGE}""",
            chat=chat,
        )
        if rows:
            found[table] = [_readable(row) for row in reversed(rows)]
    return found


def _readable(row: Row) -> dict[str, object]:
    return {name: _value(name, row[name]) for name in row.keys()}  # noqa: SIM118 - no mapping


def _value(name: str, value: object) -> object:
    if isinstance(value, int) and (name in _TIMES or name.endswith("_at")):
        return moment(value).isoformat()
    if isinstance(value, str) and name in _JSON:
        return json.loads(value)
    return value
