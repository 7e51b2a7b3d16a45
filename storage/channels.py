"""Channels that are read: who they are by numeric id, and how far we have read them."""

from collections.abc import Sequence
from datetime import datetime

from storage.database import Row, Tx, maybe_moment, moment, ms
from storage.model import AreaCode, Channel, ChannelId

_COLUMNS = """id, access_hash, username, title, area, declares, cursor, enabled, added_at,
    last_post_at, last_read_at, trouble, joined, unjoined_why,
    (SELECT m.until FROM mutes m WHERE m.channel = channels.id ORDER BY m.id DESC LIMIT 1)
        AS muted_until,
    (SELECT m.why FROM mutes m WHERE m.channel = channels.id ORDER BY m.id DESC LIMIT 1)
        AS muted_why"""


async def add(tx: Tx, channel: Channel) -> None:
    """Add, or take up again under the new name and area; cursor and history stay."""
    await tx.all(
        """INSERT INTO channels (id, access_hash, username, title, area, declares, cursor,
               enabled, added_at, joined, unjoined_why)
           VALUES (:id, :access_hash, :username, :title, :area, :declares, :cursor, 1, :added_at,
               :joined, :unjoined_why)
           ON CONFLICT (id) DO UPDATE SET access_hash = excluded.access_hash,
               username = excluded.username, title = excluded.title, area = excluded.area,
               declares = excluded.declares, enabled = 1, trouble = NULL,
               joined = excluded.joined, unjoined_why = excluded.unjoined_why""",
        id=channel.id,
        access_hash=channel.access_hash,
        username=channel.username,
        title=channel.title,
        area=channel.area,
        declares=channel.declares,
        cursor=channel.cursor,
        added_at=ms(channel.added_at),
        joined=channel.joined,
        unjoined_why=channel.unjoined_why,
    )


async def listed(tx: Tx, *, enabled_only: bool = True) -> Sequence[Channel]:
    rows = await tx.all(
        f"SELECT {_COLUMNS} FROM channels WHERE enabled >= :least ORDER BY area, id",
        least=1 if enabled_only else 0,
    )
    return [_channel(row) for row in rows]


async def get(tx: Tx, channel: ChannelId) -> Channel | None:
    row = await tx.one(f"SELECT {_COLUMNS} FROM channels WHERE id = :id", id=channel)
    return None if row is None else _channel(row)


async def named(tx: Tx, username: str) -> Channel | None:
    """By @name as last seen, any case; names can be resold, so only for people's input."""
    row = await tx.one(
        f"SELECT {_COLUMNS} FROM channels WHERE lower(username) = lower(:name)",
        name=username.removeprefix("@"),
    )
    return None if row is None else _channel(row)


async def disable(tx: Tx, channel: ChannelId) -> None:
    await tx.all("UPDATE channels SET enabled = 0 WHERE id = :id", id=channel)


async def set_joined(tx: Tx, channel: ChannelId, *, joined: bool) -> None:
    """As Telegram says now; why not stays known while it is so."""
    await tx.all(
        """UPDATE channels SET joined = :joined,
               unjoined_why = CASE WHEN :joined = 1 THEN NULL ELSE unjoined_why END
           WHERE id = :id""",
        id=channel,
        joined=joined,
    )


async def rename(tx: Tx, channel: ChannelId, *, username: str | None, title: str) -> None:
    await tx.all(
        "UPDATE channels SET username = :username, title = :title WHERE id = :id",
        id=channel,
        username=username,
        title=title,
    )


async def move_cursor(tx: Tx, channel: ChannelId, message: int) -> None:
    """Everything up to ``message`` is stored. Never goes back."""
    await tx.all(
        """UPDATE channels SET cursor = :message
           WHERE id = :id AND (cursor IS NULL OR cursor < :message)""",
        id=channel,
        message=message,
    )


async def heard(tx: Tx, channel: ChannelId, at: datetime) -> None:
    await tx.all(
        """UPDATE channels SET last_post_at = :at
           WHERE id = :id AND (last_post_at IS NULL OR last_post_at < :at)""",
        id=channel,
        at=ms(at),
    )


async def was_read(tx: Tx, channel: ChannelId, at: datetime) -> None:
    """A read of its history succeeded."""
    await tx.all(
        "UPDATE channels SET last_read_at = :at, trouble = NULL WHERE id = :id",
        id=channel,
        at=ms(at),
    )


async def in_trouble(tx: Tx, channel: ChannelId, trouble: str) -> None:
    await tx.all(
        "UPDATE channels SET trouble = :trouble WHERE id = :id", id=channel, trouble=trouble
    )


async def seeded(tx: Tx, username: str) -> bool:
    """Whether this name of the configuration was resolved before, whatever the channel is
    called today and whether or not it is still read."""
    row = await tx.one("SELECT 1 AS known FROM seeds WHERE username = lower(:name)", name=username)
    return row is not None


async def seed(tx: Tx, username: str, channel: ChannelId) -> None:
    await tx.all(
        """INSERT INTO seeds (username, channel) VALUES (lower(:name), :channel)
           ON CONFLICT (username) DO NOTHING""",
        name=username,
        channel=channel,
    )


def _channel(row: Row) -> Channel:
    return Channel(
        id=ChannelId(row["id"]),
        access_hash=row["access_hash"],
        username=row["username"],
        title=row["title"],
        area=AreaCode(row["area"]),
        declares=bool(row["declares"]),
        cursor=row["cursor"],
        enabled=bool(row["enabled"]),
        added_at=moment(row["added_at"]),
        last_post_at=maybe_moment(row["last_post_at"]),
        last_read_at=maybe_moment(row["last_read_at"]),
        trouble=row["trouble"],
        joined=None if row["joined"] is None else bool(row["joined"]),
        unjoined_why=row["unjoined_why"],
        muted_until=maybe_moment(row["muted_until"]),
        muted_why=row["muted_why"],
    )
