"""wxlogin in a FastAPI application.

wx = WxLogin()
app = FastAPI(lifespan=wx.lifespan)
app.include_router(wx.router)

@app.get("/orders")
async def orders(me: CurrentAccount):
    return {"account": me.id}
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from wxlogin import server
from wxlogin.endpoints.fastapi import Bearer, find_session, make_router, refusing
from wxlogin.endpoints.route import Plane
from wxlogin.login import errors
from wxlogin.login.accounts import Account
from wxlogin.login.sessions import Session

__all__ = ["CurrentAccount", "CurrentSession", "WxLogin", "current_account", "current_session"]


class WxLogin(server.WxLogin):
    """`wxlogin.server.WxLogin` with a router and dependencies."""

    @cached_property
    def router(self) -> APIRouter:
        """What mini programs and WeChat call (`/v1/…`), to include under any prefix."""
        return self._made_for(Plane.PUBLIC, Plane.PUSH)

    @cached_property
    def service_router(self) -> APIRouter:
        """What the team's other servers call, each with a service key (`/v1/introspect`,
        `/v1/service/…`): include it only where they reach it."""
        return self._made_for(Plane.SERVICE)

    def _made_for(self, *planes: Plane) -> APIRouter:
        router = make_router(self.endpoints, planes)
        for place in (router, *(route.endpoint for route in router.routes)):  # type: ignore[attr-defined]
            place.wxlogin = self  # how `_wx_of` finds it
        return router

    def user(
        self,
        *,
        optional: bool = False,
        claims: Mapping[str, Any] | None = None,
        phone: bool = False,
    ) -> Callable[..., Awaitable[Any]]:
        """A dependency that gives the host's user, by `load_user` (without one: the `Account`).

        `optional`: None instead of a 401. `claims`: 403 `scope_missing` unless the session
        carries these. `phone`: 403 `phone_required` unless the account has a proven phone.
        """

        async def user(request: Request, _: Bearer) -> Any:
            with refusing(request, self.endpoints):
                try:
                    session = await find_session(request, self.endpoints)
                    return await self._admitted(session, claims=claims or {}, phone=phone)
                except errors.SessionOver:
                    if optional:
                        return None
                    raise

        return user

    async def _admitted(self, session: Session, *, claims: Mapping[str, Any], phone: bool) -> Any:
        if any(session.claims.get(name) != wanted for name, wanted in claims.items()):
            raise errors.ScopeMissing
        flow = await self.flow()
        if phone:
            kept = (await flow.own_account.get(session)).phone
            if kept is None or kept.proven_at is None:
                raise errors.PhoneRequired
        if self.hooks.load_user_function is None:
            return await flow.own_account.get(session)
        user = await self.load_user_of(session)
        if user is None:
            raise errors.SessionInvalid  # the host no longer knows this user
        return user


async def current_session(request: Request, _: Bearer) -> Session:
    """The live session; `openid` and `unionid` on it are for the server's own use."""
    endpoints = _wx_of(request).endpoints
    with refusing(request, endpoints):
        return await find_session(request, endpoints)


async def current_account(
    request: Request, session: Annotated[Session, Depends(current_session)]
) -> Account:
    """The account behind the live session."""
    wx = _wx_of(request)
    with refusing(request, wx.endpoints):
        return await (await wx.flow()).own_account.get(session)


CurrentSession = Annotated[Session, Depends(current_session)]
CurrentAccount = Annotated[Account, Depends(current_account)]


def _wx_of(request: Request) -> WxLogin:
    """The `WxLogin` whose router this application includes, or whose lifespan it runs."""
    state = request.app.state
    found: WxLogin | None = getattr(state, "wxlogin", None)
    if found is None:
        # FastAPI keeps an included router as it is, or (before 0.160) copies its routes.
        places = (
            getattr(route, name, None)
            for route in request.app.routes
            for name in ("original_router", "endpoint")
        )
        found = next((p.wxlogin for p in places if p is not None and hasattr(p, "wxlogin")), None)
        found = found or request.scope.get("state", {}).get("wxlogin")
        if found is None:
            raise RuntimeError(
                "CurrentSession and CurrentAccount need app.include_router(wx.router), "
                "or app.state.wxlogin = wx"
            )
        state.wxlogin = found
    return found
