"""The command `wxlogin dev`. What takes time to import is imported when it runs."""

import sys
from pathlib import Path

import click
from click.core import ParameterSource

DEFAULT_PORT = 9180


def _origin(
    context: click.Context, parameter: click.Parameter, value: str | tuple[str, ...]
) -> str | tuple[str, ...]:
    from wechat_simulator.phone.forwarding import origin_of

    try:
        return origin_of(value) if isinstance(value, str) else tuple(map(origin_of, value))
    except ValueError:
        raise click.BadParameter(
            "应写成 http://127.0.0.1:8000，不带路径 to be written like that, without a path"
        ) from None


@click.command(context_settings={"allow_interspersed_args": False})
@click.option(
    "--miniprogram",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="小程序目录；默认本目录或其中的 miniprogram its folder; else this one or miniprogram "
    "in it.",
)
@click.option(
    "--server",
    default="http://127.0.0.1:8000",
    show_default=True,
    callback=_origin,
    help="你的服务器 where your server listens.",
)
@click.option(
    "--domain",
    "domains",
    multiple=True,
    callback=_origin,
    help="小程序里写的其他服务器地址，同样转到 --server another origin that the mini program "
    "calls, led to --server too; may be repeated.",
)
@click.option(
    "--port",
    default=DEFAULT_PORT,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="微信与手机的端口 the port of WeChat and of the phone.",
)
@click.option("--user", default="ann", show_default=True, help="手机的主人 who holds the phone.")
@click.option(
    "--devtools-user",
    metavar="USER",
    help="真正的微信开发者工具发出的 code 都算作此人 whose the codes of the real WeChat "
    "DevTools are.",
)
@click.option(
    "--watch/--no-watch", default=True, help="改动后自动重新编译 build again at every change."
)
@click.option(
    "--keep-env",
    is_flag=True,
    help="环境里已有的变量优先 variables that are set already win.",
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def dev(
    context: click.Context,
    miniprogram: Path | None,
    server: str,
    domains: tuple[str, ...],
    port: int,
    user: str,
    devtools_user: str | None,
    watch: bool,
    keep_env: bool,
    command: tuple[str, ...],
) -> None:
    """在模拟的微信里开发 Your server and your mini program, inside a simulated WeChat.

    \b
    wxlogin dev -- wxlogin serve
    wxlogin dev --server http://127.0.0.1:3000 -- npm start
    """
    from wechat_simulator.phone.compiling import CompilerMissing
    from wxlogin_demo.dev.child import NotStarted
    from wxlogin_demo.dev.session import PortTaken, Session

    session = Session(
        mini_program=miniprogram,
        server=server,
        domains=domains,
        user=user,
        devtools_user=devtools_user,
        is_watching=watch,
        is_keeping=keep_env,
    )
    is_asked = context.get_parameter_source("port") is not ParameterSource.DEFAULT
    try:
        code = session.run(command, port=port, may_move=not is_asked)
    except PortTaken as taken:
        raise click.ClickException(
            f"无法监听端口 {port}（{taken}）：换一个 --port，或 --port 0 自动选择\n"
            f"       cannot listen on port {port}: name another --port, or --port 0 for any"
        ) from None
    except CompilerMissing as missing:
        raise click.ClickException(str(missing)) from None
    except NotStarted as missing:
        click.echo(f"Error: {missing}", err=True)
        code = missing.code
    sys.exit(code)
