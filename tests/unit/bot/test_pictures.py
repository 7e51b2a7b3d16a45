"""Drawing: every state gives a picture, and a shade is never told by its colour alone."""

from io import BytesIO
from itertools import combinations

import pytest
from PIL import Image, ImageChops

from bot.pictures.draw import Artist
from bot.pictures.signs import SIGN, badge, lettering, swatch
from bot.pictures.sketch import Patch, Shade, Sketch
from storage.areas import outlines
from storage.areas.tree import load
from storage.model import AreaCode

KALUGA = AreaCode("RU-KLU")


@pytest.fixture(scope="module")
def artist() -> Artist:
    return Artist(outlines.load())


def sketch(whole: Shade, part: Shade | None = None, *, followed: bool = True) -> Sketch:
    patch = Patch(
        region=KALUGA,
        name="Калужская",
        whole=whole,
        part=part,
        spots=((36.5, 55.2),),
        followed=followed,
    )
    return Sketch(
        patches=(patch,),
        title="Опасность",
        foot="Нет цвета — это не отбой.",
        legend=((whole, "то, что есть"),),
        stripes="в части региона" if part else None,
    )


def picture(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


def test_every_region_of_ours_has_an_outline() -> None:
    known = {outline.code for outline in outlines.load()}
    assert {area.code for area in load().regions()} <= known
    assert {"BY", "PL", "GE", "KZ"} <= known


def test_the_city_of_moscow_is_the_smaller_one() -> None:
    """The source has the codes of city and oblast swapped."""
    wide = {}
    for outline in outlines.load():
        points = [x for ring in outline.rings for x, _ in ring.points]
        wide[outline.code] = max(points) - min(points)
    assert wide["RU-MOW"] < wide["RU-MOS"] / 3


def test_outlines_survive_their_encoding() -> None:
    for outline in outlines.load():
        assert outlines.decoded(outlines.encoded(outline)) == outline


def test_every_shade_is_drawn_and_looks_different(artist: Artist) -> None:
    states = [sketch(whole) for whole in Shade]
    states += [sketch(Shade.CALM, part) for part in (Shade.DECLARED, Shade.IMMINENT)]
    drawn = [artist.draw(state) for state in states]
    assert len(set(drawn)) == len(states)
    for data in drawn:
        assert len(data) < 300_000 and picture(data).width == 1080


def test_the_same_sketch_gives_the_same_bytes(artist: Artist) -> None:
    state = sketch(Shade.DECLARED, Shade.IMMINENT)
    assert artist.draw(state) == artist.draw(state) == Artist(outlines.load()).draw(state)


def test_without_colour_the_shades_are_still_told_apart() -> None:
    for one, other in combinations(Shade, 2):
        pictures = [_black_and_white(shade) for shade in (one, other)]
        assert ImageChops.difference(*pictures).getbbox() is not None, (one, other)


def _black_and_white(shade: Shade) -> Image.Image:
    """The sign's form, or the pattern of what has none."""
    if shade in SIGN:
        return badge(shade).getchannel("A")
    return swatch(shade, striped=False).convert("1", dither=Image.Dither.NONE)


def test_nobody_followed_is_all_the_west(artist: Artist) -> None:
    shown = artist.in_view(())
    assert {"RU-KLU", "UA-46", "UA-43", "RU-MOW", "BY"} <= shown and "RU-KAM" not in shown
    assert artist.in_view((KALUGA,)) >= {KALUGA, "RU-TUL", "RU-SMO"}
    assert "RU-KAM" in artist.in_view(("RU-KAM", "RU-KGD"))


def test_the_font_has_all_letters() -> None:
    font = lettering(20, bold=True)
    missing = font.getmask("\uffff").getbbox(), bytes(font.getmask("\uffff"))
    for letter in "абвгґдеєёжзиіїйклмнопрстуфхцчшщъыьэюяАЄІЇҐ’—":
        mask = font.getmask(letter)
        assert (mask.getbbox(), bytes(mask)) != missing, letter
