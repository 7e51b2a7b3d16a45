"""Names that no area answers to: an all-clear that may speak of one of them is not the region's.

A false all-clear is the worst error, so the question here is not "is this a place?" but "could it
be one?".
"""

from typing import Final

from ingest.lexicon.tables import forms
from ingest.places.heads import HEADS
from ingest.places.mentions import Mention
from ingest.rules.clause import Clause
from ingest.text import Gap

_BEFORE_PLACE: Final = forms(
    """в во на над по для у г город городе города м місто місті село селе поселке посёлке хуторе
    деревне станице пгт районе района округе округа между под около"""
)
_HARMLESS: Final = forms(
    """уважаемые дорогие друзья земляки жители гости также сегодня сейчас информация минобороны
    россии россия мчс рсчс режим сигнал территории территория нашем нашей настоящее данный
    момент всей всех всем шановні оперативная обстановка экстренная единый телефон спасибо
    слава добрый доброе утро вечер важно срочно москвичи белгородцы слідкуйте увага украина
    україна мск время утром ночью вечером днем республике регионе области крае країни країні
    небе небо воздушном воздушного пространстве по об связи причине состоянию min max вк vk
    мах макс тел прошу просим будьте берегите внимание отбой губернатор глава оперштаб штаб
    центр центра центре комитет комитета министерство министерства служба еддс цукс ддс
    украины україни правительство правительства военные силы пво рф напоминаем отмена ситуация
    соседней соседнем соседних зеленый зелений telegram одноклассники мой мы канал наш"""
)
_SHORT_LINE: Final = 3


def unknown_places(clause: Clause, mentions: list[Mention], around: list[Clause]) -> list[str]:
    """Words of the clause, or of the short lines above and below it, that may name a place."""
    taken = {at for each in mentions for at in range(each.first, each.end)}
    found = [
        clause.reading.words[at]
        for at in range(clause.first, clause.end)
        if at not in taken and _may_name(clause, at)
    ]
    for line in around:
        if (
            line.size() <= _SHORT_LINE
            and not line.mask
            and not _footer(line)
            and not any(line.first <= each.first < line.end for each in mentions)
        ):
            words = [
                line.reading.words[at]
                for at in range(line.first, line.end)
                if _name_like(line, at)
            ]
            if len(words) == line.size():
                found += words
    return found


def _footer(line: Clause) -> bool:
    """Hashtags below a blank line are the channel's own («#Новости»)."""
    reading = line.reading
    if not line.first:
        return False
    between = reading.text[reading.ends[line.first - 1] : reading.starts[line.first]]
    return "#" in between and "\n\n" in between


_VERBS: Final = ("лися", "лись", "ться", "тесь", "йте", "емо", "емось", "ется")


def _name_like(clause: Clause, at: int) -> bool:
    word, raw = clause.reading.words[at], clause.reading.raw[at]
    return (
        len(word) > 2
        and raw[0].isupper()
        and "а" <= word[0] <= "ї"
        and not clause.bits[at]
        and word not in _HARMLESS
        and word not in HEADS
        and not word.endswith(_VERBS)
    )


def _may_name(clause: Clause, at: int) -> bool:
    """A capitalised word of no meaning after a preposition, in a list, or as a heading."""
    if not _name_like(clause, at):
        return False
    reading = clause.reading
    if at == clause.first:
        return at + 1 < clause.end and reading.gaps[at + 1] in (Gap.COMMA, Gap.DASH, Gap.COLON)
    before = reading.words[at - 1]
    return (
        before in _BEFORE_PLACE
        or reading.gaps[at] in (Gap.COMMA, Gap.DASH, Gap.COLON, Gap.PAREN)
        or before in ("и", "та", "й")
        or not reading.raw[at].isupper()
    )
