"""The terminal: colour and width for a person, plain whole lines for a program."""

import io
import sys
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.text import Text

from wxlogin_demo.experiments import Experiment
from wxlogin_demo.stage import Stage
from wxlogin_demo.step import Mark, Step
from wxlogin_demo.words import Tongue, Words

INDENT = 6
STYLES = {
    Mark.SENT: "cyan",
    Mark.GOT: "blue",
    Mark.NOTE: "dim",
    Mark.PROVEN: "green",
    Mark.FAILED: "bold red",
}


class Terminal:
    """Prints in the reader's language. Not on a terminal: no control character, no line broken."""

    def __init__(self, tongue: Tongue, out: TextIO | None = None) -> None:
        self._tongue = tongue
        self._console = Console(
            file=_able_to_write(out or sys.stdout), highlight=False, markup=False, emoji=False
        )

    def title(self, stage: Stage) -> None:
        heading = Words("一次完整的微信小程序登录", "a whole WeChat Mini Program login")
        self._heading(Text("wxlogin demo", "bold green"), heading)
        self._plain(Words("服务器    ", "server     "), stage.url)
        self._plain(Words("接口文档  ", "docs       "), f"{stage.url}/docs")
        wechat = Words(" （扮演微信和手机）", " (plays WeChat and the phone)")
        self._plain(Words("模拟器    ", "simulator  "), stage.simulator.url + self._say(wechat))
        legend = Words(
            "→ 发出  ← 收到  ✓ 已当场核实  ●●●● 秘密",
            "→ sent  ← came back  ✓ checked just now  ●●●● a secret",
        )
        other = Words("    English: --lang en", "    中文：--lang zh")
        self._print(Text(self._say(legend) + self._say(other), "dim"))

    def port_moved(self, taken: int) -> None:
        self._print(
            Text(
                self._say(
                    Words(
                        f"端口 {taken} 已被占用，改用空闲端口（指定端口：--port）",
                        f"port {taken} is taken: another one is used (--port names one)",
                    )
                ),
                "yellow",
            )
        )

    def step(self, step: Step) -> None:
        self._print(Text())
        colour = "bold red" if step.has_failed else "bold"
        sign = Text(f"{step.sign:>3}  ", "bold red" if step.has_failed else "bold cyan")
        where, title = self._say(step.where), self._say(step.title)
        self._print(Text.assemble(sign, (f"{where}  ", "cyan"), (title, colour)))
        beside = self._tongue.beside(step.where), self._tongue.beside(step.title)
        if beside[1]:
            self._lines("     ", Text("  ".join(part for part in beside if part), "dim"))
        for line in step.lines:
            style = STYLES[line.mark]
            is_loud = line.mark in (Mark.FAILED, Mark.NOTE)
            text = Text(self._say(line.words), style if is_loud else "")
            text.highlight_regex(r"●+", "bold magenta")
            self._lines(f"   {line.mark.value}  ", text, style=style)

    def passed(self, checks: int) -> None:
        self._print(Text())
        done = Words(
            f"✓ 十步走完，{checks} 项全部核实", f"✓ ten steps taken, all {checks} checks hold"
        )
        self._heading(Text(), done, "bold green")

    def failed(self, step: Step) -> None:
        self._print(Text())
        name = f"{step.sign} {self._say(step.title)}"
        self._print(Text(self._say(Words(f"✗ 未通过：{name}", f"✗ failed: {name}")), "bold red"))

    def stopped(self) -> None:
        self._print(Text())
        self._print(
            Text(self._say(Words("已停止，临时文件已清除", "stopped; nothing is left behind")))
        )

    def invite(self, page: str, experiments: Sequence[Experiment]) -> None:
        """Where to click, and what to try by hand. Commands are never broken: they are there to
        be copied."""
        self._print(Text())
        click = Words("在浏览器里打开手机", "open the phone in a browser")
        self._heading(Text("▶", "bold green"), click)
        self._print(Text(f"   {page}", "bold underline cyan"))
        self._print(Text())
        heading = Words("再开一个终端，复制试试", "now open a second terminal and paste")
        self._heading(Text(), heading)
        for number, experiment in enumerate(experiments, 1):
            title, expected = self._say(experiment.title), self._say(experiment.expected)
            self._print(Text())
            self._print(Text(f"[{number}] {title}", "bold"))
            self._print(Text(f"    → {expected}", "dim"))
            for command in experiment.commands:
                self._print(Text(f"    {command}", "cyan"))
        self._print(Text())
        self._print(Text(self._say(Words("按 Ctrl+C 停止", "Ctrl+C stops it")), "dim"))

    def _heading(self, first: Text, words: Words, style: str = "bold") -> None:
        beside = self._tongue.beside(words)
        text = Text.assemble(first, "  " if first else "", (self._say(words), style))
        self._print(Text.assemble(text, (f"  {beside}" if beside else "", "dim")))

    def _plain(self, label: Words, text: str) -> None:
        self._print(Text.assemble((self._say(label), "dim"), text))

    def _say(self, words: Words) -> str:
        return self._tongue.pick(words)

    def _lines(self, sign: str, text: Text, *, style: str = "") -> None:
        """The text behind its sign; on a terminal wrapped so that it stays behind it."""
        lines = [text]
        if self._console.is_terminal:
            room = max(20, self._console.width - INDENT - 1)
            lines = list(text.wrap(self._console, room, overflow="fold"))
        for number, line in enumerate(lines):
            start = sign if number == 0 else " " * len(sign)
            self._print(Text.assemble((start, style), line))

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)


def _able_to_write(out: TextIO) -> TextIO:
    """A pipe in a code page without these signs is switched to UTF-8: nothing shall be lost."""
    try:
        "微信→✓●▶".encode(out.encoding or "utf-8")
    except UnicodeEncodeError:
        if isinstance(out, io.TextIOWrapper):
            out.reconfigure(encoding="utf-8")
    return out
