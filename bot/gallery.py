"""Pictures beside the event loop: one at a time is drawn, and those last drawn are kept."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from bot.pictures.draw import Artist
from bot.pictures.sketch import Sketch
from storage.areas import outlines

_KEPT: Final = 64
"""Pictures, of some 50 to 100 kB each."""


class Gallery:
    """Of the whole program. The outlines are read when the first picture is asked for."""

    def __init__(self) -> None:
        self._artist: Artist | None = None
        self._drawn: OrderedDict[str, bytes] = OrderedDict()
        self._lock = asyncio.Lock()

    async def in_view(self, followed: Sequence[str]) -> frozenset[str]:
        """The regions (and countries) that a picture for these regions shows."""
        async with self._lock:
            artist = await self._ready()
        return artist.in_view(followed)

    async def picture(self, sketch: Sketch) -> bytes:
        """PNG."""
        key = sketch.key
        async with self._lock:
            drawn = self._drawn.pop(key, None)
            if drawn is None:
                artist = await self._ready()
                drawn = await asyncio.to_thread(artist.draw, sketch)
            self._drawn[key] = drawn
            if len(self._drawn) > _KEPT:
                self._drawn.popitem(last=False)
        return drawn

    async def _ready(self) -> Artist:
        if self._artist is None:
            self._artist = await asyncio.to_thread(lambda: Artist(outlines.load()))
        return self._artist
