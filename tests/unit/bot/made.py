"""Small hand-made values for the tests of view, decide and render."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storage.areas.tree import Area, Areas, Tier
from storage.model import (
    Alarm,
    AreaCode,
    Card,
    CardId,
    ChannelId,
    Chat,
    ChatId,
    ChatKind,
    Clear,
    Danger,
    Event,
    Fall,
    Hazard,
    Kind,
    Lang,
    Level,
    Situation,
    Source,
    Wishes,
)

REGION = AreaCode("RU-KLU")
BOROVSKY = AreaCode("RU-KLU/borovsky")
BALABANOVO = AreaCode("RU-KLU/borovsky/balabanovo")
ZHUKOVSKY = AreaCode("RU-KLU/zhukovsky")
KALUGA = AreaCode("RU-KLU/kaluga")
KALUGA_DISTRICT = AreaCode("RU-KLU/kaluzhsky")
START = datetime(2026, 5, 3, 21, 33, tzinfo=UTC)
"""00:33 in Kaluga."""
AFTER_20 = START + timedelta(minutes=20)
AFTER_60 = START + timedelta(minutes=60)


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def _area(code: str, tier: Tier, ru: str, uk: str, en: str, zone: str | None = None) -> Area:
    parent = code.rpartition("/")[0] or code.partition("-")[0]
    return Area(
        code=AreaCode(code),
        tier=tier,
        parent=AreaCode(parent) if parent != code else None,
        name_ru=ru,
        name_uk=uk,
        name_en=en,
        short_ru=ru.split()[0],
        short_uk=uk.split()[0],
        unit="",
        aliases=(),
        latitude=None,
        longitude=None,
        population=0,
        timezone=zone,
    )


AREAS = Areas(
    [
        _area("RU", Tier.COUNTRY, "Россия", "Росія", "Russia"),
        _area(
            REGION,
            Tier.REGION,
            "Калужская область",
            "Калузька область",
            "Kaluga Oblast",
            "Europe/Moscow",
        ),
        _area(BOROVSKY, Tier.DISTRICT, "Боровский район", "Боровський район", "Borovsky District"),
        _area(BALABANOVO, Tier.TOWN, "Балабаново", "Балабаново", "Balabanovo"),
        _area(
            ZHUKOVSKY, Tier.DISTRICT, "Жуковский район", "Жуковський район", "Zhukovsky District"
        ),
        _area(KALUGA, Tier.DISTRICT, "Калуга", "Калуга", "Kaluga"),
        _area(
            KALUGA_DISTRICT,
            Tier.DISTRICT,
            "Калужский район",
            "Калузький район",
            "Kaluzhsky District",
        ),
    ]
)


def source(at: datetime = START, message: int = 100, **changes: object) -> Source:
    made = Source(
        channel=ChannelId(1234567),
        message=message,
        title="Губернатор Шапша",
        link=f"https://t.me/shapsha_vv/{message}",
        quote="Объявлена опасность атаки БПЛА в Боровском районе.",
        at=at,
        received_at=at + timedelta(seconds=3),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def alarm(
    area: AreaCode = BOROVSKY,
    level: Level = Level.DECLARED,
    at: datetime = START,
    **changes: object,
) -> Alarm:
    made = Alarm(
        area=area,
        level=level,
        since=at,
        named_at=at,
        confirmed_at=at,
        sources=(source(at),),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def danger(
    *alarms: Alarm, hazard: Hazard = Hazard.UAV, exempt: tuple[AreaCode, ...] = ()
) -> Danger:
    return Danger(hazard=hazard, alarms=alarms, exempt=exempt)


def clear(
    *areas: AreaCode,
    hazard: Hazard = Hazard.UAV,
    at: datetime = AFTER_60,
    since: datetime = START,
    whole: bool = True,
    excluded: tuple[AreaCode, ...] = (),
    version: int = 2,
) -> Clear:
    said = source(at, message=200, quote="Отбой опасности атаки БПЛА.")
    return Clear(
        hazard=hazard,
        areas=areas,
        version=version,
        excluded=excluded,
        whole=whole,
        since=since,
        at=at,
        source=said,
    )


def fall(*areas: AreaCode, at: datetime, to: Level = Level.DECLARED) -> Fall:
    said = source(at, message=150, quote="Непосредственная угроза снята.")
    return Fall(hazard=Hazard.UAV, areas=areas, to=to, at=at, source=said)


def event(
    kind: Kind = Kind.INTERCEPTION,
    *areas: AreaCode,
    at: datetime = AFTER_20,
    key: str = "1:120:0",
    **changes: object,
) -> Event:
    said = source(at, message=120, quote="Силами ПВО сбиты БПЛА.")
    made = Event(key=key, kind=kind, hazard=Hazard.UAV, areas=areas, at=at, sources=(said,))
    return replace(made, **changes)  # type: ignore[arg-type]


def situation(
    *dangers: Danger, version: int = 2, at: datetime = START, **changes: object
) -> Situation:
    made = Situation(region=REGION, version=version, at=at, episode=1, dangers=dangers)
    return replace(made, **changes)  # type: ignore[arg-type]


def chat(
    kind: ChatKind = ChatKind.PRIVATE, lang: Lang = Lang.RU, wishes: Wishes | None = None
) -> Chat:
    return Chat(
        id=ChatId(42 if kind is ChatKind.PRIVATE else -42),
        kind=kind,
        lang=lang,
        wishes=wishes or Wishes(),
        joined_at=START - timedelta(days=9),
    )


def card(**changes: object) -> Card:
    """As dispatch opens it: nothing told yet."""
    made = Card(
        id=CardId(2147),
        chat=ChatId(42),
        region=REGION,
        opened_version=1,
        opened_at=START,
        rank=1,
        seen=0,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def told_card(**changes: object) -> Card:
    """A card that sounded at START and shows all that was told."""
    base: dict[str, object] = {
        "seen": 1,
        "told": 1,
        "shown": 1,
        "sounded": 1,
        "sounded_at": START,
        "message_id": 7,
        "alarmed": True,
    }
    return card(**{**base, **changes})
