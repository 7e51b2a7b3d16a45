"""`nabat evaluate`: the classifier against labelled posts; what changed between two runs.

A label is a JSON line: ``id``, ``claims`` (each with ``kind``, ``hazard``, ``partial``,
``regions``), and the post itself (``text``, ``region``, ``date``) there or in a file of posts.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.reading import classify_lines
from ingest.classify import Classifier
from storage.model import Hazard, Kind

Row = Mapping[str, Any]
Said = frozenset[tuple[str, str | None]]
"""What a post says: kinds, with the hazard where it makes a signal of its own."""

_SIGNALS: Final = frozenset({Kind.THREAT, Kind.ALL_CLEAR})
_FLOOD: Final = "flood"
_UNHEARD: Final = frozenset({Kind.RESTORED})
_QUIET: Final = frozenset({Kind.INSTRUCTION, Kind.RECAP, Kind.DRILL, Kind.CORRECTION})
_SHOWN: Final = 20


class LabelsError(Exception):
    """The labels cannot be used; the message says which line and why."""


def said(claims: Iterable[Row]) -> Said:
    """Anything about flooding is one kind of its own; what nobody labels is left out."""
    out: set[tuple[str, str | None]] = set()
    for claim in claims:
        kind, hazard = claim["kind"], claim.get("hazard")
        if hazard == Hazard.FLOOD and kind in (*_SIGNALS, Kind.DAMAGE):
            out.add((_FLOOD, None))
        elif kind in _SIGNALS:
            out.add((kind, hazard))
        elif kind not in _UNHEARD:
            out.add((kind, None))
    return frozenset(out)


@dataclass(slots=True, kw_only=True)
class Score:
    """Sums over posts. ``hits``, ``extra``, ``missed`` count by kind."""

    posts: int = 0
    exact: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    extra: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    false_clears: list[str] = field(default_factory=list)
    part_as_whole: list[str] = field(default_factory=list)
    false_alerts: list[str] = field(default_factory=list)

    def add(self, text: str, label: Row, answer: Row) -> None:
        want = frozenset(s for s in said(label["claims"]) if s[0] not in _memos())
        got = frozenset(s for s in said(answer["claims"]) if s[0] not in _memos())
        self.posts += 1
        self.exact += want == got
        self.hits.update(kind for kind, _ in want & got)
        self.extra.update(kind for kind, _ in got - want)
        self.missed.update(kind for kind, _ in want - got)
        if _cleared(answer, given=True) - _cleared(label, given=False):
            self.false_clears.append(text)
        if _whole(answer) and not _whole(label) and _cleared(label, given=False):
            self.part_as_whole.append(text)
        quiet = {kind for kind, _ in want} <= _QUIET
        if quiet and any(kind in _SIGNALS for kind, _ in got):
            self.false_alerts.append(text)

    def rows(self) -> Iterator[tuple[str, float | None, float | None, float | None, int]]:
        """Kind, precision, recall, F1, number of labels; last ``all``."""
        kinds = sorted({*self.hits, *self.extra, *self.missed})
        for kind in kinds:
            yield (kind, *_measures(self.hits[kind], self.extra[kind], self.missed[kind]),
                   self.hits[kind] + self.missed[kind])  # fmt: skip
        sums = (self.hits.total(), self.extra.total(), self.missed.total())
        yield ("all", *_measures(*sums), sums[0] + sums[2])


def _measures(
    hit: int, extra: int, missed: int
) -> tuple[float | None, float | None, float | None]:
    precision = hit / (hit + extra) if hit + extra else None
    recall = hit / (hit + missed) if hit + missed else None
    return (
        precision,
        recall,
        2 * hit / (2 * hit + extra + missed) if hit + extra + missed else None,
    )


def _memos() -> frozenset[str]:
    """Two readers hardly agree on these; they are told to nobody."""
    return frozenset({Kind.INSTRUCTION.value, Kind.RECAP.value})


def _cleared(row: Row, *, given: bool) -> set[tuple[str | None, str | None]]:
    """Regions and hazards that a label, or (``given``) an answer of ours, declares clear."""
    out: set[tuple[str | None, str | None]] = set()
    for claim in row["claims"]:
        if claim["kind"] == Kind.ALL_CLEAR:
            regions = (
                {area["code"].partition("/")[0] for area in claim.get("areas", ())}
                if given
                else set(claim.get("regions", ()))
            )
            out |= {(region, claim.get("hazard")) for region in regions or {None}}
    return out


def _whole(row: Row) -> bool:
    return any(c["kind"] == Kind.ALL_CLEAR and not c.get("partial") for c in row["claims"])


def read_labels(labels: Path, posts: Path | None) -> Iterator[tuple[Row, Row]]:
    """Each label with its post. Raises LabelsError; labels without a post are an error too."""
    texts = {} if posts is None else {row["id"]: row for _, row in _lines(posts)}
    for number, label in _lines(labels):
        if "claims" not in label:
            raise LabelsError(f"{labels}, line {number}: no «claims»")
        post = label if "text" in label else texts.get(label["id"])
        if post is None:
            raise LabelsError(
                f"{labels}, line {number}: no text for {label['id']!r}: give the posts by --posts"
            )
        yield label, post


def _lines(path: Path) -> Iterator[tuple[int, Row]]:
    with path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as problem:
                raise LabelsError(f"{path}, line {number}: no JSON ({problem})") from problem
            if not isinstance(row, dict) or "id" not in row:
                raise LabelsError(f"{path}, line {number}: no object with an «id»")
            yield number, row


def evaluate(
    pairs: Iterable[tuple[Row, Row]],
    classifier: Classifier,
    heard: Callable[[Row, Row], None] = lambda post, answer: None,
) -> Score:
    """Classify every post and sum up. ``heard`` gets each post with our answer."""
    score = Score()
    waiting: list[tuple[Row, Row]] = []

    def lines() -> Iterator[str]:
        for label, post in pairs:
            waiting.append((label, post))
            yield json.dumps({**post, "claims": None}, ensure_ascii=False)

    for answer in classify_lines(lines(), classifier, None):
        label, post = waiting.pop(0)
        if "error" in answer:
            raise LabelsError(f"the post {label['id']!r} cannot be read: {answer['error']}")
        score.add(post["text"], label, answer)
        heard(post, answer)
    return score


def show(score: Score, console: Console) -> None:
    table = Table(title=f"{score.posts} posts, {score.exact} with exactly the right kinds")
    for heading in ("kind", "precision", "recall", "F1", "n"):
        table.add_column(heading, justify="left" if heading == "kind" else "right")
    for kind, precision, recall, f1, n in score.rows():
        table.add_row(kind, _figure(precision), _figure(recall), _figure(f1), str(n))
    console.print(table)
    for name, texts in (
        ("false clears", score.false_clears),
        ("a part cleared taken for the whole", score.part_as_whole),
        ("false alerts", score.false_alerts),
    ):
        console.print(Text(f"{name}: {len(texts)}", "bold red" if texts else "green"))
        for text in texts[:_SHOWN]:
            console.print(Text(f"  {' '.join(text.split())[:300]}"))


def compare(
    before: Mapping[str, Row], now: Mapping[str, tuple[Row, Row]], console: Console
) -> int:
    """Print the posts that are read otherwise than before; how many there are. ``now``: by id,
    the post and our answer."""
    changed = 0
    for id_, (post, answer) in now.items():
        if id_ not in before:
            continue
        old, new = said(before[id_]["claims"]), said(answer["claims"])
        if old != new:
            changed += 1
            console.print(Text(f"{id_}: {' '.join(post['text'].split())[:200]}"))
            console.print(Text(f"  − {_spoken(old - new)}", "red"), end="")
            console.print(Text(f"  + {_spoken(new - old)}", "green"))
    console.print(f"read otherwise: {changed} of {len(now)}")
    return changed


def read_answers(path: Path) -> dict[str, Row]:
    """Of an earlier run: what `classify --jsonl` printed."""
    return {row["id"]: row for _, row in _lines(path)}


def _spoken(things: Iterable[tuple[str, str | None]]) -> str:
    return ", ".join(sorted(f"{k}:{h}" if h else k for k, h in things)) or "nothing"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
