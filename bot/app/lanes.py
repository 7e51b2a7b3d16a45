"""What runs side by side in the service, and who is told when a part of it can do no more.

A lane that only a person can mend pages and stops alone: the others go on. A bug ends all.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramUnauthorizedError
from aiogram.types import Update

from bot.app.bots import Lanes, Speaker
from bot.handlers.desk import READER_DEAF, Desk
from bot.handlers.errands import Refusal as Refused
from bot.handlers.routes import dispatcher, publish_commands
from bot.intake import Intake, IntakeEnded
from bot.order import Order
from bot.outbox.lane import Outbox
from bot.outbox.work import DeadBotError
from bot.pager import Pager
from bot.settings import ChannelSection
from bot.texts import Texts
from ingest.by_hand import ByHand, Redeem
from ingest.listener.listener import Listener
from ingest.listener.settings import ChannelError, ReaderFatal, Refusal
from ingest.pipeline import Pipeline
from storage import channels, situations
from storage.database import Database, Tx
from storage.model import AreaCode, Channel, ChannelId, Claim, Situation, Wrong
from storage.reviews import State

SEED_RETRY = 60.0
"""Seconds before a channel of the configuration that could not be resolved is tried again."""
_FIRST_DELAY = 1.0  # seconds
_OLD_POLL = 35.0  # seconds: longer than a poll lasts
_PASSING = frozenset({Refusal.FLOOD, Refusal.OFFLINE})

_log = logging.getLogger(__name__)


async def read(listener: Listener, pager: Pager) -> None:
    """The reader; without a valid login everything else goes on and the cards say so."""
    try:
        await listener.run()
    except ReaderFatal as verdict:
        await pager.page(f"reader:{verdict}", f"The reader has stopped: {verdict}")


async def deliver(speaker: Speaker, outbox: Outbox, pager: Pager) -> None:
    """A dead token stops this lane alone."""
    try:
        await outbox.run()
    except DeadBotError as verdict:
        bot = speaker.bot.id
        await pager.page(f"bot:{bot}:{verdict}", f"Bot {bot} can no longer send: {verdict}")


async def converse(
    speaker: Speaker,
    bots: Lanes,
    desk: Callable[..., Desk],
    texts: Texts,
    pager: Pager,
    *,
    again: bool = False,
) -> None:
    """What people say to the bot. ``desk`` still wants what is the bot's own. ``again``: this is
    the second try after another poller was met."""
    bot = speaker.bot
    delay = _FIRST_DELAY
    while True:
        try:
            me = await bot.get_me()
            await publish_commands(bot, texts)
            break
        except TelegramUnauthorizedError as verdict:
            await pager.page(
                f"bot:{bot.id}:{verdict}", f"Bot {bot.id} is not known to Telegram: {verdict}"
            )
            return None
        except (TelegramAPIError, ClientDecodeError, TypeError) as problem:
            # TypeError: aiogram's answer to a 5xx without a description.
            _log.warning("the bot's name is not known yet (%s): again in %.0f s", problem, delay)
            await asyncio.sleep(delay)
            delay = min(2 * delay, SEED_RETRY)
    bots.usernames[bot.id] = me.username or ""
    elsewhere = partial(bots.elsewhere, speaker)
    mine = desk(bot_username=me.username or "", share=speaker.share, elsewhere=elsewhere)
    routes = dispatcher(mine)

    async def handle(update: Update) -> object:
        return await routes.feed_update(bot, update)

    try:
        await Intake(bot, handle, operators=mine.admins).run()
    except IntakeEnded as verdict:
        if "409" in str(verdict) and not again:
            # Perhaps our own poll from before a quick restart, which Telegram still holds.
            await asyncio.sleep(_OLD_POLL)
            return await converse(speaker, bots, desk, texts, pager, again=True)
        await pager.page(
            f"intake:{bot.id}:{verdict}",
            f"Bot {bot.id} no longer hears commands: {verdict}. If another program polls with the "
            "same token, stop it; then start nabat again.",
        )


async def plant_seeds(
    seeds: Sequence[ChannelSection], database: Database, listener: Listener, pager: Pager
) -> None:
    """Resolve each channel of the configuration once; from then on the database rules."""
    waiting = list(seeds)
    while waiting:
        again: list[ChannelSection] = []
        for seed in waiting:
            name = seed.username
            if await database.read(partial(channels.seeded, username=name)):
                continue
            try:
                channel = await listener.resolve(name, seed.region, seed.declares)
            except ChannelError as problem:
                if problem.why in _PASSING:
                    again.append(seed)
                else:
                    await pager.page(f"seed:{name}", f"Channel @{name} is not read: {problem}")
            else:
                await database.write(partial(_plant, username=name, channel=channel))
                await listener.reconcile([channel])
        waiting = again
        if waiting:
            await asyncio.sleep(SEED_RETRY)


async def _plant(tx: Tx, *, username: str, channel: Channel) -> None:
    await channels.add(tx, channel)
    await channels.seed(tx, username, channel.id)


class ReaderWatch:
    """Says once that the sources cannot be heard, and once that they can again."""

    def __init__(
        self,
        *,
        listener: Listener,
        pipeline: Pipeline,
        pager: Pager,
        database: Database,
        danger: set[AreaCode],
        monotonic: Callable[[], float],
    ) -> None:
        self._listener = listener
        self._pipeline = pipeline
        self._pager = pager
        self._database = database
        self._danger = danger
        self._monotonic = monotonic
        self._deaf_since: datetime | None = None

    def silent_for(self) -> timedelta:
        return timedelta(seconds=self._monotonic() - self._listener.last_contact)

    async def look(self, now: datetime) -> None:
        current = await self._database.read(situations.latest)
        self._danger.clear()
        self._danger.update(s.region for s in current if s.active)
        silent = self.silent_for()
        if silent >= READER_DEAF:
            since = self._deaf_since = self._deaf_since or now - silent
            await self._pager.page(
                f"deaf:{since:%Y-%m-%dT%H:%M}",
                f"Telegram has not answered the reader since {since:%H:%M} UTC. "
                "Cards in force say that the sources cannot be heard.",
            )
            await self._pipeline.lose(since)
        elif self._deaf_since is not None or any(s.lost_since is not None for s in current):
            self._deaf_since = None
            await self._pipeline.regain()
            await self._pager.page(
                f"heard:{now:%Y-%m-%dT%H:%M}", "The reader is in contact with Telegram again."
            )


class OperatorWishes:
    """What the admin commands ask of the rest of the program."""

    def __init__(
        self,
        *,
        database: Database,
        by_hand: ByHand,
        listener: Listener,
        silent_for: Callable[[], timedelta],
        back_up: Callable[[], Awaitable[str]],
    ) -> None:
        self._database = database
        self._by_hand = by_hand
        self._listener = listener
        self._silent_for = silent_for
        self._back_up = back_up

    async def add_channel(self, username: str, area: AreaCode, *, declares: bool) -> Channel:
        """Resolve, join, store and read it for the first time. Raises the handlers' Refusal."""
        try:
            channel = await self._listener.resolve(username, area, declares)
        except ChannelError as problem:
            raise Refused(str(problem)) from problem
        await self._database.write(lambda tx: channels.add(tx, channel))
        stored = await self._database.read(lambda tx: channels.get(tx, channel.id))
        await self._listener.reconcile([stored or channel])
        return await self._database.read(lambda tx: channels.get(tx, channel.id)) or channel

    def pushed_at(self, channel: ChannelId) -> datetime | None:
        return self._listener.pushed_at.get(channel)

    async def decide(
        self,
        number: int,
        who: int,
        verdict: State,
        *,
        truth: Claim | None = None,
        why: str | None = None,
    ) -> str | None:
        region = await self._by_hand.decide(number, who, verdict, truth=truth, why=why)
        return None if region else f"#{number} does not wait for this decision"

    async def retract(self, incident: int, who: int, wrong: Wrong, redeem: Redeem) -> str | None:
        region = await self._by_hand.retract(incident, who, wrong, redeem)
        return None if region else f"incident {incident} cannot be taken back"

    async def preview(self, order: Order) -> Situation:
        return await self._by_hand.preview(order.claim(), order.text)

    async def issue(
        self,
        order: Order,
        who: int,
        second: int | None,
        *,
        written_at: datetime,
        redeem: Redeem,
    ) -> int | None:
        return await self._by_hand.issue(
            order.claim(), order.text, who, second, written_at=written_at, redeem=redeem
        )

    async def rehearse(self, order: Order, who: int, redeem: Redeem) -> int | None:
        return await self._by_hand.rehearse(order.claim(), order.text, who, redeem)

    async def backup(self) -> str:
        return await self._back_up()

    def reader_silent_for(self) -> timedelta | None:
        return self._silent_for()
