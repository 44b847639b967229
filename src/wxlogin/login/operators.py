"""The operators: made by one another or at the server's terminal, signed in by two factors.

A name, a password and a code of the telephone; anything wrong in them is one answer, in the
same time (security.md C01, C02). Tries are counted before they are compared (C03). Each that
is compared, right or wrong, is a line of the audit log; one that a limit refuses is none, or a
loop at the door would fill the log.
"""

import unicodedata
from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass

from wxlogin.login import errors, tokens
from wxlogin.login.core import Core
from wxlogin.login.operator_sessions import (
    LANGUAGES,
    Operator,
    OperatorPolicy,
    OperatorSession,
    Role,
    seconds_left,
    why_over,
)
from wxlogin.login.passwords import PasswordHasher, check_new_password, normal_password
from wxlogin.login.ports import (
    Actor,
    ActorKind,
    CredentialChange,
    NewOperatorSession,
    OneTimeCodes,
    OperatorCredential,
    Quota,
)
from wxlogin.login.secret import Secret
from wxlogin.login.sources import source_of

NAME_LIMIT = 64
TOTP_SECRET_BYTES = 20
"""What RFC 4226 §4 R6 recommends for HMAC-SHA-1."""
PASSWORD_BYTES = 15
"""120 bits, in 24 letters and digits of base32: typed once, then changed or kept in a vault."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in that went well. `token` goes into the cookie and nowhere else."""

    session: OperatorSession
    token: Secret


@dataclass(frozen=True, slots=True)
class NewSecrets:
    """What is shown once, to whoever made or reset an operator."""

    operator: Operator
    password: Secret
    otpauth_url: Secret


def actor_of(operator: Operator) -> Actor:
    """The operator as the audit log names them."""
    return Actor(ActorKind.OPERATOR, operator.name)


class OperatorDesk:
    """Without a `hasher` there are no operators, and nobody signs in."""

    def __init__(
        self,
        core: Core,
        *,
        hasher: PasswordHasher | None,
        codes: OneTimeCodes,
        is_common: Callable[[str], bool],
        policy: OperatorPolicy | None = None,
    ) -> None:
        self._core = core
        self._hasher = hasher
        self._codes = codes
        self._is_common = is_common
        self.policy = policy or OperatorPolicy()

    # Coming and going

    async def sign_in(
        self, name: str, password: str, code: str, *, address: str | None
    ) -> SignedIn:
        """A session for whoever has all three right. `address` is the client's.

        Raises `CredentialsInvalid`, whatever was wrong; `RateLimited`, `RequestInvalid`.
        """
        normal, name_key = normal_password(password), _key_of(name)
        credential = await self._core.store.find_operator_credential(name_key)
        quotas = self._quotas(name_key, credential, address=address)
        taken_at = await self._core.take_quotas(*quotas)
        step = await self._compare(credential, normal, code)
        if credential is not None and step is not None and not credential.operator.is_disabled:
            signed_in = await self._begin(credential.operator, step, address=address)
            if signed_in is not None:
                await self._core.give_back(quotas, taken_at=taken_at)
                return signed_in
        await self._note_failure(credential, address=address)
        raise errors.CredentialsInvalid

    async def check(self, token: str | None) -> OperatorSession:
        """The live session behind the cookie's value, used just now.

        Raises a `SessionOver` that says why there is none.
        """
        if not token:
            raise errors.SessionMissing
        presented = tokens.parse(token, self._token_key)
        if presented is None:
            raise errors.SessionInvalid
        store, now = self._core.store, self._core.now()
        session = await store.find_operator_session(presented.session_id)
        if session is None or not tokens.is_proven(presented, session.secret_hash):
            raise errors.SessionInvalid
        over = why_over(session, now, policy=self.policy)
        if over is not None:
            raise over
        await store.operator_seen(session.id, now)
        return session

    def seconds_left(self, session: OperatorSession) -> tuple[int, int]:
        """To the absolute limit, and to the idle one."""
        return seconds_left(session, self._core.now(), policy=self.policy)

    async def sign_out(self, session: OperatorSession) -> None:
        told = self._core.told("operator_signed_out", actor=actor_of(session.operator))
        await self._core.store.end_operator_session(session.id, at=self._core.now(), told=told)

    # One's own

    async def change_password(
        self,
        session: OperatorSession,
        *,
        current: str,
        code: str,
        new: str,
        address: str | None,
    ) -> None:
        """Change the operator's own password; every other session of theirs ends.

        Raises `CredentialsInvalid`, `PasswordWeak`, `RateLimited`, `RequestInvalid`.
        """
        operator = session.operator
        normal = normal_password(current, field="current_password")
        hashed = self._check_password(new, name=operator.name)
        name_key = _key_of(operator.name)
        credential = await self._core.store.find_operator_credential(name_key)
        quotas = self._quotas(name_key, credential, address=address)
        taken_at = await self._core.take_quotas(*quotas)
        step = await self._compare(credential, normal, code)
        if step is None:
            await self._note_failure(credential, address=address)
            raise errors.CredentialsInvalid
        change = CredentialChange(
            operator.id,
            Secret(await self._get_hasher().hash(hashed)),
            totp_step=step,
            keep_session=session.id,
        )
        told = self._core.told("operator_password_changed", actor=actor_of(operator))
        if not await self._core.store.change_operator_credential(change, told=told):
            await self._note_failure(credential, address=address)
            raise errors.CredentialsInvalid
        await self._core.give_back(quotas, taken_at=taken_at)

    async def set_language(self, session: OperatorSession, language: str) -> None:
        if language not in LANGUAGES:
            raise errors.RequestInvalid(("language", "must be zh or en"))
        await self._core.store.set_operator_language(session.operator.id, language)

    # One another

    async def list_all(self) -> list[Operator]:
        return list(await self._core.store.list_operators())

    async def get(self, operator_id: str) -> Operator:
        """Raises `NotFound`."""
        found = await self._core.store.find_operator(operator_id)
        if found is None:
            raise errors.NotFound
        return found

    async def find_named(self, name: str) -> Operator | None:
        found = await self._core.store.find_operator_credential(_key_of(name))
        return None if found is None else found.operator

    async def add(
        self, name: str, role: Role, *, actor: Actor, why: str | None = None
    ) -> NewSecrets:
        """A new operator, with a password and a telephone's secret that are shown once.

        Raises `RequestInvalid` for a name that is none, or is taken.
        """
        shown = check_operator_name(name)
        core = self._core
        operator = Operator(core.new_id(), shown, role, core.now())
        credential, secrets = await self._new_secrets(operator)
        told = core.told("operator_added", actor=actor, reason=why, name=shown, role=role.value)
        if not await core.store.add_operator(credential, name_key=_key_of(shown), told=told):
            raise errors.RequestInvalid(("name", "somebody has it"))
        return secrets

    async def reset(
        self, operator: Operator, *, actor: Actor, why: str | None = None
    ) -> NewSecrets:
        """A new password and a new telephone's secret; all of their sessions end, and the
        wrong tries that were counted against the name are forgotten."""
        credential, secrets = await self._new_secrets(operator)
        change = CredentialChange(
            operator.id, credential.password_hash, totp_secret=credential.totp_secret
        )
        told = self._core.told("operator_reset", actor=actor, reason=why, name=operator.name)
        if not await self._core.store.change_operator_credential(change, told=told):
            raise errors.NotFound
        return secrets

    async def set_disabled(
        self, operator: Operator, *, is_disabled: bool, actor: Actor, why: str | None = None
    ) -> Operator:
        """Keep an operator out, and end their sessions; or let them in again."""
        kind = "operator_disabled" if is_disabled else "operator_enabled"
        told = self._core.told(kind, actor=actor, reason=why, name=operator.name)
        changed = await self._core.store.set_operator_disabled(
            operator.id, is_disabled=is_disabled, told=told
        )
        if changed is None:
            raise errors.NotFound
        return changed

    # How

    @property
    def _token_key(self) -> bytes:
        # Another key than people's tokens are under: neither is worth a look at the other's door.
        return self._core.keyed("operator_session")

    def _get_hasher(self) -> PasswordHasher:
        if self._hasher is None:
            raise errors.NotFound
        return self._hasher

    def _quotas(
        self, name_key: str, credential: OperatorCredential | None, *, address: str | None
    ) -> tuple[Quota, ...]:
        """The epoch is in the keys: whoever was kept out by somebody's guesses is let in by a
        reset, and the guesses were at secrets that are gone."""
        policy, source = self.policy, source_of(address)
        epoch = 0 if credential is None else credential.operator.epoch
        return (
            Quota(f"operator:{source}:{epoch}:{name_key}", policy.per_source),
            Quota(f"operator-name:{epoch}:{name_key}", policy.per_name),
            Quota(f"operator-address:{source}", policy.per_address),
        )

    async def _compare(
        self, credential: OperatorCredential | None, password: str, code: str
    ) -> int | None:
        """The step of the code where password and code are right. For nobody, the same work."""
        hashed = None if credential is None else credential.password_hash.reveal()
        check = await self._get_hasher().verify(password, hashed)
        secret = self._nobodys if credential is None else credential.totp_secret
        step = self._codes.find_step(code, secret, at=self._core.now())
        return step if check.is_right else None

    @property
    def _nobodys(self) -> Secret:
        return self._codes.new_secret(bytes(TOTP_SECRET_BYTES))

    async def _begin(
        self, operator: Operator, step: int, *, address: str | None
    ) -> SignedIn | None:
        """None where the code was spent by somebody else meanwhile, or before."""
        core, now = self._core, self._core.now()
        session_id = core.new_id()
        token, secret_hash = tokens.mint(
            session_id, secret=core.random(tokens.SECRET_BYTES), key=self._token_key
        )
        new = NewOperatorSession(
            session_id, secret_hash, operator.id, operator.epoch, now, now + self.policy.ttl, step
        )
        told = self._core.told("operator_signed_in", actor=actor_of(operator), address=address)
        if not await core.store.begin_operator_session(new, told=told):
            return None
        session = OperatorSession(
            session_id, secret_hash, operator, operator.epoch, now, now, new.expires_at
        )
        return SignedIn(session, Secret(token))

    async def _note_failure(
        self, credential: OperatorCredential | None, *, address: str | None
    ) -> None:
        """A name that nobody has is not written down: it may be a password in the wrong field."""
        actor = Actor(ActorKind.OPERATOR) if credential is None else actor_of(credential.operator)
        told = self._core.told("operator_sign_in_failed", actor=actor, address=address)
        if told.audit is not None:
            await self._core.store.add_audit(told.audit)

    def _check_password(self, new: str, *, name: str) -> str:
        return check_new_password(
            new,
            minimum=self.policy.least_password,
            is_common=self._is_common,
            context=(name, "wxlogin"),
            field="new_password",
        )

    async def _new_secrets(self, operator: Operator) -> tuple[OperatorCredential, NewSecrets]:
        random = self._core.random
        password = Secret(b32encode(random(PASSWORD_BYTES)).decode().lower())
        totp_secret = self._codes.new_secret(random(TOTP_SECRET_BYTES))
        hashed = Secret(await self._get_hasher().hash(password.reveal()))
        url = self._codes.url(totp_secret, name=operator.name)
        return (
            OperatorCredential(operator, hashed, totp_secret),
            NewSecrets(operator, password, url),
        )


def check_operator_name(name: str) -> str:
    """The name to keep and show: letters and digits of any script, and `._@-`, 2 to 64 of them.

    Raises `RequestInvalid`.
    """
    shown = unicodedata.normalize("NFKC", name).strip()
    if not 2 <= len(shown) <= NAME_LIMIT or not all(c.isalnum() or c in "._@-" for c in shown):
        raise errors.RequestInvalid(("name", "2 to 64 letters, digits, `.`, `_`, `@` or `-`"))
    return shown


def _key_of(name: str) -> str:
    """What a name is unique under, whatever its case and width; cut, for a try may send a book."""
    return unicodedata.normalize("NFKC", name[:256]).strip().casefold()[:NAME_LIMIT]
