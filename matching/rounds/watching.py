"""How far a round is, in one number, while the solver works in its thread."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Any

from matching.engine.stop import Stop
from matching.kinds import RoundStage
from matching.rounds.planning import PlannedRound, RoundWatcher

STAGE_SPANS: dict[RoundStage, tuple[float, float]] = {
    RoundStage.READING: (0.0, 0.03),
    RoundStage.MEASURING: (0.03, 0.1),
    RoundStage.PLANNING: (0.1, 0.85),
    RoundStage.CHECKING: (0.85, 0.9),
    RoundStage.EXPLAINING: (0.9, 0.97),
    RoundStage.STORING: (0.97, 1.0),
}
"""Where each stage begins and ends on the way: by what rounds of a city take."""
PHASE_SPANS: dict[str, tuple[float, float]] = {
    "first plan": (0.0, 0.1),
    "prices and plans": (0.1, 0.7),
    "whole plans": (0.7, 0.8),
    "polish": (0.8, 1.0),
}
"""The same for the phases of the solver, within the planning."""


@dataclass(frozen=True)
class RoundProgress:
    """How far a round is."""

    stage: RoundStage | None = None
    share: float = 0.0
    best_value_m: float | None = None
    best_served_count: int | None = None

    def as_values(self) -> dict[str, Any]:
        """The columns of `matching.rounds.models.RoundJob`."""
        return {
            "stage": self.stage,
            "share": round(self.share, 3),
            "best_value_m": self.best_value_m,
            "best_served_count": self.best_served_count,
        }


class RoundWatch(RoundWatcher):
    """Keeps what the round tells, for whoever asks; the share never goes back.

    Parameters
    ----------
    stop, time_limit_s
        When the search ends: it is at least as far as its time.
    """

    def __init__(self, stop: Stop, time_limit_s: float) -> None:
        self._stop = stop
        self._time_limit_s = time_limit_s
        self._lock = Lock()
        self._stage: RoundStage | None = None
        self._span = (0.0, 0.0)
        self._total = self._done = 0
        self._share = 0.0
        self._best: tuple[float, int] | None = None
        self.keeps_plan = False
        """Whether a plan that somebody ended early is stored."""

    def enter(self, stage: RoundStage) -> None:
        with self._lock:
            self._stage, self._span = stage, STAGE_SPANS[stage]
            self._total = self._done = 0
            self._advance_to(0.0)

    def step(self, words: str, total: int = 0) -> None:
        with self._lock:
            self._total, self._done = total, 0

    def phase(self, name: str, total: int) -> None:
        start, end = STAGE_SPANS[RoundStage.PLANNING]
        low, high = PHASE_SPANS.get(name, (0.0, 0.0))
        with self._lock:
            self._span = (start + (end - start) * low, start + (end - start) * high)
            self._total, self._done = total, 0
            self._advance_to(0.0)

    def advance(self, done: int) -> None:
        with self._lock:
            self._done += done
            self._advance_to(min(self._done / self._total, 1.0) if self._total else 0.0)

    def incumbent(self, value: float, served: int) -> None:
        with self._lock:
            if self._best is None or value > self._best[0]:
                self._best = (value, served)

    async def keep(self, planned: PlannedRound) -> bool:
        return self.keeps_plan

    def read(self) -> RoundProgress:
        """How far the round is now; callable from any thread."""
        with self._lock:
            if self._stage is RoundStage.PLANNING:
                start, end = STAGE_SPANS[RoundStage.PLANNING]
                spent = 1.0 - max(self._stop.remaining_s(), 0.0) / self._time_limit_s
                self._share = max(self._share, start + (end - start) * min(max(spent, 0.0), 1.0))
            value, served = (None, None) if self._best is None else self._best
            return RoundProgress(self._stage, self._share, value, served)

    def _advance_to(self, part: float) -> None:
        start, end = self._span
        self._share = max(self._share, start + (end - start) * part)
