"""What must be so after a run, whatever was killed when. Pure.

Three witnesses: the story says what each chat had to hear, the server of the Bot API what it
accepted, the database what the service believed. Every pair of them must agree.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.crashtest.story import RESIDENTS, Resident, State, Story, Told, region_of
from bot.sandbox.bot_api_model import Call
from storage.journal import Claim, Read, Telling
from storage.model import AreaCode, ChatId, Hazard

_TAG: Final = re.compile(r"#\d+·(\d+)\s*$")
_WORDS: Final = {Hazard.UAV: "бпла", Hazard.MISSILE: "ракет"}
_CLEAR: Final = "✅"
_DANGER: Final = ("🟡", "🟠", "🔴")
_PASSED: Final = "✅ БЫЛА ОПАСНОСТЬ"


class Wrong(StrEnum):
    LOST = "lost"
    UNEXPECTED = "unexpected"
    DUPLICATED = "duplicated beyond what was in flight"
    DISORDERED = "out of order"
    UNALARMED = "an all-clear without an alarm"
    UNFOUNDED = "taken for told without a message"
    OVERTAKEN = "begun though it was no longer the latest"
    ENDED = "the service ended by itself"
    STUCK = "did not come to rest"
    FILE = "the database is damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    wrong: Wrong
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """``log``: what the Bot API accepted, in order. ``posted``: how many posts each channel has.
    ``sound``: SQLite's opinion of the file."""

    story: Story
    log: Sequence[Call]
    posted: Mapping[str, int]
    claims: Sequence[Claim]
    tellings: Sequence[Telling]
    read: Sequence[Read]
    versions: Mapping[AreaCode, int]
    sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``in_flight``: requests that a kill left without an answer. ``duplicates``: messages that
    a chat got once more for it."""

    faults: tuple[Fault, ...]
    in_flight: int
    duplicates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """A message or an edit that a chat got, with the version that it shows."""

    version: int
    text: str
    message: int
    fresh: bool

    @property
    def clears(self) -> bool:
        return self.text.startswith(_CLEAR)

    @property
    def says(self) -> str:
        return f"«{self.text.partition(chr(10))[0]}» of version {self.version}"


def prove(evidence: Evidence) -> Verdict:
    doubts = Counter(
        (claim.chat, claim.version)
        for claim in evidence.claims
        if claim.outcome == "in_doubt" and claim.lever != "edit"
    )
    faults = list(_read(evidence))  # first what may be the cause of the rest
    duplicates = 0
    for resident in RESIDENTS:
        heard = list(_heard(evidence.log, resident.id))
        told = evidence.story.told(resident)
        faults += _right(resident, heard, told)
        faults += _in_order(resident, heard)
        faults += _alarmed_before(resident, heard, evidence.claims)
        for version, times in Counter(each.version for each in heard if each.fresh).items():
            duplicates += times - 1
            if times - 1 > doubts[resident.id, version]:
                faults.append(
                    _fault(
                        Wrong.DUPLICATED,
                        f"chat {resident.id} got {times} messages of version {version}, "
                        f"with {doubts[resident.id, version]} in flight at a kill",
                    )
                )
    faults += _ledger(evidence)
    return Verdict(
        faults=tuple(faults),
        in_flight=sum(claim.outcome == "in_doubt" for claim in evidence.claims),
        duplicates=duplicates,
    )


def _fault(wrong: Wrong, words: str) -> Fault:
    return Fault(wrong=wrong, words=words)


def _heard(log: Sequence[Call], chat: ChatId) -> Iterator[_Heard]:
    """What has no number says only that the story goes on below."""
    for call in log:
        if call.chat_id != chat or call.text is None:
            continue
        if (tag := _TAG.search(call.text)) is not None:
            yield _Heard(
                version=int(tag[1]),
                text=call.text,
                message=call.message_id,
                fresh=call.version == 1,
            )


# --- the story and the chats ------------------------------------------------------------------


def _right(resident: Resident, heard: Sequence[_Heard], told: Told) -> Iterator[Fault]:
    """Nothing lost, nothing unexpected: scene by scene, since all is told before the next."""
    for each in heard:
        if not 0 < each.version < len(told.states):
            yield _fault(Wrong.UNEXPECTED, f"chat {resident.id} heard {each.says}")
        elif each.fresh and not _is_so(each, told.states[each.version]):
            yield _fault(
                Wrong.UNEXPECTED,
                f"chat {resident.id} heard {each.says}, when this was in force: "
                f"{_named(told.states[each.version])}",
            )
    for first, last in told.scenes:
        states = told.states[first : last + 1]
        mine = [each for each in heard if first < each.version <= last]
        if all(state == states[0] for state in states):
            for each in (each for each in mine if each.fresh):
                words = f"chat {resident.id} heard {each.says}, which was none of its business"
                yield _fault(Wrong.UNEXPECTED, words)
            continue
        for words in _missing(states, mine, resident):
            yield _fault(
                Wrong.LOST, f"chat {resident.id}, versions {first + 1} to {last}: {words}"
            )


def _is_so(heard: _Heard, state: State) -> bool:
    return heard.clears if not state else heard.text.startswith(_DANGER)


def _named(state: State) -> str:
    return ", ".join(f"{hazard} in {area}" for hazard, area in sorted(state)) or "nothing"


def _missing(
    states: Sequence[State], heard: Sequence[_Heard], resident: Resident
) -> Iterator[str]:
    """What a chat should have heard of a scene, from the state before it to the last."""
    before, now = states[0], states[-1]
    for hazard in sorted(_hazards(now) - _hazards(before)):
        # A region's follower who is in danger already learns of a district's by an edit.
        places = {area for kind, area in now if kind is hazard}
        quietly = any(states[:-1]) and not places & set(map(region_of, resident.follows))
        if not any(_names(each, hazard) for each in heard if each.fresh or quietly):
            yield f"the danger ({hazard}) was not told"
    if any(states) and not now and not any(each.clears for each in heard if each.fresh):
        yield "the all-clear was not told"
    if before != now and heard:
        # Not the last in time: a closed card's edit may come after the next card's message.
        last = max(reversed(heard), key=lambda each: each.version)
        if not _is_so(last, now) or not all(_names(last, kind) for kind in _hazards(now)):
            yield f"the last that it saw was {last.says}, in force is: {_named(now)}"


def _names(heard: _Heard, hazard: Hazard) -> bool:
    return _WORDS[hazard] in heard.text.lower()


def _hazards(state: State) -> frozenset[Hazard]:
    return frozenset(hazard for hazard, _ in state)


def _in_order(resident: Resident, heard: Sequence[_Heard]) -> Iterator[Fault]:
    """New messages; and what each of them shows as it is edited."""
    latest = 0
    shown: Counter[int] = Counter()
    for each in heard:
        before = latest if each.fresh else shown[each.message]
        if each.version < before:
            words = f"chat {resident.id} got {each.says} after version {before}"
            yield _fault(Wrong.DISORDERED, words)
        latest = max(latest, each.version) if each.fresh else latest
        shown[each.message] = max(shown[each.message], each.version)


def _alarmed_before(
    resident: Resident, heard: Sequence[_Heard], claims: Sequence[Claim]
) -> Iterator[Fault]:
    """Only who was alarmed, or may have been by a request in flight, hears an all-clear; to the
    others a message says both."""
    alarmed, cleared = False, 0
    for each in heard:
        if not each.fresh:
            continue
        if not each.clears:
            alarmed = True
        elif each.text.startswith(_PASSED) or each.version == cleared:
            continue  # the second: a duplicate, counted as such
        else:
            perhaps = any(
                claim.chat == resident.id
                and claim.version < each.version
                and claim.alarms
                and claim.outcome == "in_doubt"
                for claim in claims
            )
            if not (alarmed or perhaps):
                yield _fault(Wrong.UNALARMED, f"chat {resident.id} heard {each.says}")
            alarmed, cleared = False, each.version


# --- the database and the others --------------------------------------------------------------


def _read(evidence: Evidence) -> Iterator[Fault]:
    """Every post up to the cursor is stored and applied, once."""
    for channel in evidence.read:
        posted = set(range(1, evidence.posted.get(channel.username, 0) + 1))
        if missing := sorted(posted - set(channel.posts)):
            words = f"posts {missing} of @{channel.username}, cursor {channel.cursor}"
            yield _fault(Wrong.LOST, words)
        if channel.unsettled:
            words = f"posts {list(channel.unsettled)} of @{channel.username} were not applied"
            yield _fault(Wrong.LOST, words)
    for region in sorted({region_of(resident.follows[0]) for resident in RESIDENTS}):
        meant = len(evidence.story.versions(region)) - 1
        made = evidence.versions.get(region, 0)
        if made != meant:
            wrong = Wrong.LOST if made < meant else Wrong.UNEXPECTED
            yield _fault(wrong, f"{region} has {made} versions, its posts make {meant}")
    if not evidence.sound:
        yield _fault(Wrong.FILE, "SQLite's own checks fail")


def _ledger(evidence: Evidence) -> Iterator[Fault]:
    """What the service believes it sent is what was sent, and was the latest when it was begun."""
    arrived = Counter(
        (resident.id, each.version)
        for resident in RESIDENTS
        for each in _heard(evidence.log, resident.id)
        if each.fresh
    )
    accepted: Counter[tuple[ChatId, int]] = Counter()
    begun: Counter[tuple[ChatId, int]] = Counter()
    for claim in evidence.claims:
        if claim.open and claim.head != claim.version:
            yield _fault(
                Wrong.OVERTAKEN,
                f"card {claim.card}: version {claim.version} was sent when {claim.head} was known",
            )
        if claim.rivals:
            words = f"card {claim.card}: {claim.rivals} requests at once besides"
            yield _fault(Wrong.OVERTAKEN, words)
        if claim.lever != "edit":
            key = (claim.chat, claim.version)
            begun[key] += 1
            accepted[key] += claim.outcome == "accepted"
    for key, times in accepted.items():
        if times > arrived[key]:
            yield _fault(
                Wrong.UNFOUNDED,
                f"chat {key[0]}: {times} messages of version {key[1]} are noted as accepted, "
                f"{arrived[key]} arrived",
            )
    for key, times in arrived.items():
        if times > begun[key]:
            yield _fault(
                Wrong.UNEXPECTED,
                f"chat {key[0]}: {times} messages of version {key[1]}, {begun[key]} were begun",
            )
    for telling in evidence.tellings:
        if not telling.carried:
            yield _fault(
                Wrong.UNFOUNDED,
                f"chat {telling.chat} was taken for told of version {telling.version}, "
                "which no request carried",
            )
