"""What the server says of itself while it works: its `Observer`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Taken:
    """One of the ten steps, as the server took it."""

    number: int
    name: str
    outcome: str
    seconds: float


class Watcher:
    """Remembers the steps in their order. Written by the server's thread, read by the walk's.

    Appending to a list is atomic, and the walk reads after the answer has come: no lock.
    """

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.checks: list[str] = []
        self.phones: list[str] = []

    def step(self, number: int, name: str, *, outcome: str, seconds: float) -> None:
        self.taken.append(Taken(number, name, outcome, seconds))

    def checked(self, outcome: str) -> None:
        self.checks.append(outcome)

    def phone_exchanged(self, outcome: str) -> None:
        self.phones.append(outcome)

    def outcome(self, name: str) -> str | None:
        """How the step of this name went the last time, None where it was not reached."""
        return next((step.outcome for step in reversed(self.taken) if step.name == name), None)
