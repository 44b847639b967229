"""Wrong calls to /sim: read a field or say, in Chinese and English, what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wechat_simulator.wire import Answer, Request, compact, find_json_object

PROBLEM_TYPE = "application/problem+json"
SIM_TYPE = "application/json"


class Problem(Exception):
    """A call to /sim that cannot be done; becomes a problem document (RFC 9457)."""

    def __init__(
        self,
        status: int,
        code: str,
        text: str,
        *,
        field: str | None = None,
        allow: str | None = None,
    ) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text
        self.field = field
        self.allow = allow

    def answer(self) -> Answer:
        """The problem document."""
        told: dict[str, Any] = {
            "type": "about:blank",
            "title": _TITLES.get(self.status, "请求无法完成 / the request cannot be done"),
            "status": self.status,
            "detail": self.text,
            "code": self.code,
        }
        if self.field is not None:
            told["errors"] = [{"field": self.field, "reason": self.text}]
        headers = {} if self.allow is None else {"allow": self.allow}
        return Answer(self.status, PROBLEM_TYPE, compact(told), headers)


_TITLES = {
    400: "请求有误 / the request is wrong",
    403: "拒绝访问 / refused",
    404: "没有找到 / not found",
    405: "请求方法不对 / wrong method",
    413: "请求体过大 / the body is too large",
    502: "对方没有回应 / the other side did not answer",
}


class Fields:
    """The JSON object of a call, read field by field. Unknown fields have no effect."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def has(self, name: str) -> bool:
        """Whether the field was sent, null included."""
        return name in self._values

    def any(self, name: str) -> Any:
        """The field as it came; None when missing."""
        return self._values.get(name)

    def find_text(self, name: str, *, longest: int = 256) -> str | None:
        """Text, or None when missing or null."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise wrong_field(name, "应为字符串", "must be a string")
        if not 0 < len(value) <= longest:
            raise wrong_field(
                name, f"长度应为 1 到 {longest}", f"must have 1 to {longest} characters"
            )
        return value

    def get_text(self, name: str, *, longest: int = 256) -> str:
        """Text that must be there."""
        value = self.find_text(name, longest=longest)
        if value is None:
            raise wrong_field(name, "缺少此字段", "is missing")
        return value

    def find_whole(self, name: str, *, least: int, most: int = 10**9) -> int | None:
        """A whole number within bounds, or None."""
        value = self._values.get(name)
        if value is None:
            return None
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole or not least <= value <= most:
            raise wrong_field(
                name, f"应为 {least} 到 {most} 的整数", f"must be whole, {least} to {most}"
            )
        return int(value)

    def find_seconds(self, name: str, *, most: float) -> float | None:
        """Seconds, not negative, or None."""
        value = self._values.get(name)
        if value is None:
            return None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value <= most:
            raise wrong_field(
                name, f"应为 0 到 {most:g} 的秒数", f"must be seconds from 0 to {most:g}"
            )
        return float(value)

    def find_flag(self, name: str) -> bool | None:
        """True, False, or None when missing."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            raise wrong_field(name, "应为 true 或 false", "must be true or false")
        return value

    def find_choice(self, name: str, choices: tuple[str, ...]) -> str | None:
        """One of the choices, or None."""
        value = self._values.get(name)
        if value is not None and value not in choices:
            words = ", ".join(choices)
            raise wrong_field(name, f"应为其中之一：{words}", f"must be one of: {words}")
        return value

    def find_object(self, name: str) -> dict[str, Any] | None:
        """A JSON object, or None."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, dict):
            raise wrong_field(name, "应为 JSON 对象", "must be a JSON object")
        return value


def fields_of(request: Request) -> Fields:
    """The fields of a call: its JSON body; its query for GET; an empty body is an empty object."""
    if request.method == "GET":
        return Fields(request.query)
    if not request.body.strip():
        return Fields({})
    values = find_json_object(request.body)
    if values is None:
        raise Problem(
            400,
            "request_invalid",
            "请求体应为 JSON 对象 / the body must be a JSON object",
        )
    return Fields(values)


def wrong_field(name: str, chinese: str, english: str) -> Problem:
    """A 400 that names the field and the reason."""
    text = f"{name} {chinese} / {name} {english}"
    return Problem(400, "request_invalid", text, field=name)
