"""What the core asks of those around it, by subject. The docstrings are the contract.

For every store port: missing, expired and malformed are answers (`None`, `False`,
0); only a store that cannot answer raises, and then `StoreUnavailable`. A store
keeps records and knows no rules. Each call is atomic and safe under any number of
callers in any number of processes; what it acknowledged survives a crash, unless
its docstring says otherwise. `testing/stores/` holds any store to all of it.
"""

from datetime import datetime
from typing import Protocol

from wxlogin.login.ports.access_tokens import AccessToken, AccessTokens
from wxlogin.login.ports.accounts import (
    AccountChange,
    Accounts,
    AvatarChange,
    AvatarChanged,
    Credential,
    IdentityLink,
    NewAccount,
    PasswordChange,
    PhoneChange,
    Verdict,
)
from wxlogin.login.ports.applications import Applications, Decision, DecisionVerdict
from wxlogin.login.ports.apps import AppChange, Apps
from wxlogin.login.ports.audit import AuditHead, AuditLines, AuditQuery, LoggedLine, Point
from wxlogin.login.ports.avatars import Avatars
from wxlogin.login.ports.codes import (
    CodeClaims,
    CodeSpend,
    Ticket,
    Tickets,
    VerificationCode,
    VerificationCodes,
)
from wxlogin.login.ports.events import (
    HOST,
    NOTHING,
    PERSON,
    SYSTEM,
    WECHAT,
    Actor,
    ActorKind,
    AuditLine,
    Event,
    Outbox,
    Told,
)
from wxlogin.login.ports.host import Clock, Host, Listener, Observer, Random
from wxlogin.login.ports.imports import Arrival, Imports, Newcomer
from wxlogin.login.ports.leaving import (
    DueErasure,
    Erased,
    ErasureStart,
    Kept,
    KeptAgreement,
    KeptApplication,
    KeptAvatar,
    KeptLogin,
    KeptSession,
    Leaving,
)
from wxlogin.login.ports.limits import Limits, Quota
from wxlogin.login.ports.logins import (
    LoginCommit,
    LoginOutcome,
    Logins,
    LoginVerdict,
    NewSession,
    PasswordEntry,
)
from wxlogin.login.ports.merging import Merge, Merges
from wxlogin.login.ports.operators import (
    CredentialChange,
    NewOperatorSession,
    OneTimeCodes,
    OperatorCredential,
    Operators,
)
from wxlogin.login.ports.overview import (
    AccountQuery,
    AccountRow,
    AgreementRow,
    ApplicationRow,
    LoginRow,
    Overview,
    Sample,
)
from wxlogin.login.ports.pushes import (
    Datum,
    PushCommit,
    Pushes,
    PushMessage,
    PushOutcome,
    PushReader,
    PushResult,
)
from wxlogin.login.ports.service_keys import Scope, ServiceKey, ServiceKeys
from wxlogin.login.ports.sessions import Sessions
from wxlogin.login.ports.wechat import CodeExchange, NothingSent, OpenData, WeChat

__all__ = [
    "HOST",
    "NOTHING",
    "PERSON",
    "SYSTEM",
    "WECHAT",
    "AccessToken",
    "AccessTokens",
    "AccountChange",
    "AccountQuery",
    "AccountRow",
    "Accounts",
    "Actor",
    "ActorKind",
    "AgreementRow",
    "AppChange",
    "ApplicationRow",
    "Applications",
    "Apps",
    "Arrival",
    "AuditHead",
    "AuditLine",
    "AuditLines",
    "AuditQuery",
    "AvatarChange",
    "AvatarChanged",
    "Avatars",
    "Clock",
    "CodeClaims",
    "CodeExchange",
    "CodeSpend",
    "Credential",
    "CredentialChange",
    "Datum",
    "Decision",
    "DecisionVerdict",
    "DueErasure",
    "Erased",
    "ErasureStart",
    "Event",
    "Host",
    "IdentityLink",
    "Imports",
    "Kept",
    "KeptAgreement",
    "KeptApplication",
    "KeptAvatar",
    "KeptLogin",
    "KeptSession",
    "Leaving",
    "Limits",
    "Listener",
    "LoggedLine",
    "LoginCommit",
    "LoginOutcome",
    "LoginRow",
    "LoginVerdict",
    "Logins",
    "Merge",
    "Merges",
    "NewAccount",
    "NewOperatorSession",
    "NewSession",
    "Newcomer",
    "NothingSent",
    "Observer",
    "OneTimeCodes",
    "OpenData",
    "OperatorCredential",
    "Operators",
    "Outbox",
    "Overview",
    "PasswordChange",
    "PasswordEntry",
    "PhoneChange",
    "Point",
    "PushCommit",
    "PushMessage",
    "PushOutcome",
    "PushReader",
    "PushResult",
    "Pushes",
    "Quota",
    "Random",
    "Sample",
    "Scope",
    "ServiceKey",
    "ServiceKeys",
    "Sessions",
    "Store",
    "Ticket",
    "Tickets",
    "Told",
    "Verdict",
    "VerificationCode",
    "VerificationCodes",
    "WeChat",
]


class Store(
    CodeClaims,
    Accounts,
    Avatars,
    Logins,
    Sessions,
    Tickets,
    VerificationCodes,
    Applications,
    Apps,
    ServiceKeys,
    Outbox,
    Limits,
    AccessTokens,
    AuditLines,
    Imports,
    Operators,
    Overview,
    Leaving,
    Merges,
    Pushes,
    Protocol,
):
    """All that is remembered."""

    async def open(self) -> None:
        """Make ready for use; a second call does nothing."""
        ...

    async def close(self) -> None:
        """Write what waits to be written, and let go of every resource."""
        ...

    async def ping(self) -> None:
        """Return if a read and a write would be answered now."""
        ...

    async def add_audit(self, line: AuditLine) -> None:
        """Write a line of what changes nothing else."""
        ...

    async def secret_key(self, name: str, candidate: bytes) -> bytes:
        """The key kept under `name`; where there is none, `candidate` is kept first.

        All processes get the same bytes, also when they ask for the first time at once.
        """
        ...

    async def prune(self, *, now: datetime, limit: int) -> int:
        """Delete up to `limit` of each kind of record that no rule can need any more;
        return how many went. Housekeeping: nothing depends on it."""
        ...
