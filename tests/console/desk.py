"""An operator at the console, for tests."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pyotp

MARK = {"X-Wxlogin-Console": "1"}
WHY = {"reason": "工单 1024"}


class Desk:
    """One operator's browser: it keeps the cookie, and says that it is the console."""

    def __init__(self, http: httpx2.AsyncClient, clock: Any, *, name: str, password: str, url: str):
        self.http = http
        self.clock = clock
        self.name = name
        self.password = password
        self.url = url

    @property
    def totp_secret(self) -> str:
        return parse_qs(urlsplit(self.url).query)["secret"][0]

    def code(self, *, steps: int = 0) -> str:
        at = int(self.clock().timestamp()) + steps * 30
        return pyotp.TOTP(self.totp_secret).at(at)

    async def sign_in(self, **changes: Any) -> httpx2.Response:
        body = {"name": self.name, "password": self.password, "totp": self.code()} | changes
        return await self.http.post("/v1/admin/sign-in", json=body, headers=MARK)

    async def get(self, path: str, **how: Any) -> httpx2.Response:
        return await self.http.get(f"/v1/admin{path}", **how)

    async def post(self, path: str, body: Any = None, **how: Any) -> httpx2.Response:
        return await self.ask("POST", path, body, **how)

    async def ask(self, method: str, path: str, body: Any = None, **how: Any) -> httpx2.Response:
        return await self.http.request(
            method,
            f"/v1/admin{path}",
            json={} if body is None else body,
            **{"headers": MARK, **how},
        )
