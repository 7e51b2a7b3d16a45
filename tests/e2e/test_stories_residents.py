"""What residents see of what operators turned off, and of what is not heard."""

import re
from pathlib import Path

from bot.sandbox.bot_api_answers import JsonObject
from bot.sandbox.world import TOKEN
from storage import audit, chats
from storage.database import Tx
from storage.model import ChatId, ChatKind, Wishes
from tests.e2e.stage import (
    AIRPORTS,
    ANNA,
    BORIS,
    BOROVSKY,
    BOROVSKY_DANGER,
    GOVERNOR,
    GROUP,
    MCHS,
    Follower,
    Stage,
    play,
)

QUIET = "🔕 Звук отключён оператором до 02:00"
NO_DANGER = "об опасности не объявляли. Это не отбой."


async def asked(stage: Stage, command: str, chat: int = BORIS) -> str:
    await stage.says(command, chat)
    return stage.shows(chat)


async def reader_is_back(stage: Stage) -> None:
    """For the reader, who keeps the monotonic time, the leap was a silence."""

    async def heard(tx: Tx) -> bool:
        return stage.clock.monotonic() - stage.nabat.listener.last_contact < 60

    await stage.becomes(heard)


async def test_a_silence_is_seen_by_those_whom_it_concerns(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(BOROVSKY_DANGER)
        [card] = stage.messages(BORIS)
        assert "🔕" not in card.text
        await stage.says("/silence RU-KLU uav 2h дребезжит сирена")
        await stage.passes(minutes=1)
        await stage.runs("silences")
        shown = stage.messages(BORIS)[0].text
        assert f"\n{QUIET}: дребезжит сирена\n" in shown and shown.startswith("🟠 ОПАСНОСТЬ")
        assert stage.sounds(BORIS) == 1, "the line comes by an edit"
        for command in ("/status", "/sources", "/places", "/start"):
            assert f"{QUIET} (БПЛА): дребезжит сирена" in await asked(stage, command), command

        # It ends by itself, and the card says so no more; once only.
        await stage.passes(minutes=121)
        await stage.runs("silences")
        assert "🔕" not in stage.messages(BORIS)[0].text
        assert "Звук отключён" not in await asked(stage, "/status")
        calls = len(stage.calls(BORIS))
        await stage.runs("silences")
        assert len(stage.calls(BORIS)) == calls

        # Or before its time.
        await stage.says("/silence RU-KLU all 2h учения")
        await stage.runs("silences")
        await stage.passes(seconds=30)
        assert "Звук отключён оператором до 04:02: учения" in stage.messages(BORIS)[0].text
        await stage.says("/unsilence 2")
        await stage.passes(minutes=1)
        await stage.runs("silences")
        assert "🔕" not in stage.messages(BORIS)[0].text


async def test_a_muted_channel_is_no_source_of_calm(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        assert NO_DANGER in await asked(stage, "/status")
        for name in (GOVERNOR, MCHS):
            await stage.says(f"/channel_mute @{name} 1h канал взломан")
        await stage.posts(BOROVSKY_DANGER)
        status = await asked(stage, "/status")
        assert "отключён оператором до 01:00" in status and NO_DANGER not in status
        assert "Есть ли опасность, неизвестно" in status and "взломан" not in status
        for command in ("/sources", "/places"):
            assert "отключён оператором до 01:00" in await asked(stage, command)
        await stage.passes(minutes=61)
        assert "отключён" not in await asked(stage, "/status")


async def test_status_says_when_the_reading_is_interrupted(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        assert NO_DANGER in await asked(stage, "/status")
        stage.world.telegram.silence()
        stage.clock.skip_limits(600)
        status = await asked(stage, "/status")
        assert status.startswith("⚠️ Связь с каналами прервана: бот не слышит их с 01.03 23:")
        assert "Есть ли опасность, неизвестно" in status and NO_DANGER not in status
        assert "Связь с каналами прервана" in await asked(stage, "/sources")
        stage.world.telegram.silence(False)


async def test_status_says_that_sending_is_paused(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.says("/pause проверка")
        assert "Рассылка приостановлена операторами с 00:00" in await asked(stage, "/status")
        await stage.says("/resume")
        assert "приостановлена" not in await asked(stage, "/status")
        assert not await stage.nabat.database.read(audit.paused)


async def test_from_status_to_the_map_and_back(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(BOROVSKY_DANGER)
        await stage.says("/settings 23:00-7:00 Москва", ANNA)
        await stage.says("/status", ANNA)
        status = stage.messages(ANNA)[-1]
        assert status.text.startswith("🌙 Тихие часы до 07:00")
        await stage.presses("Карта", ANNA)
        picture = stage.messages(ANNA)[-1]
        assert picture.photo is not None and "БПЛА" in picture.text
        await stage.presses("Что действует сейчас", ANNA)
        below = stage.messages(ANNA)[-1]
        assert below.message_id > picture.message_id and below.text == status.text
        count = len(stage.messages(ANNA))
        await stage.presses("Обновить", ANNA)
        assert len(stage.messages(ANNA)) == count, "in place"
        await stage.passes(hours=12)
        await reader_is_back(stage)
        assert (await asked(stage, "/status", ANNA)).startswith("Тихие часы: 23:00–07:00, Москва")


MINISTRY = (
    "В течение прошедшей ночи дежурными средствами ПВО уничтожены 45 украинских беспилотных"
    " летательных аппаратов: 20 над территорией Белгородской области, 5 над территорией"
    " Калужской области."
)
OWN = "За минувшую ночь в Калужской области силами ПВО сбито 7 беспилотников."


def summaries(stage: Stage, chat: int) -> list[str]:
    return [m.text for m in stage.messages(chat) if m.text.startswith("Итог ночи")]


async def test_the_summary_comes_at_the_chats_hour(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        for chat, press in ((ANNA, "06:00"), (BORIS, "По умолчанию, 08:00")):
            await stage.says("/settings", chat)
            count = len(stage.messages(chat))
            await stage.presses("Час сводки", chat)
            assert "Утренняя сводка: выключена" in stage.shows(chat)
            await stage.presses(press, chat)
            assert f"Утренняя сводка: {press[-5:]}, Москва" in stage.shows(chat)
            await stage.presses("« Настройки", chat)
            assert "Включено: Сбитые цели" in stage.shows(chat)
            assert len(stage.messages(chat)) == count, "in place"
        await stage.says("/settings 23:00-7:00", BORIS)
        await stage.posts(BOROVSKY_DANGER)
        await stage.passes(hours=5)
        await stage.posts(OWN)
        await stage.posts(MINISTRY, AIRPORTS)
        await stage.runs("digest")
        assert not summaries(stage, ANNA) and not summaries(stage, BORIS)
        await stage.passes(hours=1)  # six o'clock
        await stage.runs("digest")
        assert len(summaries(stage, ANNA)) == 1 and not summaries(stage, BORIS)
        await stage.passes(hours=1)  # Boris's quiet hours end
        await stage.runs("digest")
        await stage.runs("digest")
        assert len(summaries(stage, ANNA)) == len(summaries(stage, BORIS)) == 1
        assert stage.heard(ANNA)[-1] == "silent"
        [summary] = summaries(stage, ANNA)
        assert (
            "Итоги, как их назвали источники:\n"
            "• Канал kaluga_gov: 05:00 сбиты: БПЛА — 7\n"
            "• Канал airports: 05:00 сбиты: БПЛА — 5" in summary
        )
        assert "складывать их нельзя" in summary and "— 12" not in summary
        await stage.passes(hours=24)
        await stage.posts(OWN + " Пострадавших нет.")
        await stage.runs("digest")
        assert len(summaries(stage, BORIS)) == 2


FILE = {"file_id": "f", "file_unique_id": "u"}
HIDDEN: JsonObject = {"type": "hidden_user", "date": 1, "sender_user_name": "x"}
STICKER = {"width": 1, "height": 1, "is_animated": False, "is_video": False, "type": "regular"}
POLL = {
    "id": "1",
    "question": "?",
    "options": [],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
    "allows_revoting": False,
    "members_only": False,
}
ODD: dict[str, tuple[str, JsonObject | None]] = {
    "unknown place": ("Атлантида", None),
    "no name at all": ("?!", None),
    "too long": ("ы" * 4_000, None),
    "unknown command": ("/sttings", None),
    "operators' command": ("/admin", None),
    "payload of no place": ("/start RU-XXX_%00", None),
    "unknown zone": ("/settings 23-7 Нарния", None),
    "no hours": ("/settings 25-99", None),
    "no time": ("/snooze послезавтра", None),
    "no time, too long": ("/snooze " + "9" * 3_000, None),
    "nothing to report": ("/report это неправда", None),
    "forwarded": ("/stop", {"forward_origin": HIDDEN}),
    "sticker": ("", {"sticker": FILE | STICKER}),
    "dice": ("", {"dice": {"emoji": "🎲", "value": 3}}),
    "contact": ("", {"contact": {"phone_number": "1", "first_name": "x"}}),
    "poll": ("", {"poll": POLL}),
    "voice": ("", {"voice": FILE | {"duration": 1}}),
    "gif": ("", {"animation": FILE | {"width": 1, "height": 1, "duration": 1}}),
}


async def test_bad_input_is_answered_in_a_line_with_the_next_step(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        for what, (text, extra) in ODD.items():
            before = len(stage.messages(BORIS))
            if extra and not text:
                extra = extra | {"text": None, "entities": None}
            await stage.says(text, BORIS, extra=extra)
            answers = [m for m in stage.messages(BORIS)[before:] if m.author and m.author.is_bot]
            assert len(answers) == 1, what
            [answer] = answers
            assert len(answer.text) < 650, what
            buttons = (answer.reply_markup or {}).get("inline_keyboard", ())
            assert buttons or re.search(r"/[a-z]+", answer.text), what
        held = await stage.nabat.database.read(lambda tx: chats.audience(tx, [ChatId(BORIS)]))
        [(chat, follows)] = held.values()
        assert follows == (BOROVSKY,) and chat.wishes == Wishes(), "nothing is lost"


async def test_a_command_in_the_wrong_chat(tmp_path: Path) -> None:
    """Whoever may not give it is told so where this bot is named; other talk is left alone."""
    people = (Follower(id=GROUP, follows=(BOROVSKY,), kind=ChatKind.SUPERGROUP),)
    async with play(tmp_path, people=people) as stage:
        bot_api, guest = stage.world.bot_api, 700902
        bot_api.add_private_chat(guest, name="Гость")
        bot_api.add_group(GROUP, title="Двор", supergroup=True, members=9, admins=[ANNA])
        name = bot_api.bots[TOKEN].person.username
        queue = bot_api.bots[TOKEN].queue
        for text, answered in (
            (f"/settings@{name}", True),
            (f"/admin@{name}", True),
            ("/settings", False),
            ("/status", True),
            ("Всем привет!", False),
        ):
            before = len(stage.calls(GROUP))
            stage.clock.skip_limits(3)
            bot_api.say(GROUP, text, user_id=guest, to=TOKEN)
            await bot_api.wait_for(lambda: not queue and bot_api.is_polling(TOKEN))
            assert (len(stage.calls(GROUP)) > before) is answered, text
        texts = [message.text for message in stage.messages(GROUP)]
        assert sum("/help" in text for text in texts) == 2
