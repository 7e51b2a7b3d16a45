"""Our own posts, at least four of each kind: invented, in the patterns of real ones.

``claim``: one that the post must make (null: it must make none); ``n``, ``dead``, ``injured`` and
``within`` (a district that some place lies in) only where stated.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from storage.model import Kind
from tests.unit.ingest.classified import areas, classify

POSTS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "posts.jsonl").read_text("utf-8").splitlines()
]


def test_four_of_each_kind() -> None:
    count = Counter(row["claim"]["kind"] if row["claim"] else None for row in POSTS)
    assert all(count[kind.value] >= 4 for kind in Kind)
    assert count[None] >= 4


@pytest.mark.parametrize("row", POSTS, ids=[row["id"] for row in POSTS])
def test_post(row: dict[str, Any]) -> None:
    found = classify(row["text"], row["region"]).claims
    want = row["claim"]
    if want is None:
        assert not found
        return
    claims = [claim for claim in found if claim.kind.value == want["kind"]]
    assert claims, [claim.kind for claim in found]
    claim = claims[0]
    if want["hazard"] is not None:
        assert claim.hazard.value == want["hazard"]
    if want["areas"]:
        assert list(claim.areas) == want["areas"]
    if "within" in want:
        assert any(areas().contains(want["within"], code) for code in claim.areas)
    if "n" in want:
        assert claim.count is not None
        assert claim.count.n == want["n"]
    for key in ("dead", "injured"):
        if key in want:
            assert claim.casualties is not None
            assert getattr(claim.casualties, key) == want[key]
