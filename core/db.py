"""The database: one place that opens transactions, and the only one that ends them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from threading import Thread
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from core.columns import Base, JsonType, UtcDateTime
from core.database_errors import explained_database_errors
from core.errors import InvalidDatabaseUrl
from core.live import Announcer, Change, Hub, read_told, squeeze, was_told
from core.live_postgres import PostgresHub
from core.sqlite_driver import OneVisitConnection, open_connection

__all__ = [
    "Base",
    "Database",
    "JsonType",
    "Session",
    "UtcDateTime",
    "describe_database_url",
    "parse_database_url",
]

Session = AsyncSession

BUSY_TIMEOUT_MS = 5_000
LOCK_TIMEOUT_MS = 5_000
STATEMENT_TIMEOUT_MS = 60_000
IDLE_TIMEOUT_MS = 60_000
CONNECT_TIMEOUT_S = 5
CLOSE_TIMEOUT_S = 2
POOL_TIMEOUT_S = 15

_DRIVERS = {"sqlite": "aiosqlite", "postgresql": "psycopg", "postgres": "psycopg"}


def parse_database_url(text: str) -> URL:
    """The address of a database, with the driver that this version uses.

    Raises
    ------
    InvalidDatabaseUrl
        When it is no address, or names another kind of database.
    """
    try:
        url = make_url(text.strip())
    except ArgumentError:
        raise InvalidDatabaseUrl(
            "The database address cannot be read: write sqlite:///talkoot.db or "
            "postgresql://user:password@host/name."
        ) from None
    backend = url.drivername.partition("+")[0]
    if backend not in _DRIVERS:
        raise InvalidDatabaseUrl(
            f"A database of kind {backend!r} is not supported: use sqlite or postgresql."
        )
    if backend == "sqlite" and url.database in (None, "", ":memory:"):
        raise InvalidDatabaseUrl(
            "SQLite in memory cannot be shared by readers and writers: name a file, such as "
            "sqlite:///talkoot.db."
        )
    name = "sqlite" if backend == "sqlite" else "postgresql"
    return url.set(drivername=f"{name}+{_DRIVERS[backend]}")


def describe_database_url(text: str) -> str:
    """The address as a person may see it: without password, driver and options."""
    url = parse_database_url(text)
    plain = url.set(drivername=url.get_backend_name(), query={})
    return plain.render_as_string(hide_password=True)


def to_json(value: Any) -> str:
    """JSON as both databases take it: no NaN, no infinity."""
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


class Database:
    """Sessions on one database, for reading and for writing.

    A session of `begin` is one transaction: what the block did is kept when it ends well and
    undone when it raises. A session of `read` sees one moment of the data and cannot write.

    Parameters
    ----------
    announcers
        Write what follows from the events of a transaction, in it, before it is kept. What they
        record themselves is told to watchers, and announced to nobody.
    live
        Tells watchers what transactions kept. It is shared with who gave it, or of its own.
    info
        What every session carries for packages above, such as who else forgets a person.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 5,
        announcers: Sequence[Announcer] = (),
        live: Hub | None = None,
        info: Mapping[str, Any] | None = None,
    ) -> None:
        self._info = dict(info or {})
        self.url = parse_database_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._announcers = tuple(announcers)
        self._owns_live = live is None
        self.live = live or (Hub() if self.is_sqlite else PostgresHub(self.url))
        self._threads: list[Thread] = []
        self._sessions, self._idle = 0, asyncio.Event()
        self._idle.set()
        try:
            if self.is_sqlite:
                self._writer, self._reader = _open_sqlite(self.url, pool_size, self._threads)
            else:
                self._writer, self._reader = _open_postgres(self.url, pool_size)
        except ModuleNotFoundError as error:
            raise InvalidDatabaseUrl(
                f"The driver {error.name!r} is not installed: install the product with its "
                "'postgres' extra."
            ) from error

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Session]:
        """One write transaction; nobody else commits."""
        with explained_database_errors(), self._in_use():
            async with (
                AsyncSession(
                    self._writer, expire_on_commit=False, autoflush=True, info=dict(self._info)
                ) as session,
                session.begin(),
            ):
                yield session
                changes = await self._announce(session) if was_told(session) else ()
            if changes:
                self.live.after_commit(changes)

    async def _announce(self, session: Session) -> list[Change]:
        """Do what belongs to the end of a transaction with events; gives what watchers hear."""
        await session.flush()
        told, count = await read_told(session), was_told(session)
        events = [one.event for one in told if one.event is not None]
        if events:
            for announce in self._announcers:
                await announce(session, events)
        if was_told(session) > count:
            await session.flush()
            told += await read_told(session, start=count)
        changes = squeeze([one.change for one in told])
        if changes:
            await self.live.before_commit(session, changes)
        return changes

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Session]:
        """A read-only session on one snapshot of the data."""
        with explained_database_errors(), self._in_use():
            async with AsyncSession(
                self._reader, expire_on_commit=False, autoflush=False, info=dict(self._info)
            ) as session:
                yield session

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        self._sessions += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._sessions -= 1
            if self._sessions == 0:
                self._idle.set()

    async def close(self) -> None:
        """Close every connection, and wait for the threads that served them.

        Whoever still reads or writes may come to an end, for a moment: a connection that is in
        use cannot be closed, and is lost with the event loop.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._idle.wait()
        if self._owns_live:
            await self.live.close()
        await self._reader.dispose()
        await self._writer.dispose()
        while self._threads:
            thread = self._threads.pop()
            if thread.ident is not None:
                await asyncio.to_thread(thread.join, CLOSE_TIMEOUT_S)

    async def __aenter__(self) -> Database:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _open_sqlite(
    url: URL, pool_size: int, threads: list[Thread]
) -> tuple[AsyncEngine, AsyncEngine]:
    def connect(*args: Any, **kwargs: Any) -> OneVisitConnection:
        # A connection that fails or is dropped stops its thread without waiting; a thread that
        # answers after the event loop has gone dies loudly. So `Database.close` waits for them.
        connection = open_connection(*args, **kwargs)
        connection._thread.daemon = True
        threads[:] = [thread for thread in threads if thread.ident is None or thread.is_alive()]
        threads.append(connection._thread)
        return connection

    shared: dict[str, Any] = {
        "connect_args": {"async_creator_fn": connect},
        "hide_parameters": True,
        "json_serializer": to_json,
        "pool_timeout": POOL_TIMEOUT_S,
        "max_overflow": 0,
    }
    # SQLite has one writer at a time: one connection makes ours queue in order of arrival instead
    # of polling the file's lock against each other.
    writer = create_async_engine(url, pool_size=1, **shared)
    reader = create_async_engine(url, pool_size=pool_size, **shared)
    prepare_sqlite(writer.sync_engine, begin="BEGIN IMMEDIATE")
    prepare_sqlite(reader.sync_engine, begin="BEGIN", query_only=True)
    return writer, reader


def prepare_sqlite(
    engine: Engine, *, begin: str, query_only: bool = False, foreign_keys: bool = True
) -> None:
    """Give each connection our pragmas, and let us say how a transaction begins.

    The driver begins transactions late and deferred; a deferred one that reads before it writes
    fails under load whatever the time-out (SQLITE_BUSY_SNAPSHOT).
    """

    def on_connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        cursor.execute("PRAGMA synchronous = NORMAL")
        # What is deleted, such as an erased person's name, must not stay in the file.
        cursor.execute("PRAGMA secure_delete = ON")
        if query_only:
            cursor.execute("PRAGMA query_only = ON")
            connection.driver_connection.read_only(STATEMENT_TIMEOUT_MS / 1000)
        cursor.close()

    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)


def _open_postgres(url: URL, pool_size: int) -> tuple[AsyncEngine, AsyncEngine]:
    limits = {
        "statement_timeout": STATEMENT_TIMEOUT_MS,
        "lock_timeout": LOCK_TIMEOUT_MS,
        "idle_in_transaction_session_timeout": IDLE_TIMEOUT_MS,
        "timezone": "UTC",
    }
    writer = create_async_engine(
        url,
        hide_parameters=True,
        json_serializer=to_json,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=POOL_TIMEOUT_S,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_S,
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        },
    )
    reader = writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return writer, reader
