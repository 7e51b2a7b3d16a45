"""What Telegram holds of the pictures that were sent to it, so that none is sent twice."""

from datetime import datetime

from storage.database import Tx, ms


async def file_id(tx: Tx, key: str, bot: int) -> str | None:
    """Telegram's name for the picture, good for this bot alone."""
    row = await tx.one(
        "SELECT file_id FROM pictures WHERE key = :key AND bot = :bot", key=key, bot=bot
    )
    return None if row is None else str(row["file_id"])


async def keep(tx: Tx, key: str, bot: int, file_id: str, now: datetime) -> None:
    await tx.all(
        """INSERT INTO pictures (key, bot, file_id, made_at)
           VALUES (:key, :bot, :file_id, :now)
           ON CONFLICT (key, bot) DO UPDATE
           SET file_id = excluded.file_id, made_at = excluded.made_at""",
        key=key,
        bot=bot,
        file_id=file_id,
        now=ms(now),
    )


async def prune(tx: Tx, before: datetime) -> bool:
    """All of these few; whether there may be more."""
    await tx.all("DELETE FROM pictures WHERE made_at < :before", before=ms(before))
    return False
