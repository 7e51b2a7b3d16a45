"""What every sign of the screens means, in words one of which must stand in the same line."""

import re
import unicodedata
from typing import Final

_KEPT: Final = frozenset("№°")
_JOINERS: Final = frozenset("\ufe0e\ufe0f\u200d")

MEANINGS: Final[dict[str, tuple[str, ...]]] = {
    "🔴": ("непосредственн", "тревога", "тривога", "безпосередн", "imminent", "alarm", "эвакуац"),
    "🟠": ("объявлен", "опасность", "оголошен", "небезпека", "declared", "danger", "тревог"),
    "🟡": ("предупрежд", "попередж", "advisory", "warning", "внимани", "увага", "возмож"),
    "⚪": ("отбо", "відб", "all-clear", "неизвестно", "невідом", "unknown"),
    "🟣": ("отбо", "відб", "all-clear"),
    "🔵": ("сообщ", "повідом", "report", "последств", "наслідк", "consequences", "част"),
    "✅": ("отбой", "відбій", "all-clear"),
    "❗": ("отозван", "відкликан", "taken back"),
    "🔘": ("неизвестно", "невідомо", "not known"),
    "⬜": ("белое", "біле", "white", "не объявляли", "не оголошували", "nothing announced"),
    "▨": ("полос", "смуг", "stripes", "штрих"),
    "🔔": ("всё", "усе", "all sounds", "все"),
    "🔉": ("важное", "важливе", "important"),
    "🔕": ("без звука", "без звуку", "no sound", "звук", "тише", "тихіше", "fewer", "sound"),
    "🔇": ("отключён", "вимкнен", "muted"),
    "🌙": ("тихие часы", "тихі години", "quiet hours"),
    "⏸": ("остановлен", "приостановлен", "зупинен", "призупинен", "stopped", "paused"),
    "▶": ("рассылка идёт", "розсилка", "sending"),
    "⚠": ("",),
    "📍": ("мест", "геопозиц", "геолокац", "location", "де я", "где я", "місц"),
    "⚙": ("",),
    "✓": ("",),
    "→": ("",),
}
"""An empty word: the sign only draws the eye, and a tick repeats what the text says (which is
tried in `test_without_signs`)."""


def is_sign(char: str) -> bool:
    if char in _KEPT:
        return False
    emoji_part = "\U0001f3fb" <= char <= "\U0001f3ff"
    arrow = "\u2190" <= char <= "\u21ff"
    return unicodedata.category(char) == "So" or char in _JOINERS or arrow or emoji_part


def unsigned(text: str) -> str:
    kept = "".join(" " if is_sign(char) else char for char in text)
    return "\n".join(re.sub(r"  +", " ", line).strip() for line in kept.split("\n"))


def meanings(line: str) -> list[str]:
    """The signs of a line whose meaning it does not say in words; those that have none here."""
    words = unsigned(line).casefold()
    return [
        sign
        for sign in line
        if is_sign(sign)
        and sign not in _JOINERS
        and not any(word in words for word in MEANINGS.get(sign, ()))
    ]
