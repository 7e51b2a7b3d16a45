"""How a chat is told of a change: with a sound, silently, by an edit, later, or not at all. Pure.

`bot.table` is DOMAIN §4's table. The best lever of all changes that wait together is pulled once;
what the sound budget or the chat's loudness takes away becomes silent, never later. A card of
a neighbouring region (``Card.via``) goes by the table's last column, and by a view that has only
what neighbours are told.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from bot.changes.ending import clears, falls
from bot.changes.found import Between, Found
from bot.changes.rising import dangers
from bot.changes.stated import drills, events, state
from bot.changes.taken_back import heard_of, taken_back
from bot.events import LINES, wanted
from bot.reasons import Reason as Reason
from bot.table import ROWS, WEIGHT, Act, Row
from bot.table import Lever as Lever
from bot.view import View, view_of
from storage.areas.tree import Areas
from storage.model import (
    AreaCode,
    Card,
    Chat,
    ChatKind,
    Hazard,
    Kind,
    Level,
    Loudness,
    Situation,
    Urgency,
    Wishes,
)

DIGEST_EVERY: Final = timedelta(hours=1)
RENEWED_AFTER: Final = timedelta(minutes=10)
CLEAR_HEARD_WITHIN: Final = timedelta(hours=3)
LATE_AFTER: Final = timedelta(minutes=60)
EDITS_APART: Final = timedelta(seconds=10)
EDITS_APART_IN_GROUPS: Final = timedelta(seconds=30)
NEIGHBOURS_EDITS_APART: Final = timedelta(minutes=15)
"""Of its own message too, and the all-clear waits as well: it is looked up, not called."""

_OVER: Final = (Reason.ALL_CLEAR, Reason.NEIGHBOUR_REST, Reason.OPENED_AND_CLOSED)
_LEVERS: Final = (Lever.SOUND, Lever.SILENT, Lever.EDIT, Lever.SKIP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do for one card.

    ``until``: for WAIT, the domain time when to look again. ``ends``: the chat's episode is over
    after this. ``alarmed``: after this, the chat counts as told of danger. ``danger``: speaks of
    danger now in force, so it may be sent again when in doubt. ``anew``: the new message becomes
    the live card (always in groups and channels). ``quieted``: why a sound was taken away.
    """

    lever: Lever
    reason: Reason
    urgency: Urgency
    until: datetime | None = None
    ends: bool = False
    alarmed: bool = False
    danger: bool = False
    anew: bool = False
    quieted: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pull:
    """One change with the lever its row gives it, and why not a louder one."""

    found: Found
    reason: Reason
    row: Row
    lever: Lever
    quieted: Reason | None = None

    @property
    def order(self) -> tuple[int, int]:
        return _LEVERS.index(self.lever), WEIGHT[self.found.reason]


def decide(
    *,
    card: Card,
    chat: Chat,
    follows: tuple[AreaCode, ...],
    told: Situation | None,
    current: Situation,
    areas: Areas,
    now: datetime,
    last_sound: datetime | None = None,
    silenced: frozenset[Hazard] = frozenset(),
) -> Decision:
    """``silenced``: hazards whose sounds operators turned off here for a time.
    ``told``: the snapshot of ``card.told``. ``last_sound``: the chat's last sound on any card,
    if that is known to be later than this card's. A closed card only catches up with itself: what
    is then to be rendered is its own ``told`` snapshot, not the present."""
    if not card.open:
        return _catch_up(card, chat, now, Reason.CLOSED, ends=True)
    between = Between(
        card=card,
        wishes=chat.wishes,
        told=view_of(card, told, follows, areas) if told is not None else None,
        now=view_of(card, current, follows, areas),
        areas=areas,
    )
    rows = (dangers, clears, falls, taken_back, events, state, drills)
    found = tuple(_as_told(each, between) for row in rows for each in row(between))
    pulls = [
        _soften(_pull(each, chat.wishes, between, now), chat, card, now, last_sound)
        for each in found
        if each.reason is not Reason.DRILL_IN_DANGER
    ]
    if silenced and _is_silenced(between, silenced):
        pulls = [_hush(pull) for pull in pulls]
    if all(pull.lever is Lever.SKIP for pull in pulls):
        known = told is not None and told.version == current.version
        return _nothing(between, chat, now, found, known=known)
    return _answer(between, chat, now, pulls)


def _as_told(found: Found, between: Between) -> Found:
    """A neighbour is not told that a region is clear while parts of it are in danger."""
    over = found.reason is Reason.ALL_CLEAR or (
        found.reason is Reason.OPENED_AND_CLOSED and between.told is not None
    )
    return replace(found, reason=Reason.NEIGHBOUR_REST) if over and between.now.rest else found


def _pull(found: Found, wishes: Wishes, between: Between, now: datetime) -> _Pull:
    card, row = between.card, ROWS[found.reason]
    act = row.district if found.near else row.region
    if between.now.neighbour:
        act = row.neighbour
    heard = now - card.sounded_at if card.sounded_at else None
    lever, reason, quieted = Lever.EDIT, found.reason, None
    match act:
        case Act.SOUND:
            lever = Lever.SOUND
        case Act.SILENT:
            lever = Lever.SILENT
        case Act.EDIT:
            lever = Lever.EDIT
        case Act.WIDE | Act.DIGEST:
            if (act is Act.WIDE and found.wide) or wishes.every_district:
                lever = Lever.SOUND
            elif heard is None or heard >= DIGEST_EVERY:
                lever, reason = Lever.SOUND, Reason.DIGEST
        case Act.GRAVE:
            lever = Lever.SOUND if found.grave else Lever.EDIT
        case Act.PAUSE:
            lever = Lever.SOUND if heard is None or heard >= RENEWED_AFTER else Lever.EDIT
        case Act.HEARD:
            audible = wishes.clear_audible and heard is not None and heard <= CLEAR_HEARD_WITHIN
            lever = Lever.SOUND if audible else Lever.SILENT
            quieted = None if audible else Reason.NOT_SOUNDED
        case Act.SHOWN:
            lever = Lever.SKIP if between.told is None else Lever.EDIT
        case _:
            assert_never(act)
    return _Pull(found=found, reason=reason, row=row, lever=lever, quieted=quieted)


def _soften(
    pull: _Pull, chat: Chat, card: Card, now: datetime, last_sound: datetime | None
) -> _Pull:
    """What lateness, loudness and the sound budget leave of a sound."""
    if pull.lever is not Lever.SOUND:
        return pull
    quieted = (
        Reason.LATE
        if _late(pull, now)
        else Reason.LOUDNESS
        if not _loud_enough(pull, chat.wishes.loudness)
        else Reason.TOO_SOON
        if _over_budget(pull, card, now, last_sound)
        else None
    )
    if quieted is None:
        return pull
    return _Pull(
        found=pull.found,
        reason=pull.reason,
        row=pull.row,
        lever=Lever.SILENT,
        quieted=quieted,
    )


_ALWAYS_HEARD: Final = (Reason.MISSILE, Reason.EVACUATION, Reason.CORRECTION)


def _hush(pull: _Pull) -> _Pull:
    if pull.lever is not Lever.SOUND or pull.reason in _ALWAYS_HEARD:
        return pull
    return replace(pull, lever=Lever.SILENT, quieted=Reason.SILENCED)


def _is_silenced(between: Between, hazards: frozenset[Hazard]) -> bool:
    """Nothing on the card is of another hazard, of the highest level, or a missile."""
    threats = between.now.fresh
    loud = any(t.hazard is Hazard.MISSILE or t.level is Level.IMMINENT for t in threats)
    said = {threat.hazard for threat in threats}
    if not threats:
        said = {clear.hazard for clear in between.now.clears}
        said |= {event.hazard for event in between.now.events}
    return not loud and said <= hazards


def _late(pull: _Pull, now: datetime) -> bool:
    published = pull.found.published
    if published is None or pull.reason is Reason.ALL_CLEAR:
        return False
    return now - published > LATE_AFTER


def _loud_enough(pull: _Pull, loudness: Loudness) -> bool:
    match loudness:
        case Loudness.ALL:
            return True
        case Loudness.IMPORTANT:
            return pull.row.insists and pull.reason is not Reason.DIGEST
        case Loudness.SILENT:
            return False
        case _:
            assert_never(loudness)


def _over_budget(pull: _Pull, card: Card, now: datetime, last_sound: datetime | None) -> bool:
    if pull.row.free or pull.found.first:
        return False
    heard = max((at for at in (card.sounded_at, last_sound) if at is not None), default=None)
    return heard is not None and now - heard < pull.row.apart


# --- putting it together --------------------------------------------------------------------


def _answer(between: Between, chat: Chat, now: datetime, pulls: list[_Pull]) -> Decision:
    card, seen = between.card, between.now
    best = min(pulls, key=lambda pull: pull.order)
    over = [pull for pull in pulls if pull.reason in _OVER]
    lever, reason, row, quieted = best.lever, best.reason, best.row, best.quieted
    if over:  # what ends danger is told as the all-clear, harm below it
        reason, row = over[0].reason, over[0].row
        if reason is Reason.OPENED_AND_CLOSED:
            lever, quieted = over[0].lever, over[0].quieted
    anew = False
    if lever is Lever.EDIT and (between.told is None or card.message_id is None):
        lever, anew = Lever.SILENT, True
        reason = reason if between.told is None or over else Reason.CARD_LOST
    if lever is Lever.EDIT and (until := _edit_again(card, chat.kind, now)) is not None:
        return _waits(card, until, ends=not card.open)
    return Decision(
        lever=lever,
        reason=reason,
        urgency=Urgency.INFO if seen.neighbour else _urgency(lever, row),
        ends=_ends(between, reason, chat.wishes, pulls),
        alarmed=card.alarmed or bool(seen.threats),
        danger=row.danger and (bool(seen.fresh) or reason is Reason.EVACUATION),
        anew=lever is not Lever.EDIT
        and (
            anew
            or chat.kind is not ChatKind.PRIVATE
            or between.told is None
            or card.message_id is None
            or reason is Reason.FIRST_DANGER
        ),
        quieted=quieted,
    )


def _urgency(lever: Lever, row: Row) -> Urgency:
    match lever:
        case Lever.SOUND:
            return row.urgency
        case Lever.SILENT:
            return max(row.urgency, Urgency.IMPORTANT)
        case Lever.EDIT:
            return max(row.urgency, Urgency.INFO)
        case Lever.SKIP | Lever.WAIT:
            return Urgency.NONE
        case _:
            assert_never(lever)


def _ends(between: Between, reason: Reason, wishes: Wishes, pulls: list[_Pull]) -> bool:
    """Only an all-clear ends the card of a chat that was told of danger; or that we were wrong,
    where nothing else is left that nobody closed."""
    if reason in _OVER:
        return True
    if heard_of(between) and all(pull.found.reason is not Reason.VANISHED for pull in pulls):
        return not _going_on(between.now, wishes)
    return not (between.card.alarmed or _going_on(between.now, wishes))


def _going_on(seen: View, wishes: Wishes) -> bool:
    lasting = (Kind.EVACUATION, *LINES)
    return (
        bool(seen.threats)
        or seen.reported_since is not None
        or any(
            event.kind in lasting and event.ended_at is None and not event.withdrawn
            for event in seen.events
            if wanted(event.kind, wishes)
        )
    )


def _nothing(
    between: Between, chat: Chat, now: datetime, found: tuple[Found, ...], *, known: bool
) -> Decision:
    """``known``: the chat was told of this very version."""
    card, seen, told = between.card, between.now, between.told
    ends = not (card.alarmed or _going_on(seen, chat.wishes))
    if _behind(card):
        return _catch_up(card, chat, now, Reason.NOTHING_NEW, ends=ends)
    anything = seen.threats or seen.events or seen.drills or seen.clears
    if found:
        reason = found[0].reason
    elif seen.neighbour and not known:
        reason = Reason.NEIGHBOUR_LOCAL
    elif told is not None and seen == told:
        reason = Reason.NOTHING_NEW if anything else Reason.NOT_YOURS
    else:
        reason = Reason.NOT_WISHED if seen.events or seen.drills else Reason.NOT_YOURS
    return Decision(
        lever=Lever.SKIP,
        reason=reason,
        urgency=Urgency.NONE,
        ends=ends,
        alarmed=card.alarmed,
    )


def _catch_up(card: Card, chat: Chat, now: datetime, otherwise: Reason, *, ends: bool) -> Decision:
    """The live message still shows less than the chat was told (the edit after a sound)."""
    if not _behind(card):
        return Decision(
            lever=Lever.SKIP,
            reason=otherwise,
            urgency=Urgency.NONE,
            ends=ends,
            alarmed=card.alarmed,
        )
    if (until := _edit_again(card, chat.kind, now)) is not None:
        return _waits(card, until, ends=ends)
    return Decision(
        lever=Lever.EDIT,
        reason=Reason.CARD_BEHIND,
        urgency=Urgency.INFO,
        ends=ends,
        alarmed=card.alarmed,
    )


def _behind(card: Card) -> bool:
    """An edit is due: the live message shows less than was told."""
    if card.told is None or card.message_id is None:
        return False
    return card.shown is None or card.shown < card.told


def _waits(card: Card, until: datetime, *, ends: bool) -> Decision:
    return Decision(
        lever=Lever.WAIT,
        reason=Reason.PACED,
        urgency=Urgency.NONE,
        until=until,
        ends=ends,
        alarmed=card.alarmed,
    )


def _edit_again(card: Card, kind: ChatKind, now: datetime) -> datetime | None:
    """When the live message may be edited again; None: now."""
    if card.edited_at is None:
        return None
    apart = EDITS_APART if kind is ChatKind.PRIVATE else EDITS_APART_IN_GROUPS
    if card.via is not None:
        apart = NEIGHBOURS_EDITS_APART
    until = card.edited_at + apart
    return until if now < until else None
