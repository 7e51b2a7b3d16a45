"""A scene as an SVG: the chat's messages as a person sees them, with their buttons and pictures.

An SVG breaks no lines by itself, and the reader's letters are not ours: lines are broken for
letters somewhat wider than those that are measured here.
"""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Final

from PIL import Image

from bot.demo import MOSCOW
from bot.pictures.signs import lettering
from bot.sandbox.bot_api_model import SandboxMessage
from bot.tour.play import Seen

_WIDTH: Final = 480
_BUBBLE: Final = 412
_PAD: Final = 12
_SIZE: Final = 15
_LINE: Final = 20
_HEAD: Final = 44
_TITLE_AT: Final = 16
_WIDER: Final = 1.22
_PHOTO: Final = 2 * _BUBBLE
"""Pixels across of a picture in the SVG."""
_FONT: Final = "-apple-system, 'Segoe UI', Roboto, Arial, sans-serif"

_Styled = tuple[str, str]
"""A character and its style: a class of the style sheet, or nothing."""
_STYLES: Final = {"bold": "b", "text_link": "a", "url": "a", "bot_command": "a", "italic": "i"}
_SHEET: Final = (
    f"text{{font:{_SIZE}px {_FONT};fill:#16202a;white-space:pre}}"
    ".b{font-weight:600}.a{fill:#1f6fb2}.i{font-style:italic}"
    ".t{font-size:12px;fill:#6d7c88}.k{font-size:14px;fill:#fff}.h{font-weight:600;fill:#fff}"
)


class Painter:
    """Writes ``NAME.svg`` for each scene. ``files``: what it wrote."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files: list[Path] = []

    def seen(self, seen: Seen) -> None:
        file = self._folder / f"{seen.scene.name}.svg"
        file.write_text(painted(seen), "utf-8", newline="\n")
        self.files.append(file)


def painted(seen: Seen) -> str:
    paper = _Paper()
    for message in seen.messages:
        if message.author is not None and not message.author.is_bot:
            paper.said(message)
        else:
            paper.answered(message, seen.photos)
    return paper.finished(seen.scene.title)


@dataclass(slots=True)
class _Paper:
    """Grows downwards."""

    y: float = _HEAD + _PAD
    parts: list[str] = field(default_factory=list)

    def said(self, message: SandboxMessage) -> None:
        """By a person: to the right."""
        lines = _lines(message, _BUBBLE - 2 * _PAD)
        wide = max(_measure(line) for line in lines) + 2 * _PAD
        tall = _LINE * len(lines) + 14
        left = _WIDTH - _PAD - wide
        self._box(left, wide, tall, "#d9f2c7")
        self._text(lines, left + _PAD, self.y + 7)
        self.y += tall + 10

    def answered(self, message: SandboxMessage, photos: dict[str, bytes]) -> None:
        lines = _lines(message, _BUBBLE - 2 * _PAD)
        picture, high = "", 0.0
        if message.photo is not None:
            picture, high = _picture(photos[message.photo], _PAD, self.y)
        tall = high + _LINE * len(lines) + 32
        self._box(_PAD, _BUBBLE, tall, "#ffffff")
        self.parts.append(picture)
        self._text(lines, 2 * _PAD, self.y + high + 8)
        at = (message.edited_at or message.sent_at).astimezone(MOSCOW)
        how = "✎" if message.edits else "🔕" if message.silent else "🔔"
        x, y = _PAD + _BUBBLE - 10, self.y + tall - 9
        self.parts.append(
            f'<text class="t" x="{x}" y="{y:g}" text-anchor="end">{at:%H:%M} {how}</text>'
        )
        self.y += tall + 4
        markup = message.reply_markup or {}
        for row in markup.get("inline_keyboard") or markup.get("keyboard") or ():
            self._buttons([button["text"] for button in row])
        self.y += 8

    def finished(self, title: str) -> str:
        tall = self.y + 4
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" '
            f'viewBox="0 0 {_WIDTH} {tall:g}" width="{_WIDTH}" height="{tall:g}">'
            f"<style>{_SHEET}</style>"
            f'<rect width="{_WIDTH}" height="{tall:g}" rx="12" fill="#c3d3df"/>'
            f'<path d="M0 {_HEAD}V12A12 12 0 0 1 12 0H{_WIDTH - 12}A12 12 0 0 1 {_WIDTH} 12'
            f'V{_HEAD}Z" fill="#3f6a8a"/>'
            f'<text class="h" x="{_TITLE_AT}" y="28">{escape(title)}</text>'
            f"{''.join(self.parts)}</svg>\n"
        )

    def _box(self, left: float, wide: float, tall: float, fill: str) -> None:
        self.parts.append(
            f'<rect x="{left:g}" y="{self.y:g}" width="{wide:g}" height="{tall:g}" rx="12" '
            f'fill="{fill}"/>'
        )

    def _text(self, lines: Sequence[Sequence[_Styled]], x: float, y: float) -> None:
        for n, line in enumerate(lines):
            if line:
                base = y + _LINE * n + _SIZE
                self.parts.append(f'<text x="{x:g}" y="{base:g}">{_spans(line)}</text>')

    def _buttons(self, labels: Sequence[str]) -> None:
        wide = (_BUBBLE - 4 * (len(labels) - 1)) / len(labels)
        for n, label in enumerate(labels):
            left = _PAD + n * (wide + 4)
            self.parts.append(
                f'<rect x="{left:g}" y="{self.y:g}" width="{wide:g}" height="34" rx="8" '
                f'fill="#6d8ca3"/><text class="k" x="{left + wide / 2:g}" y="{self.y + 22:g}" '
                f'text-anchor="middle">{escape(_cut(label, wide - 12))}</text>'
            )
        self.y += 38


def _picture(photo: bytes, x: float, y: float) -> tuple[str, float]:
    """Smaller than it was sent, and how high it is."""
    image = Image.open(BytesIO(photo))
    size = _PHOTO, round(image.height * _PHOTO / image.width)
    small = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    file = BytesIO()
    small.quantize(64).save(file, "PNG", optimize=True)
    high = _BUBBLE * size[1] / size[0]
    data = b64encode(file.getvalue()).decode()
    return (
        f'<image x="{x:g}" y="{y:g}" width="{_BUBBLE}" height="{high:g}" '
        f'href="data:image/png;base64,{data}"/>',
        high,
    )


def _spans(line: Sequence[_Styled]) -> str:
    text = []
    for style, letters in groupby(line, key=lambda each: each[1]):
        words = escape("".join(letter for letter, _ in letters))
        text.append(f'<tspan class="{style}">{words}</tspan>' if style else words)
    return "".join(text)


def _lines(message: SandboxMessage, wide: float) -> list[list[_Styled]]:
    styled = list(_styled(message))
    lines: list[list[_Styled]] = [[]]
    for is_end, piece in groupby(styled, key=lambda each: each[0] == "\n"):
        if is_end:
            lines += [[] for _ in piece]
            continue
        for word in _by_word(list(piece)):
            if lines[-1] and _measure([*lines[-1], *word]) > wide:
                lines.append([])
            lines[-1] += word
    return lines


def _by_word(piece: list[_Styled]) -> Iterator[list[_Styled]]:
    """Each with the spaces that follow it."""
    word: list[_Styled] = []
    for letter in piece:
        if word and word[-1][0] == " " and letter[0] != " ":
            yield word
            word = []
        word.append(letter)
    yield word


def _styled(message: SandboxMessage) -> Iterator[_Styled]:
    """Offsets of entities count UTF-16 units."""
    at = 0
    for letter in message.text:
        style = next(
            (
                _STYLES.get(str(each["type"]), "")
                for each in message.entities
                if int(each["offset"]) <= at < int(each["offset"]) + int(each["length"])
            ),
            "",
        )
        yield letter, style
        at += 2 if ord(letter) > 0xFFFF else 1


def _measure(line: Sequence[_Styled]) -> float:
    text = "".join(letter for letter, _ in line).rstrip()
    signs = sum(ord(letter) >= 0x2600 for letter in text)
    plain = "".join(letter for letter in text if ord(letter) < 0x2600)
    bold = any(style == "b" for _, style in line)
    return _WIDER * lettering(_SIZE, bold=bold).getlength(plain) + 1.3 * _SIZE * signs


def title_fits(title: str) -> bool:
    """Whether a scene's title has room on one line."""
    return _measure([(letter, "b") for letter in title]) <= _WIDTH - 2 * _TITLE_AT


def _cut(label: str, wide: float) -> str:
    while len(label) > 1 and _measure([(letter, "") for letter in label]) > wide:
        label = f"{label[:-2].rstrip()}…"
    return label
