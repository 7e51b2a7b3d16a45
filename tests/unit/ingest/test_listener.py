"""What the listener decides without a network."""

import asyncio
import stat
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NoReturn

import pytest
from telethon.tl import types

from ingest.listener.convert import media_name, names_of, to_deletion, to_post
from ingest.listener.resolving import name_in
from ingest.listener.schedule import Schedule
from ingest.listener.session import keep_private, session_file
from ingest.listener.settings import ChannelError, ReaderFatal, ReaderSettings
from ingest.listener.tasks import first_end
from storage.model import AreaCode, Channel, ChannelId

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def message(text: str = "", **fields: Any) -> Any:
    given: dict[str, Any] = {"id": 5, "peer_id": types.PeerChannel(9), "date": NOW} | fields
    return types.Message(message=text, **given)


def document(*attributes: Any, voice: bool = False, round: bool = False) -> Any:
    held = types.Document(
        id=1,
        access_hash=1,
        file_reference=b"",
        date=NOW,
        mime_type="",
        size=1,
        dc_id=1,
        attributes=list(attributes),
    )
    return types.MessageMediaDocument(document=held, voice=voice, round=round)


VIDEO = types.DocumentAttributeVideo(duration=1, w=1, h=1)


@pytest.mark.parametrize(
    ("media", "name"),
    [
        (None, None),
        (types.MessageMediaEmpty(), None),
        (types.MessageMediaWebPage(types.WebPageEmpty(1)), None),
        (types.MessageMediaPhoto(), "photo"),
        (types.MessageMediaUnsupported(), "unsupported"),
        (types.MessageMediaGeo(types.GeoPointEmpty()), "geo"),
        (types.MessageMediaDocument(), "document"),
        (document(), "document"),
        (document(VIDEO), "video"),
        (document(VIDEO, types.DocumentAttributeAnimated()), "animation"),
        (document(types.DocumentAttributeAudio(duration=1)), "audio"),
        (document(types.DocumentAttributeAudio(duration=1), voice=True), "voice"),
        (document(VIDEO, round=True), "video"),
    ],
)
def test_media(media: Any, name: str | None) -> None:
    assert media_name(media) == name
    assert to_post(message(media=media), ChannelId(9), NOW).media == name


def test_digest_is_of_text_entities_and_attachment() -> None:
    def digest(text: str = "отбой", **fields: Any) -> str:
        return to_post(message(text, **fields), ChannelId(9), NOW).digest

    plain = digest()
    preview = types.MessageMediaWebPage(types.WebPageEmpty(1))
    assert plain == digest(views=5, forwards=2, edit_date=NOW, edit_hide=True, pinned=True)
    assert plain == digest(media=preview), "previews come and go"
    changed = [
        digest("отбой!"),
        digest(entities=[types.MessageEntityBold(0, 5)]),
        digest(entities=[types.MessageEntityBold(0, 4)]),
        digest(entities=[types.MessageEntityTextUrl(0, 5, "https://a.example")]),
        digest(entities=[types.MessageEntityTextUrl(0, 5, "https://b.example")]),
        digest(media=types.MessageMediaPhoto()),
        digest(media=document()),
        to_deletion(ChannelId(9), 5, date=None, received_at=NOW).digest,
    ]
    assert len({plain, *changed}) == 9


def test_times_are_utc() -> None:
    moscow = timezone(timedelta(hours=3))
    post = to_post(
        message("x", date=NOW.astimezone(moscow), edit_date=NOW.astimezone(moscow)),
        ChannelId(9),
        NOW,
    )
    assert (post.date, post.edited_at) == (NOW, NOW)
    assert post.date.tzinfo is UTC
    assert post.edited_at is not None
    assert post.edited_at.tzinfo is UTC
    assert to_deletion(ChannelId(9), 5, date=None, received_at=NOW).date == NOW


def test_names_of_a_channel_with_bought_names() -> None:
    def chat(username: str | None, *more: Any) -> Any:
        return types.Channel(
            id=1,
            title="a\u202eb",
            photo=types.ChatPhotoEmpty(),
            date=NOW,
            username=username,
            usernames=list(more) or None,
        )

    assert names_of(chat("one")) == ("one", "ab")
    assert names_of(chat(None)) == (None, "ab")
    assert names_of(chat(None, types.Username("old"), types.Username("new", active=True))) == (
        "new",
        "ab",
    )


@pytest.mark.parametrize(
    "text",
    [
        "name",
        "@name",
        " name ",
        "t.me/name",
        "https://t.me/name/1?x",
        "http://telegram.me/s/name#",
    ],
)
def test_names_people_give(text: str) -> None:
    assert name_in(text) == "name"


@pytest.mark.parametrize(
    "text", ["", "@", "имя", "a", "t.me/", "https://example.org/name", "1abc"]
)
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(ChannelError):
        name_in(text)


# -- whose turn it is


def channel(number: int, area: str = "RU-KLU") -> Channel:
    return Channel(
        id=ChannelId(number),
        access_hash=1,
        username=None,
        title="",
        area=AreaCode(area),
        added_at=NOW,
    )


def turns(schedule: Schedule, channels: list[Channel], count: int, danger: str = "") -> list[int]:
    order = []
    for second in range(count):
        one = schedule.next(channels, {AreaCode(danger)}, float(second))
        assert one is not None
        order.append(int(one.id))
        schedule.was_read(one.id, float(second))
    return order


def test_round_robin() -> None:
    assert turns(Schedule(), [channel(1), channel(2), channel(3)], 7) == [1, 2, 3, 1, 2, 3, 1]


def test_channels_in_danger_come_more_often() -> None:
    channels = [channel(1, "RU-BRY"), *(channel(n) for n in range(2, 10))]
    order = turns(Schedule(), channels, 90, "RU-BRY")
    assert order.count(1) > 2 * order.count(2)
    assert set(order) == set(range(1, 10))


def test_flood_of_one_holds_one_and_of_two_holds_all() -> None:
    schedule = Schedule()
    channels = [channel(1), channel(2), channel(3)]
    assert schedule.next([], (), 0) is None
    schedule.flooded(ChannelId(1), 60, 0)
    assert schedule.next(channels, (), 1) == channels[1]
    schedule.was_read(ChannelId(2), 1)
    schedule.flooded(ChannelId(3), 30, 2)
    assert schedule.next(channels, (), 3) == channels[1], "a read between: not the account"
    schedule.flooded(ChannelId(2), 30, 3)
    assert schedule.next(channels, (), 4) is None
    assert schedule.next(channels, (), 33) == channels[2]
    schedule.hurry(ChannelId(1))
    assert not schedule.is_free(ChannelId(1), 59)
    assert schedule.next(channels, (), 60) == channels[0]


# -- running together


async def test_first_end_raises_what_ended_it() -> None:
    cleaned = []

    async def forever() -> NoReturn:
        try:
            while True:
                await asyncio.Event().wait()
        finally:
            cleaned.append(True)

    async def fails() -> NoReturn:
        raise LookupError("gone")

    async def ends() -> None:
        return

    with pytest.raises(LookupError, match="gone"):
        await first_end(forever(), fails())
    await first_end(forever(), ends())
    task = asyncio.create_task(first_end(forever(), forever()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert len(cleaned) == 4


# -- the session file


def test_session_file_is_made_private(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "reader.session"
    keep_private(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert session_file(tmp_path / "reader") == tmp_path / "reader.session"
    assert session_file(path) == path


def test_shared_folder_is_refused(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(ReaderFatal, match="its own folder"):
        keep_private(shared / "reader.session")
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777


def test_secrets_are_not_shown() -> None:
    shown = repr(ReaderSettings(api_id=1, api_hash="secret", session="secret"))
    assert "secret" not in shown
