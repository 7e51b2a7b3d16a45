"""/map: the picture and its caption say the same, and white is never an all-clear."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.pictures.sketch import Patch, Shade, Sketch
from bot.render.rich import utf16
from bot.screens.chart import MOST_UNITS, Known, chart
from bot.screens.speech import Speech
from bot.texts import load as load_texts
from storage.areas.tree import Areas
from storage.areas.tree import load as load_areas
from storage.model import (
    Alarm,
    AreaCode,
    ChannelId,
    Danger,
    Hazard,
    Lang,
    Level,
    Situation,
    Source,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KALUGA, TULA, BELGOROD = AreaCode("RU-KLU"), AreaCode("RU-TUL"), AreaCode("RU-BEL")
BOROVSKY = AreaCode("RU-KLU/borovsky")


@pytest.fixture(scope="module")
def areas() -> Areas:
    return load_areas()


@pytest.fixture(scope="module", params=list(Lang))
def speech(request: pytest.FixtureRequest, areas: Areas) -> Speech:
    return Speech(words=load_texts()[request.param], areas=areas)


@pytest.fixture(scope="module")
def russian(areas: Areas) -> Speech:
    return Speech(words=load_texts()[Lang.RU], areas=areas)


def alarm(area: AreaCode, level: Level = Level.DECLARED, *, stale: bool = False) -> Alarm:
    at = NOW - timedelta(hours=1)
    source = Source(
        channel=ChannelId(7),
        message=1,
        title="Губернатор",
        link="https://t.me/g/1",
        quote="Опасность",
        at=at,
        received_at=at,
    )
    return Alarm(
        area=area,
        level=level,
        since=at,
        named_at=at,
        confirmed_at=at,
        stale_at=NOW if stale else None,
        sources=(source,),
    )


def situation(region: AreaCode, *alarms: Alarm, **more: object) -> Situation:
    dangers = (Danger(hazard=Hazard.UAV, alarms=alarms),) if alarms else ()
    return Situation(region=region, at=NOW, dangers=dangers, **more)  # type: ignore[arg-type]


def known(*situations: Situation, heard: tuple[AreaCode, ...] = (), deaf: bool = False) -> Known:
    return Known(
        situations={each.region: each for each in situations}, heard=frozenset(heard), deaf=deaf
    )


def drawn(
    speech: Speech, held: Known, *followed: AreaCode, shown: tuple[AreaCode, ...] = ()
) -> tuple[Sketch, str]:
    sketch, caption = chart(speech, held, followed, frozenset((*shown, *followed)), NOW)
    assert 0 < utf16(caption.text) <= MOST_UNITS
    return sketch, caption.text


def patch(sketch: Sketch, region: AreaCode) -> Patch:
    return next(each for each in sketch.patches if each.region == region)


def test_nothing_known_is_calm_as_far_as_we_know_and_no_all_clear(russian: Speech) -> None:
    sketch, caption = drawn(russian, known(heard=(KALUGA,)), KALUGA)
    assert patch(sketch, KALUGA).whole is Shade.CALM
    assert "Калужская область: не объявляли, насколько нам известно; это не отбой" in caption
    assert "не отбой" in sketch.foot


def test_what_is_not_heard_is_not_white(russian: Speech) -> None:
    sketch, caption = drawn(russian, known(heard=(KALUGA,)), TULA, shown=(KALUGA,))
    assert patch(sketch, TULA).whole is Shade.UNKNOWN
    assert "Тульская область: неизвестно: каналов оттуда не слышим" in caption
    deaf, caption = drawn(russian, known(heard=(KALUGA,), deaf=True), KALUGA)
    assert patch(deaf, KALUGA).whole is Shade.UNKNOWN
    assert "не объявляли" not in caption and "Источники не читаются" in caption


def test_the_whole_region_is_painted_and_parts_are_striped(russian: Speech) -> None:
    alarms = alarm(KALUGA), alarm(BOROVSKY, Level.IMMINENT)
    sketch, caption = drawn(russian, known(situation(KALUGA, *alarms), heard=(KALUGA,)), KALUGA)
    both = patch(sketch, KALUGA)
    assert (both.whole, both.part) == (Shade.DECLARED, Shade.IMMINENT) and len(both.spots) == 1
    assert sketch.stripes is not None
    assert "🔴 Калужская область" in caption
    sketch, caption = drawn(
        russian, known(situation(KALUGA, alarm(BOROVSKY)), heard=(KALUGA,)), KALUGA
    )
    part = patch(sketch, KALUGA)
    assert (part.whole, part.part) == (Shade.CALM, Shade.DECLARED)
    assert "🟠 Калужская область: БПЛА, объявлена опасность — Боровский район" in caption
    assert "В полоску" in caption


def test_stale_danger_is_its_own_and_says_that_nobody_cleared_it(russian: Speech) -> None:
    held = known(situation(KALUGA, alarm(KALUGA, stale=True)), heard=(KALUGA,))
    sketch, caption = drawn(russian, held, KALUGA)
    assert patch(sketch, KALUGA).whole is Shade.STALE
    assert "🟣 Калужская область" in caption and "отбой не опубликован" in caption


def test_neighbours_in_danger_stand_below_what_is_followed(russian: Speech) -> None:
    held = known(situation(TULA, alarm(TULA, Level.IMMINENT)), heard=(KALUGA, TULA))
    _, caption = drawn(russian, held, KALUGA, shown=(TULA,))
    assert caption.index("Калужская") < caption.index("🔴 Тульская область")


def test_every_shade_on_the_map_is_in_the_legend(speech: Speech, areas: Areas) -> None:
    held = known(
        situation(KALUGA, alarm(KALUGA)),
        situation(TULA, alarm(TULA, stale=True)),
        situation(BELGOROD, alarm(BELGOROD, Level.ADVISORY)),
        heard=(KALUGA,),
    )
    sketch, _ = drawn(speech, held, KALUGA, shown=(TULA, BELGOROD, AreaCode("RU-ORL")))
    named = {shade for shade, _ in sketch.legend}
    assert named >= {each.whole for each in sketch.patches}


def test_everything_at_once_fits_into_a_caption(speech: Speech, areas: Areas) -> None:
    regions = tuple(area.code for area in areas.regions())
    held = known(
        *(situation(each, alarm(each, Level.IMMINENT)) for each in regions), heard=regions
    )
    drawn(speech, held, *regions)
    drawn(speech, held, shown=regions)


def test_the_same_state_is_the_same_picture(speech: Speech) -> None:
    held = known(situation(KALUGA, alarm(KALUGA)), heard=(KALUGA,))
    first, _ = chart(speech, held, (KALUGA,), frozenset((KALUGA,)), NOW)
    later, _ = chart(speech, held, (KALUGA,), frozenset((KALUGA,)), NOW + timedelta(hours=1))
    assert first.key == later.key
    calm, _ = chart(speech, known(heard=(KALUGA,)), (KALUGA,), frozenset((KALUGA,)), NOW)
    assert calm.key != first.key
