"""Who holds a phone: what the phone itself may know of its person."""

from wechat_simulator import Problem, Simulator
from wxlogin.endpoints.asgi import Receive, Scope, Send
from wxlogin_demo.replies import PROBLEM, answer, answer_json, read_object, refuse
from wxlogin_demo.words import Words


class HolderDoor:
    """`POST /sim/users` without the openids the simulator would tell with it: on a real phone
    nobody sees one, and this page says that none leaves the server."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent = await read_object(receive) if scope["method"] == "POST" else None
        if sent is None or not isinstance(sent.get("user_id"), str):
            words = Words("缺少 user_id", "user_id is missing")
            await refuse(send, 400, "request_invalid", words)
            return
        fields = {name: sent[name] for name in ("phone",) if name in sent}
        try:
            user = self._simulator.add_user(sent["user_id"], **fields)
        except Problem as problem:
            told = problem.answer()
            await answer(send, told.status, told.body, content_type=PROBLEM)
            return
        await answer_json(send, {"user_id": user.user_id, "name": user.name, "phone": user.phone})
