"""Takes the numbers of a serving process to where the console finds them, every few minutes."""

from collections import Counter

from wxlogin.login import errors
from wxlogin.login.figures import Figures
from wxlogin.metrics import Metrics


class Sampling:
    """What this process has met since it last said so."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._told: Counter[int] = Counter()

    async def take(self, figures: Figures) -> None:
        """Say what was met, and see to it that the live sessions are counted."""
        await self.flush(figures)
        await figures.take_sample()

    async def flush(self, figures: Figures) -> None:
        """Say what was met. Where the store does not take it, it is said the next time."""
        met = Counter(self._metrics.refusals()) - self._told
        self._told += met
        try:
            await figures.add_failures(met)
        except errors.StoreUnavailable:
            self._told -= met
            raise
