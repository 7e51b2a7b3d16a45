"""The tour as a table: in which chat, what is said, pressed and posted, scene by scene.

A scene shows what was written or changed in its chat while it lasted. The scenes are one story:
each begins where the one before ended. To add a screen, add a row.
"""

from typing import Final

from bot.tour.elsewhere import ELSEWHERE
from bot.tour.residents import RESIDENTS
from bot.tour.script import Scene

SCENES: Final[tuple[Scene, ...]] = (*RESIDENTS, *ELSEWHERE)
