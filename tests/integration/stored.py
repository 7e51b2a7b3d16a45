"""A real database in a folder of the test, and rows to put into it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storage import alerts, cards, channels, chats, situations
from storage.cards import Opening
from storage.database import Database, Tx
from storage.model import (
    Alert,
    AreaCode,
    Card,
    Channel,
    ChannelId,
    Chat,
    ChatId,
    ChatKind,
    Lang,
    Post,
    Situation,
    Source,
    Urgency,
)

REGION = AreaCode("RU-KLU")
BOROVSKY = AreaCode("RU-KLU/borovsky")
ZHUKOVSKY = AreaCode("RU-KLU/zhukovsky")
START = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)
GOVERNOR = Channel(
    id=ChannelId(1001),
    access_hash=1,
    username="gubernator",
    title="Губернатор",
    area=REGION,
    added_at=START,
)
RESCUERS = replace(GOVERNOR, id=ChannelId(1002), username="mchs", title="МЧС")


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def post(message: int, text: str, minutes: float = 0, **changes: object) -> Post:
    made = Post(
        channel=GOVERNOR.id,
        message=message,
        text=text,
        date=at(minutes),
        received_at=at(minutes),
        digest=text,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def edited(before: Post, text: str, minutes: float) -> Post:
    return replace(before, text=text, digest=text, edited_at=at(minutes), received_at=at(minutes))


def deleted(before: Post, minutes: float) -> Post:
    return replace(before, text="", digest="deleted", deleted=True, received_at=at(minutes))


def chat(number: int, kind: ChatKind = ChatKind.PRIVATE, members: int = 1) -> Chat:
    return Chat(id=ChatId(number), kind=kind, lang=Lang.RU, members=members, joined_at=START)


def source(message: int = 1, minutes: float = 0) -> Source:
    return Source(
        channel=GOVERNOR.id,
        message=message,
        title=GOVERNOR.title,
        link=GOVERNOR.link(message),
        quote="…",
        at=at(minutes),
        received_at=at(minutes),
    )


async def with_channels(tx: Tx) -> None:
    await channels.add(tx, GOVERNOR)
    await channels.add(tx, RESCUERS)


async def follow(tx: Tx, number: int, *areas: AreaCode, kind: ChatKind = ChatKind.PRIVATE) -> None:
    await chats.put(tx, chat(number, kind))
    for area in areas:
        await chats.follow(tx, ChatId(number), REGION, area, START)


async def publish(
    tx: Tx,
    version: int,
    *touched: AreaCode,
    urgency: Urgency = Urgency.URGENT,
    minutes: float = 0,
    region: AreaCode = REGION,
) -> Alert:
    await situations.append(tx, Situation(region=region, version=version, at=at(minutes)))
    alert = Alert(
        region=region,
        version=version,
        urgency=urgency,
        touched=touched or (region,),
        published_at=at(minutes),
    )
    await alerts.publish(tx, alert)
    return alert


def opening(chat: int, version: int, rank: int, region: AreaCode = REGION) -> Opening:
    return Opening(
        chat=ChatId(chat), region=region, version=version, urgency=Urgency.URGENT, rank=rank
    )


async def a_card(tx: Tx, number: int = 7, version: int = 1) -> Card:
    """A chat that follows the region, and its live card, not yet decided on."""
    await follow(tx, number, REGION)
    if await situations.head(tx, REGION) < version:
        await publish(tx, version)
    await cards.open_all(tx, [opening(number, version, number)], START)
    card = await cards.live(tx, ChatId(number), REGION)
    assert card is not None
    return card


async def count(database: Database, table: str, where: str = "1 = 1") -> int:
    row = await database.read(
        lambda tx: tx.one(f"SELECT count(*) AS n FROM {table} WHERE {where}")
    )
    assert row is not None
    return int(row["n"])


async def column(database: Database, sql: str) -> Sequence[object]:
    """The first column of a SELECT."""
    rows = await database.read(lambda tx: tx.all(sql))
    return [next(iter(dict(row).values())) for row in rows]
