"""The account itself."""

from wxlogin.endpoints.exchange import Reply, Request, json_reply
from wxlogin.endpoints.messages import AccountMessage
from wxlogin.endpoints.route import Route
from wxlogin.endpoints.shown import account_message, session_of
from wxlogin.login.flow import Flow


async def get_me(flow: Flow, request: Request) -> Reply:
    return json_reply(account_message(await flow.own_account.get(session_of(request))))


ROUTES = (
    Route(
        "GET",
        "/v1/me",
        get_me,
        "我的账号 My account",
        reply=AccountMessage,
        with_session=True,
    ),
)
EXAMPLES: tuple[object, ...] = ()
