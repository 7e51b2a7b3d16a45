"""Which hazard a statement is about: its own words, else those around it."""

from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.tables import forms
from ingest.rules.clause import Clause
from ingest.rules.status import HAZARD_WORDS
from ingest.rules.walk import Walk
from storage.model import Hazard, Kind


def hazards_of(walk: Walk, clause: Clause, kind: Kind) -> list[Hazard]:
    mask = clause.mask
    found: list[Hazard] = []
    specific = mask & (w.UAV | w.MISSILE | w.NAVAL)
    if mask & w.AIR and any(word.startswith("засоб") for word in clause.words()):
        return [Hazard.MISSILE]
    if mask & w.NAVAL:
        found.append(Hazard.NAVAL_DRONE)
    if mask & w.UAV and (not mask & w.NAVAL or _in_the_air(clause)):
        found.append(Hazard.UAV)
    if mask & w.MISSILE:
        found.append(Hazard.MISSILE)
    if mask & w.AIR and not (specific and because(clause)):
        words = clause.words()
        flies = any(word.startswith(("авиац", "авіац")) for word in words)
        if not found or _air_head(clause) or (flies and not found):
            found.append(Hazard.AIR_RAID)
    if mask & w.SHELL and (not found or clause.any_word(_ARTILLERY)):
        found.append(Hazard.SHELLING)
    if found:
        return found
    if mask & w.FLOOD:
        return [Hazard.FLOOD]
    if kind is Kind.ALL_CLEAR:
        at_home = walk.home is not None and walk.home.startswith("UA")
        if mask & w.IMMEDIATE and not at_home:
            named = walk.hazards or only_hazard(walk)
            if named:
                return named
        if mask & w.ALARM or at_home or of_siren(clause) or mask & w.ALL:
            return [Hazard.AIR_RAID]
        return walk.hazards or _of_sentence(walk, clause) or only_hazard(walk) or [Hazard.OTHER]
    if mask & w.ALARM and not walk.hazards:
        return [Hazard.AIR_RAID]
    if walk.hazards:
        return walk.hazards
    if mask & w.ATTACK and walk.whole & w.UAV:
        return [Hazard.UAV]
    return only_hazard(walk) if mask & (w.CANCEL | w.LIFTED | w.CLEAR_AWAITED) else []


_ARTILLERY: Final = forms("рсзо рсзв залпового артиллерии артилерії")


def _of_sentence(walk: Walk, clause: Clause) -> list[Hazard]:
    """«Беспилотной опасности больше нет, режим снят»: what the other half of it names."""
    whole = walk.sentences[clause.sentence]
    if whole.mask == clause.mask or not whole.mask & HAZARD_WORDS:
        return []
    return hazards_of(walk, whole, Kind.THREAT)


def just_named(walk: Walk, clause: Clause) -> list[Hazard]:
    """«Шахеди над областю. Загроза ударів!»: the hazard of the sentence before."""
    at = clause.sentence
    if not at or walk.sentences[at].below_blank_line():
        return []
    before = walk.sentences[at - 1]
    return hazards_of(walk, before, Kind.THREAT) if before.mask & (w.UAV | w.MISSILE) else []


def only_hazard(walk: Walk) -> list[Hazard]:
    """The one hazard that the post names anywhere."""
    named = [
        hazard
        for bit, hazard in ((w.UAV, Hazard.UAV), (w.MISSILE, Hazard.MISSILE))
        if walk.whole & bit
    ]
    return named if len(named) == 1 else []


def because(clause: Clause) -> bool:
    return any(word in ("связи", "через", "из-за", "зв'язку") for word in clause.words())


def _in_the_air(clause: Clause) -> bool:
    """«БЭК и БПЛА»: a drone that no word beside it puts on the water."""
    return any(
        not any(
            clause.bits[near] & w.NAVAL
            for near in range(max(clause.first, at - 1), min(at + 2, clause.end))
        )
        for at in clause.every(w.UAV)
    )


def _air_head(clause: Clause) -> bool:
    """«авиационная опасность» beside another hazard is one more."""
    reading = clause.reading
    return any(
        clause.bits[at + 1] & w.DANGER
        and reading.words[at].startswith(("авиац", "воздуш", "повітр", "авіац"))
        for at in clause.every(w.AIR)
        if at + 1 < clause.end
    )


def of_siren(clause: Clause) -> bool:
    """«Відбій», "all clear": words that there are for the siren alone."""
    return any(
        word.startswith(("відбі", "тривог", "скасован")) or word == "clear"
        for word in clause.words()
    )
