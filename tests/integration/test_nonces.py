"""One-time promises: once, in time, for whom and for what they were made; kept over a restart."""

from datetime import timedelta
from pathlib import Path

from storage import chats, keepers, nonces
from storage.database import Database
from storage.model import ChatId, ChatKind, Keeper, Lang, TelegramId
from storage.nonces import LIFETIME, Redemption
from tests.integration.stored import START, chat, count

ANNA, GROUP = 7, ChatId(-50)


async def issued(database: Database, action: str = "forget", who: int = ANNA) -> str:
    return await database.write(lambda tx: nonces.issue(tx, GROUP, who, action, START))


async def redeemed(
    database: Database,
    nonce: str,
    *,
    group: ChatId = GROUP,
    who: int = ANNA,
    action: str = "forget",
    after: timedelta = timedelta(),
) -> Redemption:
    now = START + after
    return await database.write(lambda tx: nonces.redeem(tx, nonce, group, who, action, now))


async def test_a_nonce_counts_once(database: Database) -> None:
    nonce = await issued(database)
    assert await redeemed(database, nonce) is Redemption.VALID
    assert await redeemed(database, nonce) is Redemption.UNKNOWN


async def test_it_counts_for_one_person_action_and_chat(database: Database) -> None:
    nonce = await issued(database)
    assert await redeemed(database, nonce, who=8) is Redemption.NOT_YOURS
    assert await redeemed(database, nonce, action="retract:1") is Redemption.OTHER_ACTION
    assert await redeemed(database, nonce, group=ChatId(-51)) is Redemption.UNKNOWN
    assert await redeemed(database, "") is Redemption.UNKNOWN
    assert await redeemed(database, nonce) is Redemption.VALID, "nothing of that used it up"


async def test_it_expires(database: Database) -> None:
    nonce = await issued(database)
    late = LIFETIME - timedelta(milliseconds=1)
    assert await redeemed(database, nonce, after=LIFETIME) is Redemption.EXPIRED
    assert await redeemed(database, await issued(database), after=late) is Redemption.VALID


async def test_asking_anew_makes_the_old_button_worthless(database: Database) -> None:
    old, other = await issued(database), await issued(database, "retract:1")
    new = await issued(database)
    assert await redeemed(database, old) is Redemption.UNKNOWN
    assert await redeemed(database, other, action="retract:1") is Redemption.VALID
    assert await redeemed(database, new) is Redemption.VALID


async def test_those_that_nobody_pressed_go(database: Database) -> None:
    for who in range(20):
        await issued(database, who=who)
    later = START + LIFETIME
    await database.write(lambda tx: nonces.issue(tx, GROUP, ANNA, "forget", later))
    assert await count(database, "nonces") == 1


async def test_it_survives_a_restart(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "nabat.db") as database:
        nonce = await issued(database)
    async with await Database.open(tmp_path / "nabat.db") as database:
        assert await redeemed(database, nonce) is Redemption.VALID


async def test_forgetting_takes_nonces_and_keepers_along(database: Database) -> None:
    for who in (ANNA, 8):
        await issued(database, who=who)
    keeper = Keeper(chat=GROUP, who=TelegramId(ANNA), lang=Lang.UK, title="Двор")
    await database.write(lambda tx: keepers.put(tx, keeper))
    await database.write(lambda tx: chats.forget(tx, ChatId(ANNA)))
    assert await count(database, "nonces") == 1
    assert await count(database, "keepers") == 0


async def test_a_group_that_moves_keeps_its_keeper(database: Database) -> None:
    new = ChatId(-100_50)
    keeper = Keeper(chat=GROUP, who=TelegramId(ANNA), lang=Lang.UK, title="Двор")
    await database.write(lambda tx: chats.put(tx, chat(GROUP, ChatKind.GROUP)))
    await database.write(lambda tx: keepers.put(tx, keeper))
    await database.write(lambda tx: chats.migrate(tx, TelegramId(GROUP), TelegramId(new)))
    found = await database.read(lambda tx: keepers.of(tx, new))
    assert found is not None and (found.who, found.title) == (ANNA, "Двор")
