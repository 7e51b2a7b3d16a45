"""What one post alone would make a chat hear: the real decisions, on values, without a database.

For `nabat classify`: the same correlation, the same table of levers and the same words as the
service's, for a follower of the whole region and for one of a district that the post names.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.decide import Decision, decide
from bot.render.card import card as render_card
from bot.render.news import news
from bot.table import Lever
from bot.texts import Words
from ingest.compose import compose
from ingest.correlate.step import Reading, correlate
from ingest.correlate.table import Change
from ingest.quote import quote, source_of
from ingest.scope import by_region
from storage.areas.tree import Areas
from storage.model import (
    AreaCode,
    Card,
    CardId,
    Channel,
    ChannelId,
    Chat,
    ChatId,
    ChatKind,
    Claim,
    Kind,
    Lang,
    Post,
    Situation,
)

BEFORE: Final = timedelta(hours=1)
"""How long a danger that the post ends is taken to have been in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``follows``: an area of the chat. ``assumed``: the post ends a danger, so one was taken to
    be in force. ``text``: what the chat would read, None where it is told nothing."""

    follows: AreaCode
    decision: Decision
    changes: tuple[Change, ...]
    assumed: bool
    text: str | None


def verdicts(
    post: Post,
    claims: tuple[Claim, ...],
    home: AreaCode,
    areas: Areas,
    words: Mapping[Lang, Words],
) -> Iterator[Verdict]:
    """For each region that the claims are about: its follower, then one of the first district
    that they name. ``home``: what the channel speaks for; it is taken to be authorised there."""
    channel = Channel(
        id=ChannelId(1), access_hash=0, username=None, title="—", area=home, added_at=post.date
    )
    for region, numbered in by_region(claims, home, areas).items():
        lang = Lang.UK if region.startswith("UA") else Lang.RU
        reading = Reading(
            channel=channel,
            source=source_of(post, 1, channel),
            posted_at=post.date,
            claims=tuple(numbered),
            quotes=tuple(quote(post.text, claim.evidence) for _, claim in numbered),
        )
        ended = [claim for _, claim in numbered if claim.kind is Kind.ALL_CLEAR]
        before = _in_force(Situation(region=region, at=post.date - BEFORE), reading, ended, areas)
        done = correlate(before, reading, areas, post.date)
        published = compose(before, done, post.date)
        after = before if published is None else published.situation
        named = (code for _, claim in numbered for code in claim.areas if "/" in code)
        for follows in dict.fromkeys((region, *list(named)[:1])):
            yield _verdict(
                before, after, follows, post.date, areas, words[lang], done.changes, bool(ended)
            )


def _in_force(quiet: Situation, reading: Reading, ended: list[Claim], areas: Areas) -> Situation:
    """The danger that the post's all-clears end, declared for the whole region before it."""
    if not ended:
        return quiet
    threats = tuple((at, _as_threat(claim)) for at, claim in enumerate(ended))
    at = quiet.at
    earlier = replace(
        reading,
        source=replace(reading.source, message=0, at=at, received_at=at),
        posted_at=at,
        claims=threats,
        quotes=("",) * len(threats),
    )
    published = compose(quiet, correlate(quiet, earlier, areas, at), at)
    return quiet if published is None else published.situation


def _as_threat(clear: Claim) -> Claim:
    """Upper tiers are declared place by place, all else for the whole region."""
    areas = clear.areas if clear.upper_tier else ()
    return replace(clear, kind=Kind.THREAT, areas=areas, excluded=(), upper_tier=False)


def _verdict(
    before: Situation,
    after: Situation,
    follows: AreaCode,
    now: datetime,
    areas: Areas,
    words: Words,
    changes: tuple[Change, ...],
    assumed: bool,
) -> Verdict:
    chat = Chat(id=ChatId(1), kind=ChatKind.PRIVATE, lang=words.lang, joined_at=before.at)
    known = before.version if before.active else None
    card = Card(
        id=CardId(1),
        chat=chat.id,
        region=after.region,
        opened_version=before.version,
        opened_at=before.at,
        rank=0,
        seen=before.version,
        told=known,
        shown=known,
        sounded=known,
        sounded_at=before.at if known else None,
        message_id=1 if known else None,
        alarmed=before.active,
    )
    told = before if known else None
    follow = (follows,)
    decision = decide(
        card=card, chat=chat, follows=follow, told=told, current=after, areas=areas, now=now
    )
    text = None
    if decision.lever in (Lever.SOUND, Lever.SILENT) and told is not None:
        text = news(
            card=card, chat=chat, follows=follow, told=told, current=after, areas=areas,
            decision=decision, words=words, now=now,
        ).text  # fmt: skip
    elif decision.lever in (Lever.SOUND, Lever.SILENT, Lever.EDIT):
        text = render_card(
            card=card, chat=chat, follows=follow, current=after, areas=areas, words=words,
            now=now, decision=decision, told=told,
        ).text  # fmt: skip
    return Verdict(follows=follows, decision=decision, changes=changes, assumed=assumed, text=text)
