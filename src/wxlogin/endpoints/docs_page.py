"""The interface on one page, rendered here: no script, no outside address, a strict CSP.

The usual viewers load a megabyte of script, by default from a foreign CDN that is blank
in mainland China every few months. This page needs nothing but itself, and has the column
they lack: what the client does about each error. Its lines are for the server that is asked:
ORIGIN stands for its scheme and host until somebody asks.
"""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from wxlogin.endpoints.messages import ProblemMessage
from wxlogin.endpoints.openapi import FACTS, document, failures, operation_id
from wxlogin.endpoints.problems import PROBLEMS
from wxlogin.endpoints.route import Parameter, Plane, Route
from wxlogin.endpoints.routes import EXAMPLES

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
h2 code{overflow-wrap:anywhere}td:first-child{white-space:nowrap}td b.method{
display:inline-block;min-width:4rem;text-align:center}nav,details{overflow-x:auto}.lock{margin-left:auto;font-weight:400}
"""
_STYLE_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

CSP = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'"


ORIGIN = "__ORIGIN__"
"""Where the page says `http://host`; nothing else on it reads like this."""
_UNKNOWN = "127.0.0.1:8000"
_SANE_HOST = re.compile(rb"[A-Za-z0-9.:\[\]-]{1,255}")

_CLIENT = (
    ("again", "静默重新登录一次，并重试一次", "log in silently once and repeat once"),
    ("ask", "停下，告诉用户原因，点按后再登录", "stop, show why, log in only on a tap"),
    ("new_code", "1–3 秒后换新 code 自动重试一次", "one try with a fresh code, 1–3 s later"),
    ("wait", "按 Retry-After 等待后再试", "try again after Retry-After"),
    ("stop", "提示用户，不重试", "show it, do not retry"),
)


def page(routes: Iterable[Route], *, version: str) -> str:
    """The HTML page, with ORIGIN in it."""
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
        f"{_index(routes)}{_rules()}{sections}</html>"
    )


def origin(headers: Mapping[bytes, bytes]) -> bytes:
    """What ORIGIN stands for in an answer to a request with `headers`; safe in HTML and shell.

    Only shown, never followed: so a proxy's word for the scheme is taken from anybody.
    """
    host = headers.get(b"host", b"")
    scheme = b"https" if headers.get(b"x-forwarded-proto") == b"https" else b"http"
    return scheme + b"://" + (host if _SANE_HOST.fullmatch(host) else _UNKNOWN.encode())


def _index(routes: Iterable[Route]) -> str:
    rows = "".join(
        f"<tr><td><b class='method {route.method}'>{route.method}</b>"
        f"<td><a href='#{operation_id(route)}'><code>{escape(route.path)}</code></a>"
        f"<td>{escape(route.summary)}"
        for route in routes
    )
    return f"<nav><table>{rows}</table></nav>"


def _rules() -> str:
    """What holds for every operation."""
    client = "".join(
        f"<tr><td><code>{word}</code><td>{chinese}<td>{english}"
        for word, chinese, english in _CLIENT
    )
    return (
        "<section id=conventions><h2>约定 Conventions</h2>"
        "<p>示例中的大写词（CODE、TOKEN、SESSION_ID）换成自己的值；服务挂载在路径前缀下时，在路径前加上它。"
        "Put your own values for the words in capitals; where the service is mounted under a "
        "prefix, put it before the path. <code>?</code>：字段可省略 may be left out.</p>"
        "<p>每个应答都有 <code>X-Request-Id</code>；凡有 GET 的地址都接受 HEAD。错误的形式如下，"
        "文字随 <code>Accept-Language</code>，程序只看 <code>code</code>。"
        "Every answer has <code>X-Request-Id</code>; HEAD works where GET does. "
        "This is an error; programs look at <code>code</code>:</p>"
        f"{_example(EXAMPLES[ProblemMessage])}"
        f"<details><summary>错误表中 client 一列 The column “client”</summary>"
        f"<table>{client}</table></details></section>"
    )


def _section(route: Route, schemas: dict[str, Any]) -> str:
    lock = _lock(route)
    return (
        f"<section id={operation_id(route)}><h2><b class='method {route.method}'>{route.method}</b>"
        f"<code>{escape(route.path)}</code>{lock}</h2>"
        f"<p>{escape(route.summary)}</p>"
        f"<pre>{escape(curl(route), quote=False)}</pre>"
        f"{_fields('请求体 Request body', route.body, schemas)}"
        f"{_fields(f'{route.status} 应答 Answer', route.reply, schemas)}"
        f"{'' if route.reply else f'<p>{route.status}，无正文 no body</p>'}"
        f"{_errors(route)}</section>"
    )


def _lock(route: Route) -> str:
    """What the bearer must be, and may."""
    needs = "需登录 token" if route.with_session else ""
    if route.scope is not None:
        needs = f"需服务密钥 <code>{route.scope}</code>"
    return f'<span class=lock title="Authorization: Bearer">{needs}</span>' if needs else ""


def curl(route: Route) -> str:
    """A line to try the route with, at ORIGIN."""
    parts = ["curl" if route.reply else "curl -i"]
    if route.method != "GET":
        parts.append(f"-X {route.method}")
    path = re.sub(r"{(\w+)}", lambda name: name[1].upper(), route.path)
    query = "&".join(f"{p.name}={_sample(p)}" for p in route.parameters if _is_shown(p))
    parts.append(f"'{ORIGIN}{path}{'?' if query else ''}{query}'")
    if route.with_session:
        parts.append("-H 'Authorization: Bearer TOKEN'")
    if route.scope is not None:
        parts.append("-H 'Authorization: Bearer SERVICE_KEY'")
    if route.role is not None:
        parts.append("-b wxlogin_operator=COOKIE")
    if route.plane is Plane.OPERATOR and route.method != "GET":
        parts.append("-H 'X-Wxlogin-Console: 1'")
    if route.body is not None:
        parts.append(f"-H 'Content-Type: {route.media_type}' -d '{route.example}'")
    return " ".join(parts)


def _is_shown(parameter: Parameter) -> bool:
    """What must be given, and of the rest what has an example."""
    return parameter.required or "examples" in parameter.schema


def _sample(parameter: Parameter) -> str:
    schema = parameter.schema
    return str([*schema.get("enum", ()), *schema.get("examples", ())][0])


def _example(value: object) -> str:
    return f"<pre>{escape(json.dumps(value, ensure_ascii=False, indent=2), quote=False)}</pre>"


def _fields(title: str, kind: type | None, schemas: dict[str, Any]) -> str:
    if kind is None or kind is str:
        return ""
    rows = "".join(_rows(schemas[kind.__name__], schemas, prefix=""))
    return (
        f"<details><summary>{title}</summary>"
        f"{_example(EXAMPLES[kind]) if kind in EXAMPLES else ''}"
        f"<table>{rows}</table></details>"
    )


def _rows(schema: dict[str, Any], schemas: dict[str, Any], *, prefix: str) -> list[str]:
    rows: list[str] = []
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        shown, inner = _type(part)
        mark = "" if name in required else " ?"
        rows.append(
            f"<tr><td><code>{prefix}{escape(name)}{mark}</code><td>{escape(shown)}"
            f"<td>{_marked(_described(part))}"
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
        return "date-time", None
    return str(part.get("type", "any")), None


def _described(part: dict[str, Any]) -> str:
    for option in (part, *part.get("anyOf", ())):
        if "description" in option:
            return str(option["description"])
    return ""


def _marked(text: str) -> str:
    return re.sub("`(.+?)`", r"<code>\1</code>", escape(text))


def _errors(route: Route) -> str:
    codes = dict.fromkeys(error.code for error in failures(route))
    rows = "".join(
        f"<tr><td>{PROBLEMS[code].status}<td><code>{code}</code>"
        f"<td>{escape(PROBLEMS[code].zh[0])} {escape(PROBLEMS[code].en[0])}"
        f"<td>{' '.join(f'<code>{name}</code>' for name in FACTS.get(code, ()))}"
        f"<td>{escape(PROBLEMS[code].client)}"
        for code in sorted(codes, key=lambda code: PROBLEMS[code].status)
    )
    return (
        "<details><summary>错误 Errors</summary>"
        f"<table><tr><th>status<th>code<th><th>字段 fields<th>client{rows}</table></details>"
    )
