"""What a sentence calls for: to take cover now, to stay indoors, or neither.

Memos, conditions, the works of sappers and the weather call in the same words.
"""

from itertools import pairwise
from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.tables import forms
from ingest.places.mentions import Mention
from ingest.rules.asks import memo, urged
from ingest.rules.clause import Clause
from ingest.rules.walk import Walk

_GO: Final = forms(
    """укройтесь укрывайтесь укрыться спуститесь спускайтесь спуститься пройдите проходите пройти
    перейдите перейти проследуйте проследовать зайдите уйдите уходите уйти прячьтесь
    спрячьтесь прямуйте пройдіть перейдіть спустіться спускайтеся сховайтесь сховайтеся
    ховайтесь ховайтеся укрийтесь укрийтеся рухайтесь зайдіть поспішайте займите займіть"""
)
_HIDE: Final = ("укройтесь", "укрывайтесь", "прячьтесь", "спрячьтесь", "сховайтес", "укрийтес",
                "ховайтес")  # fmt: skip
_STAY: Final = forms(
    """оставайтесь оставаться остаемся находитесь находиться сидите сидим побудьте залишайтесь
    залишайтеся залишаємося лишайтесь лишайтеся перебувайте будьте держитесь держаться
    отойдите отойти відійдіть покиньте залиште тримайтесь"""
)
_LEAVE: Final = forms(
    """выходите выходить выходим покидайте покидать покидаем покидаємо подходите подходить
    виходьте виходити полишайте залишайте підходьте стойте стоять стійте"""
)
_INDOORS: Final = (
    "помещен", "приміщ", "дом", "безопасн", "безпечн", "окон", "окнам", "вікон", "улиц",
    "вулиц", "надвір", "балкон", "берег", "пляж", "узбереж", "набереж"
)  # fmt: skip
_NO: Final = forms("не ни ні")
_INTO: Final = forms("в во у до")
_NOW: Final = forms(
    """всем все всі усі усім срочно немедленно быстро бегом терміново негайно швидко внимание
    увага"""
)
_GENERAL: Final = forms(
    """если когда якщо коли при услышав услышали почувши почули увидев увидели побачили всегда
    завжди чтобы щоб после після случае разі сигналу сигналом заранее завчасно можно можна
    новые нові инструкция інструкція"""
)
_ELSE: Final = (
    "шторм", "гроз", "ветер", "ветра", "вітер", "вітру", "ливн", "злив", "смерч", "ураган",
    "метел", "снег", "снігоп", "мороз", "жара", "жары", "спек", "туман", "сапер", "разминир",
    "розмін", "взрывотехник", "піротехн", "полигон", "полігон", "планов", "аммиак", "аміак",
    "хлор", "медвед", "ведмед", "волк", "утечк", "кино", "театр", "квест", "спектакл",
    "вистав", "витік", "фильм", "фільм", "съемк", "зйомк", "игр",
)  # fmt: skip
SILENCES: Final = w.CIVIC | w.MEMORIAL | w.GAME | w.AFTERMATH | w.PRIZE | w.ADVERT | w.FUTURE
_CALL: Final = 18
CRY: Final = 4  # words


def hides(sentence: Clause) -> bool:
    return any(word.startswith(_HIDE) for word in sentence.words())


def call_of(walk: Walk, sentence: Clause) -> int:
    """0: none; 1: to stay indoors or under cover; 2: to go there now."""
    if sentence.size() > _CALL or sentence.asked() or sentence.mask & SILENCES:
        return 0
    if general(sentence) or memo(sentence):
        return 0
    words = sentence.words()
    if of_else(walk, sentence):
        return 0
    inside = sentence.any_word(_INTO) and bool(sentence.mask & w.COVER)
    if (inside and (sentence.any_word(_GO) or sentence.any_word(_NOW) or _cried(sentence))) or (
        hides(sentence)
    ):
        return 1 if sentence.any_word(_STAY) or urged(sentence) else 2
    indoors = sentence.mask & w.COVER or any(word.startswith(_INDOORS) for word in words)
    if not indoors:
        return 0
    stay = sentence.any_word(_STAY) or sentence.any_word(_GO) or _from_windows(words)
    leave = any(
        (a in _NO and b in _LEAVE) or (a in _LEAVE and b in _NO) for a, b in pairwise(words)
    )
    return int(stay or leave)


def conditional(walk: Walk, call: Clause) -> bool:
    """«Услышали сирену? Пройдите в укрытие»."""
    before = walk.sentences[call.sentence - 1] if call.sentence else call
    return before.asked()


def general(sentence: Clause) -> bool:
    """What holds at any time, or on a condition."""
    return sentence.any_word(_GENERAL) or sentence.phrase("під час", "во время", "в период")


def _cried(sentence: Clause) -> bool:
    """«Калуга, в укрытие!»"""
    return sentence.size() <= CRY and exclaims(sentence)


def exclaims(sentence: Clause) -> bool:
    reading = sentence.reading
    return "!" in reading.text[reading.ends[sentence.end - 1] :][:3]


def _from_windows(words: list[str]) -> bool:
    return len(words) <= CRY and ("окон" in words or "вікон" in words)


def of_else(walk: Walk, sentence: Clause) -> bool:
    """The weather, sappers, a play; «Ливны» is a town."""
    taken = {at for each in walk.places.of(sentence.sentence) for at in _range(each)}
    words = sentence.reading.words
    return any(
        words[at].startswith(_ELSE)
        for at in range(sentence.first, sentence.end)
        if at not in taken
    )


def _range(mention: Mention) -> range:
    return range(mention.first, mention.end)
