"""One name in a post, while the post is being read."""

from ingest.places.gazetteer import Name
from ingest.places.heads import Head
from storage.model import AreaCode


class Mention:
    """A name in a post: words first…end-1. ``names``: what it may mean; ``head``: the unit said
    beside it; ``codes``: what it was resolved to. Mutable while a post is being read only."""

    __slots__ = (
        "adjective",
        "codes",
        "end",
        "first",
        "generic",
        "hashtag",
        "head",
        "names",
        "near",
        "origin",
        "sentence",
        "shouted",
        "towards",
        "unresolved",
        "word",
    )

    def __init__(
        self, first: int, end: int, word: str, names: list[Name], adjective: bool
    ) -> None:
        self.first = first
        self.end = end
        self.word = word
        self.names = names
        self.adjective = adjective
        self.head: Head | None = None
        self.codes: tuple[AreaCode, ...] = ()
        self.generic = False
        self.origin = False
        self.hashtag = False
        self.near = False
        self.towards = False
        self.unresolved = False
        self.sentence = 0
        self.shouted = False
        """Written in capitals throughout, so it may be no name at all."""
