"""What a channel may post by mistake or malice: it is set aside, and the next post alerts."""

from pathlib import Path

import pytest
from telethon.tl import types

from storage import posts
from storage.model import ChannelId
from tests.e2e.stage import ANNA, BORIS, CLEAR, DANGER, GOVERNOR, MCHS, Stage, play

_ZALGO = "О" + "\u0301\u0336\u0489" * 400 + "пасность"


async def _still_alerts(stage: Stage) -> None:
    await stage.posts(DANGER)
    assert stage.heard(ANNA) == stage.heard(BORIS) == ["sound"]
    assert stage.shows(ANNA).startswith("🟠 ОПАСНОСТЬ")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n\t\u200b", "empty"),
        ("каток " * 17_000, "no_danger_words"),
        ("\x00\x01\x02\x7f", "empty"),
        ("\u202e\u2066\u2069\u200f", "empty"),
        ("<b>каток</b> &amp; <script>alert(1)</script>", "no_signal"),
        (_ZALGO, "no_signal"),
        ("🟢" * 4000, "no_danger_words"),
    ],
    ids=["empty", "blank", "long", "nul", "bidi", "html", "zalgo", "emoji"],
)
async def test_odd_texts_are_set_aside_with_a_reason(
    tmp_path: Path, text: str, reason: str
) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(text)
        assert stage.world.bot_api.log == []
        assert [(taken.state, taken.reason) for taken in stage.taken] == [("silent", reason)]
        await _still_alerts(stage)


async def test_odd_letters_do_not_hide_an_alert(tmp_path: Path) -> None:
    odd = "\u202eВ\u00adнимание!\x00 На терри\u00adтории <b>Калужской</b> об\u0301ласти объявлена "
    odd += "опасность атаки БПЛА.\ufeff"
    async with play(tmp_path) as stage:
        await stage.posts(odd)
        assert stage.heard(ANNA) == ["sound"]
        assert "\u202e" not in stage.shows(ANNA)
        assert "\x00" not in stage.shows(ANNA)


async def test_a_very_long_alert_is_cut_and_told(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(DANGER + " Сохраняйте спокойствие." * 4_000)
        assert stage.heard(ANNA) == ["sound"]
        assert len(stage.shows(ANNA).encode("utf-16-le")) // 2 < 3500


async def test_media_albums_and_notices(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        telegram, governor = stage.world.telegram, stage.channel(GOVERNOR)
        telegram.post(governor, "", media="photo")
        telegram.post(governor, "", media="document", grouped_id=7)
        telegram.post(governor, "", media="photo", grouped_id=7)
        telegram.post(governor, "", service=True, reply_to=1)
        telegram.post(governor, CLEAR, forwarded_from=stage.channel(MCHS))
        telegram.post(governor, DANGER, forwarded_from="Аноним")
        await stage.reads(6)
        await stage.settles()
        assert [taken.reason for taken in stage.taken] == [
            "empty",
            "empty",
            "empty",
            "service_message",
            "forwarded",
            "forwarded",
        ]
        assert stage.world.bot_api.log == []
        telegram.post(governor, DANGER, media="photo", grouped_id=8)
        telegram.post(governor, "", media="photo", grouped_id=8)
        await stage.reads(8)
        await stage.settles()
        assert stage.heard(ANNA) == ["sound"]


async def test_a_deletion_clears_nothing(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        number = await stage.posts(DANGER)
        await stage.passes(minutes=5)
        stage.world.telegram.delete(stage.channel(GOVERNOR), number)
        await stage.reads(2)
        await stage.passes(minutes=1)
        assert stage.sounds(ANNA) == 1
        assert stage.shows(ANNA).startswith("🟠 ОПАСНОСТЬ")
        assert "пост удалён источником" in stage.shows(ANNA)


async def test_an_edit_that_takes_the_danger_back_clears_nothing(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        number = await stage.posts(DANGER)
        await stage.passes(minutes=5)
        await stage.edits(number, "Пост удалён.")
        await stage.passes(minutes=5)
        await stage.edits(number, "")
        await stage.passes(minutes=5)
        assert "✅" not in "".join(call.text or "" for call in stage.calls(ANNA))
        assert stage.messages(ANNA)[0].text.startswith("🟠 ОПАСНОСТЬ")


async def test_an_edit_and_a_deletion_of_posts_never_seen(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        telegram, governor = stage.world.telegram, stage.channel(GOVERNOR)
        unseen = telegram.post(governor, "опечатка", silent_push=True)
        gone = telegram.post(governor, "опечатка", silent_push=True)
        telegram.delete(governor, gone)
        telegram.edit(governor, unseen, DANGER)
        await stage.world.bot_api.heard(lambda call: call.chat_id == ANNA)
        await stage.settles()
        assert stage.heard(ANNA) == ["sound"]
        kept = await stage.nabat.database.read(
            lambda tx: posts.latest(tx, ChannelId(governor.id), unseen)
        )
        assert kept is not None
        assert kept.state == "applied"


async def test_a_post_that_telegram_formats_oddly(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        stage.world.telegram.post(
            stage.channel(GOVERNOR),
            DANGER,
            entities=[
                types.MessageEntityBold(-5, 10_000),
                types.MessageEntityTextUrl(3, 2_000_000_000, "javascript:alert(1)"),
            ],
        )
        await stage.reads(1)
        await stage.settles()
        assert stage.heard(ANNA) == ["sound"]
