"""The tour: each scene of the table has a name of its own, and the first ones can be played."""

from xml.etree import ElementTree

import pytest

from bot.tour.paint import painted
from bot.tour.play import Seen, TourError, tour
from bot.tour.scenes import SCENES
from bot.tour.script import ANNA, NIGHT, Passes, Presses, Says, Scene
from tests.e2e.stage import all_areas


async def test_scenes_are_played_and_drawn() -> None:
    chosen = [scene for scene in SCENES if scene.name in ("start", "choose", "map")]
    seen: list[Seen] = []
    await tour(NIGHT, chosen, all_areas(), seen.append)
    assert [each.scene.name for each in seen] == ["start", "choose", "map"]
    for each in seen:
        drawn = painted(each)
        ElementTree.fromstring(drawn)
        assert len(drawn) < 150_000
    assert "Боровский район" in painted(seen[1])
    assert "data:image/png;base64" in painted(seen[2])


async def test_a_button_that_is_not_there_is_named() -> None:
    scene = Scene(
        name="lost", title="", chat=ANNA, deeds=(Says(text="/start"), Presses(words="Луна"))
    )
    with pytest.raises(TourError, match="Луна"):
        try:
            await tour(NIGHT, [scene], all_areas(), lambda seen: None)
        except* TourError as problems:
            raise problems.exceptions[0] from None


def test_every_scene_has_a_file_of_its_own() -> None:
    names = [scene.name for scene in SCENES]
    assert len(set(names)) == len(names)
    assert all(any(not isinstance(deed, Passes) for deed in scene.deeds) for scene in SCENES)
