"""Logs as lines of JSON, by allow-list: a field that is not known to be harmless is left out.

The text of a foreign library is dropped too, and so is the message of an exception: they may quote
an address or a row. What stays is where it happened and the type of the error.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

from core.errors import TalkootError
from core.safe_fields import is_safe_field

HOUSE = ("api", "web", "campaigns", "matching", "messaging", "people", "geo", "core", "talkoot")
_EVENT = "talkoot_event"
_FIELDS = "talkoot_fields"
MAX_FRAMES = 20


class EventLogger:
    """Logs events by name, with fields: ``logger.info("round.ended", round_id=..., gap=...)``."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger

    def debug(self, event: str, **fields: object) -> None:
        """Log what only a developer wants to see."""
        self._log(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        """Log something that is as it should be."""
        self._log(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """Log something that somebody should look at."""
        self._log(logging.WARNING, event, fields)

    def error(self, event: str, *, error: BaseException | None = None, **fields: object) -> None:
        """Log a failure, with the place where the exception arose."""
        self._log(logging.ERROR, event, fields, error)

    def _log(
        self,
        level: int,
        event: str,
        fields: dict[str, object],
        error: BaseException | None = None,
    ) -> None:
        if self._logger.isEnabledFor(level):
            raised = None if error is None else (type(error), error, error.__traceback__)
            self._logger.log(
                level, "event", extra={_EVENT: event, _FIELDS: fields}, exc_info=raised
            )


def get_logger(name: str) -> EventLogger:
    """The logger of a module of the house: ``get_logger(__name__)``."""
    return EventLogger(logging.getLogger(name))


class SafeJsonFormatter(logging.Formatter):
    """One line of JSON for each record, without anything that could tell who somebody is."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event_name(record),
        }
        dropped = 0
        for key, value in getattr(record, _FIELDS, {}).items():
            if key not in line and is_safe_field(key, value):
                line[key] = value
            else:
                dropped += 1
        if dropped:
            line["dropped_count"] = dropped
        if record.exc_info and record.exc_info[0] is not None:
            line |= _describe_exception(record.exc_info[1], record.exc_info[2])
        return json.dumps(line, default=str, ensure_ascii=False)


def _event_name(record: logging.LogRecord) -> str:
    event = getattr(record, _EVENT, None)
    if isinstance(event, str) and is_safe_field("kind", event):
        return event
    return "unnamed" if record.name.split(".")[0] in HOUSE else "library_message"


def _describe_exception(
    error: BaseException | None, trace: TracebackType | None
) -> dict[str, object]:
    frames = traceback.extract_tb(trace)[-MAX_FRAMES:]
    described: dict[str, object] = {
        "exception": type(error).__name__,
        "trace": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if isinstance(error, TalkootError):
        described["error_code"] = error.code
    return described


def configure_logging(level: str, stream: TextIO | None = None) -> None:
    """Send every log of this process to ``stream`` (standard error) as safe JSON."""
    handler = logging.StreamHandler(sys.stderr if stream is None else stream)
    handler.setFormatter(SafeJsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
