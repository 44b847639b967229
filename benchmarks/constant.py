"""The limit: the same server with an answer that is made of nothing, of the same bytes."""

import json
import os
from typing import Any


def application() -> Any:
    """ASGI: always the answer in `WXLOGIN_BENCH_ANSWER` (JSON: headers, body)."""
    answer = json.loads(os.environ["WXLOGIN_BENCH_ANSWER"])
    headers = [(name.encode(), value.encode()) for name, value in answer["headers"]]
    body = answer["body"].encode()

    async def constant(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return constant
