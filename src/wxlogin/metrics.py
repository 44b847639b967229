"""What is counted: plain integers while requests run, Prometheus' text when it is scraped.

A counter of prometheus-client in the hot path costs a tenth of a whole check; an
integer in a dict costs next to nothing, and a scrape comes a few times a minute.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from wxlogin.login.ports import Observer

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds in seconds; the last is the deadline of a login."""

Labels = tuple[str, ...]


class Durations:
    """A histogram of one series."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.total = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds


class Metrics:
    """Counts steps, checks, answers and calls of WeChat: the observer of core, face and client."""

    def __init__(self) -> None:
        self.checks: dict[str, int] = defaultdict(int)
        self.phones: dict[str, int] = defaultdict(int)
        self.answers: dict[tuple[str, int], int] = defaultdict(int)
        self.answer_seconds: dict[Labels, Durations] = defaultdict(Durations)
        self.steps: dict[Labels, Durations] = defaultdict(Durations)
        self.calls: dict[Labels, Durations] = defaultdict(Durations)

    def step(self, number: int, name: str, *, outcome: str, seconds: float) -> None:
        self.steps[str(number), name, outcome].add(seconds)

    def checked(self, outcome: str) -> None:
        self.checks[outcome] += 1

    def phone_exchanged(self, outcome: str) -> None:
        self.phones[outcome] += 1

    def answered(self, route: str, status: int, *, seconds: float | None = None) -> None:
        self.answers[route, status] += 1
        if seconds is not None:
            self.answer_seconds[(route,)].add(seconds)

    def called(self, path: str, outcome: str, seconds: float) -> None:
        self.calls[path, outcome].add(seconds)

    def refusals(self) -> dict[int, int]:
        """How often WeChat answered with each errcode."""
        counts: dict[int, int] = defaultdict(int)
        for (_, outcome), kept in self.calls.items():
            if outcome.lstrip("-").isdigit():
                counts[int(outcome)] += sum(kept.counts)
        return dict(counts)

    def snapshot(self) -> dict[str, Any]:
        """All of it as JSON-ready values: what a worker hands to the process that is scraped."""
        return {
            "checks": dict(self.checks),
            "phones": dict(self.phones),
            "answers": [[*labels, count] for labels, count in self.answers.items()],
            **{
                name: [[*labels, kept.counts, kept.total] for labels, kept in series.items()]
                for name, series in (
                    ("answer_seconds", self.answer_seconds),
                    ("steps", self.steps),
                    ("calls", self.calls),
                )
            },
        }

    def merge(self, snapshot: dict[str, Any]) -> None:
        """Add another worker's snapshot to these numbers."""
        for outcome, count in snapshot["checks"].items():
            self.checks[outcome] += count
        for outcome, count in snapshot["phones"].items():
            self.phones[outcome] += count
        for route, status, count in snapshot["answers"]:
            self.answers[route, status] += count
        for name in ("answer_seconds", "steps", "calls"):
            series = getattr(self, name)
            for *labels, counts, total in snapshot[name]:
                kept = series[tuple(labels)]
                kept.counts = [a + b for a, b in zip(kept.counts, counts, strict=True)]
                kept.total += total


class Both:
    """Two observers of the core as one."""

    def __init__(self, first: Observer, second: Observer) -> None:
        self._observers = (first, second)

    def step(self, number: int, name: str, *, outcome: str, seconds: float) -> None:
        for observer in self._observers:
            observer.step(number, name, outcome=outcome, seconds=seconds)

    def checked(self, outcome: str) -> None:
        for observer in self._observers:
            observer.checked(outcome)

    def phone_exchanged(self, outcome: str) -> None:
        for observer in self._observers:
            observer.phone_exchanged(outcome)


class Collector:
    """`Metrics` as prometheus-client families."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import CounterMetricFamily

        checks = CounterMetricFamily(
            "wxlogin_session_checks", "Session checks by outcome (step 10)", labels=["outcome"]
        )
        for outcome, count in self._metrics.checks.items():
            checks.add_metric([outcome], count)
        phones = CounterMetricFamily(
            "wxlogin_phone_exchanges",
            "Exchanges of phone codes by outcome; each ok is paid for",
            labels=["outcome"],
        )
        for outcome, count in self._metrics.phones.items():
            phones.add_metric([outcome], count)
        answers = CounterMetricFamily(
            "wxlogin_http_answers", "HTTP answers by route and status", labels=["route", "status"]
        )
        for (route, status), count in self._metrics.answers.items():
            answers.add_metric([route, str(status)], count)
        yield checks
        yield phones
        yield answers
        yield _histogram(
            "wxlogin_http_seconds",
            "Seconds to an answer; session checks are counted, not timed",
            ["route"],
            self._metrics.answer_seconds.items(),
        )
        yield _histogram(
            "wxlogin_step_seconds",
            "Seconds of each step of a login, by its outcome",
            ["step", "name", "outcome"],
            self._metrics.steps.items(),
        )
        yield _histogram(
            "wxlogin_wechat_seconds",
            "Seconds of each call of WeChat, by path and errcode",
            ["path", "errcode"],
            self._metrics.calls.items(),
        )


def exposition(metrics: Metrics) -> bytes:
    """The numbers in Prometheus' text format."""
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collector(metrics))
    return generate_latest(registry)


def _histogram(
    name: str, text: str, labels: list[str], series: Iterable[tuple[Labels, Durations]]
) -> Any:
    from prometheus_client.core import HistogramMetricFamily

    family = HistogramMetricFamily(name, text, labels=labels)
    for values, kept in series:
        running = 0
        buckets: list[tuple[str, float]] = []
        for bound, count in zip((*map(str, BUCKETS), "+Inf"), kept.counts, strict=True):
            running += count
            buckets.append((bound, running))
        family.add_metric(list(values), buckets, kept.total)
    return family
