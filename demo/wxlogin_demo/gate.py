"""Who may talk to the demo: this machine's own browser and terminal, on this origin alone."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from wxlogin_demo.words import Words

Headers = Iterable[tuple[bytes, bytes]]

FOREIGN_HOST = Words("只接受本机访问", "local calls only")
FOREIGN_ORIGIN = Words("只接受本页面发起的请求", "only this origin's own pages may call")

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def refusal_of(headers: Headers) -> Words | None:
    """Why a request is turned away; None where it is welcome.

    A stranger's web page reaches a port of this machine through its owner's browser. By DNS
    rebinding it would even read the answers, and then Host is the stranger's name; without it,
    Origin is the stranger's.
    """
    hosts = values_of(headers, b"host")
    if len(hosts) != 1 or _name_of(f"//{hosts[0]}") not in _LOOPBACK:
        return FOREIGN_HOST
    if any(origin != f"http://{hosts[0]}" for origin in values_of(headers, b"origin")):
        return FOREIGN_ORIGIN
    return None


def is_our_pages(headers: Headers) -> bool:
    """Whether one of our own pages sent this, which `refusal_of` let through: no form, link or
    picture of another site sends an Origin of ours together with JSON."""
    types = values_of(headers, b"content-type")
    is_json = [text.partition(";")[0].strip().lower() for text in types] == ["application/json"]
    return is_json and len(values_of(headers, b"origin")) == 1


def values_of(headers: Headers, name: bytes) -> list[str]:
    return [value.decode("latin-1") for each, value in headers if each == name]


def _name_of(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
