"""People of another system, brought along: kept in batches, and only where they collide with
nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from wxlogin.login.accounts import Phone
from wxlogin.login.secret import Secret


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An account to be, and what leads to it. `id` and `pseudonym` are used where it is new.

    A `phone` without `proven_at` is kept as unproven: whoever proves it first ends what the
    import brought beside it (security.md A14). An identity is one that nobody has logged in
    with yet.
    """

    id: str
    pseudonym: str
    pool: str
    created_at: datetime
    user_id: str | None = None
    nickname: str | None = None
    phone: Phone | None = None
    username: str | None = None
    username_key: str | None = None
    password_hash: Secret | None = None
    app_id: str | None = None
    openid: str | None = None
    unionid: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """How it went. `taken` names what leads to an account that is not this very person; then
    nothing was written. Not new and nothing taken: all of it was here already."""

    is_new: bool
    taken: tuple[str, ...] = ()


class Imports(Protocol):
    async def import_people(
        self, people: Sequence[Newcomer], *, at: datetime, is_trial: bool = False
    ) -> Sequence[Arrival]:
        """Keep those who are new, in one transaction, and say of each how it went.

        Somebody is here already where all of `user_id`, `openid` (in `app_id`), `unionid`,
        `phone` and `username` (in `pool`) that are given lead to one account; that account
        is left as it is. Where only some do, or to several, they are `taken`. A trial
        says the same and writes nothing.
        """
        ...
