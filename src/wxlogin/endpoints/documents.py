"""The two routes that describe the others: open in development, by choice in production."""

from wxlogin.endpoints import docs_page, openapi
from wxlogin.endpoints.exchange import JSON, Reply, Request
from wxlogin.endpoints.messages import encode
from wxlogin.endpoints.route import Plane, Route
from wxlogin.login.flow import Flow


def with_documents(routes: tuple[Route, ...], *, version: str) -> tuple[Route, ...]:
    """`routes`, then `/openapi.json` and `/docs` of them, both made once: of the page, only the
    address of this server is put in when it is asked for."""
    described = encode(openapi.document(routes, version=version))
    around = docs_page.page(routes, version=version).encode().split(docs_page.ORIGIN.encode())
    page_headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", docs_page.CSP.encode()),
    ]

    async def openapi_document(flow: Flow, request: Request) -> Reply:
        return Reply(200, described, [JSON])

    async def docs(flow: Flow, request: Request) -> Reply:
        page = docs_page.origin(request.headers).join(around)
        return Reply(200, page, list(page_headers))

    return (
        *routes,
        Route("GET", "/openapi.json", openapi_document, "OpenAPI 3.1", plane=Plane.WATCH),
        Route("GET", "/docs", docs, "The interface on one page", plane=Plane.WATCH),
    )
