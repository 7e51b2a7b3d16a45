"""Finds the places that a post names, as they are written: candidates, not yet areas.

One pass over the words. A run of adjectives waits for the head noun that serves the whole list,
after it («Куйбышевского района, Мосальского и Хвастовичского округов») or before it («районы:
Выселковский, Динской»).
"""

from typing import Final

from ingest.lexicon.numbers import value
from ingest.lexicon.tables import forms
from ingest.places.around import INTO, bad_neighbour, comes_from, disagrees, longer_name, village
from ingest.places.gazetteer import NOUN, Gazetteer, Name, Sense, adjective_like
from ingest.places.heads import FROM, HEADS, LINKS, NEAR, ORIGIN, UNIT_WORDS, Head
from ingest.places.mention import Mention
from ingest.text import Gap, Reading
from storage.areas.tree import Tier

_GENERIC: Final = forms(
    """регион региона регионе региону регионом области областью область республике республики
    республика края крае краю областю області region"""
)


_SHE: Final = ("област", "обл", "республ")
_HE: Final = ("ое", "ий", "ый", "ого", "ому", "им")
_SMALL: Final = ("ская", "ской", "скую", "ська", "ської", "ській", "ську", "цкая", "цкой")


_ONE_TOWN: Final = forms("г м город города городу городе городом місто місті міста")
"""«г. Белгороде, Валуйском»: the abbreviation serves one name."""
_FLYING: Final = ("летевш", "летящ", "летіли", "направлявш", "двигавш", "сторону")


def find(reading: Reading, gazetteer: Gazetteer) -> list[Mention]:
    """All mentions, in order, with sentences and heads set."""
    mentions: list[Mention] = []
    for number, (first, end) in enumerate(reading.sentences):
        _Pass(reading, gazetteer, first, end, number, mentions).run()
    return mentions


class _Pass:
    """The state of one pass over one sentence."""

    __slots__ = (
        "before",
        "end",
        "first",
        "found",
        "gazetteer",
        "number",
        "origin",
        "pending",
        "reading",
        "shouting",
    )

    def __init__(
        self,
        reading: Reading,
        gazetteer: Gazetteer,
        first: int,
        end: int,
        number: int,
        found: list[Mention],
    ) -> None:
        self.reading = reading
        self.gazetteer = gazetteer
        self.first = first
        self.end = end
        self.number = number
        self.found = found
        self.pending: list[Mention] = []
        self.before: Head | None = None
        self.origin = False
        self.shouting = not any(word[-1].islower() for word in reading.raw[first:end])

    def run(self) -> None:
        """Walk the sentence once."""
        words, gaps, raw = self.reading.words, self.reading.gaps, self.reading.raw
        at = self.first
        while at < self.end:
            word = words[at]
            head = HEADS.get(word)
            if head is not None and self._is_head(word, at):
                at = self._head(head, word, at)
                continue
            if word in _GENERIC:
                at = self._generic(at)
                continue
            if raw[at][0].isupper() or (word.endswith(_SMALL) and self._region_in_small(at)):
                after = self._name(word, at)
                if after is not None:
                    at = after
                    continue
            if word in INTO and self.before is Head.VILLAGE:
                self.before = None
            if word not in LINKS and not word.startswith(UNIT_WORDS):
                self.pending = []
                if gaps[at] != Gap.PAREN and word not in ("п", "н"):
                    self.before = None
                if word in ORIGIN and self.reading.words[at - 1] in FROM:
                    self.origin = True
            at += 1
        self._wrapped()
        self._elliptic()

    def _elliptic(self) -> None:
        """«восемь – над Липецкой областью, четыре – над Тамбовской»: the head is said once."""
        region = False
        first = len(self.found)
        while first and self.found[first - 1].sentence == self.number:
            first -= 1
        for mention in self.found[first:]:
            adjectives = [name.tier for name in mention.names if name.adjective]
            if (
                region
                and mention.head is None
                and mention.adjective
                and Tier.REGION in adjectives
                and mention.word.endswith(_SMALL)
            ):
                mention.head = Head.REGION
            region = region or mention.head is Head.REGION

    def _wrapped(self) -> None:
        """«…в Пензенской⏎области»: the head noun slipped to the next line."""
        reading, at = self.reading, self.end
        if not self.pending or self.pending[-1].end != at or at >= len(reading.words):
            return
        head = HEADS.get(reading.words[at])
        if head in (Head.REGION, Head.DISTRICT) and reading.raw[at][0].islower():
            self.pending[-1].head = self.pending[-1].head or head

    def _is_head(self, word: str, at: int) -> bool:
        """Short abbreviations are heads only where they look like it."""
        raw = self.reading.raw[at]
        if word in ("мо", "го", "мр"):
            return raw.isupper()
        if word in ("с", "д"):
            return village(self.reading, at) and (word == "с" or self._capital_name(at + 1))
        if word in ("г", "м", "п"):
            return (
                at + 1 < self.end
                and self.reading.raw[at + 1][0].isupper()
                and (at == 0 or value(self.reading.words[at - 1]) is None)
            )
        return True

    def _head(self, head: Head, word: str, at: int) -> int:
        """A head noun serves the adjectives that wait for it, else what follows."""
        if self.pending and head in (Head.REGION, Head.DISTRICT, Head.COMMUNITY):
            following: Mention | None = None
            for mention in reversed(self.pending):
                if following is not None and self._abreast(mention, following):
                    break
                if head is Head.REGION and word.startswith(_SHE) and mention.word.endswith(_HE):
                    break
                if following is None or mention.head is None:
                    mention.head = head
                    mention.adjective = True
                following = mention
            self.pending[-1].end = at + 1
            self.pending = []
            self.before = None
            return at + 1
        if word in _GENERIC and not self._capital_name(at + 1):
            return self._generic(at)
        self.before = head
        self.pending = []
        return at + 1

    def _generic(self, at: int) -> int:
        """«в регионе», «по области»."""
        mention = Mention(at, at + 1, self.reading.words[at], [], False)
        mention.generic = True
        mention.sentence = self.number
        mention.origin = self.origin or comes_from(
            self.reading, self.first, mention.first, self.end
        )
        self.found.append(mention)
        self.pending = []
        return at + 1

    def _region_in_small(self, at: int) -> bool:
        """«орловская область» without a capital letter."""
        return (
            at + 1 < self.end
            and self.reading.gaps[at + 1] == Gap.SPACE
            and HEADS.get(self.reading.words[at + 1]) is Head.REGION
        )

    def _abreast(self, first: Mention, second: Mention) -> bool:
        """«У Донецьку Донецької області», «Лозова (Харківська обл.)»: no list under one head."""
        return first.end == second.first and self.reading.gaps[second.first] in (
            Gap.SPACE,
            Gap.PAREN,
        )

    def _capital_name(self, at: int) -> bool:
        reading = self.reading
        return (
            at < self.end
            and reading.raw[at][0].isupper()
            and not self.shouting
            and bool(self.gazetteer.senses(reading.words[at]))
        )

    def _name(self, word: str, at: int) -> int | None:
        """The name that begins at a capitalised word: the word after it, or None."""
        airport = self.gazetteer.airports.get(word)
        if (
            airport is not None
            and self.before is Head.AIRPORT
            and not any(sense.name.region == airport for sense in self.gazetteer.senses(word))
        ):
            mention = Mention(at, at + 1, word, [], False)
            mention.codes = (airport,)
            self._add(mention)
            return at + 1
        senses = self.gazetteer.senses(word)
        named = self._named_set(at)
        if named is not None:
            return named
        if not senses:
            if (adjective_like(word) or self._community(at)) and not self._elsewhere(
                at, at + 1, adjective=True
            ):
                self._add(Mention(at, at + 1, word, [], True))
                return at + 1
            return None
        end, names, adjective = self._longest(senses, at)
        if not names or self._elsewhere(at, end, adjective=adjective):
            return None
        if (
            adjective
            and not self.shouting
            and longer_name(self.reading, self.gazetteer, names, end, self.end)
        ):
            return None
        self._add(Mention(at, end, word, names, adjective))
        return end

    def _elsewhere(self, at: int, end: int, *, adjective: bool) -> bool:
        return bad_neighbour(self.reading, (self.first, self.end), (at, end), adjective=adjective)

    def _community(self, at: int) -> bool:
        """«Марганецька ТГ», «Харківська міська територіальна громада»."""
        words = self.reading.words[at : min(at + 4, self.end)]
        return words[0].endswith(("ка", "кої", "кій", "ку")) and any(
            HEADS.get(word) is Head.COMMUNITY for word in words
        )

    def _longest(self, senses: tuple[Sense, ...], at: int) -> tuple[int, list[Name], bool]:
        """Of the names that begin here those of most words."""
        best = 0
        found: list[Sense] = []
        for sense in senses:
            end: int | None = at + 1
            if sense.name.rest:
                end = self.gazetteer.matches(sense.name, self.reading.words, at + 1, self.end)
            if end is None or end < best or disagrees(sense.name, self.reading.words[at]):
                continue
            if end > best:
                best, found = end, []
            found.append(sense)
        nouns = [sense for sense in found if not sense.name.adjective]
        plain = [sense for sense in nouns if sense.form == NOUN or sense.name.rest]
        if len(plain) < len(found) and self._of_adjective(at):
            plain = []
        return best, [sense.name for sense in found], not plain

    def _of_adjective(self, at: int) -> bool:
        """«во Всеволожском» is a district; over a town one would say «над Всеволожском»."""
        words = self.reading.words
        return words[at].endswith(("ском", "цком")) and (
            at == self.first or words[at - 1] not in ("над", "под", "между", "перед", "с", "за")
        )

    def _named_set(self, at: int) -> int | None:
        if not self.reading.words[at].startswith(self.gazetteer.set_beginnings):
            return None
        for each in self.gazetteer.sets:
            words = self.reading.words[at : at + len(each.pattern)]
            if len(words) == len(each.pattern) and all(
                word.startswith(stem) for word, stem in zip(words, each.pattern, strict=True)
            ):
                mention = Mention(at, at + len(words), words[0], [], False)
                mention.codes = each.areas
                self._add(mention)
                return at + len(words)
        return None

    def _add(self, mention: Mention) -> None:
        reading = self.reading
        mention.shouted = self.shouting
        mention.sentence = self.number
        mention.head = self.before
        mention.hashtag = reading.gaps[mention.first] == Gap.HASHTAG or (
            reading.gaps[mention.first] == Gap.SIGN
            and mention.first > 0
            and reading.text[reading.starts[mention.first] - 1] == "#"
        )
        mention.origin = self.origin or comes_from(
            self.reading, self.first, mention.first, self.end
        )
        previous = mention.first - 1
        mention.towards = any(
            word.startswith(_FLYING)
            for word in reading.words[max(self.first, mention.first - 3) : mention.first]
        )
        mention.near = previous >= self.first and reading.words[previous] in NEAR
        self.found.append(mention)
        if (
            mention.adjective
            or mention.word.isascii()
            or any(name.adjective for name in mention.names)
        ):
            self.pending.append(mention)
        if (
            mention.head is Head.TOWN
            and mention.first
            and reading.words[mention.first - 1] in _ONE_TOWN
        ):
            self.before = None


__all__ = ["Mention", "find"]
