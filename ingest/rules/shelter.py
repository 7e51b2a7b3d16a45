"""Danger that is told only by what to do or what is heard: «Всем в укрытие!», «звучат сирены»,
«над районом работает ПВО, не выходите».

Asked of the whole post where no rule found danger or its end. A call alone is an alarm only if it
sends people under cover now; a call to stay indoors needs a sign of danger beside it. Memos,
conditions, works of sappers and the weather call in the same words.
"""

from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.tables import forms
from ingest.places.mentions import Mention
from ingest.rules.asks import urged
from ingest.rules.calls import (
    CRY,
    SILENCES,
    call_of,
    conditional,
    exclaims,
    general,
    hides,
    of_else,
)
from ingest.rules.cited import cited
from ingest.rules.clause import Clause
from ingest.rules.clears import awaited, none_came
from ingest.rules.draft import Draft
from ingest.rules.told import draft_of, past
from ingest.rules.walk import Walk, usable
from storage.model import Certainty, Hazard, Kind

_AT_WORK: Final = forms(
    """работает работают працює працюють чути чутно слышна слышно слышны ведет роботу работу
    активна отражает отражают"""
)
_SOUNDS: Final = forms(
    """звучат звучит звучать лунає лунають воет воют виють гудят гудит гудуть ревут включены
    включили включена увімкнено увімкнули увімкнені завыла завыли запущены запустили сработали
    спрацювали"""
)
_FLIES: Final = ("летит", "летят", "летять", "подлет", "підльот", "підліт")
_OFTEN: Final = forms(
    "чаще часто каждый каждую каждые щодня щоночі кожну ежедневно снова почему чому честь"
)
_SETTLED: Final = frozenset({Kind.THREAT, Kind.ALL_CLEAR, Kind.DRILL, Kind.EVACUATION_OVER})
_NEAR: Final = 2
"""Sentences between a sign and the call that it belongs to."""
_TOLD: Final = 10  # words


def take_shelter(walk: Walk, heard: list[Clause]) -> None:
    """``heard``: the sentences that speak of now."""
    if not walk.whole & (w.COVER | w.SIREN | _SIGNS) and not any(map(hides, heard)):
        return
    if walk.digest or walk.whole & (w.DRILL | w.TEST):
        return
    settled = [draft for draft in walk.drafts if draft.kind in _SETTLED]
    if any(draft.kind is not Kind.THREAT or not draft.mentions for draft in settled):
        return
    if any(draft.retrospective for draft in walk.drafts):
        return
    if any(_ends(sentence) for sentence in heard):
        return
    calls = [(each, call_of(walk, each)) for each in heard]
    for sentence, strength in calls:
        if not strength or conditional(walk, sentence) or cited(walk, sentence):
            continue
        if settled:
            if _elsewhere(walk, settled, sentence) and _signals(walk, sentence, sentence):
                _tell(walk, [sentence], sentence, sentence, "shelter.called")
            continue
        sign = _sign(walk, heard, sentence)
        if sign is not None or (strength > 1 and _alone(walk, sentence)):
            _tell(walk, heard, sentence, sign, "shelter.called")
            return
    for sentence in heard if not walk.drafts else ():
        if _cry(walk, sentence):
            _tell(walk, heard, sentence, None, "shelter.cried")
            return
    for sentence in heard if not settled else ():
        if _sirens(walk, sentence):
            _tell(walk, heard, sentence, None, "shelter.sirens")
            return


def _elsewhere(walk: Walk, settled: list[Draft], call: Clause) -> bool:
    """«Опасность БПЛА в Боровском районе. Над Калугой дроны, в укрытие!»: a place that no
    statement of danger has."""
    known = {code for draft in settled for each in draft.mentions for code in each.codes}
    named = {code for each in usable(walk.places.of(call.sentence)) for code in each.codes}
    regions = {code for code in known if "/" not in code}
    return any("/" in code and code.partition("/")[0] not in regions for code in named - known)


def _ends(sentence: Clause) -> bool:
    return bool(sentence.mask & (w.CLEAR | w.CANCEL | w.LIFTED)) and not (
        awaited(sentence) or none_came(sentence)
    )


_SIGNS: Final = w.UAV | w.NAVAL | w.MISSILE | w.SHELL | w.DEFENCE | w.BLAST


def _sign(walk: Walk, heard: list[Clause], call: Clause) -> Clause | None:
    """The sentence beside a call that tells of what is in the air."""
    near = [each for each in heard if -_NEAR <= each.sentence - call.sentence <= 1]
    near.sort(key=lambda each: (each.sentence != call.sentence, -each.sentence))
    return next((each for each in near if _signals(walk, each, call)), None)


def _signals(walk: Walk, sentence: Clause, call: Clause) -> bool:
    mask = sentence.mask
    if mask & (SILENCES | w.FRONT | w.MEMO) or sentence.asked() or past(walk, sentence):
        return False
    words = sentence.words()
    if sentence is not call and (general(sentence) or urged(sentence)):
        return False
    if of_else(walk, sentence) or _absent(sentence):
        return False
    end = sentence.where(w.CLEAR | w.CLEAR_AWAITED)
    if 0 <= end < sentence.where(w.UAV | w.NAVAL | w.MISSILE | w.SHELL):
        return False  # «до отбоя опасности БПЛА»
    if urged(call):
        return bool(mask & w.DEFENCE) and sentence.any_word(_AT_WORK)
    if mask & (w.UAV | w.NAVAL | w.MISSILE | w.SHELL) or sentence.has(w.AIR, w.STRIKE):
        return True
    if mask & w.DEFENCE and sentence.any_word(_AT_WORK):
        return True
    if mask & w.BLAST:
        return bool(call.mask & w.COVER)
    return any(word.startswith(_FLIES) for word in words) or _sirens(walk, sentence)


def _absent(sentence: Clause) -> bool:
    return sentence.any_word(forms("нет немає нема"))


def _alone(walk: Walk, call: Clause) -> bool:
    """A call without a sign: the post is little else but places and what to do."""
    if walk.whole & (w.FIRE | w.FLOOD | w.DAM | w.POWER) or not call.mask & w.COVER:
        return False
    if any(of_else(walk, each) for each in walk.sentences):
        return False
    others = [each for each in _body(walk) if each is not call]
    return not any(each.mask & w.ADVERT for each in others) and (
        sum(_besides(walk, each) for each in others if not _urges(each)) <= _FEW
    )


def _body(walk: Walk) -> list[Clause]:
    """The post without what stands below every one: an invitation, a telephone, hashtags."""
    found: list[Clause] = []
    for sentence in walk.sentences:
        invites = sentence.mask & (w.ADVERT | w.JOIN | w.READER)
        if sentence.below_blank_line() and (invites or sentence.size() <= _FEW):
            break
        found.append(sentence)
    return found


def _urges(sentence: Clause) -> bool:
    words = sentence.words()
    return words[0] in _ADDRESS or any(word.endswith(_DO) for word in words)


_DO: Final = ("йте", "йтесь", "йтеся", "ите", "итесь", "іть", "іться")
_ADDRESS: Final = forms("внимание увага уважаемые шановні друзья друзі жители")
_FEW: Final = 5  # words


def _besides(walk: Walk, sentence: Clause) -> int:
    """How many of its words name no place."""
    taken = {at for each in walk.places.mentions for at in range(each.first, each.end)}
    return sum(at not in taken for at in range(sentence.first, sentence.end))


def _cry(walk: Walk, sentence: Clause) -> bool:
    """«Увага, Павлоград! Шахеди!», «Ракетная!»: the target is all that the post says."""
    if not (sentence.mask & (w.UAV | w.MISSILE | w.NAVAL) and exclaims(sentence)):
        return False
    body = _body(walk)
    besides = sum(
        _besides(walk, each) for each in body if each is not sentence and not _urges(each)
    )
    return (
        _besides(walk, sentence) <= _CRIED
        and besides <= _CRIED
        and (bool(walk.places.mentions) or sentence.size() == 1 or besides > 0)
        and all(not each.mask & ~_OF_CRIES for each in body)
    )


_CRIED: Final = 2
_OF_CRIES: Final = w.UAV | w.MISSILE | w.NAVAL | w.HEED | w.ENEMY | w.ALL | w.SKY | w.AIR | w.AGAIN


def _sirens(walk: Walk, sentence: Clause) -> bool:
    """«У Слов'янську лунає сирена», «Сирена!»; not «сирены звучат всё чаще», nor those of an
    ambulance."""
    words = sentence.words()
    if not any(word.startswith(("сирен", "электросирен", "електросирен")) for word in words):
        return False
    if sentence.mask & (SILENCES | w.NOT | w.TEST | w.DRILL | w.CARE) or sentence.asked():
        return False
    if general(sentence) or sentence.any_word(_OFTEN) or past(walk, sentence):
        return False
    if sentence.size() > _TOLD:
        return False
    if sentence.any_word(_SOUNDS):
        return True
    return exclaims(sentence) and (sum(_besides(walk, each) for each in _body(walk)) <= CRY - 1)


def _tell(walk: Walk, heard: list[Clause], call: Clause, sign: Clause | None, rule: str) -> None:
    own = sign if sign is not None else call
    first = min(call.sentence, own.sentence) - 1
    named: list[Mention] = []
    for sentence in heard:
        if first <= sentence.sentence <= max(call.sentence, own.sentence):
            named += usable(walk.places.of(sentence.sentence))
    hazards = _hazards(walk, own)
    reported = any(draft.kind is not Kind.THREAT for draft in walk.drafts)
    for hazard in hazards:
        draft = draft_of(walk, Kind.THREAT, hazard, rule, own, list(named))
        if own is not call:
            draft.spans.append(call.reading.span(call.first, call.end))
        draft.level = walk.levels.level(walk.home, own.words())
        draft.open = not named
        draft.continues = reported
        certain = not reported and (own.mask & _SIGNS or rule == "shelter.sirens" or sign is None)
        draft.certainty = Certainty.LIKELY if certain else Certainty.POSSIBLE
        walk.fired.append(rule)


def _hazards(walk: Walk, sign: Clause) -> list[Hazard]:
    found = [
        hazard
        for bit, hazard in (
            (w.NAVAL, Hazard.NAVAL_DRONE),
            (w.MISSILE, Hazard.MISSILE),
            (w.SHELL, Hazard.SHELLING),
        )
        if sign.mask & bit
    ]
    if sign.mask & w.UAV and Hazard.NAVAL_DRONE not in found:
        found.append(Hazard.UAV)
    if found:
        return found
    only = [hazard for bit, hazard in _BY_BIT if walk.whole & bit]
    return only if len(only) == 1 else [Hazard.AIR_RAID]


_BY_BIT: Final = (
    (w.UAV, Hazard.UAV),
    (w.MISSILE, Hazard.MISSILE),
    (w.SHELL, Hazard.SHELLING),
)
