"""Why an all-clear is none, or waits for a moderator: it rests on more than its own words."""

from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.tables import forms
from ingest.places.mentions import Mention
from ingest.rules.clause import Clause
from ingest.rules.draft import Draft
from ingest.rules.hazard import of_siren
from ingest.rules.plain import plainly_said
from ingest.rules.status import HAZARD_WORDS
from ingest.rules.walk import Walk
from storage.model import Hazard

_OTHER_ENDS: Final = 8
"""Words beyond which a post that names no danger speaks of another «отбой»."""


def no_clear(walk: Walk, clause: Clause) -> bool:
    """«Відбій дистанційці!», «отбой дан последнему звену»: without a word of danger in its own
    clause, «отбой» ends one only if nothing else is said there, and the post speaks of danger."""
    if clause.mask & (HAZARD_WORDS | w.ALARM | w.DANGER | w.REGIME | w.FLOOD | w.EXCEPT):
        return False
    if not plainly_said(clause, walk.places.of(clause.sentence)):
        return True
    at_home = walk.home is not None and walk.home.startswith("UA")
    return not (at_home or walk.whole & (w.DANGER | w.REGIME | w.AIR)) and _tells_more(walk)


def _tells_more(walk: Walk) -> bool:
    """The post is long, but for the invitation to subscribe that stands under every one."""
    last = walk.sentences[-1]
    invites = last.below_blank_line() and last.words()[0].startswith(_INVITES)
    return len(last.reading.words) - (last.size() if invites else 0) > _OTHER_ENDS


_INVITES: Final = ("подпис", "підпис")


def near(walk: Walk, clause: Clause) -> list[Mention]:
    """The places of the sentence and of those on both sides."""
    at = clause.sentence
    return [mention for each in (at - 1, at, at + 1) for mention in walk.places.of(each)]


def around(walk: Walk, clause: Clause) -> list[Clause]:
    at = clause.sentence
    return [*walk.sentences[max(0, at - 1) : at], *walk.sentences[at + 1 : at + 2]]


def doubt(walk: Walk, draft: Draft, clause: Clause) -> None:
    """An all-clear that rests on anything but its own words is held for a moderator."""
    named = clause.mask & (w.UAV | w.MISSILE | w.AIR | w.SHELL | w.NAVAL | w.ALARM)
    if not named and draft.hazard is not Hazard.AIR_RAID:
        draft.weak = True
    if not named and not of_siren(clause):
        draft.weak = True
    if clause.mask & (w.FORECAST | w.FUTURE | w.NOT | w.DRILL | w.AIRPORT):
        draft.weak = True
    if not draft.mentions:
        draft.unknown += _townsfolk(walk, clause)
    if not draft.mentions and walk.unplaced == clause.sentence - 1:
        draft.weak = True
    if _at_neighbours(walk, clause):
        draft.weak = True
    if walk.digest or not plainly_said(clause, walk.places.of(clause.sentence)):
        draft.weak = True


_NEXT: Final = ("соседн", "сусідн", "прилегающ", "прилегл")


def _at_neighbours(walk: Walk, clause: Clause) -> bool:
    """«в соседнем районе»; not «в соседней Тульской области»."""
    named = {each.first for each in walk.places.of(clause.sentence) if not each.generic}
    return any(
        clause.reading.words[at].startswith(_NEXT) and at + 1 not in named
        for at in range(clause.first, clause.end)
    )


def _townsfolk(walk: Walk, clause: Clause) -> list[str]:
    """«Увага, одесити! Відбій …»: said to a town, whose name no place answers to."""
    own = walk.sentences[clause.sentence]
    before = walk.sentences[clause.sentence - 1] if clause.sentence else own
    spoken = own.words()[:_ADDRESS] + (before.words() if before.size() <= _ADDRESS else [])
    return [
        word
        for word in spoken
        if word.endswith(_FOLK) and len(word) > _ADDRESS * 3 and word not in _OF_THE_REGION
    ]


_ADDRESS: Final = 2  # words


_FOLK: Final = ("ити", "чани", "яни", "жани", "чане", "жане", "цы", "вці")


_OF_THE_REGION: Final = forms("белгородцы громадяни граждане украинцы українці россияне")
