"""What air defence shot down: one sentence to counts and places."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ingest.lexicon import words as w
from ingest.lexicon.tables import forms
from ingest.places.mentions import Mention
from ingest.rules.clause import Clause
from ingest.rules.counts import Number, beside, numbers
from ingest.text import Gap
from storage.model import Count, Hazard, Qualifier

OBJECTS: Final = w.UAV | w.MISSILE | w.NAVAL
_SINGULAR_VERBS: Final = forms("сбит уничтожен перехвачен подавлен збитий знищений")
_SINGULAR: Final = forms(
    """беспилотник дрон аппарат беспилотный безпілотник бпла бла украинский"""
)
_ONE_TARGET: Final = forms("дрон беспилотник безпілотник")
"""«ППО збили ворожий дрон»: accusative or nominative, of one."""
_WHICH: Final = forms("которых яких них")
_OF: Final = forms("из з із")
_BURNT: Final = forms("огнем возгоранием пожаром вогнем")
_OWN: Final = forms(
    """расчет расчеты расчета расчёт операторы оператор бойцы военнослужащие экипаж экипажи
    подразделения"""
)
_ENEMY_OBJECTS: Final = (
    "пункт",
    "склад",
    "танк",
    "миномет",
    "бронемашин",
    "радиолокац",
    "позици",
    "вибухонебезпечн",
    "взрывоопасн",
    "предмет",
)
_MENTIONED: Final = forms("обломки обломков обломками падения")


@dataclass(frozen=True, slots=True)
class Shot:
    """One statement of a sentence: a count or None, and the mentions that it is about."""

    count: Count | None
    mentions: tuple[Mention, ...]
    hazard: Hazard
    rule: str


def speaks(clause: Clause, whole: int = 0) -> bool:
    """The sentence says that something in the air was stopped. ``whole``: the meanings of the
    post, where a sentence leaves the target out («Работали расчёты ПВО в …»)."""
    mask = clause.mask
    words = clause.words()
    if mask & w.ADVERT and any(word.startswith("подписчик") for word in words):
        return False
    if clause.asked():
        return False
    if mask & (w.REPEL | w.DOWN) and not mask & (w.UAV | w.MISSILE) and _of_trade(words):
        return False
    if mask & w.REPEL and mask & (w.UAV | w.MISSILE | w.ATTACK) and not mask & w.DOWN:
        return not (mask & w.CIVIC) and _now(words) and not repelling(clause)
    if (
        mask & w.DEFENCE
        and mask & w.UAV
        and not clause.phrase("возможна работа", "можлива робота")
        and any(
            word in ("работа", "работает", "отработала", "сработала", "работы") for word in words
        )
    ):
        return True
    if mask & w.DEFENCE and whole & (w.UAV | w.MISSILE) and clause.any_word(_WORKED):
        return True
    if mask & w.UAV and _liquidated(clause):
        return True
    if mask & w.UAV and clause.phrase("сняли с", "снял с", "сняли з") and "неба" in words:
        return True
    if not mask & w.DOWN:
        return "сбитие" in words or "сбития" in words
    if not mask & (OBJECTS | w.TARGET) and not any(
        word.startswith(("аппарат", "ціл", "цел")) for word in words
    ):
        return False
    if any(word.startswith(_ENEMY_OBJECTS) for word in words):
        return False
    if not mask & (w.UAV | w.TARGET) and _defused(clause):
        return False
    if _only_debris(clause):
        return False
    at_home = (mask & w.DEFENCE and "зрк" not in words) or "мобильные" in words
    return not _burnt(clause) and not (mask & w.FRONT and not at_home and _own(words))


_TRADE: Final = ("хакер", "кибер", "кібер", "ddos", "инвестор", "інвестор", "рейдер", "мошенник",
                 "шахра", "рынок", "ринок", "акци", "акці")  # fmt: skip


def _of_trade(words: list[str]) -> bool:
    """«Банк отбил хакерскую атаку»."""
    return any(word.startswith(_TRADE) for word in words)


_REPELLING: Final = forms(
    """отражаем отражает отражают отражать отбиваем отбивает отбивают відбиваємо відбиває
    відбивають отражается отражаются отбивается відбивається"""
)


_FINISHED: Final = ("закончи", "закінчи", "заверши", "завершен", "закончен")


def repelling(clause: Clause) -> bool:
    """«отражаем атаку», «продолжает отражать», «отражение атаки продолжается»: it is going on."""
    words = clause.words()
    if not _now(words) or any(word.startswith(_FINISHED) for word in words):
        return False
    return clause.any_word(_REPELLING) or (
        (clause.has(w.REPEL, w.STANDS) or clause.any_word(_UNDER_WAY))
        and clause.any_word(forms("отражение відбиття"))
    )


_UNDER_WAY: Final = forms("идет ведется йде ведеться")


_WORKED: Final = forms("работали отработали отработала сработала сработали відпрацювала")
_OBLIQUE: Final = ("сбитого", "сбитых", "сбитым", "сбитыми", "збитого", "збитих", "уничтоженного",
                   "уничтоженных", "знищеного", "знищених", "подавленного")  # fmt: skip


def _only_debris(clause: Clause) -> bool:
    """«фрагменты сбитого БПЛА рухнули на дом»: the debris, not the shot, is told."""
    words = clause.reading.words
    return all(
        words[at] in _OBLIQUE
        and any(clause.bits[near] & w.DEBRIS for near in range(max(clause.first, at - 3), at))
        for at in clause.every(w.DOWN)
    )


def _defused(clause: Clause) -> bool:
    """«авиабомба … обезврежена»: by sappers, on the ground."""
    words = clause.reading.words
    return all(
        words[at].startswith(("обезвреж", "знешкод", "нейтрализ")) for at in clause.every(w.DOWN)
    )


def _liquidated(clause: Clause) -> bool:
    """«ликвидировали 7 беспилотников»; not the fire or the consequences of an attack."""
    words = clause.reading.words
    for at in range(clause.first, clause.end):
        if words[at].startswith(("ликвидировал", "ликвидирован", "ліквідовал", "ліквідован")):
            near = range(max(clause.first, at - 5), min(at + 5, clause.end))
            if any(clause.bits[each] & w.UAV for each in near) and not any(
                words[each].startswith(("пожар", "пожеж", "возгор", "последств", "наслід", "гор"))
                for each in near
            ):
                return True
    return False


def _now(words: list[str]) -> bool:
    return not any(
        word in ("регулярно", "ежедневно", "отражения", "отражении", "отражению", "готовы")
        for word in words
    )


def _own(words: list[str]) -> bool:
    return not _OWN.isdisjoint(words)


def _burnt(clause: Clause) -> bool:
    """«огнём уничтожен автомобиль»: not an interception."""
    words = clause.reading.words
    for at in clause.every(w.DOWN):
        near = range(at + 1, min(at + 5, clause.end))
        comma = next((each for each in near if clause.reading.gaps[each] >= Gap.COMMA), near.stop)
        near = range(near.start, comma)
        if at > clause.first and words[at - 1] in _BURNT:
            continue
        if words[at].startswith(("сбил", "збил", "збив", "сбива", "збива")):
            return False  # who shot stands behind it: «сбила охрана предприятия»
        if any(words[each] in _BURNT for each in near):
            continue
        if any(
            clause.bits[each] & w.BUILDING and not clause.bits[each] & w.TARGET for each in near
        ):
            continue
        return False
    return True


def hazard_of(clause: Clause, first: int, end: int) -> Hazard:
    """What was stopped, by the words of a piece of the sentence."""
    mask = 0
    for at in range(first, end):
        mask |= clause.bits[at]
    if mask & w.NAVAL:
        return Hazard.NAVAL_DRONE
    if mask & w.UAV or not mask & w.MISSILE:
        return Hazard.UAV
    return Hazard.MISSILE


def read_shots(clause: Clause, mentions: list[Mention]) -> list[Shot]:
    """The statements of one sentence: a total and its breakdown by place."""
    found = numbers(clause)
    found = _of_which(clause, found) or found
    pairs = _by_piece(clause, found, mentions)
    pairs = [pair for pair in pairs if not _at_sea(clause, pair, pairs)] or pairs
    hazard = hazard_of(clause, clause.first, clause.end)
    in_order = _in_order(clause, found, mentions, hazard)
    if in_order:
        return in_order
    if not pairs:
        return [Shot(_implied(clause), tuple(mentions), hazard, "interception.destroyed")]
    head, *items = pairs
    itemised = [pair for pair in items if pair[1] or pair[0].each]
    if not itemised:
        if len(pairs) > 1 and _two_objects(clause, pairs):
            return [
                Shot(
                    _count(number),
                    tuple(mentions),
                    hazard_of(clause, number.at, _until(clause, number, pairs)),
                    "interception.destroyed",
                )
                for number, _ in pairs
            ]
        number = head[0]
        return [Shot(_count(number), tuple(mentions), hazard, "interception.destroyed")]
    shots: list[Shot] = []
    if head[1]:
        itemised = [head, *itemised]
        if head[0].each is False and not _same_piece_verb(clause, head[0]):
            pass
    else:
        union = tuple(mention for _, each in itemised for mention in each)
        shots.append(Shot(_count(head[0]), union, hazard, "interception.total"))
    for number, each in itemised:
        own = range(number.at, _until(clause, number, pairs))
        told = any(clause.bits[at] & OBJECTS for at in own)
        shots += item(number, each, hazard_of(clause, own.start, own.stop) if told else hazard)
    return shots


def _at_sea(
    clause: Clause,
    pair: tuple[Number, list[Mention]],
    pairs: list[tuple[Number, list[Mention]]],
) -> bool:
    """«13 над акваторией Азовского моря»: over no region."""
    number, own = pair
    return not own and any(
        word.startswith(("акватор", "морем", "морями"))
        for word in clause.reading.words[number.end : _until(clause, number, pairs)]
    )


def item(number: Number, mentions: list[Mention], hazard: Hazard) -> list[Shot]:
    """One line of a breakdown: «по 8 – над A и B» is one statement for each place."""
    count = _count(number)
    if number.each:
        return [Shot(count, (mention,), hazard, "interception.item") for mention in mentions]
    return [Shot(count, tuple(mentions), hazard, "interception.item")] if mentions else []


def items(
    clause: Clause, found: list[Number], mentions: list[Mention], hazard: Hazard
) -> list[Shot]:
    """A line of a list, or several that were wrapped into one sentence by their commas."""
    if len(found) == 1:
        return item(found[0], mentions, hazard)
    shots: list[Shot] = []
    for number, (first, end) in zip(found, pairwise(_starts(clause, found)), strict=True):
        own = [each for each in mentions if first <= each.first < end]
        shots += item(number, own, hazard)
    return shots


def _same_piece_verb(clause: Clause, number: Number) -> bool:
    return any(
        clause.bits[at] & w.DOWN for at in range(number.end, min(number.end + 6, clause.end))
    )


def _until(clause: Clause, number: Number, pairs: list[tuple[Number, list[Mention]]]) -> int:
    return min((each.at for each, _ in pairs if each.at > number.at), default=clause.end)


def _two_objects(clause: Clause, pairs: list[tuple[Number, list[Mention]]]) -> bool:
    kinds = {hazard_of(clause, number.at, _until(clause, number, pairs)) for number, _ in pairs}
    return len(kinds) == len(pairs) and all(beside(clause, number, OBJECTS) for number, _ in pairs)


def _count(number: Number) -> Count:
    return Count(n=number.n, qualifier=number.qualifier)


def _implied(clause: Clause) -> Count | None:
    """A singular without a number is one."""
    words = clause.words()
    one = not _SINGULAR_VERBS.isdisjoint(words) and not _SINGULAR.isdisjoint(words)
    if one or not _ONE_TARGET.isdisjoint(words):
        return Count(n=1, qualifier=Qualifier.INCREMENT if "еще" in words else Qualifier.EXACT)
    return None


def _of_which(clause: Clause, found: list[Number]) -> list[Number]:
    """«атакован 7 беспилотниками, 6 из которых сбиты»: six; what only attacked is not counted.
    A total that was shot down stays («уничтожены 19, из которых девять над …»)."""
    words = clause.reading.words
    for at in range(clause.first + 1, clause.end):
        if words[at] in _WHICH and words[at - 1] in _OF:
            down_before = any(clause.bits[each] & w.DOWN for each in range(clause.first, at))
            if down_before:
                return found
            just = [number for number in found if number.end == at - 1]
            after = [number for number in found if number.at > at]
            return just or after[:1]
    for number, following in pairwise(found):
        if following.at == number.end + 1 and words[number.end] in _OF:
            return [number]
    return []


def _by_piece(
    clause: Clause, found: list[Number], mentions: list[Mention]
) -> list[tuple[Number, list[Mention]]]:
    """Each number with the places of its own piece of the sentence; pieces end where the next
    number's begins."""
    pairs: list[tuple[Number, list[Mention]]] = []
    starts = _starts(clause, found)
    for index, number in enumerate(found):
        low = starts[index] if index else clause.first
        own = [each for each in mentions if low <= each.first < starts[index + 1]]
        near = beside(clause, number, OBJECTS | w.TARGET)
        verb = any(
            clause.bits[at] & (w.DOWN | w.REPEL)
            for at in range(max(clause.first, number.at - 4), min(clause.end, number.end + 3))
        )
        if (
            near
            or verb
            or (own and pairs)
            or (pairs and not own and (number.each or number.at - 1 >= 0))
        ):
            pairs.append((number, own))
    return pairs


def _starts(clause: Clause, found: list[Number]) -> list[int]:
    """Where the piece of each number begins, its place before the number or behind it; and where
    the last one ends."""
    reading = clause.reading
    starts: list[int] = []
    for index, number in enumerate(found):
        floor = found[index - 1].end if index else clause.first
        start = number.at
        while start > floor and not (
            reading.gaps[start] in (Gap.COMMA, Gap.COLON, Gap.PAREN)
            or reading.words[start] in ("и", "та")
        ):
            start -= 1
        starts.append(start)
    return [*starts, clause.end]


def _in_order(
    clause: Clause,
    found: list[Number],
    mentions: list[Mention],
    hazard: Hazard,
) -> list[Shot]:
    """«Белгородской, Брянской и Курской областей — 12, 3 и 4»: numbers after places, in order."""
    if len(mentions) < 2:
        return []
    last = mentions[-1].first
    trailing = [number for number in found if number.at > last]
    if len(trailing) != len(mentions) or len(trailing) < 2:
        return []
    shots = [
        Shot(_count(number), (mention,), hazard, "interception.in-order")
        for number, mention in zip(trailing, mentions, strict=True)
    ]
    head = [number for number in found if number.at < mentions[0].first]
    if head:
        shots.insert(0, Shot(_count(head[0]), tuple(mentions), hazard, "interception.total"))
    return shots


def line_of_list(clause: Clause) -> bool:
    """«4 – над территорией Брянской области»: a line of a list whose head said what was done."""
    return not clause.mask & _TOLD and clause.size() <= 24


_TOLD: Final = w.BROKEN | w.DEAD | w.HURT | w.DANGER | w.HIT | w.CUT | w.EVACUATE | w.FIRE | w.CARE
