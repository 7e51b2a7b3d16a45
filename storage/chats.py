"""Chats and what they follow. Nothing of a chat is kept but what delivery needs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2s

from storage import codec, shares
from storage.database import PAGE, Row, Tx, maybe_moment, moment, ms
from storage.model import (
    EVERYTHING,
    AreaCode,
    Chat,
    ChatId,
    ChatKind,
    ChatState,
    Lang,
    Share,
    TelegramId,
    Wishes,
)

_COLUMNS = """id, kind, lang, members, state, why, forum, thread, closed, wishes, joined_at,
    suspended_at, probes"""
_WHOLE = "(id = :telegram OR forum = :telegram)"
"""A group and its topics."""
FIRST = """(c.forum IS NULL OR NOT EXISTS (SELECT 1 FROM chats k
    WHERE (k.id = c.forum OR k.forum = c.forum) AND k.id < c.id AND k.state = 'active'))"""
"""Of an active chat ``c``: one for each group, however many topics it has; itself if it can be."""
_OURS = 1 << 62
"""Telegram's ids are far below: keys of topics begin above, for old ones 0013_topics.sql."""
_OLD_TOPICS = 1 << 40
_PRIVATE_RANK = 1_000_000
BEYOND = _PRIVATE_RANK + 1
"""What is added to the rank of a chat that hears as a neighbour: it stands behind all that follow
(DOMAIN §6), in the same order among its like."""
BEFORE_NEIGHBOURS = (BEYOND, -(2**63), "")
_WISH = "COALESCE(json_extract(wishes, '$.neighbours'), 0)"


def rank(kind: ChatKind, members: int) -> int:
    """Who hears first, lower first: chats that reach most people (DOMAIN §6)."""
    if kind is ChatKind.PRIVATE:
        return _PRIVATE_RANK
    return _PRIVATE_RANK - max(1, min(members, _PRIVATE_RANK))


def key_of(telegram: TelegramId, thread: int | None) -> ChatId:
    """Of a chat that is not known yet, by its address: the same whenever it is asked for."""
    if thread is None:
        return ChatId(telegram)
    digest = blake2s(f"{telegram}/{thread}".encode(), digest_size=8).digest()
    return ChatId(_OURS + _OLD_TOPICS + int.from_bytes(digest) % (_OURS - _OLD_TOPICS))


async def put(tx: Tx, chat: Chat) -> None:
    """Add the chat, or take over its kind, language and state if it is known."""
    await tx.all(
        """INSERT INTO chats (id, kind, lang, members, rank, state, why, forum, thread, wishes,
               joined_at)
           VALUES (:id, :kind, :lang, :members, :rank, :state, NULL, :forum, :thread, :wishes,
               :joined_at)
           ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, lang = excluded.lang,
               state = excluded.state, why = NULL,
               suspended_at = CASE WHEN excluded.state = 'suspended' THEN chats.suspended_at END,
               probes = CASE WHEN excluded.state = 'suspended' THEN chats.probes ELSE 0 END""",
        id=chat.id,
        kind=chat.kind,
        lang=chat.lang,
        members=chat.members,
        rank=rank(chat.kind, chat.members),
        state=chat.state,
        forum=chat.forum,
        thread=chat.thread,
        wishes=codec.dump(chat.wishes),
        joined_at=ms(chat.joined_at),
    )


async def get(tx: Tx, chat: ChatId) -> Chat | None:
    row = await tx.one(f"SELECT {_COLUMNS} FROM chats WHERE id = :id", id=chat)
    return None if row is None else _chat(row)


async def whole(tx: Tx, telegram: TelegramId) -> Sequence[Chat]:
    """What is held of a group and of its topics, itself first; of another chat, the chat."""
    rows = await tx.all(
        f"SELECT {_COLUMNS} FROM chats WHERE {_WHOLE} ORDER BY id LIMIT {PAGE}",
        telegram=telegram,
    )
    return [_chat(row) for row in rows]


async def audience(
    tx: Tx, ids: Sequence[ChatId]
) -> dict[ChatId, tuple[Chat, tuple[AreaCode, ...]]]:
    """The chats of these ids, each with all that it follows in order of code."""
    marks = ", ".join(f":c{i}" for i in range(len(ids)))
    values: dict[str, int] = {f"c{i}": id_ for i, id_ in enumerate(ids)}
    rows = await tx.all(f"SELECT {_COLUMNS} FROM chats WHERE id IN ({marks})", **values)
    follows: dict[int, list[AreaCode]] = {}
    for row in await tx.all(
        f"SELECT chat, area FROM follows WHERE chat IN ({marks}) ORDER BY chat, area", **values
    ):
        follows.setdefault(row["chat"], []).append(AreaCode(row["area"]))
    found = (_chat(row) for row in rows)
    return {chat.id: (chat, tuple(follows.get(chat.id, ()))) for chat in found}


async def set_state(tx: Tx, chat: ChatId, state: ChatState, why: str | None = None) -> None:
    """Of its own will. See `suspend` for a chat that may not be written to."""
    await tx.all(
        """UPDATE chats SET state = :state, why = :why, suspended_at = NULL, probes = 0
           WHERE id = :id""",
        id=chat,
        state=state,
        why=why,
    )


async def suspend(
    tx: Tx,
    telegram: TelegramId,
    why: str,
    at: datetime,
    share: Share = EVERYTHING,
    *,
    only: ChatId | None = None,
) -> Sequence[ChatId]:
    """A bot may not write to it, nor to any of its topics: those that are active end. One on trial
    goes on as if it had never been: since the same time, with the probes that it had. Not one that
    follows regions of another bot too, which may be let in. ``only``: this topic alone, or all but
    the topics. The chats that it concerns, whatever their state."""
    theirs, codes = shares.foreign(share, "f.region")
    concerned = f"""{_WHOLE} AND (:only IS NULL OR id = :only)
        AND NOT EXISTS (SELECT 1 FROM follows f WHERE f.chat = chats.id {theirs})"""
    await tx.all(
        f"""UPDATE chats SET state = 'suspended', why = :why,
               suspended_at = COALESCE(suspended_at, :at)
            WHERE state = 'active' AND {concerned}""",
        telegram=telegram,
        only=only,
        why=why,
        at=ms(at),
        **codes,
    )
    rows = await tx.all(
        f"SELECT id FROM chats WHERE {concerned} ORDER BY id",
        telegram=telegram,
        only=only,
        **codes,
    )
    return [ChatId(row["id"]) for row in rows]


async def revive(tx: Tx, telegram: TelegramId) -> Sequence[Chat]:
    """It spoke to us, let us in again or took a message: it and its topics are active where they
    were suspended, and those on trial are so no more. Those that this concerned."""
    rows = await tx.all(
        f"""UPDATE chats SET state = 'active', why = NULL, suspended_at = NULL, probes = 0
            WHERE {_WHOLE} AND (state = 'suspended' OR state = 'active' AND probes > 0)
            RETURNING {_COLUMNS}""",
        telegram=telegram,
    )
    return [_chat(row) for row in rows]


async def close(tx: Tx, chat: ChatId, *, closed: bool) -> None:
    """A topic takes no messages, or takes them again."""
    await tx.all(
        "UPDATE chats SET closed = :closed WHERE id = :id AND thread IS NOT NULL",
        id=chat,
        closed=closed,
    )


async def to_probe(
    tx: Tx, since: Sequence[datetime], share: Share = EVERYTHING
) -> Sequence[ChatId]:
    """Suspended chats whose next probe is due: those of n probes, if they are suspended since
    ``since[n]`` or longer; the longest first."""
    due = " OR ".join(f"(probes = {n} AND suspended_at <= :since{n})" for n in range(len(since)))
    theirs, codes = shares.foreign(share, "f.region")
    rows = await tx.all(
        f"""SELECT id FROM chats WHERE state = 'suspended' AND ({due})
              AND NOT EXISTS (SELECT 1 FROM follows f WHERE f.chat = chats.id {theirs})
            ORDER BY suspended_at, id LIMIT {PAGE}""",
        **codes,
        **{f"since{n}": ms(at) for n, at in enumerate(since)},
    )
    return [ChatId(row["id"]) for row in rows]


async def probed(
    tx: Tx, chat: ChatId, probes: int, *, why: str | None = None, trial: bool = False
) -> None:
    """A suspended chat was tried again, so often by now. ``why``: why it may not be written to
    still. ``trial``: it is active until its next message shows whether it may."""
    await tx.all(
        """UPDATE chats SET probes = :probes, why = COALESCE(:why, why),
               state = CASE WHEN :trial = 1 THEN 'active' ELSE state END
           WHERE id = :id AND state = 'suspended'""",
        id=chat,
        probes=probes,
        why=why,
        trial=trial,
    )


async def refused_since(
    tx: Tx, why: str, since: datetime, share: Share = EVERYTHING
) -> Sequence[Chat]:
    """Chats suspended since then by the answer to a message of ours, all for the same reason; not
    those whose people told Telegram to keep us out."""
    mine, codes = shares.own(share, "COALESCE(c.via, c.region)")
    rows = await tx.all(
        f"""SELECT {_COLUMNS} FROM chats
            WHERE state = 'suspended' AND why = :why AND suspended_at >= :since
              AND EXISTS (SELECT 1 FROM cards c JOIN attempts a ON a.card = c.id
                          WHERE c.chat = chats.id {mine} AND a.outcome = 'unreachable:' || :why
                            AND a.ended_at = chats.suspended_at)
            ORDER BY rank, id LIMIT {PAGE}""",
        why=why,
        since=ms(since),
        **codes,
    )
    return [_chat(row) for row in rows]


async def set_lang(tx: Tx, chat: ChatId, lang: Lang) -> None:
    await tx.all("UPDATE chats SET lang = :lang WHERE id = :id", id=chat, lang=lang)


async def set_wishes(tx: Tx, chat: ChatId, wishes: Wishes) -> None:
    """All but whether it hears of neighbours, for which see `choose_neighbours`."""
    await tx.all(
        "UPDATE chats SET wishes = :wishes WHERE id = :id", id=chat, wishes=codec.dump(wishes)
    )


async def forget_loudness(tx: Tx, chat: ChatId, region: AreaCode) -> None:
    """It follows nothing there any more: whoever comes back hears what is usual."""
    held = await get(tx, chat)
    if held is not None and region in dict(held.wishes.louder):
        others = tuple(each for each in held.wishes.louder if each[0] != region)
        await set_wishes(tx, chat, replace(held.wishes, louder=others))


async def set_members(tx: Tx, chat: Chat, members: int) -> None:
    """Of a group, for all of its topics. Its rank stays while an alert is being dispatched by
    rank: it would be passed over."""
    new = rank(chat.kind, members)
    await tx.all(
        f"""UPDATE chats SET members = :members,
               rank = CASE WHEN EXISTS (SELECT 1 FROM alerts WHERE dispatched = 0) THEN rank
                           ELSE :rank END
            WHERE {_WHOLE}""",
        telegram=chat.telegram,
        members=members,
        rank=new,
    )
    await tx.all(
        f"""UPDATE follows SET rank = :rank
            WHERE chat IN (SELECT id FROM chats WHERE {_WHOLE})
              AND NOT EXISTS (SELECT 1 FROM alerts WHERE dispatched = 0)""",
        telegram=chat.telegram,
        rank=new,
    )


async def crowds(tx: Tx) -> Sequence[Chat]:
    """Active groups and channels, whose member counts change; of a group with topics, any one."""
    rows = await tx.all(
        f"""SELECT {_COLUMNS} FROM chats c
            WHERE state = 'active' AND kind <> 'private' AND {FIRST}
            ORDER BY rank, id LIMIT {PAGE}"""
    )
    return [_chat(row) for row in rows]


async def forget(tx: Tx, chat: ChatId) -> None:
    """Delete all that is held of the chat; follows, cards and attempts go with it."""
    await tx.all("DELETE FROM notices WHERE chat = :id", id=chat)
    await tx.all("DELETE FROM nonces WHERE chat = :id OR who = :id", id=chat)
    await tx.all("DELETE FROM keepers WHERE chat = :id OR who = :id", id=chat)
    await tx.all("DELETE FROM chats WHERE id = :id", id=chat)


async def migrate(tx: Tx, old: TelegramId, new: TelegramId) -> None:
    """A group became a supergroup: its id changes, its message ids are dead."""
    await tx.all(
        """UPDATE cards SET message_id = NULL, old_message_id = NULL, shown = NULL
           WHERE chat = :old""",
        old=old,
    )
    await _become(tx, ChatId(old), ChatId(new))
    # Only supergroups have topics: this is for what Telegram has never done.
    await tx.all("UPDATE OR REPLACE chats SET forum = :new WHERE forum = :old", old=old, new=new)


async def fold(tx: Tx, topic: Chat) -> None:
    """A topic is gone: what it followed and its running episodes go on in the group's General,
    where they can be seen and changed, even if that had been told to stop."""
    if topic.forum is not None and await get(tx, topic.id) is not None:
        general = ChatId(topic.forum)
        await _become(tx, topic.id, general)
        await set_state(tx, general, topic.state, topic.why)


async def _become(tx: Tx, old: ChatId, new: ChatId) -> None:
    """What is held of ``old`` is ``new``'s from now on, beside what that has."""
    await tx.all("DELETE FROM nonces WHERE chat = :old", old=old)
    held = await get(tx, new)
    if held is None:
        await tx.all(
            "UPDATE OR REPLACE keepers SET chat = :new WHERE chat = :old", old=old, new=new
        )
        await tx.all(
            """UPDATE chats SET id = :new, kind = 'supergroup', forum = NULL, thread = NULL,
                   closed = 0
               WHERE id = :old""",
            old=old,
            new=new,
        )
        return
    before = await get(tx, old)
    if before is not None and before.wishes.neighbours:
        await choose_neighbours(tx, new, wish=True)
    await tx.all(
        f"""INSERT INTO follows (chat, area, region, since, rank, beyond)
           SELECT :new, area, region, since,
               (SELECT c.rank FROM chats c WHERE c.id = :new),
               (SELECT {_WISH} FROM chats c WHERE c.id = :new)
           FROM follows WHERE chat = :old
           ON CONFLICT (chat, area) DO NOTHING""",
        old=old,
        new=new,
    )
    # A running episode goes on there: its all-clear must not be lost.
    await tx.all(
        """UPDATE cards SET chat = :new
           WHERE chat = :old AND open = 1
             AND NOT EXISTS (SELECT 1 FROM cards mine
                             WHERE mine.chat = :new AND mine.region = cards.region
                               AND (mine.open = 1
                                    OR mine.opened_version = cards.opened_version))""",
        old=old,
        new=new,
    )
    await tx.all("UPDATE OR IGNORE keepers SET chat = :new WHERE chat = :old", old=old, new=new)
    await tx.all("DELETE FROM keepers WHERE chat = :old", old=old)
    await tx.all("DELETE FROM chats WHERE id = :old", old=old)


async def follow(tx: Tx, chat: ChatId, region: AreaCode, area: AreaCode, at: datetime) -> None:
    await tx.all(
        f"""INSERT INTO follows (chat, area, region, since, rank, beyond)
           SELECT id, :area, :region, :at, rank, {_WISH} FROM chats WHERE id = :chat
           ON CONFLICT (chat, area) DO NOTHING""",
        chat=chat,
        area=area,
        region=region,
        at=ms(at),
    )


async def unfollow(tx: Tx, chat: ChatId, area: AreaCode) -> None:
    await tx.all("DELETE FROM follows WHERE chat = :chat AND area = :area", chat=chat, area=area)


async def unfollow_all(tx: Tx, chat: ChatId) -> None:
    await tx.all("DELETE FROM follows WHERE chat = :chat", chat=chat)


async def choose_neighbours(tx: Tx, chat: ChatId, *, wish: bool) -> None:
    """Whether it is to hear of the neighbours of what it follows, or comes to follow."""
    held = await get(tx, chat)
    if held is None:
        return
    await tx.all(
        "UPDATE chats SET wishes = :wishes WHERE id = :id",
        id=chat,
        wishes=codec.dump(replace(held.wishes, neighbours=wish)),
    )
    await tx.all("UPDATE follows SET beyond = :wish WHERE chat = :id", id=chat, wish=wish)


async def followed(tx: Tx, chat: ChatId, region: AreaCode | None = None) -> tuple[AreaCode, ...]:
    """Areas that the chat follows, in one region or in all, in order of code."""
    rows = await tx.all(
        """SELECT area FROM follows WHERE chat = :chat AND (:region IS NULL OR region = :region)
           ORDER BY area LIMIT 1000""",
        chat=chat,
        region=region,
    )
    return tuple(AreaCode(row["area"]) for row in rows)


async def followed_in(tx: Tx, telegram: TelegramId) -> tuple[AreaCode, ...]:
    """Areas that a group or any of its topics follows."""
    rows = await tx.all(
        f"""SELECT DISTINCT area FROM follows
            WHERE chat IN (SELECT id FROM chats WHERE {_WHOLE}) ORDER BY area LIMIT {PAGE}""",
        telegram=telegram,
    )
    return tuple(AreaCode(row["area"]) for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """``via``: for a neighbour, the region that it follows; ``rank`` has BEYOND in it then."""

    chat: ChatId
    area: AreaCode
    rank: int
    via: AreaCode | None = None


async def followers(
    tx: Tx, region: AreaCode, after: tuple[int, int, str], limit: int = PAGE
) -> Sequence[Follow]:
    """A page of an active chat's follows in a region, best rank first, behind ``after``."""
    rank_, chat, area = after
    rows = await tx.all(
        """SELECT f.chat, f.area, f.rank FROM follows f JOIN chats c ON c.id = f.chat
           WHERE f.region = :region AND c.state = 'active'
             AND (f.rank, f.chat, f.area) > (:rank, :chat, :area)
           ORDER BY f.rank, f.chat, f.area LIMIT :limit""",
        region=region,
        rank=rank_,
        chat=chat,
        area=area,
        limit=limit,
    )
    return [
        Follow(chat=ChatId(row["chat"]), area=AreaCode(row["area"]), rank=row["rank"])
        for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """How many follow just the places that an alert names, and how many anything of the region;
    not counted beyond a limit."""

    named: int
    everybody: int


async def scope(tx: Tx, region: AreaCode, named: Sequence[AreaCode], limit: int) -> Scope:
    row = await tx.one(
        """SELECT (SELECT count(*) FROM (SELECT 1 FROM follows WHERE region = :region
                                         LIMIT :limit)) AS everybody,
               (SELECT count(*) FROM (SELECT 1 FROM json_each(:named) n
                                      JOIN follows f ON f.area = n.value
                                      WHERE f.region = :region LIMIT :limit)) AS named""",
        region=region,
        named=json.dumps(named),
        limit=limit,
    )
    assert row is not None  # an aggregate
    return Scope(named=row["named"], everybody=row["everybody"])


async def neighbours(
    tx: Tx,
    region: AreaCode,
    around: Sequence[AreaCode],
    after: tuple[int, int, str] = BEFORE_NEIGHBOURS,
    limit: int = PAGE,
) -> Sequence[Follow]:
    """A page of the follows in the regions ``around``, of active chats that wish to hear of
    neighbours and follow nothing in ``region`` itself; best rank first, behind ``after``. A chat
    comes once for each area that it follows there."""
    if not around:
        return []
    rank_, chat, area = after
    pages = [
        f"""SELECT * FROM (
                SELECT f.chat, f.area, f.region, f.rank
                FROM follows f JOIN chats c ON c.id = f.chat
                WHERE f.beyond = 1 AND f.region = :n{n} AND c.state = 'active'
                  AND (f.rank, f.chat, f.area) > (:rank, :chat, :area)
                  AND NOT EXISTS (SELECT 1 FROM follows own
                                  WHERE own.beyond = 1 AND own.chat = f.chat
                                    AND own.region = :region)
                ORDER BY f.rank, f.chat, f.area LIMIT :limit)"""
        for n in range(len(around))
    ]
    codes = {f"n{n}": code for n, code in enumerate(around)}
    rows = await tx.all(
        f"{' UNION ALL '.join(pages)} ORDER BY rank, chat, area LIMIT :limit",
        region=region,
        rank=rank_ - BEYOND,
        chat=chat,
        area=area,
        limit=limit,
        **codes,
    )
    return [
        Follow(
            chat=ChatId(row["chat"]),
            area=AreaCode(row["area"]),
            rank=row["rank"] + BEYOND,
            via=AreaCode(row["region"]),
        )
        for row in rows
    ]


async def tally(tx: Tx) -> dict[str, int]:
    """Chats by state."""
    rows = await tx.all("SELECT state, count(*) AS n FROM chats GROUP BY state")
    return {row["state"]: row["n"] for row in rows}


def _chat(row: Row) -> Chat:
    return Chat(
        id=ChatId(row["id"]),
        kind=ChatKind(row["kind"]),
        lang=Lang(row["lang"]),
        members=row["members"],
        state=ChatState(row["state"]),
        why=row["why"],
        forum=None if row["forum"] is None else TelegramId(row["forum"]),
        thread=row["thread"],
        closed=bool(row["closed"]),
        wishes=codec.load(Wishes, row["wishes"]),
        joined_at=moment(row["joined_at"]),
        suspended_at=maybe_moment(row["suspended_at"]),
        probes=row["probes"],
    )
