"""/test, /export and /privacy: what a chat asks of the service for itself."""

import json
from datetime import timedelta
from typing import Final

from aiogram import Bot, Router
from aiogram.filters import Command
from aiogram.types import Message

from bot.handlers.answers import hand_over, say
from bot.handlers.caller import Caller
from bot.handlers.desk import Desk
from bot.handlers.introduce import may_change
from bot.screens import own as screens
from storage import audit, chats, codec, held, letters
from storage.database import Tx
from storage.model import AreaCode, ChatState

_TEST_LASTS: Final = timedelta(minutes=10)
"""A test that could not be sent within this time says nothing any more."""


def router() -> Router:
    router = Router(name="own")
    router.message.register(test, Command("test"), may_change)
    router.message.register(export, Command("export"), may_change)
    router.message.register(privacy, Command("privacy"))
    return router


async def test(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    """A letter through the lane that alerts take. By its key there is one a minute."""
    speech, now = desk.speech(caller.lang), desk.now()
    follows = await desk.database.read(lambda tx: chats.followed(tx, caller.id))
    regions = [AreaCode(code.partition("/")[0]) for code in follows]
    region = next((code for code in regions if desk.share.serves(code)), None)
    if region is None:
        await say(bot, caller, screens.nothing_followed(speech))
        return
    if caller.state is not ChatState.ACTIVE:
        await say(bot, caller, screens.stopped(speech))
        return

    async def owed(tx: Tx) -> tuple[bool, bool]:
        fresh = await letters.owe(
            tx,
            caller.id,
            f"test:{now:%Y-%m-%dT%H:%M}",
            codec.dump(screens.test(speech, region)),
            region=region,
            at=now,
            until=now + _TEST_LASTS,
            silent=False,
        )
        return fresh, await audit.paused(tx)

    fresh, paused = await desk.database.write(owed)
    if not fresh:
        await say(bot, caller, screens.test_again(speech))
        return
    await say(bot, caller, screens.test_waits(speech) if paused else screens.test_coming(speech))
    desk.wake()


async def export(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    speech = desk.speech(caller.lang)
    found = await desk.database.read(lambda tx: held.of_chat(tx, caller.id))
    if not found:
        await say(bot, caller, screens.nothing_held(speech))
        return
    text = json.dumps(found, ensure_ascii=False, indent=1)
    await hand_over(bot, caller, "nabat.json", text.encode(), screens.exported(speech))


async def privacy(message: Message, caller: Caller, desk: Desk, bot: Bot) -> None:
    await say(bot, caller, screens.privacy(desk.speech(caller.lang)))
