"""What a project's folder tells: where its mini program is, and which app that is."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wechat_simulator import App
from wechat_simulator.phone.compiling import is_source

_APP_ID = re.compile(r"wx[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Project:
    """The mini program's folder, None where there is none, and the app it stands for."""

    mini_program: Path | None
    app_id: str
    secret: str = field(repr=False)


def look_over(here: Path, mini_program: Path | None = None) -> Project:
    """The project in a folder.

    The AppID is the mini program's own, so that WeChat DevTools and the phone name the same one;
    without it, one is made of the folder's path. The AppSecret always is made of both: the same
    at each start, kept nowhere, and good for nothing but this simulator.
    """
    folder = mini_program or find_mini_program(here)
    path = str((folder or here).resolve())
    app_id = (folder and find_app_id(folder)) or f"wx{_digest('app', path)[:16]}"
    return Project(folder, app_id, _digest("secret", path, app_id)[:32])


def find_mini_program(here: Path) -> Path | None:
    """The folder itself where it is a mini program, else `miniprogram` in it."""
    return next((folder for folder in (here, here / "miniprogram") if is_source(folder)), None)


def find_app_id(folder: Path) -> str | None:
    """The AppID that DevTools would use; None for its tourist mode."""
    for name in ("project.private.config.json", "project.config.json"):
        try:
            told = json.loads((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        app_id = told.get("appid") if isinstance(told, Mapping) else None
        if isinstance(app_id, str) and _APP_ID.fullmatch(app_id):
            return app_id
    return None


def apps_of(given: Mapping[str, str]) -> list[App]:
    """The apps that a server with this environment may name, ours first."""
    pairs = {
        given[f"{prefix}_APP_ID"]: given[f"{prefix}_APP_SECRET"] for prefix in ("WECHAT", "WXLOGIN")
    }
    first = given["WXLOGIN_APP_ID"]
    return [App(app_id, pairs[app_id]) for app_id in sorted(pairs, key=first.__ne__)]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(("wxlogin dev", *parts)).encode()).hexdigest()
