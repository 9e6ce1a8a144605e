"""PostgreSQL databases that are lent to one test after the other.

To make a database costs most of a second: it is some 1,800 files. To empty one costs a tenth of
that. Whoever borrows one finds it as the migrations left it: without rows, its sequences at their
start, nobody connected. One whose tables, rules or own rows a test has changed is dropped.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests import postgres

LEAVE_LIMIT_S = 20.0

# What a database consists of, apart from the rows: each line is something that a test could change.
_SHAPE = """
SELECT md5(string_agg(part, ';' ORDER BY part)) FROM (
  SELECT concat_ws(' ', 'class', oid, relname, relkind, relnatts, relrowsecurity, relacl)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL
  SELECT concat_ws(' ', 'column', attrelid, attnum, attname, atttypid, atttypmod, attnotnull)
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    WHERE c.relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'default', oid, adrelid, adnum) FROM pg_attrdef
  UNION ALL SELECT concat_ws(' ', 'trigger', oid, tgname, tgenabled) FROM pg_trigger
  UNION ALL SELECT concat_ws(' ', 'check', oid, conname, convalidated) FROM pg_constraint
  UNION ALL SELECT concat_ws(' ', 'function', oid, md5(prosrc)) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'type', oid, typname) FROM pg_type
    WHERE typnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'value', oid, enumlabel) FROM pg_enum
  UNION ALL SELECT concat_ws(' ', 'policy', oid) FROM pg_policy
  UNION ALL SELECT concat_ws(' ', 'schema', oid, nspname) FROM pg_namespace
    WHERE nspname NOT LIKE 'pg\\_%'
  UNION ALL SELECT concat_ws(' ', 'extension', oid, extversion) FROM pg_extension
  UNION ALL SELECT concat_ws(' ', 'setting', setconfig) FROM pg_db_role_setting
) AS parts (part)
"""

Connection = psycopg.Connection[tuple[Any, ...]]


class Pool:
    """Copies of one migrated database.

    Parameters
    ----------
    server_url
        The maintenance database of the server.
    template
        The name of the migrated database; it is nobody's to write to.
    """

    def __init__(self, server_url: URL, template: str) -> None:
        self._server_url = server_url
        self._template = template
        self._idle: list[str] = []
        with postgres.connect(self._url_of(template)) as connection:
            # A copy has the numbers of its template.
            self._shape = _shape_of(connection)
            self._tables = tables_of(connection)
            self._own_rows = {
                name: _rows_of(connection, name) for name in filled(connection, self._tables)
            }
            # Only a superuser can empty tables without minding who refers to whom.
            row = connection.execute("SELECT current_setting('is_superuser')").fetchone()
        self.may_empty = row == ("on",)

    @property
    def own_tables(self) -> set[str]:
        """The tables that hold rows in a database that nobody has used."""
        return set(self._own_rows)

    def serves(self, url: URL) -> bool:
        """Whether an address leads to the server of this pool."""
        server = self._server_url
        return (url.host, url.port, url.query.get("host")) == (
            server.host,
            server.port,
            server.query.get("host"),
        )

    @contextmanager
    def lend(self) -> Iterator[str]:
        """A database with the tables of this version and no rows: its address."""
        name = self._idle.pop() if self._idle else postgres.create(self._server_url, self._template)
        try:
            yield self._url_of(name).render_as_string(hide_password=False)
        finally:
            if self._clear(name):
                self._idle.append(name)
            else:
                postgres.drop(self._server_url, name)

    def close(self) -> None:
        """Drop the databases."""
        while self._idle:
            postgres.drop(self._server_url, self._idle.pop())

    def _url_of(self, name: str) -> URL:
        return self._server_url.set(database=name)

    def _clear(self, name: str) -> bool:
        """Take everything out; False when the database is not what it was."""
        if not self.may_empty:
            return False
        with suppress(psycopg.Error), postgres.connect(self._url_of(name)) as connection:
            return (
                _send_all_away(connection)
                and _shape_of(connection) == self._shape
                and self._empty(connection)
            )
        return False

    def _empty(self, connection: Connection) -> bool:
        full = [name for name in filled(connection, self._tables) if name not in self._own_rows]
        empty_tables(connection, full)
        sequences = connection.execute(
            "SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL"
        ).fetchall()
        for (sequence,) in sequences:
            connection.execute(
                sql.SQL("ALTER SEQUENCE {} RESTART").format(sql.Identifier(sequence))
            )
        return all(_rows_of(connection, name) == rows for name, rows in self._own_rows.items())


def tables_of(connection: Connection) -> list[str]:
    """The names of the tables."""
    return [
        str(name)
        for (name,) in connection.execute(
            "SELECT relname FROM pg_class "
            "WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
        )
    ]


def filled(connection: Connection, tables: list[str]) -> list[str]:
    """Those of some tables that hold a row."""
    asked = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(
            sql.Literal(name), sql.Identifier(name)
        )
        for name in tables
    )
    return [str(name) for (name,) in connection.execute(asked)]


def empty_tables(connection: Connection, tables: list[str]) -> None:
    """Delete all rows, and what is left of them: the next rows stand in the order they come in."""
    if not tables:
        return
    names = [sql.Identifier(name) for name in tables]
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        for name in names:
            connection.execute(sql.SQL("DELETE FROM {}").format(name))
    connection.execute(
        sql.SQL("VACUUM (INDEX_CLEANUP ON, TRUNCATE ON) {}").format(sql.SQL(", ").join(names))
    )


def _rows_of(connection: Connection, table: str) -> list[tuple[Any, ...]]:
    return connection.execute(
        sql.SQL("SELECT t::text FROM {} AS t ORDER BY 1").format(sql.Identifier(table))
    ).fetchall()


def _shape_of(connection: Connection) -> str:
    row = connection.execute(_SHAPE).fetchone()
    assert row is not None
    return str(row[0])


def _send_all_away(connection: Connection) -> bool:
    """End the connections of everybody else; False when one stays."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    deadline_s = time.monotonic() + LEAVE_LIMIT_S
    while True:
        left = connection.execute(f"SELECT pg_terminate_backend(pid) {others}").fetchall()
        if not left:
            return True
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.01)


_open: list[Pool] = []


@contextmanager
def open_pool(server_url: URL, template_url: str) -> Iterator[Pool]:
    """A pool that is known to `pool_of` as long as it is open."""
    pool = Pool(server_url, postgres.database_name(template_url))
    _open.append(pool)
    try:
        yield pool
    finally:
        _open.remove(pool)
        pool.close()


def pool_of(url: URL | str) -> Pool | None:
    """The open pool of the server that an address leads to."""
    return next((pool for pool in _open if pool.serves(make_url(url))), None)
