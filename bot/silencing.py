"""The cards of a region show that its sounds are turned off, and no longer when that is over.

Only those edits are owed by this: each card's own decision looks at the silences anyway.
"""

from datetime import datetime
from functools import partial

from storage import cards, silences
from storage.database import Database
from storage.model import ChatId


async def show_all(database: Database, now: datetime) -> bool:
    """Whether any card is to be drawn anew. A kill in between draws some twice."""
    found = await database.read(lambda tx: silences.unshown(tx, now))
    for region in dict.fromkeys(each.region for each in found):
        after: ChatId | None = None
        while True:
            page = partial(cards.redraw_region, region=region, after=after, at=now)
            after = await database.write(page)
            if after is None:
                break
    if found:
        ids = [each.id for each in found]
        await database.write(lambda tx: silences.shown(tx, ids, now))
    return bool(found)
