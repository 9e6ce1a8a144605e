"""``talkoot serve``: the pages; on SQLite the same process also does what is due."""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import uvicorn
from litestar import Litestar

from api.app import create_app
from api.demo.installation import database_url as demo_database_url
from api.demo.installation import find_installation, make_installation
from api.demo.pages import check_is_local, make_routes
from api.progress import show_steps
from core.clock import SystemClock
from core.db import describe_database_url, parse_database_url
from core.errors import DatabaseOutOfDate, InvalidInput
from core.logging import configure_logging
from core.migrate import check_is_current, upgrade
from core.settings import LOOPBACK_HOSTS, Settings

MAX_CONNECTIONS = 400
KEEP_ALIVE_S = 10
DEMO_SEED = 1
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
@click.option(
    "--demo", is_flag=True, help="Serve a made-up city in a storm, on this machine alone."
)
@click.option(
    "--demo-folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the demonstration lives; by default in TALKOOT_CACHE_DIR. It is kept.",
)
@click.option("--fresh", is_flag=True, help="Make the demonstration anew.")
@click.option("--quiet", is_flag=True, help="No progress bars.")
def serve(
    *,
    host: str,
    port: int,
    database_url: str | None,
    with_worker: bool | None,
    demo: bool,
    demo_folder: Path | None,
    fresh: bool,
    quiet: bool,
) -> None:
    """Serve the pages of this installation until SIGTERM or Ctrl-C.

    On SQLite the tables are brought to this version first, and jobs are done by this process. On
    PostgreSQL run `talkoot migrate` before, and `talkoot worker` beside.
    """
    settings = Settings.from_environment()
    if not demo and (demo_folder is not None or fresh):
        raise InvalidInput("--demo-folder and --fresh go with --demo.")
    if database_url is not None:
        settings = replace(settings, database_url=database_url)
    _check_address(host, port)
    routes: list[Any] = []
    if demo:
        if database_url is not None:
            raise InvalidInput("--demo has a database of its own: leave --database-url out.")
        folder = demo_folder or settings.cache_dir / "demo"
        settings, routes = open_demo(settings, folder, host, port, fresh=fresh, quiet=quiet)
    is_sqlite = parse_database_url(settings.database_url).get_backend_name() == "sqlite"
    if demo:
        _bring_to_this_version(settings)
    elif is_sqlite:
        upgrade(settings.database_url)
    else:
        check_is_current(settings.database_url)
    with_worker = is_sqlite if with_worker is None else with_worker
    configure_logging(settings.log_level)
    click.echo(f"Pages at {settings.public_url}, listening at http://{_bracketed(host)}:{port}")
    click.echo(f"GraphQL: {settings.public_url}/graphql")
    click.echo(f"Database: {describe_database_url(settings.database_url)}")
    click.echo("Jobs: in this process." if with_worker else "Jobs: run `talkoot worker` beside.")
    if demo:
        click.echo(f"Sign in as anybody, with one press: {settings.public_url}/demo")
        click.echo(f"Ask the API by hand: {settings.public_url}/graphql/console")
    app = create_app(settings, with_worker=with_worker, more_routes=routes, is_demo=demo)
    _run(app, host, port)


def open_demo(
    settings: Settings, folder: Path, host: str, port: int, *, fresh: bool, quiet: bool
) -> tuple[Settings, list[Any]]:
    """The demonstration's database, made now or found again, and its routes.

    Raises
    ------
    InvalidInput
        When others could reach it: whoever comes may be whom they like.
    """
    if host not in LOOPBACK_HOSTS:
        raise InvalidInput(
            f"A demonstration listens on this machine alone, not at {host}: leave --host out."
        )
    if settings.public_url == Settings().public_url:
        settings = replace(settings, public_url=f"http://localhost:{port}")
    database_url = demo_database_url(folder)
    settings = replace(settings, database_url=database_url, graphql_console="on")
    check_is_local(settings)
    installation = find_installation(folder, fresh=fresh)
    if installation is None:
        click.echo("Making a city in a storm; the next start finds it again.")
        with show_steps(quiet=quiet) as steps:
            now = SystemClock().now()
            making = make_installation(folder, settings, DEMO_SEED, now=now, steps=steps)
            installation = asyncio.run(making)
    return settings, make_routes(installation, settings)


def _bring_to_this_version(settings: Settings) -> None:
    """Nobody needs an old demonstration, so the way out of one is another one."""
    try:
        upgrade(settings.database_url)
    except DatabaseOutOfDate as error:
        raise InvalidInput(
            "The demonstration was made by another version: make it anew with --fresh."
        ) from error


def _run(app: Litestar, host: str, port: int) -> None:
    # The server passes a signal on to whoever had it before, once it has come to its end.
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _end_well)
    # What is there now stays for good. Looking through it for garbage again and again took a
    # quarter of the time of an answer.
    gc.collect()
    gc.freeze()
    uvicorn.run(
        app,
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
        # Compiled: less of an answer's time goes to what is not the page's own.
        loop="asyncio" if sys.platform == "win32" else "uvloop",
        # Unlike httptools it ends a connection whose headers do not end.
        http="h11",
        ws="websockets-sansio",
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
