"""What reached the platform, newest first, with every secret masked."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

MAX_CALLS = 10_000

_HIDDEN = frozenset(
    {"secret", "appsecret", "access_token", "session_key", "signature", "encrypted_msg_hash"}
)
_SHORTENED = frozenset({"code", "js_code"})


class CallLog:
    """The last calls; older ones are forgotten."""

    def __init__(self) -> None:
        self._calls: deque[dict[str, Any]] = deque(maxlen=MAX_CALLS)

    def add(self, call: dict[str, Any]) -> None:
        """Keeps one call, already masked."""
        self._calls.appendleft(call)

    def newest(self, limit: int) -> list[dict[str, Any]]:
        """The last `limit` calls."""
        return [dict(call) for _, call in zip(range(limit), self._calls, strict=False)]


def masked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with secrets hidden and codes cut to their first four characters."""
    return {name: _masked(name, value) for name, value in values.items()}


def _masked(name: str, value: Any) -> Any:
    if name.lower() in _HIDDEN:
        return "***"
    if name.lower() in _SHORTENED and isinstance(value, str):
        return f"{value[:4]}***"
    return value if isinstance(value, str | int | bool) else "…"
