"""How a chat is told of a change: with a sound, silently, by an edit, later, or not at all. Pure.

`bot.table` is DOMAIN §4's table. The best lever of all changes that wait together is pulled once;
what the sound budget, the chat's loudness, its quiet hours or its snooze take away becomes silent,
never later; but danger that began in quiet hours, or under an operators' silence, and outlasts
them sounds once after all. A card of a neighbouring region (``Card.via``) goes by the table's last
column, and by a view that has only what neighbours are told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from bot.changes.ending import clears, falls
from bot.changes.found import Between, Found
from bot.changes.rising import dangers, unheard
from bot.changes.stated import drills, events, state
from bot.changes.taken_back import heard_of, taken_back
from bot.events import LINES, wanted
from bot.pulls import Pull, hush, pull_of, silenced_until, soften
from bot.quiet import heard_from, quiet_until
from bot.reasons import Reason as Reason
from bot.table import Lever as Lever
from bot.table import Row
from bot.view import View, view_of
from storage.areas.tree import Areas
from storage.model import (
    AreaCode,
    Card,
    Chat,
    ChatKind,
    Hazard,
    Kind,
    Situation,
    Urgency,
    Wishes,
)

EDITS_APART: Final = timedelta(seconds=10)
EDITS_APART_IN_GROUPS: Final = timedelta(seconds=30)
NEIGHBOURS_EDITS_APART: Final = timedelta(minutes=15)
"""Of its own message too, and the all-clear waits as well: it is looked up, not called."""

_OVER: Final = (Reason.ALL_CLEAR, Reason.NEIGHBOUR_REST, Reason.OPENED_AND_CLOSED)
_RESTATED: Final = (Reason.RENEWED, Reason.DIGEST, Reason.EVACUATION)
"""Of danger that a chat which was called before has heard of."""
NO_SILENCE: Final[Mapping[Hazard, datetime]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do for one card.

    ``until``: for WAIT, the domain time when to look again. ``ends``: the chat's episode is over
    after this. ``alarmed``: after this, the chat counts as told of danger. ``danger``: speaks of
    danger now in force, so it may be sent again when in doubt. ``anew``: the new message becomes
    the live card (always in groups and channels). ``quieted``: why a sound was taken away.
    ``hushes``: quiet hours or a silence took it from a danger of which the chat had heard no
    sound. ``again``: when to look again because of that, the first moment at which one may come.
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
    hushes: bool = False
    again: datetime | None = None


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
    one_tier: bool = False,
    silenced: Mapping[Hazard, datetime] = NO_SILENCE,
) -> Decision:
    """``silenced``: hazards whose sounds operators turned off here, and until when.
    ``told``: the snapshot of ``card.told``. ``last_sound``: the chat's last sound on any card,
    if that is known to be later than this card's. A closed card only catches up with itself: what
    is then to be rendered is its own ``told`` snapshot, not the present. ``one_tier``: the region
    has no tier above its alarm."""
    if not card.open:
        return _catch_up(card, chat, now, Reason.CLOSED, ends=True)
    heard_at = heard_from(chat.wishes, now)
    between = Between(
        card=card,
        wishes=chat.wishes,
        told=view_of(card, told, follows, areas) if told is not None else None,
        now=view_of(card, current, follows, areas),
        areas=areas,
        one_tier=one_tier,
        heard=heard_at <= now,
    )
    if (until := silenced_until(between, silenced)) is not None:
        heard_at = heard_from(chat.wishes, until)
        between = replace(between, heard=False)
    rows = (dangers, clears, falls, taken_back, events, state, drills, unheard)
    found = tuple(_as_told(each, between) for row in rows for each in row(between))
    pulls = [
        soften(pull_of(each, chat.wishes, between, now), chat, card, now, last_sound)
        for each in found
        if each.reason is not Reason.DRILL_IN_DANGER
    ]
    if until is not None:
        pulls = [hush(pull) for pull in pulls]
    if all(pull.lever is Lever.SKIP for pull in pulls):
        known = told is not None and told.version == current.version
        decision = _nothing(between, chat, now, found, known=known)
    else:
        decision = _answer(between, chat, now, pulls)
    return _till_heard(decision, between, heard_at, now)


def _till_heard(
    decision: Decision, between: Between, heard_at: datetime, now: datetime
) -> Decision:
    """Danger whose sound quiet hours or a silence took is looked at again when they are over."""
    hushed = between.card.hushed or decision.hushes
    ends = decision.ends or decision.lever is Lever.SOUND
    if not hushed or ends or not between.now.fresh or heard_at <= now:
        return decision
    return replace(decision, again=heard_at)


def _as_told(found: Found, between: Between) -> Found:
    """A neighbour is not told that a region is clear while parts of it are in danger."""
    over = found.reason is Reason.ALL_CLEAR or (
        found.reason is Reason.OPENED_AND_CLOSED and between.told is not None
    )
    return replace(found, reason=Reason.NEIGHBOUR_REST) if over and between.now.rest else found


# --- putting it together --------------------------------------------------------------------


def _answer(between: Between, chat: Chat, now: datetime, pulls: list[Pull]) -> Decision:
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
        hushes=lever is not Lever.SOUND and _hushes(pulls, card, chat.wishes, now),
    )


def _hushes(pulls: Sequence[Pull], card: Card, wishes: Wishes, now: datetime) -> bool:
    """Whether it would have called the chat, at another hour, to danger that it never heard of.
    What comes too late for a sound in quiet hours is told in the morning like the rest."""
    hours = [Reason.QUIET_HOURS, Reason.SILENCED]
    if quiet_until(wishes.quiet, now) is not None:
        hours.append(Reason.LATE)
    return any(
        pull.row.danger
        and pull.quieted in hours
        and (card.sounded_at is None or pull.reason not in _RESTATED)
        for pull in pulls
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


def _ends(between: Between, reason: Reason, wishes: Wishes, pulls: list[Pull]) -> bool:
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
