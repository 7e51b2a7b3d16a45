"""Of which regions a chat hears as a neighbour, by way of which that it follows. Pure."""

from collections.abc import Callable, Sequence

from storage.model import AreaCode

Neighbours = Callable[[AreaCode], tuple[AreaCode, ...]]
"""The regions that share a border with one, which need not be in the table."""


def nobody(region: AreaCode) -> tuple[AreaCode, ...]:
    """Where neighbours do not matter."""
    return ()


def around(follows: Sequence[AreaCode], neighbours: Neighbours) -> dict[AreaCode, AreaCode]:
    """Regions next to those in which the chat follows anything, and none of these, each with the
    first of those."""
    own = list(dict.fromkeys(AreaCode(code.partition("/")[0]) for code in follows))
    found: dict[AreaCode, AreaCode] = {}
    for region in own:
        for other in neighbours(region):
            if other not in own:
                found.setdefault(other, region)
    return found
