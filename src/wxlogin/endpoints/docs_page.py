"""The interface on one page, rendered here: no script, no outside address, a strict CSP.

The usual viewers load a megabyte of script, by default from a foreign CDN that is blank
in mainland China every few months. This page needs nothing but itself, and has the column
they lack: what the client does about each error.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from html import escape
from typing import Any

from wxlogin.endpoints.openapi import document, failures, operation_id
from wxlogin.endpoints.problems import PROBLEMS
from wxlogin.endpoints.routes import Route

_STYLE = """
:root{color-scheme:light dark;--line:#8883;--soft:#8881;--green:#07c160}
body{font:15px/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;
margin:0 auto;max-width:60rem;padding:2rem 1.25rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1rem;margin:0;display:flex;gap:.75rem;flex-wrap:wrap}
section{border:1px solid var(--line);border-radius:.5rem;margin:1rem 0;padding:1rem}
b.method{background:var(--green);color:#fff;border-radius:.25rem;padding:0 .5rem;font-weight:600}
b.DELETE{background:#d54941}b.GET{background:#0052d9}b.PUT{background:#b55a00}
code,pre{font:13px/1.5 ui-monospace,Menlo,Consolas,monospace}
pre{background:var(--soft);padding:.75rem;border-radius:.25rem;overflow-x:auto}
table{border-collapse:collapse;width:100%}td,th{border-top:1px solid var(--line);
padding:.25rem .5rem;text-align:left;vertical-align:top}summary{cursor:pointer;margin-top:.5rem}
.lock{margin-left:auto;font-weight:400}
"""
_STYLE_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

CSP = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'"


def page(routes: Iterable[Route], *, version: str) -> str:
    """The HTML page."""
    routes = tuple(routes)
    schemas = document(routes, version=version)["components"]["schemas"]
    sections = "\n".join(_section(route, schemas) for route in routes)
    return (
        "<!doctype html><html lang=zh><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width,initial-scale=1">'
        f"<title>wxlogin {escape(version)}</title><style>{_STYLE}</style>"
        f"<h1>wxlogin {escape(version)}</h1>"
        "<p>微信小程序登录接口 · WeChat Mini Program login API · "
        "<a href=openapi.json>openapi.json</a> (OpenAPI 3.1)</p>"
        f"{sections}</html>"
    )


def _section(route: Route, schemas: dict[str, Any]) -> str:
    lock = '<span class=lock title="Authorization: Bearer">需登录 token</span>'
    return (
        f"<section id={operation_id(route)}><h2><b class='method {route.method}'>{route.method}</b>"
        f"<code>{escape(route.path)}</code>{lock if route.with_session else ''}</h2>"
        f"<p>{escape(route.summary)}</p>"
        f"<pre>{escape(curl(route))}</pre>"
        f"{_fields('请求体 Request body', route.body, schemas)}"
        f"{_fields(f'{route.status} 应答 Answer', route.reply, schemas)}"
        f"{_errors(route)}</section>"
    )


def curl(route: Route) -> str:
    """A line to try the route with."""
    parts = ["curl"] if route.method == "GET" else ["curl", "-X", route.method]
    query = "".join(f"?{p.name}={p.schema['enum'][0]}" for p in route.parameters)
    parts.append(f"'http://127.0.0.1:8000{route.path}{query}'")
    if route.with_session:
        parts.append("-H 'Authorization: Bearer TOKEN'")
    if route.body is not None:
        parts.append(f"-H 'Content-Type: application/json' -d '{route.example}'")
    return " ".join(parts)


def _fields(title: str, kind: type | None, schemas: dict[str, Any]) -> str:
    if kind is None:
        return ""
    rows = "".join(_rows(schemas[kind.__name__], schemas, prefix=""))
    return f"<details><summary>{title}</summary><table>{rows}</table></details>"


def _rows(schema: dict[str, Any], schemas: dict[str, Any], *, prefix: str) -> list[str]:
    rows: list[str] = []
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        shown, inner = _type(part)
        mark = "" if name in required else " ?"
        rows.append(
            f"<tr><td><code>{prefix}{escape(name)}{mark}</code><td>{escape(shown)}"
            f"<td>{escape(_described(part))}"
        )
        if inner:
            rows += _rows(schemas[inner], schemas, prefix=f"{prefix}{escape(name)}.")
    return rows


def _type(part: dict[str, Any]) -> tuple[str, str | None]:
    """How a field's type reads, and the schema behind it where it is an object of ours."""
    if "$ref" in part:
        return "object", part["$ref"].rsplit("/", 1)[1]
    if "anyOf" in part:
        options = [_type(option) for option in part["anyOf"]]
        return " | ".join(shown for shown, _ in options), next((i for _, i in options if i), None)
    if part.get("type") == "array":
        shown, inner = _type(part["items"])
        return f"[{shown}]", inner
    if "enum" in part:
        return " | ".join(f'"{value}"' for value in part["enum"]), None
    if part.get("format") == "date-time":
        return "RFC 3339", None
    return str(part.get("type", "any")), None


def _described(part: dict[str, Any]) -> str:
    for option in (part, *part.get("anyOf", ())):
        if "description" in option:
            return str(option["description"])
    return ""


def _errors(route: Route) -> str:
    codes = dict.fromkeys(error.code for error in failures(route))
    rows = "".join(
        f"<tr><td>{PROBLEMS[code].status}<td><code>{code}</code>"
        f"<td>{escape(PROBLEMS[code].zh[0])} {escape(PROBLEMS[code].en[0])}"
        f"<td>{escape(PROBLEMS[code].client)}"
        for code in sorted(codes, key=lambda code: PROBLEMS[code].status)
    )
    return (
        "<details><summary>错误 Errors</summary>"
        f"<table><tr><th>status<th>code<th><th>client{rows}</table></details>"
    )
