"""The time of day. Nothing else in the house reads it, so that every test can choose its own."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol, runtime_checkable


@runtime_checkable
class Clock(Protocol):
    """Something that knows the present moment."""

    def now(self) -> datetime:
        """The present moment: aware, in UTC."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def count_seconds() -> float:
    """Seconds since no matter when, which never go back: for limits of work, not for people."""
    return time.monotonic()


class FixedClock:
    """A clock that stands still until it is told to move: for tests, replays and simulations."""

    def __init__(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError("A clock needs a moment with a time zone, such as UTC.")
        self._moment = moment.astimezone(UTC)

    def now(self) -> datetime:
        return self._moment

    def advance(self, step: timedelta) -> datetime:
        """Move by ``step`` (back when negative) and return the new moment."""
        self._moment += step
        return self._moment
