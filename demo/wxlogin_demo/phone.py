"""Plays the phone: a mini program that sends real requests, and remembers every byte it met."""

import json
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

import httpx2

STORAGE_KEY = "wxlogin.token"
PATIENCE = 10.0
"""Seconds for an answer: twice what the server allows a whole login."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request of the phone, and what came back."""

    method: str
    path: str
    sent: dict[str, Any] | None
    status: int
    headers: httpx2.Headers
    content: bytes

    @property
    def body(self) -> dict[str, Any]:
        """The answer's JSON object; empty where it is none."""
        try:
            told = json.loads(self.content)
        except ValueError:
            return {}
        return told if isinstance(told, dict) else {}


class Phone:
    """One person's phone with one mini program on it."""

    def __init__(self, user_id: str, *, app_id: str, server: str, wechat: str) -> None:
        self.user_id = user_id
        self.app_id = app_id
        self.storage: dict[str, str] = {}
        self._server = server
        self._wechat = wechat
        self._met = bytearray()
        # A proxy of the environment must not come between two ports of one machine.
        self._client = httpx2.Client(timeout=PATIENCE, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._client.close()

    def wx_login(self) -> Exchange:
        """`wx.login()`: the phone asks WeChat for a code; here the simulator gives it."""
        body = {"app_id": self.app_id, "user_id": self.user_id}
        return self._exchange("POST", self._wechat, "/sim/wx/login", body, token=None)

    def send_code(self, code: str) -> Exchange:
        """`wx.request` to the developer's own server."""
        device = {"id": f"phone-of-{self.user_id}"}
        body = {"app_id": self.app_id, "code": code, "device": device}
        return self._exchange("POST", self._server, "/v1/login", body, token=None)

    def get_session(self, token: str) -> Exchange:
        """A request of the kind that every later one is: with the token in its header."""
        return self._exchange("GET", self._server, "/v1/session", None, token=token)

    def has_met(self, *values: str) -> bool:
        """Whether one of the values ever went out of this phone or came into it."""
        spelled = {spelling for value in values for spelling in (value, quote(value, safe=""))}
        return any(spelling.encode() in self._met for spelling in spelled)

    @property
    def bytes_met(self) -> int:
        return len(self._met)

    def _exchange(
        self, method: str, host: str, path: str, body: dict[str, Any] | None, *, token: str | None
    ) -> Exchange:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        answer = self._client.request(method, host + path, json=body, headers=headers)
        request = answer.request
        for part in (request.headers, answer.headers):
            self._met += b"".join(name + b": " + value + b"\n" for name, value in part.raw)
        self._met += str(request.url).encode() + request.content + answer.content
        return Exchange(method, path, body, answer.status_code, answer.headers, answer.content)
