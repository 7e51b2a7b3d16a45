"""Screens are pure: what they say, that it fits into Telegram's limits."""

import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.message import Message
from bot.order import MOST_PLACES, Order, Sort, Wanting
from bot.render.rich import utf16
from bot.roles import LEAST, Role
from bot.screens import (
    admin,
    broadcast,
    channels,
    choosing,
    composing,
    following,
    history,
    own,
    panel,
    reporting,
    retract,
    review,
    trail,
)
from bot.screens.codes import MOST_BYTES, Press, Verb, area_of, linked, pack, parse, payload
from bot.screens.sample import sample
from bot.screens.sources import sources
from bot.screens.speech import Speech, page_of, pages
from bot.screens.status import Glance, status
from bot.texts import load as load_texts
from bot.view import view
from storage.areas.tree import Area, Areas, Tier
from storage.areas.tree import load as load_areas
from storage.audit import Deed
from storage.incidents import Incident
from storage.model import (
    Alarm,
    AreaCode,
    Channel,
    ChannelId,
    ChatKind,
    ChatState,
    Claim,
    Danger,
    Hazard,
    Held,
    Kind,
    Lang,
    Level,
    Post,
    Situation,
    Source,
)
from storage.reviews import Review, State, Subject
from storage.silences import Silence

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
REGION, BOROVSKY = AreaCode("RU-KLU"), AreaCode("RU-KLU/borovsky")
ZHUKOVSKY = AreaCode("RU-KLU/zhukovsky")


@pytest.fixture(scope="module")
def areas() -> Areas:
    return load_areas()


@pytest.fixture(scope="module", params=list(Lang))
def speech(request: pytest.FixtureRequest, areas: Areas) -> Speech:
    return Speech(words=load_texts()[request.param], areas=areas)


@pytest.fixture(scope="module")
def russian(areas: Areas) -> Speech:
    return Speech(words=load_texts()[Lang.RU], areas=areas)


def fits(message: Message) -> None:
    assert 0 < utf16(message.text) <= 4096 and len(message.entities) <= 100
    for entity in message.entities:
        assert entity.length > 0 and entity.offset + entity.length <= utf16(message.text)
    buttons = [button for row in message.keyboard for button in row]
    assert len(buttons) <= 100
    for button in buttons:
        assert button.text
        if button.data is not None:
            assert len(button.data.encode()) <= MOST_BYTES and parse(button.data) is not None
    assert all(len(row) <= 8 for row in message.keyboard)


def source(at: datetime, title: str = "Шапша") -> Source:
    return Source(
        channel=ChannelId(77),
        message=11,
        title=title,
        link="https://t.me/shapsha/11",
        quote="Опасность атаки БПЛА",
        at=at,
        received_at=at,
    )


def alarm(area: AreaCode, minutes: int, *, known: bool = True, stale: bool = False) -> Alarm:
    since = NOW - timedelta(minutes=minutes)
    return Alarm(
        area=area,
        level=Level.IMMINENT,
        since=since,
        named_at=since,
        confirmed_at=since,
        onset_known=known,
        stale_at=NOW if stale else None,
        sources=(source(since),),
    )


def a_channel(number: int = 77, title: str = "Шапша", username: str | None = "shapsha") -> Channel:
    return Channel(
        id=ChannelId(number),
        access_hash=1,
        username=username,
        title=title,
        area=REGION,
        added_at=NOW,
        last_post_at=NOW - timedelta(minutes=20),
        last_read_at=NOW - timedelta(minutes=1),
    )


def glance(areas: Areas, follows: tuple[AreaCode, ...], *alarms: Alarm, **more: object) -> Glance:
    dangers = (Danger(hazard=Hazard.UAV, alarms=alarms),) if alarms else ()
    situation = Situation(region=REGION, at=NOW, dangers=dangers, **more)  # type: ignore[arg-type]
    return Glance(region=REGION, seen=view(situation, follows, areas), channels=(a_channel(),))


# --- buttons --------------------------------------------------------------------------------


def test_every_area_fits_into_a_button_and_is_found_again(areas: Areas) -> None:
    for area in areas:
        for verb in Verb:
            data = pack(verb, area.code)
            assert len(data.encode()) <= MOST_BYTES
            assert parse(data) == Press(verb=verb, argument=area.code)


def test_every_area_has_a_link_that_leads_back_to_it(areas: Areas) -> None:
    allowed = set(string.ascii_letters + string.digits + "_-")
    links = {payload(area.code) for area in areas}
    assert len(links) == len(areas)
    assert all(set(link) <= allowed and len(link) <= 64 for link in links)
    assert all(linked(areas, payload(area.code)) is area for area in areas)


def test_a_code_that_is_too_long_goes_in_as_a_digest(areas: Areas) -> None:
    long = AreaCode("RU-KLU/" + "ы" * 60)
    grown = Areas(
        [
            *areas,
            Area(
                code=long,
                tier=Tier.DISTRICT,
                parent=REGION,
                name_ru="Длинный район",
                name_uk="Довгий район",
                name_en="Long District",
                short_ru="Длинный",
                short_uk="Довгий",
                unit="район",
                aliases=(),
                latitude=None,
                longitude=None,
                population=0,
                timezone=None,
            ),
        ]
    )
    press = parse(pack(Verb.DISTRICTS, long, 12))
    assert press is not None and (press.verb, press.page) == (Verb.DISTRICTS, 12)
    found = area_of(grown, press.argument)
    assert found is not None and found.code == long
    assert area_of(areas, press.argument) is None


@pytest.mark.parametrize("data", ["", "ff", "f:a:b", "_:1", "f:RU:9999", "f\n", "F:RU", "f:a:b:1"])
def test_what_is_no_button_of_ours(data: str) -> None:
    assert parse(data) is None


def test_pages() -> None:
    assert (pages(0, 16), pages(16, 16), pages(17, 16)) == (1, 1, 2)
    assert page_of([1, 2, 3], 7, 2) == ([3], 1)
    assert page_of([], 3, 2) == ([], 0)


def test_all_regions_are_reached_by_turning_pages(speech: Speech) -> None:
    for country in (area for area in speech.areas if area.tier is Tier.COUNTRY):
        reached = set()
        for page in range(pages(len(speech.areas.regions(country.code)), choosing.PAGE)):
            message = choosing.regions(speech, country, page, ChatKind.PRIVATE)
            fits(message)
            reached |= {
                press.argument
                for row in message.keyboard
                for button in row
                if (press := parse(button.data or "")) and press.verb is Verb.REGION
            }
        assert reached == {region.code for region in speech.areas.regions(country.code)}


def test_all_districts_are_reached_and_a_tick_stays_on_its_page(speech: Speech) -> None:
    for region in speech.areas.regions():
        fits(choosing.region(speech, region))
        codes = choosing.districts_of(speech, region)
        for code in codes:
            page = choosing.page_with(speech, region, code)
            assert code in codes[page * choosing.PAGE : (page + 1) * choosing.PAGE]
        for page in range(pages(len(codes), choosing.PAGE)):
            followed = frozenset(codes[:3])
            message = choosing.districts(speech, region, page, followed, ChatKind.PRIVATE)
            fits(message)
            texts = [button.text for row in message.keyboard for button in row]
            assert sum(text.startswith("✓") for text in texts) == (
                len(codes[:3]) if not page else 0
            )


# --- every screen ---------------------------------------------------------------------------


def test_every_screen_fits_with_the_longest_of_everything(speech: Speech) -> None:
    longest = sorted(speech.areas, key=lambda area: -len(speech.place(area.code)))[:50]
    codes = [area.code for area in longest]
    many = [a_channel(n, "Т" * 200, None if n % 2 else "x" * 32) for n in range(200)]
    for kind in ChatKind:
        fits(choosing.welcome(speech, kind, codes))
    fits(choosing.found(speech, "ы" * 4096, codes[:6]))
    fits(choosing.found(speech, "\u202e{name}%s" * 500, ()))
    for code in codes:
        fits(choosing.offered(speech, code))
    for following_ in choosing.Following:
        fits(choosing.followed(speech, codes[0], following_, is_read=False))
        assert len(choosing.toast(speech, speech.name(codes[0]), following_)) <= 200
    for state in ChatState:
        for page in range(9):
            for wish in (None, False, True):
                fits(following.places(speech, codes, state, page, first="Готово", neighbours=wish))
    fits(following.guide(speech, many, operates=tuple(LEAST), bot_username="nabat_bot"))
    fits(following.guide(speech, (), bot_username=None))
    assert {name for names, _ in following.DEEDS for name in names} == set(LEAST)
    for screen in (following.stopped, following.forgotten, following.kept):
        fits(screen(speech))
    fits(following.forgetting(speech, "A" * 16))
    for answer in (
        following.unknown,
        following.failed,
        following.not_taken,
        following.anonymous,
        following.not_here,
    ):
        fits(answer(speech))
    for text in (
        following.only_administrators(speech),
        following.out_of_date(speech),
        following.not_yours(speech),
        following.asked_too_long_ago(speech),
        following.not_in_there(speech),
        *(following.neighbours_chosen(speech, wish=wish) for wish in (False, True)),
    ):
        assert 0 < len(text) <= 200
    fits(channels.listed(speech, many, NOW))
    worst = replace(
        many[0],
        trouble="x" * 999,
        joined=False,
        unjoined_why="x" * 999,
        muted_until=NOW + timedelta(hours=1),
    )
    for one in (worst, replace(many[0], joined=True, last_read_at=NOW), many[0]):
        fits(channels.page(speech, one, NOW, NOW))
        fits(channels.added(speech, one, NOW, NOW))
    long_name = "x" * 32
    for country in (area for area in speech.areas if area.tier is Tier.COUNTRY):
        for number in range(10):
            fits(channels.regions(speech, long_name, country, number))
    fits(channels.whose(speech, long_name))
    fits(channels.authority(speech, long_name, REGION))
    fits(channels.forwarded(speech, None, None))
    fits(channels.forwarded(speech, long_name, many[0]))
    asked = a_review(speech.areas, tuple(codes))
    for decided in State:
        fits(review.card(speech, replace(asked, state=decided), NOW))
    fits(review.kinds(speech, asked, NOW))
    fits(review.waiting(speech, [asked] * review.PER_PAGE, 0, 999, NOW))
    assert 0 < len(review.how_to_fix_places(speech, asked)) <= 200
    assert 0 < len(review.found_yourself(speech).text) <= 200
    fits(review.card(speech, replace(asked, truth=replace(asked.claim, kind=Kind.DRILL)), NOW))
    fits(admin.refused("x" * 9999))
    incident = Incident(
        id=1,
        region=REGION,
        hazard=Hazard.UAV,
        opened_at=NOW - timedelta(hours=2),
        closed_at=None,
        ending=None,
        peak=Level.DECLARED,
        areas=tuple(codes),
    )
    fits(retract.choose(speech, [incident] * 50, [incident] * 50, NOW))
    fits(retract.ask(speech, incident, 10**6, "t" * 16, NOW))
    quiet = Silence(id=1, region=REGION, hazard=None, made_by=1, until=NOW, why="x" * 4000)
    health = admin.Health(
        silent_for=None, behind=1, failed=1, paused_since=NOW, troubled=many, held=1
    )
    fits(
        panel.panel(
            speech,
            panel.Panel(
                health=health,
                posts={"applied": 1},
                sendings={},
                chats={"active": 1},
                channels=[replace(c, trouble="x" * 999, muted_until=NOW) for c in many],
                took=[timedelta(seconds=1)],
                silences=[quiet] * 100,
                incidents=[incident] * 50,
                owed=50,
            ),
            NOW,
        )
    )
    fits(panel.silenced(speech, quiet, NOW))
    fits(panel.silences(speech, [quiet] * 100, NOW))
    fits(panel.how_to_silence(speech))
    fits(broadcast.ask(speech, "ъ" * broadcast.MOST_TEXT, 10**6, "t" * 16))
    for what in Wanting:
        fits(composing.wanting(speech, what))
    order = Order(
        sort=Sort.ALERT, areas=tuple(codes[:MOST_PLACES]), hazard=Hazard.UAV, text="ъ" * 600
    )
    long = Message(text="ъ" * 4000)
    fits(
        composing.preview(
            speech, order, [("Русский", long)] * 3, "t" * 16, audience=999_999, two=True
        )
    )
    assert len(composing.question(speech, order, 1, "t" * 16)) < 4096
    fits(trail.admins(speech, {1: Role.OWNER, 2: Role.VIEWER}))
    deed = Deed(at=NOW, who=1, action="pause", detail='{"why": "' + "x" * 999 + '"}')
    fits(trail.audit(speech, [deed] * trail.PER_PAGE, 0, 999))
    wide = Glance(region=REGION, seen=None, channels=())
    fits(status(speech, [wide] * 110, ChatState.STOPPED, NOW))


def a_review(areas: Areas, codes: tuple[AreaCode, ...] = (BOROVSKY,)) -> Review:
    text = "Внимание!\nОпасность атаки БПЛА\u202e в Боровском районе. " + "ъ" * 3000
    claim = Claim(
        kind=Kind.THREAT,
        hazard=Hazard.UAV,
        areas=codes,
        evidence=((10, 30), (34, 50)),
        unresolved=("x" * 500,),
    )
    return Review(
        id=1,
        kind=Subject.DANGER,
        region=REGION,
        channel=ChannelId(77),
        message=1,
        ordinal=0,
        claim=claim,
        source=source(NOW),
        why="x" * 99,
        post=Post(
            channel=ChannelId(77), message=1, text=text, date=NOW, received_at=NOW, digest="1"
        ),
    )


def test_a_review_shows_the_words_that_decided_it(russian: Speech, areas: Areas) -> None:
    shown = review.card(russian, a_review(areas), NOW)
    marked = [
        shown.text.encode("utf-16-le")[2 * e.offset : 2 * (e.offset + e.length)].decode(
            "utf-16-le"
        )
        for e in shown.entities
        if e.type == "bold"
    ]
    assert marked[1:3] == ["Опасность атаки БПЛА", "Боровском районе"]
    assert "\u202e" not in shown.text


def test_a_code_of_an_older_tree_can_still_be_removed(russian: Speech) -> None:
    gone = AreaCode("RU-KLU/abolished")
    message = following.places(russian, (gone, BOROVSKY))
    assert "• RU-KLU/abolished" in message.text
    assert pack(Verb.UNFOLLOW, gone) in str(message.keyboard)


def test_names_stand_in_the_order_of_the_alphabet(areas: Areas) -> None:
    ukrainian = Speech(words=load_texts()[Lang.UK], areas=areas)
    codes = [AreaCode(f"RU-KLU/{slug}") for slug in ("kirovsky", "kozelsky", "babyninsky")]
    names = [ukrainian.name(code) for code in ukrainian.by_name(codes)]
    assert names == ["Бабининський район", "Кіровський район", "Козельський район"]


def test_a_region_stands_before_its_districts(russian: Speech) -> None:
    text = following.places(russian, (ZHUKOVSKY, AreaCode("UA-63"), REGION, BOROVSKY)).text
    order = [text.index(name) for name in ("• Калуж", "• Боров", "• Жуков", "• Харьк")]
    assert order == sorted(order)


# --- status ---------------------------------------------------------------------------------


def test_status_tells_danger_from_calm(russian: Speech, areas: Areas) -> None:
    seen = glance(areas, (BOROVSKY, ZHUKOVSKY), alarm(BOROVSKY, 125))
    text = status(russian, [seen], ChatState.ACTIVE, NOW).text
    assert text.startswith("Калужская область · 15:00")
    assert "Боровский район" in text and "Жуковский" not in text
    assert "с 12:55, уже 2 ч 5 мин" in text and "источник: Шапша" in text
    calm = status(russian, [glance(areas, (ZHUKOVSKY,))], ChatState.ACTIVE, NOW).text
    assert "об опасности не объявляли. Это не отбой." in calm
    assert "Шапша: последний пост 20 мин назад" in calm


def test_status_admits_what_it_does_not_know(russian: Speech, areas: Areas) -> None:
    def said(seen: Glance) -> str:
        return status(russian, [seen], ChatState.ACTIVE, NOW).text

    follows = (BOROVSKY,)
    unknown = said(glance(areas, follows, alarm(BOROVSKY, 30, known=False)))
    assert "не позже чем с 14:30" in unknown
    stale = said(glance(areas, follows, alarm(BOROVSKY, 900, stale=True)))
    assert (
        "БПЛА: отбой не опубликован — Боровский район\n   последнее сообщение было 15 ч назад"
        in stale
    )
    assert "не объявляли" not in stale
    lost = said(glance(areas, follows, lost_since=NOW - timedelta(minutes=9)))
    assert "Источник недоступен с 14:51" in lost
    held = Held(id=1, hazard=Hazard.UAV, areas=follows, why="", source=source(NOW))
    assert "об отбое проверяется" in said(
        glance(areas, follows, alarm(BOROVSKY, 30), held=(held,))
    )
    nobody = Glance(region=REGION, seen=None, channels=())
    assert "Бот пока не читает" in said(nobody)


# --- what was -------------------------------------------------------------------------------


def incident(
    hours_ago: float, hours: float | None, ending: str | None = "clear", **more: object
) -> Incident:
    opened = NOW - timedelta(hours=hours_ago)
    made: dict[str, object] = {
        "id": 1,
        "region": REGION,
        "hazard": Hazard.UAV,
        "opened_at": opened,
        "closed_at": None if hours is None else opened + timedelta(hours=hours),
        "ending": None if hours is None else ending,
        "peak": Level.DECLARED,
        "areas": (BOROVSKY,),
    }
    return Incident(**(made | more))  # type: ignore[arg-type]


def test_hours_under_alert_count_what_overlaps_once_and_no_unknown_end() -> None:
    found = [
        incident(200, 48),  # ends 8 h after the week began… before it was so
        incident(20, 4),
        incident(18, 4, hazard=Hazard.MISSILE),
        incident(10, 9, "stale"),
        incident(1, None),
        incident(40, 9, "stale", retracted_at=NOW),  # never was
    ]
    week = history.tally(found, NOW - timedelta(days=7), NOW)
    assert (week.alerts, week.unended) == (4, 1)
    assert week.lasted == timedelta(hours=16 + 6 + 1)
    assert week.longest == timedelta(hours=48)


def test_history_and_stats_say_what_was(russian: Speech, speech: Speech) -> None:
    mistake = incident(9, 1, "stale", retracted_at=NOW)
    found = [incident(1, None), mistake, incident(10, 9, "stale"), incident(20, 4)]
    text = history.history(russian, found, 0, NOW, buttons=True).text
    assert "14:00 · БПЛА · Калужская область\nпродолжается, уже 1 ч · Боровский район" in text
    assert text.count("отбой не опубликован") == 1 == text.count("отозвано: это была ошибка")
    assert "отбой в 28.02 23:00, длилось 4 ч" in text
    assert (
        "Опасность там не объявляли." in history.history(russian, [], 0, NOW, buttons=False).text
    )
    many = [incident(hour, 1, areas=(BOROVSKY, ZHUKOVSKY)) for hour in range(2, 100)]
    for page in range(pages(len(many), history.PAGE)):
        fits(history.history(speech, many, page, NOW, buttons=True))
    for some in (many, []):
        fits(history.stats(speech, some, NOW))


def test_sources_say_who_is_heard(russian: Speech, speech: Speech) -> None:
    channel = replace(a_channel(), last_read_at=NOW - timedelta(minutes=1))
    deaf = replace(a_channel(78, "Глухой"), trouble="flood wait", last_post_at=None)
    text = sources(russian, [channel, deaf], NOW, own=True).text
    assert "Шапша: последний пост 20 мин назад" in text
    assert "слышен, проверен 1 мин назад" in text
    assert "Глухой: постов пока не было" in text and "сейчас не читается" in text
    many = [a_channel(n, "Т" * 200, "x" * 32) for n in range(200)]
    fits(sources(speech, many, NOW, own=False))
    fits(sources(speech, [], NOW, own=False))


def test_a_specimen_is_an_alert_but_for_its_marks(speech: Speech, russian: Speech) -> None:
    for place in (REGION, BOROVSKY):
        made = sample(speech, place, NOW)
        fits(made)
        first, *_, last = made.text.splitlines()
        assert first == last == made.plain.splitlines()[0] == made.plain.splitlines()[-1]
        assert not made.keyboard
    text = sample(russian, BOROVSKY, NOW).text
    assert text.startswith("УЧЕБНЫЙ ОБРАЗЕЦ\n🟠 ОПАСНОСТЬ · БПЛА · Боровский район")


def test_what_a_chat_asks_for_itself(speech: Speech) -> None:
    made = own.test(speech, REGION)
    first, *_, last = made.text.splitlines()
    assert first == last
    for screen in (
        made,
        own.test_coming(speech),
        own.test_again(speech),
        own.test_waits(speech),
        own.nothing_followed(speech),
        own.stopped(speech),
        own.nothing_held(speech),
        own.privacy(speech),
        reporting.choose(speech, [], NOW),
        reporting.reported(speech, 10**9),
        reporting.thanks(speech, 10**9),
    ):
        fits(screen)
    assert len(reporting.again(speech)) <= 200


# --- languages ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("client", "lang"),
    [
        ("ru", Lang.RU), ("uk", Lang.UK), ("uk-UA", Lang.UK), ("be", Lang.RU), ("de", Lang.EN),
        ("en-GB", Lang.EN), (None, Lang.RU), ("", Lang.RU), ("UK", Lang.UK),
    ],
)  # fmt: skip
def test_a_clients_language(client: str | None, lang: Lang) -> None:
    assert choosing.lang_of(client) is lang
