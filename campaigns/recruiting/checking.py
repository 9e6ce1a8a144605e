"""Looks whether a forecast keeps its promise: all is planned again with its volunteers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from campaigns.recruiting.forecasting import (
    Forecast,
    Ground,
    Solver,
    draw_homes,
    plan_with_seed,
)
from matching.engine.changes import add_volunteers


@dataclass(frozen=True)
class Checked:
    """A forecast beside what planning again gave.

    Parameters
    ----------
    promised_count
        Residents more, as promised.
    served_more_count
        Residents more in a plan with the suggested volunteers, made with another seed.
    elsewhere_counts
        The same with other homes, drawn anew in the neighbourhoods.
    """

    promised_count: int
    served_more_count: int
    elsewhere_counts: tuple[int, ...]

    @property
    def kept_share(self) -> float:
        """Of the promise, how much planning again kept; 1 where nothing was promised."""
        return self.served_more_count / self.promised_count if self.promised_count else 1.0


def check_forecast(
    ground: Ground,
    forecast: Forecast,
    *,
    seed: int,
    draws: int = 0,
    solver: Solver = plan_with_seed,
) -> Checked:
    """Plan with the suggested volunteers again, with a seed that the forecast did not know."""
    before = ground.count_served(solver(ground.problem, seed))
    newcomers = forecast.newcomers
    counts = []
    for draw in range(draws + 1):
        random = np.random.default_rng([seed, 1_000 + draw])
        homes = newcomers if draw == 0 else draw_homes(ground.problem, newcomers, random)
        if not homes:
            counts.append(0)
            continue
        plan = solver(add_volunteers(ground.problem, homes), seed)
        counts.append(ground.count_served(plan) - before)
    return Checked(forecast.promised_count, counts[0], tuple(counts[1:]))
