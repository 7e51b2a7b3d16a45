"""Shared by the parser's tests: one classifier, posts made from a text."""

from datetime import UTC, datetime
from functools import cache

from ingest.classify import Classifier
from ingest.levels import load_levels
from ingest.text import sanitise
from storage.areas.tree import Areas, load
from storage.model import AreaCode, Assessment, ChannelId, Claim, Kind, Post

NOON = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)


@cache
def areas() -> Areas:
    return load()


@cache
def classifier() -> Classifier:
    return Classifier(areas(), load_levels())


def post(text: str, *, forwarded: bool = False, service: bool = False) -> Post:
    return Post(
        channel=ChannelId(1),
        message=1,
        text=text,
        date=NOON,
        received_at=NOON,
        digest="",
        forwarded=forwarded,
        service=service,
    )


def classify(text: str, home: str | None = None) -> Assessment:
    return classifier().classify(post(sanitise(text)), AreaCode(home) if home else None)


def claims(text: str, home: str | None = None) -> tuple[Claim, ...]:
    return classify(text, home).claims


def kinds(text: str, home: str | None = None) -> set[Kind]:
    return {claim.kind for claim in claims(text, home)}


def places(text: str, home: str | None = None) -> set[str]:
    """Codes without their region: «borovsky»."""
    return {
        code.partition("/")[2]
        for claim in claims(text, home)
        for code in claim.areas
        if "/" in code
    }
