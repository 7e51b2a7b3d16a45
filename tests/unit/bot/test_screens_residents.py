"""What operators turned off and what is not heard, as residents read it: nothing there may be
taken for an all-clear."""

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.quiet import digest_time, morning_now
from bot.render.parts import silence_lines
from bot.render.rich import compose
from bot.screens import following, mornings, turned_off
from bot.screens.digest import Night, Statement, digest
from bot.screens.hearing import Hearing
from bot.screens.sources import sources
from bot.screens.speech import Speech
from bot.screens.status import Glance, status
from storage.areas.tree import Areas
from storage.model import (
    AreaCode,
    ChatState,
    Claim,
    Count,
    Hazard,
    Kind,
    Level,
    Measure,
    Qualifier,
    QuietHours,
    Wishes,
)
from storage.silences import Silence
from tests.unit.bot.test_screens import (
    BOROVSKY,
    NOW,
    REGION,
    ZHUKOVSKY,
    a_channel,
    alarm,
    areas,
    fits,
    glance,
    russian,
    speech,
)

__all__ = ["areas", "russian", "speech"]

DRILLS = Silence(
    id=1,
    region=REGION,
    hazard=Hazard.UAV,
    made_by=9,
    until=NOW + timedelta(hours=2),
    why="учения ПВО\u202e",
)
MUTED = replace(a_channel(), muted_until=NOW + timedelta(hours=1), muted_why="взломан")
QUIET = "Звук отключён оператором до 17:00"
NO_DANGER = "об опасности не объявляли. Это не отбой."


def said(russian: Speech, glance: Glance, hearing: Hearing | None = None) -> str:
    hearing = hearing or Hearing()
    return status(russian, [glance], ChatState.ACTIVE, NOW, hearing=hearing).text


def lines(russian: Speech, areas: Areas, *silences: Silence, level: Level) -> str:
    danger = replace(alarm(BOROVSKY, 30), level=level)
    seen = glance(areas, (BOROVSKY,), danger).seen
    assert seen is not None
    return compose(silence_lines(russian.voice(REGION, NOW), seen, silences))[0]


def test_a_silenced_danger_says_until_when_and_why(russian: Speech, areas: Areas) -> None:
    declared = lines(russian, areas, DRILLS, level=Level.DECLARED)
    assert declared == f"🔕 {QUIET}: учения ПВО"
    assert lines(russian, areas, replace(DRILLS, hazard=None), level=Level.DECLARED) == declared


def test_what_sounds_all_the_same_is_not_called_silent(russian: Speech, areas: Areas) -> None:
    assert lines(russian, areas, DRILLS, level=Level.IMMINENT) == ""
    other = replace(DRILLS, hazard=Hazard.FLOOD)
    assert lines(russian, areas, other, level=Level.DECLARED) == ""
    assert lines(russian, areas, level=Level.DECLARED) == ""


def test_status_places_and_sources_show_a_silence(speech: Speech, russian: Speech) -> None:
    seen = Glance(region=REGION, seen=None, channels=(a_channel(),), silences=(DRILLS,))
    quiet = f"🔕 {QUIET} (БПЛА): учения ПВО"
    assert quiet in said(russian, seen)
    listed = sources(russian, [a_channel()], NOW, own=True, silences=[DRILLS])
    assert f"Калужская область: {quiet}" in listed.text
    notes = turned_off.notes(russian.voice(REGION, NOW), [DRILLS], [MUTED])
    assert notes == [quiet, f"🔇 Шапша: {MUTED_TILL}"]
    assert quiet in following.places(russian, [REGION], notes=notes).text
    over = replace(DRILLS, until=NOW)
    assert turned_off.notes(russian.voice(REGION, NOW), [over], [a_channel()]) == []
    wordy = replace(DRILLS, why="п" * 900)
    fits(sources(speech, [MUTED] * 60, NOW, own=True, silences=[wordy] * 20))
    fits(status(speech, [replace(seen, silences=[wordy] * 50)] * 60, ChatState.ACTIVE, NOW))
    fits(following.places(speech, [REGION], notes=["п" * 200] * 90))


MUTED_TILL = "отключён оператором до 16:00: его посты ни на что не влияют"


def test_a_muted_channel_is_shown_as_muted(russian: Speech) -> None:
    text = sources(russian, [MUTED], NOW, own=True).text
    assert MUTED_TILL in text and "слышен" not in text
    assert "взломан" not in text, "why is the operators' own"
    alone = said(russian, Glance(region=REGION, seen=None, channels=(MUTED,)))
    assert MUTED_TILL in alone and "Есть ли опасность, неизвестно" in alone
    assert NO_DANGER not in alone
    two = (MUTED, replace(a_channel(78), title="Другой"))
    heard = said(russian, Glance(region=REGION, seen=None, channels=two))
    assert MUTED_TILL in heard and NO_DANGER in heard


def test_a_country_has_the_clock_of_the_first_region(russian: Speech) -> None:
    country = replace(MUTED, area=AreaCode("RU"))
    assert "до 16:00" in sources(russian, [a_channel(78), country], NOW, own=True).text


@pytest.mark.parametrize(
    ("channel", "hearing", "says"),
    [
        (a_channel(), Hearing(deaf=True), "бот их сейчас не слышит"),
        (
            a_channel(),
            Hearing(deaf=True, since=NOW - timedelta(minutes=9)),
            "бот не слышит их с 14:51",
        ),
        (replace(a_channel(), trouble="gone"), Hearing(), "сейчас не читается"),
        (replace(a_channel(), last_read_at=None), Hearing(), "неизвестно"),
        (replace(a_channel(), declares=False), Hearing(), "Бот пока не читает"),
        (
            a_channel(),
            Hearing(paused_since=NOW - timedelta(minutes=9)),
            "Рассылка приостановлена операторами с 14:51",
        ),
    ],
)
def test_what_is_not_heard_is_never_called_calm(
    russian: Speech, areas: Areas, channel: object, hearing: Hearing, says: str
) -> None:
    calm = glance(areas, (ZHUKOVSKY,))
    calm = replace(calm, channels=(channel,))  # type: ignore[arg-type]
    text = said(russian, calm, hearing)
    assert says in text
    assert (NO_DANGER in text) is (hearing.paused_since is not None)
    danger = replace(glance(areas, (BOROVSKY,), alarm(BOROVSKY, 5)), channels=calm.channels)
    assert ("отбой бот не услышит" in said(russian, danger, hearing)) is (
        hearing.paused_since is None and "Бот пока" not in says
    )


@pytest.mark.parametrize("seen", ["nothing", "old", "new"])
def test_nothing_in_force_never_reads_like_an_all_clear(
    speech: Speech, areas: Areas, seen: str
) -> None:
    known = {
        "nothing": Glance(region=REGION, seen=None, channels=(a_channel(),)),
        "old": glance(areas, (ZHUKOVSKY,), alarm(BOROVSKY, 30)),
        "new": glance(areas, (REGION,)),
    }[seen]
    text = status(speech, [known], ChatState.ACTIVE, NOW).text
    assert any(no in text for no in ("Это не отбой", "Це не відбій", "This is no all-clear"))
    lower = text.casefold()
    for word in ("✅", "безопасно", "спокойно", "безпечно", "спокійно", "safe", "calm"):
        assert word not in lower


def test_the_map_is_a_tap_away(russian: Speech) -> None:
    made = status(russian, [], ChatState.ACTIVE, NOW)
    assert [b.data for row in made.keyboard for b in row] == ["s", "a", "p"]


# --- the summary of a night -----------------------------------------------------------------


def statement(
    number: int, title: str, n: int, *, total: bool, areas: tuple[AreaCode, ...] = (REGION,)
) -> Statement:
    claim = Claim(
        kind=Kind.INTERCEPTION,
        hazard=Hazard.UAV,
        areas=areas,
        retrospective=total,
        count=Count(n=n, measure=Measure.DESTROYED, qualifier=Qualifier.EXACT),
    )
    return Statement(
        channel=replace(a_channel(number % 10, title)),
        message=number,
        at=NOW - timedelta(minutes=200 - number),
        claims=(claim,),
    )


def night(*statements: Statement) -> Night:
    return Night(since=NOW - timedelta(hours=12), statements=statements, incidents={})


def test_totals_of_two_sources_stand_side_by_side_and_are_never_summed(russian: Speech) -> None:
    tula = AreaCode("RU-TUL")
    made = digest(
        russian,
        night(
            statement(11, "Губернатор", 2, total=False),
            statement(21, "Губернатор", 3, total=False),
            statement(31, "Губернатор", 9, total=True),
            statement(41, "Губернатор", 10, total=True),  # in the place of the earlier
            statement(52, "Минобороны", 12, total=True),
            statement(62, "Минобороны", 7, total=True, areas=(tula,)),
        ),
        (REGION, tula),
        Wishes(),
        NOW,
    )
    assert made is not None
    text = made.text
    kaluga, _, rest = text.partition("Тульская область")
    assert "Итоги, как их назвали источники:\n• Губернатор: 12:21 сбиты: БПЛА — 10" in kaluga
    assert "\n• Минобороны: 12:32 сбиты: БПЛА — 12" in kaluga
    assert "По ходу ночи:\n• Губернатор: 11:51 сбиты: БПЛА — 2; 12:01 сбиты: БПЛА — 3" in kaluga
    assert "сбиты: БПЛА — 7" in rest and "складывать их нельзя" in rest
    said = {int(n) for n in re.findall(r"— (\d+)", text)}
    assert said == {10, 12, 2, 3, 7}
    assert sum(entity.type == "text_link" for entity in made.entities) == 4


def test_one_source_alone_overlaps_with_nobody(russian: Speech) -> None:
    made = digest(
        russian, night(statement(11, "Губернатор", 2, total=True)), (REGION,), Wishes(), NOW
    )
    assert made is not None and "складывать" not in made.text
    quiet = Wishes(interceptions=False)
    assert digest(russian, night(statement(1, "Г", 2, total=True)), (REGION,), quiet, NOW) is None


def test_regions_for_which_there_is_no_room_are_counted(speech: Speech) -> None:
    regions = [area.code for area in speech.areas.regions()][:60]
    told = [statement(n, "Т" * 90, 5, total=True, areas=(code,)) for n, code in enumerate(regions)]
    made = digest(speech, night(*told), regions, Wishes(), NOW)
    assert made is not None and "… " in made.text
    fits(made)


MORNINGS = [
    (None, None, time(8)),
    (None, (time(23), time(7)), time(7)),
    (None, (time(22), time(6, 30)), time(6, 30)),
    (None, (time(9), time(17)), time(8)),  # who sleeps by day
    (None, (time(7), time(7)), time(8)),  # no hours at all
    (time(10), (time(23), time(7)), time(10)),
]


@pytest.mark.parametrize(("at", "hours", "comes"), MORNINGS)
def test_the_hour_is_the_chats_own(
    at: time | None, hours: tuple[time, time] | None, comes: time
) -> None:
    quiet = hours and QuietHours(start=hours[0], end=hours[1], zone="Europe/Samara")
    wishes = Wishes(digest=True, digest_at=at, quiet=quiet or None)
    assert digest_time(wishes) == comes
    begun = datetime.combine(NOW.date(), comes, ZoneInfo("Europe/Samara")).astimezone(UTC)
    second = timedelta(seconds=1)
    assert morning_now(wishes, "Europe/Samara", begun - second) is None
    found = morning_now(wishes, "Europe/Samara", begun)
    assert found == morning_now(wishes, "Europe/Samara", begun + timedelta(hours=3) - second)
    assert morning_now(wishes, "Europe/Samara", begun + timedelta(hours=3)) is None
    assert found is not None and found.day == NOW.date()
    assert found.since == datetime(2026, 2, 28, 16, tzinfo=UTC)  # eight in the evening there


def test_the_hour_is_chosen_by_buttons(russian: Speech, speech: Speech) -> None:
    off = mornings.digest_hour(russian, Wishes(), "Europe/Moscow")
    assert "выключена" in off.text and "Выберите час" in off.text
    assert not any("✓" in b.text for row in off.keyboard for b in row)
    wanted = mornings.asked("0600")
    assert wanted is not None
    chosen = mornings.digest_hour(russian, wanted.change(Wishes()), "Europe/Moscow")
    assert "Утренняя сводка: 06:00, Москва" in chosen.text
    quiet = QuietHours(start=time(23), end=time(7, 30), zone="Europe/Moscow")
    usual = mornings.digest_hour(russian, Wishes(digest=True, quiet=quiet), "Europe/Moscow")
    assert "07:30, Москва\nВ это время кончаются ваши тихие часы." in usual.text
    labels = [b.text for row in usual.keyboard for b in row]
    assert "✓ Когда кончатся тихие часы, 07:30" in labels
    for wishes in (Wishes(), Wishes(digest=True, quiet=quiet)):
        fits(mornings.digest_hour(speech, wishes, "America/Argentina/ComodRivadavia"))


@pytest.mark.parametrize("argument", ["", "0400", "2300", "0630", "600", "06:00", "never"])
def test_an_hour_that_is_not_offered(argument: str) -> None:
    assert mornings.asked(argument) is None
