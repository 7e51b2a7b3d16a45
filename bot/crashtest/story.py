"""What is posted in a run, and what each post means by the rules of DOMAIN §3 and §4. Pure.

This is the oracle: it reads no text and knows nothing of how the service works. Each beat that
has an effect makes the next version of its region.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from storage.model import AreaCode, ChatId, ChatKind, Hazard

KALUGA: Final = AreaCode("RU-KLU")
BOROVSKY: Final = AreaCode("RU-KLU/borovsky")
ZHUKOVSKY: Final = AreaCode("RU-KLU/zhukovsky")
BELGOROD: Final = AreaCode("RU-BEL")
CHANNELS: Final = {"kaluga_gov": KALUGA, "kaluga_mchs": KALUGA, "belgorod_gov": BELGOROD}

Danger = tuple[Hazard, AreaCode]
State = frozenset[Danger]
"""What is in force."""

_BEGINS: Final[dict[Danger, tuple[str, ...]]] = {
    (Hazard.UAV, KALUGA): (
        "Внимание! На территории Калужской области объявлена опасность атаки БПЛА.",
        "На территории Калужской области объявлена опасность атаки БПЛА! Будьте внимательны.",
    ),
    (Hazard.UAV, BOROVSKY): ("Опасность атаки БПЛА в Боровском муниципальном округе.",),
    (Hazard.UAV, ZHUKOVSKY): ("Опасность атаки БПЛА в Жуковском муниципальном округе.",),
    (Hazard.MISSILE, KALUGA): ("Ракетная опасность на территории Калужской области!",),
    (Hazard.UAV, BELGOROD): ("Опасность атаки БПЛА на территории Белгородской области!",),
    (Hazard.MISSILE, BELGOROD): ("Ракетная опасность на территории Белгородской области!",),
}
_ENDS: Final[dict[Danger, str]] = {
    (Hazard.UAV, KALUGA): "Отбой опасности атаки БПЛА на территории Калужской области.",
    (Hazard.UAV, BOROVSKY): "Отбой опасности атаки БПЛА в Боровском муниципальном округе.",
    (Hazard.UAV, ZHUKOVSKY): "Отбой опасности атаки БПЛА в Жуковском муниципальном округе.",
    (Hazard.MISSILE, KALUGA): "Отбой ракетной опасности на территории Калужской области.",
    (Hazard.UAV, BELGOROD): "Отбой опасности атаки БПЛА на территории Белгородской области.",
    (Hazard.MISSILE, BELGOROD): "Отбой ракетной опасности на территории Белгородской области.",
}
_NEWS: Final = (
    "Сегодня в Обнинске открыли обновлённый каток.",
    "Поздравляю с победой нашу команду по хоккею!",
)
_SCENES: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """A chat that listens."""

    id: ChatId
    follows: tuple[AreaCode, ...]
    kind: ChatKind = ChatKind.PRIVATE


RESIDENTS: Final = (
    Resident(id=ChatId(730001), follows=(KALUGA,)),
    Resident(id=ChatId(730002), follows=(BOROVSKY,)),
    Resident(id=ChatId(730003), follows=(ZHUKOVSKY,)),
    Resident(id=ChatId(730004), follows=(BOROVSKY, ZHUKOVSKY)),
    Resident(id=ChatId(730005), follows=(BELGOROD,)),
    Resident(id=ChatId(730006), follows=(KALUGA,)),
    Resident(id=ChatId(-1007301), follows=(KALUGA,), kind=ChatKind.SUPERGROUP),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """A post. ``begins`` or ``ends`` a danger, or neither: news of the town."""

    channel: str
    text: str
    begins: Danger | None = None
    ends: Danger | None = None
    pause: float = 0.0
    """Seconds after the post before it."""

    @property
    def region(self) -> AreaCode:
        return CHANNELS[self.channel]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Beats that may come while others are being told. ``away``: the service is dead while they
    are posted. Everybody has heard before the next scene begins."""

    beats: tuple[Beat, ...]
    away: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a chat follows, by version of its region: ``states[n]`` after version n.
    ``scenes``: the versions from and to, the first excluded, that each scene made."""

    states: tuple[State, ...]
    scenes: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    scenes: tuple[Scene, ...]

    def versions(self, region: AreaCode) -> tuple[State, ...]:
        """All that was in force there after each version, the first of them before any."""
        states: list[State] = [frozenset()]
        for scene in self.scenes:
            for beat in scene.beats:
                if beat.region == region and (beat.begins or beat.ends):
                    states.append(after(states[-1], beat))
        return tuple(states)

    def told(self, resident: Resident) -> Told:
        region = region_of(resident.follows[0])
        states = tuple(
            frozenset(danger for danger in state if _concerns(danger[1], resident.follows))
            for state in self.versions(region)
        )
        ends, version = [0], 0
        for scene in self.scenes:
            version += sum(
                1 for beat in scene.beats if beat.region == region and (beat.begins or beat.ends)
            )
            ends.append(version)
        return Told(states=states, scenes=tuple(itertools.pairwise(ends)))


def region_of(code: AreaCode) -> AreaCode:
    return AreaCode(code.partition("/")[0])


def after(state: State, beat: Beat) -> State:
    """An all-clear for a region ends that danger in all its parts."""
    if beat.begins is not None:
        return state | {beat.begins}
    if beat.ends is None:
        return state
    hazard, area = beat.ends
    return frozenset(
        danger for danger in state if danger[0] is not hazard or not _inside(danger[1], area)
    )


def _inside(area: AreaCode, whole: AreaCode) -> bool:
    return area == whole or area.startswith(f"{whole}/")


def _concerns(area: AreaCode, follows: Sequence[AreaCode]) -> bool:
    return any(_inside(area, code) or _inside(code, area) for code in follows)


# --- making one up ----------------------------------------------------------------------------


@dataclass(slots=True)
class _Author:
    rng: random.Random
    states: dict[AreaCode, State] = field(
        default_factory=lambda: {KALUGA: frozenset(), BELGOROD: frozenset()}
    )
    speakers: dict[AreaCode, str] = field(default_factory=dict)

    def scene(self, *, first: bool) -> Scene:
        self._choose_speakers()
        count = 1 if first else self.rng.choice((1, 2, 2, 2, 3, 3))
        away = count > 1 and self.rng.random() < 0.2
        return Scene(beats=tuple(self._beat() for _ in range(count)), away=away)

    def _beat(self) -> Beat:
        region = self.rng.choice((KALUGA, KALUGA, KALUGA, BELGOROD))
        if self.rng.random() < 0.1:
            return self._post(region, self.rng.choice(_NEWS))
        moves = [*self._may_begin(region), *self._may_end(region)]
        return self._take(region, *self.rng.choice(moves))

    def last_scene(self) -> Scene:
        """Everything ends."""
        self._choose_speakers()
        beats = []
        for region in self.states:
            while moves := list(self._may_end(region)):
                beats.append(self._take(region, *moves[0]))
        return Scene(beats=tuple(beats))

    def _choose_speakers(self) -> None:
        """Only posts of one channel are sure to be read in the order in which they were posted."""
        for region in self.states:
            speak = [name for name, where in CHANNELS.items() if where == region]
            self.speakers[region] = self.rng.choice(speak)

    def _take(self, region: AreaCode, danger: Danger, begins: bool) -> Beat:
        beat = (
            self._post(region, self.rng.choice(_BEGINS[danger]), begins=danger)
            if begins
            else self._post(region, _ENDS[danger], ends=danger)
        )
        self.states[region] = after(self.states[region], beat)
        return beat

    def _post(
        self,
        region: AreaCode,
        text: str,
        begins: Danger | None = None,
        ends: Danger | None = None,
    ) -> Beat:
        return Beat(
            channel=self.speakers[region],
            text=text,
            begins=begins,
            ends=ends,
            pause=self.rng.choice((0.0, 0.01, 0.02, 0.03, 0.05)),
        )

    def _may_begin(self, region: AreaCode) -> Iterator[tuple[Danger, bool]]:
        """What the whole region is in, its parts are in already."""
        state = self.states[region]
        for hazard, area in _BEGINS:
            if region_of(area) != region:
                continue
            if not {(hazard, area), (hazard, region)} & state:
                yield (hazard, area), True

    def _may_end(self, region: AreaCode) -> Iterator[tuple[Danger, bool]]:
        """A part is cleared only where its region is not in danger."""
        state = self.states[region]
        for hazard, area in sorted(state):
            if area == region or (hazard, region) not in state:
                yield (hazard, area), False


def story(rng: random.Random) -> Story:
    author = _Author(rng)
    scenes = [*(author.scene(first=n == 0) for n in range(_SCENES)), author.last_scene()]
    return Story(scenes=tuple(scene for scene in scenes if scene.beats))
