"""The phone's files as an ASGI application: its own, and those of one compiled mini program."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from pathlib import Path

from wechat_simulator.app import Receive, Scope, Send

STATIC = Path(__file__).parent / "static"

SECURITY_HEADERS: Mapping[str, str] = {
    # A page of a mini program is foreign code: it may load and call this origin alone.
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; connect-src 'self'; "
        "frame-ancestors 'self'; base-uri 'none'; form-action 'none'; object-src 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
    ".ico": "image/x-icon",
}


@dataclass(frozen=True)
class PhoneConfig:
    """What the phone is told in `config.json`.

    sim: where the simulator's /sim side is on the phone's own origin.
    forward: the origins that `wx.request` may call, and the path on the phone's own origin that
        stands for each: "" where the server itself serves the phone.
    reload: where the phone hears of a new build, with the build it belongs to.
    """

    app_id: str
    env_version: str = "develop"
    sim: str = "/sim"
    forward: Mapping[str, str] = field(default_factory=dict)
    label: str = "模拟 Simulated"
    reload: str | None = None

    def as_json(self) -> bytes:
        """`config.json`."""
        told = {name: value for name, value in asdict(self).items() if value is not None}
        return json.dumps(told, ensure_ascii=False).encode()


class Files:
    """An ASGI application: serves the files of a folder below `prefix`.

    Every answer is to be checked anew, by its ETag, so that a new build is seen at once.
    """

    def __init__(self, folder: Path, *, prefix: str, index: str) -> None:
        if not (prefix.startswith("/") and prefix.endswith("/")):
            raise ValueError(f"a prefix starts and ends with a slash, unlike {prefix!r}")
        self._folder = folder
        self._prefix = prefix
        self._index = index

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["method"] not in ("GET", "HEAD"):
            await _send(send, HTTPStatus.METHOD_NOT_ALLOWED, {"allow": "GET, HEAD"})
            return
        path: str = scope["path"]
        if path == self._prefix[:-1]:
            # What the page names lies beside it, so its address has to end with a slash.
            query = scope.get("query_string", b"").decode("latin-1")
            location = self._prefix + (f"?{query}" if query else "")
            await _send(send, HTTPStatus.PERMANENT_REDIRECT, {"location": location})
            return
        found = None
        if path.startswith(self._prefix):
            found = self._find(path.removeprefix(self._prefix) or self._index)
        if found is None:
            await _send(send, HTTPStatus.NOT_FOUND, {"cache-control": "no-cache"})
            return
        kind, body = found
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"content-type": kind, "cache-control": "no-cache", "etag": etag}
        if etag in _header(scope, b"if-none-match"):
            await _send(send, HTTPStatus.NOT_MODIFIED, headers)
            return
        await _send(send, HTTPStatus.OK, headers, body, is_bare=scope["method"] == "HEAD")

    def _find(self, name: str) -> tuple[str, bytes] | None:
        """Type and content of what is asked for, None where there is none such."""
        return read_typed(self._folder, name)


class PhoneDoor(Files):
    """Serves the phone below `prefix`, with the mini program that lies compiled in `app_folder`.

    Without an `app_folder`, or before it holds `app.js`, the phone is there and has nothing to
    run. Knows nothing of who asks: whoever mounts it refuses strangers.
    """

    def __init__(
        self,
        app_folder: Path | None,
        config: PhoneConfig,
        *,
        prefix: str = "/phone/",
        static: Path = STATIC,
    ) -> None:
        super().__init__(static, prefix=prefix, index="phone.html")
        self._app_folder = app_folder
        self._config = config

    def _find(self, name: str) -> tuple[str, bytes] | None:
        if name == "config.json":
            return _TYPES[".json"], self._config.as_json()
        if not name.startswith("app/"):
            return super()._find(name)
        if self._app_folder is None:
            return None
        return read_typed(self._app_folder, name.removeprefix("app/"))


def read_typed(folder: Path, name: str) -> tuple[str, bytes] | None:
    """Content type and content of a file below the folder, or None."""
    path = find_file(folder, name)
    if path is None:
        return None
    return _TYPES.get(path.suffix.lower(), "application/octet-stream"), path.read_bytes()


def find_file(folder: Path, name: str) -> Path | None:
    """The file of this name below the folder, or None; never one outside, nor a hidden one."""
    parts = name.split("/")
    # A backslash and a colon mean folders and drives on Windows.
    if any(not part or part.startswith(".") or set(part) & set("\\:\0") for part in parts):
        return None
    path = folder.joinpath(*parts)
    try:
        is_inside = path.resolve(strict=True).is_relative_to(folder.resolve())
    except OSError:
        return None
    return path if is_inside and path.is_file() else None


def _header(scope: Scope, wanted: bytes) -> str:
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return ",".join(value.decode("latin-1") for name, value in headers if name == wanted)


async def _send(
    send: Send,
    status: HTTPStatus,
    headers: Mapping[str, str],
    body: bytes = b"",
    *,
    is_bare: bool = False,
) -> None:
    told = {**SECURITY_HEADERS, **headers}
    if status is not HTTPStatus.NOT_MODIFIED:
        told["content-length"] = str(len(body))
    raw = [(name.encode(), value.encode("latin-1")) for name, value in told.items()]
    await send({"type": "http.response.start", "status": int(status), "headers": raw})
    await send({"type": "http.response.body", "body": b"" if is_bare else body})
