"""What a signed-in person does with their account, as calls: a host's own routes need no HTTP."""

from wxlogin.acts.acting import Acting
from wxlogin.login.accounts import Account, Phone
from wxlogin.login.open_data import Blob, SignedData
from wxlogin.login.phones import GivenPhone
from wxlogin.login.proofs import Proof
from wxlogin.login.sessions import Session


class OwnActs(Acting):
    """A part of `WxLogin`. `session` is what `check` gave, or `CurrentSession`; each raises what
    its route answers (docs/errors.md)."""

    async def account_of(self, session: Session) -> Account:
        """`GET /v1/me`."""
        return await (await self.flow()).own_account.get(session)

    async def change_phone(
        self, session: Session, given: GivenPhone, *, proof: Proof | None = None
    ) -> Phone:
        """`POST /v1/me/phone`: `given` holds a phone code, encryptedData with iv, or a number
        with its verification code. `proof` is needed where another number was there."""
        own_phone = (await self.flow()).own_phone
        return await own_phone.change(session, given, proof=proof or Proof())

    async def change_nickname(self, session: Session, nickname: str) -> Account:
        """`PUT /v1/me/profile`."""
        return await (await self.flow()).own_profile.change_nickname(session, nickname)

    async def take_wechat_profile(
        self, session: Session, signed: SignedData, blob: Blob | None = None
    ) -> Account:
        """`POST /v1/me/wechat-profile`."""
        return await (await self.flow()).own_profile.take_from_wechat(session, signed, blob)

    async def put_avatar(self, session: Session, content: bytes) -> Account:
        """`POST /v1/me/avatar`: `content` is a PNG, JPEG or WebP, at most 2 MiB by HTTP."""
        return await (await self.flow()).own_profile.put_avatar(session, content)

    async def find_avatar(self, avatar_id: str) -> tuple[bytes, str] | None:
        """`GET /v1/avatars/{id}`: the picture and its media type."""
        return await (await self.flow()).own_profile.find_avatar(avatar_id)
