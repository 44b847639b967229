"""WeChat's answers: from bytes to a typed value, or to the errcode it refused with."""

import base64
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from wxlogin.login.accounts import Phone
from wxlogin.login.ports import CodeExchange
from wxlogin.login.secret import Secret
from wxlogin.wechat.strict_json import read_object
from wxlogin.wechat.transport import Unanswered, WeChatResponse

T = TypeVar("T")
Shape = Callable[[Mapping[str, Any]], T]
"""Makes a value of an answer's fields; raises ValueError where they are not of its shape."""

_OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SESSION_KEY = re.compile(r"[A-Za-z0-9+/]{22}==")
_ACCESS_TOKEN = re.compile(r"[!-~]{1,2048}")
_DIGITS = re.compile(r"[0-9]{1,20}")
_NUMBER = re.compile(r"-?[0-9]{1,9}")
_RID = re.compile(r"\brid: ?([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8})\b")
_REFUSED_IP = re.compile(r"invalid ip ([0-9a-fA-F.:]{2,45})[ ,]")


class Refused(Exception):
    """WeChat answered with an errcode. `rid` names the request in WeChat's own log;
    `ip` is our address as WeChat saw it, where it is not in the whitelist."""

    def __init__(self, errcode: int, *, rid: str | None = None, ip: str | None = None) -> None:
        super().__init__(errcode)
        self.errcode = errcode
        self.rid = rid
        self.ip = ip


@dataclass(frozen=True, slots=True)
class FetchedToken:
    """An access_token as stable_token answers it."""

    value: Secret
    expires_in: int


def read_answer(response: WeChatResponse, shape: Shape[T]) -> T:
    """The answer's value. Raises `Refused` for an errcode, `Unanswered` for what is no answer.

    Only status 200 speaks: WeChat says its errors in the body (contract §0), so any
    other status comes from something in between.
    """
    outcome = _read(response, shape)
    # Raised here, beside no text of the body: a report that shows the variables of a
    # frame must not find the session_key in them.
    if isinstance(outcome, (Refused, Unanswered)):
        raise outcome
    return outcome


def _read(response: WeChatResponse, shape: Shape[T]) -> T | Refused | Unanswered:
    if response.status != 200:
        return Unanswered("status")
    try:
        fields = read_object(response.body)
        number = _errcode(fields.get("errcode", 0))
        if number:
            return Refused(number, rid=rid_of(fields), ip=_ip_of(fields))
        return shape(fields)
    except ValueError:
        return Unanswered("broken")


def time_of(rid: str | None) -> datetime | None:
    """When WeChat answered: a rid begins with the Unix time in hexadecimal (contract §0)."""
    return None if rid is None else datetime.fromtimestamp(int(rid[:8], 16), UTC)


def rid_of(fields: Mapping[str, Any]) -> str | None:
    """The rid at the end of errmsg, in any of the forms of contract §0; None if there is none."""
    found = _RID.search(_errmsg(fields))
    return found.group(1) if found else None


def code_exchange(fields: Mapping[str, Any]) -> CodeExchange:
    """The shape of code2Session's answer (contract §1); an `expires_in` has no meaning."""
    unionid = fields.get("unionid") or None
    return CodeExchange(
        openid=_text(fields.get("openid"), _OPENID),
        unionid=None if unionid is None else _text(unionid, _OPENID),
        session_key=_session_key(fields.get("session_key")),
    )


def plain_yes(fields: Mapping[str, Any]) -> None:
    """The shape of an answer that says only that all is well (contract §2.1).

    It must say so: an empty object, from whatever stands in between, is no yes.
    """
    if "errcode" not in fields:
        raise ValueError("no errcode")


def all_fields(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The shape of an answer only the host knows."""
    return fields


def new_session_key(openid: str) -> Shape[Secret]:
    """The shape of ResetUserSessionKey's answer (contract §2.2), which must be `openid`'s."""

    def shape(fields: Mapping[str, Any]) -> Secret:
        if fields.get("openid") != openid:
            raise ValueError("the answer is another person's")
        return _session_key(fields.get("session_key"))

    return shape


def phone_of(app_id: str) -> Shape[Phone]:
    """The shape of getuserphonenumber's answer (contract §4.1), which must be `app_id`'s."""

    def shape(fields: Mapping[str, Any]) -> Phone:
        return read_phone(_mapping(fields.get("phone_info")), app_id=app_id)

    return shape


def read_phone(fields: Mapping[str, Any], *, app_id: str) -> Phone:
    """The number in `fields`, the same in the answer and in the legacy blob (contract §4).

    countryCode is documented as text and shown as a number. Raises ValueError.
    """
    watermark = _mapping(fields.get("watermark"))
    if watermark.get("appid") != app_id:
        raise ValueError("the number was given to another app")
    given_at = watermark.get("timestamp")
    if type(given_at) is not int or not 0 < given_at < 1 << 34:
        raise ValueError("no time")
    country = fields.get("countryCode")
    country = str(country) if type(country) is int else country
    return Phone(
        country_code=_text(country, _DIGITS),
        national=_text(fields.get("purePhoneNumber"), _DIGITS),
        proven_at=datetime.fromtimestamp(given_at, UTC),
    )


def text_verdict(fields: Mapping[str, Any]) -> bool:
    """The shape of msg_sec_check's answer: whether the text may be shown (see `contents`).

    What is neither passed nor refused is a doubt, and nobody is there to look into it.
    """
    suggestion = _mapping(fields.get("result")).get("suggest")
    if suggestion not in ("pass", "review", "risky"):
        raise ValueError("no verdict")
    return bool(suggestion == "pass")


def fetched_token(fields: Mapping[str, Any]) -> FetchedToken:
    """The shape of stable_token's answer (contract §3.2)."""
    expires_in = fields.get("expires_in")
    if type(expires_in) is not int or not 0 < expires_in <= 86_400:
        raise ValueError("no lifetime")
    return FetchedToken(Secret(_text(fields.get("access_token"), _ACCESS_TOKEN)), expires_in)


def _errcode(found: object) -> int:
    """The number: absent is 0, and some answers write it as text (contract §0)."""
    if type(found) is int and abs(found) < 1_000_000_000:
        return found
    if isinstance(found, str) and _NUMBER.fullmatch(found):
        return int(found)
    raise ValueError("an errcode that is no number")


def _session_key(found: object) -> Secret:
    text = _text(found, _SESSION_KEY)
    base64.b64decode(text, validate=True)
    return Secret(text)


def _text(found: object, pattern: re.Pattern[str]) -> str:
    if not isinstance(found, str) or not pattern.fullmatch(found):
        raise ValueError("not of its shape")
    return found


def _mapping(found: object) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def _errmsg(fields: Mapping[str, Any]) -> str:
    found = fields.get("errmsg")
    return found[:1024] if isinstance(found, str) else ""


def _ip_of(fields: Mapping[str, Any]) -> str | None:
    found = _REFUSED_IP.search(_errmsg(fields))
    if found is None:
        return None
    try:
        return str(ipaddress.ip_address(found.group(1)))
    except ValueError:
        return None
