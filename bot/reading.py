"""`nabat classify`: posts read by the classifier, for programs and for people."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ingest.archive import BadLine, read_jsonl
from ingest.classify import Classifier, language, to_json, urgency
from ingest.levels import load_levels
from ingest.text import sanitise
from storage.areas.tree import Areas
from storage.model import AreaCode, Assessment, ChannelId, Claim, Post, Silence


def classify_lines(
    lines: Iterable[str],
    areas: Areas,
    home: AreaCode | None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[dict[str, Any]]:
    """One answer a line, in order; a line that cannot be read answers with ``error``."""
    classifier = Classifier(areas, load_levels())
    for item in read_jsonl(lines, progress):
        if isinstance(item, BadLine):
            yield {"line": item.line, "error": item.reason}
            continue
        post = item.post
        if post.forwarded:
            said = Assessment(silence=Silence.FORWARDED)
        else:
            said = classifier.classify(post, item.region or home)
        yield to_json(item.id, said, areas, lang=language(post.text))


def classify_one(text: str, home: AreaCode | None, areas: Areas, console: Console) -> None:
    """The post with its evidence marked, and a table of what it says."""
    clean = sanitise(text)
    now = datetime.now(UTC)
    post = Post(channel=ChannelId(0), message=0, text=clean, date=now, received_at=now, digest="")
    said = Classifier(areas, load_levels()).classify(post, home)
    marked = Text(clean)
    for claim in said.claims:
        for start, end in claim.evidence:
            marked.stylize("bold yellow", start, end)
    console.print(marked, end="\n\n")
    if said.silence is not None:
        console.print(f"no claims: {said.silence}")
        return
    table = Table()
    for heading in ("kind", "hazard", "level", "where", "said", "rule"):
        table.add_column(heading)
    for claim in said.claims:
        where = [areas.name(code, "ru") for code in claim.areas]
        where += [f"not {areas.name(code, 'ru')}" for code in claim.excluded]
        table.add_row(
            claim.kind,
            claim.hazard,
            claim.level.word,
            ", ".join(where) or "—",
            ", ".join(_said(claim)),
            claim.rule,
        )
    console.print(table)
    console.print(f"a follower of the region: {urgency(said).name.lower()}")


def _said(claim: Claim) -> Iterator[str]:
    for flag in ("partial", "upper_tier", "continues", "renewed", "retrospective", "preliminary",
                 "unnamed", "bounds_unclear", "weak"):  # fmt: skip
        if getattr(claim, flag):
            yield flag
    if claim.count is not None:
        yield f"{claim.count.n} {claim.count.measure} ({claim.count.qualifier})"
    if claim.casualties is not None:
        yield f"dead {claim.casualties.dead}, injured {claim.casualties.injured}"
