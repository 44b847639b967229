"""What the team's other servers do, each under a key of its own (http-api.md §5).

Every act names the key that did it. Whether the key may is asked before, by its scopes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wxlogin.login import errors
from wxlogin.login.accounts import Account, AccountStatus
from wxlogin.login.checks import Checks
from wxlogin.login.core import Core
from wxlogin.login.limits import CLAIMS_LIMIT, USER_ID_LIMIT, is_user_id, json_size
from wxlogin.login.moderation import BANNABLE, Moderation
from wxlogin.login.phone_numbers import normal_phone
from wxlogin.login.ports import AccessToken, AccountChange, Actor, ActorKind, Quota, ServiceKey
from wxlogin.login.secret import Secret
from wxlogin.login.sessions import EndCode, Ending, Session

RENEWALS = ((20, timedelta(minutes=1)),)
"""Of one app's access_token. A service that takes every fault for a dead token would ask WeChat
in a loop: it answers 10 000 a minute for all of an app's callers (contract §3.2)."""


@dataclass(frozen=True, slots=True)
class Naming:
    """Which account is meant: exactly one of these, `phone` in any usual spelling. `pool` says
    in which body of people an openid or a phone is looked for."""

    account_id: str | None = None
    user_id: str | None = None
    openid: str | None = None
    phone: str | None = None
    pool: str | None = None


class Service:
    """The acts of the service plane."""

    def __init__(self, core: Core, *, checks: Checks, moderation: Moderation) -> None:
        self._core = core
        self._checks = checks
        self._moderation = moderation

    async def introspect(self, token: str) -> Session | None:
        """The live session behind `token`, and that it was used; None for any other token."""
        try:
            return await self._checks.check(token)
        except errors.SessionOver:
            return None

    # Accounts

    async def get_account(self, naming: Naming) -> Account:
        """Raises `NotFound`, also where several accounts fit; `RequestInvalid` unless exactly
        one name is given."""
        named = (naming.account_id, naming.user_id, naming.openid, naming.phone)
        if named.count(None) != len(named) - 1:
            raise errors.RequestInvalid(("user_id", "exactly one of user_id, openid, phone"))
        account = await self._core.store.find_account(
            account_id=naming.account_id,
            user_id=naming.user_id,
            openid=naming.openid,
            phone=None if naming.phone is None else normal_phone(naming.phone).e164,
            pool=naming.pool,
        )
        if account is None:
            raise errors.NotFound
        return account

    async def change_account(
        self,
        account_id: str,
        *,
        user_id: str | None,
        claims: Mapping[str, Any] | None,
        by: ServiceKey,
    ) -> Account:
        """Set the host's own key of this person, and what its sessions carry for the host: in
        live ones too. None leaves a field as it is.

        Raises `NotFound`, `RequestInvalid` (also where these claims and what `claims_for` adds
        are over the limit together: nobody could log in any more), `IdentityTaken` where the
        user_id is another's, `StoreUnavailable` where the host's `claims_for` raises.
        """
        _check_user_id(user_id)
        _check_claims(claims)
        given = {"user_id": user_id, "claims": claims}
        fields = [name for name, value in given.items() if value is not None]
        if not fields:
            return await self.get_account(Naming(account_id=account_id))
        added = await self._added_claims(account_id, user_id=user_id, claims=claims)
        told = self._core.told(
            "account_changed", actor=actor_of(by), account_id=account_id, fields=fields
        )
        change = AccountChange(user_id=user_id, claims=claims)
        changed = await self._core.store.change_account(account_id, change, told=told)
        if changed is None:
            await self.get_account(Naming(account_id=account_id))  # there is one: so it was taken
            raise errors.IdentityTaken
        if added is not None:
            await self._core.store.set_claims(changed.id, added)
        return changed

    async def _added_claims(
        self, account_id: str, *, user_id: str | None, claims: Mapping[str, Any] | None
    ) -> Mapping[str, Any] | None:
        """What the host's `claims_for` puts above `claims`; None where these do not change."""
        if claims is None:
            return None
        account = await self.get_account(Naming(account_id=account_id))
        added = await self._core.host.claims_for(None, user_id=user_id or account.user_id)
        if json_size({**claims, **added}) > CLAIMS_LIMIT:
            raise errors.RequestInvalid(
                ("claims", f"over {CLAIMS_LIMIT} bytes of JSON with what claims_for adds")
            )
        return added

    async def disable(
        self,
        account_id: str,
        *,
        until: datetime | None,
        reason_for_user: str | None,
        by: ServiceKey,
    ) -> Account:
        """Let nobody in as this account until then (None: until enabled), and end its sessions.

        Raises `NotFound`, and `RequestInvalid` where the account waits for something else.
        """
        if until is not None and until <= self._core.now():
            raise errors.RequestInvalid(("until", "must be ahead"))
        account = await self._get_settled(account_id, *BANNABLE)
        return await self._moderation.disable(
            account, until=until, reason_for_user=reason_for_user, actor=actor_of(by)
        )

    async def enable(self, account_id: str, *, by: ServiceKey) -> Account:
        """Raises as `disable`. An account that is active stays as it is."""
        account = await self._get_settled(account_id, AccountStatus.ACTIVE, AccountStatus.DISABLED)
        return await self._moderation.enable(account, actor=actor_of(by))

    async def _get_settled(self, account_id: str, *statuses: AccountStatus) -> Account:
        """An account in one of these. To disable or to enable one that is pending or rejected, or
        to enable one being erased, would decide what an operator, or the person, is to decide."""
        account = await self.get_account(Naming(account_id=account_id))
        if account.status not in statuses:
            raise errors.RequestInvalid(("account_id", f"the account is {account.status}"))
        return account

    # Sessions

    async def revoke_all(self, naming: Naming, *, reason: str, by: ServiceKey) -> int:
        """End all sessions of the account; how many ended. `reason` is told to the phones."""
        account = await self.get_account(naming)
        return await self._moderation.kick(account, reason=reason, actor=actor_of(by))

    async def revoke_one(self, session_id: str, *, reason: str, by: ServiceKey) -> int:
        """End this session; 0 where it had ended before. Raises `NotFound`."""
        core = self._core
        session = await core.store.find_session(session_id)
        if session is None:
            raise errors.NotFound
        event = core.events.event(
            "kicked",
            account_id=session.account_id,
            user_id=session.user_id,
            app_id=session.app_id,
            session_id=session.id,
        )
        told = core.told(
            "sessions_ended",
            actor=actor_of(by),
            account_id=session.account_id,
            app_id=session.app_id,
            event=event,
            session_id=session.id,
        )
        ended = await core.store.end_session(
            session.id,
            account_id=session.account_id,
            ending=Ending(core.now(), EndCode.REVOKED, reason),
            told=told,
        )
        core.events.wake()
        return int(ended)

    # WeChat's access_token

    async def get_access_token(self, app_id: str | None) -> AccessToken:
        """The app's one access_token. Raises `AppUnknown`, `WeChatUnavailable`, `RateLimited`,
        `AppMisconfigured`."""
        app = await self._core.apps.get(app_id)
        return await self._core.wechat.get_access_token(app)

    async def renew_access_token(self, app_id: str | None, value: Secret) -> AccessToken:
        """The app's access_token; fetched anew only if it is still `value`, which a service
        found dead. Of many services that find it dead at once, one causes a fetch."""
        app = await self._core.apps.get(app_id)
        kept = await self._core.wechat.get_access_token(app)
        if kept.value != value:
            return kept
        await self._core.take_quotas(Quota(f"renew-access-token:{app.app_id}", RENEWALS))
        return await self._core.wechat.renew_access_token(app, value)


def actor_of(key: ServiceKey) -> Actor:
    """The key, as the audit log names it."""
    return Actor(ActorKind.SERVICE, key.id)


def _check_user_id(user_id: str | None) -> None:
    if user_id is not None and not is_user_id(user_id):
        raise errors.RequestInvalid(("user_id", f"1 to {USER_ID_LIMIT} printable characters"))


def _check_claims(claims: Mapping[str, Any] | None) -> None:
    if claims is not None and json_size(claims) > CLAIMS_LIMIT:
        raise errors.RequestInvalid(("claims", f"over {CLAIMS_LIMIT} bytes of JSON"))
