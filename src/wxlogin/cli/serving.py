"""`wxlogin serve` and `wxlogin migrate`: the stand-alone server."""

import gc
import json
import os
import signal
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click

from wxlogin import logs
from wxlogin.cli.session import Operator, pass_operator, settings_refused
from wxlogin.endpoints.asgi import App
from wxlogin.metrics import Metrics, exposition
from wxlogin.server import WxLogin
from wxlogin.settings import Settings, SettingsInvalid
from wxlogin.stores.migrate import migrate as bring_up_to_date
from wxlogin.stores.migrate import migrate_sql

DRAIN_SECONDS = 10
"""A stop waits this long for the requests in flight (security.md §5.7)."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 256))
@click.option(
    "--operator-listen",
    metavar="HOST:PORT",
    help="指标监听地址，默认不开 where GET /metrics is served; off unless given.",
)
@pass_operator
def serve(
    operator: Operator, host: str, port: int, workers: int, operator_listen: str | None
) -> None:
    """启动服务 Start the server."""
    import uvicorn

    settings = operator.settings()
    if unsafe := settings.unsafe():
        raise settings_refused(SettingsInvalid(unsafe))
    operator.run(_nothing, settings=settings)  # the schema is looked at before a worker starts
    logs.configure(level=settings.log_level, as_json=settings.is_production)
    with tempfile.TemporaryDirectory(prefix="wxlogin-metrics-") as directory:
        os.environ["WXLOGIN_METRICS_DIRECTORY"] = directory
        if operator.config is not None:
            os.environ["WXLOGIN_CONFIG"] = str(operator.config)
        if operator_listen:
            _serve_metrics(operator_listen, Path(directory))
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
            server_header=False,
            date_header=False,
            proxy_headers=False,
            ws="none",
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )


def application() -> App:
    """The ASGI application of one worker, for uvicorn."""
    settings = Settings.load(toml_file=Settings.config_of_environment())
    logs.configure(level=settings.log_level, as_json=settings.is_production)
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
    if sql:
        click.echo(migrate_sql(settings.database_url, prefix=settings.table_prefix))
        return
    bring_up_to_date(settings.database_url, prefix=settings.table_prefix)
    click.echo("数据库已是最新 the database is up to date")


async def _nothing(wx: WxLogin) -> None:
    return None


def _serve_metrics(listen: str, directory: Path) -> None:
    """GET /metrics on a listener of its own: numbers are not the public's business (D09)."""
    host, _, port = listen.rpartition(":")
    if not port.isdigit():
        raise click.UsageError("--operator-listen HOST:PORT")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/metrics"
            content = exposition(collected(directory)) if found else b"not found\n"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer((host or "127.0.0.1", int(port)), Handler)
    threading.Thread(target=server.serve_forever, name="wxlogin-metrics", daemon=True).start()


def collected(directory: Path) -> Metrics:
    """The numbers of all workers together, those that have ended included."""
    metrics = Metrics()
    for path in directory.glob("*.json"):
        metrics.merge(json.loads(path.read_text("utf-8")))
    return metrics
