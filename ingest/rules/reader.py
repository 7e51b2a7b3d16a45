"""Walks a post sentence by sentence and collects what it claims.

What one sentence leaves out the others supply: the hazard, the places (lines of a list before or
after), the period that a digest's heading sets for every line under it.
"""

from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.numbers import value
from ingest.places.heads import HEADS, LINKS, UNIT_WORDS
from ingest.places.mentions import Mention
from ingest.rules import interception
from ingest.rules.clause import Clause
from ingest.rules.danger import IN_FORCE, STATUS_BITS, declare
from ingest.rules.draft import Draft
from ingest.rules.frame import Frame, frames, scripted
from ingest.rules.happened import (
    correct,
    drill,
    instruct,
    listed,
    located,
    report,
    unharmed,
    victims,
)
from ingest.rules.shelter import take_shelter
from ingest.rules.told import period_of
from ingest.rules.walk import Walk, scene, usable
from ingest.text import Gap
from storage.model import Kind

_SIGNAL: Final = (
    STATUS_BITS
    | w.UAV
    | w.MISSILE
    | w.DOWN
    | w.BROKEN
    | w.HIT
    | w.DEAD
    | w.HURT
    | w.FLOOD
    | w.DAM
    | w.BODY
    | w.SUPPLY
    | w.SHELTER
    | w.FIRE
    | w.CARE
    | w.RESTORE
    | w.POWER
    | w.LIMITS
    | w.EVACUATE
    | w.DRILL
    | w.TEST
    | w.AIRPORT
    | w.RETURN
    | w.SHELL
    | w.STRIKE
    | w.REPEL
    | w.SPOTTED
    | w.BLAST
)
_ASIDES: Final = 3
"""Words besides names that a line of nothing but places may have."""


def read_drafts(walk: Walk) -> list[Draft]:
    """Every sentence of the post, in order."""
    framed = frames(walk.sentences, walk.posted)
    heard: list[Clause] = []
    for sentence, frame in zip(walk.sentences, framed, strict=True):
        mentions = walk.places.of(sentence.sentence)
        if frame is not Frame.NOW and not _speaks_in(frame, sentence, mentions):
            walk.fired.append(frame)
            if frame is Frame.MEMO:
                explains = sentence.mask & _SIGNAL and not sentence.asked()
                walk.memo = walk.memo or (sentence if explains else None)
            if frame is Frame.DRILL and (sentence.mask & (w.DRILL | w.TEST) or scripted(sentence)):
                drill(walk, sentence, mentions)
            continue
        heard.append(sentence)
        if (
            walk.pending
            and sentence.below_blank_line()
            and _cries(walk.sentences[sentence.sentence - 1])
        ):
            walk.pending = []
        if sentence.mask & w.DIGEST and sentence.has(w.PERIOD):
            walk.digest = True
        goes_on = (
            mentions and walk.drafts and (sentence.mask & w.STANDS or sentence.any_word(IN_FORCE))
        )
        if not (sentence.mask & _SIGNAL or goes_on) and not interception.speaks(
            sentence, walk.whole
        ):
            if located(walk, sentence, mentions):
                continue
            if mentions and not listed(walk, sentence, mentions):
                _place_line(walk, sentence, mentions)
            elif not mentions and sentence.size() > 3 and value(sentence.words()[0]) is None:
                walk.list_open = False
            continue
        before = len(walk.drafts)
        declare(walk, sentence, mentions)
        report(walk, sentence, mentions, len(walk.drafts) > before)
        named = scene(sentence, mentions)
        if named:
            walk.last_places = named
        if len(walk.drafts) > before:
            walk.pending = []
    for draft in walk.drafts:
        if draft.open and not draft.mentions:
            draft.mentions = [
                each
                for each in walk.pending
                if each.sentence < draft.sentence or not _cries(walk.sentences[each.sentence])
            ]
    period_of(walk)
    victims(walk)
    unharmed(walk)
    correct(walk)
    take_shelter(walk, heard)
    if not walk.drafts:
        instruct(walk)
    return walk.drafts


def _cries(sentence: Clause) -> bool:
    """«Губкин — сирена!», «катера у Анапы» speak for themselves: no list of places for another
    statement."""
    return bool(sentence.mask & (w.SIREN | w.COVER | w.NAVAL))


def _speaks_in(frame: Frame, sentence: Clause, mentions: list[Mention]) -> bool:
    """Danger that is declared or goes on is heard beside repairs and memories, and a target on its
    way abroad where a place of ours is named."""
    if frame is Frame.ABROAD:
        return bool(usable(mentions)) and bool(sentence.mask & (w.COURSE | w.DANGER))
    if frame is Frame.RUMOUR:
        return sentence.has(w.DANGER | w.REGIME, w.STANDS) and not sentence.asked()
    return frame in (Frame.PAST, Frame.AFTERMATH) and sentence.has(
        w.DANGER | w.REGIME, w.STANDS | w.DECLARE
    )


def _place_line(walk: Walk, sentence: Clause, mentions: list[Mention]) -> None:
    """A line of nothing but places: for the statement above it, else for the one that follows."""
    named = usable(mentions)
    if not named:
        return
    last = walk.drafts[-1] if walk.drafts else None
    listed_only = _holds_only(sentence, mentions)
    if (
        last is not None
        and last.kind is Kind.ALL_CLEAR
        and last.open
        and not listed_only
        and not sentence.below_blank_line()
    ):
        last.weak = True  # it may be meant for the places that this line speaks of
    if (
        last is not None
        and listed_only
        and not _cries(sentence)
        and (last.open or _underline(last, sentence))
    ):
        for draft in walk.drafts:
            if draft.sentence == last.sentence and (draft.open or draft is last):
                (draft.excluded if draft.complement else draft.mentions).extend(named)
        return
    walk.last_places = named
    if listed_only:
        walk.pending += named
    else:
        walk.unplaced = sentence.sentence


def _holds_only(sentence: Clause, mentions: list[Mention]) -> bool:
    """A line of names, however long, with a few words besides."""
    taken = {at for each in mentions for at in range(each.first, each.end)}
    words = sentence.reading.words
    others = sum(
        at not in taken
        and words[at] not in HEADS
        and words[at] not in LINKS
        and not words[at].startswith(UNIT_WORDS)
        for at in range(sentence.first, sentence.end)
    )
    return others <= _ASIDES


def _underline(last: Draft, sentence: Clause) -> bool:
    """The line right below a danger names where it is."""
    return (
        last.kind is Kind.THREAT
        and last.sentence + 1 >= sentence.sentence
        and sentence.size() <= 4
        and sentence.reading.gaps[sentence.first] == Gap.LINE
    )
