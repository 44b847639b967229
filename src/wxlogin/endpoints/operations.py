"""Whether the process is up, and whether what it stands on answers."""

from dataclasses import dataclass
from typing import Literal

from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.route import Plane, Route
from wxlogin.login import errors
from wxlogin.login.flow import Flow


@dataclass(frozen=True, slots=True)
class HealthMessage:
    status: Literal["ok"]


@dataclass(frozen=True, slots=True)
class ReadyMessage:
    status: Literal["ready"]


async def health(flow: Flow, request: Request) -> Reply:
    return json_reply(HealthMessage("ok"))


async def ready(flow: Flow, request: Request) -> Reply:
    try:
        await flow.ping()
    except errors.StoreUnavailable:
        raise errors.StoreUnavailable(failing=["database"]) from None
    return json_reply(ReadyMessage("ready"))


ROUTES = (
    Route(
        "GET",
        "/healthz",
        health,
        "进程存活 The process is up",
        reply=HealthMessage,
        plane=Plane.WATCH,
        is_logged=False,
    ),
    Route(
        "GET",
        "/readyz",
        ready,
        "依赖就绪 The stores answer",
        reply=ReadyMessage,
        plane=Plane.WATCH,
        is_logged=False,
    ),
)
EXAMPLES: tuple[object, ...] = (HealthMessage("ok"), ReadyMessage("ready"))
