"""The console's built files, read once, each with how long a browser may keep it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

MEDIA_TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
FOR_GOOD = b"public, max-age=31536000, immutable"
"""What lies under /assets/ has its content's hash in its name."""
ASK_FIRST = b"no-cache"


@dataclass(frozen=True, slots=True)
class File:
    content: bytes = field(repr=False)
    headers: tuple[tuple[bytes, bytes], ...]
    tag: bytes


def read_pages() -> Mapping[str, File]:
    """Every built file by its path; `/` is the one page. Files of no listed type are left out."""
    root = files("wxlogin.console").joinpath("static")
    found = dict(_walk(root, "/")) if root.is_dir() else {}
    index = found.pop("/index.html", None)
    return {**found, "/": index} if index is not None else found


def _walk(folder: Traversable, path: str) -> list[tuple[str, File]]:
    made: list[tuple[str, File]] = []
    for one in sorted(folder.iterdir(), key=lambda each: each.name):
        if one.is_dir():
            made += _walk(one, f"{path}{one.name}/")
        elif PurePosixPath(one.name).suffix in MEDIA_TYPES:
            made.append((f"{path}{one.name}", _file(one, f"{path}{one.name}")))
    return made


def _file(source: Traversable, path: str) -> File:
    content = source.read_bytes()
    tag = b'"%s"' % hashlib.sha256(content).hexdigest()[:32].encode()
    kept = FOR_GOOD if path.startswith("/assets/") else ASK_FIRST
    headers = (
        (b"content-type", MEDIA_TYPES[PurePosixPath(path).suffix].encode()),
        (b"cache-control", kept),
        (b"etag", tag),
    )
    return File(content, headers, tag)
