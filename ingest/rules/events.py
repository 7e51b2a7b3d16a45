"""What else a sentence reports: damage, evacuation, outages, airports, floods, drills."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.numbers import value
from ingest.lexicon.tables import forms
from ingest.rules.asks import practised
from ingest.rules.clause import Clause
from ingest.rules.interception import speaks
from storage.model import Hazard, Kind

ATTACKED: Final = w.UAV | w.MISSILE | w.SHELL | w.ATTACK | w.DEBRIS | w.STRIKE


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A row: the sentence has a word of each of ``needs`` and none of ``bars``; ``context``: the
    post as a whole speaks of one of these (an attack, water)."""

    id: str
    kind: Kind
    hazard: Hazard
    needs: tuple[int, ...]
    bars: int = 0
    context: int = 0
    when: Callable[[Clause], bool] | None = None

    def fits(self, clause: Clause, whole: int) -> bool:
        """Whether the row applies."""
        if clause.mask & self.bars or (self.context and not whole & self.context):
            return False
        for need in self.needs:
            if not clause.mask & need:
                return False
        return self.when is None or self.when(clause)


_INTACT: Final = forms("нет не без немає отсутствуют обошлось")
_REPAIRED: Final = (
    "отремонтир",
    "восстанов",
    "відновл",
    "капремонт",
    "помоч",
    "помощь",
    "поможем",
    "выплат",
    "займ",
    "заселени",
    "поддержк",
    "завершен",
    "заверш",
)
_LONG_AGO: Final = (
    "январ",
    "феврал",
    "марте",
    "апрел",
    "мае",
    "июне",
    "июле",
    "прошлом",
    "минулого",
)


def broken(clause: Clause) -> bool:
    """Something is said to be damaged, and not that nothing is."""
    words = clause.reading.words
    if any(word.startswith(_REPAIRED) for word in clause.words()):
        return False
    if any(word in _LONG_AGO for word in clause.words()):
        return False
    for at in clause.every(w.BROKEN):
        near = words[max(clause.first, at - 3) : min(clause.end, at + 8)]
        if _INTACT.isdisjoint(near):
            return True
    return False


def hit(clause: Clause) -> bool:
    """A drone hit a building, or debris was found there."""
    words = clause.words()
    if any(
        word
        in (
            "работают",
            "работает",
            "работа",
            "приближайтесь",
            "приближаться",
            "можливо",
            "изъяты",
            "сообщайте",
            "подходите",
            "подходить",
            "осмотр",
        )
        for word in words
    ):
        return False
    return _INTACT.isdisjoint(words) and not any(word.startswith(_REPAIRED) for word in words)


def burnt(clause: Clause) -> bool:
    """«огнём уничтожен автомобиль»."""
    return not speaks(clause) and hit(clause)


def explosions(clause: Clause) -> bool:
    """«Сообщают о взрывах в …»: heard, not explained."""
    words = clause.words()
    return any(word.startswith(("взрыв", "вибух")) for word in words) and any(
        word.startswith(
            (
                "сообща",
                "повідомля",
                "прогремел",
                "пролунал",
                "слышн",
                "чути",
                "чутно",
                "прозвучал",
                "лунають",
            )
        )
        for word in words
    )


def struck(clause: Clause) -> bool:
    """A drone struck something: a verb says so, «из-за атак» does not."""
    return hit(clause) and any(
        word.startswith(("атакова", "атакува", "ударил", "вдарил", "нанес", "наніс", "завда"))
        for word in clause.words()
    )


def counted(clause: Clause) -> bool:
    """«нанесены удары 2 беспилотниками»: a line of a digest, without consequences."""
    return any(value(word) is not None for word in clause.words())


def moved_people(clause: Clause) -> bool:
    """People leave their homes; nobody is carried to a hospital, no school drills, and «быть
    готовыми к эвакуации» moves nobody yet."""
    words = clause.words()
    return not any(
        word.startswith(("больниц", "школ", "бомб", "тц", "готов", "учени", "тренир", "центр"))
        for word in words
    )


def lights_out(clause: Clause) -> bool:
    """Electricity, water, heat or gas is off."""
    words = clause.words()
    if (
        any(
            word.startswith(("перелік", "переліку", "куди", "звертатися", "прийом"))
            for word in words
        )
        and not clause.mask & w.FUTURE
    ):
        return False
    return "обмежень" not in words


def cannot_fly(clause: Clause) -> bool:
    """Limits are in force or being imposed."""
    return not any(
        word.startswith(("снят", "знят", "отмен", "скасован")) for word in clause.words()
    )


def can_fly(clause: Clause) -> bool:
    """Limits are lifted."""
    return any(word.startswith(("снят", "знят", "отмен", "скасован")) for word in clause.words())


def exercise(clause: Clause) -> bool:
    """An exercise or a test of sirens, announced or held."""
    words = clause.words()
    return not any(
        word.startswith(("алгоритм", "школах", "чемпионат", "соревнован")) for word in words
    )


EVENTS: Final[tuple[Event, ...]] = (
    Event(
        id="drill.exercise", kind=Kind.DRILL, hazard=Hazard.OTHER, needs=(w.DRILL,), when=exercise
    ),
    Event(
        id="drill.signal",
        kind=Kind.DRILL,
        hazard=Hazard.OTHER,
        needs=(w.TEST | w.DRILL, w.DANGER | w.SIREN | w.EVACUATE | w.DRILL),
        when=practised,
    ),
    Event(
        id="drill.sirens",
        kind=Kind.DRILL,
        hazard=Hazard.OTHER,
        needs=(w.TEST, w.SIREN),
        when=exercise,
    ),
    Event(
        id="airspace.open",
        kind=Kind.AIRSPACE_OPEN,
        hazard=Hazard.AIRSPACE,
        needs=(w.AIRPORT | w.LIMITS, w.LIMITS | w.LIFTED),
        when=can_fly,
    ),
    Event(
        id="airspace.closed",
        kind=Kind.AIRSPACE_CLOSED,
        hazard=Hazard.AIRSPACE,
        needs=(w.AIRPORT, w.LIMITS),
        when=cannot_fly,
    ),
    Event(
        id="evacuation.over",
        kind=Kind.EVACUATION_OVER,
        hazard=Hazard.UAV,
        needs=(w.RETURN,),
        context=w.EVACUATE,
    ),
    Event(
        id="evacuation.people",
        kind=Kind.EVACUATION,
        hazard=Hazard.UAV,
        needs=(w.EVACUATE,),
        bars=w.DRILL | w.RETURN | w.AIRPORT,
        context=ATTACKED | w.FLOOD,
        when=moved_people,
    ),
    Event(
        id="utility.restored",
        kind=Kind.RESTORED,
        hazard=Hazard.UTILITY,
        needs=(w.POWER, w.RESTORE),
    ),
    Event(
        id="utility.out",
        kind=Kind.OUTAGE,
        hazard=Hazard.UTILITY,
        needs=(w.POWER, w.CUT),
        when=lights_out,
    ),
    Event(
        id="damage.broken",
        kind=Kind.DAMAGE,
        hazard=Hazard.UAV,
        needs=(w.BROKEN,),
        bars=w.DRILL,
        context=ATTACKED,
        when=broken,
    ),
    Event(
        id="damage.burnt",
        kind=Kind.DAMAGE,
        hazard=Hazard.UAV,
        needs=(w.DOWN, w.BUILDING),
        bars=w.DRILL | w.FRONT,
        context=ATTACKED,
        when=burnt,
    ),
    Event(
        id="damage.explosions", kind=Kind.DAMAGE, hazard=Hazard.OTHER, needs=(), when=explosions
    ),
    Event(
        id="damage.hit",
        kind=Kind.DAMAGE,
        hazard=Hazard.UAV,
        needs=(w.HIT, w.UAV | w.MISSILE | w.DEBRIS | w.ATTACK),
        bars=w.DRILL,
        when=hit,
    ),
    Event(
        id="damage.shelled",
        kind=Kind.DAMAGE,
        hazard=Hazard.SHELLING,
        needs=(w.SHELL, w.STRIKE),
        bars=w.DANGER | w.DRILL | w.POWER,
        when=hit,
    ),
    Event(
        id="recap.strikes",
        kind=Kind.RECAP,
        hazard=Hazard.UAV,
        needs=(w.STRIKE, w.UAV | w.MISSILE),
        bars=w.DANGER | w.DRILL | w.REPEL | w.DOWN | w.BUILDING | w.BROKEN,
        when=counted,
    ),
    Event(
        id="damage.struck",
        kind=Kind.DAMAGE,
        hazard=Hazard.UAV,
        needs=(w.STRIKE, w.UAV | w.MISSILE),
        bars=w.DANGER | w.DRILL | w.REPEL | w.DOWN | w.FORECAST,
        when=struck,
    ),
)


def damage_hazard(clause: Clause, whole: int) -> Hazard:
    """By what the damage was done, as far as the sentence says, else the post."""
    for mask in (clause.mask, whole):
        if mask & w.UAV or mask & w.DEBRIS:
            return Hazard.UAV
        if mask & w.MISSILE:
            return Hazard.MISSILE
        if mask & w.SHELL:
            return Hazard.SHELLING
    return Hazard.OTHER
