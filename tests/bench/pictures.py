"""How long a map takes: ``python -m tests.bench.pictures``.

Prints ms of CPU a picture, p50 and p99, for views of one region, of five, of all: with the
land kept from the picture before, and drawn anew; beside encoding a picture of that size alone in
the same run. Then bytes a picture, and the time until the first one.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from io import BytesIO
from time import process_time
from typing import Final

from PIL import Image

from bot.pictures.draw import Artist
from bot.pictures.sketch import Patch, Shade, Sketch
from storage.areas import outlines
from storage.areas.tree import Areas, load
from storage.model import AreaCode

BUDGET: Final = 40.0
"""ms of CPU, with the land kept."""
ROUNDS: Final = 60
VIEWS: Final = {
    "one region": ("RU-KLU",),
    "one city": ("UA-30",),
    "five regions": ("RU-BEL", "RU-KRS", "UA-59", "UA-63", "RU-BRY"),
    "all the west": (),
    "end to end": ("RU-KGD", "RU-KAM"),
}


def sketch_of(areas: Areas, followed: Sequence[str], shown: frozenset[str], seed: int) -> Sketch:
    """A third of the regions in some danger, a few with stripes."""
    chance = random.Random(seed)
    patches = []
    for region in areas.regions():
        if region.code not in shown:
            continue
        whole = chance.choice((*Shade, Shade.CALM, Shade.CALM, Shade.UNKNOWN))
        part = Shade.IMMINENT if chance.random() < 0.15 else None
        patches.append(
            Patch(
                region=AreaCode(region.code),
                name=region.short_ru,
                whole=whole,
                part=part if whole is not Shade.IMMINENT else None,
                followed=region.code in followed,
            )
        )
    return Sketch(
        patches=tuple(patches),
        title="Опасность, о которой объявили каналы",
        foot="Последнее изменение: 01.03.2026 04:12 UTC+3. Нет цвета — это не отбой.",
        legend=tuple((shade, "непосредственная угроза") for shade in Shade),
        stripes="только в части региона" if any(each.part for each in patches) else None,
    )


def timed(work: Callable[[], object]) -> float:
    begun = process_time()
    work()
    return (process_time() - begun) * 1000


def encoded(image: Image.Image) -> None:
    image.save(BytesIO(), "PNG", compress_level=2)


def main() -> None:
    areas = load()
    begun = process_time()
    artist = Artist(outlines.load())
    ready = (process_time() - begun) * 1000
    print(f"{'':14} {'p50':>7} {'p99':>7} {'anew':>7} {'encoding':>9}   bytes")
    worst = 0.0
    for name, followed in VIEWS.items():
        shown = artist.in_view(followed)
        states = [sketch_of(areas, followed, shown, seed) for seed in range(ROUNDS)]
        anew = timed(partial(artist.draw, states[0]))
        times = sorted(timed(partial(artist.draw, state)) for state in states)
        last = artist.draw(replace(states[-1], title="."))
        floor = min(timed(partial(encoded, Image.open(BytesIO(last)))) for _ in range(5))
        p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
        worst = max(worst, p50)
        print(f"{name:14} {p50:7.1f} {p99:7.1f} {anew:7.1f} {floor:9.1f} {len(last):7,}")
    print(f"outlines read and projected: {ready:.0f} ms")
    print(f"{worst:.1f} of {BUDGET:.0f} ms: {'kept' if worst <= BUDGET else 'MISSED'}")


if __name__ == "__main__":
    main()
