"""What a chat follows, and its end: places, stop, forget, help, and short answers. Pure."""

from collections.abc import Sequence
from typing import Final

from bot.message import Button, Message
from bot.render.rich import Line, Span, bold, clean, link, plain, shorten, utf16
from bot.screens.codes import Switch, Verb, button
from bot.screens.speech import Speech, columns, label, page_of, pages, screen, turning
from bot.screens.wishes import loudness
from bot.texts import msg
from storage.areas.tree import Tier
from storage.model import AreaCode, Channel, ChatState, Loudness, Wishes

PAGE: Final = 8
_ROOM: Final = 2_900
"""UTF-16 units that a list may take."""
_MESSAGE: Final = 4_000
"""That a message may take, but for its last line."""
_TITLE: Final = 60
_NOTES: Final = 5
_USUAL: Final = Wishes()
_SOUNDS: Final = {Loudness.ALL: "🔔", Loudness.IMPORTANT: "🔉", Loudness.SILENT: "🔕"}


def places(
    speech: Speech,
    follows: Sequence[AreaCode],
    state: ChatState = ChatState.ACTIVE,
    page: int = 0,
    *,
    first: str | None = None,
    neighbours: bool | None = None,
    wishes: Wishes = _USUAL,
    notes: Sequence[str] = (),
) -> Message:
    """What the chat follows, with a button to remove each and one for how loud each region is.
    ``first``: a line above the rest. ``neighbours``: whether it hears of regions next to these;
    None where there are none. ``notes``: what operators turned off there for a time."""
    lines: list[Line] = [bold(first), ()] if first else []
    if state is ChatState.STOPPED:
        lines += [plain(speech.say("⏸ Alerts are stopped. /start resumes them.")), ()]
    if not follows:
        lines.append(plain(speech.say("No places are followed here yet.")))
    else:
        lines.append(bold(speech.say("Places followed:")))
        entries = [
            f"• {speech.place(code)} — {loudness(speech, wishes.loudness_in(_region(code)))}"
            for code in _sorted(speech, follows)
        ]
        lines += _fitting(speech, entries)
    if notes:
        lines += [(), *(plain(note) for note in notes[:_NOTES])]
    if neighbours:
        text = speech.say(
            "And neighbouring regions, silently: only danger to a whole region, and missiles."
        )
        lines += [(), plain(text)]
    return screen(lines, _removals(speech, follows, page, neighbours, wishes))


def _region(code: AreaCode) -> AreaCode:
    """Also of a code that the tree no longer has."""
    return AreaCode(code.partition("/")[0])


def _sorted(speech: Speech, codes: Sequence[AreaCode]) -> list[AreaCode]:
    """A region before its districts, regions by name."""
    areas = speech.areas

    def key(code: AreaCode) -> tuple[str, bool, str]:
        if code not in areas or areas[code].tier is Tier.COUNTRY:
            return (speech.name(code), False, "")
        region = areas.region_of(code).code
        return (speech.name(region), region != code, speech.place(code))

    return sorted(codes, key=key)


def _removals(
    speech: Speech,
    follows: Sequence[AreaCode],
    page: int,
    neighbours: bool | None,
    wishes: Wishes,
) -> list[Sequence[Button]]:
    shown, page = page_of(_sorted(speech, follows), page, PAGE)
    removals = [
        button(label(speech.say("Remove: {place}", place=speech.name(code))), Verb.UNFOLLOW, code)
        for code in shown
    ]
    last = [button(speech.say("Add a place"), Verb.WELCOME)]
    if follows:
        last.append(button(speech.say("What is active now"), Verb.STATUS))
    turns = turning(Verb.PLACES, "", page, pages(len(follows), PAGE))
    levels = [[_louder(speech, code, wishes)] for code in dict.fromkeys(map(_region, shown))]
    return [*columns(removals, 1), turns, *levels, _neighbours(speech, neighbours), last]


def _louder(speech: Speech, region: AreaCode, wishes: Wishes) -> Button:
    """Says how loud a region is; a tap makes it the next of the three."""
    now = wishes.loudness_in(region)
    order = tuple(Loudness)
    after = order[(order.index(now) + 1) % len(order)]
    text = label(f"{_SOUNDS[now]} {speech.name(region)}: {loudness(speech, now)}")
    return button(text, Verb.LOUDNESS, f"{after} {region}")


def _neighbours(speech: Speech, wished: bool | None) -> list[Button]:
    """Ticked when it is on, like all that is chosen."""
    if wished is None:
        return []
    text = speech.say("And neighbouring regions: silently")
    if wished:
        return [button(f"✓ {text}", Verb.NEIGHBOURS, Switch.OFF)]
    return [button(text, Verb.NEIGHBOURS, Switch.ON)]


def _fitting(speech: Speech, entries: Sequence[str]) -> list[Line]:
    """As many as there is room for, then how many more there are."""
    lines: list[Line] = []
    room = _ROOM
    for entry in entries:
        room -= utf16(entry) + 1
        if room < 0:
            lines.append(plain(speech.say("… and {n} more", n=len(entries) - len(lines))))
            break
        lines.append(plain(entry))
    return lines


def stopped(speech: Speech) -> Message:
    return screen(
        [
            bold(speech.say("Alerts are stopped.")),
            plain(
                speech.say(
                    "Nothing will come any more, not even of a danger. The places are kept:"
                    " /start resumes."
                )
            ),
        ]
    )


def forgetting(speech: Speech, nonce: str) -> Message:
    """``nonce``: of the button that deletes."""
    return screen(
        [
            bold(speech.say("Delete all that is held of this chat?")),
            plain(
                speech.say(
                    "Its places, language, settings and the record of what it was sent. Alerts"
                    " will end."
                )
            ),
        ],
        [
            [
                button(speech.say("Delete all"), Verb.FORGET, nonce),
                button(speech.say("Keep"), Verb.KEEP),
            ]
        ],
    )


def forgotten(speech: Speech) -> Message:
    return screen(
        [plain(speech.say("Deleted: nothing is held of this chat. /start begins anew."))]
    )


def kept(speech: Speech) -> Message:
    return screen([plain(speech.say("Nothing was deleted."))])


def commands(speech: Speech) -> tuple[tuple[str, str], ...]:
    """Each command with what it is for, in the order of Telegram's menu."""
    return (
        ("start", speech.say("choose a place, resume alerts")),
        ("places", speech.say("what is followed: add, remove")),
        ("status", speech.say("what is active now")),
        ("map", speech.say("the same as a picture, with the neighbours")),
        ("settings", speech.say("kinds of messages, quiet hours, language")),
        ("snooze", speech.say("fewer sounds for a while")),
        ("history", speech.say("the last 7 days of my places")),
        ("stats", speech.say("alerts and hours under alert")),
        ("sources", speech.say("channels by region, and whether they are heard")),
        ("test", speech.say("a test message to this chat")),
        ("report", speech.say("an alert was wrong")),
        ("export", speech.say("all that is held of this chat, as a file")),
        ("privacy", speech.say("what is held, and what is not")),
        ("stop", speech.say("stop all alerts")),
        ("forget", speech.say("delete all that is held of this chat")),
        ("help", speech.say("what this is, which channels it reads")),
    )


def guide(
    speech: Speech,
    channels: Sequence[Channel],
    *,
    operates: Sequence[str] = (),
    bot_username: str | None,
) -> Message:
    """/help. ``channels``: those that are read; ``operates``: the operators' commands that
    the reader may use. ``bot_username``: to be added to a group by; None leaves that out."""
    lines: list[Line] = [
        bold(speech.say("Nabat: alerts for your place")),
        (),
        plain(
            speech.say(
                "A program reads the channels below and passes on what they announce: dangers,"
                " all-clears, consequences. It can be late, misread a post or fail."
            )
        ),
        bold(
            speech.say(
                "This is not an official service. The siren and 112 come first; silence here"
                " does not mean safety."
            )
        ),
        (),
        *(plain(f"/{command} — {what}") for command, what in commands(speech)),
        (),
    ]
    if operates:
        lines += [*_operators(speech, operates), ()]
    invitation = Button(
        text=speech.say("Add to a group"), url=f"https://t.me/{bot_username}?startgroup=true"
    )
    rows = [[invitation]] if bot_username else []
    taken = sum(utf16(span.text) for line in lines for span in line) + len(lines)
    return screen([*lines, *_channels(speech, channels, _MESSAGE - taken)], rows)


DEEDS: Final = (
    (("admin", "health", "why"), msg("how the service is; why a chat heard or did not")),
    (("held", "confirm", "release", "reject", "fix"), msg("what waits for a moderator")),
    (("retract",), msg("take a danger back")),
    (("compose", "send", "second"), msg("an alert, an all-clear, a drill or a notice by hand")),
    (("silence", "unsilence"), msg("sounds off for a time")),
    (("channels", "channel", "channel_add", "channel_remove"), msg("what is read")),
    (("channel_mute", "channel_unmute"), msg("a channel alerts nobody for a time")),
    (("pause", "resume"), msg("stop all sending, go on")),
    (("broadcast",), msg("a service message to everybody")),
    (("backup",), msg("copy the database now")),
    (("admins", "audit"), msg("who operates, and what was done")),
)
"""The operators' commands, and what they are for."""


def _operators(speech: Speech, operates: Sequence[str]) -> list[Line]:
    lines: list[Line] = [bold(speech.say("For operators"))]
    for names, what in DEEDS:
        mine = " ".join(f"/{name}" for name in names if name in operates)
        if mine:
            lines.append(plain(f"{mine} — {speech.say(what)}"))
    return lines


def _channels(speech: Speech, channels: Sequence[Channel], room: int) -> list[Line]:
    """As many as there is room for, in UTF-16 units."""
    if not channels:
        return [plain(speech.say("No channels are read yet."))]
    lines: list[Line] = [bold(speech.say("Channels that are read:"))]
    for number, channel in enumerate(channels):
        line = _channel(speech, channel)
        room -= sum(utf16(span.text) for span in line) + 1
        # Telegram takes no more than 100 entities.
        if room < 0 or number >= 90:
            lines.append(plain(speech.say("… and {n} more", n=len(channels) - number)))
            break
        lines.append(line)
    return lines


def _channel(speech: Speech, channel: Channel) -> Line:
    title = shorten(clean(channel.title), _TITLE) or str(channel.id)
    of = Span(text=f" — {speech.name(channel.area)}")
    if channel.username is None:
        return (Span(text=f"• {title}"), of)
    return (Span(text="• "), link(title, f"https://t.me/{channel.username}"), of)


# --- short answers --------------------------------------------------------------------------


def unknown(speech: Speech) -> Message:
    return screen([plain(speech.say("I do not understand this. /help lists what I can do."))])


def failed(speech: Speech, *, late: bool = False) -> Message:
    """``late``: it was ended for taking too long, perhaps after its work was done."""
    if late:
        text = speech.say(
            "That took too long, and I stopped waiting. It may be done all the same: look before"
            " you ask again."
        )
        return screen([plain(text)])
    return screen([plain(speech.say("That did not work. Please try again in a minute."))])


def only_administrators(speech: Speech) -> str:
    return speech.say("Only this chat's administrators can change this.")


def not_yours(speech: Speech) -> str:
    return speech.say("This button is for whoever asked. Please send the command yourself.")


def asked_too_long_ago(speech: Speech) -> str:
    return speech.say("This question is too old or answered already. Please ask anew.")


def not_in_there(speech: Speech) -> str:
    return speech.say("I may not write there. Please make me an administrator again.")


def not_taken(speech: Speech) -> Message:
    text = speech.say("A forwarded or edited command does nothing. Please type it anew: /help.")
    return screen([plain(text)])


def anonymous(speech: Speech) -> Message:
    text = speech.say(
        "You write as the chat, so I cannot see who you are. Please switch “Remain anonymous” off"
        " and repeat, or press a button of mine."
    )
    return screen([plain(text)])


def not_here(speech: Speech) -> Message:
    """In a group: whether there is no such command, or it is not for its author."""
    text = speech.say(
        "I do not know this command, or only this chat's administrators may give it."
        " /help lists what I can do."
    )
    return screen([plain(text)])


def out_of_date(speech: Speech) -> str:
    return speech.say("This button is out of date. Please send /start.")


def removed(speech: Speech, place: AreaCode) -> str:
    return speech.say("No longer followed: {place}.", place=speech.name(place))


def neighbours_chosen(speech: Speech, *, wish: bool) -> str:
    if wish:
        return speech.say("Neighbouring regions are on, silently.")
    return speech.say("Neighbouring regions are off.")


def resumed(speech: Speech) -> str:
    return speech.say("Alerts are on.")
