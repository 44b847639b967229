"""The first page: numbers, and how they went."""

from collections.abc import Iterable
from dataclasses import dataclass

from wxlogin.endpoints.admin.acts import reading
from wxlogin.endpoints.admin.paging import asked_of, choice_in
from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.messages import Time
from wxlogin.endpoints.route import Parameter
from wxlogin.login.accounts import AccountStatus
from wxlogin.login.figures import Figure, Range, Totals
from wxlogin.login.flow import Flow


@dataclass(frozen=True, slots=True)
class TotalsMessage:
    accounts: int
    accounts_active: int
    accounts_disabled: int
    accounts_erasing: int
    live_sessions: int
    applications_pending: int


@dataclass(frozen=True, slots=True)
class PointMessage:
    at: Time
    value: int


@dataclass(frozen=True, slots=True)
class SeriesMessage:
    """A step without a sample of the live sessions is left out."""

    logins: list[PointMessage]
    new_accounts: list[PointMessage]
    live_sessions: list[PointMessage]


@dataclass(frozen=True, slots=True)
class FailureMessage:
    errcode: int
    meaning: str
    count: int
    series: list[PointMessage]


@dataclass(frozen=True, slots=True)
class OverviewMessage:
    now: Time
    totals: TotalsMessage
    step_seconds: int
    series: SeriesMessage
    failures: list[FailureMessage]


async def get_overview(flow: Flow, request: Request) -> Reply:
    wanted = choice_in(asked_of(request), "range", Range) or Range.DAY
    page = await flow.figures.look(wanted)
    message = OverviewMessage(
        now=page.now,
        totals=_totals(page.totals),
        step_seconds=int(page.step.total_seconds()),
        series=SeriesMessage(
            _points(page.logins), _points(page.new_accounts), _points(page.live_sessions)
        ),
        failures=[
            FailureMessage(one.errcode, one.meaning, one.count, _points(one.series))
            for one in page.failures
        ],
    )
    return json_reply(message)


def _totals(totals: Totals) -> TotalsMessage:
    of = totals.accounts
    return TotalsMessage(
        accounts=sum(of.values()),
        accounts_active=of.get(AccountStatus.ACTIVE, 0),
        accounts_disabled=of.get(AccountStatus.DISABLED, 0),
        accounts_erasing=of.get(AccountStatus.ERASING, 0),
        live_sessions=totals.live_sessions,
        applications_pending=totals.applications_pending,
    )


def _points(figures: Iterable[Figure]) -> list[PointMessage]:
    return [PointMessage(figure.at, figure.value) for figure in figures]


ROUTES = (
    reading(
        "/v1/admin/overview",
        get_overview,
        "概览 Numbers, and how they went",
        reply=OverviewMessage,
        parameters=(
            Parameter("range", {"type": "string", "enum": [one.value for one in Range]}, False),
        ),
    ),
)
