"""`wxlogin init`: from nothing to a `.env` that `wxlogin serve` starts with."""

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import click

from wxlogin.cli.keys import new_key
from wxlogin.setting_values import Wrong, parse_app
from wxlogin.settings import parse_env_file
from wxlogin.stores.sealing import KeyRing

SIMULATOR = "http://127.0.0.1:9180"
IGNORED = (".env", ".env.bak*", "wxlogin.db*")


@dataclass(frozen=True, slots=True)
class Old:
    """What an `.env` that is replaced leaves behind: a copy, and its keys as they were written."""

    backup: Path
    keys: str | None


@click.command()
@click.option("--app-id", help="小程序 AppID；留空则提示 asked for where left out.")
@click.option("--simulator", is_flag=True, help="先用模拟器 begin with the simulator, no AppID.")
@click.option(
    "--force", is_flag=True, help="覆盖已有的 .env，留备份 replace an existing .env, keep a copy."
)
def init(app_id: str | None, simulator: bool, force: bool) -> None:
    """写好 .env（含新密钥）与 .gitignore Write .env with new keys, and .gitignore."""
    path = Path(".env")
    if path.exists() and not path.is_file():
        raise click.ClickException(".env 不是文件 is not a file")
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
    except Wrong as wrong:
        raise click.ClickException(str(wrong)) from None
    try:
        old = _keep_old(path) if path.exists() else None
        keys = _keys(datetime.now(UTC), behind=old.keys if old else None)
        _write(path, _env(str(app_id), secret, keys=keys, simulator=simulator))
        _ignore(Path(".gitignore"))
    except OSError as fault:
        raise click.ClickException(
            "读写失败，请看目录的权限 cannot read or write here: "
            f"{fault.filename}: {fault.strerror}"
        ) from None
    click.echo("已写入 written: .env (0600), .gitignore")
    if old is not None:
        _tell(old)
    click.echo("接下来 next:")
    if simulator:
        # Made up here and good for nothing but the simulator: it may stand on a terminal.
        click.echo(f"  wechat-simulator --app {app_id}:{secret}")
    click.echo("  wxlogin check && wxlogin serve")


def _env(app_id: str, secret: str, *, keys: str, simulator: bool) -> str:
    lines = [
        "# wxlogin 的配置，不要提交到版本库 settings of wxlogin: never commit this file",
        f"WXLOGIN_ENV={'development' if simulator else 'production'}",
        f"WXLOGIN_APP_ID={app_id}",
        f"WXLOGIN_APP_SECRET={secret}",
        "WXLOGIN_DATABASE_URL=sqlite:///wxlogin.db",
        "# 密封 session_key、手机号等的密钥，最新的在前 seals what must not lie in the clear",
        f"WXLOGIN_KEYS={keys}",
    ]
    if simulator:
        lines.append(f"WXLOGIN_WECHAT_API_BASE={SIMULATOR}")
        lines.append("# 短信验证码进模拟器的收件箱 codes by SMS go to the simulator's inbox")
        lines.append("WXLOGIN_SMS=simulator")
    return "\n".join(lines) + "\n"


def _keys(now: datetime, *, behind: str | None) -> str:
    """A new key, and behind it those that what lies in the database is sealed under."""
    key = new_key(now, os.urandom(32))
    if behind is None:
        return key
    while key.partition(":")[0] in {part.strip().partition(":")[0] for part in behind.split(",")}:
        now += timedelta(seconds=1)  # two in one second: an id must stand once
        key = new_key(now, os.urandom(32))
    return f"{key},{behind}"


def _keep_old(path: Path) -> Old:
    """Copy `.env` aside before it is replaced: without its keys the database does not open."""
    content = path.read_bytes()
    found, _ = parse_env_file(content.decode("utf-8-sig", "replace"))
    keys: str | None = found.get("WXLOGIN_KEYS", "")
    if not keys and found.get("WXLOGIN_KEYS_FILE"):
        keys = Path(found["WXLOGIN_KEYS_FILE"]).read_text("utf-8-sig", "replace").strip()
    try:
        KeyRing.parse(keys or "")
    except ValueError:
        keys = None
    for number in count():
        backup = Path(f".env.bak.{number}" if number else ".env.bak")
        try:
            _create(backup, content)
        except FileExistsError:
            continue
        return Old(backup, keys)
    raise AssertionError("numbers do not end")


def _tell(old: Old) -> None:
    click.echo(
        f"旧的 .env 备份在 the old .env is kept as: {old.backup} (0600)；"
        "其中的其他配置没有带过来 its other settings were not carried over"
    )
    if old.keys is None:
        click.secho(
            "旧的 .env 里没有可用的 WXLOGIN_KEYS，已有的数据库可能打不开 "
            "no usable WXLOGIN_KEYS in the old .env: an existing database may not open",
            fg="yellow",
        )
    else:
        click.echo(
            "旧的 WXLOGIN_KEYS 保留在新密钥之后 "
            "the old WXLOGIN_KEYS stand behind the new key: the database still opens"
        )


def _write(path: Path, text: str) -> None:
    """Put a whole new file in the place of the old one: half of it must never be there."""
    made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        _create(made, text.encode())
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)


def _create(path: Path, content: bytes) -> None:
    """Only the owner may read it: it holds the appsecret."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _ignore(path: Path) -> None:
    text = path.read_text("utf-8", "surrogateescape") if path.exists() else ""
    known = text.splitlines()
    missing = [line for line in IGNORED if line not in known]
    if missing:
        path.write_text("\n".join([*known, *missing]) + "\n", "utf-8", "surrogateescape")
