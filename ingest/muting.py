"""What counts of a post of a channel that operators did not believe at some time. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from ingest.correlate.table import ENDS
from storage.model import Assessment, ChannelId, Kind, Post, Silence
from storage.mutes import Mute

Judged = Assessment | Exception | None
"""What a post says; None for a deletion; the bug that kept us from knowing."""
Muted = Mapping[ChannelId, Sequence[Mute]]

_ENDING: Final = frozenset((Kind.ALL_CLEAR, Kind.CORRECTION, *ENDS))


def as_heard(judged: Judged, post: Post, revision: int, muted: Sequence[Mute]) -> Judged:
    """When it was written decides, not when it is read: what comes late from a muted time (by a
    retry, or after an outage) alerts nobody, and what was written before it is told however late.

    A post that we see for the first time as it was edited in a muted time may have been danger all
    along (a reaction counts as an edit for Telegram), or may be a stranger's words now: it may
    begin danger and ends none.
    """
    if post.deleted or not muted:
        return judged
    edited = post.edited_at
    written = post.date if revision == 1 or edited is None else edited
    if any(mute.covers(post.date) or mute.covers(written) for mute in muted):
        return Assessment(silence=Silence.MUTED)
    if edited is None or not any(mute.covers(edited) for mute in muted):
        return judged
    if not isinstance(judged, Assessment) or not judged.claims:
        return judged
    kept = tuple(claim for claim in judged.claims if claim.kind not in _ENDING)
    return replace(judged, claims=kept) if kept else Assessment(silence=Silence.MUTED)
