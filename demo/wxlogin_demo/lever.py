"""What a lever is, and what it can reach."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from wechat_simulator import Simulator
from wxlogin_demo.back_end import BackEnd
from wxlogin_demo.clock import Clock
from wxlogin_demo.words import Words


class LeverStuck(Exception):
    """It cannot be pulled now; `words` say why."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull of a lever: for whom, which of its choices, and what it acts on."""

    simulator: Simulator
    clock: Clock
    back_end: BackEnd
    reset: Callable[[], Awaitable[None]]
    user: str = "ann"
    choice: str = ""


Act = Callable[[Pull], Awaitable[Words]]


@dataclass(frozen=True, slots=True)
class Choice:
    value: str | bool
    words: Words


@dataclass(frozen=True, slots=True)
class Lever:
    """`see` says what will happen on the page. Where there are `choices` the first one is how it
    stands at the beginning.

    `act` is done here. Without one the lever is the page's: it gives the phone a `direction`,
    with the choice under `key`, or `opens` another phone.
    """

    name: str
    title: Words
    see: Words
    act: Act | None = None
    choices: tuple[Choice, ...] = ()
    direction: str | None = None
    key: str = "on"
    opens: tuple[str, str] | None = None

    def described(self) -> dict[str, Any]:
        """What the page builds its button from."""
        return {
            "name": self.name,
            "title": self.title._asdict(),
            "see": self.see._asdict(),
            "choices": [
                {"value": each.value, "words": each.words._asdict()} for each in self.choices
            ],
            "direction": self.direction and {"do": self.direction, "key": self.key},
            "opens": self.opens and {"user": self.opens[0], "device": self.opens[1]},
        }


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    title: Words
    levers: tuple[Lever, ...] = field(default=())

    def described(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title._asdict(),
            "levers": [lever.described() for lever in self.levers],
        }
