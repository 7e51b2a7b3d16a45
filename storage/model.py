"""The vocabulary of Nabat (DOMAIN): frozen values, enums, ids. Standard library only, no I/O.

Words are CAP 1.2's and Telegram's own. Datetimes are aware and UTC everywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from enum import IntEnum, StrEnum
from typing import Final, NewType

AreaCode = NewType("AreaCode", str)
"""ISO 3166 code of a country or region (``RU``, ``RU-KLU``), or a region's code and one or two
slugs: district (``RU-KLU/borovsky``), town (``RU-KLU/borovsky/balabanovo``)."""
ChannelId = NewType("ChannelId", int)
"""Telegram's numeric id of a channel, positive, as MTProto has it (no -100 prefix)."""
ChatId = NewType("ChatId", int)
"""Our key of a chat that follows places: Telegram's id, but for a forum's topic, which is a chat
of its own (`storage.chats.key_of`)."""
TelegramId = NewType("TelegramId", int)
"""Telegram's id of a whole chat as the Bot API has it (groups and channels are negative), which is
a person's for their private chat."""
CardId = NewType("CardId", int)


class Lang(StrEnum):
    RU = "ru"
    UK = "uk"
    EN = "en"


# --- what a post says -----------------------------------------------------------------------


class Kind(StrEnum):
    THREAT = "threat"
    ALL_CLEAR = "all_clear"
    INTERCEPTION = "interception"
    DAMAGE = "damage"
    CASUALTIES = "casualties"
    EVACUATION = "evacuation"
    EVACUATION_OVER = "evacuation_over"
    OUTAGE = "outage"
    RESTORED = "restored"
    AIRSPACE_CLOSED = "airspace_closed"
    AIRSPACE_OPEN = "airspace_open"
    DRILL = "drill"
    CORRECTION = "correction"
    INSTRUCTION = "instruction"
    RECAP = "recap"


class Hazard(StrEnum):
    UAV = "uav"
    NAVAL_DRONE = "naval_drone"
    MISSILE = "missile"
    AIR_RAID = "air_raid"
    SHELLING = "shelling"
    FLOOD = "flood"
    FIRE = "fire"
    UTILITY = "utility"
    AIRSPACE = "airspace"
    OTHER = "other"


class Level(IntEnum):
    """How close the danger is; the words for each differ by region (ingest/levels.toml)."""

    ADVISORY = 1
    DECLARED = 2
    IMMINENT = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Certainty(StrEnum):
    """CAP 1.2 ``certainty``."""

    OBSERVED = "observed"
    LIKELY = "likely"
    POSSIBLE = "possible"
    UNKNOWN = "unknown"


class Qualifier(StrEnum):
    EXACT = "exact"
    AT_LEAST = "at_least"
    APPROX = "approx"
    INCREMENT = "increment"
    TOTAL = "total"


class Measure(StrEnum):
    DESTROYED = "destroyed"
    DETECTED = "detected"
    ATTACKED = "attacked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    n: int
    qualifier: Qualifier = Qualifier.EXACT
    measure: Measure = Measure.DESTROYED


@dataclass(frozen=True, slots=True, kw_only=True)
class Casualties:
    """People harmed, as stated: None is "not stated", 0 is "stated: none". ``children``: how many
    of them all are."""

    dead: int | None = None
    injured: int | None = None
    children: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One thing that one clause of a post says of some places.

    ``areas`` are the places the claim is about, most specific first named by the post: the
    region's own code when it speaks of the whole region. Empty: no place was named and the
    channel has no region. ``partial``: some places, or one tier of two, only.
    ``upper_tier``: an all-clear that ends the upper tier only and so lowers the level.
    ``unplaced``: the areas are the channel's own, no place was named.
    ``unnamed``: «в одном из районов». ``bounds_unclear``: a composite we cannot resolve.
    ``unresolved``: names in a list that no area answers to.
    ``evidence``: character spans (start, end) of ``Post.text``.
    """

    kind: Kind
    hazard: Hazard
    level: Level = Level.DECLARED
    areas: tuple[AreaCode, ...] = ()
    excluded: tuple[AreaCode, ...] = ()
    partial: bool = False
    upper_tier: bool = False
    unnamed: bool = False
    bounds_unclear: bool = False
    unresolved: tuple[str, ...] = ()
    unplaced: bool = False
    continues: bool = False
    renewed: bool = False
    retrospective: bool = False
    preliminary: bool = False
    certainty: Certainty = Certainty.OBSERVED
    weak: bool = False
    count: Count | None = None
    casualties: Casualties | None = None
    at: datetime | None = None
    evidence: tuple[tuple[int, int], ...] = ()
    rule: str = ""


class Silence(StrEnum):
    """Why a post makes no claim."""

    EMPTY = "empty"
    FORWARDED = "forwarded"
    SERVICE_MESSAGE = "service_message"
    ADVERT = "advert"
    FORECAST = "forecast"
    CEREMONY = "ceremony"
    DENIAL = "denial"
    FRONT_DIGEST = "front_digest"
    NO_SIGNAL = "no_signal"
    NO_DANGER_WORDS = "no_danger_words"
    MUTED = "muted"

    @property
    def sentence(self) -> str:
        """What support could read aloud."""
        return _SILENT_BECAUSE[self]


_SILENT_BECAUSE: Final[dict[Silence, str]] = {
    Silence.EMPTY: "The post has no text.",
    Silence.FORWARDED: "The channel passes on somebody else's words and does not speak itself.",
    Silence.SERVICE_MESSAGE: "Telegram's own note (a pinned post, a new picture), not a post.",
    Silence.ADVERT: "It asks to subscribe, or sells something.",
    Silence.FORECAST: "It speaks of what may come, not of what is.",
    Silence.CEREMONY: "It is news of a meeting, a programme or a ceremony.",
    Silence.DENIAL: "It says that there is no danger.",
    Silence.FRONT_DIGEST: "It is a report from the front, not about the people of a region.",
    Silence.NO_SIGNAL: "It has words of danger, but no rule finds a statement in it.",
    Silence.MUTED: "An operator has muted the channel for a while.",
    Silence.NO_DANGER_WORDS: "It has no word that any signal is made of.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What a post says. Either claims, or the reason why there are none."""

    claims: tuple[Claim, ...] = ()
    silence: Silence | None = None

    def __post_init__(self) -> None:
        if bool(self.claims) == (self.silence is not None):
            raise ValueError("an assessment has claims or a reason for silence, never both")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One revision of one channel message, as it arrived.

    ``text`` is sanitised at the door (``ingest.text.sanitise``); entity offsets are not kept.
    ``digest`` is a hash of text, entities and media: what makes an edit an edit.
    ``media``: Telegram's name of what is attached (``photo``), or None.
    ``deleted``: this arrival says that the source removed the message; the text is then empty.
    """

    channel: ChannelId
    message: int
    text: str
    date: datetime
    edited_at: datetime | None = None
    received_at: datetime
    digest: str
    forwarded: bool = False
    grouped: int | None = None
    media: str | None = None
    service: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A source. ``area``: the region (or country) that it speaks for. ``declares``: it may open
    and close danger there; otherwise it only reports (interceptions, harm, airports)."""

    id: ChannelId
    access_hash: int
    username: str | None
    title: str
    area: AreaCode
    declares: bool = True
    cursor: int | None = None
    enabled: bool = True
    added_at: datetime
    last_post_at: datetime | None = None
    last_read_at: datetime | None = None
    trouble: str | None = None
    muted_until: datetime | None = None
    muted_why: str | None = None

    def is_muted(self, now: datetime) -> bool:
        """An operator shut its mouth for a while: its posts are kept and not applied."""
        return self.muted_until is not None and now < self.muted_until

    def link(self, message: int) -> str:
        """Public address of one of its posts."""
        if self.username:
            return f"https://t.me/{self.username}/{message}"
        return f"https://t.me/c/{self.id}/{message}"


# --- what we remember of a region -----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a fact comes from: enough to quote and link it after the post itself is pruned."""

    channel: ChannelId
    message: int
    title: str
    link: str
    quote: str
    at: datetime
    received_at: datetime
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Danger of one hazard at one place (the region itself: region-wide).

    ``named_at``: when a threat last named this place anew (first, after its clear, renewed).
    ``stale_at``: nobody closed it and its age passed the region's limit.
    ``onset_known``: False when we first heard «сохраняется».
    """

    area: AreaCode
    level: Level
    since: datetime
    named_at: datetime
    confirmed_at: datetime
    onset_known: bool = True
    unconfirmed: bool = False
    bounds_unclear: bool = False
    stale_at: datetime | None = None
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """All that is active of one hazard in one region. ``exempt``: places that an all-clear named
    while the danger was region-wide; the region-wide alarm no longer holds for them."""

    hazard: Hazard
    alarms: tuple[Alarm, ...]
    exempt: tuple[AreaCode, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """The upper tier ended at a place; the danger itself goes on."""

    hazard: Hazard
    areas: tuple[AreaCode, ...]
    to: Level
    at: datetime
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """An official all-clear: what it named, and what of that had been active.

    ``whole``: after it nothing of this hazard was active in the region. ``exempt``: places that
    an earlier all-clear had freed already; this one tells them nothing. ``areas`` is what ended
    by it, empty for a clear of nothing active; ``named`` and ``excluded`` are its own words, and
    ``posted_at`` when they first appeared: a threat from before then comes too late.
    ``version``: of the situation that it made; a card opened on a later one has no news of it.
    """

    hazard: Hazard
    areas: tuple[AreaCode, ...]
    version: int
    exempt: tuple[AreaCode, ...] = ()
    named: tuple[AreaCode, ...] = ()
    excluded: tuple[AreaCode, ...] = ()
    whole: bool
    since: datetime
    at: datetime
    posted_at: datetime | None = None
    source: Source


class Wrong(StrEnum):
    """Why something that was told is taken back: each has its own prepared words."""

    MISREAD = "misread"
    SOURCE = "source"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction:
    """Danger that was told and never was: no all-clear, a correction of ours. ``areas``: where it
    was in force. ``version``: of the situation that it made. ``corrected``: the same post says
    something else, which is told with it."""

    hazard: Hazard
    areas: tuple[AreaCode, ...]
    version: int
    at: datetime
    wrong: Wrong
    corrected: bool = False
    source: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened and was stated: interception, damage, casualties, evacuation,
    outage, closed airspace, a drill. ``key`` is stable over edits of its post: channel, message
    and ordinal of the claim among those of its kind. ``was``: casualties before a correction.
    ``ended_at``: reopened, restored, returned."""

    key: str
    kind: Kind
    hazard: Hazard
    areas: tuple[AreaCode, ...]
    at: datetime
    count: Count | None = None
    casualties: Casualties | None = None
    was: Casualties | None = None
    corrected_at: datetime | None = None
    withdrawn: bool = False
    preliminary: bool = False
    unconfirmed: bool = False
    unnamed: bool = False
    ended_at: datetime | None = None
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An all-clear that waits for a moderator: nothing is cleared by it until released."""

    id: int
    hazard: Hazard
    areas: tuple[AreaCode, ...]
    why: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One immutable version of what is known of a region.

    ``episode`` counts stretches in which anything was going on; events and clears are those of
    the running one (or of the last, until the next begins). ``reported_since``: consequences
    were stated though no danger was declared. ``lost_since``: we cannot hear the sources.
    """

    region: AreaCode
    version: int = 0
    at: datetime
    episode: int = 0
    dangers: tuple[Danger, ...] = ()
    events: tuple[Event, ...] = ()
    drills: tuple[Event, ...] = ()
    clears: tuple[Clear, ...] = ()
    falls: tuple[Fall, ...] = ()
    held: tuple[Held, ...] = ()
    retractions: tuple[Retraction, ...] = ()
    reported_since: datetime | None = None
    lost_since: datetime | None = None

    def danger(self, hazard: Hazard) -> Danger | None:
        return next((danger for danger in self.dangers if danger.hazard is hazard), None)

    def alarms(self) -> Iterator[tuple[Danger, Alarm]]:
        for danger in self.dangers:
            for alarm in danger.alarms:
                yield danger, alarm

    @property
    def active(self) -> bool:
        """Some danger was declared and nobody closed it (stale danger counts: it is not over)."""
        return bool(self.dangers)


class Urgency(IntEnum):
    """What a follower would get, best first: DOMAIN §6 (1). Also ``tier`` of `nabat classify`."""

    URGENT = 0
    IMPORTANT = 1
    INFO = 2
    NONE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A published version: the one row that makes cards of its region *behind*.

    ``touched``: places whose state or story changed (the region's code: all of it).
    """

    region: AreaCode
    version: int
    urgency: Urgency
    touched: tuple[AreaCode, ...]
    published_at: datetime


# --- whom we tell ---------------------------------------------------------------------------


class ChatKind(StrEnum):
    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class ChatState(StrEnum):
    ACTIVE = "active"
    STOPPED = "stopped"
    SUSPENDED = "suspended"


class Loudness(StrEnum):
    ALL = "all"
    IMPORTANT = "important"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From ``start`` to the next ``end``, as the clocks in ``zone`` (IANA) show them. Equal: no
    hours at all."""

    start: time
    end: time
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a chat chose. Danger and all-clear cannot be switched off; ``stop`` ends everything.
    ``neighbours``: also of the regions next to those that it follows, silently. ``digest``: in the
    morning a summary of the night. ``loudness`` of regions that are not in ``louder``.
    ``snoozed_until``: until then it wishes fewer sounds."""

    interceptions: bool = True
    consequences: bool = True
    utilities: bool = False
    airports: bool = False
    drills: bool = False
    clear_audible: bool = True
    every_district: bool = False
    neighbours: bool = False
    digest: bool = False
    loudness: Loudness = Loudness.ALL
    louder: tuple[tuple[AreaCode, Loudness], ...] = ()
    quiet: QuietHours | None = None
    snoozed_until: datetime | None = None

    def loudness_in(self, region: AreaCode) -> Loudness:
        return dict(self.louder).get(region, self.loudness)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """``suspended_at``: since when it may not be written to, ``probes``: how often it was tried
    again since. An active chat that has them is on trial: its next message decides. ``forum`` and
    ``thread``: of a topic, the group and where in it; ``closed``: it takes no messages."""

    id: ChatId
    kind: ChatKind
    lang: Lang
    members: int = 1
    state: ChatState = ChatState.ACTIVE
    why: str | None = None
    forum: TelegramId | None = None
    thread: int | None = None
    closed: bool = False
    wishes: Wishes = Wishes()
    joined_at: datetime
    suspended_at: datetime | None = None
    probes: int = 0

    @property
    def telegram(self) -> TelegramId:
        """Where to write, together with ``thread``."""
        return TelegramId(self.id) if self.forum is None else self.forum

    @property
    def on_trial(self) -> bool:
        return self.state is ChatState.ACTIVE and self.probes > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Who set a group, a topic of it or a channel up. ``who``: a person, whose private chat has
    the same id. ``lang``: theirs. ``title``: the chat's, as it was when they set it up."""

    chat: ChatId
    who: TelegramId
    lang: Lang
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a chat saw of a region in one episode of its own: one live message.

    An episode begins when anything the chat follows there becomes active and ends when nothing
    is. Fields that end in nothing but a noun are versions of the region's situation: ``seen``
    was decided on (told or skipped), ``told`` is what the chat knows (None: nothing yet),
    ``shown`` is what the live message displays (an edit is due while it is below ``told``),
    ``sounded`` last made a new message. ``alarmed``: the chat was told of danger on this card
    (an attempt accepted or in doubt). ``old_message_id``: in a group, the former live message
    that still has to say «продолжение ниже». ``urgency``: of what it was called for and was not
    decided; NONE: at most an edit waits. ``via``: for a card of a region that the chat does not
    follow, the followed one next to it, whose bot tells it; None for all other cards.
    ``hushed``: quiet hours or a silence took the sound from a danger, and nothing sounded since.
    """

    id: CardId
    chat: ChatId
    region: AreaCode
    opened_version: int
    opened_at: datetime
    rank: int
    seen: int
    told: int | None = None
    shown: int | None = None
    sounded: int | None = None
    sounded_at: datetime | None = None
    edited_at: datetime | None = None
    message_id: int | None = None
    old_message_id: int | None = None
    alarmed: bool = False
    open: bool = True
    reason: str | None = None
    urgency: Urgency = Urgency.NONE
    via: AreaCode | None = None
    hushed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The regions whose chats one of several bots serves: ``only`` these, or where that is None
    all but the ``others``."""

    only: frozenset[AreaCode] | None = None
    others: frozenset[AreaCode] = frozenset()

    def serves(self, region: AreaCode) -> bool:
        return region not in self.others if self.only is None else region in self.only


EVERYTHING: Final = Share()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request for a card, as it is kept. ``lever``: sound, silent or edit. ``outcome``: None
    while it is under way."""

    version: int
    lever: str
    begun_at: datetime
    outcome: str | None
