"""When a run ends: a time limit, or somebody who has seen enough."""

from __future__ import annotations

import threading
import time


class Stop:
    """Ends a run early; the best plan found so far is returned.

    Parameters
    ----------
    time_limit_s
        Seconds from the creation of this object; None waits until the work is done. A run that
        ends before its limit is reproducible: same problem and seed, same plan.
    max_turns
        Turns that each phase of a run takes at most: rounds of prices and plans, cuts of the
        polish. Fewer than it wants leave the plan without a bound; it stays reproducible.
    """

    def __init__(self, time_limit_s: float | None = None, *, max_turns: int | None = None) -> None:
        if time_limit_s is not None and not time_limit_s > 0:
            raise ValueError(f"time_limit_s must be above 0, not {time_limit_s}")
        if max_turns is not None and max_turns < 0:
            raise ValueError(f"max_turns must be 0 or more, not {max_turns}")
        self.max_turns = max_turns
        self._deadline_s = None if time_limit_s is None else time.monotonic() + time_limit_s
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Ask the run to end at the next safe moment; callable from any thread."""
        self._cancelled.set()

    def reached(self) -> bool:
        """Whether the run should end now."""
        return self._cancelled.is_set() or self.remaining_s() <= 0

    def remaining_s(self) -> float:
        """Seconds until the limit; infinite without one, 0 or less when it has passed."""
        if self._deadline_s is None:
            return float("inf")
        return self._deadline_s - time.monotonic()
