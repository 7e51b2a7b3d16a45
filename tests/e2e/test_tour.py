"""The tour: every scene of the table is played, drawn, shown in the README, and reads in full
without its signs."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from bot.tour.paint import painted, title_fits
from bot.tour.play import Seen, TourError, tour
from bot.tour.scenes import SCENES
from bot.tour.script import ANNA, NIGHT, Passes, Presses, Says, Scene
from tests.e2e.stage import all_areas
from tests.unit.bot.signs import meanings, unsigned

ROOT = Path(__file__).parents[2]


async def test_every_scene_is_played_and_drawn_and_reads_without_signs() -> None:
    seen: list[Seen] = []
    await tour(NIGHT, SCENES, all_areas(), seen.append)
    assert [each.scene for each in seen] == list(SCENES)
    for each in seen:
        drawn = painted(each)
        ElementTree.fromstring(drawn)
        assert len(drawn) < 150_000 and title_fits(each.scene.title), each.scene.name
        said = [message for message in each.messages if message.author and message.author.is_bot]
        assert said, each.scene.name
        for message in said:
            markup = message.reply_markup or {}
            rows = markup.get("inline_keyboard") or markup.get("keyboard") or ()
            labels = [button["text"] for row in rows for button in row]
            for line in (*message.text.splitlines(), *labels):
                assert meanings(line) == [], f"{each.scene.name}: {line}"
                assert not line.strip() or any(map(str.isalnum, unsigned(line))), line
    shown = {each.scene.name: painted(each) for each in seen}
    assert "Боровский район" in shown["choose"] and "УЧЕБНЫЙ ОБРАЗЕЦ" in shown["choose"]
    assert "data:image/png;base64" in shown["map"]
    assert "Звук отключён оператором до 00:36" in shown["silenced"]
    assert "Итог ночи" in shown["digest"] and "складывать" in shown["digest"]


async def test_a_button_that_is_not_there_is_named() -> None:
    scene = Scene(
        name="lost", title="", chat=ANNA, deeds=(Says(text="/start"), Presses(words="Луна"))
    )
    with pytest.raises(TourError, match="Луна"):
        try:
            await tour(NIGHT, [scene], all_areas(), lambda seen: None)
        except* TourError as problems:
            raise problems.exceptions[0] from None


def test_every_scene_has_a_file_of_its_own_and_stands_in_the_readme() -> None:
    names = [scene.name for scene in SCENES]
    assert len(set(names)) == len(names)
    assert all(any(not isinstance(deed, Passes) for deed in scene.deeds) for scene in SCENES)
    assert {file.stem for file in (ROOT / ".readme" / "tour").glob("*.svg")} == set(names)
    readme = (ROOT / "README.md").read_text("utf-8")
    for scene in SCENES:
        assert readme.count(f".readme/tour/{scene.name}.svg") == 1, scene.name
