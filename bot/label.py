"""`nabat label`: stored posts and an admin's verdict become labels that `evaluate` reads."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from storage import channels, posts, reviews
from storage.areas.tree import Areas
from storage.database import Database, Tx
from storage.model import Claim, Hazard, Kind
from storage.posts import Stored
from storage.reviews import Review, State


class VerdictError(Exception):
    """The verdict cannot be taken; the message says what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``claims``: what the post really says; None: what the classifier said is right."""

    claims: tuple[dict[str, Any], ...] | None


def stated(claims: Sequence[str], *, right: bool, nothing: bool, areas: Areas) -> Verdict:
    """From the command line: each claim is ``kind:hazard:AREA[,AREA…][:partial]``."""
    if right + nothing + bool(claims) != 1:
        raise VerdictError("give one verdict: --right, --nothing, or one --claim or more")
    if right:
        return Verdict(claims=None)
    return Verdict(claims=tuple(_claim(text, areas) for text in claims))


def _claim(text: str, areas: Areas) -> dict[str, Any]:
    parts = text.split(":")
    if len(parts) not in (3, 4) or (len(parts) == 4 and parts[3] != "partial"):
        raise VerdictError(
            f"{text!r}: write kind:hazard:AREA, for example all_clear:uav:RU-KLU/borovsky:partial"
        )
    kind, hazard, named = parts[:3]
    if kind not in list(Kind):
        raise VerdictError(f"there is no kind {kind!r}: one of {', '.join(Kind)}")
    if hazard not in list(Hazard):
        raise VerdictError(f"there is no hazard {hazard!r}: one of {', '.join(Hazard)}")
    codes = [code for code in named.split(",") if code]
    for code in codes:
        if areas.find(code) is None:
            raise VerdictError(f"there is no area {code!r}: `nabat areas` lists them")
    return _row(kind, hazard, codes, areas, partial=len(parts) == 4)


def _row(
    kind: str, hazard: str, codes: Sequence[str], areas: Areas, *, partial: bool
) -> dict[str, Any]:
    return {
        "kind": kind,
        "hazard": hazard,
        "partial": partial,
        "regions": sorted({areas.region_of(code).code for code in codes}),
        "places": [areas[code].name_ru for code in codes if "/" in code],
    }


def _as_read(claim: Claim, areas: Areas) -> dict[str, Any]:
    codes = [code for code in claim.areas if areas.find(code) is not None and "-" in code]
    row = _row(claim.kind, claim.hazard, codes, areas, partial=claim.partial)
    harm = claim.casualties
    return {
        **row,
        "continues": claim.continues,
        "count": None if claim.count is None else claim.count.n,
        "dead": None if harm is None else harm.dead,
        "injured": None if harm is None else harm.injured,
        "preliminary": claim.preliminary,
    }


async def decided(database: Database, areas: Areas, to: Path) -> int:
    """Append every post that moderators decided about, as they decided; how many."""
    found: list[Review] = []
    while page := await database.read(partial(reviews.labels, after=found[-1].id if found else 0)):
        found += page
    lines = [json.dumps(_as_decided(each, areas), ensure_ascii=False) + "\n" for each in found]
    with to.open("a", encoding="utf-8") as stream:
        stream.writelines(lines)
    return len(lines)


def _as_decided(review: Review, areas: Areas) -> dict[str, Any]:
    """All that the post says, with the claim in question as it was decided to be."""
    assert review.post is not None and review.said is not None  # labels() selects these
    claims = list(review.said.claims)
    match review.state:
        case State.REJECTED:
            del claims[review.ordinal]
        case State.CORRECTED if review.truth is not None:
            claims[review.ordinal] = review.truth
        case _:
            pass  # it was read right
    return {
        "id": f"{review.channel}/{review.message}",
        "text": review.post.text,
        "region": review.home,
        "date": review.post.date.isoformat(),
        "forwarded": review.post.forwarded,
        "claims": [_as_read(claim, areas) for claim in claims],
    }


async def label(
    database: Database, where: str, verdict: Verdict, areas: Areas, to: Path
) -> dict[str, Any]:
    """Append the post ``@channel/message`` with its verdict to ``to``; the line written."""
    name, _, number = where.removeprefix("https://t.me/").removeprefix("@").partition("/")
    if not name or not number.isdigit():
        raise VerdictError(f"{where!r}: write @channel/message or the post's address")

    async def read(tx: Tx) -> tuple[str, Stored]:
        channel = await channels.named(tx, name)
        if channel is None:
            raise VerdictError(f"no channel @{name} is known: `/channels` lists them")
        stored = await posts.latest(tx, channel.id, int(number))
        if stored is None:
            raise VerdictError(f"@{name}/{number} is not stored (posts are kept for some months)")
        return channel.area, stored

    area, stored = await database.read(read)
    claims = verdict.claims
    if claims is None:
        said = stored.assessment.claims if stored.assessment is not None else ()
        claims = tuple(_as_read(claim, areas) for claim in said)
    row = {
        "id": f"{name}/{number}",
        "text": stored.post.text,
        "region": area,
        "date": stored.post.date.isoformat(),
        "forwarded": stored.post.forwarded,
        "claims": list(claims),
    }
    with to.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    return row
