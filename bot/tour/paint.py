"""A scene as an SVG: the chat's messages as a person sees them, with their buttons."""

from pathlib import Path
from typing import Final

from rich import box
from rich.align import Align
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.demo import MOSCOW
from bot.sandbox.bot_api_model import SandboxMessage
from bot.show import sheet, write_svg
from bot.tour.play import Seen

_WIDTH: Final = 64
_BUBBLE: Final = 58
_STYLES: Final = {"bold": "bold", "text_link": "underline", "italic": "italic"}


class Painter:
    """Writes ``NAME.svg`` for each scene, and ``NAME.png`` for its map. ``files``: what it
    wrote."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files: list[Path] = []

    def seen(self, seen: Seen) -> None:
        paper = sheet(_WIDTH)
        for message in seen.messages:
            self._message(paper, message, seen)
        self._note(seen.scene.name, "svg")
        write_svg(paper, seen.scene.title, self.files[-1])
        for picture in seen.photos.values():
            self._note(seen.scene.name, "png")
            self.files[-1].write_bytes(picture)

    def _note(self, name: str, suffix: str) -> None:
        self.files.append(self._folder / f"{name}.{suffix}")

    def _message(self, paper: Console, message: SandboxMessage, seen: Seen) -> None:
        words = _words(message)
        if message.author is not None and not message.author.is_bot:
            said = Panel.fit(words, border_style="cyan")
            paper.print(Align.right(said))
            return
        parts: list[RenderableType] = [words]
        if message.photo is not None:
            parts.insert(0, Text(f"▣ {seen.scene.name}.png\n", "dim italic"))
        time = f"{(message.edited_at or message.sent_at).astimezone(MOSCOW):%H:%M}"
        marks = "✎ правка" if message.edits else "🔕" if message.silent else "🔔"
        panel = Panel(Group(*parts), width=_BUBBLE, subtitle=f"{time} {marks}")
        panel.subtitle_align = "right"
        paper.print(panel)
        for row in (message.reply_markup or {}).get("inline_keyboard", ()):
            paper.print(_buttons([button["text"] for button in row]))


def _words(message: SandboxMessage) -> Text:
    """With its formatting; offsets count UTF-16 units."""
    units = message.text.encode("utf-16-le")
    text = Text(message.text)
    for entity in message.entities:
        start, length = int(entity["offset"]), int(entity["length"])
        before = len(units[: 2 * start].decode("utf-16-le"))
        inside = len(units[2 * start : 2 * (start + length)].decode("utf-16-le"))
        style = _STYLES.get(str(entity["type"]))
        if style is not None:
            text.stylize(style, before, before + inside)
    return text


def _buttons(labels: list[str]) -> Table:
    row = Table(
        box=box.ROUNDED, show_header=False, width=_BUBBLE, border_style="blue", padding=(0, 1)
    )
    for _ in labels:
        row.add_column(justify="center", ratio=1)
    row.add_row(*(Text(label, "blue") for label in labels))
    return row
