"""The questions about a sentence that the table of `ingest.rules.events` asks beyond its words."""

from itertools import pairwise
from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.numbers import value
from ingest.lexicon.tables import forms
from ingest.rules.clause import Clause
from ingest.rules.interception import speaks

_INTACT: Final = forms("нет не без немає отсутствуют обошлось")
_REPAIRED: Final = (
    "отремонтир",
    "ремонт",
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
    return _INTACT.isdisjoint(words) and not any(
        word.startswith(_REPAIRED) or word.startswith("неразорвав") for word in words
    )


def burnt(clause: Clause) -> bool:
    """«огнём уничтожен автомобиль»; a share («до 40 %») is no event."""
    reading = clause.reading
    text = reading.text[reading.starts[clause.first] : reading.ends[clause.end - 1]]
    return not speaks(clause) and hit(clause) and "%" not in text


_HEARD: Final = ("сообща", "повідомля", "прогремел", "пролунал", "слышн", "чути", "чутно",
                 "прозвучал", "лунают", "лунал")  # fmt: skip
_HARMLESS_BLAST: Final = ("газ", "баллон", "бытов", "сапер", "сапёр", "уничтожени", "знешкод",
                          "салют", "карьер", "сильнее", "если", "якщо")  # fmt: skip


def explosions(clause: Clause) -> bool:
    """«Сообщают о взрывах в …»: heard, not explained."""
    words = clause.words()
    return any(word.startswith(_HEARD) for word in words) and not any(
        word.startswith(_HARMLESS_BLAST) for word in words
    )


def struck(clause: Clause) -> bool:
    """A drone struck something: a verb says so, «из-за атак» does not."""
    return hit(clause) and any(
        word.startswith(("атакова", "атакува", "ударил", "вдарил", "нанес", "наніс", "завда"))
        for word in clause.words()
    )


def counted(clause: Clause) -> bool:
    """«нанесены удары 2 беспилотниками»: a line of a digest, without consequences."""
    return any(
        value(clause.reading.words[at]) is not None
        and any(
            bit & (w.UAV | w.MISSILE | w.STRIKE) for bit in clause.bits[at + 1 : clause.end][:4]
        )
        for at in range(clause.first, clause.end)
    )


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
    return "обмежень" not in words and not any(
        word.startswith(("скасован", "отменен")) for word in words
    )


_NO_FLIGHT: Final = ("скорост", "парковк", "въезд", "мосту")


def cannot_fly(clause: Clause) -> bool:
    """Limits of flights, not of speed, are in force or being imposed."""
    return not can_fly(clause) and not any(word.startswith(_NO_FLIGHT) for word in clause.words())


def can_fly(clause: Clause) -> bool:
    """Limits are lifted; not «не сняты», not a train «снят с рейса», not those of speed."""
    words = clause.reading.words
    if any(word.startswith(_NO_FLIGHT) for word in clause.words()):
        return False
    for at in range(clause.first, clause.end):
        if words[at].startswith(("снят", "знят", "отмен", "скасован")):
            before = words[at - 1] if at > clause.first else ""
            after = words[at + 1] if at + 1 < clause.end else ""
            if before not in ("не", "ні") and after not in ("с", "з"):
                return True
    return False


def reopened(clause: Clause) -> bool:
    """«аэропорт возобновил работу»."""
    words = clause.words()
    return any(
        word.startswith(("возобновил", "возобновлен", "відновив", "возобновляет"))
        for word in words
    ) and not clause.any_word(_UNTIL_THEN)


def shut(clause: Clause) -> bool:
    """«аэропорт закрыт», «не принимает рейсы»."""
    return clause.phrase(
        "не принимает", "не принимают", "временно закрыт", "закрыт на", "аэропорт закрыт",
        "приостановил работу", "приостановил прием", "приостановлена работа", "не приймає",
    )  # fmt: skip


_UNTIL_THEN: Final = forms("после когда если не")


def exercise(clause: Clause) -> bool:
    """An exercise or a test of sirens, announced or held; not «это не учения»."""
    words = clause.words()
    if any(
        before in ("не", "ні") and word.startswith(("учен", "учебн", "тренир", "навчал", "drill"))
        for before, word in pairwise(words)
    ):
        return False
    return not any(
        word.startswith(("алгоритм", "школах", "чемпионат", "соревнован")) for word in words
    )
