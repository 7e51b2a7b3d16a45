"""The questions about a clause that the table of `ingest.rules.status` asks beyond its words."""

from itertools import pairwise
from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.tables import forms
from ingest.rules.clause import Clause

_NEGATIONS: Final = forms("нет немає нема отсутствует відсутня отсутствуют")
NO: Final = forms("не ни ні")
_WAS: Final = forms(
    """касался касалось касалась лунали лунала тривала тривав длилась продлилась оголосили
    объявили згодом позже лунав прозвучал сработала
    вчера вчора учора накануне хроника"""
)
_WERE: Final = ("отменял", "объявлял", "оголошувал", "вводил", "запроваджувал", "звучал")
_LAST: Final = ("прошл", "прошедш", "минувш", "минул")
_SPAN: Final = ("сут", "недел", "тижн", "добу", "доби", "ноч", "месяц", "год", "рок", "дн")
_TURNING: Final = forms("перевірки чому почему причиною збій")
_SINGLE: Final = frozenset(("тревога", "тривога"))


_OF_DRILL: Final = ("учебн", "навчальн", "тренировочн")
_SIGNALS: Final = ("тревог", "тривог", "сигнал", "опасност", "небезпек", "воздушн", "повітрян",
                   "ракетн", "беспилотн")  # fmt: skip
NOT: Final = frozenset({"не", "ні"})


def practised(clause: Clause) -> bool:
    """The signal itself is an exercise: «учебная тревога», «ракетная опасность: это учения»;
    not «это не учебная тревога», «тревога не учебная»."""
    if not clause.mask & (w.TEST | w.DRILL):
        return False
    words = clause.reading.words
    for at in range(clause.first, clause.end - 1):
        word, following = words[at], words[at + 1]
        before = words[at - 1] if at > clause.first else ""
        if word.startswith(_OF_DRILL) and following.startswith(_SIGNALS) and before not in NOT:
            return True
        if word in ("это", "це") and following.startswith(("учени", "тренировк", "навчанн")):
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
    if not clause.mask & (w.CANCEL | w.LIFTED) and _will_not_be(clause):
        return True
    for at in clause.every(w.DECLARE | w.CANCEL | w.LIFTED | w.CLEAR | w.NARRATIVE | w.STANDS):
        if at > clause.first and words[at - 1] in NO:
            return True
    return False


_BE: Final = forms("будет буде ожидается очікується прогнозируется прогнозується")


def _will_not_be(clause: Clause) -> bool:
    """«тревоги не будет», «угрозы не ожидается»; not «не будет снята»."""
    words = clause.reading.words
    return any(
        words[near] in NOT and words[near + 1] in _BE
        for at in clause.every(w.DANGER)
        for near in range(at + 1, min(at + 4, clause.end - 1))
    )


_MEMO: Final = forms(
    "алгоритм алгоритмам означают означает означає путать памятка уровни запомните"
)
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
        "при повторном",
        "при поступлении",
    ) or clause.any_word(_MEMO)


def aside(clause: Clause) -> bool:
    """A memo, or a time or condition given by a signal: «во время тревоги», «когда звучит»."""
    return memo(clause) or clause.any_word(_IF) or clause.phrase("під час", "в период", "во время")


def asked(clause: Clause) -> bool:
    """«Отбой?», «Ракетная опасность?»"""
    return clause.asked()


_HEEDLESS: Final = ("ігнор", "нехту", "игнор", "реагир", "реагуй", "пренебрег", "знехту")


def urged(clause: Clause) -> bool:
    """«Не ігноруйте сигнали тривоги», «не пренебрегайте»: advice, and no alarm."""
    return any(word.startswith(_HEEDLESS) for word in clause.words())


_ON: Final = ("включен", "звуч", "работают", "сработал", "лунаю", "увімкн", "завыл", "запущен")


def sirens_on(clause: Clause) -> bool:
    """«из-за угрозы атаки БПЛА включены сирены»."""
    return any(word.startswith(_ON) for word in clause.words()) and not (
        clause.any_word(_IF) or clause.mask & w.FUTURE
    )


_JUST: Final = ("минут", "секунд", "только")
"""«Две минуты назад объявлена …» is now."""


_GOES_ON: Final = forms("остается сохраняется продолжается триває зберігається залишається")


def told_of(clause: Clause) -> bool:
    """A story about an alarm that was, not an alarm; «опасность, о которой объявили вчера,
    остаётся в силе» is no story."""
    words = clause.words()
    lasting = clause.every(w.STANDS)
    if lasting and words[lasting[-1] - clause.first] in _GOES_ON and clause.mask & w.DANGER:
        words = words[lasting[-1] - clause.first :]
        if not any(word in _WAS for word in words):
            return False
    return (
        clause.any_word(_WAS)
        or any(now == "назад" and not before.startswith(_JUST) for before, now in pairwise(words))
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


def _readiness(before: list[str]) -> bool:
    """«будьте готовы к воздушной тревоге»."""
    return any(word.startswith("готов") for word in before)


_INTRODUCED: Final = ("действующ", "введен", "объявлен", "оголошен", "запроваджен")


def because_in_force(clause: Clause) -> bool:
    """«Из-за действующего режима „Беспилотная опасность“ школы …», «в связи с объявленной
    угрозой»: told in passing, and so in force."""
    words = clause.reading.words
    return any(
        words[at].startswith(_INTRODUCED)
        and any(
            word in ("из-за", "связи", "зв'язку", "через")
            for word in words[max(clause.first, at - 4) : at]
        )
        for at in range(clause.first, clause.end)
    )


def of_war(clause: Clause) -> bool:
    """The danger noun is said of now, not of «угроза сокращений», nor is it only a reason («из-за
    угрозы обстрелов закрыты») or a subject («система оповещения о тревоге»)."""
    words = clause.reading.words
    if not clause.mask & w.DECLARE and not any(
        word.startswith(("предупрежд", "попередж")) for word in words[clause.first : clause.end]
    ):
        dangers = clause.every(w.DANGER)
        governed = [
            at
            for at in dangers
            if not _ABOUT.isdisjoint(words[max(clause.first, at - 3) : at])
            or (words[at] in _OBLIQUE and not _ABOUT.isdisjoint(words[clause.first : at]))
            or words[at] in _OBJECT
            or (clause.bits[at] & w.ALARM and _readiness(words[max(clause.first, at - 5) : at]))
        ]
        if len(governed) == len(dangers):
            return False
    return not clause.any_word(
        forms("зросла сокращени зростає стрес мешкан жизни життю обвал обвалу мошенник")
    )


def ongoing(clause: Clause) -> bool:
    """«Идёт атака БПЛА», «атака триває»."""
    words = clause.reading.words
    return (bool(clause.mask & (w.UAV | w.MISSILE | w.AIR)) or clause.any_word(_ON_US)) and any(
        words[at].startswith(("атак", "напад", "налет"))
        and not _of_these_weeks(clause, at)
        and not (at > clause.first and words[at - 1] in ("от", "від"))  # «защита от атак»
        and _goes(clause, at)
        for at in clause.every(w.ATTACK | w.STRIKE)
    )


def _of_these_weeks(clause: Clause, at: int) -> bool:
    """«атаки на нашу область продолжаются»: in the plural, no raid of now."""
    return clause.reading.words[at] in ("атаки", "атак") and clause.any_word(
        forms("продолжаются тривають продовжуються")
    )


def not_over(clause: Clause) -> bool:
    """«Атака ще не завершена»."""
    words = clause.reading.words
    return any(
        at > clause.first and words[at - 1] in NO and clause.where(w.ATTACK | w.STRIKE) < at
        for at in clause.every(w.LIFTED)
    )


_CAME: Final = (
    "опинил",
    "опинивс",
    "оказал",
    "побыва",
    "побува",
    "попал",
    "потрапи",
    "был",
    "бул",
)


def under_attack(clause: Clause) -> bool:
    """«Харків під атакою БпЛА», «город под ударом»; not «опинився під ударом»."""
    if any(word.startswith(_CAME) for word in clause.words()):
        return False
    return clause.phrase(
        "під атакою", "під ударом", "під обстрілом", "под атакой", "под ударом", "под обстрелом",
        "under attack",
    )  # fmt: skip


_NOW: Final = forms("сейчас зараз снова вновь знову опять наразі теперь")
_FIRED_AT: Final = forms("обстреливается обстреливают обстрілюється обстрілюють обстреливает "
                         "обстрілює")  # fmt: skip
_SHORT: Final = 5  # words
_TWO_OR_SO: Final = 4  # words


def under_fire(clause: Clause) -> bool:
    """«Шебекино под обстрелом», «район обстреливается из РСЗО», «Шебекино, обстрел!»: short, and
    of now; not «работают под обстрелом»."""
    words = clause.words()
    if clause.asked() or any(word.startswith(_CAME) for word in words):
        return False
    of_now = clause.size() <= _SHORT or clause.any_word(_NOW)
    if clause.phrase(
        "под обстрелом",
        "під обстрілом",
        "ворожим обстрілом",
        "вражеским обстрелом",
        "під вогнем",
        "под огнем",
    ):
        return of_now
    if clause.any_word(_FIRED_AT) or clause.phrase("идет обстрел", "йде обстріл"):
        return clause.size() <= _CRY
    cries = "!" in clause.reading.text[clause.reading.ends[clause.end - 1] :][:2]
    return cries and 1 < clause.size() <= _TWO_OR_SO and clause.any_word(_SHELLING)


_SHELLING: Final = forms("обстрел обстріл артобстрел артобстріл")


_CRY: Final = 12  # words


def cried(clause: Clause) -> bool:
    """«Сызрань – режим „АТАКА БПЛА“!»: short enough to be the signal itself."""
    return clause.size() <= _CRY and not clause.any_word(_IF)


_ON_US: Final = forms("регион область город місто міста города області области")
_GOES: Final = forms("идет йде ведется")


def _goes(clause: Clause, at: int) -> bool:
    near = range(max(clause.first, at - 5), min(clause.end, at + 6))
    return any(
        clause.reading.words[each] in _GOES or clause.bits[each] & w.STANDS for each in near
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


def no_targets(clause: Clause) -> bool:
    """«ракет наразі немає»."""
    words = clause.reading.words
    return any(
        words[near] in _NEGATIONS
        for at in clause.every(w.UAV | w.MISSILE)
        for near in range(at + 1, min(at + 5, clause.end))
    )


def brief(clause: Clause) -> bool:
    """Monitors and air forces write one line about a target."""
    return clause.size() <= 24
