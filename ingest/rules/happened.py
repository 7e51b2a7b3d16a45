"""What happened: shots, harm, damage, outages of a sentence, by the tables of the genre."""

from dataclasses import replace
from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.tables import forms
from ingest.places.mentions import Mention
from ingest.rules import interception
from ingest.rules.asks import memo
from ingest.rules.clause import Clause
from ingest.rules.counts import numbers
from ingest.rules.draft import Draft
from ingest.rules.events import damage_hazard, fitting
from ingest.rules.harm import Harm, harm
from ingest.rules.told import draft_of
from ingest.rules.walk import Victims, Walk, scene, usable
from ingest.rules.water import water
from ingest.text import Gap
from storage.model import Casualties, Hazard, Kind

_MEMO_WORDS: Final = forms(
    """обнаружении сообщайте сообщите приближайтесь звоните приближаться памятка алгоритм"""
)
_MOVES: Final = (Kind.EVACUATION, Kind.EVACUATION_OVER)
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
    | w.ENEMY
    | w.DAM
)
_TRAFFIC: Final = forms("дтп аварии столкновении столкновения")
_CORRECTED: Final = forms("уточнение исправление поправка уточнення виправлення correction")


_HAPPENED: Final = (
    "работал",
    "сбивал",
    "больше",
    "случил",
    "произош",
    "сталос",
    "трапил",
    "инцидент",
    "удар пришел",
)


def located(walk: Walk, sentence: Clause, mentions: list[Mention]) -> bool:
    """«Случилось это в Севском районе»: where what was told before took place."""
    last = walk.drafts[-1] if walk.drafts else None
    if (
        last is None
        or last.kind not in (Kind.CASUALTIES, Kind.DAMAGE, Kind.INTERCEPTION)
        or not any(word.startswith(_HAPPENED) for word in sentence.words())
    ):
        return False
    last.mentions += scene(sentence, mentions)
    return True


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
        draft = draft_of(
            walk, Kind.INTERCEPTION, shot.hazard, shot.rule, sentence, list(shot.mentions)
        )
        draft.count = shot.count
        draft.retrospective = head.retrospective
    head.mentions += own
    return True


def report(walk: Walk, sentence: Clause, mentions: list[Mention], spoke: bool) -> None:
    if memo(sentence) and not sentence.mask & (w.DEAD | w.DRILL):
        return
    if sentence.any_word(_MEMO_WORDS) and not sentence.mask & (w.DEAD | w.DOWN):
        return
    named = scene(sentence, mentions)
    if walk.last_places and all(each.generic or not each.codes for each in named):
        named = []  # «… в області» goes on with the places told before
    shot = interception.speaks(sentence, walk.whole)
    if shot:
        _shots(walk, sentence, named)
    elif named and listed(walk, sentence, mentions):
        return
    attack = walk.whole & _OF_WAR and not sentence.any_word(_TRAFFIC)
    hurt = harm(sentence) if attack else None
    if hurt is not None:
        _harm(walk, sentence, named, hurt)
    if _flights_still_limited(walk, sentence, named):
        return
    if _debris_in_the_field(walk, sentence, named):
        return
    for event in fitting(sentence, walk.whole):
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
        if event.kind is Kind.DRILL:
            where = _before_while(sentence, where)
        if event.kind is Kind.EVACUATION_OVER:
            where = usable(mentions) or walk.last_places
        if event.hazard is Hazard.AIRSPACE:
            where = _airports(walk, sentence, named)
        if event.kind is Kind.RESTORED and sentence.mask & w.EXCEPT:
            at = sentence.where(w.EXCEPT)
            still = [each for each in where if each.first > at]
            where = [each for each in where if each.first < at]
            if still:
                draft_of(walk, Kind.OUTAGE, hazard, "utility.without", sentence, still)
        draft_of(walk, event.kind, hazard, event.id, sentence, where)
        if event.kind is Kind.DAMAGE or event.kind is Kind.RECAP:
            break
    water(walk, sentence, named)


def _before_while(sentence: Clause, mentions: list[Mention]) -> list[Mention]:
    """«In Kaluga drills are planned, while in Belgorod engineers …»: not where else something
    goes on."""
    exercise = sentence.where(w.DRILL | w.TEST)
    words = sentence.reading.words
    other = next((at for at in range(exercise, sentence.end) if words[at] in _WHILE), sentence.end)
    return [each for each in mentions if each.first < other]


_WHILE: Final = forms("while whereas")


def _debris_in_the_field(walk: Walk, sentence: Clause, named: list[Mention]) -> bool:
    """«Обломки упали в поле в Зубцовском округе»: no damage, but where the drone was shot down."""
    last = walk.drafts[-1] if walk.drafts else None
    if (
        last is None
        or last.kind is not Kind.INTERCEPTION
        or not sentence.has(w.DEBRIS, w.HIT)
        or sentence.mask & (w.BROKEN | w.FIRE | w.BUILDING)
        or any("/" in code for each in last.mentions for code in each.codes)
    ):
        return False
    last.mentions += [each for each in named if not each.generic]
    return True


def _flights_still_limited(walk: Walk, sentence: Clause, named: list[Mention]) -> bool:
    """«Сняты в Ижевске. В Саранске — остаются»."""
    last = walk.drafts[-1] if walk.drafts else None
    if (
        last is None
        or last.kind is not Kind.AIRSPACE_OPEN
        or last.sentence + 1 != sentence.sentence
        or not named
        or not sentence.mask & w.STANDS
        or sentence.mask & w.DANGER
    ):
        return False
    where = _airports(walk, sentence, named)
    draft_of(walk, Kind.AIRSPACE_CLOSED, Hazard.AIRSPACE, "airspace.closed", sentence, where)
    return True


def _airports(walk: Walk, sentence: Clause, named: list[Mention]) -> list[Mention]:
    """The towns, not the airport's own name in brackets after them; or those listed above."""
    own = [
        each
        for at, each in enumerate(named)
        if not at or named[at - 1].end != each.first or "(" not in sentence.between(each.first)
    ]
    return own or list(walk.pending) or walk.last_places


def drill(walk: Walk, sentence: Clause, mentions: list[Mention]) -> None:
    """A sentence of a post that is an exercise as a whole."""
    if not any(draft.kind is Kind.DRILL for draft in walk.drafts):
        draft_of(walk, Kind.DRILL, Hazard.OTHER, "drill.exercise", sentence, usable(mentions))


def instruct(walk: Walk) -> None:
    """A post that only explains what to do when a signal comes."""
    if walk.memo is not None and walk.whole & (w.UAV | w.MISSILE | w.AIR | w.SHELL | w.DANGER):
        hazard = damage_hazard(walk.memo, walk.whole)
        draft_of(walk, Kind.INSTRUCTION, hazard, "instruction.memo", walk.memo, [])
        return
    for sentence in walk.sentences:
        if memo(sentence) and sentence.mask & (w.UAV | w.MISSILE | w.AIR | w.SHELL):
            draft_of(
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
        alarm = Hazard.AIR_RAID if walk.whole & w.ALARM else Hazard.OTHER
        hazard = walk.drafts[0].hazard if walk.drafts else alarm
        draft_of(walk, Kind.CORRECTION, hazard, "correction.stated", sentence, usable(about))
        return


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
        draft = draft_of(
            walk, Kind.INTERCEPTION, shot.hazard, shot.rule, sentence, list(shot.mentions)
        )
        draft.count = count
        if count is not None and not shot.mentions:
            walk.totals = max(walk.totals, count.n)
            draft.rule = "interception.total"
            walk.list_open = True


def _harm(walk: Walk, sentence: Clause, named: list[Mention], found: Harm) -> None:
    """Casualties belong to an event: a sentence about other places tells of another one."""
    if not found.dead and not found.injured:
        walk.unharmed.append((sentence, found))
        return
    known = _same_event(walk, named)
    if known is None or known.casualties is None:
        places = named or walk.last_places
        rule = "casualties.stated" if found.stated else "casualties.named"
        hazard = damage_hazard(sentence, walk.whole)
        draft = draft_of(walk, Kind.CASUALTIES, hazard, rule, sentence, list(places))
        draft.casualties = Casualties(
            dead=found.dead or None, injured=found.injured or None, children=found.children
        )
        return
    if _headline(known) and known.sentence < sentence.sentence:
        _add(known, sentence, found, headline=True)
        inside = [each for each in named or walk.last_places if any("/" in c for c in each.codes)]
        walk.victims.append(Victims(known, sentence, tuple(inside), found))
        return
    known.mentions += [each for each in named if each not in known.mentions]
    known.spans.append(sentence.reading.span(sentence.first, sentence.end))
    _add(known, sentence, found, headline=False)


def _add(known: Draft, sentence: Clause, found: Harm, *, headline: bool) -> None:
    """One more sentence about the victims of an event."""
    before = known.casualties or Casualties(dead=None, injured=None)
    stated = known.rule == "casualties.stated"
    if found.stated:
        known.rule = "casualties.stated"
    more = sentence.any_word(_FURTHER) and found.stated == stated and not headline
    known.casualties = Casualties(
        dead=_more(before.dead, found.dead, found, stated, more),
        injured=_more(before.injured, found.injured, found, stated, more),
        children=_more(before.children, found.children, found, stated, more),
    )


def victims(walk: Walk) -> None:
    """A headline's victims are where the sentences below it tell of them. In several places each
    is an event of its own, beside the headline's number for all of them."""
    for headline in dict.fromkeys(id(each.headline) for each in walk.victims):
        told = [each for each in walk.victims if id(each.headline) == headline]
        total = told[0].headline
        placed: dict[frozenset[str], Draft] = {}
        for each in told:
            key = frozenset(code for mention in each.places for code in mention.codes)
            if key not in placed:
                rule = "casualties.stated" if each.found.stated else "casualties.named"
                placed[key] = Draft(
                    kind=Kind.CASUALTIES,
                    hazard=total.hazard,
                    rule=rule,
                    sentence=each.sentence.sentence,
                    mentions=list(each.places),
                    retrospective=total.retrospective,
                    preliminary=bool(each.sentence.mask & w.PRELIMINARY),
                )
            draft = placed[key]
            draft.spans.append(each.sentence.reading.span(each.sentence.first, each.sentence.end))
            _add(draft, each.sentence, each.found, headline=False)
        several = [draft for key, draft in placed.items() if key]
        for draft in several:
            total.mentions += [each for each in draft.mentions if each not in total.mentions]
        if len(several) > 1:
            at = next(at for at, each in enumerate(walk.drafts) if each is total)
            walk.drafts[at + 1 : at + 1] = several
        else:
            total.spans += [span for draft in placed.values() for span in draft.spans]


_FURTHER: Final = forms("также еще ще також кроме второй вторая другой")


def _same_event(walk: Walk, named: list[Mention]) -> Draft | None:
    here = {code for each in named for code in each.codes}
    for draft in reversed(walk.drafts):
        if draft.kind is Kind.CASUALTIES:
            there = {code for each in draft.mentions for code in each.codes}
            if not here or here & there or _headline(draft):
                return draft
    return None


def _headline(draft: Draft) -> bool:
    """It names no place: what follows are its details."""
    return not any("/" in code for each in draft.mentions for code in each.codes)


def _more(
    before: int | None, now: int | None, found: Harm, stated: bool, more: bool
) -> int | None:
    """Details under a headline, and people in hospital, add nothing to its number."""
    if not now:
        return before
    if before is None:
        return now
    if found.care or (stated and not found.stated):
        return max(before, now) if found.stated else before
    return before + now if more else max(before, now)


def unharmed(walk: Walk) -> None:
    """«Пострадавших нет» belongs to the event of its own line, else to the first of the post."""
    for sentence, found in walk.unharmed:
        told = [draft for draft in walk.drafts if draft.kind in _HARMFUL]
        line = walk.line(sentence.sentence)
        near = [
            draft
            for draft in told
            if walk.line(draft.sentence) == line and draft.sentence <= sentence.sentence
        ]
        hurt = [draft for draft in near or told if draft.kind is Kind.CASUALTIES]
        if hurt:
            known = hurt[-1].casualties
            if known is not None and found.dead == 0 and known.dead is None:
                hurt[-1].casualties = replace(known, dead=0)
            continue
        for draft in [each for each in near or told if each.casualties is None][:1]:
            draft.casualties = Casualties(dead=found.dead, injured=found.injured)
            draft.preliminary = draft.preliminary or bool(sentence.mask & w.PRELIMINARY)
            draft.spans.append(sentence.reading.span(sentence.first, sentence.end))


_HARMFUL: Final = (Kind.INTERCEPTION, Kind.DAMAGE, Kind.CASUALTIES)


def _landed(sentence: Clause) -> bool:
    return any(word.startswith(("попал", "влучи", "упал")) for word in sentence.words())
