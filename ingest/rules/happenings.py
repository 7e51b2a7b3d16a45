"""The questions about a sentence that the table of `ingest.rules.events` asks beyond its words."""

from itertools import pairwise
from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.numbers import value
from ingest.lexicon.tables import forms
from ingest.rules.clause import Clause
from ingest.rules.interception import speaks
from ingest.text import Gap

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
    if any(word.startswith(_REPAIRED) for word in clause.words()):
        return False
    if any(word in _LONG_AGO for word in clause.words()):
        return False
    for at in clause.every(w.BROKEN):
        if clause.reading.words[at].endswith(("ого", "ому", "их", "ими", "им")):
            continue  # «звернення щодо пошкодженого житла»
        if _INTACT.isdisjoint(_near(clause, at, 8)):
            return True
    return False


def _piece(clause: Clause, at: int) -> range:
    """The words around one, up to the commas on both sides."""
    gaps = clause.reading.gaps
    first, end = at, at + 1
    while first > clause.first and gaps[first] < Gap.COMMA:
        first -= 1
    while end < clause.end and gaps[end] < Gap.COMMA:
        end += 1
    return range(first, end)


def _near(clause: Clause, at: int, ahead: int) -> list[str]:
    """The words around a verb: three before it within its comma, so many behind it."""
    first = at
    while first > max(clause.first, at - 3) and clause.reading.gaps[first] < Gap.COMMA:
        first -= 1
    words = clause.reading.words[first : min(clause.end, at + ahead)]
    comma = next(
        (n for n in range(at + 1, first + len(words)) if clause.reading.gaps[n] >= Gap.COMMA),
        first + len(words),
    )
    # «є пошкодження даху, без людських втрат»: what is denied behind a comma by «без» is another.
    harmless = any(word.startswith(_NO_TRACE) for word in words)
    return [word for n, word in enumerate(words, first) if n < comma or word != "без" or harmless]


_NO_TRACE: Final = ("последстви", "разрушен", "повреждени", "ущерб", "наслідк", "руйнуван")


def hit(clause: Clause) -> bool:
    """A drone hit a building, or debris was found there."""
    if clause.any_word(_WARNING) or clause.phrase("без последствий", "без наслідків"):
        return False
    if any(word.startswith((*_REPAIRED, "неразорвав")) for word in clause.words()):
        return False
    for at in clause.every(w.HIT | w.STRIKE | w.FIRE | w.DOWN):
        if _INTACT.isdisjoint(_near(clause, at, 7)):
            return not clause.any_word(_OPEN_GROUND) or bool(clause.mask & (w.FIRE | w.BROKEN))
    return False


_HOMES: Final = ("дом", "многоэтаж", "багатоповерх", "девятиэтаж", "пятиэтаж", "квартир", "будин",
                 "здани", "будівл", "поверхівк", "этажк", "крыш", "дах", "балкон", "общежит",
                 "гуртожит", "локац")  # fmt: skip


def home_hit(clause: Clause) -> bool:
    """«ракета влучила в багатоповерхівку»: where people live, so it weighs beside the harm."""
    words = clause.reading.words
    by = w.UAV | w.MISSILE | w.DEBRIS | w.SHELL
    for at in clause.every(w.HIT):
        near = _piece(clause, at)
        if any(clause.bits[each] & by for each in near) and any(
            words[each].startswith(_HOMES) for each in range(at, near.stop)
        ):
            return hit(clause)
    return False


_WARNING: Final = forms(
    """работа приближайтесь приближаться можливо изъяты сообщайте подходите подходить осмотр
    осматривают"""
)
_OPEN_GROUND: Final = forms("поле полях поля лес лесу лесной море морем воду безлюдной пустыре")


def fell(clause: Clause) -> bool:
    """Debris or a drone fell or hit: named before the verb, or beside it."""
    by = w.UAV | w.MISSILE | w.DEBRIS | w.ATTACK
    return any(
        any(clause.bits[each] & by for each in range(clause.first, at))
        or any(clause.bits[each] & by for each in _piece(clause, at))
        for at in clause.every(w.HIT)
    ) and hit(clause)


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
    if any(
        word.startswith(
            (
                "бомб",
                "тц",
                "готов",
                "учени",
                "тренир",
                "скот",
                "мусор",
                "лінія",
                "линия",
                "телефон",
                "зареєстр",
            )
        )
        or word in ("эвакопункты", "если", "якщо", "обломки")
        for word in words
    ):
        return False
    if _denied(clause, w.EVACUATE) or clause.phrase("в случае", "у разі"):
        return False
    if clause.mask & w.HURT and not clause.mask & w.BUILDING and not clause.any_word(_TENANTS):
        return False  # the hurt are carried away
    carried = any(
        word.startswith(("эвакуац", "евакуац", "отсел", "відсел", "пвр", "эвакуиру", "расселен"))
        and not word.startswith(("эвакуационн", "евакуаційн"))
        for word in words
    )
    return carried or bool(clause.mask & (w.PERSON | w.BUILDING)) or clause.any_word(_TENANTS)


_TENANTS: Final = forms(
    "жителей жители жильцов жильцы жилец мешканців мешканці людей населения населення домов"
)


_ORDERED: Final = ("примусов", "обов'язков", "обязательн", "объявл", "оголош", "принудительн")


def ordered(clause: Clause) -> bool:
    """«рішення про примусову евакуацію сімей»: told without its reason."""
    return any(word.startswith(_ORDERED) for word in clause.words()) and moved_people(clause)


_HOUSED: Final = ("выех", "размест", "размещен", "перевоз", "перевез", "развернут",
                  "разверн", "открыт", "виїх", "розгорн")  # fmt: skip


def sheltered(clause: Clause) -> bool:
    """People are taken to a temporary shelter, or one is opened for them."""
    return any(word.startswith(_HOUSED) for word in clause.words()) and (
        bool(clause.mask & w.PERSON) or clause.any_word(_TENANTS)
    )


def _denied(clause: Clause, mask: int) -> bool:
    """«эвакуации нет», «эвакуация не проводится», «нет необходимости в эвакуации»."""
    words = clause.reading.words
    return any(
        words[near] in _NOT
        for at in clause.every(mask)
        for near in range(max(clause.first, at - 4), min(clause.end, at + 4))
        if near != at
    )


_NOT: Final = forms("не нет ни никакой никаких немає жодних жодної")


def went_home(clause: Clause) -> bool:
    """People, not traffic or a channel, return."""
    return any(
        word.startswith(("дом", "квартир", "житл", "жител", "людей", "люди", "мешкан", "осел"))
        for word in clause.words()
    ) and not clause.any_word(forms("газ свет пока"))


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
