"""What the operator's commands share: the settings, a running `WxLogin`, errors in plain words."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from wxlogin import logs
from wxlogin.login.errors import WxLoginError
from wxlogin.server import WxLogin
from wxlogin.settings import Settings, SettingsInvalid
from wxlogin.stores.migrate import SchemaMismatch

T = TypeVar("T")


class Operator:
    """One call of the command line."""

    def __init__(self, config: Path | None) -> None:
        self.config = config

    def settings(self) -> Settings:
        """The settings; every mistake on the terminal, and exit code 2, where there is one."""
        try:
            return Settings.load(toml_file=self.config)
        except SettingsInvalid as invalid:
            raise settings_refused(invalid) from None

    def run(self, act: Callable[[WxLogin], Awaitable[T]], *, settings: Settings | None = None) -> T:
        """What `act` returns, done with a `WxLogin` on the configured database."""
        settings = settings or self.settings()
        logs.configure(level="error", as_json=False)

        async def done() -> T:
            async with WxLogin(settings) as wx:
                return await act(wx)

        try:
            return asyncio.run(done())
        except SettingsInvalid as invalid:
            raise settings_refused(invalid) from None
        except SchemaMismatch as mismatch:
            raise click.ClickException(str(mismatch)) from None
        except WxLoginError as error:
            raise click.ClickException(f"{error.code}: {error}") from None


class Refusal(click.ClickException):
    exit_code = 2


def settings_refused(invalid: SettingsInvalid) -> Refusal:
    lines = [f"  {m.name}\n      {m.zh}\n      {m.en}" for m in invalid.mistakes]
    return Refusal("\n".join(["配置有误，未启动 The settings cannot be used:", *lines]))


pass_operator = click.make_pass_decorator(Operator)
