"""What a chat chooses by /settings, /snooze, /places and under an alert."""

from pathlib import Path

from bot.sandbox.world import TOKEN
from storage import chats
from storage.model import ChatId, ChatKind, Loudness, QuietHours, Wishes
from tests.e2e.stage import (
    ANNA,
    BORIS,
    BOROVSKY,
    BOROVSKY_DANGER,
    CLEAR,
    DANGER,
    GROUP,
    KALUGA,
    REPEATED,
    Follower,
    Stage,
    play,
)

SHOT = "Над Боровским районом сбиты два беспилотника. Пострадавших нет."
HOME = (Follower(id=ANNA, follows=(KALUGA,)),)
YARD = (Follower(id=GROUP, follows=(KALUGA,), kind=ChatKind.SUPERGROUP),)


async def wishes(stage: Stage, chat: int) -> Wishes:
    held = await stage.nabat.database.read(lambda tx: chats.get(tx, ChatId(chat)))
    assert held is not None
    return held.wishes


async def handled(stage: Stage) -> None:
    bot_api = stage.world.bot_api
    queue = bot_api.bots[TOKEN].queue
    await bot_api.wait_for(lambda: not queue and bot_api.is_polling(TOKEN))


async def press(stage: Stage, chat: int, message: int, data: str, user: int) -> str:
    """A button of any message; the pop-up's text."""
    bot_api = stage.world.bot_api
    update = bot_api.press(chat, message, data, user_id=user)
    await handled(stage)
    return str(bot_api.answered[str(update)].get("text") or "")


def data(stage: Stage, chat: int, message: int, label: str) -> str:
    """What a button says to us."""
    shown = next(each for each in stage.messages(chat) if each.message_id == message)
    rows = (shown.reply_markup or {}).get("inline_keyboard", ())
    return next(str(b["callback_data"]) for row in rows for b in row if label in b["text"])


async def test_settings_are_changed_in_place(tmp_path: Path) -> None:
    async with play(tmp_path, people=HOME) as stage:
        await stage.says("/settings", ANNA)
        menu = len(stage.messages(ANNA))
        await stage.presses("✓ Сбитые цели", ANNA)
        await stage.presses("Утренняя сводка", ANNA)
        await stage.presses("Отбой со звуком", ANNA)
        chosen = await wishes(stage, ANNA)
        assert (chosen.interceptions, chosen.digest, chosen.clear_audible) == (False, True, False)
        await stage.presses("Тихие часы", ANNA)
        await stage.presses("Включить: 23:00–07:00, Москва", ANNA)
        await stage.presses("Москва", ANNA)
        await stage.presses("Самара 01:00", ANNA)
        assert "23:00–07:00, Самара" in stage.shows(ANNA)
        await stage.presses("›", ANNA)
        quiet = (await wishes(stage, ANNA)).quiet
        assert quiet is not None and (quiet.start.hour, quiet.zone) == (0, "Europe/Samara")
        await stage.presses("« Настройки", ANNA)
        assert "Тихие часы: 00:00–07:00, Самара" in stage.shows(ANNA)
        await stage.presses("Українська", ANNA)
        assert "Налаштування" in stage.shows(ANNA)
        assert len(stage.messages(ANNA)) == menu

        # What is typed wrong is answered in a line, and nothing is lost.
        await stage.says("/settings 23-7 Нарнія", ANNA)
        assert "Не знайшлося часового поясу «23-7 Нарнія»" in stage.shows(ANNA)
        assert (await wishes(stage, ANNA)).quiet == quiet
        await stage.says("/settings 22:30-6 Калининград", ANNA)
        typed = (await wishes(stage, ANNA)).quiet
        assert isinstance(typed, QuietHours) and typed.zone == "Europe/Kaliningrad"
        await stage.says("/status", ANNA)
        assert "🌙 Тихі години до" in stage.shows(ANNA)


async def test_a_snooze_from_the_card_and_by_command(tmp_path: Path) -> None:
    async with play(tmp_path, people=HOME) as stage:
        await stage.posts(DANGER)
        [card] = stage.messages(ANNA)
        quieter = data(stage, ANNA, card.message_id, "Тише 1 ч")
        said = await press(stage, ANNA, card.message_id, quieter, ANNA)
        assert said == "🔕 Тише до 01:00"
        await stage.settles()
        assert stage.heard(ANNA) == ["sound"]  # the card is what it was
        await stage.says("/status", ANNA)
        assert stage.shows(ANNA).startswith("🔕 Тише до 01:00")

        await stage.passes(minutes=15)
        before = stage.sounds(ANNA)
        await stage.posts(REPEATED)
        assert stage.sounds(ANNA) == before
        await stage.passes(minutes=46)
        await stage.posts(REPEATED + " Оставайтесь дома.")
        assert stage.sounds(ANNA) == before + 1  # it ended by itself

        await stage.says("/snooze завтра", ANNA)
        assert stage.shows(ANNA).startswith("Не удалось понять «завтра»")
        await stage.says("/snooze", ANNA)
        menu = len(stage.messages(ANNA))
        await stage.presses("До утра, 07:00", ANNA)
        assert "🔕 Тише до 07:00" in stage.shows(ANNA)
        await stage.presses("Вернуть звук", ANNA)
        assert "🔕" not in stage.shows(ANNA)
        await stage.presses("30 мин", ANNA)
        assert "🔕 Тише до 01:31" in stage.shows(ANNA)
        assert len(stage.messages(ANNA)) == menu
        await stage.passes(minutes=5)
        await stage.posts(CLEAR)
        assert stage.messages(ANNA)[-1].text.startswith("✅ ОТБОЙ")


async def test_each_region_has_its_loudness(tmp_path: Path) -> None:
    async with play(tmp_path, people=HOME) as stage:
        await stage.says("/places", ANNA)
        menu = len(stage.messages(ANNA))
        await stage.presses("Калужская область: всё", ANNA)
        await stage.presses("Калужская область: важное", ANNA)
        assert "• Калужская область — без звука" in stage.shows(ANNA)
        assert len(stage.messages(ANNA)) == menu
        assert (await wishes(stage, ANNA)).louder == ((KALUGA, Loudness.SILENT),)
        sounds = stage.sounds(ANNA)
        await stage.posts(DANGER)
        assert stage.sounds(ANNA) == sounds and stage.shows(ANNA).startswith("🟠 ОПАСНОСТЬ")

        # Whoever leaves and comes back hears what is usual.
        await stage.says("/places", ANNA)
        await stage.presses("✕ Калужская область", ANNA)
        assert (await wishes(stage, ANNA)).louder == ()


async def test_details_leave_the_card_alone(tmp_path: Path) -> None:
    people = (Follower(id=BORIS, follows=(BOROVSKY,)),)
    async with play(tmp_path, people=people) as stage:
        await stage.posts(BOROVSKY_DANGER)
        [card] = stage.messages(BORIS)
        rows = (card.reply_markup or {})["inline_keyboard"]
        links = [b.get("url") for row in rows for b in row]
        assert any(str(url).startswith("https://t.me/kaluga_gov/") for url in links)
        more = data(stage, BORIS, card.message_id, "Подробнее")
        await press(stage, BORIS, card.message_id, more, BORIS)
        details = stage.messages(BORIS)[-1]
        assert details.message_id != card.message_id
        assert details.text.startswith("Подробнее · Калужская область")
        assert "00:00 — опасность (БПЛА): Боровский район" in details.text
        await stage.passes(minutes=1)
        await stage.posts(SHOT)
        assert "сбиты" in stage.messages(BORIS)[0].text  # the card lives on
        count = len(stage.messages(BORIS))
        await press(stage, BORIS, details.message_id, "m:RU-KLU:1", BORIS)
        assert "сбиты" in stage.shows(BORIS) and len(stage.messages(BORIS)) == count

        await stage.passes(minutes=1)
        await stage.posts(CLEAR)
        await press(stage, BORIS, details.message_id, "m:RU-KLU:1", BORIS)
        story = stage.messages(BORIS)[details.message_id - card.message_id].text
        at = [
            story.index(words) for words in ("00:00 — опасность", "сбиты", "00:02 — отбой (БПЛА)")
        ]
        assert at == sorted(at), "from its beginning to its end"

        settings = data(stage, BORIS, card.message_id, "Настройки")
        await press(stage, BORIS, card.message_id, settings, BORIS)
        assert stage.shows(BORIS).startswith("Настройки")
        assert stage.messages(BORIS)[0].text.startswith("✅")
        assert "устарела" in await press(stage, BORIS, card.message_id, "m:RU-BEL", BORIS)


async def test_in_a_group_administrators_alone_choose(tmp_path: Path) -> None:
    async with play(tmp_path, people=YARD) as stage:
        bot_api = stage.world.bot_api
        boss, guest = 700901, 700902
        bot_api.add_private_chat(boss, name="Староста")
        bot_api.add_private_chat(guest, name="Гость")
        bot_api.add_group(GROUP, title="Двор", supergroup=True, members=9, admins=[boss])
        await stage.posts(DANGER)
        card = stage.messages(GROUP)[-1].message_id
        quieter = data(stage, GROUP, card, "Тише 1 ч")
        refused = await press(stage, GROUP, card, quieter, guest)
        assert "администратор" in refused
        assert (await wishes(stage, GROUP)).snoozed_until is None
        count = len(stage.messages(GROUP))
        told = await press(stage, GROUP, card, "m:RU-KLU", guest)
        assert "опасность (БПЛА)" in told and len(told) <= 200
        assert len(stage.messages(GROUP)) == count
        assert "🔕 Тише до" in await press(stage, GROUP, card, quieter, boss)
        assert (await wishes(stage, GROUP)).snoozed_until is not None
        for who, answers in ((guest, 0), (boss, 1)):
            bot_api.say(GROUP, "/settings", user_id=who, to=TOKEN)
            await handled(stage)
            shown = [each.text for each in stage.messages(GROUP)]
            assert sum(text.startswith("Настройки") for text in shown) == answers


async def test_a_channels_settings_are_no_sight_for_its_readers(tmp_path: Path) -> None:
    channel, keeper = -100_7009, 700903
    people = (Follower(id=channel, follows=(KALUGA,), kind=ChatKind.CHANNEL),)
    async with play(tmp_path, people=people) as stage:
        bot_api = stage.world.bot_api
        bot_api.add_private_chat(keeper, name="Староста")
        bot_api.add_channel(
            channel, title="Район", members=900, admins=[keeper, int(TOKEN.partition(":")[0])]
        )
        await stage.posts(DANGER)
        [card] = stage.messages(channel)
        settings = data(stage, channel, card.message_id, "Настройки")
        await press(stage, channel, card.message_id, settings, keeper)
        assert len(stage.messages(channel)) == 1
        assert stage.shows(keeper).startswith("⚙ Район\n\nНастройки")
        await stage.presses("Тихие часы", keeper)
        await stage.presses("Включить: 23:00–07:00, Москва", keeper)
        assert (await wishes(stage, channel)).quiet is not None
