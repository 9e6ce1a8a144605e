"""Bring a database to the tables of this version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, pool
from sqlalchemy.engine import URL

from core.database_errors import explained_database_errors
from core.db import CONNECT_TIMEOUT_S, LOCK_TIMEOUT_MS, parse_database_url, prepare_sqlite
from core.errors import DatabaseOutOfDate, DatabaseUnavailable

HEAD = "head"
FOREIGN_TABLES = "procrastinate_"


@dataclass(frozen=True)
class Migration:
    """What `upgrade` did: the revisions before and after, None for an empty database."""

    before: str | None
    after: str | None

    @property
    def changed(self) -> bool:
        return self.before != self.after


def migrations_path() -> Path:
    """The folder of the migrations: beside the packages, or inside ``api`` once installed."""
    root = Path(__file__).resolve().parent.parent
    for folder in (root / "migrations", root / "api" / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise DatabaseUnavailable(
        "The migrations are missing from this installation: install the product again."
    )


def migration_config(url: str) -> Config:
    """Alembic's configuration for one database."""
    config = Config()
    config.set_main_option("script_location", str(migrations_path()).replace("%", "%%"))
    config.attributes["database_url"] = parse_database_url(url)
    return config


def is_ours(name: str, info: Mapping[str, Any], dialect: str) -> bool:
    """Whether a table is one that our models describe on this kind of database.

    The queue of jobs has tables of ours on SQLite, and those of procrastinate on PostgreSQL.
    """
    return not name.startswith(FOREIGN_TABLES) and info.get("dialect", dialect) == dialect


def includes_ours(dialect: str) -> Callable[..., bool]:
    """For alembic: what to compare between the models and a database."""

    def include(item: Any, name: str | None, kind: str, *_: object) -> bool:
        return kind != "table" or is_ours(name or "", item.info, dialect)

    return include


def open_migration_engine(url: URL) -> Engine:
    """A plain engine for migrations: one connection, no foreign keys on SQLite.

    SQLite rebuilds a table to change it; with foreign keys on, that would empty its children.
    """
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            url.set(drivername="sqlite+pysqlite"), poolclass=pool.NullPool, hide_parameters=True
        )
        prepare_sqlite(engine, begin="BEGIN IMMEDIATE", foreign_keys=False)
        return engine
    return create_engine(
        url,
        poolclass=pool.NullPool,
        hide_parameters=True,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_S,
            "options": f"-c lock_timeout={LOCK_TIMEOUT_MS} -c timezone=UTC",
        },
    )


def current_revision(url: str) -> str | None:
    """The revision of a database, None when it has no tables of ours."""
    engine = open_migration_engine(parse_database_url(url))
    try:
        with explained_database_errors(), engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def check_is_current(url: str) -> None:
    """Refuse to work on a database whose tables are not those of this version.

    Raises
    ------
    DatabaseOutOfDate
        Naming the command that helps.
    """
    revision = current_revision(url)
    if revision != ScriptDirectory.from_config(migration_config(url)).get_current_head():
        raise DatabaseOutOfDate(
            f"The database is at revision {revision or 'empty'}, which is not that of this "
            "version: run `talkoot migrate` first."
        )


def upgrade(url: str, revision: str = HEAD) -> Migration:
    """Run the migrations that are missing, all of them or none.

    Raises
    ------
    DatabaseOutOfDate
        When a newer version of the product has already changed the database.
    """
    config = migration_config(url)
    before = current_revision(url)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if before is not None and before not in known:
        raise DatabaseOutOfDate(
            f"The database is at revision {before!r}, which a newer version made: use that "
            "version, or restore a backup from before."
        )
    with explained_database_errors():
        command.upgrade(config, revision)
    return Migration(before, current_revision(url))


def downgrade(url: str, revision: str) -> Migration:
    """Undo migrations down to a revision; ``base`` removes every table and every row."""
    before = current_revision(url)
    with explained_database_errors():
        command.downgrade(migration_config(url), revision)
    return Migration(before, current_revision(url))
