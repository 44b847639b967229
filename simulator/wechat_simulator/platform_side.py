"""The endpoints of WeChat that a server calls: real paths, parameters, checks and wire texts.

Each function takes the world and a request, returns the JSON of success, or raises Refused. Where
several things are wrong, the order is: method, missing, appid, secret, token, then the subject
(a choice of ours: contract §1 "Order of checks").
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from wechat_simulator.content_rules import (
    MOST_CHARACTERS,
    SCENES,
    find_risky_word,
    is_red,
    media_in,
)
from wechat_simulator.people import App, phone_parts
from wechat_simulator.quotas import DAY, MINUTE
from wechat_simulator.session_keys import Owner, SessionKey, login_state_signature
from wechat_simulator.tokens import AccessToken
from wechat_simulator.wire import (
    PHONE_PATH,
    Answer,
    Refused,
    Request,
    compact,
    content_type_of,
    error_body,
    rid,
)
from wechat_simulator.world import World

JSCODE_PATH = "/sns/jscode2session"
Endpoint = Callable[[World, Request], dict[str, Any]]

_OK = {"errcode": 0, "errmsg": "ok"}
_RISKY = {"suggest": "risky", "label": 20006}
_SHA256 = re.compile(r"[0-9a-f]{64}")


def answer_platform(world: World, request: Request) -> Answer:
    """The platform's answer. Logical errors are HTTP 200 too (contract §0)."""
    endpoint = ENDPOINTS.get(request.path)
    if endpoint is None:
        return Answer(404, "text/plain", b"404 page not found")
    try:
        told = endpoint(world, request)
    except Refused as refused:
        told = error_body(request.path, refused.errcode, now=world.now(), entropy=world.entropy)
    return Answer(200, content_type_of(request.path), compact(told))


def code_in(request: Request) -> str | None:
    """The one-time code a request brings, if any."""
    if request.path == JSCODE_PATH:
        return request.query.get("js_code") or None
    if request.path == PHONE_PATH:
        code = _json_or_empty(request).get("code")
        return code if isinstance(code, str) else None
    return None


def sent_by(request: Request) -> dict[str, Any]:
    """Every parameter a request brings, query and JSON body together."""
    return {**request.query, **_json_or_empty(request)}


def code_to_session(world: World, request: Request) -> dict[str, Any]:
    """GET /sns/jscode2session (contract §1)."""
    query = request.query if request.method == "GET" else {}
    app_id, secret = _credentials(query.get("appid"), query.get("secret"))
    code = query.get("js_code")
    if not code:
        raise Refused(41008)
    grant_type = query.get("grant_type")
    if grant_type != "authorization_code" and (grant_type or world.settings.strict_grant_type):
        raise Refused(40002)
    session = world.exchange(_checked_app(world, app_id, secret), code)
    told = {"session_key": session.session_key, "openid": session.openid}
    return told if session.unionid is None else told | {"unionid": session.unionid}


def check_session(world: World, request: Request) -> dict[str, Any]:
    """GET /wxa/checksession (contract §2.1)."""
    _proven_session(world, request)
    return dict(_OK)


def reset_session_key(world: World, request: Request) -> dict[str, Any]:
    """GET /wxa/resetusersessionkey (contract §2.2)."""
    owner, key = _proven_session(world, request)
    _spend(world, f"reset {owner[0]}", limit=60_000, window=MINUTE)
    fresh = world.keys.reset(owner, key, now=world.now())
    return _OK | {"openid": sent_by(request)["openid"], "session_key": fresh.text}


def user_encrypt_key(world: World, request: Request) -> dict[str, Any]:
    """POST or GET /wxa/business/getuserencryptkey (contract §6.4)."""
    owner, _ = _proven_session(world, request)
    now = world.now()
    keys = world.encrypt_keys.latest(owner, now=now)
    return _OK | {"key_info_list": [key.as_dict(now) for key in keys]}


def access_token(world: World, request: Request) -> dict[str, Any]:
    """GET /cgi-bin/token (contract §3.1)."""
    query = request.query if request.method == "GET" else {}
    app = _client_app(world, query)
    _spend(world, f"token {app.app_id}", limit=2000, window=DAY)
    now = world.now()
    return _token_told(world.tokens.issue(app.app_id, now=now), now)


def stable_token(world: World, request: Request) -> dict[str, Any]:
    """POST /cgi-bin/stable_token (contract §3.2)."""
    if request.method != "POST":
        raise Refused(43002)
    body = _json_or_empty(request)
    app = _client_app(world, body)
    _spend(world, f"stable minute {app.app_id}", limit=10_000, window=MINUTE)
    _spend(world, f"stable day {app.app_id}", limit=500_000, window=DAY)
    force = body.get("force_refresh") is True
    if force:
        _spend(world, f"force {app.app_id}", limit=20, window=DAY)
    now = world.now()
    return _token_told(world.tokens.stable(app.app_id, force=force, now=now), now)


def phone_number(world: World, request: Request) -> dict[str, Any]:
    """POST /wxa/business/getuserphonenumber (contract §4.1)."""
    app = _token_app(world, request)
    body = _posted(request)
    code_text, openid = body.get("code"), body.get("openid")
    if not isinstance(code_text, str) or not code_text:
        raise Refused(41008)
    code = world.spend_phone_code(app, code_text)
    if openid and openid != world.openid(app, code.user_id):
        raise Refused(40003)
    parts = phone_parts(world.get_user(code.user_id).phone)
    number = parts.country_code
    as_text = world.settings.phone_country_code == "string"
    return _OK | {
        "phone_info": {
            "phoneNumber": parts.phone_number,
            "purePhoneNumber": parts.pure_phone_number,
            "countryCode": str(number) if as_text else number,
            "watermark": {"timestamp": int(code.minted_at.timestamp()), "appid": app.app_id},
        }
    }


def check_encrypted_data(world: World, request: Request) -> dict[str, Any]:
    """POST /wxa/business/checkencryptedmsg; the field is really spelled `vaild` (contract §5)."""
    app = _token_app(world, request)
    digest = _posted(request).get("encrypted_msg_hash")
    if not isinstance(digest, str) or _SHA256.fullmatch(digest) is None:
        raise Refused(40097)
    made_at = world.phone_blob_made_at(app.app_id, digest)
    if made_at is None:
        raise Refused(1)
    return _OK | {"vaild": True, "create_time": int(made_at.timestamp())}


def check_text(world: World, request: Request) -> dict[str, Any]:
    """POST /wxa/msg_sec_check, version 2; version 1 is not simulated."""
    app = _token_app(world, request)
    if request.method != "POST":
        raise Refused(43302)
    sent = request.json_object()
    if sent.get("version") not in (2, "2"):
        raise Refused(40097)
    if sent.get("scene") not in SCENES:
        raise Refused(40129)
    _checked_visitor(world, app, str(sent.get("openid")))
    text = sent.get("content")
    if not isinstance(text, str) or not text:
        raise Refused(44002)
    if len(text) > MOST_CHARACTERS:
        raise Refused(45002)
    _spend(world, f"text minute {app.app_id}", limit=4000, window=MINUTE)
    _spend(world, f"text day {app.app_id}", limit=2_000_000, window=DAY)
    word = find_risky_word(text, world.settings.risky_words)
    verdict = {"suggest": "pass", "label": 100} if word is None else dict(_RISKY)
    detail = {"strategy": "content_model", "errcode": 0, **verdict, "prob": 90}
    return _OK | {
        "detail": [detail],
        "trace_id": rid(world.now(), world.entropy),
        "result": verdict,
    }


def check_picture(world: World, request: Request) -> dict[str, Any]:
    """POST /wxa/img_sec_check."""
    app = _token_app(world, request)
    if request.method != "POST":
        raise Refused(43002)
    headers = {name.lower(): value for name, value in request.headers.items()}
    picture = media_in(headers.get("content-type", ""), request.body)
    _spend(world, f"picture minute {app.app_id}", limit=2000, window=MINUTE)
    _spend(world, f"picture day {app.app_id}", limit=200_000, window=DAY)
    if is_red(picture):
        raise Refused(87014)
    return dict(_OK)


def plugin_openpid(world: World, request: Request) -> dict[str, Any]:
    """POST /wxa/getpluginopenpid: no plugin lives here, so every code is a wrong one (§6.1)."""
    _token_app(world, request)
    _posted(request)
    raise Refused(1007)


def send_subscribe_message(world: World, request: Request) -> dict[str, Any]:
    """POST /cgi-bin/message/subscribe/send: enough for a caller of any API to be tested."""
    app = _token_app(world, request)
    body = _posted(request)
    world.get_user_id(app.app_id, str(body.get("touser")))
    if not body.get("template_id"):
        raise Refused(40037)
    return _OK | {"msgid": int.from_bytes(world.entropy(6), "big")}


ENDPOINTS: dict[str, Endpoint] = {
    JSCODE_PATH: code_to_session,
    "/wxa/checksession": check_session,
    "/wxa/resetusersessionkey": reset_session_key,
    "/cgi-bin/token": access_token,
    "/cgi-bin/stable_token": stable_token,
    PHONE_PATH: phone_number,
    "/wxa/business/checkencryptedmsg": check_encrypted_data,
    "/wxa/business/getuserencryptkey": user_encrypt_key,
    "/wxa/getpluginopenpid": plugin_openpid,
    "/wxa/msg_sec_check": check_text,
    "/wxa/img_sec_check": check_picture,
    "/cgi-bin/message/subscribe/send": send_subscribe_message,
}


def _credentials(app_id: Any, secret: Any) -> tuple[str, str]:
    if not app_id:
        raise Refused(41002)
    if not secret:
        raise Refused(41004)
    return str(app_id), str(secret)


def _checked_app(world: World, app_id: str, secret: str) -> App:
    app = world.apps.get(app_id)
    if app is None:
        raise Refused(40013)
    if not hmac.compare_digest(app.secret.encode(), secret.encode()):
        raise Refused(40125)
    return app


def _client_app(world: World, sent: Any) -> App:
    app_id, secret = _credentials(sent.get("appid"), sent.get("secret"))
    if sent.get("grant_type") != "client_credential":
        raise Refused(40002)
    return _checked_app(world, app_id, secret)


def _token_app(world: World, request: Request) -> App:
    app_id = world.tokens.app_of(request.query.get("access_token"), now=world.now())
    return world.get_app(app_id)


def _checked_visitor(world: World, app: App, openid: str) -> None:
    try:
        user_id = world.get_user_id(app.app_id, openid)
    except Refused:
        raise Refused(43104 if world.is_openid_elsewhere(openid) else 40003) from None
    if not world.has_visited(app, user_id):
        raise Refused(61010)


def _proven_session(world: World, request: Request) -> tuple[Owner, SessionKey]:
    """The session a signature proves; 87009 for a wrong one and for a dead key alike (§2.1)."""
    app = _token_app(world, request)
    sent = sent_by(request)
    owner = (app.app_id, world.get_user_id(app.app_id, str(sent.get("openid"))))
    if sent.get("sig_method", "hmac_sha256") != "hmac_sha256":
        raise Refused(87008)
    key = world.keys.find(owner, now=world.now(), settings=world.settings)
    signature = str(sent.get("signature", "")).lower()
    if key is None or not hmac.compare_digest(
        login_state_signature(key.text).encode(), signature.encode()
    ):
        raise Refused(87009)
    return owner, key


def _token_told(token: AccessToken, now: datetime) -> dict[str, Any]:
    left = token.ends_at - now
    return {"access_token": token.text, "expires_in": int(left.total_seconds())}


def _posted(request: Request) -> dict[str, Any]:
    if request.method != "POST":
        raise Refused(43002)
    return request.json_object()


def _json_or_empty(request: Request) -> dict[str, Any]:
    # An unparsed body means missing parameters here, not an error of its own (contract §3.3).
    try:
        return request.json_object()
    except Refused:
        return {}


def _spend(world: World, name: str, *, limit: int, window: int) -> None:
    if world.settings.quotas:
        world.quotas.spend(name, limit=limit, window=window, now=world.now())
