"""What reading a post has found so far: the state that the sentences share."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from ingest.levels import Levels
from ingest.lexicon import words as w
from ingest.lexicon.tables import forms
from ingest.places.heads import HEADS
from ingest.places.mentions import Mention
from ingest.places.resolve import Places
from ingest.rules.clause import Clause
from ingest.rules.draft import Draft
from ingest.rules.harm import Harm
from ingest.text import Gap
from storage.model import AreaCode, Hazard


@dataclass(slots=True, kw_only=True)
class Walk:
    """Mutable, and of one post only. ``whole``: the meanings of all its words together."""

    sentences: list[Clause]
    places: Places
    levels: Levels
    home: AreaCode | None
    whole: int
    posted: date | None = None
    """The day of the post, where it is known."""
    drafts: list[Draft] = field(default_factory=list)
    pending: list[Mention] = field(default_factory=list)
    """Places on lines of their own that wait for what is said of them."""
    hazards: list[Hazard] = field(default_factory=list)
    """Of the last statement about danger: what the next one leaves out."""
    last_places: list[Mention] = field(default_factory=list)
    """Where a sentence that names no place goes on with what was told before it."""
    list_open: bool = False
    """A ministry's heading was read: lines with a number and a place may follow."""
    unplaced: int = -2
    """The last sentence that names places and tells nothing, but is no mere list of them."""
    digest: bool = False
    memo: Clause | None = None
    """The first sentence that explains signals."""
    fired: list[str] = field(default_factory=list)
    """Ids of the rules that spoke or silenced, in order."""
    unharmed: list[tuple[Clause, Harm]] = field(default_factory=list)
    """Sentences that say that nobody was harmed, for the events beside them."""
    victims: list["Victims"] = field(default_factory=list)
    """What sentences below a headline («Пострадали трое») tell of its victims."""
    totals: int = 0
    """The largest number shot down that was stated without a place."""
    lines: list[int] = field(default_factory=list)
    """For each sentence the one that opens its line; filled when first asked for."""

    def line(self, sentence: int) -> int:
        """The sentence that opens the line of a sentence."""
        if not self.lines:
            opening = 0
            for number, each in enumerate(self.sentences):
                if "\n" in each.before():
                    opening = number
                self.lines.append(opening)
        return self.lines[sentence]


@dataclass(frozen=True, slots=True)
class Victims:
    """Those of one sentence, where they were harmed, and the headline that counts them."""

    headline: Draft
    sentence: Clause
    places: tuple[Mention, ...]
    found: Harm


def usable(mentions: list[Mention]) -> list[Mention]:
    """Places of danger: no launch areas."""
    return [each for each in mentions if not each.origin]


def scene(sentence: Clause, mentions: list[Mention]) -> list[Mention]:
    """Where something happened: not where the hurt are treated, people are housed or traffic is
    led around."""
    mentions = _not_their_home(sentence, mentions)
    kept: list[Mention] = []
    away: Mention | None = None
    for each in usable(mentions):
        follows = (
            away is not None
            and each.first - away.end <= 1
            and sentence.reading.gaps[each.first] in (Gap.DASH, Gap.SPACE, Gap.COMMA)
        )
        if follows or _elsewhere(sentence, each):
            away = each
        else:
            kept.append(each)
            away = None
    return kept


def _not_their_home(sentence: Clause, mentions: list[Mention]) -> list[Mention]:
    """«Жительница Орла пострадала в Брянской области»: where she lives is not where it was."""
    if len(mentions) < 2:
        return mentions
    words = sentence.reading.words
    kept = [
        each
        for each in mentions
        if not each.first or not words[each.first - 1].startswith(("жител", "мешкан", "уроженец"))
    ]
    return kept or mentions


_TAKEN: Final = (
    "достав", "везут", "везет", "везем", "повез", "перевез", "перевед", "переведен", "отправ",
    "транспорт", "направл", "объезд", "об'їзд", "размещ", "розміщ", "приют", "пвр", "лечат",
    "лікую", "находятся", "лечится", "эвакуиров", "перевод", "проопер", "наблюдени", "спостереж",
)  # fmt: skip
_SECTION: Final = forms("участке ділянці")
_INTO: Final = forms("в во до у к через из")


def _elsewhere(sentence: Clause, mention: Mention) -> bool:
    reading = sentence.reading
    words, gaps = reading.words, reading.gaps
    if mention.first == sentence.first or words[mention.first - 1] not in (_INTO | HEADS.keys()):
        return False
    first = mention.first
    while first > sentence.first and gaps[first] not in _BREAKS:
        first -= 1
    for at in range(mention.first - 1, first - 1, -1):  # the nearest verb decides
        if sentence.bits[at] & w.CARE or words[at].startswith(_TAKEN) or words[at] in _SECTION:
            return True
        if sentence.bits[at] & _HAPPENS:
            return False
    end = mention.end
    while end < sentence.end and gaps[end] not in _BREAKS:
        end += 1
    near = range(mention.end, min(mention.end + 4, end))
    return mention.first - first <= 2 and any(
        sentence.bits[at] & w.CARE and words[at].startswith(("больн", "лікарн", "госпит", "клин"))
        for at in near
    )


_BREAKS: Final = (Gap.COMMA, Gap.COLON, Gap.DASH, Gap.PAREN)
_HAPPENS: Final = w.DEAD | w.HURT | w.BROKEN | w.HIT | w.STRIKE | w.DOWN


def unnamed(clause: Clause) -> bool:
    """«в одном из районов», «в нашем городском округе»: where, is not said."""
    return clause.phrase(
        "одном из",
        "одном муниципалитете",
        "одному з",
        "одном районе",
        "нескольких районах",
        "нескольких муниципалит*",
        "ряде районов",
        "нашем округе",
        "нашем районе",
        "нашем городском",
        "нашем муниципал*",
        "нашем городе",
        "нашому районі",
        "нашому місті",
        "нашій громаді",
    )
