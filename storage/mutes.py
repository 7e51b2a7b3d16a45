"""Stretches of time in which operators do not believe a channel: what it says then is kept and
never applied, whenever it is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.database import Row, Tx, moment, ms
from storage.model import ChannelId


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """From ``since``, up to and without ``until``."""

    channel: ChannelId
    since: datetime
    until: datetime

    def covers(self, at: datetime) -> bool:
        return self.since <= at < self.until


async def begin(
    tx: Tx, channel: ChannelId, who: int, why: str, *, at: datetime, until: datetime
) -> None:
    """In place of one that is in force. Telegram's times are whole seconds, so it begins with the
    second it falls into."""
    await end(tx, channel, at)
    await tx.all(
        """INSERT INTO mutes (channel, since, until, why, made_by)
           VALUES (:channel, :since, :until, :why, :who)""",
        channel=channel,
        since=ms(at.replace(microsecond=0)),
        until=ms(until),
        why=why,
        who=who,
    )


async def end(tx: Tx, channel: ChannelId, at: datetime) -> bool:
    """Whether one was in force. What was said until now stays unheard."""
    rows = await tx.all(
        "UPDATE mutes SET until = :at WHERE channel = :channel AND until > :at RETURNING id",
        channel=channel,
        at=ms(at),
    )
    return bool(rows)


async def of_all(tx: Tx) -> Mapping[ChannelId, Sequence[Mute]]:
    """Past ones too: a post may be read days after it was written."""
    rows = await tx.all("SELECT channel, since, until FROM mutes ORDER BY id DESC LIMIT 1000")
    found: dict[ChannelId, list[Mute]] = {}
    for mute in map(_mute, rows):
        found.setdefault(mute.channel, []).append(mute)
    return found


def _mute(row: Row) -> Mute:
    return Mute(
        channel=ChannelId(row["channel"]), since=moment(row["since"]), until=moment(row["until"])
    )
