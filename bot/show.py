"""What the demo prints: for people side by side, for programs as JSON lines."""

import io
import json
from collections.abc import Mapping
from pathlib import Path

from rich import box
from rich.columns import Columns
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.demo import MOSCOW, Heard, Report, Said
from bot.sandbox.bot_api_model import SandboxMessage
from bot.sandbox.world import ScriptedChat

_SIGNS = {"sound": "🔔 со звуком", "silent": "🔕 без звука", "edit": "✎ правка"}
_STYLES = {"sound": "bold red", "silent": "cyan", "edit": "dim"}


class Terminal:
    """Two columns: what the channels posted, what each chat sees."""

    def __init__(self, console: Console) -> None:
        self._console = console
        console.print(self._row(Text("КАНАЛЫ", "bold"), Text("ЧАТЫ", "bold")))

    def said(self, said: Said) -> None:
        left = Text.assemble(
            (f"{said.at.astimezone(MOSCOW):%H:%M} ", "bold"),
            (said.channel, "bold"),
            (" · правка", "magenta") if said.post.edit else "",
            "\n",
            said.post.text,
        )
        right: list[Text] = [self._heard(heard) for heard in said.heard]
        self._console.print(self._row(left, Group(*(right or [Text("— тишина —", "dim")]))))

    def cards(self, shown: list[tuple[ScriptedChat, list[SandboxMessage]]]) -> None:
        self._console.rule("Что чаты видят утром: последняя карточка каждого")
        panels = []
        for chat, messages in shown:
            cards = [message for message in messages if not message.reply_to]
            text = cards[-1].text if cards else "— ни одного сообщения —"
            panels.append(Panel(text, title=chat.name, width=self._half()))
        self._console.print(Columns(panels))

    def report(self, report: Report) -> None:
        table = Table(box=box.SIMPLE_HEAVY, title="Итог ночи", title_justify="left")
        table.add_column("что")
        table.add_column("сколько", overflow="fold")
        for name, value in rows(report):
            table.add_row(name, value)
        self._console.print(table)

    def _heard(self, heard: Heard) -> Text:
        lines = [line for line in heard.text.splitlines() if line.strip()]
        first = lines[0] if lines else ""
        rest = "\n".join(lines[1:4]) if heard.lever != "edit" else ""
        return Text.assemble(
            (f"{heard.at.astimezone(MOSCOW):%H:%M} {heard.chat.name}  ", "bold"),
            (_SIGNS[heard.lever], _STYLES[heard.lever]),
            f"\n{first}\n",
            (rest + "\n" if rest else "", "dim"),
        )

    def _half(self) -> int:
        return max(40, (self._console.width - 3) // 2)

    def _row(self, left: Text, right: Text | Group) -> Table:
        grid = Table.grid(padding=(0, 1), expand=False)
        grid.add_column(width=self._half())
        grid.add_column(width=self._half())
        grid.add_row(left, right)
        grid.add_row("", "")
        return grid


class Picture(Terminal):
    """A terminal that also draws what one chat heard as an SVG: its new messages, in order."""

    def __init__(self, console: Console, file: Path) -> None:
        super().__init__(console)
        self._file = file
        self._bubbles: list[Heard] = []

    def said(self, said: Said) -> None:
        super().said(said)
        self._bubbles += [heard for heard in said.heard if heard.lever != "edit"]

    def cards(self, shown: list[tuple[ScriptedChat, list[SandboxMessage]]]) -> None:
        super().cards(shown)
        chat = shown[1][0]
        paper = Console(record=True, width=76, file=io.StringIO(), force_terminal=True)
        for heard in self._bubbles:
            if heard.chat.id == chat.id:
                title = f"{heard.at.astimezone(MOSCOW):%H:%M}  {_SIGNS[heard.lever]}"
                paper.print(Panel(heard.text, title=title, title_align="left"))
        self._file.write_text(paper.export_svg(title=f"Набат — {chat.name}"), "utf-8")


class JsonLines:
    """One object a line: ``post``, ``heard``, ``card``, at last ``summary``."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def said(self, said: Said) -> None:
        self._print(
            {
                "what": "post",
                "at": said.at.isoformat(),
                "channel": said.post.channel,
                "edit": said.post.edit is not None,
                "text": said.post.text,
            }
        )
        for heard in said.heard:
            self._print(
                {
                    "what": "heard",
                    "at": heard.at.isoformat(),
                    "chat": heard.chat.id,
                    "lever": heard.lever,
                    "text": heard.text,
                }
            )

    def cards(self, shown: list[tuple[ScriptedChat, list[SandboxMessage]]]) -> None:
        for chat, messages in shown:
            for message in messages:
                self._print(
                    {
                        "what": "card",
                        "chat": chat.id,
                        "message": message.message_id,
                        "edits": message.edits,
                        "silent": message.silent,
                        "text": message.text,
                    }
                )

    def report(self, report: Report) -> None:
        self._print(
            {
                "what": "summary",
                "posts": report.posts,
                "claims": dict(report.claims),
                "incidents": report.incidents,
                "sounds": report.levers["sound"],
                "silent_messages": report.levers["silent"],
                "edits": report.levers["edit"],
                "silent_posts": dict(report.silent_posts),
                "silent_chats": dict(report.silent_chats),
                "latency_ms": {
                    "n": len(report.latencies),
                    "p50": round(report.percentile(50), 1),
                    "p99": round(report.percentile(99), 1),
                },
                "left": report.left,
                "seconds": round(report.seconds, 2),
            }
        )

    def _print(self, row: dict[str, object]) -> None:
        self._console.file.write(json.dumps(row, ensure_ascii=False) + "\n")


def rows(report: Report) -> list[tuple[str, str]]:
    """The closing table."""
    return [
        ("посты и правки", str(report.posts)),
        ("утверждения", _listed(report.claims)),
        ("инциденты", str(report.incidents)),
        ("сообщения со звуком", str(report.levers["sound"])),
        ("сообщения без звука", str(report.levers["silent"])),
        ("правки карточек", str(report.levers["edit"])),
        ("посты, о которых никому не сказано", _listed(report.silent_posts)),
        ("решения «чату не говорить»", _listed(report.silent_chats)),
        (
            "от поста до сообщения в чате",
            f"p50 {report.percentile(50):.0f} мс, p99 {report.percentile(99):.0f} мс "
            f"(n = {len(report.latencies)})",
        ),
        ("осталось недосказанным", str(report.left)),
        ("длилось", f"{report.seconds:.1f} с"),
    ]


def _listed(counts: Mapping[str, int]) -> str:
    return "\n".join(f"{name}: {n}" for name, n in sorted(counts.items())) or "—"
