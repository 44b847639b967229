"""Two accounts of one person become one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from wxlogin.login.ports.accounts import Verdict
from wxlogin.login.ports.codes import CodeSpend
from wxlogin.login.ports.events import Told
from wxlogin.login.sessions import Ending


@dataclass(frozen=True, slots=True)
class Merge:
    """`spends` prove both sides: the merge happens only if it spends every one of them.

    Identities, unionids, agreements, login events, pictures, applications and sessions of
    `drop_id` become `keep_id`'s. Of phone, username, password, user_id, nickname and
    avatar_url the kept account's own wins, else it gets the other's. The sessions of both
    end, and the dropped account is gone.
    """

    keep_id: str
    drop_id: str
    at: datetime
    ending: Ending
    spends: tuple[CodeSpend, ...]


class Merges(Protocol):
    async def merge_accounts(self, merge: Merge, *, told: Told) -> Verdict:
        """DONE, CODE_SPENT, GONE (one of them is not there, not active, or of another pool), or
        IDENTITY_TAKEN (both have an identity in the same app)."""
        ...
