"""One-time promises: a dangerous button works once, for whom it was shown to, while it is fresh.

The button carries the nonce; what it stands for is held here alone, so that nothing in forged or
old ``callback_data`` can do harm. Redeem it in the write that does what it allows: a crash leaves
both or neither.
"""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from storage.database import Tx, ms
from storage.model import ChatId

LIFETIME = timedelta(minutes=10)
_BYTES = 12  # 16 characters: room for a verb beside them


class Redemption(StrEnum):
    """VALID once; then, and if it was never issued or its chat was asked anew, UNKNOWN. NOT_YOURS
    and OTHER_ACTION use nothing up: whom it was shown to may still press."""

    VALID = "valid"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    NOT_YOURS = "not_yours"
    OTHER_ACTION = "other_action"


async def issue(
    tx: Tx,
    chat: ChatId,
    who: int,
    action: str,
    now: datetime,
    lifetime: timedelta = LIFETIME,
) -> str:
    """For a button under a message in ``chat``, shown to ``who``. The one before it of the same
    chat, person and action is worth nothing any more; so are those that nobody pressed in time.

    ``action`` names all that the press will do, as in ``forget`` or ``retract:812``.
    """
    nonce = secrets.token_urlsafe(_BYTES)
    await tx.all("DELETE FROM nonces WHERE until <= :now", now=ms(now))
    await tx.all(
        """INSERT INTO nonces (nonce, chat, who, action, until)
           VALUES (:nonce, :chat, :who, :action, :until)
           ON CONFLICT (chat, who, action) DO UPDATE SET nonce = excluded.nonce,
               until = excluded.until""",
        nonce=nonce,
        chat=chat,
        who=who,
        action=action,
        until=ms(now + lifetime),
    )
    return nonce


async def redeem(
    tx: Tx, nonce: str, chat: ChatId, who: int, action: str, now: datetime
) -> Redemption:
    """Whether the press counts. VALID uses it up."""
    row = await tx.one(
        "SELECT who, action, until FROM nonces WHERE nonce = :nonce AND chat = :chat",
        nonce=nonce,
        chat=chat,
    )
    if row is None:
        return Redemption.UNKNOWN
    if row["who"] != who:
        return Redemption.NOT_YOURS
    if row["action"] != action:
        return Redemption.OTHER_ACTION
    await tx.all("DELETE FROM nonces WHERE nonce = :nonce", nonce=nonce)
    return Redemption.VALID if ms(now) < row["until"] else Redemption.EXPIRED
