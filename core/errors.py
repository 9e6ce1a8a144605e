"""The base of every error that a person may see: what happened, and what to do about it."""

from __future__ import annotations

from typing import ClassVar


class TalkootError(Exception):
    """An error with a stable code, an HTTP status and one sentence that says what to do.

    Subclasses stand in the ``errors.py`` of their package and set ``code`` and ``http_status``.
    The message never holds personal data: ids and cells only.
    """

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 400


class InvalidInput(TalkootError):
    """Input that cannot be used; the message names the place and the remedy."""

    code = "invalid_input"
    http_status = 422


class NotFound(TalkootError):
    """No such thing, or not for this actor: both answer alike."""

    code = "not_found"
    http_status = 404


class NotPermitted(TalkootError):
    """The actor may not do this."""

    code = "not_permitted"
    http_status = 403


class Conflict(TalkootError):
    """The thing is no longer as the caller believed; looking again shows what it is now."""

    code = "conflict"
    http_status = 409


class Unavailable(TalkootError):
    """Another service did not answer in time; trying again later may help."""

    code = "unavailable"
    http_status = 503


class DatabaseBusy(Unavailable):
    """Somebody else held a lock, or the work took too long; trying again helps."""

    code = "database_busy"


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached, read or written."""

    code = "database_unavailable"


class DatabaseOutOfDate(TalkootError):
    """The tables are not those of this version."""

    code = "database_out_of_date"
    http_status = 503


class InvalidDatabaseUrl(InvalidInput):
    """A database address that names no database this version can use."""

    code = "invalid_database_url"


class InvalidSetting(InvalidInput):
    """An environment variable holds a value that cannot be used."""

    code = "invalid_setting"


class UnsafeField(TalkootError):
    """A fact that might identify a person was about to enter the history."""

    code = "unsafe_field"
    http_status = 500
