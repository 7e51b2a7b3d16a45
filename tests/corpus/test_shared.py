"""The reference posts beside the repository, where they are: no failure, no false all-clear."""

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.archive import Entry, read_jsonl
from ingest.classify import language, to_json
from tests.unit.ingest.classified import areas, classifier

SHARED = Path(__file__).parents[2].parent / "shared" / "corpus"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="no reference posts beside the tree")


def predictions() -> dict[str, dict[str, Any]]:
    answered: dict[str, dict[str, Any]] = {}
    with (SHARED / "posts.jsonl").open(encoding="utf-8") as lines:
        for entry in read_jsonl(lines):
            assert isinstance(entry, Entry)
            found = classifier().classify(entry.post, entry.region)
            row = to_json(entry.id, found, areas(), language(entry.post.text))
            answered[entry.id] = json.loads(json.dumps(row))
    return answered


def clears(claims: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [claim for claim in claims if claim["kind"] == "all_clear"]


def regions(claim: dict[str, Any]) -> list[str | None]:
    named = claim.get("regions") or [
        area["code"].partition("/")[0] for area in claim.get("areas", ())
    ]
    return named or [None]


def test_nothing_is_cleared_that_was_not() -> None:
    answered = predictions()
    assert len(answered) == 1_215
    with (SHARED / "labels.jsonl").open(encoding="utf-8") as lines:
        for label in map(json.loads, lines):
            want = clears(label["claims"])
            got = clears(answered[label["id"]]["claims"])
            told = {(region, claim["hazard"]) for claim in got for region in regions(claim)}
            true = {(region, claim.get("hazard")) for claim in want for region in regions(claim)}
            assert told <= true, label["id"]
            if want and all(claim.get("partial") for claim in want):
                assert all(claim["partial"] for claim in got), label["id"]
