"""The group of all commands, our own and those of installed programs."""

from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import click

from wxlogin.cli import (
    accounts,
    apps,
    audit,
    checking,
    console,
    erasing,
    importing,
    keys,
    operators,
    service_keys,
    serving,
    starting,
)
from wxlogin.cli.session import Operator
from wxlogin.version import VERSION

FROM_DEMO = {"demo", "dev"}


class Commands(click.Group):
    """`wxlogin demo` and its like come from programs installed beside this one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_plugins(), *FROM_DEMO})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = super().get_command(ctx, cmd_name)
        if own is not None or cmd_name not in {*_plugins(), *FROM_DEMO}:
            return own
        plugin = _plugins().get(cmd_name)
        if plugin is None:
            return _missing(cmd_name)
        try:
            command: click.Command = plugin.load()
        except ImportError:  # half installed: the other commands must still work
            return _missing(cmd_name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION)
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML 配置文件 a settings file; WXLOGIN_* variables win over it.",
)
@click.pass_context
def commands(context: click.Context, config: Path | None) -> None:
    """微信小程序登录系统 The login system for WeChat Mini Programs.

    \b
    第一次使用 To begin:   wxlogin demo      看一次完整的登录 watch a whole login
    边写边试 Develop:      wxlogin dev       在模拟的微信里开发 inside a simulated WeChat
    接入项目 For real:     wxlogin init      写好 .env   writes .env
                           wxlogin check     检查配置    looks over the settings
                           wxlogin serve     启动服务    starts the server
    """
    context.obj = Operator(config)


for command in (
    starting.init,
    checking.check,
    serving.serve,
    serving.migrate,
    apps.app,
    keys.keys,
    accounts.account,
    audit.audit,
    importing.import_people,
    service_keys.service_key,
    console.console,
    operators.operator,
):
    commands.add_command(command)
for command in (erasing.erase, erasing.erased):
    accounts.account.add_command(command)


def _plugins() -> dict[str, EntryPoint]:
    return {plugin.name: plugin for plugin in entry_points(group="wxlogin.commands")}


def _missing(name: str) -> click.Command:
    @click.command(name, context_settings={"ignore_unknown_options": True})
    @click.argument("ignored", nargs=-1)
    def missing(ignored: tuple[str, ...]) -> None:
        raise click.ClickException(f'`wxlogin {name}` 需要安装 needs: pip install "wxlogin[demo]"')

    return missing
