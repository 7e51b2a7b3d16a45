"""What an alert will look like: drawn as a real one, marked first and last, of no card. Pure."""

from datetime import datetime, timedelta
from typing import Final

from bot.message import Message
from bot.render.card import card as whole_card
from bot.screens.speech import Speech
from storage.model import (
    Alarm,
    AreaCode,
    Card,
    CardId,
    ChannelId,
    Chat,
    ChatId,
    ChatKind,
    Danger,
    Hazard,
    Level,
    Situation,
    Source,
)

_AGO: Final = timedelta(minutes=2)


def sample(speech: Speech, place: AreaCode, now: datetime) -> Message:
    """A danger that nobody declared, at the place that the chat follows."""
    region = speech.areas.region_of(place).code
    since = now - _AGO
    source = Source(
        channel=ChannelId(0),
        message=0,
        title=speech.say("Specimen of a source"),
        link="",
        quote=speech.say("The words of the source will stand here."),
        at=since,
        received_at=since,
    )
    alarm = Alarm(
        area=place,
        level=Level.DECLARED,
        since=since,
        named_at=since,
        confirmed_at=since,
        sources=(source,),
    )
    return whole_card(
        card=Card(
            id=CardId(0),
            chat=ChatId(0),
            region=region,
            opened_version=1,
            opened_at=now,
            rank=0,
            seen=0,
        ),
        chat=Chat(id=ChatId(0), kind=ChatKind.PRIVATE, lang=speech.words.lang, joined_at=now),
        follows=(place,),
        current=Situation(
            region=region,
            version=1,
            at=now,
            dangers=(Danger(hazard=Hazard.UAV, alarms=(alarm,)),),
        ),
        areas=speech.areas,
        words=speech.words,
        now=now,
        sample=True,
    )
