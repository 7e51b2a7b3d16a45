"""What an operator says by hand, in place of a channel. Pure.

Drills have a way of their own, which touches nothing but the drills.
"""

from datetime import datetime
from typing import Final

from ingest.correlate import clears, story, threats
from ingest.correlate.step import Step
from storage.areas.tree import Areas
from storage.model import ChannelId, Claim, Kind, Situation, Source

NOBODY: Final = ChannelId(0)
"""In place of a channel; no channel of Telegram has this id."""


def source(text: str, number: int, at: datetime) -> Source:
    """``number``: of the manual message, in place of a post's."""
    return Source(
        channel=NOBODY,
        message=number,
        title="Nabat",
        link="",
        quote=text,
        at=at,
        received_at=at,
    )


def issue(situation: Situation, claim: Claim, said: Source, areas: Areas) -> Step:
    """An alert or an all-clear, by people who are sure."""
    if claim.kind is Kind.THREAT:
        after, changes = threats.threaten(situation, claim, said, areas)
    elif claim.kind is Kind.ALL_CLEAR:
        after, changes, _ = clears.clear(
            situation, claim, said, areas, posted_at=said.at, released=True
        )
    else:
        raise ValueError(f"{claim.kind} is not issued by hand")
    return Step(situation=after, changes=tuple(changes))


def rehearse(situation: Situation, claim: Claim, said: Source) -> Step:
    """Nothing where a real danger is in force: whoever hears of a drill then may doubt it."""
    if situation.active:
        return Step(situation=situation, changes=())
    if claim.kind is not Kind.DRILL:
        raise ValueError(f"{claim.kind} is no drill")
    key = f"{said.channel}/{said.message}/{claim.kind}/0"
    after, changes = story.drill(situation, story.Telling(claim=claim, key=key, source=said))
    return Step(situation=after, changes=tuple(changes))
