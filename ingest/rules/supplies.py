"""The questions about power, water, the network and flights that the table of events asks."""

from itertools import pairwise
from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.tables import forms
from ingest.rules.clause import Clause


def lights_out(clause: Clause) -> bool:
    """Electricity, water, heat or gas is off now; «возможны перебои» is a forecast."""
    words = clause.words()
    if any(word.startswith(("возможн", "можлив", "могут")) for word in words):
        return False
    if any(
        before == "не" and word.startswith(("прогноз", "планир", "планує", "застосов"))
        for before, word in pairwise(words)
    ):
        return False
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


_SUPPLY: Final = (
    "свет", "світл", "электр", "електр", "энерг", "водоснаб", "водопост", "теплоснаб",
    "теплопост", "газоснаб", "газопост", "отоплени", "опален",
)  # fmt: skip


_SUPPLIED: Final = forms(
    "вода воды води воду тепло тепла газ газа газу топлива связи зв'язку интернета інтернету"
)


_GONE: Final = ("пропал", "зник", "исчез", "отсутств", "відсутн")


_CLOSE: Final = 4


def internet(clause: Clause) -> bool:
    """«мобильный интернет ограничен»."""
    return any(
        word.startswith(("интернет", "інтернет")) for word in clause.words()
    ) and not clause.any_word(forms("возможны возможно могут снято сняты"))


def without(clause: Clause) -> bool:
    """«без света остаются», «холодной воды нет», «пропал свет», «without electricity»."""
    words = clause.reading.words
    if clause.any_word(forms("возможны возможно могут можливі если якщо")):
        return False
    for at in range(clause.first, clause.end):
        word = words[at]
        if not (word in _SUPPLIED or word.startswith(_SUPPLY) or word == "electricity"):
            continue
        before = words[max(clause.first, at - _CLOSE) : at]
        after = words[at + 1 : min(clause.end, at + _CLOSE)]
        if "без" in before or "without" in before:
            return True
        if any(each in ("нет", "немає", "нема") for each in (*before[-2:], *after)):
            return True
        if any(a == "не" and b.startswith(("мают", "имеют")) for a, b in pairwise(after)):
            return True
        if any(each.startswith(_GONE) for each in (*before, *after)):
            return True
    return False


_NO_FLIGHT: Final = ("скорост", "парковк", "въезд", "мост", "фур", "проезд", "дорог", "трасс",
                     "движени", "реверс", "досмотр", "пляж", "бассейн")  # fmt: skip


_OPENED: Final = ("снят", "сняла", "сняли", "знят", "отмен", "скасован", "lifted")


_UNTIL_THEN: Final = forms("после когда если не пока")


def _of_flights(clause: Clause) -> bool:
    return not any(word.startswith(_NO_FLIGHT) for word in clause.words())


def cannot_fly(clause: Clause) -> bool:
    """Limits of flights, not of speed, are in force or being imposed."""
    return (
        not can_fly(clause)
        and _of_flights(clause)
        and not clause.any_word(forms("вводились вводилось закрывали закрывался вводили вводился"))
    )


def can_fly(clause: Clause) -> bool:
    """Limits are lifted; not «не сняты», not a train «снят с рейса», not those of speed."""
    words = clause.reading.words
    if not _of_flights(clause):
        return False
    if clause.has(w.CLEAR, w.LIMITS):
        return True
    for at in range(clause.first, clause.end):
        if words[at].startswith(_OPENED):
            before = words[at - 1] if at > clause.first else ""
            after = words[at + 1] if at + 1 < clause.end else ""
            if before not in ("не", "ні") and after not in ("с", "з"):
                return True
    return False


def reopened(clause: Clause) -> bool:
    """«аэропорт возобновил работу», «аэропорты открыты», «снова принимает рейсы»."""
    words = clause.words()
    if clause.any_word(_UNTIL_THEN):
        return False
    return (
        any(
            word.startswith(("возобновил", "возобновлен", "відновив", "возобновляет"))
            for word in words
        )
        or clause.any_word(forms("открыт открыты открыли відкрито відкритий"))
        or clause.phrase(
            "снова принимает",
            "вновь принимает",
            "вновь принимают",
            "снова принимают",
            "штатном режиме",
            "штатно приним*",
        )
    )


def shut(clause: Clause) -> bool:
    """«аэропорт закрыт», «не принимает рейсы», «по согласованию»."""
    return clause.any_word(forms("закрыт закрыты закрыто закрили закрито приостановил")) or (
        clause.phrase(
            "не принимает",
            "не принимают",
            "пока не",
            "временно не",
            "приостановлена работа",
            "не приймає",
            "по согласованию",
            "закрыто небо",
            "план ковер",
        )
        and not clause.phrase("пока не известно")
    )
