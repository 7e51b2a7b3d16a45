"""Which rules spoke or silenced while a post was read, and which there are."""

import re
from pathlib import Path
from typing import Final

import ingest.rules
from ingest.lexicon.words import meanings
from ingest.places.resolve import places
from ingest.rules.clause import sentences
from ingest.rules.reader import read_drafts
from ingest.rules.walk import Walk
from ingest.text import read, sanitise
from storage.model import AreaCode
from tests.unit.ingest.classified import classifier

_ID: Final = re.compile(r'"((?:[a-z_]+)\.(?:[a-z]+-?)+)"')


def rule_ids() -> frozenset[str]:
    """Every id that stands in the tables and readers of `ingest.rules`."""
    folder = Path(str(ingest.rules.__file__)).parent
    return frozenset(
        found for path in folder.glob("*.py") for found in _ID.findall(path.read_text("utf-8"))
    )


def fired(text: str, home: str | None) -> frozenset[str]:
    """The ids of the rules that had a say, among them those that only silence."""
    reading = read(sanitise(text))
    bits = meanings(reading.words)
    whole = 0
    for bit in bits:
        whole |= bit
    code = AreaCode(home) if home else None
    parser = classifier()
    walk = Walk(
        sentences=sentences(reading, bits),
        places=places(reading, parser.gazetteer, code),
        levels=parser.levels,
        home=code,
        whole=whole,
    )
    drafts = read_drafts(walk)
    return frozenset(walk.fired) | {draft.rule for draft in drafts}
