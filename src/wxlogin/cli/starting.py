"""`wxlogin init`: from nothing to a `.env` that `wxlogin serve` starts with."""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

import click

from wxlogin.cli.keys import new_key
from wxlogin.settings import parse_app

SIMULATOR = "http://127.0.0.1:9180"
IGNORED = (".env", "wxlogin.db*")


@click.command()
@click.option("--app-id", help="小程序 AppID；留空则提示 asked for where left out.")
@click.option("--simulator", is_flag=True, help="先用模拟器 begin with the simulator, no AppID.")
@click.option("--force", is_flag=True, help="覆盖已有的 .env replace an existing .env.")
def init(app_id: str | None, simulator: bool, force: bool) -> None:
    """写好 .env（含新密钥）与 .gitignore Write .env with new keys, and .gitignore."""
    path = Path(".env")
    if path.exists() and not force:
        raise click.ClickException(".env 已存在 already exists；--force 覆盖 replaces it")
    if not simulator and not app_id:
        app_id = click.prompt(
            "小程序 AppID（直接回车 = 先用模拟器） AppID (Enter = the simulator for now)",
            default="",
            show_default=False,
        )
    simulator = simulator or not app_id
    if simulator:
        app_id, secret = f"wx{secrets.token_hex(8)}", secrets.token_hex(16)
    else:
        secret = os.environ.get("WXLOGIN_APP_SECRET") or click.prompt("AppSecret", hide_input=True)
    try:
        parse_app({"app_id": app_id, "secret": secret})
    except ValueError as fault:
        raise click.ClickException(str(fault)) from None
    _write(path, _env(str(app_id), secret, simulator=simulator))
    _ignore(Path(".gitignore"))
    click.echo("已写入 written: .env (0600), .gitignore")
    click.echo("接下来 next:")
    if simulator:
        # Made up here and good for nothing but the simulator: it may stand on a terminal.
        click.echo(f"  wechat-simulator --app {app_id}:{secret}")
    click.echo("  wxlogin check && wxlogin serve")


def _env(app_id: str, secret: str, *, simulator: bool) -> str:
    lines = [
        "# wxlogin 的配置，不要提交到版本库 settings of wxlogin: never commit this file",
        f"WXLOGIN_ENV={'development' if simulator else 'production'}",
        f"WXLOGIN_APP_ID={app_id}",
        f"WXLOGIN_APP_SECRET={secret}",
        "WXLOGIN_DATABASE_URL=sqlite:///wxlogin.db",
        "# 密封 session_key、手机号等的密钥，最新的在前 seals what must not lie in the clear",
        f"WXLOGIN_KEYS={new_key(datetime.now(UTC), os.urandom(32))}",
    ]
    if simulator:
        lines.append(f"WXLOGIN_WECHAT_API_BASE={SIMULATOR}")
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str) -> None:
    """Only the owner may read it: it holds the appsecret."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _ignore(path: Path) -> None:
    known = path.read_text("utf-8").splitlines() if path.exists() else []
    missing = [line for line in IGNORED if line not in known]
    if missing:
        path.write_text("\n".join([*known, *missing]) + "\n", "utf-8")
