"""Towns whose rows are kept, so that a test gets its town in a moment.

A town is made once, in a database of its own, and its rows are copied into the databases of the
tests: the same people with the same ids each time, beside whatever is there already.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import sql

from api.demo.town import Town
from api.opening import CARRIED
from core.db import Database
from tests import postgres
from tests.postgres_pool import Connection, Pool, filled, pool_of, tables_of

Seed = Callable[[Database], Awaitable[Town]]


@dataclass(frozen=True)
class TownKey:
    """What makes one town differ from another."""

    is_sqlite: bool
    slug: str
    scale: int
    now: datetime


@dataclass(frozen=True)
class Kept:
    """A town and its rows by table: tuples from SQLite, packed ones from PostgreSQL."""

    town: Town
    rows: dict[str, Any]
    sequences: dict[str, int] = field(default_factory=dict)
    """How far PostgreSQL has counted."""


_KEPT: dict[TownKey, Kept] = {}


async def put_town(database: Database, key: TownKey, seed: Seed) -> Town:
    """The town of a key, with its rows in a database."""
    if key.is_sqlite:
        if key not in _KEPT:
            _KEPT[key] = await _keep_sqlite(database, seed)
        _put_sqlite(Path(str(database.url.database)), _KEPT[key].rows)
        return _KEPT[key].town
    pool = pool_of(database.url)
    if pool is None or not pool.may_empty:
        return await seed(database)
    if key not in _KEPT:
        _KEPT[key] = await _keep_postgres(pool, seed)
    with postgres.connect(database.url) as connection:
        _put_postgres(connection, _KEPT[key])
    return _KEPT[key].town


async def _keep_sqlite(like: Database, seed: Seed) -> Kept:
    beside = Path(str(like.url.database)).parent
    with tempfile.TemporaryDirectory(prefix="town-", dir=beside) as folder:
        path = Path(folder) / "town.db"
        with (
            closing(sqlite3.connect(str(like.url.database))) as source,
            closing(sqlite3.connect(path)) as target,
        ):
            statements = source.execute(
                "SELECT sql FROM sqlite_master WHERE sql NOT NULL AND name NOT LIKE 'sqlite\\_%'"
                " ESCAPE '\\' ORDER BY type = 'table' DESC"
            )
            for (statement,) in statements.fetchall():
                target.execute(statement)
        async with Database(f"sqlite:///{path}", info=CARRIED) as database:
            town = await seed(database)
        with closing(sqlite3.connect(path)) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            rows = {
                name: connection.execute(f'SELECT * FROM "{name}"').fetchall()
                for (name,) in names.fetchall()
                if name != "sqlite_sequence"
            }
    return Kept(town, {name: of_table for name, of_table in rows.items() if of_table})


def _put_sqlite(path: Path, rows: dict[str, Any]) -> None:
    # A plain connection minds neither who refers to whom nor anything of the product.
    with closing(sqlite3.connect(path, timeout=60)) as connection, connection:
        for name, of_table in rows.items():
            places = ", ".join("?" * len(of_table[0]))
            connection.executemany(f'INSERT INTO "{name}" VALUES ({places})', of_table)


async def _keep_postgres(pool: Pool, seed: Seed) -> Kept:
    with pool.lend() as url:
        async with Database(url, info=CARRIED) as database:
            own = pool.own_tables
            town = await seed(database)
        with postgres.connect(database.url) as connection:
            rows = {
                name: _packed(connection, name)
                for name in filled(connection, tables_of(connection))
                if name not in own
            }
            counted = connection.execute(
                "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"
            )
            sequences = {str(name): int(last) for name, last in counted}
    return Kept(town, rows, sequences)


def _packed(connection: Connection, table: str) -> bytes:
    statement = sql.SQL("COPY {} TO STDOUT (FORMAT BINARY)").format(sql.Identifier(table))
    with connection.cursor().copy(statement) as copy:
        return b"".join(copy)


def _put_postgres(connection: Connection, kept: Kept) -> None:
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        for name, packed in kept.rows.items():
            statement = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(sql.Identifier(name))
            with connection.cursor().copy(statement) as copy:
                copy.write(packed)
        for name, last in kept.sequences.items():
            connection.execute(
                "SELECT setval(%s, greatest(%s, coalesce((SELECT last_value FROM pg_sequences "
                "WHERE sequencename = %s), 0)))",
                (name, last, name),
            )
