"""What happened: shots, harm, damage, outages of a sentence, by the tables of the genre."""

from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.tables import forms
from ingest.places.mentions import Mention
from ingest.rules import interception
from ingest.rules.asks import memo, memo_heading
from ingest.rules.clause import Clause
from ingest.rules.counts import numbers
from ingest.rules.draft import Draft
from ingest.rules.events import EVENTS, damage_hazard
from ingest.rules.harm import Harm, harm
from ingest.rules.walk import Walk, unnamed, usable
from ingest.text import Gap
from storage.model import Casualties, Certainty, Hazard, Kind

_MEMO_WORDS: Final = forms(
    """обнаружении сообщайте сообщите приближайтесь звоните приближаться памятка алгоритм"""
)
_RETROSPECTIVE: Final = (
    "за сутки",
    "прошедшие сутки",
    "минувшие сутки",
    "прошедшей ночью",
    "минувшей ночью",
    "прошедшую ночь",
    "минувшую ночь",
    "прошедшей ночи",
    "минувшей ночи",
    "течение ночи",
    "течение дня",
    "ночь на",
    "ночь с",
    "ніч на",
    "за ночь",
    "за ніч",
    "за добу",
    "упродовж доби",
    "протягом доби",
    "минулої доби",
    "период с",
    "период",
    "минулої ночі",
    "минувшие",
    "прошедшие",
    "вчера",
)


_MOVES: Final = (Kind.EVACUATION, Kind.EVACUATION_OVER)
_DRY: Final = forms("нет немає отсутствует отсутствуют")
_OF_WAR: Final = (
    w.UAV
    | w.MISSILE
    | w.SHELL
    | w.AIR
    | w.ATTACK
    | w.STRIKE
    | w.DEBRIS
    | w.BLAST
    | w.DANGER
    | w.HIT
    | w.FLOOD
    | w.DEFENCE
)
_DAMS: Final = forms("dam dams dam's")
_CORRECTED: Final = forms("уточнение исправление поправка уточнення виправлення correction")


def listed(walk: Walk, sentence: Clause, mentions: list[Mention]) -> bool:
    """«4 – над территорией Брянской области»: a line under a ministry's heading."""
    if not walk.list_open or not interception.line_of_list(sentence):
        return False
    found = numbers(sentence)
    if not found:
        return False
    own = usable(mentions)
    head = next(each for each in reversed(walk.drafts) if each.rule == "interception.total")
    for shot in interception.items(sentence, found, own, head.hazard):
        draft = _draft(
            walk, Kind.INTERCEPTION, shot.hazard, shot.rule, sentence, list(shot.mentions)
        )
        draft.count = shot.count
        draft.retrospective = head.retrospective
    head.mentions += own
    return True


def _draft(
    walk: Walk, kind: Kind, hazard: Hazard, rule: str, sentence: Clause, mentions: list[Mention]
) -> Draft:
    reading = sentence.reading
    draft = Draft(
        kind=kind,
        hazard=hazard,
        rule=rule,
        sentence=sentence.sentence,
        spans=[reading.span(sentence.first, sentence.end)],
        mentions=mentions,
        retrospective=_past(walk, sentence),
        preliminary=bool(sentence.mask & w.PRELIMINARY),
        unnamed=unnamed(sentence),
    )
    walk.drafts.append(draft)
    return draft


def _past(walk: Walk, sentence: Clause) -> bool:
    """The period that a sentence speaks of is over; a heading's holds for the whole post."""
    if walk.digest:
        return True
    if sentence.mask & w.PERIOD:
        text = " ".join(sentence.words())
        if "сегодня" not in text and any(phrase in text for phrase in _RETROSPECTIVE):
            return True
    return False


def report(walk: Walk, sentence: Clause, mentions: list[Mention], spoke: bool) -> None:
    if memo(sentence) and not sentence.mask & (w.DEAD | w.DRILL):
        return
    if _MEMO_WORDS & set(sentence.words()) and not sentence.mask & (w.DEAD | w.DOWN):
        return
    named = usable(mentions)
    shot = interception.speaks(sentence)
    if shot:
        _shots(walk, sentence, named)
    elif named and listed(walk, sentence, mentions):
        return
    hurt = harm(sentence) if walk.whole & _OF_WAR else None
    if hurt is not None:
        _harm(walk, sentence, named, hurt)
    for event in EVENTS:
        if not event.fits(sentence, walk.whole):
            continue
        if (
            event.kind is Kind.DAMAGE
            and event.id in ("damage.hit", "damage.struck")
            and (
                shot or (spoke and sentence.mask & (w.DANGER | w.ATTACK) and not _landed(sentence))
            )
        ):
            continue
        hazard = event.hazard
        if event.kind is Kind.DAMAGE and hazard is Hazard.UAV:
            hazard = damage_hazard(sentence, walk.whole)
        if event.kind in _MOVES and walk.whole & w.FLOOD:
            hazard = Hazard.FLOOD
        where = named or walk.last_places
        if event.hazard is Hazard.AIRSPACE:
            where = [
                each for each in named if sentence.reading.gaps[each.first] != Gap.PAREN
            ] or walk.last_places
        _draft(walk, event.kind, hazard, event.id, sentence, where)
        if event.kind is Kind.DAMAGE or event.kind is Kind.RECAP:
            break
    _water(walk, sentence, named)


def instruct(walk: Walk) -> None:
    """A post that only explains what to do when a signal comes."""
    for sentence in walk.sentences:
        if (memo(sentence) or memo_heading(sentence)) and sentence.mask & (
            w.UAV | w.MISSILE | w.AIR | w.SHELL
        ):
            _draft(
                walk,
                Kind.INSTRUCTION,
                damage_hazard(sentence, 0),
                "instruction.memo",
                sentence,
                [],
            )
            return


def correct(walk: Walk) -> None:
    """«Уточнение: …» at the head of a post: what follows replaces what was told."""
    for sentence in walk.sentences[:2]:
        opening = sentence.words()[:2]
        after = sentence.first + 1
        if not (
            opening[0] in _CORRECTED
            and (after == sentence.end or sentence.reading.gaps[after] >= Gap.COMMA)
        ) and not (
            opening[0].startswith("уточненн") and opening[-1].startswith(("информац", "данн"))
        ):
            continue
        about = [each for each in walk.places.mentions if each.codes]
        hazard = walk.drafts[0].hazard if walk.drafts else Hazard.OTHER
        _draft(walk, Kind.CORRECTION, hazard, "correction.stated", sentence, usable(about))
        return


def _water(walk: Walk, sentence: Clause, named: list[Mention]) -> None:
    """Floods: a threat where water is expected, damage where it came."""
    if not sentence.mask & w.FLOOD or any(
        draft.sentence == sentence.sentence
        and draft.hazard is Hazard.FLOOD
        and draft.kind is not Kind.EVACUATION
        for draft in walk.drafts
    ):
        return
    if sentence.mask & (w.CIVIC | w.QUIET | w.RETURN | w.LIFTED | w.CANCEL | w.CLEAR):
        return
    if not _DRY.isdisjoint(sentence.words()):
        return
    known = [each for each in walk.drafts if each.hazard is Hazard.FLOOD]
    if known and any(word in _DAMS for word in sentence.words()):
        return
    expected = sentence.mask & (w.FORECAST | w.DANGER | w.FUTURE)
    kind = Kind.THREAT if expected else Kind.DAMAGE
    draft = _draft(
        walk, kind, Hazard.FLOOD, "flood.expected" if expected else "flood.came", sentence, named
    )
    if expected:
        draft.certainty = Certainty.POSSIBLE
    elif sentence.mask & (w.PRELIMINARY | w.STRIKE | w.ATTACK):
        draft.certainty, draft.preliminary = Certainty.POSSIBLE, True


def _shots(walk: Walk, sentence: Clause, named: list[Mention]) -> None:
    for shot in interception.read_shots(sentence, named):
        count = shot.count
        nested = (
            count is not None
            and walk.totals
            and count.n <= walk.totals
            and not shot.mentions
            and shot.rule == "interception.destroyed"
        )
        if nested:
            continue
        draft = _draft(
            walk, Kind.INTERCEPTION, shot.hazard, shot.rule, sentence, list(shot.mentions)
        )
        draft.count = count
        if count is not None and not shot.mentions:
            walk.totals = max(walk.totals, count.n)
            draft.rule = "interception.total"
            walk.list_open = True


def _harm(walk: Walk, sentence: Clause, named: list[Mention], found: Harm) -> None:
    if not found.dead and not found.injured:
        _none_harmed(walk, sentence, found)
        return
    known = next((each for each in walk.drafts if each.kind is Kind.CASUALTIES), None)
    places = named or walk.last_places
    if not named and any(word.startswith("мирн") for word in sentence.words()):
        found = Harm(found.dead, found.injured, True)
    if known is None:
        draft = _draft(
            walk,
            Kind.CASUALTIES,
            damage_hazard(sentence, walk.whole),
            "casualties.stated" if found.stated else "casualties.named",
            sentence,
            list(places),
        )
        draft.casualties = Casualties(dead=found.dead or None, injured=found.injured or None)
        return
    before = known.casualties or Casualties()
    stated = known.rule == "casualties.stated"
    if found.stated and not stated:
        known.rule = "casualties.stated"
    told = {code for each in known.mentions for code in each.codes}
    now = {code for each in named for code in each.codes}
    again = not now or bool(told & now) or not told
    if again and any(word in ("также", "еще", "ще", "також") for word in sentence.words()):
        again = False
    known.mentions += [each for each in places if each not in known.mentions]
    known.spans += [sentence.reading.span(sentence.first, sentence.end)]
    known.casualties = Casualties(
        dead=_more(before.dead, found.dead, stated or again, found.stated),
        injured=_more(before.injured, found.injured, stated or again, found.stated),
    )


def _none_harmed(walk: Walk, sentence: Clause, found: Harm) -> None:
    """«Пострадавших нет» belongs to the interception or damage told before it."""
    for draft in reversed(walk.drafts):
        if draft.kind is Kind.CASUALTIES and draft.casualties is not None:
            draft.casualties = Casualties(
                dead=0
                if draft.casualties.dead is None and found.dead == 0
                else draft.casualties.dead,
                injured=draft.casualties.injured,
            )
            return
    targets = [
        draft
        for draft in walk.drafts
        if draft.kind is Kind.INTERCEPTION or draft.kind is Kind.DAMAGE
    ]
    for draft in targets[:1]:
        draft.casualties = Casualties(dead=found.dead, injured=found.injured)
        draft.preliminary = draft.preliminary or bool(sentence.mask & w.PRELIMINARY)
        draft.spans.append(sentence.reading.span(sentence.first, sentence.end))


def _landed(sentence: Clause) -> bool:
    return any(word.startswith(("попал", "влучи", "упал")) for word in sentence.words())


def _more(before: int | None, now: int | None, stated: bool, now_stated: bool) -> int | None:
    """Details under a headline add nothing to its number."""
    if now is None or not now:
        return before
    if before is None:
        return now
    if stated:
        return max(before, now) if now_stated else before
    return before + now
