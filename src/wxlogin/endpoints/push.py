"""WeChat's own calls: the check of the address, and messages (http-api.md §6)."""

from collections.abc import Mapping
from urllib.parse import parse_qs

from wxlogin.endpoints.exchange import Reply, Request
from wxlogin.endpoints.route import Parameter, Plane, Route
from wxlogin.login import errors
from wxlogin.login.flow import Flow

TEXT = (b"content-type", b"text/plain; charset=utf-8")


async def check_push_address(flow: Flow, request: Request) -> Reply:
    echo = await flow.pushes.answer_handshake(request.path_values["app_id"], _query_of(request))
    return Reply(200, echo.encode(), [TEXT])


async def take_push(flow: Flow, request: Request) -> Reply:
    """`success` also for what leads to nothing: WeChat sends everything else again."""
    content = request.content if isinstance(request.content, bytes) else b""
    await flow.pushes.take(request.path_values["app_id"], _query_of(request), content)
    return Reply(200, b"success", [TEXT])


def _query_of(request: Request) -> Mapping[str, str]:
    """The parameters that stand there once: of two of a name somebody else may read the other."""
    found = parse_qs(request.query.decode("latin-1"), max_num_fields=32, errors="replace")
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def _signed(*names: str) -> tuple[Parameter, ...]:
    return tuple(Parameter(name, {"type": "string"}, required=False) for name in names)


PATH = "/v1/wechat/push/{app_id}"
ROUTES = (
    Route(
        "GET",
        PATH,
        check_push_address,
        "微信验证消息推送地址 WeChat checks the address",
        reply=str,
        fails=(errors.PushSignatureInvalid, errors.AppUnknown),
        parameters=_signed("signature", "timestamp", "nonce", "echostr"),
        plane=Plane.PUSH,
    ),
    Route(
        "POST",
        PATH,
        take_push,
        "微信消息推送 WeChat's messages, JSON or XML, plain or AES",
        reply=str,
        fails=(errors.PushSignatureInvalid, errors.AppUnknown),
        parameters=_signed("signature", "timestamp", "nonce", "msg_signature", "encrypt_type"),
        plane=Plane.PUSH,
    ),
)
EXAMPLES: tuple[object, ...] = ()
