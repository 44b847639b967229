"""How a row of the operators' table is written: what is read, and what is done for a reason."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from wxlogin.endpoints.route import Handler, Parameter, Plane, Route
from wxlogin.login import errors
from wxlogin.login.errors import WxLoginError
from wxlogin.login.operator_sessions import Role

Reason = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=500,
        pattern=r"\S",
        description="why; for the audit log, 1 to 500 characters",
    ),
]
ReasonForUser = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[^\u0000-\u001f\u007f-\u009f\u2028-\u2029]+(?![\s\S])",
        description="one line of at most 200 characters that the person reads",
    ),
]

OVER: tuple[type[WxLoginError], ...] = (
    errors.SessionMissing,
    errors.SessionInvalid,
    errors.SessionExpired,
    errors.SessionIdle,
    errors.SessionRevoked,
)

PAGING = (
    Parameter("cursor", {"type": "string", "minLength": 1}, required=False),
    Parameter(
        "limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}, required=False
    ),
)


def reading(
    path: str,
    handler: Handler,
    summary: str,
    *,
    reply: type | None = None,
    role: Role = Role.SUPPORT,
    fails: Sequence[type[WxLoginError]] = (),
    parameters: Sequence[Parameter] = (),
) -> Route:
    """A GET that any operator may make, or an admin alone."""
    refused = (errors.ScopeMissing,) if role is Role.ADMIN else ()
    asked = (errors.RequestInvalid,) if parameters else ()
    return Route(
        "GET",
        path,
        handler,
        summary,
        reply=reply,
        role=role,
        plane=Plane.OPERATOR,
        parameters=parameters,
        fails=(*asked, *OVER, *refused, *fails),
    )


def acting(
    path: str,
    handler: Handler,
    summary: str,
    *,
    body: type | None,
    reply: type | None = None,
    status: int = 200,
    method: str = "POST",
    role: Role = Role.SUPPORT,
    fails: Sequence[type[WxLoginError]] = (),
    example: str = '{"reason":"工单 1024"}',
) -> Route:
    """A POST or PUT. It needs the console's header beside the session."""
    refused = (errors.ScopeMissing,) if role is Role.ADMIN else ()
    return Route(
        method,
        path,
        handler,
        summary,
        body=body,
        reply=reply,
        status=status,
        role=role,
        plane=Plane.OPERATOR,
        example=example if body is not None else "",
        fails=(errors.RequestInvalid, *OVER, *refused, *fails),
    )
