"""Scripted faults: what shall go wrong, on which path, how many times. Never random.

    effect          the real rules run   a code is spent              the caller sees
    -------------   ------------------   --------------------------   ------------------------
    drop: before    no                   no                           the line is cut
    drop: after     yes                  by the rules                 the line is cut
    errcode         no                   40029, 40163, 40226 only     that error, with a rid
    status, body    no                   no                           just that
    patch, without  yes                  by the rules                 the answer, changed
    duplicate       yes, twice           by the rules                 the second answer
    delay_seconds   as without           as without, before the wait  all of it, later

`consume` overrules the third column for errcode, status and body.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from wechat_simulator.wire import Answer, Entropy, compact, content_type_of, error_body

Drop = Literal["before", "after"]
DROPS: tuple[Drop, ...] = ("before", "after")

_VERDICTS_ABOUT_THE_CODE = frozenset({40029, 40163, 40226})


@dataclass(frozen=True)
class Fault:
    """One scripted fault.

    path: exact, or a prefix ending in `*`.
    times: how many requests it hits; None until cleared.
    errcode: may be text, as some endpoints print it (contract §0); `errmsg` replaces its words.
    body: an object is sent as JSON, text verbatim; `content_type` and `headers` go with it.
    patch: laid over a JSON answer. without: names taken out of it.
    reset: a dropped line ends with a TCP reset instead of a plain end.
    """

    path: str
    times: int | None = None
    errcode: int | str | None = None
    errmsg: str | None = None
    status: int | None = None
    delay_seconds: float = 0.0
    drop: Drop | None = None
    body: Any = None
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    patch: Mapping[str, Any] | None = None
    without: tuple[str, ...] = ()
    reset: bool = False
    duplicate: bool = False
    consume: bool | None = None
    fault_id: str = ""

    @property
    def is_replacing(self) -> bool:
        """Whether the real rules are not asked."""
        return self.errcode is not None or self.status is not None or self.body is not None

    @property
    def has_effect(self) -> bool:
        """Whether it does anything at all."""
        changes = self.drop is not None or self.is_patching or self.duplicate
        return self.is_replacing or changes or self.delay_seconds > 0

    @property
    def is_patching(self) -> bool:
        """Whether it changes the fields of a real answer."""
        return self.patch is not None or bool(self.without)

    @property
    def is_consuming(self) -> bool:
        """Whether a replaced answer spends the code that came with the request."""
        if self.consume is not None:
            return self.consume
        return self.errcode is not None and int(self.errcode) in _VERDICTS_ABOUT_THE_CODE

    def matches(self, path: str) -> bool:
        """Whether it is meant for this path."""
        if self.path.endswith("*"):
            return path.startswith(self.path[:-1])
        return path == self.path

    def describe(self) -> str:
        """A word for the log."""
        if self.drop is not None:
            return f"drop:{self.drop}"
        for name in ("errcode", "status"):
            if getattr(self, name) is not None:
                return f"{name}:{getattr(self, name)}"
        flags = {
            "body": self.body is not None,
            "patch": self.is_patching,
            "duplicate": self.duplicate,
        }
        return next((name for name, is_set in flags.items() if is_set), "delay")


class Faults:
    """The faults in force, first scripted first served."""

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._made = 0

    def add(self, fault: Fault) -> str:
        """Puts a fault in force; its fault_id."""
        self._made += 1
        fault_id = f"fault-{self._made}"
        self._faults[fault_id] = replace(fault, fault_id=fault_id)
        return fault_id

    def take(self, path: str) -> Fault | None:
        """The fault that hits a request to this path, counted down."""
        for fault_id, fault in self._faults.items():
            if fault.matches(path):
                self._count_down(fault_id, fault)
                return fault
        return None

    def clear(self, fault_id: str | None = None) -> None:
        """Lifts one fault, or all."""
        if fault_id is None:
            self._faults.clear()
        else:
            self._faults.pop(fault_id, None)

    def all(self) -> list[Fault]:
        """The faults in force, in order."""
        return list(self._faults.values())

    def _count_down(self, fault_id: str, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times <= 1:
            del self._faults[fault_id]
        else:
            self._faults[fault_id] = replace(fault, times=fault.times - 1)


def replaced_answer(fault: Fault, *, path: str, now: datetime, entropy: Entropy) -> Answer:
    """The answer of a fault that stands in for the real rules."""
    body, content_type = b"", "text/html"
    if isinstance(fault.body, str):
        body, content_type = fault.body.encode(), content_type_of(path)
    elif fault.body is not None:
        body, content_type = compact(fault.body), content_type_of(path)
    elif fault.errcode is not None:
        error = error_body(path, fault.errcode, now=now, entropy=entropy, text=fault.errmsg)
        body, content_type = compact(error), content_type_of(path)
    return Answer(
        status=fault.status or 200,
        content_type=fault.content_type or content_type,
        body=body,
        extra_headers=fault.headers,
    )


def changed_answer(fault: Fault, answer: Answer) -> Answer:
    """The real answer with the fault's patch, content type and headers on it."""
    body = answer.body
    if fault.is_patching:
        merged = {**answer.json(), **(fault.patch or {})}
        body = compact({key: value for key, value in merged.items() if key not in fault.without})
    return replace(
        answer,
        body=body,
        content_type=fault.content_type or answer.content_type,
        extra_headers={**answer.extra_headers, **fault.headers},
    )
