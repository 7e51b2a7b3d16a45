"""The cards of a region are drawn anew when its sounds are turned off, and when that is over."""

from functools import partial

from bot.silencing import show_all
from storage import cards, silences
from storage.database import Database, Tx
from storage.model import AreaCode, ChatId, Hazard
from tests.integration.stored import REGION, a_card, at, column, opening, publish

NEXT_DOOR = AreaCode("RU-TUL")
_DRAWN_ANEW = "SELECT chat FROM cards WHERE shown IS NULL ORDER BY chat"


async def _shown(database: Database) -> None:
    await database.write(lambda tx: tx.all("UPDATE cards SET told = 1, shown = 1, due_at = NULL"))


async def _silence(tx: Tx, region: AreaCode = REGION) -> int:
    return await silences.put(tx, region, Hazard.UAV, 9, "учения", at=at(0), until=at(60))


async def test_each_end_of_a_silence_draws_the_cards_once(database: Database) -> None:
    async def begun(tx: Tx) -> None:
        for number in (7, 8, -9):
            await a_card(tx, number)
        await publish(tx, 1, region=NEXT_DOOR)
        await cards.open_all(tx, [opening(8, 1, 8, NEXT_DOOR)], at(0))
        await cards.close(tx, ChatId(8), REGION)

    await database.write(begun)
    await _shown(database)
    assert not await show_all(database, at(1))

    await database.write(_silence)
    for minutes, drawn in ((1, True), (2, False), (60, True), (61, False)):
        assert await show_all(database, at(minutes)) is drawn, minutes
        # Neither a closed card nor another region's.
        assert await column(database, _DRAWN_ANEW) == ([-9, 7] if drawn else []), minutes
        await _shown(database)

    # One that was lifted before any card showed it draws them too: nobody knows who read it.
    number = await database.write(_silence)
    await database.write(lambda tx: silences.end(tx, number, at(2)))
    assert await show_all(database, at(2)) and not await show_all(database, at(3))


async def test_many_cards_are_drawn_a_page_at_a_time(database: Database) -> None:
    async def begun(tx: Tx) -> None:
        for number in range(1, 6):
            await a_card(tx, number)

    await database.write(begun)
    await _shown(database)
    pages: list[ChatId | None] = [None]
    while len(pages) == 1 or pages[-1] is not None:
        page = partial(cards.redraw_region, region=REGION, after=pages[-1], at=at(1), limit=2)
        pages.append(await database.write(page))
    assert pages == [None, 2, 4, 5, None]
    assert await column(database, _DRAWN_ANEW) == [1, 2, 3, 4, 5]
