"""The operators' interface described: a document and a page of its own, beside no public one."""

from typing import Any

from wxlogin.endpoints import docs_page, openapi
from wxlogin.endpoints.admin.admission import COOKIE, PATH
from wxlogin.endpoints.exchange import JSON, Reply, Request
from wxlogin.endpoints.messages import encode
from wxlogin.endpoints.route import Plane, Route
from wxlogin.login.flow import Flow
from wxlogin.login.operator_sessions import Role

_ABOUT = """\
控制台的接口：控制台能做的，这里都能做。登录后浏览器持有 Cookie `wxlogin_operator`；\
除 GET 外的请求须带请求头 `X-Wxlogin-Console: 1`。操作须在正文写明 `reason`，记入审计日志。

What the console can do. After `POST /v1/admin/sign-in` the cookie `wxlogin_operator` is the \
session; whatever is no GET carries the header `X-Wxlogin-Console: 1`. An act says its `reason`, \
which goes into the audit log.
"""
FILES = ("text/csv", "application/x-ndjson")
_HEADER: dict[str, Any] = {
    "name": "X-Wxlogin-Console",
    "in": "header",
    "required": True,
    "schema": {"const": "1"},
}


def document(routes: tuple[Route, ...], *, version: str) -> dict[str, Any]:
    """The OpenAPI document of the operators' routes alone."""
    made = openapi.document(routes, version=version)
    made["info"] |= {"title": "wxlogin console", "summary": "控制台接口 Operator API"}
    made["info"]["description"] = _ABOUT
    made["components"]["securitySchemes"] = {
        "operator": {"type": "apiKey", "in": "cookie", "name": COOKIE}
    }
    for route in routes:
        methods = made["paths"][route.path]
        operations = [methods[route.method.lower()]]
        if route.method == "GET":
            operations.append(methods["head"])
        for operation in operations:
            _complete(operation, route)
    exported = made["paths"][f"{PATH}/audit/export"]["get"]["responses"]["200"]
    exported["content"] = {media_type: {"schema": {"type": "string"}} for media_type in FILES}
    return made


def with_admin_documents(
    routes: tuple[Route, ...], *, version: str, is_open: bool
) -> tuple[Route, ...]:
    """`routes`, and the two that describe them; `is_open`: to who has not signed in too."""
    described = encode(document(routes, version=version))
    page = docs_page.page(routes, version=version).encode().split(docs_page.ORIGIN.encode())
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", docs_page.CSP.encode()),
    ]
    role = None if is_open else Role.SUPPORT

    async def admin_openapi(flow: Flow, request: Request) -> Reply:
        return Reply(200, described, [JSON])

    async def admin_docs(flow: Flow, request: Request) -> Reply:
        return Reply(200, docs_page.origin(request.headers).join(page), list(headers))

    return (
        *routes,
        Route(
            "GET",
            f"{PATH}/openapi.json",
            admin_openapi,
            "OpenAPI 3.1",
            plane=Plane.OPERATOR,
            role=role,
        ),
        Route(
            "GET",
            f"{PATH}/docs",
            admin_docs,
            "The interface on one page",
            plane=Plane.OPERATOR,
            role=role,
        ),
    )


def _complete(operation: dict[str, Any], route: Route) -> None:
    operation["tags"] = [route.path.split("/")[3]]
    if route.role is not None:
        operation["security"] = [{"operator": []}]
        operation["x-role"] = route.role.value
    if route.method != "GET":
        operation["parameters"] = [*operation.get("parameters", ()), _HEADER]
