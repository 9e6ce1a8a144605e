"""From a driver's error to one sentence that a person can act on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc
from sqlalchemy.orm.exc import StaleDataError

from core.errors import (
    Conflict,
    DatabaseBusy,
    DatabaseOutOfDate,
    DatabaseUnavailable,
    TalkootError,
)

_BUSY = (
    "The database is busy: another task holds what this one needs. Nothing was changed; "
    "try again in a moment."
)
_UNREACHABLE = (
    "The database cannot be reached. Nothing was changed; check TALKOOT_DATABASE_URL and "
    "that the server runs, then try again."
)
_OUT_OF_DATE = (
    "The tables of the database are not those of this version: run `talkoot migrate` first."
)
_SOMEBODY_WAS_FASTER = (
    "Somebody else stored the same thing at the same moment. Nothing was changed; look again."
)
_CANNOT_OPEN = (
    "The database file cannot be opened: check TALKOOT_DATABASE_URL, and that its folder exists "
    "and may be written."
)
_NOT_A_DATABASE = "The file is not a SQLite database: check TALKOOT_DATABASE_URL."
_CANNOT_STORE = (
    "The database cannot be written: its disk is full, read-only or broken. Nothing was changed."
)

# https://sqlite.org/rescode.html, primary codes
_SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT}
_SQLITE_UNIQUE = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
_SQLITE_CANNOT_STORE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CORRUPT,
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES_BUSY = {"40001", "40P01", "55P03", "57014", "25P03"}
_POSTGRES_UNIQUE = "23505"
_POSTGRES_OUT_OF_DATE = {"42P01", "42703"}
_POSTGRES_UNREACHABLE_CLASSES = {"08", "28", "3D", "57"}
_POSTGRES_CANNOT_STORE_CLASSES = {"53", "58"}


def explain_database_error(error: exc.SQLAlchemyError) -> TalkootError | None:
    """The house's error for a driver's one; None for a fault of our own."""
    if isinstance(error, exc.TimeoutError):
        return DatabaseBusy(_BUSY)
    if isinstance(error, StaleDataError):
        return Conflict(_SOMEBODY_WAS_FASTER)
    if not isinstance(error, exc.DBAPIError):
        return None
    original = error.orig
    if isinstance(original, sqlite3.Error):
        return _explain_sqlite(original)
    state = getattr(original, "sqlstate", None)
    if state is None:
        unreachable = isinstance(error, exc.OperationalError) or error.connection_invalidated
        return DatabaseUnavailable(_UNREACHABLE) if unreachable else None
    return _explain_postgres(str(state))


def _explain_sqlite(error: sqlite3.Error) -> TalkootError | None:
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary in _SQLITE_BUSY:
        return DatabaseBusy(_BUSY)
    if code in _SQLITE_UNIQUE:
        return Conflict(_SOMEBODY_WAS_FASTER)
    if primary == sqlite3.SQLITE_CANTOPEN:
        return DatabaseUnavailable(_CANNOT_OPEN)
    if primary == sqlite3.SQLITE_NOTADB:
        return DatabaseUnavailable(_NOT_A_DATABASE)
    if primary in _SQLITE_CANNOT_STORE:
        return DatabaseUnavailable(_CANNOT_STORE)
    if str(error).startswith(("no such table", "no such column")):
        return DatabaseOutOfDate(_OUT_OF_DATE)
    return None


def _explain_postgres(state: str) -> TalkootError | None:
    if state in _POSTGRES_BUSY:
        return DatabaseBusy(_BUSY)
    if state == _POSTGRES_UNIQUE:
        return Conflict(_SOMEBODY_WAS_FASTER)
    if state in _POSTGRES_OUT_OF_DATE:
        return DatabaseOutOfDate(_OUT_OF_DATE)
    if state[:2] in _POSTGRES_UNREACHABLE_CLASSES:
        return DatabaseUnavailable(_UNREACHABLE)
    if state[:2] in _POSTGRES_CANNOT_STORE_CLASSES or state == "25006":
        return DatabaseUnavailable(_CANNOT_STORE)
    return None


@contextmanager
def explained_database_errors() -> Iterator[None]:
    """Raise the house's error in place of a driver's error that we understand."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        explained = explain_database_error(error)
        if explained is None:
            raise
        raise explained from error
