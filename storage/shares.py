"""Conditions on a column that holds a region: of a bot's own share, or of another bot's."""

import json

from storage.model import Share


def own(share: Share, column: str) -> tuple[str, dict[str, str]]:
    """«AND …», and its parameter; nothing where one bot serves all."""
    if share.only is not None:
        return _among(column, "IN", share.only)
    return _among(column, "NOT IN", share.others) if share.others else ("", {})


def foreign(share: Share, column: str) -> tuple[str, dict[str, str]]:
    """The contrary; where one bot serves all, no region is."""
    if share.only is not None:
        return _among(column, "NOT IN", share.only)
    return _among(column, "IN", share.others)


def _among(column: str, word: str, codes: frozenset[str]) -> tuple[str, dict[str, str]]:
    condition = f"AND {column} {word} (SELECT value FROM json_each(:share))"
    return condition, {"share": json.dumps(sorted(codes))}
