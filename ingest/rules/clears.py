"""The questions that tell an all-clear from what only sounds like one."""

from itertools import pairwise
from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.tables import forms
from ingest.rules.asks import NO, NOT, memo
from ingest.rules.clause import Clause
from ingest.text import Gap

_WAIT: Final = forms(
    """ждите дождитесь ожидайте дождаться ждем ждать чекайте дочекайтесь дочекайтеся чекаємо
        очікуйте"""
)
_UNTIL: Final = forms(
    """до после після перед сигнала сигналу сигнал ждите дождитесь ожидайте чекайте объявления
        оголошення сигналом никакого про о об режима без ждут ждет ожидают ожидаем ждем"""
)
_WAITING: Final = forms("wait until till after before unless")
_NOT_YET: Final = forms("пока рано еще скоро поки ще зарано")
_GIVEN: Final = ("дан", "дал", "дад", "дав", "был", "буд", "объяв", "поступ", "оголош", "прозвуч",
                 "получ", "подан", "последов", "лунав", "надход")  # fmt: skip


def awaited(clause: Clause) -> bool:
    """«ждите отбоя», «до сигнала „Отбой“», «после отбоя», «никакого отбоя нет»."""
    words = clause.reading.words
    for at in range(clause.first, clause.end - 1):
        if words[at] in NO and words[at + 1].startswith(_GIVEN):
            return True
    for at in clause.every(w.CLEAR | w.CLEAR_AWAITED):
        if clause.bits[at] & w.CLEAR_AWAITED:
            return True
        before = words[max(clause.first, at - 2) : at]
        after = words[at + 1 : min(at + 3, clause.end)]
        if not _NOT_YET.isdisjoint(after):
            return True
        if "the" in before and clause.any_word(_WAITING):
            return True
        if before and (before[-1] in _UNTIL or (len(before) > 1 and before[0] in _UNTIL - {"о"})):
            return True
    return clause.phrase("не значит", "не значить", "так звучит", "так звучить")


_WILL: Final = forms(
    """даст дадут дадим объявит объявят объявим прозвучит прозвучат поступит последует передаст
    передадут подаст подадут получим услышим услышать дождемся хочется преждевременный
    преждевременно вот-вот дасть дадуть дамо оголосить оголосять оголосимо пролунає
    прозвучить надійде почуємо хочеться передчасний ось-ось"""
)
_GOVERNS: Final = 5  # words


def to_come(clause: Clause) -> bool:
    """«Как только дадут отбой», «отбой опасности БПЛА прозвучит через час»; not what stands
    behind a comma."""
    words, gaps = clause.reading.words, clause.reading.gaps
    for at in clause.every(w.CLEAR):
        first, end = at, at + 1
        while first > max(clause.first, at - _GOVERNS) and gaps[first] < Gap.COMMA:
            first -= 1
        while end < min(clause.end, at + 1 + _GOVERNS) and gaps[end] < Gap.COMMA:
            end += 1
        if not _WILL.isdisjoint(words[first:end]):
            return True
    return False


def awaited_signal(clause: Clause) -> bool:
    """«Ждите отбоя сигнала „Беспилотная опасность“»: so the danger stands."""
    return clause.any_word(_WAIT) and awaited(clause) and not memo(clause)


_BECAUSE: Final = forms("из-за связи через угрозой причине зв'язку")
_FALSE: Final = ("ложн", "фейк", "неправд", "хибн", "учебн", "навчальн", "тренировочн", "ошибочн",
                 "помилков", "недействит", "недостоверн", "недостовірн", "дезинформ", "дезінформ",
                 "выдум", "вброс")  # fmt: skip
_NEAR_AFTER: Final = 4
_NEAR_BEFORE: Final = 18


def false_or_drill(clause: Clause) -> bool:
    """«отбой учебной тревоги», «ложное сообщение об отбое»."""
    return any(word.startswith(_FALSE) for word in clause.words()) or clause.phrase("по ошибке")


_FAKE: Final = ("фейк", "ложь", "неправда", "ложн", "фальшив", "дезинформ", "дезінформ")


def called_false(clause: Clause) -> bool:
    """«Фейк: „объявлена ракетная опасность“», «сообщения об угрозе — ложные»: the first or last
    word calls the rest untrue; «не верьте фейкам» beside real danger does not."""
    words = clause.words()
    if len(words) > 1 and words[-2] in NOT:
        return False
    return words[0].startswith(_FAKE) or (
        words[-1].startswith(_FAKE) and words[-1] not in ("фейкам", "фейками")
    )


_WHICH: Final = forms("который которая которое який яка що данный объявленный оголошений")
_UNDONE: Final = ("отменен", "отменяет", "отменил", "скасован", "скасову", "відмін")


def revoked(clause: Clause) -> bool:
    """«отбой отменяется»: the all-clear itself, not the danger («отбой: режим отменён»)."""
    words = clause.reading.words
    at = clause.where(w.CLEAR)
    aside = False
    for after in range(at + 1, clause.end):
        if clause.reading.gaps[after] >= Gap.COMMA:
            if words[after] in _WHICH:
                aside = True  # «отбой, который прозвучал в 14:20, отменён»
            elif not aside:
                return False
        if clause.bits[after] & (w.REGIME | w.LIFTED):
            return False
        if words[after].startswith(_UNDONE) and not words[after].startswith("отменена"):
            return True
    return False


_LATER: Final = forms(
    """снимут отменят снимем отменим отменить отменять снять снимать знімуть скасують скасувати
    зняти отзовут"""
)


def not_yet(clause: Clause) -> bool:
    """«режим снимут после осмотра», «просят отменить»: it is not lifted now."""
    return clause.any_word(_LATER)


_WAS_NOT: Final = forms("было було будет буде отменял отменяли скасовував скасовували поступало "
                        "надходило снимал снимали знімав знімали")  # fmt: skip


_NOMINATIVE: Final = forms("отбой відбій отмена")


def _to_comma(clause: Clause, at: int) -> int:
    """How many words follow before the next comma."""
    after = at + 1
    while after < clause.end and clause.reading.gaps[after] < Gap.COMMA:
        after += 1
    return after - at - 1


def none_came(clause: Clause) -> bool:
    """«отбоя пока нет», «отбоя не было», «режим никто не отменял», «режим НЕ СНЯТ»."""
    words = clause.reading.words
    for at in clause.every(w.CLEAR | w.CLEAR_AWAITED):
        near = words[at + 1 : min(at + 8, clause.end)]
        if (
            words[at] in _NOMINATIVE
        ):  # «отбой дан, вопросов нет»: that is not what there is none of
            near = near[: _to_comma(clause, at)]
        if any(word in ("нет", "немає", "нема") for word in near):
            return True
        if any(a == "не" and b in _WAS_NOT for a, b in pairwise(near)):
            return True
    for at in range(clause.first + 1, clause.end):
        if words[at].startswith(
            ("отменял", "скасов", "снимал", "снят", "отменен", "закінч", "законч", "заверш")
        ):
            before = words[max(clause.first, at - 3) : at]
            if before[-1:] in (["не"], ["ні"]) and (
                any(each in ("никто", "ніхто") for each in before)
                or any(
                    clause.bits[each] & (w.DANGER | w.REGIME)
                    for each in range(max(clause.first, at - 12), at)
                )
            ):
                return True
    return False


def refused(clause: Clause) -> bool:
    """«решение об отмене не принято», «has not been lifted»."""
    return clause.any_word(_NEVER)


_NEVER: Final = frozenset({"не", "ни", "ні", "not", "нельзя"})


_THE_REGIME: Final = forms("режим режимы сигнал")
_AT_MOST: Final = 6
_OF_PEACE: Final = ("пожар", "пожеж", "повышен", "особ", "чрезвыч", "надзвич", "карантин",
                    "масочн", "комендант")  # fmt: skip


_AND: Final = forms("и та й також также")
_OWN_WORDS: Final = 2
_ENDED: Final = forms("опасность режим режимы сигнал угроза загроза небезпека")
_DESCRIBES: Final = ("нный", "нного", "нная", "нной", "нную", "нные", "нных")


def ends_regime(clause: Clause) -> bool:
    """«режим снят в 08:25»: short, its hazard stands in the other half of the sentence."""
    if any(word.startswith(_OF_PEACE) for word in clause.words()):
        return False
    return clause.size() <= _AT_MOST and clause.any_word(_THE_REGIME) and ends_danger(clause)


def with_flights(clause: Clause) -> bool:
    """«отменены режимы „Беспилотная опасность“ и „Ковёр“», «сняты ограничения на полёты и
    опасность атаки БПЛА»: both at once."""
    words = clause.reading.words
    if "ковер" in clause.words():
        return ends_danger(clause)
    limits, danger = clause.where(w.LIMITS), clause.where(w.DANGER | w.REGIME)
    if limits < 0 or not _BECAUSE.isdisjoint(clause.words()):
        return False
    second = max(limits, danger)
    near = words[max(clause.first, second - _OWN_WORDS) : second]
    return not _AND.isdisjoint(near) and words[danger] in _ENDED


def raised(clause: Clause) -> bool:
    """«жёлтый уровень отменён и введён красный»: the lower tier ends because the upper begins."""
    bits, words = clause.bits, clause.reading.words
    return any(
        not words[at].endswith(_DESCRIBES)
        and any(bits[near] & w.IMMEDIATE for near in range(at + 1, min(at + 3, clause.end)))
        for at in clause.every(w.DECLARE)
    )


def level_ended(clause: Clause) -> bool:
    """«Красный уровень снят на всей территории»."""
    return any(word.startswith(("уровен", "уровн", "рівен", "рівн")) for word in clause.words())


_RAISED: Final = ("повыш", "підвищ", "поднят", "піднят", "усилен")
_NO_WAR: Final = (*_OF_PEACE, "погод", "метео", "жар", "паводк", "экстремизм", "террор", "терор")


def level_raised(clause: Clause) -> bool:
    """«Уровень угрозы повышен до красного»: of which danger, the post says elsewhere or not."""
    words = clause.words()
    return (
        level_ended(clause)
        and any(word.startswith(_RAISED) for word in words)
        and not any(word.startswith(_NO_WAR) for word in words if not word.startswith(_RAISED))
    )


def ends_danger(clause: Clause) -> bool:
    """What is cancelled or lifted is the danger itself («отменён режим …», «угроза миновала»), not
    a bus or lessons because of it."""
    words = clause.reading.words
    for at in clause.every(w.CANCEL | w.LIFTED):
        if at + 1 < clause.end and words[at + 1] in ("с", "з"):
            continue
        after = range(at + 1, min(at + 1 + _NEAR_AFTER, clause.end))
        first = next((each for each in after if clause.bits[each] & (w.DANGER | w.REGIME)), None)
        if (
            first is not None
            and _BECAUSE.isdisjoint(words[at:first])
            and not any(words[each] in ("в", "на", "по") for each in range(at + 1, first))
        ):
            return True
        before = range(max(clause.first, at - _NEAR_BEFORE), at)
        first = next((each for each in before if clause.bits[each] & (w.DANGER | w.REGIME)), None)
        if first is not None and _BECAUSE.isdisjoint(words[max(clause.first, first - 2) : at]):
            return True
    return False
