"""callContainer: a call through WeChat Cloud Run, which names the user in headers (contract §9)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import httpx2

from wechat_simulator.outbound import local_client
from wechat_simulator.people import App, unionid_of
from wechat_simulator.world import World

TIMEOUT_SECONDS = 60.0
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_SERVICE = "x-wx-service"


def container_headers(
    world: World, app: App, user_id: str, sent: Mapping[str, str]
) -> dict[str, str]:
    """The headers of the call: those of the mini program, and who its user is.

    Of the mini program's own X-WX-* headers only X-WX-SERVICE gets through.
    """
    kept = {
        name: value
        for name, value in sent.items()
        if not name.lower().startswith("x-wx-") or name.lower() == _SERVICE
    }
    known = {
        "X-WX-OPENID": world.openid(app, user_id),
        "X-WX-APPID": app.app_id,
        "X-WX-ENV": f"prod-{hashlib.sha256(app.app_id.encode()).hexdigest()[:12]}",
        "X-WX-SOURCE": "wx_client",
        "X-Original-Forwarded-For": "127.0.0.1",
    }
    unionid = unionid_of(app, user_id)
    return kept | known | ({} if unionid is None else {"X-WX-UNIONID": unionid})


async def call_container(
    url: str,
    *,
    method: str,
    headers: Mapping[str, str],
    data: Any,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> dict[str, Any]:
    """Makes the call and tells it as wx.cloud.callContainer does. Redirects are not followed."""
    is_query = method in ("GET", "HEAD")
    params = data if is_query and isinstance(data, dict) else None
    async with local_client(transport, TIMEOUT_SECONDS) as client:
        try:
            answer = await client.request(
                method,
                url,
                params=params,
                json=None if is_query else data,
                headers=dict(headers),
            )
        except httpx2.HTTPError as error:
            reason = type(error).__name__
            return {"errMsg": f"cloud.callContainer:fail {reason}", "errCode": -1}
    return {
        "errMsg": "cloud.callContainer:ok",
        "statusCode": answer.status_code,
        "header": dict(answer.headers),
        "data": _parsed(answer.text),
    }


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
