"""The channels that are read, as operators see them: the list, one channel's page, and the
questions that adding one asks. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.message import Button, Message
from bot.render.rich import Line, bold, clean, plain, shorten
from bot.screens.admin import ago, fitting
from bot.screens.codes import Verb, button
from bot.screens.speech import Speech, columns, label, page_of, pages, screen, turning
from storage.areas.tree import Area, Tier
from storage.model import AreaCode, Channel

DECLARES: Final = "d"
REPORTS: Final = "r"
PAGE: Final = 12
_QUOTE: Final = 200
_WHY: Final = 100


# --- looking ----------------------------------------------------------------------------------


def listed(speech: Speech, channels: Sequence[Channel], now: datetime) -> Message:
    if not channels:
        return screen([plain(speech.say("No channels are read yet."))])
    head = plain(speech.say("One of them closer: {example}", example="/channel @name"))
    lines = [line for channel in channels for line in _short(speech, channel, now)]
    return screen(fitting(speech, [head, *lines]))


def page(speech: Speech, channel: Channel, pushed_at: datetime | None, now: datetime) -> Message:
    """``pushed_at``: when its last post was pushed to us, since the start."""
    lines: list[Line] = [
        bold(_titled(channel)),
        plain(f"{speech.name(channel.area)} · {_authority(speech, channel)}"),
        plain(_read(speech, channel, now)),
        *ways(speech, channel, pushed_at, now),
    ]
    if not channel.enabled:
        lines.append(bold(speech.say("It is not read any more.")))
    if channel.is_muted(now):
        lines.append(bold(muted_line(speech, channel)))
    if channel.username is None:
        return screen(lines)
    name = channel.username
    lines += [
        (),
        plain(f"/channel_mute @{name} 2h …"),
        plain(f"/channel_remove @{name} …"),
    ]
    change = button(speech.say("Region and authority"), Verb.CHANNEL_AREA, name)
    refresh = button(speech.say("Refresh"), Verb.CHANNEL, name)
    return screen(lines, [[change, refresh]])


def ways(
    speech: Speech, channel: Channel, pushed_at: datetime | None, now: datetime
) -> list[Line]:
    """In which ways its posts come to us, and which of them work."""
    return [plain(_pushes(speech, channel, pushed_at, now)), plain(_history(speech, channel, now))]


def _pushes(speech: Speech, channel: Channel, pushed_at: datetime | None, now: datetime) -> str:
    """Only members are told of posts by themselves."""
    if channel.joined is None:
        return speech.say("Posts come by themselves: not known yet")
    if not channel.joined:
        why = shorten(clean(channel.unjoined_why or "—"), _WHY)
        return speech.say(
            "⚠️ Posts do not come by themselves, the reader is no member: {why}", why=why
        )
    if pushed_at is None:
        return speech.say("Posts come by themselves: the reader is a member")
    return speech.say(
        "Posts come by themselves: the last one {age}", age=ago(speech, pushed_at, now)
    )


def _history(speech: Speech, channel: Channel, now: datetime) -> str:
    """Polling, and what was missed while there was no connection."""
    if channel.trouble is not None:
        trouble = shorten(clean(channel.trouble), _QUOTE)
        return speech.say("⚠️ The channel cannot be looked through: {why}", why=trouble)
    if channel.last_read_at is not None:
        age = ago(speech, channel.last_read_at, now)
        return speech.say("The channel is looked through in turn: {age}", age=age)
    if channel.cursor is not None:
        return speech.say("The channel is looked through in turn: its last posts were read")
    return speech.say("The channel is looked through in turn: not tried yet")


def _short(speech: Speech, channel: Channel, now: datetime) -> list[Line]:
    state = f"{channel.area} · {speech.name(channel.area)}"
    lines: list[Line] = [
        bold(_titled(channel)),
        plain(f"{state} · {_read(speech, channel, now)}"),
    ]
    if not channel.declares:
        lines.append(plain(speech.say("reports only, declares nothing")))
    if channel.joined is False:
        lines.append(plain(_pushes(speech, channel, None, now)))
    if channel.trouble is not None:
        lines.append(plain(f"⚠️ {shorten(clean(channel.trouble), _QUOTE)}"))
    if channel.is_muted(now):
        lines.append(plain(muted_line(speech, channel)))
    return lines


def _read(speech: Speech, channel: Channel, now: datetime) -> str:
    at = channel.last_post_at
    return speech.say(
        "read to {cursor}, last post {age}",
        cursor=channel.cursor if channel.cursor is not None else "—",
        age="—" if at is None else ago(speech, at, now),
    )


def _authority(speech: Speech, channel: Channel) -> str:
    if channel.declares:
        return speech.say("declares danger and all-clear")
    return speech.say("reports only, declares nothing")


# --- adding -----------------------------------------------------------------------------------


def how_to_add(speech: Speech) -> Message:
    text = speech.say(
        "Write it like this: {example}, or forward me one of its posts. Only public channels can"
        " be read.",
        example="/channel_add @name",
    )
    return screen([plain(text)])


def no_such_region(speech: Speech, typed: str) -> Message:
    name = shorten(clean(typed), 64)
    return screen([plain(speech.say("I know no place called “{name}”.", name=name))])


def whose(speech: Speech, name: str) -> Message:
    """For which country's region it speaks."""
    return screen(
        [bold(at(name)), plain(speech.say("For which region does it speak?"))],
        _countries(speech, name),
    )


def _countries(speech: Speech, name: str) -> list[list[Button]]:
    found = [area.code for area in speech.areas if area.tier is Tier.COUNTRY]
    return [
        [button(label(speech.name(code)), Verb.CHANNEL_AREA, f"{name}.{code}")] for code in found
    ]


def regions(speech: Speech, name: str, country: Area, number: int) -> Message:
    codes = speech.by_name(
        child.code for child in speech.areas.children(country.code) if child.tier is Tier.REGION
    )
    shown, number = page_of(codes, number, PAGE)
    buttons = [
        button(label(speech.name(code)), Verb.CHANNEL_ADD, f"{name}.{code}") for code in shown
    ]
    whole = button(
        label(speech.say("All of it: {place}", place=speech.name(country.code))),
        Verb.CHANNEL_ADD,
        f"{name}.{country.code}",
    )
    return screen(
        [bold(at(name)), plain(speech.say("For which region does it speak?"))],
        [
            *columns(buttons, 2),
            turning(Verb.CHANNEL_AREA, f"{name}.{country.code}", number, pages(len(codes), PAGE)),
            [whole],
            [button(speech.say("« Back"), Verb.CHANNEL_AREA, name)],
        ],
    )


def authority(speech: Speech, name: str, area: AreaCode) -> Message:
    rows = [
        [
            button(
                speech.say("Declares danger and all-clear"),
                Verb.CHANNEL_ADD,
                f"{name}.{area}.{DECLARES}",
            )
        ],
        [button(speech.say("Only reports"), Verb.CHANNEL_ADD, f"{name}.{area}.{REPORTS}")],
    ]
    return screen(
        [
            bold(f"{at(name)} · {speech.name(area)}"),
            plain(
                speech.say(
                    "May it declare danger and all-clear there, as authorities do? Otherwise only"
                    " what happened is taken from it: interceptions, harm, airports."
                )
            ),
        ],
        rows,
    )


def sought(speech: Speech, name: str) -> Message:
    text = speech.say(
        "Looking for {channel} and reading it; I will write what came of it.", channel=at(name)
    )
    return screen([plain(text)])


def added(speech: Speech, channel: Channel, pushed_at: datetime | None, now: datetime) -> Message:
    text = speech.say(
        "Reading {channel} for {place}.",
        channel=_titled(channel),
        place=speech.name(channel.area),
    )
    return screen(
        [
            plain(text),
            plain(_authority(speech, channel)),
            *ways(speech, channel, pushed_at, now),
        ]
    )


def not_added(speech: Speech, name: str) -> Message:
    text = speech.say(
        "{channel} could not be added: the log says what went wrong.", channel=at(name)
    )
    return screen([plain(text)])


def forwarded(speech: Speech, username: str | None, channel: Channel | None) -> Message:
    """``channel``: it is read already."""
    if username is None:
        text = speech.say("This channel has no public name, so it cannot be read.")
        return screen([plain(text)])
    if channel is not None:
        text = speech.say(
            "@{name} is read already, for {place}.", name=username, place=speech.name(channel.area)
        )
        return screen([plain(text)], [[button(speech.say("Its page"), Verb.CHANNEL, username)]])
    return whose(speech, username)


# --- removing and muting ----------------------------------------------------------------------


def removed(speech: Speech, name: str) -> Message:
    return screen([plain(speech.say("{channel} is no longer read.", channel=name))])


def unknown(speech: Speech, name: str) -> Message:
    name = shorten(clean(name), 64)
    return screen([plain(speech.say("No channel {channel} is read.", channel=name))])


def muted(speech: Speech, channel: Channel) -> Message:
    text = speech.say(
        "What it writes until then is kept and alerts nobody, however late it is read."
        " /channel_unmute ends it."
    )
    return screen([bold(muted_line(speech, channel)), plain(text)])


def unmuted(speech: Speech, name: str) -> Message:
    text = speech.say(
        "{channel} is heard again. What it wrote meanwhile stays untold.", channel=clean(name)
    )
    return screen([plain(text)])


def not_muted(speech: Speech, name: str) -> Message:
    return screen([plain(speech.say("{channel} is not muted.", channel=at(name)))])


def muted_line(speech: Speech, channel: Channel) -> str:
    return speech.say(
        "🔇 {channel} is muted until {time} UTC: {why}",
        channel=handle(channel),
        time=f"{channel.muted_until:%d.%m %H:%M}" if channel.muted_until else "—",
        why=shorten(clean(channel.muted_why or "—"), _WHY),
    )


def handle(channel: Channel) -> str:
    return f"@{channel.username}" if channel.username else str(channel.id)


def at(name: str) -> str:
    return shorten(clean(f"@{name}"), 64)


def _titled(channel: Channel) -> str:
    return f"{handle(channel)} {shorten(clean(channel.title), 60)}"
