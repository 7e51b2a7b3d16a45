"""The words that an official all-clear is made of.

An all-clear is taken at its word only where every word of its clause is one of these or names a
place; whatever else it says («пишут в чатах», «у врачей», «надеемся на»), a moderator looks first.
"""

from functools import lru_cache
from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.numbers import value
from ingest.lexicon.tables import forms
from ingest.places.heads import HEADS, UNIT_WORDS
from ingest.places.mentions import Mention
from ingest.rules.clause import Clause
from ingest.text import Gap

_PLAIN_BITS: Final = (
    w.UAV
    | w.NAVAL
    | w.MISSILE
    | w.AIR
    | w.SHELL
    | w.FLOOD
    | w.DANGER
    | w.ALARM
    | w.CLEAR
    | w.CANCEL
    | w.LIFTED
    | w.IMMEDIATE
    | w.REGIME
    | w.ATTACK
    | w.STRIKE
    | w.HEED
    | w.DECLARE
    | w.EXCEPT
    | w.ALL
    | w.SKY
)
_PLAIN: Final = forms(
    """в во на по для над с со о об от и та й у з а также также из із через зв'язку связи связью
    вся информации данным территории территорией территориях территорию територія території
    територіях дан дана дано даем был была было время мск мин час часов часа утра вечера ночи
    дня момент данный настоящее сейчас теперь уже уважаемые жители жителей жителі друзья
    земляки дорогие шановні внимание всем всех увага важно срочно информация информируем
    сообщаем сообщает сообщил сообщили мчс рсчс минобороны россии україни украины гу
    управление экстренная оперативная оперативный оперативные дежурный службы служб пво
    губернатор губернатора глава главы правительство правительства штаб оперштаб мэр области
    остальных остальной другие других прежнее красный красного желтый желтого оранжевый
    уровень уровня рівень воздушном воздушного пространстве пространства применения
    застосування використання удара удару непосредственного регион региона регионе регионом
    регіоні місцевості населенных пунктах пункт пунктов всей всього спасибо слава типа типу
    прошу обращаем ваше слідкуйте за подальшими повідомленнями повідомленням возможного пуска
    пусков ударных ударним ударних ворожих вражеских украинских всу со стороны также еще режим
    сигнал сигнала тривоги and in the for of is has been region oblast alert raid all clear
    all-clear now where remains district lifted air дежурно спокойной прекращено прекращен
    прекращена окончен окончена завершено тг мы ми это далее ранее"""
)
_STEMS: Final = (
    "опасност",
    "угроз",
    "загроз",
    "небезпек",
    "беспилот",
    "безпілот",
    "баллист",
    "баліст",
    "оголош",
    "объявл",
    "введен",
    "муниципал",
    "район",
    "област",
    "город",
    "округ",
    "республик",
    "губерн",
    "пригранич",
    "прикордон",
    "близлежащ",
    "соседн",
    "прилегающ",
    "бомбов",
    "ракетно",
    "залпов",
    "реактивн",
    "агломерац",
)


@lru_cache(maxsize=8_192)
def _plain(word: str) -> bool:
    return (
        len(word) == 1
        or word in _PLAIN
        or word in HEADS
        or word[0].isdigit()
        or bool(w.meaning(word) & _PLAIN_BITS)
        or word.startswith(UNIT_WORDS)
        or word.startswith(_STEMS)
        or value(word) is not None
    )


def signal_like(clause: Clause, mentions: list[Mention]) -> bool:
    """Before the danger and right behind it stands hardly a word that a signal is not made of: a
    story about one has many («школы, где сигнал тревоги слышно плохо»)."""

    def opening(at: int) -> int:
        """Where the statement begins: behind the last dash or colon."""
        while at > clause.first and clause.reading.gaps[at] not in (Gap.DASH, Gap.COLON):
            at -= 1
        return at

    return any(
        len(strange(clause, mentions, opening(at), at)) <= _BEFORE
        and len(strange(clause, mentions, at, min(at + _WINDOW, clause.end))) <= _ASIDES
        for at in clause.every(w.DANGER)
    )


_BEFORE: Final = 2
_ASIDES: Final = 3
_WINDOW: Final = 7


def quoted(clause: Clause, mentions: list[Mention]) -> bool:
    """What the signal says is only cited: «по сигналу „Воздушная тревога“ дети идут в подвал»;
    not a regime that is declared by its name, nor a whole statement in quotation marks."""
    if clause.mask & (w.DECLARE | w.STANDS | w.CANCEL | w.LIFTED | w.CLEAR_AWAITED):
        return False
    if any(word.startswith(("передан", "подан")) for word in clause.words()):
        return False
    reading = clause.reading
    first, end = reading.sentences[clause.sentence]
    start = reading.starts[first]
    text = reading.text[start : reading.ends[end - 1]]
    if "«" not in text and "“" not in text and "„" not in text:
        return False
    inside: set[int] = set()
    depth = 0
    at = first
    for offset, letter in enumerate(text):
        while at < end and reading.starts[at] - start < offset:
            if depth:
                inside.add(at)
            at += 1
        depth = max(0, depth + (letter in "«„") - (letter in "»“"))
    inside |= set(range(at, end)) if depth else set()
    signs = clause.every(w.DANGER | w.CLEAR)
    taken = {each for mention in mentions for each in range(mention.first, mention.end)}
    outside = [
        each
        for each in range(clause.first, clause.end)
        if each not in inside and each not in taken
    ]
    return (
        bool(signs)
        and all(each in inside for each in signs)
        and sum(not _plain(reading.words[each]) for each in outside)
        >= (1 if clause.phrase("по сигналу", "за сигналом") else _ASIDES)
    )


def plainly_said(clause: Clause, mentions: list[Mention]) -> bool:
    """No word of the clause but places' names and those of the table."""
    return not strange(clause, mentions, clause.first, clause.end)


def strange(clause: Clause, mentions: list[Mention], first: int, end: int) -> list[int]:
    """Which of these words are neither a place's name nor in the table."""
    taken = {at for each in mentions for at in range(each.first, each.end)}
    words = clause.reading.words
    return [at for at in range(first, end) if at not in taken and not _plain(words[at])]
