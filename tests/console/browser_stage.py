"""A company with a day behind it, for a browser to look at: made by requests, as life makes it."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.conftest import House
from tests.console.desk import WHY, Desk
from tests.flows.town import PASSWORD, Inboxes, Town
from wechat_simulator import Simulator
from wxlogin.console.door import console_of
from wxlogin.login.operator_sessions import Role
from wxlogin.login.ports import SYSTEM
from wxlogin.server import WxLogin
from wxlogin.settings import Settings

HOUR = 3600
SECOND_APP = "wx5d1c0a7be2f94c36"
SECOND_SECRET = "5f0f2a9d4c6b8e1735a2c4d6e8f00918"
AGREED = [{"id": "terms", "version": "3"}, {"id": "privacy", "version": "2026-01"}]
MATE = {"id": "d-mate", "name": "HUAWEI Mate 60", "platform": "android"}
IPHONE = {"id": "d-iphone", "name": "iPhone 15", "platform": "ios"}
XIAOMI = {"id": "d-xiaomi", "name": "Xiaomi 14", "platform": "android"}
LOGINS_BY_HOUR = (4, 6, 5, 7, 9, 6, 3, 2, 1, 0, 0, 0, 1, 2, 4, 7, 9, 8, 6, 5, 7, 8, 6, 4)
REFUSED_BY_HOUR: Mapping[int, Mapping[int, int]] = {
    0: {40029: 1},
    3: {40029: 2},
    4: {45011: 1},
    5: {40029: 1},
    14: {40029: 1},
    15: {40029: 4, 45011: 2},
    16: {40029: 6, 45011: 3, -1: 2},
    17: {40029: 3, -1: 1},
    20: {40163: 1},
    22: {45011: 1},
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who comes in the hour `joins` of the day."""

    joins: int
    user: str
    nickname: str | None
    phone: str
    device: Mapping[str, str]


PEOPLE = (
    Person(0, "wang.fang", "王芳", "13800006666", MATE),
    Person(0, "li.na", "李娜", "13900007777", IPHONE),
    Person(0, "zhang.wei", "张伟", "13700001234", XIAOMI),
    Person(1, "liu.yang", "刘洋", "13612345678", IPHONE),
    Person(2, "chen.jing", "陈静", "15811112222", MATE),
    Person(4, "yang.fan", "杨帆", "18633334444", XIAOMI),
    Person(14, "zhao.lei", "赵磊", "13566667777", IPHONE),
    Person(15, "huang.min", "黄敏", "17788889999", MATE),
    Person(17, "zhou.tao", None, "18900001111", IPHONE),
)
COMPANIES = (
    (19, "上海云雀科技有限公司", "91310115MA1K3N7Q20", "何晓明", "yunque", "13122223333"),
    (1, "深圳市南山贸易有限公司", "91440300MA5F0R8X1A", "林芳华", "nanshan", "13233334444"),
    (3, "北京初见文化传媒有限公司", "91110108MA01T4W35L", "孙立", "chujian", "13344445555"),
    (16, "厦门鹭江餐饮管理有限公司", "91350100M000100Y43", "郑海燕", "lujiang", "13455556666"),
)


@dataclass(slots=True)
class Stage:
    """What is there when the curtain opens, at `ends`."""

    path: Path
    wechat: Simulator
    clock: Any
    ends: Any
    operators: Mapping[str, Desk]
    tokens: Mapping[str, str]


async def set_up(path: Path, *, wechat: Simulator, clock: Any, settings: Settings) -> Stage:
    """Fill the database in `path`: people, enterprises, apps, keys, operators, a day of numbers."""
    inboxes = Inboxes()
    wx = WxLogin(settings, sms_sender=inboxes, clock=clock, random=random.Random(7).randbytes)
    public = httpx2.ASGITransport(app=wx.asgi, client=("203.0.113.7", 5000))
    inside = httpx2.ASGITransport(app=console_of(wx), client=("127.0.0.1", 5000))
    async with (
        httpx2.AsyncClient(transport=public, base_url="http://wx", timeout=30) as http,
        httpx2.AsyncClient(transport=inside, base_url="http://console", timeout=30) as desk_http,
        wx,
    ):
        maker = _Maker(Town(House(wx, http, wechat, clock), inboxes), desk_http)
        await maker.make()
        return Stage(path, wechat, clock, clock(), maker.operators, maker.tokens)


class _Maker:
    def __init__(self, town: Town, desk_http: httpx2.AsyncClient) -> None:
        self.town = town
        self.clock = town.clock
        self.wx: WxLogin = town.wx
        self.desk_http = desk_http
        self.operators: dict[str, Desk] = {}
        self.tokens: dict[str, str] = {}
        self.chance = random.Random(11)

    async def make(self) -> None:
        await self._hire("li.lei", Role.ADMIN)
        await self._hire("han.meimei", Role.SUPPORT)
        for hour in range(24):
            for person in PEOPLE:
                if person.joins == hour:
                    await self._welcome(person)
            for joins, *company in COMPANIES:
                if joins == hour:
                    await self._apply(*company)
            await self._live_through(hour)
        await (await self.wx.audit_log()).seal()
        await self._decide()
        await self._make_keys()
        await self._add_app()
        await self._visit_the_other_app()

    async def _hire(self, name: str, role: Role) -> Desk:
        secrets = await (await self.wx.flow()).operators.add(name, role, actor=SYSTEM)
        password, url = secrets.password.reveal(), secrets.otpauth_url.reveal()
        desk = Desk(self.desk_http, self.clock, name=name, password=password, url=url)
        self.operators[name] = desk
        return desk

    async def _add_app(self) -> None:
        """From here on a login has to say which app it is in."""
        self.clock.advance(90)
        admin = self.operators["li.lei"]
        self.town.wechat.add_app(SECOND_APP, secret=SECOND_SECRET)
        app = {"app_id": SECOND_APP, "secret": "0" * 32, "push_token": "Hq3vT9", **WHY}
        await _done(admin.post("/apps", {**app, "cors_origins": ["https://m.example.com"]}))
        rotated = {"secret": SECOND_SECRET, "reason": "季度轮换"}
        await _done(admin.post(f"/apps/{SECOND_APP}/rotate-secret", rotated))

    async def _welcome(self, person: Person) -> None:
        self.clock.advance(61)
        told = await _done(
            self.town.by_phone(
                person.user, person.phone, device=dict(person.device), agreements=AGREED
            )
        )
        token = self.tokens[person.user] = told["token"]
        if person.nickname is not None:
            body = {"nickname": person.nickname}
            await _done(self.town.house.ask("PUT", "/v1/me/profile", token, json=body))

    async def _apply(self, name: str, code: str, contact: str, username: str, phone: str) -> None:
        await _done(
            self.town.by_enterprise(
                phone,
                company_name=name,
                credit_code=code,
                contact_name=contact,
                username=username,
                password=PASSWORD,
                agreements=AGREED,
            )
        )

    async def _live_through(self, hour: int) -> None:
        """An hour's logins, and what the serving processes say of it."""
        house, figures = self.town.house, (await self.wx.flow()).figures
        here = [person for person in PEOPLE if person.joins <= hour]
        for _ in range(LOGINS_BY_HOUR[hour]):
            person = self.chance.choice(here)
            await _done(house.login(person.user, device=dict(person.device)))
        if hour % 5 == 4:
            await self.wx.kick(account_id=await self._id_of(self.chance.choice(here)))
        await figures.take_sample()
        await figures.add_failures(REFUSED_BY_HOUR.get(hour, {}))
        self.clock.advance(HOUR)

    async def _id_of(self, person: Person) -> str:
        openid = self.town.wechat.openid(person.user)
        account = await self.wx.find(openid=openid)
        assert account is not None
        return str(account.id)

    async def _decide(self) -> None:
        """What an operator at support does in an afternoon."""
        desk = self.operators["han.meimei"]
        await _done(desk.sign_in())
        listed = await _done(desk.get("/applications"))
        waiting = {item["username"]: item["id"] for item in listed["items"]}
        why = {"reason": "营业执照已核对"}
        await _done(desk.post(f"/applications/{waiting['nanshan']}/approve", why))
        why = {"reason": "执照与名称不符", "reason_for_user": "营业执照照片不清晰，请重新提交"}
        await _done(desk.post(f"/applications/{waiting['chujian']}/reject", why))
        self.clock.advance(95)
        spam = {"reason": "工单 1019：群发广告", "reason_for_user": "发布广告信息"}
        await _done(desk.post(f"/accounts/{await self._id_of(PEOPLE[5])}/disable", spam))
        self.clock.advance(140)
        asked = {"reason": "工单 1021：核对来电号码"}
        await _done(desk.post(f"/accounts/{await self._id_of(PEOPLE[0])}/reveal-phone", asked))
        self.clock.advance(40)
        told = await _done(self.town.house.login("zhao.lei", device=dict(IPHONE)))
        code = self.town.wechat.login("zhao.lei")
        await _done(self.town.post("/v1/me/erase", told["token"], proof_code=code))

    async def _make_keys(self) -> None:
        admin = self.operators["li.lei"]
        await _done(admin.sign_in())
        orders = {"name": "订单服务", "scopes": ["introspect", "accounts:read"], **WHY}
        made = await _done(admin.post("/service-keys", orders))
        form = {"token": self.tokens["wang.fang"]}
        await _done(self.town.house.ask("POST", "/v1/introspect", made["secret"], data=form))
        await (await self.wx.flow()).service_keys.write_used()
        self.clock.advance(70)
        more = {"name": "客服工单", "scopes": ["accounts:read", "phone:read", "sessions:revoke"]}
        await _done(admin.post("/service-keys", {**more, **WHY}))
        gone = {"name": "旧网关", "scopes": ["access-token"], **WHY}
        made = await _done(admin.post("/service-keys", gone))
        stopped = {"reason": "网关已下线"}
        await _done(admin.post(f"/service-keys/{made['key']['id']}/revoke", stopped))
        hired = await _done(admin.post("/operators", {"name": "zhang", "role": "support", **WHY}))
        left = {"reason": "已离职"}
        await _done(admin.post(f"/operators/{hired['operator']['id']}/disable", left))

    async def _visit_the_other_app(self) -> None:
        """One person stands in two apps, signed in to both, so that both can read out a code."""
        self.clock.advance(200)
        for user, device in (("wang.fang", IPHONE), ("li.na", IPHONE), ("wang.fang", MATE)):
            told = await _done(self._login(user, device, self.town.wechat.app_id))
            self.tokens[user] = told["token"]
        told = await _done(self._login("wang.fang", IPHONE, SECOND_APP))
        self.tokens["wang.fang elsewhere"] = told["token"]
        body = {"nickname": "芳芳"}
        await _done(self.town.house.ask("PUT", "/v1/me/profile", told["token"], json=body))
        self.clock.advance(130)

    def _login(self, user: str, device: Mapping[str, str], app_id: str) -> Any:
        return self.town.house.login(user, app_id=app_id, device=dict(device))


async def _done(asking: Any) -> Any:
    """What a request that went well was answered."""
    answer = await asking
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None
