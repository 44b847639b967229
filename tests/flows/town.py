"""What the tests of the doors share: phones that get messages, and a short way to each door."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

from wxlogin.login.accounts import Phone
from wxlogin.login.passwords import PasswordCheck
from wxlogin.login.phone_numbers import normal_phone
from wxlogin.login.policy import App, Registration
from wxlogin.login.ports import AccountChange, PhoneChange
from wxlogin.login.secret import Secret

PHONE = "13800006666"
OTHER = "13900007777"
PASSWORD = "correct horse 电池 staple"
NEW_PASSWORD = "another horse 电池 staple"
CREDIT_CODE = "91350100M000100Y43"


class Inboxes:
    """Every message that a sender was given, in order."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    def last(self, phone: str = PHONE) -> str:
        """The digits that came last to this number."""
        number = normal_phone(phone).e164
        found = [m for m in self.sent if m.phone.e164 == number]
        digits: str = found[-1].verification_code.reveal()
        return digits


class CheapHasher:
    """For tests that count comparisons and not their cost: what is compared is kept."""

    def __init__(self) -> None:
        self.compared: list[str | None] = []

    async def hash(self, password: str) -> str:
        return f"hash of {password}"

    async def verify(self, password: str, hashed: str | None) -> PasswordCheck:
        self.compared.append(hashed)
        return PasswordCheck(hashed == f"hash of {password}", needs_rehash=False)


class Town:
    """A server with every door open. Each call is one request; what it answers comes back."""

    def __init__(self, house: Any, inboxes: Inboxes) -> None:
        self.house = house
        self.wx = house.wx
        self.wechat = house.wechat
        self.clock = house.clock
        self.inboxes = inboxes

    async def post(self, path: str, token: str | None = None, **body: Any) -> Any:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        address = body.pop("address", None)
        if address is not None:
            headers["X-Forwarded-For"] = address
        return await self.house.http.post(path, json=body, headers=headers)

    async def ask(self, phone: str = PHONE, purpose: str = "login", **more: Any) -> Any:
        return await self.post("/v1/verification-codes", phone=phone, purpose=purpose, **more)

    async def code(self, phone: str = PHONE, purpose: str = "login") -> str:
        """The digits of a fresh code; the minute between two has passed before."""
        self.clock.advance(61)
        answer = await self.ask(phone, purpose)
        assert answer.status_code == 202, answer.text
        return self.inboxes.last(phone)

    async def by_wechat(self, user: str = "ann", **more: Any) -> Any:
        return await self.post("/v1/login", code=self.wechat.login(user), **more)

    async def by_phone(self, user: str = "ann", phone: str | None = PHONE, **more: Any) -> Any:
        """One tap. The person's number at WeChat is `phone`."""
        if phone is not None:
            self.wechat.add_user(user, phone=normal_phone(phone).e164)
        tap = self.wechat.phone(user)["code"]
        body = {"code": self.wechat.login(user), "phone_code": tap, **more}
        return await self.post("/v1/login/phone", **body)

    async def by_sms(self, phone: str = PHONE, user: str | None = None, **more: Any) -> Any:
        """With a fresh code by SMS; `user` brings a code of `wx.login` besides."""
        if "verification_code" not in more:
            more["verification_code"] = await self.code(phone)
        if user is not None:
            more["code"] = self.wechat.login(user)
        return await self.post("/v1/login/sms", phone=phone, **more)

    async def by_password(
        self, username: str = "ann", password: str = PASSWORD, user: str | None = None, **more: Any
    ) -> Any:
        if user is not None:
            more["code"] = self.wechat.login(user)
        return await self.post("/v1/login/password", username=username, password=password, **more)

    async def by_mobile(self, phone: str | None = PHONE, **more: Any) -> Any:
        """Registers; with a fresh code of purpose `register` unless told otherwise."""
        if phone is not None and "verification_code" not in more:
            more["verification_code"] = await self.code(phone, "register")
        if phone is not None:
            more["phone"] = phone
        return await self.post("/v1/register/mobile", **more)

    async def by_enterprise(self, phone: str | None = PHONE, **more: Any) -> Any:
        if phone is not None and "verification_code" not in more:
            more["verification_code"] = await self.code(phone, "register")
        if phone is not None:
            more["phone"] = phone
        body = {
            "company_name": "示例公司",
            "credit_code": CREDIT_CODE,
            "contact_name": "张三",
            "username": "company",
            "password": PASSWORD,
            **more,
        }
        return await self.post("/v1/register/enterprise", **body)

    async def by_restore(self, user: str = "ann", **more: Any) -> Any:
        return await self.post("/v1/me/restore", code=self.wechat.login(user), **more)

    async def member(
        self, phone: str = PHONE, username: str = "ann", **more: Any
    ) -> dict[str, Any]:
        """Somebody with a proven phone, a name and a password; the login result."""
        answer = await self.by_mobile(phone, username=username, password=PASSWORD, **more)
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def imported(self, phone: str = PHONE, username: str = "ann") -> str:
        """An account as an import leaves it: a password, and a phone that nobody has proven."""
        account_id: str = (await self.member(phone, username))["account"]["id"]
        unproven = normal_phone(phone)
        store = await self.wx.open_store()
        await store.change_phone(PhoneChange(account_id, unproven))
        await self.wx.kick(account_id=account_id)
        return account_id

    async def put_into(self, account_id: str, **change: Any) -> None:
        """Set the account's status, with what belongs to it."""
        await (await self.wx.open_store()).change_account(account_id, AccountChange(**change))

    async def me(self, answer: Any) -> str:
        """Whose session an answer opened, told by the session itself."""
        assert answer.status_code in (200, 201), answer.text
        told = await self.house.get("/v1/me", answer.json()["token"])
        assert told.status_code == 200, told.text
        account_id: str = told.json()["id"]
        return account_id

    async def is_live(self, token: str) -> bool:
        return bool((await self.house.check(token)).status_code == 200)


def told(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def app_of(wechat: Any, registration: str = "auto", **fields: Any) -> App:
    return App(
        wechat.app_id, Secret(wechat.secret), registration=Registration(registration), **fields
    )


def proven(phone: str, at: Any) -> Phone:
    return replace(normal_phone(phone), proven_at=at)


def erase(database: Any, account_id: str) -> None:
    """What is left of an account once it is erased: nothing."""
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        for table in ("session", "identity", "unionid", "agreement", "login_event"):
            connection.execute(f"DELETE FROM wxlogin_{table} WHERE account_id = ?", (account_id,))
        connection.execute("DELETE FROM wxlogin_account WHERE id = ?", (account_id,))
        connection.commit()


DAY = timedelta(days=1)
