"""PostgreSQL for tests: a server that is given, or a private one that leaves nothing behind.

``TALKOOT_TEST_PG_URL`` names a server where the tests may create and drop databases of their own.
Without it, the programs of an installed PostgreSQL start a private server on a socket in a
temporary folder. It has no network port, and it ends with the process that started it, however
that process ends.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

URL_VARIABLE = "TALKOOT_TEST_PG_URL"
REMEDY = (
    f"install PostgreSQL 15 or later (Debian: apt-get install postgresql), or set {URL_VARIABLE}"
)
START_LIMIT_S = 120.0
STOP_LIMIT_S = 60.0
OWNER = "talkoot"

# The shell outlives us: when our end of the pipe closes, it ends the server and clears the folder.
_KEEPER = """
trap : INT TERM
"$1/initdb" -D "$2/data" -U "$3" --auth=trust --no-sync --encoding=UTF8 --locale=C \
    >"$2/log" 2>&1 </dev/null || exit 1
"$1/postgres" -D "$2/data" -k "$2" -h "" \
    -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=200 \
    >>"$2/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
# One that has not come up yet minds the first alone, one that is up ends for good by the second.
kill -TERM "$server"
kill -INT "$server"
wait "$server"
rm -rf "$2"
"""


class PostgresMissing(Exception):
    """There is no PostgreSQL to test with; the message says how to get one."""


def find_programs() -> Path | None:
    """The folder of initdb and postgres: the newest one that is installed."""
    versions = Path("/usr/lib/postgresql")
    folders = sorted(
        (path / "bin" for path in versions.glob("[0-9]*") if (path / "bin" / "initdb").exists()),
        key=lambda path: float(path.parent.name),
        reverse=True,
    )
    on_path = shutil.which("initdb")
    if on_path is not None:
        folders.append(Path(on_path).resolve().parent)
    return next((path for path in folders if (path / "postgres").exists()), None)


def _unprivileged_user() -> str | None:
    """Whom to run the server as: PostgreSQL refuses root. None when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise PostgresMissing("PostgreSQL does not run as root, and there is no user to run it as")


@contextmanager
def private_server() -> Iterator[URL]:
    """Start a server of our own; its maintenance database is what comes back."""
    programs = find_programs()
    if programs is None:
        raise PostgresMissing(f"no PostgreSQL programs found; {REMEDY}")
    user = _unprivileged_user()
    run_as = {} if user is None else {"user": user, "group": pwd.getpwnam(user).pw_gid}
    # A socket's path may have about 100 characters, so the folder stands near the root.
    folder = Path(tempfile.mkdtemp(prefix="talkoot-pg-", dir="/tmp"))
    if user is not None:
        shutil.chown(folder, user)
    keeper: subprocess.Popen[bytes] | None = None
    try:
        keeper = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, "keeper", programs, folder, OWNER],
            stdin=subprocess.PIPE,
            start_new_session=True,
            cwd="/",
            **run_as,
        )
        url = URL.create("postgresql", OWNER, database="postgres", query={"host": str(folder)})
        _wait_for(url, keeper, folder / "log")
        yield url
    finally:
        if keeper is not None and keeper.stdin is not None:
            keeper.stdin.close()
            keeper.wait(STOP_LIMIT_S)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(url: URL, keeper: subprocess.Popen[bytes], log: Path) -> None:
    deadline_s = time.monotonic() + START_LIMIT_S
    while True:
        try:
            with connect(url):
                return
        except psycopg.OperationalError:
            if keeper.poll() is not None or time.monotonic() > deadline_s:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.05)


def connect(url: URL) -> psycopg.Connection[tuple[Any, ...]]:
    """A plain connection, each statement of which is kept at once."""
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True, connect_timeout=60)


@contextmanager
def server() -> Iterator[URL]:
    """The server that the environment names, else a private one."""
    given = os.environ.get(URL_VARIABLE)
    if given:
        yield make_url(given)
    else:
        with private_server() as url:
            yield url


@contextmanager
def database(server_url: URL, template: str | None = None) -> Iterator[str]:
    """A new database, empty or a copy of a template, that is dropped at the end: its address."""
    name = create(server_url, template)
    try:
        yield server_url.set(database=name).render_as_string(hide_password=False)
    finally:
        drop(server_url, name)


def create(server_url: URL, template: str | None = None) -> str:
    """Make a database, empty or a copy of a template: its name."""
    name = f"talkoot_test_{uuid4().hex[:16]}"
    statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template is not None:
        # Without fsync, copying the files takes half as long as writing them through the log.
        statement += sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template))
    with connect(server_url) as connection:
        connection.execute(statement)
    return name


def drop(server_url: URL, name: str) -> None:
    """Drop a database, whoever is connected to it."""
    with connect(server_url) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def database_name(url: str) -> str:
    """The name of the database in an address."""
    name = make_url(url).database
    assert name is not None
    return name


if __name__ == "__main__":  # is there a PostgreSQL to test with?
    sys.exit(0 if os.environ.get(URL_VARIABLE) or find_programs() else 1)
