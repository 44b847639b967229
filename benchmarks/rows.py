"""What a measurement gives, and how it is shown."""

import statistics
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One contestant: microseconds of CPU a request, each round."""

    name: str
    microseconds: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.microseconds)
