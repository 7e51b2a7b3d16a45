"""What of a post is quoted, and whose words they are. Pure."""

from collections.abc import Sequence

from storage.model import Channel, Post, Source

_LONGEST = 240
_ENDS = ("\n", ". ", "! ", "? ")


def quote(text: str, evidence: Sequence[tuple[int, int]]) -> str:
    """The sentence or line that carries the evidence, at most 240 characters."""
    if not evidence:
        return _cut(text.strip())
    first, last = min(start for start, _ in evidence), max(end for _, end in evidence)
    begin = max(text.rfind(mark, 0, first) + len(mark) for mark in _ENDS)
    begin = begin if begin > 1 else 0
    ends = [text.find(mark, max(last - 1, 0)) for mark in _ENDS]
    end = min([at + 1 for at in ends if at >= 0], default=len(text))
    return _cut(text[min(begin, first) : max(end, last)].strip())


def source_of(post: Post, revision: int, channel: Channel) -> Source:
    """The post as a source, its first words quoted; an edit speaks from when it was made."""
    changed = revision > 1 and post.edited_at is not None
    return Source(
        channel=channel.id,
        message=post.message,
        title=channel.title,
        link=channel.link(post.message),
        quote=_cut(post.text.strip()),
        at=post.edited_at if changed and post.edited_at else post.date,
        received_at=post.received_at,
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"
