"""Enterprises that ask for an account."""

from dataclasses import dataclass
from datetime import datetime

from wxlogin.endpoints.admin.account_acts import ReasonBody
from wxlogin.endpoints.admin.acts import PAGING, Reason, ReasonForUser, acting, reading
from wxlogin.endpoints.admin.admission import operator_in
from wxlogin.endpoints.admin.paging import asked_of, choice_in, from_cursor, limit_in, to_cursor
from wxlogin.endpoints.admin.shown import ApplicationItem, application_item
from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.route import Parameter
from wxlogin.endpoints.times import in_utc
from wxlogin.login import errors
from wxlogin.login.flow import Flow
from wxlogin.login.registration import ApplicationStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectBody:
    reason: Reason
    reason_for_user: ReasonForUser


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    items: list[ApplicationItem]
    next: str | None


async def list_applications(flow: Flow, request: Request) -> Reply:
    asked = asked_of(request)
    limit = limit_in(asked)
    rows = await flow.account_desk.list_applications(
        status=choice_in(asked, "status", ApplicationStatus),
        before=_before(asked["cursor"]) if "cursor" in asked else None,
        limit=limit + 1,
    )
    more = None
    if len(rows) > limit:
        last = rows[limit - 1]
        more = to_cursor(last.submitted_at.isoformat(), last.id)
    return json_reply(ApplicationPage([application_item(row) for row in rows[:limit]], more))


async def approve_application(flow: Flow, request: Request) -> Reply:
    body: ReasonBody = request.body
    application_id = request.path_values["application_id"]
    await flow.applications.approve(application_id, actor=operator_in(request), why=body.reason)
    return json_reply(application_item(await flow.account_desk.get_application(application_id)))


async def reject_application(flow: Flow, request: Request) -> Reply:
    body: RejectBody = request.body
    application_id = request.path_values["application_id"]
    await flow.applications.reject(
        application_id,
        reason_for_user=body.reason_for_user,
        actor=operator_in(request),
        why=body.reason,
    )
    return json_reply(application_item(await flow.account_desk.get_application(application_id)))


def _before(cursor: str) -> tuple[datetime, str]:
    at, last = from_cursor(cursor, parts=2)
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise errors.RequestInvalid(("cursor", "not one of ours"))
    return in_utc(found, name="cursor"), last


_PATH = "/v1/admin/applications/{application_id}"

ROUTES = (
    reading(
        "/v1/admin/applications",
        list_applications,
        "企业申请 Applications of enterprises, latest first",
        reply=ApplicationPage,
        parameters=(
            Parameter(
                "status",
                {"type": "string", "enum": [status.value for status in ApplicationStatus]},
                required=False,
            ),
            *PAGING,
        ),
    ),
    acting(
        f"{_PATH}/approve",
        approve_application,
        "通过申请 Approve it: the account may log in",
        body=ReasonBody,
        reply=ApplicationItem,
        fails=(errors.NotFound,),
    ),
    acting(
        f"{_PATH}/reject",
        reject_application,
        "驳回申请 Reject it",
        body=RejectBody,
        example='{"reason_for_user":"执照照片不清晰","reason":"工单 1024"}',
        reply=ApplicationItem,
        fails=(errors.NotFound,),
    ),
)
