"""The shop. How to run it: README.md beside this file."""

from typing import Annotated

from fastapi import Depends, FastAPI
from pydantic import BaseModel

from fastapi_app import users
from fastapi_app.users import User
from wxlogin.fastapi import CurrentSession, WxLogin
from wxlogin.login.accounts import Who
from wxlogin.login.errors import WxLoginError
from wxlogin.login.ports import Event

users.Base.metadata.create_all(users.engine)

wx = WxLogin()  # WXLOGIN_* variables, or .env
app = FastAPI(title="shop", lifespan=wx.lifespan)
app.include_router(wx.router)  # POST /v1/login, GET /v1/session, ...


# Whose user somebody is. Sync functions like these run in a thread; async ones are welcome too.


@wx.user_for
def user_for(who: Who) -> int:
    """Before wxlogin's own commit, in a transaction of the shop's own: so it must be idempotent."""
    inviter = who.context.get("inviter")  # the phone says so: a claim, not a fact
    invited_by = inviter if isinstance(inviter, int) and users.find_user(inviter) else None
    return users.find_or_add(who.app_id, who.openid, invited_by=invited_by)


@wx.load_user
def load_user(user_id: str) -> User | None:
    return users.find_user(int(user_id))


@wx.claims_for
def claims_for(user: User) -> dict[str, str]:
    """Kept in the session, so that `Staff` below refuses without asking the database."""
    return {"role": user.role}


@wx.on_registered
def welcome(event: Event) -> None:
    """After the commit, at least once: the event's id keeps the second coupon away."""
    if event.user_id is not None:
        users.give_coupon(event.id, int(event.user_id))


CurrentUser = Annotated[User, Depends(wx.user())]
OptionalUser = Annotated[User | None, Depends(wx.user(optional=True))]
Staff = Annotated[User, Depends(wx.user(claims={"role": "staff"}))]
WithPhone = Annotated[User, Depends(wx.user(phone=True))]


@app.get("/")
def home(me: OptionalUser) -> dict[str, str]:
    return {"hello": "guest" if me is None else f"user {me.id}"}


@app.get("/me/coupons")
def coupons(me: CurrentUser) -> dict[str, int]:
    return {"coupons": users.coupons_of(me)}


@app.post("/orders", status_code=201)
def order(me: CurrentUser, session: CurrentSession) -> dict[str, int]:
    """WeChat Pay wants the payer's openid: it is read from the session, never from the phone."""
    return {"order_id": users.add_order(me, payer_openid=session.openid)}


@app.post("/orders/{order_id}/delivery")
def deliver(order_id: int, me: WithPhone) -> dict[str, int]:
    """403 `phone_required` until this person has a proven phone number."""
    return {"order_id": order_id}


@app.post("/staff/users/{user_id}/kick")
async def kick(user_id: int, me: Staff) -> dict[str, int]:
    return {"sessions_ended": await wx.kick(user_id=user_id, reason="kicked_by_shop")}


# A route that older versions of the mini program call: its address and its envelope stay.


class OldLogin(BaseModel):
    js_code: str


@app.post("/api/wx/login")
async def old_login(body: OldLogin) -> dict[str, object]:
    try:
        result = await wx.login(body.js_code)
    except WxLoginError as error:
        return {"errno": 1, "errmsg": error.code, "data": None}
    return {"errno": 0, "errmsg": "ok", "data": {"token": result.token}}
