"""Our own posts, invented in the patterns of real ones: what each claims, and which rules speak.

A row is a post and its label in one: ``id``, ``text``, ``region``, ``date`` (may be left out),
``claims`` as the reference labels have them (places by their nominative head), ``rules`` that
must have a say in it and ``not_rules`` that must not, though the words tempt them.
"""

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from storage.areas.tree import Areas
from storage.model import AreaCode, Claim, Kind
from tests.corpus.fired import fired, rule_ids
from tests.unit.ingest.classified import areas, classifier, post

POSTS: Final[list[dict[str, Any]]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "posts.jsonl").read_text("utf-8").splitlines()
]
RARE: Final = (
    Kind.DRILL,
    Kind.EVACUATION,
    Kind.EVACUATION_OVER,
    Kind.RESTORED,
    Kind.CORRECTION,
    Kind.INSTRUCTION,
    Kind.RECAP,
)
"""Kinds that reference labels hardly have."""


def test_every_kind_has_posts() -> None:
    count = Counter(claim["kind"] for row in POSTS for claim in row["claims"])
    assert {kind for kind in Kind if count[kind.value] < 4} == set()
    assert {kind for kind in RARE if count[kind.value] < 10} == set()
    floods = [claim for row in POSTS for claim in row["claims"] if claim["hazard"] == "flood"]
    assert len(floods) >= 10
    assert sum(not row["claims"] for row in POSTS) >= 50


def test_every_rule_has_posts_for_and_against() -> None:
    needed = Counter(rule for row in POSTS for rule in row["rules"])
    kept_out = Counter(rule for row in POSTS for rule in row["not_rules"])
    assert set(needed) | set(kept_out) <= rule_ids()
    assert {rule for rule in rule_ids() if needed[rule] < 2} == set()
    assert {rule for rule in rule_ids() if not kept_out[rule]} == set()


def test_ids_and_texts_are_unique() -> None:
    assert len({row["id"] for row in POSTS}) == len(POSTS)
    assert len({(row["region"], row["text"]) for row in POSTS}) == len(POSTS)


def label(claim: Claim, tree: Areas) -> dict[str, Any]:
    """A claim in the shape of a row's label."""
    harmed = claim.casualties
    return {
        "kind": claim.kind.value,
        "hazard": claim.hazard.value,
        "partial": claim.partial,
        "continues": claim.continues,
        "regions": list(dict.fromkeys(code.partition("/")[0] for code in claim.areas)),
        "places": [head(code, tree) for code in claim.areas if "/" in code],
        "count": claim.count.n if claim.count else None,
        "dead": harmed.dead if harmed else None,
        "injured": harmed.injured if harmed else None,
        "preliminary": claim.preliminary,
    }


def head(code: AreaCode, tree: Areas) -> str:
    area = tree[code]
    return area.short_uk if code.startswith("UA") else area.short_ru


@pytest.mark.parametrize("row", POSTS, ids=[row["id"] for row in POSTS])
def test_post(row: dict[str, Any]) -> None:
    home = row["region"]
    sent = post(row["text"])
    if "date" in row:
        sent = replace(sent, date=datetime.fromisoformat(row["date"]))
    found = classifier().classify(sent, AreaCode(home) if home else None)
    assert [label(claim, areas()) for claim in found.claims] == row["claims"]
    said = fired(row["text"], home)
    assert set(row["rules"]) <= said
    assert not set(row["not_rules"]) & said
