"""``talkoot serve``: the pages; on SQLite the same process also does what is due."""

from __future__ import annotations

import ipaddress
import signal
import socket
from dataclasses import replace

import click
import uvicorn

from api.app import create_app
from core.db import describe_database_url, parse_database_url
from core.errors import InvalidInput
from core.logging import configure_logging
from core.migrate import check_is_current, upgrade
from core.settings import Settings

MAX_CONNECTIONS = 400
KEEP_ALIVE_S = 10
GRACE_S = 20
"""How long requests that are under way may take after a stop; the worker beside has its own."""
MAX_SOCKET_MESSAGE_BYTES = 131_072
"""Above what a socket takes (64 KB), so that it can say why it closes."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65_535))
@click.option(
    "--database-url",
    metavar="URL",
    help="sqlite:///FILE or postgresql://USER@HOST/NAME; TALKOOT_DATABASE_URL by default.",
)
@click.option(
    "--worker/--no-worker",
    "with_worker",
    default=None,
    help="Do jobs in this process too; by default on SQLite only.",
)
def serve(host: str, port: int, database_url: str | None, with_worker: bool | None) -> None:
    """Serve the pages of this installation until SIGTERM or Ctrl-C.

    On SQLite the tables are brought to this version first, and jobs are done by this process. On
    PostgreSQL run `talkoot migrate` before, and `talkoot worker` beside.
    """
    settings = Settings.from_environment()
    if database_url is not None:
        settings = replace(settings, database_url=database_url)
    _check_address(host, port)
    is_sqlite = parse_database_url(settings.database_url).get_backend_name() == "sqlite"
    if is_sqlite:
        upgrade(settings.database_url)
    else:
        check_is_current(settings.database_url)
    with_worker = is_sqlite if with_worker is None else with_worker
    configure_logging(settings.log_level)
    click.echo(f"Pages at {settings.public_url}, listening at http://{_bracketed(host)}:{port}")
    click.echo(f"Database: {describe_database_url(settings.database_url)}")
    click.echo("Jobs: in this process." if with_worker else "Jobs: run `talkoot worker` beside.")
    # The server passes a signal on to whoever had it before, once it has come to its end.
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _end_well)
    uvicorn.run(
        create_app(settings, with_worker=with_worker),
        host=host,
        port=port,
        log_config=None,
        # Addresses of pages hold secret links.
        access_log=False,
        server_header=False,
        # Whoever runs a proxy in front decides what it may say about the caller.
        proxy_headers=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        ws_max_size=MAX_SOCKET_MESSAGE_BYTES,
    )


def _check_address(host: str, port: int) -> None:
    """Say in plain words what the server would tell its log alone."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise InvalidInput(
            f"Cannot listen at {_bracketed(host)}:{port}: {error.strerror}. Is another server "
            "running there? Choose with --host and --port."
        ) from error


def _end_well(*_: object) -> None:
    raise SystemExit(0)


def _bracketed(host: str) -> str:
    try:
        return f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        return host
