"""Cards: what a chat was told of an episode in a region, and whether it is behind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from storage import shares
from storage.database import PAGE, Row, Tx, Value, maybe_moment, maybe_ms, moment, ms
from storage.model import EVERYTHING, AreaCode, Card, CardId, ChatId, Share, TelegramId, Urgency

_NAMES = (
    "id", "chat", "region", "opened_version", "opened_at", "rank", "seen", "told", "shown",
    "sounded", "sounded_at", "edited_at", "message_id", "old_message_id", "alarmed", "open",
    "reason", "urgency", "via", "hushed",
)  # fmt: skip
_COLUMNS = ", ".join(f"c.{name}" for name in _NAMES)
_AT_ONCE = 100  # groups in one statement
_CALM = int(Urgency.NONE)  # called for nothing: an edit at most, or not concerned
_HOME = "COALESCE(c.via, c.region)"  # the region whose bot tells the card
_FOLLOWERS, _NEIGHBOURS = "c.via IS NULL", "c.via IS NOT NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A card that a chat is to be given for a version of a region.

    ``reason``: why, where it is not an alert: ``subscribed`` during danger; then a finished
    card that saw this version is no objection, and one opened on it begins anew. ``via``: as in
    Card.
    """

    chat: ChatId
    region: AreaCode
    version: int
    urgency: Urgency
    rank: int
    reason: str | None = None
    via: AreaCode | None = None


async def open_all(tx: Tx, openings: Iterable[Opening], at: datetime) -> None:
    """Give each chat its card unless it has one that saw this version. A live one that did not
    is called, but for what can only edit it: then it comes to its turn by what is most urgent of
    all that was not decided."""
    rows: list[dict[str, Value]] = [
        {
            "chat": each.chat,
            "region": each.region,
            "version": each.version,
            "at": ms(at),
            "urgency": int(each.urgency),
            "rank": each.rank,
            "reason": each.reason,
            "via": each.via,
        }
        for each in openings
    ]
    await tx.many(
        """UPDATE cards SET urgency = min(urgency, :urgency),
               rank = CASE WHEN urgency < :urgency THEN rank
                           WHEN urgency = :urgency THEN min(rank, :rank) ELSE :rank END
           WHERE chat = :chat AND region = :region AND open = 1 AND seen < :version""",
        [
            {name: row[name] for name in ("chat", "region", "version", "urgency", "rank")}
            for row in rows
            if row["urgency"] != int(Urgency.INFO)
        ],
    )
    await tx.many(
        """INSERT INTO cards (chat, region, opened_version, opened_at, urgency, rank, seen, reason,
               via)
           SELECT :chat, :region, :version, :at, :urgency, :rank, :version - 1, :reason, :via
           WHERE NOT EXISTS (SELECT 1 FROM cards WHERE chat = :chat AND region = :region
                             AND (open = 1 OR (seen >= :version AND :reason IS NULL)))
           ON CONFLICT (chat, region, opened_version) DO UPDATE
               SET open = 1, opened_at = excluded.opened_at, urgency = excluded.urgency,
                   rank = excluded.rank, seen = excluded.seen, told = NULL, shown = NULL,
                   message_id = NULL, due_at = NULL, hushed = 0, reason = excluded.reason,
                   via = excluded.via
               WHERE excluded.reason IS NOT NULL""",
        rows,
    )


async def behind(tx: Tx, now: datetime, limit: int, share: Share = EVERYTHING) -> Sequence[Card]:
    """Cards of active chats that a newer version may concern, or whose time has come: each kind
    up to the limit. First by the urgency that they are called for, those of one urgency by rank;
    then those that are called for nothing, whoever has waited longest first. Neighbours' stand
    behind all others, and come only where there is room."""
    rows: list[Row] = []
    for whose in (_FOLLOWERS, _NEIGHBOURS):
        if len(rows) >= limit:
            break
        turns = await _turns(tx, share, whose)
        for _, alike in groupby(turns, key=lambda t: (t["urgency"], t["since"])):
            if len(rows) < limit:
                rows += await _in_turn(tx, list(alike), limit - len(rows), share, whose)
    found = {row["id"]: row for row in (*await _due(tx, now, limit, share), *rows)}
    followers = sum(row["via"] is None for row in found.values())
    return [
        _card(row)
        for row in sorted(found.values(), key=_turn)
        if followers < limit or row["via"] is None
    ]


async def _due(tx: Tx, now: datetime, limit: int, share: Share) -> Sequence[Row]:
    """Cards whose time has come. A whole city's quiet hours may end at once, so each kind is read
    as the index has it, and no more of it than is needed."""
    mine, codes = shares.own(share, _HOME)
    kinds = [
        f"""SELECT * FROM (
                SELECT {_COLUMNS}, {0 if urgency < _CALM else "c.due_at"} AS since
                FROM cards c JOIN chats t ON t.id = c.chat AND t.state = 'active'
                WHERE (c.via IS NOT NULL) = {beyond} AND c.urgency = {int(urgency)}
                  AND c.due_at <= :now {mine}
                ORDER BY c.due_at, c.rank, c.id LIMIT :limit)"""
        for beyond in (0, 1)
        for urgency in Urgency
    ]
    rows = await tx.all(" UNION ALL ".join(kinds), now=ms(now), limit=limit, **codes)
    return sorted(rows, key=_turn)[:limit]


def _turn(row: Row) -> tuple[bool, int, int, int, int]:
    return row["via"] is not None, row["urgency"], row["since"], row["rank"], row["id"]


async def _turns(tx: Tx, share: Share, whose: str) -> Sequence[Row]:
    """Cards that are behind, by what they have in common: what they are called for and what they
    saw, hence since when they are behind (ms; 0 for those that are called). From group to group
    by the index, so it does not matter how many cards there are. A region's neighbours may be any
    bot's."""
    mine, codes = shares.own(share, "h.region") if whose == _FOLLOWERS else ("", {})
    return await tx.all(
        f"""WITH RECURSIVE turns (region, version, urgency, seen) AS (
               SELECT h.region, h.version, u.value,
                   (SELECT min(c.seen) FROM cards c
                    WHERE c.open = 1 AND {whose} AND c.region = h.region AND c.urgency = u.value)
               FROM heads h CROSS JOIN json_each('{[int(u) for u in Urgency]}') u
               WHERE 1 = 1 {mine}
               UNION ALL
               SELECT t.region, t.version, t.urgency,
                   (SELECT min(c.seen) FROM cards c
                    WHERE c.open = 1 AND {whose} AND c.region = t.region
                      AND c.urgency = t.urgency AND c.seen > t.seen)
               FROM turns t WHERE t.seen < t.version)
           SELECT region, urgency, seen,
               CASE WHEN urgency < {_CALM} THEN 0 ELSE COALESCE(
                   (SELECT a.published_at FROM alerts a
                    WHERE a.region = turns.region AND a.version > turns.seen
                    ORDER BY a.version LIMIT 1), 0) END AS since
           FROM turns WHERE seen < version ORDER BY urgency, since""",
        **codes,
    )


async def _in_turn(
    tx: Tx, turns: Sequence[Row], limit: int, share: Share, whose: str
) -> Sequence[Row]:
    """The first cards of these groups together, by rank. SQLite merges the groups, each of which
    the index has in order: of each no more is read than is needed."""
    mine, codes = shares.own(share, "c.via") if whose == _NEIGHBOURS else ("", {})
    found: list[Row] = []
    for first in range(0, len(turns), _AT_ONCE):
        some = turns[first : first + _AT_ONCE]
        groups = [
            f"""SELECT {_COLUMNS}, :since AS since FROM cards c
                JOIN chats t ON t.id = c.chat AND t.state = 'active'
                WHERE c.open = 1 AND {whose} AND c.region = :r{n} AND c.urgency = :u{n}
                  AND c.seen = :s{n} {mine}"""
            for n in range(len(some))
        ]
        values: dict[str, Value] = {"since": some[0]["since"], **codes}
        for n, turn in enumerate(some):
            values |= {f"r{n}": turn["region"], f"u{n}": turn["urgency"], f"s{n}": turn["seen"]}
        merged = " UNION ALL ".join(groups) + " ORDER BY c.rank, c.id LIMIT :limit"
        found += await tx.all(merged, limit=limit, **values)
    return sorted(found, key=_turn)[:limit]


async def demote(tx: Tx, decided: Iterable[tuple[CardId, int, Urgency]]) -> None:
    """What was decided on a version of each card is no more urgent than this, and may wait."""
    await tx.many(
        f"UPDATE cards SET {answered(':urgency')} WHERE id = :id",
        [{"id": id, "version": version, "urgency": int(u)} for id, version, u in decided],
    )


def answered(urgency: str = str(_CALM)) -> str:
    """SQL: what the card was called for up to ``:version`` has come to its turn. What came since
    still has to, and may be what a live one is called for."""
    return f"""urgency = CASE WHEN open = 1 AND EXISTS (SELECT 1 FROM heads h
                                 WHERE h.region = cards.region AND h.version > :version)
                              THEN urgency ELSE {urgency} END"""


async def next_due(
    tx: Tx, after: datetime | None = None, share: Share = EVERYTHING
) -> datetime | None:
    """When the next card of an active chat is due, of those not due yet at ``after``."""
    mine, codes = shares.own(share, _HOME)
    row = await tx.one(
        f"""SELECT c.due_at FROM cards c JOIN chats t ON t.id = c.chat AND t.state = 'active'
            WHERE c.due_at > :after {mine}
            ORDER BY c.due_at LIMIT 1""",
        after=-1 if after is None else ms(after),
        **codes,
    )
    return None if row is None else moment(row["due_at"])


async def get(tx: Tx, card: CardId) -> Card | None:
    row = await tx.one(f"SELECT {_COLUMNS} FROM cards c WHERE c.id = :id", id=card)
    return None if row is None else _card(row)


async def of_chat(tx: Tx, chat: ChatId) -> Sequence[Card]:
    rows = await tx.all(
        f"SELECT {_COLUMNS} FROM cards c WHERE c.chat = :chat ORDER BY c.id DESC LIMIT 100",
        chat=chat,
    )
    return [_card(row) for row in rows]


async def live(tx: Tx, chat: ChatId, region: AreaCode) -> Card | None:
    row = await tx.one(
        f"""SELECT {_COLUMNS} FROM cards c
            WHERE c.chat = :chat AND c.region = :region AND c.open = 1""",
        chat=chat,
        region=region,
    )
    return None if row is None else _card(row)


async def topic_of(tx: Tx, group: TelegramId, message: int) -> ChatId | None:
    """The topic of the group whose alert this message is, wherever it stands in the group."""
    row = await tx.one(
        """SELECT c.chat FROM chats t JOIN cards c ON c.chat = t.id
           WHERE t.forum = :group AND c.message_id = :message""",
        group=group,
        message=message,
    )
    return None if row is None else ChatId(row["chat"])


async def last_sounds(tx: Tx, ids: Sequence[ChatId]) -> dict[ChatId, datetime]:
    """When each of these chats last heard a sound, on any card."""
    marks = ", ".join(f":c{i}" for i in range(len(ids)))
    rows = await tx.all(
        f"""SELECT chat, max(sounded_at) AS at FROM cards
            WHERE sounded_at IS NOT NULL AND chat IN ({marks}) GROUP BY chat""",
        **{f"c{i}": id_ for i, id_ in enumerate(ids)},
    )
    return {ChatId(row["chat"]): moment(row["at"]) for row in rows}


async def skip(
    tx: Tx,
    card: CardId,
    version: int,
    reason: str,
    *,
    close: bool,
    again: datetime | None = None,
) -> None:
    """Decided on ``version``: nothing to tell. Closes only if that is still the latest: a newer
    alert may have found the card open. ``again``: when it is to be decided anew anyway."""
    await tx.all(
        f"""UPDATE cards SET seen = :version, reason = :reason, due_at = :again, {answered()},
               open = CASE WHEN :close = 1 AND NOT EXISTS (
                                   SELECT 1 FROM heads h
                                   WHERE h.region = cards.region AND h.version > :version)
                           THEN 0 ELSE open END
           WHERE id = :id""",
        id=card,
        version=version,
        reason=reason,
        close=close,
        again=maybe_ms(again),
    )


async def reconsider(tx: Tx, chat: ChatId, at: datetime) -> None:
    """The chat's wishes for sounds changed: what its live cards wait for may come sooner."""
    await tx.all(
        """UPDATE cards SET due_at = :at
           WHERE chat = :chat AND open = 1 AND told IS NOT NULL
             AND (due_at IS NULL OR due_at > :at)""",
        chat=chat,
        at=ms(at),
    )


async def rouse(tx: Tx, region: AreaCode, at: datetime) -> bool:
    """Sounds may come again there: look at the next so many cards whose sound was taken from them;
    whether there may be more."""
    rows = await tx.all(
        f"""UPDATE cards SET due_at = :at
           WHERE id IN (SELECT id FROM cards
                        WHERE region = :region AND open = 1 AND hushed = 1 AND due_at > :at
                        LIMIT {PAGE}) RETURNING id""",
        region=region,
        at=ms(at),
    )
    return len(rows) == PAGE


async def redraw(tx: Tx, chat: ChatId, region: AreaCode | None, at: datetime) -> None:
    """The chat's wishes changed: its live card of a region, or of all, is to be shown anew, by an
    edit."""
    await tx.all(
        """UPDATE cards SET shown = NULL, due_at = :at
           WHERE chat = :chat AND (:region IS NULL OR region = :region) AND open = 1
             AND told IS NOT NULL""",
        chat=chat,
        region=region,
        at=ms(at),
    )


async def close(tx: Tx, chat: ChatId, region: AreaCode) -> None:
    """The chat follows nothing there any more: its live card ends as it is."""
    await tx.all(
        f"""UPDATE cards SET open = 0, due_at = NULL, urgency = {_CALM}, reason = 'unfollowed'
           WHERE chat = :chat AND region = :region AND open = 1""",
        chat=chat,
        region=region,
    )


async def of_neighbours(tx: Tx, chat: ChatId) -> Sequence[Card]:
    """The chat's live cards of regions that it does not follow."""
    rows = await tx.all(
        f"""SELECT {_COLUMNS} FROM cards c
            WHERE c.chat = :chat AND c.open = 1 AND {_NEIGHBOURS} ORDER BY c.region""",
        chat=chat,
    )
    return [_card(row) for row in rows]


async def lead_by(tx: Tx, card: CardId, via: AreaCode) -> None:
    """A neighbour's card goes on by way of another region that the chat follows."""
    await tx.all("UPDATE cards SET via = :via WHERE id = :id", id=card, via=via)


async def adopt(
    tx: Tx, chat: ChatId, region: AreaCode, rank: int, reason: str, at: datetime
) -> None:
    """The chat follows now what it had as a neighbour: its live card, if any, is an ordinary one.
    It counts as told of what is in force, which an edit shows it now; where it was told nothing
    yet, ``reason`` is that of a card given during danger."""
    await tx.all(
        f"""UPDATE cards SET via = NULL, rank = :rank, shown = NULL,
               urgency = CASE WHEN told IS NULL THEN {int(Urgency.IMPORTANT)} ELSE {_CALM} END,
               told = CASE WHEN told IS NULL THEN NULL ELSE h.version END,
               seen = CASE WHEN told IS NULL THEN seen ELSE h.version END,
               due_at = CASE WHEN told IS NULL THEN NULL ELSE :at END,
               reason = CASE WHEN told IS NULL THEN :reason ELSE reason END
           FROM heads h
           WHERE h.region = cards.region AND cards.chat = :chat AND cards.region = :region
             AND cards.open = 1 AND cards.via IS NOT NULL""",
        chat=chat,
        region=region,
        rank=rank,
        reason=reason,
        at=ms(at),
    )


async def postpone(
    tx: Tx, card: CardId, until: datetime, reason: str, *, seen: int | None = None
) -> None:
    """Look again at ``until``, or when a version newer than ``seen`` comes."""
    await tx.all(
        """UPDATE cards SET due_at = :until, reason = :reason, seen = COALESCE(:seen, seen)
           WHERE id = :id""",
        id=card,
        until=ms(until),
        reason=reason,
        seen=seen,
    )


async def superseded(tx: Tx, share: Share = EVERYTHING) -> Sequence[Card]:
    """Cards of active chats whose former live message does not say yet where the story goes on."""
    mine, codes = shares.own(share, _HOME)
    rows = await tx.all(
        f"""SELECT {_COLUMNS} FROM cards c JOIN chats t ON t.id = c.chat AND t.state = 'active'
            WHERE c.old_message_id IS NOT NULL AND c.old_message_id IS NOT c.message_id {mine}
            ORDER BY c.id DESC LIMIT {PAGE}""",
        **codes,
    )
    return [_card(row) for row in rows]


async def continued(tx: Tx, card: CardId, message: int) -> None:
    """That former live message says where the story goes on (or is gone)."""
    await tx.all(
        "UPDATE cards SET old_message_id = NULL WHERE id = :id AND old_message_id = :message",
        id=card,
        message=message,
    )


async def lost(tx: Tx, card: CardId) -> None:
    """Its live message is gone: the next change is a new message."""
    await tx.all("UPDATE cards SET message_id = NULL, shown = NULL WHERE id = :id", id=card)


async def alarmed(tx: Tx, region: AreaCode) -> int:
    """Chats whose running card of the region told of danger."""
    row = await tx.one(
        "SELECT count(*) AS n FROM cards WHERE region = :region AND open = 1 AND alarmed = 1",
        region=region,
    )
    return 0 if row is None else int(row["n"])


async def backlog(tx: Tx) -> int:
    """Cards whose region has a version that they have not been decided on."""
    row = await tx.one(
        """SELECT count(*) AS n FROM heads h JOIN cards c ON c.region = h.region
           JOIN chats t ON t.id = c.chat AND t.state = 'active'
           WHERE c.open = 1 AND c.seen < h.version"""
    )
    return 0 if row is None else int(row["n"])


async def versions(tx: Tx, after: CardId) -> tuple[frozenset[tuple[AreaCode, int]], CardId | None]:
    """The versions of regions that the next page of cards needs; the last of these cards, None
    behind them all."""
    rows = await tx.all(
        f"""SELECT id, region, opened_version, told, shown FROM cards
            WHERE id > :after ORDER BY id LIMIT {PAGE}""",
        after=after,
    )
    needed = frozenset(
        (AreaCode(row["region"]), row[name])
        for row in rows
        for name in ("opened_version", "told", "shown")
        if row[name] is not None
    )
    return needed, CardId(rows[-1]["id"]) if rows else None


async def prune(tx: Tx, before: datetime) -> bool:
    """Forget a page of the closed cards opened before then; whether there may be more."""
    rows = await tx.all(
        f"""DELETE FROM cards WHERE id IN (
                SELECT id FROM cards WHERE open = 0 AND due_at IS NULL AND opened_at < :before
                LIMIT {PAGE}) RETURNING id""",
        before=ms(before),
    )
    return len(rows) == PAGE


def _card(row: Row) -> Card:
    return Card(
        id=CardId(row["id"]),
        chat=ChatId(row["chat"]),
        region=AreaCode(row["region"]),
        opened_version=row["opened_version"],
        opened_at=moment(row["opened_at"]),
        rank=row["rank"],
        seen=row["seen"],
        told=row["told"],
        shown=row["shown"],
        sounded=row["sounded"],
        sounded_at=maybe_moment(row["sounded_at"]),
        edited_at=maybe_moment(row["edited_at"]),
        message_id=row["message_id"],
        old_message_id=row["old_message_id"],
        alarmed=bool(row["alarmed"]),
        open=bool(row["open"]),
        reason=row["reason"],
        urgency=Urgency(row["urgency"]),
        via=None if row["via"] is None else AreaCode(row["via"]),
        hushed=bool(row["hushed"]),
    )
