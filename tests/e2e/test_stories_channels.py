"""Operators add channels, see which ways of reading them work, mute them and remove them."""

from datetime import timedelta
from pathlib import Path

from storage import channels, mutes
from storage.database import Database, Tx
from storage.model import Channel
from tests.e2e.stage import (
    ADMIN,
    ANNA,
    BORIS,
    BOROVSKY_DANGER,
    CLEAR,
    DANGER,
    GOVERNOR,
    KURSK,
    KURSK_GOV,
    MCHS,
    PEOPLE,
    Stage,
    enrol,
    play,
    staged,
)


async def _channel(stage: Stage, name: str) -> Channel:
    found = await stage.nabat.database.read(lambda tx: channels.named(tx, name))
    assert found is not None
    return found


async def test_region_and_authority_are_asked_and_both_ways_of_reading_are_checked(
    tmp_path: Path,
) -> None:
    async with play(tmp_path) as stage:
        await stage.says(f"/channel_add https://t.me/{KURSK_GOV}/7")
        assert "За какой регион" in stage.shows(ADMIN)
        await stage.presses("Россия", ADMIN)
        await stage.presses("›", ADMIN)
        while not any("Курская" in label for label in stage.labels(ADMIN)):
            await stage.presses("›", ADMIN)
        await stage.presses("Курская область", ADMIN)
        assert "Может ли он объявлять" in stage.shows(ADMIN)
        await stage.presses("Только сообщает", ADMIN)
        await stage.comes("Читаем @kursk_gov")
        told = stage.shows(ADMIN)
        assert "только сообщает" in told and "Курская область" in told
        assert "Посты приходят сами: читатель подписан" in told
        assert "Канал просматривается по очереди" in told and "⚠️" not in told
        added = await _channel(stage, KURSK_GOV)
        assert (added.area, added.declares, added.joined) == (KURSK, False, True)
        await stage.says("/audit")
        trail = stage.shows(ADMIN)
        assert trail.index("channel_add_done") < trail.index("channel_add\n")
        # Its page; what was chosen wrongly is chosen anew from there.
        await stage.posts("В Курской области сегодня дождь.", KURSK_GOV)
        await stage.says(f"/channel @{KURSK_GOV}")
        assert "Посты приходят сами: последний" in stage.shows(ADMIN)
        await stage.presses("Регион и полномочия", ADMIN)
        await stage.presses("Россия", ADMIN)
        await stage.presses("Вся страна", ADMIN)
        await stage.comes("Читаем @kursk_gov")
        assert (await _channel(stage, KURSK_GOV)).area == "RU"
        await stage.says(f"/channel_remove @{KURSK_GOV} больше не нужен")
        assert "@kursk_gov больше не читаем" in stage.shows(ADMIN)
        await stage.says(f"/channel {KURSK_GOV}")
        assert "больше не читаем" in stage.shows(ADMIN)


async def test_a_channel_that_cannot_be_joined_or_looked_through_says_so(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        stage.world.telegram.fail("channels.joinChannel", 400, "CHANNELS_TOO_MUCH")
        await stage.says(f"/channel_add @{KURSK_GOV} RU-KRS")
        await stage.presses("Объявляет", ADMIN)
        await stage.comes("Читаем @kursk_gov")
        assert "⚠️ Посты сами не приходят, читатель не подписан" in stage.shows(ADMIN)
        assert "Канал просматривается по очереди" in stage.shows(ADMIN)
        stage.world.telegram.post(stage.channel(KURSK_GOV), "Опасность атаки БПЛА в Курске.")
        await stage.reads(1)  # found by looking, all the same
        await stage.says("/channels")
        assert "читатель не подписан" in stage.shows(ADMIN)
        await stage.says("/channel_add @nobody_at_all RU-KRS")
        await stage.presses("Объявляет", ADMIN)
        await stage.comes("@nobody_at_all was not found")
        await stage.says("/audit")
        assert "channel_add_refused" in stage.shows(ADMIN)


async def test_who_is_thrown_out_of_a_channel_is_seen_to_be(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        stage.channel(GOVERNOR).joined = False

        async def is_out(tx: Tx) -> bool:
            found = await channels.named(tx, GOVERNOR)
            return found is not None and found.joined is False

        await stage.becomes(is_out)
        await stage.says(f"/channel @{GOVERNOR}")
        assert "читатель не подписан" in stage.shows(ADMIN)


async def test_a_forwarded_post_begins_the_same_questions(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        chat = {"id": -1001, "type": "channel", "title": "Шапша", "username": KURSK_GOV}
        origin = {"type": "channel", "date": 1, "chat": chat, "message_id": 5}
        await stage.says("Опасность миновала.", ANNA, extra={"forward_origin": origin})
        assert not any("За какой регион" in each.text for each in stage.messages(ANNA))
        await stage.says("Опасность миновала.", extra={"forward_origin": origin})
        assert "@kursk_gov" in stage.shows(ADMIN) and "За какой регион" in stage.shows(ADMIN)
        assert stage.heard(ANNA)[1:] == [], "it changes nothing itself"
        await stage.presses("Россия", ADMIN)
        await stage.presses("Вся страна", ADMIN)
        await stage.comes("Читаем @kursk_gov")
        chat["username"] = GOVERNOR
        await stage.says("Опасность миновала.", extra={"forward_origin": origin})
        assert "уже читаем" in stage.shows(ADMIN)
        del chat["username"]
        await stage.says("Опасность миновала.", extra={"forward_origin": origin})
        assert "публичного имени" in stage.shows(ADMIN)


async def test_a_muted_channel_changes_nothing_for_a_while(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        number = await stage.posts(BOROVSKY_DANGER)
        await stage.passes(minutes=11)
        await stage.says(f"/channel_mute @{GOVERNOR} 1h канал взломан")
        assert f"🔇 @{GOVERNOR} отключён до" in stage.shows(ADMIN)
        await stage.edits(number, "Всем привет!")
        await stage.posts(CLEAR)
        await stage.passes(seconds=30)
        assert stage.shows(BORIS).startswith("🟠 ОПАСНОСТЬ · БПЛА · Боровский район")
        assert not any("✅" in (call.text or "") for call in stage.calls(BORIS))
        await stage.says("/admin")
        assert "канал взломан" in stage.shows(ADMIN)
        await stage.passes(minutes=61)
        await stage.posts(CLEAR)
        assert stage.shows(BORIS).startswith("✅ ОТБОЙ"), "it is heard again by itself"
        await stage.says("/channel_unmute nobody")
        assert "nobody не отключён" in stage.shows(ADMIN)


async def test_a_mute_is_judged_by_when_a_post_was_written(tmp_path: Path) -> None:
    """What comes late from the muted time alerts nobody; what was written before is not lost."""
    async with staged(tmp_path) as stage:
        async with stage.playing(sources=(MCHS, GOVERNOR)):
            await stage.nabat.database.write(lambda tx: enrol(tx, PEOPLE))
        # Nobody reads meanwhile.
        governor, telegram = stage.channel(GOVERNOR), stage.world.telegram
        stage.clock.skip(timedelta(minutes=5))
        telegram.post(governor, BOROVSKY_DANGER, date=stage.clock.now())
        stage.clock.skip(timedelta(minutes=5))
        await _mutes_unseen(stage)
        stage.clock.skip(timedelta(minutes=10))
        telegram.post(governor, CLEAR, date=stage.clock.now())
        telegram.post(governor, DANGER, date=stage.clock.now())
        stage.clock.skip(timedelta(hours=1))  # the mute is over
        async with stage.playing(sources=(MCHS, GOVERNOR)):
            await stage.reads(3)
            await stage.settles()
            assert stage.shows(BORIS).startswith("🟠 ОПАСНОСТЬ · БПЛА · Боровский район")
            assert "весь регион" not in stage.shows(ANNA)
            assert "✅" not in "".join(each.text for each in stage.messages(BORIS))
            assert [taken.reason for taken in stage.taken] == [None, "muted", "muted"]
            await stage.posts(CLEAR)
            await stage.passes(seconds=30)
            assert stage.shows(BORIS).startswith("✅ ОТБОЙ"), "it is heard again"


async def _mutes_unseen(stage: Stage) -> None:
    """An operator mutes the governor while the reader is off."""
    now = stage.clock.now()
    async with await Database.open(stage.settings.storage.path) as database:

        async def mute(tx: Tx) -> None:
            found = await channels.named(tx, GOVERNOR)
            assert found is not None
            until = now + timedelta(minutes=30)
            await mutes.begin(tx, found.id, ADMIN, "взломан", at=now, until=until)

        await database.write(mute)
