"""`nabat classify`: posts read by the classifier, for programs and for people."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import texts
from bot.table import Lever
from bot.verdict import Verdict, verdicts
from ingest.archive import BadLine, read_jsonl
from ingest.classify import Classifier, language, to_json
from ingest.text import sanitise
from storage.areas.tree import Areas
from storage.model import AreaCode, Assessment, ChannelId, Claim, Kind, Post, Silence


def classify_lines(
    lines: Iterable[str],
    classifier: Classifier,
    home: AreaCode | None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[dict[str, Any]]:
    """One answer a line, in order; a line that cannot be read answers with ``error``."""
    for item in read_jsonl(lines, progress):
        if isinstance(item, BadLine):
            yield {"line": item.line, "error": item.reason}
            continue
        post = item.post
        if post.forwarded:
            said = Assessment(silence=Silence.FORWARDED)
        else:
            said = classifier.classify(post, item.region or home)
        yield to_json(item.id, said, classifier.areas, lang=language(post.text))


COLOURS: Final[dict[Kind, str]] = {
    Kind.THREAT: "bold red",
    Kind.ALL_CLEAR: "bold green",
    Kind.INTERCEPTION: "cyan",
    Kind.DAMAGE: "yellow",
    Kind.CASUALTIES: "magenta",
    Kind.EVACUATION: "bold yellow",
    Kind.DRILL: "blue",
}
_OTHER: Final = "bright_black"
_LEVERS: Final[dict[Lever, tuple[str, str]]] = {
    Lever.SOUND: ("🔔 a message with a sound", "bold red"),
    Lever.SILENT: ("🔕 a silent message", "yellow"),
    Lever.EDIT: ("✎ an edit of the card", "cyan"),
}
_NOTHING: Final = ("nothing", "bright_black")


def classify_one(text: str, home: AreaCode | None, reader: Classifier, console: Console) -> None:
    """The post with its evidence in the colour of its claim, a table of what it says, and what
    that would make two followers hear."""
    clean = sanitise(text)
    now = datetime.now(UTC)
    post = Post(channel=ChannelId(0), message=1, text=clean, date=now, received_at=now, digest="")
    said = reader.classify(post, home)
    console.print(_marked(clean, said.claims), end="\n\n")
    if said.silence is not None:
        console.print(f"no claims ({said.silence}): {said.silence.sentence}")
        return
    console.print(_claims(said.claims, reader.areas))
    speaks_for = home or next((code for claim in said.claims for code in claim.areas), None)
    if speaks_for is None:
        console.print("nobody is told: the post names no region, give one by --region")
        return
    if "/" in speaks_for:
        speaks_for = reader.areas.region_of(speaks_for).code
    found = list(verdicts(post, said.claims, speaks_for, reader.areas, texts.load()))
    for verdict in found:
        console.print(_heard(verdict, reader.areas))
    if not found:
        console.print("nobody is told: the claims are about no region of this channel")


def _marked(clean: str, claims: Iterable[Claim]) -> Text:
    marked = Text(clean)
    for claim in claims:
        for start, end in claim.evidence:
            marked.stylize(COLOURS.get(claim.kind, _OTHER), start, end)
    return marked


def _claims(claims: Iterable[Claim], areas: Areas) -> Table:
    table = Table()
    for heading in ("kind", "hazard", "level", "where", "said", "rule"):
        table.add_column(heading, overflow="fold")
    for claim in claims:
        where = [areas.name(code, "ru") for code in claim.areas]
        where += [f"not {areas.name(code, 'ru')}" for code in claim.excluded]
        where += [f"{word}?" for word in claim.unresolved]
        table.add_row(
            Text(claim.kind, COLOURS.get(claim.kind, _OTHER)),
            claim.hazard,
            claim.level.word if claim.kind is Kind.THREAT else "",
            ", ".join(where) or "—",
            ", ".join(_said(claim)),
            claim.rule,
        )
    return table


def _said(claim: Claim) -> Iterator[str]:
    for flag in ("partial", "upper_tier", "continues", "renewed", "retrospective", "preliminary",
                 "unnamed", "bounds_unclear", "weak"):  # fmt: skip
        if getattr(claim, flag):
            yield flag
    yield str(claim.certainty)
    if claim.count is not None:
        yield f"{claim.count.n} {claim.count.measure} ({claim.count.qualifier})"
    if claim.casualties is not None:
        for what, n in (("dead", claim.casualties.dead), ("injured", claim.casualties.injured)):
            yield f"{what} {'not stated' if n is None else n}"
        if claim.casualties.children:
            yield f"children among them {claim.casualties.children}"


def _heard(verdict: Verdict, areas: Areas) -> Text:
    decision = verdict.decision
    lever, colour = _LEVERS.get(decision.lever, _NOTHING)
    out = Text(f"{areas.name(verdict.follows, 'ru')}: ")
    out.append(lever, colour)
    out.append(f" ({decision.reason}): {decision.reason.sentence}")
    if decision.quieted is not None:
        out.append(f" Quiet ({decision.quieted}): {decision.quieted.sentence}")
    if verdict.assumed:
        out.append(
            " Supposing that the danger had been in force in the whole region for an hour.",
            "bright_black",
        )
    done = ", ".join(dict.fromkeys(str(change.transition) for change in verdict.changes))
    out.append(f"\n  {done or 'no change'}", "bright_black")
    if verdict.text is not None:
        for line in verdict.text.splitlines()[:3]:
            out.append(f"\n  │ {line}")
    return out
