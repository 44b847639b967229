"""What the phone's wx.* functions do, each as `/sim/wx/<name>` (contract §10, http side `/sim`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wechat_simulator import opendata
from wechat_simulator.people import App, unionid_of
from wechat_simulator.problems import Fields, Problem, wrong_field
from wechat_simulator.wire import compact
from wechat_simulator.world import DEFAULT_DEVICE, MOCK_CODE, UnknownApp, World

PhoneCall = Callable[[World, Fields], dict[str, Any]]

PHONE_SCOPE = "scope.phoneNumber"
PRIVACY_SCOPE = "scope.privacy"
USER_INFO_SCOPE = "scope.userInfo"

_YES = ("allow", "agree", "accept")
_NO = ("deny", "reject", "refuse")
PLATFORMS = ("ios", "android", "devtools", "devtools_old")

_DENY = {
    "android": "getPhoneNumber:fail:user deny",
    "devtools_old": "getPhoneNumber:user deny",
}
_DENY_ELSEWHERE = "getPhoneNumber:fail user deny"

_PHONE_REFUSALS: dict[str, dict[str, Any]] = {
    "no_quota": {"errMsg": "getPhoneNumber:fail appid no enough quota", "errno": 1400001},
    "no_permission": {"errMsg": "getPhoneNumber:fail no permission"},
    "privacy_denied": {
        "errMsg": "getPhoneNumber:fail privacy permission is not authorized",
        "errno": 104,
    },
    "privacy_undeclared": {
        "errMsg": "getPhoneNumber:fail api scope is not declared in the privacy agreement",
        "errno": 112,
    },
    "banned": {"errMsg": "getPhoneNumber:fail appid privacy api banned", "errno": 1025},
}
PHONE_ANSWERS = (*_YES, *_NO, *_PHONE_REFUSALS)


def get_app(world: World, fields: Fields) -> App:
    """The app a call names, or the only one; 404 when there is none such."""
    app_id = fields.find_text("app_id")
    try:
        return world.get_app(app_id)
    except UnknownApp:
        if app_id is None:
            raise wrong_field("app_id", "缺少此字段", "is missing") from None
        text = f"没有这个小程序：{app_id} / no such app: {app_id}"
        raise Problem(404, "app_unknown", text, field="app_id") from None


def visitor(world: World, fields: Fields) -> tuple[App, str]:
    """The app and the user of a call: who calls is in the mini program."""
    app, user_id = get_app(world, fields), fields.get_text("user_id")
    world.note_visit(app, user_id)
    return app, user_id


def login(world: World, fields: Fields) -> dict[str, Any]:
    """wx.login; `tourist` gives the literal code of the developer tool's tourist mode (§10.2)."""
    app, user_id = visitor(world, fields)
    device = fields.find_text("device") or DEFAULT_DEVICE
    if fields.find_flag("tourist"):
        return {"code": MOCK_CODE, "errMsg": "login:ok"}
    return {"code": world.login(app, user_id, device), "errMsg": "login:ok"}


def check_session(world: World, fields: Fields) -> dict[str, Any]:
    """wx.checkSession (§10.2)."""
    app, user_id = visitor(world, fields)
    if world.is_session_alive(app, user_id, fields.find_text("device")):
        return {"errMsg": "checkSession:ok"}
    return {"errMsg": "checkSession:fail session time out, need relogin"}


def get_setting(world: World, fields: Fields) -> dict[str, Any]:
    """wx.getSetting: what the user has allowed and refused."""
    authorisations = _authorisations(world, *visitor(world, fields))
    return {"errMsg": "getSetting:ok", "authSetting": dict(authorisations)}


def authorize(world: World, fields: Fields) -> dict[str, Any]:
    """wx.authorize with the user's `answer`; without one, the former answer, else yes."""
    scope = fields.find_text("scope") or USER_INFO_SCOPE
    authorisations = _authorisations(world, *visitor(world, fields))
    answer = _answer(fields, (*_YES, *_NO))
    if answer is not None:
        authorisations[scope] = answer in _YES
    is_allowed = authorisations.setdefault(scope, True)
    error = "authorize:ok" if is_allowed else "authorize:fail auth deny"
    return {"errMsg": error, "authSetting": dict(authorisations)}


def get_phone_number(world: World, fields: Fields) -> dict[str, Any]:
    """The event of the phone number button (§10.5).

    The user's answer is `answer`, or what was authorised before for `scope.phoneNumber` and
    `scope.privacy`; `platform` chooses the spelling of a refusal.
    """
    app, user_id = visitor(world, fields)
    platform = fields.find_choice("platform", PLATFORMS)
    answer = _answer(fields, PHONE_ANSWERS) or _phone_answer(world, app, user_id)
    if answer in _PHONE_REFUSALS:
        return dict(_PHONE_REFUSALS[answer])
    if answer in _NO:
        return {"errMsg": _DENY.get(platform or "", _DENY_ELSEWHERE)}
    device = fields.find_text("device") or DEFAULT_DEVICE
    event: dict[str, Any] = {
        "errMsg": "getPhoneNumber:ok",
        "code": world.mint_phone_code(app, user_id, device),
    }
    if fields.find_flag("realtime"):
        return event | {"errMsg": "getRealtimePhoneNumber:ok"}
    sealed = world.seal_phone(app, user_id)
    return event | {"encryptedData": sealed.encrypted_data, "iv": sealed.iv}


def get_user_info(world: World, fields: Fields) -> dict[str, Any]:
    """wx.getUserInfo: anonymous as today; real by setting, and in mini games (§10.3, §12)."""
    app, user_id = visitor(world, fields)
    allowed = _authorisations(world, app, user_id).setdefault(USER_INFO_SCOPE, True)
    if not allowed:
        return {"errMsg": "getUserInfo:fail auth deny"}
    is_real = world.settings.profile == "real" or app.kind == "mini_game"
    info = (
        opendata.real_user_info(world.get_user(user_id))
        if is_real
        else opendata.anonymous_user_info()
    )
    return _signed_user_info(world, app, user_id, info)


def _signed_user_info(world: World, app: App, user_id: str, info: dict[str, Any]) -> dict[str, Any]:
    plaintext = opendata.user_info_plaintext(
        info,
        openid=world.openid(app, user_id),
        unionid=unionid_of(app, user_id),
        watermark={"timestamp": int(world.now().timestamp()), "appid": app.app_id},
    )
    sealed = world.seal(app, user_id, plaintext)
    key = world.find_session_key(app, user_id)
    assert key is not None, "sealing makes a session_key where none lives"
    raw_data = compact(info).decode()
    return {
        "errMsg": "getUserInfo:ok",
        "userInfo": info,
        "rawData": raw_data,
        "signature": opendata.raw_data_signature(raw_data, key.text),
        "encryptedData": sealed.encrypted_data,
        "iv": sealed.iv,
    }


def _answer(fields: Fields, answers: tuple[str, ...]) -> str | None:
    if isinstance(fields.any("answer"), bool):
        return "allow" if fields.any("answer") else "deny"
    return fields.find_choice("answer", answers)


def _phone_answer(world: World, app: App, user_id: str) -> str:
    authorisations = _authorisations(world, app, user_id)
    if authorisations.get(PRIVACY_SCOPE) is False:
        return "privacy_denied"
    return "deny" if authorisations.get(PHONE_SCOPE) is False else "allow"


def _authorisations(world: World, app: App, user_id: str) -> dict[str, bool]:
    world.get_user(user_id)
    return world.authorisations.setdefault((app.app_id, user_id), {})
