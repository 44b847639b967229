"""`wxlogin serve` and `wxlogin migrate`: the stand-alone server."""

import gc
import logging
import multiprocessing
import os
import signal
import sqlite3
import sys
import tempfile
import threading
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from wxlogin import logs
from wxlogin.cli.protocol import BoundedProtocol
from wxlogin.cli.scraping import serve_metrics
from wxlogin.cli.session import (
    Operator,
    pass_operator,
    schema_refused,
    settings_refused,
    store_advice,
    warnings_of,
)
from wxlogin.endpoints.asgi import App
from wxlogin.server import WxLogin
from wxlogin.settings import Settings, SettingsInvalid
from wxlogin.stores.migrate import AlembicMissing, SchemaMismatch, migrate_sql
from wxlogin.stores.migrate import migrate as bring_up_to_date

DRAIN_SECONDS = 10
"""A stop waits this long for the requests in flight (security.md §5.7)."""

log = logging.getLogger("wxlogin.server")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 256))
@click.option(
    "--operator-listen",
    metavar="[HOST:]PORT",
    help="指标监听地址，默认不开；只写端口即 127.0.0.1 where GET /metrics is served; off unless "
    "given, 127.0.0.1 where only a port is.",
)
@pass_operator
def serve(
    operator: Operator, host: str, port: int, workers: int, operator_listen: str | None
) -> None:
    """启动服务 Start the server."""
    import uvicorn

    settings = operator.settings()
    if unsafe := settings.unsafe():
        raise settings_refused(SettingsInvalid(unsafe, ignored=settings.ignored))
    operator.run(_nothing, settings=settings)  # the schema is looked at before a worker starts
    logs.configure(level=settings.log_level, as_json=settings.is_production)
    for warning in warnings_of(settings.ignored):
        log.warning("%s", warning)
    with tempfile.TemporaryDirectory(prefix="wxlogin-metrics-") as directory:
        if operator.config is not None:
            os.environ["WXLOGIN_CONFIG"] = str(operator.config)
        if operator_listen:
            os.environ["WXLOGIN_METRICS_DIRECTORY"] = directory
            serve_metrics(operator_listen, Path(directory))
        click.echo(f"wxlogin http://{host}:{port}  workers={workers}  env={settings.env}", err=True)
        for name in (signal.SIGINT, signal.SIGTERM):
            # uvicorn stops gracefully, then raises the signal anew: without this the process
            # would die of it before it has tidied up. It also ends a start that is under way.
            signal.signal(name, lambda *_: sys.exit(0))
        uvicorn.run(
            "wxlogin.cli.serving:application",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            log_config=None,
            access_log=False,
            http=BoundedProtocol,
            server_header=False,
            proxy_headers=False,
            ws="none",
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )


def application() -> App:
    """The ASGI application of one worker, for uvicorn."""
    settings = Settings.load(toml_file=Settings.config_of_environment())
    logs.configure(level=settings.log_level, as_json=settings.is_production)
    _end_with_parent()
    door = WxLogin(settings).asgi
    # What is here now stays for good, and sessions kept near stay for a while: a collector that
    # keeps walking through them would cost more than the requests between two of its walks.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    return door


@click.command()
@click.option("--sql", is_flag=True, help="只打印 SQL，交给 DBA print the SQL for a DBA.")
@pass_operator
def migrate(operator: Operator, sql: bool) -> None:
    """升级数据库 Bring the database up to date."""
    settings = operator.settings()
    url, prefix = settings.database_url, settings.table_prefix
    if url in ("sqlite://", "sqlite:///:memory:"):
        raise click.ClickException(
            "内存数据库无须升级 a database in memory needs no migration: WXLOGIN_DATABASE_URL"
        )
    logs.configure(level="error", as_json=False)
    try:
        if sql:
            click.echo(migrate_sql(url, prefix=prefix))
            return
        bring_up_to_date(url, prefix=prefix)
    except AlembicMissing as missing:
        raise click.ClickException(f"升级数据库需要 Alembic：{missing}") from None
    except SchemaMismatch as mismatch:
        raise schema_refused(mismatch) from None
    except (SQLAlchemyError, sqlite3.Error, OSError) as fault:
        # The original alone: SQLAlchemy's own text repeats the statement.
        log.error("migrate: %s", getattr(fault, "orig", None) or fault)  # noqa: TRY400
        raise click.ClickException(store_advice(url)) from None
    click.echo("数据库已是最新 the database is up to date")


async def _nothing(wx: WxLogin) -> None:
    return None


def _end_with_parent() -> None:
    """Stop this worker when the process that started it is gone.

    A master that was killed tells nobody: its workers would serve on, and hold the port
    against the next start. Where there is no master, nothing is watched.
    """
    parent = multiprocessing.parent_process()
    if parent is None or sys.platform == "win32":
        return

    def watch() -> None:
        parent.join()
        log.error("the process that started this worker is gone: it stops too")
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="wxlogin-parent", daemon=True).start()
