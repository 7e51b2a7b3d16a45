"""Archives: what is read, what is reported, and that nothing stops the rest."""

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.archive import BadLine, Entry, read_export, read_jsonl


def test_jsonl_reads_good_lines_and_reports_bad_ones() -> None:
    lines = [
        '{"id": "a/12", "text": "Отбой", "region": "RU-KLU", "date": "2026-05-01T10:00:00+03:00"}',
        "",
        "{broken",
        '{"id": 5}',
        '{"id": "b", "text": 7}',
        "[]",
        '{"id": "c", "text": "x", "region": null, "date": "yesterday"}',
        '{"id": 9, "text": "y", "forwarded": true, "channel": "news"}',
    ]
    found = list(read_jsonl(lines))
    good = [each for each in found if isinstance(each, Entry)]
    bad = [each for each in found if isinstance(each, BadLine)]
    assert [each.id for each in good] == ["a/12", "9"]
    assert [each.line for each in bad] == [3, 4, 5, 6, 7]
    assert good[0].post.message == 12
    assert good[0].post.date.hour == 7
    assert good[0].region == "RU-KLU"
    assert (good[1].post.forwarded, good[1].channel) == (True, "news")
    assert bad[1].reason == "no 'text'"


MESSAGES: list[dict[str, Any]] = [
    {"id": 1, "type": "service", "date": "2026-05-01T00:00:00", "text": ""},
    {
        "id": 2,
        "type": "message",
        "date_unixtime": "1777600000",
        "photo": "p.jpg",
        "text": ["Отбой ", {"type": "bold", "text": "ракетной"}, " опасности"],
    },
    {
        "id": 3,
        "type": "message",
        "date_unixtime": "1777600060",
        "forwarded_from": "Кто-то",
        "text": "тревога",
        "edited_unixtime": "1777600090",
    },
    {"id": "x", "type": "message", "text": "?"},
]


@pytest.mark.parametrize("whole", [False, True])
def test_export(tmp_path: Path, whole: bool) -> None:
    chat = {"name": "Канал", "type": "public_channel", "id": 77, "messages": MESSAGES}
    path = tmp_path / "result.json"
    path.write_text(
        json.dumps({"chats": {"list": [chat]}} if whole else chat, ensure_ascii=False, indent=1),
        "utf-8",
    )
    seen: list[int] = []
    found = list(read_export(path, seen.append))
    good = [each for each in found if isinstance(each, Entry)]
    assert [each.id for each in good] == ["1", "2", "3"]
    assert [each.line for each in found if isinstance(each, BadLine)] == [4]
    assert {(each.channel, each.post.channel) for each in good} == {("Канал", 77)}
    assert good[0].post.service
    assert (good[1].post.text, good[1].post.media) == ("Отбой ракетной опасности", "photo")
    assert good[2].post.forwarded
    assert good[2].post.edited_at is not None
    assert seen[-1] == path.stat().st_size


def test_export_that_breaks_off(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    text = json.dumps({"name": "К", "id": 1, "messages": MESSAGES[1:3]}, ensure_ascii=False)
    path.write_text(text[:-30], "utf-8")
    found = list(read_export(path))
    assert isinstance(found[0], Entry)
    assert isinstance(found[-1], BadLine)
