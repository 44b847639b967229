"""Ways in and out of an account as calls, and what WeChat pushes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wxlogin.acts.acting import Acting
from wxlogin.login.accounts import Account
from wxlogin.login.merging import MergePreview
from wxlogin.login.ports import HOST, Kept
from wxlogin.login.proofs import Proof
from wxlogin.login.sessions import Session


class IdentityActs(Acting):
    """A part of `WxLogin`. `session` is what `check` gave; `proof` shows that its person is
    there (http-api.md §1); each raises what its route answers (docs/errors.md)."""

    async def link_identity(
        self, session: Session, code: str, *, proof: Proof, app_id: str | None = None
    ) -> Account:
        """`POST /v1/me/identities`."""
        own = (await self.flow()).own_identities
        return await own.link(session, code, proof=proof, app_id=app_id)

    async def unlink_identity(
        self, session: Session, *, proof: Proof, app_id: str | None = None
    ) -> None:
        """`POST /v1/me/identities/unlink`."""
        await (await self.flow()).own_identities.unlink(session, proof=proof, app_id=app_id)

    async def make_support_code(self, session: Session) -> str:
        """`POST /v1/me/support-code`: eight digits, for one side of a merge."""
        return await (await self.flow()).merging.make_code(session)

    async def export(self, session: Session, *, proof: Proof) -> Kept:
        """`POST /v1/me/export`: everything kept about the person."""
        return await (await self.flow()).leaving.export(session, proof)

    async def request_erasure(self, session: Session, *, proof: Proof) -> datetime:
        """`POST /v1/me/erase`: when the account will be erased."""
        return await (await self.flow()).leaving.request(session, proof)

    async def erase(self, *, now: bool = False, why: str | None = None, **named: Any) -> datetime:
        """Erase the account that `find(**named)` names, after the cooling-off or `now`; when."""
        account = await self._get(**named)
        return await (await self.flow()).leaving.erase(account, now=now, actor=HOST, why=why)

    async def restore_account(self, *, why: str | None = None, **named: Any) -> Account:
        """Take back the erasure of the account that `find(**named)` names."""
        account = await self._get(**named)
        return await (await self.flow()).leaving.restore(account, actor=HOST, why=why)

    async def preview_merge(self, keep_id: str, drop_id: str) -> MergePreview:
        """What `merge` would move, and what stands against it."""
        return await (await self.flow()).merging.preview(keep_id, drop_id)

    async def merge(
        self, keep_id: str, drop_id: str, *, keep_code: str, drop_code: str, why: str | None = None
    ) -> Account:
        """Make two accounts of one person one; each code is the support code of that side."""
        return await (await self.flow()).merging.merge(
            keep_id, drop_id, keep_code=keep_code, drop_code=drop_code, actor=HOST, reason=why
        )

    async def take_push(self, app_id: str, query: Mapping[str, str], body: bytes) -> None:
        """`POST /v1/wechat/push/{app_id}`: answer `success` where it returns."""
        await (await self.flow()).pushes.take(app_id, query, body)
