"""Bugs that the proof has to find. Each is put into one process in place of the right thing.

Not product code: the SQL here is what somebody might have written in `storage/`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from bot.outbox.lane import Outbox
from bot.outbox.work import Work
from bot.pace import Permit
from ingest.pipeline import Pipeline, Taken
from storage import attempts, channels, situations
from storage.attempts import Lever, Told
from storage.database import Tx, ms
from storage.model import EVERYTHING, Card, Post, Share


class Plant(StrEnum):
    MARK_BEFORE_SEND = "mark-before-send"
    CURSOR_BEFORE_COMMIT = "cursor-before-commit"
    SKIP_GATE = "skip-gate"
    FORGET_IN_DOUBT = "forget-in-doubt"
    SETTLE_TWICE = "settle-twice"


def substitute(owner: object, name: str, value: object) -> None:
    """In this process, until it ends."""
    getattr(owner, name)  # a renamed function is noticed here
    setattr(owner, name, value)


def sow(plant: Plant) -> None:
    match plant:
        case Plant.MARK_BEFORE_SEND:
            _mark_before_send()
        case Plant.CURSOR_BEFORE_COMMIT:
            _cursor_before_commit()
        case Plant.SKIP_GATE:
            substitute(attempts, "begin", _begin_without_gate)
        case Plant.FORGET_IN_DOUBT:
            _forget_in_doubt()
        case Plant.SETTLE_TWICE:
            _settle_twice()
        case _:
            assert_never(plant)


def _mark_before_send() -> None:
    """The answer is taken for granted, so that nobody has to wait for it."""
    carry_out = Outbox._carry_out

    async def hopeful(self: Outbox, work: Work, permit: Permit, attempt: int) -> None:
        await self._settling._accept(work, attempt, work.card.message_id)
        await carry_out(self, work, permit, attempt)

    substitute(Outbox, "_carry_out", hopeful)


def _cursor_before_commit() -> None:
    """What was received is ticked off at once, in a write of its own."""
    take = Pipeline.take

    async def hasty(self: Pipeline, arrived: Sequence[Post]) -> Sequence[Taken]:
        async def tick_off(tx: Tx) -> None:
            for post in arrived:
                await channels.move_cursor(tx, post.channel, post.message)

        await self._database.write(tick_off)
        return await take(self, arrived)

    substitute(Pipeline, "take", hasty)


async def _begin_without_gate(
    tx: Tx,
    card: Card,
    version: int,
    lever: Lever,
    *,
    danger: bool,
    alarms: bool,
    at: datetime,
) -> int:
    """Whatever was decided is sent, whatever has happened since."""
    row = await tx.one(
        """INSERT INTO attempts (card, version, lever, danger, alarms, begun_at)
           VALUES (:card, :version, :lever, :danger, :alarms, :at) RETURNING id""",
        card=card.id,
        version=version,
        lever=lever,
        danger=danger,
        alarms=alarms,
        at=ms(at),
    )
    assert row is not None
    return int(row["id"])


def _forget_in_doubt() -> None:
    """After a restart, what was under way is taken for told."""
    in_doubt = attempts.in_doubt

    async def trusting(tx: Tx, at: datetime, share: Share = EVERYTHING) -> int:
        await tx.all(
            """UPDATE cards SET seen = a.version, told = a.version FROM attempts a
               WHERE a.card = cards.id AND a.ended_at IS NULL"""
        )
        return await in_doubt(tx, at, share)

    substitute(attempts, "in_doubt", trusting)


def _settle_twice() -> None:
    """The settling is done again, «to be sure», and by then for the latest version."""
    accepted = attempts.accepted

    async def twice(tx: Tx, attempt: int, card: Card, told: Told, at: datetime) -> None:
        await accepted(tx, attempt, card, told, at)
        head = await situations.head(tx, card.region)
        await accepted(tx, attempt, card, replace(told, version=head), at)

    substitute(attempts, "accepted", twice)
