"""What the developer's server is told: where WeChat is, and which app it serves."""

from collections.abc import Mapping

from wxlogin_demo.dev.project import Project

SECRETS = ("WXLOGIN_APP_SECRET", "WECHAT_APP_SECRET")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def environment_for(project: Project, *, wechat: str, kept: Mapping[str, str]) -> dict[str, str]:
    """Our variables alone; what stands in `kept` wins."""
    ours = {
        "WXLOGIN_ENV": "development",
        "WXLOGIN_APP_ID": project.app_id,
        "WXLOGIN_APP_SECRET": project.secret,
        "WXLOGIN_WECHAT_API_BASE": wechat,
        "WXLOGIN_SMS": "simulator",
        "WECHAT_API_BASE": wechat,
        "WECHAT_APP_ID": project.app_id,
        "WECHAT_APP_SECRET": project.secret,
    }
    return ours | {name: kept[name] for name in ours if kept.get(name)}


def without_proxy(inherited: Mapping[str, str]) -> dict[str, str]:
    """Exceptions from a proxy that is set: it would be asked for a port of this machine."""
    if not any(inherited.get(name) or inherited.get(name.upper()) for name in _PROXIES):
        return {}
    former = inherited.get("no_proxy") or inherited.get("NO_PROXY")
    exceptions = ",".join([*([former] if former else []), "127.0.0.1", "localhost"])
    return {"no_proxy": exceptions, "NO_PROXY": exceptions}


def shown(given: Mapping[str, str], *, kept: Mapping[str, str]) -> list[str]:
    """`NAME=value` for a terminal. A secret that is the developer's own stays hidden."""
    return [
        f"{name}={'●●●●●●●●' if name in SECRETS and kept.get(name) else value}"
        for name, value in given.items()
    ]
