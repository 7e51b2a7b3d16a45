"""Danger and its end: a sentence's statements, by the table of `ingest.rules.status`."""

from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.tables import forms
from ingest.places.mentions import Mention
from ingest.rules.asks import memo
from ingest.rules.cited import cited
from ingest.rules.clause import Clause, clauses, sounding
from ingest.rules.continued import explains, names_what_ended, same_statement
from ingest.rules.doubt import around, doubt, near, no_clear
from ingest.rules.draft import Draft
from ingest.rules.foretold import warns
from ingest.rules.hazard import hazards_of, just_named, only_hazard
from ingest.rules.picture import PICTURE, TOWARDS, terse
from ingest.rules.plain import quoted, signal_like
from ingest.rules.status import HAZARD_WORDS, Rule, first_fitting
from ingest.rules.unknown import unknown_places
from ingest.rules.walk import Walk, unnamed, usable
from storage.model import AreaCode, Certainty, Hazard, Kind, Level

STATUS_BITS: Final = (
    w.DANGER | w.CLEAR | w.CLEAR_AWAITED | w.CANCEL | w.LIFTED | w.ATTACK | w.REGIME
)
_STANDS: Final = Rule(id="threat.still-stands", kind=Kind.THREAT, needs=(), continues=True)


def declare(walk: Walk, sentence: Clause, mentions: list[Mention]) -> None:
    if not sentence.mask & (
        STATUS_BITS | w.UAV | w.NAVAL | w.MISSILE | w.SHELL | w.AIR | w.HEED | w.STANDS
    ) and not (mentions and sentence.any_word(IN_FORCE)):
        return
    if _opens_exception(sentence, mentions) and _excepts(walk, sentence, mentions):
        return
    if walk.digest and sentence.mask & w.DIGEST:
        walk.fired.append("status.digest")
        return
    parts = clauses(sentence)
    before = len(walk.fired)
    for clause in parts:
        rule = first_fitting(clause)
        if rule is not None and rule.kind is not None and quoted(clause, mentions):
            walk.fired.append("status.quoted")
            continue
        if rule is not None and rule.kind is not None and cited(walk, clause):
            walk.fired.append("status.quoted")
            continue
        if rule is not None and rule.id in _TEMPLATES and not _as_declared(walk, rule, clause):
            walk.fired.append("status.story")
            continue
        if rule is None:
            rule = _stands(walk, clause)
        if rule is None and len(parts) == 1:
            rule = _picture(walk, clause, mentions)
        if rule is None:
            continue
        if (
            rule.kind is Kind.ALL_CLEAR
            and "status.narrated" in walk.fired[before:]
            and not clause.mask & HAZARD_WORDS
        ):
            continue
        walk.fired.append(rule.id)
        if rule.kind is None:
            if clause.mask & HAZARD_WORDS and rule.id.startswith("clear."):
                walk.hazards = hazards_of(walk, clause, Kind.THREAT)
            continue
        if rule.kind is Kind.ALL_CLEAR and no_clear(walk, clause):
            continue
        if same_statement(walk, rule, clause):
            continue
        if rule.id == "clear.regime":
            _over(walk, clause)
        own = [each for each in mentions if clause.first <= each.first < clause.end]
        if not own and (
            len(parts) == 1 or parts[0] is clause or not _says_place(parts, clause, mentions)
        ):
            own = mentions
            if rule.kind is Kind.ALL_CLEAR:
                own = _not_where_it_stands(parts, clause, mentions)
        there = rule is _STANDS or clause.words()[0] in _THERE
        if there and not any(clause.first <= each.first < clause.end for each in own):
            own = _excepted(walk, clause) or own
        _declare(walk, rule, clause, own)
        if rule.complement and clause.mask & w.STANDS and walk.drafts[-1].excluded:
            _declare(walk, _STANDS, clause, walk.drafts[-1].excluded, spares=False)


def _over(walk: Walk, clause: Clause) -> None:
    """«Опасность атаки БПЛА: режим снят»: the danger is only what the regime was for."""
    last = walk.drafts[-1] if walk.drafts else None
    if (
        last is not None
        and last.rule == "threat.declared"
        and last.sentence == clause.sentence
        and not walk.sentences[clause.sentence].mask & (w.DECLARE | w.STANDS)
    ):
        walk.drafts.pop()


_THERE: Final = forms("где там де where there")


def _excepted(walk: Walk, clause: Clause) -> list[Mention]:
    """«Отбой, кроме А и Б: там режим продлён»: there, that is in A and B."""
    last = walk.drafts[-1] if walk.drafts else None
    if last is None or not last.complement or last.sentence != clause.sentence:
        return []
    return last.excluded


_EXCEPTION: Final = ("виняток", "исключени", "виключенн")
_BESIDES: Final = forms("кроме крім окрім за")
_MOREOVER: Final = forms("того этого цього")


def _opens_exception(sentence: Clause, mentions: list[Mention]) -> bool:
    """«Виняток – …», «Крім … району: …», «За исключением …»; not «кроме того»."""
    words = sentence.words()
    if words[0].startswith(_EXCEPTION):
        return True
    following = words[1] if len(words) > 1 else ""
    if words[0] == "за":
        return following.startswith(_EXCEPTION)
    return bool(mentions) and words[0] in _BESIDES and following not in _MOREOVER


def _excepts(walk: Walk, sentence: Clause, mentions: list[Mention]) -> bool:
    """«Відбій. Виняток – Кременчуцький район»: a sentence of its own takes places out of the
    all-clear before it; if nobody knows which, the all-clear is held."""
    last = walk.drafts[-1] if walk.drafts else None
    if last is None or last.kind is not Kind.ALL_CLEAR:
        return False
    walk.fired.append("clear.except")
    last.complement, last.open = True, False
    last.excluded += usable(mentions)
    last.spans.append(sentence.reading.span(sentence.first, sentence.end))
    if not mentions:
        last.weak = True
    if walk.hazards and mentions:
        _declare(walk, _STANDS, sentence, mentions)
    return True


def _not_where_it_stands(
    parts: list[Clause], clear: Clause, mentions: list[Mention]
) -> list[Mention]:
    """«Відбій, тривога ще триває у: LIST»: what is listed after «триває» is never cleared."""
    lasting = [
        part for part in parts if part is not clear and (part.has(w.STANDS) or sounding(part))
    ]
    return [
        each
        for each in mentions
        if not any(part.first <= each.first < part.end for part in lasting)
    ]


def _stands(walk: Walk, clause: Clause) -> Rule | None:
    """«опасность сохраняется», «тривога ще триває»: the hazard was said before."""
    if clause.mask & (w.CLEAR_AWAITED | w.LIMITS | w.POWER | w.AIRPORT) or _denied(clause):
        return None
    lasting = clause.has(w.STANDS) or sounding(clause)
    if not lasting and (memo(clause) or not clause.any_word(IN_FORCE)):
        return None
    if not (
        clause.mask & (w.DANGER | w.REGIME | w.SIREN)
        or clause.any_word(_IT)
        or _after_an_end(walk, clause)
    ):
        return None
    if clause.has(w.ALARM) or walk.hazards:
        return _STANDS
    return None


_IT: Final = forms("она он вона він")


def _denied(clause: Clause) -> bool:
    """«не сохраняется», «угрозы нет, обстановка остаётся спокойной»."""
    words = clause.reading.words
    return clause.any_word(forms("нет немає нема")) or any(
        at > clause.first and words[at - 1] in ("не", "ні") for at in clause.every(w.STANDS)
    )


IN_FORCE: Final = forms("действует діє остаетесь остаемся оставайтесь лишайтесь залишайтесь")
"""«он пока действует», «остаёмся в укрытиях»: behind an all-clear, what has not ended."""


def _after_an_end(walk: Walk, clause: Clause) -> bool:
    """«Отбой в A. В Б остаётся»: the same or the next sentence after an all-clear says where it
    goes on, by a place."""
    last = next((each for each in reversed(walk.drafts) if each.kind is Kind.ALL_CLEAR), None)
    return (
        last is not None
        and last.sentence >= clause.sentence - 2
        and any(
            clause.first <= each.first < clause.end and not each.generic
            for each in walk.places.of(clause.sentence)
        )
    )


_TEMPLATES: Final = frozenset(
    {"threat.declared", "threat.alarm", "threat.of-strikes", "threat.possible"}
)


_CITY: Final = forms("місто міста місту город города городу")
_CRY: Final = 5
"""«Кривий Ріг – в укриття! Балістика на місто!»"""
_REPORTS: Final = (Kind.CASUALTIES, Kind.DAMAGE, Kind.INTERCEPTION)


def _as_declared(walk: Walk, rule: Rule, clause: Clause) -> bool:
    """A verb declares it, or the clause is made of little but the words of a signal."""
    if rule.weak:
        return warns(clause, walk.places.of(clause.sentence))
    return bool(clause.mask & (w.DECLARE | w.COURSE)) or signal_like(
        clause, walk.places.of(clause.sentence)
    )


def _picture(walk: Walk, clause: Clause, mentions: list[Mention]) -> Rule | None:
    if not clause.mask & (w.UAV | w.NAVAL | w.MISSILE) or clause.asked():
        return None
    for rule in PICTURE:
        if rule.fits(clause) and (rule.kind is None or terse(clause, mentions)):
            return rule
    told = any(draft.kind in _REPORTS for draft in walk.drafts)
    if walk.list_open or walk.digest or told or not terse(clause, mentions):
        return None
    if clause.any_word(_CITY) and walk.pending and clause.size() <= _CRY:
        return TOWARDS if TOWARDS.fits(clause) else None
    if (walk.home is None or "-" not in walk.home or walk.home.startswith("UA")) and TOWARDS.fits(
        clause
    ):
        named = usable(mentions)
        if any(each.near or _after_colon(each, clause) for each in named):
            return TOWARDS
    return None


def _declare(
    walk: Walk, rule: Rule, clause: Clause, mentions: list[Mention], *, spares: bool = True
) -> None:
    """``spares``: «кроме» takes out what follows it; not where that is the list itself («кроме А,
    где опасность сохраняется»)."""
    kind = rule.kind
    assert kind is not None
    if kind is Kind.THREAT and (names_what_ended(walk, rule, clause) or explains(walk, clause)):
        return
    hazards = [rule.hazard] if rule.hazard else hazards_of(walk, clause, kind)
    if rule.id.startswith("attack.") and not clause.mask & (w.UAV | w.MISSILE | w.SHELL):
        hazards = only_hazard(walk) or [Hazard.AIR_RAID]
    if rule.id == "threat.of-strikes":
        hazards = just_named(walk, clause) or walk.hazards or only_hazard(walk)
    if rule.id == "threat.level-raised":
        hazards = walk.hazards or only_hazard(walk) or [Hazard.AIR_RAID]
    if not hazards:
        return
    walk.hazards = hazards
    named = usable(mentions)
    from_pending = False
    if not named and walk.pending:
        named, from_pending = list(walk.pending), True
    region = _region(walk, named)
    level = Level.ADVISORY if rule.advisory else walk.levels.level(region, clause.words())
    for hazard in hazards:
        draft = Draft(
            kind=kind,
            hazard=hazard,
            rule=rule.id,
            sentence=clause.sentence,
            spans=[clause.reading.span(clause.first, clause.end)],
            level=level,
            complement=rule.complement,
            upper_tier=rule.upper_tier,
            continues=rule.continues,
            renewed=rule.renewed,
            weak=rule.weak,
            clock=_clock(clause),
            vague=_vague(clause),
            unnamed=unnamed(clause),
            whole=bool(clause.mask & w.ALL) and not rule.complement,
        )
        if kind is Kind.THREAT:
            draft.certainty = Certainty.POSSIBLE if rule.weak else Certainty.LIKELY
        if spares and (rule.complement or clause.mask & w.EXCEPT):
            draft.excluded = _after(clause, named)
            draft.mentions = [each for each in named if each not in draft.excluded]
            draft.open = rule.complement
        elif named:
            draft.mentions = named
            draft.open = (
                from_pending
                or all(each.generic for each in named)
                or all("/" not in each.codes[0] for each in named if each.codes)
            )
        else:
            draft.open = True
        if kind is Kind.ALL_CLEAR:
            draft.weak = draft.weak or bool(mentions and not named)  # «снята с … района»
            draft.unknown = unknown_places(clause, near(walk, clause), around(walk, clause))
            doubt(walk, draft, clause)
        walk.drafts.append(draft)


def _region(walk: Walk, mentions: list[Mention]) -> AreaCode | None:
    for mention in mentions:
        if mention.codes:
            return AreaCode(mention.codes[0].partition("/")[0])
    return walk.home


_VAGUE: Final = tuple(
    sorted(
        forms(
            """приграни прикордон прифронт агломерац близлежащ тылов север южн юго юге восто запад
            півден півдн північ півноч схід східн сході захід західн заході"""
        )
    )
)


def _vague(clause: Clause) -> bool:
    """«приграничье», «на севере области»: a part without known bounds."""
    return any(word.startswith(_VAGUE) for word in clause.words())


def _after(clause: Clause, mentions: list[Mention]) -> list[Mention]:
    at = clause.where(w.EXCEPT)
    return [each for each in mentions if each.first > at]


def _after_colon(mention: Mention, clause: Clause) -> bool:
    """«Київщина: БпЛА …», «Херсон: БпЛА над містом»."""
    return mention.first == clause.first


def _says_place(parts: list[Clause], clause: Clause, mentions: list[Mention]) -> bool:
    return any(
        part is not clause and part.first <= each.first < part.end
        for part in parts
        for each in mentions
    ) and clause.has(w.STANDS)


def _clock(clause: Clause) -> str | None:
    """The first hour and minute that the clause states: «07:42»."""
    for word in clause.words():
        if ":" in word and word[0].isdigit() and len(word) <= len("07:42"):
            return word
    return None
