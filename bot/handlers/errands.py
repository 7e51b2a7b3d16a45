"""What an operator asks for and no answer may wait for: carried on by the service, behind the
handler that took it.

It stands in the audit trail before it begins, and with its result when it ends; who asked is
answered either way. Errands go one after the other, and one that hangs is ended for the others.
A kill ends one for good: the trail then has no result, and the operator asks again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NoReturn

from bot.message import Message as Screen
from bot.screens.admin import refused
from storage import audit
from storage.database import Database

_DONE, _REFUSED, _FAILED = "done", "refused", "failed"
_WHY: Final = 300
LONGEST: Final = 600.0
"""Seconds that one may take."""

Detail = Mapping[str, str | int | None]
"""For the audit trail."""

_log = logging.getLogger(__name__)


class Refusal(Exception):
    """An operator's wish cannot be granted; the text says why, to the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    screen: Screen
    detail: Detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """``work`` may raise Refusal. ``failed``: what is answered where it raised anything else.
    ``answer`` must not raise."""

    action: str
    who: int
    detail: Detail
    work: Callable[[], Awaitable[Result]]
    answer: Callable[[Screen], Awaitable[object]]
    failed: Screen


class Errands:
    def __init__(
        self, database: Database, now: Callable[[], datetime], *, longest: float = LONGEST
    ) -> None:
        self._database = database
        self._now = now
        self._longest = longest
        self._waiting: asyncio.Queue[Errand] = asyncio.Queue()

    async def begin(self, errand: Errand) -> None:
        """Noted, and taken on; returns at once."""
        await self._note(errand, errand.action, errand.detail)
        self._waiting.put_nowait(errand)

    async def run(self) -> NoReturn:
        """Until cancelled."""
        while True:
            errand = await self._waiting.get()
            try:
                async with asyncio.timeout(self._longest):
                    result, ending = await errand.work(), _DONE
            except Refusal as refusal:
                why = str(refusal)
                result, ending = Result(screen=refused(why), detail={"why": why[:_WHY]}), _REFUSED
            except Exception as bug:  # noqa: BLE001 - the one of this loop: it is answered so
                _log.exception("the errand %s failed", errand.action)
                detail = {"why": type(bug).__name__}
                result, ending = Result(screen=errand.failed, detail=detail), _FAILED
            await self._note(errand, f"{errand.action}_{ending}", result.detail)
            await errand.answer(result.screen)

    async def _note(self, errand: Errand, action: str, detail: Detail) -> None:
        now = self._now()
        await self._database.write(
            lambda tx: audit.note(tx, now, errand.who, action, **dict(detail))
        )
