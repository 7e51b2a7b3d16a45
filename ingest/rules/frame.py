"""What a sentence is about before any rule reads it: now, or a rumour, a memo, the past, repairs.

The same words tell of an attack and of the payments, the trial or the memorial a year later. A
frame that a heading opens holds for what stands below it; danger that is declared or said to go
on is heard in any frame but a rumour's, an advert's and a drill's.
"""

from datetime import date
from enum import StrEnum
from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.dates import days_before
from ingest.lexicon.tables import forms
from ingest.rules.asks import sirens_on
from ingest.rules.clause import Clause


class Frame(StrEnum):
    """The value is the id that stands among the rules that had a say."""

    NOW = "now"
    RUMOUR = "frame.rumour"
    MEMO = "frame.memo"
    PAST = "frame.past"
    AFTERMATH = "frame.aftermath"
    ADVERT = "frame.advert"
    DRILL = "frame.drill"
    ABROAD = "frame.abroad"


_BELIEVE: Final = ("вер", "вед", "вір", "реаг", "пересыл", "распростран", "доверя", "подда")
_PASSED_ON: Final = ("расход", "разгон", "распростран", "рассыла", "гуля", "пересыл", "ширят",
                     "поширю")  # fmt: skip
_UNTRUE: Final = ("это ложь", "это фейк", "це фейк", "это вброс", "это неправда",
                  "это вранье", "це неправда", "це брехня", "це маячня",
                  "не соответствует действительности", "не відповідає дійсності",
                  "такого документа не", "информация не подтверд*")  # fmt: skip

_MEMO: Final = ("что значит", "что означает", "что означают", "що означає", "що означають",
                "как действовать", "як діяти", "что делать", "що робити", "как вести",
                "правила поведения", "порядок действий", "уровни тревог", "чому тривога",
                "рівні тривоги")  # fmt: skip
_MEMO_WORDS: Final = ("памятк", "пам'ятк", "алгоритм", "поясня", "поясню", "объясня", "пояснюєм",
                      "правила", "сигналы", "сигнали")  # fmt: skip
_IF: Final = forms("если якщо когда коли")

_AGO: Final = forms("год года лет роки рік років месяц месяца недели недель неделю тиждень тижні")
_LAST: Final = ("прошл", "минул", "прошедш", "минувш", "позапрошл")
_DURING: Final = forms("упродовж протягом за впродовж течение")
_LONG: Final = ("год", "рок", "рік", "недел", "тиж", "месяц", "місяц", "осен", "весн", "зим",
                "лет", "літ")  # fmt: skip
_SINCE: Final = ("начала", "початку")
_DIED: Final = ("скончал", "умер", "помер")
_OLD: Final = 2  # days

_LEGEND: Final = ("по легенде", "за легендою", "по замыслу", "условный пожар", "условного пожара",
                  "по сценарию", "за сценарієм", "условные пострадавшие")  # fmt: skip
_ADVERTS: Final = forms("канали каналы каналов каналах play store")
_OUR_CHANNELS: Final = ("наши каналы", "наші канали", "наших каналах", "наших каналов",
                        "все каналы")  # fmt: skip
_IMITATES: Final = ("ищите свой", "ищи свой", "найди свой", "найдите свой", "шукай свій",
                    "шукайте свій")  # fmt: skip


_OF_WAR: Final = w.UAV | w.NAVAL | w.MISSILE | w.AIR | w.SHELL

_HEADING: Final = 2  # sentences
_SHORT: Final = 4  # words
_BRIEF: Final = 8  # words


def frames(sentences: list[Clause], posted: date | None) -> list[Frame]:
    """One for each sentence. ``posted``: the day of the post, None where nobody knows it."""
    found = [_own(sentence, posted) for sentence in sentences]
    _headings(sentences, found)
    _conditions(sentences, found)
    _taken_back(sentences, found)
    if any(_raffle(sentence) for sentence in sentences):
        return [Frame.ADVERT] * len(sentences)
    if any(scripted(sentence) for sentence in sentences):
        return [Frame.DRILL] * len(sentences)
    return found


def scripted(sentence: Clause) -> bool:
    """«По легенде учений …», «по сценарию»: all that the post tells is played."""
    return sentence.phrase(*_LEGEND)


def _raffle(sentence: Clause) -> bool:
    """«Среди подписчиков разыграем …»: what stands above it only imitates a signal."""
    return sentence.has(w.PRIZE, w.READER)


def _own(sentence: Clause, posted: date | None) -> Frame:
    """By the sentence's own words."""
    if sentence.mask & w.TIME and _long_ago(sentence, posted):
        return Frame.PAST
    if sentence.mask & w.ABROAD:
        return Frame.ABROAD
    return Frame.AFTERMATH if sentence.mask & w.AFTERMATH else Frame.NOW


def _long_ago(sentence: Clause, posted: date | None) -> bool:
    words = sentence.words()
    if any(word.startswith(_DIED) for word in words):
        return False
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else ""
        if word in ("назад", "тому") and at and (words[at - 1] in _AGO):
            return True
        if word.startswith(_LAST) and following.startswith(_LONG):
            return not (at and words[at - 1] in _DURING)
        if word in _SINCE and following.startswith(("год", "рок")):
            return True
    if sentence.mask & w.FUTURE:
        return False
    return posted is not None and any(days > _OLD for days in days_before(words, posted))


def _headings(sentences: list[Clause], found: list[Frame]) -> None:
    """Rumours, memos, adverts and memorials announce themselves at the top."""
    top = _HEADING
    for number, sentence in enumerate(sentences):
        if sentence.size() <= _SHORT and number < top:
            top = min(top + 1, _HEADING + 2)
        heading = number < top
        if not heading and not sentence.any_word(_ADVERTS):
            continue
        if heading and _rumour(sentence):
            _all_from(found, number, Frame.RUMOUR)
            return
        if heading and _memo(sentence):
            _all_from(found, number, Frame.MEMO, keep=sentences)
            return
        if number == 0 and sentence.mask & w.MEMORIAL:
            _all_from(found, number, Frame.PAST, keep=sentences)
            return
        if heading and sentence.mask & w.GAME:
            for at in range(number, len(found)):  # «отразил все атаки гостей»
                if not sentences[at].mask & _OF_WAR and sentences[at].mask & w.ATTACK:
                    found[at] = Frame.AFTERMATH
            return
        if sentence.phrase("google play", "app store"):
            _all_from(found, 0, Frame.ADVERT)
            return
        if heading and sentence.phrase(*_IMITATES):
            _all_from(found, 0, Frame.ADVERT)
            return
        if sentence.phrase(*_OUR_CHANNELS) or (
            heading
            and sentence.mask & w.JOIN
            and not any(s.mask & w.DANGER and not s.asked() for s in sentences[:number])
        ):
            _all_from(found, number, Frame.ADVERT)
            return
    if found and found[0] in (Frame.AFTERMATH, Frame.PAST) and not _fresh(sentences[0]):
        _all_from(found, 0, found[0], keep=sentences)


def _fresh(sentence: Clause) -> bool:
    return sentence.any_word(_TODAY)


_TODAY: Final = forms("сегодня сьогодні сейчас утром вранці ночью вночі")


def _all_from(
    found: list[Frame], first: int, frame: Frame, keep: list[Clause] | None = None
) -> None:
    """``keep``: a sentence that says of danger since when, or that it stands, is of now."""
    for at in range(first, len(found)):
        if keep is None or not _stated_now(keep[at]):
            found[at] = frame


def _stated_now(sentence: Clause) -> bool:
    return sentence.has(w.DANGER | w.REGIME, w.STANDS | w.DECLARE) and any(
        ":" in word for word in sentence.words()
    )


def _rumour(sentence: Clause) -> bool:
    words = sentence.reading.words
    for at in sentence.every(w.RUMOUR) if sentence.mask & w.RUMOUR else ():
        around = words[max(sentence.first, at - 3) : at] + words[at + 1 : sentence.end][:1]
        if not any(each.startswith(_BELIEVE) for each in around) or sentence.size() <= 2:
            return True
    return sentence.any_word(_MESSENGERS) and any(
        word.startswith(_PASSED_ON) for word in sentence.words()
    )


_MESSENGERS: Final = forms("мессенджерах месенджерах чатах соцсетях соцмережах")


def _memo(sentence: Clause) -> bool:
    return (
        sentence.phrase(*_MEMO)
        or (sentence.words()[0].startswith(_MEMO_WORDS) and not _switched_on(sentence))
        or (sentence.asked() and sentence.any_word(_WHY))
    )


def _switched_on(sentence: Clause) -> bool:
    """«Сигналы оповещения включены в связи с угрозой»."""
    return sentence.words()[0].startswith(("сигналы", "сигнали")) and sirens_on(sentence)


_WHY: Final = forms("почему чому зачем навіщо")


def _conditions(sentences: list[Clause], found: list[Frame]) -> None:
    """«Если объявлена угроза: — уйдите … — дождитесь «Отбой»»: the list below a condition."""
    under = False
    for number, sentence in enumerate(sentences):
        reading, first = sentence.reading, sentence.first
        if under and sentence.below_blank_line():
            under = False
        if under and found[number] is Frame.NOW:
            found[number] = Frame.MEMO
        opens = (
            number + 1 < len(sentences)
            and ":" in sentences[number + 1].before()
            and sentence.any_word(_IF)
        )
        if opens:
            under = True
            if found[number] is Frame.NOW and reading.words[first] in _IF:
                found[number] = Frame.MEMO


def _taken_back(sentences: list[Clause], found: list[Frame]) -> None:
    """«Это ложь.» speaks of the sentences before it, back to the blank line before them."""
    for number, sentence in enumerate(sentences):
        if sentence.size() > _BRIEF or not sentence.phrase(*_UNTRUE):
            continue
        at = number
        passed = 0
        while at >= 0 and passed < 2:
            found[at] = Frame.RUMOUR
            passed += sentences[at].below_blank_line()
            at -= 1
