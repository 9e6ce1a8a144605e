"""Not asking a public service more often than it allows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from core.clock import Clock, SystemClock


class RateLimit:
    """Lets one caller pass in each interval; the others wait in line.

    Parameters
    ----------
    interval_s
        Between two passes; 0 never waits.
    clock, sleep
        For tests.
    """

    def __init__(
        self,
        interval_s: float,
        *,
        clock: Clock | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = timedelta(seconds=interval_s)
        self._clock = clock or SystemClock()
        self._sleep = sleep
        self._lock = threading.Lock()
        self._passed: datetime | None = None

    def wait(self) -> None:
        """Return when this caller may ask. The lock is held meanwhile: it is the line."""
        with self._lock:
            now = self._clock.now()
            if self._passed is not None:
                left = self._interval - (now - self._passed)
                # Never longer than one interval, also when the clock was set back.
                left = min(left, self._interval)
                if left > timedelta(0):
                    self._sleep(left.total_seconds())
            self._passed = self._clock.now()
