"""What is in the air now, as air forces and monitors write it: asked when STATUS has no row."""

from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.numbers import value
from ingest.lexicon.tables import forms
from ingest.places.heads import HEADS, LINKS, NEAR, UNIT_WORDS
from ingest.places.mentions import Mention
from ingest.rules.asks import brief, no_targets
from ingest.rules.clause import Clause
from ingest.rules.status import Rule
from storage.model import Kind

_TARGETS: Final = w.UAV | w.MISSILE | w.NAVAL
_OTHER_NEWS: Final = (
    w.DOWN
    | w.BROKEN
    | w.DEAD
    | w.HURT
    | w.SIREN
    | w.CIVIC
    | w.ADVERT
    | w.NOT
    | w.FORECAST
    | w.FRONT
    | w.DRILL
    | w.REPEL
    | w.MEMO
    | w.EVACUATE
    | w.LIMITS
)
_OF_FLIGHT: Final = (
    w.UAV | w.NAVAL | w.MISSILE | w.COURSE | w.LAUNCH | w.SPOTTED | w.AIR | w.SKY | w.HEED
    | w.DANGER | w.DEFENCE | w.SHELL
)  # fmt: skip
_PLAIN: Final = forms(
    """з із зі від до на в у над по через та і й и с от к из для х шт ще еще також также далі далее
    знову снова група групи групу групою группа группы группу групп пара кілька кілько декілька
    несколько більше понад около близько район району районі межі межах межа бік сторону боку
    море моря морем акваторії акваторія акваторию акватории місто міста містом города город
    областей областями сторони нові нова новий новый новые один два три зараз наразі сейчас уже
    вже ось всі все типу типа виробництва увага київ мимо повз околиць околиці північніше"""
)
_STEMS: Final = (
    "ударн", "ворож", "вражеск", "швидкісн", "розвід", "развед", "реактивн", "маневр", "кружля",
    "залет", "залітa", "заліта", "проход", "пройш", "прямоли", "невідом", "неизвестн", "барраж",
    "баражу", "південн", "північн", "східн", "західн", "південн", "юг", "север", "восто", "запад",
    "півд", "північ", "схід", "сход", "захід", "заход", "центр", "напрям", "направлен", "рухаєт",
    "тактичн", "стратегічн", "активн", "район", "сторон", "украин", "україн", "російськ",
    "российск", "самолет", "крил", "крыл", "прикордон", "повторн", "громад",
)  # fmt: skip


def terse(clause: Clause, mentions: list[Mention]) -> bool:
    """Hardly a word but targets, places and directions: a story that names both is no picture."""
    words = clause.reading.words
    taken = {at for each in mentions for at in range(each.first, each.end)}
    others = sum(
        not (
            at in taken
            or clause.bits[at] & _OF_FLIGHT
            or words[at] in _PLAIN
            or words[at] in HEADS
            or words[at] in LINKS
            or words[at] in NEAR
            or words[at].startswith(_STEMS)
            or words[at].startswith(UNIT_WORDS)
            or words[at][0].isdigit()
            or value(words[at]) is not None
        )
        for at in range(clause.first, clause.end)
    )
    return others <= max(2, clause.size() // 4)


def launched(clause: Clause) -> bool:
    """A launch now, not where a night's missiles came from («район пусків – …»)."""
    return brief(clause) and not clause.phrase("район пусків", "район пуска", "район пуску")


PICTURE: Final[tuple[Rule, ...]] = (
    # What is in the air now, as air forces and monitors write it: asked when no row above fits.
    Rule(id="picture.nothing", kind=None, needs=(_TARGETS,), when=no_targets),
    Rule(
        id="picture.launch",
        kind=Kind.THREAT,
        needs=(w.LAUNCH, w.MISSILE),
        when=launched,
        bars=_OTHER_NEWS & ~w.FRONT,
    ),
    Rule(
        id="picture.spotted",
        kind=Kind.THREAT,
        needs=(w.SPOTTED, w.UAV | w.NAVAL),
        when=brief,
        bars=_OTHER_NEWS | w.DEBRIS | w.HIT,
    ),
    Rule(
        id="picture.course",
        kind=Kind.THREAT,
        needs=(_TARGETS, w.COURSE),
        when=brief,
        bars=_OTHER_NEWS | w.HIT | w.STRIKE,
    ),
    Rule(
        id="picture.above",
        kind=Kind.THREAT,
        needs=(_TARGETS, w.ENEMY, w.SKY | w.AIR),
        when=brief,
        bars=_OTHER_NEWS | w.HIT | w.STRIKE | w.DEBRIS,
    ),
)
TOWARDS: Final = Rule(
    id="picture.towards",
    kind=Kind.THREAT,
    needs=(_TARGETS,),
    when=brief,
    bars=_OTHER_NEWS | w.HIT | w.STRIKE | w.DEBRIS | w.SPOTTED | w.DEFENCE,
)
"""«КАБи на Харківщину»: a target and a place, nothing else; the caller sees to the place."""
