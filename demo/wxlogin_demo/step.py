"""One step as it is told: who spoke to whom, what crossed the line, and what was checked."""

from dataclasses import dataclass, field
from enum import Enum

from wxlogin_demo.words import Words


class Mark(Enum):
    """What a line of a step is, by the sign before it."""

    SENT = "→"
    GOT = "←"
    NOTE = "·"
    PROVEN = "✓"
    FAILED = "✗"


@dataclass(frozen=True, slots=True)
class Line:
    mark: Mark
    words: Words


@dataclass(slots=True)
class Step:
    """`sign` is its number, or `+` for what is shown after the ten."""

    sign: str
    where: Words
    title: Words
    lines: list[Line] = field(default_factory=list)
    checks: int = 0

    @property
    def has_failed(self) -> bool:
        return any(line.mark is Mark.FAILED for line in self.lines)

    def sent(self, text: str) -> None:
        self.lines.append(Line(Mark.SENT, Words(text, text)))

    def got(self, text: str, en: str | None = None) -> None:
        self.lines.append(Line(Mark.GOT, Words(text, text if en is None else en)))

    def note(self, zh: str, en: str) -> None:
        self.lines.append(Line(Mark.NOTE, Words(zh, en)))

    def prove(self, is_so: bool, zh: str, en: str, *, found: object = None) -> None:
        """Print the claim as proven if it is so, else as what was expected."""
        if is_so:
            self.checks += 1
            self.lines.append(Line(Mark.PROVEN, Words(zh, en)))
        else:
            self.fail(zh, en, found=found)

    def require(self, is_so: bool, zh: str, en: str, *, found: object = None) -> None:
        """The same for what a reader sees anyway: silent where it is so."""
        if is_so:
            self.checks += 1
        else:
            self.fail(zh, en, found=found)

    def fail(self, zh: str, en: str, *, found: object = None) -> None:
        tail = ("", "") if found is None else (f"；实际：{found}", f"; found: {found}")
        words = Words(f"应当：{zh}{tail[0]}", f"expected: {en}{tail[1]}")
        self.lines.append(Line(Mark.FAILED, words))
