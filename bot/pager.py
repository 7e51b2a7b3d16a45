"""To page: a CRITICAL log line, a message to every admin, a POST to the optional address.

Messages to admins are owed in the database, so that a crash or a dead network loses none.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import aiohttp

from bot.clock import Clock
from bot.message import Message
from bot.outcome import Accepted, Dead, Later, Outcome, Refused, Unreachable
from bot.pace import Pace, Wait
from bot.screens.review import card
from bot.screens.speech import Speech
from bot.sender import Sender
from bot.texts import Texts
from storage import audit, chats, reviews
from storage.areas.tree import Areas
from storage.audit import Notice
from storage.database import Database, Tx
from storage.model import Chat, ChatId, Lang
from storage.reviews import Review

_POLL = 5.0  # seconds
_POST = 5.0  # seconds that a POST to page_url may take
_MOST_TRIES = 20

_log = logging.getLogger(__name__)


class Voice(Protocol):
    """A bot, as far as it is needed here: `bot.app.bots.Speaker`."""

    @property
    def id(self) -> int: ...

    @property
    def pace(self) -> Pace: ...

    @property
    def sender(self) -> Sender: ...


class Pager:
    """``page_url`` is a secret: it is neither logged nor shown. ``voices``: the operators know the
    first one. ``usernames``: of the bots, by id, as far as they are known."""

    def __init__(
        self,
        *,
        database: Database,
        voices: Sequence[Voice],
        usernames: Mapping[int, str],
        admins: Sequence[int],
        page_url: str | None,
        areas: Areas,
        texts: Texts,
        clock: Clock,
        monotonic: Callable[[], float],
    ) -> None:
        self._database = database
        self._voices = tuple(voices)
        self._usernames = usernames
        self._admins = tuple(admins)
        self._page_url = page_url
        self._areas = areas
        self._texts = texts
        self._clock = clock
        self._monotonic = monotonic
        self._woken = asyncio.Event()
        self._posts: set[asyncio.Task[None]] = set()

    async def page(self, key: str, text: str) -> None:
        """Tell the operators once for each ``key``. Returns before anybody has read it."""
        now = self._clock.now()

        async def write(tx: Tx) -> bool:
            fresh = [await audit.notify(tx, who, key, f"⚠ {text}", now) for who in self._admins]
            return any(fresh)

        if not await self._database.write(write):
            return
        _log.critical("%s", text)
        self._woken.set()
        if self._page_url is not None:
            post = asyncio.create_task(self._post(self._page_url, text))
            self._posts.add(post)
            post.add_done_callback(self._posts.discard)

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Deliver what is owed, until cancelled."""
        try:
            while True:
                self._woken.clear()
                await self._ask_about_reviews()
                for notice in await self._database.read(
                    lambda tx: audit.owed(tx, most_tries=_MOST_TRIES)
                ):
                    if not await self._deliver(notice):
                        break  # nothing gets through: it stays owed, and costs no try
                # Not wait_for: a cancellation that comes with the wake would be lost in it.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_POLL):
                        await self._woken.wait()
        finally:
            if self._posts:
                await asyncio.wait(self._posts, timeout=_POST)

    async def _ask_about_reviews(self) -> None:
        """Everything that waits for a moderator goes to every one of them once."""
        waiting = await self._database.read(reviews.waiting)
        if not waiting:
            return
        now = self._clock.now()

        async def write(tx: Tx) -> None:
            for each in reversed(waiting):
                for who in self._admins:
                    key, text = f"held:{each.id}", f"#{each.id}: /held {each.id}"
                    await audit.notify(tx, who, key, text, now, review=each.id)

        await self._database.write(write)

    async def _message(self, notice: Notice) -> Message:
        """A review's card as it stands now, in the moderator's language."""
        number = notice.review
        if number is None:
            return Message(text=notice.text)

        async def read(tx: Tx) -> tuple[Review | None, Chat | None]:
            return await reviews.get(tx, number), await chats.get(tx, ChatId(notice.chat))

        review, chat = await self._database.read(read)
        if review is None:
            return Message(text=notice.text)
        words = self._texts[Lang.RU if chat is None else chat.lang]
        return card(Speech(words=words, areas=self._areas), review, self._clock.now())

    async def _deliver(self, notice: Notice) -> bool:
        """Whether Telegram can be reached at all. Of several bots the first that the person lets
        in says it."""
        message = await self._message(notice)
        for voice in self._order(notice):
            outcome = await self._say(voice, notice, _from(self._about(voice, notice), message))
            if outcome is None or isinstance(outcome, Later):
                return True
            if not isinstance(outcome, Unreachable | Dead):
                break
        if isinstance(outcome, Refused | Dead):
            return False
        keeper_gone = isinstance(outcome, Unreachable) and notice.chat not in self._admins
        if isinstance(outcome, Unreachable) and not keeper_gone:
            _log.error(
                "admin %s cannot be written to (%s): they must press Start in the bot's chat",
                notice.chat,
                outcome.cause,
            )
        # Somebody who never pressed Start is not told what befell their group.
        sent, at = isinstance(outcome, Accepted) or keeper_gone, self._clock.now()
        await self._database.write(lambda tx: audit.notice_tried(tx, notice.id, at, sent=sent))
        return True

    def _order(self, notice: Notice) -> Sequence[Voice]:
        """Operators know the first bot; whoever set a chat up may know any."""
        if notice.bot is None:
            return self._voices[:1]
        return sorted(self._voices, key=lambda voice: voice.id != notice.bot)

    def _about(self, voice: Voice, notice: Notice) -> str:
        """The username of the bot that it is about, where another one has to say it."""
        other = notice.bot is not None and notice.bot != voice.id
        return self._usernames.get(notice.bot or 0, "") if other else ""

    async def _say(self, voice: Voice, notice: Notice, message: Message) -> Outcome | None:
        """None: not now."""
        permit = voice.pace.take(
            self._monotonic(), notice.chat, group=False, edit=False, command=True
        )
        if isinstance(permit, Wait):
            return None
        try:
            outcome = await voice.sender.send(notice.chat, message, silent=False)
        finally:
            voice.pace.answered(permit, self._monotonic())
        if isinstance(outcome, Later):
            voice.pace.slow_down(self._monotonic(), outcome.seconds, notice.chat)
        return outcome

    async def _post(self, url: str, text: str) -> None:
        try:
            timeout = aiohttp.ClientTimeout(total=_POST)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(url, data=text.encode(), allow_redirects=False) as answer,
            ):
                if answer.status >= 400:
                    _log.error("page_url answered %d", answer.status)
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            _log.error("page_url could not be reached: %s", type(problem).__name__)


def _from(username: str, message: Message) -> Message:
    """Of a notice, which has no form: whose words they are, if not the speaker's."""
    return replace(message, text=f"@{username}:\n{message.text}") if username else message
