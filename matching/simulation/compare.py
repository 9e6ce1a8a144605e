"""Playing the same storms under several policies, and what may be said about the differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from matching.ladder.board import FloatArray
from matching.simulation.measures import MEASURES, measure, omniscient_bound
from matching.simulation.parameters import Behaviour
from matching.simulation.policies import BOUND, Contestant
from matching.simulation.world import Ground, make_crowd, make_world

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Row:
    """One measured storm. ``storm`` counts within a season, from 1."""

    scenario: str
    policy: str
    seed: int
    storm: int
    values: dict[str, float]


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval over ``n`` seeds."""

    value: float
    low: float
    high: float
    n: int

    @property
    def half(self) -> float:
        """Half of the width."""
        return (self.high - self.low) / 2

    def words(self, digits: int) -> str:
        """For tables: value, plus or minus."""
        if not math.isfinite(self.value):
            return "-"
        return f"{self.value:.{digits}f} ± {self.half:.{digits}f}"


def play_scenario(
    ground: Ground,
    name: str,
    behaviour: Behaviour,
    seeds: Iterable[int],
    contestants: Sequence[Contestant],
    *,
    storms: int = 1,
    tell: Callable[[], None] | None = None,
) -> list[Row]:
    """Play a storm, or a season of them, for each seed and policy.

    In a season the volunteers stay the same, and whoever left stays away; the homes and all luck
    are new in each storm.
    """
    rows: list[Row] = []
    for seed in seeds:
        crowd = make_crowd(ground, behaviour, seed)
        gone = {one.name: np.zeros(behaviour.n_people, bool) for one in contestants}
        for storm in range(storms):
            world = make_world(ground, behaviour, seed, storm=storm, crowd=crowd)
            homes, weight = omniscient_bound(world)
            bound = {"served": homes, "weight": weight}
            rows.append(Row(name, BOUND, seed, storm + 1, bound))
            for one in contestants:
                play = one.play(world, gone[one.name])
                gone[one.name] = play.out
                values = vars(measure(play))
                rows.append(Row(name, one.name, seed, storm + 1, dict(values)))
                if tell is not None:
                    tell()
    return rows


class Results:
    """Rows, ready to be asked for means and paired ratios."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = list(rows)
        self._sums: dict[tuple[str, str, int], list[dict[str, float]]] = {}
        for row in rows:
            key = (row.scenario, row.policy, row.seed)
            self._sums.setdefault(key, []).append(row.values)

    @property
    def scenarios(self) -> list[str]:
        """Names in the order of the rows."""
        return list(dict.fromkeys(row.scenario for row in self.rows))

    def policies(self, scenario: str) -> list[str]:
        """Names in the order of the rows."""
        return list(dict.fromkeys(row.policy for row in self.rows if row.scenario == scenario))

    def seeds(self, scenario: str) -> list[int]:
        """Seeds of a scenario, ascending."""
        return sorted({row.seed for row in self.rows if row.scenario == scenario})

    def has(self, scenario: str, *policies: str) -> bool:
        """Whether all of these were played."""
        return scenario in self.scenarios and set(policies) <= set(self.policies(scenario))

    def column(
        self, scenario: str, policy: str, measure_name: str, *, storm: int | None = None
    ) -> FloatArray:
        """One number for each seed: the sum over its storms, or that of one storm."""
        found = []
        for seed in self.seeds(scenario):
            storms = self._sums[scenario, policy, seed]
            chosen = storms if storm is None else [storms[storm - 1]]
            found.append(sum(values[measure_name] for values in chosen))
        return np.array(found, np.float64)

    def mean(self, scenario: str, policy: str, measure_name: str) -> Interval:
        """Mean over seeds, with Student's interval."""
        return mean_interval(self.column(scenario, policy, measure_name))

    def ratio(
        self,
        scenario: str,
        policy: str,
        other: str,
        measure_name: str = "served",
        *,
        storm: int | None = None,
    ) -> Interval:
        """Ratio of sums over the same seeds, with the jackknife's interval."""
        return ratio_interval(
            self.column(scenario, policy, measure_name, storm=storm),
            self.column(scenario, other, measure_name, storm=storm),
        )

    def ratio_of_sums(self, scenario: str, policy: str, above: str, below: str) -> Interval:
        """Ratio of two measures of one policy."""
        return ratio_interval(
            self.column(scenario, policy, above), self.column(scenario, policy, below)
        )

    def storm_ratio(self, scenario: str, policy: str, storm: int, first: int) -> Interval:
        """Homes in one storm of a season against another."""
        return ratio_interval(
            self.column(scenario, policy, "served", storm=storm),
            self.column(scenario, policy, "served", storm=first),
        )


def mean_interval(values: FloatArray) -> Interval:
    """Student's 95 % interval of a mean; a single value has an infinite one."""
    values = values[np.isfinite(values)]
    n = len(values)
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, 0)
    mean = float(values.mean())
    if n == 1:
        return Interval(mean, -math.inf, math.inf, 1)
    half = _quantile(n) * float(values.std(ddof=1)) / math.sqrt(n)
    return Interval(mean, mean - half, mean + half, n)


def ratio_interval(above: FloatArray, below: FloatArray) -> Interval:
    """Ratio of two sums over paired seeds, leaving out one pair at a time."""
    n = len(above)
    total = float(below.sum())
    if n == 0 or total <= 0:
        return Interval(math.nan, math.nan, math.nan, n)
    value = float(above.sum()) / total
    if n == 1:
        return Interval(value, -math.inf, math.inf, 1)
    without = (above.sum() - above) / np.maximum(below.sum() - below, 1e-12)
    spread = math.sqrt((n - 1) / n * float(((without - without.mean()) ** 2).sum()))
    half = _quantile(n) * spread
    return Interval(value, value - half, value + half, n)


def _quantile(n: int) -> float:
    return float(student.ppf(0.5 + CONFIDENCE / 2, n - 1))


__all__ = ["MEASURES", "Interval", "Results", "Row", "mean_interval", "play_scenario"]
