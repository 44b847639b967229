"""The files of the page `/demo/`: plain HTML, CSS and ES modules out of the package."""

from pathlib import Path

from wxlogin.endpoints.asgi import Receive, Scope, Send
from wxlogin_demo.replies import answer, refuse
from wxlogin_demo.words import Words

FOLDER = Path(__file__).parent / "page"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; connect-src 'self'; "
    "frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; "
    "object-src 'none'"
)
HEADERS = {"content-security-policy": POLICY, "cache-control": "no-cache"}


class PageFiles:
    """Serves what lay in the folder at the start: a name that was not there leads nowhere, so
    none can lead out of it."""

    def __init__(self, prefix: str, static: str) -> None:
        files = [path for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES]
        self._files = {f"{static}{path.name}": path for path in files}
        self._files[prefix] = self._files.pop(f"{static}index.html")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = self._files.get(scope["path"])
        if path is None:
            await refuse(send, 404, "not_found", Words("没有这个页面", "there is no such page"))
        elif scope["method"] not in ("GET", "HEAD"):
            words = Words("请求方法不对", "wrong method")
            await refuse(send, 405, "method_not_allowed", words, headers={"allow": "GET, HEAD"})
        else:
            await answer(
                send,
                200,
                path.read_bytes(),
                content_type=TYPES[path.suffix],
                headers=HEADERS,
                is_head=scope["method"] == "HEAD",
            )
