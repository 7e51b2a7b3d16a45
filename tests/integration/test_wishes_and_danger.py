"""Whatever chats wish, operators silence and Telegram answers, over the real lane and a real file:

* no all-clear while anything is in force for the chat, without one, or for what it never heard of;
* a dire change always sounds;
* danger of which a chat had heard no sound is looked at again later, or sounds.
"""

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from bot.handlers import writes
from bot.handlers.caller import Caller
from bot.outcome import Ambiguous, Gone, Later, Outcome, Refused
from storage import alerts, cards, chats, silences, situations
from storage.database import Tx, ms
from storage.model import (
    Alarm,
    Alert,
    AreaCode,
    ChatId,
    ChatKind,
    Clear,
    Danger,
    Event,
    Hazard,
    Kind,
    Level,
    Loudness,
    QuietHours,
    Retraction,
    Situation,
    Urgency,
    Wishes,
    Wrong,
)
from tests.integration.lane import (
    BELGOROD,
    BOROVSKY,
    KALUGA,
    ZHUKOVSKY,
    Call,
    Lane,
    all_areas,
    opened,
)

EXAMPLES: Final = int(os.environ.get("NABAT_EXAMPLES", "0"))
"""So many, and other ones each time, where asked for."""
WHOLE, DISTRICT, BOTH, GROUP, BEYOND = (ChatId(n) for n in (101, 102, 103, -204, 105))
FOLLOWS: Final = {
    WHOLE: (KALUGA,),
    DISTRICT: (BOROVSKY,),
    BOTH: (BOROVSKY, ZHUKOVSKY),
    GROUP: (ZHUKOVSKY,),
    BEYOND: (BELGOROD,),
}
HAZARDS: Final = (Hazard.UAV, Hazard.MISSILE, Hazard.SHELLING)
PLACES: Final = (KALUGA, BOROVSKY, ZHUKOVSKY)
TOLERATED: Final = timedelta(minutes=3)
"""What sounds so soon after another is excess (DOMAIN §4)."""
_HOURS = st.builds(
    QuietHours,
    start=st.sampled_from((time(22), time(23), time(0, 30), time(2))),
    end=st.sampled_from((time(6), time(7), time(9), time(11))),
    zone=st.sampled_from(("Europe/Moscow", "Asia/Omsk", "Europe/Kyiv")),
)
_places = st.lists(st.sampled_from(PLACES), min_size=1, max_size=2, unique=True)
_more = st.sampled_from((False, False, False, True))
_faults = st.sampled_from(
    (Ambiguous(why="?"), Gone(), Later(seconds=3, why="429"), Refused(why="no network"))
)
Told = tuple[Hazard, AreaCode]  # a danger at a followed place


class Story(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner, self.stack = asyncio.Runner(), AsyncExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="nabat-"))
        opening = opened(Path(folder), neighbours=_near)
        self.lane: Lane = self.run(self.stack.enter_async_context(opening))
        self.now = self.settled = Situation(region=KALUGA, version=0, at=self.lane.clock.at)
        self.follows = dict(FOLLOWS)
        self.wishes = {chat: Wishes(neighbours=chat == BEYOND) for chat in FOLLOWS}
        self.read = 0
        self.sounds: dict[ChatId, list[datetime]] = {chat: [] for chat in FOLLOWS}
        self.warned: set[ChatId] = set()  # were ever told of danger, or may have been
        self.cleared: set[ChatId] = set()  # an all-clear ended something since danger began
        self.known: dict[ChatId, set[Told]] = {chat: set() for chat in FOLLOWS}  # no sound is due
        self.begun: datetime | None = None  # danger anywhere
        for chat, follows in FOLLOWS.items():
            kind = ChatKind.GROUP if chat < 0 else ChatKind.PRIVATE
            self.run(self.lane.enrol(chat, *follows, kind=kind, wishes=self.wishes[chat]))
        self.write(lambda tx: chats.choose_neighbours(tx, BEYOND, wish=True))

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def write(self, work: Callable[[Tx], Awaitable[Any]]) -> Any:
        return self.run(self.lane.database.write(work))

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.runner.close()

    # --- what happens -----------------------------------------------------------------------

    @initialize(hour=st.sampled_from((0, 1, 20, *range(24))), quiet=_HOURS)
    def begin(self, hour: int, quiet: QuietHours) -> None:
        self.lane.clock.at += timedelta(hours=hour)
        for chat in (DISTRICT, BOTH):
            self.wishes[chat] = Wishes(quiet=quiet)
            self.write(lambda tx, chat=chat: chats.set_wishes(tx, chat, self.wishes[chat]))  # type: ignore[misc]

    @rule(
        hazard=st.sampled_from((Hazard.UAV, Hazard.SHELLING, *HAZARDS)),
        places=_places,
        level=st.sampled_from((Level.DECLARED, Level.DECLARED, *Level)),
        more=_more,
    )
    def threat(self, hazard: Hazard, places: list[AreaCode], level: Level, more: bool) -> None:
        now = self.tick()
        alarms = {alarm.area: alarm for alarm in _alarms(self.now, hazard)}
        for place in places:
            source = self.lane.source()
            old = alarms.get(place)
            if old is None or old.stale_at is not None:
                alarms[place] = Alarm(
                    area=place,
                    level=level,
                    since=now,
                    named_at=now,
                    confirmed_at=now,
                    sources=(source,),
                )
            else:
                alarms[place] = replace(
                    old,
                    level=max(level, old.level),
                    named_at=now,
                    confirmed_at=now,
                    sources=(*old.sources, source),
                )
        exempt = _exempt(self.now, hazard)
        free = () if KALUGA in places else tuple(each for each in exempt if each not in places)
        self.change(self.with_danger(hazard, alarms.values(), free), more=more)

    @rule(hazard=st.sampled_from(HAZARDS), places=_places, more=_more)
    def all_clear(self, hazard: Hazard, places: list[AreaCode], more: bool) -> None:
        alarms = {alarm.area: alarm for alarm in _alarms(self.now, hazard)}
        exempt = set(_exempt(self.now, hazard))
        whole = KALUGA in places
        ended = [area for area in alarms if whole or area in places]
        freed = [p for p in places if KALUGA in alarms and not whole and p not in exempt]
        if not ended and not freed:
            return
        now = self.tick()
        clear = Clear(
            hazard=hazard,
            areas=tuple(dict.fromkeys([*ended, *freed])),
            version=self.now.version + 1,
            exempt=tuple(exempt),
            named=tuple(places),
            whole=len(ended) == len(alarms),
            since=min(alarm.since for alarm in alarms.values()),
            at=now,
            source=self.lane.source("Отбой."),
        )
        left = [alarm for area, alarm in alarms.items() if area not in ended]
        after = self.with_danger(hazard, left, (*exempt, *freed))
        self.change(replace(after, clears=(*self.now.clears, clear)), more=more, clears=True)

    @rule(hazard=st.sampled_from(HAZARDS))
    def taken_back(self, hazard: Hazard) -> None:
        alarms = _alarms(self.now, hazard)
        if not alarms:
            return
        self.settle()
        now = self.tick()
        back = Retraction(
            hazard=hazard,
            areas=tuple(alarm.area for alarm in alarms),
            version=self.now.version + 1,
            at=now,
            wrong=Wrong.MISREAD,
        )
        after = self.with_danger(hazard, (), ())
        self.change(replace(after, retractions=(*self.now.retractions, back)))

    @rule(hazard=st.sampled_from(HAZARDS))
    def grows_stale(self, hazard: Hazard) -> None:
        now = self.tick()
        alarms = [replace(alarm, stale_at=now) for alarm in _alarms(self.now, hazard)]
        if alarms:
            self.change(self.with_danger(hazard, alarms, _exempt(self.now, hazard)))

    @rule(
        kind=st.sampled_from((Kind.EVACUATION, Kind.INTERCEPTION, Kind.DAMAGE)),
        place=st.sampled_from(PLACES),
        more=_more,
    )
    def happens(self, kind: Kind, place: AreaCode, more: bool) -> None:
        now = self.tick()
        said = self.lane.source("Частный жилой дом.")
        event = Event(
            key=f"1:{said.message}:0",
            kind=kind,
            hazard=Hazard.UAV,
            areas=(place,),
            at=now,
            sources=(said,),
        )
        self.change(replace(self.now, events=(*self.now.events, event)), more=more)

    @rule(minutes=st.sampled_from((1, 4, 20, 65, 200, 600)))
    def passes(self, minutes: int) -> None:
        until = self.lane.clock.at + timedelta(minutes=minutes)
        self.settle()
        while (due := self.due()) is not None and due < until:
            self.lane.clock.at = max(due, self.lane.clock.at)
            self.settle()
        self.lane.clock.at = max(until, self.lane.clock.at)
        self.settle()

    @rule(
        chat=st.sampled_from((WHOLE, DISTRICT, BOTH, GROUP)),
        quiet=st.none() | _HOURS,
        snooze=st.none() | st.sampled_from((30, 200)),
        loudness=st.sampled_from((Loudness.ALL, Loudness.ALL, *Loudness)),
    )
    def wishes_change(
        self, chat: ChatId, quiet: QuietHours | None, snooze: int | None, loudness: Loudness
    ) -> None:
        now = self.tick()
        until = None if snooze is None else now + timedelta(minutes=snooze)
        wishes = Wishes(quiet=quiet, snoozed_until=until, louder=((KALUGA, loudness),))
        self.settle()
        self.wishes[chat] = wishes

        async def write(tx: Tx) -> None:
            await chats.set_wishes(tx, chat, wishes)
            await cards.reconsider(tx, chat, now)

        self.write(write)
        self.settle()

    @rule(hazard=st.none() | st.sampled_from(HAZARDS), minutes=st.sampled_from((10, 90, 700)))
    def silenced(self, hazard: Hazard | None, minutes: int) -> None:
        now = self.tick()
        until = now + timedelta(minutes=minutes)
        self.settle()
        self.write(lambda tx: silences.put(tx, KALUGA, hazard, 1, "…", at=now, until=until))

    @rule()
    def silence_is_lifted(self) -> None:
        now = self.tick()

        async def write(tx: Tx) -> None:
            for each in await silences.in_force(tx, now, KALUGA):
                await silences.end(tx, each.id, now)
            await cards.rouse(tx, KALUGA, now)

        self.write(write)
        self.settle()

    @rule(place=st.sampled_from((BOROVSKY, ZHUKOVSKY)))
    def follows_or_not(self, place: AreaCode) -> None:
        now = self.tick()
        self.settle()
        chat = self.run(self.lane.database.read(lambda tx: chats.get(tx, BOTH)))
        caller = Caller(id=BOTH, kind=chat.kind, known=chat, thread=None, language=None)
        areas = all_areas()
        if place in self.follows[BOTH]:
            self.write(lambda tx: writes.unfollow(tx, caller, place, now, _near))
            self.follows[BOTH] = tuple(p for p in self.follows[BOTH] if p != place)
        else:
            self.write(lambda tx: writes.follow(tx, caller, place, areas, now, _near))
            self.follows[BOTH] = (*self.follows[BOTH], place)
        self.known[BOTH] |= {(h, place) for h in HAZARDS if _live(self.now, h, place)}
        self.warned.add(BOTH)
        self.settle()

    @rule(chat=st.sampled_from(tuple(FOLLOWS)), fault=_faults)
    def telegram_fails(self, chat: ChatId, fault: Outcome) -> None:
        self.lane.door.answers[chat].append(fault)

    # --- what is so ---------------------------------------------------------------------------

    def tick(self) -> datetime:
        self.lane.clock.at += timedelta(seconds=1)
        return self.lane.clock.at

    def with_danger(
        self, hazard: Hazard, alarms: Iterable[Alarm], exempt: Iterable[AreaCode]
    ) -> Situation:
        others = [danger for danger in self.now.dangers if danger.hazard is not hazard]
        kept = tuple(alarms)
        free = tuple(exempt) if any(alarm.area == KALUGA for alarm in kept) else ()
        mine = [Danger(hazard=hazard, alarms=kept, exempt=free)] if kept else []
        return replace(self.now, dangers=(*others, *mine))

    def change(self, after: Situation, *, more: bool = False, clears: bool = False) -> None:
        before, now = self.now, self.lane.clock.at
        self.now = replace(after, version=before.version + 1, at=now, episode=1)
        for chat, follows in self.follows.items():
            was, is_now = _in_force(before, chat, follows), _in_force(self.now, chat, follows)
            if clears and was > is_now:
                self.cleared.add(chat)
            if is_now and not was:
                self.cleared.discard(chat)
        if not _live_anywhere(self.now):
            self.begun = None
        elif self.begun is None:
            self.begun = now
        alert = Alert(
            region=KALUGA,
            version=self.now.version,
            urgency=Urgency.URGENT,
            touched=(KALUGA,),
            published_at=now,
        )

        async def write(tx: Tx) -> None:
            await situations.append(tx, self.now)
            await alerts.publish(tx, alert)

        self.write(write)
        if not more:
            self.settle()

    def due(self) -> datetime | None:
        return self.run(self.lane.database.read(cards.next_due))  # type: ignore[no-any-return]

    def settle(self) -> None:
        """Until nothing is owed within the next minute; then what must be so."""
        before = {chat: len(sounds) for chat, sounds in self.sounds.items()}
        for _ in range(100):
            self.run(self.lane.drain())
            self.hear()
            due = self.due()
            owed = self.run(self.lane.database.read(cards.backlog))
            soon = self.lane.clock.at + timedelta(minutes=1)
            if not owed and (due is None or due > soon):
                break
            step = self.lane.clock.at + timedelta(seconds=1)
            self.lane.clock.at = step if owed or due is None else max(step, due)
        else:
            raise AssertionError("it never comes to rest")
        for chat in (WHOLE, DISTRICT, BOTH, GROUP):
            self.check(chat, called=len(self.sounds[chat]) > before[chat])
        self.settled = self.now

    def hear(self) -> None:
        calls = self.lane.door.calls
        for call in calls[self.read :]:
            first = call.text.splitlines()[0]
            assert call.lever != "sound" or call.chat != BEYOND, "neighbours are told silently"
            if call.lever == "sound":
                self.sounds[call.chat].append(self.lane.clock.at)
            if first.startswith("✅"):
                self.is_over(call, first)
            elif first[0] in "🟡🟠🔴⚪":
                self.warned.add(call.chat)
        self.read = len(calls)

    def is_over(self, call: Call, first: str) -> None:
        chat = call.chat
        if call.lever == "edit":  # of a card that ended before the danger that is
            live = self.run(self.lane.database.read(lambda tx: cards.live(tx, chat, KALUGA)))
            if live is None or live.message_id != call.message:
                return
        assert not _in_force(self.now, chat, self.follows[chat]), f"false all-clear: {first}"
        assert chat in self.cleared, f"nobody gave it: {first}"
        assert chat in self.warned or "УЖЕ ОТБОЙ" in first, f"never told of danger: {first}"

    def check(self, chat: ChatId, *, called: bool) -> None:
        wishes, now, follows = self.wishes[chat], self.lane.clock.at, self.follows[chat]
        told = {(h, p) for h in HAZARDS for p in follows if _live(self.now, h, p)}
        self.known[chat] &= told
        if wishes.loudness_in(KALUGA) is Loudness.SILENT:
            self.known[chat] |= told
            return
        for hazard, place in told - self.known[chat]:
            dire = _is_dire(self.now, hazard, place) and not _is_dire(self.settled, hazard, place)
            assert called or not dire, f"{chat} heard no sound of {hazard} in {place}"
        if set(self.now.events) - set(self.settled.events) and not called:
            fresh = set(self.now.events) - set(self.settled.events)
            gone = {e.areas[0] for e in fresh if e.kind is Kind.EVACUATION}
            near = gone & {*follows, KALUGA} if chat != WHOLE else gone & {KALUGA}
            assert not near or not follows, f"{chat} was not called away"
        for hazard, place in told - self.known[chat]:
            begun = min(alarm.since for alarm in _live(self.now, hazard, place))
            if chat == WHOLE and self.begun is not None:
                begun = self.begun
            if any(at >= begun - TOLERATED for at in self.sounds[chat]):
                continue
            assert self.looks_again(chat, now), f"{chat} will never hear of {hazard} in {place}"

    def looks_again(self, chat: ChatId, now: datetime) -> bool:
        row = self.run(
            self.lane.database.read(
                lambda tx: tx.one(
                    "SELECT due_at FROM cards WHERE chat = :chat AND open = 1", chat=chat
                )
            )
        )
        return row is not None and row["due_at"] is not None and row["due_at"] > ms(now)


def _near(region: AreaCode) -> tuple[AreaCode, ...]:
    return {KALUGA: (BELGOROD,), BELGOROD: (KALUGA,)}.get(region, ())


def _alarms(situation: Situation, hazard: Hazard) -> tuple[Alarm, ...]:
    danger = situation.danger(hazard)
    return () if danger is None else danger.alarms


def _exempt(situation: Situation, hazard: Hazard) -> tuple[AreaCode, ...]:
    danger = situation.danger(hazard)
    return () if danger is None else danger.exempt


def _reaching(situation: Situation, hazard: Hazard, place: AreaCode) -> list[Alarm]:
    free = place in _exempt(situation, hazard)
    return [
        alarm
        for alarm in _alarms(situation, hazard)
        if place in (KALUGA, alarm.area) or (alarm.area == KALUGA and not free)
    ]


def _live(situation: Situation, hazard: Hazard, place: AreaCode) -> list[Alarm]:
    return [a for a in _reaching(situation, hazard, place) if a.stale_at is None]


def _live_anywhere(situation: Situation) -> bool:
    return any(_live(situation, hazard, KALUGA) for hazard in HAZARDS)


def _in_force(situation: Situation, chat: ChatId, follows: tuple[AreaCode, ...]) -> int:
    """How many dangers, stale ones too."""
    if chat == BEYOND:
        return sum(
            alarm.area == KALUGA or hazard is Hazard.MISSILE
            for hazard in HAZARDS
            for alarm in _alarms(situation, hazard)
        )
    return sum(len(_reaching(situation, h, place)) for h in HAZARDS for place in follows)


def _is_dire(situation: Situation, hazard: Hazard, place: AreaCode) -> bool:
    alarms = _live(situation, hazard, place)
    if hazard is Hazard.MISSILE:
        return bool(alarms)
    wide = [alarm for alarm in alarms if place != KALUGA or alarm.area == KALUGA]
    return any(alarm.level is Level.IMMINENT for alarm in wide)


def test_whatever_chats_wish() -> None:
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=EXAMPLES or 20,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=not EXAMPLES,
        ),
    )
