"""The way to a followed place: welcome, regions, districts, what was typed. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final, assert_never

from bot.message import Button, Message
from bot.render.rich import bold, clean, plain, shorten
from bot.screens.codes import Verb, button, payload
from bot.screens.speech import (
    LANGUAGES,
    Speech,
    columns,
    label,
    page_of,
    pages,
    screen,
    turning,
)
from storage.areas.tree import Area, Tier
from storage.model import AreaCode, ChatKind, Lang

PAGE: Final = 16
_TYPED: Final = 64


def welcome(speech: Speech, kind: ChatKind, followed: Sequence[AreaCode]) -> Message:
    """Says how to choose, with the languages and countries to choose from."""
    lines = [
        bold(speech.say("Nabat: alerts for your place")),
        (),
        plain(
            speech.say(
                "I read official Telegram channels and write when a danger is declared where"
                " you live, and when it is over."
            )
        ),
        (),
        plain(_how_to_choose(speech, kind)),
        (),
        plain(speech.say("I am not an official service: the siren and 112 come first.")),
    ]
    rows = [_languages(speech)]
    if kind is ChatKind.PRIVATE:
        rows.append([button(speech.say("📍 Share my location"), Verb.LOCATE)])
    rows.append(_countries(speech))
    if followed:
        rows.append([button(speech.say("My places"), Verb.PLACES)])
    if followed and kind is ChatKind.CHANNEL:  # where no command can be given
        rows[-1].append(button(speech.say("Settings"), Verb.SETTINGS))
    return screen(lines, rows)


def _how_to_choose(speech: Speech, kind: ChatKind) -> str:
    match kind:
        case ChatKind.PRIVATE:
            return speech.say(
                "Share your location, type the name of your town, district or region, or choose"
                " it below. You can follow several places."
            )
        case ChatKind.GROUP | ChatKind.SUPERGROUP:
            return speech.say(
                "Administrators choose the places: send /start and a name, as in"
                " “/start Kaluga”, or press a button below."
            )
        case ChatKind.CHANNEL:
            return speech.say(
                "Choose the channel's places with the buttons below, or answer this message with"
                " a name. Its readers see the alerts only."
            )
        case _:
            assert_never(kind)


def _languages(speech: Speech) -> list[Button]:
    return [
        button(f"✓ {name}" if lang is speech.words.lang else name, Verb.LANGUAGE, lang)
        for lang, name in LANGUAGES.items()
    ]


def _countries(speech: Speech) -> list[Button]:
    countries = [area.code for area in speech.areas if area.tier is Tier.COUNTRY]
    return [button(label(speech.name(code)), Verb.COUNTRY, code) for code in countries]


def regions(speech: Speech, country: Area, page: int, kind: ChatKind) -> Message:
    """One page of a country's regions, by name."""
    codes = speech.by_name(region.code for region in speech.areas.regions(country.code))
    shown, page = page_of(codes, page, PAGE)
    buttons = [button(label(speech.name(code)), Verb.REGION, code) for code in shown]
    return screen(
        [
            bold(speech.name(country.code)),
            plain(
                speech.say("Choose a region, or type its name.")
                if kind is ChatKind.PRIVATE
                else speech.say("Choose a region.")
            ),
        ],
        [
            *columns(buttons, 2),
            turning(Verb.COUNTRY, country.code, page, pages(len(codes), PAGE)),
            [button(speech.say("« Back"), Verb.WELCOME)],
        ],
    )


def region(speech: Speech, chosen: Area) -> Message:
    """The whole region or single districts."""
    rows = [[button(speech.say("The whole region"), Verb.FOLLOW, chosen.code)]]
    lines = [bold(speech.name(chosen.code))]
    if districts_of(speech, chosen):
        rows.append([button(speech.say("Choose districts"), Verb.DISTRICTS, chosen.code)])
        lines.append(plain(speech.say("The whole region, or single districts?")))
        lines += [
            (),
            plain(
                speech.say(
                    "With single districts I sound when one of them is named or when the"
                    " danger is for the whole region."
                )
            ),
        ]
    rows.append([button(speech.say("« Back"), Verb.COUNTRY, chosen.parent or "")])
    return screen(lines, rows)


def districts(
    speech: Speech, chosen: Area, page: int, followed: frozenset[AreaCode], kind: ChatKind
) -> Message:
    """One page of a region's districts; those that the chat follows are ticked."""
    codes = districts_of(speech, chosen)
    shown, page = page_of(codes, page, PAGE)
    buttons = [
        button(label(f"✓ {speech.name(code)}"), Verb.UNTICK, code)
        if code in followed
        else button(label(speech.name(code)), Verb.TICK, code)
        for code in shown
    ]
    lines = [
        bold(speech.name(chosen.code)),
        plain(speech.say("Tap the districts to follow; tap again to remove.")),
    ]
    if kind is ChatKind.PRIVATE:
        lines.append(plain(speech.say("A town that is not in the list can be typed.")))
    return screen(
        lines,
        [
            *columns(buttons, 2),
            turning(Verb.DISTRICTS, chosen.code, page, pages(len(codes), PAGE)),
            [
                button(speech.say("« Back"), Verb.REGION, chosen.code),
                button(speech.say("Done"), Verb.PLACES),
            ],
        ],
    )


def districts_of(speech: Speech, chosen: Area) -> list[AreaCode]:
    return speech.by_name(
        child.code for child in speech.areas.children(chosen.code) if child.tier is Tier.DISTRICT
    )


def page_with(speech: Speech, chosen: Area, district: AreaCode) -> int:
    """The page of ``districts`` on which a district stands; 0 for one that stands on none."""
    codes = districts_of(speech, chosen)
    return codes.index(district) // PAGE if district in codes else 0


def found(speech: Speech, typed: str, places: Sequence[AreaCode]) -> Message:
    """What a typed name may mean."""
    if not places:
        asked = shorten(clean(typed), _TYPED)
        return screen(
            [
                plain(speech.say("I know no place called “{name}”.", name=asked)),
                plain(speech.say("Check the spelling, or choose from the list.")),
            ],
            [_countries(speech)],
        )
    rows = [[button(label(speech.place(code)), Verb.FOLLOW, code)] for code in places]
    rows.append([button(speech.say("Choose from the list"), Verb.WELCOME)])
    return screen([plain(speech.say("Which place do you mean?"))], rows)


def locate(speech: Speech) -> Message:
    """Asks for a location, with the button that sends it."""
    lines = [
        plain(speech.say("Press the button below the chat to send where you are.")),
        plain(
            speech.say(
                "I look for the nearest place that I know, and you confirm it. The point itself is"
                " not kept. You can type a name instead."
            )
        ),
    ]
    return replace(screen(lines), locate=speech.say("📍 Send my location"))


def located(speech: Speech, around: Sequence[AreaCode]) -> Message:
    """Places near a point, the nearest first; the region of the nearest whole."""
    if not around:
        return screen(
            [plain(speech.say("I know no place near there. Type a name, or choose below."))],
            [_countries(speech)],
        )
    region = speech.areas.region_of(around[0]).code
    offered = dict.fromkeys((*around[:1], region, *around[1:]))
    rows = [[button(label(speech.place(code)), Verb.FOLLOW, code)] for code in offered]
    rows.append([button(speech.say("Another place"), Verb.WELCOME)])
    return screen([plain(speech.say("Which place is yours? Alerts will come for it."))], rows)


def offered(speech: Speech, place: AreaCode) -> Message:
    """A link brought the person here: one tap is left."""
    return screen(
        [plain(speech.say("Send alerts for {place}?", place=speech.place(place)))],
        [
            [button(speech.say("Yes, follow"), Verb.FOLLOW, place)],
            [button(speech.say("Another place"), Verb.WELCOME)],
        ],
    )


def elsewhere(speech: Speech, place: AreaCode, username: str) -> Message:
    """Another bot serves the place's region: a tap leads there. Without its name, which may not
    be known yet, only that it is so."""
    name = speech.place(place)
    if not username:
        return screen([plain(speech.say("Another bot of ours serves {place}.", place=name))])
    text = speech.say("@{bot} serves {place}.", bot=username, place=name)
    link = Button(
        text=speech.say("Go to @{bot}", bot=username),
        url=f"https://t.me/{username}?start={payload(place)}",
    )
    return screen([plain(text)], [[link], [button(speech.say("Another place"), Verb.WELCOME)]])


class Following(StrEnum):
    """What became of the wish to follow a place."""

    ADDED = "added"
    IN_DANGER = "in_danger"
    ALREADY = "already"
    TOO_MANY = "too_many"


def followed(speech: Speech, place: AreaCode, following: Following, *, is_read: bool) -> Message:
    """``is_read``: we read a channel that declares danger in the place's region."""
    name = speech.place(place)
    lines = [bold(toast(speech, name, following))]
    match following:
        case Following.ADDED | Following.ALREADY:
            lines.append(
                plain(
                    speech.say("I will write when a danger is declared there and when it is over.")
                )
            )
        case Following.IN_DANGER:
            lines.append(plain(speech.say("A danger is in force there now: look at /status.")))
        case Following.TOO_MANY:
            lines.append(plain(speech.say("Remove a place, or follow a whole region instead.")))
        case _:
            assert_never(following)
    if not is_read:
        lines.append(plain(unread(speech)))
    if following is not Following.TOO_MANY:
        lines.append(plain(speech.say("Check that this chat is not muted on your phone.")))
    return screen(
        lines,
        [
            [
                button(speech.say("Add a place"), Verb.WELCOME),
                button(speech.say("My places"), Verb.PLACES),
            ]
        ],
    )


def toast(speech: Speech, name: str, following: Following) -> str:
    """The same in one line, for a pop-up over the list."""
    match following:
        case Following.ADDED | Following.IN_DANGER:
            return speech.say("You follow {place}.", place=name)
        case Following.ALREADY:
            return speech.say("You already follow {place}.", place=name)
        case Following.TOO_MANY:
            return speech.say("That is too many places for one chat.")
        case _:
            assert_never(following)


def unread(speech: Speech) -> str:
    return speech.say(
        "⚠️ I read no channel yet that declares danger in this region: no alarm will come from"
        " there."
    )


def lang_of(code: str | None) -> Lang:
    """The bot's language for a client's (IETF tag); Russian where the client names none."""
    primary = (code or "ru").partition("-")[0].lower()
    if primary == "uk":
        return Lang.UK
    return Lang.RU if primary in _RUSSIAN_READING else Lang.EN


_RUSSIAN_READING: Final = frozenset(("ru", "be", "kk", "ky", "tg", "tt", "ba", "cv", "hy", "az"))
