"""How the tables of words are written: forms in one string, parted by blanks."""


def forms(row: str) -> frozenset[str]:
    """The words of a row."""
    return frozenset(row.split())
