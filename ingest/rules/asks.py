"""The questions about a clause that the table of `ingest.rules.status` asks beyond its words."""

from itertools import pairwise
from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.tables import forms
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
_NEGATIONS: Final = forms("нет немає нема отсутствует відсутня отсутствуют")
_NO: Final = forms("не ни ні")
_WAS: Final = forms(
    """оголосили объявили згодом позже лунав прозвучал сработала вчера вчора учора назад накануне
        хроника"""
)
_WERE: Final = ("объявлял", "оголошувал", "вводил", "запроваджувал", "звучал")
_LAST: Final = ("прошл", "прошедш", "минувш", "минул")
_SPAN: Final = ("сут", "недел", "тижн", "добу", "доби", "ноч", "месяц", "год", "рок", "дн")
_TURNING: Final = forms("перевірки чому почему причиною збій")
_SINGLE: Final = frozenset(("тревога", "тривога"))


_WAITING: Final = forms("wait until till after before unless")
_NOT_YET: Final = forms("пока рано еще скоро поки ще зарано")


def awaited(clause: Clause) -> bool:
    """«ждите отбоя», «до сигнала „Отбой“», «после отбоя», «никакого отбоя нет»."""
    words = clause.reading.words
    for at in clause.every(w.CLEAR | w.CLEAR_AWAITED):
        if clause.bits[at] & w.CLEAR_AWAITED:
            return True
        before = words[max(clause.first, at - 2) : at]
        after = words[at + 1 : min(at + 3, clause.end)]
        if not _NOT_YET.isdisjoint(after):
            return True
        if "the" in before[-1:] and clause.any_word(_WAITING):
            return True
        if before and (before[-1] in _UNTIL or (len(before) > 1 and before[0] in _UNTIL - {"о"})):
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
_NEAR_BEFORE: Final = 10


def false_or_drill(clause: Clause) -> bool:
    """«отбой учебной тревоги», «ложное сообщение об отбое»."""
    return any(word.startswith(_FALSE) for word in clause.words())


_FAKE: Final = ("фейк", "ложь", "неправда", "ложн", "фальшив", "дезинформ", "дезінформ")


def called_false(clause: Clause) -> bool:
    """«Фейк: „объявлена ракетная опасность“», «сообщения об угрозе — ложные»: the first or the last
    word calls the rest untrue; «не верьте фейкам» beside real danger does not."""
    words = clause.words()
    if len(words) > 1 and words[-2] in _NOT:
        return False
    return words[0].startswith(_FAKE) or (
        words[-1].startswith(_FAKE) and words[-1] not in ("фейкам", "фейками")
    )


_UNDONE: Final = ("отменен", "отменяет", "отменил", "скасован", "скасову", "відмін")


def revoked(clause: Clause) -> bool:
    """«отбой отменяется»: the all-clear itself, not the danger («отбой: режим отменён»)."""
    words = clause.reading.words
    at = clause.where(w.CLEAR)
    for after in range(at + 1, clause.end):
        if clause.bits[after] & (w.REGIME | w.LIFTED) or clause.reading.gaps[after] >= Gap.COMMA:
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


def not_lifted(clause: Clause) -> bool:
    """«опасность не снята», «режим ещё не отменён»: so it stands."""
    words = clause.reading.words
    return any(
        words[before] in _NO
        for at in clause.every(w.CANCEL | w.LIFTED)
        for before in range(max(clause.first, at - 2), at)
    ) and ends_danger(clause)


def refused(clause: Clause) -> bool:
    """«решение об отмене не принято», «has not been lifted»."""
    return clause.any_word(_NEVER)


_NEVER: Final = frozenset({"не", "ни", "ні", "not", "нельзя"})
_OF_DRILL: Final = ("учебн", "навчальн", "тренировочн")
_SIGNALS: Final = ("тревог", "тривог", "сигнал", "опасност", "небезпек", "воздушн", "повітрян",
                   "ракетн", "беспилотн")  # fmt: skip
_NOT: Final = frozenset({"не", "ні"})


def practised(clause: Clause) -> bool:
    """The signal itself is an exercise: «учебная тревога», «ракетная опасность: это учения»;
    not «это не учебная тревога», «тревога не учебная»."""
    words = clause.reading.words
    for at in range(clause.first, clause.end - 1):
        word, following = words[at], words[at + 1]
        before = words[at - 1] if at > clause.first else ""
        if word.startswith(_OF_DRILL) and following.startswith(_SIGNALS) and before not in _NOT:
            return True
        if word in ("это", "це") and following.startswith(("учени", "тренировк", "навчанн")):
            return True
    return False


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


_ABOUT: Final = forms("про о об из-за через связи")


def negated(clause: Clause) -> bool:
    """«угрозы нет», «отбоя не было», «сигнал не оголошувався»."""
    words = clause.reading.words
    heads = clause.every(w.DANGER | w.CLEAR | w.CLEAR_AWAITED | w.REGIME | w.UAV)
    for at in heads:
        for near in range(at + 1, min(at + 8, clause.end)):
            if words[near] in _NEGATIONS:
                return True
            if clause.reading.gaps[near] >= 5:
                break
        if at > clause.first and words[at - 1] in ("нет", "без", "немає", "никакого", "жодних"):
            return True
    for at in clause.every(w.DECLARE | w.CANCEL | w.LIFTED | w.CLEAR | w.NARRATIVE | w.STANDS):
        if at > clause.first and words[at - 1] in _NO:
            return True
    return False


_MEMO: Final = forms("алгоритм алгоритмам означают означает означає путать памятка уровни")
_MEMO_HEADS: Final = ("памятк", "сигналы", "сигнали", "алгоритм", "правила", "пам'ятк")
_IF: Final = forms("коли якщо если когда")


def memo(clause: Clause) -> bool:
    """Explains what to do if a signal comes."""
    return clause.phrase(
        "в случае",
        "у разі",
        "при получении",
        "при обнаружении",
        "при возникновении",
        "при сигнале",
        "при объявлении",
        "при угрозе",
        "после сигнала",
        "при виявленні",
        "при введении",
        "до сигнала",
        "сигнала до",
        "как действовать",
        "что делать",
        "при поступлении",
    ) or clause.any_word(_MEMO)


def memo_heading(sentence: Clause) -> bool:
    """«Памятка: …», «Сигналы оповещения: …»: every clause of the sentence explains."""
    return sentence.words()[0].startswith(_MEMO_HEADS)


def aside(clause: Clause) -> bool:
    """A memo, or a time or condition given by a signal: «во время тревоги», «когда звучит»."""
    return memo(clause) or clause.any_word(_IF) or clause.phrase("під час", "в период", "во время")


def asked(clause: Clause) -> bool:
    """«Отбой?», «Ракетная опасность?»"""
    return clause.asked()


def told_of(clause: Clause) -> bool:
    """A story about an alarm that was, not an alarm."""
    words = clause.words()
    return (
        clause.any_word(_WAS)
        or clause.any_word(_TURNING)
        or any(word.startswith(_WERE) for word in words)
        or any(
            word.startswith(_LAST) and following.startswith(_SPAN)
            for word, following in pairwise(words)
        )
    )


def lone_alarm(clause: Clause) -> bool:
    """«Тривога», «Повітряна тривога в …»: the siren, without a hazard."""
    words = clause.words()
    if clause.mask & w.CIVIC:
        return False
    at = clause.where(w.ALARM)
    return clause.reading.words[at] in _SINGLE and (
        clause.size() <= 3 or bool(clause.mask & (w.AIR | w.DECLARE)) or "тривога" in words[:2]
    )


_OBLIQUE: Final = forms("опасности угрозы угрозе загрози загрозі небезпеки небезпеці тревоги")
_OBJECT: Final = forms("угрозу загрозу угрозам угрозами")


def of_war(clause: Clause) -> bool:
    """The danger noun is said of now, not of «угроза сокращений», nor is it only a reason («из-за
    угрозы обстрелов закрыты») or a subject («система оповещения о тревоге»)."""
    words = clause.reading.words
    if not clause.mask & w.DECLARE:
        dangers = clause.every(w.DANGER)
        governed = [
            at
            for at in dangers
            if not _ABOUT.isdisjoint(words[max(clause.first, at - 3) : at])
            or (words[at] in _OBLIQUE and not _ABOUT.isdisjoint(words[clause.first : at]))
            or words[at] in _OBJECT
        ]
        if len(governed) == len(dangers):
            return False
    return not clause.any_word(
        forms("зросла сокращени зростає стрес мешкан жизни життю обвал обвалу мошенник")
    )


def ongoing(clause: Clause) -> bool:
    """«Идёт атака БПЛА», «атака триває»."""
    words = clause.reading.words
    return (
        bool(clause.mask & (w.UAV | w.MISSILE))
        and any(
            words[at].startswith(("атак", "напад", "налет"))
            for at in clause.every(w.ATTACK | w.STRIKE)
        )
        and (clause.any_word(forms("идет йде ведется")) or clause.has(w.STANDS))
    )


def goes_on(clause: Clause) -> bool:
    """The attack is said to continue."""
    return clause.has(w.STANDS)


def heeded(clause: Clause) -> bool:
    """«внимание по БПЛА», «повышенная бдительность по БПЛА»."""
    words = clause.reading.words
    for at in clause.every(w.UAV | w.MISSILE):
        if (
            at - 2 >= clause.first
            and words[at - 1] == "по"
            and clause.bits[at - 2] & (w.HEED | w.DANGER)
        ):
            return True
    return False


def brief(clause: Clause) -> bool:
    """Monitors and air forces write one line about a target."""
    return clause.size() <= 24
