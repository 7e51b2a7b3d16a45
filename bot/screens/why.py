"""Why a chat heard what it heard of a card, and what it would hear now: for support. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.decide import Decision
from bot.message import Message
from bot.reasons import SENTENCES, Reason
from bot.render.rich import Line, bold, plain
from bot.screens.speech import Speech, screen
from storage.model import Attempt, Card, Chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """``head``: the region's newest version. ``decision``: what would be decided at this moment.
    ``attempts``: the latest requests for the card, newest first."""

    card: Card
    chat: Chat
    head: int
    decision: Decision
    attempts: Sequence[Attempt]


def cards_of(speech: Speech, chat: int, cards: Sequence[Card]) -> Message:
    """The chat's cards, newest first, to choose from."""
    if not cards:
        return screen([plain(speech.say("Chat {chat} has no cards.", chat=chat))])
    lines: list[Line] = []
    for card in cards:
        state = speech.say("open") if card.open else speech.say("closed")
        lines.append(
            plain(f"/why {chat} {card.id} · {speech.name(card.region)} · {state} · {card.reason}")
        )
    return screen(lines)


def no_such_card(speech: Speech, chat: int, card: int) -> Message:
    return screen([plain(speech.say("Chat {chat} has no card #{card}.", chat=chat, card=card))])


def why(speech: Speech, found: Why, now: datetime) -> Message:
    card, voice = found.card, speech.voice(found.card.region, now)
    head = speech.say("Card #{n}", n=card.id)
    versions = speech.say(
        "version {head}; decided on {seen}, told {told}, shown {shown}, sounded {sounded}",
        head=found.head,
        seen=card.seen,
        told=_dash(card.told),
        shown=_dash(card.shown),
        sounded=_dash(card.sounded),
    )
    region = speech.name(card.region)
    if card.via is not None:
        region = speech.say(
            "{region}, a neighbour of {via}", region=region, via=speech.name(card.via)
        )
    lines: list[Line] = [
        bold(f"{head} · {region} · {found.chat.state}"),
        plain(versions),
        plain(speech.say("Last told: {reason}", reason=_explained(speech, card.reason))),
        plain(
            speech.say(
                "Now: {lever} — {reason}",
                lever=found.decision.lever.value,
                reason=_explained(speech, found.decision.quieted or found.decision.reason),
            )
        ),
        (),
    ]
    for attempt in found.attempts:
        outcome = attempt.outcome or speech.say("under way")
        time = voice.clock(attempt.begun_at)
        version = speech.say("version {n}", n=attempt.version)
        lines.append(plain(f"{time} · {attempt.lever} · {version} · {outcome}"))
    return screen(lines)


def _explained(speech: Speech, reason: str | None) -> str:
    """«sentence (told_of)»; other words stand as they are."""
    if reason is None:
        return "—"
    known = {each.value: each for each in Reason}.get(reason)
    return reason if known is None else f"{speech.say(SENTENCES[known])} ({reason})"


def _dash(version: int | None) -> str:
    return "—" if version is None else str(version)
