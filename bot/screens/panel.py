"""The operators' panel, silences and muted channels. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.message import Message
from bot.render.rich import Line, bold, clean, plain, shorten
from bot.screens.admin import Health, fitting
from bot.screens.channels import handle, muted_line
from bot.screens.codes import Verb, button
from bot.screens.retract import running
from bot.screens.speech import Speech, screen
from bot.texts import msg
from storage.incidents import Incident
from storage.model import AreaCode, Channel
from storage.silences import Silence

_WHY = 100
QUIET = timedelta(hours=24)
"""A channel that posted nothing for so long is counted apart: it may be dead, or at peace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Counts are of the last 24 hours. ``took``: of the last sounds, the time from the published
    alert to Telegram's answer, shortest first. ``owed``: notices that could not be delivered."""

    health: Health
    posts: Mapping[str, int]
    sendings: Mapping[str, int]
    chats: Mapping[str, int]
    channels: Sequence[Channel]
    took: Sequence[timedelta]
    silences: Sequence[Silence]
    incidents: Sequence[Incident]
    owed: int


def panel(speech: Speech, state: Panel, now: datetime) -> Message:
    health = state.health
    sending = speech.say("▶️ Sending")
    if health.paused_since is not None:
        sending = speech.say(
            "⏸ Paused since {time} UTC", time=f"{health.paused_since:%d.%m %H:%M}"
        )
    silent = _lasting(speech, health.silent_for, now) if health.silent_for is not None else "—"
    lines: list[Line] = [
        bold(sending),
        plain(speech.say("Reader's last contact, ago: {lasting}", lasting=silent)),
        plain(speech.say("Cards that wait: {n}", n=health.behind)),
        plain(speech.say("Waits for a decision: {n}", n=health.held)),
        plain(
            speech.say(
                "Errors: posts {posts}, undelivered notices {notices}",
                posts=health.failed,
                notices=state.owed,
            )
        ),
        (),
        bold(speech.say("Last 24 hours")),
        plain(f"{speech.say('Posts')}: {_counts(speech, state.posts, _POSTS)}"),
        plain(f"{speech.say('Sendings')}: {_counts(speech, state.sendings, _SENDINGS)}"),
        plain(_latency(speech, state.took)),
        (),
        bold(speech.say("Now")),
        plain(f"{speech.say('Chats')}: {_counts(speech, state.chats, _CHATS)}"),
        *_channels(speech, state.channels, now),
    ]
    if state.incidents:
        lines += [(), bold(speech.say("In force")), *running(speech, state.incidents, now)]
    if state.silences:
        lines += [(), bold(speech.say("Silenced"))]
        lines += [plain(_silence(speech, each, now)) for each in state.silences]
    refresh = [button(speech.say("Refresh"), Verb.PANEL)]
    return screen(fitting(speech, [*lines, (), plain(f"{now:%d.%m %H:%M:%S} UTC")]), [refresh])


def _channels(speech: Speech, channels: Sequence[Channel], now: datetime) -> list[Line]:
    troubled = [each for each in channels if each.trouble is not None]
    muted = [each for each in channels if each.is_muted(now)]
    quiet = [
        each
        for each in channels
        if each.trouble is None and (each.last_post_at is None or now - each.last_post_at > QUIET)
    ]
    well = len(channels) - len(troubled) - len(quiet)
    lines = [
        plain(
            speech.say(
                "Channels: well {well}, a day without a post {quiet}, in trouble {troubled}",
                well=well,
                quiet=len(quiet),
                troubled=len(troubled),
            )
        )
    ]
    for each in troubled:
        lines.append(plain(f"⚠️ {handle(each)}: {shorten(clean(each.trouble or ''), _WHY)}"))
    for each in muted:
        lines.append(plain(muted_line(speech, each)))
    return lines


def _latency(speech: Speech, took: Sequence[timedelta]) -> str:
    if not took:
        return speech.say("Alert to Telegram's answer: not measured yet")
    p50, p99 = took[len(took) // 2], took[min(len(took) - 1, len(took) * 99 // 100)]
    return speech.say(
        "Alert to Telegram's answer: half within {p50} s, 99 % within {p99} s",
        p50=f"{p50.total_seconds():.1f}",
        p99=f"{p99.total_seconds():.1f}",
    )


_POSTS: Final = {
    "recorded": msg("not read yet"),
    "applied": msg("with news"),
    "silent": msg("with nothing to tell"),
    "duplicate": msg("repeated"),
    "failed": msg("failed"),
}
_SENDINGS: Final = {
    "sound": msg("with a sound"),
    "silent": msg("silent"),
    "edit": msg("edits"),
    "in_doubt": msg("in doubt"),
    "ambiguous": msg("in doubt"),
}
_CHATS: Final = {
    "active": msg("active"),
    "stopped": msg("stopped"),
    "suspended": msg("not to be reached"),
}


def _counts(speech: Speech, counts: Mapping[str, int], words: Mapping[str, str]) -> str:
    """What has no words of its own stands as the database has it."""
    told: dict[str, int] = {}
    for key, n in counts.items():
        word = speech.say(words[key]) if key in words else key
        told[word] = told.get(word, 0) + n
    order = [speech.say(word) for word in words.values()]
    first = sorted(told, key=lambda word: (order.index(word) if word in order else 99, word))
    return ", ".join(f"{word} {told[word]}" for word in first) or "0"


def _lasting(speech: Speech, period: timedelta, now: datetime) -> str:
    return speech.voice(AreaCode(""), now).lasting(period)


# --- silences ---------------------------------------------------------------------


def how_to_silence(speech: Speech) -> Message:
    text = speech.say("Write it like this: {example}", example="/silence RU-KLU uav 2h …")
    which = speech.say(
        "A hazard or “all”; a minute to a week (30m, 2h, 1d); the reason, which residents"
        " read. Alerts still come, without a sound; missiles, evacuations and the highest level"
        " always sound."
    )
    return screen([plain(text), plain(which)])


def silences(speech: Speech, found: Sequence[Silence], now: datetime) -> Message:
    lines: list[Line] = []
    if found:
        lines += [bold(speech.say("Silenced"))]
        lines += [plain(_silence(speech, each, now)) for each in found]
        lines += [plain(speech.say("One ends by: {example}", example=f"/unsilence {found[0].id}"))]
    else:
        lines.append(plain(speech.say("Nothing is silenced.")))
    example = speech.say("Write it like this: {example}", example="/silence RU-KLU uav 2h …")
    return screen(fitting(speech, [*lines, plain(example)]))


def silenced(speech: Speech, silence: Silence, now: datetime) -> Message:
    return screen(
        [
            bold(speech.say("Silenced")),
            plain(_silence(speech, silence, now)),
            plain(
                speech.say(
                    "Alerts still come, without a sound; missiles, evacuations and the highest"
                    " level always sound."
                )
            ),
        ]
    )


def unsilenced(speech: Speech, number: int, *, done: bool) -> Message:
    if done:
        return screen([plain(speech.say("Silence {n} has ended.", n=number))])
    return screen([plain(speech.say("Silence {n} is not in force.", n=number))])


def _silence(speech: Speech, silence: Silence, now: datetime) -> str:
    voice = speech.voice(silence.region, now)
    what = speech.say("all") if silence.hazard is None else voice.hazard(silence.hazard)
    until = speech.say("until {time} UTC", time=f"{silence.until:%d.%m %H:%M}")
    why = shorten(clean(silence.why), _WHY)
    place = f"{silence.id} · {speech.name(silence.region)}: {what}"
    return f"{place} · {until} · {why} · {silence.made_by}"
