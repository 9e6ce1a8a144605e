"""SQLite with as few visits to another thread as can be.

A connection of aiosqlite is a thread, and each step of a statement a visit there and back: making
a cursor, executing, fetching, closing. Each visit costs more than a small statement itself takes,
and under load the threads wait for each other. So here a statement and all its rows are one visit;
and a connection that only reads tries it on the spot, and goes to its thread with what turns out
to be long. What nobody waits for any more, or takes too long there, is broken off.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from threading import Event, Lock
from typing import Any, TypeVar

import aiosqlite

from core.clock import count_seconds

Parameters = Sequence[Any]
Fetched = tuple[list[Any], Any, int, int | None]
"""Rows, what their columns are, how many were changed, and the last id."""
Found = TypeVar("Found")

ON_THE_SPOT_S = 0.004
"""So long may a statement hold up the event loop; after so long in all, others have their turn."""
STEPS_BETWEEN = 1_000
"""After so many instructions of SQLite's machine it is asked whether to go on: some 0.03 ms."""
_READS = ("SELECT", "WITH", "BEGIN", "ROLLBACK")


class OneVisitCursor:
    """A cursor whose rows have been fetched when `execute` comes back (PEP 249, but async)."""

    def __init__(self, connection: OneVisitConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.arraysize = 1
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> OneVisitCursor:
        return self

    async def execute(self, operation: str, parameters: Parameters = ()) -> None:
        """Run a statement and fetch its rows."""

        def run(connection: sqlite3.Connection) -> Fetched:
            return _finish(connection.execute(operation, parameters))

        if self._connection.only_reads and operation.startswith(_READS):
            found = self._connection.try_on_the_spot(run)
            if found is not None:
                self._take(found)
                await self._connection.give_way()
                return
        self._take(await self._connection.visit(run))

    async def executemany(self, operation: str, parameters: Sequence[Parameters]) -> None:
        """Run a statement with each of the parameters."""
        self._take(
            await self._connection.visit(
                lambda connection: _finish(connection.executemany(operation, parameters))
            )
        )

    async def fetchall(self) -> list[Any]:
        """The rows that are left."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing is left open after a statement."""

    def _take(self, found: Fetched) -> None:
        self._rows, self.description, self.rowcount, self.lastrowid = found


class OneVisitConnection(aiosqlite.Connection):
    """A connection that makes such cursors, and has nothing undone when nothing was begun."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self.only_reads = False
        """Whether statements may be tried on the spot: they can be run again, and never wait."""
        self._in_use = Lock()
        self._spent_s = 0.0
        self._longest_s = 0.0
        self._is_enough: Callable[[], bool] = _never

    def read_only(self, longest_s: float) -> None:
        """From now on this connection only reads, and no statement takes longer than that."""
        self.only_reads, self._longest_s = True, longest_s
        self._conn.set_progress_handler(lambda: self._is_enough(), STEPS_BETWEEN)

    def cursor(self) -> OneVisitCursor:  # type: ignore[override]  # made here, not in the thread
        """A cursor; the thread hears of it when it executes."""
        return OneVisitCursor(self)

    async def rollback(self) -> None:
        """Undo what the open transaction did."""
        if self.in_transaction:
            await self.cursor().execute("ROLLBACK")

    def try_on_the_spot(self, run: Callable[[sqlite3.Connection], Found]) -> Found | None:
        """What ``run`` gives, in the thread of the caller; None when that would take too long.

        So it would when the thread is still busy with a statement that nobody waits for any more.
        """
        if not self._in_use.acquire(blocking=False):
            return None
        started = count_seconds()
        until = started + ON_THE_SPOT_S
        self._is_enough = lambda: count_seconds() > until
        try:
            return run(self._conn)
        except sqlite3.OperationalError as error:
            # not every error of this kind comes from SQLite itself, with a code
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
                raise
            return None
        finally:
            self._is_enough = _never
            self._spent_s += count_seconds() - started
            self._in_use.release()

    async def give_way(self) -> None:
        """Let others have their turn, after some time on the spot."""
        if self._spent_s >= ON_THE_SPOT_S:
            self._spent_s = 0.0
            await asyncio.sleep(0)

    async def visit(self, run: Callable[[sqlite3.Connection], Found]) -> Found:
        """What ``run`` gives in the thread of this connection.

        Where only is read, a statement that nobody waits for any more ends; so does one that takes
        longer than any may, with an error (SQLITE_INTERRUPT).
        """
        given_up = Event()

        def alone() -> Found:
            with self._in_use:
                until = count_seconds() + self._longest_s
                self._is_enough = lambda: given_up.is_set() or count_seconds() > until
                try:
                    return run(self._conn)
                finally:
                    self._is_enough = _never

        self._spent_s = 0.0
        try:
            # the driver's own way into its thread has no types
            found: Found = await self._execute(alone)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            given_up.set()
            raise
        return found


def open_connection(path: str, **options: Any) -> OneVisitConnection:
    """A connection to a file, as `aiosqlite.connect` makes it; options as of `sqlite3.connect`."""
    return OneVisitConnection(lambda: sqlite3.connect(path, **options))


def _never() -> bool:
    return False


def _finish(cursor: sqlite3.Cursor) -> Fetched:
    try:
        rows = cursor.fetchall() if cursor.description else []
        return rows, cursor.description, cursor.rowcount, cursor.lastrowid
    finally:
        cursor.close()
